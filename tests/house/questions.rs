//! Names of questions that code reads stand in one place, and are those of the form.

use super::texts::{Source, sources, texts};
use dossier::domain::questions;
use std::collections::BTreeSet;

/// What is no name of a question though one is called so: facts of the rules, and a kind of answer.
const NONE: [(&str, &str); 4] = [
    ("rules/facts.rs", "has_business"),
    ("rules/facts.rs", "minimum_wage"),
    ("rules/facts.rs", "single_parent"),
    ("", "id_number"),
];

fn of_the_form() -> BTreeSet<String> {
    let text = dossier::data::file("forms/hardship/survey.csv").unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader.headers().unwrap().iter().position(|head| head == "name").unwrap();
    reader.records().map(|row| row.unwrap()[at].to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_question_that_code_reads_is_in_the_form_and_is_read() {
    let form = of_the_form();
    let unknown: Vec<&&str> = questions::ALL.iter().filter(|name| !form.contains(**name)).collect();
    assert!(unknown.is_empty(), "the form asks none of {unknown:?}");
    let printed = [questions::NATIONAL_FORM, questions::NATIONAL_MEMBER, questions::NATIONAL_END];
    let printed = printed.concat().into_iter().chain(questions::INCOME_BESIDE_WAGES.iter().copied());
    let unknown: Vec<&str> = printed.filter(|name| !form.contains(*name)).collect();
    assert!(unknown.is_empty(), "the form asks none of {unknown:?}");
    let sources = sources();
    let mut seen = BTreeSet::new();
    for Source { path, .. } in sources.iter().filter(|source| source.path != "domain/questions.rs") {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/").to_owned() + path).unwrap();
        for piece in text.split("questions::").skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            seen.insert(name.to_lowercase());
        }
    }
    let unread: Vec<&&str> = questions::ALL.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(unread.is_empty(), "no code reads {unread:?}");
}

/// Single words are many things; a name in two words that the form has is taken for a question wherever it stands.
#[test]
fn no_question_is_named_anywhere_else() {
    let lists: BTreeSet<&str> =
        dossier::data::folder("codes").filter_map(|(name, _)| name.strip_suffix(".csv")).collect();
    let form = of_the_form();
    let is_question = |path: &str, text: &str| {
        let excepted = NONE.iter().any(|(file, name)| *name == text && (file.is_empty() || *file == path));
        text.contains('_') && form.contains(text) && !lists.contains(text) && !excepted
    };
    let mut wrong = Vec::new();
    for Source { path, tokens } in &sources() {
        if path == "domain/questions.rs" || path.starts_with("command/demo/") {
            continue;
        }
        let named = texts(tokens).into_iter().filter(|text| text.split(['/', '}']).any(|part| is_question(path, part)));
        wrong.extend(named.map(|text| format!("{path}: {text}: name it in domain/questions.rs")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
