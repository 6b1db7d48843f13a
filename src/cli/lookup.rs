//! `lookup`: who fits what was typed, best first, and why.

use super::args::Lookup;
use super::context::{Context, How};
use crate::command::{Failure, Office};
use crate::domain::Message;
use crate::present::{self, campaign, glance, lists};
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, lookup: &Lookup) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        // Nobody watches a command while the index fills, so it answers when all have been looked at.
        office.wait_until_findable();
        let partial = partial(context, office)?;
        let whole = partial.is_none();
        let answer = office.lookup(&lookup.query.join(" "), lookup.limit, context.now())?;
        if lookup.line && !context.json {
            let words = context.words(office);
            for hit in &answer.hits {
                // What is not theirs any more was found a moment ago.
                let Ok(status) = office.glance(hit.dossier, context.now()) else { continue };
                context.terminal.line(&glance::line(&words, &status, Some(&hit.name), context.now().today));
            }
            partial.iter().for_each(|said| context.terminal.error(&context.say(said)));
            return Ok(if whole && !answer.hits.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) });
        }
        // People outside dossiers, for whom no line of a household is asked.
        let mut persons = office.persons_found(&lookup.query.join(" "), context.now())?;
        persons.truncate(lookup.limit);
        let found = lists::hits(&context.words(office), answer.hits.iter().map(|hit| (hit, None)));
        if context.json {
            let hits = present::json::table(&found);
            context.terminal.json(&if whole { hits } else { json!({"partial": true, "found": hits}) });
        } else {
            context.terminal.table(&found);
            if !persons.is_empty() {
                context.terminal.line(&context.word("person.found"));
                context.terminal.table(&campaign::persons(&context.words(office), &persons, context.now()));
            }
            if answer.cut {
                context.terminal.error(&context.word("cli.lookup.cut"));
            }
            if let Some(said) = &partial {
                context.terminal.error(&context.say(said));
            } else if answer.hits.is_empty() && persons.is_empty() {
                context.terminal.error(&context.word("cli.lookup.none"));
            }
        }
        let found = whole && !(answer.hits.is_empty() && persons.is_empty());
        Ok(if found { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

/// Not everybody could be looked at: that nobody was found says nothing.
fn partial(context: &Context, office: &Office) -> Result<Option<Message>, Failure> {
    if context.terminal.is_partial() {
        return Ok(Some(Message::new("cli.lookup.despite_loss")));
    }
    Ok(match (office.findable(context.now()), office.unfindable(), office.persons_unread()?) {
        ((seen, false), ..) => Some(Message::new("cli.lookup.partial").with("count", seen)),
        (_, 0, 0) => None,
        (_, 0, persons) => Some(Message::new("person.unread").with("count", persons)),
        (_, unread, 0) => Some(Message::new("cli.lookup.unread").with("count", unread)),
        (_, unread, persons) => {
            Some(Message::new("cli.lookup.unread_all").with("count", unread).with("persons", persons))
        }
    })
}
