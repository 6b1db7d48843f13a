//! The walk of the table of duties: every verb of this floor × every role × own and other unit, before and after rights are
//! taken back. What is not in the table cannot be written at all: writing takes a permit, and a permit is of a duty.

use super::scene::{Scene, draft, is_refusal};
use super::verbs::{DAY, Verb};
use super::*;
use crate::command::Act;
use crate::command::logins::AtFolder;
use crate::command::rights::duties::{Duty, Role, Span};
use crate::domain::event::Ledger;
use crate::domain::{Entrance, EntryId, Subject, UnitId};
use crate::views::OfficerRow;

#[track_caller]
fn refused(result: Result<(), Failure>, what: &str) {
    match result {
        Err(failure) if is_refusal(&failure) => {}
        Err(other) => panic!("{what}: {other:?}"),
        Ok(()) => panic!("{what}: it was done"),
    }
}

#[test]
fn every_verb_asks_the_table_for_every_role_and_unit() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    // Rows stay sealed under the store key of before until the next opening folds them anew: that comes last.
    let (last, others): (Vec<Verb>, Vec<Verb>) =
        Verb::all().into_iter().partition(|verb| *verb == Verb::RotateStoreKey);
    for (verbs, with_views) in [(others, true), (last, false)] {
        for role in Role::ALL {
            let seats = [
                (true, scene.seat(&[role.code()], &[scene.unit])),
                (false, scene.seat(&[role.code()], &[scene.elsewhere])),
                (true, scene.seat(&[role.code()], &[])),
            ];
            for (own, seat) in &seats {
                for verb in verbs.iter().copied() {
                    let span = verb.duty().span(role);
                    // Whose draft and query it is counts too.
                    let of_work = match verb {
                        Verb::CloseOthers => span >= Span::Units,
                        _ if verb.is_of_others_work() => span >= Span::Units && *own,
                        _ => true,
                    };
                    let in_reach = !verb.is_of_household() || *own;
                    let needs_open = verb.is_of_household() && Duty::Open.span(role) == Span::No;
                    // Closing one's own needs one of one's own.
                    let can_ask = verb != Verb::CloseOwn || Duty::Ask.span(role) > Span::No;
                    let may = span > Span::No && of_work && in_reach && !needs_open && can_ask;
                    let what = format!("{} {verb:?}, own unit: {own}", role.code());
                    match may {
                        true => scene.does(seat, verb).unwrap_or_else(|failure| panic!("{what}: {failure:?}")),
                        false => refused(scene.does(seat, verb), &what),
                    }
                }
            }
        }
        assert!(scene.office.verify(None, with_views, |_, _| {}).unwrap().holds());
    }
}

#[test]
fn every_duty_of_the_table_is_walked() {
    let walked: Vec<Duty> = Verb::all().into_iter().map(Verb::duty).collect();
    // Whoever withdraws a step may also be whoever may take it, which `mended.rs` walks.
    let elsewhere = [Duty::WithdrawStep];
    let left_out = Duty::ALL.iter().filter(|duty| !walked.contains(duty) && !elsewhere.contains(duty));
    assert_eq!(left_out.collect::<Vec<_>>(), Vec::<&Duty>::new());
}

#[test]
fn after_a_role_a_unit_or_the_last_day_is_taken_back_nothing_more_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let (unit, elsewhere) = (scene.unit, scene.elsewhere);
    type Taken = fn(&mut OfficerRow, UnitId);
    let ways: [(&str, Taken); 3] = [
        ("role", |row, _| row.roles = vec!["of_another_program".into()]),
        ("unit", |row, elsewhere| row.units = vec![elsewhere]),
        ("last day", |row, _| row.until = Some(on("2026-03-31").today)),
    ];
    for role in Role::ALL {
        for (name, take) in ways {
            let seat = scene.seat(&[role.code()], &[unit]);
            let before: Vec<Verb> = Verb::all().into_iter().filter(|verb| scene.does(&seat, *verb).is_ok()).collect();
            // What is open stays open on the screen, and does nothing more.
            let household = seat.open(scene.dossier, on(DAY)).ok();
            let mut row = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap();
            take(&mut row, elsewhere);
            // As another program may have recorded it, with a role that this one does not know, and by a clock set back.
            let OfficerRow { officer, roles, units, until, entry, .. } = row;
            let ledger = Ledger::OfficerAdded { officer, roles, units, until };
            let act = Act::new(scene.office.new_entry().unwrap(), on("2026-03-01").at, Subject::Bureau, ledger);
            scene.office.keep(&act.parents([entry])).unwrap();
            for verb in before {
                let unit_counts = verb.is_of_household() || verb.is_of_others_work();
                if name != "unit" || unit_counts {
                    refused(scene.does(&seat, verb), &format!("{} {verb:?} after losing the {name}", role.code()));
                }
            }
            if let Some(household) = household {
                for duty in [Duty::Reveal, Duty::Ask, Duty::AnswerQuery, Duty::Review] {
                    assert!(!household.may(duty), "{} {duty:?} on an open handle", role.code());
                }
                refused(household.reveal("银行要核对姓名"), "an open handle");
            }
        }
    }
}

