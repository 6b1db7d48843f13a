//! Disks that are not what they seem: another machine's, full, one that takes no answer. What is asked is what is said, by exit
//! code, words and the one JSON document, and that reading goes on.

use crate::outside::{Bureau, household, refused, text, traced, well};
use crate::read_only::mounted_to_read;
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The one JSON document of an answer.
#[track_caller]
fn document(out: &Output) -> Value {
    let said = serde_json::from_slice(&out.stdout);
    said.unwrap_or_else(|why| panic!("{why}: {}{}", text(&out.stdout), text(&out.stderr)))
}

// ---- a network file system

/// The kernel says of every folder that it lies on NFS.
const ON_NFS: [&str; 4] = ["-e", "trace=statfs", "-e", "inject=statfs:poke_exit=@arg2=6969000000000000"];

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn a_folder_on_a_network_file_system_is_refused_and_opened_with_a_warning_where_somebody_insists() {
    let bureau = Bureau::made();
    let kept: Value = document(&bureau.survey());
    let number = kept["dossier"].as_str().unwrap();
    let backup = bureau.folder.path().join("backup");
    assert!(bureau.run(&["backup", backup.to_str().unwrap()]).status.success());
    let key = bureau.data().join("dossier.key");
    let vacant = Bureau { folder: tempfile::tempdir().unwrap() };
    let answers = household("accident");
    let restore = ["--key-file", key.to_str().unwrap(), "restore", backup.to_str().unwrap(), "--over"];
    for (place, args) in [
        (&bureau, &["show", number][..]),
        (&bureau, &["survey", "--new", "--answers", &answers]),
        (&bureau, &["doctor"]),
        (&bureau, &["serve"]),
        (&bureau, &restore),
        (&vacant, &["init"]),
        (&vacant, &restore[..4]),
    ] {
        let Some(mut faulty) = traced(place, &ON_NFS, args) else {
            println!("skipped: no strace here");
            return;
        };
        let out = faulty.output().unwrap();
        refused(&out, "network file system (nfs)");
        refused(&out, "--on-network");
        assert!(!vacant.data().exists(), "{args:?}: nothing is made there");
    }
    well(&bureau, 1);
    for (place, args) in [
        (&bureau, &["--on-network", "show", number][..]),
        (&bureau, &["--on-network", "survey", "--new", "--answers", &answers]),
        (&bureau, &["--on-network", "doctor"]),
        (&vacant, &[&["--on-network"], &restore[..4]].concat()),
    ] {
        let out = traced(place, &ON_NFS, args).unwrap().output().unwrap();
        assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains("no other machine opens it"), "{args:?}: {}", text(&out.stderr));
    }
    well(&bureau, 2);
    well(&vacant, 1);
}

#[test]
#[allow(clippy::print_stdout)]
fn a_network_file_system_that_may_only_be_read_is_refused_and_warned_of_likewise() {
    let bureau = Bureau::made();
    let Some(plain) = mounted_to_read(&bureau, &["doctor"]).output().ok().filter(|out| out.status.success()) else {
        println!("skipped: nobody may mount here");
        return;
    };
    assert!(!text(&plain.stderr).contains("network"), "{}", text(&plain.stderr));
    for (args, insists) in [(&["doctor"][..], false), (&["--on-network", "doctor"], true)] {
        let mounted = mounted_to_read(&bureau, args);
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null"]).args(ON_NFS).arg(mounted.get_program()).args(mounted.get_args());
        for (name, value) in mounted.get_envs() {
            match value {
                Some(value) => strace.env(name, value),
                None => strace.env_remove(name),
            };
        }
        let Ok(out) = strace.stdin(Stdio::null()).output() else {
            println!("skipped: no strace here");
            return;
        };
        match insists {
            false => refused(&out, "--on-network"),
            true => {
                assert!(out.status.success(), "{}", text(&out.stderr));
                assert!(text(&out.stderr).contains("no other machine opens it"), "{}", text(&out.stderr));
            }
        }
    }
    well(&bureau, 0);
}

// ---- a full disk

