//! The page of its case: where it stands, the steps that were taken, and what may be done next.

use super::Dossier;
use super::pages::Body;
use crate::command::case::CaseView;
use crate::command::{Duty, Failure, Household};
use crate::domain::case::Refusal;
use crate::domain::dossier::Status;
use crate::domain::{Explain, Message};
use crate::present::{self, Sentence};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::screens::step::{Doing, Step};
use crate::tui::widgets::presented::{self, Block};
use crate::views::Horizon;
use ratatui::layout::Rect;

/// Lines for the latest two steps: these, a blank one and their heads, and the rule below.
const STEPS_SEEN: usize = 5;

impl Dossier {
    /// Where it stands, and the steps.
    pub(super) fn stands(&self, cx: &Cx) -> Result<Body, Failure> {
        let words = self.session.words(cx.lang);
        let case = self.household()?.case(self.time.horizon())?;
        let objections = self.household()?.objections(self.time.horizon())?;
        let mut blocks = vec![Block::Fields(present::case::stands(&words, &case))];
        if !objections.is_empty() {
            blocks.push(Block::Table(present::case::objections(&words, &objections)));
        }
        // Last, since of these the latest are shown where there is no room for all.
        blocks.push(Block::Table(present::case::steps(&words, &case)));
        Ok(blocks)
    }

    /// What may be done in it, now whatever day is looked at: each with what stands in its way.
    pub(super) fn all_doings(&self, cx: &Cx) -> Vec<(Doing, Sentence)> {
        let Ok(household) = self.household() else { return Vec::new() };
        let Ok(case) = household.case(Horizon::NOW) else { return Vec::new() };
        let words = self.session.words(cx.lang);
        let steps = case.next.iter().map(|step| Doing::Step(step.to)).zip(present::case::next(&words, &case, false));
        let beside = beside(&household, &case).into_iter().map(|doing| {
            let named = words.word(&doing.word());
            (doing, Sentence::new(words.say(&Message::new("present.case.may").with("step", named))))
        });
        steps.chain(beside).collect()
    }

    /// The lines to fill in for what is under the bar; what cannot be done says why.
    pub(super) fn take_step(&self) -> Then {
        let Some((doing, _)) = self.doing.at().and_then(|at| self.doings.get(at)) else { return Then::Ignore };
        let doing = *doing;
        if let Doing::Step(to) = doing {
            let case = self.household().and_then(|household| household.case(Horizon::NOW));
            let next = match &case {
                Ok(case) => case.next.iter().find(|next| next.to == to),
                Err(failure) => return Then::Say(failure.explain()),
            };
            match next {
                Some(next) if !next.may => return Then::Say(Message::new("tui.step.not_yours")),
                // An earlier day, another category or a reason may be what it wants: only what no line mends is told now.
                Some(next) if next.refused.as_ref().is_some_and(is_final) => {
                    return Then::Say(next.refused.as_ref().map_or_else(|| Message::new("tui.none"), Explain::explain));
                }
                _ => {}
            }
        }
        let step = Step::new(self.session.clone(), self.dossier, doing).because(self.why_open.clone());
        Then::Go(Box::new(step))
    }

    pub(super) fn draw_case(&self, page: &mut Page<'_>, area: Rect) {
        let cx = page.cx;
        // The choices are seen whole where there is room for both; of the steps the last ones.
        let wanted = self.doings.len() as u16 + 1;
        let above = self.body.split_last().map_or(&[][..], |(_, above)| above);
        let above = presented::lines(above, usize::from(area.width), cx.theme).len();
        let needed = u16::try_from(above + STEPS_SEEN).unwrap_or(u16::MAX);
        let room = (area.height / 2).min(area.height.saturating_sub(needed)).max(3);
        let choices = wanted.min(room).min(area.height);
        let body = Rect { height: area.height.saturating_sub(choices + 1), ..area };
        let lines = presented::lines(&self.body, usize::from(body.width), cx.theme);
        let room = usize::from(body.height);
        // A blank line and the heads of the steps belong to what stands above them.
        let (first, rest) = lines.split_at((above + 2).min(lines.len()));
        let kept = rest.len().min(room.saturating_sub(first.len()));
        let shown = first.iter().chain(&rest[rest.len() - kept..]).take(room);
        for (y, (line, style)) in (body.y..).zip(shown) {
            page.put(body.x, y, body.width, line, *style);
        }
        let y = body.bottom();
        page.rule(area.x, y, area.width);
        page.put(area.x, y + 1, area.width, &cx.word("tui.dossier.case_next"), cx.theme.strong());
        let list = Rect { y: y + 2, height: area.bottom().saturating_sub(y + 2), ..area };
        self.doing.draw_with(page, list, false, true, |at| match self.doings.get(at) {
            Some((_, said)) => (said.shown(), presented::style(cx.theme, said.tone)),
            None => Default::default(),
        });
        if self.doings.is_empty() {
            page.put(list.x + 2, list.y, list.width, &cx.word("tui.dossier.case_nothing"), cx.theme.quiet());
        }
    }
}

/// What whoever sits here may note beside the steps.
fn beside(household: &Household<'_>, case: &CaseView) -> Vec<Doing> {
    let over = case.status.is_some_and(Status::is_over);
    let excluded = case.next.iter().any(|step| matches!(step.refused, Some(Refusal::Excluded { .. })));
    let mut doings = Vec::new();
    if over && case.died_on.is_none() && household.may(Duty::of_step(Status::Submitted)) {
        doings.push(Doing::Apply);
    }
    if !over && household.may(Duty::NotePapers) {
        doings.push(Doing::Papers);
        if case.died_on.is_none() {
            doings.push(Doing::Died);
        }
    }
    if household.may(Duty::of_step(Status::Verifying)) && household.history().last_notice(Horizon::NOW).is_some() {
        doings.push(Doing::Object);
    }
    if case.status.is_some_and(Status::is_on_file) && household.may(Duty::Process) {
        doings.push(Doing::Level);
    }
    let open = household.history().objections(Horizon::NOW).iter().any(|one| one.settled.is_none());
    if open && household.may(Duty::SettleObjection) {
        doings.extend([Doing::Settle(true), Doing::Settle(false)]);
    }
    if excluded && household.may(Duty::OverrideExclusion) {
        doings.push(Doing::Override);
    }
    let last = case.steps.last().map(|step| step.to);
    let mut withdraws = last.into_iter().filter(|to| *to != Status::Approved);
    if withdraws.any(|to| household.may(Duty::of_step(to)) || household.may(Duty::WithdrawStep)) {
        doings.push(Doing::Withdraw);
    }
    doings
}

/// Whether no line of the sheet could mend it.
fn is_final(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NotAllowed(_)
            | Refusal::NoSurvey
            | Refusal::TwoHeads
            | Refusal::NotAUnionMember
            | Refusal::Excluded { .. }
            | Refusal::Undecided { .. }
            | Refusal::RulesNotAdopted { .. }
            | Refusal::PapersMissing { .. }
            | Refusal::SamePerson { .. }
            | Refusal::Duplicate { .. }
            | Refusal::Deceased { .. }
            | Refusal::DeathNotRecorded
    )
}
