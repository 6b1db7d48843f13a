//! What follows from a change in an update: the year of the amounts that stand, amounts that go with work and illness, the
//! people of whom a life change tells. Asked on the way, and said where it is not done when the update is to be finished.

use super::{At, Draft, RowId};
use crate::domain::membership::DIED;
use crate::domain::{Answers, Given, Message, Origin, questions};
use crate::form::links::{NodePart, vertex};
use crate::form::model::*;

/// Amounts of a year, which are the sums over the period that stands beside them.
const OF_THE_YEAR: [&str; 6] = [
    questions::INC_WAGE,
    questions::INC_BUSINESS,
    questions::INC_PROPERTY,
    questions::INC_PENSION,
    questions::INC_TRANSFER,
    questions::INC_OTHER,
];
const BILLS: [&str; 2] = [questions::EXP_MED_TOTAL, questions::EXP_MED_REIMB];
/// Answers that amounts follow from: at the top, of a member, of a life change.
const OF_THE_WORKER: [&str; 3] = [questions::WORK_STATUS, questions::HEALTH_STATUS, questions::DISEASE_NAME];
const OF_A_MEMBER: [&str; 3] = [questions::M_PERSON_STATUS, questions::M_HEALTH, questions::M_DISEASE];

/// Kinds of life changes.
const DEATH: &str = "04";
const BIRTH: &str = "05";

impl Draft {
    // ---- The period.

    /// The period of the amounts that the draft is opened over, as it stood there: worked out anew it would be that of this
    /// visit, beside sums that nobody asked for since.
    pub(super) fn hold_period(&mut self, last: &Answers) {
        for name in [questions::INCOME_FROM, questions::INCOME_TO] {
            let kept = last.answers.iter().find(|answer| answer.path.name() == name);
            let node = self.form.by_name.get(name).and_then(|nodes| nodes.first()).copied();
            if let (Some(Given::Value(text)), Some(node)) = (kept.map(|answer| &answer.given), node)
                && self.form.node(node).scope == ScopeId::ROOT
                && !text.is_empty()
            {
                self.held.insert(node, text.clone());
            }
        }
        self.look_at_period();
    }

    /// Amounts that are asked take their period with them, once none of before is left.
    pub(super) fn look_at_period(&mut self) {
        let held: Vec<NodeId> = self.held.keys().copied().collect();
        held.into_iter().for_each(|node| self.push(vertex(node, NodePart::Value), RowId::ROOT));
    }

    /// What stands at a calculated question as long as amounts of before stand beside it.
    pub(super) fn held_for(&self, node: NodeId) -> Option<&str> {
        let text = self.held.get(&node)?;
        let left = OF_THE_YEAR.iter().any(|name| self.at_top(name).is_some_and(|at| self.is_left(at)));
        (left && !self.is_period_moved()).then_some(text.as_str())
    }

    /// Whether another period was chosen: the amounts of the one before say nothing of it.
    fn is_period_moved(&self) -> bool {
        self.at_top(questions::INCOME_PERIOD).is_some_and(|at| self.is_changed(at))
    }

    // ---- What is looked at.

    fn at_top(&self, name: &str) -> Option<At> {
        let nodes = self.form.by_name.get(name)?;
        let node = nodes.iter().copied().find(|node| self.form.node(*node).scope == ScopeId::ROOT)?;
        Some(At { row: RowId::ROOT, node })
    }

    fn in_row(&self, row: RowId, name: &str) -> Option<At> {
        let nodes = self.form.by_name.get(name)?;
        let places = nodes.iter().map(|node| At { row, node: *node });
        places.into_iter().find(|at| self.exists(*at) && self.form.question(at.node).is_some())
    }

    fn read_in_row(&self, row: RowId, name: &str) -> &str {
        self.in_row(row, name).map_or("", |at| self.cell(at).read())
    }

    /// The rows of a roster at the top, by its name.
    fn rows_called(&self, name: &str) -> &[RowId] {
        let nodes = self.form.by_name.get(name).into_iter().flatten();
        let scope = nodes.copied().find_map(|node| match self.form.node(node).kind {
            ElementKind::Repeat { scope, .. } if self.form.node(node).scope == ScopeId::ROOT => Some(scope),
            _ => None,
        });
        scope.map_or(&[], |scope| self.roster(RowId::ROOT, scope))
    }

    /// Whether an answer of before stands that nobody has looked at.
    fn is_left(&self, at: At) -> bool {
        let cell = self.cell(at);
        let given = !cell.text.is_empty() || cell.state.is_some();
        cell.relevant && given && cell.origin == Origin::CarriedUnseen
    }

