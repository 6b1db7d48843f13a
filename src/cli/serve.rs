//! `serve`: the owner of the folder, without a terminal. Whoever runs `dossier` on the folder then attaches to it.

use super::args::Serve;
use super::context::{Context, How};
use crate::command::{Failure, Opened};
use crate::domain::Message;
use crate::serve::ssh::{self, Ssh};
use crate::serve::{Limits, SessionManager, unix};
use crate::store::Failed;
use crate::tui::session::Unlocked;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const A_DAY: Duration = Duration::from_secs(24 * 3_600);
/// How often a service looks whether its folder is its own still.
const LOOKS: Duration = Duration::from_secs(5);

pub fn run(context: &Context, asked: &Serve) -> Result<ExitCode, Failure> {
    // Whose rights were taken back may stand in what is lost: what is read then is read at the folder, by whoever it belongs to.
    if context.despite_loss {
        return Err(Failure::Store(Failed::ForReading));
    }
    // Before the store is open: a signal that comes while it opens must not kill it half way.
    let failed =
        |why: std::io::Error| Failure::Folder { folder: context.folder.display().to_string(), why: why.to_string() };
    let reported = [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT];
    let mut signals = signal_hook::iterator::Signals::new(reported).map_err(failed)?;
    let Opened { office, .. } = context.open_how(How::default())?;
    if office.is_made_up()? {
        context.terminal.error(&context.word("cli.demo.marked"));
    }
    office.fill_behind();
    let office = Arc::new(office);
    let minutes = |asked: Option<u64>, usual: Duration| asked.map_or(usual, |n| Duration::from_secs(n.max(1) * 60));
    let usual = Limits::default();
    let limits = Limits {
        linger: minutes(asked.linger, usual.linger),
        idle: minutes(asked.idle, usual.idle),
        longest: minutes(asked.longest, usual.longest),
    };
    let today = context.today;
    let manager = SessionManager::new(
        office.clone(),
        Box::new(move || super::context::clock_on(today)),
        context.unlocked(),
        limits,
        Box::new(super::remote::Done),
    );
    let served = listeners(context, asked, &manager).map(|listeners| {
        let said = Message::new("cli.serve.ready").with("folder", context.folder.display().to_string());
        context.terminal.line(&context.say(&said));
        // A head leaves once a day, and at the end: whatever collects the service's output keeps it.
        let (ends, waits) = std::sync::mpsc::channel::<()>();
        let (office, lang, terminal) = (manager.office().clone(), context.lang(), context.terminal.clone());
        let leave = move |now| {
            if let Ok(Some(head)) = office.give_head(now) {
                terminal.line(&crate::lang::say(&head.message(), lang));
            }
        };
        let folder = manager.office().clone();
        let daily = std::thread::Builder::new().name("heads".into()).spawn(move || {
            let clock = super::context::clock_on(None);
            // It serves nobody any more, and holds ports and sockets that another may want. Closing says why.
            let left = || {
                let gone = folder.displaced().is_some();
                gone && signal_hook::low_level::raise(signal_hook::consts::SIGTERM).is_ok()
            };
            each(A_DAY, LOOKS, &waits, left, || leave(clock()));
        });
        signals.forever().next();
        manager.end(false);
        drop(listeners);
        drop(ends);
        let _ = daily.map(std::thread::JoinHandle::join);
    });
    drop(manager);
    let closed = Arc::into_inner(office).map_or(Ok(()), |office| office.close());
    served?;
    closed?;
    Ok(ExitCode::SUCCESS)
}

/// Each time that so long has passed, and once more at the end. In between it is looked `looks` apart whether it is over already.
fn each(
    period: Duration,
    looks: Duration,
    ends: &std::sync::mpsc::Receiver<()>,
    is_over: impl Fn() -> bool,
    leave: impl Fn(),
) {
    let mut since = Duration::ZERO;
    let looks = looks.min(period);
    while ends.recv_timeout(looks) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
        if is_over() {
            return;
        }
        since += looks;
        if since >= period {
            since = Duration::ZERO;
            leave();
        }
    }
    leave();
}

/// Every way in that is asked for, and those that the system hands over (socket activation): sockets in the file system, and
/// ports for SSH.
fn listeners(
    context: &Context,
    asked: &Serve,
    manager: &Arc<SessionManager>,
) -> Result<(Vec<unix::Listener>, Vec<Ssh>), Failure> {
    let failed =
        |why: std::io::Error| Failure::Folder { folder: context.folder.display().to_string(), why: why.to_string() };
    let own = |why: std::io::Error| match why.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failed::in_the_way(&unix::socket_of(&context.folder).display().to_string(), &why).into()
        }
        _ => failed(why),
    };
    let mut listeners = vec![unix::open(manager.clone(), &context.folder).map_err(own)?];
    let mut ports = Vec::new();
    if let Some(path) = &asked.socket {
        let no = |why: std::io::Error| Failure::Listen { place: path.display().to_string(), why: why.to_string() };
        listeners.push(unix::open_beside(manager.clone(), path).map_err(no)?);
    }
    if let Some(address) = asked.ssh {
        let no = |why: std::io::Error| Failure::Listen { place: address.to_string(), why: why.to_string() };
        ports.push(std::net::TcpListener::bind(address).map_err(no)?);
    }
    let mut given = listenfd::ListenFd::from_env();
    for place in 0..given.len() {
        let no = |why: std::io::Error| Failure::Listen { place: format!("#{place}"), why: why.to_string() };
        match given.take_unix_listener(place) {
            Ok(Some(listener)) => listeners.push(unix::open_given(manager.clone(), listener).map_err(no)?),
            Ok(None) => {}
            Err(_) => ports.extend(given.take_tcp_listener(place).map_err(no)?),
        }
    }
    let mut open = Vec::new();
    for port in ports {
        let caller = ssh::open(manager.clone(), port, super::screens::tui_lang(context.lang())).map_err(failed)?;
        let said = Message::new("cli.serve.ssh").with("address", caller.address.to_string());
        context.terminal.line(&context.say(&said.with("fingerprint", caller.fingerprint.as_str())));
        open.push(caller);
    }
    Ok((listeners, open))
}

impl Context {
    /// What opens the store.
    pub fn unlocked(&self) -> Unlocked {
        if self.passphrase().is_some() { Unlocked::Passphrase } else { Unlocked::KeyFile }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_head_leaves_each_day_and_once_more_at_the_end() {
        let (ends, waits) = mpsc::channel::<()>();
        let (left, leaves) = mpsc::channel();
        let service = std::thread::spawn(move || {
            each(
                Duration::from_millis(3),
                Duration::from_millis(1),
                &waits,
                || false,
                || {
                    let _ = left.send(());
                },
            );
        });
        // Day after day, however long nothing else happens.
        for _ in 0..3 {
            leaves.recv().unwrap();
        }
        drop(ends);
        service.join().unwrap();
        let (ends, waits) = mpsc::channel::<()>();
        let (left, leaves) = mpsc::channel();
        drop(ends);
        each(
            A_DAY,
            LOOKS,
            &waits,
            || false,
            || {
                let _ = left.send(());
            },
        );
        assert_eq!(leaves.iter().take(1).count(), 1, "it ended on its first day");
        let (_ends, waits) = mpsc::channel::<()>();
        each(A_DAY, Duration::from_millis(1), &waits, || true, || panic!("the folder is another's: no head leaves"));
    }
}
