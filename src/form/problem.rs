//! What can be wrong: with a form (told to its author by sheet, row, column, caret), with typed text (told under the
//! field), with a survey (told before finishing).

use crate::domain::encoding::NotDecoded;
use crate::domain::{Arg, Explain, Fen, Message, Path};
use std::fmt;

/// A cell: sheet name, row from 1, column as the sheet's header names it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CellAddress {
    pub sheet: String,
    pub row: u32,
    pub column: String,
}

impl CellAddress {
    pub fn new(sheet: &str, row: u32, column: &str) -> CellAddress {
        CellAddress { sheet: sheet.to_owned(), row, column: column.to_owned() }
    }
}

/// Something wrong with a form.
#[derive(Clone, PartialEq)]
pub struct FormProblem {
    pub place: CellAddress,
    pub weight: Weight,
    pub what: Message,
    /// The cell's text, when a part of it is meant, and which part (character offsets).
    pub text: Option<(String, std::ops::Range<usize>)>,
    /// The nearest right name, if one is near.
    pub nearest: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Told, and nothing more.
    Warning,
    /// An expression that cannot be read: the form is used without it, and whoever uses it is told. What it guards is
    /// shown, not required, not checked and not computed.
    Broken,
    /// The form is not used.
    Error,
}

impl FormProblem {
    pub fn error(place: CellAddress, what: Message) -> FormProblem {
        FormProblem { place, weight: Weight::Error, what, text: None, nearest: None }
    }

    pub fn warning(place: CellAddress, what: Message) -> FormProblem {
        FormProblem { weight: Weight::Warning, ..FormProblem::error(place, what) }
    }

    pub fn near(mut self, nearest: Option<String>) -> FormProblem {
        self.nearest = nearest;
        self
    }

    pub fn at(mut self, text: &str, span: std::ops::Range<usize>) -> FormProblem {
        self.text = Some((text.to_owned(), span));
        self
    }

    /// The line with the marked part and the line of carets under it, widths in cells; none when no part is meant.
    /// At most 60 cells to the left of the mark are shown.
    pub fn caret_lines(&self) -> Option<(String, String)> {
        use unicode_width::UnicodeWidthChar;
        let (text, span) = self.text.as_ref()?;
        let chars: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let start = span.start.min(chars.len());
        let end = span.end.clamp(start, chars.len());
        let width = |cs: &[char]| cs.iter().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        let mut from = start;
        while from > 0 && width(&chars[from - 1..start]) <= 60 {
            from -= 1;
        }
        let mut to = end;
        while to < chars.len() && width(&chars[from..=to]) <= 100 {
            to += 1;
        }
        let line: String = chars[from..to].iter().collect();
        let carets = "^".repeat(width(&chars[start..end]).clamp(1, 100));
        Some((line, format!("{}{carets}", " ".repeat(width(&chars[from..start])))))
    }
}

impl Explain for FormProblem {
    fn explain(&self) -> Message {
        let said = match &self.nearest {
            Some(near) => Message::new("form.problem_near").with("near", near.clone()),
            // Of a row, or of all that follows it.
            None if self.place.column.is_empty() => Message::new("form.problem_row"),
            None => Message::new("form.problem"),
        };
        said.with("sheet", self.place.sheet.clone())
            .with("row", self.place.row)
            .with("column", self.place.column.clone())
            .with("what", self.what.clone())
    }
}

impl fmt::Debug for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {} row {} {}: {}",
            self.weight, self.place.sheet, self.place.row, self.place.column, self.what.key
        )?;
        for (name, arg) in &self.what.args {
            if let Arg::Text(text) = arg {
                write!(f, " {name}={text:?}")?;
            }
        }
        if let Some(near) = &self.nearest {
            write!(f, " (near {near})")?;
        }
        Ok(())
    }
}

/// Why a form could not be read at all: not even a list of its problems can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Neither a workbook nor a folder of csv files.
    NotAWorkbook,
    /// No sheet (or file) named `survey`.
    NoSurveySheet,
    /// More of something than any form needs: what, how much, the limit.
    TooLarge { what: &'static str, limit: u64 },
    /// A table beside the form is not what its ending says; line and column from 1, where that was seen.
    Table { name: String, at: Option<(usize, usize)> },
    /// One of several files; which.
    File { name: String, why: Box<Unreadable> },
    /// A text in no encoding that is read, or with signs of none.
    Encoding { name: String, why: Box<NotDecoded> },
    /// The file itself could not be read.
    Io(String),
}

impl Explain for Unreadable {
    fn explain(&self) -> Message {
        match self {
            Unreadable::NotAWorkbook => Message::new("form.not_a_workbook"),
            Unreadable::NoSurveySheet => Message::new("form.no_survey_sheet"),
            Unreadable::TooLarge { what, limit } => {
                Message::new("form.too_large").with("what", Arg::Word((*what).to_owned())).with("limit", *limit)
            }
            Unreadable::Table { name, at: None } => Message::new("form.table_unreadable").with("name", name.clone()),
            Unreadable::Table { name, at: Some((line, column)) } => {
                Message::new("form.table_broken").with("name", name.clone()).with("line", *line).with("column", *column)
            }
            Unreadable::File { name, why } => {
                Message::new("form.encoding").with("name", name.clone()).with("why", why.explain())
            }
            Unreadable::Encoding { name, why } => {
                Message::new("form.encoding").with("name", name.clone()).with("why", why.explain())
            }
            Unreadable::Io(why) => Message::new("form.io").with("why", why.clone()),
        }
    }
}