    fn is_changed(&self, at: At) -> bool {
        let cell = self.cell(at);
        let now = cell.read();
        let differs = match cell.before.as_deref() {
            Some(Given::Value(before)) => before != now,
            Some(Given::State(_)) | None => !now.is_empty(),
        };
        differs && !matches!(cell.origin, Origin::CarriedUnseen | Origin::CarriedConfirmed | Origin::Computed)
    }

    // ---- Amounts that follow.

    /// What somebody earns; of nobody named of all, of whom one is enough.
    fn wages_left(&self, who: Option<usize>) -> Vec<At> {
        let members = self.rows_called(questions::MEMBERS);
        let own = || [questions::OWN_MONTH_WAGE, questions::INC_WAGE].into_iter().filter_map(|name| self.at_top(name));
        let of = |row: &RowId| self.in_row(*row, questions::M_MONTH_INCOME);
        let (places, all): (Vec<At>, bool) = match who {
            Some(0) => (own().collect(), false),
            Some(number) => (members.get(number - 1).and_then(of).into_iter().collect(), false),
            None => (own().chain(members.iter().filter_map(of)).collect(), true),
        };
        let given = |at: &&At| self.cell(**at).relevant && self.given(**at).is_some();
        let asked = places.iter().filter(given).any(|at| !self.is_left(*at));
        if all && asked { Vec::new() } else { places.into_iter().filter(|at| self.is_left(*at)).collect() }
    }

    /// The bills as they were told before: their sums, or the rows that these are worked out from.
    fn bills_left(&self) -> Vec<At> {
        let sums: Vec<At> = BILLS.into_iter().filter_map(|name| self.at_top(name)).collect();
        let left: Vec<At> = sums.iter().copied().filter(|at| self.is_left(*at)).collect();
        let rows = self.rows_called(questions::STAYS);
        if !left.is_empty() || rows.is_empty() || sums.iter().any(|at| self.cell(*at).origin != Origin::Computed) {
            return left;
        }
        // A row that was confirmed, changed or added says that somebody asked.
        let untouched = |row: &RowId| {
            let cells = self.row(*row).cells.iter();
            let mut given = cells.filter(|cell| !cell.text.is_empty() || cell.state.is_some());
            self.is_carried_row(*row)
                && given.all(|cell| matches!(cell.origin, Origin::CarriedUnseen | Origin::Computed))
        };
        let roster = self.form.by_name.get(questions::STAYS).and_then(|nodes| nodes.first()).copied();
        match rows.iter().all(untouched) {
            true => roster.map(|node| At { row: RowId::ROOT, node }).into_iter().collect(),
            false => Vec::new(),
        }
    }

    fn of_the_year_left(&self) -> Vec<At> {
        OF_THE_YEAR.iter().filter_map(|name| self.at_top(name)).filter(|at| self.is_left(*at)).collect()
    }

