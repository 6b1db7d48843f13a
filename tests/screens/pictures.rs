//! The survey screen over real forms: the built-in one, and one that nobody here wrote. What the screens look like is
//! kept as text beside the pictures.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use crate::support::Session;
use crate::support::bureau::Bureau;
use crate::support::picture::keep_or_compare;
use dossier::domain::{Answers, CodeList, Day, Message, Stamp, Step};
use dossier::form::model::Supplied;
use dossier::form::{Book, Draft, Form, Supply, load};
use dossier::tui::screens::survey::{Finished, Keeper, NotTaken, Survey};
use dossier::tui::screens::today::Today;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

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
    // A question that is not asked now, and why.
    session.keys("<esc> <f6>").text("15").keys("<enter>");
    keep_or_compare(&folder, "survey-why", session.vt.screen());
    session.expect_true();
}

/// The day of the pictures: one household is late, one is due soon.
const DAY: &str = "2027-05-03";

#[test]
fn the_bureau_as_it_looks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let bureau = Bureau::with_households();
    let keep = |session: &Session, name: &str| {
        session.expect_true();
        keep_or_compare(&folder, name, session.vt.screen());
    };
    let mut session = Session::open(Box::new(Today::new(bureau.session_on(DAY))));
    // A draft to go on with, and a dossier looked at.
    session.keys("n 1 <enter> 20270503 <enter>").text("赵一、钱二").keys("<enter> 1 <enter>");
    session.keys("<f6>").text("姓名").keys("<enter>").text("示例庚").keys("<enter>").text("1521261968");
    keep(&session, "survey");
    session.keys("<esc>");
    keep(&session, "menu");
    session.keys("<esc> <c-w> / <esc> /").text("示例甲").keys("<enter> <esc> <esc>");
    keep(&session, "today");
    session.keys("<f12>");
    keep(&session, "today-en");
    session.keys("<f12> /").text("slj");
    keep(&session, "lookup");
    session.keys("<enter>");
    keep(&session, "dossier");
    session.keys("<f1>");
    keep(&session, "help");
    session.keys("<esc> 2");
    keep(&session, "dossier-surveys");
    session.keys("<enter> / 66 <enter>");
    keep(&session, "survey-text");
    session.keys("<esc>");
    session.keys("3");
    keep(&session, "dossier-people");
    session.keys("4");
    keep(&session, "dossier-history");
    session.keys("5");
    keep(&session, "dossier-difference");
    session.keys("6");
    keep(&session, "why");
    session.keys("<f12>");
    keep(&session, "why-en");
    session.keys("<f12> 1 <left> <left>");
    keep(&session, "dossier-as-of");
    session.keys("<right> <right> 8");
    keep(&session, "dossier-case");
    session.keys("<enter>");
    keep(&session, "case-step");
}

#[test]
fn the_last_pages_of_a_survey_as_they_look() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let bureau = Bureau::with_households();
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("/").text("示例甲").keys("<enter> 2 c <f6> 66 <enter> 45000 <enter> <f9>");
    session.expect("可以提交").keys("<f2>").expect("已提交").expect_true();
    keep_or_compare(&folder, "survey-submitted", session.vt.screen());
    session.keys("<f12>");
    keep_or_compare(&folder, "survey-submitted-en", session.vt.screen());
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
