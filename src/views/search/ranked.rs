//! From a question to its answer: propose, cut to the asker's units, judge, rank.

use super::index::{Answer, Ask, Held, SearchScope};
use super::judge::{judge, unit_met};
use super::propose::{Group, TIERS, Tier, propose};
use super::query::{Term, parse};
use super::readings::Table;
use super::{Hit, How, IndexField, Why};
use crate::domain::DossierId;
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

const HITS: usize = 200;
/// So many found in a segment are ranked; a tier in which more stand is cut.
const ENOUGH: usize = 240;
/// Namesakes: all of them are wanted, so that unit and birth year can tell them apart.
const ENOUGH_WHOLE: usize = 1_000;
/// Rows walked over to find those of the asker's units.
const WALKED: usize = 1_500_000;
/// Rows held against every word.
const JUDGED: usize = 20_000;

struct Found<'a> {
    held: &'a Held,
    row: u32,
    whys: Vec<Why>,
    /// The member who was met, where no word met the worker.
    member: Option<u32>,
    order: Order,
}

/// Smaller is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    rank: u32,
    /// How far the names are from what was typed, for what is not whole.
    distance: u32,
    likeness: Reverse<i64>,
}

pub(super) fn answer(all: &[&Held], ask: Ask<'_>) -> Answer {
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut cut = false;
    let matcher = SkimMatcherV2::default();
    for terms in parse(ask.text) {
        for held in all {
            let from = found.len();
            cut |= Walk::new(held, &terms, ask).run(&mut found);
            found.iter_mut().skip(from).for_each(|one| one.weigh(&terms, &matcher));
        }
    }
    found.sort_by(|a, b| a.order.cmp(&b.order).then_with(|| a.distinguished().cmp(&b.distinguished())));
    let mut seen: HashSet<DossierId> = HashSet::new();
    found.retain(|one| one.held.segment.dossier(one.row).is_some_and(|dossier| seen.insert(dossier)));
    let limit = ask.limit.min(HITS);
    cut |= found.len() > limit;
    let mut hits: Vec<Hit> = found.iter().take(limit).filter_map(Found::hit).collect();
    let mut bearers: HashMap<String, u32> = HashMap::new();
    for hit in &hits {
        *bearers.entry(hit.name.clone()).or_default() += 1;
    }
    for hit in &mut hits {
        hit.alike = bearers.get(&hit.name).is_some_and(|&n| n > 1);
    }
    Answer { hits, cut }
}

/// One segment walked for one list of words.
struct Walk<'h, 't> {
    held: &'h Held,
    terms: &'t [Term],
    /// Per unit of the segment: may the asker see it.
    open: Vec<bool>,
    /// Per word, per unit: does the word mean it.
    units: Vec<Vec<Option<How>>>,
    /// Per word: nothing but units can meet it.
    units_only: Vec<bool>,
    /// As [`Ask::whole_numbers`].
    whole_numbers: bool,
    seen: HashSet<u32>,
    walked: usize,
    judged: usize,
}

impl<'h, 't> Walk<'h, 't> {
    fn new(held: &'h Held, terms: &'t [Term], ask: Ask<'_>) -> Walk<'h, 't> {
        let units = held.segment.units();
        let open = match ask.scope {
            SearchScope::All => vec![true; units.len()],
            SearchScope::Units(mine) => units.iter().map(|unit| mine.contains(&unit.id)).collect(),
        };
        let met = |term: &Term| units.iter().map(|unit| unit_met(term, unit)).collect();
        let units = terms.iter().map(met).collect();
        let units_only = vec![false; terms.len()];
        let whole_numbers = ask.whole_numbers;
        Walk { held, terms, open, units, units_only, whole_numbers, seen: HashSet::new(), walked: 0, judged: 0 }
    }

    /// Adds what is found; true if there may be more.
    fn run(&mut self, found: &mut Vec<Found<'h>>) -> bool {
        if !self.open.contains(&true) {
            return false;
        }
        let (driver, prepared) = self.rarest();
        let from = found.len();
        let mut cut = false;
        let mut prepared = prepared.map(Vec::into_iter);
        for tier in TIERS {
            let (groups, more) = match &mut prepared {
                Some(ready) => ready.next().unwrap_or_default(),
                None => self.proposals(driver, tier),
            };
            cut |= more;
            let enough = if tier.is_whole() { ENOUGH_WHOLE } else { ENOUGH };
            for group in &groups {
                if !self.walk(group, found, from + enough) {
                    return true;
                }
            }
            if found.len() - from >= ENOUGH {
                return true;
            }
        }
        cut
    }

    fn proposals(&self, term: usize, tier: Tier) -> (Vec<Group>, bool) {
        match (self.terms.get(term), self.units.get(term)) {
            (Some(typed), Some(units)) => propose(tier, typed, &self.held.segment, units),
            _ => (Vec::new(), false),
        }
    }

