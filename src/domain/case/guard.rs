//! The guards: what stands in the way of a step, in order of precedence.

use super::{Known, Limits, NoticeKnown, PRECEDENCE, Refusal, Wanted};
use crate::domain::dossier::{CloseReason, NotAllowed, Status};

/// The categories that open a dossier, the gravest first: by the present scheme and by that of 2016.
const GRAVEST_FIRST: [&str; 6] = ["1", "D1", "2", "D2", "3", "D3"];

/// Whether a category opens a dossier.
pub fn is_eligible(category: &str) -> bool {
    !matches!(category, "0" | "9")
}

/// Whether a household would get more by the second category than by the first, so that it has to be posted again.
pub fn rises(from: Option<&str>, to: &str) -> bool {
    let place = |code: &str| GRAVEST_FIRST.iter().position(|known| *known == code).map_or(3, |place| place / 2);
    is_eligible(to) && from.is_none_or(|from| !is_eligible(from) || place(to) < place(from))
}

/// Whether the step is one of a decision that goes on while the dossier stands in the files.
pub fn is_of_decision(to: Status) -> bool {
    matches!(to, Status::Reviewed | Status::Endorsed | Status::Noticed | Status::Approved)
}

/// The first thing that stands in the way of a step; `None`: it may be taken.
pub fn refusal(known: &Known, wanted: &Wanted, limits: &Limits) -> Option<Refusal> {
    let all = refusals(known, wanted, limits);
    all.into_iter().next()
}

/// Everything that stands in the way, in order of precedence.
pub fn refusals(known: &Known, wanted: &Wanted, limits: &Limits) -> Vec<Refusal> {
    let mut found = Vec::new();
    if let Err(why) = may_follow(known.status, wanted.to) {
        return vec![Refusal::NotAllowed(why)];
    }
    by_day(known, wanted, &mut found);
    by_survey(known, wanted, limits, &mut found);
    by_people(known, wanted, limits, &mut found);
    by_paper(known, wanted, limits, &mut found);
    let place = |refusal: &Refusal| PRECEDENCE.iter().position(|code| *code == refusal.code());
    found.sort_by_key(place);
    found
}

/// As the status machine has it; a decision about a dossier in the files goes its own way beside it.
pub fn may_follow(from: Status, to: Status) -> Result<(), NotAllowed> {
    if from.is_on_file() && is_of_decision(to) { Ok(()) } else { from.may_move(to) }
}

fn by_day(known: &Known, wanted: &Wanted, found: &mut Vec<Refusal>) {
    let on = wanted.on;
    if on > wanted.today {
        found.push(Refusal::AfterToday { on });
    }
    if let Some(accepted) = known.accepted_on.filter(|accepted| on < *accepted) {
        found.push(Refusal::BeforeAcceptance { on, accepted });
    }
    if let Some(last) = known.last.filter(|last| on < *last) {
        found.push(Refusal::BeforeStep { on, last });
    }
}

fn by_survey(known: &Known, wanted: &Wanted, limits: &Limits, found: &mut Vec<Refusal>) {
    // To hand a case in again, to refuse it, to suspend it takes no survey.
    let rests_on_survey = wanted.to == Status::Verifying || is_of_decision(wanted.to);
    if !rests_on_survey {
        return;
    }
    let Some(survey) = &known.survey else {
        found.push(match known.first_survey {
            Some(survey) => Refusal::BeforeSurvey { on: wanted.on, survey },
            None => Refusal::NoSurvey,
        });
        return;
    };
    let on_file = known.status.is_on_file();
    if is_of_decision(wanted.to) && on_file && survey.approved && wanted.category.is_none() {
        let category = known.in_force.clone().unwrap_or_default();
        found.push(Refusal::AlreadyApproved { category });
    }
    if !matches!(wanted.to, Status::Noticed | Status::Approved) {
        return;
    }
    if wanted.to == Status::Approved && known.is_contested {
        found.push(Refusal::TwoHeads);
    }
    if !survey.union_member {
        found.push(Refusal::NotAUnionMember);
    }
    if !survey.excluded.is_empty() {
        found.push(Refusal::Excluded { codes: survey.excluded.clone() });
    }
    // Of a household in the files it can be approved that it is out.
    let is_confirmed_out = on_file && wanted.to == Status::Approved;
    match (&wanted.category, &survey.category) {
        (None, None) => found.push(Refusal::Undecided { possible: survey.possible.clone() }),
        (Some(other), computed) => {
            if !GRAVEST_FIRST.contains(&other.as_str()) {
                found.push(Refusal::UnknownCategory { category: other.clone() });
            }
            if computed.is_none() {
                found.push(Refusal::Undecided { possible: survey.possible.clone() });
            }
            if computed.as_ref() != Some(other) && !wanted.says_why {
                found.push(Refusal::NoReason { to: wanted.to });
            }
        }
        (None, Some(category)) if !(is_eligible(category) || is_confirmed_out) => {
            found.push(Refusal::NotEligible { category: category.clone() });
        }
        _ => {}
    }
    let days = wanted.on.0 - survey.on.0;
    if days > limits.survey_days_max {
        found.push(Refusal::SurveyTooOld { survey: survey.on, days, most: limits.survey_days_max });
    }
    // Neither more help nor less rests on amounts that nobody has asked after for so long; what stands may go on.
    let final_category = wanted.category.as_ref().or(survey.category.as_ref());
    if let Some(since) = survey.money_since.filter(|_| final_category != known.in_force.as_ref()) {
        let days = wanted.on.0 - since.0;
        if days > limits.survey_days_max {
            found.push(Refusal::MoneyTooOld { since, days, most: limits.survey_days_max });
        }
    }
}

