//! Citizen identification numbers, GB 11643: six digits of division, eight of birth, three of sequence (odd for men), and
//! a check character. Printed masked; whoever wants it whole asks by name.

use super::{CodeList, Day, Explain, Message, money::narrow_char};
use std::fmt;

/// Eighteen ASCII characters whose date exists and whose check character is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdNumber([u8; 18]);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sex {
    Male,
    Female,
}

impl Sex {
    /// The code of GB/T 2261.1: `1` or `2`.
    pub fn code(self) -> &'static str {
        match self {
            Sex::Male => "1",
            Sex::Female => "2",
        }
    }
}

/// Why a text is no ID number. It says which digit is wrong and never repeats the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotIdNumber {
    Empty,
    /// Neither 18 nor 15 characters.
    Length(usize),
    /// What is neither a digit nor the last X; its place counts from 1.
    Character {
        at: usize,
        found: char,
    },
    /// The division begins with 0.
    Division,
    /// Digits 7 to 14 are no day: month 13, 29 February of a common year.
    NotADay {
        year: u32,
        month: u32,
        day: u32,
    },
    /// Born before [`YEAR_MIN`].
    YearTooEarly(u32),
    CheckDigit {
        expected: char,
        found: char,
    },
}

/// What is odd about a number that is well formed. Never an error: people move in from anywhere and register late.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IdWarning {
    /// The list holds no such division at any time.
    DivisionUnknown { division: String },
    /// The division came into use after the person was numbered: registered late, or a digit is wrong.
    DivisionLater { division: String, since: Day },
    /// The division had gone out of use before the person was born, or before anybody was numbered.
    DivisionGone { division: String, until: Day },
    /// Born after today.
    BornLater(Day),
}

/// The earliest year of birth taken; the oldest holder of a number was born later.
pub const YEAR_MIN: u32 = 1850;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// Numbers were first given from 1984, and to grown people until the end of 1991 or so; since then at birth.
/// A division that came later than both this day and the birth means a late registration.
fn numbering_began() -> Day {
    Day(5_113)
}
fn numbering_done() -> Day {
    Day(8_034)
}

impl IdNumber {
    /// Reads what people type: full-width digits, a lower-case x, spaces anywhere, an old number of 15 digits, which
    /// becomes one of 18.
    pub fn from_typed(text: &str) -> Result<IdNumber, NotIdNumber> {
        let mut kept = [0u8; 18];
        let mut length = 0;
        let mut wrong = None;
        for c in text.chars().map(narrow_char).filter(|c| !c.is_whitespace()) {
            if let Some(slot) = kept.get_mut(length) {
                match c {
                    '0'..='9' => *slot = c as u8,
                    'x' | 'X' if length == 17 => *slot = b'X',
                    _ => wrong = wrong.or(Some(NotIdNumber::Character { at: length + 1, found: c })),
                }
            }
            length += 1;
        }
        match (length, wrong) {
            (0, _) => Err(NotIdNumber::Empty),
            (15 | 18, Some(wrong)) => Err(wrong),
            (15, None) => {
                let mut whole = [0u8; 18];
                whole[..6].copy_from_slice(&kept[..6]);
                whole[6..8].copy_from_slice(b"19");
                whole[8..17].copy_from_slice(&kept[6..15]);
                whole[17] = check_character(&whole);
                IdNumber(whole).checked()
            }
            (18, None) => IdNumber(kept).checked(),
            (length, _) => Err(NotIdNumber::Length(length)),
        }
    }

