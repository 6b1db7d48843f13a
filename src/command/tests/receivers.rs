//! What holds of whoever stands on a list without a dossier: nobody is two people, whichever list, household or gift they came by first.

use super::aid::Town;
use super::campaign::{DAY, not, number, read};
use super::fund::day;
use super::*;
use crate::command::fund::NotInCampaign;
use crate::command::persons::PersonKept;
use crate::domain::fund::TakenOut;
use crate::domain::{Fen, Subject};

#[test]
fn a_file_is_taken_whole_or_told_by_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    let mut wrong = number(3);
    let last = if wrong.ends_with('1') { '2' } else { '1' };
    wrong.replace_range(17.., &last.to_string());
    let text = format!(
        "姓名,身份证号,单位,类别\n示例甲,{},JH,front\n,{},JH,front\n示例丙,{wrong},JH,front\n示例丁,{},没有,front\n示例戊,{},JH,king\n",
        number(1),
        number(2),
        number(4),
        number(5)
    );
    let before = town.office.persons_found("", on(DAY)).unwrap().len();
    let refused = not(town.proposer.fill_from_file(&row, &read(&text), None, on(DAY)));
    let NotInCampaign::File(cells) = refused else { panic!("{refused:?}") };
    let places: Vec<_> = cells.iter().map(|cell| (cell.line, cell.column)).collect();
    let expected = [(Some(3), "name"), (Some(4), "id_number"), (Some(5), "unit"), (Some(6), "class")];
    assert_eq!(places, expected);
    let said = format!("{cells:?}");
    assert!(!said.contains(&number(1)) && !said.contains(&wrong), "{said}");
    assert_eq!((town.office.persons_found("", on(DAY)).unwrap().len(), before), (0, 0));
    let bare = read("姓名,身份证号\n示例甲,1\n");
    let NotInCampaign::File(cells) = not(town.proposer.fill_from_file(&row, &bare, None, on(DAY))) else { panic!() };
    let columns: Vec<_> = cells.iter().map(|cell| (cell.line, cell.column)).collect();
    assert_eq!(columns, [(None, "unit"), (None, "class")]);
}

#[test]
fn who_stands_in_the_files_is_put_on_the_list_as_that_household() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let face = town.office.face(town.dossier).unwrap().unwrap();
    let row = town.begin("spring", &[("front", 50_000)]);
    // Every member of it in a line of their own: one gift for the family.
    let mut text = "姓名,身份证号,单位,类别\n".to_owned();
    let worker = &face.names[0];
    face.id_numbers.iter().for_each(|id| text.push_str(&format!("{worker},{id},JH,front\n")));
    let filled = town.proposer.fill_from_file(&row, &read(&text), None, on(DAY)).unwrap();
    assert_eq!((filled.new_persons, filled.in_the_files), (0, face.id_numbers.len()));
    let outs = town.outs(&row);
    assert_eq!(outs[0], None);
    assert!(outs.len() > 1 && outs[1..].iter().all(|out| *out == Some(TakenOut::Twice { line: 1 })), "{outs:?}");
}

#[test]
fn a_number_that_is_known_is_listed_under_its_own_name_and_under_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let face = town.office.face(town.dossier).unwrap().unwrap();
    let row = town.begin("spring", &[("front", 50_000)]);
    let row = town.file(&row, &[("图雅·示例", 1, "front")]);
    let fill = |lines: &[(&str, String)]| {
        let mut text = "姓名,身份证号,单位,类别\n".to_owned();
        lines.iter().for_each(|(name, id)| text.push_str(&format!("{name},{id},JH,front\n")));
        town.proposer.fill_from_file(&town.now(&row), &read(&text), None, town.next(&row))
    };
    let wrong = |lines: &[(&str, String)]| {
        let NotInCampaign::File(cells) = not(fill(lines)) else { panic!() };
        cells.iter().map(|cell| (cell.line, cell.column)).collect::<Vec<_>>()
    };
    // Of a list before, of a household, of this very file.
    assert_eq!(wrong(&[("无名氏", number(1))]), [(Some(2), "name")]);
    assert_eq!(wrong(&[("无名氏", face.id_numbers[0].clone())]), [(Some(2), "name")]);
    assert_eq!(wrong(&[("示例丙", number(3)), ("示例丁", number(3))]), [(Some(3), "name")]);
    // Written otherwise it is the same name.
    let filled = fill(&[("图雅•示例", number(1)), ("图雅示例", number(1))]).unwrap();
    assert_eq!((filled.lines, filled.new_persons), (2, 0));
}

