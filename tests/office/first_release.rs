//! A whole store as the first release wrote it (schema 1): it opens, proves itself and shows what it showed then, for as
//! long as this program lives. What came before, the trial, is refused by name.
//!
//! `DOSSIER_GOLDEN=write` makes the folder where there is none, and writes over nothing.

use dossier::command::looks::LookLine;
use dossier::command::survey::Begin;
use dossier::command::{Failure, Library, Office, OpenOffice, opening};
use dossier::domain::{Day, Explain, Now, Stamp, Step};
use dossier::form::run;
use dossier::lang::Lang;
use dossier::log::{HeadCode, Record};
use dossier::present::Words;
use dossier::present::lists::{self, LogLine, ReadLine};
use dossier::present::{happened, text};
use dossier::seal::secret::SeededRandom;
use dossier::views::Horizon;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DAY: &str = "2026-03-10";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/store_schema1")
}

fn now() -> Now {
    let today = Day::from_iso(DAY).unwrap();
    Now { at: Stamp(i64::from(today.0) * 86_400_000 + 3_600_000), today }
}

fn open(folder: &Path) -> Result<Office, Failure> {
    let opened = opening::open(OpenOffice {
        machine: b"first".to_vec(),
        create: !golden().exists(),
        thorough: true,
        ..OpenOffice::new(folder, Arc::new(Library::built_in()), Box::new(SeededRandom::new(1)), now())
    })?;
    Ok(opened.office)
}

fn steps(name: &str) -> Vec<Step> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/households/{name}.json"));
    run::steps(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// A dossier with one survey, and a draft of thirty steps; what the files must still show stands in `told.txt`.
fn write(folder: &Path) {
    let place = tempfile::tempdir().unwrap();
    let office = open(place.path()).unwrap();
    let now = now();
    let form = office.library().hardship().unwrap().clone();
    let begin = |on_disk| Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk };
    let mut surveying = office.begin(begin(false), now).unwrap();
    steps("illness").iter().for_each(|step| drop(surveying.answer(&office, step).unwrap()));
    let number = office.submit(&mut surveying, now, false).unwrap().number;
    let mut draft = office.begin(begin(true), now).unwrap();
    steps("laid_off").iter().take(30).for_each(|step| drop(draft.answer(&office, step).unwrap()));
    draft.keeping.sync(&office).unwrap();
    drop(draft);
    let code = office.verify(None, true, |_, _| {}).unwrap().report.heads[0].code().unwrap();
    office.close().unwrap();
    for name in ["dossier.key", "keys/a/ring", "keys/a/slots-00000001", "journal/00000001.seg"] {
        copy(&place.path().join(name), &folder.join(name));
    }
    let draft = std::fs::read_dir(place.path().join("drafts")).unwrap().next().unwrap().unwrap();
    copy(&draft.path(), &folder.join("drafts").join(draft.file_name()));
    std::fs::write(folder.join("told.txt"), format!("{number}\n{code}\n")).unwrap();
}

