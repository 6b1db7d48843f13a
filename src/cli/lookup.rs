//! `lookup`: who fits what was typed, best first, and why.

use super::args::Lookup;
use super::desk::{Desk, How};
use super::print;
use crate::command::Failure;
use crate::domain::{Explain, Message};
use crate::lang;
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(desk: &Desk, lookup: &Lookup) -> Result<ExitCode, Failure> {
    desk.in_office(How::default(), |office| {
        // Nobody watches a command while the index fills, so it answers when all have been looked at.
        office.wait_until_findable();
        let (seen, whole) = office.findable();
        let answer = office.lookup(&lookup.query.join(" "), lookup.limit, desk.now())?;
        let why = |hit: &crate::views::search::Hit| {
            hit.why.iter().map(|w| desk.say(&w.explain())).collect::<Vec<_>>().join(desk.word("cli.comma").as_str())
        };
        if desk.json {
            let hits: Vec<Value> = answer
                .hits
                .iter()
                .map(|hit| {
                    json!({
                        "dossier": hit.number,
                        "name": hit.name,
                        "unit": hit.unit.name,
                        "born": hit.birth_year,
                        "category": some(&hit.category),
                        "status": hit.status,
                        "why": why(hit),
                    })
                })
                .collect();
            print::json(&if whole { Value::Array(hits) } else { json!({"partial": true, "found": hits}) });
        } else {
            for hit in &answer.hits {
                let cells = [
                    lang::pad(&hit.number, 18),
                    lang::pad(&lang::clean(&hit.name), 10),
                    lang::pad(&hit.birth_year.map(|y| y.to_string()).unwrap_or_default(), 4),
                    lang::pad(&lang::clean(&hit.unit.name), 14),
                    lang::pad(if hit.category.is_empty() { "-" } else { &hit.category }, 2),
                    lang::pad(&desk.word(&format!("status.{}", hit.status)), 8),
                    why(hit),
                ];
                print::line(cells.join("  ").trim_end());
            }
            if answer.cut {
                print::error(&desk.word("cli.lookup.cut"));
            }
            if !whole {
                print::error(&desk.say(&Message::new("cli.lookup.partial").with("count", seen)));
            } else if answer.hits.is_empty() {
                print::error(&desk.word("cli.lookup.none"));
            }
        }
        let found = whole && !answer.hits.is_empty();
        Ok(if found { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
