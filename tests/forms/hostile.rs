//! Files that mean no good, or that a broken program wrote: whatever comes in, a form or a sentence comes out, in bounded
//! time and memory, and nothing panics. `HOSTILE_ROUNDS=5000` tries that many of the random ones, `HOSTILE_ROUND=17` the
//! one that failed, and prints it.
#![allow(clippy::print_stdout)] // A failed round is printed when it is asked for.

use crate::dice::{Dice, mutate, rounds};
use dossier::domain::{Day, Path, Stamp, Step};
use dossier::form::{Book, Draft, Form, Loaded, Supply, Unreadable, load, run};
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// Far more processor time than anything here needs on a slow machine, and far less than a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// What this thread has had of a processor: what else the machine does is not the reader's doing.
fn worked() -> Duration {
    let ran = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(ran.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

fn csv(survey: &str) -> Result<Loaded, Unreadable> {
    let survey: Vec<&str> = survey.lines().map(str::trim).collect();
    Book::from_csv([("survey", survey.join("\n").as_bytes())]).and_then(|book| load(&book, &HashMap::new()))
}

fn open(form: Form) -> Draft {
    Draft::open(Arc::new(form), Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")))
}

fn within<R>(what: &str, act: impl FnOnce() -> R) -> R {
    let before = worked();
    let out =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)).unwrap_or_else(|_| panic!("panicked: {what}"));
    let took = worked().saturating_sub(before);
    assert!(took < PATIENCE, "{what} took {took:?}");
    out
}

/// The workbook that a spreadsheet program would write, as small as it may be: one sheet `survey`.
pub fn workbook(sheet: &[u8]) -> Vec<u8> {
    workbook_with(sheet, &[])
}

/// With more beside the sheet.
pub fn workbook_with(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{kind}\"><sheets><sheet name=\"survey\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let rels = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{kind}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{kind}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let own: [(&str, &[u8]); 4] = [
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    zip(&[&own, more].concat())
}

pub fn sheet(rows: impl Iterator<Item = Vec<(u32, String)>>) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let mut xml = format!("<worksheet xmlns=\"{main}\"><sheetData>");
    for (row, cells) in (1..).zip(rows) {
        xml.push_str(&format!("<row r=\"{row}\">"));
        for (column, text) in cells {
            let letter = char::from(b'A' + column as u8);
            xml.push_str(&format!("<c r=\"{letter}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"));
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData></worksheet>");
    xml.into_bytes()
}

/// A zip file. What it says of unpacked sizes is 1 for each entry: a lie.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let offset = out.len() as u32;
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(data).expect("memory");
        let packed = packed.finish().expect("memory");
        let mut common = Vec::new();
        for word in [20u16, 0, 8, 0, 0x21] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&0u32.to_le_bytes());
        common.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        common.extend_from_slice(&1u32.to_le_bytes());
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    }
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

pub fn cells(texts: &[&str]) -> Vec<(u32, String)> {
    (0..).zip(texts).map(|(i, text)| (i, (*text).to_owned())).collect()
}

#[test]
fn a_small_workbook_is_read() {
    let rows = [cells(&["type", "name"]), cells(&["text", "a"]), cells(&["integer", "b"])];
    let book = Book::from_workbook(&workbook(&sheet(rows.into_iter()))).expect("a workbook");
    let loaded = load(&book, &HashMap::new()).expect("a form");
    assert!(loaded.usable());
    assert_eq!(loaded.form.nodes.len(), 2);
}

