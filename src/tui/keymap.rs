//! The one key table. Hints, help, palette, key card and tests are printed from it, so what is said is what is so.
//!
//! A row belongs to a *scope*; a screen names the scopes that count just now, the nearest first. In a typing scope
//! letters and digits are text, so its rows hold none. Nothing needs Alt; Ctrl-S, Q, Z, M, I, J and H are never bound
//! (some terminals stop on the first three, the others *are* Enter, Tab and Backspace), and every function key has a twin
//! without one, since they are spelt differently by every client.

use super::key::Key;
use super::screen::Cx;
use super::screens::campaigns::CampaignAction;
use super::screens::dossier::DossierAction;
use super::screens::fund::FundAction;
use super::screens::lookup::LookupAction;
use super::screens::roll::RollAction;
use super::screens::round::RoundAction;
use super::screens::step::StepAction;
use super::screens::survey::SurveyAction;
use super::screens::survey_text::SurveyTextAction;
use super::screens::today::TodayAction;
use super::{screens, text};

/// What a key means: moving and leaving are alike everywhere, all else is a screen's own. What is *done* then belongs to the
/// screen, and below it to `command`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    // Everywhere.
    Help,
    Menu,
    Language,
    Lines,
    Redraw,
    /// Line by line instead of on a screen, or the other way round.
    Linear,
    Leave,
    // Moving and choosing.
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Next,
    Previous,
    Take,
    Back,
    /// The n-th, counted from 1; 0 is the tenth.
    Pick(u8),
    Yes,
    No,
    /// How a household stands, from anywhere.
    Glance,
    // A screen's own.
    Today(TodayAction),
    Lookup(LookupAction),
    Dossier(DossierAction),
    Step(StepAction),
    Survey(SurveyAction),
    SurveyText(SurveyTextAction),
    Roll(RollAction),
    Round(RoundAction),
    Fund(FundAction),
    Campaign(CampaignAction),
}

/// Where a key counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyScope {
    /// Always, on every screen, while typing too.
    Everywhere,
    /// Screens without a text field: plain letters are free for commands.
    Letters,
    /// A list or table.
    List,
    /// A list below a text field that narrows it.
    Narrowed,
    /// A question with two answers.
    YesNo,
    /// A text to read.
    Reading,
    /// A survey, whatever its present question.
    Survey,
    /// A survey's question answered by typing.
    SurveyField,
    /// A survey's ID number that stands in another dossier too.
    SurveyElsewhere,
    /// A survey's question answered by choosing.
    SurveyChoice,
    /// Why there is no answer, in a survey.
    SurveyStates,
    /// A survey's roster, row by row.
    SurveyRows,
    /// A pasted block, before it fills rows.
    SurveyPaste,
    /// The last page of a survey.
    SurveyFinish,
    /// The first screen.
    Today,
    /// Looking for a household.
    Lookup,
    /// A household's dossier.
    Dossier,
    /// The dossier's page of its case.
    Case,
    /// Lines to fill in over a screen.
    Entries,
    /// A kept survey, read.
    SurveyText,
    /// The roll.
    Roll,
    /// Rounds of surveys.
    Round,
    /// The fund.
    Fund,
    /// Campaigns and their lines.
    Campaigns,
    /// The bureau's settings.
    Bureau,
}

impl KeyScope {
    /// Whether letters and digits are text here.
    pub fn is_typing(self) -> bool {
        matches!(
            self,
            KeyScope::Everywhere
                | KeyScope::Narrowed
                | KeyScope::Survey
                | KeyScope::SurveyField
                | KeyScope::SurveyElsewhere
                | KeyScope::SurveyChoice
                | KeyScope::Lookup
                | KeyScope::Entries
        )
    }

