//! Counting what was picked: by one thing, or two crossed. Households, persons and person-times are three numbers:
//! a household counts once in a cell; so does a person, in however many dossiers they stand; a person-time is each time
//! that somebody stands there (with two skills twice, in two dossiers twice).

use super::persons::{Attribute, Known, PersonTest, Persons};
use super::{CodeColumn, FormColumns, Interner, NONE_DAY, NONE_FEN, Picked, Roll, RollLine};
use crate::domain::{Day, Fen, UnitId, bug};
use crate::expr::NodeId;
use std::collections::{HashMap, HashSet};

/// What to count by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Axis {
    Unit,
    Division,
    Category,
    Status,
    Level,
    /// What the union above says.
    Upper,
    Cause,
    /// How many live together.
    Members,
    /// Per head and month, in bands.
    PerHead(Income),
    /// The year of the first day in the files.
    Opened,
    /// The year of the latest survey.
    Surveyed,
    Person(Attribute),
    /// A question of the form; of several answers each counts.
    Question(NodeId),
}

/// Bands of amounts: where each begins, in fen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Income(pub Vec<Fen>);

impl Default for Income {
    fn default() -> Income {
        Income([0, 30_000, 50_000, 70_000, 100_000, 150_000, 200_000].map(Fen).to_vec())
    }
}

impl Income {
    /// `0`: below the first; n: from the nth band's beginning on.
    pub fn band(&self, amount: Fen) -> usize {
        self.0.partition_point(|from| *from <= amount)
    }
}

/// What stands in a cell.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counted {
    pub households: u64,
    pub persons: u64,
    pub person_times: u64,
    /// Yearly income and rigid spending of the households of which they are known.
    pub income: Fen,
    pub income_unknown: u64,
    pub rigid: Fen,
    pub rigid_unknown: u64,
}

/// A cell of a table that is being counted.
#[derive(Clone, Default, Debug)]
pub struct CountCell {
    pub counted: Counted,
    /// Persons who stand in more than one dossier, seen here.
    seen: HashSet<u64>,
}

/// The whole table. A key is the code or number that a cell stands for; empty: not known, or none. `None`: all of that side,
/// which is less than the sum where somebody stands in two groups.
pub type Keys = (Option<String>, Option<String>);

/// Persons who stand in more than one line.
#[derive(Default)]
pub struct Shared {
    keys: HashSet<u64>,
    lines: Vec<bool>,
}

impl Shared {
    pub fn of(roll: &Roll, form: &FormColumns) -> Shared {
        let persons = Persons::of(form);
        let (workers, members) = persons.keys();
        let mut all: Vec<u64> = workers.iter().chain(members).copied().filter(|key| *key != 0).collect();
        all.sort_unstable();
        let keys: HashSet<u64> = all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        drop(all);
        let mut lines = vec![false; roll.lines.len()];
        if !keys.is_empty() {
            for (at, flag) in lines.iter_mut().enumerate() {
                persons.each(at, |person| *flag |= keys.contains(&persons.key(at, person)));
            }
        }
        Shared { keys, lines }
    }
}

/// What is to be counted, and how.
pub struct Counting<'a> {
    pub roll: &'a Roll,
    pub form: &'a FormColumns,
    pub picked: &'a Picked,
    /// Whom of a household: those of whom all of these hold.
    pub tests: &'a [PersonTest],
    /// At most two.
    pub axes: &'a [Axis],
    pub shared: &'a Shared,
    /// Ages and school years go by it.
    pub day: Day,
    /// The unit that stands for a unit on that day.
    pub unit_on: &'a dyn Fn(UnitId) -> UnitId,
}

/// One person of a household, or the household as a whole.
#[derive(Clone, Copy)]
struct Of<'a> {
    at: usize,
    line: &'a RollLine,
    person: Option<u32>,
    day: Day,
}

