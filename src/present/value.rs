//! What there is to show, as values. Whoever makes one has covered and worded it; whoever renders one only lays it out.

use crate::domain::{Day, Fen, Stamp, answers::State};
use crate::lang::{self, Lang};
use std::fmt;

/// What the cells of a column are: how they are aligned, sorted, and typed in a workbook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    Text,
    /// A whole number that is counted with.
    Number,
    /// Yuan with two places.
    Money,
    Day,
    /// A day and the minute of it, in the bureau's zone.
    Moment,
    /// A code of a list, shown by its words.
    Code,
    /// Digits that nobody counts with: dossier, ID, phone and account numbers. A workbook keeps them as text.
    Identifier,
}

impl ColumnKind {
    /// Whether its cells stand at the right of their column.
    pub fn is_right(self) -> bool {
        matches!(self, ColumnKind::Number | ColumnKind::Money)
    }

    /// Whether a cell may be broken or cut. Part of a figure, a day or a number is a wrong one: such a column stands whole
    /// or not at all.
    pub fn is_elastic(self) -> bool {
        matches!(self, ColumnKind::Text | ColumnKind::Code)
    }
}

/// One fact, covered where it is to be and worded in the reader's language. Personal.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(i64),
    Money(Fen),
    Day(Day),
    Moment(Stamp),
    /// A code of a list and its words.
    Code {
        code: String,
        words: String,
    },
    Identifier(String),
    /// Several of one kind; between them what stands between the parts of a list in the reader's language.
    Many {
        cells: Vec<Cell>,
        comma: &'static str,
    },
    /// Why there is no answer, and its words.
    State {
        state: State,
        words: String,
    },
    /// Whether something is so, and its words; without words where it is not.
    Flag {
        is: bool,
        words: String,
    },
}

impl fmt::Debug for Cell {
    /// What kind of fact, never the fact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cell::Empty => "empty",
            Cell::Text(_) => "text",
            Cell::Number(_) => "number",
            Cell::Money(_) => "money",
            Cell::Day(_) => "day",
            Cell::Moment(_) => "moment",
            Cell::Code { .. } => "code",
            Cell::Identifier(_) => "identifier",
            Cell::Many { .. } => "many",
            Cell::State { .. } => "state",
            Cell::Flag { .. } => "flag",
        })
    }
}

impl Cell {
    /// A text; an empty one is no cell.
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }

    pub fn identifier(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Identifier(text) }
    }

    /// A code with its words; without a code no cell.
    pub fn code(code: impl Into<String>, words: impl Into<String>) -> Cell {
        let code = code.into();
        if code.is_empty() { Cell::Empty } else { Cell::Code { code, words: words.into() } }
    }

    pub fn number(number: impl TryInto<i64>) -> Cell {
        Cell::Number(number.try_into().unwrap_or(i64::MAX))
    }

    pub fn money(fen: Option<Fen>) -> Cell {
        fen.map_or(Cell::Empty, Cell::Money)
    }

    pub fn day(day: Option<Day>) -> Cell {
        day.map_or(Cell::Empty, Cell::Day)
    }

    pub fn is_empty(&self) -> bool {
        *self == Cell::Empty
    }

    /// As people read it, on one line and safe for a terminal.
    pub fn shown(&self) -> String {
        lang::clean(&self.raw())
    }

    /// The same in lines of at most `width` cells. The parts of a list stay whole where there is room for one.
    pub fn wrapped(&self, width: usize) -> Vec<String> {
        let Cell::Many { cells, comma } = self else { return lang::wrap(&self.shown(), width) };
        let mut out: Vec<String> = Vec::new();
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            let part = format!("{}{}", cell.shown(), if at + 1 < cells.len() { comma } else { "" });
            if !line.is_empty() && lang::cells(&line) + lang::cells(part.trim_end()) > width {
                out.push(std::mem::take(&mut line));
            }
            line.push_str(&part);
        }
        out.push(line);
        out.iter().flat_map(|line| lang::wrap(line.trim_end(), width)).collect()
    }

    /// As people read it; what came from outside may still hold line ends and what a terminal obeys.
    pub(super) fn raw(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Identifier(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Money(fen) => fen.grouped(),
            Cell::Day(day) => day.to_string(),
            Cell::Moment(at) => at.local(),
            Cell::Code { words, .. } | Cell::State { words, .. } | Cell::Flag { words, .. } => words.clone(),
            Cell::Many { cells, comma } => cells.iter().map(Cell::raw).collect::<Vec<_>>().join(comma),
        }
    }
}

/// How a line is meant. Never by colour alone: what it says stands in its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    #[default]
    Plain,
    Strong,
    Quiet,
    Doubt,
    Wrong,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name in JSON. It never changes.
    pub key: &'static str,
    /// Its title, in the reader's language.
    pub title: String,
    pub kind: ColumnKind,
    /// Where not all columns have room, the one of least worth gives way first; of equals the one further right.
    pub worth: u8,
    /// It is at least so many cells wide, so that tables one below the other stand in line.
    pub least: usize,
}

