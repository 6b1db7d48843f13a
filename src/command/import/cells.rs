//! What stands in a cell → what is typed at its question: days in every spelling, money in units of ten thousand, choices in
//! the words that people write, units by name, number or path.

use super::headings::{Headings, NoAnswer, plain};
use crate::domain::money::narrow_char;
use crate::domain::{Day, Explain, Message, State};
use crate::form::draft::LabelsOfLists;
use crate::form::model::{NodeId, ValueType};
use crate::form::{At, Draft};
use crate::views::UnitRow;
use std::collections::HashMap;

/// What a cell comes to at its question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CellRead {
    Nothing,
    /// As it is typed; with what is to be said of how it was read.
    Answer(String, Option<Message>),
    State(State),
    /// Month and year alone, of which the first day was taken.
    FromMonth(String),
}

/// Units by their names, codes and paths.
pub struct UnitNames {
    units: Vec<UnitName>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

struct UnitName {
    code: String,
    /// Its name and those above it, from itself up.
    path: Vec<String>,
}

impl UnitNames {
    pub fn of(rows: &[UnitRow], on: Day) -> UnitNames {
        let standing: Vec<&UnitRow> = rows.iter().filter(|unit| unit.stands_on(on)).collect();
        let mut names = UnitNames { units: Vec::new(), by_code: HashMap::new(), by_name: HashMap::new() };
        for unit in &standing {
            let mut path = vec![plain(&unit.zh)];
            let mut above = unit.parent;
            while let Some(parent) = above.and_then(|id| standing.iter().find(|unit| unit.unit == id)) {
                path.push(plain(&parent.zh));
                above = parent.parent.filter(|_| path.len() <= standing.len());
            }
            let at = names.units.len();
            names.by_code.insert(plain(&unit.code), at);
            for name in [&unit.zh, &unit.en] {
                let places = names.by_name.entry(plain(name)).or_default();
                if !places.contains(&at) {
                    places.push(at);
                }
            }
            names.units.push(UnitName { code: unit.code.clone(), path });
        }
        names
    }

    /// The code of the one unit that a text means.
    fn find(&self, text: &str) -> Result<&str, Message> {
        let whole = plain(text);
        if let Some(at) = self.by_code.get(&whole) {
            return Ok(&self.units[*at].code);
        }
        let parts: Vec<String> =
            text.split(['/', '／', '>', '＞', '-', '－', '—', '·', '→', '\\', '|', ' ', '　']).map(plain).collect();
        let parts: Vec<&String> = parts.iter().filter(|part| !part.is_empty()).collect();
        let named = |name: &str| self.by_name.get(name).cloned().unwrap_or_default();
        let mut found = named(&whole);
        if found.is_empty()
            && let Some((last, above)) = parts.split_last()
        {
            found = named(last);
            found.retain(|at| above.iter().all(|part| self.units[*at].path[1..].contains(part)));
        }
        if found.is_empty() {
            // Written as one word: `金河林业局贮木场`.
            let ends = |unit: &UnitName| {
                let rest = whole.strip_suffix(unit.path[0].as_str()).filter(|rest| !rest.is_empty());
                rest.is_some_and(|rest| unit.path[1..].iter().any(|above| rest.ends_with(above.as_str())))
            };
            found = (0..self.units.len()).filter(|at| ends(&self.units[*at])).collect();
        }
        match found[..] {
            [one] => Ok(&self.units[one].code),
            [] => Err(Message::new("import.no_such_unit").with("text", text)),
            _ => {
                let codes = found.iter().map(|at| self.units[*at].code.as_str()).collect::<Vec<_>>().join(", ");
                Err(Message::new("import.several_units").with("text", text).with("codes", codes))
            }
        }
    }
}

/// A cell without the sign by which a spreadsheet keeps a number as text.
pub fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('\'').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text)
}

/// Whether what an amount says of itself behind a stroke (`元/月`) is what the question asks for: what comes in a month, or
/// in a year.
fn fits(question: &str, text: &str) -> bool {
    let narrow: String = text.chars().map(narrow_char).filter(|c| !c.is_whitespace()).collect();
    let Some((_, per)) = narrow.split_once('/') else { return true };
    let of_month = question.contains("month");
    match per {
        "月" | "每月" | "个月" => of_month,
        "年" | "每年" | "全年" => !of_month,
        _ => false,
    }
}

