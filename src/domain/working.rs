//! Amounts as people work them out: `3500*12`, `(800+1200)*6`, `1.2万`. Exact to the fen: nothing is rounded on the way.

use super::money::{Fen, NotMoney, narrow_char};

/// An amount, and the working that was typed for it where it was more than a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Worked {
    pub amount: Fen,
    /// As typed, in plain signs: `3500*12`.
    pub working: Option<String>,
}

/// A working longer than this is no slip of paper any more.
const CHARS_MAX: usize = 200;
/// Brackets in brackets, at most.
const DEPTH_MAX: u32 = 16;

impl Fen {
    /// Reads an amount as [`Fen::from_typed`] does, or a working of `+ - * ( )` over amounts, with `万` and `千`.
    ///
    /// Errors: as there; a product of more than two places is refused, never rounded.
    pub fn from_working(text: &str) -> Result<Worked, NotMoney> {
        let first = match Fen::from_typed(text) {
            Ok(amount) => return Ok(Worked { amount, working: None }),
            Err(why) => why,
        };
        let plain: String = text.trim().chars().map(plain_sign).filter(|c| !c.is_whitespace()).collect();
        if !plain.contains(['+', '-', '*', '(', '万', '千']) || plain.chars().count() > CHARS_MAX {
            return Err(first);
        }
        let mut reader = Reader { rest: &plain, depth: 0 };
        let hundredths = reader.sum()?;
        if !reader.rest.is_empty() {
            return Err(reader.rest.chars().next().map_or(NotMoney::Shape, |c| match c {
                ')' => NotMoney::Shape,
                c => NotMoney::Character(c),
            }));
        }
        let sign = if hundredths < 0 { "-" } else { "" };
        let magnitude = hundredths.unsigned_abs();
        let amount = Fen::from_yuan(&format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100))?;
        Ok(Worked { amount, working: Some(plain) })
    }
}

fn plain_sign(c: char) -> char {
    match narrow_char(c) {
        '×' | 'x' | 'X' | '✕' => '*',
        '−' | '—' | '–' => '-',
        '【' | '〔' => '(',
        '】' | '〕' => ')',
        c => c,
    }
}

/// What is not read yet. Values are hundredths.
struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

impl Reader<'_> {
    fn takes(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Result<i128, NotMoney> {
        let mut total = self.product()?;
        loop {
            if self.takes('+') {
                total = total.checked_add(self.product()?).ok_or(NotMoney::TooLarge)?;
            } else if self.takes('-') {
                total = total.checked_sub(self.product()?).ok_or(NotMoney::TooLarge)?;
            } else {
                return Ok(total);
            }
        }
    }

    fn product(&mut self) -> Result<i128, NotMoney> {
        let mut total = self.value()?;
        while self.takes('*') {
            let both = total.checked_mul(self.value()?).ok_or(NotMoney::TooLarge)?;
            if both % 100 != 0 {
                return Err(NotMoney::MoreThanTwoPlaces);
            }
            total = both / 100;
        }
        Ok(total)
    }

    fn value(&mut self) -> Result<i128, NotMoney> {
        if self.takes('-') {
            self.deeper()?;
            let value = self.value()?;
            self.depth -= 1;
            return Ok(-value);
        }
        if self.takes('(') {
            self.deeper()?;
            let value = self.sum()?;
            self.depth -= 1;
            return if self.takes(')') { Ok(value) } else { Err(NotMoney::Shape) };
        }
        let end = self.rest.find(['+', '-', '*', '(', ')', '万', '千']).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        let (number, times) = match (self.takes('万'), self.takes('千')) {
            (true, _) => (number, 10_000),
            (false, true) => (number, 1_000),
            (false, false) => (number, 1),
        };
        if let Ok(amount) = Fen::from_typed(number) {
            return i128::from(amount.0).checked_mul(times).ok_or(NotMoney::TooLarge);
        }
        match (times, number.split_once('.')) {
            // `1.2345万` has more places than a fen, and is whole all the same.
            (10_000 | 1_000, Some((whole, places))) => {
                let digits = places.len().min(8) as u32;
                let all = Fen::from_typed(&format!("{whole}{places}"))?.0;
                let scaled = i128::from(all).checked_mul(times).ok_or(NotMoney::TooLarge)?;
                let by = 10_i128.pow(digits);
                if scaled % by == 0 { Ok(scaled / by) } else { Err(NotMoney::MoreThanTwoPlaces) }
            }
            _ => Fen::from_typed(number).map(|amount| i128::from(amount.0)),
        }
    }

    fn deeper(&mut self) -> Result<(), NotMoney> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(NotMoney::Shape) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_working_is_exact_and_kept() {
        for (typed, yuan, working) in [
            ("9800", "9800.00", None),
            ("-500", "-500.00", None),
            ("3500*12", "42000.00", Some("3500*12")),
            ("３５００×１２", "42000.00", Some("3500*12")),
            ("1.2万", "12000.00", Some("1.2万")),
            ("1.23456万", "12345.60", Some("1.23456万")),
            ("2千+300", "2300.00", Some("2千+300")),
            ("(800+1200)*6 - 1,000", "11000.00", Some("(800+1200)*6-1,000")),
            ("（800 + 1200）* 6", "12000.00", Some("(800+1200)*6")),
            ("233.33*3", "699.99", Some("233.33*3")),
            ("100-200*2", "-300.00", Some("100-200*2")),
        ] {
            let worked = Fen::from_working(typed).unwrap_or_else(|why| panic!("{typed}: {why:?}"));
            assert_eq!((worked.amount.yuan().as_str(), worked.working.as_deref()), (yuan, working), "{typed}");
        }
    }

    #[test]
    fn what_is_no_working_is_refused_and_never_rounded() {
        for (typed, why) in [
            ("1,5", NotMoney::Shape),
            ("1,5*2", NotMoney::Shape),
            ("0.33*0.33", NotMoney::MoreThanTwoPlaces),
            ("3500*", NotMoney::Empty),
            ("(3500", NotMoney::Shape),
            ("3500)", NotMoney::Character(')')),
            ("3500/12", NotMoney::Character('/')),
            ("99999999999万*99999999999万", NotMoney::TooLarge),
            ("((((((((((((((((((((1))))))))))))))))))))+1", NotMoney::Shape),
        ] {
            assert_eq!(Fen::from_working(typed), Err(why), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[0-9,.+*()万千x −-]{0,40}") {
            let _ = Fen::from_working(&text);
        }
    }
}
