//! All sessions of one owner: who sits where, and which of them a new line is for.

use super::session::{self, Event, Handle, Line, Seen};
use super::wire::Errand;
use crate::command::Office;
use crate::domain::{Message, OfficerId};
use crate::tui::screens::today::Today;
use crate::tui::sitting::{Clock, Sitting, Unlocked};
use crate::tui::{App, Setup};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A session without a line, before it ends. Its draft stays.
    pub linger: Duration,
    /// A line on which no key is pressed, before it is closed. The session waits.
    pub idle: Duration,
    /// A session, whatever is done in it.
    pub longest: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let hours = |n: u64| Duration::from_secs(n * 3_600);
        Limits { linger: hours(8), idle: Duration::from_secs(30 * 60), longest: hours(24) }
    }
}

/// The most sessions at once, and of one person.
pub const SESSIONS_MAX: usize = 256;
pub const SESSIONS_OF_ONE_MAX: usize = 8;

/// Makes the clock of a new session.
pub type Clocks = Box<dyn Fn() -> Clock + Send + Sync>;

/// Does an errand for a client: its lines go to the sink (`true`: an error), its exit code comes back.
pub type Errands = Box<dyn Fn(&Office, &Errand, &mut dyn FnMut(bool, &str)) -> u8 + Send + Sync>;

pub struct House {
    office: Arc<Office>,
    errands: Errands,
    clocks: Clocks,
    unlocked: Unlocked,
    limits: Limits,
    sessions: Mutex<BTreeMap<u64, Handle>>,
    /// Told when a session ends.
    fewer: Condvar,
    next: AtomicU64,
}

/// Which session a line asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Wanted {
    /// The one there is; a new one if there is none.
    Mine,
    New,
    /// One of several, by its number.
    Number(u64),
}

/// What came of asking.
pub enum Given {
    Session(Handle),
    /// Several wait, and which is meant has to be said.
    Several(Vec<Seen>),
    Refused(Message),
}

impl House {
    pub fn new(
        office: Arc<Office>,
        clocks: Clocks,
        unlocked: Unlocked,
        limits: Limits,
        errands: Errands,
    ) -> Arc<House> {
        let house = Arc::new(House {
            office,
            errands,
            clocks,
            unlocked,
            limits,
            sessions: Mutex::default(),
            fewer: Condvar::new(),
            next: AtomicU64::new(1),
        });
        let told = Arc::downgrade(&house);
        house.office.listen(Box::new(move || {
            let Some(house) = told.upgrade() else { return false };
            house.all().values().for_each(Handle::tell_news);
            true
        }));
        house
    }

    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// Does an errand in the open store.
    pub fn errand(&self, errand: &Errand, sink: &mut dyn FnMut(bool, &str)) -> u8 {
        (self.errands)(&self.office, errand, sink)
    }

    /// A number that no session and no line of this owner has had.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Handle>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sessions of one person, the oldest first.
    pub fn of(&self, officer: OfficerId) -> Vec<Seen> {
        self.all().values().map(Handle::seen).filter(|seen| seen.officer == officer).collect()
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// The session that this person means.
    pub fn session(self: &Arc<House>, officer: OfficerId, wanted: Wanted, setup: Setup) -> Given {
        let mut own = self.of(officer);
        match (wanted, own.as_slice()) {
            (Wanted::Number(id), _) => match own.iter().find(|seen| seen.id == id).and_then(|_| self.handle(id)) {
                Some(handle) => Given::Session(handle),
                None => Given::Refused(Message::new("serve.no_such_session").with("number", id)),
            },
            (Wanted::Mine, [one]) => match self.handle(one.id) {
                Some(handle) => Given::Session(handle),
                None => self.begin(officer, setup),
            },
            (Wanted::Mine, [_, _, ..]) => Given::Several(std::mem::take(&mut own)),
            (Wanted::New, _) | (Wanted::Mine, []) => self.begin(officer, setup),
        }
    }

    fn handle(&self, id: u64) -> Option<Handle> {
        self.all().get(&id).cloned()
    }

    fn begin(self: &Arc<House>, officer: OfficerId, setup: Setup) -> Given {
        if self.count() >= SESSIONS_MAX || self.of(officer).len() >= SESSIONS_OF_ONE_MAX {
            return Given::Refused(Message::new("serve.too_many"));
        }
        match self.open(officer, setup) {
            Ok(handle) => Given::Session(handle),
            Err(why) => Given::Refused(why),
        }
    }

    fn open(self: &Arc<House>, officer: OfficerId, setup: Setup) -> Result<Handle, Message> {
        use crate::domain::Explain;
        let office = Arc::new(self.office.seat(officer));
        let sitting = Sitting::new(office, (self.clocks)(), self.unlocked).map_err(|failure| failure.explain())?;
        let begun = sitting.now().at;
        let app = App::new(Box::new(Today::new(sitting)), setup);
        let id = self.number();
        let seen = Seen { id, officer, begun, title: String::new(), attached: false };
        let house = Arc::downgrade(self);
        let ended = move |id: u64| {
            if let Some(house) = house.upgrade() {
                house.all().remove(&id);
                house.fewer.notify_all();
            }
        };
        let handle = session::start(app, seen, self.limits, ended)
            .map_err(|error| Message::new("serve.no_thread").with("why", error.to_string()))?;
        self.all().insert(id, handle.clone());
        Ok(handle)
    }

    /// Puts a line before a session. The line before is told.
    pub fn attach(&self, session: &Handle, line: Line) -> bool {
        session.events.send(Event::Attach(line)).is_ok()
    }

    /// Ends every session, what was typed made safe, and waits for them, but not for ever. `again`: the folder is free
    /// afterwards, and clients may open it themselves.
    pub fn end(&self, again: bool) {
        for handle in self.all().values() {
            let _ = handle.events.send(Event::End { again });
        }
        let all = self.all();
        let _ = self.fewer.wait_timeout_while(all, Duration::from_secs(10), |all| !all.is_empty());
    }
}
