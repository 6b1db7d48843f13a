//! Money is whole fen. Nothing here divides before it compares.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in fen (1/100 yuan); may be negative (a business loss).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Fen(pub i64);

/// The largest amount taken: 2^53 fen, so that an amount is exact in the expression language too.
pub const FEN_MAX: i64 = 1 << 53;

/// Why a text is not an amount. The field says it in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotMoney {
    /// Nothing was typed.
    Empty,
    /// A character that belongs in no amount.
    Character(char),
    /// More than two places after the point: a fen is the least there is.
    MoreThanTwoPlaces,
    /// Grouping that does not stand before three digits, a second point, a sign in the middle.
    Shape,
    /// Beyond [`FEN_MAX`].
    TooLarge,
}

impl Fen {
    /// Reads a canonical amount in yuan: optional sign, digits, at most two places. No grouping, no spaces.
    pub fn from_yuan(text: &str) -> Result<Fen, NotMoney> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        if let Some(c) = digits.chars().find(|c| !c.is_ascii_digit() && *c != '.') {
            return Err(NotMoney::Character(c));
        }
        if whole.is_empty() && places.is_empty() {
            return Err(NotMoney::Empty);
        }
        if places.contains('.') {
            return Err(NotMoney::Shape);
        }
        if places.len() > 2 && places[2..].bytes().any(|b| b != b'0') {
            return Err(NotMoney::MoreThanTwoPlaces);
        }
        let mut fen: i64 = 0;
        let cents = format!("{places:0<2}");
        for b in whole.bytes().chain(cents.bytes().take(2)) {
            fen = fen.checked_mul(10).and_then(|f| f.checked_add(i64::from(b - b'0'))).ok_or(NotMoney::TooLarge)?;
            if fen > FEN_MAX {
                return Err(NotMoney::TooLarge);
            }
        }
        Ok(Fen(if negative { -fen } else { fen }))
    }

    /// Reads what people type or paste: full-width digits, `，` or `,` grouping before three digits, `¥`, `元`, spaces
    /// at the ends. `1,5` is refused, since it is 1.5 to one reader and 15 to another.
    pub fn from_typed(text: &str) -> Result<Fen, NotMoney> {
        let narrow: String = text.trim().chars().map(narrow_char).collect();
        let core = narrow.trim_start_matches('¥').trim_end_matches('元').trim();
        if core.is_empty() {
            return Err(NotMoney::Empty);
        }
        let (sign, rest) = match core.strip_prefix('-').or_else(|| core.strip_prefix('−')) {
            Some(rest) => ("-", rest),
            None => ("", core),
        };
        let (whole, places) = match rest.split_once('.') {
            Some((w, p)) => (w, Some(p)),
            None => (rest, None),
        };
        let whole = if whole.contains(',') {
            let mut groups = whole.split(',');
            let first = groups.next().unwrap_or_default();
            let grouped = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
            if !grouped {
                return Err(NotMoney::Shape);
            }
            whole.replace(',', "")
        } else {
            whole.to_owned()
        };
        let text = match places {
            Some(places) => format!("{sign}{whole}.{places}"),
            None => format!("{sign}{whole}"),
        };
        Fen::from_yuan(&text)
    }

    /// `42000.00`: what is stored, exported and computed with. Never grouped.
    pub fn yuan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }

    /// `42,000.00`: what people read.
    pub fn grouped(self) -> String {
        let plain = self.yuan();
        let (sign, rest) = match plain.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", plain.as_str()),
        };
        let (whole, places) = rest.split_once('.').unwrap_or((rest, "00"));
        let mut out = String::with_capacity(plain.len() + 4);
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        format!("{sign}{out}.{places}")
    }

    /// As a receipt spells it so that no digit can be added: `人民币壹仟零伍拾元伍角整`.
    pub fn spelled(self) -> String {
        const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
        const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
        const GROUPS: [&str; 5] = ["", "万", "亿", "兆", "京"];
        let magnitude = self.0.unsigned_abs();
        let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
        let digit = |d: u64| DIGITS.get(d as usize).copied().unwrap_or('零');
        let mut whole = String::new();
        let mut skipped = false;
        for (number, group) in GROUPS.iter().enumerate().rev() {
            let part = yuan / 10_000_u64.pow(number as u32) % 10_000;
            for (place, name) in PLACES.iter().enumerate().rev() {
                match part / 10_u64.pow(place as u32) % 10 {
                    0 => skipped |= !whole.is_empty(),
                    d => {
                        whole.extend(std::mem::take(&mut skipped).then_some('零'));
                        whole.push(digit(d));
                        whole.push_str(name);
                    }
                }
            }
            if part > 0 {
                whole.push_str(group);
            }
        }
        let mut out = String::from(if self.0 < 0 { "人民币负" } else { "人民币" });
        if whole.is_empty() && (jiao, fen) == (0, 0) {
            out.push('零');
        }
        out.push_str(&whole);
        if !whole.is_empty() || (jiao, fen) == (0, 0) {
            out.push('元');
        }
        match (jiao, fen) {
            (0, 0) => out.push('整'),
            (0, fen) => {
                out.extend((!whole.is_empty()).then_some('零'));
                out.extend([digit(fen), '分']);
            }
            (jiao, 0) => out.extend([digit(jiao), '角', '整']),
            (jiao, fen) => out.extend([digit(jiao), '角', digit(fen), '分']),
        }
        out
    }

    /// `self / parts`, rounded toward minus infinity: for showing only, so that 699.99… never reads 700.00.
    /// `None` when `parts` is zero.
    pub fn per(self, parts: u32) -> Option<Fen> {
        (parts > 0).then(|| Fen(self.0.div_euclid(i64::from(parts))))
    }

    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }

    pub fn checked_sub(self, other: Fen) -> Option<Fen> {
        self.0.checked_sub(other.0).map(Fen)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.grouped())
    }
}

