//! Which households: tests on the line, on one person of it, and conditions in the expression language.

use super::{FormColumns, PersonTest, Persons, Roll, RollLine};
use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::{Day, Fen, UnitId};
use crate::expr::{Clock, EvalContext, Expr, NodeId};
use std::collections::BTreeSet;

/// From and to, both included; open where nothing is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span<T> {
    pub from: Option<T>,
    pub to: Option<T>,
}

impl<T: Copy + PartialOrd> Span<T> {
    pub fn holds(&self, value: T) -> bool {
        self.from.is_none_or(|from| from <= value) && self.to.is_none_or(|to| value <= to)
    }
}

/// A test on the household's line. Several of one kind: any of them is given as one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Test {
    Units(BTreeSet<UnitId>),
    Statuses(Vec<Status>),
    /// Codes of list `level`.
    Levels(Vec<String>),
    /// Codes of list `upper_state`.
    Uppers(Vec<String>),
    /// Codes; the empty one is *no category yet*.
    Categories(Vec<String>),
    /// The main cause: 06 finds 061 too.
    Causes(Vec<String>),
    Divisions(Vec<String>),
    PerHead(Span<Fen>),
    Income(Span<Fen>),
    Members(Span<u8>),
    Surveyed(Span<Day>),
    Due(Span<Day>),
    Opened(Span<Day>),
    Over(Span<Day>),
    /// One of these codes is among the answers to that question.
    Answer(NodeId, Vec<String>),
    /// Whether there is an answer to that question, whatever it is; either way where both are asked for.
    Filled(NodeId, BTreeSet<bool>),
}

/// A condition over the answers to one form.
#[derive(Clone, Debug)]
pub struct Where {
    pub form: String,
    pub expr: Expr,
}

/// Everything that is asked. All of it must hold.
#[derive(Clone, Debug, Default)]
pub struct Tests {
    /// Whose households are counted at all; none: all.
    pub reach: Option<BTreeSet<UnitId>>,
    pub lines: Vec<Test>,
    /// All of one person.
    pub persons: Vec<PersonTest>,
    pub wheres: Vec<Where>,
}

impl Tests {
    /// Of those only what is asked of the dossier: nothing of anybody's circumstances.
    pub fn of_dossiers(&self) -> Tests {
        let is_personal = |test: &Test| matches!(test, Test::Answer(..) | Test::Filled(..));
        Tests {
            reach: self.reach.clone(),
            lines: self.lines.iter().filter(|test| !is_personal(test)).cloned().collect(),
            persons: Vec::new(),
            wheres: Vec::new(),
        }
    }
}

/// The places of lines that were picked, in their order.
#[derive(Clone, Default, Debug)]
pub struct Picked {
    pub lines: Vec<u32>,
}

impl Roll {
    /// The households that all tests hold for, on that day (for ages and school years). `form` is the one that people are
    /// told by.
    pub fn pick(&self, tests: &Tests, form: &FormColumns, day: Day, clock: Clock) -> Picked {
        let checks: Vec<Check<'_>> = tests.lines.iter().map(|test| self.check(test, form)).collect();
        let reach: Option<Vec<bool>> = tests.reach.as_ref().map(|reach| self.in_units(reach));
        let persons = Persons::of(form);
        let ready: Vec<_> = tests.persons.iter().map(|test| persons.ready(test, day)).collect();
        let wheres: Vec<(&FormColumns, &Expr)> =
            tests.wheres.iter().filter_map(|condition| Some((self.form(&condition.form)?, &condition.expr))).collect();
        let all_known = wheres.len() == tests.wheres.len();
        let holds = |at: usize, line: &RollLine| {
            let theirs = reach.as_ref().is_none_or(|reach| reach.get(usize::from(line.unit)).copied().unwrap_or(false));
            line.is_there()
                && theirs
                && all_known
                && checks.iter().all(|check| check.holds(at, line))
                && (ready.is_empty() || {
                    let mut found = false;
                    if !line.erased && line.survey.is_some() {
                        persons.each(at, |person| {
                            found = found || ready.iter().all(|ready| ready.holds(&persons, at, person));
                        });
                    }
                    found
                })
                && wheres
                    .iter()
                    .all(|(columns, expr)| !line.erased && expr.holds(&columns.answered(at, clock), EvalContext::TOP))
        };
        let pick = |from: usize, lines: &[RollLine]| -> Vec<u32> {
            let places = lines.iter().enumerate().map(|(at, line)| (from + at, line));
            places.filter(|(at, line)| holds(*at, line)).map(|(at, _)| at as u32).collect()
        };
        Picked { lines: in_parts(&self.lines, pick) }
    }

    fn in_units(&self, units: &BTreeSet<UnitId>) -> Vec<bool> {
        self.units.all().iter().map(|unit| units.contains(unit)).collect()
    }

