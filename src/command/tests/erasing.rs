//! What holds of erasing: when it is allowed, that nothing opens afterwards, that totals stay, and that a station which
//! went on with the household loses nothing.

use super::*;
use crate::command::erasing::NotErasable;
use crate::domain::event::Ledger;
use crate::domain::{Fen, Subject};
use crate::seal::cipher::Sealer;
use crate::seal::{KeyName, Secret};
use crate::views::history::Erasure;

/// Refused on 2026-06-01 after a survey in March.
fn close(office: &Office, dossier: DossierId) {
    for (to, day) in [(Status::Verifying, "2026-04-01"), (Status::Rejected, "2026-06-01")] {
        step(office, dossier, to, day, None, Some("示例原因")).unwrap();
    }
}

fn refused(office: &Office, dossier: DossierId, day: &str) -> Option<NotErasable> {
    match office.erase(dossier, on(day)) {
        Ok(_) => None,
        Err(Failure::NotErasable(why)) => Some(why),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_closed_dossier_is_kept_ten_years_to_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    assert!(matches!(refused(&office, dossier, "2046-01-01"), Some(NotErasable::NotOver { .. })));
    close(&office, dossier);
    let from = on("2036-06-01").today;
    match refused(&office, dossier, "2036-05-31") {
        Some(NotErasable::TooEarly { from: said, .. }) => assert_eq!(said, from),
        other => panic!("{other:?}"),
    }
    assert_eq!(office.erasable(on("2036-05-31")).unwrap(), []);
    assert_eq!(office.all_erasable(from).unwrap().len(), 1);
    assert_eq!(refused(&office, dossier, "2036-06-01"), None);
    assert!(matches!(refused(&office, dossier, "2036-06-02"), Some(NotErasable::Already { .. })));
    assert_eq!(office.erasable(on("2046-01-01")).unwrap(), []);
}

#[test]
fn a_day_named_on_the_command_line_brings_no_erasure_forward() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    close(&office, dossier);
    let early = Now { at: on("2030-01-01").at, today: on("2040-01-01").today };
    assert!(matches!(office.erase(dossier, early), Err(Failure::NotErasable(NotErasable::TooEarly { .. }))));
}

#[test]
fn a_household_that_is_being_surveyed_is_not_erased() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    close(&office, dossier);
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: None, updates: false, on_disk: true };
    drop(opened(&office, dossier, "2036-07-01").unwrap());
    let surveying = office.begin(begin, on("2036-07-01")).unwrap();
    assert!(matches!(refused(&office, dossier, "2036-07-01"), Some(NotErasable::DraftOpen { .. })));
    surveying.discard(&office).unwrap();
    assert_eq!(refused(&office, dossier, "2036-07-01"), None);
}

#[test]
fn nothing_is_added_to_an_erased_household() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    close(&office, dossier);
    office.erase(dossier, on("2036-06-01")).unwrap();
    let records = office.bureau.store.position();
    let now = on("2036-06-02");
    assert!(matches!(step(&office, dossier, Status::Submitted, "2036-06-02", None, None), Err(Failure::Erased)));
    assert!(matches!(office.open(dossier, now).unwrap().reveal("示例"), Err(Failure::Erased)));
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: None, updates: false, on_disk: true };
    assert!(matches!(office.begin(begin, now), Err(Failure::Erased)));
    assert_eq!(office.bureau.store.position(), records);
}

/// Counts and sums that statements are made of.
fn totals(office: &Office) -> (usize, usize, Fen, Vec<Option<String>>) {
    let (mut dossiers, mut surveys, mut income, mut categories) = (0, 0, 0, Vec::new());
    views::read::each_history(&office.bureau.store, &office.bureau.keys, |history| {
        let history = history.unwrap();
        dossiers += 1;
        for version in history.versions(Horizon::NOW) {
            surveys += 1;
            income += version.survey.income.map_or(0, |fen| fen.0);
            categories.push(version.survey.category.clone());
        }
        true
    })
    .unwrap();
    categories.sort();
    (dossiers, surveys, Fen(income), categories)
}

