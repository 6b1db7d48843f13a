//! `notice`: who is to be posted, posting them, and the sheet that hangs.

use super::args::Notice;
use super::context::{Context, How};
use super::paper;
use crate::command::Failure;
use crate::command::case::CaseStep;
use crate::domain::dossier::Status;
use crate::domain::{Explain, Message};
use crate::present::{self, notice};
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Notice) -> Result<ExitCode, Failure> {
    let day = |text: &Option<String>| text.as_deref().map(|text| context.day(text)).transpose();
    let (on, until) = match (day(&asked.on), day(&asked.until)) {
        (Ok(on), Ok(until)) => (on.unwrap_or_else(|| context.now().today), until),
        (Err(code), _) | (_, Err(code)) => return Ok(code),
    };
    context.in_office(How::default(), |office| {
        let way = match paper::way(context, office, &asked.to) {
            Ok(way) => way,
            Err(code) => return Ok(code),
        };
        let until = office.notice_until(on, until, context.now())?;
        let words = context.words(office);
        let units = asked.units.iter().map(|unit| office.unit_named(unit)).collect::<Result<Vec<_>, _>>()?;
        if !asked.post && !asked.sheet {
            let households = office.to_post(&units, context.now())?;
            let table = notice::to_post(&words, &households);
            if context.json {
                context.terminal.json(&present::json::table(&table));
            } else if households.is_empty() {
                context.terminal.line(&context.word("cli.notice.nobody"));
            } else {
                context.terminal.table(&table);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut refused = Vec::new();
        if asked.post {
            for household in office.to_post(&units, context.now())? {
                let line = notice::line(&words, &household, on, until);
                let step = CaseStep { until: Some(until), posted: Some(&line), ..CaseStep::new(Status::Noticed, on) };
                let done = office.open(household.dossier, context.now()).and_then(|opened| opened.take_step(&step));
                if let Err(failure) = done {
                    refused.push((household.number, failure));
                }
            }
        }
        let posted = office.posted(&units, on, context.now())?;
        office.print_posted(&posted, context.now())?;
        for (number, failure) in &refused {
            let why = context.say(&failure.explain());
            context.terminal.error(
                &context.say(&Message::new("cli.notice.refused").with("number", number.as_str()).with("why", why)),
            );
        }
        if context.json {
            let lines = posted.iter().map(|one| {
                json!({
                    "dossier": one.number,
                    "from": one.from.to_string(),
                    "until": one.until.to_string(),
                    "line": one.line,
                    "holds": one.holds,
                })
            });
            context.terminal.json(&json!({
                "posted": lines.collect::<Vec<_>>(),
                "refused": refused.iter().map(|(number, _)| number).collect::<Vec<_>>(),
            }));
        } else if posted.is_empty() {
            context.terminal.line(&context.word("cli.notice.nothing_hangs"));
        } else {
            let code = paper::write(context, office, notice::sheet(&words, &posted, asked.phone.as_deref()), way);
            if refused.is_empty() {
                return Ok(code);
            }
        }
        Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}