    fn check<'c>(&self, test: &Test, form: &'c FormColumns) -> Check<'c> {
        let flags = |all: &[String], holds: &dyn Fn(&str) -> bool| all.iter().map(|text| holds(text)).collect();
        let is_one = |codes: &[String], text: &str| codes.iter().any(|code| code == text);
        match test {
            Test::Units(units) => Check::Code(|line| line.unit, self.in_units(units), false),
            Test::Statuses(statuses) => Check::Status(statuses.clone()),
            Test::Levels(codes) => Check::Word(level_of, codes.clone()),
            Test::Uppers(codes) => Check::Word(upper_of, codes.clone()),
            Test::Categories(codes) => Check::Code(
                |line| line.category,
                flags(self.categories.all(), &|text| is_one(codes, text)),
                is_one(codes, ""),
            ),
            Test::Causes(codes) => {
                let begins = |text: &str| codes.iter().any(|code| !code.is_empty() && text.starts_with(code.as_str()));
                Check::Code(|line| line.cause, flags(self.causes.all(), &begins), is_one(codes, ""))
            }
            Test::Divisions(codes) => {
                Check::Code(|line| line.division, flags(self.divisions.all(), &|text| is_one(codes, text)), false)
            }
            Test::PerHead(span) => Check::Fen(|line| line.per_head, *span),
            Test::Income(span) => Check::Fen(|line| line.income, *span),
            Test::Members(span) => Check::Members(*span),
            Test::Surveyed(span) => Check::Day(|line| line.surveyed, *span),
            Test::Due(span) => Check::Day(|line| line.due, *span),
            Test::Opened(span) => Check::Day(|line| line.opened, *span),
            Test::Over(span) => Check::Day(|line| line.over, *span),
            Test::Answer(node, codes) => {
                let flags = form
                    .column(*node)
                    .map(|column| column.flags(|text| text.split_whitespace().any(|of| is_one(codes, of))))
                    .unwrap_or_default();
                Check::Answer(form, *node, flags)
            }
            Test::Filled(node, asked) => {
                let flags = form.column(*node).map(|column| column.flags(|text| !text.trim().is_empty()));
                Check::Filled(form, *node, flags.unwrap_or_default(), asked.clone())
            }
        }
    }
}

/// The code of its level; none of what is not in the files.
pub(super) fn level_of(line: &RollLine) -> &'static str {
    line.level.map_or("", Level::code)
}

/// The code of what the union above says of it.
pub(super) fn upper_of(line: &RollLine) -> &'static str {
    line.upper.map_or("", UpperState::code)
}

/// A test, worked out for every code that occurs.
enum Check<'c> {
    Code(fn(&RollLine) -> u16, Vec<bool>, bool),
    Status(Vec<Status>),
    Word(fn(&RollLine) -> &'static str, Vec<String>),
    Fen(fn(&RollLine) -> Fen, Span<Fen>),
    Day(fn(&RollLine) -> Day, Span<Day>),
    Members(Span<u8>),
    Answer(&'c FormColumns, NodeId, Vec<bool>),
    Filled(&'c FormColumns, NodeId, Vec<bool>, BTreeSet<bool>),
}

impl Check<'_> {
    fn holds(&self, at: usize, line: &RollLine) -> bool {
        match self {
            Check::Code(of, flags, none) => match of(line) {
                u16::MAX => *none,
                code => flags.get(usize::from(code)).copied().unwrap_or(false),
            },
            Check::Status(statuses) => line.status.is_some_and(|status| statuses.contains(&status)),
            Check::Word(of, codes) => codes.iter().any(|code| code == of(line)),
            // What is not known is in no span.
            Check::Fen(of, span) => of(line) != super::NONE_FEN && span.holds(of(line)),
            Check::Day(of, span) => of(line) != super::NONE_DAY && span.holds(of(line)),
            Check::Members(span) => line.members > 0 && span.holds(line.members),
            Check::Answer(form, node, flags) => !line.erased && any_of(form, *node, at, flags),
            Check::Filled(form, node, flags, asked) => !line.erased && asked.contains(&any_of(form, *node, at, flags)),
        }
    }
}

/// Whether one of the household's answers to a question is of those.
fn any_of(form: &FormColumns, node: NodeId, at: usize, flags: &[bool]) -> bool {
    let Some(column) = form.column(node) else { return false };
    form.rows_of(node, at).any(|row| flags.get(column.at(row) as usize).copied().unwrap_or(false))
}

/// Work on many lines, on as many threads as there are for it; what they find stays in order.
pub(super) fn in_parts<T: Send>(lines: &[RollLine], work: impl Fn(usize, &[RollLine]) -> Vec<T> + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    if lines.len() < 50_000 || threads < 2 {
        return work(0, lines);
    }
    let size = lines.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> =
            lines.chunks(size).enumerate().map(|(part, lines)| scope.spawn(move || work(part * size, lines))).collect();
        // A part that broke off breaks all of it off: half an answer is none.
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why))).collect()
    })
}
