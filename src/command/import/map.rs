//! Which column of a roll fills which question: guessed by the headings, kept as TOML, and taken from such a file.

use super::Failure;
use super::headings::{HOUSEHOLD, Headings, OfMember, REMARK, SKIP, TARGETS, Understood, plain};
use super::refused::ImportRefused;
use super::sheet::RollSheet;
use crate::domain::{Message, questions};
use crate::form::Form;
use crate::form::model::{Control, ValueType};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What a line of the roll is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollLayout {
    /// A household; lines that go on with it hold more members.
    #[default]
    Household,
    /// A person.
    Person,
}

/// The map of a roll, as its file has it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportMap {
    pub layout: RollLayout,
    #[serde(default, rename = "column")]
    pub columns: Vec<MappedColumn>,
}

/// One column of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    pub heading: String,
    /// Which of the columns of that heading, from 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u32,
    /// A question, or one of the words of [`TARGETS`].
    pub to: String,
    /// About which member: columns of one word are about one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The relation that the heading itself tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// A son or a daughter, as the sex says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub child: bool,
    /// Money in units of ten thousand yuan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ten_thousand: bool,
}

fn first() -> u32 {
    1
}

fn is_first(nth: &u32) -> bool {
    *nth == 1
}

/// How a column is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnUse {
    pub column: usize,
    pub mapped: MappedColumn,
}

/// A map laid over a sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LaidMap {
    pub layout: RollLayout,
    pub uses: Vec<ColumnUse>,
    /// Columns with a heading that fill nothing, and why where there is a why.
    pub unused: Vec<(usize, Option<Message>)>,
}

impl ImportMap {
    /// Errors: what is wrong with the file, with its line.
    pub fn from_toml(file: &str, text: &str) -> Result<ImportMap, Failure> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let why = error.message().lines().next().unwrap_or_default().to_owned();
            ImportRefused::NotAMap { file: file.to_owned(), line, why }.into()
        })
    }

    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// The map over the columns of a sheet.
    ///
    /// Errors: a column that the sheet has not; a question that the form has not; two columns for one thing.
    pub fn lay(&self, sheet: &RollSheet, form: &Form) -> Result<LaidMap, Failure> {
        let mut uses: Vec<ColumnUse> = Vec::new();
        for mapped in &self.columns {
            let wanted = plain(&mapped.heading);
            let mut same = sheet.headings.iter().enumerate().filter(|(_, heading)| plain(heading) == wanted);
            let nth = usize::try_from(mapped.nth).unwrap_or(usize::MAX).saturating_sub(1);
            let missing = || ImportRefused::NoColumn { heading: mapped.heading.clone(), nth: mapped.nth };
            let (column, _) = same.nth(nth).ok_or_else(missing)?;
            if !is_target(form, &mapped.to) {
                let (heading, to) = (mapped.heading.clone(), mapped.to.clone());
                return Err(ImportRefused::NoQuestion { heading, to }.into());
            }
            let several = [REMARK, SKIP].contains(&mapped.to.as_str());
            let twice = |other: &&ColumnUse| {
                other.column == column
                    || !several && other.mapped.to == mapped.to && other.mapped.member == mapped.member
            };
            if let Some(other) = uses.iter().find(twice) {
                let heading = mapped.heading.clone();
                return Err(ImportRefused::Twice { heading, other: other.mapped.heading.clone() }.into());
            }
            uses.push(ColumnUse { column, mapped: mapped.clone() });
        }
        uses.sort_by_key(|used| used.column);
        let used: HashSet<usize> = uses.iter().map(|used| used.column).collect();
        let named = sheet.headings.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty());
        let unused = named.filter(|(column, _)| !used.contains(column)).map(|(column, _)| (column, None)).collect();
        Ok(LaidMap { layout: self.layout, uses, unused })
    }

    /// The map that the headings of a sheet speak for.
    pub fn guess(sheet: &RollSheet, form: &Form) -> ImportMap {
        let known = Headings::built_in();
        let found: Vec<Option<Understood>> = sheet.headings.iter().map(|h| known.understand(h)).collect();
        let named_members = found
            .iter()
            .flatten()
            .any(|found| found.to == questions::M_NAME || found.to == questions::NAME && found.member.is_some())
            || found.iter().flatten().filter(|found| found.to == questions::NAME).count() > 1;
        let relation = found.iter().flatten().any(|found| found.to == questions::M_RELATION && found.member.is_none());
        let by_household = found.iter().position(|found| found.as_ref().is_some_and(|found| found.to == HOUSEHOLD));
        let repeated = by_household.is_some_and(|column| {
            let mut seen = HashSet::new();
            let mut keys = sheet.lines.iter().map(|line| line.get(column)).filter(|key| !key.is_empty());
            keys.any(|key| !seen.insert(key))
        });
        let person = !named_members && (relation || repeated);
        let layout = if person { RollLayout::Person } else { RollLayout::Household };
        let mut guess = Guess { columns: Vec::new(), groups: 0, in_group: false };
        for (column, found) in found.into_iter().enumerate() {
            let heading = &sheet.headings[column];
            let nth = sheet.headings[..column].iter().filter(|other| plain(other) == plain(heading)).count() as u32 + 1;
            if let Some(found) = found {
                guess.take(heading, nth, found, layout);
            } else {
                guess.in_group = false;
            }
        }
        for column in &mut guess.columns {
            let heading: String = column.heading.chars().filter(|c| !c.is_whitespace()).collect();
            let money = form.by_name.get(&column.to).and_then(|nodes| form.question(*nodes.first()?));
            column.ten_thousand = money.is_some_and(|question| question.value == ValueType::Money)
                && (heading.contains("万元") || (sheet.ten_thousand && !heading.contains('元')));
        }
        ImportMap { layout, columns: guess.columns }
    }
}

