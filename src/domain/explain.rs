//! A thing to be said, before it is said in a language: a key and its arguments. `lang` makes the sentence.

use super::{Day, Fen};
use std::fmt;

/// One argument of a sentence.
#[derive(Clone, PartialEq, Eq)]
pub enum Arg {
    Text(String),
    Number(i64),
    /// Shown grouped, in yuan.
    Money(Fen),
    Day(Day),
    /// Another sentence inside this one.
    Said(Box<Message>),
    /// A key of the word list, said in the sentence's language: `state.refused`, `column.relevant`.
    Word(String),
}

impl fmt::Debug for Arg {
    /// Arguments may hold what a person typed; only their kind is printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Arg::Text(_) => "text",
            Arg::Number(_) => "number",
            Arg::Money(_) => "money",
            Arg::Day(_) => "day",
            Arg::Said(_) => "said",
            Arg::Word(_) => "word",
        })
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Arg {
        Arg::Text(text.to_owned())
    }
}
impl From<String> for Arg {
    fn from(text: String) -> Arg {
        Arg::Text(text)
    }
}
impl From<i64> for Arg {
    fn from(n: i64) -> Arg {
        Arg::Number(n)
    }
}
impl From<u64> for Arg {
    fn from(n: u64) -> Arg {
        Arg::Number(i64::try_from(n).unwrap_or(i64::MAX))
    }
}
impl From<u32> for Arg {
    fn from(n: u32) -> Arg {
        Arg::Number(i64::from(n))
    }
}
impl From<usize> for Arg {
    fn from(n: usize) -> Arg {
        Arg::Number(i64::try_from(n).unwrap_or(i64::MAX))
    }
}
impl From<Fen> for Arg {
    fn from(fen: Fen) -> Arg {
        Arg::Money(fen)
    }
}
impl From<Day> for Arg {
    fn from(day: Day) -> Arg {
        Arg::Day(day)
    }
}
impl From<Message> for Arg {
    fn from(message: Message) -> Arg {
        Arg::Said(Box::new(message))
    }
}

/// A sentence of `data/lang/{zh,en}.toml`, named by its key, with what fills its `{places}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub key: &'static str,
    pub args: Vec<(&'static str, Arg)>,
}

impl Message {
    pub fn new(key: &'static str) -> Message {
        Message { key, args: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Message {
        self.args.push((name, arg.into()));
        self
    }
}

/// Whatever can be told to a person: where, what, what next. One small enum in each room implements it.
pub trait Explain {
    fn explain(&self) -> Message;
}
