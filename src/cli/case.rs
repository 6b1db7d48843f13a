//! `case`: how a dossier's case stands, its next step, and what is noted beside steps.

use super::args::Case as Asked;
use super::context::{Context, How};
use super::show;
use crate::command::case::{Application, CaseStep, CaseView, Deliberation, ObjectionWords};
use crate::command::{Failure, Household, Office};
use crate::domain::dossier::{CloseReason, Level, Status, UpperState};
use crate::domain::event::{Paper, PaperState};
use crate::domain::{Day, Explain, Message};
use crate::present;
use crate::views::Horizon;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What is done in a case that is no step of the status machine.
const BESIDE: [&str; 7] = ["applied", "override", "papers", "died", "level", "objection", "settle"];

pub fn run(context: &Context, asked: &Asked) -> Result<ExitCode, Failure> {
    let day = |text: &Option<String>| text.as_deref().map(|text| context.day(text)).transpose();
    let (on, until) = match (day(&asked.on), day(&asked.until)) {
        (Ok(on), Ok(until)) => (on.unwrap_or_else(|| context.now().today), until),
        (Err(code), _) | (_, Err(code)) => return Ok(code),
    };
    let step = asked.step.as_deref();
    let to = step.and_then(Status::from_code);
    if let Some(text) = step.filter(|text| to.is_none() && !BESIDE.contains(text)) {
        let known = Status::ALL.map(Status::code).into_iter().chain(BESIDE).collect::<Vec<_>>().join(", ");
        return Ok(wrong(context, &Message::new("cli.status.unknown").with("asked", text).with("known", known)));
    }
    let reason = asked.reason.as_deref();
    if to == Some(Status::Closed) && reason.and_then(CloseReason::from_code).is_none() {
        let known = CloseReason::ALL.map(CloseReason::code).join(", ");
        return Ok(wrong(context, &Message::new("cli.status.reason").with("known", known)));
    }
    let papers = match papers(asked, until) {
        Ok(papers) => papers,
        Err(text) => return Ok(wrong(context, &Message::new("cli.case.paper").with("text", text))),
    };
    let level = match code(context, "level", asked.level.as_deref(), Level::from_code) {
        Ok(level) => level,
        Err(code) => return Ok(code),
    };
    let upper = match code(context, "upper_state", asked.upper.as_deref(), UpperState::from_code) {
        Ok(upper) => upper,
        Err(code) => return Ok(code),
    };
    if step == Some("level") && level.is_none() && upper.is_none() {
        return Ok(wrong(context, &Message::new("cli.case.level")));
    }
    let mut asks = Vec::new();
    for ask in &asked.asks {
        match ask.split_once(['=', '＝']) {
            Some((question, words)) if to.is_some() => asks.push((question.trim(), words.trim())),
            _ => return Ok(wrong(context, &Message::new("cli.case.ask").with("text", ask.as_str()))),
        }
    }
    context.in_office(How::default(), |office| {
        // What is said about the step is the reason for opening the dossier, too.
        let household = match office.find(&asked.number, context.now()) {
            Err(Failure::NeedsReason) => context.household(office, &asked.number, asked.why.as_deref())?,
            found => found?,
        };
        let done = match (step, to) {
            (Some("applied"), _) => {
                let application = Application {
                    channel: asked.channel.as_deref(),
                    asker: asked.asker.as_deref(),
                    for_whom: None,
                    wants: asked.wants.clone(),
                    name: asked.name.as_deref(),
                    words: asked.why.as_deref(),
                };
                household.apply(&application, on)
            }
            (Some("override"), _) => {
                household.override_exclusions(&asked.codes, on, asked.why.as_deref().unwrap_or_default())
            }
            (Some("papers"), _) => household.note_papers(papers.clone(), on, asked.why.as_deref()),
            (Some("objection"), _) => {
                let said = ObjectionWords {
                    name: asked.name.clone(),
                    contact: asked.contact.clone(),
                    words: asked.why.clone().unwrap_or_default(),
                };
                household.object(&said, on)
            }
            (Some("settle"), _) => {
                household.settle_objection(asked.objection, asked.upheld, asked.why.as_deref().unwrap_or_default(), on)
            }
            (Some("level"), _) => household.note_level(level, upper, on, asked.why.as_deref()),
            (Some("died"), _) => household.worker_died(on, asked.why.as_deref()),
            (_, Some(to)) => {
                let posted = posted(context, office, &household, to, (on, until))?;
                let step = CaseStep {
                    posted: posted.as_deref(),
                    reason,
                    why: asked.why.as_deref(),
                    until,
                    category: asked.category.as_deref(),
                    deliberation: deliberation(asked),
                    ..CaseStep::new(to, on)
                };
                household.step_with_queries(&step, &asks)
            }
            _ => Ok(()),
        };
        done?;
        // As it stands now, which may be over.
        let household = match step {
            Some(_) => match office.open(household.id(), context.now()) {
                Err(Failure::NeedsReason) => {
                    return super::status::tell(context, &office.line(household.id(), context.now())?.status);
                }
                opened => opened?,
            },
            None => household,
        };
        tell(context, office, &household)
    })
}

/// The value that a code names; wrong usage where it names none.
fn code<T>(
    context: &Context,
    list: &'static str,
    asked: Option<&str>,
    from_code: fn(&str) -> Option<T>,
) -> Result<Option<T>, ExitCode> {
    let Some(asked) = asked else { return Ok(None) };
    match from_code(asked) {
        Some(value) => Ok(Some(value)),
        None => {
            let library = context.library();
            let known = library.codes(list).map(|codes| codes.all().map(|code| code.code.clone()).collect::<Vec<_>>());
            let known = known.unwrap_or_default().join(", ");
            Err(wrong(context, &Message::new("cli.case.no_such_code").with("asked", asked).with("known", known)))
        }
    }
}

