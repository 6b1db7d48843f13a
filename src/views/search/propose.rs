//! Which rows may match a word, the likeliest first. A proposal may be wrong, `judge` looks again; what is never
//! proposed is never found.

use super::How;
use super::judge::{NUMBER_START, NUMBER_TAIL, aloud};
use super::query::Term;
use super::readings::Table;
use super::segment::Segment;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

/// The kinds of proposal, in the order of the ranks they lead to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    NumbersWhole,
    NamesWhole,
    PinyinWhole,
    UnitsWhole,
    Tails,
    Initials,
    NumbersStart,
    IdsInside,
    NamesStart,
    PinyinStart,
    UnitsPart,
    Sound,
    Inside,
    InitialsStart,
    Mixed,
    OneOff,
    UnitsAloud,
}

pub(super) const TIERS: [Tier; 17] = [
    Tier::NumbersWhole,
    Tier::NamesWhole,
    Tier::PinyinWhole,
    Tier::UnitsWhole,
    Tier::Tails,
    Tier::Initials,
    Tier::NumbersStart,
    Tier::IdsInside,
    Tier::NamesStart,
    Tier::PinyinStart,
    Tier::UnitsPart,
    Tier::Sound,
    Tier::Inside,
    Tier::InitialsStart,
    Tier::Mixed,
    Tier::OneOff,
    Tier::UnitsAloud,
];

impl Tier {
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Tier::NumbersWhole | Tier::NamesWhole | Tier::PinyinWhole)
    }

    pub(super) fn is_of_units(self) -> bool {
        matches!(self, Tier::UnitsWhole | Tier::UnitsPart | Tier::UnitsAloud)
    }
}

/// Rows, by where they stand.
pub(super) enum Group {
    /// Neighbours in the order of names.
    Names(Range<u32>),
    NameList(Vec<u32>),
    Pinyin(Range<usize>),
    Initials(Range<usize>),
    Marks {
        places: Range<usize>,
        by_tail: bool,
    },
    Ids(Range<usize>),
    Phones(Range<usize>),
    Units(Vec<u32>),
    Rows(Vec<u32>),
}

impl Group {
    /// How many rows at most; readings and lists count each name as one.
    pub(super) fn size(&self, segment: &Segment) -> usize {
        match self {
            Group::Names(names) => segment.names.rows_of_all(names.clone()).len(),
            Group::NameList(list) | Group::Rows(list) => list.len(),
            Group::Pinyin(places) | Group::Initials(places) | Group::Ids(places) | Group::Phones(places) => {
                places.len()
            }
            Group::Marks { places, .. } => places.len(),
            Group::Units(units) => units.iter().map(|&unit| segment.rows_of_unit(unit).len()).sum(),
        }
    }

    /// Each row, until `see` says stop; false if it did.
    pub(super) fn each(&self, segment: &Segment, mut see: impl FnMut(u32) -> bool) -> bool {
        let names = &segment.names;
        let mut all = |rows: &[u32]| rows.iter().all(|&row| see(row));
        match self {
            Group::Names(range) => all(names.rows_of_all(range.clone())),
            Group::NameList(list) => list.iter().all(|&name| all(names.rows_of(name))),
            Group::Pinyin(places) => places.clone().all(|p| all(names.rows_of(names.pinyin_at(p)))),
            Group::Initials(places) => places.clone().all(|p| all(names.rows_of(names.initials_at(p)))),
            Group::Marks { places, by_tail } => places.clone().all(|p| see(segment.row_of_mark(p, *by_tail))),
            Group::Ids(places) => places.clone().all(|p| see(segment.row_of_id(p))),
            Group::Phones(places) => places.clone().all(|p| see(segment.row_of_phone(p))),
            Group::Rows(rows) => all(rows),
            Group::Units(units) => units.iter().all(|&unit| all(segment.rows_of_unit(unit))),
        }
    }
}

/// Rows proposed for digits that may stand anywhere in an ID number: a division's own begin all of its people's.
const INSIDE_LOOKED_AT: usize = 200_000;

/// Names looked through for mixed pinyin; beyond that the answer says that it is cut.
const MIXED_LOOKED_AT: usize = 30_000;

