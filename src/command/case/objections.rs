//! Objections to a notice: who said what against it, that the case goes back to checking by it, and what came of it.
//!
//! Who objected is for those who look into it: neither the household nor whoever surveyed it is told.

use crate::command::rights::reason;
use crate::command::{Act, Duty, Failure, Household};
use crate::domain::case::{Did, Refusal};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, EntryId, Subject};
use crate::views::bodies;
use crate::views::history::{Horizon, Objection};

/// What somebody says against a notice. Nobody has to say who they are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObjectionWords {
    pub name: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    pub words: String,
}

/// An objection, for whoever may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectionLine {
    /// The first one is 1.
    pub number: usize,
    pub entry: EntryId,
    pub on: Day,
    /// When it was settled, whether it was right, and what was answered.
    pub settled: Option<(Day, bool, Option<String>)>,
    /// For those who look into it; `None`: covered, or erased.
    pub said: Option<ObjectionWords>,
}

impl Household<'_> {
    /// Somebody objects to the notice that hangs, or hung last: the case goes back to checking, and nothing is posted again or
    /// approved before the objection is settled.
    ///
    /// Errors: nothing is posted; a day before the notice or still to come; no words.
    pub fn object(&self, said: &ObjectionWords, on: Day) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::of_step(Status::Verifying))?;
        let words = reason(&said.words)?;
        let content = ("object", dossier.hex(), on.to_string(), &said.name, &said.contact, &words);
        let Some((entry, fingerprint)) = self.noted(&content)? else { return Ok(()) };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let posting = history.last_notice(Horizon::NOW).ok_or(Refusal::NotNoticed)?;
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        if on < posting.from {
            return Err(Refusal::BeforeStep { on, last: posting.from }.into());
        }
        let last = history.last_move(Horizon::NOW);
        let returns = history.status(Horizon::NOW) == Some(Status::Noticed);
        if let Some(last) = last.as_ref().filter(|last| returns && on < last.on) {
            return Err(Refusal::BeforeStep { on, last: last.on }.into());
        }
        let subject = Subject::Dossier(dossier);
        let mut card = vec![("words".to_owned(), words)];
        for (key, text) in [("name", &said.name), ("contact", &said.contact)] {
            if let Some(text) = text {
                card.push((key.to_owned(), crate::command::name(text)?));
            }
        }
        let ledger = Ledger::Objected { dossier, on, notice: posting.entry, returns };
        let mut parents: Vec<EntryId> = history.heads(Horizon::NOW).all().to_vec();
        let more = last.map(|last| last.entry).into_iter().chain([posting.entry]);
        for parent in more {
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        let mut act = Act::new(entry, now.at, subject, ledger).parents(parents);
        act = act.person(subject, Person::Card(card)).person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }

    /// Says what came of an objection, in the words that whoever objected is told: by number, or the only open one.
    ///
    /// Errors: whoever acts surveyed the household; there is no such objection, or it is settled; a day before it or still to
    /// come; no words.
    pub fn settle_objection(&self, number: Option<usize>, upheld: bool, why: &str, on: Day) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::SettleObjection)?;
        let why = reason(why)?;
        let Some((entry, fingerprint)) =
            self.noted(&("settle", dossier.hex(), number, upheld, on.to_string(), &why))?
        else {
            return Ok(());
        };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let all = history.objections(Horizon::NOW);
        let open: Vec<&Objection<'_>> = match number {
            Some(number) => number.checked_sub(1).and_then(|at| all.get(at)).into_iter().collect(),
            None => all.iter().filter(|one| one.settled.is_none()).collect(),
        };
        let [objection] = open[..] else { return Err(Failure::NoSuchObjection { count: all.len() }) };
        if objection.settled.is_some() {
            return Err(Failure::NoSuchObjection { count: all.len() });
        }
        let raised_on = objection.raised.ledger.day().unwrap_or(objection.raised.at.day());
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        if on < raised_on {
            return Err(Refusal::BeforeStep { on, last: raised_on }.into());
        }
        // Nobody judges what is said against their own survey.
        if let Some((did, day)) = self.who_did(&history, &[Did::Surveyed])? {
            return Err(Refusal::SamePerson { did, on: day }.into());
        }
        let subject = Subject::Dossier(dossier);
        let ledger = Ledger::ObjectionSettled { dossier, on, objection: objection.raised.entry, upheld };
        let mut act = Act::new(entry, now.at, subject, ledger).parents([objection.raised.entry]);
        act = act.person(subject, Person::Text(why)).person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }

    /// What was said against its notices, oldest first; who said it, and in what words, for those who look into it.
    ///
    /// Errors: a record cannot be read.
    pub fn objections(&self, horizon: Horizon) -> Result<Vec<ObjectionLine>, Failure> {
        let sees = self.may(Duty::SettleObjection);
        let day = |happening: &crate::views::Happening| happening.ledger.day().unwrap_or(happening.at.day());
        let mut lines = Vec::new();
        for (number, objection) in (1..).zip(self.history.objections(horizon)) {
            let settled = match objection.settled {
                Some(settled) => {
                    let upheld = matches!(settled.ledger, Ledger::ObjectionSettled { upheld: true, .. });
                    let words = if sees { self.person_of(settled.entry)? } else { Vec::new() };
                    let answer = words.into_iter().find_map(|person| match person {
                        Person::Text(text) => Some(text),
                        _ => None,
                    });
                    Some((day(settled), upheld, answer))
                }
                None => None,
            };
            let persons = if sees { self.person_of(objection.raised.entry)? } else { Vec::new() };
            let said = persons.into_iter().find_map(|person| match person {
                Person::Card(card) => {
                    let of = |name: &str| card.iter().find(|(key, _)| key == name).map(|(_, text)| text.clone());
                    let words = of("words").unwrap_or_default();
                    Some(ObjectionWords { name: of("name"), contact: of("contact"), words })
                }
                _ => None,
            });
            let (entry, on) = (objection.raised.entry, day(objection.raised));
            lines.push(ObjectionLine { number, entry, on, settled, said });
        }
        Ok(lines)
    }

    /// The person half of a record about the household; nothing where it cannot be opened any more.
    fn person_of(&self, entry: EntryId) -> Result<Vec<Person>, Failure> {
        let record = self.office.record(entry)?;
        let part = bodies::open_part(&self.office.bureau.keys, &record, Subject::Dossier(self.dossier))?;
        Ok(part.map(|part| part.0.into_iter().map(|(_, person)| person).collect()).unwrap_or_default())
    }
}