/// Whether something can be filled: a word of [`TARGETS`], or a question that is asked.
fn is_target(form: &Form, to: &str) -> bool {
    let node = form.by_name.get(to).and_then(|nodes| nodes.first());
    let asked = node.and_then(|node| form.question(*node)).is_some_and(|question| {
        question.supplied.is_none() && !matches!(question.control, Control::Hidden | Control::Note | Control::Upload)
    });
    asked || TARGETS.contains(&to)
}

/// A map being guessed, column by column from the left.
struct Guess {
    columns: Vec<MappedColumn>,
    /// Groups of columns about members, so far.
    groups: u32,
    /// The column before was about a member of the last group.
    in_group: bool,
}

impl Guess {
    fn has(&self, to: &str, member: Option<&str>) -> bool {
        self.columns.iter().any(|column| column.to == to && column.member.as_deref() == member)
    }

    fn take(&mut self, heading: &str, nth: u32, found: Understood, layout: RollLayout) {
        let Understood { to, of_members, worker, member } = found;
        let column = |to: String, of: OfMember| MappedColumn {
            heading: heading.to_owned(),
            nth,
            to,
            member: (!of.label.is_empty()).then_some(of.label),
            relation: of.relation,
            child: of.child,
            ten_thousand: false,
        };
        let worker_column = |to: String| column(to, OfMember::default());
        if layout == RollLayout::Person {
            if !self.has(&to, None) || [REMARK, SKIP].contains(&to.as_str()) {
                self.columns.push(worker_column(to));
            }
            return;
        }
        let of_roster = |to: &str| to.starts_with("m_");
        // Of a member that the heading itself names.
        if let Some(mut of) = member {
            let to = if of_roster(&to) { to } else { of_members.unwrap_or(to) };
            if of.label.is_empty() {
                if to == questions::M_NAME || self.groups == 0 {
                    self.groups += 1;
                }
                of.label = self.groups.to_string();
            }
            self.in_group = true;
            if !self.has(&to, Some(&of.label)) {
                self.columns.push(column(to, of));
            }
            return;
        }
        let again = to == questions::NAME && self.has(questions::NAME, None);
        let begins = to == questions::M_NAME || again;
        let goes_on = !worker
            && self.groups > 0
            && (of_roster(&to)
                || of_members.is_some() && (self.has(&to, None) || (self.in_group && to != questions::WORK_UNIT)));
        if begins || goes_on || of_roster(&to) {
            let to = if of_roster(&to) { to } else { of_members.unwrap_or(to) };
            let label = self.groups.to_string();
            if begins || self.groups == 0 || self.has(&to, Some(&label)) {
                self.groups += 1;
            }
            self.in_group = true;
            self.columns.push(column(to, OfMember { label: self.groups.to_string(), ..OfMember::default() }));
            return;
        }
        self.in_group = false;
        if !self.has(&to, None) || [REMARK, SKIP].contains(&to.as_str()) {
            self.columns.push(worker_column(to));
        }
    }
}
