//! Comma-separated values. A file that a person opens begins with a mark, since spreadsheets take it for something else
//! than UTF-8 otherwise; and no cell of it can be taken for a formula.

use super::value::{Cell, ColumnKind, Table};
use crate::domain::encoding;
use crate::lang;

/// What the first line names the columns by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heads {
    /// The keys of the columns: for programs, and to be read back.
    Keys,
    /// Their titles, for people.
    Titles,
}

/// The table with its mark. Money as `1234.00`, days as `2018-03-15`; codes as codes under keys, as words under titles.
pub fn table(table: &Table, heads: Heads) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let first = table.columns.iter().map(|column| match heads {
        Heads::Keys => column.key.to_owned(),
        Heads::Titles => encoding::no_formula(&lang::clean(&column.title)),
    });
    // Writing into memory does not fail.
    let _ = writer.write_record(first);
    for row in table.all_rows() {
        let cells = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| row.cells.get(at).map(|cell| one(cell, column.kind, heads)).unwrap_or_default());
        let _ = writer.write_record(cells);
    }
    // What stands below it on paper, for whoever opens it: as many cells a line as the others have. Programs read keys.
    for note in table.notes.iter().filter(|_| heads == Heads::Titles) {
        let said = encoding::no_formula(&lang::clean(&note.text));
        let rest = std::iter::repeat_n(String::new(), table.columns.len().saturating_sub(1));
        let _ = writer.write_record(std::iter::once(said).chain(rest));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    format!("{}{}", encoding::MARK, String::from_utf8_lossy(&bytes))
}

fn one(cell: &Cell, kind: ColumnKind, heads: Heads) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Money(fen) => fen.yuan(),
        Cell::Code { code, .. } if heads == Heads::Keys => encoding::no_formula(&lang::clean(code)),
        // A figure that came as text stays one: -12.50 is no formula.
        Cell::Text(text) if kind.is_right() && text.parse::<f64>().is_ok() => text.clone(),
        other => encoding::no_formula(&other.shown()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Column;
    use super::*;
    use crate::domain::Fen;

    fn written(cell: Cell, kind: ColumnKind) -> String {
        let mut table = Table::new("t", vec![Column::new("a", "甲", kind)]);
        table.push(vec![cell]);
        self::table(&table, Heads::Titles)
    }

    #[test]
    fn no_cell_can_become_a_formula() {
        for dangerous in ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "  =1"]
        {
            let text = written(Cell::text(dangerous), ColumnKind::Text);
            let second = text.lines().nth(1).unwrap();
            assert!(second.trim_start_matches('"').starts_with('\''), "{dangerous:?}: {second}");
        }
        assert_eq!(written(Cell::Money(Fen(-1250)), ColumnKind::Money), "\u{feff}甲\n-12.50\n");
        assert_eq!(written(Cell::Number(-3), ColumnKind::Number), "\u{feff}甲\n-3\n");
        assert_eq!(written(Cell::text("王芳"), ColumnKind::Text), "\u{feff}甲\n王芳\n");
    }

    #[test]
    fn commas_quotes_and_escapes_stay_within_their_cell() {
        assert_eq!(written(Cell::text("a,\"b\"\u{1b}[2J\nc"), ColumnKind::Text), "\u{feff}甲\n\"a,\"\"b\"\" c\"\n");
    }

    #[test]
    fn what_stands_below_a_table_stands_below_it_in_a_file_for_people_and_in_none_for_programs() {
        let columns = vec![Column::new("aid", "种类", ColumnKind::Code), Column::new("sum", "金额", ColumnKind::Money)];
        let mut table = Table::new("t", columns);
        table.push(vec![Cell::code("1", "医疗"), Cell::Money(Fen(100))]);
        table.notes = vec![
            super::super::value::Sentence::new("=小型机构，有记录在案"),
            super::super::value::Sentence::new("第二条"),
        ];
        let titled = self::table(&table, Heads::Titles);
        assert_eq!(titled, "\u{feff}种类,金额\n医疗,1.00\n'=小型机构，有记录在案,\n第二条,\n");
        assert_eq!(self::table(&table, Heads::Keys), "\u{feff}aid,sum\n1,1.00\n");
    }

    #[test]
    fn keys_are_for_programs_and_titles_for_people() {
        let mut table = Table::new("t", vec![Column::new("sex", "性别", ColumnKind::Code)]);
        table.push(vec![Cell::code("1", "男")]);
        assert_eq!(self::table(&table, Heads::Keys), "\u{feff}sex\n1\n");
        assert_eq!(self::table(&table, Heads::Titles), "\u{feff}性别\n男\n");
    }
}