/// The line of a notice, word for word.
fn posted(
    context: &Context,
    office: &Office,
    household: &Household<'_>,
    to: Status,
    (on, until): (Day, Option<Day>),
) -> Result<Option<String>, Failure> {
    let line = || {
        let until = office.notice_until(on, until, context.now())?;
        Ok(present::notice::line(&context.words(office), &household.to_post()?, on, until))
    };
    (to == Status::Noticed).then(line).transpose()
}

/// Who sat, and how they voted; none where nobody is named.
fn deliberation(asked: &Asked) -> Option<Deliberation> {
    (!asked.members.is_empty()).then(|| Deliberation {
        members: asked.members.clone(),
        aside: asked.aside.clone(),
        committee: asked.committee,
        agreed: asked.agreed.unwrap_or_default(),
        against: asked.against.unwrap_or_default(),
    })
}

/// The papers named: seen as the original or as a copy, owed, or waived until a day. A text that names none is answered.
fn papers(asked: &Asked, until: Option<Day>) -> Result<Vec<Paper>, String> {
    let code = |text: &String| match text.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !text.is_empty() {
        true => Ok(text.clone()),
        false => Err(text.clone()),
    };
    let all = [
        (&asked.seen, PaperState::Seen { original: true }),
        (&asked.copy, PaperState::Seen { original: false }),
        (&asked.owed, PaperState::Owed { until }),
    ];
    let mut papers = Vec::new();
    for (kinds, state) in all {
        for kind in kinds {
            papers.push(Paper { kind: code(kind)?, state, issued: None, expires: None, page: None });
        }
    }
    for kind in &asked.waive {
        let until = until.ok_or_else(|| kind.clone())?;
        let state = PaperState::Waived { until };
        papers.push(Paper { kind: code(kind)?, state, issued: None, expires: None, page: None });
    }
    match asked.step.as_deref() == Some("papers") && papers.is_empty() {
        true => Err(String::new()),
        false => Ok(papers),
    }
}

fn wrong(context: &Context, said: &Message) -> ExitCode {
    context.terminal.error(&context.say(said));
    ExitCode::from(2)
}

fn tell(context: &Context, office: &Office, household: &Household<'_>) -> Result<ExitCode, Failure> {
    let case = household.case(Horizon::NOW)?;
    if context.json {
        context.terminal.json(&json_of(context, office, household, &case)?);
        return Ok(ExitCode::SUCCESS);
    }
    let words = context.words(office);
    context.terminal.line(&household.number());
    context.terminal.fields(&present::case::stands(&words, &case));
    if !case.steps.is_empty() {
        context.terminal.line("");
        context.terminal.table(&present::case::steps(&words, &case));
    }
    let objections = household.objections(Horizon::NOW)?;
    if !objections.is_empty() {
        context.terminal.line("");
        context.terminal.table(&present::case::objections(&words, &objections));
    }
    context.terminal.line("");
    context.terminal.sentences(&present::case::next(&words, &case, true));
    Ok(ExitCode::SUCCESS)
}

fn json_of(context: &Context, office: &Office, household: &Household<'_>, case: &CaseView) -> Result<Value, Failure> {
    let day = show::day_json;
    let steps = case.steps.iter().map(|line| -> Result<Value, Failure> {
        Ok(json!({
            "step": line.to.code(),
            "on": line.on.to_string(),
            "until": day(line.until),
            "category": line.category,
            "by": office.officer_name(line.by)?,
            "entered": line.at.day().to_string(),
            "late_days": line.late_days,
        }))
    });
    let next = case.next.iter().map(|step| {
        json!({
            "step": step.to.code(),
            "may": step.may,
            "refused": step.refused.as_ref().map(|refusal| refusal.code()),
            "why": step.refused.as_ref().map(|refusal| context.say(&refusal.explain())),
        })
    });
    let proposed = case.proposed.as_ref().map(proposed_json);
    let objections = household.objections(Horizon::NOW)?.into_iter().map(|line| {
        json!({
            "objection": line.number,
            "on": line.on.to_string(),
            "name": line.said.as_ref().and_then(|said| said.name.clone()),
            "contact": line.said.as_ref().and_then(|said| said.contact.clone()),
            "words": line.said.as_ref().map(|said| said.words.clone()),
            "settled": line.settled.as_ref().map(|(day, ..)| day.to_string()),
            "upheld": line.settled.as_ref().map(|(_, upheld, _)| *upheld),
            "answer": line.settled.as_ref().and_then(|(.., answer)| answer.clone()),
        })
    });
    Ok(json!({
        "objections": objections.collect::<Vec<_>>(),
        "dossier": household.number(),
        "status": case.status.map(Status::code),
        "category": case.category,
        "approved": case.approved,
        "rule_set": case.rule_set,
        "sample": case.sample,
        "proposed": proposed,
        "updated_on": day(case.updated_on),
        "accepted_on": day(case.accepted_on),
        "died_on": day(case.died_on),
        "level": case.level.map(|kept| json!({
            "level": kept.level.code(), "upper": kept.upper.code(), "on": kept.on.to_string(),
        })),
        "papers_owed": case.papers_owed,
        "steps": steps.collect::<Result<Vec<_>, _>>()?,
        "next": next.collect::<Vec<_>>(),
    }))
}

/// What a survey proposes: `{"category", "undecided", "date", "stage"}`.
pub fn proposed_json(proposed: &crate::views::case::Proposed) -> Value {
    json!({
        "category": proposed.category,
        "undecided": proposed.category.is_none(),
        "date": proposed.on.to_string(),
        "stage": proposed.stage.map(Status::code),
    })
}
