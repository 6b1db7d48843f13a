//! Persons outside every dossier, each under a key of their own: receivers of gifts, donors. One person is one, by their ID
//! number, whatever they came for; who turns out to be of a household is linked to it, and counted once from then on; and they are
//! erased on their own.

use super::request::Request;
use super::{Act, Duty, Failure, Office};
use crate::domain::dossier::erasable_from;
use crate::domain::event::Ledger;
use crate::domain::fund::{CampaignState, ReceiverMove};
use crate::domain::{Day, DossierId, Explain, Eyes, IdNumber, Mask, Message, Now, PersonId, Subject, UnitId};
use crate::views::fund;
use crate::views::history::{History, Horizon};
use crate::views::persons::{self, LinkRow, PersonRow};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Of whom a list of receivers brought, as it stands in records. **[disk]**
pub const RECEIVER: &str = "receiver";

/// A person outside dossiers, as whoever asks may see them. Personal.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonLine {
    pub id: PersonId,
    /// `None`: erased.
    pub name: Option<String>,
    /// Covered.
    pub id_number: String,
    pub phone: String,
    pub unit: Option<UnitId>,
    pub since: Option<Day>,
    /// The household that they turned out to be of.
    pub dossier: Option<DossierId>,
    /// How many lists they stand on.
    pub lists: usize,
}

impl fmt::Debug for PersonLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonLine({:?})", self.id)
    }
}

/// Why a person's key is not destroyed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PersonKept {
    /// They stand on a list that is not closed.
    OnAList {
        campaign: String,
    },
    /// Something was given to them, or by them: kept for as long as a dossier.
    TooEarly {
        last: Day,
        from: Day,
    },
    Already,
}

impl Explain for PersonKept {
    fn explain(&self) -> Message {
        match self {
            PersonKept::OnAList { campaign } => Message::new("person.on_a_list").with("campaign", campaign.as_str()),
            PersonKept::TooEarly { last, from } => {
                Message::new("person.too_early").with("last", *last).with("day", *from)
            }
            PersonKept::Already => Message::new("person.already"),
        }
    }
}

impl Office {
    /// Who bears which ID number, of all persons outside dossiers.
    pub(super) fn persons_by_number(&self) -> Result<BTreeMap<String, Vec<PersonId>>, Failure> {
        let mut all = persons::persons(&self.bureau.store, &self.bureau.keys)?;
        // Two may have been entered apart; the first goes first.
        all.sort_by_key(|row| (row.at, row.entry));
        let mut by: BTreeMap<String, Vec<PersonId>> = BTreeMap::new();
        for row in &all {
            if let Ok(number) = IdNumber::from_typed(row.field("id_number")) {
                by.entry(number.reveal().to_owned()).or_default().push(row.person);
            }
        }
        Ok(by)
    }

    /// Which person is which member of which household, as it stands.
    pub(super) fn links(&self) -> Result<Vec<LinkRow>, Failure> {
        Ok(persons::links(&self.bureau.store, &self.bureau.keys)?)
    }

    /// The household, the persons who turned out to be of it, and those who bear an ID number of it and were never linked.
    pub(super) fn subjects_of(&self, dossier: DossierId) -> Result<BTreeSet<Subject>, Failure> {
        let linked = self.links()?.into_iter().filter(|link| link.dossier == dossier);
        let mut subjects: BTreeSet<Subject> =
            linked.map(|link| Subject::Person(link.person)).chain([Subject::Dossier(dossier)]).collect();
        let face = self.listed_face(dossier)?;
        let numbers: Vec<IdNumber> =
            face.iter().flat_map(|face| &face.id_numbers).filter_map(|text| IdNumber::from_typed(text).ok()).collect();
        if !numbers.is_empty() {
            let by = self.persons_by_number()?;
            let same = numbers.iter().filter_map(|number| by.get(number.reveal())).flatten();
            subjects.extend(same.map(|person| Subject::Person(*person)));
        }
        Ok(subjects)
    }