    /// Makes a number: a division of six digits, a sequence below 1000. For synthetic people.
    pub fn new(division: &str, birth: Day, sequence: u16) -> Option<IdNumber> {
        let text = format!("{division}{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day_of_month());
        let mut whole = [0u8; 18];
        if text.len() != 17 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        whole[..17].copy_from_slice(text.as_bytes());
        whole[17] = check_character(&whole);
        IdNumber(whole).checked().ok()
    }

    /// The date before the check character: it says where the slip is.
    fn checked(self) -> Result<IdNumber, NotIdNumber> {
        if self.0[0] == b'0' {
            return Err(NotIdNumber::Division);
        }
        let (year, month, day) = (self.number(6..10), self.number(10..12), self.number(12..14));
        if Day::from_ymd(year as i32, month, day).is_none() {
            return Err(NotIdNumber::NotADay { year, month, day });
        }
        if year < YEAR_MIN {
            return Err(NotIdNumber::YearTooEarly(year));
        }
        let expected = check_character(&self.0);
        if self.0[17] != expected {
            return Err(NotIdNumber::CheckDigit { expected: expected as char, found: self.0[17] as char });
        }
        Ok(self)
    }

    fn number(&self, range: std::ops::Range<usize>) -> u32 {
        self.0[range].iter().fold(0, |n, b| n * 10 + u32::from(b.wrapping_sub(b'0')))
    }

    fn text(&self, range: std::ops::Range<usize>) -> &str {
        std::str::from_utf8(&self.0[range]).unwrap_or_default()
    }

    /// All eighteen characters: for storing, comparing and what a person has asked to see. Never for logs or errors.
    pub fn reveal(&self) -> &str {
        self.text(0..18)
    }

    /// The division of the day the number was given: an adult from Genhe has 152126, not 150785.
    pub fn division(&self) -> &str {
        self.text(0..6)
    }

    pub fn birth(&self) -> Day {
        // `checked` saw that this day exists.
        Day::from_ymd(self.number(6..10) as i32, self.number(10..12), self.number(12..14)).unwrap_or(Day(0))
    }

    pub fn sex(&self) -> Sex {
        if self.number(16..17) % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The last four, by which people find a number.
    pub fn tail(&self) -> &str {
        self.text(14..18)
    }

    /// `152126********0311`: the usual public form. It still tells place and sex.
    pub fn masked(&self) -> String {
        format!("{}********{}", self.division(), self.tail())
    }

    /// What to ask about again, by the divisions as they were.
    pub fn warnings(&self, divisions: &CodeList, today: Day) -> Vec<IdWarning> {
        let mut warnings = Vec::new();
        let birth = self.birth();
        if birth > today {
            warnings.push(IdWarning::BornLater(birth));
        }
        let division = || self.division().to_owned();
        let rows: Vec<_> = divisions.all().filter(|c| c.code == self.division()).collect();
        let (earliest, latest) = (birth.max(numbering_began()), birth.max(numbering_done()));
        let fits = |since: Option<Day>, until: Option<Day>| {
            since.is_none_or(|s| s <= latest) && until.is_none_or(|u| u >= earliest)
        };
        if rows.is_empty() {
            warnings.push(IdWarning::DivisionUnknown { division: division() });
        } else if !rows.iter().any(|c| fits(c.since, c.until)) {
            // Every row begins too late or ends too early; the one that begins too late is the likelier explanation.
            let later = rows.iter().filter_map(|c| c.since).filter(|s| *s > latest).min();
            let gone = rows.iter().filter_map(|c| c.until).max();
            warnings.push(match (later, gone) {
                (Some(since), _) => IdWarning::DivisionLater { division: division(), since },
                (None, Some(until)) => IdWarning::DivisionGone { division: division(), until },
                (None, None) => IdWarning::DivisionUnknown { division: division() },
            });
        }
        warnings
    }
}

/// The check character over the first seventeen digits: weighted sum modulo 11, looked up.
fn check_character(digits: &[u8; 18]) -> u8 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w).sum();
    CHECKS[(sum % 11) as usize]
}

impl fmt::Display for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({})", self.masked())
    }
}

impl Explain for NotIdNumber {
    fn explain(&self) -> Message {
        match *self {
            NotIdNumber::Empty => Message::new("id_number.empty"),
            NotIdNumber::Length(length) => Message::new("id_number.length").with("length", length),
            NotIdNumber::Character { at, found } => {
                Message::new("id_number.character").with("at", at).with("found", found.escape_debug().to_string())
            }
            NotIdNumber::Division => Message::new("id_number.division"),
            NotIdNumber::NotADay { year, month, day } => {
                Message::new("id_number.not_a_day").with("text", format!("{year:04}-{month:02}-{day:02}"))
            }
            NotIdNumber::YearTooEarly(year) => Message::new("id_number.year_too_early").with("year", year),
            NotIdNumber::CheckDigit { expected, found } => Message::new("id_number.check_digit")
                .with("expected", expected.to_string())
                .with("found", found.to_string()),
        }
    }
}

