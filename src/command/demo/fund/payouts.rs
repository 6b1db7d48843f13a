//! Rounds of help: four a year, an emergency, and a last one that leaves something in every queue. Planned, proposed, checked and
//! granted here; paid in `paying.rs`.

mod paying;

use super::{Candidate, Fund, FundContext, Task, day, if_it_holds, yuan};
use crate::command::Failure;
use crate::command::fund::NewPayout;
use crate::domain::fund::{Meeting, PayoutState};
use crate::domain::{Day, Fen};
use crate::views::fund::{BatchRow, PayoutRow};
use crate::views::history::Horizon;
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoundStep {
    Propose,
    Check,
    Approve,
    Post,
    Pay,
    Answer,
    PayAgain,
    AnswerAgain,
    Settle,
}

/// What is special about a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Special {
    Nothing,
    /// Paid first, papers afterwards.
    Emergency,
    /// One line comes back from the bank, and is paid again.
    Returns,
    /// Whoever checks refuses one.
    Refuses,
    /// One is given up after it was granted.
    Withdraws,
    /// Its lines stay where the queues are to have something.
    Last,
}

pub struct Round {
    event: String,
    kinds: &'static [&'static str],
    special: Special,
    lines: Vec<RoundLine>,
    batches: Vec<BatchRow>,
}

/// One payout on its way.
struct RoundLine {
    row: PayoutRow,
    /// The account that it goes through; `None`: cash.
    bank: Option<&'static str>,
    /// Nobody goes on with it from there.
    stays: Option<PayoutState>,
}

impl RoundLine {
    fn is_at(&self, state: PayoutState) -> bool {
        self.row.state() == state && self.stays != Some(state)
    }
}

/// The yearly rounds: month, day, what people call it, and the kinds that are asked for in it.
const YEARLY: [(u32, u32, &str, &[&str]); 4] = [
    (3, 18, "春季", &["P1", "P9"]),
    (5, 11, "医疗", &["P2", "P7"]),
    (8, 17, "开学", &["P3", "P8"]),
    (10, 12, "入冬", &["P5", "P4", "P10"]),
];
/// After how many days of the proposal each step is taken.
const STEPS: [(i32, RoundStep); 9] = [
    (0, RoundStep::Propose),
    (2, RoundStep::Check),
    (4, RoundStep::Approve),
    (5, RoundStep::Post),
    (13, RoundStep::Pay),
    (15, RoundStep::Answer),
    (20, RoundStep::PayAgain),
    (22, RoundStep::AnswerAgain),
    (26, RoundStep::Settle),
];
const EMERGENCY_STEPS: [(i32, RoundStep); 5] = [
    (0, RoundStep::Propose),
    (0, RoundStep::Check),
    (0, RoundStep::Approve),
    (0, RoundStep::Pay),
    (12, RoundStep::Settle),
];
const LAST_STEPS: [(i32, RoundStep); 6] = [
    (-16, RoundStep::Propose),
    (-15, RoundStep::Check),
    (-14, RoundStep::Approve),
    (-13, RoundStep::Post),
    (-6, RoundStep::Pay),
    (-4, RoundStep::Answer),
];
/// Where the lines of the last round stay, the most telling first.
const STAYS: [PayoutState; 10] = [
    PayoutState::Noticed,
    PayoutState::Proposed,
    PayoutState::Checked,
    PayoutState::Approved,
    PayoutState::Returned,
    PayoutState::Sent,
    PayoutState::Paid,
    PayoutState::Proposed,
    PayoutState::Checked,
    PayoutState::Noticed,
];
/// A survey has to be young enough for so many days more.
const DAYS_MORE: i32 = 50;

/// What is asked for of a kind at most, in yuan: less than its standard, so that the money reaches more households.
fn usual(aid: &str) -> i64 {
    match aid {
        "P1" => 4_000,
        "P2" => 12_000,
        "P3" => 3_500,
        "P7" => 5_000,
        "P8" => 1_500,
        "P4" => 2_000,
        "P9" => 200,
        "P10" => 600,
        _ => 1_000,
    }
}

