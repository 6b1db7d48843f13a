//! Which field a word of the query met, how, and how good that is.

use crate::domain::{Arg, Explain, Message};

/// A searched field of a household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum IndexField {
    Number,
    OtherNumber,
    Worker,
    Member,
    Unit,
    IdNumber,
    Phone,
}

/// How the word met the field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum How {
    Whole,
    Start,
    Tail,
    Inside,
    /// Other characters, same sound: 张国墙 for 张国强.
    Sound,
    /// One character wrong, missing or extra, or two neighbours swapped.
    OneOff,
    Pinyin,
    PinyinStart,
    Initials,
    InitialsStart,
    /// Some syllables whole and some cut short: `zhgqiang`.
    PinyinMixed,
}

/// Why a household was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Why {
    pub field: IndexField,
    pub how: How,
}

impl Why {
    /// Lower is better. Identities before names, whole before part, as written before as sounded, the worker before a
    /// member; a changed
    /// character comes last. A tail comes before a start: numbers of one division all start alike.
    pub fn rank(self) -> u8 {
        let how = match (self.field, self.how) {
            (IndexField::Number | IndexField::IdNumber, How::Whole) => 0,
            (IndexField::Phone | IndexField::OtherNumber, How::Whole) => 1,
            (IndexField::Unit, How::Whole) => 5,
            (_, How::Whole) => 2,
            (IndexField::Number, How::Tail) => 4,
            (IndexField::IdNumber | IndexField::Phone | IndexField::OtherNumber, How::Tail) => 5,
            (IndexField::Number | IndexField::OtherNumber | IndexField::IdNumber | IndexField::Phone, _) => 7,
            (IndexField::Unit, How::Start | How::Inside) => 9,
            (IndexField::Unit, _) => 16,
            (_, How::Pinyin) => 3,
            (_, How::Initials) => 6,
            (_, How::Start) => 7,
            (_, How::PinyinStart) => 8,
            (_, How::Sound) => 10,
            (_, How::Inside | How::Tail) => 11,
            (_, How::InitialsStart) => 12,
            (_, How::PinyinMixed) => 13,
            (_, How::OneOff) => 14,
        };
        2 * how + u8::from(self.field == IndexField::Member)
    }
}

impl Explain for Why {
    fn explain(&self) -> Message {
        let field = match self.field {
            IndexField::Number => "search.field.number",
            IndexField::OtherNumber => "search.field.other_number",
            IndexField::Worker => "search.field.worker",
            IndexField::Member => "search.field.member",
            IndexField::Unit => "search.field.unit",
            IndexField::IdNumber => "search.field.id_number",
            IndexField::Phone => "search.field.phone",
        };
        let how = match self.how {
            How::Whole => "search.how.whole",
            How::Start => "search.how.start",
            How::Tail => "search.how.tail",
            How::Inside => "search.how.inside",
            How::Sound => "search.how.sound",
            How::OneOff => "search.how.one_off",
            How::Pinyin => "search.how.pinyin",
            How::PinyinStart => "search.how.pinyin_start",
            How::Initials => "search.how.initials",
            How::InitialsStart => "search.how.initials_start",
            How::PinyinMixed => "search.how.pinyin_mixed",
        };
        Message::new("search.why").with("field", Arg::Word(field.into())).with("how", Arg::Word(how.into()))
    }
}
