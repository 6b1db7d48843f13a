//! Campaigns to be read: all of them, the lines of one, the sheet that is signed on; and persons outside dossiers.

use super::lists::column;
use super::value::{Cell, ColumnKind, Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
use super::words::Words;
use crate::command::fund::{CampaignLine, LineState};
use crate::command::persons::PersonLine;
use crate::domain::fund::{CampaignState, TakenOut};
use crate::domain::{Explain, Fen, Message, Now};
use crate::views::fund::CampaignRow;

/// A line a campaign.
pub fn campaigns(words: &Words<'_>, rows: &[CampaignRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "campaigns",
        vec![
            column("campaign", "campaign.col.campaign", ColumnKind::Identifier).worth(9),
            column("name", "campaign.col.name", ColumnKind::Text).worth(6),
            column("aid", "fund.col.aid", ColumnKind::Code).worth(4),
            column("event", "aid.col.event", ColumnKind::Text).worth(2),
            column("from", "campaign.col.from", ColumnKind::Day).worth(3),
            column("until", "campaign.col.until", ColumnKind::Day).worth(5),
            column("state", "campaign.col.state", ColumnKind::Code).worth(8),
            column("lines", "campaign.col.lines", ColumnKind::Number).worth(7),
            column("granted", "campaign.col.granted", ColumnKind::Number).worth(7),
            column("sum", "campaign.col.sum", ColumnKind::Money).worth(8),
        ],
    );
    for row in rows {
        let (campaign, state) = (&row.campaign, row.state());
        let lines: i64 = row.fills().iter().map(|fill| i64::from(fill.lines)).sum();
        // What was counted last.
        let counted = row.last().filter(|last| last.step.count > 0);
        table.push(TableRow {
            cells: vec![
                Cell::identifier(campaign.code.as_str()),
                Cell::text(words.pick(&row.zh, &row.en)),
                words.code("payout_kind", &campaign.aid),
                Cell::text(campaign.event.as_str()),
                Cell::Day(campaign.from),
                Cell::Day(campaign.until),
                Cell::code(state.code(), words.word(&format!("campaign.state.{}", state.code()))),
                Cell::Number(lines),
                counted.map_or(Cell::Empty, |last| Cell::Number(i64::from(last.step.count))),
                Cell::money(counted.map(|last| last.step.sum)),
            ],
            tone: if state == CampaignState::Closed { Tone::Quiet } else { Tone::Plain },
        });
    }
    table
}

/// Why a line is taken out, in words.
pub fn why(words: &Words<'_>, line: &CampaignLine) -> String {
    match (&line.state, &line.other) {
        (LineState::Out(TakenOut::OtherCampaign { .. }), Some(other)) => {
            words.say(&Message::new("campaign.out.campaign_named").with("other", other.as_str()))
        }
        (LineState::Out(why), _) => words.say(&why.explain()),
        (LineState::Handed { by_proxy: true, .. }, _) => words.word("campaign.by_proxy"),
        _ => String::new(),
    }
}

fn name(words: &Words<'_>, line: &CampaignLine) -> String {
    let unread = matches!(&line.state, LineState::Out(TakenOut::Unreadable));
    line.name.clone().unwrap_or_else(|| words.word(if unread { "campaign.unread" } else { "aid.erased" }))
}

/// The list of a campaign, with what stands and what was taken out.
pub fn lines(words: &Words<'_>, row: &CampaignRow, lines: &[CampaignLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "receivers",
        vec![
            column("line", "campaign.col.line", ColumnKind::Number).worth(9),
            column("name", "campaign.col.person", ColumnKind::Text).worth(9),
            column("id_number", "campaign.col.id_number", ColumnKind::Identifier).worth(2),
            column("dossier", "present.col.number", ColumnKind::Identifier).worth(3),
            column("unit", "present.col.unit", ColumnKind::Text).worth(4),
            column("class", "campaign.col.class", ColumnKind::Code).worth(6),
            column("amount", "campaign.col.amount", ColumnKind::Money).worth(8),
            column("state", "campaign.col.stands", ColumnKind::Code).worth(8),
            column("why", "campaign.col.why", ColumnKind::Text).worth(7),
            column("on", "campaign.col.day", ColumnKind::Day).worth(5),
        ],
    )
    .titled(words.pick(&row.zh, &row.en));
    let (mut sum, mut count) = (0_i64, 0_usize);
    for line in lines {
        if line.state.stands() {
            sum = sum.saturating_add(line.amount.0);
            count += 1;
        }
        table.push(TableRow {
            cells: vec![
                Cell::number(line.number),
                Cell::text(name(words, line)),
                Cell::identifier(line.id_number.as_str()),
                Cell::identifier(line.dossier.as_deref().unwrap_or_default()),
                words.unit(line.unit),
                Cell::code(line.class.as_str(), line.class.as_str()),
                Cell::Money(line.amount),
                Cell::code(line.state.code(), words.word(&format!("campaign.line.{}", line.state.code()))),
                Cell::text(why(words, line)),
                Cell::day(line.state.on()),
            ],
            tone: match &line.state {
                LineState::Out(_) => Tone::Doubt,
                LineState::Returned { .. } | LineState::TakenBack { .. } => Tone::Quiet,
                _ => Tone::Plain,
            },
        });
    }
    let mut cells = vec![Cell::Empty; 10];
    cells[1] = Cell::text(words.word("fund.total"));
    cells[6] = Cell::Money(Fen(sum));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    let totals = Message::new("campaign.totals").with("count", count).with("sum", Fen(sum));
    table.notes.push(Sentence::new(words.say(&totals.with("out", lines.len() - count))));
    table
}

