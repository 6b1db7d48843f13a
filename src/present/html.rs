//! One HTML page that prints on A4 as it is: no script, nothing from outside, faces that Chinese machines have.

use super::layout::Layout;
use super::value::{Cell, Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
use std::fmt::Write;

/// Songti for print, then what Linux and macOS have; Latin digits beside it come from the same face.
const STYLE: &str = "\
@page{size:A4;margin:16mm 14mm;@bottom-right{content:counter(page) \" / \" counter(pages);font-size:7.5pt}}\
*{box-sizing:border-box}\
body{font-family:'Songti SC','SimSun','Noto Serif CJK SC','Source Han Serif SC','FangSong',serif;font-size:10.5pt;\
line-height:1.45;color:#000;background:#fff;max-width:182mm;margin:0 auto;padding:4mm 0}\
h1{font-size:16pt;text-align:center;margin:0 0 3mm;font-weight:bold}\
h2{font-size:11.5pt;margin:4mm 0 1.5mm;break-after:avoid}\
h3{font-size:10.5pt;margin:2mm 0 1mm;break-after:avoid}\
p{margin:.6mm 0}\
.heads{display:flex;flex-wrap:wrap;justify-content:space-between;gap:1mm 8mm;margin-bottom:2mm}\
table{border-collapse:collapse;width:100%;margin:1mm 0 2mm}\
th,td{border:.3mm solid #000;padding:.8mm 1.4mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{font-weight:bold;background:#f2f2f2}\
thead{display:table-header-group}tr{break-inside:avoid}\
.fields th{width:24%;font-weight:normal}.fields td{width:26%}\
.r{text-align:right;white-space:nowrap}.w{white-space:nowrap}\
.strong{font-weight:bold}.quiet{color:#444}.doubt{font-style:italic}.wrong{font-weight:bold;text-decoration:underline}\
.sum td{font-weight:bold;border-top:.6mm double #000}\
.signatures{display:flex;flex-wrap:wrap;break-inside:avoid}\
.signature{border:.3mm solid #000;min-height:30mm;flex:1 1 45%;padding:1.4mm;display:flex;flex-direction:column;margin:-.15mm}\
.signature div{margin-top:auto;text-align:right}\
footer{border-top:.2mm solid #000;margin-top:4mm;padding-top:1mm;font-size:7.5pt;overflow-wrap:anywhere}";

/// So many cells of the face fit side by side within the margins; so many are lost between two columns.
const CELLS: usize = 92;
const PADDING: usize = 2;

/// The whole page.
pub fn sheet(sheet: &Sheet) -> String {
    let mut out = String::new();
    let title = escape(&sheet.title);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        sheet.lang.code()
    );
    if !title.is_empty() {
        let _ = writeln!(out, "<h1>{title}</h1>");
    }
    if !sheet.heads.is_empty() {
        out.push_str("<div class=\"heads\">");
        for field in &sheet.heads {
            let (label, colon) = (escape(&field.label), sheet.lang.colon());
            let _ = write!(out, "<span>{label}{colon}{}</span>", escape(&field.value.raw()));
        }
        out.push_str("</div>\n");
    }
    for part in &sheet.parts {
        match part {
            SheetPart::Heading(text) => drop(writeln!(out, "<h2>{}</h2>", escape(text))),
            SheetPart::Fields(list) => fields(&mut out, list),
            SheetPart::Table(one) => table(&mut out, one),
            SheetPart::Sentences(list) => {
                sentences(&mut out, list);
            }
            SheetPart::Signatures(list) => signatures(&mut out, list),
        }
    }
    if !sheet.foot.is_empty() {
        let lines: Vec<String> = sheet.foot_lines().iter().map(|line| escape(line)).collect();
        let _ = writeln!(out, "<footer>{}</footer>", lines.join("<br>"));
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Two labels with their values on a line.
fn fields(out: &mut String, list: &[Field]) {
    out.push_str("<table class=\"fields\">\n");
    for pair in list.chunks(2) {
        out.push_str("<tr>");
        for field in pair {
            let (label, value) = (escape(&field.label), escape(&field.value.raw()));
            let wide = if pair.len() == 1 { " colspan=\"3\"" } else { "" };
            let _ = write!(out, "<th>{label}</th><td{wide}{}>{value}</td>", class(field.tone));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

fn table(out: &mut String, table: &Table) {
    if !table.title.is_empty() {
        let _ = writeln!(out, "<h3>{}</h3>", escape(&table.title));
    }
    // What the page has no room for side by side stands below.
    for columns in Layout::bands(table, CELLS, PADDING) {
        band(out, &table.part(&columns));
    }
    sentences(out, &table.notes);
}

fn sentences(out: &mut String, list: &[Sentence]) {
    for sentence in list {
        let _ = writeln!(out, "<p{}>{}</p>", class(sentence.tone), escape(&sentence.text));
    }
}

fn band(out: &mut String, table: &Table) {
    out.push_str("<table>\n<thead><tr>");
    for column in &table.columns {
        let _ = write!(out, "<th>{}</th>", escape(&column.title));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    table.rows.iter().for_each(|one| row(out, table, one, ""));
    if let Some(sums) = &table.sums {
        row(out, table, sums, " class=\"sum\"");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn row(out: &mut String, table: &Table, row: &TableRow, class: &str) {
    let _ = write!(out, "<tr{class}>");
    for (at, column) in table.columns.iter().enumerate() {
        let cell = row.cells.get(at).map(Cell::raw).unwrap_or_default();
        let class = match (column.kind.is_right(), column.kind.is_elastic()) {
            (true, _) => " class=\"r\"",
            (_, false) => " class=\"w\"",
            _ => "",
        };
        let _ = write!(out, "<td{class}>{}</td>", escape(&cell));
    }
    out.push_str("</tr>\n");
}

fn signatures(out: &mut String, list: &[Signature]) {
    out.push_str("<div class=\"signatures\">\n");
    for one in list {
        let below = one.below.iter().map(|text| escape(text)).collect::<Vec<_>>().join(" &emsp; ");
        let _ = writeln!(out, "<div class=\"signature\">{}<div>{below}</div></div>", escape(&one.title));
    }
    out.push_str("</div>\n");
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Strong => " class=\"strong\"",
        Tone::Quiet => " class=\"quiet\"",
        Tone::Doubt => " class=\"doubt\"",
        Tone::Wrong => " class=\"wrong\"",
    }
}

/// A text as HTML shows it. What a terminal obeys is taken out here too; line ends stay line ends.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push_str("<br>");
        }
        for c in crate::lang::clean(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::value::{Column, ColumnKind};
    use super::*;
    use crate::domain::Fen;
    use crate::lang::Lang;

    fn page() -> String {
        let mut one = Sheet::new(Lang::Zh, "<档案>");
        one.heads.push(Field::new("day", "日期", Cell::text("2026-03-10")));
        one.parts.push(SheetPart::Fields(vec![Field::new(
            "name",
            "姓名",
            Cell::text("<script>alert('x')</script>\u{1b}[2J"),
        )]));
        let mut people = Table::new("p", vec![Column::new("paid", "自付", ColumnKind::Money)]);
        people.push(vec![Cell::Money(Fen(123_456))]);
        people.sums = Some(vec![Cell::Money(Fen(123_456))].into());
        one.parts.push(SheetPart::Table(people));
        one.parts.push(SheetPart::Sentences(vec![Sentence::new("一\n二")]));
        one.parts
            .push(SheetPart::Signatures(vec![Signature {
                title: "基层工会意见".into(), below: vec!["盖章".into()]
            }]));
        sheet(&one)
    }

    #[test]
    fn no_text_of_a_fact_becomes_markup() {
        let page = page();
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</td>"), "{page}");
        assert!(page.contains("<title>&lt;档案&gt;</title>") && page.contains("一<br>二"));
        assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    }

    #[test]
    fn the_page_needs_nothing_from_outside_and_is_cut_for_a4() {
        let page = page();
        for foreign in ["http:", "https:", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert!(page.contains("@page{size:A4") && page.contains("<meta charset=\"utf-8\">"));
        assert!(page.contains("<td class=\"r\">1,234.56</td>") && page.contains("基层工会意见"));
    }
}
