//! What people type → the value that is kept, by type. What cannot be read is said under the field, in words.

use super::model::{Control, Question, ValueType};
use crate::domain::money::NotMoney;
use crate::domain::{Day, Explain, Fen, IdNumber, Message, letters, money::narrow_char};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The longest text kept as one answer, in characters.
pub const TEXT_MAX: usize = 10_000;

/// Why a typed text is no answer of this type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// Neither digits nor a sign.
    NotANumber,
    /// A whole number was asked for.
    NotWhole,
    /// Beyond what can be kept: 2,147,483,647 for whole numbers.
    TooLarge,
    /// Not a step of the question's scale; its ends and step as texts.
    OffScale {
        start: String,
        end: String,
        step: String,
    },
    Money(NotMoney),
    /// No such day, or not year first.
    NotADate,
    /// Where a month and its year are asked.
    NotAMonth,
    /// Where a year is asked.
    NotAYear,
    NotATime,
    /// A person may type it so; a script or another program has to write it as it is kept (`08:30:00`, `2024-01-05`).
    NotAsWritten,
    /// A rank that does not name every choice of its list once.
    NotAWholeRank,
    /// `lat lon` within ±90 and ±180.
    NotAPoint,
    /// The checks of the ID number, said by the domain.
    IdNumber(Message),
    /// Why it is no bank card, said by the domain.
    Card(Message),
    /// Control characters or escape sequences stand in it.
    ControlCharacters,
    /// U+FFFD stands in it: a program before this one lost a sign.
    Spoilt,
    TooLong {
        limit: usize,
    },
    /// No choice is called so, begins so, or has these initials.
    NoSuchChoice {
        typed: String,
        near: Option<String>,
    },
    /// This choice excludes the others that were given beside it.
    Exclusive {
        name: String,
    },
    /// More than one choice fits; the names in list order, at most ten.
    SeveralChoices {
        names: Vec<String>,
    },
}

impl Explain for NotRead {
    fn explain(&self) -> Message {
        match self {
            NotRead::NotANumber => Message::new("form.not_a_number"),
            NotRead::NotWhole => Message::new("form.not_whole"),
            NotRead::TooLarge => Message::new("form.number_too_large"),
            NotRead::OffScale { start, end, step } => Message::new("form.off_scale")
                .with("start", start.clone())
                .with("end", end.clone())
                .with("step", step.clone()),
            NotRead::Money(why) => match why {
                NotMoney::Empty => Message::new("form.money_empty"),
                NotMoney::Character(c) => Message::new("form.money_character").with("character", visible(*c)),
                NotMoney::MoreThanTwoPlaces => Message::new("form.money_places"),
                NotMoney::Shape => Message::new("form.money_shape"),
                NotMoney::TooLarge => Message::new("form.money_too_large"),
            },
            NotRead::NotADate => Message::new("form.not_a_date"),
            NotRead::NotAMonth => Message::new("form.not_a_month"),
            NotRead::NotAYear => Message::new("form.not_a_year"),
            NotRead::NotATime => Message::new("form.not_a_time"),
            NotRead::NotAsWritten => Message::new("form.not_as_written"),
            NotRead::NotAWholeRank => Message::new("form.not_a_whole_rank"),
            NotRead::NotAPoint => Message::new("form.not_a_point"),
            NotRead::IdNumber(message) | NotRead::Card(message) => message.clone(),
            NotRead::ControlCharacters => Message::new("form.control_characters"),
            NotRead::Spoilt => Message::new("form.text_spoilt"),
            NotRead::TooLong { limit } => Message::new("form.too_long").with("limit", *limit),
            NotRead::NoSuchChoice { typed, near: Some(near) } => {
                Message::new("form.no_such_choice_near").with("typed", typed.clone()).with("near", near.clone())
            }
            NotRead::NoSuchChoice { typed, near: None } => {
                Message::new("form.no_such_choice").with("typed", typed.clone())
            }
            NotRead::Exclusive { name } => Message::new("form.exclusive").with("name", name.clone()),
            NotRead::SeveralChoices { names } => Message::new("form.several_choices").with("names", names.join(" · ")),
        }
    }
}

fn visible(c: char) -> String {
    if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { c.to_string() }
}

/// A text with its lines ended as they are kept: files and clipboards of other systems end them with CR, too.
pub fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// What no answer may hold, wherever it comes from.
pub fn may_be_kept(text: &str) -> Result<(), NotRead> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(NotRead::ControlCharacters);
    }
    if text.contains('\u{fffd}') {
        return Err(NotRead::Spoilt);
    }
    match text.chars().nth(TEXT_MAX) {
        Some(_) => Err(NotRead::TooLong { limit: TEXT_MAX }),
        None => Ok(()),
    }
}

