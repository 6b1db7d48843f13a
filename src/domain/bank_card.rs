//! Bank card numbers: 16 to 19 digits, of which the last is a check digit (Luhn). Whether it fits is a warning, never an
//! error: some banks' passbooks do not keep to it.

use super::{Explain, Message, money::narrow_char};

/// Why a text is no card number. It never repeats the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotCard {
    Empty,
    /// Not 16 to 19 digits.
    Length(usize),
    /// What is no digit; its place counts from 1.
    Character {
        at: usize,
        found: char,
    },
}

/// Reads what people type: full-width digits, groups with spaces or `-` between. Gives the digits alone.
pub fn from_typed(text: &str) -> Result<String, NotCard> {
    let mut digits = String::new();
    for c in text.chars().map(narrow_char).filter(|c| !c.is_whitespace() && *c != '-') {
        if !c.is_ascii_digit() {
            return Err(NotCard::Character { at: digits.len() + 1, found: c });
        }
        if digits.len() < 32 {
            digits.push(c);
        }
    }
    match digits.len() {
        0 => Err(NotCard::Empty),
        16..=19 => Ok(digits),
        length => Err(NotCard::Length(length)),
    }
}

/// Whether the last digit fits: every second digit from the right but one is doubled, the digits' sum ends in 0.
pub fn luhn_fits(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            let weighed = if i % 2 == 1 { digit * 2 } else { digit };
            weighed / 10 + weighed % 10
        })
        .sum();
    digits.bytes().all(|b| b.is_ascii_digit()) && sum.is_multiple_of(10)
}

impl Explain for NotCard {
    fn explain(&self) -> Message {
        match *self {
            NotCard::Empty => Message::new("bank_card.empty"),
            NotCard::Length(length) => Message::new("bank_card.length").with("length", length),
            NotCard::Character { at, found } => {
                Message::new("bank_card.character").with("at", at).with("found", found.escape_debug().to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_as_typed() {
        assert_eq!(from_typed("６２２８ 4800-0000 0000 018").as_deref(), Ok("6228480000000000018"));
        for (typed, wrong) in [
            ("", NotCard::Empty),
            ("622848000000000", NotCard::Length(15)),
            ("62284800000000000180", NotCard::Length(20)),
            ("622848000000000001x", NotCard::Character { at: 19, found: 'x' }),
        ] {
            assert_eq!(from_typed(typed), Err(wrong), "{typed}");
        }
        assert_eq!(from_typed(&"9".repeat(10_000)), Err(NotCard::Length(32)));
    }

    #[test]
    fn a_card_with_one_digit_wrong_does_not_fit() {
        for card in ["6228480000000000018", "6228480000000000026", "6217000000000000038", "4111111111111111"] {
            assert!(luhn_fits(card));
            for at in 0..card.len() {
                let mut wrong = card.as_bytes().to_vec();
                wrong[at] = b'0' + (wrong[at] - b'0' + 1) % 10;
                assert!(!luhn_fits(std::str::from_utf8(&wrong).unwrap()), "{at}");
            }
        }
        assert!(!luhn_fits("62284800000000x0018"));
    }
}
