//! Files that are data, not code: code lists, built-in forms, rule sets, the sentences of both languages, the union tree.
//! The folders are embedded whole, so a new file is known by its name and nothing has to be told of it.
//! This room knows no contents: who reads a file parses it and lists its problems. Start reading at `file`.
//!
//! # Where what is
//!
//! | folder | what | read by |
//! |---|---|---|
//! | `codes/X.csv` | code list X: `code,zh,en,standard,since,until,replaced_by`, then columns of its own | `domain::code` |
//! | `forms/F/{survey,choices,settings}.csv` | the XLSForm F | `form` |
//! | `rules/*.toml` | rule sets | `rules` |
//! | `lang/{zh,en}/ROOM.toml` | what ROOM says | `lang` |
//! | `aid/*.toml` | kinds of help: how much whom, caps, tiers | `rules::aid` |
//! | `calendar/YEAR.toml` | the holidays of a year, and the notice that says them | `rules::calendar` |
//! | `import/headings.toml` | how columns of rolls are called, and what people write in them | `command::import` |
//! | `units/*.csv` | dated union trees: `id,code,zh,en,kind,parent,since,until,replaced_by` | `domain::unit` |
//!
//! A code list or a unit holds *from* `since` (empty: always) *through* `until` (empty: still), both days included.
//! All csv is UTF-8, LF, one row a line, quoted only where a cell needs it.
//!
//! # Columns of a form beyond XLSForm
//!
//! Other engines ignore them. An empty cell means the first value named.
//!
//! | column | values |
//! |---|---|
//! | `dossier::number` | the question's number on paper; a roster's stands on its `begin repeat` |
//! | `dossier::type` | `money` (beside `decimal`), `id_number`, `bank_card` (beside `text`): how typing is understood. An ID number's error is hard, its warnings are soft; a card whose last digit does not fit is a soft check |
//! | `dossier::severity`, `dossier::moment` | of `constraint`: `hard` or `soft`; `leave` (the question), `finish` (the survey), `approve` |
//! | `dossier::check2`, `dossier::check2_message::LANGUAGE`, `dossier::severity2`, `dossier::moment2` | a second check beside `constraint`; `check3` likewise. Like a constraint, a check is not tried on an empty answer |
//! | `dossier::refusable` | `yes`: a refusal satisfies `required` |
//! | `dossier::masked` | how the answer is covered on screen until revealed: a name of `domain::mask::Mask`; empty is not covered |
//! | `dossier::supplied` | empty: the surveyor answers; else the program, under the question's name: `start` (known when the survey opens, shown read-only), `finish` (not shown before finishing), `later` (by later records). Never required of the surveyor, never a fact for a decision |
//! | `dossier::origin` | in a re-survey: `ask` (asked fresh) or `carry` (shown with last round's answer, to be confirmed); on a roster: its rows are carried, matched by person |
//! | `dossier::rows` | of a roster: `least-most`; a roster opens with its least number of rows |
//!
//! List `X` of a form is `codes/X.csv` cut to the survey's day, unless the form's own choices hold it. Two lists are
//! supplied: `units` (the tree of that day, by unit code) and `household` (`0` the worker, `n` the n-th row of `members`).
//!
//! Values supplied to the hardship form when a survey opens: `dossier_no`, `previous_survey_date` (empty: this is the
//! first), `minimum_wage`, `inc_union_aid`, `union_aid_counts` (`1`: the rules count it as income), `dibao_line`,
//! `retirement_age_male`, `retirement_age_female` (whole years; empty: not checked). An unknown one is empty.
//!
//! A ground for exclusion (X1, X2, X3, X5) is a soft check at `approve`: the surveyor is not told, and the approver who
//! passes it leaves name and reason. The rest of them need facts or thresholds that a form has not.

use include_dir::{Dir, include_dir};

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/data");

/// The text of the file at `path` (`codes/sex.csv`); `None` when there is none, or it is not text.
pub fn file(path: &str) -> Option<&'static str> {
    // A name without a folder is this room's own code.
    path.contains('/').then(|| DATA.get_file(path)).flatten().and_then(|f| f.contents_utf8())
}

/// `(name, text)` of the files directly in `path` (`codes`), by name; nothing when there is no such folder.
pub fn folder(path: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut files: Vec<_> = DATA
        .get_dir(path)
        .into_iter()
        .flat_map(|d| d.files())
        .filter_map(|f| Some((f.path().file_name()?.to_str()?, f.contents_utf8()?)))
        .collect();
    files.sort_unstable();
    files.into_iter()
}

/// Names of the folders directly in `path` (`forms`), by name.
pub fn folders(path: &str) -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> =
        DATA.get_dir(path).into_iter().flat_map(|d| d.dirs()).filter_map(|d| d.path().file_name()?.to_str()).collect();
    names.sort_unstable();
    names.into_iter()
}
