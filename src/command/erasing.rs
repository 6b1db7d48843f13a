//! Erasing what the time for keeping is over for: a household's key goes, and with it names, answers and reasons. Its
//! ledger rows stay: statements count it for ever, and nobody can say whom they counted.
//!
//! Original dossiers are kept ten years from closing (档案管理办法 of the national union, articles 14 to 19).
//! The record comes first and is synced; then both copies of the key. A crash in between leaves a record, and every
//! opening applies the records again.

use super::{Act, Duty, Failure, Office, draft_file};
use crate::domain::dossier::erasable_from;
use crate::domain::event::Ledger;
use crate::domain::{Day, DossierId, Explain, Message, Now, Subject};
use crate::store::NotKept;
use crate::views::history::{Erasure, History};
use crate::views::{self, Horizon};

/// A dossier whose time is up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasable {
    pub dossier: DossierId,
    pub number: String,
    pub over_since: Day,
    /// The first day on which it might be erased.
    pub from: Day,
}

/// Why a dossier is not erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotErasable {
    /// It lives, or lives again.
    NotOver {
        number: String,
    },
    TooEarly {
        number: String,
        over_since: Day,
        from: Day,
    },
    /// Somebody is surveying the household.
    DraftOpen {
        number: String,
    },
    Already {
        number: String,
        on: Day,
    },
}

impl Explain for NotErasable {
    fn explain(&self) -> Message {
        match self {
            NotErasable::NotOver { number } => Message::new("command.erase.not_over").with("number", number.as_str()),
            NotErasable::TooEarly { number, over_since, from } => Message::new("command.erase.too_early")
                .with("number", number.as_str())
                .with("since", *over_since)
                .with("day", *from),
            NotErasable::DraftOpen { number } => {
                Message::new("command.erase.draft_open").with("number", number.as_str())
            }
            NotErasable::Already { number, on } => {
                Message::new("command.erase.already").with("number", number.as_str()).with("day", *on)
            }
        }
    }
}

impl Office {
    /// Dossiers that might be erased on `today`, those that have waited longest first.
    ///
    /// Errors: whoever acts does not erase.
    pub fn erasable(&self, now: Now) -> Result<Vec<Erasable>, Failure> {
        let _ = self.may(Duty::Erase, now)?;
        self.all_erasable(now.today)
    }

    pub(super) fn all_erasable(&self, today: Day) -> Result<Vec<Erasable>, Failure> {
        let mut found = Vec::new();
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            found.extend(history.ok().and_then(|history| erasable_on(&history, today).ok()));
            true
        })?;
        found.sort_by(|a, b| (a.from, &a.number, a.dossier).cmp(&(b.from, &b.number, b.dossier)));
        Ok(found)
    }

    /// The dossier that a number names, for whoever may erase, and sees nothing else of it.
    pub fn erasable_named(&self, asked: &str, now: Now) -> Result<DossierId, Failure> {
        let _ = self.may(Duty::Erase, now)?;
        self.named(asked)
    }

    /// Whether this dossier may be erased now, by whoever acts.
    pub fn may_erase(&self, dossier: DossierId, now: Now) -> Result<Erasable, Failure> {
        let _ = self.may(Duty::Erase, now)?;
        let history = self.history(dossier)?;
        let erasable = erasable_on(&history, now.today).map_err(Failure::NotErasable)?;
        if draft_file::dossiers_in_drafts(self)?.contains(&dossier) {
            return Err(Failure::NotErasable(NotErasable::DraftOpen { number: erasable.number }));
        }
        Ok(erasable)
    }

    /// Destroys the dossier's key. The act names the heads of all chains as they are here: a station that went on with
    /// the household keeps the key, and both show a conflict.
    ///
    /// Errors: [`NotErasable`]; somebody went on with the dossier just now; the record is kept and a key file could not
    /// be written, which the next opening does.
    pub fn erase(&self, dossier: DossierId, now: Now) -> Result<Erasable, Failure> {
        self.erase_all(&[dossier], now).pop().unwrap_or(Err(Failure::NothingKept))
    }

    /// As [`Self::erase`], each dossier for itself. Keys go in one pass, after all records are synced.
    pub fn erase_all(&self, dossiers: &[DossierId], now: Now) -> Vec<Result<Erasable, Failure>> {
        let mut done: Vec<Result<Erasable, Failure>> =
            dossiers.iter().map(|dossier| self.keep_erasure(*dossier, now)).collect();
        let applied = self.apply_erasures();
        // What their surveys told stands in memory, too.
        self.bureau.memory.rolls.forget();
        for one in &mut done {
            let gone = match (&*one, &applied) {
                (Ok(_), Err(failure)) => Err(failure.clone()),
                (Ok(erasable), Ok(())) => super::lookup::refresh(self, erasable.dossier),
                (Err(_), _) => Ok(()),
            };
            if let Err(failure) = gone {
                *one = Err(failure);
            }
        }
        done
    }

    fn keep_erasure(&self, dossier: DossierId, now: Now) -> Result<Erasable, Failure> {
        let unchanged = self.unchanged(dossier)?;
        let seen = views::read::chain_heads(&self.bureau.store)?.iter().map(|head| (head.station, head.seq)).collect();
        // By the clock, too: a day named on the command line brings nothing forward.
        let permit = self.may(Duty::Erase, now)?;
        let erasable = self.may_erase(dossier, Now { today: now.today.min(now.at.day()), ..now })?;
        let subject = Subject::Dossier(dossier);
        let mut act = Act::new(self.new_entry()?, now.at, subject, Ledger::Erased { subject, seen });
        act.expect.push(unchanged);
        match permit.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => Err(self.moved(&self.history(dossier)?)),
            kept => kept.map(|_| erasable),
        }
    }

    /// Destroys the key of every subject whose erasure holds; what is gone already costs nothing.
    pub(super) fn apply_erasures(&self) -> Result<(), Failure> {
        let erased: Vec<(Subject, i64)> =
            views::read::erased(&self.bureau.store)?.into_iter().map(|(subject, at)| (subject, at.0)).collect();
        if !erased.is_empty() {
            self.bureau.keys.erase(&erased)?;
        }
        Ok(())
    }
}

fn erasable_on(history: &History, today: Day) -> Result<Erasable, NotErasable> {
    let number = history.numbers(Horizon::NOW).pop().unwrap_or_else(|| history.dossier.hex());
    if let Erasure::Holds { at } = history.erasure() {
        return Err(NotErasable::Already { number, on: at.day() });
    }
    let Some(over_since) = history.over_since() else { return Err(NotErasable::NotOver { number }) };
    let from = erasable_from(over_since);
    if today < from {
        return Err(NotErasable::TooEarly { number, over_since, from });
    }
    Ok(Erasable { dossier: history.dossier, number, over_since, from })
}