#[test]
fn a_survey_that_was_open_when_the_role_was_taken_back_is_not_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["surveyor"], &[]);
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: true };
    let mut surveying = seat.begin(begin, on("2026-03-20")).unwrap();
    steps("accident").iter().for_each(|step| drop(surveying.answer(&seat, step).unwrap()));
    let mut row = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap();
    row.roles = vec!["cashier".into()];
    scene.office.set_officer(&row, on("2026-03-20")).unwrap();
    let records = scene.office.bureau.store.position();
    let refused = seat.submit(&mut surveying, on("2026-03-20"), false).unwrap_err();
    assert!(matches!(refused, Failure::NeedsRole { role: Role::Surveyor }), "{refused:?}");
    assert_eq!(scene.office.bureau.store.position(), records);
    // The draft is there, and is theirs again with the role.
    let draft = surveying.keeping.head.draft;
    drop(surveying);
    row.roles = vec!["surveyor".into()];
    scene.office.set_officer(&row, on("2026-03-19")).unwrap();
    let form = library().hardship().unwrap().clone();
    let (mut surveying, _) = seat.resume(draft, form, on("2026-03-20")).unwrap();
    seat.submit(&mut surveying, on("2026-03-20"), false).unwrap_or_else(|failure| panic!("{}", said(&failure)));
}

#[test]
fn a_household_of_another_unit_is_opened_for_a_reason_that_the_supervisor_sees() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let number = scene.office.status(scene.dossier, Horizon::NOW).unwrap().number;
    let reviewer = scene.seat(&["reviewer"], &[scene.elsewhere]);
    let supervisor = scene.seat(&["supervisor"], &[scene.unit]);
    let auditor = scene.seat(&["audit_administrator"], &[]);
    let now = on(DAY);
    assert!(matches!(reviewer.find(&number, now), Err(Failure::NeedsReason)));
    // Six Chinese characters are a reason, five are none.
    assert!(matches!(reviewer.find_because(&number, "重复申报核", now), Err(Failure::NotAReason { .. })));
    let looks = |office: &Office| {
        let looks = office.looks(on(DAY).at, 50, now).unwrap();
        looks.into_iter().filter(|look| look.important).collect::<Vec<_>>()
    };
    assert_eq!(looks(&supervisor).len(), 0, "nothing was seen yet");
    let household = reviewer.find_because(&number, "重复申报核对", now).unwrap();
    // Reading is all that a reason gives.
    assert!(household.may(Duty::Reveal) && !household.may(Duty::Review) && !household.may(Duty::Ask));
    assert!(reviewer.open(scene.dossier, now).is_ok(), "in the same session no second reason");
    let line = looks(&supervisor).remove(0);
    assert!(line.important && line.by == reviewer.officer() && line.why.as_deref() == Some("重复申报核对"));
    // Whoever audits sees that, and no words about people; the household's own history shows all of it.
    assert_eq!(looks(&auditor)[0].why, None);
    assert!(scene.office.open(scene.dossier, now).unwrap().looks().unwrap().iter().any(|look| look.important));
    assert!(matches!(reviewer.looks(Stamp(0), 9, now), Err(Failure::NeedsRole { role: Role::Supervisor })));
    // Another session, another reason.
    let again = scene.office.seat(reviewer.officer(), SessionContext::program("test"));
    assert!(matches!(again.find(&number, now), Err(Failure::NeedsReason)));
}