/// What reading cells takes.
pub struct CellReader<'r> {
    pub headings: &'r Headings,
    pub labels: LabelsOfLists,
    pub units: UnitNames,
}

impl CellReader<'_> {
    /// Errors: what is wrong with it, in words that do not repeat it where it is a number of a person.
    pub fn read(&self, draft: &Draft, at: At, text: &str, ten_thousand: bool) -> Result<CellRead, Message> {
        let Some(question) = draft.form().question(at.node) else { return Ok(CellRead::Nothing) };
        let text = text.trim();
        let text = bare(text);
        let no_answer = self.headings.no_answer(text);
        let of_list = question.list.is_some();
        match no_answer {
            _ if text.is_empty() => return Ok(CellRead::Nothing),
            Some(NoAnswer::Empty) => return Ok(CellRead::Nothing),
            Some(NoAnswer::Unknown) => return Ok(CellRead::State(State::DontKnow)),
            Some(NoAnswer::None) if question.value == ValueType::Money => {
                return Ok(CellRead::Answer("0".into(), None));
            }
            Some(NoAnswer::None) if !of_list => return Ok(CellRead::Nothing),
            _ => {}
        }
        let plain_answer = |text: String| Ok(CellRead::Answer(text, None));
        match question.value {
            ValueType::Date => match day(text).ok_or_else(|| Message::new("import.not_a_day").with("text", text))? {
                DayRead::Day(day) => plain_answer(day.to_string()),
                DayRead::Serial(day) => {
                    let said = Message::new("import.serial").with("text", text).with("day", day);
                    Ok(CellRead::Answer(day.to_string(), Some(said)))
                }
                DayRead::Month(day) => Ok(CellRead::FromMonth(day.to_string())),
            },
            ValueType::Money => match fits(&draft.form().node(at.node).name, text) {
                true => plain_answer(money(text, ten_thousand)),
                false => Err(Message::new("import.other_stretch").with("text", text)),
            },
            ValueType::Integer | ValueType::Decimal => plain_answer(number(text)),
            ValueType::IdNumber => match is_damaged(text) {
                true => Err(Message::new("import.id_damaged")),
                false => plain_answer(text.to_owned()),
            },
            ValueType::One | ValueType::Many | ValueType::Rank if of_list => {
                let read = self.choices(draft, at.node, text);
                match (read, no_answer) {
                    (Err(_), Some(NoAnswer::None)) => Ok(CellRead::Nothing),
                    (read, _) => read.map(|code| CellRead::Answer(code, None)),
                }
            }
            _ => plain_answer(text.to_owned()),
        }
    }

    /// The codes that a text means.
    fn choices(&self, draft: &Draft, node: NodeId, text: &str) -> Result<String, Message> {
        let Some(question) = draft.form().question(node) else { return Ok(String::new()) };
        let list = question.list.map_or("", |list| draft.form().lists[list.0 as usize].name.as_str());
        if list == "units" {
            return self.units.find(text).map(str::to_owned);
        }
        if let Some(code) = self.choice(draft, node, list, text) {
            return Ok(code);
        }
        if question.value != ValueType::One {
            let parts = text.split(['、', '，', ',', '；', ';', '/', '+', ' ', '　']).filter(|part| !part.is_empty());
            let codes: Option<Vec<String>> = parts.map(|part| self.choice(draft, node, list, part)).collect();
            if let Some(codes) = codes.filter(|codes| codes.len() > 1) {
                return Ok(codes.join(" "));
            }
        }
        Err(draft
            .as_typed(node, text, &self.labels)
            .err()
            .map_or_else(|| Message::new("form.no_such_choice").with("typed", text), |why| why.explain()))
    }

    fn choice(&self, draft: &Draft, node: NodeId, list: &str, text: &str) -> Option<String> {
        let label = |text: &str| draft.as_typed(node, text, &self.labels).ok();
        if text.chars().any(|c| !c.is_ascii_digit())
            && let Some(code) = label(text)
        {
            return Some(code);
        }
        if let Some(code) = self.headings.meant(list, text) {
            return Some(code.to_owned());
        }
        if let Some(code) = label(text) {
            return Some(code);
        }
        // `11 在岗`, `1.男`: a code and its words.
        let words = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || " .、-．:：".contains(c));
        if !words.is_empty() && words.len() < text.len() {
            let code = &text[..text.len() - words.len()];
            let code: String = code.chars().map(narrow_char).filter(char::is_ascii_alphanumeric).collect();
            let meant = label(words).or_else(|| self.headings.meant(list, words).map(str::to_owned));
            return meant.filter(|meant| *meant == code);
        }
        // A code that a spreadsheet took for a number has lost its nought.
        if text.len() == 1 && text.bytes().all(|b| b.is_ascii_digit()) {
            return label(&format!("0{text}"));
        }
        // `汉`, `蒙古`.
        if list == "ethnicity" { label(&format!("{text}族")) } else { None }
    }
}