#[test]
fn a_cell_that_cannot_be_read_costs_that_cell_and_a_sheet_that_breaks_off_is_told() {
    let whole =
        sheet([cells(&["type", "name", "label"]), cells(&["text", "a", "A"]), cells(&["text", "b", "B"])].into_iter());
    let whole = String::from_utf8(whole).expect("text");
    let reported = |text: &str| -> (Vec<String>, usize) {
        let loaded = load(&Book::from_workbook(&workbook(text.as_bytes())).expect("a workbook"), &HashMap::new());
        let loaded = loaded.expect("a survey sheet");
        let place = |p: &dossier::form::FormProblem| format!("{} {} {}", p.place.row, p.place.column, p.what.key);
        (loaded.problems.iter().map(place).collect(), loaded.form.nodes.len())
    };
    assert_eq!(reported(&whole), (vec![], 2));
    let label = "<c r=\"C2\" t=\"inlineStr\"><is><t>A</t></is></c>";
    let unlabelled = "2 label form.question_without_label".to_owned();
    for (cell, key) in [
        ("<c r=\"C2\" t=\"e\"><v>#SPILL!</v></c>", "2 label form.cell_error"),
        ("<c r=\"C2\" t=\"e\"><v>#N/A</v></c>", "2 label form.cell_error"),
        ("<c r=\"C2\" t=\"s\"><v>77</v></c>", "2 label form.cell_unreadable"),
        ("<c r=\"C2\" t=\"q\"><v>A</v></c>", "2 label form.cell_unreadable"),
        ("<c r=\"C2\"><f>1+1</f></c>", "2 label form.cell_formula"),
    ] {
        let (found, nodes) = reported(&whole.replace(label, cell));
        let mut expected = vec![key.to_owned()];
        expected.extend((!key.ends_with("error")).then(|| unlabelled.clone()));
        assert_eq!((found, nodes), (expected, 2), "{cell}");
    }
    // A formula that gives the empty text has its value.
    let (found, _) = reported(&whole.replace(label, "<c r=\"C2\" t=\"str\"><f>T(1)</f><v></v></c>"));
    assert_eq!(found, [unlabelled]);
    let at = whole.find("<row r=\"3\">").expect("a row");
    assert_eq!(reported(&whole[..at]), (vec!["2  form.sheet_cut".to_owned()], 1));
    assert_eq!(reported("<worksheet/>").0[0], "1  form.sheet_unread");
}