#[test]
fn a_dossier_whose_case_is_over_is_opened_for_a_reason_only() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    assert!(office.open(dossier, on(DAY)).is_ok());
    for to in [Status::Verifying, Status::Rejected] {
        step(&office, dossier, to, "2026-03-20", None, Some("不符合条件")).unwrap();
    }
    assert!(matches!(office.open(dossier, on(DAY)), Err(Failure::NeedsReason)));
    assert!(office.find_because(&dossier.hex(), "家属来问结果如何", on(DAY)).is_ok());
    assert!(office.open(dossier, on(DAY)).is_ok());
}

#[test]
fn opening_a_household_is_one_record_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["cashier"], &[]);
    let looks = || {
        let all = scene.office.looks_at(scene.dossier).unwrap();
        all.into_iter().filter(|look| look.by == seat.officer()).map(|look| look.what).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        seat.open(scene.dossier, on(DAY)).unwrap();
    }
    assert_eq!(looks(), ["open"]);
    seat.open(scene.dossier, on(DAY)).unwrap().reveal("银行要核对姓名").unwrap();
    assert_eq!(looks(), ["reveal", "open"]);
    seat.line(scene.dossier, on(DAY)).unwrap();
    assert_eq!(looks().len(), 2, "a list opens nothing");
}

#[test]
fn carried_answers_are_one_record_a_session_and_whatever_leaves_is_one_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["surveyor"], &[scene.unit]);
    let looks = |what: &str| {
        let all = scene.office.looks_at(scene.dossier).unwrap();
        all.into_iter().filter(|look| look.by == seat.officer() && look.what == what).collect::<Vec<_>>()
    };
    let carry = |seat: &Office| {
        let begun = draft(seat, Some(scene.dossier)).unwrap();
        seat.discard_draft(begun, on(DAY)).unwrap();
    };
    carry(&seat);
    carry(&seat);
    assert_eq!((looks("open").len(), looks("carried").len()), (1, 1));
    let household = seat.open(scene.dossier, on(DAY)).unwrap();
    household.print(None).unwrap();
    household.print(None).unwrap();
    assert_eq!(looks("print").len(), 2);
    assert!(matches!(household.print(Some(" ")), Err(Failure::NotAReason { .. })));
    household.print(Some("归档需要签字的原表")).unwrap();
    let whys = looks("print").into_iter().filter_map(|look| look.why).collect::<Vec<_>>();
    assert_eq!(whys, ["归档需要签字的原表"]);
    assert_eq!(looks("print").len(), 3);
    // Another session, another record.
    carry(&scene.office.seat(seat.officer(), SessionContext::program("test")));
    assert_eq!((looks("open").len(), looks("carried").len()), (2, 2));
}

#[test]
fn a_household_is_filed_in_a_unit_of_ones_own_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let file = |seat: &Office| {
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
        let mut surveying = seat.begin(begin, on(DAY)).unwrap();
        steps("illness").iter().for_each(|step| drop(surveying.answer(seat, step).unwrap()));
        seat.submit(&mut surveying, on(DAY), false)
    };
    let refused = file(&scene.seat(&["surveyor"], &[scene.elsewhere])).unwrap_err();
    assert!(matches!(refused, Failure::OtherUnit { .. }) && refused.is_about_the_answers(), "{refused:?}");
    let seat = scene.seat(&["surveyor"], &[scene.unit]);
    let filed = file(&seat).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    assert!(seat.open(filed.dossier, on(DAY)).is_ok());
}

