//! A workbook as offices hand it in: a merged title, a line of who, when and in which unit of money, titles that stay in
//! sight and come again on each page, numbers as numbers, and whatever nobody counts with as text.
//!
//! No cell can become a formula but the sums, which are written by us: texts are written as texts, whatever they begin
//! with. A sum is a formula only where it is the sum of what stands above it; persons who stand in two groups count once.

use super::value::{Cell, ColumnKind, Table};
use crate::domain::{Explain, Fen, Message, Stamp};
use crate::lang;
use rust_xlsxwriter::{
    Chart, ChartType, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet,
    XlsxError,
};
use unicode_width::UnicodeWidthStr;

/// One sheet of it.
pub struct Page {
    /// On the tab: short, unique.
    pub name: String,
    pub title: String,
    /// Who fills it in, the day, the unit of money: each a text.
    pub heads: Vec<String>,
    pub table: Table,
    /// Bars of that column (its place) by the first, below or beside the table.
    pub chart: Option<usize>,
}

/// The book could not be made: more rows than a sheet holds, or no room in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotABook {
    pub why: String,
}

impl Explain for NotABook {
    fn explain(&self) -> Message {
        Message::new("present.no_workbook").with("why", self.why.as_str())
    }
}

impl From<XlsxError> for NotABook {
    fn from(error: XlsxError) -> NotABook {
        NotABook { why: error.to_string() }
    }
}

/// Rows of the head above the titles.
const HEAD: u32 = 2;
/// The widest a column is made, in cells.
const WIDTH_MAX: usize = 42;
/// What is looked at to find a column's width.
const LOOKED_AT: usize = 2_000;
/// The longest text a cell of a workbook holds, in characters.
const TEXT_MAX: usize = 32_767;

/// The whole book as bytes. `at`: when it was made; `footer`: said at the foot of each page, before its number.
pub fn book(pages: &[Page], at: Stamp, footer: &str) -> Result<Vec<u8>, NotABook> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(at.0.div_euclid(1000))?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for page in pages {
        let sheet = book.add_worksheet();
        write(sheet, page, footer)?;
    }
    Ok(book.save_to_buffer()?)
}

struct Looks {
    title: Format,
    head: Format,
    heading: Format,
    text: Format,
    identifier: Format,
    number: Format,
    money: Format,
    sum: Format,
    sum_number: Format,
    sum_money: Format,
}

impl Looks {
    fn new() -> Looks {
        let cell = || Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let bold = || cell().set_bold();
        let money = "#,##0.00";
        Looks {
            title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
            head: Format::new().set_align(FormatAlign::Left),
            heading: bold().set_align(FormatAlign::Center).set_text_wrap(),
            text: cell().set_text_wrap(),
            identifier: cell().set_num_format("@"),
            number: cell().set_num_format("0"),
            money: cell().set_num_format(money),
            sum: bold(),
            sum_number: bold().set_num_format("0"),
            sum_money: bold().set_num_format(money),
        }
    }
}