    /// The amounts that an answer asks for and that stand as they were, and how that is said.
    fn unasked(&self, at: At) -> Option<(&'static str, Vec<At>)> {
        let name = self.form.node(at.node).name.as_str();
        let cell = self.cell(at);
        if !cell.relevant {
            return None;
        }
        let (key, left) = match name {
            questions::WORK_STATUS if self.is_changed(at) => ("form.work_without_wage", self.wages_left(Some(0))),
            questions::M_PERSON_STATUS if self.is_carried_row(at.row) && self.is_changed(at) => {
                let place = self.row(at.row).numbers.last().map_or(0, |number| *number as usize);
                ("form.work_without_wage", self.wages_left(Some(place + 1)))
            }
            questions::HEALTH_STATUS | questions::DISEASE_NAME if self.is_changed(at) => {
                ("form.illness_without_bills", self.bills_left())
            }
            questions::M_HEALTH | questions::M_DISEASE if self.is_carried_row(at.row) && self.is_changed(at) => {
                ("form.illness_without_bills", self.bills_left())
            }
            questions::CH_TYPE => {
                let who = self.read_in_row(at.row, questions::CH_PERSON).parse::<usize>().ok();
                match cell.read() {
                    "01" | "02" | "03" => ("form.illness_without_bills", self.bills_left()),
                    "09" if who.is_some() => ("form.work_without_wage", self.wages_left(who)),
                    "10" | "11" => ("form.work_without_wage", self.wages_left(who)),
                    "12" => {
                        let mut left = self.wages_left(who);
                        let pension = self.at_top(questions::INC_PENSION).filter(|at| self.is_left(*at));
                        left.extend(pension);
                        ("form.work_without_wage", left)
                    }
                    "13" => {
                        let mut left = self.wages_left(who);
                        left.extend(
                            self.of_the_year_left().into_iter().filter(|at| !left.contains(at)).collect::<Vec<_>>(),
                        );
                        ("form.income_without_amounts", left)
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        (!left.is_empty()).then_some((key, left))
    }

    fn is_carried_row(&self, row: RowId) -> bool {
        self.row(row).carried.is_some()
    }

    /// Whether an amount of before is asked all the same, since something that it goes with has changed.
    pub(super) fn is_to_be_asked(&self, at: At) -> bool {
        let name = self.form.node(at.node).name.as_str();
        let of_the_year = OF_THE_YEAR.contains(&name);
        if of_the_year && self.is_left(at) && self.is_period_moved() {
            return true;
        }
        let may_follow = of_the_year
            || BILLS.contains(&name)
            || [questions::OWN_MONTH_WAGE, questions::M_MONTH_INCOME, questions::STAYS].contains(&name);
        if !may_follow {
            return false;
        }
        let top = OF_THE_WORKER.iter().filter_map(|name| self.at_top(name));
        let in_rows = |roster: &str, names: &[&str]| -> Vec<At> {
            let rows = self.rows_called(roster).iter();
            rows.flat_map(|row| names.iter().filter_map(|name| self.in_row(*row, name)).collect::<Vec<_>>()).collect()
        };
        let members = in_rows(questions::MEMBERS, &OF_A_MEMBER);
        let changes = in_rows(questions::CHANGES, &[questions::CH_TYPE]);
        let mut all = top.chain(members).chain(changes);
        all.any(|from| self.unasked(from).is_some_and(|(_, left)| left.contains(&at)))
    }

    // ---- What is said.

    /// What is doubtful about an answer of an update beside others of it, each with whether it is said at the end first.
    pub(super) fn doubts_of_update(&self, at: At) -> Vec<(Message, bool)> {
        if !self.updating || !self.exists(at) || self.form.question(at.node).is_none() || !self.cell(at).relevant {
            return Vec::new();
        }
        let mut out = Vec::new();
        if self.is_dead_and_listed(at) {
            out.push((Message::new("form.dead_and_listed"), false));
        }
        if self.is_birth_without_child(at) {
            out.push((Message::new("form.birth_without_member"), true));
        }
        if self.is_death_of_nobody(at) {
            out.push((Message::new("form.death_of_nobody"), true));
        }
        if let Some((key, left)) = self.unasked(at) {
            let first = left.first().map(|at| self.words(*at)).unwrap_or_default();
            let mut said = Message::new(key).with("question", first);
            let since = left.first().and_then(|at| self.since(*at)).map(|day| day.to_string());
            said = said.with("since", since.unwrap_or_else(|| "…".to_owned()));
            out.push((said, true));
        }
        out
    }

    /// Whether somebody of whom a life change says that they died is still a row of the household: in the next survey, which
    /// has other life changes, they would be alive again.
    fn is_dead_and_listed(&self, at: At) -> bool {
        if self.form.node(at.node).name != questions::CH_PERSON {
            return false;
        }
        let number = self.cell(at).read().parse::<usize>().unwrap_or(0);
        self.read_in_row(at.row, questions::CH_TYPE) == DEATH && number > 0
    }

    /// The life changes of a kind, in their order, and which of them stands in that row.
    fn place_among(&self, at: At, kind: &str, also: impl Fn(RowId) -> bool) -> Option<usize> {
        if self.form.node(at.node).name != questions::CH_TYPE || self.cell(at).read() != kind || !also(at.row) {
            return None;
        }
        let rows = self.rows_called(questions::CHANGES).iter();
        rows.filter(|row| self.read_in_row(**row, questions::CH_TYPE) == kind && also(**row))
            .position(|row| *row == at.row)
    }

    /// Whether more births are told of than people came.
    fn is_birth_without_child(&self, at: At) -> bool {
        let Some(place) = self.place_among(at, BIRTH, |_| true) else { return false };
        let came = |row: &&RowId| !self.is_carried_row(**row) && !self.read_in_row(**row, questions::M_NAME).is_empty();
        place >= self.rows_called(questions::MEMBERS).iter().filter(came).count()
    }

    /// Whether more deaths name nobody than people left because they died: who leaves takes their number along.
    fn is_death_of_nobody(&self, at: At) -> bool {
        let nobody = |row: RowId| self.read_in_row(row, questions::CH_PERSON).is_empty();
        let Some(place) = self.place_among(at, DEATH, nobody) else { return false };
        place >= self.left.iter().filter(|left| left.said().why == DIED).count()
    }
}
