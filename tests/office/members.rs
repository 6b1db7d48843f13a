//! Who belongs to a household from when to when: who leaves is asked when and why, does not come back by itself, and keeps
//! an id through all surveys.

use super::surveying::{Desk, again, day, money};
use dossier::command::survey::Surveying;
use dossier::domain::{Eyes, MemberMove, Path, Step};
use dossier::lang::Lang;
use dossier::present::{self, Words, survey::Shown};
use dossier::views::Horizon;

const MEMBER: &str = "family/members[1]";

fn said(why: &str, since: Option<&str>) -> MemberMove {
    MemberMove { since: since.map(day), why: why.into(), text: String::new() }
}

fn leave(why: &str, since: Option<&str>) -> Step {
    Step::Leave { path: Path::new(MEMBER), said: said(why, since) }
}

fn refusal(desk: &Desk, surveying: &mut Surveying, step: &Step) -> Option<&'static str> {
    surveying.answer(&desk.office, step).unwrap().problem.filter(|p| !p.lets_stand()).map(|p| {
        use dossier::domain::Explain;
        p.explain().key
    })
}

fn alone(on: &'static str) -> Vec<(&'static str, &'static str)> {
    again(on, "2").into_iter().filter(|(path, _)| !path.starts_with(MEMBER)).collect()
}

/// A survey in which the spouse leaves.
fn without_spouse(desk: &Desk, number: &str, on: &'static str) {
    let mut surveying = desk.begin(Some(number), None, on);
    assert_eq!(refusal(desk, &mut surveying, &leave("11", Some("2026-06-30"))), None);
    desk.answer(&mut surveying, &alone(on));
    desk.answer(&mut surveying, &[("identity/marital_status", "40")]);
    desk.answer(&mut surveying, &money(on, "15000.00", "3000.00"));
    desk.confirm(&mut surveying);
    desk.submit(&mut surveying, on, false).unwrap();
}

const SPOUSE: &[(&str, &str)] = &[
    ("family/members", "+"),
    ("family/members[1]/m_name", "示例丁"),
    ("family/members[1]/m_relation", "12"),
    ("family/members[1]/m_id_number", "152126197108220423"),
    ("family/members[1]/m_sex", "2"),
    ("family/members[1]/m_birth_date", "1971-08-22"),
    ("family/members[1]/m_health", "10"),
    ("family/members[1]/m_person_status", "13"),
    ("family/members[1]/m_month_income", "0.00"),
    ("family/members[1]/m_medical_ins", "2"),
    ("family/members[1]/m_labour", "1"),
    ("family/members[1]/m_lives_together", "1"),
];

#[test]
fn why_somebody_left_is_covered_as_the_form_covers_it() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    without_spouse(&desk, &number, "2026-09-08");
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    let words = Words::new(&desk.office, Lang::En);
    let shown = |eyes| {
        let text = present::survey::read(&words, &household, &status.versions[1], eyes, Shown::All).unwrap();
        let members = household.members(&status).unwrap();
        let table = present::text::table(&present::members::table(&words, &members, eyes), None).join("\n");
        let compared =
            present::dossier::compared(&words, &household, &status.versions[0], &status.versions[1], eyes).unwrap();
        let said: Vec<String> = compared.members.into_iter().map(|said| said.text).collect();
        [text.json().to_string(), table, said.join("\n"), present::members::json(&members, eyes).to_string()]
    };
    for eyes in [Eyes::Names, Eyes::Elsewhere] {
        for (at, text) in shown(eyes).into_iter().enumerate() {
            // That somebody is divorced by now the form asks in the open.
            let said = if at == 0 { ", Divorced," } else { "Divorced" };
            assert!(!text.contains(said) && !text.contains("\"why\":\"11\""), "{eyes:?}: {text}");
        }
    }
    let [text, table, said, json] = shown(Eyes::Duty);
    assert!(
        text.contains(", Divorced,")
            && table.contains("Divorced")
            && said.contains("Divorced")
            && json.contains("\"why\":\"11\"")
    );
}

#[test]
fn who_leaves_does_not_come_back_and_who_comes_again_is_the_same_person() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store");
    let desk = Desk::new(&place, "2026-03-01", 1);
    let number = desk.first().number;
    without_spouse(&desk, &number, "2026-09-08");
    let mut third = desk.begin(Some(&number), None, "2026-12-01");
    let roster = third.draft.at(&Path::new("family/members")).unwrap();
    assert!(third.draft.rows_of(roster).is_empty(), "whoever left stays away");
    desk.answer(&mut third, &alone("2026-12-01"));
    desk.answer(&mut third, SPOUSE);
    let came = Step::Join { path: Path::new(MEMBER), said: said("3", None) };
    assert_eq!(refusal(&desk, &mut third, &came), None);
    desk.answer(&mut third, &[("identity/marital_status", "23")]);
    desk.answer(&mut third, &money("2026-12-01", "15000.00", "3000.00"));
    desk.confirm(&mut third);
    desk.submit(&mut third, "2026-12-01", false).unwrap();
    desk.office.close().unwrap();

    // All of it stands in the store.
    let desk = Desk::new(&place, "2026-12-02", 2);
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    let members = household.members(&status).unwrap();
    let stays: Vec<_> = members.iter().map(|m| (m.stay.person, m.stay.first, m.stay.last)).collect();
    let spouse = members[0].stay.person;
    assert_eq!(stays, [(spouse, 1, 1), (spouse, 3, 3)]);
    assert_eq!(members[0].stay.left, Some(said("11", Some("2026-06-30"))));
    assert_eq!(members[0].stay.gone, Some((2, day("2026-09-08"))));
    assert_eq!(members[1].stay.came, Some(said("3", None)));
    let words = Words::new(&desk.office, Lang::Zh);
    let table = present::members::table(&words, &members, Eyes::Duty);
    let rows: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.shown()).collect()).collect();
    assert_eq!(rows[0], ["示例丁", "妻", "首次调查前", "", "2026-06-30", "离婚", "1"]);
    assert_eq!(rows[1], ["示例丁", "妻", "不晚于 2026-12-01", "结婚", "至今", "", "3"]);
    // What one survey says of it stands where that survey is read and compared.
    let second = household.version(&status, Some(2)).unwrap();
    let text = present::survey::read(&words, &household, &second, Eyes::Duty, Shown::Answered).unwrap();
    assert_eq!(text.sections.last().unwrap().title, "成员变动");
    assert_eq!(text.json()["member_changes"][0]["why"], "11");
    let first = household.version(&status, Some(1)).unwrap();
    let compared = present::dossier::compared(&words, &household, &first, &second, Eyes::Duty).unwrap();
    assert_eq!(compared.members[0].text, "离开：示例丁，离婚，2026-06-30 起");
    drop(text);
    desk.office.close().unwrap();
}

