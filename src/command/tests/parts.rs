//! What holds of records of several events, of sessions, of looks, and of what a bureau has set and adopted.

use super::*;
use crate::command::Act;
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::{Credential, Entrance, EntryId, OfficerId, PersonId, Subject};
use crate::views::bodies;

fn records(office: &Office) -> Vec<Record> {
    frames(office).iter().map(|frame| Record::decode(&frame.record).unwrap()).collect()
}

fn part(office: &Office, record: &Record) -> crate::domain::event::LedgerPart {
    bodies::open_ledger(&office.bureau.keys, record).unwrap()
}

fn entry(id: u8) -> EntryId {
    EntryId([id; 16])
}

#[test]
fn a_first_survey_opens_its_dossier_in_one_record() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let of_dossier: Vec<Record> =
        records(&office).into_iter().filter(|r| r.header.subject == Subject::Dossier(dossier)).collect();
    let [record] = &of_dossier[..] else { panic!("{} records", of_dossier.len()) };
    let events = part(&office, record).events;
    assert!(matches!(&events[..], [Ledger::DossierOpened { .. }, Ledger::SurveySubmitted(_)]));
    let history = office.history(dossier).unwrap();
    assert_eq!(history.numbers(Horizon::NOW), ["150785-2026-0001"]);
    assert_eq!(history.happenings.iter().map(|h| h.place).collect::<Vec<_>>(), [0, 1]);
    assert!(office.face(dossier).unwrap().is_some());
}

#[test]
fn a_record_leads_to_who_acted_by_which_credential_and_a_session_begins_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let her = office.add_officer("示例甲", "One", &["surveyor", "reviewer"], &[], on("2026-03-10")).unwrap();
    let way = Credential::Key("ssh-ed25519 AAAA".into());
    let context = |address: &str| SessionContext {
        entrance: Entrance::Own(way.clone()),
        owner: None,
        address: address.into(),
        purpose: "screens".into(),
        afar: true,
    };
    let seat = office.seat(her, context("10.20.0.1"));
    let dossier = survey(&seat, None, None, &steps("illness"), "2026-03-10");
    let session = |office: &Office| {
        let history = office.history(dossier).unwrap();
        let session = history.happenings.last().unwrap().session;
        office.session(session).unwrap().unwrap()
    };
    let first = session(&seat);
    assert_eq!((first.officer, first.entrance, first.address.as_str()), (her, context("").entrance, "10.20.0.1"));
    let begun = |office: &Office| {
        let tells = |record: &Record| {
            part(office, record).events.iter().any(|event| matches!(event, Ledger::SessionBegun { .. }))
                && record.header.by == her
        };
        records(office).iter().filter(|record| tells(record)).count()
    };
    let ask = |day: &str| seat.open(dossier, on(day)).unwrap().ask(None, "inc_wage", "请核对").map(drop).unwrap();
    assert_eq!(begun(&office), 1);
    ask("2026-03-11");
    assert_eq!(begun(&office), 1, "one record a session");
    // The same way in again changes nothing; another one is another session.
    seat.enter(context("10.20.0.1"));
    ask("2026-03-12");
    assert_eq!(begun(&office), 1);
    seat.enter(context("10.20.0.2"));
    ask("2026-03-13");
    assert_eq!((begun(&office), session(&seat).address.as_str()), (2, "10.20.0.2"));
    // Whoever only reads begins nothing.
    let reader = office.seat(her, context("10.20.0.3"));
    reader.lookup("示例", 5, on("2026-03-14")).unwrap();
    reader.line(dossier, on("2026-03-14")).unwrap();
    assert_eq!(begun(&office), 2);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_household_record_does_not_wait_for_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let mut rows = Rows::default();
    for (frame, record) in frames(&office).iter().zip(records(&office)) {
        if !matches!(part(&office, &record).events[..], [Ledger::SessionBegun { .. }]) {
            rows.fold(&office, frame);
        }
    }
    assert_eq!(views::read::waiting_and_unread(&rows).unwrap(), (0, 0));
    let history = views::read::history(&rows, &office.bureau.keys, dossier).unwrap().unwrap();
    assert!(history.happenings.iter().all(|happening| happening.session.is_some()));
    assert_eq!(history.versions(Horizon::NOW).len(), 2);
}

