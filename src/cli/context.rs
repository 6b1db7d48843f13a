//! What every subcommand is handed: language, day, folder, person, and how to print.

use super::args::{Args, Command};
use super::terminal::Terminal;
use crate::command::logins::{AtFolder, NOBODY};
use crate::command::outputs::{NotWritten, Standing};
use crate::command::ring_back::{RingBrought, bring_ring};
use crate::command::{
    Failure, Household, Library, Office, OpenOffice, Opened, SessionContext, Unlocking, demo, opening, outputs,
};
use crate::domain::{Day, Entrance, EntryId, Explain, Message, Now, OfficerId, Stamp};
use crate::lang::{self, Lang};
use crate::present::Words;
use crate::rules;
use crate::seal::{RecoveryCode, SystemRandom};
use crate::serve::client::At;
use crate::serve::remote_commands::By;
use crate::store::OpenFailed;
use crate::tui::linear::ShownAs;
use crate::tui::terminal;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

pub struct Context {
    /// Where what is said goes.
    pub terminal: Terminal,
    /// Where nobody said one and the machine has none: the bureau's, once the store is open.
    lang_said: Option<Lang>,
    lang_of_bureau: std::sync::OnceLock<Lang>,
    pub json: bool,
    pub folder: PathBuf,
    /// The owner's second socket, where it was named.
    pub socket: Option<PathBuf>,
    /// The folder was named on the command line.
    pub folder_named: bool,
    pub key_file: Option<PathBuf>,
    pub user: Option<String>,
    /// Somebody says that the clock is right.
    pub clock_is_right: bool,
    /// Somebody insists on a folder on a network file system.
    pub on_network: bool,
    /// Somebody wants to read what is whole of a store that lacks records.
    pub despite_loss: bool,
    /// Screens are wanted line by line.
    plain: bool,
    /// What the files handed in are encoded in, where somebody says so.
    pub encoding: Option<String>,
    /// The demo unlocks itself: no key or passphrase of one's own is tried on it.
    is_demo: bool,
    pub today: Option<Day>,
    library: std::sync::OnceLock<Arc<Library>>,
    /// The store is open already, and this is a remote command in it.
    open: Option<Arc<Office>>,
    /// What is being done, as it is recorded.
    purpose: &'static str,
    /// The number of what is asked for.
    request: Option<[u8; 16]>,
}

/// The user of this machine who runs the program.
pub fn uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// In which way a store is opened.
#[derive(Clone, Copy, Default)]
pub struct How {
    /// Make it if it is not there.
    pub create: bool,
    pub thorough: bool,
    pub rebuild: bool,
    /// Its ring has just been brought back from a backup.
    pub ring_brought: bool,
}

/// Milliseconds since 1970 by the machine's clock.
pub fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The name that the machine's user goes by.
pub fn login() -> String {
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "surveyor".into())
}

impl Context {
    pub fn new(args: &Args, terminal: Terminal) -> Result<Context, ExitCode> {
        let lang_said = match &args.lang {
            Some(code) => Some(Lang::from_code(code).ok_or_else(|| {
                terminal
                    .error(&lang::say(&Message::new("cli.no_such_language").with("asked", code.as_str()), Lang::Zh));
                ExitCode::from(2)
            })?),
            None => super::help::lang_of_environment(),
        };
        let mut context = Context {
            terminal,
            lang_said,
            lang_of_bureau: std::sync::OnceLock::new(),
            json: args.json,
            folder: folder(args.data.clone()),
            socket: match &args.command {
                Some(Command::Attach(attach)) => attach.socket.clone(),
                _ => None,
            },
            folder_named: args.data.is_some(),
            key_file: args.key_file.clone().or_else(|| std::env::var_os("DOSSIER_KEY_FILE").map(PathBuf::from)),
            user: args.user.clone(),
            on_network: args.on_network,
            despite_loss: args.despite_loss,
            plain: args.plain,
            encoding: args.encoding.clone(),
            clock_is_right: args.clock_is_right,
            is_demo: false,
            today: None,
            library: std::sync::OnceLock::new(),
            open: None,
            purpose: args.command.as_ref().unwrap_or(&Command::Screens).name(),
            request: args.request.as_deref().and_then(EntryId::from_hex).map(|number| number.0),
        };
        context.today = args.today.as_deref().map(|text| context.day(text)).transpose()?;
        Ok(context)
    }