/// Without the zeros that a file keeps for what is to come.
fn copy(from: &Path, to: &Path) {
    let bytes = std::fs::read(from).unwrap();
    let used = bytes.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::write(to, &bytes[..used]).unwrap();
    // A repository keeps no such permissions, and a key file that others may read is refused.
    if to.ends_with("dossier.key") {
        std::fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_store_of_the_first_release_opens_proves_itself_and_shows_what_it_showed() {
    if !golden().exists() && std::env::var("DOSSIER_GOLDEN").is_ok_and(|v| v == "write") {
        write(&golden());
    }
    let reported = std::fs::read_to_string(golden().join("told.txt")).unwrap();
    let (number, code) = reported.trim().split_once('\n').unwrap();
    let place = tempfile::tempdir().unwrap();
    for folder in ["", "keys/a", "journal", "drafts"] {
        for entry in std::fs::read_dir(golden().join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() && entry.file_name() != "told.txt" {
                copy(&entry.path(), &place.path().join(folder).join(entry.file_name()));
            }
        }
    }
    let mut office = open(place.path()).unwrap();
    let code = HeadCode::parse(code).unwrap();
    assert!(office.verify(Some(&code), true, |_, _| {}).unwrap().holds());
    // Whoever opens it by another name than its officer's does nothing in it.
    assert_eq!(office.find(number, now()).unwrap_err().explain().key, "command.nobody_here");
    let first = office.officers().unwrap()[0].officer;
    office.sit_down(first);
    let household = office.find(number, now()).unwrap();
    let status = household.status(Horizon::NOW);
    assert_eq!((status.category.as_deref(), status.versions.len()), (Some("1"), 1));
    let kept = household.survey(&status.versions[0]).unwrap();
    assert_eq!(kept.answers.given("identity/name"), office_name());
    assert_eq!(kept.decision.unwrap().category.as_deref(), Some("1"));
    let history = household.history().clone();
    let (drafts, unreadable) = office.drafts(now()).unwrap();
    assert!(unreadable.is_empty() && !drafts[0].damaged);
    let found = office.draft(drafts[0].draft, now()).unwrap();
    assert_eq!(found.written.len(), 30);
    // Its records name an officer and no way in, and whoever reads who did it is told that none was noted. The look that
    // was taken now is of a session, whose record names it.
    let looks = office.find(number, now()).unwrap().looks().unwrap();
    assert!(!looks.is_empty() && looks.iter().all(|look| look.session.is_some()));
    for (lang, no_way) in [(Lang::Zh, "未记录途径"), (Lang::En, "way not recorded")] {
        let words = Words::new(&office, lang);
        let shown = |table| text::table(&table, None).join("\n");
        let happened = shown(happened::table(&words, &history, &looks, Horizon::NOW));
        assert_eq!(happened.matches(no_way).count(), history.happenings.len(), "{happened}");
        let look = LookLine { session: None, ..looks[0].clone() };
        let reads = shown(lists::reads(&words, &[ReadLine { look, number: number.to_owned(), way: None }]));
        let store = LogLine {
            at: now().at,
            step: "store".into(),
            why: "backup".into(),
            name: "示例".into(),
            credential: None,
            address: String::new(),
            count: 1,
            id: None,
        };
        let log = shown(lists::log(&words, &[store]));
        assert!(reads.contains(no_way) && log.contains(no_way), "{reads}\n{log}");
    }
    office.close().unwrap();
}

fn office_name() -> Option<&'static dossier::domain::Given> {
    static NAME: std::sync::OnceLock<dossier::domain::Given> = std::sync::OnceLock::new();
    Some(NAME.get_or_init(|| {
        let value = steps("illness").into_iter().find_map(|step| match step {
            Step::Set { path, value } if path.as_str() == "identity/name" => Some(value),
            _ => None,
        });
        dossier::domain::Given::Value(value.unwrap())
    }))
}

#[test]
fn a_trial_store_is_refused_by_name_and_left_alone() {
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let place = tempfile::tempdir().unwrap();
    for copy_of in ["a", "b"] {
        copy(&file("trial_ring.bin"), &place.path().join(format!("keys/{copy_of}/ring")));
        copy(&file("trial_slots.bin"), &place.path().join(format!("keys/{copy_of}/slots-00000001")));
    }
    copy(&golden().join("dossier.key"), &place.path().join("dossier.key"));
    std::fs::create_dir_all(place.path().join("journal")).unwrap();
    let before = std::fs::read(place.path().join("keys/a/ring")).unwrap();
    let refused = open(place.path()).err().unwrap().explain();
    assert!(["store.older", "seal.older_schema"].contains(&refused.key), "{refused:?}");
    assert_eq!(std::fs::read(place.path().join("keys/a/ring")).unwrap(), before);
    assert!(Record::decode(&std::fs::read(file("trial_record.bin")).unwrap()).is_err());
}
