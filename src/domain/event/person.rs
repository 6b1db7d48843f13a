//! The person half: answers, names, texts, sealed by the subject's own key. Erasing that key erases all of it.

use crate::domain::{Answers, Decision, MemberChange};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A survey's answers, and the decision with its trace (operands are amounts of this household).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyPerson {
    pub answers: Answers,
    pub decision: Option<Decision>,
}

/// Who deliberated over a case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliberationPerson {
    pub members: Vec<String>,
    pub aside: Vec<String>,
    pub text: String,
}

// A survey is by far the most common event, so its size is the usual one.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Person {
    Survey(SurveyPerson),
    /// Names of an officer or a unit.
    Named {
        zh: String,
        en: String,
    },
    /// A reason, a remark, an opinion.
    Text(String),
    /// A number of another system.
    Number(String),
    /// A query about the answer at `path`.
    Query {
        path: String,
        text: String,
    },
    /// Who a person outside every dossier is: `name`, `id_number`, `phone`, `address`, `bank_card`, …, each with its text.
    Card(Vec<(String, String)>),
    /// The fingerprint of the answers file that the survey of the same event was sent in as: the same file sent again is
    /// answered with the first receipt. Under the subject's key, since a file that can be guessed could be known by it.
    Fingerprint([u8; 32]),
    /// Who deliberated, who stood aside, what was said.
    Deliberation(DeliberationPerson),
    /// The exact line of a notice, and the random value that keys its hash.
    Posted {
        line: String,
        key: [u8; 16],
    },
    /// Who left and who came since the survey before that of the same event.
    Members(Vec<MemberChange>),
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Person::Survey(_) => "Person::Survey(sealed)",
            Person::Named { .. } => "Person::Named(sealed)",
            Person::Text(_) => "Person::Text(sealed)",
            Person::Number(_) => "Person::Number(sealed)",
            Person::Query { .. } => "Person::Query(sealed)",
            Person::Card(_) => "Person::Card(sealed)",
            Person::Fingerprint(_) => "Person::Fingerprint(sealed)",
            Person::Deliberation(_) => "Person::Deliberation(sealed)",
            Person::Posted { .. } => "Person::Posted(sealed)",
            Person::Members(_) => "Person::Members(sealed)",
        })
    }
}
