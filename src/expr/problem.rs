//! What can be wrong with an expression, and where. There is never only the first: a text with three faults has three.

use crate::domain::{Explain, Message};

/// Bytes `start..end` of the expression's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Span {
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: short(start), end: short(end) }
    }

    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end.max(self.start) }
    }

    /// The part of `source` it marks; empty when it marks none.
    pub fn of(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub span: Span,
    pub fault: Fault,
}

/// Named after what was found. `nearest` is the known name that looks most like the one found, if any does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Over [`super::compiled::LENGTH_MAX`] bytes; nothing of it was read.
    TooLong {
        bytes: usize,
    },
    /// More brackets, calls or steps inside one another than [`super::compiled::DEPTH_MAX`].
    TooDeep,
    /// Nothing but white space.
    Nothing,
    Character(char),
    /// `"` or `'` without its other end.
    OpenText,
    /// `${` without `}`.
    OpenReference,
    /// `${}`, or a reference with white space or brackets inside its name.
    NotAName(String),
    /// `==`, `&&`, `<>` …: what other languages write.
    ForeignOperator {
        found: &'static str,
        meant: &'static str,
    },
    /// `1e3`, `1.2.3`.
    NotANumber(String),
    /// An operator, a comma or the end stands where a value should.
    NoOperand {
        found: String,
    },
    /// A value stands where an operator, a comma or the end should.
    Unexpected {
        found: String,
    },
    /// A bracket without its other end.
    Unclosed(char),
    /// `ancestor::x` and the like.
    Axis(String),
    /// `//`.
    Anywhere,
    /// `a | b`.
    Union,
    /// `@x`, `*` as a name, `text()`, `node()`.
    NodeTest(String),
    UnknownName {
        name: String,
        nearest: Option<String>,
    },
    /// Several nodes have the name and none is nearer than the others.
    SeveralNames {
        name: String,
    },
    /// A step of a path that is not there.
    UnknownStep {
        step: String,
        parent: String,
    },
    /// `..` above the top.
    AboveTheTop,
    /// A name without `${}` that is no child of where the expression stands.
    BareName {
        name: String,
        nearest: Option<String>,
    },
    UnknownFunction {
        name: String,
        nearest: Option<String>,
    },
    /// Known in another dialect and not here.
    ForeignFunction {
        name: String,
        dialect: &'static str,
    },
    Arguments {
        function: &'static str,
        least: u8,
        most: Option<u8>,
        found: usize,
    },
    UnknownList {
        name: String,
        nearest: Option<String>,
    },
    UnknownColumn {
        name: String,
        list: String,
        nearest: Option<String>,
    },
    /// `instance('x')` without `/root/item`, or with more behind it than a column.
    InstanceShape,
    /// A reference was wanted (`once`, `indexed-repeat`, `position`, `jr:choice-name`).
    NotAReference {
        function: &'static str,
    },
    NotARepeat {
        name: String,
    },
    /// The node of `jr:choice-name` takes no choices from a list.
    NoChoices {
        name: String,
    },
    /// A text literal that is no regular expression.
    NotARegex(String),
    /// One that can be read and would take too much to run.
    RegexTooLarge(String),
    /// A text literal that is no day of the calendar.
    NotADay(String),
    UnknownDigest(String),
    /// A predicate where there is nothing to choose from.
    PredicateOnValue,
    /// Repeats inside one another beyond [`super::compiled::REPEATS_MAX`].
    TooManyRepeats,
    /// `search()` where an expression is wanted: it takes choices, and stands in `appearance` only.
    SearchElsewhere,
}

impl Fault {
    /// The expression can't be meant as it stands. The others read as empty, as they do in the field's engines, and
    /// are worth telling: a path that leads nowhere, a list that did not come with the form.
    pub fn breaks(&self) -> bool {
        !matches!(
            self,
            Fault::BareName { .. }
                | Fault::UnknownStep { .. }
                | Fault::AboveTheTop
                | Fault::UnknownList { .. }
                | Fault::UnknownColumn { .. }
                | Fault::InstanceShape
                | Fault::NoChoices { .. }
                | Fault::SearchElsewhere
        )
    }
}

impl Explain for Problem {
    fn explain(&self) -> Message {
        self.fault.explain()
    }
}