fn write(sheet: &mut Worksheet, page: &Page, footer: &str) -> Result<(), NotABook> {
    let looks = Looks::new();
    let table = &page.table;
    let last = u16::try_from(table.columns.len().saturating_sub(1)).map_err(|_| NotABook { why: "columns".into() })?;
    sheet.set_name(tab(&page.name))?;
    let heads = page.heads.join("    ");
    for (row, text, look) in [(0, &page.title, &looks.title), (1, &heads, &looks.head)] {
        if last == 0 {
            sheet.write_string_with_format(row, 0, text, look)?;
        } else {
            sheet.merge_range(row, 0, row, last, text, look)?;
        }
    }
    for (at, column) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(HEAD, at, &column.title, &looks.heading)?;
        sheet.set_column_width(at, width(table, usize::from(at)) as f64 + 2.0)?;
    }
    for (row, cells) in (HEAD + 1..).zip(&table.rows) {
        for (at, cell) in (0..).zip(&cells.cells) {
            put(sheet, row, at, cell, table.columns[usize::from(at)].kind, &looks, false)?;
        }
    }
    let rows = u32::try_from(table.rows.len()).map_err(|_| NotABook { why: "rows".into() })?;
    let (first_row, last_row) = (HEAD + 1, HEAD + rows);
    if let Some(sums) = &table.sums {
        for (at, cell) in (0..).zip(&sums.cells) {
            let place = usize::from(at);
            let kind = table.columns[place].kind;
            match amount(cell).filter(|sum| rows > 0 && sum_of(table, place) == Some(*sum)) {
                Some(sum) => {
                    let column = letters(at);
                    let text = format!("=SUM({column}{}:{column}{})", first_row + 1, last_row + 1);
                    let (shown, look) = match kind {
                        ColumnKind::Money => (Fen(sum).yuan(), &looks.sum_money),
                        _ => (sum.to_string(), &looks.sum_number),
                    };
                    sheet.write_formula_with_format(last_row + 1, at, Formula::new(text).set_result(shown), look)?;
                }
                None => put(sheet, last_row + 1, at, cell, kind, &looks, true)?,
            }
        }
    }
    for (row, note) in (last_row + 1 + u32::from(table.sums.is_some())..).zip(&table.notes) {
        sheet.write_string_with_format(row, 0, note.shown(), &looks.head)?;
    }
    sheet.set_freeze_panes(HEAD + 1, 0)?;
    sheet.set_repeat_rows(0, HEAD)?;
    sheet.set_print_fit_to_pages(1, 0).set_paper_size(9).set_footer(format!("&L{}&R&P / &N", plain(footer)));
    let wide: usize = (0..table.columns.len()).map(|at| width(table, at) + 2).sum();
    if wide > 90 {
        sheet.set_landscape();
    }
    if let Some(of) = page.chart.and_then(|of| u16::try_from(of).ok()).filter(|_| rows > 0 && rows <= 60) {
        let mut chart = Chart::new(ChartType::Bar);
        let name = tab(&page.name);
        chart
            .add_series()
            .set_categories((name.as_str(), first_row, 0, last_row, 0))
            .set_values((name.as_str(), first_row, of, last_row, of))
            .set_name(table.columns[usize::from(of)].title.as_str());
        chart.title().set_name(&page.title);
        chart.y_axis().set_reverse();
        chart.legend().set_hidden();
        chart.set_width(720).set_height(80 + rows * 28);
        sheet.insert_chart(last_row + 4, 0, &chart)?;
    }
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    cell: &Cell,
    kind: ColumnKind,
    looks: &Looks,
    is_sum: bool,
) -> Result<(), NotABook> {
    let look = |plain, sum| if is_sum { sum } else { plain };
    match cell {
        Cell::Empty => {
            sheet.write_blank(row, at, look(&looks.text, &looks.sum))?;
        }
        Cell::Number(number) if number.unsigned_abs() <= 1 << 53 => {
            sheet.write_number_with_format(row, at, *number as f64, look(&looks.number, &looks.sum_number))?;
        }
        // Two places of a number below 2^53 fen are exact on paper, and in a sum of them.
        Cell::Money(fen) if fen.0.unsigned_abs() <= 1 << 53 => {
            sheet.write_number_with_format(row, at, fen.0 as f64 / 100.0, look(&looks.money, &looks.sum_money))?;
        }
        other => {
            let text: String = lang::clean(&other.shown()).chars().take(TEXT_MAX).collect();
            let look = match kind {
                ColumnKind::Identifier => &looks.identifier,
                _ => look(&looks.text, &looks.sum),
            };
            sheet.write_string_with_format(row, at, text, look)?;
        }
    }
    Ok(())
}

/// A count, or fen.
fn amount(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Number(number) => Some(*number),
        Cell::Money(fen) => Some(fen.0),
        _ => None,
    }
}

/// The sum of a column; none where a cell of it is hidden.
fn sum_of(table: &Table, at: usize) -> Option<i64> {
    table.rows.iter().try_fold(0i64, |sum, row| match row.cells.get(at) {
        None | Some(Cell::Empty) => Some(sum),
        Some(cell) => sum.checked_add(amount(cell)?),
    })
}