/// Reads typed text for every type but the choices (those need their list: [`super::choose`]). An empty text is an
/// empty answer. Full-width digits and signs, `，` grouping, several date spellings, lower-case `x` are understood.
pub fn typed(value: ValueType, typed: &str) -> Result<String, NotRead> {
    // What nobody sees is no part of an answer: another name is made by it, and nobody finds out.
    let text: String = lines(&letters::seen(typed)).nfc().collect();
    may_be_kept(&text)?;
    // Around the whole of it they turn nothing: contact books wrap numbers in them.
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || letters::is_direction_mark(c));
    if trimmed.contains(letters::is_direction_mark) {
        return Err(NotRead::ControlCharacters);
    }
    if trimmed.is_empty() {
        return Ok(String::new());
    }
    let narrow = || -> String { trimmed.chars().map(narrow_char).collect() };
    match value {
        ValueType::Text | ValueType::File | ValueType::Barcode => Ok(trimmed.to_owned()),
        ValueType::Integer => integer(&narrow()),
        ValueType::Decimal => decimal(&narrow()),
        ValueType::Money => Fen::from_working(trimmed).map(|worked| worked.amount.yuan()).map_err(NotRead::Money),
        ValueType::Date => Day::from_typed(trimmed).map(|d| d.to_string()).ok_or(NotRead::NotADate),
        ValueType::Time => time(&narrow()).ok_or(NotRead::NotATime),
        ValueType::DateTime => date_time(&narrow()).ok_or(NotRead::NotADate),
        ValueType::BankCard => {
            crate::domain::bank_card::from_typed(trimmed).map_err(|why| NotRead::Card(why.explain()))
        }
        ValueType::IdNumber => id_number(trimmed),
        ValueType::Point => point(&narrow()).ok_or(NotRead::NotAPoint),
        ValueType::Line | ValueType::Area => {
            let points: Option<Vec<String>> =
                narrow().split(';').map(str::trim).filter(|p| !p.is_empty()).map(point).collect();
            points.map(|p| p.join(";")).ok_or(NotRead::NotAPoint)
        }
        ValueType::Acknowledge => match narrow().to_lowercase().as_str() {
            "ok" | "y" | "yes" | "1" | "true" | "是" | "好" => Ok("OK".to_owned()),
            "n" | "no" | "0" | "false" | "否" => Ok(String::new()),
            _ => Err(NotRead::NoSuchChoice { typed: trimmed.to_owned(), near: Some("OK".to_owned()) }),
        },
        ValueType::One | ValueType::Many | ValueType::Rank => Ok(trimmed.to_owned()),
    }
}

/// Whether a number lies between the ends of a `range`.
fn on_range((start, end, _): (f64, f64, f64), n: f64) -> bool {
    n >= start.min(end) && n <= start.max(end)
}

/// What is typed at a `range` question must be a step of its scale. Scripts are held to its ends only, as in the other
/// engines.
pub fn on_scale(question: &Question, text: String) -> Result<String, NotRead> {
    let (Some(range), Ok(n)) = (question.range, text.parse::<f64>()) else { return Ok(text) };
    let (start, end, step) = range;
    let steps = (n - start) / step;
    if on_range(range, n) && (steps - steps.round()).abs() <= 1e-9 {
        return Ok(text);
    }
    let [start, end, step] = [start, end, step].map(crate::expr::number_text);
    Err(NotRead::OffScale { start, end, step })
}

/// Whether of a date only the month and the year are asked, or only the year; by its appearance.
fn coarse(appearance: &str) -> Option<&'static str> {
    ["month-year", "year"].into_iter().find(|word| super::model::looks(appearance, word))
}

/// Why what was typed is no such part of a date; none where the whole date is asked.
pub fn no_part_of_date(appearance: &str) -> Option<NotRead> {
    Some(if coarse(appearance)? == "year" { NotRead::NotAYear } else { NotRead::NotAMonth })
}

