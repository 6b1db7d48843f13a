//! What holds of keys and uids that let people in, of what people may do, and of who has what open.

use super::*;
use crate::command::Role;
use crate::command::logins::{Barred, LoginAttempt, Terms};
use crate::domain::{Credential, LoginStep, OfficerId, UnitId};
use crate::views::{CredentialRow, OfficerRow};
use std::net::IpAddr;

const KEY: &str = "ssh-ed25519 AAAA";

fn key() -> Credential {
    Credential::Key(KEY.into())
}

fn officer(office: &Office, name: &str, roles: &[&str], units: Vec<UnitId>) -> OfficerId {
    let row = OfficerRow {
        officer: office.new_officer().unwrap(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        units,
        until: None,
        zh: name.into(),
        en: name.into(),
        at: on("2026-03-11").at,
        entry: crate::domain::EntryId([0; 16]),
        over: Vec::new(),
    };
    office.set_officer(&row, on("2026-03-11")).unwrap();
    row.officer
}

fn terms(officer: OfficerId) -> Terms {
    Terms { officer: Some(officer), ..Terms::default() }
}

fn admit(
    office: &Office,
    credential: &Credential,
    from: &str,
    named: Option<&str>,
    day: &str,
) -> Result<OfficerId, Barred> {
    let address: Option<IpAddr> = from.parse().ok();
    office.admit(credential, address, named, on(day).today).unwrap()
}

fn standing(office: &Office, credential: &Credential) -> CredentialRow {
    office.credentials().unwrap().into_iter().find(|row| row.credential == *credential).unwrap()
}

#[test]
fn a_key_lets_in_on_its_last_day_and_not_on_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let her = officer(&office, "示例甲", &["surveyor"], Vec::new());
    let last = on("2026-06-30").today;
    assert_eq!(admit(&office, &key(), "", None, "2026-03-11"), Err(Barred::Unknown));
    office.open_credential(&key(), Terms { until: Some(last), ..terms(her) }, on("2026-03-11")).unwrap();
    assert_eq!(admit(&office, &key(), "", None, "2026-06-30"), Ok(her));
    assert_eq!(admit(&office, &key(), "", None, "2026-07-01"), Err(Barred::Expired(last)));
    // The person's own last day bounds every key.
    let row = office.officers().unwrap().into_iter().find(|o| o.officer == her).unwrap();
    let left = on("2026-05-31").today;
    office.set_officer(&OfficerRow { until: Some(left), ..row }, on("2026-05-01")).unwrap();
    assert_eq!(admit(&office, &key(), "", None, "2026-05-31"), Ok(her));
    assert_eq!(admit(&office, &key(), "", None, "2026-06-01"), Err(Barred::Left(left)));
}

#[test]
fn a_key_lets_in_from_its_networks_and_as_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let (her, him) =
        (officer(&office, "示例甲", &["surveyor"], Vec::new()), officer(&office, "示例乙", &["surveyor"], Vec::new()));
    let from = vec!["10.20.0.0/16".to_owned(), "fd00::/8".to_owned()];
    let now = on("2026-03-11");
    office.open_credential(&key(), Terms { from, ..terms(her) }, now).unwrap();
    for inside in ["10.20.0.0", "10.20.255.255", "::ffff:10.20.0.1", "fd00::1"] {
        assert_eq!(admit(&office, &key(), inside, None, "2026-03-11"), Ok(her), "{inside}");
    }
    for outside in ["10.19.255.255", "10.21.0.0", "::1", ""] {
        assert_eq!(admit(&office, &key(), outside, None, "2026-03-11"), Err(Barred::Address), "{outside}");
    }
    assert_eq!(admit(&office, &key(), "10.20.0.1", Some("示例甲"), "2026-03-11"), Ok(her));
    assert_eq!(admit(&office, &key(), "10.20.0.1", Some("dossier"), "2026-03-11"), Ok(her));
    assert_eq!(admit(&office, &key(), "10.20.0.1", Some("示例乙"), "2026-03-11"), Err(Barred::OtherName));
    // One key is one person's, until it is taken back.
    assert!(
        matches!(office.open_credential(&key(), terms(him), now), Err(Failure::CredentialTaken { by }) if by == "示例甲")
    );
    let wrong = Terms { from: vec!["10.20.3.4/16".into()], ..terms(her) };
    assert!(matches!(office.open_credential(&key(), wrong, now), Err(Failure::NotANetwork { .. })));
    office.shut_credential(&standing(&office, &key()), now).unwrap();
    assert_eq!(admit(&office, &key(), "10.20.0.1", None, "2026-03-11"), Err(Barred::Shut));
    office.open_credential(&key(), terms(him), now).unwrap();
    assert_eq!(admit(&office, &key(), "", None, "2026-03-11"), Ok(him));
}