    /// The message key of the scope's heading in help and key card.
    pub fn heading(self) -> &'static str {
        match self {
            KeyScope::Everywhere => "tui.scope.everywhere",
            KeyScope::Letters => "tui.scope.letters",
            KeyScope::List => "tui.scope.list",
            KeyScope::Narrowed => "tui.scope.narrowed",
            KeyScope::YesNo => "tui.scope.yes_no",
            KeyScope::Reading => "tui.scope.reading",
            KeyScope::Survey => "tui.scope.survey",
            KeyScope::SurveyField => "tui.scope.survey_field",
            KeyScope::SurveyElsewhere => "tui.scope.survey_elsewhere",
            KeyScope::SurveyChoice => "tui.scope.survey_choice",
            KeyScope::SurveyStates => "tui.scope.survey_states",
            KeyScope::SurveyRows => "tui.scope.survey_rows",
            KeyScope::SurveyPaste => "tui.scope.survey_paste",
            KeyScope::SurveyFinish => "tui.scope.survey_finish",
            KeyScope::Today => "tui.scope.today",
            KeyScope::Lookup => "tui.scope.lookup",
            KeyScope::Dossier => "tui.scope.dossier",
            KeyScope::Case => "tui.scope.case",
            KeyScope::Entries => "tui.scope.entries",
            KeyScope::SurveyText => "tui.scope.survey_text",
            KeyScope::Roll => "tui.scope.roll",
            KeyScope::Round => "tui.scope.round",
            KeyScope::Fund => "tui.scope.fund",
            KeyScope::Campaigns => "tui.scope.campaigns",
            KeyScope::Bureau => "tui.scope.bureau",
        }
    }
}

/// One row of the key table.
pub struct KeyBinding {
    pub scope: KeyScope,
    /// The first is the one that is shown; the others are its twins.
    pub keys: &'static [Key],
    pub action: Action,
    /// The message key of the few words that say what it does.
    pub help: &'static str,
    /// Shown in the line of hints, not only in help.
    pub hint: bool,
}

/// Writes rows of the table: `hinted` ones stand in the line of hints.
#[macro_export]
#[doc(hidden)]
macro_rules! key_rows {
    ($scope:ident: $($show:ident [$($key:expr),+] $action:expr, $help:literal;)+) => {
        &[$($crate::tui::keymap::KeyBinding {
            scope: $crate::tui::keymap::KeyScope::$scope,
            keys: &[$($key),+],
            action: $action,
            help: $help,
            hint: $crate::key_rows!(@show $show),
        }),+]
    };
    (@show hinted) => { true };
    (@show helped) => { false };
}
pub use crate::key_rows;

use Key::*;

static GENERAL: &[&[KeyBinding]] = &[
    key_rows! { Everywhere:
        hinted [F(1), Ctrl('k')] Action::Help, "tui.key.help";
        helped [Ctrl('p')] Action::Menu, "tui.key.menu";
        helped [F(12), Ctrl('t')] Action::Language, "tui.key.language";
        helped [Ctrl('b')] Action::Lines, "tui.key.lines";
        helped [Ctrl('l')] Action::Redraw, "tui.key.redraw";
        helped [Ctrl('c')] Action::Leave, "tui.key.leave";
        helped [Insert] Action::Glance, "tui.key.glance";
    },
    key_rows! { Letters:
        helped [Char('=')] Action::Glance, "tui.key.glance";
        helped [Char('?')] Action::Help, "tui.key.help";
        hinted [Esc] Action::Back, "tui.key.back";
        helped [Char(':')] Action::Menu, "tui.key.menu";
    },
    key_rows! { List:
        hinted [Enter, Right] Action::Take, "tui.key.take";
        helped [Up, Char('k')] Action::Up, "tui.key.up";
        helped [Down, Char('j')] Action::Down, "tui.key.down";
        helped [PageUp] Action::PageUp, "tui.key.page_up";
        helped [PageDown] Action::PageDown, "tui.key.page_down";
        helped [Home] Action::First, "tui.key.first";
        helped [End] Action::Last, "tui.key.last";
        helped [Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')]
            Action::Pick(0), "tui.key.pick";
    },
    key_rows! { Narrowed:
        hinted [Enter] Action::Take, "tui.key.take";
        hinted [Esc] Action::Back, "tui.key.back";
        helped [Up] Action::Up, "tui.key.up";
        helped [Down, Tab] Action::Down, "tui.key.down";
        helped [PageUp] Action::PageUp, "tui.key.page_up";
        helped [PageDown] Action::PageDown, "tui.key.page_down";
    },
    key_rows! { YesNo:
        hinted [Char('y'), Char('1')] Action::Yes, "tui.key.yes";
        hinted [Char('n'), Char('2'), Esc] Action::No, "tui.key.no";
    },
    key_rows! { Reading:
        hinted [Esc, Enter] Action::Back, "tui.key.back";
        helped [Up] Action::Up, "tui.key.up";
        helped [Down] Action::Down, "tui.key.down";
        helped [PageUp] Action::PageUp, "tui.key.page_up";
        helped [PageDown, Char(' ')] Action::PageDown, "tui.key.page_down";
        helped [Home] Action::First, "tui.key.first";
        helped [End] Action::Last, "tui.key.last";
    },
];

/// Every row there is.
pub fn table() -> impl Iterator<Item = &'static KeyBinding> {
    GENERAL.iter().chain(screens::KEYS.iter().copied().flatten()).copied().flatten()
}