/// Of a date of which only month and year, or only the year, are asked (by its appearance): the first day of what was
/// typed; `=` is today's, `-3m` that of three months ago. None when it is no such question, or not typed so.
pub fn part_of_date(appearance: &str, typed: &str, today: Day) -> Option<Day> {
    let word = coarse(appearance)?;
    let narrow: String = typed.trim().chars().map(narrow_char).collect();
    let is_near = narrow.starts_with(['=', '-', '−', '+']);
    if let Some(day) = if is_near { Day::from_typed_near(typed, today) } else { Day::from_typed(typed) } {
        return Day::from_ymd(day.year(), if word == "year" { 1 } else { day.month() }, 1);
    }
    let parts: Vec<&str> = narrow.split(['-', '/', '.', '年', '月', ' ']).filter(|part| !part.is_empty()).collect();
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        (digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok())?
    };
    let year = |part: &str| number(part, 4..=4).filter(|year| *year > 0).map(|year| year as i32);
    match (word, &parts[..]) {
        ("year", [one]) => Day::from_ymd(year(one)?, 1, 1),
        ("year", [first, month]) => {
            Day::from_ymd(year(first)?, number(month, 1..=2)?, 1).and_then(|d| Day::from_ymd(d.year(), 1, 1))
        }
        (_, [one]) if one.len() == 6 => Day::from_ymd(year(&one[..4])?, number(&one[4..], 2..=2)?, 1),
        (_, [first, month]) => Day::from_ymd(year(first)?, number(month, 1..=2)?, 1),
        _ => None,
    }
}

fn ungroup(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, places) = text.split_once('.').map_or((text, ""), |(w, p)| (w, p));
    let digits = whole.trim_start_matches(['-', '+']);
    let mut groups = digits.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3) && !places.contains(',');
    grouped.then(|| text.replace(',', ""))
}

fn integer(text: &str) -> Result<String, NotRead> {
    let text = ungroup(text).ok_or(NotRead::NotANumber)?;
    let number = match text.split_once('.') {
        Some((whole, places)) if places.bytes().all(|b| b == b'0') => whole,
        Some((_, places)) if places.bytes().all(|b| b.is_ascii_digit()) => return Err(NotRead::NotWhole),
        Some(_) => return Err(NotRead::NotANumber),
        None => text.as_str(),
    };
    let digits = number.trim_start_matches(['-', '+']);
    if digits.is_empty() || number.len() - digits.len() > 1 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotRead::NotANumber);
    }
    number.parse::<i32>().map(|n| n.to_string()).map_err(|_| NotRead::TooLarge)
}

fn decimal(text: &str) -> Result<String, NotRead> {
    let text = ungroup(text).ok_or(NotRead::NotANumber)?;
    let digits = text.trim_start_matches(['-', '+']);
    let shaped = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
        && text.len() - digits.len() <= 1;
    if !shaped {
        return Err(NotRead::NotANumber);
    }
    if digits.len() > 300 {
        return Err(NotRead::TooLarge);
    }
    let number: f64 = text.parse().map_err(|_| NotRead::NotANumber)?;
    Ok(decimal_text(number))
}

/// A decimal as it is stored: always with a point (`2.0`), as the other engines do.
pub fn decimal_text(number: f64) -> String {
    let text = crate::expr::number_text(number);
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') { format!("{text}.0") } else { text }
}

fn time(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (hour, minute) = (parts.next()?.trim(), parts.next()?.trim());
    let second = parts.next().unwrap_or("0").trim();
    if parts.next().is_some() {
        return None;
    }
    let number = |s: &str, below: u32| {
        (s.len() <= 2 && !s.is_empty()).then(|| s.parse::<u32>().ok()).flatten().filter(|n| *n < below)
    };
    Some(format!("{:02}:{:02}:{:02}.000", number(hour, 24)?, number(minute, 60)?, number(second, 60)?))
}

/// A day, or a day and a time of it as other programs write them: with seconds, parts of one and a zone, or without. A cell
/// has a blank between them.
fn kept_date_time(text: &str) -> Option<String> {
    let Some((day, clock)) = text.split_once(['T', ' ']) else {
        return Day::from_iso(text).map(|day| day.to_string());
    };
    Day::from_iso(day)?;
    let of_day = clock.strip_suffix('Z').unwrap_or(clock);
    let (of_day, zone) = of_day.rfind(['+', '-']).map_or((of_day, ""), |at| of_day.split_at(at));
    let zone = zone.get(1..).unwrap_or_default();
    if !(zone.len() <= 5 && zone.bytes().all(|b| b.is_ascii_digit() || b == b':')) {
        return None;
    }
    let (whole, part) = of_day.split_once('.').unwrap_or((of_day, "0"));
    let read = time(whole).filter(|_| part.bytes().all(|b| b.is_ascii_digit()))?;
    Some(if text.contains('T') { text.to_owned() } else { format!("{day}T{read}") })
}

fn date_time(text: &str) -> Option<String> {
    let (day, clock) = text.split_once(['T', ' '])?;
    Some(format!("{}T{}", Day::from_typed(day)?, time(clock.trim())?))
}

