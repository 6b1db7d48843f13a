//! A period's end on paper: what came and went, what every purse has, every place beside what was counted; who counted, checked
//! and closed it; and the head code of the chain with the record that did. And the years before the book began.

use super::fund;
use super::lists::column;
use super::value::{Cell, ColumnKind, Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
use super::words::Words;
use crate::command::fund::{ClosingLine, FundState, PeriodStatement};
use crate::domain::fund::{ClosingState, FormerCount};
use crate::domain::{Fen, Message};
use crate::views::fund::FormerRow;

/// Periods and how far each has come.
pub fn closings(words: &Words<'_>, lines: &[ClosingLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "closings",
        vec![
            column("from", "giving.col.from", ColumnKind::Day).worth(8),
            column("to", "giving.col.until", ColumnKind::Day).worth(9),
            column("state", "closing.col.state", ColumnKind::Code).worth(9),
            column("preparer", "closing.state.counted", ColumnKind::Text).worth(5),
            column("checker", "closing.state.checked", ColumnKind::Text).worth(5),
            column("approver", "closing.state.closed", ColumnKind::Text).worth(5),
            column("differences", "closing.col.differs", ColumnKind::Money).worth(7),
        ],
    )
    .titled(words.word("closing.title"));
    for line in lines {
        let by = |state: ClosingState| {
            let found = line.by.iter().find(|(of, ..)| *of == state);
            found.map_or(Cell::Empty, |(_, officer, _)| Cell::text(words.officer(*officer)))
        };
        let code = line.state.code();
        table.push(TableRow {
            cells: vec![
                Cell::Day(line.row.closing.from),
                Cell::Day(line.row.closing.to),
                Cell::code(code, words.word(&format!("closing.state.{code}"))),
                by(ClosingState::Counted),
                by(ClosingState::Checked),
                by(ClosingState::Closed),
                Cell::Money(Fen(line.counts.iter().map(|line| line.count.differs().0).sum())),
            ],
            tone: if line.state == ClosingState::Closed { Tone::Plain } else { Tone::Doubt },
        });
    }
    table
}

/// Every place beside what was counted, each difference with why.
pub fn counts(words: &Words<'_>, line: &ClosingLine) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "counts",
        vec![
            column("place", "fund.col.place", ColumnKind::Identifier).worth(9),
            column("name", "fund.col.name", ColumnKind::Text).worth(5),
            column("book", "closing.col.book", ColumnKind::Money).worth(8),
            column("counted", "closing.col.counted", ColumnKind::Money).worth(9),
            column("differs", "closing.col.differs", ColumnKind::Money).worth(8),
            column("because", "closing.col.because", ColumnKind::Text).worth(7),
        ],
    )
    .titled(words.word("closing.counts"));
    let mut all = (0, 0);
    for one in &line.counts {
        let count = &one.count;
        all = (all.0 + count.book.0, all.1 + count.counted.0);
        table.push(TableRow {
            cells: vec![
                Cell::identifier(one.place.place.code.as_str()),
                Cell::text(words.pick(&one.place.zh, &one.place.en)),
                Cell::Money(count.book),
                Cell::Money(count.counted),
                Cell::Money(count.differs()),
                Cell::text(one.because.as_deref().unwrap_or_default()),
            ],
            tone: if count.differs().0 == 0 { Tone::Plain } else { Tone::Doubt },
        });
    }
    let total = words.word("fund.total");
    let cells = vec![
        Cell::text(total),
        Cell::Empty,
        Cell::Money(Fen(all.0)),
        Cell::Money(Fen(all.1)),
        Cell::Money(Fen(all.1 - all.0)),
        Cell::Empty,
    ];
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// The statement that is signed. `period`: the closed one, or the whole year that it ends.
pub fn sheet(words: &Words<'_>, line: &ClosingLine, period: &PeriodStatement, state: &FundState) -> Sheet {
    let mut sheet = Sheet::new(words.lang, words.word("closing.sheet"));
    sheet.heads = vec![
        Field::new("bureau", words.word("present.paper.unit"), words.filing_unit(Cell::Empty, Some(period.to))),
        Field::new("from", words.word("giving.col.from"), Cell::Day(period.from)),
        Field::new("to", words.word("giving.col.until"), Cell::Day(period.to)),
        Field::new("money", words.word("present.paper.money"), Cell::text(words.word("present.paper.yuan"))),
    ];
    if line.state != ClosingState::Closed {
        let said = Sentence::new(words.word("closing.open")).tone(Tone::Wrong);
        sheet.parts.push(SheetPart::Sentences(vec![said]));
    }
    sheet.parts.push(SheetPart::Table(fund::period(words, period)));
    sheet.parts.push(SheetPart::Table(fund::period_aid(words, period)));
    sheet.parts.extend(about(words, period).map(|said| SheetPart::Sentences(vec![said])));
    sheet.parts.push(SheetPart::Table(fund::purses(words, state)));
    sheet.parts.push(SheetPart::Table(counts(words, line)));
    let mut fields: Vec<Field> = line
        .by
        .iter()
        .map(|(state, officer, on)| {
            let by = words.bracketed(&words.officer(*officer), &on.to_string());
            Field::new(state.code(), words.word(&format!("closing.state.{}", state.code())), Cell::text(by))
        })
        .collect();
    if let Some(head) = &line.head {
        fields.push(Field::new("head", words.word("closing.head"), Cell::identifier(head.as_str())));
    }
    sheet.parts.push(SheetPart::Fields(fields));
    let boxed = |title: &str| Signature {
        title: words.word(title),
        below: vec![words.word("present.paper.sign"), words.word("present.paper.day")],
    };
    let boxes = ["closing.box.prepared", "closing.box.checked", "closing.box.approved"];
    sheet.parts.push(SheetPart::Signatures(boxes.map(boxed).to_vec()));
    sheet
}

/// That part of it is known by year alone, and about; `None`: none is.
pub fn about(words: &Words<'_>, period: &PeriodStatement) -> Option<Sentence> {
    let former: FormerCount = period.statement.all_former();
    (former != FormerCount::default()).then(|| {
        let all = period.statement.all_aid;
        let said = Message::new("closing.about")
            .with("amount", former.amount)
            .with("times", former.person_times)
            .with("all", Fen(all.amount.0 + former.amount.0))
            .with("all_times", all.person_times + former.person_times);
        Sentence::new(words.say(&said)).tone(Tone::Quiet)
    })
}

/// What was paid before the book began, by year and kind.
pub fn former(words: &Words<'_>, rows: &[FormerRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "former",
        vec![
            column("year", "closing.col.year", ColumnKind::Identifier).worth(9),
            column("aid", "fund.col.aid", ColumnKind::Code).worth(8),
            column("amount", "closing.col.about", ColumnKind::Money).worth(9),
            column("person_times", "closing.col.about_times", ColumnKind::Number).worth(9),
            column("document", "fund.col.document", ColumnKind::Text).worth(4),
        ],
    )
    .titled(words.word("closing.former"));
    for row in rows {
        let former = &row.former;
        table.push(vec![
            Cell::identifier(former.year.to_string()),
            words.code("payout_kind", &former.aid),
            Cell::Money(former.amount),
            Cell::Number(former.person_times.into()),
            Cell::text(former.document.as_str()),
        ]);
    }
    let cells = vec![
        Cell::text(words.word("fund.total")),
        Cell::Empty,
        Cell::Money(Fen(rows.iter().map(|row| row.former.amount.0).sum())),
        Cell::Number(rows.iter().map(|row| i64::from(row.former.person_times)).sum()),
        Cell::Empty,
    ];
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}