/// The proposals of one tier; true beside them if some were left out.
pub(super) fn propose(tier: Tier, term: &Term, segment: &Segment, units: &[Option<How>]) -> (Vec<Group>, bool) {
    let names = &segment.names;
    let letters = term.letters.as_deref();
    // Of a name in Latin letters each letter is a syllable, and its initials are its letters.
    let syllables = |letters: &[u8]| match term.of_latin_names {
        true => vec![(letters.iter().filter_map(|b| Table::get().whole(&[*b])).map(u64::from).collect(), None)],
        false => syllables(letters),
    };
    if term.of_latin_names && matches!(tier, Tier::Initials | Tier::InitialsStart | Tier::Mixed) {
        return (Vec::new(), false);
    }
    // Letters are read aloud; whatever else was typed is compared as written.
    let written = letters.is_none().then_some(term.chars.as_slice()).filter(|chars| !chars.is_empty());
    let of_units = |wanted: fn(How) -> bool| {
        let list: Vec<u32> = (0u32..).zip(units).filter(|(_, how)| how.is_some_and(wanted)).map(|(i, _)| i).collect();
        if list.is_empty() { Vec::new() } else { vec![Group::Units(list)] }
    };
    let one = |key: u64| RangeInclusive::new(key, key);
    let mut cut = false;
    let mut groups = match tier {
        Tier::NumbersWhole => {
            let mut groups = Vec::new();
            if !term.code.is_empty() {
                let mut places = segment.marks_starting(&term.code);
                // Of what starts so, the wholes come first: they are the shortest.
                places.end = places.end.min(places.start + segment.marks_whole(&term.code, &places));
                groups.push(Group::Marks { places, by_tail: false });
            }
            groups.extend(term.id_whole.map(|key| Group::Ids(segment.ids_ending(&one(key)))));
            let phone = term.phone_tail.as_ref().map(|tail| *tail.start());
            groups.extend(phone.map(|key| Group::Phones(segment.phones_ending(&one(key)))));
            groups
        }
        Tier::Tails => {
            let mut groups = Vec::new();
            if term.code.len() >= NUMBER_TAIL {
                groups.push(Group::Marks { places: segment.marks_ending(&term.code), by_tail: true });
            }
            groups.extend(term.id_tail.as_ref().map(|tail| Group::Ids(segment.ids_ending(tail))));
            groups.extend(term.phone_tail.as_ref().map(|tail| Group::Phones(segment.phones_ending(tail))));
            groups
        }
        Tier::NumbersStart if term.code.len() >= NUMBER_START => {
            vec![Group::Marks { places: segment.marks_starting(&term.code), by_tail: false }]
        }
        Tier::IdsInside => {
            let found = term.id_part.map(|part| segment.ids_holding(part, &term.code, INSIDE_LOOKED_AT));
            let (rows, more) = found.unwrap_or_default();
            cut = more;
            vec![Group::Rows(rows)]
        }
        Tier::NamesWhole => written.map(|chars| Group::Names(names.written(chars))).into_iter().collect(),
        Tier::NamesStart => written.map(|chars| Group::Names(names.starting(chars))).into_iter().collect(),
        Tier::PinyinWhole => {
            let whole = |(syllables, last): &(Vec<u64>, Option<Range<u64>>)| {
                last.is_none().then(|| Group::Pinyin(names.pinyin_whole(syllables)))
            };
            letters.map(syllables).iter().flatten().filter_map(whole).collect()
        }
        Tier::PinyinStart => {
            let start = |(whole, last): (Vec<u64>, Option<Range<u64>>)| Group::Pinyin(names.pinyin(&whole, last));
            letters.map(syllables).into_iter().flatten().map(start).collect()
        }
        Tier::Initials => letters.map(|l| Group::Initials(names.initials_whole(l))).into_iter().collect(),
        Tier::InitialsStart => letters.map(|l| Group::Initials(names.initials(l))).into_iter().collect(),
        Tier::UnitsWhole => of_units(|how| how == How::Whole),
        Tier::UnitsPart => of_units(|how| matches!(how, How::Start | How::Inside)),
        Tier::UnitsAloud => of_units(|how| !matches!(how, How::Whole | How::Start | How::Inside)),
        Tier::Sound => {
            let lists = written.filter(|chars| chars.len() > 1).map(readings);
            let ranges = lists.map(|lists| names.sounding(&lists)).unwrap_or_default();
            ranges.into_iter().map(Group::Pinyin).collect()
        }
        Tier::Inside => {
            let words = letters.filter(|l| l.len() > 1).map(|l| Group::NameList(names.with_word(l)));
            written.map(|chars| Group::NameList(names.holding(chars))).into_iter().chain(words).collect()
        }
        Tier::Mixed => {
            let (list, more) = letters.map(|l| mixed(l, segment)).unwrap_or_default();
            cut = more;
            vec![Group::NameList(list)]
        }
        Tier::OneOff => written.map(|chars| Group::NameList(names.one_off(chars))).into_iter().collect(),
        Tier::NumbersStart => Vec::new(),
    };
    groups.retain(|group| group.size(segment) > 0);
    (groups, cut)
}

