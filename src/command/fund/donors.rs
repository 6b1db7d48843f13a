//! Donors: people and units outside every dossier, each under a key of their own; what they gave, and what became of it.
//! Whoever sees the book sees that there are donors; by name whoever keeps them.

use super::{Booked, LineRecord, NewPurse, document};
use crate::command::request::Request;
use crate::command::{Act, Duty, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{BookLine, GiftLine, LineId, Movement, MovementKind, YearStatement, gift_lines, year};
use crate::domain::{Day, Eyes, Fen, IdNumber, Mask, Now, PersonId, PlaceId, Subject, UnitId};
use crate::views::fund::{self, LineRow, PurseRow};
use crate::views::persons;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;

/// A person, and a unit, as their records have them. **[disk]**
const PERSON: &str = "donor";
const ORGANISATION: &str = "donor_organisation";

/// Whether somebody was entered as a donor.
pub(in crate::command) fn is_of_a_donor(kind: &str) -> bool {
    [PERSON, ORGANISATION].contains(&kind)
}

/// A donor to be entered. Personal.
#[derive(Clone)]
pub struct NewDonor {
    pub name: String,
    pub is_organisation: bool,
    /// An ID number, or the number that a unit is registered under.
    pub id_number: Option<String>,
    pub phone: Option<String>,
    /// Where they work, by its code or name.
    pub unit: Option<String>,
    /// They are not to be named in public.
    pub unnamed: bool,
}

/// A donor, as whoever asks may see them.
#[derive(Clone, PartialEq, Eq)]
pub struct DonorLine {
    pub id: PersonId,
    /// Covered where whoever asks does not keep donors; `None`: erased, or unread.
    pub name: Option<String>,
    /// Nobody erased them: their key is lost, and may be brought back.
    pub unread: bool,
    pub is_organisation: bool,
    pub unnamed: bool,
    pub unit: Option<UnitId>,
    /// Receipts less what was taken back, and how many of them still stand.
    pub gave: Fen,
    pub receipts: usize,
}

impl fmt::Debug for DonorLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DonorLine({:?}, {:?}, {})", self.id, self.gave, self.receipts)
    }
}

/// What came into a purse that a donor gave to, and what went out of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GiftPurse {
    pub row: PurseRow,
    /// The donor's own part of what came in.
    pub gave: Fen,
    /// From when the donor gave, to the day asked for: all that came and went.
    pub statement: YearStatement,
}

/// What became of what a donor gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GiftReport {
    pub donor: DonorLine,
    /// By day.
    pub lines: Vec<LineRow>,
    pub purses: Vec<GiftPurse>,
    pub on: Day,
}

/// Money that somebody gives.
#[derive(Clone)]
pub struct Donation {
    /// Who it is from, by name or the beginning of the id; `None`: nobody knows, or they do not want to be known.
    pub donor: Option<String>,
    pub purse: String,
    /// A purse for it alone is opened with it.
    pub opens: Option<NewPurse>,
    pub place: String,
    pub amount: Fen,
    pub on: Day,
    pub document: String,
}

