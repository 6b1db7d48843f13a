//! What a match is: one word against one row. The index only proposes rows; here it is decided, for every one of them.

use super::fold::{code_chars, later_words, name_chars, one_off};
use super::query::{TAIL, Term, dashed};
use super::readings::Table;
use super::segment::{Mark, Segment};
use super::{How, IndexField, Unit, Why};

/// Tails of dossier numbers may be shorter than those of ID numbers: a serial has four digits at least.
pub(super) const NUMBER_TAIL: usize = 3;
pub(super) const NUMBER_START: usize = 2;

/// The best reason why this word finds this row, and which of its names met it. `whole_numbers`: a part of an ID number or a
/// phone is none.
pub(super) fn judge(
    term: &Term,
    segment: &Segment,
    row: u32,
    unit: Option<How>,
    whole_numbers: bool,
) -> Option<(Why, Option<u32>)> {
    let mut best: Option<(Why, Option<u32>)> = unit.map(|how| (Why { field: IndexField::Unit, how }, None));
    let mut offer = |field: IndexField, how: How, name: Option<u32>| {
        let is_of_person = matches!(field, IndexField::IdNumber | IndexField::Phone);
        if whole_numbers && is_of_person && how != How::Whole {
            return;
        }
        let why = Why { field, how };
        if best.is_none_or(|(held, _)| why.rank() < held.rank()) {
            best = Some((why, name));
        }
    };
    for (i, name) in segment.names_of(row).enumerate() {
        if let Some(how) = name_met(term, name) {
            offer(if i == 0 { IndexField::Worker } else { IndexField::Member }, how, Some(i as u32));
        }
    }
    for (kind, text) in segment.marks_of(row) {
        if let Some((field, how)) = mark_met(term, kind, text) {
            offer(field, how, None);
        }
    }
    for key in segment.ids_of(row) {
        if term.id_whole == Some(*key) {
            offer(IndexField::IdNumber, How::Whole, None);
        } else if term.id_tail.as_ref().is_some_and(|tail| tail.contains(key)) {
            offer(IndexField::IdNumber, How::Tail, None);
        } else if term.id_part.is_some_and(|part| part.is_in(*key)) {
            offer(IndexField::IdNumber, How::Inside, None);
        }
    }
    for key in segment.phones_of(row) {
        if let Some(tail) = term.phone_tail.as_ref().filter(|tail| tail.contains(key)) {
            offer(IndexField::Phone, if tail.start() == key { How::Whole } else { How::Tail }, None);
        }
    }
    best
}

fn mark_met(term: &Term, kind: Mark, text: &str) -> Option<(IndexField, How)> {
    let field = match kind {
        Mark::Number => IndexField::Number,
        Mark::OtherNumber => IndexField::OtherNumber,
        Mark::OddId => IndexField::IdNumber,
        Mark::OddPhone => IndexField::Phone,
    };
    let code = || term.code.iter().copied();
    if term.code.is_empty() || text.is_empty() {
        return None;
    }
    if code_chars(text).eq(code()) {
        let same_dashes = term.dashed.as_ref().is_none_or(|typed| *typed == dashed(text));
        return Some((field, if same_dashes { How::Whole } else { How::Start }));
    }
    let tail = if matches!(kind, Mark::OddId | Mark::OddPhone) { TAIL } else { NUMBER_TAIL };
    if term.code.len() >= tail && code_chars(text).rev().take(term.code.len()).eq(code().rev()) {
        return Some((field, How::Tail));
    }
    if kind == Mark::OddId && term.id_part.is_some() && is_inside(&term.code, text) {
        return Some((field, How::Inside));
    }
    let starts = || code_chars(text).take(term.code.len()).eq(code());
    (term.code.len() >= NUMBER_START && tail == NUMBER_TAIL && starts()).then_some((field, How::Start))
}