/// The counts of what was picked, by one or two axes, with the totals of each side.
pub fn count(counting: &Counting<'_>) -> HashMap<Keys, Counted> {
    let Counting { roll, form, picked, tests, axes, shared, day, unit_on } = *counting;
    let persons = Persons::of(form);
    let ready: Vec<_> = tests.iter().map(|test| persons.ready(test, day)).collect();
    let sides: Vec<Side<'_>> = axes.iter().take(2).map(|axis| Side::new(roll, form, &persons, axis, unit_on)).collect();
    let is_of_persons = sides.iter().any(Side::is_of_person);
    let mut names: [Interner<String>; 2] = Default::default();
    let mut cells: HashMap<(u32, u32), CountCell> = HashMap::new();
    let mut people: Vec<u32> = Vec::new();
    let mut found: Vec<(u32, u32, u32)> = Vec::new();
    let mut touched: Vec<(u32, u32)> = Vec::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for at in picked.lines.iter().map(|at| *at as usize) {
        let Some(line) = roll.lines.get(at) else { bug!("a household that was picked to be in the roll") };
        people.clear();
        let reported = !line.erased && line.survey.is_some();
        if reported {
            persons.each(at, |person| {
                if ready.iter().all(|ready| ready.holds(&persons, at, person)) {
                    people.push(person);
                }
            });
        }
        let has_shared = shared.lines.get(at).copied().unwrap_or(false);
        if !is_of_persons {
            // Each group of the household holds all of its people.
            keys_of(&sides, &mut names, &persons, Of { at, line, person: None, day }, &mut first, &mut second);
            touched.clear();
            pairs(&first, &second, |pair| touched.push(pair));
            // Nobody can be told any more: the ledger still knows how many they were.
            let count = if reported { people.len() as u64 } else { u64::from(line.members) };
            for pair in &touched {
                let cell = cells.entry(*pair).or_default();
                cell.take(line);
                cell.counted.person_times += count;
                match has_shared && reported {
                    false => cell.counted.persons += count,
                    true => people.iter().for_each(|person| cell.see(persons.key(at, *person), shared)),
                }
            }
            continue;
        }
        found.clear();
        for person in &people {
            keys_of(&sides, &mut names, &persons, Of { at, line, person: Some(*person), day }, &mut first, &mut second);
            pairs(&first, &second, |(a, b)| found.push((a, b, *person)));
        }
        if people.is_empty() && tests.is_empty() {
            keys_of(&sides, &mut names, &persons, Of { at, line, person: None, day }, &mut first, &mut second);
            pairs(&first, &second, |pair| cells.entry(pair).or_default().take(line));
            continue;
        }
        found.sort_unstable();
        for incidences in found.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some((a, b, _)) = incidences.first() else { bug!("what is cut at its changes to be no part empty") };
            let cell = cells.entry((*a, *b)).or_default();
            cell.take(line);
            cell.counted.person_times += incidences.len() as u64;
            for same in incidences.chunk_by(|a, b| a.2 == b.2) {
                let person = same.first().map_or(0, |(.., person)| *person);
                cell.see(if has_shared { persons.key(at, person) } else { 0 }, shared);
            }
        }
    }
    let name = |side: usize, code: u32| (code != ALL).then(|| names[side].get(code).cloned().unwrap_or_default());
    cells.into_iter().map(|((a, b), cell)| ((name(0, a), name(1, b)), cell.counted)).collect()
}

/// All of a side.
const ALL: u32 = u32::MAX;

