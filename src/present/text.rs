//! Plain lines: for a terminal, a pipe, a mail. Long texts break into further lines of their column; nothing is cut.

use super::layout::{GAP, Layout, aligned};
use super::value::{Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
use crate::lang;

/// A table with its titles, at most `width` cells wide; as wide as it needs to be without one. Where there is not room for
/// all columns, those of least worth give way.
pub fn table(table: &Table, width: Option<usize>) -> Vec<String> {
    toned_table(table, width).into_iter().map(|(line, _)| line).collect()
}

/// A table of which nothing may be missing: too wide, it stands in several, one below the other.
pub fn whole_table(table: &Table, width: Option<usize>) -> Vec<String> {
    let bands = match width {
        Some(width) if !Layout::within(table, width, GAP).gave_way.is_empty() => Layout::bands(table, width, GAP),
        _ => return self::table(table, width),
    };
    let bands = bands.iter().map(|columns| self::table(&table.part(columns), width));
    let mut lines = bands.collect::<Vec<_>>().join(&String::new());
    lines.extend(notes(table, width).map(|(line, _)| line));
    lines
}

fn notes(table: &Table, width: Option<usize>) -> impl Iterator<Item = (String, Tone)> {
    let lines = move |note: &Sentence| {
        let tone = note.tone;
        wrapped(&note.shown(), width).into_iter().map(move |line| (line, tone))
    };
    table.notes.iter().flat_map(lines)
}

/// The same with how each line is meant.
pub fn toned_table(table: &Table, width: Option<usize>) -> Vec<(String, Tone)> {
    if table.rows.is_empty() && table.sums.is_none() {
        return Vec::new();
    }
    let layout = Layout::within(table, width.unwrap_or(usize::MAX), GAP);
    let mut out = vec![(layout.titles(table), Tone::Quiet)];
    for one in &table.rows {
        out.extend(row(table, &layout, one).into_iter().map(|line| (line, one.tone)));
    }
    if let Some(sums) = &table.sums {
        let widest = out.iter().map(|(line, _)| lang::cells(line)).max().unwrap_or_default();
        out.push(("-".repeat(widest), Tone::Quiet));
        out.extend(row(table, &layout, sums).into_iter().map(|line| (line, Tone::Strong)));
    }
    out.extend(notes(table, width));
    out
}

/// One row; as many lines as its longest text needs.
fn row(table: &Table, layout: &Layout, row: &TableRow) -> Vec<String> {
    let cell = |at: usize| row.cells.get(at).map(super::Cell::shown).unwrap_or_default();
    let broken: Vec<Vec<String>> = layout
        .columns
        .iter()
        .map(|(at, width)| match table.columns[*at].kind.is_elastic() {
            true => row.cells.get(*at).map(|cell| cell.wrapped(*width)).unwrap_or_default(),
            false => vec![cell(*at)],
        })
        .collect();
    let lines = broken.iter().map(Vec::len).max().unwrap_or(1);
    let line = |i: usize| {
        let pieces = layout.columns.iter().zip(&broken).map(|((at, width), broken)| {
            aligned(broken.get(i).map(String::as_str).unwrap_or_default(), *width, table.columns[*at].kind)
        });
        pieces.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    (0..lines).map(line).collect()
}

/// Labels and values, the values in one column.
pub fn fields(fields: &[Field], width: Option<usize>) -> Vec<String> {
    toned_fields(fields, width).into_iter().map(|(line, _)| line).collect()
}

/// The same with how each line is meant.
pub fn toned_fields(fields: &[Field], width: Option<usize>) -> Vec<(String, Tone)> {
    let labels = fields.iter().map(|field| lang::cells(&field.label)).max().unwrap_or_default();
    // A label that alone takes more than half is broken into lines.
    let column = labels.min(width.map_or(usize::MAX, |width| width / 2)).max(2);
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(column + GAP));
    let mut out = Vec::new();
    for field in fields {
        let values = field.value.wrapped(room);
        let labels = lang::wrap(&lang::clean(&field.label), column);
        for i in 0..labels.len().max(values.len()) {
            let label = labels.get(i).map(String::as_str).unwrap_or_default();
            let value = values.get(i).map(String::as_str).unwrap_or_default();
            out.push((format!("{}  {value}", lang::pad(label, column)).trim_end().to_owned(), field.tone));
        }
    }
    out
}

/// A whole sheet, a blank line between its parts.
pub fn sheet(sheet: &Sheet, width: Option<usize>) -> Vec<String> {
    let mut out = Vec::new();
    if !sheet.title.is_empty() {
        out.push(centred(&lang::clean(&sheet.title), width));
    }
    if !sheet.heads.is_empty() {
        let heads =
            sheet.heads.iter().map(|field| format!("{}{}{}", field.label, sheet.lang.colon(), field.value.shown()));
        out.extend(wrapped(&lang::clean(&heads.collect::<Vec<_>>().join("    ")), width));
    }
    for part in &sheet.parts {
        let lines = self::part(part, width);
        // A heading stands upon what it is over.
        let under_heading = out.last().is_some_and(|line: &String| line.starts_with("== "));
        if !lines.is_empty() && !out.is_empty() && !under_heading {
            out.push(String::new());
        }
        out.extend(lines);
    }
    if !sheet.foot.is_empty() {
        out.push(String::new());
        out.extend(sheet.foot_lines().iter().flat_map(|line| wrapped(line, width)));
    }
    out
}

fn part(part: &SheetPart, width: Option<usize>) -> Vec<String> {
    match part {
        SheetPart::Heading(text) => vec![format!("== {} ==", lang::clean(text))],
        SheetPart::Fields(list) => fields(list, width),
        SheetPart::Table(one) => {
            let title = (!one.title.is_empty()).then(|| lang::clean(&one.title));
            title.into_iter().chain(whole_table(one, width)).collect()
        }
        SheetPart::Sentences(list) => list.iter().flat_map(|sentence| wrapped(&sentence.shown(), width)).collect(),
        SheetPart::Signatures(list) => list.iter().flat_map(|one| signature(one, width)).collect(),
    }
}

fn signature(one: &Signature, width: Option<usize>) -> Vec<String> {
    let rule = format!("+{}+", "-".repeat(width.unwrap_or(80).saturating_sub(2)));
    let mut out = vec![rule.clone(), format!("  {}", lang::clean(&one.title)), String::new(), String::new()];
    out.push(format!("  {}", lang::clean(&one.below.join("        "))));
    out.push(rule);
    out
}

fn wrapped(text: &str, width: Option<usize>) -> Vec<String> {
    lang::wrap(text, width.unwrap_or(usize::MAX))
}

fn centred(text: &str, width: Option<usize>) -> String {
    let blanks = width.map_or(0, |width| width.saturating_sub(lang::cells(text)) / 2);
    format!("{}{text}", " ".repeat(blanks))
}

#[cfg(test)]
mod tests {
    use super::super::value::{Cell, Column, ColumnKind, Sentence};
    use super::*;
    use crate::domain::{Eyes, Fen, Mask};
    use crate::lang::Lang;

    fn people() -> Table {
        let columns = vec![
            Column::new("name", "姓名", ColumnKind::Text).worth(9),
            Column::new("id_number", "身份证号", ColumnKind::Identifier).worth(8),
            Column::new("illness", "病种", ColumnKind::Text).worth(2),
            Column::new("paid", "自付医药费", ColumnKind::Money).worth(5),
        ];
        let mut table = Table::new("people", columns);
        for (name, id, illness, paid) in [
            ("刘心红", "152126196803150311", "恶性肿瘤（含脑部良性肿瘤）等二十五种重大疾病之一", 12_345_678),
            ("娜仁·格日勒", "15212619680229011X", "无", 0),
        ] {
            table.push(vec![
                Cell::text(Mask::Name.show(name, Eyes::Duty)),
                Cell::identifier(Mask::IdNumber.show(id, Eyes::Duty)),
                Cell::text(illness),
                Cell::Money(Fen(paid)),
            ]);
        }
        table
    }

    #[test]
    fn columns_stand_one_below_the_other_though_chinese_is_twice_as_wide() {
        assert_eq!(
            table(&people(), Some(60)),
            [
                "姓名         身份证号            病种             自付医药费",
                "刘心红       1****************1  恶性肿瘤（含脑   123,456.78",
                "                                 部良性肿瘤）等",
                "                                 二十五种重大疾",
                "                                 病之一",
                "娜仁·格日勒  1****************X  无                     0.00",
            ]
        );
    }

    #[test]
    fn nothing_is_wider_than_the_room() {
        for width in 20..120 {
            for line in table(&people(), Some(width)) {
                assert!(lang::cells(&line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn no_escape_sequence_of_a_fact_comes_through() {
        let mut table = Table::new("t", vec![Column::new("a", "甲", ColumnKind::Text)]);
        table.push(vec![Cell::text("\u{1b}[31m红\u{1b}]0;x\u{7}\n尾")]);
        assert_eq!(super::table(&table, Some(80)), ["甲", "红 尾"]);
        let sentence = SheetPart::Sentences(vec![Sentence::new("a\u{9b}2Jb")]);
        assert_eq!(part(&sentence, None), ["ab"]);
    }

    #[test]
    fn a_sheet_has_its_title_heads_and_parts_in_order() {
        let mut one = Sheet::new(Lang::Zh, "困难职工档案表");
        one.heads.push(Field::new("unit", "填报单位", Cell::text("金河林业局工会")));
        one.parts.push(SheetPart::Heading("身份".into()));
        one.parts.push(SheetPart::Fields(vec![
            Field::new("name", "姓名", Cell::text("王芳")),
            Field::new("due", "下次调查", Cell::text("2027-03-10")),
        ]));
        assert_eq!(
            sheet(&one, Some(40)),
            [
                "             困难职工档案表",
                "填报单位：金河林业局工会",
                "",
                "== 身份 ==",
                "姓名      王芳",
                "下次调查  2027-03-10"
            ]
        );
    }

    #[test]
    fn the_parts_of_a_list_are_not_broken_through() {
        let cells = ["□10 未婚", "□20 已婚", "□40 离婚"].map(Cell::text).to_vec();
        let list = Field::new("a", "婚姻", Cell::Many { cells, comma: "  " });
        assert_eq!(fields(&[list], Some(26)), ["婚姻  □10 未婚  □20 已婚", "      □40 离婚"]);
    }

    #[test]
    fn an_empty_table_says_nothing() {
        assert_eq!(table(&Table::new("t", vec![Column::new("a", "甲", ColumnKind::Text)]), None), Vec::<String>::new());
    }
}