impl Explain for IdWarning {
    fn explain(&self) -> Message {
        match self {
            IdWarning::DivisionUnknown { division } => {
                Message::new("id_number.division_unknown").with("division", division.as_str())
            }
            IdWarning::DivisionLater { division, since } => {
                Message::new("id_number.division_later").with("division", division.as_str()).with("since", *since)
            }
            IdWarning::DivisionGone { division, until } => {
                Message::new("id_number.division_gone").with("division", division.as_str()).with("until", *until)
            }
            IdWarning::BornLater(birth) => Message::new("id_number.born_later").with("birth", *birth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Synthetic people: number, sex, birth, masked.
    const PEOPLE: [(&str, &str, &str, &str); 19] = [
        ("152126196803150311", "1", "1968-03-15", "152126********0311"),
        ("152126197108220423", "2", "1971-08-22", "152126********0423"),
        ("152126196207180346", "2", "1962-07-18", "152126********0346"),
        ("152126198501100131", "1", "1985-01-10", "152126********0131"),
        ("152126197912030241", "2", "1979-12-03", "152126********0241"),
        ("152126194501010023", "2", "1945-01-01", "152126********0023"),
        ("15212619680229011X", "1", "1968-02-29", "152126********011X"),
        ("152105199605120156", "1", "1996-05-12", "152105********0156"),
        ("152105199811300289", "2", "1998-11-30", "152105********0289"),
        ("150785200506170017", "1", "2005-06-17", "150785********0017"),
        ("150785200802290021", "2", "2008-02-29", "150785********0021"),
        ("150785201209300051", "1", "2012-09-30", "150785********0051"),
        ("150785201511110080", "2", "2015-11-11", "150785********0080"),
        ("15078520181214003X", "1", "2018-12-14", "150785********003X"),
        ("150782200304040071", "1", "2003-04-04", "150782********0071"),
        ("152104197309090188", "2", "1973-09-09", "152104********0188"),
        ("152127198008080567", "2", "1980-08-08", "152127********0567"),
        ("15078520060606019X", "1", "2006-06-06", "150785********019X"),
        ("15212619750420007X", "1", "1975-04-20", "152126********007X"),
    ];

    fn divisions() -> CodeList {
        let (list, problems) = CodeList::parse(
            "division",
            "code,zh,en,since,until\n\
             150782,牙克石市,Yakeshi,2001-01-01,\n\
             150785,根河市,Genhe,2001-01-01,\n\
             152104,牙克石市,Yakeshi,1983-01-01,2000-12-31\n\
             152105,根河市,Genhe,1994-01-01,2000-12-31\n\
             152121,喜桂图旗,Xiguit,1980-01-01,1982-12-31\n\
             152126,额尔古纳左旗,Ergun Left,1980-01-01,1993-12-31\n\
             152127,鄂伦春自治旗,Oroqen,1980-01-01,2000-12-31\n",
        );
        assert_eq!(problems, []);
        list
    }

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn a_number_tells_sex_birth_and_division_and_prints_masked() {
        for (number, sex, birth, masked) in PEOPLE {
            let id = IdNumber::from_typed(number).unwrap();
            assert_eq!((id.sex().code(), id.birth().to_string().as_str()), (sex, birth), "{masked}");
            assert_eq!(id.reveal(), number);
            assert_eq!((id.to_string(), format!("{id:?}")), (masked.to_owned(), format!("IdNumber({masked})")));
            assert_eq!(id.division(), &number[..6]);
            assert_eq!(id.warnings(&divisions(), day("2018-12-31")), [], "{masked}");
        }
        // The standard's own samples.
        for number in ["11010519491231002X", "440524188001010014"] {
            assert_eq!(IdNumber::from_typed(number).map(|id| id.reveal().to_owned()).as_deref(), Ok(number));
        }
    }

    #[test]
    fn what_people_type() {
        for (typed, kept) in [
            ("15212619680229011x", "15212619680229011X"),
            ("１５２１２６１９６８０２２９０１１ｘ", "15212619680229011X"),
            (" 152126 19680315 0311 ", "152126196803150311"),
            ("152126　19680315　0311", "152126196803150311"),
            ("152126680315031", "152126196803150311"),
        ] {
            assert_eq!(IdNumber::from_typed(typed).map(|id| id.reveal().to_owned()).as_deref(), Ok(kept), "{typed}");
        }
        for (typed, wrong) in [
            ("", NotIdNumber::Empty),
            ("   ", NotIdNumber::Empty),
            ("15212619680315031", NotIdNumber::Length(17)),
            ("1521261968031503111", NotIdNumber::Length(19)),
            ("152126196803150310", NotIdNumber::CheckDigit { expected: '1', found: '0' }),
            ("15212619680315031X", NotIdNumber::CheckDigit { expected: '1', found: 'X' }),
            ("152126196902290117", NotIdNumber::NotADay { year: 1969, month: 2, day: 29 }),
            ("152126196813150315", NotIdNumber::NotADay { year: 1968, month: 13, day: 15 }),
            ("152126690229011", NotIdNumber::NotADay { year: 1969, month: 2, day: 29 }),
            ("152126000001010018", NotIdNumber::YearTooEarly(0)),
            ("052126196803150311", NotIdNumber::Division),
            ("1521261968031X0311", NotIdNumber::Character { at: 14, found: 'X' }),
            ("15212619680315031O", NotIdNumber::Character { at: 18, found: 'O' }),
            ("15212668031503X", NotIdNumber::Character { at: 15, found: 'X' }),
            ("15212619680315031\u{1b}", NotIdNumber::Character { at: 18, found: '\u{1b}' }),
        ] {
            assert_eq!(IdNumber::from_typed(typed), Err(wrong), "{typed}");
        }
    }

    #[test]
    fn divisions_are_those_of_the_day_the_number_was_given() {
        let warns = |number: &str| {
            let id = IdNumber::from_typed(number).unwrap();
            id.warnings(&divisions(), day("2018-12-31"))
        };
        let made = |division, birth| IdNumber::new(division, day(birth), 15).unwrap().reveal().to_owned();
        let later = |division: &str, since| IdWarning::DivisionLater { division: division.into(), since: day(since) };
        let gone = |division: &str, until| IdWarning::DivisionGone { division: division.into(), until: day(until) };
        for (division, birth, expected) in [
            ("152126", "1993-12-31", vec![]),
            ("152126", "1994-01-01", vec![gone("152126", "1993-12-31")]),
            ("152105", "1994-01-01", vec![]),
            ("152105", "1993-12-31", vec![later("152105", "1994-01-01")]),
            ("150785", "2001-01-01", vec![]),
            ("150785", "2000-12-31", vec![later("150785", "2001-01-01")]),
            ("150785", "1968-03-15", vec![later("150785", "2001-01-01")]),
            // In use when grown people were numbered, though not when this one was born.
            ("152104", "1945-01-01", vec![]),
            // Gone before anybody was numbered.
            ("152121", "1970-01-01", vec![gone("152121", "1982-12-31")]),
            ("440524", "1980-01-01", vec![IdWarning::DivisionUnknown { division: "440524".into() }]),
            ("150785", "2019-01-01", vec![IdWarning::BornLater(day("2019-01-01"))]),
        ] {
            assert_eq!(warns(&made(division, birth)), expected, "{division} {birth}");
        }
    }

    #[test]
    fn the_days_of_numbering_are_those_meant() {
        assert_eq!((numbering_began(), numbering_done()), (day("1984-01-01"), day("1991-12-31")));
    }

    #[test]
    fn an_error_never_repeats_the_number() {
        let wrong = IdNumber::from_typed("152126196803150310").unwrap_err();
        assert!(!format!("{wrong:?} {:?}", wrong.explain()).contains("19680315"));
    }

    proptest! {
        #[test]
        fn one_changed_digit_is_found(person in 0..PEOPLE.len(), at in 0usize..18, digit in 0u8..10) {
            let mut number = PEOPLE[person].0.as_bytes().to_vec();
            let before = number[at];
            number[at] = b'0' + digit;
            prop_assume!(number[at] != before);
            prop_assert!(IdNumber::from_typed(std::str::from_utf8(&number).unwrap()).is_err());
        }

        #[test]
        fn two_neighbours_swapped_are_found(person in 0..PEOPLE.len(), at in 0usize..16) {
            let mut number = PEOPLE[person].0.as_bytes().to_vec();
            prop_assume!(number[at] != number[at + 1]);
            number.swap(at, at + 1);
            prop_assert!(IdNumber::from_typed(std::str::from_utf8(&number).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_it_stumble(text in ".{0,24}") {
            let _ = IdNumber::from_typed(&text);
        }
    }
}
