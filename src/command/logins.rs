//! Getting in from elsewhere: which credentials there are, whom each lets in, and who used one.

use super::{Act, Duty, Failure, Office, SessionContext};
use crate::domain::event::Ledger;
use crate::domain::{Credential, Day, Entrance, Explain, LoginStep, Message, Network, Now, OfficerId, Stamp, Subject};
use crate::views::{self, CredentialRow, LoginRow, OfficerRow};
use std::net::IpAddr;

/// What a credential is to let in, and until when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// `None`: whomever the program that uses the credential names (a gateway).
    pub officer: Option<OfficerId>,
    /// The last day.
    pub until: Option<Day>,
    /// Networks, as [`Network::parse`] reads them; empty: any.
    pub from: Vec<String>,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Barred {
    /// Nobody gave this key or this uid to anyone.
    Unknown,
    /// It was taken back.
    Shut,
    /// It was given until a day that is past.
    Expired(Day),
    /// The officer's last day is past.
    Left(Day),
    /// Not from this address.
    Address,
    /// It is somebody's, and another officer was named.
    OtherName,
}

impl Barred {
    /// What stands in the record.
    pub fn code(self) -> &'static str {
        match self {
            Barred::Unknown => "unknown",
            Barred::Shut => "shut",
            Barred::Expired(_) => "expired",
            Barred::Left(_) => "left",
            Barred::Address => "address",
            Barred::OtherName => "other_name",
        }
    }
}

impl Explain for Barred {
    fn explain(&self) -> Message {
        match self {
            Barred::Unknown => Message::new("login.unknown"),
            Barred::Shut => Message::new("login.shut"),
            Barred::Expired(last) => Message::new("login.expired").with("last", *last),
            Barred::Left(last) => Message::new("login.left").with("last", *last),
            Barred::Address => Message::new("login.address"),
            Barred::OtherName => Message::new("login.other_name"),
        }
    }
}

/// Somebody at the door, as it is recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoginAttempt {
    pub officer: Option<OfficerId>,
    pub step: LoginStep,
    pub credential: String,
    pub address: String,
    pub why: &'static str,
    pub count: u32,
}

/// Who acts where nobody is known: they hold no duty.
pub const NOBODY: OfficerId = OfficerId([0; 16]);

/// How somebody at the folder itself says who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AtFolder<'n> {
    /// The machine's user, by the system's word.
    pub uid: u32,
    /// The officer that they name.
    pub named: Option<&'n str>,
    /// The name that the machine's user goes by.
    pub login: &'n str,
}

/// A name as it is kept: what somebody types may have blanks around it, or what no terminal shows.
fn plain(typed: &str) -> String {
    super::name(typed).unwrap_or_else(|_| typed.to_owned())
}

fn goes_by(officer: &OfficerRow, name: &str) -> bool {
    officer.zh == name || officer.en == name
}

/// See [`Office::officer_named`].
fn one_named(officers: &[OfficerRow], asked: &str) -> Result<OfficerRow, Failure> {
    let name = plain(asked);
    let bear = |is: fn(&OfficerRow, &str) -> bool| {
        let all: Vec<_> = officers.iter().filter(|o| is(o, &name)).collect();
        // Of several, of before names were held apart, the one that nobody has ended.
        let here: Vec<_> = all.iter().copied().filter(|o| o.until.is_none()).collect();
        if all.len() > 1 && here.len() == 1 { here } else { all }
    };
    let (zh, en) = (bear(|o, name| o.zh == name), bear(|o, name| o.en == name));
    match (&zh[..], &en[..]) {
        ([one], _) | ([], [one]) => Ok((*one).clone()),
        ([], []) => Err(Failure::NoSuchOfficer { asked: asked.to_owned() }),
        _ => Err(Failure::SeveralOfficers { asked: asked.to_owned() }),
    }
}