/// How wide a column stands, in cells of a terminal, which are those of a workbook: a Chinese character takes two.
fn width(table: &Table, at: usize) -> usize {
    let title = table.columns.get(at).map_or(0, |column| column.title.width());
    let rows = table.rows.iter().take(LOOKED_AT).chain(&table.sums);
    let cells = rows.filter_map(|row| row.cells.get(at)).map(|cell| cell.shown().width());
    cells.chain([title, 4]).max().unwrap_or(8).min(WIDTH_MAX)
}

/// What a tab may be called: at most 31 characters, none of those that references are written with.
fn tab(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_control() && !"[]:*?/\\'".contains(*c)).take(31).collect();
    if plain.is_empty() { "1".to_owned() } else { plain }
}

/// A text in a footer, where `&` begins a code.
fn plain(text: &str) -> String {
    text.replace('&', "&&").chars().take(200).collect()
}

/// `A`, `B`, …, `AA`.
fn letters(at: u16) -> String {
    let mut out = String::new();
    let mut left = u32::from(at) + 1;
    while left > 0 {
        let digit = (left - 1) % 26;
        out.insert(0, char::from(b'A' + u8::try_from(digit).unwrap_or(0)));
        left = (left - 1) / 26;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::{Column, TableRow};
    use calamine::{Data, Reader, Xlsx};

    fn table() -> Table {
        let mut table = Table::new(
            "t",
            vec![
                Column::new("id", "身份证号", ColumnKind::Identifier),
                Column::new("name", "姓名", ColumnKind::Text),
                Column::new("n", "人数", ColumnKind::Number),
                Column::new("income", "收入", ColumnKind::Money),
            ],
        );
        for (id, name, n, fen) in
            [("15212619680229011X", "=1+1", 3, 1_234_567), ("152126196803150311", "@SUM(A1)", 2, -1)]
        {
            table.push(vec![Cell::identifier(id), Cell::text(name), Cell::number(n), Cell::Money(Fen(fen))]);
        }
        table.sums =
            Some(TableRow::from(vec![Cell::text("合计"), Cell::Empty, Cell::number(4), Cell::Money(Fen(1_234_566))]));
        table
    }

    fn page(table: Table) -> Page {
        Page {
            name: "名册[1]".into(), title: "在册".into(), heads: vec!["单位：元".into()], table, chart: Some(2)
        }
    }

    #[test]
    fn sums_are_formulas_that_equal_the_detail_and_no_text_becomes_one() {
        let bytes = book(&[page(table())], Stamp(1_700_000_000_000), "a & b").unwrap();
        let mut read: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let name = read.sheet_names()[0].clone();
        assert_eq!(name, "名册1");
        let cells = read.worksheet_range(&name).unwrap();
        let at = |row, column| cells.get_value((row, column)).cloned().unwrap_or(Data::Empty);
        assert_eq!(at(0, 0), Data::String("在册".into()));
        assert_eq!(at(3, 0), Data::String("15212619680229011X".into()));
        assert_eq!((at(3, 1), at(4, 1)), (Data::String("=1+1".into()), Data::String("@SUM(A1)".into())));
        assert_eq!((at(3, 3), at(4, 3)), (Data::Float(12_345.67), Data::Float(-0.01)));
        let formulas = read.worksheet_formula(&name).unwrap();
        let formula = |row, column| formulas.get_value((row, column)).cloned().unwrap_or_default();
        assert_eq!(formula(5, 3), "SUM(D4:D5)");
        assert_eq!(at(5, 3), Data::Float(12_345.66));
        // Four persons in groups of three and two: somebody stands in both, and a formula would say five.
        assert_eq!((formula(5, 2), at(5, 2)), (String::new(), Data::Float(4.0)));
        let all: Vec<String> = formulas.used_cells().map(|(.., text)| text.clone()).filter(|t| !t.is_empty()).collect();
        assert_eq!(all, ["SUM(D4:D5)"]);
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
