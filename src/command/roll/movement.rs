//! The roll between two days: what came, what went, and what is there, by unit, category or period.

use super::RollQuery;
use super::query::Units;
use super::table::{Group, GroupName};
use crate::command::rights::Duty;
use crate::command::{Failure, Office};
use crate::domain::{Day, DossierId, Fen, Message, Now, UnitId};
use crate::views::roll::movement::{By, Moved, Stand, movements, stand_on};
use crate::views::{self, History, Horizon};
use std::collections::{BTreeMap, BTreeSet};

/// What the lines of the table are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    All,
    Unit,
    Category,
    Month,
    Quarter,
    Year,
}

impl Lines {
    pub const ALL: [Lines; 6] = [Lines::All, Lines::Unit, Lines::Category, Lines::Month, Lines::Quarter, Lines::Year];

    pub fn code(self) -> &'static str {
        match self {
            Lines::All => "all",
            Lines::Unit => "unit",
            Lines::Category => "category",
            Lines::Month => "month",
            Lines::Quarter => "quarter",
            Lines::Year => "year",
        }
    }

    pub fn from_code(code: &str) -> Option<Lines> {
        Lines::ALL.into_iter().find(|lines| lines.code() == code)
    }
}

/// One line: each figure as the households it stands for.
#[derive(Clone, Debug)]
pub struct MovementLine {
    pub group: Group,
    pub figures: BTreeMap<Moved, Vec<DossierId>>,
}

impl MovementLine {
    pub fn figure(&self, moved: Moved) -> usize {
        self.figures.get(&moved).map_or(0, Vec::len)
    }
}

/// The table, its sum, and what a head had at the end of each year.
#[derive(Clone, Debug)]
pub struct Movement {
    pub from: Day,
    pub to: Day,
    pub by: Lines,
    pub lines: Vec<MovementLine>,
    pub total: MovementLine,
    pub years: Vec<YearOfIncome>,
    /// What is left a head tells what illnesses cost: neither mean nor median is for whoever may not count by them.
    pub net_is_covered: bool,
}

/// Monthly net income per head of the households on the roll at the end of a year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct YearOfIncome {
    pub year: i32,
    pub households: u64,
    /// Of those of whom it is known.
    pub known: u64,
    /// Rounded down to the fen.
    pub mean: Option<Fen>,
    pub median: Option<Fen>,
}

