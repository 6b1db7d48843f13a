//! The index against plain lists: whoever is there is found, whoever went is not, and history leaves no trace.

use crate::made_up::{Dice, household, households};
use dossier::domain::DossierId;
use dossier::views::search::{Answer, Ask, How, Index, IndexField, IndexedHousehold, SearchScope};
use pinyin::ToPinyin;
use std::collections::{BTreeMap, BTreeSet};

fn search(index: &Index, text: &str) -> Answer {
    index.search(Ask { text, scope: SearchScope::All, limit: 200, whole_numbers: false })
}

fn holds(answer: &Answer, dossier: DossierId) -> bool {
    answer.hits.iter().any(|hit| hit.dossier == dossier)
}

fn syllables(name: &str) -> Vec<String> {
    let plain = name.replace('·', "");
    plain.as_str().to_pinyin().flatten().map(|p| p.plain().replace('ü', "v")).collect()
}

#[test]
fn every_household_is_found_by_name_pinyin_initials_number_and_tails() {
    let rows: Vec<IndexedHousehold> = households(11, 3_000).collect();
    let index = Index::build(rows.clone());
    assert_eq!(index.len(), rows.len());
    for row in rows.iter().step_by(5) {
        for name in &row.names {
            let read = syllables(name);
            let initials: String = read.iter().filter_map(|s| s.chars().next()).collect();
            for text in [name.clone(), name.replace('·', ""), read.concat()] {
                let answer = search(&index, &text);
                assert!(holds(&answer, row.dossier), "{text} for {name}");
            }
            let answer = search(&index, &initials);
            assert!(holds(&answer, row.dossier) || answer.cut, "row {:?}", row.dossier);
        }
        let first = |text: &str| search(&index, text).hits.first().map(|hit| hit.dossier);
        assert_eq!(first(&row.number), Some(row.dossier));
        for id in &row.id_numbers {
            assert_eq!(first(id), Some(row.dossier));
            assert!(holds(&search(&index, &id[14..]), row.dossier));
            assert!(holds(&search(&index, &id[14..].to_lowercase()), row.dossier));
        }
        for phone in &row.phones {
            assert_eq!(first(phone), Some(row.dossier));
            assert!(holds(&search(&index, &phone[7..]), row.dossier));
        }
        let scoped = BTreeSet::from([row.unit.id]);
        let mine = index.search(Ask {
            text: &row.names[0],
            scope: SearchScope::Units(&scoped),
            limit: 200,
            whole_numbers: false,
        });
        assert!(holds(&mine, row.dossier) && mine.hits.iter().all(|hit| hit.unit == row.unit));
    }
}

#[test]
fn one_wrong_missing_extra_or_swapped_character_still_finds() {
    let rows: Vec<IndexedHousehold> = households(12, 3_000).collect();
    let index = Index::build(rows.clone());
    let mut dice = Dice::new(4);
    let mut tried = 0;
    for row in &rows {
        let chars: Vec<char> = row.names[0].chars().filter(|c| *c != '·').collect();
        if chars.len() < 3 {
            continue;
        }
        let at = dice.below(chars.len());
        let mut typed = chars.clone();
        match dice.below(4) {
            0 => typed[at] = '龘',
            1 => drop(typed.remove(at)),
            2 => typed.insert(at, '龘'),
            _ => typed.swap(at.min(chars.len() - 2), at.min(chars.len() - 2) + 1),
        }
        let typed: String = typed.into_iter().collect();
        let answer = search(&index, &typed);
        assert!(holds(&answer, row.dossier) || answer.cut, "row {:?}", row.dossier);
        tried += 1;
    }
    assert!(tried > 500);
}

/// Hits by a field and a way, for comparing with a plain search through lists.
fn met(answer: &Answer, fields: &[IndexField], how: &[How]) -> BTreeSet<DossierId> {
    let by = |hit: &&dossier::views::search::Hit| {
        hit.why.iter().any(|why| fields.contains(&why.field) && how.contains(&why.how))
    };
    answer.hits.iter().filter(by).map(|hit| hit.dossier).collect()
}

