//! A survey being answered at the keyboard: type, Enter, type, Enter.
//!
//! It knows the draft and the sheet on screen. It does not know files, dossiers or rules: steps go out through a
//! [`Keeper`], and what a finished survey becomes comes back through it.
//! Start reading at `walk.rs` (`Survey::forward` is one answer's way), then `entry.rs` (what is typed) and `sheet.rs` (how it
//! looks).

mod entry;
mod finish;
mod keeper;
mod keys;
mod over;
mod rosters;
mod sheet;
mod walk;
mod way;
mod whole;
mod why;

pub use keeper::{Finished, Keeper, NotTaken};
pub use keys::{KEYS, SCOPES};

use crate::domain::{Explain, Given, Message, Path, Step};
use crate::form::model::NodeId;
use crate::form::problem::{Problem, What};
use crate::form::{At, Draft, Moved, RowId, ValueType};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, Scope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::widgets::Reader;
use entry::{Entry, Line};
use over::Over;
use std::cell::Cell;
use std::collections::HashMap;
use way::Way;

/// After a step the draft is synced within so many milliseconds.
const SYNC_MS: u64 = 150;
/// So often it is asked whether the disk has it.
const LOOK_MS: u64 = 5;
/// So long after it could not be kept it is tried again.
const AGAIN_MS: u64 = 2_000;
/// So long after the last letter a text that is on the disk is called so: said and unsaid at every letter, it would cost a
/// thin line more than the letters.
const CALM_MS: u64 = 1_000;

/// How the cursor goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// 访谈: notes are read, a problem is pointed out once before the cursor goes on.
    #[default]
    Interview,
    /// 录入: paper order; a choice or a date that is complete goes on by itself, problems are only marked.
    HeadsDown,
}

/// Which page of the survey is shown.
enum Stage {
    Answering,
    /// What is missing, what is off the route, and *submit*.
    Finishing(finish::Finishing),
    /// Someone went on with the dossier meanwhile: keep both, or go back?
    Moved(Message),
    /// What became of it.
    Done(Finished, Reader),
}

pub struct Survey {
    draft: Draft,
    keeper: Box<dyn Keeper>,
    /// Whom it is about: name, unit, number; in the first line of the screen.
    about: String,
    mode: Mode,
    stage: Stage,
    at: At,
    entry: Entry,
    over: Option<Over>,
    /// Not told yet.
    moved: Vec<Moved>,
    way: Way,
    /// The problem of this place was pointed out: the next Enter goes on.
    warned: Option<At>,
    /// Why the typed text could not be kept; under the field.
    refusal: Option<Message>,
    /// Typed texts that could not be read, by place: they wait where they were typed.
    halves: HashMap<At, String>,
    /// A remark or a reason whose box was closed before it was entered.
    unsent: String,
    /// Keeping failed; shown until it succeeds again.
    trouble: Option<Message>,
    sync_due: Option<u64>,
    /// Somebody was typing until shortly before.
    calm_at: Option<u64>,
    /// Who else has the household open.
    others: Option<Message>,
    /// Lines for the sheet, as of the last drawing.
    lines: Cell<usize>,
    /// Texts of the present question were cut, as of the last drawing.
    cut: Cell<bool>,
    /// The form's language that was chosen by hand.
    chosen_language: Option<usize>,
}

impl Survey {
    /// Opens the draft where its cursor was left. `halves` are the texts that stood in fields, not yet entered.
    pub fn new(
        draft: Draft,
        keeper: Box<dyn Keeper>,
        about: impl Into<String>,
        halves: impl IntoIterator<Item = (Path, String)>,
    ) -> Survey {
        let way = Way::of(&draft, true);
        let at = draft.cursor().filter(|at| way.index(*at).is_some()).or_else(|| way.first_from(0));
        // A form without a question stands at its first node, and Enter leads to the last page.
        let at = at.unwrap_or(At { row: RowId::ROOT, node: NodeId(0) });
        let halves = halves.into_iter().filter_map(|(path, text)| draft.at(&path).map(|at| (at, text))).collect();
        Survey {
            draft,
            keeper,
            about: about.into(),
            mode: Mode::default(),
            stage: Stage::Answering,
            at,
            entry: Entry::Nothing,
            over: None,
            moved: Vec::new(),
            way,
            warned: None,
            refusal: None,
            halves,
            unsent: String::new(),
            trouble: None,
            sync_due: None,
            calm_at: None,
            others: None,
            lines: Cell::new(10),
            cut: Cell::new(false),
            chosen_language: None,
        }
    }

