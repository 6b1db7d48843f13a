//! `lookup`: who fits what was typed, best first, and why.

use super::args::Lookup;
use super::desk::{Desk, How};
use super::print;
use crate::command::Failure;
use crate::domain::Message;
use crate::present::{self, glance, lists};
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, lookup: &Lookup) -> Result<ExitCode, Failure> {
    desk.in_office(How::default(), |office| {
        // Nobody watches a command while the index fills, so it answers when all have been looked at.
        office.wait_until_findable();
        let (seen, whole) = office.findable();
        let answer = office.lookup(&lookup.query.join(" "), lookup.limit, desk.now())?;
        if lookup.line && !desk.json {
            let words = desk.words(office);
            for hit in &answer.hits {
                // What is not theirs any more was found a moment ago.
                let Ok(status) = office.glance(hit.dossier, desk.now()) else { continue };
                print::line(&glance::line(&words, &status, Some(&hit.name), desk.now().today));
            }
            return Ok(if answer.hits.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS });
        }
        let found = lists::hits(&desk.words(office), &answer.hits);
        if desk.json {
            let hits = present::json::table(&found);
            print::json(&if whole { hits } else { json!({"partial": true, "found": hits}) });
        } else {
            print::table(&found);
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
