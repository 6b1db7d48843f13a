//! What a form asks for and does not get here: appearances, parameters, columns, types and settings without effect in a
//! terminal, or without effect on a question of that type. Each kind is told once, at its first place.

use super::*;
use crate::form::xlsform::workbook::OWN_SHEETS;
use std::collections::HashSet;

/// Words of `appearance` that do something here, and on what.
fn serves(appearance: &str, row_type: Option<&RowType>) -> bool {
    let value = match row_type {
        Some(RowType::Plain { control: Control::Input, value, .. }) => Some(*value),
        _ => None,
    };
    match appearance {
        "multiline" => value == Some(ValueType::Text),
        // Every key is on a keyboard, and a date is typed: what these take away is not there.
        "numbers" => value.is_some(),
        // Of a moment day and time are asked whatever it says.
        "month-year" | "year" => value == Some(ValueType::Date),
        "no-calendar" => matches!(value, Some(ValueType::Date | ValueType::DateTime)),
        // A group stands on one screen where it fits, whether it says so or not.
        "field-list" => matches!(row_type, Some(RowType::BeginGroup | RowType::BeginRepeat)),
        _ => false,
    }
}

/// Keys of `parameters` that do something on a row of that type.
fn parameters_of(row_type: Option<&RowType>) -> &'static [&'static str] {
    match row_type {
        Some(RowType::Choice { from_file: true, .. }) => &["randomize", "seed", "value", "label"],
        Some(RowType::Choice { .. }) => &["randomize", "seed"],
        Some(RowType::Plain { control: Control::Range, .. }) => &["start", "end", "step"],
        _ => &[],
    }
}

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

/// Types that a terminal cannot serve: what is typed is kept, or nothing.
const TYPES: &[&str] = &[
    "image",
    "photo",
    "picture",
    "audio",
    "video",
    "file",
    "osm",
    "barcode",
    "geopoint",
    "gps",
    "location",
    "geotrace",
    "geoshape",
    "audit",
    "background-audio",
    "background-geopoint",
    "start-geopoint",
    "text audit",
    "audio audit",
    "speed violations list",
    "speed violations count",
    "speed violations audit",
    "sensor statistic",
    "sensor stream",
    "simserial",
    "subscriberid",
    "caseid",
    "uri:deviceid",
    "uri:username",
    "uri:email",
    "uri:phonenumber",
    "uri:simserial",
    "uri:subscriberid",
];

#[derive(Default)]
pub(super) struct Reported(HashSet<(&'static str, String)>);

impl Reported {
    fn first(&mut self, kind: &'static str, word: &str) -> bool {
        self.0.insert((kind, word.to_owned()))
    }
}

/// `key=value` pairs of the column `parameters`, and the words that are none. Blanks, commas and semicolons part them,
/// and blanks may stand around the sign.
pub(super) fn pairs(cell: &str) -> (Vec<(&str, &str)>, Vec<&str>) {
    let is_gap = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    let (mut pairs, mut words) = (Vec::new(), Vec::new());
    let mut rest = cell.trim_start_matches(is_gap);
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.find(|c| is_gap(c) || c == '=').unwrap_or(rest.len()));
        let value = behind.trim_start().strip_prefix('=').map(str::trim_start);
        rest = match value {
            Some(value) => {
                let (value, behind) = value.split_at(value.find(is_gap).unwrap_or(value.len()));
                pairs.push((word, value));
                behind
            }
            None => {
                words.push(word);
                behind
            }
        };
        rest = rest.trim_start_matches(is_gap);
    }
    (pairs, words)
}

impl<'a> Builder<'a> {
    pub(super) fn unmet(&mut self, place: CellAddress, key: &'static str, word: &str) {
        if self.reported.first(key, word) {
            self.problems.push(FormProblem::warning(place, Message::new(key).with("name", word)));
        }
    }

