//! The key for an update, where there is nothing to be kept up to date.

use crate::support::Session;
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::command::survey::Begin;
use dossier::domain::dossier::Status;
use dossier::tui::screens::today::Today;

#[test]
fn a_dossier_that_is_over_says_that_it_takes_no_update_even_where_one_was_begun() {
    let bureau = Bureau::empty();
    let dossier = bureau.submit(None, "illness.json", "2026-03-10", &[]);
    let form = bureau.office.library().hardship().expect("form").clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: None, updates: true, on_disk: true };
    drop(bureau.office.begin(begin, now(TODAY)).expect("begun"));
    let household = bureau.office.open(dossier, now(TODAY)).expect("open");
    household.move_status(Status::Verifying, now(TODAY).today, None, None).expect("moved");
    let household = bureau.office.open(dossier, now(TODAY)).expect("open");
    household.move_status(Status::Rejected, now(TODAY).today, None, Some("示例事由共六字")).expect("moved");
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("/").text("示例甲").keys("<enter>").expect("事由").text("示例职工来电核对情况").keys("<enter>");
    session.expect("困难类别").keys("u").expect("不能做变更").expect_true();
}
