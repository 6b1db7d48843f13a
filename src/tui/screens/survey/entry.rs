//! What is being entered at the present stop: a text, a choice, a roster's rows, or nothing.

use crate::domain::{Eyes, Fen, Given, Origin};
use crate::form::model::Control;
use crate::form::{At, Draft, Question, StopKind, ValueType};
use crate::tui::screen::Cx;
use crate::tui::widgets::{Choice, List, Picker, TextField};

#[derive(Clone)]
pub enum AnswerInput {
    /// Typed text, and what stood there before it was touched.
    Text { field: TextField, stood: String },
    /// One choice or several, and the codes that stood there.
    Choice { picker: Picker, stood: String },
    /// The rows of a roster, then *add* (unless the rows are counted by an answer), then *go on*, then who left.
    Rows(Rows),
    /// A note to read, or a value that is not the surveyor's to give.
    Nothing,
}

#[derive(Clone)]
pub struct Rows {
    /// Heads of the rows.
    pub rows: Vec<At>,
    pub can_add: bool,
    /// So many left in this survey; their lines are the last.
    pub left: usize,
    pub list: List,
}

/// What the bar of a roster stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RosterLine {
    Row(At),
    Add,
    GoOn,
    /// Somebody who left in this survey, by number.
    Left(u32),
}

impl Rows {
    pub fn line(&self, at: usize) -> RosterLine {
        match self.rows.get(at) {
            Some(row) => RosterLine::Row(*row),
            None if self.can_add && at == self.rows.len() => RosterLine::Add,
            None => match at.checked_sub(self.rows.len() + usize::from(self.can_add)) {
                Some(behind) if behind > 0 && behind <= self.left => RosterLine::Left(behind as u32),
                _ => RosterLine::GoOn,
            },
        }
    }

    pub fn current(&self) -> RosterLine {
        self.list.at().map_or(RosterLine::GoOn, |at| self.line(at))
    }
}

impl AnswerInput {
    /// The entry at a question or note as the draft stands. `half` is what was typed there and could not be read.
    pub fn at(draft: &Draft, at: At, half: Option<&str>, cx: &Cx) -> AnswerInput {
        let Some(question) = draft.form().question(at.node) else { return AnswerInput::Nothing };
        let view = draft.view(at);
        if view.read_only || matches!(question.control, Control::Note | Control::Hidden) {
            return AnswerInput::Nothing;
        }
        let stood = match &view.given {
            Some(Given::Value(text)) => text.clone(),
            _ => String::new(),
        };
        let choices = choices(draft, at, question, cx);
        if choices.is_empty() {
            let shown = as_typed(question, &stood);
            let lines = crate::form::model::looks(&draft.form().node(at.node).appearance, "multiline");
            let field = match half {
                Some(half) if lines => TextField::lines(half),
                None if lines => TextField::lines(&shown),
                Some(half) => TextField::new(half),
                None => TextField::offering(&shown),
            };
            return AnswerInput::Text { field, stood: shown };
        }
        let picker = match question.value {
            ValueType::Many | ValueType::Rank => Picker::several(choices),
            _ => Picker::new(choices),
        };
        let mut picker = picker.with_chosen(&stood);
        for c in half.unwrap_or("").chars() {
            picker.key(&crate::tui::key::Key::Char(c));
        }
        AnswerInput::Choice { picker, stood }
    }

    /// The rows of the roster at `head`, the bar on the line named.
    pub fn rows(rows: Vec<At>, can_add: bool, left: usize, bar: usize) -> AnswerInput {
        let mut list = List::new(rows.len() + 1 + usize::from(can_add) + left);
        list.go(bar);
        AnswerInput::Rows(Rows { rows, can_add, left, list })
    }

    /// What stands in the field, if it is not what stood there before.
    pub fn half(&self) -> Option<String> {
        match self {
            AnswerInput::Text { field, stood } => Some(field.value()).filter(|typed| typed != stood),
            AnswerInput::Choice { picker, .. } => Some(picker.typed()).filter(|typed| !typed.is_empty()),
            _ => None,
        }
    }
}

