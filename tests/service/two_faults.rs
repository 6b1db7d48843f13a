//! The program itself, from the outside: a lock file that is gone, a clock that jumped, an owner that is stopped, a folder
//! that went away. What is asked is what a person at the machine would see.
//!
//! Faults tried from outside, by kind, and the promise that keeps each (here, or in the binary that is named):
//!
//! | what happens | promise |
//! |---|---|
//! | the lock file is removed (`c1`) | `with_the_lock_file_gone_…`; store: `a_missing_lock_file_lets_no_second_owner_in` |
//! | locks do nothing (`c10`) | `where_locks_do_nothing_…`; store: `a_folder_that_another_process_has_by_its_token_…`, `an_owner_whose_folder_another_has_taken_…` |
//! | views refilled, one read fails at reopening (`f7`) | `copies::views_whose_reading_fails_while_they_are_made_anew_…` |
//! | rows of another shape, a journal byte flipped (`k6`) | store: `rows_of_another_shape_still_give_what_the_journal_has_lost` |
//! | slots, ring, journal of another store (`f_confirm`: F1, F2, F3) | store: `another_stores_slots_…`, `another_stores_ring_…`, `files_that_our_keys_do_not_open_…`; office: `a_journal_of_another_store_…` |
//! | journal and views gone, keys and a note of the stop there (`f_confirm`: F4) | office: `a_folder_that_had_a_store_and_has_none_…`; store: `a_journal_that_lost_every_file_…` |
//! | the journal gone beside whole views (`f_confirm`: F5) | office: `a_missing_journal_beside_a_whole_sled_…` |
//! | an earlier copy, same inode (`c7`) | office: `an_earlier_copy_put_back_in_the_same_folder_…`; taken beside an owner: `put_back::a_copy_that_was_taken_beside_an_owner_…` |
//! | older keys put back, slots gone (`d8`) | office: `dossiers_whose_keys_were_made_since_the_keys_that_are_put_back_…`, `missing_keys_are_said_at_opening_by_doctor_and_by_backup` |
//! | `restore --over` killed between renames (`k8`) | `copies::a_restore_that_is_killed_at_any_rename_…` |
//! | a sync fails; the owner dies before it answers (`k5`, `k3b`) | `repeated::a_sync_that_fails_…`, `repeated::a_client_whose_owner_is_killed_…` |
//! | a day in 2041 (`h1`) | `a_day_far_from_the_last_known_…`, after a restore: `put_back::what_an_opening_records_by_itself_…`; office: `one_day_with_the_clock_far_ahead_…` |

use crate::outside::{Bureau, made_on, refused, text, traced, well};
use crate::support::owner::Owner;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn a_folder_without_a_store_is_left_as_it_is_by_every_command_but_init() {
    let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
    let household = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
    for args in [
        &["survey", "--new", "--answers", household.to_str().unwrap()][..],
        &["lookup", "x"],
        &["doctor"],
        &["serve"],
        &["verify"],
    ] {
        refused(&bureau.run(args), "dossier init");
        assert!(!bureau.data().exists(), "{args:?}");
    }
    assert!(bureau.run(&["init"]).status.success());
    refused(&bureau.run(&["init"]), "already");
    assert!(bureau.survey().status.success());
}

#[test]
fn with_the_lock_file_gone_a_second_process_has_its_command_done_by_the_owner() {
    let bureau = Bureau::made();
    let owner = Owner::again(&bureau.data());
    std::fs::remove_file(bureau.data().join("lock")).unwrap();
    for n in 1..4 {
        let kept = bureau.survey();
        assert!(kept.status.success(), "{}", text(&kept.stderr));
        let kept: Value = serde_json::from_slice(&kept.stdout).unwrap();
        assert!(kept["dossier"].as_str().unwrap().ends_with(&format!("{n:04}")), "{kept}");
    }
    refused(&bureau.run(&["doctor"]), "is using this data folder");
    drop(owner);
    well(&bureau, 3);
}

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn where_locks_do_nothing_a_second_process_is_refused_by_the_owners_token_and_told_how_far_the_first_came() {
    let bureau = Bureau::made();
    assert!(bureau.survey().status.success());
    let owner = Owner::again(&bureau.data());
    let fault = ["-e", "trace=flock", "-e", "inject=flock:retval=0"];
    for args in [["doctor"], ["rebuild"]] {
        let Some(mut second) = traced(&bureau, &fault, &args) else {
            println!("skipped: no strace here");
            return;
        };
        let out = second.output().unwrap();
        for words in ["is using this data folder", &owner.process().to_string(), "the last of", "head code"] {
            refused(&out, words);
        }
        refused(&out, bureau.data().to_str().unwrap());
    }
    assert!(bureau.survey().status.success(), "the owner goes on");
    drop(owner);
    well(&bureau, 2);
}

