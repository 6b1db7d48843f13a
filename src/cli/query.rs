//! `query`: questions about answers, and what was said to them.

use super::args::Query;
use super::context::{Context, How};
use crate::command::queries::QueryLine;
use crate::command::{Failure, Office};
use crate::domain::{DossierId, Message};
use crate::present;
use crate::views::Horizon;
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Query) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let text = asked.text.as_deref().unwrap_or_default();
        let dossiers = match &asked.number {
            None => office.queried(context.now())?,
            Some(number) => {
                let household = office.find(number, context.now())?;
                if let Some(question) = &asked.ask {
                    household.ask(asked.version, question, text)?;
                }
                if let Some(number) = &asked.answer {
                    household.answer_query(&household.query(number)?, text)?;
                }
                if let Some(number) = &asked.close {
                    household.close_query(&household.query(number)?, text)?;
                }
                vec![household.id()]
            }
        };
        tell(context, office, &dossiers)
    })
}

fn tell(context: &Context, office: &Office, dossiers: &[DossierId]) -> Result<ExitCode, Failure> {
    let mut all: Vec<Value> = Vec::new();
    let words = context.words(office);
    for dossier in dossiers {
        let household = match office.open(*dossier, context.now()) {
            // Queries of a case that is over are listed by whoever opens it for a reason.
            Err(Failure::NeedsReason) => continue,
            opened => opened?,
        };
        let number = household.number();
        let lines = present::dossier::queries_of(&words, &household, Horizon::NOW, household.eyes())?;
        let mut asked = Vec::new();
        for line in &lines {
            if context.json {
                all.push(line_json(office, &number, line)?);
            } else {
                asked.push(line.clone());
            }
        }
        if !asked.is_empty() {
            let status = household.status(Horizon::NOW);
            context.terminal.line(&number);
            context.terminal.table(&present::dossier::queries(&words, &household, &status, &asked, household.eyes()));
            for line in asked.iter().filter(|line| line.said.len() > 1) {
                context.terminal.line(&format!("#{}", line.number));
                context.terminal.table(&present::dossier::said(&words, line));
            }
        }
        if lines.is_empty() && !context.json {
            context.terminal.line(&context.say(&Message::new("cli.query.none").with("number", number)));
        }
    }
    if context.json {
        context.terminal.json(&Value::Array(all));
    }
    Ok(ExitCode::SUCCESS)
}

fn line_json(office: &Office, number: &str, line: &QueryLine) -> Result<Value, Failure> {
    let said = line.said.iter().map(|said| -> Result<Value, Failure> {
        Ok(json!({"by": office.officer_name(said.by)?, "at": said.at.local(), "text": said.text}))
    });
    Ok(json!({
        "dossier": number,
        "query": line.number,
        "survey": line.survey.hex(),
        "question": line.path.as_str(),
        "state": line.state.code(),
        "said": said.collect::<Result<Vec<_>, _>>()?,
    }))
}