fn choices(draft: &Draft, at: At, question: &Question, cx: &Cx) -> Vec<Choice> {
    match question.value {
        ValueType::Acknowledge => vec![Choice::new("OK", cx.word("tui.survey.acknowledge"))],
        ValueType::One | ValueType::Many | ValueType::Rank if !question.external => {
            draft.offers(at).iter().map(|offer| Choice::new(offer.name, &*offer.label)).collect()
        }
        _ => Vec::new(),
    }
}

/// A kept value as one would type it again: amounts without `.00`, the rest as it is.
fn as_typed(question: &Question, value: &str) -> String {
    match question.value {
        ValueType::Money => value.strip_suffix(".00").unwrap_or(value).to_owned(),
        _ => value.to_owned(),
    }
}

/// The answer as it stands on the sheet: covered where it is personal, a state by its name.
pub fn shown(draft: &Draft, at: At, cx: &Cx) -> String {
    let Some(question) = draft.form().question(at.node) else { return String::new() };
    match draft.given(at) {
        Some(Given::State(state)) => format!("~{}", cx.word(state_key(state))),
        Some(Given::Value(_)) => cover(question, draft.shown(at), eyes_at(draft, at)),
        None => String::new(),
    }
}

/// What somebody types in their own draft they see as typed; what came from the last survey is covered as in the dossier.
fn eyes_at(draft: &Draft, at: At) -> Eyes {
    let view = draft.view(at);
    match view.origin {
        _ if view.before.is_some() && view.before == view.given.as_ref() => Eyes::Duty,
        Origin::Asked | Origin::CarriedChanged => Eyes::Revealed,
        Origin::CarriedConfirmed | Origin::CarriedUnseen | Origin::Computed | Origin::Imported => Eyes::Duty,
    }
}

/// [`shown`], uncovered: at the question that is being answered.
pub fn shown_open(draft: &Draft, at: At, cx: &Cx) -> String {
    match draft.given(at) {
        Some(Given::State(state)) => format!("~{}", cx.word(state_key(state))),
        Some(Given::Value(_)) => draft.shown(at),
        None => String::new(),
    }
}

fn cover(question: &Question, text: String, eyes: Eyes) -> String {
    match &question.masked {
        Some(route) => route.show(&text, eyes),
        None => text,
    }
}

/// The last round's answer as people read it.
pub fn shown_before(draft: &Draft, at: At, given: &Given, cx: &Cx) -> String {
    let text = match given {
        Given::State(state) => return format!("~{}", cx.word(state_key(*state))),
        Given::Value(text) => text,
    };
    let Some(question) = draft.form().question(at.node) else { return text.clone() };
    let text = match question.value {
        ValueType::Money => Fen::from_yuan(text).map_or_else(|_| text.clone(), Fen::grouped),
        ValueType::One | ValueType::Many | ValueType::Rank => {
            let offers = draft.offers(at);
            let label = |code: &str| {
                offers.iter().find(|o| o.name == code).map_or(code.to_owned(), |o| o.label.clone().into_owned())
            };
            text.split_whitespace().map(label).collect::<Vec<_>>().join("、")
        }
        _ => text.clone(),
    };
    cover(question, text, Eyes::Duty)
}

pub fn state_key(state: crate::domain::State) -> &'static str {
    use crate::domain::State::*;
    match state {
        DontKnow => "state.dont_know",
        Refused => "state.refused",
        NotApplicable => "state.not_applicable",
        NotAsked => "state.not_asked",
        Illegible => "state.illegible",
    }
}

/// Whether a stop is one that answers are given at, or a note that is read.
pub fn is_stop(draft: &Draft, at: At, kind: StopKind, notes: bool) -> bool {
    match kind {
        StopKind::Question => !draft.view(at).read_only,
        StopKind::Note => notes,
        StopKind::Roster => true,
        StopKind::Group | StopKind::Row => false,
    }
}