    /// Of one row that makes a node, or would.
    pub(super) fn unmet_in_row(&mut self, row: &'a WorksheetRow, row_type: Option<&RowType>) {
        let appearance = self.cell(row, SheetColumn::Appearance);
        if !appearance.is_empty() {
            let place = self.place(row, SheetColumn::Appearance);
            let searches = matches!(row_type, Some(RowType::Choice { .. }));
            let rest = match search::parted(appearance) {
                Some((rest, _)) => {
                    if !searches {
                        self.unmet(place.clone(), "form.unmet_appearance", "search()");
                    }
                    rest
                }
                None => appearance.to_owned(),
            };
            for word in rest.split_whitespace() {
                let word = word.to_lowercase();
                if !serves(&word, row_type) {
                    self.unmet(place.clone(), "form.unmet_appearance", &word);
                }
            }
        }
        self.unmet_parameters(row, row_type);
        let written = self.cell(row, SheetColumn::Type).to_lowercase();
        let spaced = written.split([' ', '_']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        let is = |kind: &&&str| match **kind {
            "osm" | "sensor statistic" | "sensor stream" => spaced.starts_with(**kind),
            kind => spaced == kind || spaced.strip_suffix(" prompt") == Some(kind),
        };
        let known = TYPES.iter().find(is).copied();
        if let Some(kind) = known.or(spaced.starts_with("db:").then_some(spaced.as_str())) {
            let place = self.place(row, SheetColumn::Type);
            self.unmet(place, "form.unmet_type", kind);
        }
    }

    fn unmet_parameters(&mut self, row: &'a WorksheetRow, row_type: Option<&RowType>) {
        let (pairs, words) = pairs(self.cell(row, SheetColumn::Parameters));
        let place = self.place(row, SheetColumn::Parameters);
        for word in words {
            self.unmet(place.clone(), "form.parameter_shape", word);
        }
        let is = |wanted: &str| pairs.iter().any(|(key, _)| key.eq_ignore_ascii_case(wanted));
        for (key, value) in &pairs {
            let key = key.to_lowercase();
            if !parameters_of(row_type).contains(&key.as_str()) || (key == "seed" && !is("randomize")) {
                self.unmet(place.clone(), "form.unmet_parameter", &key);
                continue;
            }
            let number = || value.parse::<f64>().ok().filter(|n| n.is_finite());
            let fits = match key.as_str() {
                "randomize" => truth_word(value).is_some(),
                "step" => number().is_some_and(|n| n != 0.0),
                "start" | "end" => number().is_some(),
                _ => !value.is_empty(),
            };
            if !fits {
                let what = Message::new("form.parameter_value").with("name", key).with("value", *value);
                self.problems.push(FormProblem::warning(place.clone(), what));
            }
        }
    }

    /// Columns that the reader has no meaning for and that hold something, sheets and settings that do nothing.
    pub(super) fn unmet_in_book(&mut self) {
        let survey = self.survey;
        for i in 0..self.headers.len() {
            let header = &self.headers[i];
            let written = header.written.clone();
            let simple = written.to_lowercase().replace(' ', "");
            // A word for a metadata question is read where its type is.
            let own = simple.starts_with("dossier::") || simple == "bind::jr:preload";
            let filled = || survey.rows.iter().find(|row| !row.get(i).is_empty());
            if header.column.is_some() || written.is_empty() || own || filled().is_none() {
                continue;
            }
            let place = CellAddress::new(&survey.name, 1, &written);
            if !self.problems.iter().any(|p| p.place == place) {
                self.unmet(place, "form.column_unknown", &written);
            }
        }
        self.media_of_choices();
        for name in ["entities", "osm"] {
            if self.book.sheet(name).is_some_and(|sheet| !sheet.rows.is_empty()) {
                self.unmet(CellAddress::new(name, 1, "A"), "form.unmet_sheet", name);
            }
        }
        self.sheets_by_name();
    }

    /// Pictures and sounds of choices.
    fn media_of_choices(&mut self) {
        let Some(sheet) = self.book.sheet("choices") else { return };
        for (i, written) in sheet.header.iter().enumerate() {
            let simple = columns::narrowed(written).to_lowercase().replace(' ', "");
            let kind = simple.strip_prefix("media:").map_or(simple.as_str(), |rest| rest.trim_start_matches(':'));
            let kind = kind.split(':').next().unwrap_or_default();
            let media = matches!(kind, "image" | "audio" | "video" | "big-image");
            if media && sheet.rows.iter().any(|row| !row.get(i).is_empty()) {
                self.unmet(CellAddress::new(&sheet.name, 1, written), "form.column_unknown", written);
            }
        }
    }

    /// A sheet that is nearly called like one of a form, where that one is missing; two of one name.
    fn sheets_by_name(&mut self) {
        let names = || self.book.sheets.iter().chain(&self.book.tables).map(|sheet| sheet.name.trim());
        let is_own = |name: &str| OWN_SHEETS.iter().any(|own| name.eq_ignore_ascii_case(own));
        let mut found = Vec::new();
        for own in ["choices", "settings", "external_choices"].iter().filter(|own| self.book.sheet(own).is_none()) {
            let near = nearest(own, names().filter(|name| !is_own(name) && !self.lists.is_used(name)));
            found.extend(near.map(|near| {
                let what = Message::new("form.sheet_unknown").with("name", near.clone());
                FormProblem::warning(CellAddress::new(&near, 1, "A"), what).near(Some((*own).to_owned()))
            }));
        }
        let mut seen = HashSet::new();
        for name in names().filter(|name| !seen.insert(name.to_lowercase())) {
            let what = Message::new("form.sheet_twice").with("name", name);
            let problem = FormProblem::warning(CellAddress::new(name, 1, "A"), what);
            // Of three that is told once, too.
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
        for table in self.book.tables.iter().filter(|table| self.lists.is_on_sheet(&table.name)) {
            let what = Message::new("form.table_and_list").with("name", table.name.clone());
            found.push(FormProblem::warning(CellAddress::new(&table.name, 1, "A"), what));
        }
        self.problems.extend(found);
    }

    pub(super) fn unmet_settings(&mut self, settings: &[(String, String)]) {
        for (key, _) in settings {
            if !SETTINGS.contains(&key.as_str()) {
                let near = nearest(key, SETTINGS.iter().copied());
                let what = Message::new("form.unmet_setting").with("name", key.clone());
                self.problems.push(FormProblem::warning(CellAddress::new("settings", 1, key), what).near(near));
            }
        }
        // Only the first row of settings counts.
        if let Some(second) = self.book.sheet("settings").and_then(|sheet| sheet.rows.get(1)) {
            let what = Message::new("form.settings_rows");
            self.problems.push(FormProblem::warning(CellAddress::new("settings", second.number, "A"), what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn parameters_are_pairs_however_they_are_parted() {
        for (cell, expected, words) in [
            ("randomize = true, seed=${a}", vec![("randomize", "true"), ("seed", "${a}")], vec![]),
            ("start=1;end=5 step= 2", vec![("start", "1"), ("end", "5"), ("step", "2")], vec![]),
            ("randomize", vec![], vec!["randomize"]),
            (" , a  b=", vec![("b", "")], vec!["a"]),
            ("", vec![], vec![]),
        ] {
            assert_eq!(pairs(cell), (expected, words), "{cell}");
        }
    }
}
