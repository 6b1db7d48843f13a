//! One line on standard error that says how far long work is and how long it will still take. Only on a terminal.

use super::context::Context;
use crate::domain::Message;
use crate::lang::{self, Lang};
use crate::store::{OnProgress, Work};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Nobody wonders about less than that.
const QUIET: Duration = Duration::from_millis(500);
/// Rows are written slower as there are more of them: with so much done it took as long as this power of it says (measured up to
/// 19,000 records). How much slower, this disk and this memory say as it goes on: see [`Progress::power`].
const FOLDING_GROWS: f64 = 1.4;
/// More than that is a moment in which the machine did something else.
const GROWS_MOST: f64 = 2.5;
/// A start shorter than this says nothing about the rest.
const TELLING: Duration = Duration::from_secs(1);

pub struct Progress {
    lang: Lang,
    key: &'static str,
    began: Instant,
    shown: Option<Instant>,
    /// What took so long until now takes as long as this power of what is done.
    grows: f64,
    /// How much was done after how long, each a twentieth more than the one before.
    seen: Vec<(u64, Duration)>,
    on: bool,
}

impl Progress {
    pub fn new(context: &Context, key: &'static str) -> Progress {
        Progress {
            lang: context.lang(),
            key,
            began: Instant::now(),
            shown: None,
            grows: 1.0,
            seen: Vec::new(),
            on: std::io::stderr().is_terminal() && !context.json && !context.terminal.is_client(),
        }
    }

    /// For what takes long while a store is being opened; the line goes with the last of it.
    pub fn of_opening(context: &Context) -> OnProgress {
        let mut progress = Progress::new(context, "cli.opening.progress");
        let mut before: Option<(Work, Instant)> = None;
        Box::new(move |work, done, all| {
            // What follows something else began when that ended.
            if let Some((_, ended)) = before.filter(|(other, _)| *other != work) {
                progress.began = ended;
                progress.seen.clear();
            }
            before = Some((work, Instant::now()));
            (progress.key, progress.grows) = match work {
                Work::Checking => ("cli.opening.progress", 1.0),
                Work::Folding => ("cli.rebuild.progress", FOLDING_GROWS),
            };
            progress.at(done, all);
            if done >= all {
                progress.done();
            }
        })
    }

    /// Shown after the first half second, and then five times a second at most.
    pub fn at(&mut self, done: u64, all: u64) {
        let now = Instant::now();
        self.note(done, now - self.began);
        let quiet = now - self.began < QUIET;
        let early = self.shown.is_some_and(|last| now - last < Duration::from_millis(200));
        if !self.on || quiet || early || done == 0 {
            return;
        }
        self.shown = Some(now);
        let _ = write!(std::io::stderr().lock(), "\r{}\u{1b}[K", lang::say(&self.said(now, done, all), self.lang));
    }

    fn said(&self, now: Instant, done: u64, all: u64) -> Message {
        let part = all.max(1) as f64 / done.max(1) as f64;
        let taken = now - self.began;
        let left = taken.as_secs_f64() * (part.powf(self.power(done, taken)) - 1.0).max(0.0);
        Message::new(self.key)
            .with("done", done)
            .with("all", all)
            .with("percent", done.saturating_mul(100) / all.max(1))
            .with("seconds", left.ceil() as u64)
    }

    fn note(&mut self, done: u64, taken: Duration) {
        if self.seen.last().is_none_or(|(last, _)| done > last + last / 20) {
            self.seen.push((done, taken));
        }
    }

    /// As which power of what is done the time has gone so far, by the half that was done first and all of it. What goes evenly is
    /// taken to go on so.
    fn power(&self, done: u64, taken: Duration) -> f64 {
        let half = self.seen.iter().rev().find(|(at, _)| *at <= done / 2);
        match half.filter(|(at, first)| *at > 0 && *first >= TELLING && self.grows > 1.0) {
            Some((at, first)) => {
                let grew = (taken.as_secs_f64() / first.as_secs_f64()).ln() / (done as f64 / *at as f64).ln();
                grew.clamp(1.0, GROWS_MOST)
            }
            None => self.grows,
        }
    }

    pub fn done(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_folding_is_more_than_a_mean_of_all_says_since_it_grows_slower() {
        let began = Instant::now();
        let said = |key, grows| {
            let progress = Progress { lang: Lang::En, key, began, shown: None, grows, seen: Vec::new(), on: false };
            lang::say(&progress.said(began + Duration::from_secs(10), 6_000, 12_000), Lang::En)
        };
        let (folding, checking) = (said("cli.rebuild.progress", FOLDING_GROWS), said("cli.opening.progress", 1.0));
        assert!(folding.contains("50 %") && folding.contains("about 17 s"), "{folding}");
        assert!(checking.contains("6000 of 12000") && checking.contains("about 10 s"), "{checking}");
    }
    #[test]
    fn what_is_left_of_folding_goes_by_how_much_slower_this_disk_became() {
        let began = Instant::now();
        let left = |power: f64| {
            let (lang, key) = (Lang::En, "cli.rebuild.progress");
            let mut progress =
                Progress { lang, key, began, shown: None, grows: FOLDING_GROWS, seen: Vec::new(), on: false };
            // A quarter of it after 40 seconds.
            let taken = |done: u64| Duration::from_secs_f64(40.0 * (done as f64 / 250_000.0).powf(power));
            (2_000..=250_000).step_by(2_000).for_each(|done| progress.note(done, taken(done)));
            assert!(progress.seen.len() < 200);
            let said = progress.said(began + Duration::from_secs(40), 250_000, 1_000_000);
            said.args.into_iter().find_map(|(name, arg)| match arg {
                crate::domain::Arg::Number(seconds) if name == "seconds" => Some(seconds),
                _ => None,
            })
        };
        for (power, expected) in [(1.0, 120..=126), (1.4, 235..=245), (2.0, 590..=610)] {
            let said = left(power);
            assert!(said.is_some_and(|seconds| expected.contains(&seconds)), "{power}: {said:?}");
        }
    }
}