/// Whether a number that is no whole one holds the digits.
pub(super) fn is_inside(code: &[char], text: &str) -> bool {
    let chars: Vec<char> = code_chars(text).collect();
    chars.windows(code.len().max(1)).any(|part| part == code)
}

/// How a word met a name.
pub(super) fn name_met(term: &Term, name: &str) -> Option<How> {
    if let Some(letters) = &term.letters {
        if !term.is_for(name) {
            return None;
        }
        let word = || letters.len() > 1 && later_words(name).any(|word| word.starts_with(letters));
        let inside = || word().then_some(How::Inside);
        return match aloud(letters, name) {
            Some(how @ (How::Pinyin | How::PinyinStart | How::Initials)) => Some(how),
            other => inside().or(other),
        };
    }
    let typed = &term.chars;
    if typed.is_empty() || typed.iter().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let mut buffer = ['\0'; 64];
    let mut len = 0;
    for (slot, c) in buffer.iter_mut().zip(name_chars(name)) {
        *slot = c;
        len += 1;
    }
    let chars = &buffer[..len];
    if chars.starts_with(typed) {
        Some(if chars.len() == typed.len() { How::Whole } else { How::Start })
    } else if typed.len() > 1 && same_sound(typed, chars) {
        Some(How::Sound)
    } else if chars.windows(typed.len()).any(|part| part == typed) {
        Some(How::Inside)
    } else if typed.len() > 1 && one_off(typed, chars) {
        Some(How::OneOff)
    } else {
        None
    }
}

fn same_sound(a: &[char], b: &[char]) -> bool {
    let table = Table::get();
    let alike = |(i, (x, y)): (usize, (&char, &char))| {
        let (x, y) = (table.of(*x, i == 0), table.of(*y, i == 0));
        x.iter().any(|s| y.contains(s))
    };
    a.len() == b.len() && a.iter().zip(b).enumerate().all(alike)
}

/// How letters met a text read aloud. Sets of positions reached in the letters are bits, one more than letters.
pub(super) fn aloud(letters: &[u8], text: &str) -> Option<How> {
    let table = Table::get();
    let end = 1u64 << letters.len();
    let mut whole = 1u64;
    let mut whole_ends_early = false;
    let mut last_cut_short = false;
    let mut mixed = 1u64;
    let mut mixed_reached = false;
    let mut initials = Some(0usize);
    let mut chars_read = 0;
    let mut opens = true;
    for c in name_chars(text) {
        let readings = table.of(c, opens);
        opens = false;
        if readings.is_empty() {
            continue;
        }
        chars_read += 1;
        whole_ends_early |= whole & end != 0;
        let (mut next_whole, mut next_mixed) = (0, 0);
        for &reading in readings {
            let syllable = table.text(reading);
            let mut at = mixed & !end;
            while at != 0 {
                let from = at.trailing_zeros() as usize;
                at &= at - 1;
                let rest = &letters[from..];
                let same = rest.iter().zip(syllable).take_while(|(x, y)| x == y).count();
                next_mixed |= ((1u64 << same) - 1) << (from + 1);
                if whole & 1 << from != 0 {
                    if same == syllable.len() {
                        next_whole |= 1 << (from + same);
                    } else if same == rest.len() {
                        last_cut_short = true;
                    }
                }
            }
        }
        initials = initials.and_then(|at| match letters.get(at) {
            None => Some(at),
            Some(b) => readings.iter().any(|r| table.text(*r).first() == Some(b)).then_some(at + 1),
        });
        whole = next_whole;
        mixed = next_mixed;
        mixed_reached |= mixed & end != 0;
        if !mixed_reached && mixed == 0 {
            return None;
        }
    }
    let initials = initials.filter(|at| *at == letters.len());
    if whole & end != 0 {
        Some(How::Pinyin)
    } else if initials.is_some() && chars_read == letters.len() {
        Some(How::Initials)
    } else if whole_ends_early || last_cut_short {
        Some(How::PinyinStart)
    } else if initials.is_some() {
        Some(How::InitialsStart)
    } else {
        mixed_reached.then_some(How::PinyinMixed)
    }
}

