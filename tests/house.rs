//! The house drawn from its `use crate::` lines: imports go downstairs, and a new arrow shows up as a picture to talk
//! about. When an arrow is meant, run `UPDATE_HOUSE=1 cargo test --test house` and commit the new picture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "house/questions.rs"]
mod questions;
#[path = "house/texts.rs"]
mod texts;

/// From the cellar up. Rooms on one floor do not know each other.
const FLOORS: [&[&str]; 9] = [
    &["domain", "store", "data"],
    &["expr", "log", "seal", "lang"],
    &["form", "rules"],
    &["views"],
    &["command"],
    &["present"],
    &["tui"],
    &["serve"],
    &["cli"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Room → rooms it imports, from every `crate::ROOM` in it that is not in a comment.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let Some(room) = inside.iter().next().and_then(|c| c.to_str()).filter(|c| floor(c).is_some()) else { continue };
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().map(str::trim_start).filter(|l| !l.starts_with("//")) {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + "crate::".len()..];
                if let Some(list) = rest.strip_prefix('{') {
                    for name in list.split(['{', ',', '}']).map(|n| n.trim().split("::").next().unwrap_or("")) {
                        if floor(name).is_some() && name != room {
                            out.entry(room.into()).or_default().insert(name.into());
                        }
                    }
                }
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if floor(&name).is_some() && name != room {
                    out.entry(room.into()).or_default().insert(name);
                }
            }
        }
    }
    out
}

fn picture(arrows: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut out = String::new();
    for (number, rooms) in FLOORS.iter().enumerate().rev() {
        for room in *rooms {
            let to: Vec<&str> = arrows.get(*room).into_iter().flatten().map(String::as_str).collect();
            let line = format!("floor {number}  {room:<8} -> {}", to.join(" "));
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

#[test]
fn imports_go_downstairs_only() {
    for (room, targets) in arrows() {
        for target in targets {
            assert!(floor(&target) < floor(&room), "{room} imports {target}, which is not on a lower floor");
        }
    }
}

#[test]
fn form_and_rules_know_no_files_and_no_languages() {
    let arrows = arrows();
    for room in ["form", "rules"] {
        let allowed = BTreeSet::from(["domain".to_owned(), "expr".to_owned()]);
        let found = arrows.get(room).cloned().unwrap_or_default();
        assert!(found.is_subset(&allowed), "{room} imports {found:?}; its caller hands data and words in");
    }
}

#[test]
fn the_picture_is_the_one_that_was_agreed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house.snap");
    let now = picture(&arrows());
    if std::env::var_os("UPDATE_HOUSE").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let agreed = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(agreed, now, "an arrow came or went: read it, then UPDATE_HOUSE=1 cargo test --test house");
}

/// `fuzz/` builds the rooms that read other people's bytes as a crate of its own, with a list of crates of its own.
#[test]
fn the_guided_readers_have_every_crate_that_their_rooms_use() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let manifest = |name: &str| {
        let text: toml::Table = read(name).parse().unwrap();
        text["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect::<BTreeSet<_>>()
    };
    let (ours, theirs) = (manifest("Cargo.toml"), manifest("fuzz/Cargo.toml"));
    let library = read("fuzz/src/lib.rs");
    let rooms: Vec<&str> = library.lines().filter_map(|line| line.strip_prefix("pub mod ")).collect();
    assert!(rooms.len() > 3, "{rooms:?}");
    for room in rooms {
        let mut files = Vec::new();
        rust_files(&root.join("src").join(room.trim_end_matches(';')), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let used = |name: &String| {
                let path = format!("{name}::");
                let begins =
                    |line: &str, at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_:\"".contains(c));
                code.iter().any(|line| line.match_indices(&path).any(|(at, _)| begins(line, at)))
            };
            let missing: Vec<&String> = ours.iter().filter(|name| used(name) && !theirs.contains(*name)).collect();
            assert!(missing.is_empty(), "{} uses {missing:?}: name them in fuzz/Cargo.toml", file.display());
        }
    }
}

#[test]
fn every_room_says_what_it_is() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in FLOORS.iter().flat_map(|rooms| rooms.iter()) {
        let text = fs::read_to_string(src.join(room).join("mod.rs")).unwrap();
        let lines = text.lines().take_while(|l| l.starts_with("//!")).count();
        assert!(
            lines >= 3,
            "{room}/mod.rs opens with {lines} lines; say what lives there, what it does not know, where to start"
        );
    }
}

/// Private names for things that the trade has a word for. ARCHITECTURE.md, "Words", says which.
const DENIED: [&str; 11] =
    ["anew", "clerk", "desk", "door", "errand", "guest", "house", "scribe", "shelf", "sitting", "told"];