#[test]
fn nobody_acts_whom_no_record_knows_and_a_claim_makes_somebody() {
    let folder = tempfile::tempdir().unwrap();
    {
        let office = office(folder.path(), 7, "2026-03-10");
        survey(&office, None, None, &steps("illness"), "2026-03-10");
        office.close().unwrap();
    }
    let open = |user: &str, uid: u32| {
        let now = on("2026-04-01");
        opening::open(OpenOffice {
            machine: b"test".to_vec(),
            user: user.into(),
            context: SessionContext { entrance: Entrance::Folder { uid }, ..SessionContext::program("test") },
            ..OpenOffice::new(folder.path(), library(), Box::new(SeededRandom::new(9)), now)
        })
        .unwrap()
        .office
    };
    let stranger = open("stranger", 1001);
    let records = stranger.bureau.store.position();
    for verb in [Duty::Open, Duty::Survey, Duty::SetPeople, Duty::KeepStore] {
        let refused = stranger.may(verb, on("2026-04-01")).err();
        assert!(matches!(refused, Some(Failure::NobodyHere { ref user }) if user == "stranger"), "{refused:?}");
    }
    assert!(stranger.lookup("示例", 5, on("2026-04-01")).is_err());
    assert_eq!(stranger.bureau.store.position(), records, "and nothing was recorded as somebody else's");
    // Whoever unlocked the folder says who they are, by a record; of another uid it cannot be said.
    let first = stranger.officers().unwrap()[0].officer;
    assert!(stranger.claim(first, 1002, on("2026-04-01")).is_err());
    stranger.claim(first, 1001, on("2026-04-01")).unwrap();
    let at = AtFolder { uid: 1001, named: None, login: "stranger" };
    assert_eq!(stranger.who_is_at(&at, on("2026-04-01").today).unwrap(), Some(first));
    let other =
        stranger.seat(first, stranger.context()).add_officer("示例乙", "two", &["surveyor"], &[], on("2026-04-01"));
    assert!(matches!(stranger.claim(other.unwrap(), 1001, on("2026-04-01")), Err(Failure::CredentialTaken { .. })));
    assert!(stranger.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn what_the_bureau_keeps_is_not_done_from_afar() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let afar = SessionContext { afar: true, ..SessionContext::program("test") };
    let all = office.add_officer("示例甲", "one", &Role::ALL.map(Role::code), &[], on("2026-03-10")).unwrap();
    let seat = office.seat(all, afar);
    for duty in Duty::ALL {
        let refused = seat.may(*duty, on(DAY)).err();
        assert_eq!(refused.is_none(), duty.from_afar(), "{duty:?}");
        assert!(refused.is_none_or(|failure| matches!(failure, Failure::NotFromAfar)));
    }
}

#[test]
fn a_head_that_left_proves_later_that_nothing_was_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store");
    let office = super::office(&place, 7, "2026-03-10");
    assert_eq!(office.last_head_given(), None);
    survey(&office, None, None, &steps("illness"), "2026-03-10");
    office.close().unwrap();
    let older = folder.path().join("older");
    copy_folder(&place, &older);
    let code = {
        let office = super::office(&place, 8, "2026-03-11");
        let dossier = office.dossiers(on("2026-03-11")).unwrap()[0];
        office.open(dossier, on("2026-03-11")).unwrap().reveal("银行要核对姓名").unwrap();
        let given = office.give_head(on("2026-03-11")).unwrap().unwrap();
        assert_eq!(office.last_head_given(), Some(given.clone()));
        let code = crate::log::HeadCode::parse(&given.code).unwrap();
        assert!(office.verify(Some(&code), false, |_, _| {}).unwrap().holds());
        code
    };
    // The older copy in the place of what was: the chain holds by itself, and not against the code.
    for name in ["journal", "sled", "keys"] {
        std::fs::remove_dir_all(place.join(name)).unwrap();
        copy_folder(&older.join(name), &place.join(name));
    }
    let office = super::office(&place, 9, "2026-03-12");
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
    assert!(!office.verify(Some(&code), true, |_, _| {}).unwrap().holds());
}

#[test]
fn whoever_has_lost_the_role_sees_no_drafts_and_no_erasable_dossiers() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["surveyor"], &[scene.unit]);
    draft(&seat, Some(scene.dossier)).unwrap();
    assert_eq!(seat.drafts(on(DAY)).unwrap().0.len(), 1);
    let mut row = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap();
    // The household is another unit's now: what stands in the dossier is not told, the draft is theirs.
    row.units = vec![scene.elsewhere];
    scene.office.set_officer(&row, on("2026-03-31")).unwrap();
    let line = seat.drafts(on(DAY)).unwrap().0.remove(0);
    assert_eq!((line.number, line.name, line.is_new), (None, None, false), "and no new household's");
    seat.may_have_drafts(on(DAY)).unwrap();
    row.roles = vec!["security_administrator".into()];
    row.entry = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap().entry;
    scene.office.set_officer(&row, on("2026-03-31")).unwrap();
    assert_eq!(seat.drafts(on(DAY)).unwrap().0.len(), 0);
    assert!(
        matches!(seat.may_have_drafts(on(DAY)), Err(Failure::NeedsRole { .. })),
        "an empty list says something else"
    );
    assert!(matches!(seat.erasable(on("2045-01-01")), Err(Failure::NeedsRole { .. })));
}

