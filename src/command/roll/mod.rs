//! The roll: filter, count, list, by whoever may, of those who are theirs, as of any day.
//!
//! Rights come before counting. Whoever may not count by what is covered (an illness, a number) is refused where a filter,
//! a group or a condition reads it, and groups of theirs that are small are not told: what a few have in common can be read
//! off who they are.
//! Start reading at [`Office::roll`], then `query.rs` (what is asked), `load.rs` (what is held in memory), `table.rs`.

mod load;
pub mod movement;
mod out;
pub mod query;
mod rows;
mod saved;
pub mod table;

pub(crate) use load::Rolls;
pub use out::Taken;
pub use query::{AXES, FILTERS, FilterKind, FilterValues, RollQuery, SORTS, filter_kind};
pub use rows::RollRow;
pub use saved::SavedRoll;
pub use table::{Group, RollTable};

use super::rights::Duty;
use super::{Failure, Office};
use crate::domain::questions;
use crate::domain::{Arg, Day, DossierId, Explain, Message, Now};
use crate::expr::Clock;
use crate::views::roll::{Attribute, Counted, Counting, Persons, Picked, Roll, RollLine, count};
use load::Needs;
use query::{Understood, Units};
use std::cmp::Ordering;

/// Below this many households a group is not told to whoever may not count by what is covered; the setting
/// `small_group` says otherwise.
pub const SMALL_GROUP: u64 = 5;

/// What came of a question to the roll.
pub struct RollFound {
    pub asked: RollQuery,
    /// The day that ages, school years and the tree of units go by.
    pub day: Day,
    pub total: Counted,
    /// In the order asked for.
    pub dossiers: Vec<DossierId>,
    pub table: Option<RollTable>,
    /// Sums of what illnesses cost are for whoever may count by them.
    pub rigid_is_covered: bool,
    /// So few that they are neither counted nor listed for whoever asks; below how many.
    pub withheld: Option<u64>,
    /// So many households of the bureau cannot be read, whose keys are lost: nothing that goes by answers or persons counts
    /// them.
    pub unread: usize,
}

/// A question to the roll that cannot be answered.
#[derive(Clone, Debug)]
pub enum NotARoll {
    /// No such filter, group or order.
    Unknown {
        key: &'static str,
        asked: String,
        known: String,
    },
    /// A filter's value that is none.
    Value {
        filter: Arg,
        value: String,
        known: String,
        shape: &'static str,
    },
    Condition {
        text: String,
        problems: Vec<Message>,
    },
    /// What it asks about is covered, and whoever acts may not count by it.
    Covered {
        what: String,
    },
    /// Its answers say who somebody is: nobody is counted by them.
    Identifying {
        what: String,
    },
    /// What is covered is not saved under a name.
    CoveredSaved {
        what: String,
    },
    NoSuchSaved {
        asked: String,
        known: String,
    },
    NotAName,
}

impl From<NotARoll> for Failure {
    fn from(why: NotARoll) -> Failure {
        Failure::Roll(why)
    }
}

impl Explain for NotARoll {
    fn explain(&self) -> Message {
        match self {
            NotARoll::Unknown { key, asked, known } => {
                Message::new(key).with("asked", asked.as_str()).with("known", known.as_str())
            }
            NotARoll::Value { filter, value, known, shape } => {
                let key = if *shape == "span" { "command.roll.not_a_span" } else { "command.roll.not_a_code" };
                Message::new(key)
                    .with("filter", filter.clone())
                    .with("value", value.as_str())
                    .with("known", known.as_str())
            }
            NotARoll::Condition { text, .. } => Message::new("command.roll.condition").with("text", text.as_str()),
            NotARoll::Covered { what } => Message::new("command.roll.covered").with("what", what.as_str()),
            NotARoll::Identifying { what } => Message::new("command.roll.identifying").with("what", what.as_str()),
            NotARoll::CoveredSaved { what } => Message::new("command.roll.covered_saved").with("what", what.as_str()),
            NotARoll::NoSuchSaved { asked, known } => {
                Message::new("command.roll.no_such_saved").with("asked", asked.as_str()).with("known", known.as_str())
            }
            NotARoll::NotAName => Message::new("command.roll.not_a_name"),
        }
    }
}

