//! Queries about answers: asked by whoever reviews, answered by whoever surveyed, closed by whoever asked.
//! What the answer should have been is not said here: a wrong answer is corrected, and the query says why.

use super::dossier::VersionLine;
use super::request::Request;
use super::rights::Over;
use super::{Act, Duty, Failure, Household, Office, Permit};
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

impl Household<'_> {
    /// Asks about one answer of a survey: the latest, or the version named. `question` is a question's number, its name
    /// or the whole path.
    ///
    /// Errors: no words, no such version, no such answer, an erased household.
    pub fn ask(&self, version: Option<u32>, question: &str, text: &str) -> Result<EntryId, Failure> {
        self.ask_as("", version, question, text)
    }

    /// The same as a part of a request that asks for more than this.
    pub(super) fn ask_as(
        &self,
        part: &str,
        version: Option<u32>,
        question: &str,
        text: &str,
    ) -> Result<EntryId, Failure> {
        let permit = self.permit(Duty::Ask)?;
        let dossier = self.dossier;
        let line = self.version(&self.status(Horizon::NOW), version)?;
        let (path, text) = self.can_ask(&line, question, text)?;
        let subject = Subject::Dossier(dossier);
        let content = ("ask", line.record.hex(), path.as_str(), &text);
        let entry = match self.office.requested_part(part, &content)? {
            Request::New(entry) => entry,
            Request::Kept(entry) => return Ok(entry),
        };
        let act = Act::new(entry, self.now.at, subject, Ledger::QueryAsked { dossier, survey: line.record })
            .person(subject, Person::Query { path: path.as_str().to_owned(), text })
            .parents([line.record]);
        permit.keep(&act)?;
        Ok(entry)
    }

    /// The answer that a query would be about, and its words.
    ///
    /// Errors: no words, no such answer.
    pub(super) fn can_ask(&self, line: &VersionLine, question: &str, text: &str) -> Result<(Path, String), Failure> {
        let text = words(text)?;
        let kept = self.survey(line)?;
        let asked = question.trim();
        let form = self.office.form_of(&kept.answers.form, &kept.answers.form_version);
        let numbered = form.as_ref().and_then(|form| form.nodes.iter().find(|n| n.number.as_deref() == Some(asked)));
        let name = numbered.map_or(asked, |node| node.name.as_str());
        let found = kept.answers.answers.iter().find(|a| a.path.as_str() == name || a.path.name() == name);
        let no_answer = || Failure::NotAQuery(NotAQuery::NoAnswer { question: asked.to_owned() });
        Ok((found.map(|answer| answer.path.clone()).ok_or_else(no_answer)?, text))
    }

    /// Answers a query; one may answer more than once until it is closed.
    pub fn answer_query(&self, query: &QueryLine, text: &str) -> Result<(), Failure> {
        let ledger = Ledger::QueryAnswered { dossier: query.dossier, query: query.query };
        self.say_about(query, self.permit(Duty::AnswerQuery)?, ledger, Some(words(text)?))
    }

    /// Closes a query for good, with a last word or without: whoever asked it, or the supervisor.
    pub fn close_query(&self, query: &QueryLine, text: &str) -> Result<(), Failure> {
        let ledger = Ledger::QueryClosed { dossier: query.dossier, query: query.query };
        let of = query.said.first().map_or(self.office.officer, |said| said.by);
        let over = Over::Work { of, unit: self.history.unit(Horizon::NOW) };
        let permit = self.office.permit(Duty::CloseQuery, over, self.now)?;
        let text = if text.trim().is_empty() { None } else { Some(words(text)?) };
        self.say_about(query, permit, ledger, text)
    }

    fn say_about(
        &self,
        query: &QueryLine,
        permit: Permit<'_>,
        ledger: Ledger,
        text: Option<String>,
    ) -> Result<(), Failure> {
        let what = if matches!(ledger, Ledger::QueryClosed { .. }) { "close" } else { "answer" };
        let content = (what, query.query.hex(), &text);
        let Request::New(entry) = self.office.requested(&content)? else { return Ok(()) };
        if query.state == QueryState::Closed {
            return Err(Failure::NotAQuery(NotAQuery::Closed));
        }
        let subject = Subject::Dossier(query.dossier);
        let act = Act::new(entry, self.now.at, subject, ledger).parents([query.query]);
        let act = match text {
            Some(text) => act.person(subject, Person::Text(text)),
            None => act,
        };
        permit.keep(&act).map(drop)
    }
}

impl Office {
    /// All queries about a dossier, oldest first. None of an erased one.
    pub(super) fn queries(&self, dossier: DossierId, horizon: Horizon) -> Result<Vec<QueryLine>, Failure> {
        if self.bureau.keys.is_erased(Subject::Dossier(dossier)) {
            return Ok(Vec::new());
        }
        let history = self.history(dossier)?;
        (1..).zip(history.queries(horizon)).map(|(number, query)| self.query_line(dossier, number, &query)).collect()
    }

    /// The query that a person names: its number among the dossier's.
    pub(super) fn query(&self, dossier: DossierId, asked: &str) -> Result<QueryLine, Failure> {
        let found = self.queries(dossier, Horizon::NOW)?.into_iter().find(|q| q.number.to_string() == asked.trim());
        found.ok_or_else(|| Failure::NotAQuery(NotAQuery::NoSuchQuery { asked: asked.to_owned() }))
    }

    /// Dossiers with queries that nobody has closed, each once; of whoever acts.
    pub fn queried(&self, now: Now) -> Result<Vec<DossierId>, Failure> {
        let mut dossiers: Vec<DossierId> =
            views::read::open_queries(&self.bureau.store)?.into_iter().map(|(_, dossier)| dossier).collect();
        dossiers.sort();
        dossiers.dedup();
        let reach = self.reach(now)?;
        dossiers.retain(|dossier| !self.bureau.keys.is_erased(Subject::Dossier(*dossier)));
        dossiers.retain(|dossier| reach.as_ref().is_none_or(|reach| self.is_of(reach, *dossier)));
        Ok(dossiers)
    }

    fn query_line(&self, dossier: DossierId, number: usize, query: &Query<'_>) -> Result<QueryLine, Failure> {
        let said = |happening: &Happening| -> Result<(Option<String>, Said), Failure> {
            let record = self.record(happening.entry)?;
            let (path, text) =
                match bodies::open_person(&self.bureau.keys, &record, Subject::Dossier(dossier), happening.place)? {
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
    if text.is_empty() { Err(Failure::NotAQuery(NotAQuery::NoWords)) } else { super::text(text) }
}