#[test]
fn a_sheet_of_an_open_document_is_read_like_any_other() {
    let row = |cells: &[&str]| {
        let cell = |text: &&str| {
            format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
        };
        format!("<table:table-row>{}</table:table-row>", cells.iter().map(cell).collect::<String>())
    };
    let names = ["office", "table", "text"]
        .map(|n| format!("xmlns:{n}=\"urn:oasis:names:tc:opendocument:xmlns:{n}:1.0\""))
        .join(" ");
    let far = "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let content = format!(
        "<office:document-content {names}><office:body><office:spreadsheet><table:table table:name=\"survey\">{}{}{}{far}</table:table></office:spreadsheet></office:body></office:document-content>",
        row(&["type", "name"]),
        row(&["text", "a"]),
        row(&["integer", "b"]),
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let packed = zip(&[
        ("mimetype", kind.as_bytes()),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", content.as_bytes()),
    ]);
    let book = within("an open document", || Book::from_workbook(&packed)).expect("a workbook");
    let loaded = load(&book, &HashMap::new()).expect("a form");
    assert_eq!(loaded.form.nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_file_that_unpacks_to_gigabytes_is_refused_whatever_it_says_of_itself() {
    // A thousand to one, and four sheets of it: a quarter of a gigabyte in a quarter of a megabyte.
    let bomb = vec![b' '; 64 << 20];
    let packed = zip(&[("xl/a.xml", &bomb), ("xl/b.xml", &bomb), ("xl/c.xml", &bomb), ("xl/d.xml", &bomb)]);
    assert!(packed.len() < 1 << 20);
    let refused = within("a bomb", || Book::from_workbook(&packed));
    assert!(matches!(refused, Err(Unreadable::TooLarge { what: "form.size_unpacked", .. })), "{refused:?}");
}

#[test]
fn a_million_rows_are_refused_by_their_number() {
    let mut text = String::from("type,name\n");
    for row in 0..1_000_000 {
        text.push_str(&format!("text,q{row}\n"));
    }
    let refused = within("a million rows of csv", || csv(&text).err());
    // Of several files it is said which.
    let Some(Unreadable::File { name, why }) = refused else { panic!("{refused:?}") };
    assert!(name == "survey" && matches!(*why, Unreadable::TooLarge { .. }), "{name} {why:?}");
    let rows =
        std::iter::once(cells(&["type", "name"])).chain((0..600_000).map(|row| cells(&["text", &format!("q{row}")])));
    let packed = workbook(&sheet(rows));
    let refused = within("rows of a workbook", || {
        Book::from_workbook(&packed).and_then(|book| load(&book, &HashMap::new())).err()
    });
    assert!(matches!(refused, Some(Unreadable::TooLarge { .. })), "{refused:?}");
}

#[test]
fn a_cell_in_the_last_corner_costs_what_a_cell_costs() {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let far = format!(
        "<worksheet xmlns=\"{main}\"><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>type</t></is></c></row><row r=\"1048576\"><c r=\"B1048576\" t=\"inlineStr\"><is><t>x</t></is></c></row></sheetData></worksheet>"
    );
    let book = within("a far cell", || Book::from_workbook(&workbook(far.as_bytes()))).expect("a workbook");
    assert_eq!(book.sheet("survey").expect("a sheet").rows.len(), 1);
}

#[test]
fn groups_in_groups_without_end_are_told() {
    let mut survey = String::from("type,name\n");
    (0..5_000).for_each(|i| survey.push_str(&format!("begin group,g{i}\n")));
    survey.push_str("text,deep\n");
    (0..5_000).for_each(|_| survey.push_str("end group,\n"));
    let loaded = within("five thousand groups", || csv(&survey)).expect("readable");
    assert!(!loaded.usable());
    let mut survey = String::from("type,name\n");
    (0..40).for_each(|i| survey.push_str(&format!("begin repeat,r{i}\n")));
    survey.push_str("text,deep\n");
    (0..40).for_each(|_| survey.push_str("end repeat,\n"));
    if let Ok(loaded) = within("forty rosters", || csv(&survey)) {
        within("their draft", || run::nodes(&open(loaded.form)).len());
    }
}

#[test]
fn circles_through_rosters_come_to_an_end() {
    for survey in [
        // A roster that counts itself.
        "type,name,repeat_count\nbegin repeat,r,count(${r}) + 1\ntext,x,\nend repeat,,",
        "type,name,repeat_count,calculation\ncalculate,n,,count(${r}) * 2 + 1\nbegin repeat,r,${n},\ntext,x,,\nend repeat,,,",
        // Rows that make rows inside rows.
        "type,name,repeat_count\ninteger,n,\nbegin repeat,a,99999\nbegin repeat,b,99999\ntext,x,\nend repeat,\nend repeat,",
        // Relevance that turns itself off and on.
        "type,name,relevant,calculation\ntext,a,${b} = '',\ncalculate,b,,\"if(${a} = '', '', 'x')\"\ntext,c,not(${c} = 'y'),",
    ] {
        let loaded = csv(survey).expect("readable");
        let count = within(survey, || {
            let mut draft = open(loaded.form);
            for path in ["a", "c", "n"] {
                draft.apply(&Step::Set { path: Path::new(path), value: "5".into() });
                draft.apply(&Step::Set { path: Path::new(path), value: "y".into() });
            }
            run::nodes(&draft).len()
        });
        assert!(count < 1_000_000, "{survey}");
    }
}

#[test]
fn loops_inside_loops_inside_expressions_are_cut_off() {
    let survey = "type,name,calculation,repeat_count
        begin repeat,r,,2000
        integer,x,position(..),
        end repeat,,,
        calculate,a,count(${r}[count(${r}[count(${r}[./x > 0]) > 0]) > 0]),
        calculate,b,\"join(',', ${r}[join(',', ${r}/x) != '']/x)\",
        calculate,c,sum(${x}) + max(${x}) + count(${x}),";
    within("cubic work", || {
        let draft = open(csv(survey).expect("readable").form);
        assert!(!draft.value(draft.at(&Path::new("c")).expect("there")).is_empty());
    });
}

#[test]
fn an_expression_of_any_length_or_depth_is_read_or_told() {
    for text in [
        "(".repeat(20_000),
        format!("{}1{}", "not(".repeat(20_000), ")".repeat(20_000)),
        "1 + ".repeat(7_000) + "1",
        "${a} and ".repeat(3_000) + "true()",
        format!("regex(${{a}}, '{}')", "(a+)+".repeat(2_000)),
        format!("'{}'", "x".repeat(30_000)),
    ] {
        let survey = format!("type,name,relevant\ntext,a,\ntext,b,\"{}\"", text.replace('"', "\"\""));
        within("an expression", || {
            let loaded = csv(&survey).expect("readable");
            let mut draft = open(loaded.form);
            draft.apply(&Step::Set { path: Path::new("a"), value: "a".repeat(5_000) });
        });
    }
}

const WORDS: &[&str] = &[
    ",",
    "\n",
    "\"",
    "begin repeat",
    "end repeat",
    "begin group",
    "end group",
    "select_one ",
    "select_multiple x",
    "${",
    "}",
    "${r}",
    "${a}[",
    "]",
    "(",
    ")",
    "'",
    "../",
    "..",
    "position(..)",
    "count(",
    "sum(",
    "repeat_count",
    "calculate",
    "if(",
    "true()",
    "1",
    "-1",
    "99999999999",
    "0",
    "selected(",
    "note",
    "range",
    "start=1 end=2 step=0",
    "trigger",
    "default",
    "today()",
    "dossier::rows",
    "9-1",
    "once(",
    "\u{202e}",
    "林",
    "\u{1b}[2J",
    "jr:choice-name(",
    "indexed-repeat(",
];

#[test]
fn mutated_sheets_make_a_form_or_a_sentence() {
    let seed = "type,name,label,relevant,constraint,calculation,repeat_count,choice_filter,default,parameters
text,a,A ${b},,. != 'x',,,,today(),
integer,b,B,${a} != '',. > 0 and . < ${c},,,,3,
integer,c,,,,,,,,
begin repeat,r,R,${b} > 1,,,${c},,,
select_one l,s,S ${a},,,,,f = ${a},x,randomize=true
text,t,,,,\"concat(${a}, ${s})\",,,,
end repeat,,,,,,,,,
select_one ${t},u,,,,,,,,
calculate,d,,,,sum(${b}) + count(${r}),,,,
range,e,,,,,,,,start=0 end=10 step=2
";
    let choices = "list_name,name,label,f\nl,x,X ${a},1\nl,y,Y,2\n";
    for round in rounds(400) {
        let mut dice = Dice(round);
        let (mut survey, mut list) = (seed.as_bytes().to_vec(), choices.as_bytes().to_vec());
        mutate(&mut survey, &mut dice, WORDS);
        mutate(&mut list, &mut dice, WORDS);
        within(&format!("round {round}"), || {
            let Ok(book) = Book::from_csv([("survey", survey.as_slice()), ("choices", list.as_slice())]) else {
                return;
            };
            let Ok(loaded) = load(&book, &HashMap::new()) else { return };
            for problem in &loaded.problems {
                problem.caret_lines();
            }
            if std::env::var_os("HOSTILE_ROUND").is_some() {
                println!("{}\n---\n{}", String::from_utf8_lossy(&survey), String::from_utf8_lossy(&list));
            }
            // Even a form with errors is shown as far as it was understood.
            let mut draft = open(loaded.form);
            for _ in 0..12 {
                let places = draft.questions();
                let Some(at) = places.get(dice.below(places.len())).copied() else { break };
                let path = draft.path(at);
                let value = ["", "1", "x", "y", "3", "2025-01-01", "-5", "x y"][dice.below(8)].to_owned();
                draft.apply(&Step::Set { path, value });
                draft.apply(&Step::Add { path: Path::new(["r", "a", "r[1]"][dice.below(3)]) });
                draft.reasons(at);
                draft.offers(at);
                draft.problems_at(at);
            }
            let before = run::nodes(&draft);
            draft.recompute_all();
            assert_eq!(before.len(), run::nodes(&draft).len(), "round {round}");
            let _ = draft.finish();
        });
    }
}

#[test]
fn mutated_workbooks_make_a_form_or_a_sentence() {
    let rows = [cells(&["type", "name", "relevant"]), cells(&["text", "a", ""]), cells(&["integer", "b", "1 + 1"])];
    let whole = workbook(&sheet(rows.into_iter()));
    for round in rounds(600) {
        let mut dice = Dice(round);
        let mut bytes = whole.clone();
        mutate(
            &mut bytes,
            &mut dice,
            &["PK\u{1}\u{2}", "PK\u{5}\u{6}", "\u{0}\u{0}", "<c r=\"ZZZ9\">", "<row r=\"0\">"],
        );
        within(&format!("round {round}"), || {
            if let Ok(book) = Book::from_workbook(&bytes) {
                let _ = load(&book, &HashMap::new());
            }
        });
        // The sheet itself, in a sound file.
        let mut inner = sheet([cells(&["type", "name"]), cells(&["text", "a"])].into_iter());
        mutate(
            &mut inner,
            &mut dice,
            &["<c r=\"A0\"", "<c r=\"AAAAAAAA1\"", "t=\"s\"><v>99999999</v>", "<row r=\"-1\">", "&#0;", "]]>"],
        );
        within(&format!("sheet {round}"), || {
            if let Ok(book) = Book::from_workbook(&workbook(&inner)) {
                let _ = load(&book, &HashMap::new());
            }
        });
    }
}
