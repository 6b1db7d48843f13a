//! What an expression comes to, and XPath 1.0's coercions between its kinds.

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
    Moment { at: Stamp, zone_ms: i64 },
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

impl Value<'_> {
    pub fn number(&self) -> f64 {
        unimplemented!("being written")
    }
}

impl<'a> Value<'a> {
    /// The text to be kept: NaN and unknown are the empty text.
    pub fn stored(self) -> Cow<'a, str> {
        unimplemented!("being written")
    }
}

/// A number as XPath and JavaScript write it: `3`, `0.30000000000000004`, `1e+24`, `NaN`, `-Infinity`.
pub fn number_text(_number: f64) -> String {
    unimplemented!("being written")
}
