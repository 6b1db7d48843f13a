//! Every function as a row of a table: name, how many arguments, their types, a line of help in both languages, two
//! examples that run as tests, and its body. Adding one is adding a row, and nothing else.

mod choices;
mod dates;
mod geo;
mod logic;
mod many;
mod math;
pub(super) mod moment;
mod pattern;
mod texts;

use super::eval::{Eval, Frame};
use super::op::Node;
use super::value::{Truth, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;

/// What an argument is taken as, and what comes back. For the manual, and for the checks at load.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    Text,
    Number,
    Boolean,
    /// A day or a moment.
    Date,
    /// A reference, to one node or many.
    Nodes,
    /// Whatever it is.
    Any,
}

pub struct Function {
    pub name: &'static str,
    /// The fewest arguments.
    pub least: u8,
    /// The most; `None`: any number.
    pub most: Option<u8>,
    /// The last type goes for all further arguments.
    pub takes: &'static [Type],
    pub gives: Type,
    pub zh: &'static str,
    pub en: &'static str,
    /// Expression and value over the sample form of `sample.rs`.
    pub examples: [(&'static str, &'static str); 2],
    /// Its value depends on chance: never worked out once for many rows.
    pub by_chance: bool,
    /// As an argument it stands for many values.
    pub gives_many: bool,
    pub(super) body: Body,
}

type Body = for<'e, 'a> fn(&Call<'e, 'a>) -> Value<'a>;

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// One row. `special` in place of a body: the resolver turns the call into something else.
macro_rules! row {
    ($name:literal, $least:literal ..= $most:literal, [$($takes:ident),*] -> $gives:ident, $zh:literal, $en:literal,
     $e1:literal => $v1:literal, $e2:literal => $v2:literal, $body:expr) => {
        row!(@ $name, $least, Some($most), [$($takes),*], $gives, $zh, $en, [($e1, $v1), ($e2, $v2)], $body)
    };
    ($name:literal, $least:literal .., [$($takes:ident),*] -> $gives:ident, $zh:literal, $en:literal,
     $e1:literal => $v1:literal, $e2:literal => $v2:literal, $body:expr) => {
        row!(@ $name, $least, None, [$($takes),*], $gives, $zh, $en, [($e1, $v1), ($e2, $v2)], $body)
    };
    (@ $name:literal, $least:literal, $most:expr, [$($takes:ident),*], $gives:ident, $zh:literal, $en:literal,
     $examples:expr, $body:expr) => {
        $crate::expr::functions::Function {
            name: $name,
            least: $least,
            most: $most,
            takes: &[$($crate::expr::functions::Type::$takes),*],
            gives: $crate::expr::functions::Type::$gives,
            zh: $zh,
            en: $en,
            examples: $examples,
            by_chance: false,
            gives_many: false,
            body: $body,
        }
    };
}
pub use many::shuffle;
pub(super) use row;

/// The table, in the order of the manual.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [logic::TABLE, choices::TABLE, many::TABLE, texts::TABLE, math::TABLE, dates::TABLE, geo::TABLE]
        .into_iter()
        .flatten()
}

pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|f| f.name == name)
}

/// Functions of other dialects, which are named and not known.
pub(super) fn dialect_of(name: &str) -> Option<&'static str> {
    const SURVEY_CTO: &[&str] = &[
        "duration",
        "device-info",
        "rank-index",
        "rank-value",
        "rank-index-if",
        "rank-value-if",
        "relevant",
        "hash",
        "phone-call-log",
        "phone-call-duration",
        "collect-is-phone-app",
        "item-present",
        "linebreak",
        "number-of-items",
        "format-number",
        "short-geopoint",
        "geo-scatter",
        "distance-between",
        "plug-in-metadata",
        "max-if",
        "min-if",
        "username",
        "caseid",
        "pull-data",
    ];
    const MEDIC: &[&str] = &[
        "add-date",
        "difference-in-weeks",
        "difference-in-days",
        "difference-in-years",
        "z-score",
        "to-bikram-sambat",
        "parse-timestamp-to-date",
        "cht:difference-in-months",
        "cht:extension-lib",
        "cht:strip-whitespace",
        "cht:validate-luhn",
    ];
    const XPATH_2: &[&str] = &[
        "lower",
        "upper",
        "lower-case",
        "upper-case",
        "trim",
        "replace",
        "matches",
        "tokenize",
        "avg",
        "average",
        "string-join",
        "distinct-values",
        "exists",
        "isblank",
        "isnull",
        "len",
        "length",
        "left",
        "right",
        "mid",
        "iif",
        "sumif",
        "countif",
        "year",
        "month",
        "day",
    ];
    let known = |names: &[&str]| names.contains(&name);
    match name {
        _ if known(SURVEY_CTO) => Some("SurveyCTO"),
        _ if known(MEDIC) => Some("CHT (Medic)"),
        _ if known(XPATH_2) => Some("Excel / XPath 2"),
        _ => None,
    }
}