impl Office {
    /// Every credential as it stands, shut ones too.
    pub fn credentials(&self) -> Result<Vec<CredentialRow>, Failure> {
        Ok(views::logins::credentials(&self.bureau.store, &self.bureau.keys, self.bureau.station)?)
    }

    /// A credential stands so from now on, whether it is new, known or was shut.
    ///
    /// Errors: who acts is no administrator; the credential is open to somebody else; a network that is none.
    pub fn open_credential(&self, credential: &Credential, terms: Terms, now: Now) -> Result<(), Failure> {
        let _ = self.may(Duty::SetPeople, now)?;
        if let Some(wrong) = terms.from.iter().find(|text| Network::parse(text).is_none()) {
            return Err(Failure::NotANetwork { asked: wrong.clone() });
        }
        let before = views::logins::credential(&self.bureau.store, &self.bureau.keys, credential, self.bureau.station)?;
        if let Some(other) = before.as_ref().filter(|row| row.open && row.officer != terms.officer) {
            let by = other.officer.map(|officer| self.officer_name(officer)).transpose()?.flatten();
            return Err(Failure::CredentialTaken { by: by.unwrap_or_default() });
        }
        self.set_credential(credential, before.as_ref(), true, terms, now)
    }

    /// Whoever opened the folder as that user of the machine is that officer from now on: a folder restored elsewhere, or a
    /// machine whose users are new. Whoever can open the folder can do this, and the record says who did.
    ///
    /// Errors: the user is somebody else's already, or a gateway; from afar.
    pub fn claim(&self, officer: OfficerId, uid: u32, now: Now) -> Result<(), Failure> {
        if self.context().entrance != (Entrance::Folder { uid }) {
            return Err(Failure::NotFromAfar);
        }
        let credential = Credential::Uid(uid);
        let before =
            views::logins::credential(&self.bureau.store, &self.bureau.keys, &credential, self.bureau.station)?;
        if let Some(other) = before.as_ref().filter(|row| row.open && row.officer != Some(officer)) {
            let by = other.officer.map(|officer| self.officer_name(officer)).transpose()?.flatten();
            return Err(Failure::CredentialTaken { by: by.unwrap_or_default() });
        }
        let claimant = self.seat(officer, SessionContext { purpose: "claim".into(), ..self.context() });
        let ledger =
            Ledger::CredentialSet { credential, officer: Some(officer), open: true, until: None, from: Vec::new() };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        claimant.record_own(&act.parents(before.map(|row| row.entry))).map(drop)
    }

    /// Whoever is at the folder itself, by whatever way in: the officer that they name (`--as`); else whose the machine's user
    /// is; else who bears the name that this user goes by. In a demo whoever comes is the one who made it. `None`: nobody
    /// known, who may open the folder, and does nothing in it.
    ///
    /// Errors: nobody, or more than one, bears the name; their last day is past.
    pub fn who_is_at(&self, folder: &AtFolder<'_>, today: Day) -> Result<Option<OfficerId>, Failure> {
        if let Some(name) = folder.named {
            let named = self.officer_named(name)?;
            return match named.until.filter(|last| today > *last) {
                Some(last) => Err(Failure::HasLeft { last }),
                None => Ok(Some(named.officer)),
            };
        }
        let row = views::logins::credential(
            &self.bureau.store,
            &self.bureau.keys,
            &Credential::Uid(folder.uid),
            self.bureau.station,
        )?;
        let of_uid = row.filter(|row| row.open && row.until.is_none_or(|last| today <= last));
        if let Some(officer) = of_uid.and_then(|row| row.officer) {
            return Ok(Some(officer));
        }
        self.who_bears(folder.login)
    }

