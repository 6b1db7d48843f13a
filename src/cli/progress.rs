//! One line on standard error that says how far long work is and how long it will still take. Only on a terminal.

use super::context::Context;
use crate::domain::Message;
use crate::lang::{self, Lang};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

pub struct Progress {
    lang: Lang,
    key: &'static str,
    began: Instant,
    shown: Option<Instant>,
    on: bool,
}

impl Progress {
    pub fn new(context: &Context, key: &'static str) -> Progress {
        Progress::begun(context, key)
    }

    /// For views that are folded anew while a store is being opened; the line goes with the last record.
    pub fn of_folding(context: &Context) -> Box<dyn FnMut(u64, u64)> {
        let mut progress = Progress::begun(context, "cli.rebuild.progress");
        Box::new(move |done, all| {
            progress.at(done, all);
            if done >= all {
                progress.done();
            }
        })
    }

    fn begun(context: &Context, key: &'static str) -> Progress {
        Progress {
            lang: context.lang(),
            key,
            began: Instant::now(),
            shown: None,
            on: std::io::stderr().is_terminal() && !context.json && !context.terminal.is_client(),
        }
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
        let _ = write!(std::io::stderr().lock(), "\r{}\u{1b}[K", lang::say(&said, self.lang));
    }

    pub fn done(&self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}
