//! That the walk of the table of duties (`scene.rs`, `rights.rs`) leaves no way into the office out, unless it says why.

use std::path::Path;

/// Ways into the office that the walk does not take, by why not: every other public function of [`Office`] and [`Household`] is
/// called by a verb of it, or a test fails.
const NOT_WALKED: &[(&str, &[&str])] = &[
    (
        "another spelling of one that is walked, which asks by it",
        &["find", "find_because", "take_step", "erase", "submit_draft", "roll_rows", "export", "withdraw_step"],
    ),
    (
        "reads the household that a walked way opened",
        &[
            "id",
            "number",
            "eyes",
            "may",
            "history",
            "into_history",
            "status",
            "face",
            "face_within",
            "survey",
            "version",
            "same_id",
            "looks",
            "query",
            "readings",
            "reading",
            "members",
            "member_changes",
            "changes_named",
            "stated_before",
            "case",
            "objections",
            "visits",
            "open_rounds",
            "open_round_alone",
            "explain",
            "explain_survey",
            "life_of",
            "queries",
        ],
    ),
    (
        "goes on with a draft that a walked way began",
        &["say_elsewhere", "form_of_draft", "draft_of", "prefers_heads_down", "prefer_heads_down"],
    ),
    (
        "what everybody reads who was let in: the bureau, its people, units, rules, forms; nothing about a household",
        &[
            "rules",
            "adopted_rules",
            "adopted_aid",
            "adopted_calendars",
            "rules_text",
            "aid_rules",
            "notice_term",
            "case_limits",
            "acceptance_days",
            "own_days",
            "calendar_years",
            "calendar",
            "notice_until",
            "size",
            "division",
            "bureau_name",
            "language",
            "bureau_settings",
            "displaced",
            "is_made_up",
            "forms",
            "form_files",
            "form",
            "form_now",
            "form_of",
            "first_open_day",
            "people",
            "officers",
            "officer_name",
            "officer_named",
            "units",
            "unit_named",
            "unit_by_code",
            "credentials",
            "station_named",
            "stretches",
            "library",
        ],
    ),
    (
        "who acts, and what they may",
        &[
            "may_have_drafts",
            "rights",
            "somebody",
            "still_here",
            "carries",
            "reach",
            "enter",
            "context",
            "by_folder",
            "by_credential",
            "session",
            "claim",
            "who_is_at",
            "admit",
            "note_login",
            "request",
            "seat",
            "sit_down",
            "officer",
            "goes_by",
            "be_at",
            "others_at",
        ],
    ),
    (
        "the store as a whole, at the folder itself: counts, proof, heads, what is held in memory",
        &[
            "records",
            "households",
            "head_code",
            "give_head",
            "last_head_given",
            "last_backup",
            "stores_beside",
            "host_seed",
            "verify",
            "without_keys",
            "is_outdated",
            "persons_unread",
            "doctor",
            "same_ids",
            "findable",
            "unfindable",
            "fill_behind",
            "wait_until_findable",
            "number_looked_at",
            "may_write_to",
            "clock_doubt",
            "trust_clock",
            "may_trust_clock",
            "take_clock_refusal",
            "new_dossier",
            "have_slots_for",
            "listen",
            "close",
            "people_state",
            "station",
            "new",
            "folder",
        ],
    ),
];

/// The public functions of `impl Office` and `impl Household` outside tests, by name, each with its file.
fn ways_in() -> Vec<(String, String)> {
    fn files(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.file_name().and_then(|name| name.to_str()) {
                Some("tests" | "demo") => {}
                _ if path.is_dir() => files(&path, out),
                _ => out.push(path),
            }
        }
    }
    let (mut all, mut found) = (Vec::new(), Vec::new());
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command"), &mut all);
    for file in all {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut within = false;
        for line in text.lines().take_while(|line| *line != "mod tests {") {
            if line.starts_with("impl") {
                within = !line.contains(" for ")
                    && ["Office {", "Household<'_> {", "Household<'o> {"].iter().any(|of| line.ends_with(of));
            }
            let name = line.strip_prefix("    pub fn ").and_then(|rest| rest.split(['(', '<']).next());
            found.extend(name.filter(|_| within).map(|name| (name.to_owned(), file.display().to_string())));
        }
    }
    found
}

#[test]
fn every_way_into_the_office_is_walked_or_says_why_not() {
    let walked = include_str!("scene.rs");
    let found = ways_in();
    assert!(found.len() > 200, "{}", found.len());
    let excused: Vec<&str> = NOT_WALKED.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    for (name, file) in &found {
        let is_walked = walked.contains(&format!(".{name}("));
        assert!(is_walked || excused.contains(&name.as_str()), "{file}: {name} is in no verb of the walk");
    }
    for name in excused {
        assert!(found.iter().any(|(known, _)| known == name), "{name} is excused, and there is none");
    }
}
