//! What keys mean on a dossier and on the page of its case.

use crate::tui::key::Key::*;
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};

/// What keys do on a dossier and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DossierAction {
    Tab(u8),
    Earlier,
    Later,
    Known,
    Mark,
    SurveyAgain,
    /// Only what changed is asked.
    Update,
    OtherForm,
    Correct,
    Reveal,
    AskQuery,
    AnswerQuery,
    CloseQuery,
}

pub static KEYS: &[&[KeyBinding]] = &[
    key_rows! { Dossier:
        helped [Char('1')] Action::Dossier(DossierAction::Tab(1)), "tui.dossier.overview";
        helped [Char('2')] Action::Dossier(DossierAction::Tab(2)), "tui.dossier.surveys";
        helped [Char('3')] Action::Dossier(DossierAction::Tab(3)), "tui.dossier.people";
        helped [Char('4')] Action::Dossier(DossierAction::Tab(4)), "tui.dossier.history";
        helped [Char('5')] Action::Dossier(DossierAction::Tab(5)), "tui.dossier.difference";
        helped [Char('6')] Action::Dossier(DossierAction::Tab(6)), "tui.dossier.why";
        helped [Char('7')] Action::Dossier(DossierAction::Tab(7)), "tui.dossier.queries";
        helped [Char('8')] Action::Dossier(DossierAction::Tab(8)), "tui.dossier.case";
        helped [Char('9')] Action::Dossier(DossierAction::Tab(9)), "tui.dossier.review";
        hinted [Tab] Action::Next, "tui.key.next_page";
        helped [BackTab] Action::Previous, "tui.key.page_before";
        hinted [Left, Char('[')] Action::Dossier(DossierAction::Earlier), "tui.key.earlier";
        hinted [Right, Char(']')] Action::Dossier(DossierAction::Later), "tui.key.later";
        helped [Char('t'), F(7)] Action::Dossier(DossierAction::Known), "tui.key.known";
        hinted [Enter] Action::Take, "tui.key.read_survey";
        hinted [Char(' '), Char('m')] Action::Dossier(DossierAction::Mark), "tui.key.mark";
        hinted [Char('s'), F(2)] Action::Dossier(DossierAction::SurveyAgain), "tui.key.survey_again";
        hinted [Char('u'), F(10)] Action::Dossier(DossierAction::Update), "tui.key.update";
        helped [Char('f'), F(6)] Action::Dossier(DossierAction::OtherForm), "tui.key.other_form";
        hinted [Char('c'), F(4)] Action::Dossier(DossierAction::Correct), "tui.key.correct";
        hinted [Char('v'), F(5)] Action::Dossier(DossierAction::Reveal), "tui.key.reveal";
        hinted [Char('a'), F(3)] Action::Dossier(DossierAction::AskQuery), "tui.key.query_ask";
        hinted [Char('r'), F(8)] Action::Dossier(DossierAction::AnswerQuery), "tui.key.query_answer";
        hinted [Char('x'), F(9)] Action::Dossier(DossierAction::CloseQuery), "tui.key.query_close";
    },
    key_rows! { Case:
        hinted [Enter] Action::Take, "tui.key.take_step";
    },
];
pub static SCOPES: &[&[KeyScope]] = &[
    &[KeyScope::Dossier, KeyScope::List, KeyScope::Letters],
    &[KeyScope::Narrowed],
    &[KeyScope::Case, KeyScope::Dossier, KeyScope::List, KeyScope::Letters],
];
