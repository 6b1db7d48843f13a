//! A restore that stops or fails at each of its steps in turn, and at two of them: the store that was there or the restored one
//! stands afterwards, whole, or both are named; and the restore can be done again.

use crate::backup::{Made, SEED, household, library, on, open};
use dossier::command::backup::{Restore, restore_on};
use dossier::command::{OpenOffice, Unlocking, opening};
use dossier::domain::{DossierId, Explain};
use dossier::lang::{Lang, say};
use dossier::seal::secret::SeededRandom;
use dossier::store::faulty::Fault;
use dossier::store::stumbling::Stumbling;
use std::path::{Path, PathBuf};

/// A store, a backup of it, and a dossier that only the store has.
struct Scene {
    made: Made,
    folder: tempfile::TempDir,
    late: DossierId,
}

impl Scene {
    fn new() -> Scene {
        let made = Made::new();
        let office = open(&made.store(), "2026-05-01");
        let late = crate::backup::survey(&office, "laid_off", "2026-05-01");
        office.close().unwrap();
        Scene { made, folder: tempfile::tempdir().unwrap(), late }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The store as it was before anybody restored, with nothing beside it.
    fn set(&self, there: bool) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
        }
        if there {
            copy_folder(&self.made.store(), &self.store());
        }
    }

    /// Whether it was done, and why not.
    fn restore(&self, folders: &Stumbling) -> Result<(), String> {
        let key = Unlocking::KeyFile(Some(self.made.store().join("dossier.key")));
        let (file, folder) = (self.made.file(), self.store());
        let asked =
            Restore { file: &file, keys: None, folder: &folder, unlocking: &key, over: true, on_network: false };
        let done = restore_on(folders, &asked, |_, _| {});
        done.map(drop).map_err(|failure| say(&failure.explain(), Lang::En))
    }

    /// What stands under the name: the store of before, the restored one, or neither, in words that say where they are.
    fn stands(&self, place: &str) -> Stands {
        let seed = SEED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let asked = OpenOffice::new(&self.store(), library(), Box::new(SeededRandom::new(seed)), on("2026-05-02"));
        let opened = match opening::open(OpenOffice { create: false, machine: b"backup".to_vec(), ..asked }) {
            Ok(opened) => opened.office,
            Err(refused) => {
                return Stands::Nothing(say(&refused.explain(), Lang::En));
            }
        };
        assert!(household(&opened, self.made.dossiers[1]).face().unwrap().is_some(), "{place}");
        let is_old = opened.find(&self.late.hex(), on("2026-05-02")).is_ok();
        let wrong = opened.doctor(on("2026-05-02").today).unwrap().wrong;
        let of_restores = |key: &str| {
            ["restoring", "replaced", "not_in_place"]
                .map(|end| format!("command.doctor.{end}"))
                .contains(&key.to_owned())
        };
        assert!(wrong.iter().all(|wrong| of_restores(wrong.key)), "{place}: {wrong:?}");
        // Half a restore may go; what a whole one replaced may have what nobody else has.
        let beside = self.store().with_extension("restoring");
        let half = beside.join("restoring").exists() || !beside.join("keys").exists();
        let kept = wrong.iter().any(|wrong| wrong.key != "command.doctor.restoring");
        assert_eq!(kept, beside.exists() && !half, "{place}: {wrong:?}");
        let verified = opened.verify(None, true, |_, _| {}).unwrap();
        assert!(verified.holds() && verified.copies.whole(), "{place}: {:?}", verified.copies);
        opened.close().unwrap();
        if is_old { Stands::Old } else { Stands::New }
    }
}

#[derive(PartialEq, Debug)]
enum Stands {
    Old,
    New,
    Nothing(String),
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        match item.file_type().unwrap().is_dir() {
            true => copy_folder(&item.path(), &to.join(item.file_name())),
            false if item.file_name() == "ballast" => {}
            false => drop(std::fs::copy(item.path(), to.join(item.file_name())).unwrap()),
        }
    }
}

/// After whatever went wrong: what stands is whole, and what is done again is done.
fn judge(scene: &Scene, there: bool, done: &Result<(), String>, again: bool, place: &str) -> Stands {
    let stands = scene.stands(place);
    match (&stands, done) {
        (Stands::New, _) => {}
        (Stands::Old, Err(_)) => assert!(there, "{place}"),
        (Stands::Nothing(said), Err(_)) => {
            assert!(said.contains("restor") || !there, "{place}: {said}");
        }
        other => panic!("{place}: {other:?}"),
    }
    if again {
        scene.restore(&Stumbling::default()).unwrap_or_else(|why| panic!("{place}: once more: {why}"));
        assert_eq!(scene.stands(place), Stands::New, "{place}: once more");
    }
    stands
}

#[test]
fn a_restore_stopped_or_failing_at_any_step_leaves_the_old_store_or_the_new_one_and_can_be_done_again() {
    let scene = Scene::new();
    for (there, plain) in [(true, false), (true, true), (false, false)] {
        let folders = |faults: &[(usize, Fault)]| match plain {
            true => Stumbling::at(faults).plainly(),
            false => Stumbling::at(faults),
        };
        scene.set(there);
        let counted = folders(&[]);
        scene.restore(&counted).unwrap();
        let steps = counted.steps();
        assert!(steps.len() > 30, "{steps:?}");
        let (mut old, mut new, mut nothing) = (0, 0, 0);
        for (at, what) in steps.iter().enumerate() {
            let all = [Fault::CrashBefore, Fault::CrashAfter, Fault::Fails];
            let faults = match at + 10 < steps.len() {
                // While the new folder is filled, steps are alike wherever it goes in the end: one kind of fault at each.
                true if plain || !there => &[],
                true => std::slice::from_ref(&all[at % 3]),
                false => &all[..],
            };
            for &fault in faults {
                let place = format!("there {there}, plain {plain}, {fault:?} at {at} ({what}) of {}", steps.len());
                scene.set(there);
                let stumbling = folders(&[(at, fault)]);
                let done = scene.restore(&stumbling);
                match judge(&scene, there, &done, at % 5 == 0 || at + 10 >= steps.len(), &place) {
                    Stands::Old => old += 1,
                    Stands::New => new += 1,
                    Stands::Nothing(_) => nothing += 1,
                }
            }
        }
        assert!(new > 2 && (old > 10 || !there || plain), "old {old}, new {new}, neither {nothing}");
    }
}

#[test]
fn a_restore_that_fails_at_one_step_and_stops_or_fails_at_a_later_one_loses_neither_store() {
    let scene = Scene::new();
    for plain in [false, true] {
        let folders = |faults: &[(usize, Fault)]| match plain {
            true => Stumbling::at(faults).plainly(),
            false => Stumbling::at(faults),
        };
        scene.set(true);
        let counted = folders(&[]);
        scene.restore(&counted).unwrap();
        let all = counted.steps().len();
        for first in std::iter::once(all / 2).chain(all.saturating_sub(6)..all) {
            for later in 1..3 {
                for second in [Fault::CrashBefore, Fault::Fails] {
                    let place = format!("plain {plain}, Fails at {first}, {second:?} {later} later, of {all}");
                    scene.set(true);
                    let stumbling = folders(&[(first, Fault::Fails), (first + later, second)]);
                    let done = scene.restore(&stumbling);
                    judge(&scene, true, &done, true, &place);
                }
            }
        }
    }
}
