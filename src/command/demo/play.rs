//! The years go by: every event of every household in the order of its day, each done through the command that a person
//! would use, with the clock of that day.

use super::dice::Dice;
use super::fill::{Filed, fill};
use super::fund::{Candidate, Fund, FundContext};
use super::household::{Change, Household, Level, Money, WORKER};
use super::money;
use super::people;
use super::scenario::{Scenario, Turn};
use super::sheet::PaperSurvey;
use super::story::Maker;
use super::{Clock, OFFICERS};
use crate::command::adopting::Proposed;
use crate::command::case::{Application, CaseStep, Deliberation};
use crate::command::survey::{Begin, Submitted, Surveying};
use crate::command::{Duty, Failure, Household as Opened, Office, Role, Span};
use crate::domain::case::{self, Refusal};
use crate::domain::dossier::Status;
use crate::domain::event::SurveyKind;
use crate::domain::{Day, DossierId, Fen, OfficerId, UnitTree};
use crate::form::Form;
use crate::rules::Fact;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Something that is going to happen to a household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Task {
    Survey(Why),
    Move(Status, Option<&'static str>),
    Correct,
}

/// Surveys by why somebody goes there; the form's own kind follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Why {
    Due,
    Reported,
    Exit,
}

/// A survey as it was last taken, for correcting it and for going on from it.
struct Taken {
    on: Day,
    kind: SurveyKind,
    money: Money,
    changes: Vec<Change>,
    accepted_on: Day,
    trend: &'static str,
}

struct Case {
    home: Household,
    scenario: Scenario,
    dice: Dice,
    round: usize,
    dossier: Option<DossierId>,
    filed: Filed,
    taken: Option<Taken>,
    status: Status,
    /// What the latest survey came to.
    category: Option<String>,
    /// What was approved.
    in_force: Option<String>,
}

impl Case {
    /// The household for the fund, while it is in the files and not suspended.
    fn candidate(&self, units: &UnitTree, on: Day) -> Option<Candidate> {
        let dossier = self.dossier.filter(|_| self.status == Status::Open)?;
        let category = self.in_force.clone()?;
        let mut unit = units.successor_on(self.home.unit, on)?;
        // Up to the last one that has the bureau above it.
        while let Some(above) = unit.parent.and_then(|id| units.get_on(id, on)).filter(|above| above.parent.is_some()) {
            unit = above;
        }
        Some(Candidate { dossier, unit: unit.code.clone(), category })
    }
}

/// Who plays: the office and everything that is not one household's.
pub struct Play<'a> {
    pub office: &'a mut Office,
    pub clock: &'a Clock,
    pub form: Arc<Form>,
    pub units: &'a UnitTree,
    pub surveyors: Vec<OfficerId>,
    pub reviewer: OfficerId,
    pub approver: OfficerId,
    pub today: Day,
    pub fund: Fund,
    pub surveys: usize,
    /// Rule sets that are adopted by now.
    pub adopted: Vec<String>,
}

type Queue = BinaryHeap<Reverse<(Day, usize, Task)>>;