fn keys_of(
    sides: &[Side<'_>],
    names: &mut [Interner<String>; 2],
    persons: &Persons<'_>,
    of: Of<'_>,
    first: &mut Vec<u32>,
    second: &mut Vec<u32>,
) {
    first.clear();
    second.clear();
    for ((side, names), keys) in sides.iter().zip(names).zip([first, second]) {
        side.keys(names, persons, of, keys);
    }
}

/// Every cell that one thing with these keys belongs to: with the totals of each side.
fn pairs(first: &[u32], second: &[u32], mut see: impl FnMut((u32, u32))) {
    see((ALL, ALL));
    first.iter().for_each(|a| see((*a, ALL)));
    second.iter().for_each(|b| see((ALL, *b)));
    for a in first {
        second.iter().for_each(|b| see((*a, *b)));
    }
}

impl CountCell {
    fn take(&mut self, line: &RollLine) {
        self.counted.households += 1;
        match line.income {
            NONE_FEN => self.counted.income_unknown += 1,
            income => self.counted.income = Fen(self.counted.income.0.saturating_add(income.0)),
        }
        match line.rigid {
            NONE_FEN => self.counted.rigid_unknown += 1,
            rigid => self.counted.rigid = Fen(self.counted.rigid.0.saturating_add(rigid.0)),
        }
    }

    fn see(&mut self, key: u64, shared: &Shared) {
        let is_new = key == 0 || !shared.keys.contains(&key) || self.seen.insert(key);
        self.counted.persons += u64::from(is_new);
    }
}

/// One side of the table, worked out as far as it can be before the lines are walked.
enum Side<'c> {
    /// The text of each code, and of none.
    Code(fn(&RollLine) -> u16, Vec<String>),
    Status,
    Word(fn(&RollLine) -> &'static str),
    Members,
    PerHead(Income),
    Year(fn(&RollLine) -> Day),
    Person(Attribute, Known<'c>),
    Question(&'c FormColumns, NodeId, Option<&'c CodeColumn>),
}

impl<'c> Side<'c> {
    fn new(
        roll: &Roll,
        form: &'c FormColumns,
        persons: &Persons<'c>,
        axis: &Axis,
        unit_on: &dyn Fn(UnitId) -> UnitId,
    ) -> Side<'c> {
        match axis {
            Axis::Unit => {
                Side::Code(|line| line.unit, roll.units.all().iter().map(|unit| unit_on(*unit).hex()).collect())
            }
            Axis::Division => Side::Code(|line| line.division, roll.divisions.all().to_vec()),
            Axis::Category => Side::Code(|line| line.category, roll.categories.all().to_vec()),
            Axis::Cause => Side::Code(|line| line.cause, roll.causes.all().to_vec()),
            Axis::Status => Side::Status,
            Axis::Level => Side::Word(super::filter::level_of),
            Axis::Upper => Side::Word(super::filter::upper_of),
            Axis::Members => Side::Members,
            Axis::PerHead(bands) => Side::PerHead(bands.clone()),
            Axis::Opened => Side::Year(|line| line.opened),
            Axis::Surveyed => Side::Year(|line| line.surveyed),
            Axis::Person(attribute) => Side::Person(*attribute, persons.known(*attribute)),
            Axis::Question(node) => Side::Question(form, *node, form.column(*node)),
        }
    }

    fn is_of_person(&self) -> bool {
        matches!(self, Side::Person(..))
    }

    fn keys(&self, names: &mut Interner<String>, persons: &Persons<'_>, of: Of<'_>, keys: &mut Vec<u32>) {
        let Of { at, line, person, day } = of;
        let mut add = |text: &str| {
            let key = names.code(text);
            if !keys.contains(&key) {
                keys.push(key);
            }
        };
        match self {
            Side::Code(of, texts) => add(texts.get(usize::from(of(line))).map_or("", String::as_str)),
            Side::Word(of) => add(of(line)),
            Side::Status => add(line.status.map_or("", |status| status.code())),
            Side::Members => match line.members {
                0 => add(""),
                members => add(&format!("{members:02}")),
            },
            Side::PerHead(bands) => match line.per_head {
                NONE_FEN => add(""),
                amount => add(&format!("{:02}", bands.band(amount))),
            },
            Side::Year(of) => match of(line) {
                NONE_DAY => add(""),
                day => add(&day.year().to_string()),
            },
            Side::Person(attribute, known) => {
                let mut any = false;
                if let Some(person) = person {
                    known.each_text(persons, at, person, day, |text| {
                        any = true;
                        match attribute {
                            Attribute::Age => add(&age_band(text, day)),
                            _ => add(text),
                        }
                    });
                }
                if !any {
                    add("");
                }
            }
            Side::Question(form, node, column) => {
                let before = keys.len();
                if let Some(column) = column.filter(|_| !line.erased) {
                    for row in form.rows_of(*node, at) {
                        for text in column.text(column.at(row)).split_whitespace() {
                            let key = names.code(text);
                            if !keys.contains(&key) {
                                keys.push(key);
                            }
                        }
                    }
                }
                if keys.len() == before {
                    keys.push(names.code(""));
                }
            }
        }
    }
}

/// Ages as statistics cut them, by what the law makes of them: before school, school, work, after.
pub const AGE_BANDS: [i32; 8] = [0, 7, 16, 18, 30, 45, 60, 80];

fn age_band(born: &str, day: Day) -> String {
    let age = Day::from_iso(born).map(|born| born.age_on(day));
    let from = age.and_then(|age| AGE_BANDS.into_iter().rev().find(|from| *from <= age));
    from.map_or(String::new(), |from| format!("{from:02}"))
}
