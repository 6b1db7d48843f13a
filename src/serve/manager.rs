//! All sessions of one owner: who sits where, and which of them a new line is for.

use super::caller::{Caller, Refusals};
use super::remote_commands::{By, Printed, RemoteCommands, Understood};
use super::session::{self, Event, Handle, Line, Seen, Why};
use super::wanted::{Straight, Wanted};
use super::wire::RemoteCommand;
use crate::command::logins::{Barred, LoginAttempt};
use crate::command::{Office, SessionContext};
use crate::domain::{Credential, Explain, LoginStep, Message, OfficerId};
use crate::tui::screens::today::Today;
use crate::tui::session::{Clock, Session, Unlocked};
use crate::tui::{App, Lang, Setup};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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

pub struct SessionManager {
    office: Arc<Office>,
    remote_commands: Box<dyn RemoteCommands>,
    clocks: Clocks,
    unlocked: Unlocked,
    limits: Limits,
    sessions: Mutex<BTreeMap<u64, Handle>>,
    /// Who sits at which line.
    visits: Mutex<BTreeMap<u64, Visit>>,
    refusals: Refusals,
    /// As of which [`Office::people_state`] everybody at a line may be here.
    people_seen: AtomicU64,
    /// No session begins any more. Set while `sessions` is held.
    ending: AtomicBool,
    /// Told when a session ends.
    fewer: Condvar,
    next: AtomicU64,
}

struct Visit {
    officer: OfficerId,
    caller: Caller,
    session: Handle,
}

/// A user of this machine who may knock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    One,
    /// Many people come by it.
    Many,
}

/// What came of asking.
pub enum Given {
    Session(Handle),
    /// Several wait, and which is meant has to be said.
    Several(Vec<Seen>),
    Refused(Message),
}

impl SessionManager {
    pub fn new(
        office: Arc<Office>,
        clocks: Clocks,
        unlocked: Unlocked,
        limits: Limits,
        remote_commands: Box<dyn RemoteCommands>,
    ) -> Arc<SessionManager> {
        let office_state = office.people_state();
        let manager = Arc::new(SessionManager {
            office,
            remote_commands,
            clocks,
            unlocked,
            limits,
            sessions: Mutex::default(),
            visits: Mutex::default(),
            refusals: Refusals::default(),
            ending: AtomicBool::new(false),
            fewer: Condvar::new(),
            next: AtomicU64::new(1),
            people_seen: AtomicU64::new(office_state),
        });
        let reported = Arc::downgrade(&manager);
        manager.office.listen(Box::new(move || {
            let Some(manager) = reported.upgrade() else { return false };
            manager.all().values().for_each(Handle::tell_news);
            let state = manager.office.people_state();
            if manager.people_seen.swap(state, Ordering::SeqCst) != state {
                // A listener must not wait, and this reads.
                let _ = std::thread::Builder::new().name("who may".into()).spawn(move || manager.look_who_may());
            }
            true
        }));
        manager
    }

    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// The bureau's language, for whoever says none.
    pub fn lang(&self) -> Option<Lang> {
        self.office.language((self.clocks)()().today).ok().flatten()
    }

    /// Does a remote command in the open store. Whoever is not here is let in for it first, which is recorded.
    ///
    /// Errors: the sentence that says why not.
    pub fn remote_command(
        &self,
        caller: &Caller,
        remote_command: &RemoteCommand,
        sink: &mut dyn FnMut(Printed),
    ) -> Result<u8, Message> {
        let by = self.whose(caller, remote_command)?;
        Ok(self.run(by, remote_command, sink))
    }

    /// Whose remote command it is. Nothing of what it reads need be there yet.
    ///
    /// Errors: the sentence that says why it is not done.
    pub fn whose(&self, caller: &Caller, remote_command: &RemoteCommand) -> Result<By, Message> {
        if let (Credential::Uid(uid), true, false) = (&caller.credential, caller.owns_folder, remote_command.afar) {
            return Ok(By::Owner { uid: *uid, login: caller.login.clone() });
        }
        let officer = self.admit(caller)?;
        self.note(officer, caller, LoginStep::In, "command")?;
        let context = caller.context(&self.office, officer, "command").map_err(|failure| failure.explain())?;
        Ok(By::Officer(officer, context))
    }

    /// Does it. Its exit code.
    pub fn run(&self, by: By, remote_command: &RemoteCommand, sink: &mut dyn FnMut(Printed)) -> u8 {
        self.remote_commands.run(&self.office, by, remote_command, sink)
    }

