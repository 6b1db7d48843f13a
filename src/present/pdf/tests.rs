use super::*;
use crate::domain::Fen;
use crate::lang::Lang;
use crate::present::{Cell, Column, ColumnKind, Field, Sentence, SheetPart, Signature, Table};
use pages::{BOTTOM, FOOT, SIDE};

/// Where the machine has no Chinese face there is nothing to be tried; the checks of the project install one.
#[allow(clippy::print_stderr)]
fn faces() -> Option<Faces> {
    let faces = Faces::find(None);
    if faces.is_none() {
        eprintln!("skipped: no face with Chinese characters here");
    }
    faces
}

fn long(rows: usize) -> Sheet {
    let columns = vec![
        Column::new("number", "编号", ColumnKind::Identifier),
        Column::new("cause", "主要致困原因", ColumnKind::Text),
        Column::new("amount", "金额", ColumnKind::Money),
    ];
    let mut table = Table::new("t", columns);
    for row in 0..rows {
        let cause = "本人或家庭成员患病，自付医药费数额较大。".repeat(1 + row % 4);
        table.push(vec![Cell::identifier(format!("N{row:05}")), Cell::text(cause), Cell::money(Some(Fen(12_345)))]);
    }
    table.sums = Some(vec![Cell::text("合计"), Cell::Empty, Cell::money(Some(Fen(12_345 * rows as i64)))].into());
    let mut sheet = Sheet::new(Lang::Zh, "困难职工名册");
    sheet.heads.push(Field::new("unit", "填报单位", Cell::text("三林场")));
    sheet.parts.push(SheetPart::Heading("一、名册".to_owned()));
    sheet.parts.push(SheetPart::Table(table));
    let below = vec!["签字（盖章）".to_owned()];
    sheet.parts.push(SheetPart::Signatures(vec![Signature { title: "基层工会意见".to_owned(), below }]));
    sheet.foot.push(Field::new("by", "打印人", Cell::text("王芳")));
    sheet.foot.push(Field::new("head", "头码", Cell::text("A".repeat(48))));
    sheet
}

fn file(sheet: &Sheet, faces: &Faces) -> PdfFile {
    super::sheet(sheet, faces, Stamp(1_700_000_000_000)).expect("a file")
}

fn drawn(sheet: &Sheet, faces: &Faces) -> Vec<Vec<Drawn>> {
    let mut pages = Pages::new(faces);
    pages.sheet(sheet);
    pages.finished(sheet)
}

fn texts(page: &[Drawn]) -> Vec<&str> {
    let mut out = Vec::new();
    for one in page {
        if let Drawn::Text { text, .. } = one {
            out.push(text.as_str());
        }
    }
    out
}

/// Every text and line lies between the margins and above the paper's edge.
fn lies_on_paper(page: &[Drawn], faces: &Faces) {
    for one in page {
        let (left, right, bottom) = match one {
            Drawn::Text { x, y, size, text, .. } => (*x, x + faces.width(text) as f32 * size / 1000.0, *y),
            Drawn::Line { from, to, .. } => (from.0, to.0, to.1),
            Drawn::Shade { x, y, width, height } => (*x, x + width, y + height),
        };
        let is_foot = matches!(one, Drawn::Text { size, .. } if *size == FOOT) || matches!(one, Drawn::Line { .. });
        assert!(is_foot || bottom <= BOTTOM + 0.1, "{bottom} is over the foot");
        assert!(left >= SIDE - 0.1 && right <= WIDTH - SIDE + 0.6 && bottom < HEIGHT, "{left} {right} {bottom}");
    }
}

