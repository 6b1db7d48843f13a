//! What a form asks for and does not get here: appearances, parameters, columns, types and settings without effect in a
//! terminal. Each kind is told once, at its first place.

use super::*;
use std::collections::HashSet;

/// Words of `appearance` that do something here.
const APPEARANCES: &[&str] = &["multiline", "month-year", "year", "no-calendar", "numbers", "field-list"];

/// Keys of `parameters` that do something here.
const PARAMETERS: &[&str] = &["randomize", "seed", "value", "label", "start", "end", "step"];

const SETTINGS: &[&str] = &[
    "form_id",
    "id_string",
    "form_title",
    "title",
    "version",
    "default_language",
    "instance_name",
    "name",
    "flat",
    "allow_choice_duplicates",
];

/// Types that a terminal cannot serve; a file's name is typed for the first four.
const TYPES: &[&str] = &[
    "image",
    "audio",
    "video",
    "osm",
    "audit",
    "background-audio",
    "background-geopoint",
    "start-geopoint",
    "text audit",
    "audio audit",
    "speed violations list",
    "speed violations count",
    "speed violations audit",
    "simserial",
    "subscriberid",
];

#[derive(Default)]
pub(super) struct Told(HashSet<(&'static str, String)>);

impl Told {
    fn first(&mut self, kind: &'static str, word: &str) -> bool {
        self.0.insert((kind, word.to_owned()))
    }
}

impl<'a> Builder<'a> {
    fn unmet(&mut self, place: Place, key: &'static str, word: &str) {
        if self.told.first(key, word) {
            self.problems.push(FormProblem::warning(place, Message::new(key).with("name", word)));
        }
    }

    /// Of one row that makes a node, or would.
    pub(super) fn unmet_in_row(&mut self, row: &'a Row) {
        let appearance = self.cell(row, Column::Appearance);
        if !appearance.is_empty() {
            let place = self.place(row, Column::Appearance);
            let rest = match search::call(appearance) {
                Some(_) => appearance.split_once("search").map_or("", |(before, _)| before),
                None => appearance,
            };
            for word in rest.split_whitespace() {
                let word = word.to_lowercase();
                if !APPEARANCES.contains(&word.as_str()) {
                    self.unmet(place.clone(), "form.unmet_appearance", &word);
                }
            }
        }
        let parameters = self.cell(row, Column::Parameters);
        if !parameters.is_empty() {
            let place = self.place(row, Column::Parameters);
            for (at, _) in parameters.match_indices('=') {
                let key = parameters[..at].trim_end().rsplit([' ', ',', ';', '\n']).next().unwrap_or_default();
                let key = key.to_lowercase();
                if !PARAMETERS.contains(&key.as_str()) {
                    self.unmet(place.clone(), "form.unmet_parameter", &key);
                }
            }
        }
        let written = self.cell(row, Column::Type).to_lowercase();
        let spaced = written.split([' ', '_']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        if let Some(kind) = TYPES.iter().find(|kind| spaced == **kind || spaced == format!("{kind} prompt")) {
            let place = self.place(row, Column::Type);
            self.unmet(place, "form.unmet_type", kind);
        }
    }

    /// Columns that the reader has no meaning for and that hold something, sheets and settings that do nothing.
    pub(super) fn unmet_in_book(&mut self) {
        let survey = self.survey;
        for i in 0..self.headers.len() {
            let header = &self.headers[i];
            let written = header.written.clone();
            let own = written.to_lowercase().starts_with("dossier::");
            let filled = || survey.rows.iter().find(|row| !row.get(i).is_empty());
            let known = header.column.is_some() && header.column != Some(Column::Guidance);
            if known || written.is_empty() || own || filled().is_none() {
                continue;
            }
            let place = Place::new(&survey.name, 1, &written);
            if !self.problems.iter().any(|p| p.place == place) {
                self.unmet(place, "form.column_unknown", &written);
            }
        }
        for name in ["entities", "osm"] {
            if self.book.sheet(name).is_some_and(|sheet| !sheet.rows.is_empty()) {
                self.unmet(Place::new(name, 1, ""), "form.unmet_sheet", name);
            }
        }
    }

    pub(super) fn unmet_settings(&mut self, settings: &[(String, String)]) {
        for (key, _) in settings {
            if !SETTINGS.contains(&key.as_str()) {
                let near = nearest(key, SETTINGS.iter().copied());
                let what = Message::new("form.unmet_setting").with("name", key.clone());
                self.problems.push(FormProblem::warning(Place::new("settings", 1, key), what).near(near));
            }
        }
    }
}
