//! A flipped bit anywhere in a whole data folder, met by the commands: it is mended from the other copy, or refused or
//! told by place. Never a panic, never a silent loss. The rooms' own suites flip every byte of their files; here the
//! bytes are drawn from all files together, and what is looked at is what a person would see.

use dossier::command::survey::Begin;
use dossier::command::{Failure, Library, Office, OpenOffice, Opened, opening};
use dossier::domain::{Answers, Day, Explain, Now, Stamp, Step};
use dossier::form::run;
use dossier::seal::secret::SeededRandom;
use dossier::views::Horizon;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DAY: &str = "2026-03-10";

fn now() -> Now {
    let today = Day::from_iso(DAY).unwrap();
    Now { at: Stamp(i64::from(today.0) * 86_400_000 + 3_600_000), today }
}

fn open(folder: &Path, library: &Arc<Library>, thorough: bool) -> Result<Opened, Failure> {
    opening::open(OpenOffice {
        machine: b"damage".to_vec(),
        thorough,
        ..OpenOffice::new(folder, library.clone(), Box::new(SeededRandom::new(5)), now())
    })
}

fn steps(name: &str) -> Vec<Step> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/households/{name}.json"));
    run::steps(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// What a person can see of the folder: each dossier's answers, and what the draft holds.
#[derive(PartialEq)]
struct Seen {
    dossiers: Vec<(String, Option<String>, Answers)>,
    draft_steps: usize,
    /// The draft is told to be damaged or unreadable.
    draft_told: bool,
}

fn look(office: &Office) -> Result<Seen, Failure> {
    let mut dossiers = Vec::new();
    for dossier in office.dossiers(now())? {
        let household = office.open(dossier, now())?;
        let status = household.status(Horizon::NOW);
        let line = household.version(&status, None)?;
        let name = household.face()?.and_then(|face| face.names.first().cloned());
        dossiers.push((status.number.clone(), name, household.survey(&line)?.answers));
    }
    dossiers.sort_by(|a, b| a.0.cmp(&b.0));
    let (drafts, unreadable) = office.drafts(now())?;
    let written = drafts.first().map(|line| {
        let found = office.draft(line.draft, now());
        found.map(|found| (found.written.len(), found.damaged))
    });
    let (draft_steps, damaged) = written.transpose()?.unwrap_or((0, false));
    Ok(Seen { dossiers, draft_steps, draft_told: damaged || !unreadable.is_empty() })
}

/// A folder with two households and a draft of sixty answers.
fn made(folder: &Path, library: &Arc<Library>) -> Seen {
    let office = open(folder, library, true).unwrap().office;
    let form = library.hardship().unwrap().clone();
    for name in ["illness", "accident"] {
        let begin = Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: false };
        let mut surveying = office.begin(begin, now()).unwrap();
        steps(name).iter().for_each(|step| drop(surveying.answer(&office, step).unwrap()));
        office.submit(&mut surveying, now(), false).unwrap_or_else(|failure| panic!("{failure:?}"));
    }
    let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: true };
    let mut surveying = office.begin(begin, now()).unwrap();
    steps("laid_off").iter().take(60).for_each(|step| drop(surveying.answer(&office, step).unwrap()));
    surveying.keeping.sync(&office).unwrap();
    drop(surveying);
    let seen = look(&office).unwrap();
    office.close().unwrap();
    seen
}

fn files(folder: &Path, below: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, below, out);
        } else {
            out.push(path.strip_prefix(below).unwrap().to_owned());
        }
    }
}

fn copy(from: &Path, to: &Path, files: &[PathBuf]) {
    for file in files {
        let target = to.join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(from.join(file), target).unwrap();
    }
}

#[test]
fn a_flipped_bit_anywhere_is_mended_or_told_and_never_a_silent_loss() {
    let library = Arc::new(Library::built_in());
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let seen = made(&whole, &library);
    assert_eq!((seen.dossiers.len(), seen.draft_told), (2, false));
    assert!(seen.draft_steps >= 60);
    // The folder's inode tells a copy; every round copies into the one folder that becomes a station of its own here.
    let place = folder.path().join("place");
    let mut all = Vec::new();
    files(&whole, &whole, &mut all);
    // A reserve of zeros; it holds nothing that could be lost.
    all.retain(|file| !file.ends_with("ballast") && !file.ends_with("lock"));
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let (mut mended, mut refused, mut reported) = (0, 0, 0);
    for file in &all {
        let bytes = std::fs::read(whole.join(file)).unwrap();
        // Bytes that say something, where a file is mostly room for more.
        let used = bytes.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
        if used == 0 {
            continue;
        }
        let rounds = match file.components().next().and_then(|c| c.as_os_str().to_str()) {
            Some("journal") | Some("sled") if used > 10_000 => 12,
            Some("drafts") => 12,
            _ => 3,
        };
        for round in 0..2 * rounds {
            // Every other one as a command opens it that looks for nothing.
            let (at, bit, thorough) = (below(used), below(8), round % 2 == 0);
            let what = format!("{} byte {at} bit {bit}, thorough {thorough}", file.display());
            let _ = std::fs::remove_dir_all(&place);
            copy(&whole, &place, &all);
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            std::fs::write(place.join(file), changed).unwrap();
            match open(&place, &library, thorough) {
                Err(failure) => {
                    // Only what stands once may stand in the way: the key file.
                    assert!(file.ends_with("dossier.key"), "{what}: {failure:?}");
                    assert!(!failure.explain().key.is_empty());
                    refused += 1;
                }
                Ok(opened) => {
                    let office = opened.office;
                    let after = look(&office).unwrap_or_else(|failure| panic!("{what}: {failure:?}"));
                    assert!(after.dossiers == seen.dossiers, "{what}: dossiers differ");
                    assert!(after.draft_steps == seen.draft_steps || after.draft_told, "{what}: a silent loss");
                    let verified = office.verify(None, true, |_, _| {}).unwrap();
                    assert!(verified.holds(), "{what}");
                    // And what everybody else would be told of it: a damaged draft is wrong, nothing else is, but for what an
                    // opening that looks for nothing left for them to find.
                    let health = office.doctor(now().today).unwrap();
                    assert!(health.wrong.is_empty() || after.draft_told || !thorough, "{what}: {:?}", health.wrong);
                    let backup = folder.path().join("b.backup");
                    let backed = office.backup(&backup, now(), |_, _| {}).unwrap();
                    assert!(backed.copies.whole() || !thorough && !health.wrong.is_empty(), "{what}");
                    for file in ["b.backup", "b.backup.keys"] {
                        std::fs::remove_file(folder.path().join(file)).unwrap();
                    }
                    reported += usize::from(after.draft_told);
                    mended += 1;
                    office.close().unwrap();
                }
            }
        }
    }
    assert!(refused > 0 && reported > 0 && mended > 40, "{mended} mended, {refused} refused, {reported} told");
}