    fn person_line(&self, row: &PersonRow) -> Result<PersonLine, Failure> {
        let eyes = if self.carries(Duty::RollCovered) { Eyes::Duty } else { Eyes::Names };
        let link = persons::link(&self.bureau.store, &self.bureau.keys, row.person)?;
        let lists = fund::receivers_of(&self.bureau.store, &self.bureau.keys, Subject::Person(row.person))?;
        Ok(PersonLine {
            id: row.person,
            name: Some(Mask::Name.show(row.field("name"), eyes)),
            id_number: Mask::IdNumber.cover(row.field("id_number")),
            phone: Mask::Phone.cover(row.field("phone")),
            unit: row.unit,
            since: Some(row.since),
            dossier: link.map(|link| link.dossier),
            lists: lists.len(),
        })
    }

    /// Persons outside dossiers of the units of whoever asks, found by a part of the name, or by a whole ID number or phone; by
    /// nothing: all of them. Donors are found by whoever keeps them (`donors`).
    pub fn persons_found(&self, asked: &str, now: Now) -> Result<Vec<PersonLine>, Failure> {
        let _ = self.may(Duty::Open, now)?;
        let reach = self.reach(now)?;
        let asked = crate::domain::letters::seen(asked.trim()).to_string();
        let number = IdNumber::from_typed(&asked).ok();
        let is = |row: &PersonRow| {
            let own = IdNumber::from_typed(row.field("id_number")).ok();
            asked.is_empty()
                || row.field("name").contains(&asked)
                || (number.is_some() && number == own)
                || (!row.field("phone").is_empty() && row.field("phone") == asked)
                || (asked.len() >= 8 && row.person.hex().starts_with(&asked.to_lowercase()))
        };
        let theirs =
            |row: &PersonRow| reach.as_ref().is_none_or(|reach| row.unit.is_some_and(|unit| reach.contains(&unit)));
        let all = persons::persons(&self.bureau.store, &self.bureau.keys)?;
        let mut found = Vec::new();
        for row in all.iter().filter(|row| theirs(row) && is(row)) {
            let line = self.person_line(row)?;
            // Who only gave is known to whoever keeps donors.
            if row.kind == RECEIVER || line.lists > 0 {
                found.push(line);
            }
        }
        Ok(found)
    }

    /// How many persons outside dossiers cannot be read, since their keys are lost: whoever is looked for may be one of them.
    pub fn persons_unread(&self) -> Result<usize, Failure> {
        Ok(self.persons_without(|keys, subject| keys.opens(subject))?.len())
    }

    /// The one person that a name, a whole number or the beginning of an id means.
    pub fn person_named(&self, asked: &str, now: Now) -> Result<PersonId, Failure> {
        let mut found = self.persons_found(asked, now)?.into_iter();
        let no_such = || Failure::NoSuchPerson { asked: crate::lang::clean(asked) };
        match (found.next(), found.next()) {
            (Some(line), None) if !asked.trim().is_empty() => Ok(line.id),
            (None, _) => match self.persons_unread()? {
                0 => Err(no_such()),
                count => Err(super::fund::NotInCampaign::Unread { count }.into()),
            },
            _ => Err(no_such()),
        }
    }

