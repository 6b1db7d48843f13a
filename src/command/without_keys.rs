//! Whose keys are not here though nobody erased them: dossiers, and persons outside dossiers, who have keys of their own.

use super::proof::NAMED;
use super::{Failure, Office};
use crate::domain::event::Ledger;
use crate::domain::fund::MovementKind;
use crate::domain::{DossierId, EntryId, Message, PersonId, Subject};
use crate::log::Record;
use crate::seal::Keyring;
use crate::store::{self, Scan};
use crate::views::{self, fund, keyspaces};
use std::collections::BTreeSet;

/// Whose keys are missing: what was kept of them does not open.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct WithoutKeys {
    /// By number, where one was given.
    pub dossiers: Vec<String>,
    /// Persons outside dossiers, by the beginning of the id: no name can be read.
    pub persons: Vec<String>,
    /// Those of them who gave or were entered as donors.
    pub donors: usize,
}

impl WithoutKeys {
    pub fn len(&self) -> usize {
        self.dossiers.len() + self.persons.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Dossiers first.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        self.dossiers.iter().chain(&self.persons)
    }

    /// "2 dossiers and 3 persons outside dossiers (1 of them a donor)", within a sentence.
    pub fn whose(&self) -> Message {
        let (dossiers, persons) = (self.dossiers.len(), self.persons.len());
        let of_persons = match self.donors {
            0 => Message::new("command.keys_of.persons"),
            donors => Message::new("command.keys_of.donors").with("donors", donors),
        };
        let of_persons = of_persons.with("persons", persons);
        match (dossiers, persons) {
            (0, 1..) => of_persons,
            (_, 0) => Message::new("command.keys_of.dossiers").with("dossiers", dossiers),
            _ => Message::new("command.keys_of.both").with("dossiers", dossiers).with("persons", of_persons),
        }
    }

    /// How many they are, for whoever may not know which: nobody is known yet while a folder opens.
    pub fn counted(&self) -> Option<Message> {
        let said = Message::new("command.doctor.keys_missing_count").with("whose", self.whose());
        (!self.is_empty()).then_some(said)
    }

    /// What is said of them to whoever may know which they are.
    pub fn in_words(&self) -> Option<Message> {
        self.listed(["command.doctor.keys_missing", "command.doctor.keys_missing_more"])
    }

    /// The same when keys were brought back just now, and not theirs.
    pub fn still_in_words(&self) -> Option<Message> {
        self.listed(["command.keys_still_missing", "command.keys_still_missing_more"])
    }

    fn listed(&self, [key, with_more]: [&'static str; 2]) -> Option<Message> {
        let named = self.named().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let said = |key| Message::new(key).with("whose", self.whose()).with("numbers", named);
        match self.len() {
            0 => None,
            1..=NAMED => Some(said(key)),
            count => Some(said(with_more).with("more", count - NAMED)),
        }
    }
}

impl Office {
    /// Dossiers and persons whose key is not here though nobody erased it: what was kept of them does not open.
    pub fn without_keys(&self) -> Result<WithoutKeys, Failure> {
        self.keyless(|keys, subject| keys.opens(subject))
    }

    /// The same where a slot that is there counts as a key: at opening, which has looked at the slots themselves.
    pub(super) fn without_slots(&self) -> Result<WithoutKeys, Failure> {
        self.keyless(|keys, subject| keys.has(subject))
    }

    fn keyless(&self, has: fn(&Keyring, Subject) -> bool) -> Result<WithoutKeys, Failure> {
        let keys = &self.bureau.keys;
        let mut dossiers: Vec<DossierId> = Vec::new();
        store::each(&*self.bureau.store, Scan::all(keyspaces::DOSSIERS), |key, _| {
            dossiers.extend(<[u8; 16]>::try_from(key).ok().map(DossierId).filter(|id| {
                let subject = Subject::Dossier(*id);
                !has(keys, subject) && !keys.is_erased(subject)
            }));
            true
        })?;
        let persons = self.persons_without(has)?;
        let number = |id: DossierId| {
            let history = views::read::history(&self.bureau.store, keys, id).ok().flatten();
            history.and_then(|h| h.numbers(views::Horizon::NOW).pop()).unwrap_or_else(|| id.hex())
        };
        let mut donors = 0;
        for person in &persons {
            donors += usize::from(self.is_donor_unread(*person)?);
        }
        let begins = |id: &PersonId| id.hex().get(..8).unwrap_or_default().to_owned();
        Ok(WithoutKeys {
            dossiers: dossiers.into_iter().map(number).collect(),
            persons: persons.iter().map(begins).collect(),
            donors,
        })
    }

    /// Persons outside dossiers, whom nobody erased and whose keys are not here.
    pub(super) fn persons_without(&self, has: fn(&Keyring, Subject) -> bool) -> Result<BTreeSet<PersonId>, Failure> {
        let keys = &self.bureau.keys;
        let mut all: BTreeSet<PersonId> = BTreeSet::new();
        // A person has a row a record; folded while the key was not here they have none at all.
        store::each(&*self.bureau.store, Scan::all(keyspaces::PERSONS), |key, _| {
            all.extend(key.get(..16).and_then(|id| id.try_into().ok()).map(PersonId));
            true
        })?;
        all.extend(views::read::unopened(&*self.bureau.store)?.into_iter().filter_map(|subject| match subject {
            Subject::Person(person) => Some(person),
            _ => None,
        }));
        all.retain(|person| {
            let subject = Subject::Person(*person);
            !has(keys, subject) && !keys.is_erased(subject)
        });
        Ok(all)
    }

    /// Whether somebody whose card does not open is a donor: a line of the book says so, or the record that entered them.
    pub(super) fn is_donor_unread(&self, person: PersonId) -> Result<bool, Failure> {
        let lines = fund::lines_about(&self.bureau.store, &self.bureau.keys, Subject::Person(person))?;
        let gave = |row: &fund::LineRow| row.what.movement().is_some_and(|line| line.kind == MovementKind::Receipt);
        if lines.iter().any(gave) {
            return Ok(true);
        }
        let rows = self.bureau.store.scan(&Scan::prefix(keyspaces::PERSONS, &person.0))?;
        let entries = rows.iter().filter_map(|(key, _)| Some(EntryId(key.get(16..)?.try_into().ok()?)));
        Ok(entries
            .into_iter()
            .any(|entry| self.entered_as(entry).is_some_and(|kind| super::fund::is_of_a_donor(&kind))))
    }

    /// As what a record entered a person, which its ledger part says.
    fn entered_as(&self, entry: EntryId) -> Option<String> {
        let frame = store::frame_of(&*self.bureau.store, &entry.0).ok()??;
        let part = views::bodies::open_ledger(&self.bureau.keys, &Record::decode(&frame.record).ok()?).ok()?;
        part.events.into_iter().find_map(|event| match event {
            Ledger::PersonAdded { kind, .. } => Some(kind),
            _ => None,
        })
    }
}
