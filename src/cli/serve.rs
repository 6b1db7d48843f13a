//! `serve`: the owner of the folder, without a terminal. Whoever runs `dossier` on the folder then attaches to it.

use super::args::Serve;
use super::desk::{Desk, How};
use super::print;
use crate::command::{Failure, Opened};
use crate::domain::Message;
use crate::serve::ssh::{self, Ssh};
use crate::serve::{House, Limits, unix};
use crate::tui::sitting::Unlocked;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const A_DAY: Duration = Duration::from_secs(24 * 3_600);

pub fn run(desk: &Desk, asked: &Serve) -> Result<ExitCode, Failure> {
    // Before the store is open: a signal that comes while it opens must not kill it half way.
    let failed =
        |why: std::io::Error| Failure::Folder { folder: desk.folder.display().to_string(), why: why.to_string() };
    let told = [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT];
    let mut signals = signal_hook::iterator::Signals::new(told).map_err(failed)?;
    let Opened { office, .. } = desk.open_how(How::default())?;
    if office.is_made_up()? {
        print::error(&desk.word("cli.demo.marked"));
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
    let today = desk.today;
    let house = House::new(
        office.clone(),
        Box::new(move || super::desk::clock_on(today)),
        desk.unlocked(),
        limits,
        Box::new(super::errand::Done),
    );
    let served = doors(desk, asked, &house).map(|doors| {
        let said = Message::new("cli.serve.ready").with("folder", desk.folder.display().to_string());
        print::line(&desk.say(&said));
        // A head leaves once a day, and at the end: whatever collects the service's output keeps it.
        let (ends, waits) = std::sync::mpsc::channel::<()>();
        let (office, lang) = (house.office().clone(), desk.lang);
        let leave = move |now| {
            if let Ok(Some(head)) = office.give_head(now) {
                print::line(&crate::lang::say(&head.message(), lang));
            }
        };
        let daily = std::thread::Builder::new().name("heads".into()).spawn(move || {
            let clock = super::desk::clock_on(None);
            while waits.recv_timeout(A_DAY) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                leave(clock());
            }
            leave(clock());
        });
        signals.forever().next();
        house.end(false);
        drop(doors);
        drop(ends);
        let _ = daily.map(std::thread::JoinHandle::join);
    });
    drop(house);
    let closed = Arc::into_inner(office).map_or(Ok(()), |office| office.close());
    served?;
    closed?;
    Ok(ExitCode::SUCCESS)
}

/// Every way in that is asked for, and those that the system hands over (socket activation): sockets in the file system, and
/// ports for SSH.
fn doors(desk: &Desk, asked: &Serve, house: &Arc<House>) -> Result<(Vec<unix::Door>, Vec<Ssh>), Failure> {
    let failed =
        |why: std::io::Error| Failure::Folder { folder: desk.folder.display().to_string(), why: why.to_string() };
    let mut doors = vec![unix::open(house.clone(), &desk.folder).map_err(failed)?];
    let mut ports = Vec::new();
    if let Some(path) = &asked.socket {
        let no = |why: std::io::Error| Failure::Listen { place: path.display().to_string(), why: why.to_string() };
        doors.push(unix::open_beside(house.clone(), path).map_err(no)?);
    }
    if let Some(address) = asked.ssh {
        let no = |why: std::io::Error| Failure::Listen { place: address.to_string(), why: why.to_string() };
        ports.push(std::net::TcpListener::bind(address).map_err(no)?);
    }
    let mut given = listenfd::ListenFd::from_env();
    for place in 0..given.len() {
        let no = |why: std::io::Error| Failure::Listen { place: format!("#{place}"), why: why.to_string() };
        match given.take_unix_listener(place) {
            Ok(Some(listener)) => doors.push(unix::open_given(house.clone(), listener).map_err(no)?),
            Ok(None) => {}
            Err(_) => ports.extend(given.take_tcp_listener(place).map_err(no)?),
        }
    }
    let mut open = Vec::new();
    for port in ports {
        let door = ssh::open(house.clone(), port, super::screens::tui_lang(desk.lang)).map_err(failed)?;
        let said = Message::new("cli.serve.ssh").with("address", door.address.to_string());
        print::line(&desk.say(&said.with("fingerprint", door.fingerprint.as_str())));
        open.push(door);
    }
    Ok((doors, open))
}

impl Desk {
    /// What opens the store.
    pub fn unlocked(&self) -> Unlocked {
        if self.passphrase().is_some() { Unlocked::Passphrase } else { Unlocked::KeyFile }
    }
}
