//! The survey screen over real forms: the built-in one, and one that nobody here wrote. What the screens look like is
//! kept as text beside the pictures.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

mod support;

use dossier::domain::{Answers, CodeList, Day, Message, Stamp, Step};
use dossier::form::model::Supplied;
use dossier::form::{Book, Draft, Form, Supply, load};
use dossier::tui::screens::survey::{Finished, Keeper, NotTaken, Survey};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use support::Session;
use support::picture::keep_or_compare;

struct Nobody;

impl Keeper for Nobody {
    fn keep(&mut self, _draft: &mut Draft, _step: &Step) -> Result<(), Message> {
        Ok(())
    }
    fn sync(&mut self) -> Result<(), Message> {
        Ok(())
    }
    fn submit(&mut self, _draft: &Draft, _answers: Answers, _beside: bool) -> Result<Finished, NotTaken> {
        Ok(Finished { heading: Message::new("tui.survey.kept"), zh: Vec::new(), en: Vec::new() })
    }
}

fn hardship() -> Arc<Form> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/data");
    let mut lists = HashMap::new();
    for entry in std::fs::read_dir(format!("{root}/codes")).expect("codes") {
        let path = entry.expect("entry").path();
        let name = path.file_stem().and_then(|n| n.to_str()).expect("name").to_owned();
        let (list, _) = CodeList::parse(&name, &std::fs::read_to_string(&path).expect("text"));
        lists.insert(name, list.all().map(Supplied::from).collect::<Vec<_>>());
    }
    let book = Book::from_path(Path::new(&format!("{root}/forms/hardship"))).expect("a folder");
    let loaded = load(&book, &lists).expect("readable");
    assert!(loaded.usable(), "{:#?}", loaded.problems);
    Arc::new(loaded.form)
}

fn over(form: Arc<Form>) -> Session {
    let supply = Supply::on(Stamp(1_750_000_000_000), Day::from_ymd(2025, 6, 16).expect("day"));
    Session::open(Box::new(Survey::new(Draft::open(form, supply), Box::new(Nobody), "示例甲", None)))
}

#[test]
fn the_built_in_form_on_the_survey_screen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let mut session = over(hardship());
    keep_or_compare(&folder, "survey-first", session.vt.screen());
    session.keys("1 <enter>").text("２０２５年6月1日").keys("<enter>");
    session.expect("2025-06-01");
    keep_or_compare(&folder, "survey-answers", session.vt.screen());
    session.keys("<f6>");
    keep_or_compare(&folder, "survey-go-to", session.vt.screen());
    session.keys("<esc> <f9>");
    keep_or_compare(&folder, "survey-missing", session.vt.screen());
    session.expect_true();
}

#[test]
fn a_form_nobody_here_wrote_is_filled_from_its_first_question_to_its_last() {
    let shared =
        std::env::var("DOSSIER_SHARED").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let path = Path::new(&shared).join("xlsforms/forms/getodk_socio_economic_survey_v20240515.xlsx");
    if !path.exists() {
        assert!(std::env::var("DOSSIER_REQUIRE_SHARED").as_deref() != Ok("1"), "{} is absent", path.display());
        println!("skipped: {} is absent", path.display());
        return;
    }
    let loaded = load(&Book::from_path(&path).expect("a workbook"), &HashMap::new()).expect("readable");
    let mut session = over(Arc::new(loaded.form));
    // Enter alone walks through the whole form: nothing holds the cursor.
    let mut pages = std::collections::BTreeSet::new();
    for presses in 0..2000 {
        session.keys("<enter>");
        pages.insert(session.screen());
        if session.shows("还有") || session.shows("可以提交") {
            println!("{} screens, {presses} presses", pages.len());
            session.expect_true();
            return;
        }
    }
    panic!("never at the end:\n{}", session.screen());
}
