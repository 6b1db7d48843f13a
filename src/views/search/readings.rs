//! How characters are read aloud, as numbered syllables in alphabetical order, so that a range of numbers is a prefix.
//!
//! The pinyin crate's first reading stands for a character; its many archaic ones would find strangers. The living
//! second readings of surnames and of characters usual in given names are listed here.

use pinyin::ToPinyin;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

/// Read so when they open a name. 单于, 尉迟, 万俟, 长孙 need their first reading here and 俟 below.
const SURNAMES: &[(char, &[&str])] = &[
    ('单', &["shan", "dan", "chan"]),
    ('曾', &["zeng", "ceng"]),
    ('仇', &["qiu", "chou"]),
    ('解', &["xie", "jie"]),
    ('区', &["ou", "qu"]),
    ('查', &["zha", "cha"]),
    ('盖', &["ge", "gai"]),
    ('乐', &["yue", "le"]),
    ('朴', &["piao", "pu"]),
    ('翟', &["zhai", "di"]),
    ('员', &["yun", "yuan"]),
    ('缪', &["miao", "mou"]),
    ('尉', &["wei", "yu"]),
    ('覃', &["qin", "tan"]),
    ('折', &["she", "zhe"]),
    ('黑', &["he", "hei"]),
    ('秘', &["bi", "mi"]),
    ('洗', &["xian", "xi"]),
    ('那', &["na", "nuo"]),
    ('召', &["shao", "zhao"]),
    ('种', &["chong", "zhong"]),
    ('都', &["du", "dou"]),
    ('车', &["che", "ju"]),
    ('沈', &["shen", "chen"]),
    ('万', &["wan", "mo"]),
    ('长', &["zhang", "chang"]),
    ('繁', &["po", "fan"]),
    ('褚', &["chu", "zhu"]),
    ('祭', &["zhai", "ji"]),
    ('句', &["gou", "ju"]),
    ('过', &["guo"]),
    ('牟', &["mu", "mou"]),
    ('隗', &["wei", "kui"]),
    ('逄', &["pang"]),
    ('谌', &["chen", "shen"]),
    ('卜', &["bu"]),
    ('宓', &["mi", "fu"]),
    ('令', &["ling"]),
    ('澹', &["tan", "dan"]),
    ('石', &["shi"]),
    ('应', &["ying"]),
    ('冼', &["xian"]),
    ('柏', &["bai", "bo"]),
    ('薄', &["bo", "bao"]),
    ('郇', &["xun", "huan"]),
    ('阚', &["kan"]),
    ('撒', &["sa"]),
    ('纪', &["ji"]),
    ('任', &["ren"]),
    ('哈', &["ha"]),
    ('肖', &["xiao"]),
];

/// Read so anywhere else in a name, beside the first reading.
const GIVEN: &[(char, &[&str])] = &[
    ('乐', &["le", "yue"]),
    ('行', &["xing", "hang"]),
    ('长', &["chang", "zhang"]),
    ('朝', &["chao", "zhao"]),
    ('重', &["chong", "zhong"]),
    ('茜', &["qian", "xi"]),
    ('娜', &["na", "nuo"]),
    ('强', &["qiang"]),
    ('盛', &["sheng", "cheng"]),
    ('晟', &["sheng", "cheng"]),
    ('曾', &["zeng", "ceng"]),
    ('参', &["shen", "can"]),
    ('会', &["hui"]),
    ('柏', &["bai", "bo"]),
    ('伯', &["bo", "bai"]),
    ('传', &["chuan", "zhuan"]),
    ('觉', &["jue", "jiao"]),
    ('率', &["shuai", "lv"]),
    ('莎', &["sha", "suo"]),
    ('扎', &["zha", "za"]),
    ('俟', &["si", "qi"]),
    ('解', &["jie", "xie"]),
    ('单', &["dan", "shan"]),
    ('仇', &["chou", "qiu"]),
    ('查', &["cha", "zha"]),
    ('调', &["tiao", "diao"]),
    ('还', &["huan", "hai"]),
    ('藏', &["zang", "cang"]),
    ('珈', &["jia"]),
    ('奇', &["qi"]),
    ('和', &["he"]),
    ('琦', &["qi"]),
    ('石', &["shi"]),
];

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

pub(super) struct Table {
    syllables: Vec<&'static str>,
    starts: Vec<u32>,
    flat: Vec<u16>,
    fronts: HashMap<char, Vec<u16>>,
}