fn by_people(known: &Known, wanted: &Wanted, limits: &Limits, found: &mut Vec<Refusal>) {
    if let Some(died) = known.died_on.filter(|_| !wanted.to.is_over()) {
        found.push(Refusal::Deceased { on: died });
    }
    if let Some((did, on)) = known.same_person {
        found.push(Refusal::SamePerson { did, on });
    }
    if wanted.to == Status::Approved && !known.duplicates.is_empty() {
        found.push(Refusal::Duplicate { of: known.duplicates.clone() });
    }
    if wanted.to == Status::Rejected && !wanted.says_why {
        found.push(Refusal::NoReason { to: Status::Rejected });
    }
    match wanted.close.filter(|_| wanted.to == Status::Closed) {
        Some(CloseReason::Death) if known.died_on.is_none() => found.push(Refusal::DeathNotRecorded),
        Some(CloseReason::OutOfHardship) => {
            let enough = known.above_since.filter(|since| since.plus_months(limits.months_above) <= wanted.on);
            if enough.is_none() {
                found.push(Refusal::NotAboveTheLine { since: known.above_since, months: limits.months_above });
            }
        }
        _ => {}
    }
}

fn by_paper(known: &Known, wanted: &Wanted, limits: &Limits, found: &mut Vec<Refusal>) {
    match wanted.to {
        Status::Reviewed => {
            if let Some(vote) = wanted.vote.filter(|vote| !vote.is_quorate()) {
                found.push(Refusal::NotQuorate { committee: vote.committee, present: vote.present });
            }
        }
        Status::Endorsed => {
            if let Some(vote) = known.vote.filter(|vote| !vote.is_carried()) {
                found.push(Refusal::VotedDown { agreed: vote.agreed, present: vote.present });
            }
        }
        Status::Noticed => {
            let (days, count) = (limits.notice_days_min, limits.notice_count);
            let least = wanted.notice_least.unwrap_or_else(|| wanted.on.plus_days(days - 1));
            if wanted.until.is_none_or(|until| until < least) {
                found.push(Refusal::NoticeTooShort { days, count, until: least });
            }
        }
        Status::Approved => {
            if let Some(rule_set) = known.rules_not_adopted.clone() {
                found.push(Refusal::RulesNotAdopted { rule_set });
            }
            let survey = known.survey.as_ref();
            let category = wanted.category.as_ref().or_else(|| survey.and_then(|survey| survey.category.as_ref()));
            // What is in the files and does not rise is known in its unit already.
            let posts = match category {
                Some(category) if known.status.is_on_file() => rises(known.in_force.as_deref(), category),
                _ => true,
            };
            match &known.notice {
                None if posts => found.push(Refusal::NotNoticed),
                Some(notice) if posts && wanted.on <= notice.until => {
                    found.push(Refusal::NoticeNotOver { until: notice.until });
                }
                Some(NoticeKnown { category: Some(posted), .. })
                    if posts && category.is_some_and(|it| it != posted) =>
                {
                    let category = category.cloned().unwrap_or_default();
                    found.push(Refusal::PostedOtherwise { posted: posted.clone(), category });
                }
                _ => {}
            }
            if !known.papers_owed.is_empty() {
                found.push(Refusal::PapersMissing { papers: known.papers_owed.clone() });
            }
            if known.queries_open > 0 {
                found.push(Refusal::QueriesOpen { count: known.queries_open });
            }
        }
        _ => {}
    }
    // Whoever objected is answered before the same is posted again, or decided.
    if matches!(wanted.to, Status::Noticed | Status::Approved) && known.objections_open > 0 {
        found.push(Refusal::ObjectionsOpen { count: known.objections_open });
    }
}