impl NotARoll {
    pub(super) fn details(&self) -> Vec<Message> {
        match self {
            NotARoll::Condition { problems, .. } => problems.clone(),
            _ => Vec::new(),
        }
    }
}

impl Office {
    /// Who is on the roll, of those whom whoever acts may see; counted, and listed in order.
    ///
    /// Errors: no right to it, or to what it asks about; what is asked is not understood, with everything that is wrong.
    pub fn roll(&self, asked: &RollQuery, now: Now) -> Result<RollFound, Failure> {
        let _ = self.may(Duty::Roll, now)?;
        let day = asked.as_of.unwrap_or(now.today);
        let mut understood = self.understand(asked, day)?;
        if let Some(what) = understood.covered.as_ref().or(understood.of_cause.as_ref()) {
            self.may_count_covered(what, now)?;
        }
        understood.tests.reach = self.reach(now)?;
        let held = self.ready_roll(asked.as_of, &self.needs(&mut understood)?)?;
        let roll = &held.roll;
        let form = self.bureau.library.hardship()?;
        let Some(columns) = roll.form(&form.id) else { return Err(Failure::NothingKept) };
        let clock = Clock { at: now.at, today: day, zone_ms: crate::domain::date::ZONE_MS };
        let picked = roll.pick(&understood.tests, columns, day, clock);
        let units = Units { rows: self.people()?.units.clone(), day };
        let axes: Vec<_> = understood.axes.iter().map(|(_, axis)| axis.clone()).collect();
        let unit_on = |unit| units.on(unit);
        let Some(shared) = &held.shared else { return Err(Failure::NothingKept) };
        let cells = count(&Counting {
            roll,
            form: columns,
            picked: &picked,
            tests: &understood.tests.persons,
            axes: &axes,
            shared,
            day,
            unit_on: &unit_on,
        });
        let mut total = cells.get(&(None, None)).copied().unwrap_or_default();
        let mut table = (!axes.is_empty()).then(|| self.table(&understood.axes, cells, &units, form));
        let mut dossiers = in_order(roll, &picked, asked.sort.as_deref(), &units);
        let mut withheld = None;
        let rigid_is_covered = self.may_count_covered("", now).is_err();
        if rigid_is_covered {
            let least = self.small_group(now)?;
            if let Some(table) = &mut table {
                table.hide_small(least);
            }
            // None is as much as a few, of somebody who is picked out by what is open; and all but a few tells of those few.
            let is_small = |all: u64| total.households < least || (1..least).contains(&(all - total.households));
            let all = || roll.pick(&understood.tests.of_dossiers(), columns, day, clock).lines.len() as u64;
            if understood.is_personal && is_small(all().max(total.households)) {
                total = Counted::default();
                dossiers.clear();
                table = None;
                withheld = Some(least);
            } else if understood.is_personal {
                // A list would tell one by one what a count tells of many.
                dossiers.clear();
            }
        }
        let unread = columns.unread();
        Ok(RollFound { asked: asked.clone(), day, total, dossiers, table, rigid_is_covered, withheld, unread })
    }

    pub(super) fn may_count_covered(&self, what: &str, now: Now) -> Result<(), Failure> {
        match self.may(Duty::RollCovered, now) {
            Ok(_) => Ok(()),
            Err(Failure::NeedsRole { .. }) => Err(NotARoll::Covered { what: what.to_owned() }.into()),
            Err(other) => Err(other),
        }
    }

    fn small_group(&self, now: Now) -> Result<u64, Failure> {
        let row = crate::views::settings::setting(&self.bureau.store, &self.bureau.keys, "small_group", now.today)?;
        Ok(row.and_then(|row| row.value.parse().ok()).unwrap_or(SMALL_GROUP))
    }