#[test]
fn a_long_table_has_its_titles_its_foot_and_a_number_on_every_page_and_each_row_once() {
    let Some(faces) = faces() else { return };
    let sheet = long(200);
    let pages = drawn(&sheet, &faces);
    assert!(pages.len() > 4, "{}", pages.len());
    let all: Vec<&str> = pages.iter().flat_map(|page| texts(page)).collect();
    for row in 0..200 {
        assert_eq!(all.iter().filter(|text| **text == format!("N{row:05}")).count(), 1, "{row}");
    }
    for (at, page) in pages.iter().enumerate() {
        let texts = texts(page);
        let count = |wanted: &str| texts.iter().filter(|text| **text == wanted).count();
        let has_rows = texts.iter().any(|text| text.starts_with("N00"));
        assert_eq!(count("主要致困原因"), usize::from(has_rows), "page {at}");
        assert_eq!(count(&format!("第{}页 共{}页", at + 1, pages.len())), 1);
        assert_eq!(count("打印人：王芳"), 1);
        lies_on_paper(page, &faces);
    }
    assert_eq!(all.iter().filter(|text| **text == "24,690.00").count(), 1);
}

#[test]
fn what_is_wider_or_longer_than_a_page_goes_on_below_and_loses_nothing() {
    let Some(faces) = faces() else { return };
    let columns = (0..20).map(|at| Column::new("c", format!("第{at}栏的标题很长"), ColumnKind::Identifier)).collect();
    let mut wide = Table::new("t", columns);
    wide.push((0..20).map(|at| Cell::identifier(format!("150785-2026-{at:04}"))).collect::<Vec<_>>());
    let mut tall = Table::new("t", vec![Column::new("c", "说明", ColumnKind::Text)]);
    tall.push(vec![Cell::text("字".repeat(12_000))]);
    let mut sheet = Sheet::new(Lang::Zh, "册".repeat(1_500));
    sheet.foot.push(Field::new("by", "打印人", Cell::text("林\u{10fffd}")));
    sheet.parts.push(SheetPart::Table(wide));
    sheet.parts.push(SheetPart::Table(tall));
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new("x".repeat(3_000))]));
    let pages = drawn(&sheet, &faces);
    let all: Vec<&str> = pages.iter().flat_map(|page| texts(page)).collect();
    for at in 1..20 {
        assert_eq!(all.iter().filter(|text| **text == format!("150785-2026-{at:04}")).count(), 1, "{at}");
    }
    assert_eq!(all.iter().map(|text| text.chars().filter(|c| *c == '字').count()).sum::<usize>(), 12_000);
    assert_eq!(all.iter().map(|text| text.chars().filter(|c| *c == 'x').count()).sum::<usize>(), 3_000);
    assert_eq!(all.iter().map(|text| text.chars().filter(|c| *c == '册').count()).sum::<usize>(), 1_500);
    pages.iter().for_each(|page| lies_on_paper(page, &faces));
    assert_eq!(file(&sheet, &faces).missing, ['\u{10fffd}'], "what stands at the foot alone is told too");
}

#[test]
fn a_character_that_no_face_has_is_another_sign_and_is_named() {
    let Some(faces) = faces() else { return };
    let mut sheet = Sheet::new(Lang::Zh, "名单");
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new("林\u{10fffd}")]));
    let made = file(&sheet, &faces);
    assert_eq!((made.pages, made.missing), (1, vec!['\u{10fffd}']));
    let whole = Faces::find(None).expect("a face");
    sheet.parts[0] = SheetPart::Sentences(vec![Sentence::new("林")]);
    assert_eq!(file(&sheet, &whole).missing, []);
}

#[test]
fn the_same_sheet_is_the_same_file_of_the_kind_that_archives_keep() {
    let Some(faces) = faces() else { return };
    let sheet = long(3);
    let (first, again) = (file(&sheet, &faces), file(&sheet, &faces));
    assert!(first.bytes == again.bytes, "two files differ");
    assert!(first.bytes.starts_with(b"%PDF-1.7") && first.bytes.len() < 200_000, "{}", first.bytes.len());
    let text = String::from_utf8_lossy(&first.bytes);
    assert!(text.contains("<pdfaid:part>2</pdfaid:part>"), "no mark of PDF/A-2");
    assert!(text.contains("2023-11-15T06:13:20+08:00"), "the moment in the bureau's zone");
}

#[test]
fn a_file_that_is_no_face_is_none() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), b"no face").expect("written");
    assert!(Faces::find(Some(file.path())).is_none());
    assert!(Faces::find(Some(std::path::Path::new("nowhere.ttf"))).is_none());
}
