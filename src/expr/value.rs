//! What an expression comes to, and XPath 1.0's coercions between its kinds.

use super::functions::moment;
use crate::domain::{Day, Stamp};
use std::borrow::Cow;

/// A value. Text borrowed from the world or the expression wherever it can be.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    /// The text of a leaf whose type is a number: kept as it was written (`2.0`), worth its number as a boolean.
    Numeral(Cow<'a, str>),
    Number(f64),
    Bool(bool),
    Date(Day),
    /// A moment, told in a zone that is `zone_ms` east of UTC.
    Moment {
        at: Stamp,
        zone_ms: i64,
    },
    /// Rules only: see [`super::Seen::Unknown`].
    Unknown,
}

/// Kleene's three.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    Yes,
    No,
    Unknown,
}

impl From<bool> for Truth {
    fn from(b: bool) -> Truth {
        if b { Truth::Yes } else { Truth::No }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl From<Truth> for Value<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Value::Bool(true),
            Truth::No => Value::Bool(false),
            Truth::Unknown => Value::Unknown,
        }
    }
}

impl<'a> Value<'a> {
    pub const EMPTY: Value<'static> = Value::Text(Cow::Borrowed(""));

    /// `number()`: a text that is no number and no day is NaN, the empty text too; a day counts from 1970-01-01.
    pub fn number(&self) -> f64 {
        match self {
            Value::Text(text) | Value::Numeral(text) => text_number(text),
            Value::Number(number) => *number,
            Value::Bool(b) => f64::from(u8::from(*b)),
            Value::Date(day) => f64::from(day.0),
            Value::Moment { at, zone_ms } => moment::days(*at, *zone_ms),
            Value::Unknown => f64::NAN,
        }
    }

    /// `string()`.
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Value::Text(text) | Value::Numeral(text) => text,
            Value::Number(number) => Cow::Owned(number_text(number)),
            Value::Bool(b) => Cow::Borrowed(if b { "true" } else { "false" }),
            Value::Date(day) => Cow::Owned(day.to_string()),
            Value::Moment { at, zone_ms } => Cow::Owned(moment::text(at, zone_ms)),
            Value::Unknown => Cow::Borrowed(""),
        }
    }

    /// `boolean()`: a number that is neither 0 nor NaN, a text that is not empty.
    pub fn truth(&self) -> Truth {
        let b = match self {
            Value::Text(text) => !text.is_empty(),
            Value::Numeral(text) => {
                let number = text_number(text);
                number != 0.0 && !number.is_nan()
            }
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Bool(b) => *b,
            Value::Date(_) | Value::Moment { .. } => true,
            Value::Unknown => return Truth::Unknown,
        };
        b.into()
    }

    /// The text to be kept: NaN and unknown are the empty text.
    pub fn stored(self) -> Cow<'a, str> {
        match self {
            Value::Number(number) if number.is_nan() => Cow::Borrowed(""),
            other => other.text(),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(text) | Value::Numeral(text) => text.is_empty(),
            Value::Number(number) => number.is_nan(),
            _ => false,
        }
    }
}

/// A text as a number. XPath 1.0 takes a sign, digits and one point, nothing else; a day or a moment, as dates are
/// stored, is worth its days since 1970-01-01.
pub(super) fn text_number(text: &str) -> f64 {
    let text = text.trim_ascii();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut whole: u64 = 0;
    let mut places: Option<u32> = None;
    let mut count = 0usize;
    for b in digits.bytes() {
        match b {
            b'0'..=b'9' => {
                count += 1;
                if count > 15 {
                    break;
                }
                whole = whole * 10 + u64::from(b - b'0');
                places = places.map(|p| p + 1);
            }
            b'.' if places.is_none() => places = Some(0),
            _ => return if negative { f64::NAN } else { moment::read(text, 0).map_or(f64::NAN, |m| m.days()) },
        }
    }
    if count == 0 {
        return f64::NAN;
    }
    let number = if count > 15 {
        // Beyond what fits exactly: the slow way, after a check that nothing but digits and one point is there.
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if plain { digits.parse().unwrap_or(f64::NAN) } else { f64::NAN }
    } else {
        // At most 15 digits over a power of ten that is exact: one rounding, as a correct parse has.
        whole as f64 / POWERS[places.unwrap_or(0) as usize & 15]
    };
    if negative { -number } else { number }
}

const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A number as XPath and JavaScript write it: `3`, `0.30000000000000004`, `1e+24`, `NaN`, `-Infinity`.
pub fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (number, text) in [
            (3.0, "3"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e24, "1e+24"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1.5e-7, "1.5e-7"),
            (1e-6, "0.000001"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn texts_are_numbers_as_xpath_has_it() {
        for (text, number) in [
            ("12", 12.0),
            (" 12.50 ", 12.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("-7", -7.0),
            ("007", 7.0),
            ("1234567.891", 1_234_567.891),
            ("9007199254740992", 9_007_199_254_740_992.0),
            ("0.1234567890123456789", 0.123_456_789_012_345_68),
            ("2024-02-29", 19_782.0),
            ("1969-12-31", -1.0),
        ] {
            assert_eq!(text_number(text), number, "{text}");
        }
        for text in ["", "x", "1,000", "+5", "1e3", "-", ".", "1.2.3", "--1", "2024-02-30", "12345678901234567x"] {
            assert!(text_number(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn a_numeral_is_worth_its_number_as_a_boolean_and_a_text_is_not() {
        assert_eq!(Value::Numeral("0".into()).truth(), Truth::No);
        assert_eq!(Value::from("0").truth(), Truth::Yes);
        assert_eq!(Value::EMPTY.truth(), Truth::No);
    }
}
