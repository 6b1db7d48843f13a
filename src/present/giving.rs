//! Donors and what became of their gifts, standing donations of units, appropriations, the register of receipts, and the
//! receipt itself as a sheet.

use super::lists::column;
use super::value::{Cell, ColumnKind, Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
use super::words::Words;
use crate::command::fund::{
    AppropriationLine, DonorLine, GiftReport, PledgeLine, ReceiptLine, ReceiptPaper, Settlement,
};
use crate::domain::{Fen, Message};

fn donor_name(words: &Words<'_>, donor: Option<&DonorLine>) -> String {
    match donor {
        None => words.word("giving.anonymous"),
        Some(DonorLine { name: None, unread: true, .. }) => words.word("campaign.unread"),
        Some(DonorLine { name: None, .. }) => words.word("aid.erased"),
        Some(DonorLine { name: Some(name), .. }) => name.clone(),
    }
}

fn short(donor: &DonorLine) -> String {
    donor.id.hex().get(..8).unwrap_or_default().to_owned()
}

/// Everybody who gave, or was entered to.
pub fn donors(words: &Words<'_>, donors: &[DonorLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "donors",
        vec![
            column("donor", "giving.col.donor", ColumnKind::Identifier).worth(9),
            column("name", "fund.col.name", ColumnKind::Text).worth(8),
            column("unit", "present.col.unit", ColumnKind::Text).worth(4),
            column("in_public", "giving.col.public", ColumnKind::Text).worth(3),
            column("receipts", "giving.col.receipts", ColumnKind::Number).worth(6),
            column("gave", "giving.col.gave", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("giving.donors"));
    for donor in donors {
        let public = if donor.unnamed { "giving.unnamed" } else { "giving.named" };
        table.push(vec![
            Cell::identifier(short(donor)),
            Cell::text(donor_name(words, Some(donor))),
            words.unit(donor.unit),
            Cell::text(words.word(public)),
            Cell::number(donor.receipts),
            Cell::Money(donor.gave),
        ]);
    }
    let mut cells = vec![Cell::Empty; 6];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[4] = Cell::number(donors.iter().map(|donor| donor.receipts).sum::<usize>());
    cells[5] = Cell::Money(Fen(donors.iter().map(|donor| donor.gave.0).sum()));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// What a donor gave and what became of it: a sheet to be sent to them. Nobody who was helped is named.
pub fn report(words: &Words<'_>, report: &GiftReport) -> Sheet {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut sheet = Sheet::new(words.lang, words.word("giving.told"));
    sheet.heads = vec![
        Field::new("donor", words.word("giving.col.donor"), Cell::identifier(short(&report.donor))),
        Field::new("name", words.word("fund.col.name"), Cell::text(donor_name(words, Some(&report.donor)))),
        Field::new("on", words.word("fund.on"), Cell::Day(report.on)),
    ];
    let mut gave = Table::new(
        "gave",
        vec![
            column("on", "fund.col.on", ColumnKind::Day).worth(9),
            column("number", "fund.col.number", ColumnKind::Identifier).worth(8),
            column("purse", "fund.col.purse", ColumnKind::Text).worth(6),
            column("amount", "giving.col.gave", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("giving.gave"));
    let purse_of = |line: &crate::views::fund::LineRow| {
        let found = report.purses.iter().find(|purse| Some(purse.row.purse.purse) == line.purse);
        found.map(|purse| words.pick(&purse.row.zh, &purse.row.en).to_owned()).unwrap_or_default()
    };
    for line in &report.lines {
        let Some(movement) = line.what.movement() else { continue };
        let came = movement.from == crate::domain::PlaceId::OUTSIDE;
        gave.push(TableRow {
            cells: vec![
                Cell::Day(movement.on),
                line.number_text().map_or(Cell::Empty, Cell::identifier),
                Cell::text(purse_of(line)),
                Cell::Money(Fen(if came { movement.amount.0 } else { -movement.amount.0 })),
            ],
            tone: if line.reversed.is_some() { Tone::Quiet } else { Tone::Plain },
        });
    }
    let mut sums = vec![Cell::Empty; 4];
    sums[0] = Cell::text(words.word("fund.total"));
    sums[3] = Cell::Money(Fen(report.purses.iter().map(|purse| purse.gave.0).sum()));
    gave.sums = Some(TableRow { cells: sums, tone: Tone::Strong });
    gave.notes = super::fund::exceptions(words, report.on);
    sheet.parts.push(SheetPart::Table(gave));
    for purse in &report.purses {
        let statement = &purse.statement;
        let came: i64 = statement.receipts.values().map(|fen| fen.0).sum();
        let said = Message::new("giving.became")
            .with("purse", words.pick(&purse.row.zh, &purse.row.en))
            .with("gave", purse.gave)
            .with("came", Fen(statement.opening.0 + statement.begun_with.0 + came))
            .with("paid", statement.all_aid.amount)
            .with("times", statement.all_aid.person_times)
            .with("left", statement.closing);
        sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.say(&said))]));
        if !statement.aid.is_empty() {
            sheet.parts.push(SheetPart::Table(super::fund::aid_table(words, statement, report.on)));
        }
    }
    sheet
}

/// What units are to give and what came, with how many gave.
pub fn standing(words: &Words<'_>, lines: &[PledgeLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "standing",
        vec![
            column("unit", "present.col.unit", ColumnKind::Text).worth(9),
            column("from", "giving.col.from", ColumnKind::Day).worth(6),
            column("until", "giving.col.until", ColumnKind::Day).worth(6),
            column("expected", "giving.col.expected", ColumnKind::Money).worth(7),
            column("received", "giving.col.received", ColumnKind::Money).worth(9),
            column("missing", "giving.col.missing", ColumnKind::Money).worth(8),
            column("donors", "giving.col.donors", ColumnKind::Number).worth(6),
            column("staff", "giving.col.staff", ColumnKind::Number).worth(6),
            column("share", "giving.col.share", ColumnKind::Identifier).worth(7),
            column("found", "giving.col.found", ColumnKind::Text).worth(5),
        ],
    )
    .titled(words.word("giving.standing"));
    for line in lines {
        let share = line.participation().map(|tenths| format!("{}.{}%", tenths / 10, tenths % 10));
        let equal = line.is_equal_throughout;
        table.push(TableRow {
            cells: vec![
                words.unit(Some(line.unit)),
                Cell::Day(line.from),
                Cell::Day(line.until),
                Cell::money(line.expected),
                Cell::Money(line.received),
                Cell::Money(line.missing()),
                Cell::Number(line.donors.into()),
                Cell::Number(line.staff.into()),
                share.map_or(Cell::Empty, Cell::identifier),
                if equal { Cell::text(words.word("giving.equal")) } else { Cell::Empty },
            ],
            tone: if equal { Tone::Doubt } else { Tone::Plain },
        });
    }
    let sum = |of: &dyn Fn(&PledgeLine) -> i64| Cell::Money(Fen(lines.iter().map(of).sum()));
    let mut cells = vec![Cell::Empty; 10];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[3] = sum(&|line| line.expected.map_or(0, |fen| fen.0));
    cells[4] = sum(&|line| line.received.0);
    cells[5] = sum(&|line| line.missing().0);
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// The receipts that what a unit gave came in by.
pub fn collected(words: &Words<'_>, lines: &[crate::views::fund::LineRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "collected",
        vec![
            column("on", "fund.col.on", ColumnKind::Day).worth(9),
            column("number", "fund.col.number", ColumnKind::Identifier).worth(8),
            column("document", "fund.col.document", ColumnKind::Text).worth(5),
            column("amount", "giving.col.received", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("giving.receipts"));
    let kept =
        |line: &crate::views::fund::LineRow| line.what.amount().0 - line.back.iter().map(|(_, fen)| fen.0).sum::<i64>();
    for line in lines {
        table.push(vec![
            Cell::Day(line.what.on()),
            line.number_text().map_or(Cell::Empty, Cell::identifier),
            Cell::text(line.what.movement().map(|movement| movement.document.clone()).unwrap_or_default()),
            Cell::Money(Fen(kept(line))),
        ]);
    }
    let mut cells = vec![Cell::Empty; 4];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[3] = Cell::Money(Fen(lines.iter().map(kept).sum()));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// Asked for, granted, paid in by day, missing: a stream below the other, each payment a line of its own.
pub fn appropriations(words: &Words<'_>, year: i32, lines: &[AppropriationLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "appropriations",
        vec![
            column("source", "fund.col.source", ColumnKind::Code).worth(9),
            column("on", "giving.col.paid_on", ColumnKind::Day).worth(7),
            column("asked", "giving.col.asked", ColumnKind::Money).worth(6),
            column("granted", "giving.col.granted", ColumnKind::Money).worth(8),
            column("paid", "giving.col.paid", ColumnKind::Money).worth(9),
            column("missing", "giving.col.missing", ColumnKind::Money).worth(8),
        ],
    )
    .titled(words.say(&Message::new("giving.appropriations").with("year", i64::from(year))));
    let fen = |of: Option<(crate::domain::Day, Fen)>| Cell::money(of.map(|(_, fen)| fen));
    for line in lines {
        table.push(TableRow {
            cells: vec![
                words.code("fund_source", &line.source),
                Cell::Empty,
                fen(line.asked),
                fen(line.granted),
                Cell::Money(line.paid_in()),
                Cell::Money(line.missing()),
            ],
            tone: if line.missing().0 > 0 { Tone::Doubt } else { Tone::Plain },
        });
        for (on, paid) in &line.paid {
            let mut cells = vec![Cell::Empty; 6];
            (cells[1], cells[4]) = (Cell::Day(*on), Cell::Money(*paid));
            table.push(TableRow { cells, tone: Tone::Quiet });
        }
    }
    let sum = |of: &dyn Fn(&AppropriationLine) -> i64| Cell::Money(Fen(lines.iter().map(of).sum()));
    let mut cells = vec![Cell::Empty; 6];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[2] = sum(&|line| line.asked.map_or(0, |(_, fen)| fen.0));
    cells[3] = sum(&|line| line.granted.map_or(0, |(_, fen)| fen.0));
    cells[4] = sum(&|line| line.paid_in().0);
    cells[5] = sum(&|line| line.missing().0);
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// The settlement of a grant: came in, paid by kind, given back, left.
pub fn settlement(words: &Words<'_>, settled: &Settlement) -> Sheet {
    let mut sheet = Sheet::new(words.lang, words.word("giving.settlement"));
    let purse = &settled.purse;
    sheet.heads = vec![
        Field::new("bureau", words.word("present.paper.unit"), words.filing_unit(Cell::Empty, Some(settled.on))),
        Field::new("on", words.word("fund.on"), Cell::Day(settled.on)),
    ];
    let money = |key, title: &str, fen: Fen| Field::new(key, words.word(title), Cell::Money(fen));
    sheet.parts.push(SheetPart::Fields(vec![
        Field::new("purse", words.word("fund.col.purse"), Cell::text(words.pick(&purse.zh, &purse.en))),
        Field::new("source", words.word("fund.col.source"), words.code("fund_source", &purse.purse.source)),
        Field::new("until", words.word("fund.col.until"), Cell::day(purse.purse.until)),
        money("came", "fund.came", settled.came),
        money("paid", "fund.went", settled.statement.all_aid.amount),
        money("given_back", "fund.kind.given_back", settled.given_back),
        money("left", "fund.closing", settled.statement.closing).tone(Tone::Strong),
        money("reserved", "fund.reserved", settled.reserved),
    ]));
    if settled.is_unspent() {
        let said = Message::new("giving.unspent")
            .with("last", purse.purse.until.map(|last| last.to_string()).unwrap_or_default())
            .with("left", settled.statement.closing);
        sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.say(&said)).tone(Tone::Wrong)]));
    }
    sheet.parts.push(SheetPart::Table(super::fund::aid_table(words, &settled.statement, settled.on)));
    let boxed = |title: &str| Signature {
        title: words.word(title),
        below: vec![words.word("present.paper.sign"), words.word("present.paper.day")],
    };
    let boxes = ["closing.box.prepared", "closing.box.checked", "closing.box.approved"];
    sheet.parts.push(SheetPart::Signatures(boxes.map(boxed).to_vec()));
    sheet
}

