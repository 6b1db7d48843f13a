//! What is typed, and who comes first: a table over a few hundred synthetic households.

use crate::made_up::{households, named, unit};
use dossier::domain::UnitId;
use dossier::views::search::{Answer, Ask, How, Index, IndexField, IndexedHousehold, SearchScope};
use std::collections::BTreeSet;

/// People whose surnames the generator never draws, among 400 whom it did.
fn bureau() -> Index {
    let mut fixed: Vec<IndexedHousehold> = [
        (1, "褚国强", 0, 1968),
        (2, "褚国墙", 0, 1970),
        (3, "褚国", 0, 1950),
        (4, "褚强国", 0, 1951),
        (5, "褚果蔷", 0, 1971),
        (6, "褚小国强", 0, 1952),
        (11, "褚建军", 5, 1970),
        (12, "褚建军", 5, 1960),
        (13, "褚建军", 1, 1980),
        (20, "单雄信", 2, 1960),
        (21, "曾子墨", 2, 1961),
        (22, "仇英", 2, 1962),
        (23, "吕不韦", 2, 1963),
        (24, "敖·巴特尔楞", 2, 1964),
        (25, "逄女", 2, 1965),
        (26, "田芸磬", 2, 1966),
    ]
    .into_iter()
    .map(|(number, name, unit, year)| named(number, &[name], unit, year))
    .collect();
    fixed.push(named(30, &["郇安", "褚子妍"], 3, 1966));
    for (number, text) in [(41, "临-3-12"), (42, "临-31-2")] {
        let mut row = named(number, &["郇一"], 4, 1967);
        row.number = text.to_owned();
        row.other_numbers = vec![format!("黑档{number}")];
        fixed.push(row);
    }
    if let Some(row) = fixed.first_mut() {
        row.id_numbers = vec!["152126196803150311".to_owned()];
        row.phones = vec!["13912340987".to_owned()];
    }
    Index::build(households(5, 400).map(elsewhere).chain(fixed))
}

/// Numbers that the fixed people do not have.
fn elsewhere(mut row: IndexedHousehold) -> IndexedHousehold {
    row.number = row.number.replace("150785", "150999").replace("临", "暂");
    row
}

fn ask(index: &Index, text: &str) -> Answer {
    index.search(Ask::new(text, SearchScope::All))
}

/// The serial of each number, or the whole of a provisional one.
fn shown(answer: &Answer) -> Vec<String> {
    let short = |number: &str| number.strip_prefix("150785-2018-").unwrap_or(number).trim_start_matches('0').to_owned();
    answer.hits.iter().map(|hit| short(&hit.number)).collect()
}