/// The sheet that is signed on: a table a unit, in the order of the list within it.
pub fn sheet(words: &Words<'_>, row: &CampaignRow, lines: &[CampaignLine]) -> Sheet {
    let title = Message::new("campaign.sheet.title").with("name", words.pick(&row.zh, &row.en));
    let mut sheet = Sheet::new(words.lang, words.say(&title));
    let days = format!("{} — {}", row.campaign.from, row.campaign.until);
    sheet.heads = vec![
        Field::new("campaign", words.word("campaign.col.campaign"), Cell::identifier(row.campaign.code.as_str())),
        Field::new("days", words.word("campaign.sheet.days"), Cell::text(days)),
    ];
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.word("campaign.sheet.intro"))]));
    let mut units: Vec<_> = lines.iter().map(|line| line.unit).collect();
    units.sort_unstable();
    units.dedup();
    let sum = |lines: &[&CampaignLine]| Fen(lines.iter().map(|line| line.amount.0).sum());
    for unit in units {
        let own: Vec<&CampaignLine> = lines.iter().filter(|line| line.unit == unit).collect();
        let named = words.unit(unit);
        let named = if named.is_empty() { words.word("campaign.sheet.no_unit") } else { named.shown() };
        let title = Message::new("campaign.sheet.unit").with("unit", named).with("count", own.len());
        let column = |key, title: &str, kind| column(words, key, title, kind);
        let mut table = Table::new(
            "receivers",
            vec![
                column("line", "campaign.col.line", ColumnKind::Number).worth(9),
                column("name", "campaign.col.person", ColumnKind::Text).worth(9),
                column("class", "campaign.col.class", ColumnKind::Code).worth(5),
                column("amount", "campaign.col.amount", ColumnKind::Money).worth(9),
                column("signature", "campaign.col.signature", ColumnKind::Text).worth(9).least(12),
                column("proxy", "campaign.col.proxy", ColumnKind::Text).worth(8).least(12),
                column("relation", "campaign.col.relation", ColumnKind::Text).worth(7).least(6),
                column("on", "campaign.col.day", ColumnKind::Text).worth(6).least(6),
            ],
        )
        .titled(words.say(&title.with("sum", sum(&own))));
        for line in &own {
            // What is over already is said, so that nobody signs for it again; else there is room to write.
            let (signed, room) = match &line.state {
                LineState::Granted => ("________".to_owned(), "____"),
                state => (words.word(&format!("campaign.line.{}", state.code())), ""),
            };
            table.push(vec![
                Cell::number(line.number),
                Cell::text(name(words, line)),
                Cell::code(line.class.as_str(), line.class.as_str()),
                Cell::Money(line.amount),
                Cell::text(signed),
                Cell::text(room),
                Cell::text(room),
                Cell::text(line.state.on().map_or_else(|| room.to_owned(), |day| day.to_string())),
            ]);
        }
        sheet.parts.push(SheetPart::Table(table));
    }
    let all: Vec<&CampaignLine> = lines.iter().collect();
    let total = Message::new("campaign.sheet.all").with("count", all.len()).with("sum", sum(&all));
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.say(&total)).tone(Tone::Strong)]));
    let signature = |key: &str| Signature { title: words.word(key), below: vec![words.word("present.paper.day")] };
    sheet.parts.push(SheetPart::Signatures(vec![
        signature("campaign.sheet.handed_by"),
        signature("campaign.sheet.checked_by"),
    ]));
    sheet
}

/// Persons outside dossiers.
pub fn persons(words: &Words<'_>, persons: &[PersonLine], now: Now) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "persons",
        vec![
            column("person", "person.col.person", ColumnKind::Identifier).worth(8),
            column("name", "campaign.col.person", ColumnKind::Text).worth(9),
            column("id_number", "campaign.col.id_number", ColumnKind::Identifier).worth(5),
            column("phone", "person.col.phone", ColumnKind::Identifier).worth(2),
            column("unit", "present.col.unit", ColumnKind::Text).worth(6),
            column("since", "present.col.since", ColumnKind::Day).worth(3),
            column("dossier", "present.col.number", ColumnKind::Identifier).worth(7),
            column("lists", "person.col.lists", ColumnKind::Number).worth(4),
        ],
    );
    for person in persons {
        let hex = person.id.hex();
        let dossier = person.dossier.and_then(|id| words.office().glance(id, now).ok());
        table.push(vec![
            Cell::identifier(hex.get(..8).unwrap_or(&hex)),
            Cell::text(person.name.clone().unwrap_or_else(|| words.word("aid.erased"))),
            Cell::identifier(person.id_number.as_str()),
            Cell::identifier(person.phone.as_str()),
            words.unit(person.unit),
            Cell::day(person.since),
            Cell::identifier(dossier.map(|line| line.number).unwrap_or_default()),
            Cell::number(person.lists),
        ]);
    }
    table
}