    pub fn with_mode(mut self, mode: Mode) -> Survey {
        self.mode = mode;
        self
    }

    /// Says something under the first question: what was met when the draft was opened.
    pub fn saying(mut self, word: Message) -> Survey {
        self.refusal = Some(word);
        self
    }

    /// Lists, over the first question, what is not as it was since the form changed.
    pub fn with_moved(mut self, moved: Vec<Moved>) -> Survey {
        self.moved = moved;
        self
    }

    /// The draft as it stands; for tests and for whoever opened the screen.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Applies a step and has it kept. `false` when the draft refused it; why is then said under the field.
    fn step(&mut self, step: Step, cx: &Cx) -> bool {
        let outcome = self.draft.apply(&step);
        if let Some(Problem { what: What::Refused(_) | What::NotRead(_), .. }) = &outcome.problem {
            self.refusal = outcome.problem.map(|problem| problem.explain());
            return false;
        }
        self.kept(step, cx);
        true
    }

    fn kept(&mut self, step: Step, cx: &Cx) {
        self.trouble = self.keeper.keep(&mut self.draft, &step).err();
        self.sync_due.get_or_insert(cx.at_ms + SYNC_MS);
        self.calm_at = None;
        if !matches!(step, Step::Cursor { .. }) {
            self.way = Way::of(&self.draft, self.mode == Mode::Interview);
        }
    }