impl Column {
    pub fn new(key: &'static str, title: impl Into<String>, kind: ColumnKind) -> Column {
        Column { key, title: title.into(), kind, worth: 5, least: 0 }
    }

    pub fn least(mut self, cells: usize) -> Column {
        self.least = cells;
        self
    }

    /// From 0 (the first to give way) to 9 (never gives way).
    pub fn worth(mut self, worth: u8) -> Column {
        self.worth = worth;
        self
    }
}

/// A row of a table: a cell for each column.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TableRow {
    pub cells: Vec<Cell>,
    pub tone: Tone,
}

impl From<Vec<Cell>> for TableRow {
    fn from(cells: Vec<Cell>) -> TableRow {
        TableRow { cells, tone: Tone::Plain }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// Its name in JSON.
    pub key: &'static str,
    /// Over the table; may be empty.
    pub title: String,
    pub columns: Vec<Column>,
    pub rows: Vec<TableRow>,
    /// A last row of sums, in the same columns.
    pub sums: Option<TableRow>,
    /// What is to be known of it, wherever it is read: below it, on screen, on paper, in a workbook.
    pub notes: Vec<Sentence>,
}

impl Table {
    pub fn new(key: &'static str, columns: Vec<Column>) -> Table {
        Table { key, columns, ..Table::default() }
    }

    pub fn titled(mut self, title: impl Into<String>) -> Table {
        self.title = title.into();
        self
    }

    pub fn push(&mut self, row: impl Into<TableRow>) {
        self.rows.push(row.into());
    }

    /// The same rows without a column.
    pub fn without(&self, key: &str) -> Table {
        let columns = self.columns.iter().enumerate().filter(|(_, column)| column.key != key);
        self.part(&columns.map(|(at, _)| at).collect::<Vec<_>>())
    }

    /// The same rows in these columns alone.
    pub fn part(&self, columns: &[usize]) -> Table {
        let row = |row: &TableRow| TableRow {
            cells: columns.iter().map(|at| row.cells.get(*at).cloned().unwrap_or_default()).collect(),
            tone: row.tone,
        };
        Table {
            key: self.key,
            title: String::new(),
            columns: columns.iter().filter_map(|at| self.columns.get(*at)).cloned().collect(),
            rows: self.rows.iter().map(row).collect(),
            sums: self.sums.as_ref().map(row),
            notes: Vec::new(),
        }
    }

    /// The rows, and the sums behind them.
    pub fn all_rows(&self) -> impl Iterator<Item = &TableRow> {
        self.rows.iter().chain(&self.sums)
    }
}

/// A fact and what it is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name in JSON. It never changes.
    pub key: &'static str,
    pub label: String,
    pub value: Cell,
    pub tone: Tone,
}

impl Field {
    pub fn new(key: &'static str, label: impl Into<String>, value: Cell) -> Field {
        Field { key, label: label.into(), value, tone: Tone::Plain }
    }

    pub fn tone(mut self, tone: Tone) -> Field {
        self.tone = tone;
        self
    }
}

/// One thing said, in the reader's language.
#[derive(Clone, PartialEq, Eq)]
pub struct Sentence {
    pub text: String,
    pub tone: Tone,
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sentence({} chars, {:?})", self.text.chars().count(), self.tone)
    }
}

impl Sentence {
    pub fn new(text: impl Into<String>) -> Sentence {
        Sentence { text: text.into(), tone: Tone::Plain }
    }

    pub fn tone(mut self, tone: Tone) -> Sentence {
        self.tone = tone;
        self
    }

    /// On one line and safe for a terminal.
    pub fn shown(&self) -> String {
        lang::clean(&self.text)
    }
}

/// A box on paper in which somebody writes by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Whose it is, or what is written there.
    pub title: String,
    /// What stands below the empty room: 签字（盖章）, a date.
    pub below: Vec<String>,
}

/// What a sheet is made of, from top to bottom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SheetPart {
    Heading(String),
    Fields(Vec<Field>),
    Table(Table),
    Sentences(Vec<Sentence>),
    Signatures(Vec<Signature>),
}

/// A page, or several, with a title.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    pub lang: Lang,
    pub title: String,
    /// The line below the title: who fills it in, the day, the unit of money.
    pub heads: Vec<Field>,
    pub parts: Vec<SheetPart>,
    /// Below every page: whose paper it is, the day, who printed it, the station's head code.
    pub foot: Vec<Field>,
}

impl Sheet {
    pub fn new(lang: Lang, title: impl Into<String>) -> Sheet {
        Sheet { lang, title: title.into(), heads: Vec::new(), parts: Vec::new(), foot: Vec::new() }
    }

    /// The foot as lines; a head code is too long to stand beside anything.
    pub(super) fn foot_lines(&self) -> Vec<String> {
        let said = |field: &Field| format!("{}{}{}", field.label, self.lang.colon(), field.value.shown());
        let (long, short): (Vec<&Field>, Vec<&Field>) = self.foot.iter().partition(|field| field.key == "head");
        let short = short.into_iter().map(said).collect::<Vec<_>>().join("  ");
        std::iter::once(short).filter(|line| !line.is_empty()).chain(long.into_iter().map(said)).collect()
    }
}
