//! A row that asks: its type, its list, its checks, and the columns that only this program reads.

use super::*;
use crate::domain::questions;

/// Why a household is in hardship, what struck it, and what points to an illness as well: help that is asked for, who can work
/// and what they do (on sick leave, unable to work), what an accident cost and what came back of it, what changed since.
/// The one place where this is said: whatever shows, compares, counts or takes out asks the question's mask.
const CAUSES: [&str; 39] = [
    questions::APP_FOR,
    questions::LABOUR,
    questions::WORK_STATUS,
    questions::M_PERSON_STATUS,
    questions::M_LABOUR,
    questions::CAUSE_MAIN,
    questions::CAUSE_OTHER,
    questions::CAUSE_NOTE,
    questions::NC_KIND,
    questions::ST_BILL,
    questions::ST_REIMB,
    questions::ST_OTHER,
    questions::ST_SELF,
    questions::ST_PERSON,
    questions::ST_FROM,
    questions::EXP_MED_TOTAL,
    questions::EXP_MED_REIMB,
    questions::EXP_MED_SELF,
    questions::EXP_DISABILITY,
    questions::LOSS_ACCIDENT,
    questions::LOSS_COMPENSATED,
    questions::ACCIDENTAL_FROM,
    questions::ACCIDENTAL_UNTIL,
    questions::EVENT_KIND,
    questions::EVENT_DATE,
    questions::EVENT_PERSON,
    questions::EVENT_RENEWAL_WHY,
    questions::EVENT_MAJOR,
    questions::EVENT_RENEWAL,
    questions::EXP_RIGID,
    questions::PC_NET,
    questions::LOSS_RATIO,
    questions::HELP_WANTED,
    questions::CH_TYPE,
    questions::CH_AMOUNT,
    questions::CH_EVIDENCE,
    questions::CAUSE_GONE,
    questions::SELF_HELP,
    questions::ZERO_EMPLOYMENT,
];

impl<'a> Builder<'a> {
    pub(super) fn question(&mut self, row: &'a WorksheetRow, row_type: RowType) {
        let note = matches!(row_type, RowType::Plain { control: Control::Note, .. });
        let (name, invented) = self.name(row, if note { "note" } else { "question" });
        let mut question = self.parts(row);
        let mut or_other = false;
        match row_type {
            RowType::Plain { control, value, meta } => {
                (question.control, question.value, question.meta) = (control, value, meta);
                if question.meta.is_some() && !self.preloads(row) {
                    question.meta = Some(Meta::None);
                }
                if control == Control::Note && question.calculation.is_some() {
                    question.control = Control::Input;
                }
                if control == Control::Note && question.read_only.is_none() {
                    let place = self.place(row, SheetColumn::Type);
                    question.read_only = Some(Source { text: "true()".to_owned(), place });
                }
                if control == Control::Range {
                    self.range(row, &mut question);
                }
                if question.typed == "calculate" && question.calculation.is_none() && question.default.is_none() {
                    let place = self.place(row, SheetColumn::Calculation);
                    let what = Message::new("form.calculate_without_calculation").with("name", name.clone());
                    self.problems.push(FormProblem::warning(place, what));
                }
            }
            RowType::Choice { control, value, list, from_file, external, or_other: other } => {
                (question.control, question.value) = (control, value);
                question.external = external;
                or_other = other;
                self.choices(row, &mut question, &list, from_file);
                self.names_with_blanks(&question);
                if from_file {
                    self.searches_file(row);
                } else {
                    self.searched(row, &mut question);
                }
                if or_other {
                    self.add_other(&mut question);
                    question.or_other = true;
                }
            }
            _ => {}
        }
        self.own_columns(row, &mut question);
        self.without_label(row, &name, &question);
        self.default_of_type(row, &mut question);
        self.push(row, name.clone(), invented, ElementKind::Question(Box::new(question)));
        if or_other {
            self.other_question(row, &name);
        }
    }