impl Office {
    /// Enters a donor, under a key of their own.
    pub fn add_donor(&self, new: &NewDonor, now: Now) -> Result<DonorLine, Failure> {
        let permit = self.may(Duty::KeepDonors, now)?;
        let name = crate::command::name(&new.name)?;
        let field = |key: &str, text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            text.map(|text| Ok::<_, Failure>((key.to_owned(), crate::command::name(text)?))).transpose()
        };
        let unit = new.unit.as_deref().map(|unit| self.unit_named(unit)).transpose()?;
        let mut card = vec![("name".to_owned(), name)];
        card.extend(field("id_number", &new.id_number)?);
        card.extend(field("phone", &new.phone)?);
        card.extend(new.unnamed.then(|| ("unnamed".to_owned(), "yes".to_owned())));
        let entry = match self.requested(&json!(["donor", card, new.is_organisation]))? {
            Request::New(entry) => entry,
            Request::Kept(entry) => {
                let of = persons::persons(&self.bureau.store, &self.bureau.keys)?;
                let row = of.into_iter().find(|row| row.entry == entry).ok_or(Failure::Erased)?;
                return self.donor_line(row.person, &Gave::new());
            }
        };
        // Somebody who is known by that ID number, as a receiver say, is that person, and their card goes on.
        let number = new.id_number.as_deref().filter(|_| !new.is_organisation);
        let number = number.and_then(|typed| IdNumber::from_typed(typed).ok());
        let known = number.map(|number| {
            self.persons_by_number().map(|by| by.get(number.reveal()).and_then(|same| same.first()).copied())
        });
        let known = known.transpose()?.flatten();
        let known = known.map(|id| persons::person(&self.bureau.store, &self.bureau.keys, id)).transpose()?.flatten();
        let person = match &known {
            Some(row) => row.person,
            None => PersonId(self.new_subject()?),
        };
        let kind = if new.is_organisation { ORGANISATION } else { PERSON }.to_owned();
        let unit = unit.or(known.as_ref().and_then(|row| row.unit));
        let since = known.as_ref().map_or(now.today, |row| row.since);
        let before: Vec<(String, String)> = known.iter().flat_map(|row| row.card.clone()).collect();
        let unsaid = before.into_iter().filter(|(key, _)| card.iter().all(|(own, _)| own != key));
        let card: Vec<(String, String)> = card.iter().cloned().chain(unsaid).collect();
        let ledger = Ledger::PersonAdded { person, kind, unit, since };
        let subject = Subject::Person(person);
        let act = Act::new(entry, now.at, subject, ledger).person(subject, Person::Card(card));
        permit.keep(&act.parents(known.map(|row| row.entry)))?;
        self.donor_line(person, &Gave::new())
    }

    /// Everybody who was entered as a donor or gave something, by what they gave, most first.
    pub fn donors(&self, now: Now) -> Result<Vec<DonorLine>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let lines = self.book_lines()?;
        let mut ids: Vec<PersonId> = persons::persons(&self.bureau.store, &self.bureau.keys)?
            .into_iter()
            .filter(|row| is_of_a_donor(&row.kind))
            .map(|row| row.person)
            .collect();
        for person in self.persons_without(|keys, subject| keys.opens(subject))? {
            ids.extend(self.is_donor_unread(person)?.then_some(person));
        }
        let gave = gave_by_person(&lines);
        ids.extend(gave.keys());
        ids.sort_unstable();
        ids.dedup();
        let mut donors: Vec<DonorLine> =
            ids.into_iter().map(|id| self.donor_line(id, &gave)).collect::<Result<_, Failure>>()?;
        donors.sort_by_key(|donor| (std::cmp::Reverse(donor.gave), donor.id));
        Ok(donors)
    }

    /// Whose the name is, or the beginning of the id.
    pub fn donor_named(&self, asked: &str, now: Now) -> Result<PersonId, Failure> {
        let sees = self.may(Duty::KeepDonors, now).is_ok();
        let asked = asked.trim();
        let hex = asked.to_lowercase();
        let is = |donor: &DonorLine| {
            (sees && donor.name.as_deref() == Some(asked)) || (hex.len() >= 4 && donor.id.hex().starts_with(&hex))
        };
        let mut found = self.donors(now)?.into_iter().filter(is);
        match (found.next(), found.next()) {
            (Some(donor), None) => Ok(donor.id),
            _ => Err(match self.persons_unread()? {
                0 => Failure::NoSuchDonor { asked: asked.to_owned() },
                // Whoever is meant may be one of those.
                count => super::NotInCampaign::Unread { count }.into(),
            }),
        }
    }

    /// What a donor gave, and what became of it by the end of a day.
    pub fn gift_report(&self, id: PersonId, on: Day, now: Now) -> Result<GiftReport, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let rows = fund::lines_about(&self.bureau.store, &self.bureau.keys, Subject::Person(id))?;
        let all = self.book_lines()?;
        let gifts: BTreeMap<LineId, GiftLine<'_>> = gift_lines(&all).into_iter().map(|gift| (gift.id, gift)).collect();
        let lines: Vec<LineRow> =
            rows.into_iter().filter(|row| row.what.on() <= on && gifts.contains_key(&row.id)).collect();
        let mut purses = Vec::new();
        for row in fund::purses(&self.bureau.store, &self.bureau.keys)? {
            let own = || lines.iter().filter_map(|line| gifts.get(&line.id));
            let own = || own().filter(|gift| gift.movement.purse == row.purse.purse);
            let Some(first) = own().map(|gift| gift.movement.on).min() else { continue };
            let gave = Fen(own().map(|gift| gift.given.0).sum());
            let only = BTreeMap::from([(row.purse.purse, row.purse.clone())]);
            purses.push(GiftPurse { gave, statement: year(&all, &only, None, first, on), row });
        }
        Ok(GiftReport { donor: self.donor_line(id, &gave_by_person(&all))?, lines, purses, on })
    }

    /// A sheet about a donor goes out, with the name on it: recorded first.
    pub fn print_donor(&self, id: PersonId, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::KeepDonors, now)?;
        let look = Ledger::Looked { subjects: vec![Subject::Person(id)], what: "print".to_owned(), important: false };
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, look)).map(drop)
    }

    pub(super) fn donor_line(&self, id: PersonId, gave: &Gave) -> Result<DonorLine, Failure> {
        // One who cannot be read stops no list.
        let row = persons::listed(&self.bureau.store, &self.bureau.keys, id)?;
        let subject = Subject::Person(id);
        let unread = row.is_none() && !self.bureau.keys.is_erased(subject) && !self.bureau.keys.opens(subject);
        let is_organisation = row.as_ref().is_some_and(|row| row.kind == ORGANISATION);
        // A unit is no person, and goes by its name.
        let eyes = if is_organisation || self.carries(Duty::KeepDonors) { Eyes::Duty } else { Eyes::Elsewhere };
        let (fen, receipts) = gave.get(&id).copied().unwrap_or_default();
        Ok(DonorLine {
            id,
            name: row.as_ref().map(|row| Mask::Name.show(row.field("name"), eyes)),
            unread,
            is_organisation,
            unnamed: row.as_ref().is_some_and(|row| row.field("unnamed") == "yes"),
            unit: row.and_then(|row| row.unit),
            gave: Fen(fen),
            receipts: usize::try_from(receipts).unwrap_or(0),
        })
    }

    /// Books what somebody gives, into a purse that is there or into one of its own, and gives it a receipt's number.
    pub fn donate(&self, donation: &Donation, now: Now) -> Result<Booked, Failure> {
        let permit = self.may_keep_book(now)?;
        let donor = donation.donor.as_deref().map(|asked| self.donor_named(asked, now)).transpose()?;
        let place = self.place_named(&donation.place)?;
        let unit = donor.map(|id| persons::person(&self.bureau.store, &self.bureau.keys, id)).transpose()?.flatten();
        let (opens, purse, books, rests_on) = match &donation.opens {
            Some(new) => {
                let (mut purse, named) = self.purse_to_open(new)?;
                purse.donor = donor;
                (Some((purse.clone(), named)), purse.purse, purse.books, None)
            }
            None => {
                let row = self.purse_named(&donation.purse)?;
                (None, row.purse.purse, row.purse.books, Some(row.entry))
            }
        };
        let movement = Movement {
            kind: MovementKind::Receipt,
            from: PlaceId::OUTSIDE,
            to: place.place.place,
            purse,
            amount: donation.amount,
            on: donation.on,
            bank_day: None,
            aid: None,
            dossier: None,
            person: donor,
            unit: unit.and_then(|row| row.unit),
            document: document(&donation.document)?,
            names: None,
        };
        let parents = rests_on.into_iter().chain([place.entry]).collect();
        self.enter_record(&permit, LineRecord { opens, books, movement, behind: None, parents }, now)
    }
}

/// What each person gave in fen, and in how many receipts that stand.
pub(super) type Gave = BTreeMap<PersonId, (i64, i64)>;

fn gave_by_person(lines: &[BookLine]) -> Gave {
    let mut gave = Gave::new();
    for gift in gift_lines(lines) {
        let Some(person) = gift.movement.person else { continue };
        let all = gave.entry(person).or_default();
        *all = (all.0 + gift.given.0, all.1 + gift.receipts);
    }
    gave
}