    /// Whoever bears the name that the machine's user goes by; in a demo, where nobody does, whoever made it.
    pub(super) fn who_bears(&self, login: &str) -> Result<Option<OfficerId>, Failure> {
        match self.officer_named(login) {
            Ok(officer) => Ok(Some(officer.officer)),
            Err(Failure::NoSuchOfficer { .. } | Failure::SeveralOfficers { .. }) if self.is_made_up()? => {
                Ok(self.officers()?.iter().min_by_key(|o| (o.at, o.officer)).map(|o| o.officer))
            }
            Err(Failure::NoSuchOfficer { .. } | Failure::SeveralOfficers { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The officer of that name. Where it is one's Chinese name and another's English one, it is the first one's.
    ///
    /// Errors: nobody's; several people's, in a store of before names were held apart.
    pub fn officer_named(&self, asked: &str) -> Result<OfficerRow, Failure> {
        one_named(&self.officers()?, asked)
    }

    /// Nobody gets in by this credential any more, and whoever is in by it goes.
    pub fn shut_credential(&self, row: &CredentialRow, now: Now) -> Result<(), Failure> {
        let terms = Terms { officer: row.officer, until: row.until, from: row.from.clone() };
        self.set_credential(&row.credential, Some(row), false, terms, now)
    }

    fn set_credential(
        &self,
        credential: &Credential,
        before: Option<&CredentialRow>,
        open: bool,
        terms: Terms,
        now: Now,
    ) -> Result<(), Failure> {
        let permit = self.may(Duty::SetPeople, now)?;
        let Terms { officer, until, from } = terms;
        let ledger = Ledger::CredentialSet { credential: credential.clone(), officer, open, until, from };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        permit.keep(&act.parents(before.map(|row| row.entry))).map(drop)
    }

    /// Who comes in by a credential from an address, having named somebody, or nobody. Nothing is recorded here.
    pub fn admit(
        &self,
        credential: &Credential,
        address: Option<IpAddr>,
        named: Option<&str>,
        today: Day,
    ) -> Result<Result<OfficerId, Barred>, Failure> {
        let Some(row) =
            views::logins::credential(&self.bureau.store, &self.bureau.keys, credential, self.bureau.station)?
        else {
            return Ok(Err(Barred::Unknown));
        };
        let officers = self.officers()?;
        let officer = match row.officer {
            Some(officer) => officers.iter().find(|o| o.officer == officer).cloned(),
            None => named.and_then(|name| one_named(&officers, name).ok()),
        };
        let Some(officer) = officer else { return Ok(Err(Barred::Unknown)) };
        let names_another = named.is_some_and(|name| {
            let name = plain(name);
            let known = |o: &OfficerRow| o.officer != officer.officer && goes_by(o, &name);
            !goes_by(&officer, &name) && officers.iter().any(known)
        });
        let inside = |text: &String| Network::parse(text).zip(address).is_some_and(|(n, a)| n.contains(a));
        let past = |last: &Day| today > *last;
        Ok(if !row.open {
            Err(Barred::Shut)
        } else if let Some(last) = row.until.filter(past) {
            Err(Barred::Expired(last))
        } else if let Some(last) = officer.until.filter(|last| past(last) || officer.roles.is_empty()) {
            Err(Barred::Left(last))
        } else if !row.from.is_empty() && !row.from.iter().any(inside) {
            Err(Barred::Address)
        } else if names_another {
            Err(Barred::OtherName)
        } else {
            Ok(officer.officer)
        })
    }

    /// Records who came, was refused or went.
    pub fn note_login(&self, seen: LoginAttempt, now: Now) -> Result<(), Failure> {
        let LoginAttempt { officer, step, credential, address, why, count } = seen;
        let ledger = Ledger::Login { officer, step, credential, address, why: why.to_owned(), count };
        self.record_own(&Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger)).map(drop)
    }

    /// Who came, was refused or went since then, the latest first.
    ///
    /// Errors: who asks is no administrator of any kind.
    pub fn logins(&self, since: Stamp, limit: usize, now: Now) -> Result<Vec<LoginRow>, Failure> {
        let _ = self.may(Duty::SeeLogins, now)?;
        Ok(views::logins::logins(&self.bureau.store, &self.bureau.keys, since, limit)?)
    }
}
