//! The survey's rows of the key table, and which of them count together.
//!
//! Where one types, Esc opens the menu of everything that can be done: it never leaves, and never takes back a word.

use crate::tui::key::Key::{self, *};
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};

/// What keys do on a survey and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SurveyAction {
    InsertRow,
    RemoveRow,
    /// When and why whoever a new row is about came.
    Joined,
    Confirm,
    GoTo,
    Why,
    States,
    NextProblem,
    Finish,
    Force,
    /// The other dossier in which this ID number stands.
    OpenOther,
    Repeat,
    /// What was carried into this section stands as it is.
    ConfirmSection,
    /// Last round's answers beside this one's.
    Beside,
    Note,
    Mode,
    /// The present question's texts from beginning to end.
    Whole,
    /// Which of the form's languages is spoken.
    FormLanguage,
    KeepDraft,
    Undo,
    Redo,
    Refusal,
    Submit,
    /// The rows of a pasted block.
    Fill,
    Clear,
}

pub static KEYS: &[&[KeyBinding]] = &[
    key_rows! { SurveyElsewhere:
        hinted [F(5), Ctrl('r')] Action::Survey(SurveyAction::OpenOther), "tui.key.open_other";
    },
    key_rows! { SurveyField:
        helped [Up] Action::Up, "tui.key.up";
        helped [Down] Action::Down, "tui.key.down";
    },
    key_rows! { SurveyChoice:
        helped [Up] Action::Up, "tui.key.up";
        helped [Down] Action::Down, "tui.key.down";
    },
    key_rows! { SurveyRows:
        hinted [Enter] Action::Take, "tui.key.take";
        hinted [Char('a'), Char('+'), Key::Insert] Action::Survey(SurveyAction::InsertRow), "tui.key.insert_row";
        hinted [Char('d'), Char('-'), Key::Delete] Action::Survey(SurveyAction::RemoveRow), "tui.key.remove_row";
        hinted [Char('c')] Action::Survey(SurveyAction::Confirm), "tui.key.confirm";
        helped [Char('/'), Tab] Action::Next, "tui.key.past_roster";
        helped [Up, Char('k')] Action::Up, "tui.key.up";
        helped [Down, Char('j')] Action::Down, "tui.key.down";
        helped [Home] Action::First, "tui.key.first";
        helped [End] Action::Last, "tui.key.last";
        helped [Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')]
            Action::Pick(0), "tui.key.pick";
        helped [Char('?')] Action::Help, "tui.key.help";
        hinted [Esc, Char(':')] Action::Menu, "tui.key.menu_short";
        hinted [Char('g')] Action::Survey(SurveyAction::GoTo), "tui.key.go_to";
        helped [Char('w')] Action::Survey(SurveyAction::Why), "tui.key.why";
        helped [Char('e')] Action::Survey(SurveyAction::Joined), "tui.key.joined";
    },
    key_rows! { Survey:
        hinted [Enter] Action::Take, "tui.key.enter_answer";
        hinted [Esc] Action::Menu, "tui.key.menu_short";
        helped [Tab] Action::Next, "tui.key.next_question";
        helped [BackTab] Action::Previous, "tui.key.previous_question";
        hinted [F(6), Ctrl('g')] Action::Survey(SurveyAction::GoTo), "tui.key.go_to";
        hinted [F(8), Ctrl('y')] Action::Survey(SurveyAction::States), "tui.key.states";
        hinted [F(10), Ctrl('e')] Action::Survey(SurveyAction::NextProblem), "tui.key.next_problem";
        hinted [F(9), Ctrl('x')] Action::Survey(SurveyAction::Finish), "tui.key.finish";
        hinted [F(2), Ctrl('f')] Action::Survey(SurveyAction::Force), "tui.key.force";
        hinted [F(5), Ctrl('r')] Action::Survey(SurveyAction::Repeat), "tui.key.repeat";
        hinted [Ctrl(']')] Action::Survey(SurveyAction::ConfirmSection), "tui.key.confirm_section";
        helped [Ctrl('\\')] Action::Survey(SurveyAction::Beside), "tui.key.beside";
        helped [F(7), Ctrl('n')] Action::Survey(SurveyAction::Note), "tui.key.note";
        helped [F(3), Ctrl('a')] Action::Survey(SurveyAction::InsertRow), "tui.key.insert_row";
        helped [F(4), Ctrl('d')] Action::Survey(SurveyAction::RemoveRow), "tui.key.remove_row";
        helped [PageUp] Action::PageUp, "tui.key.section_before";
        helped [PageDown] Action::PageDown, "tui.key.section_after";
        helped [F(11), Ctrl('v')] Action::Survey(SurveyAction::Mode), "tui.key.mode";
        helped [Ctrl('o')] Action::Survey(SurveyAction::Why), "tui.key.why";
        helped [Key::Insert] Action::Survey(SurveyAction::Whole), "tui.key.whole";
        helped [Ctrl('b')] Action::Survey(SurveyAction::FormLanguage), "tui.key.form_language";
        helped [Ctrl('w')] Action::Survey(SurveyAction::KeepDraft), "tui.key.keep_draft";
        // Behind what is always there: the menu's numbers are learned, and these come and go with every answer.
        helped [Ctrl('_')] Action::Survey(SurveyAction::Undo), "tui.key.undo";
        helped [Ctrl('^')] Action::Survey(SurveyAction::Redo), "tui.key.redo";
    },
    key_rows! { SurveyStates:
        hinted [Char('r'), F(8), Char('0')] Action::Survey(SurveyAction::Refusal), "tui.key.refusal";
    },
    key_rows! { SurveyPaste:
        hinted [F(2), Ctrl('f')] Action::Survey(SurveyAction::Fill), "tui.key.fill";
    },
    key_rows! { SurveyFinish:
        // None of the keys that lead to this page, and none that is text: whoever typed ahead meant an answer by it.
        hinted [F(2), Ctrl('f')] Action::Survey(SurveyAction::Submit), "tui.key.submit";
        helped [Ctrl('w')] Action::Survey(SurveyAction::KeepDraft), "tui.key.keep_draft";
    },
];

/// Indexes into [`SCOPES`].
pub const FIELD: usize = 0;
pub const CHOICE: usize = 1;
pub const ROWS: usize = 2;
pub const BOX: usize = 3;
pub const STATES: usize = 4;
pub const REMOVAL: usize = 5;
pub const FINISH: usize = 6;
pub const DONE: usize = 7;
pub const WHY: usize = 8;
pub const MISSING: usize = 9;
pub const ELSEWHERE: usize = 10;
pub const PASTE: usize = 11;

pub static SCOPES: &[&[KeyScope]] = &[
    &[KeyScope::SurveyField, KeyScope::Survey],
    &[KeyScope::SurveyChoice, KeyScope::Survey],
    &[KeyScope::SurveyRows, KeyScope::Survey],
    &[KeyScope::Narrowed],
    &[KeyScope::SurveyStates, KeyScope::List, KeyScope::Letters],
    &[KeyScope::YesNo],
    &[KeyScope::SurveyFinish, KeyScope::Letters],
    &[KeyScope::Reading],
    &[KeyScope::List, KeyScope::Letters],
    &[KeyScope::SurveyFinish, KeyScope::List, KeyScope::Letters],
    &[KeyScope::SurveyElsewhere, KeyScope::SurveyField, KeyScope::Survey],
    &[KeyScope::SurveyPaste, KeyScope::List, KeyScope::Letters],
];