#[test]
fn what_is_taken_back_stays_shut_though_the_clock_was_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let her = officer(&office, "示例甲", &["surveyor"], Vec::new());
    office.open_credential(&key(), terms(her), on("2026-05-01")).unwrap();
    office.shut_credential(&standing(&office, &key()), on("2026-04-01")).unwrap();
    assert_eq!(admit(&office, &key(), "", None, "2026-05-02"), Err(Barred::Shut));
    let state = office.people_state();
    office.open_credential(&key(), terms(her), on("2026-03-12")).unwrap();
    assert_eq!(admit(&office, &key(), "", None, "2026-05-02"), Ok(her));
    assert_ne!(office.people_state(), state, "whoever sits at a screen is looked at again");
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_uid_is_one_person_and_a_gateway_is_nobody_itself() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let her = officer(&office, "示例甲", &["surveyor"], Vec::new());
    let now = on("2026-03-11");
    office.open_credential(&Credential::Uid(1001), terms(her), now).unwrap();
    office.open_credential(&Credential::Uid(1002), Terms::default(), now).unwrap();
    let admitted = |uid, named| admit(&office, &Credential::Uid(uid), "", named, "2026-03-11");
    assert_eq!(admitted(1001, None), Ok(her));
    assert_eq!(admitted(1002, Some("示例甲")), Ok(her));
    assert_eq!(admitted(1002, None), Err(Barred::Unknown));
    assert_eq!(admitted(1002, Some("谁")), Err(Barred::Unknown));
    assert_eq!(admitted(1003, Some("示例甲")), Err(Barred::Unknown));
}

#[test]
fn ways_are_the_administrators_and_the_log_is_not_a_surveyors() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path(), 7, "2026-03-10");
    let first = office.officer();
    let her = officer(&office, "示例甲", &["surveyor"], Vec::new());
    let auditor = officer(&office, "示例乙", &["audit_administrator"], Vec::new());
    let now = on("2026-03-11");
    let seen = |why: &'static str| LoginAttempt {
        officer: Some(her),
        step: LoginStep::In,
        credential: "uid 1".into(),
        address: String::new(),
        why,
        count: 1,
    };
    let reported = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = reported.clone();
    office.listen(Box::new(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        true
    }));
    office.note_login(seen("screens"), now).unwrap();
    office.note_login(seen("command"), on("2026-03-12")).unwrap();
    assert_eq!(reported.load(std::sync::atomic::Ordering::SeqCst), 0, "who comes and goes wakes no screen");
    office.sit_down(her);
    assert!(matches!(office.open_credential(&key(), terms(her), now), Err(Failure::NeedsRole { .. })));
    assert!(matches!(office.logins(Stamp(0), 9, now), Err(Failure::NeedsRole { .. })));
    office.sit_down(auditor);
    let rows = office.logins(Stamp(0), 9, now).unwrap();
    assert_eq!(rows.iter().map(|row| row.why.as_str()).collect::<Vec<_>>(), ["command", "screens"]);
    assert_eq!(office.logins(on("2026-03-12").at, 9, now).unwrap().len(), 1, "its first moment counts");
    assert_eq!(office.logins(Stamp(on("2026-03-12").at.0 + 1), 9, now).unwrap(), []);
    office.sit_down(first);
}

