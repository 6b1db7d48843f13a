//! Who is at the listener: by which credential, from where, as whom; and how refusals are recorded without anybody outside being able to
//! fill the records.

use crate::command::logins::{AtFolder, Barred, LoginAttempt};
use crate::command::{Failure, Office, SessionContext};
use crate::domain::{Credential, Day, LoginStep, Now, OfficerId, Stamp};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Somebody who wants in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    pub credential: Credential,
    /// The credential as it is recorded: a key's fingerprint, or `uid 1001`.
    pub credential_text: String,
    /// `None`: from this machine.
    pub address: Option<IpAddr>,
    pub named: Option<String>,
    /// The name that the machine's user goes by, as the client says.
    pub login: String,
    /// They sit at another machine, whatever account brought them here.
    pub afar: bool,
    /// The user whose the folder is: they may act as anybody in it, as they can at the folder itself.
    pub owns_folder: bool,
}

impl Caller {
    /// Which officer that is. Nothing is recorded here.
    pub fn admitted(&self, office: &Office, today: Day) -> Result<Result<OfficerId, Barred>, Failure> {
        let Credential::Uid(uid) = self.credential else {
            return office.admit(&self.credential, self.address, self.named.as_deref(), today);
        };
        if !self.owns_folder {
            return office.admit(&self.credential, self.address, self.named.as_deref(), today);
        }
        let at = AtFolder { uid, named: self.named.as_deref(), login: &self.login };
        match office.who_is_at(&at, today) {
            Ok(Some(officer)) => Ok(Ok(officer)),
            Ok(None) => Err(Failure::NobodyHere { user: self.login.clone() }),
            Err(Failure::HasLeft { last }) => Ok(Err(Barred::Left(last))),
            Err(failure) => Err(failure),
        }
    }
}

impl Caller {
    /// How they come to act as that officer, for what is recorded.
    pub fn context(&self, office: &Office, officer: OfficerId, purpose: &str) -> Result<SessionContext, Failure> {
        match (&self.credential, self.owns_folder) {
            (Credential::Uid(uid), true) => {
                let context = office.by_folder(*uid, officer, purpose)?;
                Ok(SessionContext { afar: self.afar, ..context })
            }
            (credential, _) => {
                let address = self.address.map(|address| address.to_string()).unwrap_or_default();
                office.by_credential(credential, address, purpose)
            }
        }
    }
}

/// So long refusals of one kind from one place are counted before they are told in one record.
const TOGETHER_MS: i64 = 10 * 60_000;
/// So many kinds and places are told apart.
const KINDS_MAX: usize = 200;

/// The first refusal of a kind from a place is recorded at once, those that follow are counted.
#[derive(Default)]
pub struct Refusals(Mutex<BTreeMap<RefusalKind, Counted>>);

/// Why, from where, and by which credential: a credential that is known here, or a uid. Of keys that nobody knows there are as many as
/// somebody cares to make, so they count as one.
type RefusalKind = (&'static str, String, Option<String>);

struct Counted {
    since: Stamp,
    credential: String,
    more: u32,
    /// Fewer are not told: a monitor that looks whether the port answers, a scanner that passes by.
    least: u32,
}

/// So many connections without a key from one place in ten minutes are a flood.
const SILENT_MIN: u32 = 30;

impl Refusals {
    pub fn add(&self, office: &Office, caller: &Caller, barred: Barred, now: Now) {
        self.tell(office, now, false);
        let place = caller.address.map(network).unwrap_or_default();
        let is_known = barred != Barred::Unknown || matches!(caller.credential, Credential::Uid(_));
        let mut kind: RefusalKind = (barred.code(), place, is_known.then(|| caller.credential_text.clone()));
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kinds.contains_key(&kind) && kinds.len() >= KINDS_MAX {
            kind = (barred.code(), "*".to_owned(), None);
        }
        if let Some(counted) = kinds.get_mut(&kind) {
            counted.more = counted.more.saturating_add(1);
            return;
        }
        let (why, place, credential) = (kind.0, kind.1.clone(), caller.credential_text.clone());
        kinds.insert(kind, Counted { since: now.at, credential: credential.clone(), more: 0, least: 1 });
        drop(kinds);
        note(office, why, &place, credential, 1, now);
    }

    /// Counts a connection on which keys were agreed upon, or nothing was said at all, and no key was shown. The first that had to be
    /// cut to make room is recorded at once; those that went by themselves when they are many.
    pub fn add_silent(&self, office: &Office, address: IpAddr, crowded: bool, now: Now) {
        self.tell(office, now, false);
        let (why, least) = if crowded { ("crowd", 1) } else { ("no_key", SILENT_MIN) };
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kind: RefusalKind = (why, network(address), None);
        if !kinds.contains_key(&kind) && kinds.len() >= KINDS_MAX {
            kind.1 = "*".to_owned();
        }
        if let Some(counted) = kinds.get_mut(&kind) {
            counted.more = counted.more.saturating_add(1);
            return;
        }
        let (place, more) = (kind.1.clone(), u32::from(!crowded));
        kinds.insert(kind, Counted { since: now.at, credential: String::new(), more, least });
        drop(kinds);
        if crowded {
            note(office, why, &place, String::new(), 1, now);
        }
    }

    /// Records what was counted long enough ago, or all of it.
    pub fn tell(&self, office: &Office, now: Now, all: bool) {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = |counted: &Counted| all || !(0..TOGETHER_MS).contains(&(now.at.0 - counted.since.0));
        let reported: Vec<_> = kinds.extract_if(.., |_, counted| due(counted)).collect();
        drop(kinds);
        for ((why, place, _), counted) in reported.into_iter().filter(|(_, counted)| counted.more >= counted.least) {
            note(office, why, &place, counted.credential, counted.more, now);
        }
    }
}

/// One house or office: an address, and of the new kind the network of a whole line.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

fn note(office: &Office, why: &'static str, place: &str, credential: String, count: u32, now: Now) {
    let seen =
        LoginAttempt { officer: None, step: LoginStep::Refused, credential, address: place.to_owned(), why, count };
    // A refusal that cannot be recorded stays a refusal.
    let _ = office.note_login(seen, now);
}
