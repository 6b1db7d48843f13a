//! The screens on this terminal: the first one, or straight into a survey.

use super::args::Survey;
use super::attach::{self, Attached};
use super::context::{Context, How};
use super::survey;
use crate::command::contents::{self, Contents};
use crate::command::settings::OfficeSize;
use crate::command::{Failure, Office, Opened, opening};
use crate::domain::Message;
use crate::lang;
use crate::serve::manager::{Limits, SessionManager};
use crate::serve::unix;
use crate::serve::wanted::{Straight, Wanted};
use crate::store::OpenFailed;
use crate::tui::screens::today::Today;
use crate::tui::session::Session;
use crate::tui::theme::Theme;
use crate::tui::{App, Lang, Screen, Setup, surveying, terminal};
use std::process::ExitCode;
use std::sync::Arc;

/// The screens' name of the language.
pub fn tui_lang(lang: lang::Lang) -> Lang {
    lang
}

/// Opens the store, making it on a first run, and the first screen on it.
pub fn run(context: &Context) -> Result<ExitCode, Failure> {
    if context.is_without_terminal() {
        return Ok(no_terminal(context));
    }
    let create = vacant(context)?;
    // Nobody is asked about a new store where one is that was moved under somebody's hands.
    if let Some(trouble) = contents::moved_away(&context.folder).filter(|_| create) {
        return Err(trouble.into());
    }
    if create && !agreed(context) {
        return Err(Failure::NoStore { folder: context.folder.display().to_string() });
    }
    let begins = create.then(|| Beginning { size: super::init::asked_size(context) });
    // Whoever has the folder open shares it; when it is gone, whoever comes first owns it.
    let mut is_leaving = false;
    for _ in 0..TRIES {
        let said = is_leaving.then(|| Message::new("cli.attach.owner_gone"));
        let first = |session: &Arc<Session>| Ok(Box::new(Today::new(session.clone())) as Box<dyn Screen>);
        let owned = match on_screen(context, begins, None, said, first) {
            Err(failure @ Failure::Open(OpenFailed::Owned { .. })) => failure,
            done => return done,
        };
        match attach::attach(context, Wanted::Mine)? {
            Attached::Done(code) => return Ok(code),
            // One that lets nobody in any more has not closed the store yet: on a slow disk that takes a while.
            Attached::Nobody if is_leaving => {}
            Attached::Nobody => return Err(owned),
            Attached::OwnerGone => {
                context.terminal.line(&context.word("cli.attach.owner_gone"));
                is_leaving = true;
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    Ok(ExitCode::from(1))
}

/// Whether there is no store here, and one may be begun.
fn vacant(context: &Context) -> Result<bool, Failure> {
    let failed =
        |why: std::io::Error| Failure::Folder { folder: context.folder.display().to_string(), why: why.to_string() };
    Ok(matches!(contents::of(&context.folder).map_err(failed)?, Contents::Vacant | Contents::Begun))
}

/// A store is begun only when somebody says so: the folder may have been mistyped, or its disk not be mounted.
fn agreed(context: &Context) -> bool {
    context
        .terminal
        .line(&context.say(&Message::new("cli.begin_ask").with("folder", context.folder.display().to_string())));
    context.terminal.agreed()
}

/// So many owners may end under one client before it gives up.
const TRIES: usize = 40;

/// Straight into a survey.
pub fn survey(context: &Context, asked: &Survey) -> Result<ExitCode, Failure> {
    if context.is_without_terminal() {
        return Ok(no_terminal(context));
    }
    let on = match asked.on.as_deref().map(|text| context.day(text)).transpose() {
        Ok(on) => on,
        Err(code) => return Ok(code),
    };
    let done = on_screen(context, None, on, None, |session| {
        let begin = survey::begin(context, session.office(), asked)?;
        Ok(Box::new(surveying::straight_into(session, begin)?))
    });
    // Whoever has the folder open has room for one more, unless a file or a day of ours would have to go there.
    match (done, straight(asked)) {
        (Err(owned @ Failure::Open(OpenFailed::Owned { .. })), Some(straight)) => {
            match attach::attach(context, Wanted::Survey(straight))? {
                Attached::Done(code) => Ok(code),
                Attached::Nobody | Attached::OwnerGone => Err(owned),
            }
        }
        (done, _) => done,
    }
}

/// A survey that somebody else can open for us.
fn straight(asked: &Survey) -> Option<Straight> {
    let is_file = asked.form.as_ref().is_some_and(|form| form.exists());
    let form = asked.form.as_ref().map(|form| form.to_string_lossy().into_owned());
    let can = !is_file && asked.on.is_none() && asked.answers.is_none();
    can.then(|| Straight { number: asked.number.clone(), form, corrects: asked.correct, updates: asked.update })
}

fn no_terminal(context: &Context) -> ExitCode {
    context.terminal.error(&context.word("cli.no_terminal"));
    ExitCode::from(1)
}

/// What is said of a store that is begun here.
#[derive(Clone, Copy)]
struct Beginning {
    size: Option<OfficeSize>,
}

fn on_screen(
    context: &Context,
    begins: Option<Beginning>,
    on: Option<crate::domain::Day>,
    said: Option<Message>,
    first: impl FnOnce(&Arc<Session>) -> Result<Box<dyn Screen>, Failure>,
) -> Result<ExitCode, Failure> {
    let opened = context.open_how(How { create: begins.is_some(), ..How::default() })?;
    let mut reported = opening::reported(&opened);
    let grave = opening::is_grave(&opened);
    // What the opening found goes first; that the session of before ended is seen by its screens being gone as well.
    reported.extend(said);
    let Opened { office, .. } = opened;
    if let Err(nobody) = office.somebody() {
        office.close()?;
        return Err(nobody);
    }
    if let Some(size) = begins.and_then(|begins| begins.size) {
        office.set_size(size, context.now())?;
    }
    office.fill_behind();
    let office = Arc::new(office);
    // Others on the same machine may come in while this session lasts. Where no socket can be made, they can't.
    let today = on.or(context.today);
    let clocks = Box::new(move || super::context::clock_on(today));
    let manager = SessionManager::new(
        office.clone(),
        clocks,
        context.unlocked(),
        Limits::default(),
        Box::new(super::remote::Done),
    );
    office.listen(Box::new(|| {
        terminal::news();
        true
    }));
    let caller = unix::open(manager.clone(), &context.folder).ok();
    let done = session(context, &office, on, (reported, grave), first);
    manager.end(true);
    drop(caller);
    drop(manager);
    // A head leaves with every session: an older copy put in this one's place is found out by it.
    if let Ok(Some(head)) = office.give_head(context.now()) {
        context.terminal.line(&context.say(&head.message()));
    }
    // The session and its screens are gone, so this is the last holder; if it were not, the store would find at its
    // next opening that it was not closed in good order, and lose nothing.
    let closed = Arc::into_inner(office).map_or(Ok(()), Office::close);
    let code = done?;
    closed?;
    Ok(code)
}

fn session(
    context: &Context,
    office: &Arc<Office>,
    on: Option<crate::domain::Day>,
    (reported, grave): (Vec<Message>, bool),
    first: impl FnOnce(&Arc<Session>) -> Result<Box<dyn Screen>, Failure>,
) -> Result<ExitCode, Failure> {
    let session = Session::new(office.clone(), super::context::clock_on(on.or(context.today)), context.unlocked())?;
    let setup = Setup {
        lang: tui_lang(context.lang()),
        theme: Theme { colour: std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()), ..Theme::default() },
        size: terminal::size(),
    };
    let mut app = App::new(first(&session)?, setup);
    if grave {
        app.say_at_opening(reported);
    } else if let Some(message) = reported.into_iter().next() {
        app.say(message);
    }
    match terminal::run(&mut app, context.shown()) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let said = Message::new("cli.terminal_failed").with("why", error.to_string());
            context.terminal.error(&context.say(&said));
            Ok(ExitCode::from(1))
        }
    }
}