    /// A person outside dossiers is one of this household after all, or is not: what they were given counts as the household's from
    /// then on, and they are counted once.
    pub fn link_person(&self, person: PersonId, number: &str, linked: bool, now: Now) -> Result<(), Failure> {
        let household = self.find(number, now)?;
        let permit = household.permit(Duty::Survey)?;
        let found = self.persons_found("", now)?.into_iter().any(|line| line.id == person);
        let Some(row) = persons::person(&self.bureau.store, &self.bureau.keys, person)?.filter(|_| found) else {
            return Err(Failure::NoSuchPerson { asked: person.hex() });
        };
        let dossier = household.id();
        // Who turned out to be of another household is unlinked there first, by whoever may do that.
        let standing = persons::link(&self.bureau.store, &self.bureau.keys, person)?;
        if standing.is_some_and(|link| link.dossier != dossier) {
            return Err(Failure::PersonElsewhere);
        }
        let versions = household.history().versions(Horizon::NOW);
        let deciding = History::deciding(&versions).ok_or(super::fund::NotPayable::Undecided)?;
        // The worker's number, unless the ID number is another member's.
        let own = IdNumber::from_typed(row.field("id_number")).ok();
        let numbers: Vec<Option<IdNumber>> = household
            .face()?
            .map(|face| face.id_numbers.iter().map(|text| IdNumber::from_typed(text).ok()).collect())
            .unwrap_or_default();
        let at = numbers.iter().position(|number| number.is_some() && *number == own).unwrap_or(0);
        let persons = &deciding.survey.persons;
        // Rows without an ID number would put the places out of step: then it is the worker's.
        let at = if numbers.len() == persons.len() { at } else { 0 };
        let Some(member) = persons.get(at).or(persons.first()).copied() else {
            return Err(Failure::NoSuchPerson { asked: person.hex() });
        };
        let entry = match self.requested(&serde_json::json!(["link", person.hex(), dossier.hex(), linked]))? {
            Request::New(entry) => entry,
            Request::Kept(_) => return Ok(()),
        };
        let before = persons::link_rows(&self.bureau.store, &self.bureau.keys, person)?;
        let ledger = Ledger::PersonLinked { person, member, dossier, linked };
        let act = Act::new(entry, now.at, Subject::Bureau, ledger);
        let mut act = act.parents([row.entry]).parents(before.iter().map(|link| link.entry));
        act.expect.push(self.unchanged(dossier)?);
        permit.keep(&act).map(drop)
    }

    /// Whether a person's key may be destroyed now.
    pub fn may_erase_person(&self, asked: &str, now: Now) -> Result<PersonId, Failure> {
        let _ = self.may(Duty::Erase, now)?;
        let hex = asked.trim().to_lowercase();
        let all = persons::persons(&self.bureau.store, &self.bureau.keys)?;
        let mut found = all.into_iter().filter(|row| hex.len() >= 8 && row.person.hex().starts_with(&hex));
        let person = match (found.next(), found.next()) {
            (Some(row), None) => row.person,
            _ => {
                // Gone already, or never there.
                let gone = PersonId::from_hex(&hex).is_some_and(|id| self.bureau.keys.is_erased(Subject::Person(id)));
                return Err(match gone {
                    true => Failure::PersonKept(PersonKept::Already),
                    false => Failure::NoSuchPerson { asked: crate::lang::clean(asked) },
                });
            }
        };
        let subject = Subject::Person(person);
        for line in fund::receivers_of(&self.bureau.store, &self.bureau.keys, subject)? {
            let campaign = fund::campaign(&self.bureau.store, &self.bureau.keys, line.campaign)?;
            let is_open =
                |row: &fund::CampaignRow| row.state() != CampaignState::Closed && !line.is(ReceiverMove::Dropped);
            if let Some(row) = campaign.filter(is_open) {
                return Err(Failure::PersonKept(PersonKept::OnAList { campaign: row.campaign.code }));
            }
        }
        // What was granted and came back was never had.
        let lines = fund::lines_about(&self.bureau.store, &self.bureau.keys, subject)?.into_iter();
        let last = lines.filter(|line| line.what.movement().is_some()).map(|line| line.what.on()).max();
        let today = now.today.min(now.at.day());
        match last.map(|last| (last, erasable_from(last))) {
            Some((last, from)) if today < from => Err(Failure::PersonKept(PersonKept::TooEarly { last, from })),
            _ => Ok(person),
        }
    }

    /// Destroys a person's key: name, numbers and who signed for them go; the lines of the book stay, and name nobody.
    pub fn erase_person(&self, asked: &str, now: Now) -> Result<PersonId, Failure> {
        let permit = self.may(Duty::Erase, now)?;
        let person = self.may_erase_person(asked, now)?;
        let subject = Subject::Person(person);
        let heads = crate::views::read::chain_heads(&self.bureau.store)?;
        let seen = heads.iter().map(|head| (head.station, head.seq)).collect();
        permit.keep(&Act::new(self.new_entry()?, now.at, subject, Ledger::Erased { subject, seen }))?;
        self.apply_erasures()?;
        Ok(person)
    }
}