#[test]
fn what_was_meant_comes_first_and_says_why() {
    let index = bureau();
    let table: &[(&str, &[&str], IndexField, How)] = &[
        // As written, then as sounded, then one character away: wrong or swapped, extra, missing.
        ("褚国强", &["1", "2", "5", "4", "6", "3"], IndexField::Worker, How::Whole),
        ("褚 国强", &["1"], IndexField::Worker, How::Start),
        ("褚国", &["3", "1", "2"], IndexField::Worker, How::Whole),
        ("褚过强", &["1", "2", "5"], IndexField::Worker, How::Sound),
        ("褚雪强", &["1"], IndexField::Worker, How::OneOff),
        ("褚雪国强", &["6", "1"], IndexField::Worker, How::OneOff),
        ("国褚强", &["1"], IndexField::Worker, How::OneOff),
        ("chuguoqiang", &["1", "2", "5"], IndexField::Worker, How::Pinyin),
        ("chu guo qiang", &["1", "2", "5"], IndexField::Worker, How::Pinyin),
        ("CHUGUOQIANG", &["1", "2", "5"], IndexField::Worker, How::Pinyin),
        ("chuguoq", &["1", "2", "5"], IndexField::Worker, How::PinyinStart),
        ("chgqiang", &["1", "2", "5"], IndexField::Worker, How::PinyinMixed),
        // Namesakes by unit, then by birth year.
        ("褚建军", &["13", "12", "11"], IndexField::Worker, How::Whole),
        ("褚建军 金河三", &[], IndexField::Worker, How::Whole),
        ("褚建军 金河二林场", &["13"], IndexField::Worker, How::Whole),
        ("褚 D005", &["12", "11"], IndexField::Worker, How::Start),
        ("chujianjun jhel", &["13"], IndexField::Worker, How::Pinyin),
        // A surname as it is read, and as it looks.
        ("shanxiongxin", &["20"], IndexField::Worker, How::Pinyin),
        ("danxiongxin", &["20"], IndexField::Worker, How::Pinyin),
        ("sxx", &["20"], IndexField::Worker, How::Initials),
        ("dxx", &["20"], IndexField::Worker, How::Initials),
        ("zengzimo", &["21"], IndexField::Worker, How::Pinyin),
        ("cengzimo", &["21"], IndexField::Worker, How::Pinyin),
        ("qiuying", &["22"], IndexField::Worker, How::Pinyin),
        ("chouying", &["22"], IndexField::Worker, How::Pinyin),
        ("lvbuwei", &["23"], IndexField::Worker, How::Pinyin),
        ("lübuwei", &["23"], IndexField::Worker, How::Pinyin),
        ("lubuwei", &["23"], IndexField::Worker, How::Pinyin),
        ("lyubuwei", &["23"], IndexField::Worker, How::Pinyin),
        ("tianyunqing", &["26"], IndexField::Worker, How::Pinyin),
        ("pangnv", &["25"], IndexField::Worker, How::Pinyin),
        ("敖巴特尔楞", &["24"], IndexField::Worker, How::Whole),
        ("敖・巴特尔楞", &["24"], IndexField::Worker, How::Whole),
        ("aobateerleng", &["24"], IndexField::Worker, How::Pinyin),
        ("abtel", &["24"], IndexField::Worker, How::Initials),
        ("褚子妍", &["30"], IndexField::Member, How::Whole),
        // Numbers, with dashes or without, narrow or wide.
        ("150785-2018-0011", &["11"], IndexField::Number, How::Whole),
        ("15078520180011", &["11"], IndexField::Number, How::Whole),
        ("１５０７８５－２０１８－００１１", &["11"], IndexField::Number, How::Whole),
        ("150785 2018 0011", &["11"], IndexField::Number, How::Whole),
        ("2018-0011", &["11"], IndexField::Number, How::Tail),
        ("临-3-12", &["临-3-12", "临-31-2"], IndexField::Number, How::Whole),
        ("临-31-2", &["临-31-2", "临-3-12"], IndexField::Number, How::Whole),
        ("临312", &["临-3-12", "临-31-2"], IndexField::Number, How::Whole),
        ("黑档42", &["临-31-2"], IndexField::OtherNumber, How::Whole),
        ("152126196803150311", &["1"], IndexField::IdNumber, How::Whole),
        ("152126680315031", &["1"], IndexField::IdNumber, How::Whole),
        ("3150311", &["1"], IndexField::IdNumber, How::Tail),
        ("2619680315", &["1"], IndexField::IdNumber, How::Inside),
        ("19680315", &["1"], IndexField::IdNumber, How::Inside),
        ("１９６８　0315", &["1"], IndexField::IdNumber, How::Inside),
        ("521261968031", &["1"], IndexField::IdNumber, How::Inside),
        ("13912340987", &["1"], IndexField::Phone, How::Whole),
        ("+86 139 1234 0987", &["1"], IndexField::Phone, How::Whole),
        ("2340987", &["1"], IndexField::Phone, How::Tail),
    ];
    let mut wrong = Vec::new();
    for (text, first, field, how) in table {
        let answer = ask(&index, text);
        let got = shown(&answer);
        let why = answer.hits.first().and_then(|hit| hit.why.first()).map(|why| (why.field, why.how));
        let as_expected = if first.is_empty() { got.is_empty() } else { why == Some((*field, *how)) };
        if !as_expected || got.iter().take(first.len()).ne(first.iter()) {
            wrong.push(format!("{text}: {got:?} {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_typed_and_nothing_like_it_find_nothing() {
    let index = bureau();
    for text in ["", "  ", "，", "\u{1b}[2J", "龘龘龘", "qqqqqqq", "999999999999999999", "褚国强 龘", "0", "🙂"]
    {
        let answer = ask(&index, text);
        assert!(answer.hits.is_empty() && !answer.cut, "{text}");
    }
    let long = "张".repeat(100_000);
    assert!(ask(&index, &long).hits.is_empty());
    let words = "z a ".repeat(10_000);
    assert!(ask(&index, &words).hits.len() <= 20);
}

#[test]
fn three_digits_are_no_tail_and_four_are() {
    let index = bureau();
    let by_tail = |text: &str| {
        let met = |hit: &&dossier::views::search::Hit| hit.why.iter().any(|why| why.field == IndexField::IdNumber);
        ask(&index, text).hits.iter().filter(met).map(|hit| hit.name.clone()).collect::<Vec<String>>()
    };
    assert!(by_tail("0311").contains(&"褚国强".to_owned()));
    assert!(by_tail("311").is_empty());
}

#[test]
fn households_of_other_units_are_neither_shown_nor_counted() {
    let index = bureau();
    let mine: BTreeSet<UnitId> = [unit(1).id].into();
    let cut_to = |text| index.search(Ask::new(text, SearchScope::Units(&mine)));
    assert_eq!(shown(&cut_to("褚建军")), ["13"]);
    assert!(!cut_to("褚建军").cut);
    assert!(cut_to("152126196803150311").hits.is_empty());
    assert!(index.search(Ask::new("褚建军", SearchScope::Units(&BTreeSet::new()))).hits.is_empty());
    for hit in cut_to("z").hits {
        assert_eq!(hit.unit, unit(1));
    }
}

#[test]
fn namesakes_are_marked_and_a_cut_answer_says_so() {
    let index = bureau();
    let answer = ask(&index, "褚建军");
    assert!(answer.hits.iter().filter(|hit| hit.name == "褚建军").all(|hit| hit.alike));
    assert!(ask(&index, "褚国强").hits.first().is_some_and(|hit| !hit.alike));
    let two = index.search(Ask { text: "褚建军", scope: SearchScope::All, limit: 2, whole_numbers: false });
    assert_eq!((shown(&two), two.cut), (vec!["13".to_owned(), "12".to_owned()], true));
}

#[test]
fn nothing_personal_is_printed_for_debugging() {
    let index = bureau();
    let answer = ask(&index, "褚国强");
    let row = answer.hits.first().and_then(|hit| index.get(hit.dossier));
    let printed = format!("{index:?} {answer:?} {row:?}");
    for secret in ["褚", "152126", "139", "150785"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}
