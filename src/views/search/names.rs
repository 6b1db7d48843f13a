//! Every distinct name once, in order, with what finds it: its place in the order (whole, start), packed syllables
//! and initials, its characters (inside), and its texts with one character left out (one off).

use super::columns::{Runs, Texts};
use super::fold::{later_words, name_chars, one_off};
use super::readings::Table;
use std::collections::HashMap;
use std::ops::Range;

const SYLLABLE_BITS: u32 = 9;
const SYLLABLES: u32 = 7;
const LETTER_BITS: u32 = 5;
const LETTERS: u32 = 12;
/// Ways of reading one name that are kept.
const READINGS: usize = 12;

#[derive(Default)]
pub(super) struct Names {
    texts: Texts,
    /// Name → the rows that bear it.
    rows: Runs<u32>,
    pinyin: Keys,
    initials: Keys,
    /// Later words of Latin names.
    words: Keys,
    letters: HashMap<char, u32>,
    inside: Runs<u32>,
    left_out: Runs<u32>,
}

/// Packed readings in order, and whose they are.
#[derive(Default)]
pub(super) struct Keys {
    keys: Vec<u64>,
    names: Vec<u32>,
}

impl Keys {
    fn new(mut pairs: Vec<(u64, u32)>) -> Keys {
        pairs.sort_unstable();
        pairs.dedup();
        Keys { keys: pairs.iter().map(|p| p.0).collect(), names: pairs.iter().map(|p| p.1).collect() }
    }

    fn find(&self, keys: Range<u64>) -> Range<usize> {
        let from = self.keys.partition_point(|&k| k < keys.start);
        let to = from + self.keys[from..].partition_point(|&k| k < keys.end);
        from..to
    }
}

/// One way of packing short numbers into a key that sorts as their sequence does.
#[derive(Clone, Copy)]
struct Packing {
    bits: u32,
    width: u32,
}

const BY_SYLLABLE: Packing = Packing { bits: SYLLABLE_BITS, width: SYLLABLES };
const BY_LETTER: Packing = Packing { bits: LETTER_BITS, width: LETTERS };

impl Packing {
    fn room(self, used: usize) -> u32 {
        self.bits * self.width.saturating_sub(used as u32)
    }

    fn key(self, parts: &[u64]) -> u64 {
        let parts = &parts[..parts.len().min(self.width as usize)];
        parts.iter().fold(0, |key, part| key << self.bits | part) << self.room(parts.len())
    }

    /// The keys of exactly these parts.
    fn whole(self, parts: &[u64]) -> Range<u64> {
        let key = self.key(parts);
        key..key + 1
    }

    /// The keys that begin with these parts and go on with one of `last`.
    fn starting(self, parts: &[u64], last: Range<u64>) -> Range<u64> {
        if parts.len() >= self.width as usize {
            return self.whole(parts);
        }
        let (key, room) = (self.key(parts), self.room(parts.len() + 1));
        key + (last.start << room)..key + (last.end << room)
    }

    fn any(self) -> Range<u64> {
        0..1 << self.bits
    }
}

fn letter(b: u8) -> u64 {
    u64::from(b.saturating_sub(b'a')) % 31 + 1
}

/// All sequences that take one of each list, at most [`READINGS`].
fn combined(lists: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let mut out: Vec<Vec<u64>> = vec![Vec::with_capacity(lists.len())];
    for list in lists.iter().filter(|list| !list.is_empty()) {
        let room = READINGS / out.len();
        let mut next = Vec::new();
        for choice in list.iter().take(room.max(1)) {
            next.extend(out.iter().map(|head| head.iter().copied().chain([*choice]).collect::<Vec<u64>>()));
        }
        out = next;
    }
    out
}

impl Names {
    /// Takes every occurrence of a name by row, and gives the rows' lists of name numbers beside the dictionary.
    pub(super) fn build(given: Texts, by_row: &Runs<u32>) -> (Names, Vec<u32>) {
        let count = given.len();
        let mut order: Vec<(u64, u32)> = (0..count).map(|i| (head(given.get(i)), i)).collect();
        order.sort_unstable_by(|a, b| {
            let full = || compare(given.get(a.1), given.get(b.1)).then_with(|| a.1.cmp(&b.1));
            a.0.cmp(&b.0).then_with(full)
        });
        let mut texts = Texts::default();
        let mut number = vec![0u32; count as usize];
        let mut last: Option<&str> = None;
        for &(_, i) in &order {
            let text = given.get(i);
            if last != Some(text) {
                texts.push(text);
                last = Some(text);
            }
            number[i as usize] = texts.len() - 1;
        }
        drop(order);
        texts.shrink();
        let pairs = || (0..by_row.owners()).flat_map(|row| by_row.of(row).iter().map(move |&o| (o, row)));
        let rows = Runs::grouped(texts.len(), || pairs().map(|(o, row)| (number[o as usize], row)));
        drop(given);
        let mut names = Names { texts, rows, ..Names::default() };
        names.read_aloud();
        names.spread_letters();
        names.leave_out();
        (names, number)
    }