    pub fn understand(&self, typed: &str, lang: &str) -> Understood {
        self.remote_commands.understand(typed, lang)
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
    pub fn session(
        self: &Arc<SessionManager>,
        officer: OfficerId,
        caller: &Caller,
        wanted: Wanted,
        setup: Setup,
    ) -> Given {
        let mut own = self.of(officer);
        match (wanted, &own[..]) {
            (Wanted::Number(id), _) => match own.iter().find(|seen| seen.id == id).and_then(|_| self.handle(id)) {
                Some(handle) => Given::Session(handle),
                None => Given::Refused(Message::new("serve.no_such_session")),
            },
            (Wanted::Mine, [one]) => match self.handle(one.id) {
                Some(handle) => Given::Session(handle),
                None => self.begin(officer, caller, None, setup),
            },
            (Wanted::Mine, [_, _, ..]) => Given::Several(std::mem::take(&mut own)),
            (Wanted::New, _) | (Wanted::Mine, []) => self.begin(officer, caller, None, setup),
            (Wanted::Survey(straight), _) => self.begin(officer, caller, Some(&straight), setup),
        }
    }

    fn handle(&self, id: u64) -> Option<Handle> {
        self.all().get(&id).cloned()
    }

    fn begin(
        self: &Arc<SessionManager>,
        officer: OfficerId,
        caller: &Caller,
        straight: Option<&Straight>,
        setup: Setup,
    ) -> Given {
        if self.count() >= SESSIONS_MAX || self.of(officer).len() >= SESSIONS_OF_ONE_MAX {
            return Given::Refused(Message::new("serve.too_many"));
        }
        match self.open(officer, caller, straight, setup) {
            Ok(handle) => Given::Session(handle),
            Err(why) => Given::Refused(why),
        }
    }

    fn open(
        self: &Arc<SessionManager>,
        officer: OfficerId,
        caller: &Caller,
        straight: Option<&Straight>,
        setup: Setup,
    ) -> Result<Handle, Message> {
        // A survey that is opened at once is theirs who came in, by the credential they came by: it may be gone by now.
        self.admit(caller)?;
        let context = caller.context(&self.office, officer, "screens").map_err(|failure| failure.explain())?;
        let office = Arc::new(self.office.seat(officer, context));
        let seat = office.clone();
        let session = Session::new(office, (self.clocks)(), self.unlocked).map_err(|failure| failure.explain())?;
        let begun = session.now().at;
        let first = match straight {
            Some(straight) => straight.screen(&session).map_err(|failure| failure.explain())?,
            None => Box::new(Today::new(session)),
        };
        let app = App::new(first, setup);
        let id = self.number();
        let seen = Seen { id, officer, begun, title: String::new(), attached: false };
        let manager = Arc::downgrade(self);
        let ended = move |id: u64| {
            if let Some(manager) = manager.upgrade() {
                manager.all().remove(&id);
                manager.fewer.notify_all();
            }
        };
        let (leaving, clock) = (seat.clone(), (self.clocks)());
        let store = session::Store {
            enter: Box::new(move |context| seat.enter(context)),
            last_word: Box::new(move || leaving.give_head(clock()).ok().flatten().map(|head| head.message())),
        };
        let handle = session::start(app, seen, self.limits, store, ended)
            .map_err(|error| Message::new("serve.no_thread").with("why", error.to_string()))?;
        let mut all = self.all();
        all.insert(id, handle.clone());
        if self.ending.load(Ordering::SeqCst) {
            let _ = handle.events.send(Event::End { again: false });
        }
        Ok(handle)
    }

    fn visits(&self) -> MutexGuard<'_, BTreeMap<u64, Visit>> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a user of this machine is one whose program may say who somebody is, and from where.
    pub fn is_gateway(&self, uid: u32) -> bool {
        let credentials = self.office.credentials().unwrap_or_default();
        credentials.iter().any(|row| row.open && row.officer.is_none() && row.credential == Credential::Uid(uid))
    }

    /// Whether a user of this machine has anything to do here, before they have said a word. Whose programs say who somebody
    /// is, and the folder's own user, bring many.
    pub fn knows_user(&self, uid: u32) -> Result<Known, Barred> {
        if uid == rustix::process::getuid().as_raw() {
            return Ok(Known::Many);
        }
        // What cannot be read now is said to whoever asks, once they have said in which language.
        let Ok(credentials) = self.office.credentials() else { return Ok(Known::One) };
        match credentials.iter().find(|row| row.credential == Credential::Uid(uid)) {
            None => Err(Barred::Unknown),
            Some(row) if !row.open => Err(Barred::Shut),
            Some(row) if row.officer.is_none() => Ok(Known::Many),
            Some(_) => Ok(Known::One),
        }
    }

    /// Who a caller is; nothing is recorded.
    ///
    /// Errors: the records can't be read now.
    pub fn look_up(&self, caller: &Caller) -> Result<Result<OfficerId, Barred>, Message> {
        caller.admitted(&self.office, (self.clocks)()().today).map_err(|failure| failure.explain())
    }

    /// Who a caller is. What is refused is recorded.
    ///
    /// Errors: the sentence that says why not.
    pub fn admit(&self, caller: &Caller) -> Result<OfficerId, Message> {
        self.look_up(caller)?.map_err(|barred| {
            self.refuse(caller, barred);
            barred.explain()
        })
    }

    /// Counts a connection from that address that never showed a key; `crowded`: it was cut for another one's place.
    pub fn count_silent(&self, address: std::net::IpAddr, crowded: bool) {
        self.refusals.add_silent(&self.office, address, crowded, (self.clocks)()());
    }

    /// Records that somebody was refused.
    pub fn refuse(&self, caller: &Caller, barred: Barred) {
        self.refusals.add(&self.office, caller, barred, (self.clocks)()());
    }

    /// Records that an officer came in, or went.
    ///
    /// Errors: nothing can be recorded now; then nobody is let in either.
    pub fn note(&self, officer: OfficerId, caller: &Caller, step: LoginStep, why: &'static str) -> Result<(), Message> {
        let seen = LoginAttempt {
            officer: Some(officer),
            step,
            credential: caller.credential_text.clone(),
            address: caller.address.map(|address| address.to_string()).unwrap_or_default(),
            why,
            count: 1,
        };
        self.office
            .seat(officer, SessionContext::program("login"))
            .note_login(seen, (self.clocks)()())
            .map_err(|failure| failure.explain())
    }

    /// Puts a line before a session. The line before is told. [`SessionManager::gone`] has to follow.
    ///
    /// Errors: nothing can be recorded now, they may not come in any more, or the session has just ended.
    pub fn attach(&self, session: &Handle, line: Line, officer: OfficerId, caller: &Caller) -> Result<(), Message> {
        self.note(officer, caller, LoginStep::In, "screens")?;
        let id = line.id;
        self.visits().insert(id, Visit { officer, caller: caller.clone(), session: session.clone() });
        // Once more, now that whoever takes a key back finds this line: it may have happened since they were let in.
        if let Err(why) = self.admit(caller) {
            self.gone(id, Why::Barred);
            return Err(why);
        }
        let sent = caller.context(&self.office, officer, "screens").map_err(|failure| failure.explain());
        let sent = sent.and_then(|context| {
            let gone = |_| Message::new("serve.no_such_session");
            session.events.send(Event::Attach(line, context)).map_err(gone)
        });
        sent.inspect_err(|_| {
            self.gone(id, Why::OwnerEnds);
        })
    }

    /// A line is no more. What its session was not told yet, it is told now.
    pub fn gone(&self, line: u64, why: Why) {
        let Some(visit) = self.visits().remove(&line) else { return };
        let _ = visit.session.events.send(Event::Gone(line));
        // Whoever is gone can't be told that it was not recorded.
        let _ = self.note(visit.officer, &visit.caller, LoginStep::Out, why.code());
    }

    /// Whoever may not be here any more, goes; and the sessions of whoever has left for good, which keep drafts open.
    fn look_who_may(&self) {
        let today = (self.clocks)()().today;
        for (line, visit) in self.visits().iter() {
            if let Ok(Err(barred)) = visit.caller.admitted(&self.office, today) {
                let _ = visit.session.events.send(Event::Bar(*line, barred.explain()));
            }
        }
        let (Ok(officers), Ok(credentials)) = (self.office.officers(), self.office.credentials()) else { return };
        let has_left = |officer: OfficerId| {
            let own = || credentials.iter().filter(|credential| credential.officer == Some(officer));
            let last = officers.iter().find(|o| o.officer == officer).and_then(|o| o.until);
            last.is_some_and(|last| last <= today) && own().count() > 0 && own().all(|credential| !credential.open)
        };
        for handle in self.all().values().filter(|handle| has_left(handle.seen().officer)) {
            let _ = handle.events.send(Event::End { again: false });
        }
    }

    /// Ends every session, what was typed made safe, and waits for them, but not for ever. `again`: the folder is free
    /// afterwards, and clients may open it themselves.
    pub fn end(&self, again: bool) {
        let all = self.all();
        self.ending.store(true, Ordering::SeqCst);
        for handle in all.values() {
            let _ = handle.events.send(Event::End { again });
        }
        drop(all);
        self.refusals.tell(&self.office, (self.clocks)()(), true);
        let all = self.all();
        let _ = self.fewer.wait_timeout_while(all, Duration::from_secs(10), |all| !all.is_empty());
    }
}
