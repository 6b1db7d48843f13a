//! `survey`: on screen, or from an answers file with every check applying.

use super::args::Survey;
use super::context::{Context, How};
use super::{screens, script, show};
use crate::command::sent::{AnswersFile, Sending};
use crate::command::survey::{Begin, Submitted};
use crate::command::{Failure, Office};
use crate::domain::{Message, Step};
use crate::form::{self, Draft, Problem, Refusal, What};
use crate::rules;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, survey: &Survey) -> Result<ExitCode, Failure> {
    let Some(answers) = &survey.answers else { return screens::survey(context, survey) };
    let steps = form::run::steps(&script::read_json(context, answers)?).map_err(Failure::Script)?;
    context.in_office(How::default(), |office| keyed(context, office, survey, &steps))
}

/// What both ways of surveying begin with.
pub fn begin(context: &Context, office: &Office, survey: &Survey) -> Result<Begin, Failure> {
    Ok(Begin {
        dossier: match &survey.number {
            Some(number) => Some(office.find(number, context.now())?.id()),
            None => None,
        },
        form: match &survey.form {
            // A file is taken into the store, so that the survey can always be shown with the form it was taken with.
            Some(form) if !office.context().afar && form.exists() => super::form::add_to(context, office, form)?,
            Some(id) => office.form_now(&id.to_string_lossy())?,
            None => context.library().hardship()?.clone(),
        },
        corrects: survey.correct,
        updates: survey.update,
        on_disk: true,
    })
}

/// A file's answer is read as if it were typed: `2018/3/5` is a day, `1,200` an amount, and `2018-02-30` is refused
/// rather than taken for no answer.
fn read(draft: &Draft, step: &Step) -> Result<Step, Problem> {
    let Step::Set { path, value } = step else { return Ok(step.clone()) };
    match draft.at(path) {
        Some(at) if !value.is_empty() => match draft.read(at, value) {
            Ok(value) => Ok(Step::Set { path: path.clone(), value }),
            Err(why) => Err(Problem { path: path.clone(), what: What::NotRead(why) }),
        },
        _ => Ok(step.clone()),
    }
}

fn keyed(context: &Context, office: &Office, survey: &Survey, steps: &[Step]) -> Result<ExitCode, Failure> {
    let mut now = context.now();
    let mut on = None;
    if let Some(text) = &survey.on {
        match context.day(text) {
            Ok(day) => {
                now.today = day;
                on = Some(day);
            }
            Err(code) => return Ok(code),
        }
    }
    let begin = begin(context, office, survey)?;
    if begin.form.broken > 0 {
        context.terminal.error(&context.say(&Message::new("cli.form.broken").with("count", begin.form.broken)));
    }
    let file = AnswersFile { steps, on, again: survey.again };
    let mut surveying = match office.begin_sent(begin, &file, now)? {
        Sending::Before(submitted) => return Ok(reported(context, office, &submitted)),
        Sending::Begun(surveying) => *surveying,
    };
    if let Some(language) = surveying.draft.form().language_index(context.lang().code()) {
        surveying.draft.speak(language);
    }
    for (number, step) in (1..).zip(steps) {
        let step = match read(&surveying.draft, step) {
            Ok(step) => step,
            Err(problem) => {
                let _ = surveying.discard(office);
                return Err(Failure::Step { number, problem });
            }
        };
        let outcome = surveying.answer(office, &step)?;
        if matches!(step, Step::Set { .. }) {
            office.say_elsewhere(surveying.keeping.head.dossier, &mut surveying.draft, true, now)?;
        }
        // A check that fails lets the answer stand and is met again at the end; a step that cannot be taken is an error
        // in the file, and nothing of it is kept.
        // A reason for what asks for none says nothing: files made for an earlier version of the form carry some.
        let says_nothing = |p: &Problem| p.what == What::Refused(Refusal::NothingToPass);
        if let Some(problem) = outcome.problem.filter(|p| !p.lets_stand() && !says_nothing(p)) {
            let _ = surveying.discard(office);
            return Err(Failure::Step { number, problem });
        }
    }
    let submitted = match office.submit(&mut surveying, now, survey.beside) {
        Ok(submitted) => submitted,
        Err(failure) => {
            // The file is the surveyor's own copy: mended and sent again, it makes a new draft. Where the survey may have
            // been kept all the same the draft stays, and is recognised.
            if failure.is_about_the_answers() {
                let _ = surveying.discard(office);
            }
            return Err(failure);
        }
    };
    // What is in a file was surveyed: it is kept and told, and while it stands nothing is approved.
    let held: Vec<Message> = match submitted.before {
        None => surveying.draft.all_held_elsewhere().iter().map(crate::domain::Explain::explain).collect(),
        Some(_) => Vec::new(),
    };
    let mut said: Vec<String> = held.iter().map(|held| context.say(held)).collect();
    said.dedup();
    // Where it is not known whether one stands elsewhere, nothing is held up by it.
    if held.iter().any(|held| held.key != "form.elsewhere_unknown") {
        context.terminal.error(&context.word("cli.survey.held"));
    }
    said.iter().for_each(|said| context.terminal.error(said));
    Ok(reported(context, office, &submitted))
}

/// The receipt, in words or as a document.
fn reported(context: &Context, office: &Office, submitted: &Submitted) -> ExitCode {
    if context.json {
        let mut decision = submitted.decision.clone();
        if let Some(decision) = &mut decision {
            decision.flips.clear();
        }
        context.terminal.json(&json!({
            "dossier": submitted.number,
            "id": submitted.dossier.hex(),
            "record": submitted.receipt.entry.hex(),
            "seq": submitted.receipt.seq,
            "decision": decision.as_ref().map(rules::json::decision),
            "next_due": show::day_json(submitted.next_due),
            "repeated": submitted.before.is_some(),
        }));
    } else {
        let said = match submitted.before {
            Some(at) => Message::new("cli.survey.kept_before").with("at", at.local()),
            None => Message::new("cli.survey.kept"),
        };
        context.terminal.line(&context.say(&said.with("number", submitted.number.as_str())));
        if let Some(decision) = &submitted.decision {
            let category = decision.category.as_deref();
            context.terminal.line(&show::category_words(context, office, Some(&decision.rule_set), category));
        }
    }
    ExitCode::SUCCESS
}
