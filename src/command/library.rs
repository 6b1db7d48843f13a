//! What the program brings along: forms, code lists, rule sets, read once from the embedded files.

use super::Failure;
use crate::data;
use crate::domain::calendar::CalendarYear;
use crate::domain::code::CodeList;
use crate::domain::{Day, Explain, Message, UnitTree};
use crate::form::draft::SuppliedLists;
use crate::form::model::Supplied;
use crate::form::{self, Book, Form};
use crate::rules::{self, RuleSets};
use crate::views::UnitRow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The form id of the built-in hardship survey.
pub const HARDSHIP: &str = "hardship";

/// The lists of a day, with the units they were made of.
type OfDay = (Day, Vec<UnitRow>, Arc<SuppliedLists>);

pub struct Library {
    codes: BTreeMap<String, CodeList>,
    forms: Vec<Arc<Form>>,
    rule_sets: RuleSets,
    aid_rules: Vec<rules::aid::AidRules>,
    calendar_years: Vec<CalendarYear>,
    units: UnitTree,
    lists: Mutex<Vec<OfDay>>,
    /// What is wrong with the files; empty in a program that passed its tests.
    pub problems: Vec<Message>,
}

impl Library {
    /// Reads everything that is embedded.
    pub fn built_in() -> Library {
        let mut problems = Vec::new();
        let mut codes = BTreeMap::new();
        for (name, text) in data::folder("codes") {
            let name = name.trim_end_matches(".csv");
            let (list, wrong) = CodeList::parse(name, text);
            problems.extend(wrong.iter().map(Explain::explain));
            codes.insert(name.to_owned(), list);
        }
        let (rule_sets, wrong) = rules::load(data::folder("rules"));
        problems.extend(wrong.iter().map(Explain::explain));
        let mut aid_rules = Vec::new();
        for (name, text) in data::folder("aid") {
            match rules::aid::read(text) {
                Ok(rules) => aid_rules.push(rules),
                Err(key) => problems.push(Message::new("aid.rules.file").with("file", name).with("key", key)),
            }
        }
        let mut calendar_years = Vec::new();
        for (name, text) in data::folder("calendar") {
            match rules::calendar::read(text) {
                Ok(year) => calendar_years.push(year),
                Err(key) => problems.push(Message::new("calendar.file").with("file", name).with("key", key)),
            }
        }
        let (units, wrong) = UnitTree::parse(data::file("units/jinhe.csv").unwrap_or_default());
        problems.extend(wrong.iter().map(Explain::explain));
        let lists = Mutex::default();
        let forms = Vec::new();
        let mut library = Library { codes, forms, rule_sets, aid_rules, calendar_years, units, lists, problems };
        let files = data::folder("forms/hardship").map(|(name, text)| (name, text.as_bytes()));
        match Book::from_csv(files).map_err(Failure::from).and_then(|book| library.read_form(&book)) {
            Ok((form, warnings)) => {
                library.problems.extend(warnings);
                library.forms.push(Arc::new(form));
            }
            Err(failure) => {
                library.problems.push(failure.explain());
                library.problems.extend(failure.details());
            }
        }
        library
    }

    /// A form from a workbook or a csv folder, with every problem if it is none.
    pub fn form_from(&self, path: &Path) -> Result<Arc<Form>, Failure> {
        self.form_of_book(&Book::from_path_in(path, None)?)
    }

    /// The form of a book that was read.
    pub fn form_of_book(&self, book: &Book) -> Result<Arc<Form>, Failure> {
        Ok(Arc::new(self.read_form(book)?.0))
    }

    pub(super) fn read_form(&self, book: &Book) -> Result<(Form, Vec<Message>), Failure> {
        let loaded = self.check_form(book)?;
        if loaded.usable() {
            Ok((loaded.form, loaded.problems.iter().map(Explain::explain).collect()))
        } else {
            Err(Failure::Form(loaded.problems))
        }
    }

    /// The form and everything that is wrong with it.
    pub fn check_form(&self, book: &Book) -> Result<form::Loaded, Failure> {
        let whole = self.codes.iter().map(|(name, list)| (name.clone(), choices(list, None))).collect();
        Ok(form::load(book, &whole)?)
    }