/// A small disk of its own; gone when this is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mounted(at: &Path) -> Option<SmallDisk> {
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(at).output();
        done.is_ok_and(|out| out.status.success()).then(|| SmallDisk(at.to_owned()))
    }

    /// Until not one block is left, and what the store kept in reserve is spent; and whatever is let go while `work` runs is taken at
    /// once, for sled gives back some when it opens.
    fn full<T>(&self, work: impl FnOnce() -> T) -> T {
        let _ = std::fs::remove_file(self.0.join("data/ballast"));
        let mut file = File::options().append(true).create(true).open(self.0.join("stuffing")).unwrap();
        let mut fill = move || while file.write_all(&[1; 4096]).is_ok() {};
        fill();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    fill();
                    std::thread::sleep(Duration::from_micros(200));
                }
            });
            let out = work();
            done.store(true, Ordering::Release);
            out
        })
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("stuffing")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn a_ring_that_a_full_disk_does_not_take_back_moves_nothing_and_the_same_command_brings_it_where_there_is_room() {
    let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
    let Some(disk) = SmallDisk::mounted(bureau.folder.path()) else {
        println!("skipped: mounting a small disk is not allowed here");
        return;
    };
    assert!(bureau.run(&["init"]).status.success());
    let number = document(&bureau.survey())["dossier"].as_str().unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = elsewhere.path().join("whole");
    assert!(bureau.run(&["backup", backup.to_str().unwrap()]).status.success());
    let keys = format!("{}.keys", backup.display());
    let rings = ["a", "b"].map(|copy| bureau.data().join("keys").join(copy));
    for ring in &rings {
        std::fs::write(ring.join("ring"), b"no ring any more").unwrap();
    }
    let files = || rings.each_ref().map(|folder| names(folder));
    let before = files();
    disk.full(|| {
        let out = bureau.run(&["key", "bring", &keys]);
        assert!(
            out.status.code() == Some(1) && text(&out.stderr).contains("nothing was written"),
            "{}",
            text(&out.stderr)
        );
    });
    assert_eq!(files(), before);
    assert!(rings.iter().all(|ring| std::fs::read(ring.join("ring")).unwrap() == b"no ring any more"));
    disk.empty();
    let out = bureau.run(&["key", "bring", &keys]);
    assert!(out.status.success() && text(&out.stdout).contains("2 damaged ones are kept"), "{}", text(&out.stderr));
    assert!(bureau.run(&["show", &number]).status.success());
    // What is kept in reserve for a full disk is enough for a ring.
    for ring in &rings {
        std::fs::write(ring.join("ring"), b"no ring any more").unwrap();
    }
    assert!(bureau.data().join("ballast").exists());
    let mut stuffing = File::options().append(true).create(true).open(disk.0.join("stuffing")).unwrap();
    while stuffing.write_all(&[1; 4096]).is_ok() {}
    let out = bureau.run(&["key", "bring", &keys]);
    let said = text(&out.stdout) + &text(&out.stderr);
    assert!(said.contains("The ring was brought back"), "{said}");
    disk.empty();
    assert!(bureau.run(&["show", &number]).status.success());
}

#[test]
#[allow(clippy::print_stdout)]
fn an_init_that_a_full_disk_cut_off_anywhere_says_so_and_the_same_command_works_once_there_is_room() {
    let mut cut = 0;
    for kilobytes in [4, 8, 12, 16, 20, 24, 48, 100, 180, 4096, 8400] {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        let Some(_disk) = SmallDisk::mounted(bureau.folder.path()) else {
            println!("skipped: mounting a small disk is not allowed here");
            return;
        };
        let of_size = |size: &str| {
            let mut remount = Command::new("mount");
            let done = remount.args(["-o", &format!("remount,size={size}")]).arg(bureau.folder.path()).status();
            assert!(done.unwrap().success());
        };
        of_size(&format!("{kilobytes}k"));
        let out = bureau.run(&["init"]);
        cut += usize::from(!out.status.success());
        assert!(out.status.success() || text(&out.stderr).contains("The disk is full"), "{}", text(&out.stderr));
        of_size("64m");
        if !out.status.success() {
            let again = bureau.run(&["init"]);
            assert!(again.status.success(), "{kilobytes} KB: {}", text(&again.stderr));
        }
        well(&bureau, 0);
    }
    assert!(cut > 8, "{cut}");
}