#[test]
fn somebody_who_turns_out_to_be_of_a_household_is_one_with_it_and_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("home", 60_000), ("front", 50_000)]);
    town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    town.roll(&row, "home");
    town.grant(&row, 3, 160_000);
    town.hand(&row, &[1, 2], "2026-04-21").unwrap();
    let number = town.office.status(town.dossier, Horizon::NOW).unwrap().number;
    let person = town.proposer.person_named("示例甲", on(DAY)).unwrap();
    town.proposer.link_person(person, &number, true, on("2026-04-21")).unwrap();
    // The household's line is the same person's now, who has it.
    let again = not(town.hand(&row, &[3], "2026-04-22"));
    assert_eq!(again, NotInCampaign::Out { line: 3, why: TakenOut::Twice { line: 1 } });
    // What they had is the household's.
    let grants = town.checker.open(town.dossier, on(DAY)).unwrap().grants(day(DAY)).unwrap().1;
    assert_eq!(
        grants.into_iter().find(|grant| grant.aid == "P6").unwrap().had,
        Fen(110_000),
        "handed over, and waiting"
    );
    town.back(&row, &[3], "2026-04-22").unwrap();
    let payout = town.posted(town.dossier, "2026 火灾", &[("fire", 100)]);
    town.cashier
        .pay_in_cash(&payout, "box", "本人", on("2026-04-27"))
        .map(drop)
        .unwrap_or_else(|f| panic!("{}", said(&f)));
    let all = |on_day: &str| {
        let now = on(on_day);
        town.accountant.fund_period(None, day("2026-01-01"), day("2026-12-31"), now).unwrap().statement.all_aid
    };
    let counts = all("2026-04-27");
    assert_eq!((counts.person_times, counts.persons), (3, 2), "the worker, and somebody else");
    town.proposer.link_person(person, &number, false, on("2026-04-27")).unwrap();
    assert_eq!(all("2026-04-27").persons, 3);
    town.holds();
}

#[test]
fn a_person_outside_dossiers_is_erased_on_their_own_and_the_book_still_holds() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    town.grant(&row, 2, 100_000);
    town.hand(&row, &[1], "2026-04-21").unwrap();
    let id = |name: &str| town.proposer.person_named(name, on(DAY)).unwrap();
    let (had, none) = (id("示例甲"), id("示例乙"));
    let kept = |asked: crate::domain::PersonId, day: &str| match town.office.erase_person(&asked.hex(), on(day)) {
        Err(Failure::PersonKept(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(kept(none, "2026-04-22"), PersonKept::OnAList { campaign: "spring".into() });
    town.back(&row, &[2], "2026-04-22").unwrap();
    town.cashier.close_campaign(&town.now(&row), on("2026-04-22")).unwrap();
    // Who had nothing of it is kept for nothing; who had something as long as a dossier.
    town.office.erase_person(&none.hex(), on("2026-04-22")).unwrap();
    let (last, from) = (day("2026-04-21"), day("2036-04-21"));
    assert_eq!(kept(had, "2026-04-23"), PersonKept::TooEarly { last, from });
    assert!(town.office.bureau.keys.is_erased(Subject::Person(none)));
    assert_eq!(kept(none, "2026-04-23"), PersonKept::Already);
    let lines = town.lines(&row);
    assert_eq!((lines[0].name.as_deref(), lines[1].name.as_deref()), (Some("示例甲"), None));
    town.office.trust_clock(on("2036-04-21").at);
    town.office.erase_person(&had.hex(), on("2036-04-21")).unwrap();
    assert!(town.office.persons_found("", on("2036-04-21")).unwrap().is_empty());
    let proof = town.accountant.check_book(None, on("2036-04-21")).unwrap();
    assert!(proof.holds(), "{proof:?}");
}

#[test]
fn somebody_who_gives_and_receives_is_one_person_whichever_came_first() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let donor = |name: &str, nth| crate::command::fund::NewDonor {
        id_number: Some(number(nth)),
        ..super::giving::donor(name, false)
    };
    let first = town.accountant.add_donor(&donor("示例甲", 1), on(DAY)).unwrap().id;
    let row = town.begin("spring", &[("front", 50_000)]);
    town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    let of = |at: usize| town.lines(&row)[at].row.receiver.person.unwrap();
    assert_eq!(of(0), first);
    assert_eq!(town.accountant.add_donor(&donor("示例乙", 2), on("2026-04-21")).unwrap().id, of(1));
    // What the list said of them, and the donor's card did not, stands.
    let found = town.proposer.persons_found(&number(2), on(DAY)).unwrap();
    assert_eq!((found.len(), found[0].phone.as_str(), found[0].lists), (1, "138****0000", 1));
    assert_eq!(town.accountant.donors(on(DAY)).unwrap().len(), 2);
}