impl Play<'_> {
    /// Plays all stories to the end of `today`. `progress` hears how many days of how many have gone by.
    pub fn play(
        &mut self,
        maker: &mut Maker<'_>,
        stories: Vec<(Day, Scenario, Dice)>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Failure> {
        let begins = stories.iter().map(|(day, ..)| *day).min().unwrap_or(self.today);
        let all = u64::from(self.today.0.abs_diff(begins.0));
        let mut cases = Vec::with_capacity(stories.len());
        let mut queue = Queue::new();
        for (number, (on, scenario, mut dice)) in stories.into_iter().enumerate() {
            let home = maker.household(&mut dice, scenario.theme, on, scenario.unit);
            cases.push(Case {
                home,
                scenario,
                dice,
                round: 0,
                dossier: None,
                filed: Filed::default(),
                taken: None,
                status: Status::Draft,
                category: None,
                in_force: None,
            });
            queue.push(Reverse((on, number, Task::Survey(Why::Due))));
        }
        while let Some(Reverse((day, number, task))) = queue.pop() {
            if day > self.today {
                break;
            }
            progress(u64::from(day.0.abs_diff(begins.0)), all);
            // What the fund did before that day, and on the days on which nothing happened to a household.
            self.play_fund(maker, &cases, day.plus_days(-1))?;
            self.adopt(day)?;
            let Some(case) = cases.get_mut(number) else { continue };
            let mut then = |day, task| queue.push(Reverse((day, number, task)));
            match task {
                Task::Survey(why) => self.survey(maker, case, why, day, &mut then)?,
                Task::Move(to, reason) => self.step(case, to, reason, day, &mut then)?,
                Task::Correct => self.correct(case, day)?,
            }
        }
        self.play_fund(maker, &cases, self.today)
    }

    fn play_fund(&mut self, maker: &mut Maker<'_>, cases: &[Case], last: Day) -> Result<(), Failure> {
        let units = self.units;
        let in_the_files = |on: Day| cases.iter().filter_map(|case| case.candidate(units, on)).collect();
        let mut context = FundContext {
            office: self.office,
            clock: self.clock,
            in_the_files: &in_the_files,
            register: maker.register,
        };
        self.fund.play_until(last, &mut context)
    }

    /// What the program brings for the bureau's division is adopted when its time comes.
    fn adopt(&mut self, day: Day) -> Result<(), Failure> {
        let (sets, division) = (self.office.library().clone(), self.office.division(day)?);
        let mut due: Vec<(Day, &str)> = sets
            .rule_sets()
            .iter()
            .filter(|set| set.in_force_from <= day && set.closeness(Some(&division)).is_some_and(|close| close > 0))
            .map(|set| (set.in_force_from, set.id.as_str()))
            .collect();
        due.retain(|(_, id)| !self.adopted.iter().any(|adopted| adopted == id));
        due.sort_unstable();
        for (_, id) in due {
            self.office.sit_down(self.approver);
            let paper = format!("示例工发 {id}");
            self.office.adopt_rules(Proposed::Brought(id), &paper, day, (None, None), self.clock.go(day))?;
            self.adopted.push(id.to_owned());
        }
        Ok(())
    }

    fn survey(
        &mut self,
        maker: &mut Maker<'_>,
        case: &mut Case,
        why: Why,
        on: Day,
        then: &mut dyn FnMut(Day, Task),
    ) -> Result<(), Failure> {
        if case.status == Status::Closed
            || (case.scenario.turn == Turn::Overdue && on > self.today.plus_days(-200) && case.dossier.is_some())
        {
            return Ok(());
        }
        if case.status == Status::Rejected {
            self.apply_again(case, on)?;
        }
        let level = case.scenario.levels.get(case.round).or(case.scenario.levels.last()).copied();
        let level = level.unwrap_or(Level::Relative);
        let mut changes = match &case.taken {
            Some(taken) => maker.live(&mut case.dice, &mut case.home, taken.on, on),
            None => Vec::new(),
        };
        case.home.stand(level, case.scenario.theme);
        let line = self.line(&case.home, on);
        let money = money::fit(&case.home, level, case.scenario.theme, line, money::is_present(on), &mut case.dice);
        if let Some(taken) = &case.taken {
            let kind = if money.loss > Fen(0) { "15" } else { "13" };
            if money.loss > Fen(0) || (why == Why::Reported && changes.is_empty()) {
                let amount = Some(Fen(money.wage.0 - taken.money.wage.0)).filter(|a| a.0 != 0);
                let evidence = if kind == "15" { "事故责任认定书" } else { "收入证明" };
                changes.push(Change { on, kind, person: Some(WORKER), amount, evidence });
            }
        }
        if case.scenario.turn == Turn::Car(case.round) {
            case.home.vehicle = "2";
        }
        let kind = match (&case.taken, why) {
            (None, _) => SurveyKind::First,
            (_, Why::Due) => SurveyKind::Periodic,
            (_, Why::Reported) => SurveyKind::Change,
            (_, Why::Exit) => SurveyKind::ExitCheck,
        };
        let trend = match level {
            Level::Over | Level::Watch => "1",
            Level::Accident => "3",
            _ => case.dice.pick(&["2", "2", "1", "3"]),
        };
        let accepted_on = on.plus_days(-(case.dice.between(2, 9) as i32));
        let taken = Taken { on, kind, money, changes, accepted_on, trend };
        let submitted = self.take(case, &taken, None, level == Level::Over)?;
        let new = case.dossier.is_none();
        case.dossier = Some(submitted.dossier);
        case.category = submitted.decision.as_ref().and_then(|d| d.category.clone());
        case.filed = Filed {
            members: case.home.members.iter().map(|m| m.human.key).collect(),
            skills: case.home.skill_holders(),
        };
        case.taken = Some(taken);
        if new {
            case.status = Status::Submitted;
        }
        self.go_on(case, why, on, submitted.next_due, then);
        case.round += 1;
        Ok(())
    }

    /// What follows from a survey.
    fn go_on(&self, case: &mut Case, why: Why, on: Day, next_due: Option<Day>, then: &mut dyn FnMut(Day, Task)) {
        let category = case.category.clone();
        let out = matches!(category.as_deref(), Some("0" | "9"));
        let soon = on.plus_days(case.dice.between(3, 8) as i32);
        let late = case.dice.between(-6, 18) as i32;
        match case.status {
            Status::Submitted => then(soon, Task::Move(Status::Verifying, None)),
            // It waited for what was missing.
            Status::Verifying if category.is_some() => then(soon, Task::Move(Status::Reviewed, None)),
            // What it proposes goes the way of a new case where it is another category, and is confirmed where it is not.
            Status::Open | Status::Suspended if category.is_some() && category != case.in_force => {
                then(soon, Task::Move(Status::Reviewed, None));
            }
            Status::Open | Status::Suspended if category.is_some() => then(soon, Task::Move(Status::Approved, None)),
            _ => {}
        }
        if case.scenario.turn == Turn::Corrected(case.round) {
            then(on.plus_days(33), Task::Correct);
        }
        if case.status.is_on_file() {
            match case.scenario.turn {
                Turn::Leaves(round, reason) if case.round >= round => {
                    then(on.plus_days(40), Task::Move(Status::Closed, Some(reason)));
                    return;
                }
                Turn::Suspended(round) if case.round == round => {
                    then(on.plus_days(20), Task::Move(Status::Suspended, None));
                    then(on.plus_days(95), Task::Move(Status::Open, None));
                }
                Turn::Reports(round) if case.round == round => {
                    then(on.plus_days(75), Task::Survey(Why::Reported));
                    return;
                }
                _ => {}
            }
        }
        match (category.as_deref(), next_due) {
            (Some("0"), _) if why == Why::Exit && case.status.is_on_file() => {
                then(on.plus_days(12), Task::Move(Status::Closed, Some("01")));
            }
            (Some(_), _) if out && case.status.is_on_file() => {
                then(on.plus_months(6).plus_days(late), Task::Survey(Why::Exit));
            }
            (Some(_), _) if out => {
                if case.scenario.turn == Turn::ComesAgain {
                    then(on.plus_months(24), Task::Survey(Why::Due));
                }
            }
            (_, Some(due)) => then(due.plus_days(late).max(on.plus_days(20)), Task::Survey(Why::Due)),
            (_, None) => {}
        }
    }

    /// A step of the status, and the next one after it while the case is on its way into the files.
    fn step(
        &mut self,
        case: &mut Case,
        to: Status,
        reason: Option<&'static str>,
        on: Day,
        then: &mut dyn FnMut(Day, Task),
    ) -> Result<(), Failure> {
        if case::may_follow(case.status, to).is_err() {
            return Ok(());
        }
        match self.move_now(case, to, reason, on) {
            // Whoever may not be posted is refused; a decision on what is in the files simply goes no further.
            Err(Failure::Case(Refusal::NotEligible { .. } | Refusal::Excluded { .. })) if !case.status.is_on_file() => {
                then(on.plus_days(2), Task::Move(Status::Rejected, Some("0")));
                return Ok(());
            }
            Err(Failure::Case(_)) => return Ok(()),
            done => done?,
        }
        let rises = case.category.as_deref().is_some_and(|now| case::rises(case.in_force.as_deref(), now));
        let days = |dice: &mut Dice, least, most| on.plus_days(dice.between(least, most) as i32);
        let next = match to {
            Status::Verifying if case.category.is_some() => Some((days(&mut case.dice, 4, 12), Status::Reviewed)),
            Status::Reviewed if !case.status.is_on_file() && matches!(case.category.as_deref(), Some("0" | "9")) => {
                Some((days(&mut case.dice, 1, 3), Status::Rejected))
            }
            Status::Reviewed => Some((days(&mut case.dice, 1, 3), Status::Endorsed)),
            // What falls is known in its unit already.
            Status::Endorsed if case.status.is_on_file() && !rises => {
                Some((days(&mut case.dice, 1, 3), Status::Approved))
            }
            Status::Endorsed => Some((days(&mut case.dice, 1, 3), Status::Noticed)),
            Status::Noticed => Some((days(&mut case.dice, 7, 9), Status::Approved)),
            Status::Approved if !case.status.is_on_file() => Some((days(&mut case.dice, 1, 4), Status::Open)),
            _ => None,
        };
        if let Some((day, status)) = next {
            let reason = (status == Status::Rejected).then_some("0");
            then(day, Task::Move(status, reason));
        }
        Ok(())
    }

    fn move_now(&mut self, case: &mut Case, to: Status, reason: Option<&'static str>, on: Day) -> Result<(), Failure> {
        let Some(dossier) = case.dossier else { return Ok(()) };
        let why = match (to, reason) {
            (Status::Rejected, _) => Some("测算结果不符合建档条件"),
            (Status::Closed, Some("01")) => Some("两次核查收入均高于标准"),
            (Status::Closed, Some("02")) => Some("职工本人去世"),
            (Status::Closed, _) => Some("已与职工本人核实"),
            (Status::Suspended, _) => Some("外出务工，暂停发放"),
            _ => None,
        };
        let carries = |role| Duty::of_step(to).span(role) > Span::No;
        let reviews = carries(Role::Reviewer) && to != Status::Endorsed;
        self.office.sit_down(if reviews { self.reviewer } else { self.approver });
        if (to, reason) == (Status::Closed, Some("02")) {
            let died = on.plus_days(-(case.dice.between(2, 20) as i32));
            self.opened(dossier, on)?.worker_died(died.max(case.taken.as_ref().map_or(died, |t| t.on)), None)?;
        }
        let members = OFFICERS.iter().take(case.dice.between(3, 5) as usize);
        let deliberation = (to == Status::Reviewed).then(|| Deliberation {
            members: members.clone().map(|name| (*name).to_owned()).collect(),
            agreed: u32::try_from(members.len()).unwrap_or_default() - u32::from(case.dice.percent(25)),
            ..Deliberation::default()
        });
        let step = CaseStep { reason, why, deliberation, ..CaseStep::new(to, on) };
        self.opened(dossier, on)?.take_step(&step)?;
        if to == Status::Approved {
            case.in_force.clone_from(&case.category);
        }
        if !(case.status.is_on_file() && case::is_of_decision(to)) {
            case.status = to;
        }
        Ok(())
    }

    /// Whoever falls back into hardship was out: opening the dossier again wants a reason.
    fn opened(&self, dossier: DossierId, on: Day) -> Result<Opened<'_>, Failure> {
        let now = self.clock.go(on);
        match self.office.open(dossier, now) {
            Err(Failure::NeedsReason) => self.office.find_because(&dossier.hex(), "重新申请，按程序复核", now),
            opened => opened,
        }
    }

    fn apply_again(&mut self, case: &mut Case, on: Day) -> Result<(), Failure> {
        let Some(dossier) = case.dossier else { return Ok(()) };
        self.office.sit_down(self.reviewer);
        let application = Application { channel: Some("1"), asker: Some("1"), ..Application::default() };
        self.opened(dossier, on)?.apply(&application, on)?;
        case.status = Status::Submitted;
        Ok(())
    }

    /// The last survey again, with what was wrong in it put right: a zero too many in the bills.
    fn correct(&mut self, case: &mut Case, day: Day) -> Result<(), Failure> {
        // Whose case is over by then is left alone: nobody opens it without a reason.
        if case.status.is_over() {
            return Ok(());
        }
        let (Some(dossier), Some(taken)) = (case.dossier, case.taken.take()) else { return Ok(()) };
        let history = self.office.history(dossier)?;
        let version = history.versions(crate::views::Horizon::NOW).last().map(|v| v.number);
        let mut money = taken.money.clone();
        money.medical = Fen(money.medical.0 + 120_000);
        let right = Taken { money, ..taken };
        let done = self.take_on(case, &right, version, false, day)?;
        case.category = done.decision.as_ref().and_then(|d| d.category.clone());
        case.taken = Some(right);
        Ok(())
    }

    fn take(
        &mut self,
        case: &mut Case,
        taken: &Taken,
        corrects: Option<u32>,
        cause_gone: bool,
    ) -> Result<Submitted, Failure> {
        self.take_on(case, taken, corrects, cause_gone, taken.on)
    }

    /// Fills and submits a survey on the day `day`.
    fn take_on(
        &mut self,
        case: &mut Case,
        taken: &Taken,
        corrects: Option<u32>,
        cause_gone: bool,
        day: Day,
    ) -> Result<Submitted, Failure> {
        let surveyor = self.surveyors.get(case.dice.between(0, self.surveyors.len() as i64 - 1) as usize).copied();
        self.office.sit_down(surveyor.unwrap_or(self.reviewer));
        let investigators = people::investigators(&mut case.dice, &OFFICERS, &case.home.worker.name);
        let unit = self.units.successor_on(case.home.unit, taken.on).map_or("JH", |u| u.code.as_str());
        let sheet = PaperSurvey {
            household: &case.home,
            money: &taken.money,
            kind: if corrects.is_some() { SurveyKind::Correction } else { taken.kind },
            on: taken.on,
            accepted_on: taken.accepted_on,
            unit,
            investigators: &investigators,
            changes: &taken.changes,
            trend: taken.trend,
            cause_gone,
        };
        let begin = |office: &Office, clock: &Clock| -> Result<Surveying, Failure> {
            let begin =
                Begin { dossier: case.dossier, form: self.form.clone(), corrects, updates: false, on_disk: false };
            office.begin(begin, clock.go(day))
        };
        let mut surveying = begin(self.office, self.clock)?;
        fill(self.office, &mut surveying, &sheet, &case.filed)?;
        // Late enough that no survey comes after, which would go on from both.
        let conflict = case.scenario.turn == Turn::Conflict
            && case.dossier.is_some()
            && corrects.is_none()
            && taken.on.plus_months(12) > self.today;
        let other = if conflict { Some(begin(self.office, self.clock)?) } else { None };
        let submitted = self.submit(surveying, day, false)?;
        if let Some(mut other) = other {
            // The colleague was told of higher bills.
            let mut money = taken.money.clone();
            money.medical = Fen(money.medical.0 + 80_000);
            let sheet = PaperSurvey { money: &money, ..sheet };
            fill(self.office, &mut other, &sheet, &case.filed)?;
            self.submit(other, day, true)?;
        }
        Ok(submitted)
    }

    fn submit(&mut self, mut surveying: Surveying, day: Day, beside: bool) -> Result<Submitted, Failure> {
        let submitted = self.office.submit(&mut surveying, self.clock.go(day), beside)?;
        self.surveys += 1;
        Ok(submitted)
    }

    fn line(&self, home: &Household, on: Day) -> Fen {
        let sets = self.office.rules().ok();
        let set = sets.as_ref().and_then(|sets| sets.in_force_on(on, Some(home.division)));
        let figure = set.and_then(|set| set.figure(Fact::LineMonth, Some(home.division), on));
        figure.map_or(Fen(60_000), |figure| figure.amount)
    }
}