    /// The words for whether what was given is on the disk.
    fn how_kept(&self) -> &'static str {
        match (&self.trouble, self.sync_due.or(self.calm_at)) {
            (Some(_), _) => "tui.survey.not_kept",
            (None, Some(_)) => "tui.survey.keeping",
            (None, None) => "tui.survey.kept",
        }
    }

    fn sync(&mut self) {
        (self.sync_due, self.calm_at) = (None, None);
        self.trouble = self.keeper.sync().err();
    }

    /// Brings the last round's answer into the field; Enter then keeps it.
    fn repeat(&mut self) -> Then {
        let before = match self.draft.view(self.at).before {
            Some(Given::Value(text)) => text.clone(),
            _ => return Then::Say(Message::new("tui.survey.nothing_before")),
        };
        match &mut self.entry {
            Entry::Text { field, .. } => {
                let text = before.strip_suffix(".00").unwrap_or(&before);
                *field = crate::tui::widgets::Field::new(text);
            }
            Entry::Choice { picker, .. } => *picker = picker.clone().with_chosen(&before),
            _ => return Then::Ignore,
        }
        self.keeper.typing(&self.draft.path(self.at), &self.entry.half().unwrap_or_default());
        Then::Stay
    }

    fn clear(&mut self, cx: &Cx) -> Then {
        if self.draft.given(self.at).is_none() {
            return Then::Ignore;
        }
        let path = self.draft.path(self.at);
        let done = self.step(Step::Set { path, value: String::new() }, cx);
        let _ = self.taken(done, cx);
        Then::Stay
    }

    /// In the heads-down mode an answer that can't grow any more goes on by itself.
    fn is_complete(&self) -> bool {
        let Some(question) = self.draft.form().question(self.at.node) else { return false };
        match &self.entry {
            Entry::Choice { picker, .. } => picker.is_settled(),
            Entry::Text { field, .. } => {
                let typed = field.value();
                let digits = typed.chars().all(|c| crate::domain::money::narrow_char(c).is_ascii_alphanumeric());
                match question.value {
                    ValueType::Date => digits && typed.chars().count() == 8,
                    ValueType::IdNumber => digits && typed.chars().count() == 18,
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn switch_mode(&mut self) -> Then {
        self.mode = match self.mode {
            Mode::Interview => Mode::HeadsDown,
            Mode::HeadsDown => Mode::Interview,
        };
        self.way = Way::of(&self.draft, self.mode == Mode::Interview);
        Then::Say(Message::new(match self.mode {
            Mode::Interview => "tui.survey.now_interview",
            Mode::HeadsDown => "tui.survey.now_heads_down",
        }))
    }

    fn act_answering(&mut self, action: Action, cx: &Cx) -> Then {
        if let Some(then) = self.takes_line(action, cx) {
            return then;
        }
        match action {
            Action::Take => self.forward(cx),
            Action::Whole => self.show_whole(),
            Action::FormLanguage => self.choose_language(),
            Action::Down if matches!(self.entry, Entry::Text { .. } | Entry::Nothing) => {
                self.leave_field(cx);
                self.go_on(cx);
            }
            Action::Next => {
                self.leave_field(cx);
                match self.entry {
                    Entry::Rows(_) => self.take_line(Line::GoOn, cx),
                    _ => self.go_on(cx),
                }
            }
            Action::Previous => {
                self.leave_field(cx);
                self.go_back(cx);
            }
            Action::PageUp => return self.turn(-1, cx),
            // As in a pager: first what is left of the text, then the next section.
            Action::PageDown if self.cut.get() => self.show_whole(),
            Action::PageDown => return self.turn(1, cx),
            Action::NextProblem => return self.next_problem(cx),
            Action::Insert => self.insert_row(cx),
            Action::Remove => return self.ask_removal(),
            Action::Confirm => return self.confirm(cx),
            Action::Repeat => return self.repeat(),
            Action::Clear => return self.clear(cx),
            Action::Mode => return self.switch_mode(),
            Action::GoTo => self.over = Some(self.go_to(cx)),
            Action::Why => self.over = Some(Over::Why(Box::new(self.why(self.row_or_here(), Vec::new(), cx)))),
            Action::States => self.over = Some(Over::states()),
            Action::Note => self.over = Some(Over::note(&self.unsent)),
            Action::Force => return self.ask_reason(),
            Action::Finish => {
                self.leave_field(cx);
                self.finish();
            }
            Action::KeepDraft => {
                self.leave_field(cx);
                return Then::CloseSaying(Message::new("tui.survey.draft_kept"));
            }
            moving => match &mut self.entry {
                Entry::Choice { picker, .. } => {
                    picker.act(moving);
                }
                Entry::Rows(rows) => {
                    if let crate::tui::widgets::list::Moved::Picked(at) = rows.list.act(moving) {
                        let line = rows.line(at);
                        self.take_line(line, cx);
                    }
                }
                _ => return Then::Ignore,
            },
        }
        Then::Stay
    }
}

impl Screen for Survey {
    fn title(&self, _cx: &Cx) -> String {
        format!("{}  {}", self.form_title(), self.about)
    }

    fn status(&self, cx: &Cx) -> String {
        let (answered, asked) = self.way.progress();
        let mode = cx.word(match self.mode {
            Mode::Interview => "tui.survey.interview",
            Mode::HeadsDown => "tui.survey.heads_down",
        });
        let kept = cx.word(self.how_kept());
        match &self.others {
            // The line has no room for all of it.
            Some(others) => format!("{}  {answered}/{asked} {kept}", cx.say(others)),
            None => format!("{answered}/{asked} {mode} {kept}"),
        }
    }

    fn scopes(&self) -> &'static [Scope] {
        let at = match (&self.stage, &self.over, &self.entry) {
            (Stage::Finishing(_), ..) => keys::FINISH,
            (Stage::Moved(_), ..) => keys::REMOVAL,
            (Stage::Done(..), ..) => keys::DONE,
            (_, Some(Over::States { .. }), _) => keys::STATES,
            (_, Some(Over::Removal(_)), _) => keys::REMOVAL,
            (_, Some(Over::Why(_) | Over::Languages(_)), _) => keys::WHY,
            (_, Some(Over::Whole(_)), _) => keys::DONE,
            (_, Some(_), _) => keys::BOX,
            (_, None, Entry::Rows(_)) => keys::ROWS,
            (_, None, Entry::Choice { .. }) => keys::CHOICE,
            (_, None, _) => keys::FIELD,
        };
        SCOPES[at]
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Insert | Action::Remove => self.roster_here().is_some(),
            Action::Force => self.draft.problems_at(self.at).iter().any(may_pass),
            Action::Repeat => self.draft.view(self.at).before.is_some(),
            Action::States => matches!(self.entry, Entry::Text { .. } | Entry::Choice { .. }),
            Action::Menu => self.over.is_none(),
            Action::FormLanguage => self.draft.form().languages.len() > 1,
            Action::Confirm => match &self.entry {
                Entry::Rows(rows) => {
                    matches!(rows.current(), Line::Row(row) if self.draft.carried(row.row) == Some(false))
                }
                _ => false,
            },
            Action::Submit => matches!(&self.stage, Stage::Finishing(page) if page.is_clear()),
            _ => true,
        }
    }

    fn act(&mut self, action: Action, cx: &Cx) -> Then {
        match (&mut self.stage, &self.over) {
            (Stage::Done(_, reader), _) => match action {
                Action::Back => Then::Close,
                moving => reader.act(moving),
            },
            (Stage::Moved(_), _) => match action {
                Action::Yes => self.submit(true),
                Action::No => {
                    self.finish();
                    Then::Stay
                }
                _ => Then::Ignore,
            },
            (Stage::Finishing(_), _) => self.act_finishing(action, cx),
            (Stage::Answering, Some(_)) => self.act_over(action, cx),
            (Stage::Answering, None) => self.act_answering(action, cx),
        }
    }

    fn typed(&mut self, key: &Key, cx: &Cx) -> Then {
        if !matches!(self.stage, Stage::Answering) {
            return Then::Ignore;
        }
        if self.over.is_some() {
            return self.typed_over(key, cx);
        }
        let taken = match &mut self.entry {
            Entry::Text { field, .. } => field.key(key),
            Entry::Choice { picker, .. } => {
                // Nothing is typed, and the key that deletes is pressed: the answer itself is meant.
                if picker.typed().is_empty() && matches!(key, Key::Delete | Key::Backspace) {
                    return self.clear(cx);
                }
                picker.key(key)
            }
            _ => false,
        };
        if !taken {
            return Then::Ignore;
        }
        self.typed_text(cx);
        if self.mode == Mode::HeadsDown && matches!(key, Key::Char(_)) && self.is_complete() {
            self.forward(cx);
        }
        Then::Stay
    }

    fn draw(&self, page: &mut Page<'_>) {
        match &self.stage {
            Stage::Answering => self.draw_sheet(page),
            Stage::Finishing(finishing) => self.draw_finishing(page, finishing),
            Stage::Moved(why) => finish::draw_moved(page, why),
            Stage::Done(finished, reader) => finish::draw_done(page, finished, reader),
        }
    }

    fn barred(&mut self) -> Option<Message> {
        // What is done already can be read to its end.
        if matches!(self.stage, Stage::Done(..)) { None } else { self.keeper.barred() }
    }

    fn news(&mut self, cx: &Cx) -> bool {
        let before = std::mem::replace(&mut self.others, self.keeper.others(cx.lang));
        self.others != before
    }

    fn speak(&mut self, cx: &Cx) {
        self.respeak(cx);
    }

    fn deadline(&self) -> Option<u64> {
        [self.sync_due, self.calm_at].into_iter().flatten().min()
    }

    fn tick(&mut self, cx: &Cx) -> Then {
        let before = (self.how_kept(), self.trouble.clone());
        if self.sync_due.is_some_and(|due| due <= cx.at_ms) {
            (self.trouble, self.sync_due) = match self.keeper.sync_behind() {
                Ok(true) => (None, None),
                // Whoever types on does not wait for the disk.
                Ok(false) => (None, Some(cx.at_ms + LOOK_MS)),
                Err(trouble) => (Some(trouble), Some(cx.at_ms + AGAIN_MS)),
            };
        }
        self.calm_at = self.calm_at.filter(|calm| *calm > cx.at_ms);
        let same = (self.how_kept(), self.trouble.clone()) == before;
        if same { Then::Ignore } else { Then::Stay }
    }

    fn leave(&mut self) {
        self.sync();
    }
}

impl Survey {
    /// What stands in the field is written down with the draft, so that a lost line loses no word.
    fn typed_text(&mut self, cx: &Cx) {
        self.refusal = None;
        self.keeper.typing(&self.draft.path(self.at), &self.entry.half().unwrap_or_default());
        self.sync_due.get_or_insert(cx.at_ms + SYNC_MS);
        self.calm_at = Some(cx.at_ms + CALM_MS);
    }

    fn respeak(&mut self, cx: &Cx) {
        self.others = self.keeper.others(cx.lang);
        let language = self.language_spoken(cx.lang);
        self.draft.speak(language);
        self.way = Way::of(&self.draft, self.mode == Mode::Interview);
        let half = self.entry.half().or_else(|| self.halves.get(&self.at).cloned());
        if let Some(half) = half.filter(|half| !half.is_empty()) {
            self.halves.insert(self.at, half);
        }
        let bar = match &self.entry {
            Entry::Rows(rows) => rows.list.at().unwrap_or(0),
            _ => 0,
        };
        self.enter(bar, cx);
        if !self.moved.is_empty() {
            let moved = std::mem::take(&mut self.moved);
            self.over = Some(Over::Why(Box::new(self.told(&moved, cx))));
        }
        if let Stage::Finishing(_) = self.stage {
            self.finish();
        }
    }

    fn form_title(&self) -> String {
        self.draft.form().title.clone()
    }
}

/// Whether a problem may be passed with a reason.
fn may_pass(problem: &Problem) -> bool {
    matches!(problem.what, What::CheckFails { soft: true, .. } | What::SoftType { .. })
}
