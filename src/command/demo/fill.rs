//! Filling a survey as a surveyor does: along the route, carried answers confirmed where they still hold, rows added and
//! taken away with the people.

use super::sheet::PaperSurvey;
use crate::command::survey::Surveying;
use crate::command::{Failure, Office};
use crate::domain::{Given, Origin, Path, Step};
use crate::form::{At, Problem, StopKind, What};
use std::collections::HashSet;

/// Whom the rows of the survey before are about, by key; the rows of this one come with them.
#[derive(Clone, Default)]
pub struct Filed {
    pub members: Vec<u32>,
    pub skills: Vec<u32>,
}

/// A route that answers open is walked again; the form's longest chain of such answers is much shorter.
const WALKS_MAX: usize = 12;

/// Answers everything that is on the route. Checks that may be passed are, with a reason.
pub fn fill(office: &Office, surveying: &mut Surveying, sheet: &PaperSurvey<'_>, filed: &Filed) -> Result<(), Failure> {
    let mut number = 0;
    let mut apply = |surveying: &mut Surveying, step: Step| -> Result<(), Failure> {
        number += 1;
        match surveying.answer(office, &step)?.problem.filter(|p| !p.lets_stand()) {
            Some(problem) => Err(Failure::Step { number, problem }),
            None => Ok(()),
        }
    };
    let mut seen: HashSet<At> = HashSet::new();
    for _ in 0..WALKS_MAX {
        let route: Vec<_> = surveying.draft.route().into_iter().filter(|s| seen.insert(s.at)).collect();
        if route.is_empty() {
            break;
        }
        for stop in route {
            if !surveying.draft.exists(stop.at) || !surveying.draft.relevant(stop.at) {
                seen.remove(&stop.at);
                continue;
            }
            match stop.kind {
                StopKind::Question => {
                    if let Some(step) = question(surveying, sheet, stop.at) {
                        apply(surveying, step)?;
                    }
                }
                StopKind::Roster => {
                    for step in rows(surveying, sheet, filed, stop.at) {
                        apply(surveying, step)?;
                    }
                }
                StopKind::Row if surveying.draft.carried(stop.at.row) == Some(false) => {
                    let path = surveying.draft.path(stop.at);
                    apply(surveying, Step::Confirm { path })?;
                }
                StopKind::Row | StopKind::Note | StopKind::Group => {}
            }
        }
    }
    for problem in surveying.draft.problems() {
        if let Problem { path, what: What::CheckFails { soft: true, .. } | What::SoftType { .. } } = problem {
            apply(surveying, Step::Pass { path, why: "已入户核对凭据，情况属实".into() })?;
        }
    }
    Ok(())
}

/// The steps that make the answer at a place the sheet's.
fn question(surveying: &Surveying, sheet: &PaperSurvey<'_>, at: At) -> Option<Step> {
    let draft = &surveying.draft;
    let view = draft.view(at);
    if view.read_only || draft.form().question(at.node).is_some_and(|q| q.supplied.is_some()) {
        return None;
    }
    let path = draft.path(at);
    let row = path.segments().filter_map(|(_, index)| index).last();
    match (sheet.answer(path.name(), row), draft.given(at)) {
        (want, have) if want == have => {
            (view.origin == Origin::CarriedUnseen && have.is_some()).then_some(Step::Confirm { path })
        }
        (Some(Given::Value(value)), _) => Some(Step::Set { path, value }),
        (Some(Given::State(is)), _) => Some(Step::State { path, is }),
        (None, _) => Some(Step::Set { path, value: String::new() }),
    }
}

/// The steps that give a roster its rows: those of people who are gone leave, from the last; new ones come at the end.
fn rows(surveying: &Surveying, sheet: &PaperSurvey<'_>, filed: &Filed, at: At) -> Vec<Step> {
    let draft = &surveying.draft;
    let path = draft.path(at);
    let there = draft.rows_of(at).len();
    let household = sheet.household;
    let members: Vec<u32> = household.members.iter().map(|m| m.human.key).collect();
    let skills = household.skill_holders();
    let (before, now): (&[u32], &[u32]) = match path.name() {
        "members" => (&filed.members, &members),
        "skills" => (&filed.skills, &skills),
        name => {
            let wanted = match name {
                "changes" => sheet.changes.len(),
                "job_needs" => 1,
                // Bills are told by their sums, and all income counts.
                _ => 0,
            };
            return (there..wanted).map(|_| Step::Add { path: path.clone() }).collect();
        }
    };
    let mut steps = Vec::new();
    let mut left = there;
    for (i, key) in before.iter().enumerate().take(there).rev() {
        if !now.contains(key) {
            steps.push(Step::Remove { path: Path::new(format!("{path}[{}]", i + 1)) });
            left -= 1;
        }
    }
    steps.extend((left..now.len()).map(|_| Step::Add { path: path.clone() }));
    steps
}
