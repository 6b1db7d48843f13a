//! What somebody says against a notice: it sends the case back, is settled by others, and holds what comes until then.

use super::aid::open_case;
use super::case::{posted, refused};
use super::*;
use crate::command::case::{CaseStep, ObjectionWords};
use crate::command::queue::{QueueAsked, Waits};

#[test]
fn an_objection_sends_the_case_back_and_nothing_is_posted_or_approved_before_it_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let said = |name: Option<&str>| ObjectionWords {
        name: name.map(str::to_owned),
        contact: name.map(|_| "13800001234".to_owned()),
        words: "该户另有一处出租房".to_owned(),
    };
    let household = |day: &str| opened(&office, dossier, day).unwrap();
    let day = |text: &str| on(text).today;
    assert_eq!(refused(household("2026-03-15").object(&said(None), day("2026-03-15"))), "not_noticed");
    posted(&office, dossier);
    let from = office.history(dossier).unwrap().posting(Horizon::NOW).unwrap().from;
    let before = Day(from.0 - 1);
    let early = household("2026-03-20").object(&said(None), before);
    assert!(matches!(early, Err(Failure::StepTooEarly { .. })), "{early:?}");
    let ahead = household("2026-03-18").object(&said(None), day("2026-03-19"));
    assert!(matches!(ahead, Err(Failure::StepAhead { .. })), "{ahead:?}");
    household("2026-03-18").object(&said(Some("示例邻")), day("2026-03-18")).unwrap();
    let status = || office.status(dossier, Horizon::NOW).unwrap().status;
    assert_eq!(status(), Some(Status::Verifying));
    // Another neighbour says so too, later and without a name.
    household("2026-03-19").object(&said(None), day("2026-03-19")).unwrap();
    assert_eq!(status(), Some(Status::Verifying));
    let waits = || office.queue(&QueueAsked::default(), on("2026-03-19")).unwrap().lines;
    let objected: Vec<_> = waits().into_iter().filter(|line| line.waits == Waits::SettleObjection).collect();
    assert_eq!(objected.len(), 1);
    assert_eq!(objected[0].since, day("2026-03-18"));
    // Who said it is for those who look into it, and whoever surveyed is none of them.
    let reviewer = another(&office, &["reviewer"]);
    let surveyor = another(&office, &["surveyor", "cashier"]);
    let seen = |seat: &Office| opened(seat, dossier, "2026-03-20").unwrap().objections(Horizon::NOW).unwrap();
    assert_eq!(seen(&reviewer)[0].said, Some(said(Some("示例邻"))));
    assert!(seen(&surveyor).len() == 2 && seen(&surveyor).iter().all(|line| line.said.is_none()));
    // On its way back it is held at the wall.
    for (to, on) in [(Status::Reviewed, "2026-03-21"), (Status::Endorsed, "2026-03-22")] {
        step(&office, dossier, to, on, None, None).unwrap();
    }
    let post = |day: &str| step(&office, dossier, Status::Noticed, day, None, None);
    assert_eq!(refused(post("2026-03-23")), "objections_open");
    let settle = |seat: &Office, number, upheld, on: &str| {
        opened(seat, dossier, on).unwrap().settle_objection(number, upheld, "已入户核实，出租房不属于该户", day(on))
    };
    let own = settle(&office, Some(1), false, "2026-03-23");
    assert!(matches!(own, Err(Failure::SamePerson { .. })), "{own:?}");
    assert!(matches!(settle(&reviewer, None, false, "2026-03-23"), Err(Failure::NoSuchObjection { count: 2 })));
    assert!(matches!(settle(&reviewer, Some(3), false, "2026-03-23"), Err(Failure::NoSuchObjection { count: 2 })));
    settle(&reviewer, Some(1), false, "2026-03-23").unwrap();
    assert!(matches!(settle(&reviewer, Some(1), true, "2026-03-23"), Err(Failure::NoSuchObjection { .. })));
    assert_eq!(refused(post("2026-03-23")), "objections_open");
    settle(&reviewer, None, false, "2026-03-23").unwrap();
    assert_eq!(
        seen(&reviewer)[1].settled.as_ref().map(|(on, upheld, _)| (*on, *upheld)),
        Some((day("2026-03-23"), false))
    );
    post("2026-03-23").unwrap();
    // The notice hangs anew, from its first day to its last.
    assert_eq!(refused(step(&office, dossier, Status::Approved, "2026-03-27", None, None)), "notice_not_over");
    step(&office, dossier, Status::Approved, "2026-03-28", None, None).unwrap();
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn an_objection_to_a_household_in_the_files_changes_nothing_but_holds_the_approval() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = open_case(&office, "illness");
    survey(&office, Some(dossier), None, &second("2026-09-10", "90000.00"), "2026-09-10");
    for (to, day) in [(Status::Reviewed, "2026-09-11"), (Status::Endorsed, "2026-09-12")] {
        step(&office, dossier, to, day, None, None).unwrap();
    }
    let objection = ObjectionWords { words: "收入远高于公示所列".to_owned(), ..ObjectionWords::default() };
    let object = |day: &str| opened(&office, dossier, day).unwrap().object(&objection, on(day).today);
    assert_eq!(refused(object("2026-09-13")), "not_noticed");
    opened(&office, dossier, "2026-09-13")
        .unwrap()
        .take_step(&CaseStep {
            category: Some("1"),
            why: Some("仍有大额支出"),
            ..CaseStep::new(Status::Noticed, on("2026-09-13").today)
        })
        .unwrap_or_else(|failure| panic!("{}", said(&failure)));
    object("2026-09-14").unwrap();
    let line = office.status(dossier, Horizon::NOW).unwrap();
    assert_eq!((line.status, line.category.as_deref()), (Some(Status::Open), Some("1")));
    assert_eq!(refused(step(&office, dossier, Status::Approved, "2026-09-30", None, None)), "objections_open");
}

