//! The public notice: its lines as they are posted and kept word for word, and the sheet that hangs on the wall. A line names
//! the unit, the covered name, the number and what is proposed; never an ID number, an illness, an account, a child or an
//! address.

use super::value::{Cell, Column, ColumnKind, Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
use super::words::Words;
use crate::command::case::{PostedLine, ToPost};
use crate::domain::{Day, Mask, Message};

/// Between the parts of a line.
const PART: &str = "　";

/// The line of a household, as it is posted from one day to another.
pub fn line(words: &Words<'_>, household: &ToPost, from: Day, until: Day) -> String {
    let kind = if household.stands { "present.notice.changes" } else { "present.notice.new" };
    [
        household.number.clone(),
        words.unit(household.unit).shown(),
        Mask::Name.cover(household.name.as_deref().unwrap_or_default()),
        words.word(kind),
        words.category(household.rule_set.as_deref(), household.category.as_deref(), true).shown(),
        words.say(&Message::new("present.notice.days").with("first", from).with("last", until)),
    ]
    .join(PART)
}

fn column(words: &Words<'_>, key: &'static str, kind: ColumnKind) -> Column {
    super::lists::column(words, key, &format!("present.col.{key}"), kind)
}

/// What is to be posted, for whoever posts it to look over.
pub fn to_post(words: &Words<'_>, households: &[ToPost]) -> Table {
    let columns = vec![
        column(words, "number", ColumnKind::Identifier).worth(9),
        column(words, "name", ColumnKind::Text).worth(8),
        column(words, "unit", ColumnKind::Text).worth(5),
        column(words, "category", ColumnKind::Code).worth(7),
    ];
    let mut table = Table::new("to_post", columns);
    for household in households {
        table.push(vec![
            Cell::identifier(household.number.as_str()),
            Cell::text(household.name.as_deref().unwrap_or_default()),
            words.unit(household.unit),
            words.category(household.rule_set.as_deref(), household.category.as_deref(), true),
        ]);
    }
    table
}

/// The sheet: title, the lines as they were posted, how and until when to object, room for the seal. A line that is not the
/// one whose hash was recorded stands out.
pub fn sheet(words: &Words<'_>, posted: &[PostedLine], phone: Option<&str>) -> Sheet {
    let mut sheet = Sheet::new(words.lang, words.word("present.notice.title"));
    let mut table = Table::new(
        "notice",
        vec![
            Column::new("at", words.word("present.notice.place"), ColumnKind::Number).worth(9),
            Column::new("line", words.word("present.notice.line"), ColumnKind::Text).worth(9),
        ],
    );
    for (at, one) in (1..).zip(posted) {
        let (text, tone) = match (&one.line, one.holds) {
            (Some(line), true) => (line.clone(), Tone::Plain),
            (Some(line), false) => {
                (words.say(&Message::new("present.notice.differs").with("line", line.as_str())), Tone::Wrong)
            }
            (None, _) => {
                (words.say(&Message::new("present.notice.not_kept").with("number", one.number.as_str())), Tone::Quiet)
            }
        };
        table.push(TableRow { cells: vec![Cell::Number(at), Cell::text(text)], tone });
    }
    let (first, last) = (posted.iter().map(|one| one.from).min(), posted.iter().map(|one| one.until).max());
    sheet.heads.push(Field::new("from", words.word("present.col.since"), Cell::day(first)));
    sheet.heads.push(Field::new("until", words.word("present.col.until"), Cell::day(last)));
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.word("present.notice.intro"))]));
    sheet.parts.push(SheetPart::Table(table));
    let object = Message::new("present.notice.object")
        .with("last", last.map(|day| day.to_string()).unwrap_or_default())
        .with("phone", phone.unwrap_or("____________"));
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.say(&object))]));
    sheet.parts.push(SheetPart::Signatures(vec![Signature {
        title: words.word("present.notice.seal"),
        below: [words.filing_unit(Cell::Empty, None).shown(), words.word("present.paper.day")]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect(),
    }]));
    sheet
}
