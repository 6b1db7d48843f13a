//! Path → answer. An answer is a value *or a typed state*; a state is never a magic number.

use super::ids::PersonId;
use super::membership::MemberMove;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an answer stands: names from the survey sheet joined by `/`, without the form's root; only rosters carry an
/// index, counted from 1: `family/members[2]/m_name`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Path(pub String);

impl Path {
    pub fn new(text: impl Into<String>) -> Path {
        Path(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `(name, index)` from the outermost to the innermost; an index that is no number is read as none.
    pub fn segments(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        self.0.split('/').map(|segment| match segment.strip_suffix(']').and_then(|s| s.split_once('[')) {
            Some((name, index)) => (name, index.parse().ok()),
            None => (segment, None),
        })
    }

    /// The last name, without its index.
    pub fn name(&self) -> &str {
        self.segments().last().map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no value. To expressions every state is empty; a permitted refusal satisfies `required`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum State {
    /// 不知道: asked, and the person does not know.
    DontKnow,
    /// 拒答: asked, and the person will not say. Kept behind a second key.
    Refused,
    /// 不适用: asked, and it turned out not to apply.
    NotApplicable,
    /// 未问: the surveyor did not ask.
    NotAsked,
    /// 字迹不清: it stands on the paper and cannot be read.
    Illegible,
}

impl State {
    pub const ALL: [State; 5] =
        [State::DontKnow, State::Refused, State::NotApplicable, State::NotAsked, State::Illegible];

    /// The word in answers files and exports: `dont_know`, `refused`, `not_applicable`, `not_asked`, `illegible`.
    pub fn code(self) -> &'static str {
        match self {
            State::DontKnow => "dont_know",
            State::Refused => "refused",
            State::NotApplicable => "not_applicable",
            State::NotAsked => "not_asked",
            State::Illegible => "illegible",
        }
    }

    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// What was answered. Values are text in the question's canonical form: money `42000.00`, dates `2018-03-15`, choices
/// by name, several choices joined by one space. `Debug` never prints the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    Value(String),
    State(State),
}

impl Given {
    /// What was answered in words; a state and an empty answer say none.
    pub fn text(&self) -> Option<&str> {
        match self {
            Given::Value(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Given::Value(text) => write!(f, "Value({} chars)", text.chars().count()),
            Given::State(state) => write!(f, "{state:?}"),
        }
    }
}

/// How an answer came to stand in this survey.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Origin {
    /// Asked fresh.
    Asked,
    /// Carried from the survey before and confirmed.
    CarriedConfirmed,
    /// Carried from the survey before and changed.
    CarriedChanged,
    /// Carried from the survey before and not looked at. Finishing is refused while a money answer stands so.
    CarriedUnseen,
    /// Computed by the form, or supplied by the program.
    Computed,
    /// As a roll has it that was kept elsewhere and brought in; nobody was asked.
    Imported,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub path: Path,
    pub given: Given,
    pub origin: Origin,
}

/// A row of a roster and the person it is about. Rows are matched between surveys by person, never by position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RosterPerson {
    /// The row's own path, index included: `family/members[2]`.
    pub path: Path,
    pub person: PersonId,
}

/// A check that was passed all the same, and why. Who passed it is the record's `by`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pass {
    pub path: Path,
    pub why: String,
}

/// A remark on any answer; appended, never changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    pub path: Path,
    pub text: String,
}

/// A finished survey: everything on the route, in form order, and what was left off it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Answers {
    /// `form_id` and `version` of the form it was taken with: it is always shown with these.
    pub form: String,
    pub form_version: String,
    pub answers: Vec<Answer>,
    pub rows: Vec<RosterPerson>,
    /// Questions that held an answer and were off the route at the end; their answers are dropped.
    pub off_route: Vec<Path>,
    pub passes: Vec<Pass>,
    pub notes: Vec<Note>,
}

impl Answers {
    /// The text of the answer at `path`; `None` when there is none, or a state stands there.
    pub fn value(&self, path: &str) -> Option<&str> {
        self.given(path).and_then(|g| match g {
            Given::Value(text) => Some(text.as_str()),
            Given::State(_) => None,
        })
    }

    pub fn given(&self, path: &str) -> Option<&Given> {
        self.answers.iter().find(|a| a.path.as_str() == path).map(|a| &a.given)
    }
}