#[test]
fn looks_stand_beside_the_dossier_and_not_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let unchanged = office.unchanged(dossier).unwrap();
    let happenings = office.history(dossier).unwrap().happenings.len();
    // As looks were recorded before they had an event of their own, and as they are now.
    let subject = Subject::Dossier(dossier);
    let old = Ledger::Revealed { subject, what: "face".into() };
    let act = Act::new(office.new_entry().unwrap(), on("2026-10-02").at, subject, old)
        .person(subject, Person::Text("示例理由".into()));
    office.keep(&act).unwrap();
    office.open(dossier, on("2026-10-03")).unwrap().reveal("示例理由").unwrap();
    assert_eq!(office.history(dossier).unwrap().happenings.len(), happenings);
    assert!(office.unchanged(dossier).unwrap() == unchanged, "what a survey rests on has not moved");
    let mut looks = views::looks::looks_at(&office.bureau.store, &office.bureau.keys, subject, 10).unwrap();
    looks.retain(|look| look.what != "carried");
    let days: Vec<Day> = looks.iter().map(|look| look.at.day()).collect();
    assert_eq!(days, [on("2026-10-03").today, on("2026-10-02").today], "the latest first");
    assert!(looks.iter().all(|look| look.subjects == [subject] && look.by == office.officer()));
    let since = on("2026-10-03").at;
    assert_eq!(views::looks::looks(&office.bureau.store, &office.bureau.keys, since, 10).unwrap(), looks[..1]);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

/// An approval of the dossier's latest survey, on those steps.
fn approve(office: &Office, dossier: DossierId, id: u8, category: &str, day: &str, over: &[u8]) {
    let history = office.history(dossier).unwrap();
    let survey = history.versions(Horizon::NOW).last().unwrap().record.entry;
    let (day, now) = (on(day).today, on(day));
    let ledger = Ledger::Approved {
        dossier,
        on: day,
        category: category.into(),
        rule_set: "genhe-2026".into(),
        adopted: None,
        survey,
        notice: None,
        from: day,
        until: None,
    };
    let parents = over.iter().map(|id| entry(*id)).chain([survey]);
    office.keep(&Act::new(entry(id), now.at, Subject::Dossier(dossier), ledger).parents(parents)).unwrap();
}

#[test]
fn a_category_changes_by_approval_alone_once_one_was_approved() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let category = |day: Option<&str>| {
        let horizon = Horizon::new(day.map(|day| on(day).today), None);
        office.history(dossier).unwrap().category(horizon).and_then(|category| category.code)
    };
    assert_eq!(category(None).as_deref(), Some("1"), "surveys of before count until then");
    approve(&office, dossier, 1, "2", "2026-03-20", &[]);
    assert_eq!(office.history(dossier).unwrap().status(Horizon::NOW), Some(Status::Approved));
    survey(&office, Some(dossier), None, &second("2026-09-10", "43000.00"), "2026-09-10");
    assert_eq!(category(None).as_deref(), Some("2"), "a survey proposes");
    approve(&office, dossier, 2, "3", "2026-09-20", &[1]);
    assert_eq!(category(None).as_deref(), Some("3"));
    assert_eq!(category(Some("2026-09-19")).as_deref(), Some("2"), "the day before it is in force");
    assert_eq!(category(Some("2026-03-19")).as_deref(), Some("1"));
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn two_approvals_on_one_parent_leave_the_category_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let stands = || {
        let history = office.history(dossier).unwrap();
        let apart = history.in_force(Horizon::NOW).map_or(0, |in_force| in_force.apart.len());
        (history.category(Horizon::NOW).and_then(|category| category.code), apart)
    };
    approve(&office, dossier, 1, "2", "2026-03-20", &[]);
    approve(&office, dossier, 2, "3", "2026-04-20", &[1]);
    approve(&office, dossier, 3, "1", "2026-04-21", &[1]);
    assert_eq!(stands(), (Some("2".into()), 2), "the one that both have seen");
    approve(&office, dossier, 4, "1", "2026-05-01", &[2]);
    assert_eq!(stands(), (Some("2".into()), 2), "going on with one of them settles nothing");
    approve(&office, dossier, 5, "1", "2026-05-02", &[3, 4]);
    assert_eq!(stands(), (Some("1".into()), 0));
    // In whatever order they come.
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 0x51_7c_c1_b7_27_22_0a_95_u64;
    for round in 0..6 {
        let mut rows = Rows::default();
        shuffled(&frames, &mut state).iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0, "order {round} made other rows");
    }
}