#[test]
fn the_client_of_a_stopped_owner_is_told_so() {
    let bureau = Bureau::made();
    let owner = Owner::again(&bureau.data());
    let number = std::fs::read_to_string(bureau.data().join("lock")).unwrap();
    let signal = |name: &str| assert!(Command::new("kill").args([name, number.trim()]).status().unwrap().success());
    signal("-STOP");
    let asked = std::time::Instant::now();
    let out = bureau.run(&["lookup", "x"]);
    let took = asked.elapsed();
    signal("-CONT");
    assert!(took < Duration::from_secs(60), "seconds, and not for ever: {took:?}");
    refused(&out, number.trim());
    refused(&out, "stopped");
    assert!(bureau.survey().status.success(), "it goes on when the owner does");
    drop(owner);
    well(&bureau, 1);
}

#[test]
fn an_owner_whose_folder_was_removed_ends_when_it_is_told_to() {
    let bureau = Bureau::made();
    let mut serve = bureau.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(serve.stdout.as_mut().unwrap()), &mut said).unwrap();
    std::fs::remove_dir_all(bureau.data()).unwrap();
    assert!(Command::new("kill").arg(serve.id().to_string()).status().unwrap().success());
    // Long enough for any machine; where it hangs, it hangs for ever.
    for _ in 0..600 {
        if let Some(status) = serve.try_wait().unwrap() {
            assert_ne!(status.code(), Some(101));
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    serve.kill().unwrap();
    panic!("it waits for ever");
}

#[test]
fn a_process_whose_folder_went_away_while_its_terminal_closed_ends() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;
    for removed_first in [true, false] {
        let bureau = Bureau::made();
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let plain = bureau.command(&[]);
        let mut command = CommandBuilder::new(plain.get_program());
        command.args(plain.get_args());
        plain.get_envs().for_each(|(name, value)| command.env(name, value.unwrap_or_default()));
        ["DOSSIER_PASSPHRASE", "DOSSIER_KEY_FILE"].into_iter().for_each(|name| command.env_remove(name));
        command.env("TERM", "xterm-256color");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&seen).contains("household") {
            let n = reader.read(&mut chunk).unwrap();
            seen.extend_from_slice(&chunk[..n]);
        }
        if removed_first {
            std::fs::remove_dir_all(bureau.data()).unwrap();
            drop((reader, pair.master));
        } else {
            drop((reader, pair.master));
            let _ = std::fs::remove_dir_all(bureau.data());
        }
        let mut ended = None;
        for _ in 0..600 {
            ended = child.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let ended = ended.unwrap_or_else(|| {
            let _ = child.kill();
            panic!("it waits for ever")
        });
        assert_ne!(ended.exit_code(), 101);
    }
}

#[test]
fn a_day_far_from_the_last_known_keeps_nothing_until_somebody_says_that_it_is_right() {
    for odd in ["2099-05-05", "2001-01-01"] {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        made_on(&bureau, odd);
        let records = bureau.json(&["doctor"])["records"].clone();
        refused(&bureau.survey(), odd);
        refused(&bureau.run(&["user", "add", "x", "--role", "surveyor"]), odd);
        let read = bureau.run(&["doctor"]);
        assert!(read.status.success(), "reading goes on");
        assert!(text(&read.stderr).contains(odd), "and says what is odd");
        assert_eq!(bureau.json(&["doctor"])["records"], records, "nothing was kept");
        assert!(bureau.run(&["--clock-is-right", "user", "add", "x", "--role", "surveyor"]).status.success());
        assert!(bureau.survey().status.success(), "what is known now is known");
        well(&bureau, 1);
    }
}

#[test]
fn what_stands_where_the_socket_belongs_is_named_by_a_service_that_does_not_begin() {
    let bureau = Bureau::made();
    let socket = bureau.data().join("socket");
    for how in ["file", "folder", "dangling link"] {
        // Of the owner of before, which was killed.
        let _ = std::fs::remove_file(&socket);
        match how {
            "file" => std::fs::write(&socket, b"x").unwrap(),
            "folder" => std::fs::create_dir(&socket).unwrap(),
            _ => std::os::unix::fs::symlink("nowhere", &socket).unwrap(),
        }
        let out = bureau.run(&["serve"]);
        refused(&out, socket.to_str().unwrap());
        refused(&out, "Move it elsewhere");
        std::fs::rename(&socket, bureau.folder.path().join("moved")).unwrap();
        let serving = Owner::again(&bureau.data());
        assert!(bureau.survey().status.success(), "{how}");
        drop(serving);
        let moved = bureau.folder.path().join("moved");
        let _ = std::fs::remove_file(&moved).or_else(|_| std::fs::remove_dir(&moved));
    }
}

#[test]
fn a_service_whose_folder_is_gone_ends_by_itself_and_says_why() {
    let bureau = Bureau::made();
    let mut serve = bureau.command(&["serve"]);
    serve.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut service = serve.spawn().unwrap();
    let socket = bureau.data().join("socket");
    let began = std::time::Instant::now();
    while !socket.exists() && began.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::fs::rename(bureau.data(), bureau.folder.path().join("elsewhere")).unwrap();
    let ended = (0..3_000).find_map(|_| {
        std::thread::sleep(Duration::from_millis(20));
        service.try_wait().unwrap()
    });
    let Some(status) = ended else {
        service.kill().unwrap();
        panic!("it goes on for ever");
    };
    let mut said = String::new();
    std::io::Read::read_to_string(&mut service.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("is gone from where this process"), "{said}");
}