/// What the key means where these scopes count, the nearest first.
pub fn action(scopes: &[KeyScope], key: &Key) -> Option<Action> {
    let plain = key.plain();
    let everywhere = if scopes.contains(&KeyScope::Everywhere) { None } else { Some(KeyScope::Everywhere) };
    let row = scopes
        .iter()
        .copied()
        .chain(everywhere)
        .find_map(|scope| table().find(|row| row.scope == scope && row.keys.contains(&plain)))?;
    Some(match (row.action, &plain) {
        (Action::Pick(_), Key::Char(digit)) => Action::Pick(digit.to_digit(10).unwrap_or(0) as u8),
        (action, _) => action,
    })
}

/// A row as it counts now: with those of its keys that no nearer scope has taken.
pub struct Live {
    pub row: &'static KeyBinding,
    pub keys: Vec<&'static Key>,
}

impl Live {
    /// `F6`, or `1-9` for a row of digits.
    pub fn label(&self) -> String {
        match (self.row.action, &self.keys[..]) {
            (Action::Pick(_), _) => "1-9".into(),
            (_, [first, ..]) => first.label(),
            (_, []) => String::new(),
        }
    }

    /// All keys: `F6 Ctrl-G`.
    pub fn labels(&self) -> String {
        match self.row.action {
            Action::Pick(_) => "1-9".into(),
            _ => self.keys.iter().map(|key| key.label()).collect::<Vec<_>>().join(" "),
        }
    }
}

/// The rows that count where these scopes do, each action once, the nearest scope first.
pub fn live(scopes: &[KeyScope]) -> Vec<Live> {
    let same = |a: Action, b: Action| a == b || matches!((a, b), (Action::Pick(_), Action::Pick(_)));
    let mut rows: Vec<Live> = Vec::new();
    for scope in scopes.iter().copied().chain([KeyScope::Everywhere]) {
        for row in table().filter(|row| row.scope == scope) {
            let keys: Vec<_> =
                row.keys.iter().filter(|key| action(scopes, key).is_some_and(|a| same(a, row.action))).collect();
            match rows.iter_mut().find(|known| same(known.row.action, row.action)) {
                Some(known) => {
                    for key in keys {
                        if !known.keys.contains(&key) {
                            known.keys.push(key);
                        }
                    }
                }
                None if !keys.is_empty() => rows.push(Live { row, keys }),
                None => {}
            }
        }
    }
    rows
}

/// The key card of the README: one row a scope.
pub fn card(cx: &Cx) -> String {
    let mut scopes: Vec<KeyScope> = Vec::new();
    for row in table() {
        if !scopes.contains(&row.scope) {
            scopes.push(row.scope);
        }
    }
    let mut out = "| | |\n|---|---|\n".to_owned();
    for scope in scopes {
        let keys = table().filter(|row| row.scope == scope).map(|row| {
            let keys = Live { row, keys: row.keys.iter().collect() }.labels();
            format!("`{}` {}", text::clean(&keys), cx.word(row.help))
        });
        let keys: Vec<String> = keys.collect();
        out.push_str(&format!("| **{}** | {} |\n", cx.word(scope.heading()), keys.join(" · ")));
    }
    out
}