#[test]
fn what_is_found_is_what_a_plain_search_finds() {
    let rows: Vec<IndexedHousehold> = households(13, 2_000).collect();
    let index = Index::build(rows.clone());
    let these = |wanted: &dyn Fn(&IndexedHousehold) -> bool| -> BTreeSet<DossierId> {
        rows.iter().filter(|row| wanted(row)).map(|row| row.dossier).collect()
    };
    let people = [IndexField::Worker, IndexField::Member];
    for row in rows.iter().step_by(20) {
        let name = &row.names[0];
        let answer = search(&index, name);
        assert_eq!(met(&answer, &people, &[How::Whole]), these(&|r| r.names.contains(name)));
        let tail = &row.id_numbers[0][13..];
        let plain = these(&|r| r.id_numbers.iter().any(|id| id.ends_with(tail)));
        assert_eq!(met(&search(&index, tail), &[IndexField::IdNumber], &[How::Tail]), plain);
        let part = &row.id_numbers[0][4..14];
        let plain = these(&|r| r.id_numbers.iter().any(|id| id.contains(part) && !id.ends_with(part)));
        assert_eq!(met(&search(&index, part), &[IndexField::IdNumber], &[How::Inside]), plain);
        let tail = &row.phones[0][6..];
        let plain = these(&|r| r.phones.iter().any(|phone| phone.ends_with(tail)));
        assert_eq!(met(&search(&index, tail), &[IndexField::Phone], &[How::Tail]), plain);
        let both = format!("{name} {}", row.unit.name);
        let answer = search(&index, &both);
        let whole = answer.hits.iter().filter(|hit| hit.why.iter().all(|why| why.how == How::Whole));
        let plain = these(&|r| r.names.contains(name) && r.unit == row.unit);
        assert_eq!(whole.map(|hit| hit.dossier).collect::<BTreeSet<_>>(), plain);
    }
}

#[test]
fn an_index_changed_at_random_answers_as_one_built_at_once() {
    for seed in 0..2 {
        let mut dice = Dice::new(seed);
        let mut model: BTreeMap<DossierId, IndexedHousehold> =
            households(seed + 50, 600).map(|row| (row.dossier, row)).collect();
        let mut index = Index::build(model.values().cloned());
        let mut job = None;
        for step in 0..1_000u32 {
            let known: Option<DossierId> = model.keys().nth(dice.below(model.len().max(1))).copied();
            let mut row = household(&mut dice, 100_000 + step);
            match (dice.below(4), known) {
                (0, Some(known)) => {
                    assert_eq!(index.remove(known), model.remove(&known).is_some());
                    assert!(!index.remove(known));
                }
                (1, Some(known)) => {
                    row.dossier = known;
                    index.put(row.clone());
                    model.insert(known, row);
                }
                _ => {
                    index.put(row.clone());
                    let answer = search(&index, &row.number);
                    assert!(holds(&answer, row.dossier), "a new row is found at once");
                    model.insert(row.dossier, row);
                }
            }
            if step == 400 {
                job = Some(index.merge_all());
            }
            if let Some(job) = job.take_if(|_| step == 500) {
                // Small segments may have been merged meanwhile; then nothing changes.
                index.adopt(job.run());
            }
        }
        assert_eq!(index.len(), model.len());
        // Whoever works in some units counts those, whatever moved, went or was merged.
        let units: BTreeSet<_> = model.values().map(|row| row.unit.id).take(2).collect();
        let theirs = model.values().filter(|row| units.contains(&row.unit.id)).count();
        assert_eq!(index.count(SearchScope::Units(&units)), theirs);
        let held: BTreeMap<DossierId, IndexedHousehold> = index.rows().map(|row| (row.dossier, row)).collect();
        assert!(held == model, "rows come back as they were told");
        let fresh = Index::build(model.values().cloned());
        for row in model.values().step_by(7) {
            let name = &row.names[0];
            let texts = [name.clone(), syllables(name).concat(), row.id_numbers[0][14..].to_owned()];
            for text in texts.iter().chain([&row.number]) {
                let (now, then) = (search(&index, text), search(&fresh, text));
                assert!(now == then || now.cut || then.cut, "{:?} and {:?}", now, then);
            }
            assert!(index.get(row.dossier).as_ref() == Some(row));
        }
    }
}