/// A day as a roll has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayRead {
    Day(Day),
    /// Without its day: the first.
    Month(Day),
    /// A number that a spreadsheet counts days by.
    Serial(Day),
}

/// `2015/4/1`, `2015.4`, `20150401`, `二〇一五年四月`, `42095`, and `2015-04-01 00:00:00`.
pub fn day(text: &str) -> Option<DayRead> {
    let text = text.trim();
    let text = text.strip_suffix("00:00:00").or_else(|| text.strip_suffix("0:00:00")).unwrap_or(text).trim();
    let narrow: String = chinese_digits(&text.chars().map(narrow_char).collect::<String>());
    let narrow = narrow.trim_end_matches(['.', '号', '日']).trim();
    if let Some(day) = Day::from_typed(narrow) {
        return Some(DayRead::Day(day));
    }
    let digits = narrow.bytes().all(|b| b.is_ascii_digit());
    if digits && narrow.len() == 5 {
        let serial: i32 = narrow.parse().ok()?;
        // 1927 to 2064: a number of five digits that is no day of anybody alive is none.
        return (10_000..60_000).contains(&serial).then(|| DayRead::Serial(Day(serial - 25_569)));
    }
    let parts: Vec<&str> = if digits && narrow.len() == 6 {
        vec![&narrow[..4], &narrow[4..]]
    } else {
        narrow.split(['-', '/', '.', '年', '月', ' ']).filter(|part| !part.is_empty()).collect()
    };
    let [year, month] = parts[..] else { return None };
    let is = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    if !is(year, 4..=4) || !is(month, 1..=2) {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    Day::from_ymd(year, month.parse().ok()?, 1).filter(|_| (1900..2100).contains(&year)).map(DayRead::Month)
}

/// `二〇一五年十一月二十三日` → `2015年11月23日`.
fn chinese_digits(text: &str) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |c: char| match c {
        '零' | '○' | 'Ｏ' => Some(0),
        _ => (0..).zip(DIGITS).find(|(_, sign)| *sign == c).map(|(digit, _)| digit),
    };
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| digit(chars[at]));
        let behind = chars.get(at + 1).copied().and_then(digit);
        match (*c, digit(*c)) {
            ('十', _) => out.push_str(match (before.is_some(), behind.is_some()) {
                (false, false) => "10",
                (false, true) => "1",
                (true, false) => "0",
                (true, true) => "",
            }),
            (_, Some(digit)) => out.push_str(&digit.to_string()),
            _ => out.push(*c),
        }
    }
    out
}

/// An amount as it is typed; units of ten thousand are multiplied out digit by digit.
pub fn money(text: &str, ten_thousand: bool) -> String {
    let narrow: String = text.chars().map(narrow_char).filter(|c| !c.is_whitespace()).collect();
    let narrow = narrow.trim_start_matches("人民币").trim_start_matches(['¥', '￥', '约']);
    let narrow = narrow.split_once('/').map_or(narrow, |(before, _)| before);
    let yuan = narrow.trim_end_matches('元');
    let (amount, ten_thousand) = match yuan.strip_suffix('万') {
        Some(amount) => (amount, true),
        None => (yuan, ten_thousand && yuan == narrow),
    };
    if !ten_thousand {
        return amount.to_owned();
    }
    let plain: String = amount.chars().filter(|c| *c != ',').collect();
    let (whole, places) = plain.split_once('.').unwrap_or((&plain, ""));
    if !places.bytes().all(|b| b.is_ascii_digit()) {
        return amount.to_owned();
    }
    let places = format!("{places:0<4}");
    let (up, rest) = places.split_at(4);
    if rest.is_empty() { format!("{whole}{up}") } else { format!("{whole}{up}.{rest}") }
}

