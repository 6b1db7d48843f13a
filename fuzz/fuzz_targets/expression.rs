//! A text as calculation, condition, filter and default of a form with a roster, worked out over a few answers.
#![no_main]

use dossier::domain::{Day, Path, Stamp, Step};
use dossier::form::xlsform::workbook::{Worksheet, WorksheetRow};
use dossier::form::{Book, Draft, Supply, load};
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::sync::Arc;

fn sheet(name: &str, rows: &[&[&str]]) -> Worksheet {
    let cells = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    let mut all = rows.iter().map(cells);
    let header = all.next().unwrap_or_default();
    let rows = all.enumerate().map(|(at, cells)| WorksheetRow { number: at as u32 + 2, cells }).collect();
    Worksheet { name: name.to_owned(), header, header_number: 1, rows, ..Worksheet::default() }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let survey = sheet(
        "survey",
        &[
            &["type", "name", "label", "calculation", "constraint", "relevant", "choice_filter"],
            &["text", "a", "A"],
            &["integer", "n", "N", "", text],
            &["select_one l", "s", "${a}", "", "", "", text],
            &["begin repeat", "r", "R"],
            &["integer", "x", "X"],
            &["calculate", "y", "", text],
            &["end repeat", ""],
            &["calculate", "c", "", text],
            &["text", "b", text, "", "", text],
        ],
    );
    let choices =
        sheet("choices", &[&["list_name", "name", "label", "f"], &["l", "1", "One", "x"], &["l", "2", "${n}", ""]]);
    let book = Book { sheets: vec![survey, choices], tables: Vec::new() };
    let Ok(loaded) = load(&book, &HashMap::new()) else { return };
    let form = loaded.form;
    let day = Day::from_ymd(2025, 6, 15).expect("a day");
    let mut draft = Draft::open(Arc::new(form), Supply::on(Stamp(0), day));
    let set = |path: &str, value: &str| Step::Set { path: Path::new(path), value: value.to_owned() };
    for step in [
        set("a", "2024-02-29 王 x"),
        set("n", "7"),
        set("r[1]/x", "3"),
        Step::Add { path: Path::new("r") },
        set("r[2]/x", "-1"),
        set("s", "1"),
    ] {
        draft.apply(&step);
    }
    draft.problems();
});