#[test]
fn a_merge_keeps_what_changed_while_it_ran() {
    let mut index = Index::build(households(70, 300));
    let job = index.merge_all();
    let rows: Vec<IndexedHousehold> = households(70, 300).collect();
    assert!(index.remove(rows[0].dossier));
    let mut changed = rows[1].clone();
    changed.names = vec!["褚国强".to_owned()];
    index.put(changed.clone());
    assert!(index.adopt(job.run()));
    assert_eq!(index.len(), 299);
    assert!(index.get(rows[0].dossier).is_none());
    assert!(index.get(rows[1].dossier) == Some(changed));
    assert!(!holds(&search(&index, &rows[0].number), rows[0].dossier));
}

#[test]
fn of_two_rows_with_one_dossier_the_last_stands() {
    let mut rows: Vec<IndexedHousehold> = households(71, 50).collect();
    let mut again = rows[3].clone();
    again.names = vec!["褚国强".to_owned()];
    rows.push(again.clone());
    let index = Index::build(rows.clone());
    assert_eq!(index.len(), 50);
    assert!(index.get(again.dossier) == Some(again.clone()));
    assert_eq!(search(&index, "褚国强").hits.len(), 1);
}

#[test]
fn odd_identity_papers_and_phones_are_found_too() {
    let mut row = households(72, 1).next().expect("one row");
    row.id_numbers = vec!["E12345678".to_owned(), "152126680315031".to_owned()];
    row.phones = vec!["0470-5612345".to_owned()];
    let mut index = Index::new();
    index.put(row.clone());
    for text in ["e12345678", "5678", "152126680315031", "0470-5612345", "04705612345", "2345"] {
        let answer = search(&index, text);
        let field = answer.hits.first().and_then(|hit| hit.why.first()).map(|why| why.field);
        assert!(matches!(field, Some(IndexField::IdNumber | IndexField::Phone)), "{text} {field:?}");
    }
    assert!(index.rows().next() == Some(row));
}

#[test]
fn names_are_found_as_people_bear_and_type_them() {
    let mut rows: Vec<IndexedHousehold> = households(3, 18).collect();
    let names = [
        "满都拉",
        "阿卜杜勒",
        "乜红",
        "刘𬭚",
        "张\u{200b}三",
        "⻢林",
        "John Smith",
        "José Müller",
        "〇一",
        "\u{e863}华",
        "都兰",
        "佴明",
        "粘红",
        "贠明",
        "郄林",
        "钭红",
    ];
    for (row, name) in rows.iter_mut().zip(names) {
        row.names = vec![name.to_owned()];
    }
    let index = Index::build(rows.clone());
    for (typed, name) in [
        ("mandula", 0),
        ("mandoula", 0),
        ("abudule", 1),
        ("ebudule", 1),
        ("niehong", 2),
        ("miehong", 2),
        ("liuchun", 3),
        ("lc", 3),
        ("张三", 4),
        ("张\u{200d}三\u{ad}", 4),
        ("马林", 5),
        ("malin", 5),
        ("smith", 6),
        ("smi", 6),
        ("john smith", 6),
        ("jose", 7),
        ("josé", 7),
        ("muller", 7),
        ("lingyi", 8),
        ("\u{4dae}华", 9),
        ("dulan", 10),
        ("doulan", 10),
        ("naiming", 11),
        ("erming", 11),
        ("nianhong", 12),
        ("zhanhong", 12),
        ("yunming", 13),
        ("yuanming", 13),
        ("qielin", 14),
        ("xilin", 14),
        ("touhong", 15),
        ("douhong", 15),
    ] {
        let found = search(&index, typed);
        assert!(holds(&found, rows[name].dossier), "{typed} for {}", names[name]);
    }
    let whole = search(&index, "张三").hits.into_iter().find(|hit| hit.dossier == rows[4].dossier);
    assert_eq!(whole.map(|hit| hit.why[0].how), Some(How::Whole));
}