/// Something wrong with a survey being answered, at one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: Path,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A required answer is missing; the form's own message, if it has one.
    RequiredMissing { message: String },
    /// A check fails. `name` tells the question's checks apart; `soft` may be passed with a reason.
    /// `at_finish`: told first when the survey is to be finished.
    CheckFails { name: String, message: String, soft: bool, at_finish: bool },
    /// The type itself, or what else was answered, makes it doubtful, which may be passed with a reason.
    SoftType { what: Message, at_finish: bool },
    /// A carried answer that must be looked at has not been.
    NotLookedAt,
    /// Far from the last round's amount: asked about, and passed with a reason.
    Differs { before: Fen, now: Fen },
    /// The ID number stands in another dossier too, as whoever keeps the draft says: passed with a reason.
    Elsewhere { said: Message },
    /// Answered in the last round and left out in this one: asked about, and passed with a reason.
    LeftOut { before: String },
    /// A roster has fewer or more rows than the form allows.
    Rows { rows: u32, least: u32, most: u32 },
    /// The text is no answer of this type; nothing was changed (typed) or the answer is empty (scripts).
    NotRead(super::read::NotRead),
    /// The step does not fit: why.
    Refused(Refusal),
}

/// Why a step changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No question, roster or row stands there.
    NoSuchPlace,
    /// The form has no language of that name.
    NoSuchLanguage,
    /// The question is off the route.
    NotRelevant,
    /// The value is computed or supplied.
    ReadOnly,
    /// The number of rows is set by an answer.
    CountedRoster,
    /// This question does not allow refusing.
    NotRefusable,
    /// Nothing carried stands there.
    NothingToConfirm,
    /// No check that may be passed fails there.
    NothingToPass,
    /// A pass or a note needs words.
    NeedsWords,
    /// More rows than a roster may have.
    TooManyRows,
    /// The step is for a question, or for a roster row, and this is the other.
    WrongKind,
    /// No step is left to take back.
    NothingToUndo,
    /// Nothing was taken back since the last step.
    NothingToRedo,
    /// The row was typed in this very survey: it is removed, nobody leaves.
    NotCarried,
    /// The row stood in the survey before: whoever it is about did not come since.
    NotNew,
    /// A day that has not come yet.
    DayAhead,
}

impl Problem {
    /// Whether it is told while the survey is being answered, and not first when it is to be finished.
    pub fn is_reported_at_once(&self) -> bool {
        !matches!(
            self.what,
            What::CheckFails { at_finish: true, .. } | What::SoftType { at_finish: true, .. } | What::LeftOut { .. }
        )
    }

    /// Whether the answer stands all the same: a check that fails is met again at the end and never holds the cursor.
    pub fn lets_stand(&self) -> bool {
        !matches!(self.what, What::NotRead(_) | What::Refused(_))
    }

    pub fn refused(path: &Path, why: Refusal) -> Problem {
        Problem { path: path.clone(), what: What::Refused(why) }
    }

    /// The place that was asked for, by its last name and row: as whoever asked named it, and no path.
    fn place_named(&self) -> String {
        match self.path.segments().last() {
            Some((name, Some(row))) => format!("{name} {row}"),
            _ => self.path.name().to_owned(),
        }
    }

    /// Whether finishing is blocked by it.
    pub fn blocks(&self) -> bool {
        !matches!(self.what, What::Refused(_))
    }
}

fn in_words_of_the_form(message: &str) -> Message {
    Message::new("form.say").with("text", super::markup::plain(message).into_owned())
}

impl Explain for Problem {
    fn explain(&self) -> Message {
        match &self.what {
            What::RequiredMissing { message } if !message.is_empty() => in_words_of_the_form(message),
            What::RequiredMissing { .. } => Message::new("form.required_missing"),
            What::CheckFails { message, .. } if !message.is_empty() => in_words_of_the_form(message),
            What::CheckFails { soft: true, .. } => Message::new("form.check_fails_soft"),
            What::CheckFails { .. } => Message::new("form.check_fails"),
            What::SoftType { what, .. } => what.clone(),
            What::Elsewhere { said } => said.clone(),
            What::NotLookedAt => Message::new("form.not_looked_at"),
            What::Differs { before, now } => Message::new("form.differs").with("before", *before).with("now", *now),
            What::LeftOut { before } => Message::new("form.left_out").with("before", before.clone()),
            What::Rows { rows, least, most } => {
                let key = if rows < least { "form.too_few_rows" } else { "form.more_rows" };
                Message::new(key).with("rows", *rows).with("least", *least).with("most", *most)
            }
            What::NotRead(why) => why.explain(),
            What::Refused(why) => Message::new(match why {
                Refusal::NoSuchPlace => "form.no_such_place",
                Refusal::NoSuchLanguage => "form.language_not_there",
                Refusal::NotRelevant => "form.not_relevant",
                Refusal::ReadOnly => "form.read_only",
                Refusal::CountedRoster => "form.counted_roster",
                Refusal::NotRefusable => "form.not_refusable",
                Refusal::NothingToConfirm => "form.nothing_to_confirm",
                Refusal::NothingToPass => "form.nothing_to_pass",
                Refusal::NeedsWords => "form.needs_words",
                Refusal::TooManyRows => "form.too_many_rows",
                Refusal::WrongKind => "form.wrong_kind",
                Refusal::NothingToUndo => "form.nothing_to_undo",
                Refusal::NothingToRedo => "form.nothing_to_redo",
                Refusal::NotCarried => "form.not_carried",
                Refusal::NotNew => "form.not_new",
                Refusal::DayAhead => "form.day_ahead",
            })
            .with("name", self.place_named()),
        }
    }
}