    fn read_aloud(&mut self) {
        let table = Table::get();
        let (mut pinyin, mut initials, mut words) = (Vec::new(), Vec::new(), Vec::new());
        for name in 0..self.texts.len() {
            let mut syllables = Vec::new();
            let mut letters = Vec::new();
            for (i, c) in name_chars(self.texts.get(name)).enumerate() {
                syllables.push(table.of(c, i == 0).iter().map(|s| u64::from(*s)).collect());
                letters.push(table.initials(c, i == 0).map(letter).collect());
            }
            words.extend(later_words(self.texts.get(name)).map(|word| (BY_LETTER.key(&packable(&word)), name)));
            pinyin.extend(combined(&syllables).iter().map(|parts| (BY_SYLLABLE.key(parts), name)));
            initials.extend(combined(&letters).iter().map(|parts| (BY_LETTER.key(parts), name)));
        }
        self.pinyin = Keys::new(pinyin);
        self.initials = Keys::new(initials);
        self.words = Keys::new(words);
    }

    fn spread_letters(&mut self) {
        let mut letters: HashMap<char, u32> = HashMap::new();
        for name in 0..self.texts.len() {
            for c in name_chars(self.texts.get(name)).filter(|c| !c.is_ascii()) {
                let next = letters.len() as u32;
                letters.entry(c).or_insert(next);
            }
        }
        let texts = &self.texts;
        let pairs = || {
            let letters = &letters;
            (0..texts.len()).flat_map(move |name| {
                let mut chars: Vec<char> = name_chars(texts.get(name)).collect();
                chars.sort_unstable();
                chars.dedup();
                chars.into_iter().filter_map(move |c| letters.get(&c).map(|&l| (l, name)))
            })
        };
        self.inside = Runs::grouped(letters.len() as u32, pairs);
        self.letters = letters;
    }

    fn leave_out(&mut self) {
        let texts = &self.texts;
        let total: usize = (0..texts.len()).map(|name| name_chars(texts.get(name)).count()).sum();
        let buckets = (total / 2).max(1).next_power_of_two() as u32;
        let pairs = || {
            (0..texts.len()).flat_map(move |name| {
                let chars: Vec<char> = name_chars(texts.get(name)).collect();
                let hashes: Vec<u32> = shorter(&chars).map(|c| bucket(c, buckets)).collect();
                hashes.into_iter().map(move |b| (b, name))
            })
        };
        self.left_out = Runs::grouped(buckets, pairs);
    }

    pub(super) fn get(&self, name: u32) -> &str {
        self.texts.get(name)
    }

    pub(super) fn rows_of(&self, name: u32) -> &[u32] {
        self.rows.of(name)
    }

    pub(super) fn rows_of_all(&self, names: Range<u32>) -> &[u32] {
        self.rows.of_all(names)
    }

    /// Names written exactly so.
    pub(super) fn written(&self, chars: &[char]) -> Range<u32> {
        let from = self.first(|name| name_chars(name).lt(chars.iter().copied()));
        let to = self.first(|name| name_chars(name).le(chars.iter().copied()));
        from..to.max(from)
    }

    /// Names that begin so.
    pub(super) fn starting(&self, chars: &[char]) -> Range<u32> {
        let from = self.first(|name| name_chars(name).lt(chars.iter().copied()));
        let to = self.first(|name| name_chars(name).take(chars.len()).le(chars.iter().copied()));
        from..to.max(from)
    }