#[test]
fn a_row_that_leaves_can_come_back_as_it_was_and_one_typed_now_is_only_removed() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut surveying = desk.begin(Some(&number), None, "2026-09-08");
    let roster = surveying.draft.at(&Path::new("family/members")).unwrap();
    let before = surveying.draft.answers();
    // A reason that is none of the list, a day ahead, and something else without words.
    assert_eq!(refusal(&desk, &mut surveying, &leave("77", None)), Some("form.no_such_choice"));
    assert_eq!(refusal(&desk, &mut surveying, &leave("6", Some("2026-09-09"))), Some("form.day_ahead"));
    assert_eq!(refusal(&desk, &mut surveying, &leave("99", None)), Some("form.needs_words"));
    assert_eq!(refusal(&desk, &mut surveying, &leave("6", Some("2026-09-08"))), None);
    assert_eq!(surveying.draft.rows_of(roster).len(), 0);
    assert_eq!(surveying.draft.left_from(roster)[0].name, "示例丁");
    let stay = Step::Stay { path: Path::new("family/members"), number: 1 };
    assert_eq!(refusal(&desk, &mut surveying, &stay), None);
    assert_eq!(surveying.draft.answers(), before, "answers, origins and the person are as they were");
    assert!(surveying.draft.member_changes().is_empty());
    assert_eq!(refusal(&desk, &mut surveying, &stay), Some("form.no_such_place"));
    // Taking back does the same, and what is on the disk makes the same draft.
    assert_eq!(refusal(&desk, &mut surveying, &leave("6", None)), None);
    surveying.answer(&desk.office, &Step::Undo { path: Path::new(MEMBER) }).unwrap();
    assert_eq!(surveying.draft.answers(), before);
    assert_eq!(refusal(&desk, &mut surveying, &leave("2", None)), None);
    let add = Step::Add { path: Path::new("family/members") };
    surveying.answer(&desk.office, &add).unwrap();
    assert_eq!(refusal(&desk, &mut surveying, &leave("6", None)), Some("form.not_carried"));
    surveying.answer(&desk.office, &Step::Remove { path: Path::new(MEMBER) }).unwrap();
    surveying.keeping.sync(&desk.office).unwrap();
    let (draft, form) = (surveying.keeping.head.draft, surveying.draft.form().clone());
    let changes = surveying.draft.member_changes();
    drop(surveying);
    let (surveying, _) = desk.office.resume(draft, form, desk.on("2026-09-08")).unwrap();
    assert_eq!(surveying.draft.member_changes(), changes);
    assert_eq!(changes.iter().map(|change| change.said.why.as_str()).collect::<Vec<_>>(), ["2"]);
    desk.office.close().unwrap();
}

#[test]
fn a_correction_stands_on_what_was_said_and_brings_a_mistaken_leaver_back_under_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    without_spouse(&desk, &number, "2026-09-08");
    let mut mended = desk.begin(Some(&number), Some(2), "2026-09-20");
    desk.submit(&mut mended, "2026-09-20", false).unwrap();
    let household = desk.open(&number);
    let members = household.members(&household.status(Horizon::NOW)).unwrap();
    assert_eq!(members[0].stay.left, Some(said("11", Some("2026-06-30"))), "a correction loses no word");
    let spouse = members[0].stay.person;
    drop(household);
    let mut mended = desk.begin(Some(&number), Some(2), "2026-09-21");
    let stay = Step::Stay { path: Path::new("family/members"), number: 1 };
    assert_eq!(refusal(&desk, &mut mended, &stay), None);
    desk.answer(&mut mended, &SPOUSE[1..]);
    desk.answer(&mut mended, &[("identity/marital_status", "20")]);
    desk.submit(&mut mended, "2026-09-21", false).unwrap();
    let household = desk.open(&number);
    let members = household.members(&household.status(Horizon::NOW)).unwrap();
    assert_eq!(
        members.iter().map(|m| (m.stay.person, m.stay.first, m.stay.last)).collect::<Vec<_>>(),
        [(spouse, 1, 2)]
    );
    drop(household);
    desk.office.close().unwrap();
}