#[test]
fn a_busy_unit_hides_no_look_from_the_supervisor_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let supervisor = scene.seat(&["supervisor"], &[scene.unit]);
    let one = scene.seat(&["cashier"], &[scene.unit]);
    one.open(scene.dossier, on("2026-03-20")).unwrap();
    // Later looks, at a household of nobody's unit.
    let (subject, what) = (Subject::Dossier(DossierId([9; 16])), "open".to_owned());
    for id in 0..40 {
        let ledger = Ledger::Looked { subjects: vec![subject], what: what.clone(), important: false };
        scene.office.keep(&Act::new(EntryId([id; 16]), on(DAY).at, Subject::Bureau, ledger)).unwrap();
    }
    let looks = supervisor.looks(Stamp(0), 1, on(DAY)).unwrap();
    assert_eq!(looks.len(), 1);
    assert_eq!(looks[0].subjects, [Subject::Dossier(scene.dossier)]);
    // Who also surveys somewhere audits everywhere, without the words.
    let both = scene.seat(&["audit_administrator", "surveyor"], &[scene.elsewhere]);
    assert_eq!(both.looks(Stamp(0), 5, on(DAY)).unwrap().len(), 5);
}

#[test]
fn a_survey_that_is_open_is_over_when_its_household_is_no_longer_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["surveyor"], &[scene.unit]);
    let form = library().hardship().unwrap().clone();
    let begin = |dossier| Begin { dossier, form: form.clone(), corrects: None, updates: false, on_disk: true };
    let surveying = seat.begin(begin(Some(scene.dossier)), on(DAY)).unwrap();
    let new = seat.begin(begin(None), on(DAY)).unwrap();
    let heads = [&surveying.keeping.head, &new.keeping.head];
    assert!(heads.iter().all(|head| seat.may_survey(head, on(DAY)).is_ok()));
    let mut row = scene.office.officer_named(&scene.office.officer_name(seat.officer()).unwrap().unwrap()).unwrap();
    row.units = vec![scene.elsewhere];
    scene.office.set_officer(&row, on(DAY)).unwrap();
    refused(seat.may_survey(heads[0], on(DAY)), "a household of another unit");
    assert!(seat.may_survey(heads[1], on(DAY)).is_ok(), "one that is in no unit yet");
    row.units = vec![scene.unit];
    scene.office.set_officer(&row, on(DAY)).unwrap();
    assert!(seat.may_survey(heads[0], on(DAY)).is_ok());
}

#[test]
fn without_a_reason_nobody_learns_whether_another_unit_has_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let number = scene.office.status(scene.dossier, Horizon::NOW).unwrap().number;
    for role in ["reviewer", "approver", "supervisor", "surveyor", "cashier"] {
        let seat = scene.seat(&[role], &[scene.elsewhere]);
        let said = |asked: &str| said(&seat.find(asked, on(DAY)).err().unwrap()).replace(asked, "-");
        assert_eq!(said(&number), said("150785-2026-7777"), "{role}");
        // Nor with a reason that is none.
        let short = |asked: &str| {
            let refused = super::said(&seat.find_because(asked, "查", on(DAY)).err().unwrap());
            refused.replace(asked, "-")
        };
        assert_eq!(short(&number), short("150785-2026-7777"), "{role}");
    }
    // With one they learn it, and that is recorded.
    let reviewer = scene.seat(&["reviewer"], &[scene.elsewhere]);
    let asked = reviewer.find_because("150785-2026-7777", "重复申报核对一下", on(DAY)).err();
    assert!(matches!(asked, Some(Failure::NoSuchDossier { .. })), "{asked:?}");
    // To whoever sees all units a number that is none is none.
    let everywhere = scene.seat(&["reviewer"], &[]);
    assert!(matches!(everywhere.find("150785-2026-7777", on(DAY)), Err(Failure::NoSuchDossier { .. })));
}

