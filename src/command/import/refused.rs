//! Why a roll is not read, or not taken over.

use crate::domain::{Day, Explain, Message};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportRefused {
    /// Whose keys are missing: nobody can tell who of the roll is here already.
    KeysLost {
        whose: Message,
    },
    /// More than so many megabytes.
    TooLarge {
        most: u64,
    },
    /// Neither a workbook nor csv, or more in it than any roll holds.
    Unreadable {
        file: String,
        why: Message,
    },
    NoSuchSheet {
        asked: String,
        known: String,
    },
    /// Nothing in the sheet looks like headings.
    NoHeadings {
        sheet: String,
    },
    NotAMap {
        file: String,
        line: usize,
        why: String,
    },
    /// The map names a column that the sheet has not.
    NoColumn {
        heading: String,
        nth: u32,
    },
    /// The map names a question that the form has not, or that nobody answers.
    NoQuestion {
        heading: String,
        to: String,
    },
    /// Two columns of the map fill the same.
    Twice {
        heading: String,
        other: String,
    },
    /// No roll of that id was brought in.
    NoSuchRoll {
        asked: String,
    },
    /// Nothing of these rolls waits to be taken over by whoever acts.
    NothingWaits,
    /// Whoever takes a roll over has not brought it in.
    BroughtInYourself {
        on: Day,
    },
    /// No paper is named.
    NoPaper,
}

impl Explain for ImportRefused {
    fn explain(&self) -> Message {
        match self {
            ImportRefused::TooLarge { most } => Message::new("import.too_large").with("most", *most),
            ImportRefused::KeysLost { whose } => Message::new("import.keys_lost").with("whose", whose.clone()),
            ImportRefused::Unreadable { file, why } => {
                Message::new("import.unreadable").with("file", file.as_str()).with("why", why.clone())
            }
            ImportRefused::NoSuchSheet { asked, known } => {
                Message::new("import.no_such_sheet").with("asked", asked.as_str()).with("known", known.as_str())
            }
            ImportRefused::NoHeadings { sheet } => Message::new("import.no_headings").with("sheet", sheet.as_str()),
            ImportRefused::NotAMap { file, line, why } => Message::new("import.not_a_map")
                .with("file", file.as_str())
                .with("line", *line)
                .with("why", why.as_str()),
            ImportRefused::NoColumn { heading, nth } => {
                Message::new("import.no_column").with("heading", heading.as_str()).with("nth", *nth)
            }
            ImportRefused::NoQuestion { heading, to } => {
                Message::new("import.no_question").with("heading", heading.as_str()).with("to", to.as_str())
            }
            ImportRefused::Twice { heading, other } => {
                Message::new("import.twice").with("heading", heading.as_str()).with("other", other.as_str())
            }
            ImportRefused::NoSuchRoll { asked } => Message::new("import.no_such_roll").with("asked", asked.as_str()),
            ImportRefused::NothingWaits => Message::new("import.nothing_waits"),
            ImportRefused::BroughtInYourself { on } => Message::new("import.brought_in_yourself").with("day", *on),
            ImportRefused::NoPaper => Message::new("import.no_paper"),
        }
    }
}