    /// `bind::jr:preload` overrules what a metadata type fills in; words that no engine knows fill in nothing.
    pub(super) fn preloads(&self, row: &'a WorksheetRow) -> bool {
        let column = self.headers.iter().position(|h| h.written.to_lowercase().replace(' ', "") == "bind::jr:preload");
        let word = column.map_or("", |i| row.get(i));
        matches!(word, "" | "uid" | "timestamp" | "date" | "property" | "context" | "patient")
    }

    pub(super) fn parts(&mut self, row: &'a WorksheetRow) -> Question {
        let mut checks = Vec::new();
        if let Some(condition) = self.condition(row, SheetColumn::Constraint) {
            let message = self.text(row, SheetColumn::ConstraintMessage);
            checks.push(Check {
                name: "constraint".to_owned(),
                condition,
                message,
                severity: Severity::Hard,
                moment: Moment::Leave,
            });
        }
        if checks.is_empty() && self.cell(row, SheetColumn::Type).trim().eq_ignore_ascii_case("phone number") {
            checks.push(Check {
                name: "constraint".to_owned(),
                condition: Source { text: "regex(., '^\\d*$')".to_owned(), place: self.place(row, SheetColumn::Type) },
                message: Text::default(),
                severity: Severity::Hard,
                moment: Moment::Leave,
            });
        }
        let mut question = Question {
            control: Control::Input,
            value: ValueType::Text,
            typed: self.cell(row, SheetColumn::Type).to_owned(),
            list: None,
            choice_filter: self.source(row, SheetColumn::ChoiceFilter),
            randomize: self.parameter(row, "randomize").is_some_and(|word| truth_word(word) == Some(true)),
            seed: self
                .parameter(row, "seed")
                .map(|seed| Source { text: seed.to_owned(), place: self.place(row, SheetColumn::Parameters) }),
            calculation: self.condition(row, SheetColumn::Calculation),
            triggers: Vec::new(),
            default: None,
            read_only: self.condition(row, SheetColumn::ReadOnly),
            required: self.condition(row, SheetColumn::Required),
            required_message: self.text(row, SheetColumn::RequiredMessage),
            checks,
            meta: None,
            refusable: false,
            masked: None,
            supplied: None,
            carry: Carry::Fresh,
            shown_after: false,
            range: None,
            bind_type: Some(self.cell(row, SheetColumn::BindType).to_owned()).filter(|t| !t.is_empty()),
            external: false,
            choices_of: None,
            or_other: false,
        };
        if let Some(trigger) = self.source(row, SheetColumn::Trigger) {
            question.triggers = trigger
                .text
                .split(',')
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(|t| Source { text: t.to_owned(), place: trigger.place.clone() })
                .collect();
        }
        if let Some(default) = self.source(row, SheetColumn::Default) {
            question.default = Some(if is_computed(&default.text) {
                DefaultValue::Computed(default)
            } else {
                DefaultValue::Fixed(default.text)
            });
        }
        question
    }