    /// A form by id: the program's own only ([`super::Office::form`] knows those of the store).
    pub fn form(&self, id: &str) -> Option<&Arc<Form>> {
        self.forms.iter().find(|f| f.id == id)
    }

    pub fn hardship(&self) -> Result<&Arc<Form>, Failure> {
        self.form(HARDSHIP).ok_or_else(|| Failure::NoSuchForm { asked: HARDSHIP.into() })
    }

    /// The rules of aid that the program brings.
    pub fn aid_rules(&self) -> &[rules::aid::AidRules] {
        &self.aid_rules
    }

    /// The text of such rules, by their id.
    pub fn aid_text(id: &str) -> Option<String> {
        let is_it = |text: &&str| rules::aid::read(text).is_ok_and(|rules| rules.id == id);
        data::folder("aid").map(|(_, text)| text).find(is_it).map(str::to_owned)
    }

    /// The years whose holidays the program knows.
    pub fn calendar_years(&self) -> &[CalendarYear] {
        &self.calendar_years
    }

    /// The text of such a year, by its number.
    pub fn calendar_text(year: &str) -> Option<String> {
        let named = |(name, _): &(&str, &str)| name.strip_suffix(".toml") == Some(year);
        data::folder("calendar").find(named).map(|(_, text)| text.to_owned())
    }

    pub fn codes(&self, list: &str) -> Option<&CodeList> {
        self.codes.get(list)
    }

    /// The same, with another tree for a store that begins.
    ///
    /// Errors: every problem of the file, each with its line.
    pub fn with_units(mut self, text: &str) -> Result<Library, Failure> {
        self.units = read_units(text)?;
        Ok(self)
    }

    /// The sample tree: what a store without units begins with.
    pub fn units(&self) -> &UnitTree {
        &self.units
    }

    /// Those that the program brings: samples, until a bureau adopts them ([`super::Office::rules`]).
    pub fn rule_sets(&self) -> &RuleSets {
        &self.rule_sets
    }

    /// The text of such a set, whole.
    pub fn rules_text(&self, id: &str) -> Option<String> {
        let set = self.rule_sets.get(id)?;
        let text = data::folder("rules").find(|(name, _)| *name == set.file).map(|(_, text)| text)?;
        Some(super::adopting::whole_text(set, text))
    }

    /// Every list as it is on `day`, and the units that stand on it: what a draft is handed. The same again for the same
    /// day and units.
    pub fn lists_on(&self, day: Day, units: &[UnitRow]) -> Arc<SuppliedLists> {
        let mut known = self.lists.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((.., lists)) = known.iter().find(|(of, rows, _)| *of == day && rows == units) {
            return lists.clone();
        }
        let mut lists: HashMap<String, Vec<Supplied>> =
            self.codes.iter().map(|(name, list)| (name.clone(), choices(list, Some(day)))).collect();
        let standing = units.iter().filter(|u| u.stands_on(day)).map(unit_choice).collect();
        lists.insert("units".into(), standing);
        let lists: Arc<SuppliedLists> = Arc::new(lists.into());
        if known.len() >= DAYS_KNOWN {
            known.remove(0);
        }
        known.push((day, units.to_vec(), lists.clone()));
        lists
    }
}

/// Drafts are begun today and were begun lately.
const DAYS_KNOWN: usize = 8;

/// A whole tree, or everything that is wrong with it.
pub fn read_units(text: &str) -> Result<UnitTree, Failure> {
    let (tree, wrong) = UnitTree::parse(text);
    if wrong.is_empty() { Ok(tree) } else { Err(Failure::Units(wrong.iter().map(Explain::explain).collect())) }
}

fn choices(list: &CodeList, on: Option<Day>) -> Vec<Supplied> {
    list.all().filter(|code| on.is_none_or(|day| code.holds_on(day))).map(Supplied::from).collect()
}

fn unit_choice(unit: &UnitRow) -> Supplied {
    let labels = vec![("zh".to_owned(), unit.zh.clone()), ("en".to_owned(), unit.en.clone())];
    Supplied { name: unit.code.clone(), labels, columns: Vec::new() }
}