impl fmt::Debug for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}元", self.yuan())
    }
}

/// Full-width forms (U+FF01..U+FF5E), the ideographic space and full stop to their ASCII twins; others unchanged.
pub fn narrow_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '。' => '.',
        '￥' => '¥',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_amounts() {
        for (typed, expected) in [
            ("9800", "9800.00"),
            ("9,800.5", "9800.50"),
            ("９，８００．５０", "9800.50"),
            ("¥1,234,567.89元", "1234567.89"),
            ("-300", "-300.00"),
            ("－３００", "-300.00"),
            (" 0 ", "0.00"),
            (".5", "0.50"),
            ("12.", "12.00"),
            ("1.500", "1.50"),
        ] {
            assert_eq!(Fen::from_typed(typed).map(Fen::yuan).as_deref(), Ok(expected), "{typed}");
        }
        for (typed, why) in [
            ("", NotMoney::Empty),
            ("1,5", NotMoney::Shape),
            ("1,5000", NotMoney::Shape),
            ("1.2.3", NotMoney::Shape),
            ("12a", NotMoney::Character('a')),
            ("0.001", NotMoney::MoreThanTwoPlaces),
            ("99999999999999999999", NotMoney::TooLarge),
            ("--5", NotMoney::Character('-')),
        ] {
            assert_eq!(Fen::from_typed(typed), Err(why), "{typed}");
        }
    }

    #[test]
    fn a_quotient_is_shown_rounded_down() {
        assert_eq!(Fen(2_519_999).per(36), Some(Fen(69_999)));
        assert_eq!(Fen(2_520_000).per(36), Some(Fen(70_000)));
        assert_eq!(Fen(-1).per(36), Some(Fen(-1)));
        assert_eq!(Fen(1).per(0), None);
    }

    #[test]
    fn a_receipt_spells_an_amount_as_banks_do() {
        for (fen, spelled) in [
            (0, "人民币零元整"),
            (1, "人民币壹分"),
            (50, "人民币伍角整"),
            (100, "人民币壹元整"),
            (105, "人民币壹元零伍分"),
            (105_050, "人民币壹仟零伍拾元伍角整"),
            (1_000_000, "人民币壹万元整"),
            (1_000_500, "人民币壹万零伍元整"),
            (1_000_100_000, "人民币壹仟万零壹仟元整"),
            (10_000_001_234, "人民币壹亿零壹拾贰元叁角肆分"),
            (-100, "人民币负壹元整"),
        ] {
            assert_eq!(Fen(fen).spelled(), spelled, "{fen}");
        }
    }

    #[test]
    fn grouping() {
        assert_eq!(Fen(-123_456_789).grouped(), "-1,234,567.89");
        assert_eq!(Fen(99_900).grouped(), "999.00");
        assert_eq!(Fen(5).grouped(), "0.05");
    }
}
