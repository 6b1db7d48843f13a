//! What can be wrong with a rule file, each with its place and the nearest right name.

use crate::domain::{Explain, Message};

/// One thing wrong with a rule file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub file: String,
    /// Where in it: `category.deep.condition`; empty for the file as a whole.
    pub key: String,
    pub fault: Fault,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is no TOML; the reader's own words, with line and column.
    Syntax(String),
    Missing,
    UnknownKey {
        nearest: Option<String>,
    },
    /// Not of the kind that stands there: `text`, `day`, `whole number`, `list`, `table`.
    NotA(&'static str),
    /// Not one of the words that may stand there.
    NotOneOf {
        found: String,
        allowed: String,
    },
    UnknownFact {
        found: String,
        nearest: Option<String>,
    },
    UnknownBase {
        found: String,
        nearest: Option<String>,
    },
    BaseOfItself,
    /// A value has the name of a fact.
    NameTaken {
        name: String,
    },
    SameIdAs {
        file: String,
    },
    SameCode {
        code: String,
    },
    NotMoney {
        found: String,
    },
    NotADivision {
        found: String,
    },
    /// `in_force_to` before `in_force_from`.
    EndsBeforeItBegins,
    /// A condition that does not read. `caret` is two lines: the text, and a mark under the place.
    Condition {
        caret: String,
        why: Message,
    },
}

impl Explain for Problem {
    fn explain(&self) -> Message {
        let message = match &self.fault {
            Fault::Syntax(words) => Message::new("rules.load.syntax").with("words", words.as_str()),
            Fault::Missing => Message::new("rules.load.missing"),
            Fault::UnknownKey { nearest: None } => Message::new("rules.load.unknown_key"),
            Fault::UnknownKey { nearest: Some(n) } => {
                Message::new("rules.load.unknown_key_nearest").with("nearest", n.as_str())
            }
            Fault::NotA(kind) => Message::new("rules.load.not_a").with("kind", *kind),
            Fault::NotOneOf { found, allowed } => {
                Message::new("rules.load.not_one_of").with("found", found.as_str()).with("allowed", allowed.as_str())
            }
            Fault::UnknownFact { found, nearest: None } => {
                Message::new("rules.load.unknown_fact").with("found", found.as_str())
            }
            Fault::UnknownFact { found, nearest: Some(n) } => Message::new("rules.load.unknown_fact_nearest")
                .with("found", found.as_str())
                .with("nearest", n.as_str()),
            Fault::UnknownBase { found, nearest: None } => {
                Message::new("rules.load.unknown_base").with("found", found.as_str())
            }
            Fault::UnknownBase { found, nearest: Some(n) } => Message::new("rules.load.unknown_base_nearest")
                .with("found", found.as_str())
                .with("nearest", n.as_str()),
            Fault::BaseOfItself => Message::new("rules.load.base_of_itself"),
            Fault::NameTaken { name } => Message::new("rules.load.name_taken").with("name", name.as_str()),
            Fault::SameIdAs { file } => Message::new("rules.load.same_id").with("other", file.as_str()),
            Fault::SameCode { code } => Message::new("rules.load.same_code").with("code", code.as_str()),
            Fault::NotMoney { found } => Message::new("rules.load.not_money").with("found", found.as_str()),
            Fault::NotADivision { found } => Message::new("rules.load.not_a_division").with("found", found.as_str()),
            Fault::EndsBeforeItBegins => Message::new("rules.load.ends_before_it_begins"),
            Fault::Condition { why, .. } => Message::new("rules.load.condition").with("why", why.clone()),
        };
        message.with("file", self.file.as_str()).with("key", self.key.as_str())
    }
}

impl Problem {
    /// The condition and a mark under the place, for problems that have one: two lines, to be printed under the sentence
    /// as they are.
    pub fn caret(&self) -> Option<&str> {
        match &self.fault {
            Fault::Condition { caret, .. } => Some(caret),
            _ => None,
        }
    }
}