    /// The word that proposes the fewest rows leads, the others only judge. With one word nothing is counted.
    #[allow(clippy::type_complexity)]
    fn rarest(&mut self) -> (usize, Option<Vec<(Vec<Group>, bool)>>) {
        if self.terms.len() < 2 {
            return (0, None);
        }
        let mut best: Option<(usize, usize, Vec<(Vec<Group>, bool)>)> = None;
        for term in 0..self.terms.len() {
            let tiers: Vec<(Vec<Group>, bool)> = TIERS.iter().map(|&tier| self.proposals(term, tier)).collect();
            let sizes = tiers
                .iter()
                .map(|(groups, _)| groups.iter().map(|group| group.size(&self.held.segment)).sum::<usize>());
            let elsewhere = TIERS.iter().zip(sizes.clone()).any(|(tier, size)| !tier.is_of_units() && size > 0);
            if let Some(only) = self.units_only.get_mut(term) {
                *only = !elsewhere;
            }
            let size = sizes.sum();
            if best.as_ref().is_none_or(|(least, ..)| size < *least) {
                best = Some((size, term, tiers));
            }
        }
        best.map_or((0, None), |(_, term, tiers)| (term, Some(tiers)))
    }

    /// False when there was more to see than is looked at.
    fn walk(&mut self, group: &Group, found: &mut Vec<Found<'h>>, enough: usize) -> bool {
        let held = self.held;
        group.each(&held.segment, |row| {
            self.walked += 1;
            if found.len() >= enough || self.walked > WALKED || self.judged > JUDGED {
                return false;
            }
            let unit = held.segment.unit_of(row) as usize;
            if self.open.get(unit) == Some(&true)
                && !held.is_gone(row)
                && self.units_agree(unit)
                && self.seen.insert(row)
            {
                self.judged += 1;
                found.extend(self.judge(row, unit));
            }
            true
        })
    }

    fn units_agree(&self, unit: usize) -> bool {
        let meets = |units: &Vec<Option<How>>| units.get(unit).is_some_and(Option::is_some);
        self.units_only.iter().zip(&self.units).all(|(only, units)| !only || meets(units))
    }

    fn judge(&self, row: u32, unit: usize) -> Option<Found<'h>> {
        let mut whys = Vec::with_capacity(self.terms.len());
        let mut member = None;
        let mut worker = false;
        for (term, units) in self.terms.iter().zip(&self.units) {
            let (why, name) =
                judge(term, &self.held.segment, row, units.get(unit).copied().flatten(), self.whole_numbers)?;
            whys.push(why);
            worker |= name == Some(0);
            member = member.or(name);
        }
        let member = member.filter(|_| !worker);
        let rank = whys.iter().map(|why| u32::from(why.rank())).sum();
        let order = Order { rank, distance: 0, likeness: Reverse(0) };
        Some(Found { held: self.held, row, whys, member, order })
    }
}

impl Found<'_> {
    /// Among those of one rank: the nearer name first, then what the fuzzy matcher likes better.
    fn weigh(&mut self, terms: &[Term], matcher: &SkimMatcherV2) {
        let Some(name) = self.held.segment.names_of(self.row).nth(self.member.unwrap_or(0) as usize) else { return };
        for (why, term) in self.whys.iter().zip(terms) {
            let of_name = matches!(why.field, IndexField::Worker | IndexField::Member);
            if !of_name || matches!(why.how, How::Whole | How::Pinyin | How::Initials) {
                continue;
            }
            let length = name.chars().count();
            let typed: String = term.chars.iter().collect();
            self.order.distance += match why.how {
                // A surname is seldom misheard, and a character seldom left out.
                How::OneOff => {
                    2 * u32::from(name.chars().next() != term.chars.first().copied())
                        + u32::from(length != term.chars.len())
                }
                _ => length as u32,
            };
            let likeness = match &term.letters {
                Some(_) => matcher.fuzzy_match(&read_aloud(name), &typed),
                None => matcher.fuzzy_match(name, &typed),
            };
            self.order.likeness.0 += likeness.unwrap_or(0);
        }
    }

    /// What tells apart rows that match alike.
    fn distinguished(&self) -> (&str, Option<u16>, &str, Option<DossierId>) {
        let segment = &self.held.segment;
        let number = segment.marks_of(self.row).next().map_or("", |(_, text)| text);
        let unit = segment.unit(self.row).map_or("", |unit| unit.name.as_str());
        (unit, segment.birth(self.row), number, segment.dossier(self.row))
    }

    fn hit(&self) -> Option<Hit> {
        let segment = &self.held.segment;
        let mut names = segment.names_of(self.row);
        let member = self.member.and_then(|i| segment.names_of(self.row).nth(i as usize)).map(str::to_owned);
        Some(Hit {
            dossier: segment.dossier(self.row)?,
            number: segment.marks_of(self.row).next().map_or_else(String::new, |(_, text)| text.to_owned()),
            name: names.next().unwrap_or("").to_owned(),
            member,
            unit: segment.unit(self.row)?.clone(),
            birth_year: segment.birth(self.row),
            category: segment.word(self.row, 0),
            status: segment.word(self.row, 1),
            why: self.whys.clone(),
            alike: false,
        })
    }
}

/// A name in letters, each character by its first reading.
fn read_aloud(name: &str) -> String {
    let table = Table::get();
    let first = |(i, c): (usize, char)| table.of(c, i == 0).first().map(|s| table.text(*s));
    let bytes: Vec<u8> = name.chars().enumerate().filter_map(first).flatten().copied().collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