pub(super) use pattern::{Refused as PatternRefused, refused as pattern_refused};

pub(super) fn digests() -> &'static [&'static str] {
    &texts::DIGESTS
}

/// A body that is never run, since the resolver makes something else of the call.
fn special<'a>(_: &Call<'_, 'a>) -> Value<'a> {
    Value::EMPTY
}

/// A call while it runs. An argument that is unknown makes the call unknown, unless the body looks at it by
/// [`Call::truth`] or [`Call::raw`] and decides itself.
pub(super) struct Call<'e, 'a> {
    eval: &'e Eval<'a>,
    arguments: &'a [Node],
    frame: &'e Frame<'e>,
    unknown: Cell<bool>,
}

impl<'e, 'a> Call<'e, 'a> {
    pub fn run(eval: &Eval<'a>, function: &'static Function, arguments: &'a [Node], frame: &Frame<'_>) -> Value<'a> {
        let call = Call { eval, arguments, frame, unknown: Cell::new(false) };
        let value = (function.body)(&call);
        if call.unknown.get() { Value::Unknown } else { value }
    }

    /// The values of a function that stands for many: `randomize`.
    pub fn run_many(
        eval: &Eval<'a>,
        _function: &'static Function,
        arguments: &'a [Node],
        frame: &Frame<'_>,
    ) -> Vec<Value<'a>> {
        many::shuffled(&Call { eval, arguments, frame, unknown: Cell::new(false) })
    }

    fn world(&self) -> &'a dyn super::world::World {
        self.eval.world
    }

    fn len(&self) -> usize {
        self.arguments.len()
    }

    /// As it is; the empty text when there is no such argument.
    fn raw(&self, i: usize) -> Value<'a> {
        self.arguments.get(i).map_or(Value::EMPTY, |node| self.eval.value(node, self.frame))
    }

    fn value(&self, i: usize) -> Value<'a> {
        let value = self.raw(i);
        if value == Value::Unknown {
            self.unknown.set(true);
        }
        value
    }

    fn text(&self, i: usize) -> Cow<'a, str> {
        self.value(i).text()
    }

    fn number(&self, i: usize) -> f64 {
        let Some(node) = self.arguments.get(i) else { return f64::NAN };
        self.eval.number(node, self.frame).unwrap_or_else(|| {
            self.unknown.set(true);
            f64::NAN
        })
    }

    fn truth(&self, i: usize) -> Truth {
        self.arguments.get(i).map_or(Truth::No, |node| self.eval.truth(node, self.frame))
    }

    /// Every value of the arguments from `from` on.
    fn each(&self, from: usize, tell: &mut dyn FnMut(Value<'a>)) {
        for node in self.arguments.iter().skip(from) {
            let _ = self.eval.each(node, self.frame, &mut |value| {
                if value == Value::Unknown {
                    self.unknown.set(true);
                }
                tell(value);
                ControlFlow::Continue(())
            });
        }
    }

    fn count(&self, i: usize) -> usize {
        self.arguments.get(i).map_or(0, |node| self.eval.count(node, self.frame))
    }

    fn zone(&self) -> i64 {
        self.world().clock().zone_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::sample;

    #[test]
    fn every_example_of_the_table_is_true() {
        for function in all() {
            for (expression, value) in function.examples {
                assert_eq!(sample::value(expression), value, "{}: {expression}", function.name);
                assert!(expression.contains(function.name), "{}: {expression}", function.name);
            }
        }
    }

    #[test]
    fn a_name_stands_in_the_table_once_and_in_no_other_dialect() {
        for function in all() {
            assert_eq!(all().filter(|f| f.name == function.name).count(), 1, "{}", function.name);
            assert_eq!(dialect_of(function.name), None, "{}", function.name);
            assert!(
                !function.zh.is_empty() && !function.en.is_empty() && !function.takes.is_empty()
                    || function.most == Some(0)
            );
        }
    }
}