    /// The same context in the folder of a demo.
    pub fn in_demo(&self, folder: PathBuf) -> Context {
        Context {
            terminal: self.terminal.clone(),
            lang_said: self.lang_said,
            lang_of_bureau: std::sync::OnceLock::new(),
            json: self.json,
            folder,
            socket: None,
            folder_named: true,
            key_file: None,
            user: self.user.clone(),
            on_network: self.on_network,
            despite_loss: self.despite_loss,
            plain: self.plain,
            encoding: self.encoding.clone(),
            clock_is_right: self.clock_is_right,
            is_demo: true,
            today: self.today,
            library: self.library.clone(),
            open: None,
            purpose: self.purpose,
            request: None,
        }
    }

    /// How screens are shown here: line by line where that was asked for, or the terminal says that it can do nothing else.
    pub fn shown(&self) -> ShownAs {
        match self.plain || std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
            true => terminal::lines(),
            false => ShownAs::Screens,
        }
    }

    /// Whether screens are wanted where none can be drawn.
    pub fn is_without_terminal(&self) -> bool {
        self.shown() == ShownAs::Screens && !terminal::is_there()
    }

    /// The language that is spoken here.
    pub fn lang(&self) -> Lang {
        self.lang_said.or_else(|| self.lang_of_bureau.get().copied()).unwrap_or_default()
    }

    /// The one that was asked for, or that the machine has.
    pub fn lang_said(&self) -> Option<Lang> {
        self.lang_said
    }

    /// A bureau's language counts where nobody has one of their own.
    fn speak_as(&self, office: &Office) {
        if let Ok(Some(lang)) = office.language(self.now().today) {
            let _ = self.lang_of_bureau.set(lang);
        }
    }

    /// Where to find whoever has the folder open.
    pub fn owner(&self) -> At<'_> {
        self.socket.as_deref().map_or(At::Folder(&self.folder), At::Socket)
    }

    /// A day as typed, or the exit code of wrong usage after saying what is wrong.
    pub fn day(&self, text: &str) -> Result<Day, ExitCode> {
        Day::from_typed(text).ok_or_else(|| {
            self.terminal.error(&lang::say(&Message::new("cli.not_a_day").with("asked", text), self.lang()));
            ExitCode::from(2)
        })
    }

    /// Whether names hold nothing that a terminal obeys or nobody sees, else the exit code after saying so: kept without it, a
    /// name is another one than was typed, and nobody would know.
    pub fn names_are_plain<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Result<(), ExitCode> {
        let obeyed = |name: &&String| name.trim().chars().any(|c| c.is_control() || lang::is_invisible(c));
        match names.into_iter().find(obeyed) {
            None => Ok(()),
            Some(name) => {
                let said = Message::new("cli.not_a_plain_name").with("asked", lang::clean(name));
                self.terminal.error(&self.say(&said));
                Err(ExitCode::from(2))
            }
        }
    }

    pub fn now(&self) -> Now {
        let at = Stamp(clock());
        Now { at, today: self.today.unwrap_or_else(|| at.day()) }
    }

    /// The passphrase that is to unlock the store, where one is given.
    pub fn passphrase(&self) -> Option<String> {
        std::env::var("DOSSIER_PASSPHRASE").ok().filter(|text| !text.is_empty())
    }

    /// A passphrase typed twice without being shown, or the one that the environment gives. `None`: the two differ.
    pub fn new_passphrase(&self) -> Option<String> {
        if let Ok(text) = std::env::var("DOSSIER_NEW_PASSPHRASE") {
            return Some(text);
        }
        let ask = |key: &str| rpassword::prompt_password(self.word(key)).unwrap_or_default();
        let (first, again) = (ask("cli.key.ask"), ask("cli.key.ask_again"));
        (first == again).then_some(first)
    }

    /// What is to unlock the store: a recovery code or a passphrase where one is given, else the key file.
    pub fn unlocking(&self) -> Result<Unlocking, Failure> {
        if !self.is_demo {
            if let Ok(text) = std::env::var("DOSSIER_RECOVERY") {
                return Ok(Unlocking::Recovery(RecoveryCode::parse(&text)?));
            }
            if let Some(text) = self.passphrase() {
                return Ok(Unlocking::Passphrase(text));
            }
        }
        Ok(Unlocking::KeyFile(self.key_file.clone()))
    }

    /// A store that is made now begins with these units. Call it before anything asks for the library.
    pub fn begin_with_units(&self, text: &str) -> Result<(), Failure> {
        let _ = self.library.set(Arc::new(Library::built_in().with_units(text)?));
        Ok(())
    }

    pub fn library(&self) -> Arc<Library> {
        self.library.get_or_init(|| Arc::new(Library::built_in())).clone()
    }

    /// The context of a remote command in a store that is open: of somebody from afar, or for the officer named, else whoever the owner
    /// works as.
    pub fn at(args: &Args, office: &Office, by: By, terminal: &Terminal) -> Result<Result<Context, Failure>, ExitCode> {
        let mut context = Context::new(args, terminal.clone())?;
        // The folder is the one that is open, whatever it is called where the client stands.
        context.folder = office.folder().to_owned();
        // The language of the machine that the owner runs on is nobody's who asks from elsewhere.
        context.lang_said = context.lang_said.filter(|_| args.lang.is_some());
        context.speak_as(office);
        let _ = context.library.set(office.library().clone());
        if matches!(by, By::Owner { .. }) && (context.clock_is_right || context.today.is_some()) {
            office.trust_clock(Stamp(clock()));
        }
        let seated = match by {
            By::Officer(officer, seat) => {
                Ok((officer, SessionContext { purpose: context.purpose.to_owned(), ..seat }, None))
            }
            By::Owner { uid, login } => context.who_is_at(office, uid, login.as_str()).and_then(|officer| {
                let officer = officer.unwrap_or(NOBODY);
                Ok((officer, office.by_folder(uid, officer, context.purpose)?, Some(login)))
            }),
        };
        Ok(seated.map(|(officer, seat, login)| {
            let mut office = office.seat(officer, seat);
            login.iter().for_each(|login| office.goes_by(login));
            context.request.into_iter().for_each(|number| office.request(number));
            context.open = Some(Arc::new(office));
            context
        }))
    }

    /// The day that `--today` names, where it is not the clock's.
    pub fn another_day(&self) -> Option<Day> {
        self.today.filter(|day| *day != Stamp(clock()).day())
    }

    /// Who acts: the officer that `--as` names, else whose the machine's user is.
    fn who_is_at(&self, office: &Office, uid: u32, login: &str) -> Result<Option<OfficerId>, Failure> {
        office.who_is_at(&AtFolder { uid, named: self.user.as_deref(), login }, self.now().today)
    }

    /// Opens the store. What was met on the way is said on standard error.
    pub fn open_how(&self, how: How) -> Result<Opened, Failure> {
        let user = self.user.clone().unwrap_or_else(login);
        let mut opened = opening::open(OpenOffice {
            unlocking: self.unlocking()?,
            clock: Box::new(clock),
            machine: std::fs::read("/etc/machine-id").unwrap_or_default(),
            create: how.create,
            on_network: self.on_network,
            despite_loss: self.despite_loss,
            // Demos of one seed are one station, and each is as old as it is.
            state: user_state().filter(|_| !demo::is_one(&self.folder)),
            // Whoever names the day has said which it is; and a demo's years are made up.
            watch_clock: !self.clock_is_right && self.today.is_none() && !demo::is_one(&self.folder),
            user,
            context: SessionContext {
                entrance: Entrance::Folder { uid: uid() },
                ..SessionContext::program(self.purpose)
            },
            thorough: how.thorough,
            rebuild: how.rebuild,
            ring_brought: how.ring_brought,
            progress: Some(super::progress::Progress::of_opening(self)),
            ..OpenOffice::new(&self.folder, self.library(), Box::new(SystemRandom), self.now())
        })?;
        self.speak_as(&opened.office);
        match self.who_is_at(&opened.office, uid(), &login()) {
            Ok(officer) => {
                let officer = officer.unwrap_or(NOBODY);
                opened.office.sit_down(officer);
                let context = opened.office.by_folder(uid(), officer, self.purpose)?;
                opened.office.enter(context);
                self.request.into_iter().for_each(|number| opened.office.request(number));
            }
            Err(failure) => {
                opened.office.close()?;
                return Err(failure);
            }
        }
        for line in opening::reported(&opened) {
            self.terminal.error(&lang::say(&line, self.lang()));
        }
        let now = self.now().at;
        if opened.office.clock_doubt(now).is_some() && !self.json && std::io::stdin().is_terminal() {
            self.terminal.error(&self.word("cli.clock_ask"));
            if self.terminal.agreed() {
                opened.office.trust_clock(now);
            }
        }
        Ok(opened)
    }

    /// Brings back from a key file the ring without which the store is not opened. `None`: it has one, or it is open.
    pub fn bring_ring(&self, bundle: (&Path, &[u8]), unlocking: &Unlocking) -> Result<Option<RingBrought>, Failure> {
        match &self.open {
            Some(_) => Ok(None),
            None => bring_ring(&self.folder, bundle, unlocking, self.on_network),
        }
    }

    /// Opens the store, does one thing in it, and closes it in good order, whatever came of the thing.
    pub fn in_office(
        &self,
        how: How,
        act: impl FnOnce(&Office) -> Result<ExitCode, Failure>,
    ) -> Result<ExitCode, Failure> {
        if let Some(office) = &self.open {
            // Looking everything over, and folding anew, need the store for themselves.
            return match how.thorough || how.rebuild {
                true => Err(Failure::Open(OpenFailed::Owned { process: Some(std::process::id()) })),
                false => act(office),
            };
        }
        let opened = self.open_how(how)?;
        let lacks = opening::lacks_records(&opened);
        if lacks {
            self.terminal.set_partial();
        }
        let office = opened.office;
        let before = office.records().ok();
        let done = act(&office);
        // What was typed and kept something is a session, and a head leaves with every one; a script that is to have one asks
        // for it (`verify`, `backup`).
        if std::io::stderr().is_terminal()
            && !self.json
            && office.records().ok() > before
            && let Ok(Some(head)) = office.give_head(self.now())
        {
            self.terminal.error(&self.say(&head.message()));
        }
        let closed = office.close();
        let code = done?;
        // What was done is done and has been answered; that the stop was not clean costs the next opening a longer look.
        if let Err(failure) = closed {
            self.terminal.error(&self.say(&failure.explain()));
        }
        // No figure of a store that lacks records is whole, whatever the command made of it; and what was printed says so itself,
        // wherever it is sent on to.
        if lacks && !self.json {
            self.terminal.line(&self.word("cli.partial"));
        }
        Ok(if lacks { ExitCode::from(1) } else { code })
    }

    /// The household that a number names, for a reason where one was given.
    pub fn household<'o>(&self, office: &'o Office, number: &str, why: Option<&str>) -> Result<Household<'o>, Failure> {
        match why {
            Some(why) => office.find_because(number, why, self.now()),
            None => office.find(number, self.now()),
        }
    }

    /// Whether a file of that name may be written, asked before anything is recorded as gone out. `-` is standard output.
    ///
    /// Errors: something stands there; the store lacks records, of which no file could say so for itself.
    pub fn may_write(&self, path: &Path, standing: Standing) -> Result<(), Failure> {
        if self.terminal.is_partial() {
            return Err(NotWritten::Partial.into());
        }
        match path.as_os_str() == "-" {
            true => Ok(()),
            false => Ok(outputs::may_stand(path, &self.folder, standing)?),
        }
    }

    /// Writes a file, whole or not at all; `-` is standard output. The one way by which a command writes to a file that
    /// somebody named, beside sheets (`paper.rs`), backups and keys.
    pub fn file(&self, path: &Path, bytes: &[u8], standing: Standing) -> Result<(), Failure> {
        if self.terminal.is_partial() {
            return Err(NotWritten::Partial.into());
        }
        match path.as_os_str() == "-" {
            true => self.terminal.whole(bytes),
            false => Ok(outputs::write(path, bytes, &self.folder, standing)?),
        }
    }

    pub fn say(&self, message: &Message) -> String {
        lang::say(message, self.lang())
    }

    /// The name to show of a rule set or a category.
    pub fn pick(&self) -> rules::trace::Pick {
        match self.lang() {
            Lang::Zh => |names| &names.zh,
            Lang::En => |names| &names.en,
        }
    }

    /// How facts are called in the context's language.
    pub fn words<'o>(&self, office: &'o Office) -> Words<'o> {
        Words::new(office, self.lang())
    }

    pub fn word(&self, key: &str) -> String {
        lang::word(key, self.lang())
    }

    /// That somebody else has the folder, and how far what lies in it has come.
    pub fn refuse_owned(&self, failure: &Failure) -> ExitCode {
        let code = self.refuse(failure);
        let head = |frame: &crate::store::Frame| Some(crate::log::Head::of(&frame.record).ok()?.code()?.to_string());
        if let Some(holds) = crate::store::standing_of(&self.folder, head) {
            let said = Message::new("cli.owner_holds").with("folder", self.folder.display().to_string());
            let said = said.with("records", holds.position).with("day", holds.last());
            self.terminal.error(&self.say(&said.with("head", holds.head())));
        }
        code
    }

    /// Says why something was not done, with every problem below it.
    pub fn refuse(&self, failure: &Failure) -> ExitCode {
        let details: Vec<String> = failure.details().iter().map(|m| self.say(m)).collect();
        if self.json {
            let mut said = serde_json::json!({"refused": self.say(&failure.explain()), "problems": details});
            if let Some(name) = failure.refusal() {
                said["name"] = name.into();
            }
            self.terminal.json(&said);
        }
        self.terminal.error(&self.say(&failure.explain()));
        for line in details {
            self.terminal.error(&format!("  {line}"));
        }
        ExitCode::from(1)
    }
}

/// A clock for a session that goes on; on the day named, if one is.
pub fn clock_on(day: Option<Day>) -> crate::tui::session::Clock {
    Box::new(move || {
        let at = Stamp(clock());
        Now { at, today: day.unwrap_or_else(|| at.day()) }
    })
}

fn var(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from)
}

fn folder(named: Option<PathBuf>) -> PathBuf {
    named
        .or_else(|| var("DOSSIER_DATA"))
        .or_else(|| user_data().map(|base| base.join("dossier")))
        .unwrap_or_else(|| PathBuf::from("dossier-data"))
}

/// Where the user's programs keep what they remember between runs.
fn user_state() -> Option<PathBuf> {
    let base = var("XDG_STATE_HOME").or_else(|| var("HOME").map(|home| home.join(".local/state")));
    base.map(|base| base.join("dossier"))
}

/// Where the user's programs keep their data.
pub fn user_data() -> Option<PathBuf> {
    var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")))
}