    fn needs(&self, understood: &mut Understood) -> Result<Needs, Failure> {
        let form = self.bureau.library.hardship()?.clone();
        let blank = crate::views::roll::FormColumns::new(form.clone());
        // What people ask about most is read in one go.
        let (nodes, keys) = Persons::nodes(&blank, Attribute::ALL);
        let mut all = nodes;
        all.append(&mut understood.nodes);
        if let Some(node) = blank.node_named(questions::HELP_WANTED) {
            all.insert(node);
        }
        Ok(Needs { form, nodes: all, keys, other: understood.other.take() })
    }
}

/// By what a household is sorted (its value, and that there is none), then by number, then by id.
type SortKey = ((i64, bool), (u32, u32), DossierId);

/// The picked households in the order asked for: by number where nothing is said.
fn in_order(roll: &Roll, picked: &Picked, sort: Option<&str>, units: &Units) -> Vec<DossierId> {
    let (by, down) = match sort.unwrap_or("number") {
        sort if sort.starts_with('-') => (&sort[1..], true),
        sort => (sort, false),
    };
    let texts = |all: &[String]| -> Vec<u32> {
        let mut places: Vec<usize> = (0..all.len()).collect();
        places.sort_by_key(|at| &all[*at]);
        let mut ranks = vec![0; all.len()];
        places.into_iter().enumerate().for_each(|(rank, at)| ranks[at] = rank as u32);
        ranks
    };
    let series = texts(roll.series.all());
    let rank = |ranks: &[u32], code: u16| ranks.get(usize::from(code)).copied().unwrap_or(u32::MAX);
    let codes = match by {
        "unit" => {
            let code = |unit: &crate::domain::UnitId| units.row(units.on(*unit)).map(|row| row.code.clone());
            texts(&roll.units.all().iter().map(|unit| code(unit).unwrap_or_default()).collect::<Vec<_>>())
        }
        "category" => texts(roll.categories.all()),
        "cause" => texts(roll.causes.all()),
        _ => Vec::new(),
    };
    let key = |line: &RollLine| -> (i64, bool) {
        let day = |day: Day| (i64::from(day.0), day == crate::views::roll::NONE_DAY);
        let fen = |fen: crate::domain::Fen| (fen.0, fen == crate::views::roll::NONE_FEN);
        match by {
            "unit" => (rank(&codes, line.unit).into(), line.unit == u16::MAX),
            "category" => (rank(&codes, line.category).into(), line.category == u16::MAX),
            "cause" => (rank(&codes, line.cause).into(), line.cause == u16::MAX),
            "status" => (line.status.map_or(0, |status| status as i64), false),
            "members" => (line.members.into(), line.members == 0),
            "per-head" => fen(line.per_head),
            "income" => fen(line.income),
            "opened" => day(line.opened),
            "surveyed" => day(line.surveyed),
            "due" => day(line.due),
            _ => (0, false),
        }
    };
    let mut lines: Vec<SortKey> = picked
        .lines
        .iter()
        .filter_map(|at| roll.lines.get(*at as usize))
        .map(|line| (key(line), (rank(&series, line.series), line.serial), line.dossier))
        .collect();
    lines.sort_unstable_by(|((a, a_none), a_number, a_id), ((b, b_none), b_number, b_id)| {
        // What is not known comes last, whichever way one sorts.
        let known = a_none.cmp(b_none);
        let value = if down { b.cmp(a) } else { a.cmp(b) };
        let number = match down && by == "number" {
            true => b_number.cmp(a_number),
            false => a_number.cmp(b_number),
        };
        [known, value, number].into_iter().find(|order| *order != Ordering::Equal).unwrap_or_else(|| a_id.cmp(b_id))
    });
    lines.into_iter().map(|(.., dossier)| dossier).collect()
}
