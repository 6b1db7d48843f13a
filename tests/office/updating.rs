//! An update as it is read afterwards: of which day each answer is, and who is meant by a number where rows have moved.

use super::surveying::{Desk, again, day};
use dossier::command::survey::{Begin, Surveying};
use dossier::domain::{Eyes, Path, Step};
use dossier::lang::Lang;
use dossier::present::{self, Words, survey::Shown};
use dossier::views::Horizon;

fn update(desk: &Desk, number: &str, on: &'static str) -> Surveying {
    let dossier = Some(desk.office.find(number, desk.on(on)).unwrap().id());
    let form = desk.office.library().hardship().unwrap().clone();
    let begin = Begin { dossier, form, corrects: None, updates: true, on_disk: true };
    let mut surveying = desk.office.begin(begin, desk.on(on)).unwrap();
    let of_the_visit = again(on, "3").into_iter().filter(|(path, _)| {
        *path != "visit/survey_type" && ["visit/", "life/", "sign_off/"].iter().any(|group| path.starts_with(group))
    });
    desk.answer(&mut surveying, &of_the_visit.collect::<Vec<_>>());
    desk.answer(&mut surveying, &[("sign_off/applicant_sign_date", on)]);
    surveying
}

#[test]
fn what_an_update_left_standing_says_of_which_day_it_is_wherever_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut surveying = update(&desk, &number, "2026-06-01");
    desk.answer(&mut surveying, &[("identity/phone", "13900001111")]);
    desk.submit(&mut surveying, "2026-06-01", false).unwrap();
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    let version = household.version(&status, None).unwrap();
    let words = Words::new(&desk.office, Lang::Zh);
    let text = present::survey::read(&words, &household, &version, Eyes::Duty, Shown::Answered).unwrap();
    let json = text.json().to_string();
    let stated = |name: &str| {
        let at = json.find(&format!("{name}\",\"stated_on\":")).or_else(|| json.find(name)).unwrap();
        json[at..].split("\"stated_on\":").nth(1).unwrap().split([',', '}']).next().unwrap().to_owned()
    };
    assert_eq!(stated("income/inc_wage"), "\"2026-03-10\"");
    assert_eq!(stated("identity/phone"), "null");
    assert_eq!(stated("family/members[1]/m_month_income"), "\"2026-03-10\"");
    let is_wage = |item: &&present::survey::Item| matches!(item, present::survey::Item::Answer(line) if line.path.as_str() == "income/inc_wage");
    let wage = text.sections.iter().flat_map(|section| &section.items).find(is_wage);
    let Some(present::survey::Item::Answer(wage)) = wage else { panic!("the wage") };
    assert_eq!(wage.remarks(&words)[0].text, "2026-03-10 所报");
    // On paper a sentence stands below each part, with the answers where it is not all of them.
    let page = present::text::sheet(&text.sheet(&words), Some(100)).join("\n");
    assert!(page.contains("以上均为 2026-03-10 所报。"), "{page}");
    assert!(page.contains("2026-03-10 所报："), "{page}");
    let copy = present::paper::copy(&words, &household, &version, Eyes::Duty).unwrap();
    assert!(present::text::sheet(&copy, Some(100)).join("\n").contains("2026-03-10 所报"));
    let visit = present::paper::visit(&words, &household, &version, Eyes::Duty).unwrap();
    assert!(present::text::sheet(&visit, Some(100)).join("\n").contains("2026-03-10 所报"));
    // The survey before says nothing of the kind.
    let first = household.version(&status, Some(1)).unwrap();
    let text = present::survey::read(&words, &household, &first, Eyes::Duty, Shown::Answered).unwrap();
    assert!(!present::text::sheet(&text.sheet(&words), Some(100)).join("\n").contains("所报"));
    assert_eq!(version.on, day("2026-06-01"));
}

#[test]
fn an_answer_that_names_somebody_is_compared_by_who_it_is_when_a_row_came_before_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut surveying = update(&desk, &number, "2026-06-01");
    desk.answer(
        &mut surveying,
        &[
            ("craft/skills", "+"),
            ("craft/skills[1]/sk_person", "1"),
            ("craft/skills[1]/sk_occupation", "13"),
            ("craft/skills[1]/sk_level", "5"),
            ("craft/skills[1]/sk_years", "6"),
        ],
    );
    desk.submit(&mut surveying, "2026-06-01", false).unwrap();
    let mut surveying = update(&desk, &number, "2026-08-01");
    surveying.answer(&desk.office, &Step::Insert { path: Path::new("family/members[1]") }).unwrap();
    desk.answer(
        &mut surveying,
        &[
            ("family/members[1]/m_name", "示例庚"),
            ("family/members[1]/m_relation", "30"),
            ("family/members[1]/m_id_number", "150785201511110080"),
            ("family/members[1]/m_sex", "2"),
            ("family/members[1]/m_birth_date", "2015-11-11"),
            ("family/members[1]/m_health", "10"),
            ("family/members[1]/m_person_status", "31"),
            ("family/members[1]/m_school_stage", "2"),
            ("family/members[1]/m_school", "青松小学"),
            ("family/members[1]/m_medical_ins", "2"),
            ("family/members[1]/m_lives_together", "1"),
            ("family/private_school_abroad", "2"),
        ],
    );
    let submitted = desk.submit(&mut surveying, "2026-08-01", false);
    submitted.unwrap_or_else(|failure| {
        let said = failure.details().into_iter().map(|message| dossier::lang::say(&message, Lang::Zh));
        panic!("{}", said.collect::<Vec<_>>().join("\n"))
    });
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    let [before, after] = [2, 3].map(|version| household.version(&status, Some(version)).unwrap());
    let words = Words::new(&desk.office, Lang::Zh);
    let compared = present::dossier::compared(&words, &household, &before, &after, Eyes::Duty).unwrap();
    let rows = |compared: &present::dossier::Compared| -> Vec<Vec<String>> {
        compared.table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.shown()).collect()).collect()
    };
    let found = rows(&compared);
    assert!(found.iter().all(|row| !row[0].contains("持有人")), "it is the same holder: {found:?}");
    assert!(found.iter().all(|row| row[1] != "示例丁"), "and she is told of nowhere: {found:?}");
    assert!(found.iter().any(|row| row[2] == "示例庚" && row[1] == "-"), "{found:?}");

    // Of somebody else now, and each is called as in its own survey.
    let mut surveying = update(&desk, &number, "2026-09-01");
    desk.answer(&mut surveying, &[("craft/skills[1]/sk_person", "0")]);
    desk.submit(&mut surveying, "2026-09-01", false).unwrap();
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    let [before, after] = [2, 4].map(|version| household.version(&status, Some(version)).unwrap());
    let compared = present::dossier::compared(&words, &household, &before, &after, Eyes::Duty).unwrap();
    let found = rows(&compared);
    let holder = found.iter().find(|row| row[0].contains("持有人")).unwrap();
    assert_eq!(holder[1..], ["示例丁", "示例丙"], "{found:?}");
}
