//! One line on standard error that says how far long work is and how long it will still take. Only on a terminal.

use super::desk::Desk;
use crate::domain::Message;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

pub struct Progress<'d> {
    desk: &'d Desk,
    key: &'static str,
    began: Instant,
    shown: Option<Instant>,
    on: bool,
}

impl<'d> Progress<'d> {
    pub fn new(desk: &'d Desk, key: &'static str) -> Progress<'d> {
        Progress { desk, key, began: Instant::now(), shown: None, on: std::io::stderr().is_terminal() && !desk.json }
    }

    /// Shown after the first second, and then five times a second at most.
    pub fn at(&mut self, done: u64, all: u64) {
        let now = Instant::now();
        let quiet = now - self.began < Duration::from_secs(1);
        let early = self.shown.is_some_and(|last| now - last < Duration::from_millis(200));
        if !self.on || quiet || early || done == 0 {
            return;
        }
        self.shown = Some(now);
        let left = (now - self.began).as_secs_f64() * (all.saturating_sub(done) as f64) / done as f64;
        let said = Message::new(self.key)
            .with("percent", done.saturating_mul(100) / all.max(1))
            .with("seconds", left.ceil() as u64);
        let _ = write!(std::io::stderr().lock(), "\r{}\u{1b}[K", self.desk.say(&said));
    }

    pub fn done(&self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}
