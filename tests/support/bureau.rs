//! A small bureau over a temporary folder: a clock that stands, randomness from a seed, three paper households.

use dossier::command::survey::{Begin, Surveying};
use dossier::command::{Library, Office, OpenOffice, opening};
use dossier::domain::{Day, DossierId, Now, Stamp, Step};
use dossier::form::run;
use dossier::seal::{Random, SealError};
use dossier::tui::session::{Session, Unlocked};
use std::path::Path;
use std::sync::Arc;

/// The same seed makes the same ids, keys and numbers: for tests alone.
struct Seeded(blake3::OutputReader);

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SealError> {
        self.0.fill(bytes);
        Ok(())
    }
}

pub struct Bureau {
    pub office: Arc<Office>,
    pub folder: tempfile::TempDir,
}

pub fn now(day: &str) -> Now {
    let today = Day::from_iso(day).expect("a day");
    // Half past nine in the morning.
    Now { at: Stamp(i64::from(today.0) * 86_400_000 + 90 * 60_000), today }
}

/// The day on which the screens are looked at.
pub const TODAY: &str = "2026-11-26";

impl Bureau {
    pub fn empty() -> Bureau {
        let folder = tempfile::tempdir().expect("folder");
        let random = Box::new(Seeded(blake3::Hasher::new_derive_key("dossier tests bureau").finalize_xof()));
        let library = Arc::new(Library::built_in());
        // Received in order, a millisecond apart.
        let mut at = now(TODAY).at.0;
        let opened = opening::open(OpenOffice {
            clock: Box::new(move || {
                at += 1;
                at
            }),
            machine: b"test".to_vec(),
            user: "示例员".into(),
            ..OpenOffice::new(&folder.path().join("data"), library, random, now("2026-03-01"))
        });
        Bureau { office: Arc::new(opened.expect("a fresh store").office), folder }
    }

    /// With the three paper households, the first surveyed twice.
    pub fn with_households() -> Bureau {
        let bureau = Bureau::empty();
        let first = bureau.submit(None, "illness.json", "2026-03-10", &[]);
        bureau.submit(None, "laid_off.json", "2026-04-15", &[]);
        bureau.submit(None, "accident.json", "2026-06-02", &[("identity/work_unit", "JH12")]);
        bureau.submit(
            Some(first),
            "illness.json",
            "2026-09-12",
            &[("visit/survey_type", "2"), ("income/own_month_wage", "2600.00"), ("income/inc_wage", "66000.00")],
        );
        bureau
    }

    /// Submits a new household from paper with further answers, `rows` more members among them.
    pub fn submit_with(&self, file: &str, day: &str, rows: usize, more: &[(String, String)]) -> DossierId {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households").join(file);
        let steps = run::steps(&std::fs::read_to_string(path).expect("paper")).expect("steps");
        let form = self.office.library().hardship().expect("form").clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
        let mut surveying = self.office.begin(begin, now(day)).expect("begun");
        let added = (0..rows).map(|_| Step::Add { path: dossier::domain::Path::new("family/members") });
        let set = |(path, value): &(String, String)| Step::Set {
            path: dossier::domain::Path::new(path.as_str()),
            value: value.clone(),
        };
        for step in steps.into_iter().chain(added).chain(more.iter().map(set)) {
            surveying.answer(&self.office, &step).expect("kept");
        }
        let submitted = self.office.submit(&mut surveying, now(day), false).unwrap_or_else(|failure| {
            let words: Vec<_> =
                failure.details().iter().map(|m| dossier::lang::say(m, dossier::lang::Lang::Zh)).collect();
            panic!("{file}: {failure:?}\n{}", words.join("\n"));
        });
        submitted.dossier
    }

    /// Submits a household from paper; `changed` answers take the place of the paper's.
    pub fn submit(&self, again: Option<DossierId>, file: &str, day: &str, changed: &[(&str, &str)]) -> DossierId {
        self.submit_as(again, file, day, changed, |_, _| {})
    }

    /// The household surveyed again from paper, with something else done before it is submitted.
    pub fn submit_again(&self, of: DossierId, file: &str, day: &str, also: impl FnOnce(&mut Surveying, &Office)) {
        self.submit_as(Some(of), file, day, &[("visit/survey_type", "2")], also);
    }

    fn submit_as(
        &self,
        again: Option<DossierId>,
        file: &str,
        day: &str,
        changed: &[(&str, &str)],
        also: impl FnOnce(&mut Surveying, &Office),
    ) -> DossierId {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households").join(file);
        let steps = run::steps(&std::fs::read_to_string(path).expect("paper")).expect("steps");
        let form = self.office.library().hardship().expect("form").clone();
        let begin = Begin { dossier: again, form, corrects: None, updates: false, on_disk: false };
        let mut surveying = self.office.begin(begin, now(day)).expect("begun");
        for mut step in steps {
            if let Step::Set { path, value } = &mut step {
                if matches!(path.name(), "survey_date" | "applicant_sign_date") {
                    *value = day.to_owned();
                }
                if let Some((_, other)) = changed.iter().find(|(place, _)| *place == path.as_str()) {
                    *value = (*other).to_owned();
                }
            }
            // Carried rows are there already.
            if again.is_some() && matches!(step, Step::Add { .. }) {
                continue;
            }
            surveying.answer(&self.office, &step).expect("kept");
        }
        if again.is_some() {
            // What only a re-survey asks.
            for (path, value) in [("life/has_change", "2"), ("life/trend", "2"), ("life/cause_gone", "2")] {
                let step = Step::Set { path: dossier::domain::Path::new(path), value: value.into() };
                surveying.answer(&self.office, &step).expect("kept");
            }
            for at in surveying.draft.row_places() {
                let path = surveying.draft.path(at);
                surveying.answer(&self.office, &Step::Confirm { path }).expect("kept");
            }
        }
        also(&mut surveying, &self.office);
        let submitted = self.office.submit(&mut surveying, now(day), false).unwrap_or_else(|failure| {
            let words: Vec<_> =
                failure.details().iter().map(|m| dossier::lang::say(m, dossier::lang::Lang::Zh)).collect();
            panic!("{file}: {failure:?}\n{}", words.join("\n"));
        });
        submitted.dossier
    }

    /// A round over all households, to the end of next year.
    pub fn open_round(&self) {
        let day = |text: &str| now(text).today;
        let (from, to) = (day(TODAY), day(TODAY).plus_months(12));
        let new =
            dossier::command::round::NewRound { name: "年度复查".into(), from, to, units: Vec::new(), all: true };
        self.office.open_round(&new, now(TODAY)).expect("a round");
    }

    pub fn discard_drafts(&self) {
        for line in self.office.drafts(now(TODAY)).expect("drafts").0 {
            self.office.discard_draft(line.draft, now(TODAY)).expect("discarded");
        }
    }

    pub fn session(&self) -> Arc<Session> {
        self.session_on(TODAY)
    }

    pub fn session_on(&self, day: &'static str) -> Arc<Session> {
        let clock = Box::new(move || now(day));
        Session::new(self.office.clone(), clock, Unlocked::KeyFile).expect("a session")
    }
}
