//! A household in one line: category, status, next survey, and what to mind. For a phone call, and for scripts.

use super::words::Words;
use crate::command::dossier::StatusLine;
use crate::domain::{Day, Message, Now, Stamp};
use crate::lang;

/// The line, in the reader's language and safe for a terminal. `name` is personal; none: it is not told.
pub fn line(words: &Words<'_>, status: &StatusLine, name: Option<&str>, today: Day) -> String {
    let mut parts: Vec<String> = vec![status.number.clone()];
    parts.extend(name.map(str::to_owned));
    let unit = words.unit(status.unit).shown();
    let category = words.category_of(status).shown();
    let word = words.status(status).shown();
    parts.extend([unit, category, word].into_iter().filter(|part| !part.is_empty()));
    if let Some(due) = status.next_due {
        parts.push(words.say(&Message::new("glance.due").with("day", due)));
    }
    let now = Now { at: Stamp::start_of(today), today };
    let had = words.office().aid_had(status.dossier, now).unwrap_or_default();
    parts.extend(super::aid::had(words, &had, today).map(|had| had.shown()));
    let warnings = warnings(words, status, today);
    if !warnings.is_empty() {
        parts.push(format!("! {}", words.joined(warnings)));
    }
    lang::clean(&parts.join("  "))
}

/// What to mind before anything is said or done.
fn warnings(words: &Words<'_>, status: &StatusLine, today: Day) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |message: Message| found.push(words.say(&message));
    if status.erased {
        add(Message::new("glance.erased"));
    }
    if let Some(due) = status.next_due.filter(|due| *due < today) {
        add(Message::new("glance.overdue").with("days", i64::from(today.0) - i64::from(due.0)));
    }
    if !status.conflict.is_empty() {
        add(Message::new("glance.conflict").with("count", status.conflict.len()));
    }
    if status.undecided {
        add(Message::new("glance.undecided"));
    }
    if status.contested {
        add(Message::new("glance.contested"));
    }
    found
}
