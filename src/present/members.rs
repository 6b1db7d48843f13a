//! Who belonged to a household from when to when, and why they came and left.

use super::lists::column;
use super::value::{Cell, ColumnKind, Sentence, Table, TableRow, Tone};
use super::words::Words;
use crate::command::members::Member;
use crate::domain::membership::{JOINED, LEFT};
use crate::domain::{Day, Eyes, Mask, MemberChange, MemberMove, Message};
use serde_json::{Value, json};

/// Whether there is more to tell than who is there now.
pub fn tells(members: &[Member]) -> bool {
    members
        .iter()
        .any(|member| member.stay.gone.is_some() || member.stay.seen_on.is_some() || member.stay.came.is_some())
}

/// Every stay of everybody; who left is quiet.
pub fn table(words: &Words<'_>, members: &[Member], eyes: Eyes) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "membership",
        vec![
            column("name", ColumnKind::Text).worth(9),
            column("relation", ColumnKind::Code).worth(6),
            column("since", ColumnKind::Text).worth(8),
            column("came", ColumnKind::Text).worth(5),
            column("gone", ColumnKind::Text).worth(8),
            column("left", ColumnKind::Text).worth(7),
            column("surveys", ColumnKind::Text).worth(3),
        ],
    );
    for Member { stay, name, relation } in members {
        let surveys = match stay.first == stay.last {
            true => stay.first.to_string(),
            false => format!("{}–{}", stay.first, stay.last),
        };
        table.push(TableRow {
            cells: vec![
                Cell::text(Mask::Name.show(name, eyes)),
                if relation.is_empty() { Cell::Empty } else { words.code("relation", relation) },
                Cell::text(day(words, stay.came.as_ref(), stay.seen_on, "present.member.not_known")),
                Cell::text(why(words, JOINED, stay.came.as_ref(), stay.seen_on.is_some(), eyes)),
                Cell::text(day(words, stay.left.as_ref(), stay.gone.map(|(_, on)| on), "present.member.still_there")),
                Cell::text(why(words, LEFT, stay.left.as_ref(), stay.gone.is_some(), eyes)),
                Cell::text(surveys),
            ],
            tone: if stay.gone.is_some() { Tone::Quiet } else { Tone::Plain },
        });
    }
    table
}

/// The day that was said; else that it was by the day of the survey that found it.
fn day(words: &Words<'_>, said: Option<&MemberMove>, found: Option<Day>, else_word: &str) -> String {
    match (said.and_then(|said| said.since), found) {
        (Some(day), _) => day.to_string(),
        (None, Some(day)) => words.say(&Message::new("present.member.by").with("day", day)),
        (None, None) => words.word(else_word),
    }
}

/// The reason in words, and what was said beside it; that none was, where somebody came or left.
fn why(words: &Words<'_>, list: &str, said: Option<&MemberMove>, moved: bool, eyes: Eyes) -> String {
    match said {
        None if !moved => String::new(),
        // Who died, is in prison or under treatment: as the form covers it where it asks for it.
        _ if Mask::Cause.covers(eyes) => Mask::Cause.cover("why"),
        Some(said) => {
            let why = words.code(list, &said.why).shown();
            if said.text.is_empty() { why } else { words.bracketed(&why, &said.text) }
        }
        None => words.word("present.member.why_not_said"),
    }
}

/// What a survey says of who left and who came, a sentence each.
pub fn sentences(words: &Words<'_>, changes: &[(MemberChange, String)], eyes: Eyes) -> Vec<Sentence> {
    let one = |(change, name): &(MemberChange, String)| {
        let (list, key) = match change.joined {
            true => (JOINED, "present.member.joined"),
            false => (LEFT, "present.member.left"),
        };
        let since = change.said.since.map_or_else(|| words.word("present.member.day_not_known"), |day| day.to_string());
        let said = Message::new(key)
            .with("name", Mask::Name.show(name, eyes))
            .with("why", why(words, list, Some(&change.said), true, eyes))
            .with("since", since);
        Sentence::new(words.say(&said))
    };
    changes.iter().map(one).collect()
}

fn moved(said: Option<&MemberMove>, eyes: Eyes) -> Value {
    let day = |day: Day| day.to_string();
    let shown = |text: &str| Mask::Cause.show(text, eyes);
    said.map_or(
        Value::Null,
        |said| json!({"since": said.since.map(day), "why": shown(&said.why), "text": shown(&said.text)}),
    )
}

/// `[{"person", "name", "relation", "first_survey", "last_survey", "came", "gone_in", "left"}]`.
pub fn json(members: &[Member], eyes: Eyes) -> Value {
    let one = |Member { stay, name, relation }: &Member| {
        json!({
            "person": stay.person.hex(),
            "name": Mask::Name.show(name, eyes),
            "relation": relation,
            "first_survey": stay.first,
            "last_survey": stay.last,
            "came": moved(stay.came.as_ref(), eyes),
            "gone_in": stay.gone.map(|(version, _)| version),
            "left": moved(stay.left.as_ref(), eyes),
        })
    };
    members.iter().map(one).collect()
}

/// `[{"person", "joined", "since", "why", "text"}]`: what one survey says.
pub fn changes_json(changes: &[(MemberChange, String)], eyes: Eyes) -> Value {
    let one = |(change, name): &(MemberChange, String)| {
        let mut out = moved(Some(&change.said), eyes);
        out["person"] = json!(change.person.hex());
        out["name"] = json!(Mask::Name.show(name, eyes));
        out["joined"] = json!(change.joined);
        out
    };
    changes.iter().map(one).collect()
}