impl Office {
    /// How the roll of whoever acts moved from the first to the last day, both included.
    ///
    /// Errors: no right to it; the last day before the first, or after today.
    pub fn roll_movement(
        &self,
        from: Day,
        to: Day,
        by: Lines,
        units: &[String],
        now: Now,
    ) -> Result<Movement, Failure> {
        let _ = self.may(Duty::Roll, now)?;
        if to < from {
            return Err(super::NotARoll::Unknown {
                key: "command.roll.no_such_period",
                asked: format!("{from}..{to}"),
                known: String::new(),
            }
            .into());
        }
        let net_is_covered = self.may_count_covered("", now).is_err();
        let reach = self.reach(now)?;
        let tree = Units { rows: self.people()?.units.clone(), day: to };
        let within: Option<BTreeSet<UnitId>> = match units {
            [] => None,
            named => {
                let query = RollQuery::default().with("unit", named.iter().cloned());
                let tests = self.understand(&query, to)?.tests;
                tests.lines.into_iter().find_map(|test| match test {
                    views::roll::Test::Units(units) => Some(units),
                    _ => None,
                })
            }
        };
        let periods = periods(from, to, by);
        let how = match by {
            Lines::Unit => By::Unit,
            Lines::Category => By::Category,
            // Where only some units are looked at, whoever moves to another leaves.
            _ if within.is_some() => By::Unit,
            _ => By::Nothing,
        };
        let mut figures: BTreeMap<String, BTreeMap<Moved, Vec<DossierId>>> = BTreeMap::new();
        let mut total: BTreeMap<Moved, Vec<DossierId>> = BTreeMap::new();
        let mut incomes: BTreeMap<i32, (u64, Vec<Fen>)> = BTreeMap::new();
        let counts = |stand: &Stand| within.as_ref().is_none_or(|units| stand.unit.is_some_and(|u| units.contains(&u)));
        let is_theirs = |history: &History| {
            let unit = history.unit(Horizon::NOW);
            reach.as_ref().is_none_or(|reach| unit.is_some_and(|unit| reach.contains(&unit)))
        };
        let key = |stand: &Stand, period: usize| match by {
            Lines::All => String::new(),
            Lines::Unit => stand.unit.map(|unit| tree.on(unit).hex()).unwrap_or_default(),
            Lines::Category => stand.category.clone().unwrap_or_default(),
            _ => format!("{period:04}"),
        };
        self.histories_in_parts(|history| {
            if !is_theirs(history) {
                return Vec::new();
            }
            let mut reported = Vec::new();
            for (n, (first, last)) in periods.iter().enumerate() {
                movements(history, *first, *last, how, |_, moved, stand| {
                    if counts(stand) {
                        reported.push((n, moved, key(stand, n)));
                    }
                });
            }
            let mut years = Vec::new();
            for year in from.year()..=to.year() {
                let end = Day::from_ymd(year, 12, 31).map_or(to, |end| end.min(to));
                if stand_on(history, end).is_some_and(|stand| counts(&stand)) {
                    let versions = history.versions(Horizon::new(Some(end), None));
                    years.push((year, History::deciding(&versions).and_then(|v| v.survey.per_head_net)));
                }
            }
            match reported.is_empty() && years.is_empty() {
                true => Vec::new(),
                false => vec![(history.dossier, reported, years)],
            }
        })?
        .into_iter()
        .for_each(|(dossier, reported, years)| {
            // A household that moves between units of one line stays in it.
            let reported = settled(reported, how);
            for (n, moved, key) in reported {
                figures.entry(key).or_default().entry(moved).or_default().push(dossier);
                let is_end = match moved {
                    Moved::Opening => n == 0,
                    Moved::Closing => n + 1 == periods.len(),
                    Moved::MovedIn | Moved::MovedOut => within.is_some(),
                    _ => true,
                };
                if is_end {
                    total.entry(moved).or_default().push(dossier);
                }
            }
            for (year, amount) in years {
                let (households, known) = incomes.entry(year).or_default();
                *households += 1;
                known.extend(amount);
            }
        });
        if within.is_some() && by == Lines::Unit {
            // Between the units looked at nobody came or went.
            let (came, went) = (total.remove(&Moved::MovedIn), total.remove(&Moved::MovedOut));
            let (came, went) = (came.unwrap_or_default(), went.unwrap_or_default());
            let (came, went) = cancelled_out(came, went);
            total.extend([(Moved::MovedIn, came), (Moved::MovedOut, went)]);
        }
        let name = |key: &str| self.line_name(by, key, &periods, &tree);
        // A period in which nothing moved is a line all the same.
        if matches!(by, Lines::Month | Lines::Quarter | Lines::Year) {
            for n in 0..periods.len() {
                figures.entry(format!("{n:04}")).or_default();
            }
        }
        let mut lines: Vec<(String, MovementLine)> = figures
            .into_iter()
            .map(|(key, figures)| {
                let (rank, group) = name(&key);
                (rank, MovementLine { group, figures })
            })
            .collect();
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        let all = Group { code: String::new(), name: GroupName::Said(Message::new("roll.total")) };
        Ok(Movement {
            from,
            to,
            by,
            lines: match by {
                Lines::All => Vec::new(),
                _ => lines.into_iter().map(|(_, line)| line).collect(),
            },
            total: MovementLine { group: all, figures: total },
            years: incomes
                .into_iter()
                .map(|(year, (households, known))| {
                    let of_year = of_year(year, households, known);
                    match net_is_covered {
                        true => YearOfIncome { mean: None, median: None, ..of_year },
                        false => of_year,
                    }
                })
                .collect(),
            net_is_covered,
        })
    }

    fn line_name(&self, by: Lines, key: &str, periods: &[(Day, Day)], tree: &Units) -> (String, Group) {
        let none = || Group { code: String::new(), name: GroupName::Said(Message::new("roll.none")) };
        let plain = |code: String| {
            (key.to_owned(), Group { code: code.clone(), name: GroupName::Named { zh: code.clone(), en: code } })
        };
        match by {
            Lines::Unit => match UnitId::from_hex(key).and_then(|unit| tree.row(unit)) {
                Some(row) => {
                    let name = GroupName::Named { zh: row.zh.clone(), en: row.en.clone() };
                    (row.code.clone(), Group { code: row.code.clone(), name })
                }
                None => ("\u{10ffff}".to_owned(), none()),
            },
            Lines::Category => match self.bureau.library.codes("category").and_then(|codes| codes.get(key)) {
                Some(code) => {
                    let name = GroupName::Named { zh: code.zh.clone(), en: code.en.clone() };
                    (key.to_owned(), Group { code: key.to_owned(), name })
                }
                None => ("\u{10ffff}".to_owned(), none()),
            },
            Lines::All => (String::new(), none()),
            _ => {
                let first = key.parse::<usize>().ok().and_then(|n| periods.get(n)).map(|(first, _)| *first);
                let Some(day) = first else { return (key.to_owned(), none()) };
                plain(match by {
                    Lines::Month => format!("{}-{:02}", day.year(), day.month()),
                    Lines::Quarter => format!("{}-Q{}", day.year(), day.month().div_ceil(3)),
                    _ => day.year().to_string(),
                })
            }
        }
    }