#[test]
fn nobody_opens_a_household_of_another_unit_and_management_opens_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let (number, unit) = {
        let status = office.status(dossier, Horizon::NOW).unwrap();
        (status.number, status.unit.unwrap())
    };
    // A unit with nothing below it, so that the household's own is not below it either.
    let units = office.units().unwrap();
    let is_above = |one: UnitId| units.iter().any(|u| u.parent == Some(one));
    let elsewhere = units.iter().map(|u| u.unit).find(|one| *one != unit && !is_above(*one));
    let mine = officer(&office, "示例甲", &["surveyor"], vec![unit]);
    let other = officer(&office, "示例乙", &["surveyor"], vec![elsewhere.unwrap()]);
    let everywhere = officer(&office, "示例丙", &["cashier"], Vec::new());
    let keeper = officer(&office, "示例丁", &["system_administrator"], Vec::new());
    for (who, sees) in [(mine, true), (other, false), (everywhere, true), (keeper, false)] {
        office.sit_down(who);
        let now = on("2026-04-01");
        assert_eq!(office.find(&number, now).is_ok(), sees);
        // What is not theirs and what is not there sound alike, so nobody learns which numbers exist.
        let unknown = |asked: &str| {
            let failure = office.find(asked, now).unwrap_err();
            matches!(&failure, Failure::NoSuchDossier { asked: reported } if reported == asked)
                || matches!(failure, Failure::NeedsRole { .. })
        };
        if !sees {
            assert!(unknown(&number) && unknown(&dossier.hex()) && unknown("150785-2026-9999"));
        }
    }
    let form = library().hardship().unwrap().clone();
    let begin = || Begin { dossier: Some(dossier), form: form.clone(), corrects: None, updates: false, on_disk: false };
    office.sit_down(everywhere);
    assert!(matches!(office.begin(begin(), on("2026-04-01")), Err(Failure::NeedsRole { role: Role::Surveyor })));
    office.sit_down(mine);
    assert!(office.begin(begin(), on("2026-04-01")).is_ok());
}

#[test]
fn a_surveyor_moves_a_case_to_verified_and_a_reviewer_beyond() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let surveyor = officer(&office, "示例甲", &["surveyor"], Vec::new());
    let reviewer = officer(&office, "示例乙", &["reviewer"], Vec::new());
    let cashier = officer(&office, "示例丙", &["cashier"], Vec::new());
    let now = on("2026-03-12");
    let go = |office: &Office, to| office.open(dossier, now)?.move_status(to, now.today, None, None);
    office.sit_down(cashier);
    assert!(matches!(go(&office, Status::Verifying), Err(Failure::NeedsRole { .. })));
    office.sit_down(surveyor);
    go(&office, Status::Verifying).unwrap();
    assert!(matches!(go(&office, Status::Reviewed), Err(Failure::NeedsRole { role: Role::Reviewer })));
    office.sit_down(reviewer);
    go(&office, Status::Reviewed).unwrap();
}

#[test]
fn a_draft_is_listed_to_whose_it_is_and_to_who_supervises_its_surveyor() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path(), 7, "2026-03-10");
    let first = office.officer();
    let units: Vec<UnitId> = office.units().unwrap().into_iter().map(|u| u.unit).collect();
    let (hers, other) = (*units.last().unwrap(), units[units.len() - 2]);
    let her = officer(&office, "示例甲", &["surveyor"], vec![hers]);
    let supervisor = officer(&office, "示例乙", &["supervisor"], vec![hers]);
    let elsewhere = officer(&office, "示例丙", &["supervisor"], vec![other]);
    let now = on("2026-03-12");
    let form = library().hardship().unwrap().clone();
    let begin = || Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
    drop(office.begin(begin(), on("2026-03-12")).unwrap());
    office.sit_down(her);
    assert_eq!(office.drafts(now).unwrap().0.len(), 0);
    drop(office.begin(begin(), on("2026-03-12")).unwrap());
    for (who, drafts) in [(her, 1), (first, 1), (supervisor, 1), (elsewhere, 0)] {
        office.sit_down(who);
        assert_eq!(office.drafts(now).unwrap().0.len(), drafts);
    }
}

#[test]
fn whoever_has_a_dossier_open_is_seen_by_the_others_and_not_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = DossierId([1; 16]);
    let seat = |id| office.seat(OfficerId([id; 16]), SessionContext::program("screens"));
    let (one, two) = (seat(1), seat(2));
    let reported = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = reported.clone();
    office.listen(Box::new(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        true
    }));
    let times = || reported.swap(0, std::sync::atomic::Ordering::SeqCst);
    let reads = one.be_at(dossier, false, Stamp(5));
    assert_eq!((one.others_at(dossier).len(), two.others_at(dossier).len(), times()), (0, 1, 0));
    let also = two.be_at(dossier, false, Stamp(6));
    assert_eq!((one.others_at(dossier).len(), times()), (1, 1));
    let surveys = two.be_at(dossier, true, Stamp(7));
    let seen = one.others_at(dossier);
    assert_eq!((seen.len(), seen[0].surveys, seen[0].since, seen[0].officer), (1, true, Stamp(7), two.officer()));
    assert!(two.others_at(DossierId([9; 16])).is_empty());
    drop(surveys);
    assert!(!one.others_at(dossier)[0].surveys);
    times();
    drop(also);
    assert_eq!((one.others_at(dossier).len(), times()), (0, 1));
    drop(reads);
    assert_eq!((two.others_at(dossier).len(), times()), (0, 0));
}