#[test]
fn a_store_that_lacks_a_record_says_how_what_is_whole_is_read_and_no_more_is_done_in_it() {
    let bureau = Bureau::made();
    let number = |kept: std::process::Output| document(&kept)["dossier"].as_str().unwrap().to_owned();
    let (_, second) = (number(bureau.survey()), number(bureau.survey()));
    // Somewhere in the first half of what is kept, where neither copy has it.
    std::fs::remove_dir_all(bureau.data().join("sled")).unwrap();
    let journal = bureau.data().join("journal/00000001.seg");
    let mut bytes = std::fs::read(&journal).unwrap();
    let filled = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[filled / 3] ^= 1;
    std::fs::write(&journal, &bytes).unwrap();
    for asked in [&["lookup", &second][..], &["doctor"], &["verify"]] {
        let out = bureau.run(asked);
        assert_eq!(out.status.code(), Some(1), "{asked:?}");
        assert!(text(&out.stderr).contains("dossier verify --despite-loss"), "{asked:?}: {}", text(&out.stderr));
    }
    let found = bureau.run(&["lookup", &second, "--despite-loss"]);
    let said = text(&found.stderr);
    assert!(text(&found.stdout).contains(&second), "{}{said}", text(&found.stdout));
    assert!(said.contains("1 records are lost") && said.contains("do not take it that nobody fits"), "{said}");
    assert_eq!(found.status.code(), Some(1), "it is partial");
    let verified = bureau.run(&["verify", "--despite-loss"]);
    assert_eq!(verified.status.code(), Some(1), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).contains("the record is lost; no copy has it"), "{}", text(&verified.stdout));
    let file = bureau.folder.path().join("poor.backup");
    let backed = bureau.run(&["backup", file.to_str().unwrap(), "--despite-loss"]);
    assert!(backed.status.code() == Some(1) && !file.exists(), "{}", text(&backed.stderr));
    assert!(text(&backed.stderr).contains("no backup was made of what is left"), "{}", text(&backed.stderr));
    // Nothing is advised that would not help: no room is wanting, the disk takes writes, and doctor has no copy to mend from.
    let doctor = bureau.run(&["doctor", "--despite-loss"]);
    assert!(text(&doctor.stdout).contains("are lost; no copy has them"), "{}", text(&doctor.stdout));
    let survey = bureau.run(&["survey", "--new", "--answers", &household("accident"), "--despite-loss"]);
    assert!(text(&survey.stderr).contains("reading only, with --despite-loss"), "{}", text(&survey.stderr));
    for out in [&verified, &backed, &doctor, &survey] {
        let said = text(&out.stdout) + &text(&out.stderr);
        for idle in ["no room", "make room", "un doctor", "Mount it"] {
            assert!(!said.contains(idle), "{idle}: {said}");
        }
    }
    // Nothing that would pass for whole goes out: no paper, no file; and what is printed says so itself.
    for asked in [
        &["print", "blank", "blank.html"][..],
        &["roll", "--csv", "-"],
        &["roll", "--xlsx", "roll.xlsx"],
        &["export", "--csv", "export"],
        &["export", "--jsonl", "-"],
    ] {
        let out = bureau.run(&[asked, &["--despite-loss"]].concat());
        assert_eq!(out.status.code(), Some(1), "{asked:?}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains("no paper and no file is made"), "{asked:?}: {}", text(&out.stderr));
        assert!(!Path::new(asked.last().unwrap()).exists(), "{asked:?}");
    }
    let listed = bureau.run(&["lookup", &second, "--despite-loss", "--json"]);
    assert_eq!(document(&listed)["partial"], true);
    assert!(text(&found.stdout).contains("The above is not whole"), "{}", text(&found.stdout));
    for asked in [&["serve"][..], &["rebuild"], &["user", "add", "示例", "--role", "surveyor"]] {
        let out = bureau.run(&[asked, &["--despite-loss"]].concat());
        assert_eq!(out.status.code(), Some(1), "{asked:?}: {}{}", text(&out.stdout), text(&out.stderr));
    }
    assert!(std::fs::read(&journal).unwrap() == bytes && !bureau.data().join("sled").exists(), "nothing was changed");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
#[allow(clippy::print_stdout)]
fn a_copy_that_meets_a_full_disk_before_its_first_opening_is_read_and_goes_on_where_there_is_room() {
    let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
    assert!(bureau.run(&["init"]).status.success());
    let number = document(&bureau.survey())["dossier"].as_str().unwrap().to_owned();
    for with_ballast in [true, false] {
        let copy = Bureau { folder: tempfile::tempdir().unwrap() };
        let Some(disk) = SmallDisk::mounted(copy.folder.path()) else {
            println!("skipped: mounting a small disk is not allowed here");
            return;
        };
        let copied = Command::new("cp").arg("-a").args([bureau.data(), copy.data()]).status().unwrap();
        assert!(copied.success());
        let ballast = copy.data().join("ballast");
        let before = |kept: bool| {
            let mut names: Vec<_> =
                std::fs::read_dir(copy.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.retain(|name| kept || name != "ballast");
            names.sort();
            names
        };
        let names = before(with_ballast);
        let work = || {
            for args in [&["lookup", &number][..], &["verify"], &["user", "list"]] {
                let out = copy.run(&[args, &["--json"]].concat());
                let said = text(&out.stderr);
                assert!(out.status.success(), "{args:?}: {}{said}", text(&out.stdout));
                assert!(document(&out).get("refused").is_none() && said.contains("disk is full"), "{args:?}: {said}");
            }
            let refused = copy.run(&["status", &number, "verifying", "--json"]);
            assert!(document(&refused)["refused"].is_string() && text(&refused.stdout).contains("make room"));
            assert_eq!(before(with_ballast), names, "nothing stands there that did not");
        };
        match with_ballast {
            true => {
                let spare = disk.0.join("spare");
                std::fs::rename(&ballast, &spare).unwrap();
                disk.full(|| {
                    std::fs::rename(&spare, &ballast).unwrap();
                    work();
                });
            }
            false => disk.full(work),
        }
        disk.empty();
        assert!(copy.run(&["lookup", &number]).status.success());
        assert!(copy.run(&["status", &number, "verifying"]).status.success());
        well(&copy, 1);
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn doctor_says_that_a_disk_is_full_however_often_it_is_asked_and_of_a_copy_too() {
    let made = Bureau::made();
    for is_copy in [false, true] {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        let Some(disk) = SmallDisk::mounted(bureau.folder.path()) else {
            println!("skipped: mounting a small disk is not allowed here");
            return;
        };
        match is_copy {
            true => {
                let copied = Command::new("cp").arg("-a").args([made.data(), bureau.data()]).status().unwrap();
                assert!(copied.success());
            }
            false => assert!(bureau.run(&["init"]).status.success()),
        }
        for time in 0..3 {
            let out = disk.full(|| bureau.run(&["doctor"]));
            let said = text(&out.stdout);
            assert_eq!(out.status.code(), Some(1), "copy {is_copy}, time {time}: {said}{}", text(&out.stderr));
            assert!(said.contains("no room left"), "copy {is_copy}, time {time}: {said}");
        }
        disk.empty();
        // Where it can be opened it goes on.
        assert!(bureau.survey().status.success());
        well(&bureau, 1);
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn on_a_full_disk_reading_goes_on_a_backup_says_whether_it_is_recorded_and_what_cannot_be_kept_is_refused() {
    for damaged in [false, true] {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        let Some(disk) = SmallDisk::mounted(bureau.folder.path()) else {
            println!("skipped: mounting a small disk is not allowed here");
            return;
        };
        assert!(bureau.run(&["init"]).status.success());
        let kept: Value = document(&bureau.survey());
        let number = kept["dossier"].as_str().unwrap();
        if damaged {
            let journal = bureau.data().join("journal/00000001.seg");
            let mut bytes = std::fs::read(&journal).unwrap();
            bytes[300] ^= 4;
            std::fs::write(&journal, bytes).unwrap();
            // Mended at once, while there is room for that; from here on it is as full as the other.
            assert!(bureau.run(&["doctor"]).status.success());
        }
        let elsewhere = Bureau { folder: tempfile::tempdir().unwrap() };
        let (backup, answers) = (elsewhere.folder.path().join("backup"), household("accident"));
        let reads = [
            &["verify", "--views"][..],
            &["lookup", number],
            &["queue"],
            &["user", "list"],
            &["backup", backup.to_str().unwrap()],
        ];
        let refusals =
            [&["show", number][..], &["survey", "--new", "--answers", &answers], &["status", number, "verifying"]];
        for args in reads {
            let out = disk.full(|| bureau.run(&[args, &["--json"]].concat()));
            assert!(out.status.success(), "{args:?}: {}{}", text(&out.stdout), text(&out.stderr));
            let said = document(&out);
            assert!(said.get("refused").is_none(), "{args:?}: {said}");
            if args[0] == "backup" {
                // Files that are made ready beforehand may hold a record still: then it is kept, and if not, it is said.
                let recorded = said["recorded"].as_bool().unwrap();
                assert_eq!(said["copies"]["whole"], true, "{said}");
                let words = text(&out.stderr).contains("No record could be kept");
                assert_eq!(words, !recorded, "{}", text(&out.stderr));
            }
        }
        let mut dossiers = std::collections::BTreeSet::from([number.to_owned()]);
        for args in refusals {
            let out = disk.full(|| bureau.run(&[args, &["--json"]].concat()));
            let said = document(&out);
            match out.status.code() {
                Some(0) if args[0] == "survey" => drop(dossiers.insert(said["dossier"].as_str().unwrap().to_owned())),
                Some(0) => {}
                code => assert_eq!((code, said["refused"].is_string()), (Some(1), true), "{args:?}: {said}"),
            }
        }
        // What was backed up there is all of it, and where there is room again all goes on.
        let key = bureau.data().join("dossier.key");
        let restored = elsewhere.run(&["--key-file", key.to_str().unwrap(), "restore", backup.to_str().unwrap()]);
        assert!(restored.status.success(), "{}", text(&restored.stderr));
        well(&elsewhere, 1);
        disk.empty();
        let later = bureau.json(&["survey", "--new", "--answers", &answers]);
        dossiers.insert(later["dossier"].as_str().unwrap().to_owned());
        assert_eq!(dossiers.len(), 2, "the same file is one survey, whenever it was kept");
        well(&bureau, 2);
        drop(disk);
    }
}

#[test]
fn an_answer_that_its_file_does_not_take_is_no_success_and_a_reader_that_went_away_is_no_failure() {
    let bureau = Bureau::made();
    let kept: Value = document(&bureau.survey());
    let number = kept["dossier"].as_str().unwrap();
    for args in [&["show", number][..], &["doctor"], &["lookup", number], &["show", number, "--json"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let out = bureau.command(args).stdout(full).output().unwrap();
        refused(&out, "could not be written to standard output");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = bureau.command(args).stdout(writer).output().unwrap();
        assert!(out.status.success() && out.stderr.is_empty(), "{args:?}: {}", text(&out.stderr));
    }
    well(&bureau, 1);
}

#[test]
fn a_limit_on_the_size_of_files_is_a_refusal_in_words_and_no_end_without_one() {
    let bureau = Bureau::made();
    assert!(bureau.survey().status.success());
    let answers = household("accident");
    let plain = bureau.command(&["survey", "--new", "--answers", &answers, "--json"]);
    // Blocks of half a KiB or of one: far less than a new file of either copy takes.
    let mut limited = Command::new("sh");
    limited.args(["-c", r#"ulimit -f 64; exec "$0" "$@""#]).arg(plain.get_program()).args(plain.get_args());
    plain.get_envs().for_each(|(name, value)| {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    });
    let out = limited.stdin(Stdio::null()).output().unwrap();
    assert!(matches!(out.status.code(), Some(0 | 1)), "{:?}: {}", out.status, text(&out.stderr));
    assert!(!text(&out.stderr).contains("panicked"), "{}", text(&out.stderr));
    let kept = 1 + u64::from(out.status.success());
    let health = document(&bureau.run(&["doctor", "--json"]));
    assert_eq!(health["dossiers"], kept);
    // What did not come to stand is of no use, and is taken away.
    assert!(["sled.new", "sled.again"].iter().all(|left| !bureau.data().join(left).exists()), "{health}");
    well(&bureau, kept);
}

// ---- looking up while not everything can be read

#[test]
fn a_lookup_beside_missing_keys_says_that_it_saw_a_part_and_never_that_nobody_fits() {
    let bureau = Bureau::made();
    let kept: Value = document(&bureau.survey());
    let number = kept["dossier"].as_str().unwrap();
    for copy in ["a", "b"] {
        std::fs::remove_file(bureau.data().join(format!("keys/{copy}/slots-00000001"))).unwrap();
    }
    let later = bureau.json(&["survey", "--new", "--answers", &household("accident")]);
    for (asked, found) in [("示例甲", 0), (number, 1), (later["dossier"].as_str().unwrap(), 1)] {
        let out = bureau.run(&["lookup", asked, "--json"]);
        assert_eq!(out.status.code(), Some(1), "{asked}: {}", text(&out.stdout));
        let said = document(&out);
        assert_eq!(said["partial"], true, "{asked}: {said}");
        assert!(said["found"].as_array().unwrap().len() >= found, "{asked}: {said}");
        let plain = bureau.run(&["lookup", asked]);
        refused(&plain, "1 households could not be read");
        assert!(!text(&plain.stderr).contains("Nobody"), "{}", text(&plain.stderr));
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn a_lookup_that_asks_before_everybody_was_looked_at_waits_and_never_says_nobody() {
    let bureau = Bureau::made();
    for _ in 0..2 {
        assert!(bureau.survey().status.success());
    }
    let slow = ["-e", "trace=pread64,openat", "-e", "inject=pread64,openat:delay_enter=2000"];
    let Some(mut slowed) = traced(&bureau, &slow, &["lookup", "示例", "--json"]) else {
        println!("skipped: no strace here");
        return;
    };
    let out = slowed.output().unwrap();
    assert!(out.status.success(), "{}{}", text(&out.stdout), text(&out.stderr));
    assert_eq!(document(&out).as_array().unwrap().len(), 2);
}