    /// The value of a key in the column `parameters`.
    fn parameter(&self, row: &'a WorksheetRow, key: &str) -> Option<&'a str> {
        let (pairs, _) = unmet::pairs(self.cell(row, SheetColumn::Parameters));
        pairs.into_iter().find(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_empty()).map(|(_, v)| v)
    }

    pub(super) fn choices(&mut self, row: &'a WorksheetRow, question: &mut Question, list: &str, from_file: bool) {
        let place = self.place(row, SheetColumn::Type);
        if list.is_empty() {
            self.error(place, Message::new("form.select_without_list"));
            return;
        }
        if let Some(reference) = list.strip_prefix("${").and_then(|r| r.strip_suffix('}')) {
            question.choices_of = Some(Source { text: reference.to_owned(), place });
            return;
        }
        if from_file {
            let parameter = |key, usual| self.parameter(row, key).unwrap_or(usual);
            let usual = if list.to_lowercase().ends_with(".geojson") { ("id", "title") } else { ("name", "label") };
            let columns = (parameter("value", usual.0), parameter("label", usual.1));
            let named = place.clone();
            let ending = list.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
            if !crate::form::xlsform::tables::ENDINGS.contains(&ending.as_str()) {
                self.problems
                    .push(FormProblem::warning(place.clone(), Message::new("form.table_kind").with("name", list)));
            }
            let (id, sheet) = self.lists.table(list, self.book, columns, &mut self.languages);
            question.list = Some(id);
            match sheet {
                Some(sheet) => self.table_columns(row, list, sheet, columns),
                None => {
                    let stem = list.rsplit_once('.').map_or(list, |(stem, _)| stem);
                    let near = nearest(stem, self.book.tables.iter().map(|table| table.name.as_str()));
                    let what = Message::new("form.table_missing").with("name", list);
                    self.problems.push(FormProblem::warning(named, what).near(near));
                }
            }
            return;
        }
        question.list = self.lists.find(list, &self.languages.names);
        if question.list.is_none() {
            let near = nearest(list, self.lists.names());
            let written = self.cell(row, SheetColumn::Type);
            let start = written.find(list).map_or(0, |b| written[..b].chars().count());
            let problem = self.error(place, Message::new("form.list_unknown").with("name", list));
            *problem = problem.clone().near(near).at(written, start..start + list.chars().count());
        }
    }

    /// Several names are kept with blanks between them, so that a name with a blank in it is read as two.
    fn names_with_blanks(&mut self, question: &Question) {
        let several = matches!(question.value, ValueType::Many | ValueType::Rank);
        let list = question.list.filter(|_| several).and_then(|id| self.lists.lists.get(id.0 as usize));
        let Some(choice) = list.and_then(|list| list.choices.iter().find(|c| c.row > 0 && c.name.contains(' '))) else {
            return;
        };
        let what = Message::new("form.choice_name_blank").with("name", choice.name.clone());
        let problem = FormProblem::warning(CellAddress::new("choices", choice.row, "name"), what);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// A table without the column that its choices are named by has no choices; a row without a name is none.
    fn table_columns(&mut self, row: &'a WorksheetRow, file: &str, sheet: &Worksheet, (value, label): (&str, &str)) {
        if sheet.header.is_empty() {
            // Nothing in it, or not readable: told where that was seen.
            return;
        }
        let column = |name: &str| sheet.header.iter().position(|written| written == name);
        let near = |name: &str| nearest(name, sheet.header.iter().map(String::as_str));
        let spoken = || sheet.header.iter().any(|written| header(written).column == Some(SheetColumn::Label));
        let place = self.place(row, SheetColumn::Type);
        let lacks = |name: &str| Message::new("form.table_column").with("name", name).with("table", file);
        let mut found = Vec::new();
        match column(value) {
            None => found.push(FormProblem::warning(place.clone(), lacks(value)).near(near(value))),
            Some(at) => {
                if let Some(row) = sheet.rows.iter().find(|row| row.get(at).is_empty() && !row.is_empty()) {
                    let what = Message::new("form.choice_without_name").with("list", file);
                    found.push(FormProblem::warning(CellAddress::new(&sheet.name, row.number, value), what));
                }
                found.extend(self.named_twice(file, sheet, at, label));
                // A table that nobody chooses from need not be labelled; in one that has labels an empty one is a slip.
                if let Some(labels) = column(label)
                    && let Some(row) =
                        sheet.rows.iter().find(|row| !row.get(at).is_empty() && row.get(labels).is_empty())
                {
                    let what = Message::new("form.choice_without_label").with("name", row.get(at)).with("list", file);
                    found.push(FormProblem::warning(CellAddress::new(&sheet.name, row.number, label), what));
                }
            }
        }
        if column(label).is_none() && !(label == "label" && spoken()) {
            found.push(FormProblem::warning(place, lacks(label)).near(near(label)));
        }
        for problem in found {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// The first line of a table that differs from another in its label alone, if at all. (Lines of one name and other
    /// columns are told apart by filters.)
    fn named_twice(&self, file: &str, sheet: &Worksheet, at: usize, label: &str) -> Option<FormProblem> {
        let mut seen = std::collections::HashSet::new();
        let key_columns: Vec<usize> = (0..sheet.header.len()).filter(|column| sheet.header[*column] != label).collect();
        let mut lines = sheet.rows.iter().filter(|row| !row.get(at).is_empty());
        let row =
            lines.find(|row| !seen.insert(key_columns.iter().map(|column| row.get(*column)).collect::<Vec<_>>()))?;
        let what = Message::new("form.choice_twice").with("name", row.get(at)).with("list", file);
        Some(FormProblem::warning(CellAddress::new(&sheet.name, row.number, &sheet.header[at]), what))
    }

    /// `or_other`: the list gets the choice `other`, if it has none.
    pub(super) fn add_other(&mut self, question: &mut Question) {
        let Some(list) = question.list.and_then(|id| self.lists.lists.get_mut(id.0 as usize)) else { return };
        if list.get("other").is_none() {
            let mut label = Text::default();
            for language in self.languages.names.clone() {
                self.languages.put(&mut label, &language, "Other");
            }
            let choice = Choice { name: "other".to_owned(), row: 0, label, columns: Vec::new() };
            list.add(choice);
            list.lay_out();
        }
    }

    /// `or_other`: a text question behind the select.
    pub(super) fn other_question(&mut self, row: &'a WorksheetRow, name: &str) {
        let place = self.place(row, SheetColumn::Type);
        let mut question = self.parts(row);
        question.typed = "text".to_owned();
        (question.choice_filter, question.calculation, question.default) = (None, None, None);
        (question.required, question.read_only) = (None, None);
        question.checks.clear();
        question.triggers.clear();
        let id = self.push(row, format!("{name}_other"), false, ElementKind::Question(Box::new(question)));
        let languages = self.languages.names.clone();
        let mut label = Text::default();
        for language in languages {
            self.languages.put(&mut label, &language, "Specify other.");
        }
        let node = &mut self.nodes[id.0 as usize];
        node.label = label;
        (node.hint, node.guidance, node.appearance) = (Text::default(), Text::default(), String::new());
        node.relevant = Some(Source { text: format!("selected(../{name}, 'other')"), place });
    }

    pub(super) fn range(&mut self, row: &'a WorksheetRow, question: &mut Question) {
        let mut bounds = (1.0, 10.0, 1.0);
        let mut whole = true;
        for (key, bound) in [("start", &mut bounds.0), ("end", &mut bounds.1), ("step", &mut bounds.2)] {
            let Some(value) = self.parameter(row, key) else { continue };
            let number = value.parse::<f64>().ok().filter(|n| n.is_finite() && (key != "step" || *n != 0.0));
            let Some(number) = number else { continue };
            whole &= !value.contains('.');
            *bound = number;
        }
        question.range = Some(bounds);
        question.value = if whole { ValueType::Integer } else { ValueType::Decimal };
    }

    pub(super) fn own_columns(&mut self, row: &'a WorksheetRow, question: &mut Question) {
        let own = |builder: &Builder<'a>, column| builder.cell(row, SheetColumn::Own(column));
        match own(self, Own::Type) {
            "" => {}
            "money" => question.value = ValueType::Money,
            "id_number" => question.value = ValueType::IdNumber,
            "bank_card" => question.value = ValueType::BankCard,
            other => {
                let near = nearest(other, ["money", "id_number", "bank_card"]);
                let place = self.place(row, SheetColumn::Own(Own::Type));
                let problem = self.error(place, Message::new("form.own_word_unknown").with("name", other));
                *problem = problem.clone().near(near);
            }
        }
        question.refusable = truth_word(own(self, Own::Refusable)) == Some(true);
        // `yes` with the way beside it, or the way itself.
        let (cell, beside) = (own(self, Own::Masked), own(self, Own::Mask));
        let way = match truth_word(cell) {
            Some(true) => Some((Own::Mask, beside)),
            Some(false) => None,
            None => Some((Own::Masked, cell)).filter(|(_, way)| !way.is_empty()),
        };
        if let Some((column, way)) = way {
            question.masked = Some(Mask::from_code(way).unwrap_or(Mask::All));
            if !way.is_empty() && Mask::from_code(way).is_none() {
                self.own_word(row, column, way, &Mask::ALL.map(Mask::code));
            }
        }
        // Forms of before say nothing of these; what they ask was covered from nobody then.
        if question.masked.is_none() && CAUSES.contains(&self.cell(row, SheetColumn::Name)) {
            question.masked = Some(Mask::Cause);
        }
        question.supplied = Some(own(self, Own::Supplied).to_owned()).filter(|s| !s.is_empty());
        question.shown_after = own(self, Own::Shown) == "after";
        question.carry = self.carry(row);
        let severity = self.severity(row, Own::Severity);
        let moment = self.moment(row, Own::Moment);
        if let Some(check) = question.checks.first_mut() {
            (check.severity, check.moment) = (severity, moment);
        }
        for number in 2..=9 {
            let Some(condition) = self.condition(row, SheetColumn::Own(Own::Check(number))) else { continue };
            question.checks.push(Check {
                name: format!("check{number}"),
                condition,
                message: self.text(row, SheetColumn::Own(Own::CheckMessage(number))),
                severity: self.severity(row, Own::CheckSeverity(number)),
                moment: self.moment(row, Own::CheckMoment(number)),
            });
        }
    }

    pub(super) fn carry(&mut self, row: &'a WorksheetRow) -> Carry {
        match self.cell(row, SheetColumn::Own(Own::Origin)) {
            "" | "ask" => Carry::Fresh,
            "carry" | "carry person" => Carry::Carried,
            other => {
                self.own_word(row, Own::Origin, other, &["ask", "carry", "carry person"]);
                Carry::Fresh
            }
        }
    }

    /// `0-19`: least and most rows.
    pub(super) fn row_bounds(&mut self, row: &'a WorksheetRow) -> Option<(u32, u32)> {
        let written = self.cell(row, SheetColumn::Own(Own::Rows));
        if written.is_empty() {
            return None;
        }
        let bounds = written.split_once('-').and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)));
        if bounds.is_none_or(|(least, most): (u32, u32)| least > most) {
            let place = self.place(row, SheetColumn::Own(Own::Rows));
            self.error(place, Message::new("form.rows_shape").with("text", written));
            return None;
        }
        bounds
    }

    pub(super) fn severity(&mut self, row: &'a WorksheetRow, column: Own) -> Severity {
        match self.cell(row, SheetColumn::Own(column)) {
            "" | "hard" => Severity::Hard,
            "soft" => Severity::Soft,
            other => {
                self.own_word(row, column, other, &["hard", "soft"]);
                Severity::Hard
            }
        }
    }

    pub(super) fn moment(&mut self, row: &'a WorksheetRow, column: Own) -> Moment {
        match self.cell(row, SheetColumn::Own(column)) {
            "" | "leave" => Moment::Leave,
            "finish" => Moment::Finish,
            "approve" | "approval" => Moment::Approve,
            other => {
                self.own_word(row, column, other, &["leave", "finish", "approve"]);
                Moment::Leave
            }
        }
    }

    pub(super) fn own_word(&mut self, row: &'a WorksheetRow, column: Own, word: &str, known: &[&str]) {
        let near = nearest(word, known.iter().copied());
        let place = self.place(row, SheetColumn::Own(column));
        let problem = self.error(place, Message::new("form.own_word_unknown").with("name", word));
        *problem = problem.clone().near(near);
    }
}