fn point(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split([' ', ',']).filter(|p| !p.is_empty()).collect();
    if !(2..=4).contains(&parts.len()) {
        return None;
    }
    let mut numbers = [0.0f64; 4];
    for (number, part) in numbers.iter_mut().zip(&parts) {
        *number = part.parse::<f64>().ok().filter(|n| n.is_finite())?;
    }
    let [lat, lon, alt, accuracy] = numbers;
    if lat.abs() > 90.0 || lon.abs() > 180.0 {
        return None;
    }
    Some(format!("{lat} {lon} {alt} {accuracy}"))
}

fn id_number(text: &str) -> Result<String, NotRead> {
    IdNumber::from_typed(text).map(|id| id.reveal().to_owned()).map_err(|why| NotRead::IdNumber(why.explain()))
}

/// A point as the other engines keep it: four decimals; one at exactly 0 0 is no answer.
fn place(text: &str) -> Option<String> {
    let parts = point(text.trim())?;
    let numbers: Vec<f64> = parts.split(' ').filter_map(|n| n.parse().ok()).collect();
    if numbers.first() == Some(&0.0) && numbers.get(1) == Some(&0.0) {
        return None;
    }
    Some(numbers.into_iter().map(decimal_text).collect::<Vec<_>>().join(" "))
}

/// A value as scripts, answers files and other programs give it → as it is kept, as the other engines do it: `2.7` of a
/// whole number is `2`, `007` is `7`, `1e2` of a decimal is `100.0`; what is no value of the type is empty.
pub fn kept(question: &Question, text: &str) -> String {
    let number = || text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    if question.range.is_some_and(|range| number().is_none_or(|n| !on_range(range, n))) {
        return String::new();
    }
    match question.value {
        ValueType::Integer => match number() {
            Some(n) if n.trunc().abs() <= f64::from(i32::MAX) => format!("{}", n.trunc() as i64),
            _ => String::new(),
        },
        ValueType::Decimal => number().map_or(String::new(), decimal_text),
        ValueType::Money => Fen::from_yuan(text.trim()).map_or(String::new(), Fen::yuan),
        ValueType::Date => Day::from_iso(text.get(..10).unwrap_or(text)).map_or(String::new(), |d| d.to_string()),
        ValueType::IdNumber => id_number(text).unwrap_or_else(|_| text.trim().to_owned()),
        ValueType::BankCard => crate::domain::bank_card::from_typed(text).unwrap_or_else(|_| text.trim().to_owned()),
        // Without seconds it is no time to the other engines.
        ValueType::Time if text.matches(':').count() < 2 => String::new(),
        ValueType::Time if time(text.get(..5).unwrap_or("")).is_some() => text.to_owned(),
        // Spreadsheets save an hour below ten without its nought.
        ValueType::Time => time(text.trim()).unwrap_or_default(),
        ValueType::DateTime => kept_date_time(text.trim()).unwrap_or_default(),
        ValueType::Point => place(text).unwrap_or_default(),
        ValueType::Line | ValueType::Area => {
            let points: Option<Vec<String>> = text.split(';').filter(|p| !p.trim().is_empty()).map(place).collect();
            points.map_or(String::new(), |p| p.join("; "))
        }
        ValueType::Acknowledge => {
            if text.trim().eq_ignore_ascii_case("ok") {
                "OK".to_owned()
            } else {
                String::new()
            }
        }
        _ => text.to_owned(),
    }
}

/// What a calculation gives → as it is kept: money with two places, whole numbers without, where the sheet types it.
pub fn calculated<'a>(question: &Question, text: &'a str) -> Cow<'a, str> {
    match question.value {
        ValueType::Money => match money_of(text) {
            Some(fen) => Cow::Owned(fen.yuan()),
            None => Cow::Borrowed(""),
        },
        // `today() - 1` is a number of days since 1970.
        ValueType::Date => match text.parse::<f64>().ok().filter(|days| days.is_finite() && days.abs() < 1e7) {
            Some(days) => Cow::Owned(Day(days.floor() as i32).to_string()),
            None => Cow::Borrowed(text),
        },
        ValueType::Integer | ValueType::Decimal if question.control != Control::Hidden => {
            Cow::Owned(kept(question, text))
        }
        _ => Cow::Borrowed(text),
    }
}

/// A computed amount: decimal text as it is, a number with the dust of binary fractions rounded to the fen.
fn money_of(text: &str) -> Option<Fen> {
    Fen::from_yuan(text).ok().or_else(|| {
        let fen = (text.parse::<f64>().ok()? * 100.0).round();
        (fen.abs() <= crate::domain::money::FEN_MAX as f64).then_some(Fen(fen as i64))
    })
}