impl Fund {
    pub(super) fn plan_rounds(&mut self, today: Day) {
        let mut number = 0;
        for year in super::BEGINS.0..=today.year() {
            for (month, on, name, kinds) in YEARLY {
                let on = day(year, month, on);
                let special = match number % 7 {
                    2 => Special::Refuses,
                    4 => Special::Withdraws,
                    _ if (year, name) == (2023, "医疗") => Special::Returns,
                    _ => Special::Nothing,
                };
                number += 1;
                // The last round takes the place of those that would not end any more.
                if on <= today.plus_days(-60) {
                    self.plan_round(on, &STEPS, (format!("{year} {name}"), kinds, special));
                }
            }
        }
        let emergency = day(2022, 7, 18);
        self.plan_round(emergency, &EMERGENCY_STEPS, ("2022-07 洪水".into(), &["P4", "P7"], Special::Emergency));
        let kinds = &["P1", "P4", "P2", "P5", "P9", "P3", "P8"];
        self.plan_round(today, &LAST_STEPS, (format!("{} 年末", today.year()), kinds, Special::Last));
    }

    fn plan_round(
        &mut self,
        on: Day,
        steps: &[(i32, RoundStep)],
        (event, kinds, special): (String, &'static [&'static str], Special),
    ) {
        let place = self.rounds.len();
        self.rounds.push(Round { event, kinds, special, lines: Vec::new(), batches: Vec::new() });
        for (after, step) in steps {
            self.plan(on.plus_days(*after), Task::Round(place, *step));
        }
    }

    pub(super) fn round_step(
        &mut self,
        place: usize,
        step: RoundStep,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<(), Failure> {
        // Taken out while it is worked on: its steps draw on the rest of the fund.
        let Some(round) = self.rounds.get_mut(place) else { return Ok(()) };
        let empty =
            Round { event: String::new(), kinds: &[], special: round.special, lines: Vec::new(), batches: Vec::new() };
        let mut round = std::mem::replace(round, empty);
        let done = match step {
            RoundStep::Propose => self.propose(&mut round, on, context),
            RoundStep::Check => self.check(&mut round, on, context),
            RoundStep::Approve => self.approve(&mut round, on, context),
            RoundStep::Post => self.post(&mut round, on, context),
            RoundStep::Pay => self.pay(&mut round, on, context),
            RoundStep::Answer | RoundStep::AnswerAgain => self.answer(&mut round, step, on, context),
            RoundStep::PayAgain => self.pay_again(&mut round, on, context),
            RoundStep::Settle => self.settle(&round, on, context),
        };
        if let Some(kept) = self.rounds.get_mut(place) {
            *kept = round;
        }
        done
    }

    fn propose(&mut self, round: &mut Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let mut free = self.free(on, context)?;
        let mut households = (context.in_the_files)(on);
        for at in (1..households.len()).rev() {
            households.swap(at, self.dice.between(0, at as i64) as usize);
        }
        let most = match round.special {
            Special::Emergency => 1,
            Special::Last => STAYS.len(),
            _ => self.round_most,
        };
        // One kind a household, and others only where that leaves a queue empty.
        let times = if round.special == Special::Last { round.kinds.len() } else { 1 };
        for time in 0..times {
            for (at, household) in households.iter().enumerate() {
                if round.lines.len() >= most {
                    return Ok(());
                }
                let kinds: Vec<&str> = match times {
                    1 => (0..round.kinds.len()).map(|kind| round.kinds[(at + kind) % round.kinds.len()]).collect(),
                    _ => vec![round.kinds[(at + time) % round.kinds.len()]],
                };
                let line = self.propose_one(round, (household, &kinds), &mut free, on, context)?;
                round.lines.extend(line);
            }
        }
        Ok(())
    }

    fn propose_one(
        &mut self,
        round: &Round,
        (candidate, kinds): (&Candidate, &[&str]),
        free: &mut BTreeMap<String, Fen>,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<Option<RoundLine>, Failure> {
        let at = self.dice.between(0, self.officers.proposers.len() as i64 - 1) as usize;
        let proposer = self.officers.proposers.get(at).copied().unwrap_or(self.officers.checker);
        let now = context.now(proposer, on);
        let household = context.office.open(candidate.dossier, now)?;
        if household.history().next_due(Horizon::NOW).is_none_or(|due| due < on.plus_days(DAYS_MORE)) {
            return Ok(None);
        }
        let (_, grants) = household.grants(on)?;
        let emergency = round.special == Special::Emergency;
        for aid in kinds {
            let most = grants.iter().find(|grant| grant.aid == *aid).and_then(|grant| grant.most).unwrap_or_default();
            // In whole tens of yuan, as people ask.
            let amount = Fen(most.min(yuan(usual(aid))).0 / 1_000 * 1_000);
            if amount < yuan(100) {
                continue;
            }
            let Some((draws, bank)) = self.draws((candidate, aid, amount), free, on) else { continue };
            let new = NewPayout {
                aid: (*aid).into(),
                event: round.event.clone(),
                draws: draws.clone(),
                why: "家庭困难，按标准申请救助".into(),
                papers_by: emergency.then(|| on.plus_days(14)),
            };
            if let Some(row) = if_it_holds(household.propose_aid(&new))? {
                for (purse, fen) in draws {
                    free.entry(purse).or_default().0 -= fen.0;
                }
                let in_cash = emergency || (round.special != Special::Last && matches!(*aid, "P5" | "P10"));
                let stays = match round.special {
                    Special::Last => STAYS.get(round.lines.len()).copied(),
                    _ => None,
                };
                return Ok(Some(RoundLine { row, bank: (!in_cash).then_some(bank), stays }));
            }
        }
        Ok(None)
    }

    /// Out of which purses so much of a kind is paid, and through which account. Who gave for something is heard first.
    fn draws(
        &self,
        (candidate, aid, amount): (&Candidate, &str, Fen),
        free: &BTreeMap<String, Fen>,
        on: Day,
    ) -> Option<(Vec<(String, Fen)>, &'static str)> {
        let has = |purse: &str, fen: i64| free.get(purse).is_some_and(|free| free.0 >= fen);
        let whole = |purse: &str| Some((vec![(purse.to_owned(), amount)], "bank"));
        let upper = format!("upper-{}", on.year());
        let half = amount.0 / 2_000 * 1_000;
        match aid {
            _ if self.paired == Some(candidate.dossier) && has("pair-2022", amount.0) => whole("pair-2022"),
            "P1" if on.year() == 2023 && candidate.category == "1" && has("budget-2023", amount.0) => {
                Some((vec![("budget-2023".to_owned(), amount)], "bank-budget"))
            }
            // Some of it is always left, for whoever comes late in the year.
            "P2" if has(&upper, amount.0 + 400_000) => whole(&upper),
            "P3" if has("school", amount.0) => whole("school"),
            "P4" | "P7" if half > 0 && has("fire", half) && has("relief", amount.0 - half) => {
                let draws = vec![("fire".to_owned(), Fen(half)), ("relief".to_owned(), Fen(amount.0 - half))];
                Some((draws, "bank"))
            }
            "P5" | "P9" | "P10" if has("workers", amount.0) => whole("workers"),
            _ if has("relief", amount.0) => whole("relief"),
            _ => None,
        }
    }

    fn check(&mut self, round: &mut Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let mut refused = usize::from(round.special == Special::Refuses);
        for line in round.lines.iter_mut().filter(|line| line.is_at(PayoutState::Proposed)) {
            let now = context.now(self.officers.checker, on);
            let checked = match refused {
                0 => if_it_holds(context.office.check_payout(&line.row, now))?,
                _ => None,
            };
            refused = 0;
            line.row = match checked {
                Some(row) => row,
                None => context.office.refuse_payout(&line.row, "票据与申请事项不符，补齐后再报", now)?,
            };
        }
        Ok(())
    }

    fn approve(&mut self, round: &mut Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        for (at, line) in round.lines.iter_mut().enumerate().filter(|(_, line)| line.is_at(PayoutState::Checked)) {
            let now = context.now(self.officers.approver, on);
            let is_large = line.row.payout.amount() > context.office.aid_rules(on)?.meeting_above;
            let meeting = is_large.then(|| Meeting {
                document: format!("基金会纪要 {}-{}", on.year(), at + 1),
                members: 7,
                present: 6,
                votes_for: 5,
                votes_against: 0,
                aside: 1,
            });
            line.row = match if_it_holds(context.office.approve_payout(&line.row, meeting, now))? {
                Some(row) => row,
                None => context.office.refuse_payout(&line.row, "复核时情况已变化，不再符合条件", now)?,
            };
        }
        let given_up = round.lines.last_mut().filter(|_| round.special == Special::Withdraws);
        if let Some(line) = given_up.filter(|line| line.is_at(PayoutState::Approved)) {
            let now = context.now(self.officers.approver, on);
            line.row = context.office.withdraw_payout(&line.row, "申请人已获其他救助，自愿放弃", now)?;
        }
        Ok(())
    }

    fn post(&mut self, round: &mut Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        for line in round.lines.iter_mut().filter(|line| line.is_at(PayoutState::Approved)) {
            let now = context.now(self.officers.checker, on);
            line.row = context.office.post_payout(&line.row, None, now)?;
        }
        Ok(())
    }
}