#[test]
fn a_setting_stands_from_its_day_and_as_what_no_other_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let set = |id: u8, value: &str, since: Option<&str>, over: &[u8], day: &str| {
        let since = since.map(|day| on(day).today);
        let ledger = Ledger::SettingSet { key: "division".into(), value: value.into(), since };
        let act = Act::new(entry(id), on(day).at, Subject::Bureau, ledger).parents(over.iter().map(|id| entry(*id)));
        office.keep(&act).unwrap();
    };
    let stands = |key: &str, day: &str| {
        let row = views::settings::setting(&office.bureau.store, &office.bureau.keys, key, on(day).today).unwrap();
        row.map(|row| row.value)
    };
    assert_eq!(stands("division", "2026-03-10"), None);
    set(1, "150785", None, &[], "2026-03-10");
    set(2, "150784", Some("2027-01-01"), &[], "2026-03-11");
    // Of another key that begins alike.
    assert_eq!(stands("div", "2026-12-31"), None);
    assert_eq!(stands("division", "2026-12-31").as_deref(), Some("150785"));
    assert_eq!(stands("division", "2027-01-01").as_deref(), Some("150784"));
    // Replaced by a station whose clock stands behind.
    set(3, "150783", Some("2027-01-01"), &[2], "2026-01-01");
    assert_eq!(stands("division", "2027-01-01").as_deref(), Some("150783"));
}

#[test]
fn adopted_rules_keep_their_text_and_one_that_is_replaced_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let adopt = |id: u8, text: &str, over: &[u8]| {
        let ledger = Ledger::Adopted {
            what: "rule_set".into(),
            id: "genhe-2026".into(),
            text: text.into(),
            document: "示例 2026 第 3 号".into(),
            decided_on: on("2026-01-05").today,
            since: on("2026-01-01").today,
            until: None,
        };
        let act = Act::new(entry(id), on("2026-03-10").at, Subject::Bureau, ledger);
        office.keep(&act.parents(over.iter().map(|id| entry(*id)))).unwrap();
    };
    adopt(1, "one", &[]);
    adopt(2, "two", &[1]);
    let rows = views::settings::adopted(&office.bureau.store, &office.bureau.keys, "rule_set").unwrap();
    assert_eq!(rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(), ["two"]);
    assert_eq!(views::settings::adopted(&office.bureau.store, &office.bureau.keys, "rule").unwrap(), []);
}

#[test]
fn a_person_outside_dossiers_is_linked_and_forgotten_with_the_key_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let person = PersonId(office.bureau.keys.take().unwrap());
    let subject = Subject::Person(person);
    let since = on("2026-03-10").today;
    let added = Ledger::PersonAdded { person, kind: "receiver".into(), unit: None, since };
    let card = Person::Card(vec![("name".into(), "示例受助人".into())]);
    let act = Act::new(entry(1), on("2026-03-10").at, subject, added).person(subject, card);
    office.keep(&act).unwrap();
    let member = office.status(dossier, Horizon::NOW).unwrap().versions.len() as u8;
    let member = PersonId([member; 16]);
    let link = |id: u8, linked: bool, over: &[u8]| {
        let ledger = Ledger::PersonLinked { person, member, dossier, linked };
        let act = Act::new(entry(id), on("2026-03-11").at, subject, ledger);
        office.keep(&act.parents(over.iter().map(|id| entry(*id)))).unwrap();
    };
    let row = views::persons::person(&office.bureau.store, &office.bureau.keys, person).unwrap().unwrap();
    assert_eq!(row.card[0].1, "示例受助人");
    assert!(!format!("{row:?}").contains("示例"), "quiet");
    link(2, true, &[]);
    let linked =
        || views::persons::link(&office.bureau.store, &office.bureau.keys, person).unwrap().map(|row| row.member);
    assert_eq!(linked(), Some(member));
    link(3, false, &[2]);
    assert_eq!(linked(), None, "a wrong link is taken back");
    let seen = views::read::chain_heads(&office.bureau.store).unwrap().iter().map(|h| (h.station, h.seq)).collect();
    office.keep(&Act::new(entry(4), on("2036-03-11").at, subject, Ledger::Erased { subject, seen })).unwrap();
    assert_eq!(views::read::erased(&office.bureau.store).unwrap().len(), 1);
    assert!(!views::persons::is_person(&office.bureau.store, &person.0).unwrap());
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..6 {
        let mut rows = Rows::default();
        shuffled(&frames, &mut state).iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0, "order {round} made other rows");
    }
}

#[test]
fn a_station_that_knows_no_session_still_says_who() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    assert_eq!(office.session(Some(entry(9))).unwrap(), None);
    assert_eq!(office.session(None).unwrap(), None);
    assert_ne!(office.officer(), OfficerId([0; 16]));
}