/// Syllables as typed: `lü` is `lv`, and is found by `lu` and the passports' `lyu` too.
fn spelled(reading: &'static str) -> Vec<&'static str> {
    match reading {
        "lü" | "lv" => vec!["lv", "lu", "lyu"],
        "nü" | "nv" => vec!["nv", "nu", "nyu"],
        "lüe" | "lve" => vec!["lve", "lue", "lyue"],
        "nüe" | "nve" => vec!["nve", "nue", "nyue"],
        _ if !reading.is_empty() && reading.bytes().all(|b| b.is_ascii_lowercase()) => vec![reading],
        _ => Vec::new(),
    }
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

impl Table {
    pub(super) fn get() -> &'static Table {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(Table::build)
    }

    fn build() -> Table {
        let given: HashMap<char, &[&'static str]> = GIVEN.iter().copied().collect();
        let read = |c: char| -> Vec<&'static str> {
            let plain = || c.to_pinyin().map(|p| vec![p.plain()]).unwrap_or_default();
            let readings = given.get(&c).map(|list| list.to_vec()).unwrap_or_else(plain);
            readings.into_iter().flat_map(spelled).collect()
        };
        let block = || (FIRST..=LAST).filter_map(char::from_u32);
        let mut all: BTreeSet<&'static str> = block().flat_map(read).collect();
        all.extend(SURNAMES.iter().flat_map(|(_, list)| list.iter().copied()));
        all.extend((0..LETTERS.len()).filter_map(|i| LETTERS.get(i..i + 1)));
        let syllables: Vec<&'static str> = all.into_iter().collect();
        // Zero says "no syllable", so that a shorter name sorts before a longer one.
        let number = |s: &str| syllables.binary_search(&s).ok().and_then(|i| u16::try_from(i + 1).ok());
        let mut starts = vec![0];
        let mut flat = Vec::new();
        for c in block() {
            flat.extend(read(c).into_iter().filter_map(number));
            starts.push(flat.len() as u32);
        }
        let fronts = SURNAMES.iter().map(|(c, list)| (*c, list.iter().filter_map(|s| number(s)).collect())).collect();
        Table { syllables, starts, flat, fronts }
    }

    /// The readings of a character, as syllable numbers; a Latin letter reads as itself; empty if it has none.
    pub(super) fn of(&self, c: char, opens_name: bool) -> &[u16] {
        if opens_name && let Some(list) = self.fronts.get(&c) {
            return list;
        }
        let code = u32::from(c);
        if c.is_ascii_lowercase() {
            return self.letter(c);
        }
        if !(FIRST..=LAST).contains(&code) {
            return &[];
        }
        let at = (code - FIRST) as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => self.flat.get(from as usize..to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    fn letter(&self, c: char) -> &[u16] {
        static NUMBERS: OnceLock<Vec<u16>> = OnceLock::new();
        let numbers = NUMBERS.get_or_init(|| {
            let find = |i| LETTERS.get(i..i + 1).map(|s| self.whole(s.as_bytes()).unwrap_or(0)).unwrap_or(0);
            (0..LETTERS.len()).map(find).collect()
        });
        let at = (u32::from(c) - u32::from('a')) as usize;
        numbers.get(at..at + 1).unwrap_or(&[])
    }

    pub(super) fn text(&self, syllable: u16) -> &'static [u8] {
        usize::from(syllable).checked_sub(1).and_then(|i| self.syllables.get(i)).map(|s| s.as_bytes()).unwrap_or(&[])
    }

    /// The number of exactly this syllable.
    pub(super) fn whole(&self, text: &[u8]) -> Option<u16> {
        self.syllables.binary_search_by(|s| s.as_bytes().cmp(text)).ok().and_then(|i| u16::try_from(i + 1).ok())
    }

    /// The numbers of all syllables that begin so.
    pub(super) fn beginning(&self, text: &[u8]) -> Range<u16> {
        let from = self.syllables.partition_point(|s| s.as_bytes() < text);
        let to = from + self.syllables[from..].partition_point(|s| s.as_bytes().starts_with(text));
        from as u16 + 1..to as u16 + 1
    }

    /// The letters with which a character's readings begin, each once.
    pub(super) fn initials(&self, c: char, opens_name: bool) -> impl Iterator<Item = u8> + '_ {
        let list = self.of(c, opens_name);
        let first = |s: &u16| self.text(*s).first().copied().unwrap_or(b'?');
        list.iter()
            .enumerate()
            .filter(move |(i, s)| !list[..*i].iter().any(|t| first(t) == first(s)))
            .map(move |(_, s)| first(s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(c: char, opens: bool) -> Vec<String> {
        let table = Table::get();
        table.of(c, opens).iter().map(|s| String::from_utf8_lossy(table.text(*s)).into_owned()).collect()
    }

    #[test]
    fn a_surname_is_read_as_a_surname_and_as_it_looks() {
        assert_eq!(read('单', true), ["shan", "dan", "chan"]);
        assert_eq!(read('仇', true), ["qiu", "chou"]);
        assert_eq!(read('吕', true), ["lv", "lu", "lyu"]);
        assert_eq!(read('王', true), ["wang"]);
        assert_eq!(read('·', false), Vec::<String>::new());
        assert_eq!(read('q', false), ["q"]);
    }

    #[test]
    fn syllable_numbers_fit_nine_bits_and_a_prefix_is_a_range() {
        let table = Table::get();
        assert!(table.syllables.len() < 511, "{}", table.syllables.len());
        let zh: Vec<&str> =
            table.beginning(b"zhan").map(|s| std::str::from_utf8(table.text(s)).unwrap_or("")).collect();
        assert_eq!(zh, ["zhan", "zhang"]);
        assert!(table.beginning(b"zhx").is_empty());
    }
}
