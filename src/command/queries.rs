//! Queries about answers: asked by whoever reviews, answered by whoever surveyed, closed by whoever asked.
//! What the answer should have been is not said here: a wrong answer is corrected, and the query says why.

use super::{Act, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{DossierId, EntryId, Explain, Message, Now, OfficerId, Path, Stamp, Subject};
use crate::views::history::Query;
use crate::views::{self, Happening, Horizon, bodies};

/// Where a query stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueryState {
    Open,
    Answered,
    Closed,
}

impl QueryState {
    /// In JSON, and in the words `query.open`.
    pub fn code(self) -> &'static str {
        match self {
            QueryState::Open => "open",
            QueryState::Answered => "answered",
            QueryState::Closed => "closed",
        }
    }
}

/// One thing that was said. The words are personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    pub by: OfficerId,
    pub at: Stamp,
    pub text: String,
}

/// A query with everything said about it.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryLine {
    pub query: EntryId,
    pub dossier: DossierId,
    /// From 1, in the order in which the dossier's queries were asked.
    pub number: usize,
    /// The record whose answer it is about.
    pub survey: EntryId,
    pub path: Path,
    pub state: QueryState,
    /// The question first.
    pub said: Vec<Said>,
}

/// Why a query is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotAQuery {
    NoWords,
    /// The survey has no answer to that question.
    NoAnswer {
        question: String,
    },
    NoSuchQuery {
        asked: String,
    },
    Closed,
}

impl Explain for NotAQuery {
    fn explain(&self) -> Message {
        match self {
            NotAQuery::NoWords => Message::new("command.query.no_words"),
            NotAQuery::NoAnswer { question } => {
                Message::new("command.query.no_answer").with("question", question.as_str())
            }
            NotAQuery::NoSuchQuery { asked } => Message::new("command.query.no_such").with("asked", asked.as_str()),
            NotAQuery::Closed => Message::new("command.query.closed"),
        }
    }
}

impl Office {
    /// Asks about one answer of a survey: the latest, or the version named. `question` is a question's number, its name
    /// or the whole path.
    ///
    /// Errors: no words, no such version, no such answer, an erased household.
    pub fn ask(
        &self,
        dossier: DossierId,
        version: Option<u32>,
        question: &str,
        text: &str,
        now: Now,
    ) -> Result<EntryId, Failure> {
        let text = words(text)?;
        let line = self.version(&self.status(dossier, Horizon::NOW)?, version)?;
        let kept = self.survey(dossier, &line)?;
        let asked = question.trim();
        let form = self.form_of(&kept.answers.form, &kept.answers.form_version);
        let numbered = form.as_ref().and_then(|form| form.nodes.iter().find(|n| n.number.as_deref() == Some(asked)));
        let name = numbered.map_or(asked, |node| node.name.as_str());
        let found = kept.answers.answers.iter().find(|a| a.path.as_str() == name || a.path.name() == name);
        let no_answer = || Failure::NotAQuery(NotAQuery::NoAnswer { question: asked.to_owned() });
        let path = found.map(|answer| answer.path.clone()).ok_or_else(no_answer)?;
        let subject = Subject::Dossier(dossier);
        let entry = self.new_entry()?;
        let act = Act::new(entry, now.at, subject, Ledger::QueryAsked { dossier, survey: line.record })
            .person(subject, Person::Query { path: path.as_str().to_owned(), text })
            .parents([line.record]);
        self.keep(&act)?;
        Ok(entry)
    }

    /// Answers a query; one may answer more than once until it is closed.
    pub fn answer_query(&self, query: &QueryLine, text: &str, now: Now) -> Result<(), Failure> {
        let ledger = Ledger::QueryAnswered { dossier: query.dossier, query: query.query };
        self.say_about(query, ledger, Some(words(text)?), now)
    }

    /// Closes a query for good, with a last word or without.
    pub fn close_query(&self, query: &QueryLine, text: &str, now: Now) -> Result<(), Failure> {
        let ledger = Ledger::QueryClosed { dossier: query.dossier, query: query.query };
        self.say_about(query, ledger, words(text).ok(), now)
    }

    fn say_about(&self, query: &QueryLine, ledger: Ledger, text: Option<String>, now: Now) -> Result<(), Failure> {
        if query.state == QueryState::Closed {
            return Err(Failure::NotAQuery(NotAQuery::Closed));
        }
        let subject = Subject::Dossier(query.dossier);
        let act = Act::new(self.new_entry()?, now.at, subject, ledger).parents([query.query]);
        let act = match text {
            Some(text) => act.person(subject, Person::Text(text)),
            None => act,
        };
        self.keep(&act).map(drop)
    }

    /// All queries about a dossier, oldest first. None of an erased one.
    pub fn queries(&self, dossier: DossierId, horizon: Horizon) -> Result<Vec<QueryLine>, Failure> {
        if self.keys.is_erased(Subject::Dossier(dossier)) {
            return Ok(Vec::new());
        }
        let history = self.history(dossier)?;
        (1..).zip(history.queries(horizon)).map(|(number, query)| self.query_line(dossier, number, &query)).collect()
    }

    /// The query that a person names: its number among the dossier's.
    pub fn query(&self, dossier: DossierId, asked: &str) -> Result<QueryLine, Failure> {
        let found = self.queries(dossier, Horizon::NOW)?.into_iter().find(|q| q.number.to_string() == asked.trim());
        found.ok_or_else(|| Failure::NotAQuery(NotAQuery::NoSuchQuery { asked: asked.to_owned() }))
    }

    /// Dossiers with queries that nobody has closed, each once; of whoever acts.
    pub fn queried(&self) -> Result<Vec<DossierId>, Failure> {
        let mut dossiers: Vec<DossierId> =
            views::read::open_queries(&self.store)?.into_iter().map(|(_, dossier)| dossier).collect();
        dossiers.sort();
        dossiers.dedup();
        let reach = self.reach()?;
        dossiers.retain(|dossier| !self.keys.is_erased(Subject::Dossier(*dossier)));
        dossiers.retain(|dossier| reach.as_ref().is_none_or(|reach| self.is_of(reach, *dossier)));
        Ok(dossiers)
    }

    fn query_line(&self, dossier: DossierId, number: usize, query: &Query<'_>) -> Result<QueryLine, Failure> {
        let said = |happening: &Happening| -> Result<(Option<String>, Said), Failure> {
            let record = self.record(happening.entry)?;
            let (path, text) = match bodies::open_person(&self.keys, &record, Subject::Dossier(dossier))? {
                Some(Person::Query { path, text }) => (Some(path), text),
                Some(Person::Text(text)) => (None, text),
                _ => (None, String::new()),
            };
            Ok((path, Said { by: happening.by, at: happening.at, text }))
        };
        let (path, first) = said(query.asked)?;
        let mut line = QueryLine {
            query: query.asked.entry,
            dossier,
            number,
            survey: query.survey,
            path: Path::new(path.unwrap_or_default()),
            state: match (&query.closed, query.answers.is_empty()) {
                (Some(_), _) => QueryState::Closed,
                (None, false) => QueryState::Answered,
                (None, true) => QueryState::Open,
            },
            said: vec![first],
        };
        for happening in query.answers.iter().copied().chain(query.closed) {
            line.said.push(said(happening)?.1);
        }
        line.said.retain(|said| !said.text.is_empty());
        Ok(line)
    }
}

fn words(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() { Err(Failure::NotAQuery(NotAQuery::NoWords)) } else { Ok(text.to_owned()) }
}