/// How a word met a unit.
pub(super) fn unit_met(term: &Term, unit: &Unit) -> Option<How> {
    let typed = &term.chars;
    if typed.is_empty() {
        return None;
    }
    if !unit.short.is_empty() && code_chars(&unit.short).eq(term.code.iter().copied()) {
        return Some(How::Whole);
    }
    let chars: Vec<char> = name_chars(&unit.name).collect();
    if chars.starts_with(typed) {
        return Some(if chars.len() == typed.len() { How::Whole } else { How::Start });
    }
    match &term.letters {
        // One letter is the beginning of a name; every other unit would begin with it too.
        Some(letters) if letters.len() > 1 && term.is_for(&unit.name) => aloud(letters, &unit.name),
        Some(_) => None,
        // 林 alone would bring every forest farm.
        None => (typed.len() > 1 && chars.windows(typed.len()).any(|part| part == typed)).then_some(How::Inside),
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::parse;
    use super::*;

    fn meets(typed: &str, name: &str) -> bool {
        parse(typed).iter().any(|terms| terms.iter().all(|term| name_met(term, name).is_some()))
    }

    #[test]
    fn a_query_longer_than_any_name_meets_nothing_and_breaks_nothing() {
        for typed in ["ab ".repeat(60), "a".repeat(100), "lv ".repeat(40), "ü".repeat(90)] {
            assert!(!meets(&typed, "Xu Yi") && !meets(&typed, "卢布"), "{typed}");
            let unit =
                Unit { id: crate::domain::UnitId([0; 16]), short: String::new(), name: "鲁山林场".to_owned() };
            for term in parse(&typed).iter().flatten() {
                assert_eq!(unit_met(term, &unit), None, "{:?}", term.letters.as_deref().map(String::from_utf8_lossy));
            }
        }
        // Letters for names in Latin letters name no unit in Chinese ones.
        let unit = Unit { id: crate::domain::UnitId([0; 16]), short: String::new(), name: "鲁山林场".to_owned() };
        assert!(parse("lv").iter().flatten().all(|term| unit_met(term, &unit).is_none()));
        assert!(parse("lu").iter().flatten().any(|term| unit_met(term, &unit).is_some()));
    }

    #[test]
    fn a_name_in_other_letters_is_met_by_its_own_spelling_and_by_those_without_accents() {
        for (name, spellings) in [
            ("Müller", &["Müller", "muller", "MÜLLER", "mull"][..]),
            ("Zoë Müller", &["Zoë Müller", "zoe muller", "müller", "zoe"]),
            ("Günther Grün", &["günther grün", "grün", "gunther"]),
            ("Lü Bu", &["Lü Bu", "lv bu", "lyu bu", "lu bu", "bu"]),
            ("Ürümqi Nür", &["ürümqi", "urumqi nur", "nür"]),
            ("Пётр Ёлкин", &["Пётр", "петр", "елкин"]),
            ("Ħamid Ŋuru", &["hamid", "nuru", "ħamid"]),
            ("Άννα", &["αννα", "Άννα"]),
            ("包·图雅", &["tuya", "ty", "图雅", "baotuya", "bty"]),
            ("买买提·吐尔逊", &["tuerxun", "tex", "吐尔逊", "mmt"]),
            ("吕布", &["lü bu", "lv bu", "lyu bu", "lubu"]),
        ] {
            for typed in spellings {
                assert!(meets(typed, name), "{typed} {name}");
            }
        }
        for (name, typed) in [
            ("张　三", "san"),
            ("王 伟", "wei"),
            ("卢布", "lü bu"),
            ("卢布", "lyu bu"),
            ("包·图雅", "tuyb"),
            ("Anna Lee", "lü"),
        ] {
            assert!(!meets(typed, name), "{typed} {name}");
        }
    }
}