    fn first(&self, before: impl Fn(&str) -> bool) -> u32 {
        let (mut from, mut to) = (0, self.texts.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if before(self.texts.get(middle)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// Names in which all these characters stand, together or not.
    pub(super) fn holding(&self, chars: &[char]) -> Vec<u32> {
        let mut lists = Vec::new();
        for c in chars {
            match self.letters.get(c) {
                Some(&l) => lists.push(self.inside.of(l)),
                None if c.is_ascii() => {}
                None => return Vec::new(),
            }
        }
        lists.sort_by_key(|list| list.len());
        lists.dedup_by_key(|list| list.as_ptr());
        let Some((shortest, others)) = lists.split_first() else { return Vec::new() };
        let mut left: Vec<u32> = shortest.to_vec();
        for list in others {
            left = met(&left, list);
        }
        left
    }

    /// Names one character away, in their order.
    pub(super) fn one_off(&self, chars: &[char]) -> Vec<u32> {
        let mut near: Vec<u32> = Vec::new();
        let buckets = self.left_out.owners();
        if chars.len() < 2 || buckets == 0 {
            return near;
        }
        near.extend(self.left_out.of(bucket(chars.iter().copied(), buckets)));
        for (i, less) in shorter(chars).enumerate() {
            near.extend(self.left_out.of(bucket(less, buckets)));
            let less: Vec<char> = shorter(chars).nth(i).into_iter().flatten().collect();
            near.extend(self.written(&less));
        }
        near.sort_unstable();
        near.dedup();
        near.retain(|&name| {
            let other: Vec<char> = name_chars(self.get(name)).collect();
            one_off(chars, &other)
        });
        near
    }

    /// Places in the order of readings whose syllables are exactly one of these sequences.
    pub(super) fn sounding(&self, lists: &[Vec<u64>]) -> Vec<Range<usize>> {
        combined(lists).iter().map(|parts| self.pinyin.find(BY_SYLLABLE.whole(parts))).collect()
    }

    /// Places of readings that begin with these whole syllables, then one of `last`, if given.
    pub(super) fn pinyin(&self, whole: &[u64], last: Option<Range<u64>>) -> Range<usize> {
        self.pinyin.find(BY_SYLLABLE.starting(whole, last.unwrap_or(BY_SYLLABLE.any())))
    }

    pub(super) fn pinyin_whole(&self, whole: &[u64]) -> Range<usize> {
        self.pinyin.find(BY_SYLLABLE.whole(whole))
    }

    pub(super) fn pinyin_at(&self, place: usize) -> u32 {
        self.pinyin.names.get(place).copied().unwrap_or(0)
    }

    pub(super) fn initials_whole(&self, letters: &[u8]) -> Range<usize> {
        self.initials.find(BY_LETTER.whole(&packable(letters)))
    }

    pub(super) fn initials(&self, letters: &[u8]) -> Range<usize> {
        self.initials.find(BY_LETTER.starting(&packable(letters), BY_LETTER.any()))
    }

    /// Names with a later word that begins so.
    pub(super) fn with_word(&self, letters: &[u8]) -> Vec<u32> {
        let mut names =
            self.words.names[self.words.find(BY_LETTER.starting(&packable(letters), BY_LETTER.any()))].to_vec();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn initials_at(&self, place: usize) -> u32 {
        self.initials.names.get(place).copied().unwrap_or(0)
    }
}

fn packable(letters: &[u8]) -> Vec<u64> {
    letters.iter().map(|b| letter(*b)).collect()
}

/// The first characters as a number that sorts as they do; control and dots do not count.
fn head(name: &str) -> u64 {
    let mut chars = name_chars(name).map(|c| u64::from(u32::from(c)));
    (0..3).fold(0, |key, _| key << 21 | chars.next().unwrap_or(0))
}

fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    name_chars(a).cmp(name_chars(b)).then_with(|| a.cmp(b))
}

/// A text with each character left out in turn; of equal neighbours only the first.
fn shorter(chars: &[char]) -> impl Iterator<Item = impl Iterator<Item = char> + '_> + '_ {
    let first = move |i: &usize| i.checked_sub(1).and_then(|b| chars.get(b)) != chars.get(*i);
    (0..chars.len()).filter(first).map(move |i| chars[..i].iter().chain(&chars[i + 1..]).copied())
}

fn bucket(chars: impl Iterator<Item = char>, buckets: u32) -> u32 {
    let hash = chars.fold(0xCBF2_9CE4_8422_2325u64, |h, c| {
        (h ^ u64::from(u32::from(c))).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    });
    (hash >> 16) as u32 & (buckets - 1)
}

/// What stands in both ordered lists; steps through the longer one by halving when it is much longer.
fn met(short: &[u32], long: &[u32]) -> Vec<u32> {
    let mut out = Vec::new();
    let mut rest = long;
    for &x in short {
        let skip = if rest.len() > 16 * short.len() {
            rest.partition_point(|&y| y < x)
        } else {
            rest.iter().take_while(|&&y| y < x).count()
        };
        rest = &rest[skip..];
        if rest.first() == Some(&x) {
            out.push(x);
        }
    }
    out
}
