//! Who acts, by which credential, and from where: every record leads to it.
//!
//! The first act of a session goes behind a record that tells who began to act, in the same sync; whoever only reads begins
//! nothing. A session outlives its connections, and whoever comes back by another credential begins another one.

use super::Act;
use crate::command::clock::Doubt;
use crate::command::{Failure, Office};
use crate::domain::event::Ledger;
use crate::domain::{Credential, DossierId, Entrance, EntryId, OfficerId, Stamp, StationId, Subject};
use crate::store::Entry;
use crate::views::{self, SessionRow};
use std::collections::{HashMap, HashSet};
use std::sync::PoisonError;

/// How somebody came to act here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionContext {
    pub entrance: Entrance,
    /// Whose the credential is, where it is not that of the officer named.
    pub owner: Option<OfficerId>,
    /// Where from; empty: this machine.
    pub address: String,
    /// A code: `screens`, the name of a command, `service`.
    pub purpose: String,
    /// Whoever it is has no hold on the folder itself: they name no file of this machine, and change nothing but dossiers.
    pub afar: bool,
}

impl SessionContext {
    /// What the program does by itself.
    pub fn program(purpose: &str) -> SessionContext {
        SessionContext {
            entrance: Entrance::Program,
            owner: None,
            address: String::new(),
            purpose: purpose.to_owned(),
            afar: false,
        }
    }

    /// Whoever acts, as the separation of duties counts people; `None`: only the name tells.
    pub(super) fn person(&self, station: StationId) -> Option<(Credential, Option<StationId>)> {
        let way = self.entrance.person()?;
        let station = matches!(way, Credential::Uid(_)).then_some(station);
        Some((way, station))
    }
}

/// The sessions that have begun at one seat: one for each officer who sat there.
pub(in crate::command) struct Sessions {
    context: SessionContext,
    begun: HashMap<OfficerId, EntryId>,
    /// Households that were opened, and whether a reason was told.
    opened: HashMap<(OfficerId, DossierId), bool>,
    /// Looks that are recorded once a session.
    looked: HashSet<(OfficerId, DossierId, &'static str)>,
    /// Something was refused for it, and nobody was asked about it yet.
    pub(in crate::command) refused_by_clock: Option<Doubt>,
}

impl Sessions {
    pub fn new(context: SessionContext) -> Sessions {
        Sessions {
            context,
            begun: HashMap::new(),
            opened: HashMap::new(),
            looked: HashSet::new(),
            refused_by_clock: None,
        }
    }
}

impl Office {
    /// Whoever sits here came in so from now on. Whether that is another way than before: then nothing that was opened, and
    /// no reason that was told, counts any more.
    pub fn enter(&self, context: SessionContext) -> bool {
        let mut sessions = self.sessions();
        let is_another = sessions.context != context;
        if is_another {
            *sessions = Sessions::new(context);
        }
        is_another
    }

    /// How whoever sits here came in.
    pub fn context(&self) -> SessionContext {
        self.sessions().context.clone()
    }

    /// How a user of this machine who can open the folder comes to act as that officer. Where the uid is a gateway's, its
    /// program says who it is.
    pub fn by_folder(&self, uid: u32, officer: OfficerId, purpose: &str) -> Result<SessionContext, Failure> {
        let credential = views::logins::credential(
            &self.bureau.store,
            &self.bureau.keys,
            &Credential::Uid(uid),
            self.bureau.station,
        )?
        .filter(|credential| credential.open);
        let context = SessionContext::program(purpose);
        Ok(match credential.map(|credential| credential.officer) {
            Some(None) => SessionContext { entrance: Entrance::Gateway { uid }, ..context },
            Some(owner) => {
                let owner = owner.filter(|owner| *owner != officer);
                SessionContext { entrance: Entrance::Folder { uid }, owner, ..context }
            }
            None => SessionContext { entrance: Entrance::Folder { uid }, ..context },
        })
    }

    /// How whoever was let in by this credential comes to act, from that address.
    pub fn by_credential(
        &self,
        credential: &Credential,
        address: String,
        purpose: &str,
    ) -> Result<SessionContext, Failure> {
        let row = views::logins::credential(&self.bureau.store, &self.bureau.keys, credential, self.bureau.station)?;
        let entrance = match (credential, row.and_then(|row| row.officer)) {
            (Credential::Uid(uid), None) => Entrance::Gateway { uid: *uid },
            _ => Entrance::Own(credential.clone()),
        };
        Ok(SessionContext { entrance, address, afar: true, ..SessionContext::program(purpose) })
    }

    /// Who began to act, and by which credential; `None`: recorded before sessions were, or not come here yet.
    pub fn session(&self, session: Option<EntryId>) -> Result<Option<SessionRow>, Failure> {
        let Some(session) = session else { return Ok(None) };
        Ok(views::sessions::session(&self.bureau.store, &self.bureau.keys, session)?)
    }

    pub(in crate::command) fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session that these acts belong to, and its first record if it begins with them. A login tells its own
    /// credential, and a station's first record is nobody's act: they begin none.
    pub(super) fn begin_session(&self, acts: &[Act]) -> Result<(Option<EntryId>, Option<Entry>), Failure> {
        let own = |act: &Act| act.events.iter().all(|reported| tells_its_own(&reported.ledger));
        let at: Option<Stamp> = acts.iter().find(|act| !own(act)).map(|act| act.at);
        let mut sessions = self.sessions();
        let Some(at) = at else { return Ok((None, None)) };
        if let Some(session) = sessions.begun.get(&self.officer) {
            return Ok((Some(*session), None));
        }
        let SessionContext { entrance, owner, address, purpose, .. } = sessions.context.clone();
        let session = self.new_entry()?;
        let ledger = Ledger::SessionBegun { entrance, owner, address, purpose };
        let first = self.entry(&Act::new(session, at, Subject::Bureau, ledger), None, 0)?;
        sessions.begun.insert(self.officer, session);
        Ok((Some(session), Some(first)))
    }

    pub(super) fn has_opened(&self, dossier: DossierId) -> bool {
        self.sessions().opened.contains_key(&(self.officer, dossier))
    }

    /// Whether a reason for opening it was told in this session.
    pub(super) fn has_given_reason(&self, dossier: DossierId) -> bool {
        self.sessions().opened.get(&(self.officer, dossier)).copied().unwrap_or(false)
    }

    pub(in crate::command) fn note_opened(&self, dossier: DossierId, reason_given: bool) {
        let mut sessions = self.sessions();
        *sessions.opened.entry((self.officer, dossier)).or_default() |= reason_given;
    }

    /// Whether such a look at it was recorded in this session.
    pub(super) fn has_looked(&self, dossier: DossierId, what: &'static str) -> bool {
        self.sessions().looked.contains(&(self.officer, dossier, what))
    }

    pub(super) fn note_looked(&self, dossier: DossierId, what: &'static str) {
        self.sessions().looked.insert((self.officer, dossier, what));
    }

    /// Its first record was not kept: the next act begins it again.
    pub(super) fn forget_session(&self) {
        self.sessions().begun.remove(&self.officer);
    }
}

fn tells_its_own(ledger: &Ledger) -> bool {
    matches!(ledger, Ledger::Login { .. } | Ledger::StationStarted { .. })
}