impl Explain for Fault {
    fn explain(&self) -> Message {
        let named = |key, nearest_key, name: &str, nearest: &Option<String>| match nearest {
            Some(nearest) => Message::new(nearest_key).with("name", name).with("nearest", nearest.as_str()),
            None => Message::new(key).with("name", name),
        };
        match self {
            Fault::TooLong { bytes } => {
                Message::new("expr.too_long").with("bytes", *bytes).with("limit", super::compiled::LENGTH_MAX)
            }
            Fault::TooDeep => Message::new("expr.too_deep").with("limit", super::compiled::DEPTH_MAX),
            Fault::Nothing => Message::new("expr.nothing"),
            Fault::Character(c) => Message::new("expr.character").with("character", c.to_string()),
            Fault::OpenText => Message::new("expr.open_text"),
            Fault::OpenReference => Message::new("expr.open_reference"),
            Fault::NotAName(name) => Message::new("expr.not_a_name").with("name", name.as_str()),
            Fault::ForeignOperator { found, meant } => {
                Message::new("expr.foreign_operator").with("found", *found).with("meant", *meant)
            }
            Fault::NotANumber(text) => Message::new("expr.not_a_number").with("text", text.as_str()),
            Fault::NoOperand { found } if found.is_empty() => Message::new("expr.no_operand_at_end"),
            Fault::NoOperand { found } => Message::new("expr.no_operand").with("found", found.as_str()),
            Fault::Unexpected { found } => Message::new("expr.unexpected").with("found", found.as_str()),
            Fault::Unclosed(c) => Message::new("expr.unclosed").with("bracket", c.to_string()),
            Fault::Axis(name) => Message::new("expr.axis").with("name", name.as_str()),
            Fault::Anywhere => Message::new("expr.anywhere"),
            Fault::Union => Message::new("expr.union"),
            Fault::NodeTest(text) => Message::new("expr.node_test").with("text", text.as_str()),
            Fault::UnknownName { name, nearest } => {
                named("expr.unknown_name", "expr.unknown_name_nearest", name, nearest)
            }
            Fault::SeveralNames { name } => Message::new("expr.several_names").with("name", name.as_str()),
            Fault::UnknownStep { step, parent } => {
                Message::new("expr.unknown_step").with("step", step.as_str()).with("parent", parent.as_str())
            }
            Fault::AboveTheTop => Message::new("expr.above_the_top"),
            Fault::BareName { name, nearest } => named("expr.bare_name", "expr.bare_name_nearest", name, nearest),
            Fault::UnknownFunction { name, nearest } => {
                named("expr.unknown_function", "expr.unknown_function_nearest", name, nearest)
            }
            Fault::ForeignFunction { name, dialect } => {
                Message::new("expr.foreign_function").with("name", name.as_str()).with("dialect", *dialect)
            }
            Fault::Arguments { function, least, most, found } => {
                let key = match most {
                    Some(most) if most == least => "expr.arguments",
                    Some(_) => "expr.arguments_between",
                    None => "expr.arguments_least",
                };
                let message = Message::new(key)
                    .with("function", *function)
                    .with("least", u32::from(*least))
                    .with("found", *found);
                match most {
                    Some(most) => message.with("most", u32::from(*most)),
                    None => message,
                }
            }
            Fault::UnknownList { name, nearest } => {
                named("expr.unknown_list", "expr.unknown_list_nearest", name, nearest)
            }
            Fault::UnknownColumn { name, list, nearest } => {
                named("expr.unknown_column", "expr.unknown_column_nearest", name, nearest).with("list", list.as_str())
            }
            Fault::InstanceShape => Message::new("expr.instance_shape"),
            Fault::NotAReference { function } => Message::new("expr.not_a_reference").with("function", *function),
            Fault::NotARepeat { name } => Message::new("expr.not_a_repeat").with("name", name.as_str()),
            Fault::NoChoices { name } => Message::new("expr.no_choices").with("name", name.as_str()),
            Fault::NotARegex(text) => Message::new("expr.not_a_regex").with("text", text.as_str()),
            Fault::RegexTooLarge(text) => Message::new("expr.regex_too_large").with("text", text.as_str()),
            Fault::NotADay(text) => Message::new("expr.not_a_day").with("text", text.as_str()),
            Fault::UnknownDigest(name) => Message::new("expr.unknown_digest").with("name", name.as_str()),
            Fault::SearchElsewhere => Message::new("expr.search_elsewhere"),
            Fault::PredicateOnValue => Message::new("expr.predicate_on_value"),
            Fault::TooManyRepeats => Message::new("expr.too_many_repeats").with("limit", super::compiled::REPEATS_MAX),
        }
    }
}