/// Every file below the folder.
fn files(folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// The keys that stand in slots, as whoever holds the store's own keys reads them out of these files, freed pages
/// included.
fn keys_in(office: &Office, files: &[(String, Vec<u8>)]) -> Vec<[u8; 32]> {
    let mut found = Vec::new();
    for (_, bytes) in files.iter().filter(|(name, _)| name.contains("keys")) {
        for at in sealed_at(bytes) {
            let mut readings = Vec::new();
            office.bureau.keys.every_reading(&bytes[at..(at + 6 + 24 + 32).min(bytes.len())], &[], &mut readings);
            found.extend(readings.iter().filter_map(|r| r.first_chunk::<32>().copied()));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Wherever something sealed may begin.
fn sealed_at(bytes: &[u8]) -> Vec<usize> {
    let head = regex::bytes::Regex::new(r"(?s-u)\x01[\x00-\x02][\x00-\x03]\x00\x00\x00").unwrap();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(hit) = head.find_at(bytes, from) {
        found.push(hit.start());
        // Finds may overlap.
        from = hit.start() + 1;
    }
    found.retain(|at| at + 30 < bytes.len());
    found
}

/// In which files somebody who holds all of them, and every key they hold, finds one of the texts.
fn found_in(office: &Office, files: &[(String, Vec<u8>)], loose: &[[u8; 32]], texts: &[&str]) -> Vec<String> {
    let any = texts.iter().map(|text| regex::escape(text)).collect::<Vec<_>>().join("|");
    let any = regex::bytes::Regex::new(&any).unwrap();
    let holds = |bytes: &[u8]| any.is_match(bytes);
    let mut found = Vec::new();
    for (name, bytes) in files {
        // A slot is smaller than this; a survey is not.
        let most = if name.contains("/keys/") { 400 } else { 8_000 };
        let mut hit = holds(bytes);
        for at in sealed_at(bytes) {
            if hit {
                break;
            }
            let mut readings = Vec::new();
            office.bureau.keys.every_reading(&bytes[at..(at + most).min(bytes.len())], loose, &mut readings);
            hit = readings.iter().any(|reading| holds(reading));
        }
        if hit {
            found.push(name.clone());
        }
    }
    found
}

fn everything_said(office: &Office, dossier: DossierId) -> String {
    let status = office.status(dossier, Horizon::NOW).unwrap();
    let kept = status.versions.iter().map(|line| office.survey(dossier, line).unwrap().answers);
    let values = kept.flat_map(|answers| answers.answers).filter_map(|answer| match answer.given {
        crate::domain::Given::Value(text) => Some(text),
        _ => None,
    });
    values.collect::<Vec<_>>().join("\n")
}

/// Keys of the living households: `every_reading` tries them beside the ring's own.
fn subject_keys(office: &Office, files: &[(String, Vec<u8>)], dossiers: &[DossierId]) -> Vec<[u8; 32]> {
    // A slot's key opens its own dossier's row; that tells real keys from noise.
    let rows: Vec<Vec<u8>> =
        dossiers.iter().filter_map(|d| office.bureau.store.get(views::keyspaces::FACES, &d.0).unwrap()).collect();
    let opens = |key: &[u8; 32]| {
        rows.iter().any(|row| {
            let reading = Sealer::new(&Secret::new(*key)).keystream_over(row);
            reading.is_some_and(|r| r.starts_with(b"DROW"))
        })
    };
    keys_in(office, files).into_iter().filter(opens).collect()
}

#[test]
fn after_erasing_no_file_of_the_folder_opens_to_the_person_with_any_key_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let others: Vec<DossierId> =
        office.dossiers(on("2026-06-02")).unwrap().into_iter().filter(|d| *d != dossier).collect();
    let face = office.face(dossier).unwrap().unwrap();
    let said_by_others: String = others.iter().map(|other| everything_said(&office, *other)).collect();
    let mut texts: Vec<String> = face.names.iter().chain(&face.id_numbers).chain(&face.phones).cloned().collect();
    texts.retain(|text| !said_by_others.contains(text.as_str()));
    assert!(texts.len() >= 3, "names and numbers that are this household's alone");
    let texts: Vec<&str> = texts.iter().map(String::as_str).chain(["示例原因"]).collect();
    let of_others = office.face(others[0]).unwrap().unwrap().id_numbers;
    close(&office, dossier);
    office.close().unwrap();

    let office = super::office(folder.path(), 9, "2036-06-01");
    let mut before = Vec::new();
    files(folder.path(), &mut before);
    let all: Vec<DossierId> = others.iter().copied().chain([dossier]).collect();
    let keys_before = subject_keys(&office, &before, &all);
    assert_eq!(keys_before.len(), all.len(), "the search finds every household's key in the slots");
    let hits = found_in(&office, &before, &keys_before, &texts);
    let in_place = |hits: &[String], place: &str| hits.iter().any(|name| name.contains(place));
    assert!(in_place(&hits, "journal") && in_place(&hits, "sled"), "the search finds the person before: {hits:?}");
    let counted = totals(&office);
    let of_dossier: Vec<[u8; 32]> = {
        let living = subject_keys(&office, &before, &others);
        keys_before.iter().filter(|key| !living.contains(key)).copied().collect()
    };
    assert_eq!(of_dossier.len(), 1);

    office.erase(dossier, on("2036-06-01")).unwrap();
    let check = |office: &Office, when: &str| {
        let mut after = Vec::new();
        files(folder.path(), &mut after);
        // Not even the erased key as such, under the store's key or bare, in either copy or a freed page.
        assert!(keys_in(office, &after).iter().all(|key| *key != of_dossier[0]), "{when}: the key is still there");
        let bytes: String = of_dossier[0].iter().map(|b| format!("\\x{b:02x}")).collect();
        let key = regex::bytes::Regex::new(&format!("(?-u){bytes}")).unwrap();
        let bare = after.iter().any(|(_, bytes)| key.is_match(bytes));
        assert!(!bare, "{when}: the key stands bare");
        let left = subject_keys(office, &after, &others);
        assert_eq!(left.len(), others.len(), "{when}: the other households keep their keys");
        assert_eq!(found_in(office, &after, &left, &texts), Vec::<String>::new(), "{when}");
        let theirs: Vec<&str> = of_others.iter().map(String::as_str).collect();
        assert!(!found_in(office, &after, &left, &theirs).is_empty(), "{when}: the search still finds whom it may");
        assert_eq!(totals(office), counted, "{when}");
        let status = office.status(dossier, Horizon::NOW).unwrap();
        assert!(status.erased && office.face(dossier).unwrap().is_none(), "{when}");
        let line = office.version(&status, None).unwrap();
        assert!(matches!(office.survey(dossier, &line), Err(Failure::Erased)), "{when}");
        assert!(office.verify(None, true, |_, _| {}).unwrap().holds(), "{when}: chains and views");
    };
    check(&office, "at once");
    office.close().unwrap();
    let office = super::office(folder.path(), 10, "2036-06-02");
    check(&office, "opened again");
    office.close().unwrap();
    let office = rebuilt(folder.path(), "2036-06-03");
    check(&office, "rebuilt");
    let answer = office.search(views::search::Ask::new(texts[0], views::search::SearchScope::All));
    assert!(answer.hits.iter().all(|hit| hit.dossier != dossier));
}

fn rebuilt(folder: &Path, day: &str) -> Office {
    let now = on(day);
    opening::open(OpenOffice {
        machine: b"test".to_vec(),
        thorough: true,
        rebuild: true,
        ..OpenOffice::new(folder, library(), Box::new(SeededRandom::new(11)), now)
    })
    .unwrap()
    .office
}

#[test]
fn an_erasure_whose_keys_were_not_reached_is_finished_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    close(&office, dossier);
    // The record alone, as a crash right after its sync leaves it.
    let seen = views::read::chain_heads(&office.bureau.store).unwrap().iter().map(|h| (h.station, h.seq)).collect();
    let subject = Subject::Dossier(dossier);
    let act = crate::command::Act::new(
        office.new_entry().unwrap(),
        on("2036-06-01").at,
        subject,
        Ledger::Erased { subject, seen },
    );
    office.keep(&act).unwrap();
    assert!(!office.bureau.keys.is_erased(subject));
    office.close().unwrap();
    let office = super::office(folder.path(), 9, "2036-06-02");
    assert!(office.bureau.keys.is_erased(subject));
    assert!(office.status(dossier, Horizon::NOW).unwrap().erased);
}

#[test]
fn a_station_that_went_on_with_the_household_keeps_it_and_both_show_a_conflict() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (office, dossier) = lived_in(one.path());
    close(&office, dossier);
    office.close().unwrap();
    let copy = two.path().join("copy");
    copy_folder(one.path(), &copy);
    let subject = Subject::Dossier(dossier);

    let here = super::office(one.path(), 8, "2036-06-01");
    let there = super::office(&copy, 9, "2036-05-01");
    step(&there, dossier, Status::Submitted, "2036-05-02", None, Some("示例理由")).unwrap();
    here.erase(dossier, on("2036-06-01")).unwrap();
    assert!(here.bureau.keys.is_erased(subject) && !there.bureau.keys.is_erased(subject));

    // What both stations know once they have exchanged, folded with the keys that are left there.
    let mut known = frames(&there);
    let of_there: Vec<[u8; 16]> = known.iter().map(|f| f.entry).collect();
    let from_here = frames(&here).into_iter().filter(|f| !of_there.contains(&f.entry));
    let next = known.len() as u64 + 1;
    known.extend(from_here.zip(next..).map(|(frame, position)| Frame { position, ..frame }));
    let mut in_order = Rows::default();
    known.iter().for_each(|frame| in_order.fold(&there, frame));
    let history = views::read::history(&in_order, &there.bureau.keys, dossier).unwrap().unwrap();
    assert!(matches!(history.erasure(), Erasure::Contested { .. }));
    assert!(views::read::erased(&in_order).unwrap().is_empty());
    let face = views::read::face(&in_order, &there.bureau.keys, dossier).unwrap();
    assert!(face.is_some_and(|face| face == there.face(dossier).unwrap().unwrap()));
    let mut state = 0x1234_5678_9abc_def1_u64;
    for round in 0..8 {
        let shuffled = shuffled(&known, &mut state);
        let mut rows = Rows::default();
        shuffled.iter().for_each(|frame| rows.fold(&there, frame));
        assert!(rows.0 == in_order.0, "order {round} made other rows");
    }
    // An erasure that has seen the later record settles it.
    let heads = views::read::chain_heads(&in_order).unwrap();
    let mut settled = history.clone();
    let last = settled.happenings.last().unwrap().clone();
    settled.insert(crate::views::Happening {
        entry: crate::domain::EntryId([9; 16]),
        at: on("2047-01-01").at,
        ledger: Ledger::Erased { subject, seen: heads.iter().map(|h| (h.station, h.seq)).collect() },
        ..last
    });
    assert!(settled.is_erased());
    // The keys themselves: a person outside a dossier aside, only subjects are ever named.
    assert!(
        there
            .bureau
            .keys
            .seal(KeyName::Subject(subject), &crate::seal::SealContext::Row { keyspace: "t", key: b"" }, b"x")
            .is_ok()
    );
}