/// The identifiers of a text, without its comments and strings.
fn identifiers(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = code.map(|line| line.split(" // ").next().unwrap_or("")).collect();
    let code = code.join("\n").replace("\\\\", "").replace("\\\"", "").replace("'\"'", "");
    let code = code.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// `SessionManager` and `session_manager` are both `session`, `manager`.
fn words(identifier: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut small_before = false;
    for c in identifier.chars() {
        if c == '_' || c.is_uppercase() && small_before {
            out.push(String::new());
        }
        small_before = c.is_lowercase();
        if let Some(last) = out.last_mut().filter(|_| c != '_') {
            last.extend(c.to_lowercase());
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

#[test]
fn names_are_those_of_the_trade() {
    assert_eq!(words("SshDoor_of_a_house"), ["ssh", "door", "of", "a", "house"]);
    assert_eq!(identifiers("let a = b(\"door\"); // desk"), ["let", "a", "b"]);
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        for identifier in identifiers(&fs::read_to_string(&file).unwrap()) {
            let words = words(&identifier);
            // The name of a test is a sentence.
            let bad = words.iter().find(|word| {
                let one = word.strip_suffix('s').filter(|one| DENIED.contains(one)).unwrap_or(word);
                DENIED.contains(&one)
            });
            assert!(bad.is_none() || words.len() > 4, "{}: {identifier}: say it as the trade does", inside.display());
            // A type of that name alone says nothing; in a longer name the word may be the common one.
            let vague = ["Way", "Ways", "Came", "Come"].contains(&identifier.as_str());
            assert!(!vague, "{}: {identifier}: say of what, as the trade does", inside.display());
        }
    }
}

/// Nouns so general that a second type of the name would be read as the first. Each stands for one type in all of `src`;
/// whatever else is a row, a line or a place says of what (`TableRow`, `RosterLine`, `CellAddress`).
const ONE_TYPE: [(&str, &str, &str); 12] = [
    ("Row", "store/scan.rs", "a key and its value in the store"),
    ("Place", "domain/fund/place.rs", "where money lies"),
    ("Line", "serve/session.rs", "a terminal's line to its session"),
    ("Entry", "store/entry.rs", "what a command asks to be kept"),
    ("State", "domain/answers.rs", "why an answer has no value"),
    ("Cell", "present/value.rs", "a cell of a table to be read"),
    ("Column", "present/value.rs", "a column of such a table"),
    ("Field", "present/value.rs", "a label and its value"),
    ("Sheet", "present/value.rs", "a sheet of paper"),
    ("Scope", "expr/scheme.rs", "where an expression stands"),
    ("Kind", "", "no type: a kind of what"),
    ("Part", "", "no type: a part of what"),
];

/// The types that a text declares, private ones too.
fn declared_types(text: &str) -> Vec<String> {
    let words = identifiers(text);
    let named = words.windows(2).filter(|pair| {
        ["struct", "enum", "type", "trait", "union"].contains(&pair[0].as_str())
            && pair[1].starts_with(|c: char| c.is_uppercase())
    });
    named.map(|pair| pair[1].clone()).collect()
}

#[test]
fn a_general_noun_names_one_type() {
    assert_eq!(
        declared_types("pub(super) struct Row<T>;\ntype Place = u8; // enum Line\nlet x = \"enum Kind\";"),
        ["Row", "Place"]
    );
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(&src).unwrap().display().to_string();
        for name in declared_types(&fs::read_to_string(&file).unwrap()) {
            found.entry(name).or_default().push(inside.clone());
        }
    }
    for (noun, home, what) in ONE_TYPE {
        let homes = found.remove(noun).unwrap_or_default();
        let agreed: Vec<&str> = Some(home).filter(|home| !home.is_empty()).into_iter().collect();
        assert_eq!(homes, agreed, "{noun} is taken ({what}): another type says of what it is one");
    }
}

/// Whether one of the licences that a crate leaves to choose is allowed, and all that it asks for.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace(['(', ')'], " ( ").replace(" ( ", " ");
    let expression = expression.replace('/', " OR ");
    // No crate here nests deeper than an AND of ORs, or an OR of single ones.
    let is_one = |name: &str| allowed.iter().any(|a| a == name.trim());
    expression.split(" AND ").all(|part| part.split(" OR ").any(is_one))
}

#[test]
fn what_is_built_in_is_allowed() {
    use serde_json::Value;
    let rules = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
    let rules: toml::Table = toml::from_str(&rules).unwrap();
    let list = |table: &str, name: &str| -> Vec<String> {
        rules[table][name].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let (allowed, denied) = (list("licenses", "allow"), list("bans", "deny"));
    assert!(is_allowed("(MIT OR X) AND ISC", &allowed) && is_allowed("Apache-2.0/MIT", &allowed));
    assert!(!is_allowed("GPL-3.0", &allowed) && !is_allowed("MIT AND GPL-3.0", &allowed));
    let out = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let all: Value = serde_json::from_slice(&out.stdout).unwrap();
    let packages = all["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "{}", packages.len());
    for package in packages.iter().filter(|package| package["name"] != "dossier") {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(licence, &allowed), "{name}: licence {licence}");
        assert!(!denied.iter().any(|one| one == name), "{name} is denied");
        let source = package["source"].as_str().unwrap_or("a path");
        assert!(source.starts_with("registry+"), "{name} comes from {source}");
    }
}

/// A file that no room declares is not built: nothing holds it, and whoever reads it is misled.
#[test]
fn every_file_is_part_of_its_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        if ["mod", "lib", "main"].contains(&name) {
            continue;
        }
        let folder = file.parent().unwrap();
        let room = folder.join("mod.rs");
        let room = if room.exists() { room } else { folder.with_extension("rs") };
        // Some rooms declare theirs by a macro, so the name as an identifier is what is looked for.
        let declared = identifiers(&fs::read_to_string(&room).unwrap()).iter().any(|word| word == name);
        assert!(declared, "{} is not declared in {}", file.display(), room.display());
    }
}

/// A stranger reads it to the end: what it is, how it is tried, its keys, and where more stands.
#[test]
fn the_readme_is_short_and_leads_to_what_is_there() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = 0;
    for folder in ["", "benches", "deploy", "src/cli"] {
        let text = fs::read_to_string(here.join(folder).join("README.md")).unwrap();
        assert!(text.lines().count() < 300, "{folder}/README.md is long: what few need stands beside what it is about");
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            assert!(here.join(folder).join(target).exists(), "{folder}/README.md leads to {target}");
            pages += 1;
        }
    }
    assert!(pages > 5, "{pages}");
}
