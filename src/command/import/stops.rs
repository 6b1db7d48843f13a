//! What stands in a household's way, or is to be known of it: the form's checks, numbers that stand elsewhere already, and what
//! keeping it would refuse.

use super::cells::bare;
use super::grouping::{RollCell, RollGroup};
use super::households::{Tried, Trying};
use super::{Finding, Held, LineFinding};
use crate::command::Failure;
use crate::command::draft_file::DraftHead;
use crate::command::submit::{Accepted, problem_at};
use crate::domain::{Answers, Explain, IdNumber, Message, Step, questions};
use crate::form::problem::What;

impl Trying<'_> {
    /// What the form's own checks say. What the roll lacks is asked some day: that is no finding.
    pub(super) fn check(&self, tried: &mut Tried, first: u32) {
        for problem in tried.draft.problems() {
            let (line, column) = match tried.cells.get(&problem.path) {
                Some((line, column)) => (*line, Some(*column)),
                None => (first, None),
            };
            let finding = match &problem.what {
                What::RequiredMissing { .. } | What::NotLookedAt | What::LeftOut { .. } => continue,
                What::CheckFails { soft: true, .. } | What::SoftType { .. } | What::Differs { .. } => Finding::Noted,
                // Of what the roll does not say nothing can be wrong.
                What::CheckFails { .. } if column.is_none() => Finding::Noted,
                _ => Finding::Stops,
            };
            let name = problem.path.name();
            if finding == Finding::Stops
                && self.reader.headings.is_remarked(name)
                && let Some(at) = tried.draft.at(&problem.path)
            {
                let (text, heading) = (tried.draft.value(at).to_owned(), tried.draft.words(at));
                tried.draft.apply(&Step::Set { path: problem.path.clone(), value: String::new() });
                self.beside(tried, at, (line, column), (&heading, &text), Some(problem.explain()));
                continue;
            }
            tried.find(line, column, finding, problem_at(&tried.draft, &problem));
        }
    }

    /// ID numbers that stand in the roll or in the store already.
    pub(super) fn duplicates(&self, tried: &mut Tried, group: &RollGroup) -> Result<(), Failure> {
        let own = group.worker.iter().filter(|cell| cell.to == questions::ID_NUMBER).map(|cell| (true, cell));
        let others = group.members.iter().flat_map(|member| &member.cells);
        let others = others.filter(|cell| cell.to == questions::M_ID_NUMBER).map(|cell| (false, cell));
        for (is_worker, cell) in own.chain(others) {
            let Ok(id) = IdNumber::from_typed(bare(&cell.text)) else { continue };
            let same = |lines: Option<&Vec<u32>>| -> Vec<String> {
                lines.into_iter().flatten().filter(|line| **line != cell.line).map(u32::to_string).collect()
            };
            let twice = same(self.workers.get(id.reveal()).filter(|_| is_worker));
            let elsewhere = same(self.anybody.get(id.reveal()));
            if !twice.is_empty() {
                let what = Message::new("import.twice_in_roll").with("lines", twice.join("、"));
                tried.find(cell.line, Some(cell.column), Finding::Stops, what);
            } else if !elsewhere.is_empty() {
                let what = Message::new("import.elsewhere_in_roll").with("lines", elsewhere.join("、"));
                tried.find(cell.line, Some(cell.column), Finding::Noted, what);
            }
            if let Some(dossier) = self.known.get(id.reveal()) {
                let what = match (self.office.held(*dossier, self.reach.as_ref())?, is_worker) {
                    (Held::Number(number), true) => Message::new("import.in_store").with("number", number),
                    (Held::Number(number), false) => Message::new("import.member_in_store").with("number", number),
                    (Held::Unit(unit), true) => Message::new("import.in_store_unit").with("unit", unit),
                    (Held::Unit(unit), false) => Message::new("import.member_in_store_unit").with("unit", unit),
                };
                let finding = if is_worker { Finding::Stops } else { Finding::Noted };
                tried.find(cell.line, Some(cell.column), finding, what);
            }
        }
        Ok(())
    }

    /// What keeping it would refuse: no rules of its day, a unit of others, a category that those rules do not have.
    pub(super) fn refused(
        &self,
        head: &DraftHead,
        answers: &Answers,
        (line, category): (u32, Option<&(String, &RollCell)>),
    ) -> Result<Option<LineFinding>, Failure> {
        let stops = |line, column, what| Ok(Some(LineFinding { line, column, finding: Finding::Stops, what }));
        let prepared = self.office.prepare(head, answers.clone(), None, Accepted::ByRoll, self.now);
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return stops(line, None, why.explain()),
        };
        let Some((code, cell)) = category else { return Ok(None) };
        let rules = self.office.rules()?;
        let of_day = prepared.ledger.survey().and_then(|survey| rules.get(survey.rule_set.as_deref()?));
        match of_day.and_then(|set| set.category(code)) {
            Some(_) => Ok(None),
            None => {
                let what = Message::new("import.category_not_then").with("text", cell.text.as_str());
                stops(cell.line, Some(cell.column), what.with("day", self.on))
            }
        }
    }
}