    /// Every history, read on all processors; what each came to, in the order of ids.
    pub(super) fn histories_in_parts<T: Send>(
        &self,
        work: impl Fn(&History) -> Vec<T> + Sync,
    ) -> Result<Vec<T>, Failure> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
        let ends: Vec<u16> = (0..=threads).map(|n| (n * 256 / threads) as u16).collect();
        let parts = std::thread::scope(|scope| {
            let work = &work;
            let read = |from: u16, to: u16| {
                let mut out = Vec::new();
                views::read::each_history_between(&self.bureau.store, &self.bureau.keys, from, to, |history| {
                    if let Ok(history) = history {
                        out.extend(work(&history));
                    }
                    true
                })
                .map(|()| out)
            };
            let parts: Vec<_> = ends.windows(2).map(|ends| scope.spawn(move || read(ends[0], ends[1]))).collect();
            let joined = parts.into_iter().map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
            joined.collect::<Result<Vec<Vec<T>>, _>>()
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}

/// A move out of a line and into the same line on one day is none.
fn settled(reported: Vec<(usize, Moved, String)>, how: By) -> Vec<(usize, Moved, String)> {
    if how == By::Nothing {
        return reported;
    }
    let mut out: Vec<(usize, Moved, String)> = Vec::with_capacity(reported.len());
    for one in reported {
        let stays = one.1 == Moved::MovedIn
            && out.last().is_some_and(|last| last.1 == Moved::MovedOut && last.0 == one.0 && last.2 == one.2);
        match stays {
            true => drop(out.pop()),
            false => out.push(one),
        }
    }
    out
}

/// Whoever stands on both sides, taken off each as often as on the other.
fn cancelled_out(came: Vec<DossierId>, mut went: Vec<DossierId>) -> (Vec<DossierId>, Vec<DossierId>) {
    let mut left = Vec::new();
    for one in came {
        match went.iter().position(|other| *other == one) {
            Some(at) => drop(went.swap_remove(at)),
            None => left.push(one),
        }
    }
    (left, went)
}

/// The periods that the days are cut into, each with its first and last day.
fn periods(from: Day, to: Day, by: Lines) -> Vec<(Day, Day)> {
    let months = match by {
        Lines::Month => 1,
        Lines::Quarter => 3,
        Lines::Year => 12,
        _ => return vec![(from, to)],
    };
    let mut out = Vec::new();
    let mut first = from;
    while first <= to {
        let month = (first.month() - 1) / months * months + 1;
        let begin = Day::from_ymd(first.year(), month, 1).unwrap_or(first);
        let next = begin.plus_months(months as i32);
        out.push((first, next.plus_days(-1).min(to)));
        first = next;
    }
    out
}

fn of_year(year: i32, households: u64, mut known: Vec<Fen>) -> YearOfIncome {
    known.sort_unstable();
    let sum: i128 = known.iter().map(|fen| i128::from(fen.0)).sum();
    let count = known.len();
    let mean = (count > 0).then(|| Fen(i64::try_from(sum.div_euclid(count as i128)).unwrap_or(i64::MAX)));
    let median = match count {
        0 => None,
        n if n % 2 == 1 => known.get(n / 2).copied(),
        n => known.get(n / 2 - 1).zip(known.get(n / 2)).map(|(a, b)| Fen((a.0 + b.0).div_euclid(2))),
    };
    YearOfIncome { year, households, known: count as u64, mean, median }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn periods_meet_and_cover_all_days() {
        let cut = periods(day("2025-11-15"), day("2026-05-03"), Lines::Quarter);
        let reported: Vec<String> = cut.iter().map(|(first, last)| format!("{first} {last}")).collect();
        assert_eq!(reported, ["2025-11-15 2025-12-31", "2026-01-01 2026-03-31", "2026-04-01 2026-05-03"]);
        assert_eq!(periods(day("2026-02-28"), day("2026-03-01"), Lines::Month).len(), 2);
        assert_eq!(periods(day("2026-02-28"), day("2026-02-28"), Lines::Year).len(), 1);
    }

    #[test]
    fn a_mean_is_rounded_down_and_nobody_has_none() {
        let year = of_year(2026, 4, vec![Fen(-1), Fen(2), Fen(4)]);
        assert_eq!((year.mean, year.median), (Some(Fen(1)), Some(Fen(2))));
        assert_eq!(of_year(2026, 1, vec![Fen(-1), Fen(0)]).mean, Some(Fen(-1)));
        assert_eq!(of_year(2026, 1, Vec::new()).median, None);
    }
}