/// One act of answering. A draft's file, an answers file (`--answers`) and a form script are all lists of these:
/// a draft is what its steps make of an empty form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Answers a question; an empty text clears it.
    Set { path: Path, value: String },
    /// Appends a row to a roster.
    Add { path: Path },
    /// Inserts a row before the one named (`roster[2]`).
    Insert { path: Path },
    /// Removes the row named (`roster[2]`).
    Remove { path: Path },
    /// Puts a typed state in place of a value.
    State { path: Path, is: State },
    /// Confirms a carried answer, or a carried roster row, as it stands.
    Confirm { path: Path },
    /// Passes a check that may be passed.
    Pass { path: Path, why: String },
    /// Adds a remark.
    Note { path: Path, text: String },
    /// Where the cursor was left, so that a draft opens at the same question.
    Cursor { path: Path },
    /// How the survey is being entered from here on: heads-down from paper, or as an interview. `path` is where it was
    /// switched.
    Mode { path: Path, heads_down: bool },
    /// Which of the form's languages it is read in from here on, by the form's own name of it. `path` is where it was
    /// chosen.
    Language { path: Path, name: String },
    /// Takes back the last step that changed something; `path` is where the cursor was.
    Undo { path: Path },
    /// Does again what was taken back last.
    Redo { path: Path },
    /// Whoever the carried row is about (`roster[2]`) is of the household no more: when and why.
    Leave { path: Path, said: MemberMove },
    /// Since when, and why, whoever the row is about is of the household.
    Join { path: Path, said: MemberMove },
    /// Of those who left the roster in this survey the one of that number (from 1) is of the household after all: the row
    /// comes back behind the others.
    Stay { path: Path, number: u32 },
    /// Appends rows to a roster with their answers: of each the questions within the row, and the values. One act: taken back
    /// as one.
    Block { path: Path, rows: Vec<Vec<(String, String)>> },
}

impl Step {
    /// Where it is made.
    pub fn path(&self) -> &Path {
        match self {
            Step::Set { path, .. }
            | Step::Add { path }
            | Step::Insert { path }
            | Step::Remove { path }
            | Step::State { path, .. }
            | Step::Confirm { path }
            | Step::Pass { path, .. }
            | Step::Note { path, .. }
            | Step::Cursor { path }
            | Step::Mode { path, .. }
            | Step::Language { path, .. }
            | Step::Undo { path }
            | Step::Redo { path }
            | Step::Leave { path, .. }
            | Step::Join { path, .. }
            | Step::Stay { path, .. }
            | Step::Block { path, .. } => path,
        }
    }

    /// The same act at another place.
    pub fn at(&self, place: Path) -> Step {
        let mut step = self.clone();
        match &mut step {
            Step::Set { path, .. }
            | Step::Add { path }
            | Step::Insert { path }
            | Step::Remove { path }
            | Step::State { path, .. }
            | Step::Confirm { path }
            | Step::Pass { path, .. }
            | Step::Note { path, .. }
            | Step::Cursor { path }
            | Step::Mode { path, .. }
            | Step::Language { path, .. }
            | Step::Undo { path }
            | Step::Redo { path }
            | Step::Leave { path, .. }
            | Step::Join { path, .. }
            | Step::Stay { path, .. }
            | Step::Block { path, .. } => *path = place,
        }
        step
    }
}

impl fmt::Debug for Step {
    /// Where and how, never what was answered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = match self {
            Step::Set { value, .. } => return write!(f, "Set({}, {} chars)", self.path(), value.chars().count()),
            Step::Add { .. } => "Add",
            Step::Insert { .. } => "Insert",
            Step::Remove { .. } => "Remove",
            Step::State { .. } => "State",
            Step::Confirm { .. } => "Confirm",
            Step::Pass { .. } => "Pass",
            Step::Note { .. } => "Note",
            Step::Cursor { .. } => "Cursor",
            Step::Mode { .. } => "Mode",
            Step::Language { .. } => "Language",
            Step::Undo { .. } => "Undo",
            Step::Redo { .. } => "Redo",
            Step::Leave { .. } => "Leave",
            Step::Join { .. } => "Join",
            Step::Stay { .. } => "Stay",
            Step::Block { .. } => "Block",
        };
        write!(f, "{act}({})", self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_rows_from_one() {
        let path = Path::new("family/members[2]/m_name");
        assert_eq!(path.segments().collect::<Vec<_>>(), [("family", None), ("members", Some(2)), ("m_name", None)]);
        assert_eq!(path.name(), "m_name");
    }

    #[test]
    fn debug_prints_no_answer() {
        let answer = Answer { path: Path::new("name"), given: Given::Value("示例甲".into()), origin: Origin::Asked };
        let step = Step::Set { path: Path::new("name"), value: "示例甲".into() };
        assert_eq!(format!("{step:?}"), "Set(name, 3 chars)");
        assert_eq!(format!("{answer:?}"), "Answer { path: name, given: Value(3 chars), origin: Asked }");
    }
}