#[test]
fn an_objection_is_not_taken_back_by_whoever_it_is_about_and_what_was_rightly_objected_to_carries_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let objection = ObjectionWords { words: "收入远高于公示所列".to_owned(), ..ObjectionWords::default() };
    let day = |text: &str| on(text).today;
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    posted(&office, dossier);
    opened(&office, dossier, "2026-03-18").unwrap().object(&objection, day("2026-03-18")).unwrap();
    let withdraw = |seat: &Office| opened(seat, dossier, "2026-03-19").unwrap().withdraw_step("办错了，请恢复公示");
    for seat in [&office, &another(&office, &["approver"]), &another(&office, &["supervisor"])] {
        assert!(matches!(withdraw(seat), Err(Failure::NoStepToWithdraw)), "it is settled, and not taken back");
    }
    // In a small office the approver settles what was said against the reviewer's own survey.
    let approver = another(&office, &["approver"]);
    let settle = |upheld, on: &str| {
        let household = opened(&approver, dossier, on).unwrap();
        household.settle_objection(None, upheld, "已入户核实，确有其事", day(on))
    };
    settle(true, "2026-03-20").unwrap();
    assert!(matches!(withdraw(&approver), Err(Failure::NoStepToWithdraw)));
    for (to, on) in
        [(Status::Reviewed, "2026-03-21"), (Status::Endorsed, "2026-03-22"), (Status::Noticed, "2026-03-23")]
    {
        step(&office, dossier, to, on, None, None).unwrap();
    }
    step(&office, dossier, Status::Approved, "2026-03-28", None, None).unwrap();
    step(&office, dossier, Status::Open, "2026-03-29", None, None).unwrap();
    // In the files: a rise that was posted and rightly objected to is posted again before it is approved.
    survey(&office, Some(dossier), None, &second("2026-09-10", "90000.00"), "2026-09-10");
    let post = |on: &str| {
        let step =
            CaseStep {
                category: Some("1"), why: Some("仍有大额支出"), ..CaseStep::new(Status::Noticed, day(on))
            };
        opened(&office, dossier, on).unwrap().take_step(&step)
    };
    let history = || office.history(dossier).unwrap();
    for (to, day) in [(Status::Reviewed, "2026-09-11"), (Status::Endorsed, "2026-09-12")] {
        step(&office, dossier, to, day, None, None).unwrap();
    }
    post("2026-09-13").unwrap();
    opened(&office, dossier, "2026-09-14").unwrap().object(&objection, day("2026-09-14")).unwrap();
    assert!(history().posting(Horizon::NOW).is_some(), "an objection alone says nothing");
    settle(true, "2026-09-15").unwrap();
    assert!(history().posting(Horizon::NOW).is_none());
    post("2026-09-16").unwrap();
    assert_eq!(history().posting(Horizon::NOW).unwrap().from, day("2026-09-16"));
    // A case that is over takes its notices along.
    let open = history().objections(Horizon::NOW).iter().filter(|one| one.settled.is_none()).count();
    assert_eq!(open, 0);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}
