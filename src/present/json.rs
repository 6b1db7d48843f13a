//! JSON: a row is an object by the keys of its columns. Money is yuan with two places in a string, a code is the code, a
//! state `{"state": "refused"}`, what is not there `null`.

use super::value::{Cell, Field, Sheet, SheetPart, Table, TableRow};
use serde_json::{Map, Value, json};

pub fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) | Cell::Identifier(text) => json!(text),
        Cell::Number(number) => json!(number),
        Cell::Money(fen) => json!(fen.yuan()),
        Cell::Day(day) => json!(day.to_string()),
        Cell::Moment(at) => json!(at.local()),
        Cell::Code { code, .. } => json!(code),
        Cell::Many { cells, .. } => cells.iter().map(self::cell).collect(),
        Cell::State { state, .. } => json!({"state": state.code()}),
        Cell::Flag { is, .. } => json!(is),
    }
}

/// An array of rows.
pub fn table(table: &Table) -> Value {
    table.rows.iter().map(|one| row(table, one)).collect()
}

fn row(table: &Table, row: &TableRow) -> Value {
    let cells = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| (column.key.to_owned(), row.cells.get(at).map_or(Value::Null, self::cell)));
    Value::Object(cells.collect())
}

/// An object by the keys of the fields; of two of one key the values as an array.
pub fn fields(fields: &[Field]) -> Map<String, Value> {
    let mut out = Map::new();
    for field in fields {
        let value = cell(&field.value);
        match out.get_mut(field.key) {
            Some(Value::Array(values)) => values.push(value),
            Some(before) => *before = json!([before.take(), value]),
            None => drop(out.insert(field.key.to_owned(), value)),
        }
    }
    out
}

/// A sheet: its title, heads, and parts in order.
pub fn sheet(sheet: &Sheet) -> Value {
    let parts = sheet.parts.iter().filter_map(|part| match part {
        SheetPart::Heading(text) => Some(json!({"heading": text})),
        SheetPart::Fields(list) => {
            let list = list.iter().map(|field| json!({"label": field.label, "value": cell(&field.value)}));
            Some(json!({"fields": list.collect::<Vec<_>>()}))
        }
        SheetPart::Table(one) => {
            // By place: the questions of a form have no keys of their own.
            let columns: Vec<&str> = one.columns.iter().map(|column| column.title.as_str()).collect();
            let row = |row: &TableRow| row.cells.iter().map(cell).collect::<Value>();
            Some(json!({"title": one.title, "columns": columns, "rows": one.rows.iter().map(row).collect::<Value>()}))
        }
        SheetPart::Sentences(list) => {
            Some(json!({"sentences": list.iter().map(|s| s.text.as_str()).collect::<Vec<_>>()}))
        }
        // Nothing is told by an empty box.
        SheetPart::Signatures(_) => None,
    });
    json!({"title": sheet.title, "heads": fields(&sheet.heads), "parts": parts.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::super::value::{Column, ColumnKind};
    use super::*;
    use crate::domain::answers::State;
    use crate::domain::{Day, Fen};

    #[test]
    fn every_kind_of_cell_has_its_shape() {
        let shapes = [
            (Cell::Empty, "null"),
            (Cell::text("甲"), "\"甲\""),
            (Cell::Number(-3), "-3"),
            (Cell::Money(Fen(123_456)), "\"1234.56\""),
            (Cell::Day(Day(0)), "\"1970-01-01\""),
            (Cell::code("1", "男"), "\"1\""),
            (Cell::code("", "无"), "null"),
            (Cell::Many { cells: vec![Cell::text("a"), Cell::code("1", "男")], comma: "、" }, "[\"a\",\"1\"]"),
            (Cell::State { state: State::Refused, words: "拒答".into() }, "{\"state\":\"refused\"}"),
            (Cell::Flag { is: true, words: "是".into() }, "true"),
        ];
        for (one, shape) in shapes {
            assert_eq!(cell(&one).to_string(), shape);
        }
    }

    #[test]
    fn a_row_is_an_object_by_the_keys_of_its_columns() {
        let mut table =
            Table::new("t", vec![Column::new("a", "甲", ColumnKind::Text), Column::new("b", "乙", ColumnKind::Text)]);
        table.push(vec![Cell::text("1")]);
        assert_eq!(self::table(&table), json!([{"a": "1", "b": null}]));
    }
}