#[test]
fn no_two_officers_go_by_one_name_however_it_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let now = on("2026-03-10");
    let first = office.add_officer("王芳", "Wang Fang", &["surveyor"], &[], now).unwrap();
    for (zh, en) in
        [("王芳", "two"), (" 王芳\u{200b}", "two"), ("王方", "Wang Fang"), ("Wang Fang", "x"), ("新人", "王芳")]
    {
        let refused = office.add_officer(zh, en, &["approver"], &[], now);
        assert!(matches!(refused, Err(Failure::OfficerNameTaken { .. })), "{zh} {en}: {refused:?}");
    }
    let second = office.add_officer("王芳（青松）", "Wang Fang (Qingsong)", &["approver"], &[], now).unwrap();
    for (asked, whose) in [("王芳", first), ("王芳 ", first), ("Wang Fang", first), ("王芳（青松）", second)]
    {
        assert_eq!(office.officer_named(asked).unwrap().officer, whose, "{asked}");
    }
    assert!(matches!(office.officer_named("王"), Err(Failure::NoSuchOfficer { .. })));
    // A store of before has what it has: the Chinese name goes first, and what is still doubtful is nobody.
    let as_of_before = |zh: &str, en: &str| {
        let ledger = Ledger::OfficerAdded {
            officer: office.new_officer().unwrap(),
            roles: vec!["approver".into()],
            units: Vec::new(),
            until: None,
        };
        let named = crate::domain::event::Person::Named { zh: zh.into(), en: en.into() };
        let act = Act::new(office.new_entry().unwrap(), now.at, Subject::Bureau, ledger);
        office.keep(&act.person(Subject::Bureau, named)).unwrap();
    };
    as_of_before("李四", "王芳");
    assert_eq!(office.officer_named("王芳").unwrap().officer, first);
    as_of_before("王芳", "three");
    assert!(matches!(office.officer_named("王芳"), Err(Failure::SeveralOfficers { .. })));
    let at = AtFolder { uid: 7, named: Some("王芳"), login: "x" };
    assert!(office.who_is_at(&at, now.today).is_err());
    assert_eq!(office.who_is_at(&AtFolder { named: None, login: "王芳", ..at }, now.today).unwrap(), None);
}

#[test]
fn whoever_began_a_survey_that_another_sent_in_does_not_approve_it_under_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let now = on("2026-03-10");
    let [began, sent, third] = ["began", "sent", "third"]
        .map(|name| office.add_officer(name, name, &["surveyor", "approver"], &[], now).unwrap());
    let seat = |officer, owner| {
        let context =
            SessionContext { entrance: Entrance::Folder { uid: 41 }, owner, ..SessionContext::program("test") };
        office.seat(officer, context)
    };
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
    let first = seat(began, None);
    let mut surveying = first.begin(begin, now).unwrap();
    steps("illness").iter().for_each(|step| drop(surveying.answer(&first, step).unwrap()));
    surveying.keeping.sync(&first).unwrap();
    let draft = surveying.keeping.head.draft;
    drop(surveying);
    let supervisor = office
        .seat(office.add_officer("sup", "sup", &["supervisor"], &[], now).unwrap(), SessionContext::program("test"));
    // To whoever surveys nobody it is not handed, and it is said why: about them, not about whoever hands it over.
    let pays = office.add_officer("示例出纳", "示例出纳", &["cashier"], &[], now).unwrap();
    let refused = supervisor.hand_over_draft(draft, pays, "调查员外出学习半月", now).unwrap_err();
    assert!(matches!(&refused, Failure::CannotTakeOver { to } if to == "示例出纳"), "{refused:?}");
    supervisor.hand_over_draft(draft, sent, "调查员外出学习半月", now).unwrap();
    let second = seat(sent, None);
    let (mut surveying, _) = second.resume(draft, form, now).unwrap();
    let dossier = second.submit(&mut surveying, now, false).unwrap().dossier;
    // The first one's uid, under a third name.
    for (owner, same) in [(Some(began), true), (None, false)] {
        let approver = seat(third, owner);
        assert_eq!(approver.had_draft(draft).unwrap(), same, "{owner:?} {dossier:?}");
    }
}