/// A number without what it counts.
fn number(text: &str) -> String {
    let narrow: String = text.chars().map(narrow_char).filter(|c| !c.is_whitespace()).collect();
    let words = ["平方米", "平米", "㎡", "m2", "m²", "平", "口", "人", "套", "年级", "年", "级"];
    let cut = words.into_iter().find_map(|word| narrow.strip_suffix(word)).unwrap_or(&narrow);
    // `2015-09`, `2015.9`: of an enrolment the year is asked.
    match day(cut) {
        Some(DayRead::Month(day) | DayRead::Day(day)) if cut.len() > 5 => day.year().to_string(),
        _ => cut.to_owned(),
    }
}

/// A number of more digits than a spreadsheet keeps: `1.52126E+17`, or noughts in place of the last three.
fn is_damaged(text: &str) -> bool {
    let narrow: String = text.chars().map(narrow_char).filter(|c| !c.is_whitespace()).collect();
    let scientific = narrow.to_uppercase().split_once("E+").is_some_and(|(digits, power)| {
        digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && power.bytes().all(|b| b.is_ascii_digit())
    });
    let noughts = narrow.len() == 18
        && narrow.ends_with("000")
        && crate::domain::IdNumber::from_typed(&narrow).is_err()
        && narrow.bytes().all(|b| b.is_ascii_digit());
    scientific || noughts || narrow.ends_with(".0") && narrow.len() > 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_spelling_and_never_made_up() {
        let exact = |text: &str| Some(DayRead::Day(Day::from_iso(text).unwrap()));
        let month = |text: &str| Some(DayRead::Month(Day::from_iso(text).unwrap()));
        for (text, read) in [
            ("2015/4/1", exact("2015-04-01")),
            ("2015.4.1", exact("2015-04-01")),
            ("2015.04.01.", exact("2015-04-01")),
            ("20150401", exact("2015-04-01")),
            ("２０１５年４月１日", exact("2015-04-01")),
            ("2015年4月1号", exact("2015-04-01")),
            ("2015-04-01 00:00:00", exact("2015-04-01")),
            ("二〇一五年四月一日", exact("2015-04-01")),
            ("二〇一五年十一月二十三日", exact("2015-11-23")),
            ("二零一五年十月十日", exact("2015-10-10")),
            ("二○一五年四月", month("2015-04-01")),
            ("2015.4", month("2015-04-01")),
            ("2015年4月", month("2015-04-01")),
            ("201504", month("2015-04-01")),
            ("42095", Some(DayRead::Serial(Day::from_iso("2015-04-01").unwrap()))),
            ("2015", None),
            ("15.4.1", None),
            ("2015/2/30", None),
            ("2015.13", None),
            ("201513", None),
            ("99999", None),
            ("去年", None),
        ] {
            assert_eq!(day(text), read, "{text}");
        }
    }

    #[test]
    fn what_comes_in_a_month_is_no_answer_for_a_year() {
        for (question, text, fit) in [
            ("inc_pension", "1200元/月", false),
            ("inc_pension", "1200 元／每月", false),
            ("inc_pension", "14400元/年", true),
            ("inc_pension", "14400", true),
            ("own_month_wage", "1200元/月", true),
            ("m_month_income", "14400元/年", false),
            ("inc_pension", "3000/学期", false),
        ] {
            assert_eq!(fits(question, text), fit, "{question} {text}");
        }
    }

    #[test]
    fn ten_thousands_are_multiplied_out_to_the_fen() {
        for (text, ten_thousand, amount) in [
            ("1.2", true, "12000"),
            ("1.23456", true, "12345.6"),
            ("0.5万", false, "05000"),
            ("3万元", false, "30000"),
            ("12,000元", true, "12,000"),
            ("12000元/年", false, "12000"),
            ("￥１２００", false, "1200"),
            ("1,200.50", false, "1,200.50"),
            ("-0.3", true, "-03000"),
            ("多", true, "多0000"),
        ] {
            assert_eq!(money(text, ten_thousand), amount, "{text}");
        }
    }

    #[test]
    fn a_number_that_a_spreadsheet_spoilt_is_seen_as_that() {
        for (text, damaged) in [
            ("1.52126E+17", true),
            ("152126196803150000", true),
            ("152126196803150311", false),
            ("15212619680315031X", false),
            ("152126680315031", false),
        ] {
            assert_eq!(is_damaged(text), damaged, "{text}");
        }
    }
}
