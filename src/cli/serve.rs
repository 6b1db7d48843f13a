//! `serve`: the owner of the folder, without a terminal. Whoever runs `dossier` on the folder then attaches to it.

use super::args::Serve;
use super::desk::{Desk, How};
use super::print;
use crate::command::{Failure, Opened};
use crate::domain::Message;
use crate::serve::{House, Limits, unix};
use crate::tui::sitting::Unlocked;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

pub fn run(desk: &Desk, asked: &Serve) -> Result<ExitCode, Failure> {
    // Before the store is open: a signal that comes while it opens must not kill it half way.
    let failed =
        |why: std::io::Error| Failure::Folder { folder: desk.folder.display().to_string(), why: why.to_string() };
    let told = [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT];
    let mut signals = signal_hook::iterator::Signals::new(told).map_err(failed)?;
    let Opened { office, .. } = desk.open_how(How::default())?;
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
        Box::new(super::errand::run),
    );
    let served = unix::open(house.clone(), &desk.folder).map_err(failed).map(|door| {
        let said = Message::new("cli.serve.ready").with("folder", desk.folder.display().to_string());
        print::line(&desk.say(&said));
        signals.forever().next();
        house.end(false);
        drop(door);
    });
    drop(house);
    let closed = Arc::into_inner(office).map_or(Ok(()), |office| office.close());
    served?;
    closed?;
    Ok(ExitCode::SUCCESS)
}

impl Desk {
    /// What opens the store.
    pub fn unlocked(&self) -> Unlocked {
        if self.passphrase().is_some() { Unlocked::Passphrase } else { Unlocked::KeyFile }
    }
}
