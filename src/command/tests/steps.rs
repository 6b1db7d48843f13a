//! The bytes of what a draft's file holds.

use crate::domain::answers::State;
use crate::domain::{Day, MemberMove, Path, Step};
use crate::log::{SCHEMA, envelope};

fn steps() -> Vec<Step> {
    let path = || Path::new("a[1]");
    let said = |since, why: &str, text: &str| MemberMove { since, why: why.into(), text: text.into() };
    vec![
        Step::Set { path: path(), value: "示例".into() },
        Step::Add { path: path() },
        Step::Insert { path: path() },
        Step::Remove { path: path() },
        Step::State { path: path(), is: State::Illegible },
        Step::Confirm { path: path() },
        Step::Pass { path: path(), why: "示例".into() },
        Step::Note { path: path(), text: "示例".into() },
        Step::Cursor { path: path() },
        Step::Mode { path: path(), heads_down: true },
        Step::Language { path: path(), name: "中文 (zh)".into() },
        Step::Undo { path: path() },
        Step::Redo { path: path() },
        Step::Leave { path: path(), said: said(Some(Day(20_000)), "6", "") },
        Step::Join { path: path(), said: said(None, "99", "示例") },
        Step::Stay { path: path(), number: 2 },
        Step::Block { path: path(), rows: vec![vec![("b".into(), "示例".into())], Vec::new()] },
    ]
}

/// `DOSSIER_GOLDEN=write` writes the file for a new step. A line that is there never changes: drafts of before go on.
#[test]
fn every_step_of_a_draft_has_the_bytes_it_always_had() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/steps_schema1.txt");
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let lines: Vec<String> =
        steps().iter().map(|step| hex(envelope::encode(*b"DSTP", SCHEMA, step).unwrap())).collect();
    if std::env::var("DOSSIER_GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    assert_eq!(golden.lines().collect::<Vec<_>>(), lines);
    for (line, step) in golden.lines().zip(steps()) {
        let bytes: Vec<u8> =
            (0..line.len() / 2).map(|i| u8::from_str_radix(&line[2 * i..2 * i + 2], 16).unwrap()).collect();
        assert!(envelope::decode::<Step>(*b"DSTP", SCHEMA, &bytes).unwrap() == step);
    }
}