fn readings(chars: &[char]) -> Vec<Vec<u64>> {
    let table = Table::get();
    let of = |(i, c): (usize, &char)| table.of(*c, i == 0).iter().map(|s| u64::from(*s)).collect();
    chars.iter().enumerate().map(of).collect()
}

/// The ways to read letters as whole syllables, perhaps with one begun at the end.
fn syllables(letters: &[u8]) -> Vec<(Vec<u64>, Option<Range<u64>>)> {
    const WAYS: usize = 24;
    const STEPS: usize = 2_000;
    let table = Table::get();
    let mut out = Vec::new();
    let mut steps = 0;
    // Long syllables first: zhang before zha.
    let mut open: Vec<(usize, Vec<u64>)> = vec![(0, Vec::new())];
    while let Some((at, head)) = open.pop() {
        steps += 1;
        if steps > STEPS || out.len() >= WAYS {
            break;
        }
        let rest = letters.get(at..).unwrap_or(&[]);
        if rest.is_empty() {
            out.push((head, None));
            continue;
        }
        let begun = table.beginning(rest);
        if !begun.is_empty() {
            out.push((head.clone(), Some(u64::from(begun.start)..u64::from(begun.end))));
        }
        let latin = head.is_empty() || head.iter().all(|s| table.text(*s as u16).len() == 1);
        for len in 1..=rest.len().min(6) {
            // A letter alone is a syllable of a Latin name, or a, e, o.
            if len == 1 && !latin && !matches!(rest.first(), Some(b'a' | b'e' | b'o')) {
                continue;
            }
            if let Some(syllable) = rest.get(..len).and_then(|part| table.whole(part)) {
                open.push((at + len, head.iter().copied().chain([u64::from(syllable)]).collect()));
            }
        }
    }
    out
}

/// Names of which each character is begun at least; found through the initials that the letters may stand for.
fn mixed(letters: &[u8], segment: &Segment) -> (Vec<u32>, bool) {
    const WAYS: usize = 48;
    const STEPS: usize = 3_000;
    const PARTS: usize = 8;
    let table = Table::get();
    let mut ways: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut open: Vec<(usize, Vec<u8>)> = vec![(0, Vec::new())];
    let mut steps = 0;
    while let Some((at, initials)) = open.pop() {
        steps += 1;
        if steps > STEPS || ways.len() >= WAYS {
            break;
        }
        let rest = letters.get(at..).unwrap_or(&[]);
        let Some(&first) = rest.first() else {
            // All letters alone are initials, found before.
            if initials.len() > 1 && initials.len() < letters.len() {
                ways.insert(initials);
            }
            continue;
        };
        if initials.len() == PARTS {
            continue;
        }
        for len in 1..=rest.len().min(6) {
            if rest.get(..len).is_some_and(|part| !table.beginning(part).is_empty()) {
                open.push((at + len, initials.iter().copied().chain([first]).collect()));
            }
        }
    }
    let names = &segment.names;
    let mut found = Vec::new();
    let mut looked_at = 0;
    let mut cut = steps > STEPS;
    for initials in ways.iter().rev() {
        for place in names.initials(initials) {
            looked_at += 1;
            if looked_at > MIXED_LOOKED_AT {
                cut = true;
                break;
            }
            let name = names.initials_at(place);
            if aloud(letters, names.get(name)).is_some() {
                found.push(name);
            }
        }
    }
    (found, cut)
}
