//! Whether an update touched what decides: most tell of a phone or a card, and the decision that stands goes on standing.

use super::ages::leaves_amounts;
use super::{Failure, Office};
use crate::domain::decision::Holds;
use crate::domain::event::{SurveyKind, SurveyPerson};
use crate::domain::{Answers, Day, Decision, EntryId, questions};
use crate::views::case::Proposed;
use crate::views::{History, Horizon, bodies};

/// What the latest survey comes to beside the decision in force.
#[derive(Default)]
pub(super) struct Beside {
    /// What it proposes.
    pub proposed: Option<Proposed>,
    /// It was an update, of that day, in which nothing moved that decides.
    pub updated_on: Option<Day>,
}

impl Office {
    /// What the latest survey proposes, where anything moved in it that decides.
    pub(super) fn beside_decision(&self, history: &History, horizon: Horizon) -> Beside {
        match history.proposed(horizon) {
            Some(proposed) if self.moves_nothing(history, horizon, &proposed) => {
                Beside { proposed: None, updated_on: Some(proposed.on) }
            }
            proposed => Beside { proposed, updated_on: None },
        }
    }

    /// Whether a survey is an update by which every rule comes out as in the survey that the decision in force rests on, by
    /// the same figures. What cannot be read may have moved.
    pub(super) fn moves_nothing(&self, history: &History, horizon: Horizon, proposed: &Proposed) -> bool {
        // A decision that is under way is for those to finish who began it.
        let Some(base) = history.rests_on(horizon).filter(|_| proposed.stage.is_none()) else { return false };
        let versions = history.versions(horizon);
        let Some(version) = versions.iter().find(|version| version.record.entry == proposed.survey) else {
            return false;
        };
        if version.first.ledger.survey().map(|survey| survey.kind) != Some(SurveyKind::Change) {
            return false;
        }
        let read = |entry: EntryId| self.as_decided(history, entry).ok().flatten();
        let (Some(before), Some(now)) = (read(base), read(proposed.survey)) else { return false };
        let form = self.form_of(&now.answers.form, &now.answers.form_version);
        let is_update = form.is_some_and(|form| leaves_amounts(&form, &now.answers));
        let (Some(decided), Some(decides)) = (&before.decision, &now.decision) else { return false };
        is_update && came_out(decided) == came_out(decides) && is_member(&before.answers) == is_member(&now.answers)
    }

    fn as_decided(&self, history: &History, entry: EntryId) -> Result<Option<SurveyPerson>, Failure> {
        Ok(bodies::open_survey(&self.bureau.keys, &self.record(entry)?, history.dossier)?)
    }
}

/// How each rule came out, by which figures.
type CameOut<'d> = (Vec<(&'d str, &'d str, Holds)>, [&'d [String]; 4], Option<&'d str>);

fn came_out(decision: &Decision) -> CameOut<'_> {
    let steps = decision.trace.iter().map(|step| (step.rule.as_str(), step.filled.as_str(), step.holds));
    let lists = [&decision.also, &decision.missing, &decision.possible, &decision.exclusions];
    (steps.collect(), lists.map(Vec::as_slice), decision.category.as_deref())
}

/// What only the approval asks for.
fn is_member(answers: &Answers) -> Option<&crate::domain::Given> {
    answers.answers.iter().find(|answer| answer.path.name() == questions::UNION_MEMBER).map(|answer| &answer.given)
}