/// The register of receipts: every number, void ones with why.
pub fn receipts(words: &Words<'_>, lines: &[ReceiptLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "receipts",
        vec![
            column("number", "fund.col.number", ColumnKind::Identifier).worth(9),
            column("on", "fund.col.on", ColumnKind::Day).worth(8),
            column("donor", "giving.col.from_whom", ColumnKind::Text).worth(6),
            column("purse", "fund.col.purse", ColumnKind::Text).worth(5),
            column("document", "fund.col.document", ColumnKind::Text).worth(2),
            column("state", "giving.col.state", ColumnKind::Text).worth(7),
            column("amount", "fund.col.moved", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("giving.receipts"));
    let mut all = 0;
    for line in lines {
        let number = Cell::identifier(line.number.as_str());
        let Some((row, movement)) = line.line.as_ref().and_then(|row| Some((row, row.what.movement()?))) else {
            let why = words.bracketed(&words.word("giving.void"), line.void.as_deref().unwrap_or_default());
            let mut cells = vec![Cell::Empty; 7];
            (cells[0], cells[5]) = (number, Cell::text(why));
            table.push(TableRow { cells, tone: Tone::Quiet });
            continue;
        };
        let back: i64 = row.back.iter().map(|(_, fen)| fen.0).sum();
        let stands = if row.reversed.is_some() { 0 } else { movement.amount.0 - back };
        all += stands;
        let state = match (row.reversed.is_some(), back) {
            (true, _) => words.word("fund.reversed"),
            (false, 0) => String::new(),
            (false, back) => words.bracketed(&words.word("giving.back"), &Fen(back).grouped()),
        };
        let unit = words.unit(movement.unit).shown();
        let from = match (&line.donor, unit.is_empty()) {
            (None, false) => unit,
            (donor, _) => donor_name(words, donor.as_ref()),
        };
        let purse = line.purse.as_ref().map(|purse| words.pick(&purse.zh, &purse.en).to_owned());
        table.push(TableRow {
            cells: vec![
                number,
                Cell::Day(movement.on),
                Cell::text(from),
                Cell::text(purse.unwrap_or_default()),
                Cell::text(movement.document.as_str()),
                Cell::text(state),
                Cell::Money(movement.amount),
            ],
            tone: if stands == movement.amount.0 { Tone::Plain } else { Tone::Quiet },
        });
    }
    let mut cells = vec![Cell::Empty; 7];
    cells[0] = Cell::text(words.word("giving.stands"));
    cells[6] = Cell::Money(Fen(all));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// The receipt that is handed over: who gave what for what, who took it in, on which day (Charity Law, art. 38).
pub fn receipt(words: &Words<'_>, paper: &ReceiptPaper) -> Sheet {
    let is_gift = matches!(paper.purse.purse.source.as_str(), "S03" | "S04" | "S05" | "S09");
    let mut sheet = Sheet::new(words.lang, words.word(if is_gift { "giving.receipt" } else { "giving.paid_in" }));
    sheet.heads.push(Field::new("number", words.word("fund.col.number"), Cell::identifier(paper.number.as_str())));
    let Some(movement) = paper.line.what.movement() else { return sheet };
    sheet.heads.push(Field::new("on", words.word("fund.col.on"), Cell::Day(movement.on)));
    let bureau = words.filing_unit(Cell::Empty, Some(movement.on));
    sheet.heads.push(Field::new("bureau", words.word("giving.taken_by"), bureau));
    if paper.line.reversed.is_some() {
        let said = Sentence::new(words.word("giving.receipt_void")).tone(Tone::Wrong);
        sheet.parts.push(SheetPart::Sentences(vec![said]));
    }
    let unit = words.unit(movement.unit).shown();
    let from = match (&paper.donor, unit.is_empty()) {
        (None, false) => unit,
        (donor, _) => donor_name(words, donor.as_ref()),
    };
    let purse = &paper.purse;
    let kinds: Vec<Cell> = purse.purse.kinds.iter().map(|kind| words.code("payout_kind", kind)).collect();
    let place = paper.place.as_ref().map(|place| {
        let kind = words.word(&format!("fund.place.{}", place.place.kind.code()));
        words.bracketed(words.pick(&place.zh, &place.en), &kind)
    });
    let mut fields = vec![
        Field::new("from", words.word("giving.col.from_whom"), Cell::text(from)).tone(Tone::Strong),
        Field::new("amount", words.word("giving.amount"), Cell::Money(movement.amount)).tone(Tone::Strong),
        Field::new("spelled", words.word("giving.spelled"), Cell::text(movement.amount.spelled())),
        Field::new("purse", words.word("giving.purpose"), Cell::text(words.pick(&purse.zh, &purse.en))),
        Field::new("place", words.word("giving.paid_by"), Cell::text(place.unwrap_or_default())),
    ];
    if !kinds.is_empty() {
        let kinds = Cell::Many { cells: kinds, comma: words.comma() };
        fields.push(Field::new("kinds", words.word("fund.col.kinds"), kinds));
    }
    if !movement.document.is_empty() {
        fields.push(Field::new("document", words.word("fund.col.document"), Cell::text(movement.document.as_str())));
    }
    fields.push(Field::new("by", words.word("giving.entered_by"), Cell::text(words.officer(paper.line.by))));
    sheet.parts.push(SheetPart::Fields(fields));
    let boxed = |title: &str| Signature {
        title: words.word(title),
        below: vec![words.word("present.paper.sign"), words.word("present.paper.day")],
    };
    sheet.parts.push(SheetPart::Signatures(vec![boxed("giving.box.taken"), boxed("giving.box.seal")]));
    sheet
}
