//! ID numbers and phones packed into eight bytes, last digit first, so that a tail is a range.

use std::ops::RangeInclusive;

const WIDTH: u32 = 18;

fn packed(values: impl Iterator<Item = u64>) -> (u64, u32) {
    values.fold((0, 0), |(key, n), v| (key * 11 + v, n + 1))
}

/// 18 characters, digits and a last X: base 11, no more and no fewer.
pub(super) fn pack_id(text: &str) -> Option<u64> {
    (text.len() == WIDTH as usize).then(|| id_tail(text)).flatten().map(|range| *range.start())
}

/// All ID numbers that end so: 1 to 18 characters, X only last.
pub(super) fn id_tail(text: &str) -> Option<RangeInclusive<u64>> {
    let value = |(i, b): (usize, u8)| match b {
        b'0'..=b'9' => Some(u64::from(b - b'0')),
        b'x' | b'X' if i == 0 => Some(10),
        _ => None,
    };
    tail(text.bytes().rev().enumerate().map(value).collect::<Option<Vec<u64>>>()?)
}

pub(super) fn unpack_id(mut key: u64) -> String {
    let mut out = String::with_capacity(18);
    for _ in 0..WIDTH {
        let digit = key % 11;
        out.push(char::from_digit(digit as u32, 10).unwrap_or('X'));
        key /= 11;
    }
    out
}

/// Up to 18 digits; their number is kept, since landlines begin with zeros.
pub(super) fn pack_phone(text: &str) -> Option<u64> {
    phone_tail(text).map(|range| *range.start())
}

/// All phones that end so.
pub(super) fn phone_tail(text: &str) -> Option<RangeInclusive<u64>> {
    let value = |b: u8| b.is_ascii_digit().then(|| u64::from(b - b'0') + 1);
    tail(text.bytes().rev().map(value).collect::<Option<Vec<u64>>>()?)
}

pub(super) fn unpack_phone(mut key: u64) -> String {
    let mut out = String::new();
    for _ in 0..WIDTH {
        if let Some(digit) = (key % 11).checked_sub(1) {
            out.push(char::from_digit(digit as u32, 10).unwrap_or('?'));
        }
        key /= 11;
    }
    out
}

/// A part of an ID number, whether or not it is its end: six digits and more, fewer than all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct IdPart {
    digits: u64,
    /// 11 to the number of digits, and to one less.
    room: u64,
    top: u64,
    places: u32,
}

/// Shorter parts stand in too many numbers.
const PART: usize = 6;

pub(super) fn id_part(text: &str) -> Option<IdPart> {
    let len = text.len();
    if !(PART..WIDTH as usize).contains(&len) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (digits, n) = packed(text.bytes().rev().map(|b| u64::from(b - b'0')));
    Some(IdPart { digits, room: 11u64.pow(n), top: 11u64.pow(n - 1), places: WIDTH - n })
}

impl IdPart {
    /// A window of as many digits is moved over the packed number.
    pub(super) fn is_in(&self, key: u64) -> bool {
        let (mut window, mut rest) = (key % self.room, key / self.room);
        for _ in 0..self.places {
            if window == self.digits {
                return true;
            }
            window = window / 11 + rest % 11 * self.top;
            rest /= 11;
        }
        window == self.digits
    }
}

fn tail(values: Vec<u64>) -> Option<RangeInclusive<u64>> {
    if values.is_empty() || values.len() > WIDTH as usize {
        return None;
    }
    let (key, n) = packed(values.into_iter());
    let room = 11u64.pow(WIDTH - n);
    Some(key * room..=key * room + (room - 1))
}

/// A 15-digit number of before 1999 as it was reissued: the century after the division, a check character after all.
pub(super) fn reissued(text: &str) -> Option<String> {
    if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (division, rest) = text.split_at(6);
    let mut long = format!("{division}19{rest}");
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = long.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    long.push(char::from(b"10X98765432"[(sum % 11) as usize]));
    Some(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_and_its_tails_hold_it() {
        for id in ["152126196803150311", "15078520010229001X", "000000000000000000"] {
            let key = pack_id(id).unwrap_or(1);
            assert_eq!(unpack_id(key), id);
            assert!(id_tail(&id[14..]).is_some_and(|r| r.contains(&key)));
            assert!(id_tail("0312").is_some_and(|r| !r.contains(&key)));
        }
        let key = pack_id("152126196803150311").unwrap_or(1);
        for part in ["152126", "19680315", "12619680", "521261968031503", "0315031", "150311", "15212619680315031"] {
            assert!(id_part(part).is_some_and(|part| part.is_in(key)), "{part}");
        }
        for other in ["196803151", "152127", "150312", "311152"] {
            assert!(id_part(other).is_some_and(|part| !part.is_in(key)), "{other}");
        }
        for none in ["15212", "152126196803150311", "15031X", ""] {
            assert!(id_part(none).is_none(), "{none}");
        }
        for phone in ["04705612345", "13800000000", "110"] {
            let key = pack_phone(phone).unwrap_or(1);
            assert_eq!(unpack_phone(key), phone);
            assert!(phone_tail(&phone[phone.len() - 3..]).is_some_and(|r| r.contains(&key)));
        }
        for bad in ["", "1521261968031503111", "15212619680315X311", "15212619680315"] {
            assert_eq!(pack_id(bad), None, "{bad}");
        }
        assert_eq!(reissued("152126680315031").as_deref(), Some("152126196803150311"));
    }
}
