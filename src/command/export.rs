//! Whole surveys for those who study them: the latest of each household, question by question, with what was *not asked*
//! apart from what was *not answered*. Names, numbers and addresses go out covered, always.

use super::library::HARDSHIP;
use super::rights::Duty;
use super::roll::{RollQuery, Taken};
use super::{Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::{Answers, Day, Given, Mask, Now, Path};
use crate::expr::{Clock, NodeId};
use crate::form::model::{Control, ValueType};
use crate::form::{Covers, Form};
use crate::store;
use crate::views::roll::FormColumns;
use crate::views::{self, History, Horizon, bodies};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What stands at a question.
#[derive(Clone, PartialEq, Eq)]
pub enum Exported {
    Value(String),
    /// A code: why there is no value (`refused`, …), `not_answered`, `not_asked`.
    State(&'static str),
}

/// The rows of a roster within one survey, or its one row at the top.
pub struct ExportedRow {
    /// The scope's name: `surveys` at the top, else the roster's.
    pub table: String,
    /// Row numbers from the outermost roster to this one, from 1; none at the top.
    pub rows: Vec<u32>,
    /// In the order of [`ExportedForm::columns`] of that table.
    pub cells: Vec<Exported>,
}

/// One survey of one household.
pub struct ExportedSurvey {
    pub number: String,
    /// The unit's code.
    pub unit: String,
    pub status: String,
    pub category: String,
    pub on: Day,
    pub form_version: String,
    pub rows: Vec<ExportedRow>,
    /// Answers that are older than the survey.
    pub stated: Vec<ExportedStated>,
}

/// The day on which an answer was last asked or confirmed, where that was before its survey.
pub struct ExportedStated {
    pub table: String,
    /// As in [`ExportedRow::rows`].
    pub rows: Vec<u32>,
    /// The question's name.
    pub name: String,
    pub on: Day,
}

/// A table of the export and its questions.
pub struct ExportedTable {
    pub name: String,
    /// The roster around it, by name; none at the top.
    pub parent: Option<String>,
    pub columns: Vec<NodeId>,
}

/// What goes out: the form, its tables, and how many households.
pub struct ExportedForm {
    pub form: Arc<Form>,
    pub tables: Vec<ExportedTable>,
    pub taken: Taken,
    dossiers: Vec<crate::domain::DossierId>,
    asked: RollQuery,
    may_see_codes: bool,
}

/// The name of the table that holds what stands in no roster.
pub const SURVEYS: &str = "surveys";

impl Office {
    #[cfg(test)]
    pub(super) fn may_export(&self, now: Now) -> Result<(), Failure> {
        self.may(Duty::Export, now).map(drop)
    }

    /// Begins an export of the households that a question to the roll finds; it is recorded before anything goes.
    ///
    /// Errors: no right to it; what is asked is not understood; no such form.
    pub fn begin_export(&self, asked: &RollQuery, form: Option<&str>, now: Now) -> Result<ExportedForm, Failure> {
        let _ = self.may(Duty::Export, now)?;
        let form = self.form_now(form.unwrap_or(HARDSHIP))?;
        let found = self.roll(asked, now)?;
        let described = format!("export {} {}", form.id, asked.described());
        let taken = self.record_way_out(Duty::Export, &found.dossiers, "export", &described, now)?;
        let tables = (0..form.scopes.len()).map(|index| {
            let scope = &form.scopes[index];
            let name = |roster: Option<NodeId>| roster.map(|node| form.node(node).name.clone());
            let asked = |node: &NodeId| {
                let question = form.question(*node);
                question.is_some_and(|question| question.control != Control::Note)
            };
            ExportedTable {
                name: name(scope.roster).unwrap_or_else(|| SURVEYS.to_owned()),
                parent: scope.parent.and_then(|parent| name(form.scopes[parent.index()].roster)),
                columns: scope.nodes.iter().copied().filter(asked).collect(),
            }
        });
        let tables = tables.collect();
        let may_see_codes = self.may(Duty::RollCovered, now).is_ok();
        Ok(ExportedForm { tables, taken, dossiers: found.dossiers, asked: asked.clone(), may_see_codes, form })
    }

    /// Hands over each household's latest survey with that form; `see` answers `false` to stop.
    pub fn export(
        &self,
        of: &ExportedForm,
        now: Now,
        mut see: impl FnMut(ExportedSurvey) -> bool,
    ) -> Result<(), Failure> {
        let horizon = Horizon::new(of.asked.as_of, None);
        let clock = Clock { at: now.at, today: now.today, zone_ms: crate::domain::date::ZONE_MS };
        let people = self.people()?;
        let covering = Covering::of(of);
        for dossier in &of.dossiers {
            let Some(history) = views::read::history(&self.bureau.store, &self.bureau.keys, *dossier)? else {
                continue;
            };
            let Some((entry, on, version)) = latest(&history, &of.form.id, horizon) else { continue };
            let record =
                store::frame_of(&self.bureau.store, &entry.0)?.map(|frame| crate::log::Record::decode(&frame.record));
            let Some(Ok(record)) = record else { continue };
            let Some(survey) = bodies::open_survey(&self.bureau.keys, &record, *dossier)? else { continue };
            let mut columns = FormColumns::of_everything(of.form.clone());
            columns.push(Some(&survey.answers));
            let unit = history.unit(horizon);
            let row = people.units.iter().rev().find(|row| Some(row.unit) == unit);
            let exported = ExportedSurvey {
                number: history.numbers(Horizon::NOW).pop().unwrap_or_default(),
                unit: row.map(|row| row.code.clone()).unwrap_or_default(),
                status: history.status(horizon).map_or("", Status::code).to_owned(),
                category: history.category(horizon).and_then(|category| category.code).unwrap_or_default(),
                on,
                form_version: version,
                rows: rows(of, &covering, &columns, &survey.answers, clock),
                stated: stated(of, &covering, &self.stated_before(&history, horizon, entry, &survey.answers)?),
            };
            if !see(exported) {
                break;
            }
        }
        Ok(())
    }
}

fn latest(history: &History, form: &str, horizon: Horizon) -> Option<(crate::domain::EntryId, Day, String)> {
    let versions = history.versions(horizon);
    let version = versions.iter().rev().find(|version| version.survey.form == form)?;
    Some((version.record.entry, version.survey.on, version.survey.form_version.clone()))
}

/// What of a form goes out how.
struct Covering {
    covers: Covers,
    /// By node: what says who somebody is never goes out whole.
    identifying: Vec<bool>,
    /// An illness as a code of a list, without a name beside it, is what is studied; so are its costs and its day.
    may_see_codes: bool,
}

impl Covering {
    fn of(of: &ExportedForm) -> Covering {
        Covering { covers: of.form.covers(), identifying: of.form.identifying(), may_see_codes: of.may_see_codes }
    }

    /// Whether it looks the same whatever was answered, and whether or not anything was asked.
    fn hides(&self, node: NodeId) -> bool {
        !self.may_see_codes && self.covers.mask(node).is_some_and(Mask::is_whole)
    }

    fn covered(&self, form: &Form, node: NodeId, text: &str) -> String {
        let Some(mask) = self.covers.mask(node) else { return text.to_owned() };
        let question = form.question(node);
        let is_code = question.is_some_and(|question| question.list.is_some());
        let is_figure = question.is_some_and(|question| matches!(question.value, ValueType::Money | ValueType::Date));
        let is_studied = match question.and_then(|question| question.masked) {
            Some(Mask::All) => is_code,
            Some(Mask::Cause) => is_code || is_figure,
            Some(_) => false,
            // It only tells of others that are covered.
            None => !self.identifying.get(node.0 as usize).copied().unwrap_or(true),
        };
        match mask {
            _ if self.may_see_codes && is_studied => text.to_owned(),
            mask if mask.is_whole() => mask.cover("any"),
            mask => mask.cover(text),
        }
    }
}

/// What is told of the days of answers: nothing where an answer looks the same whatever it is.
fn stated(of: &ExportedForm, covering: &Covering, days: &BTreeMap<Path, Day>) -> Vec<ExportedStated> {
    let one = |(path, day): (&Path, &Day)| {
        let path = of.form.path_here(path)?;
        let named = of.form.by_name.get(path.name())?.iter().copied();
        let node = named.into_iter().find(|node| of.form.node(*node).path == without_rows(&path))?;
        let table = of.tables.iter().find(|table| table.columns.contains(&node)).filter(|_| !covering.hides(node))?;
        let rows = path.segments().filter_map(|(_, row)| row).collect();
        Some(ExportedStated { table: table.name.clone(), rows, name: path.name().to_owned(), on: *day })
    };
    days.iter().filter_map(one).collect()
}

/// `family/members[2]/m_name` is asked at `family/members/m_name`.
fn without_rows(path: &Path) -> String {
    path.segments().map(|(name, _)| name).collect::<Vec<_>>().join("/")
}

fn rows(
    of: &ExportedForm,
    covering: &Covering,
    columns: &FormColumns,
    answers: &Answers,
    clock: Clock,
) -> Vec<ExportedRow> {
    let form = &of.form;
    let states: HashMap<&str, &'static str> = answers
        .answers
        .iter()
        .filter_map(|answer| match &answer.given {
            Given::State(state) => Some((answer.path.as_str(), state.code())),
            Given::Value(_) => None,
        })
        .collect();
    let world = columns.answered(0, clock);
    let mut out = Vec::new();
    for (index, table) in of.tables.iter().enumerate() {
        if form.scopes.get(index).and_then(|scope| scope.roster).is_some_and(|roster| covering.hides(roster)) {
            continue;
        }
        for place in columns.places(index) {
            let cells = table.columns.iter().map(|node| {
                let text = columns.text_at(*node, &place);
                if !text.is_empty() || covering.hides(*node) {
                    return Exported::Value(covering.covered(form, *node, text));
                }
                let path = form.path_in(*node, &place);
                match states.get(path.as_str()) {
                    Some(state) => Exported::State(state),
                    None if form.is_asked(*node, &world, &place) => Exported::State("not_answered"),
                    None => Exported::State("not_asked"),
                }
            });
            let cells = cells.collect();
            let rows = place.iter().map(|row| row + 1).collect();
            out.push(ExportedRow { table: table.name.clone(), rows, cells });
        }
    }
    out
}
