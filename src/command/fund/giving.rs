//! Standing donations of units, as they are expected and as they come; and appropriations: asked for, granted, paid in.

use super::{Booked, LineRecord, document};
use crate::command::request::Request;
use crate::command::{Act, Duty, Failure, Office};
use crate::domain::event::Ledger;
use crate::domain::fund::{
    Account, Appropriation, Collection, GiftLine, Movement, MovementKind, Pledge, Stage, YearStatement, gift_lines,
    year,
};
use crate::domain::{Day, Fen, Now, PlaceId, Subject, UnitId};
use crate::views::fund::{self, CollectionRow, LineRow, PurseRow};
use serde_json::json;
use std::collections::BTreeMap;

/// A unit's donations as they are handed in.
#[derive(Clone, Debug)]
pub struct NewCollection {
    /// By its code or name.
    pub unit: String,
    pub purse: String,
    pub place: String,
    /// Counted before the lines: what people gave has to come to it.
    pub amount: Fen,
    pub staff: u32,
    /// A sum, and how many gave just that.
    pub gave: Vec<(Fen, u32)>,
    /// The period that it is given for.
    pub from: Day,
    pub until: Day,
    pub on: Day,
    pub document: String,
}

/// What one unit is to give in a period, and what came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PledgeLine {
    pub unit: UnitId,
    pub from: Day,
    pub until: Day,
    /// `None`: it gave, and nothing was expected.
    pub expected: Option<Fen>,
    pub received: Fen,
    /// How many gave, and of how many, when it was handed in last.
    pub donors: u32,
    pub staff: u32,
    /// All gave the same, and more than half of the unit did.
    pub is_equal_throughout: bool,
    /// The receipts, by day.
    pub lines: Vec<LineRow>,
}

impl PledgeLine {
    pub fn missing(&self) -> Fen {
        Fen(self.expected.map_or(0, |fen| (fen.0 - self.received.0).max(0)))
    }

    /// Donors of a hundred, in tenths.
    pub fn participation(&self) -> Option<u32> {
        (self.staff > 0).then(|| (u64::from(self.donors) * 1000 / u64::from(self.staff)) as u32)
    }
}

/// What a grant came to: what came in, what was paid of it, what went back, what is left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settlement {
    pub purse: PurseRow,
    pub on: Day,
    pub came: Fen,
    pub given_back: Fen,
    /// Since the purse was opened.
    pub statement: YearStatement,
    pub reserved: Fen,
}

impl Settlement {
    /// Its last day is over, and something of it is there.
    pub fn is_unspent(&self) -> bool {
        self.purse.purse.until.is_some_and(|last| last < self.on) && self.statement.closing.0 > 0
    }
}

/// One stream of a year.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AppropriationLine {
    /// A code of list `fund_source`.
    pub source: String,
    pub asked: Option<(Day, Fen)>,
    pub granted: Option<(Day, Fen)>,
    /// By day, less what the bank took back and what was a mistake; what was given back did come.
    pub paid: Vec<(Day, Fen)>,
}

impl AppropriationLine {
    pub fn paid_in(&self) -> Fen {
        Fen(self.paid.iter().map(|(_, fen)| fen.0).sum())
    }

    /// What was granted and did not come yet.
    pub fn missing(&self) -> Fen {
        Fen(self.granted.map_or(0, |(_, fen)| (fen.0 - self.paid_in().0).max(0)))
    }
}

impl Office {
    /// What a unit's workers are expected to give in a period; said again, it replaces what was said before.
    pub fn pledge(&self, unit: &str, expected: Fen, from: Day, until: Day, now: Now) -> Result<PledgeLine, Failure> {
        let permit = self.may_keep_book(now)?;
        let unit = self.unit_named(unit)?;
        let pledge = Pledge { unit, from, until, expected, on: now.today };
        if let Request::New(entry) = self.requested(&json!(["pledge", pledge]))? {
            let before = fund::pledges(&self.bureau.store, &self.bureau.keys, Some(unit))?.into_iter();
            let over = before.filter(|row| (row.pledge.from, row.pledge.until) == (from, until)).map(|row| row.entry);
            let act = Act::new(entry, now.at, Subject::Bureau, Ledger::DonationsPledged(pledge)).parents(over);
            permit.keep(&act)?;
        }
        let found = self
            .standing_donations(None, now)?
            .into_iter()
            .find(|line| (line.unit, line.from, line.until) == (unit, from, until));
        found.ok_or(Failure::NothingKept)
    }

    /// Books what a unit hands in, with how many gave how much.
    pub fn collect(&self, new: &NewCollection, now: Now) -> Result<Booked, Failure> {
        let permit = self.may_keep_book(now)?;
        let unit = self.unit_named(&new.unit)?;
        let (purse, place) = (self.purse_named(&new.purse)?, self.place_named(&new.place)?);
        let mut gave: BTreeMap<Fen, u32> = BTreeMap::new();
        for (fen, people) in &new.gave {
            let all = gave.entry(*fen).or_default();
            *all = all.saturating_add(*people);
        }
        let collection =
            Collection { unit, from: new.from, until: new.until, staff: new.staff, gave: gave.into_iter().collect() };
        let movement = Movement {
            kind: MovementKind::Receipt,
            from: PlaceId::OUTSIDE,
            to: place.place.place,
            purse: purse.purse.purse,
            amount: new.amount,
            on: new.on,
            bank_day: None,
            aid: None,
            dossier: None,
            person: None,
            unit: Some(unit),
            document: document(&new.document)?,
            names: None,
        };
        let record = LineRecord {
            opens: None,
            books: purse.purse.books,
            movement,
            behind: Some(Ledger::DonationsCounted(collection)),
            parents: vec![purse.entry, place.entry],
        };
        self.enter_record(&permit, record, now)
    }

    /// What units are to give and what came, of periods that touch a year or of all.
    pub fn standing_donations(&self, year: Option<i32>, now: Now) -> Result<Vec<PledgeLine>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let touches = |from: Day, until: Day| year.is_none_or(|year| from.year() <= year && year <= until.year());
        let mut collected: Vec<(CollectionRow, LineRow)> = Vec::new();
        for row in fund::collections(&self.bureau.store, &self.bureau.keys)? {
            let line = fund::line(&self.bureau.store, &self.bureau.keys, row.line)?;
            collected.extend(line.filter(|line| line.counts && line.reversed.is_none()).map(|line| (row, line)));
        }
        collected.sort_by_key(|(_, line)| (line.what.on(), line.id));
        let mut lines: Vec<PledgeLine> = Vec::new();
        for row in fund::pledges(&self.bureau.store, &self.bureau.keys, None)? {
            let pledge = row.pledge;
            lines.push(blank(pledge.unit, pledge.from, pledge.until, Some(pledge.expected)));
        }
        for (row, line) in collected {
            let own = &row.collection;
            // Into the narrowest period that holds it.
            let holds = |of: &&mut PledgeLine| of.unit == own.unit && of.from <= own.from && own.until <= of.until;
            let found = lines.iter_mut().filter(holds).min_by_key(|of| of.until.0.saturating_sub(of.from.0));
            let of = match found {
                Some(of) => of,
                None => {
                    lines.push(blank(own.unit, own.from, own.until, None));
                    let Some(last) = lines.last_mut() else { continue };
                    last
                }
            };
            of.received.0 += line.what.amount().0 - line.back.iter().map(|(_, fen)| fen.0).sum::<i64>();
            (of.donors, of.staff) = (own.donors(), own.staff);
            of.is_equal_throughout |= own.is_equal_throughout();
            of.lines.push(line);
        }
        lines.retain(|line| touches(line.from, line.until));
        lines.sort_by_key(|line| (line.from, line.until, line.unit));
        Ok(lines)
    }

    /// The settlement of a purse by the end of a day, for whoever gave its money.
    pub fn settlement(&self, code: &str, on: Day, now: Now) -> Result<Settlement, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let purse = self.purse_named(code)?;
        let lines = self.book_lines()?;
        let only = BTreeMap::from([(purse.purse.purse, purse.purse.clone())]);
        let statement = year(&lines, &only, None, purse.purse.since, on);
        let is_back = |gift: &GiftLine<'_>| {
            gift.kind == MovementKind::GivenBack && gift.movement.on <= on && gift.movement.purse == purse.purse.purse
        };
        let given_back = -gift_lines(&lines).into_iter().filter(is_back).map(|gift| gift.given.0).sum::<i64>();
        let came = statement.receipts.values().map(|fen| fen.0).sum::<i64>() + statement.begun_with.0 + given_back;
        let sums = fund::sums(&self.bureau.store, &self.bureau.keys, Account::Purse(purse.purse.purse), on)?;
        Ok(Settlement { came: Fen(came), given_back: Fen(given_back), statement, reserved: sums.reserved(), purse, on })
    }

    /// What was asked for a year, or granted; said again, it replaces what was said before.
    pub fn note_appropriation(
        &self,
        (year, source, stage): (i32, &str, Stage),
        amount: Fen,
        on: Day,
        paper: &str,
        now: Now,
    ) -> Result<(), Failure> {
        let permit = self.may_keep_book(now)?;
        self.known_code("fund_source", source)?;
        let noted = Appropriation { year, source: source.to_owned(), stage, amount, on, document: document(paper)? };
        let Request::New(entry) = self.requested(&json!(["appropriation", noted]))? else { return Ok(()) };
        let before = fund::appropriations(&self.bureau.store, &self.bureau.keys, year)?.into_iter();
        let over = before.filter(|row| row.appropriation.source == source && row.appropriation.stage == stage);
        let over: Vec<_> = over.map(|row| row.entry).collect();
        let act = Act::new(entry, now.at, Subject::Bureau, Ledger::AppropriationNoted(noted)).parents(over);
        permit.keep(&act).map(drop)
    }

    /// Asked for, granted, paid in by day: a line a source of which anything was asked, granted or paid in that year.
    pub fn appropriations(&self, year: i32, now: Now) -> Result<Vec<AppropriationLine>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let mut streams: BTreeMap<String, AppropriationLine> = BTreeMap::new();
        for row in fund::appropriations(&self.bureau.store, &self.bureau.keys, year)? {
            let noted = row.appropriation;
            let line = streams.entry(noted.source).or_default();
            match noted.stage {
                Stage::Asked => line.asked = Some((noted.on, noted.amount)),
                Stage::Granted => line.granted = Some((noted.on, noted.amount)),
            }
        }
        // Money from above: the rest is given, not granted.
        for source in ["S01", "S02", "S06", "S07", "S08"] {
            streams.entry(source.to_owned()).or_default();
        }
        let purses: BTreeMap<_, _> = fund::purses(&self.bureau.store, &self.bureau.keys)?
            .into_iter()
            .map(|row| (row.purse.purse, row.purse))
            .collect();
        let mut paid: BTreeMap<(String, Day), i64> = BTreeMap::new();
        let lines = self.book_lines()?;
        // What was given back did come.
        let came = |gift: &GiftLine<'_>| gift.movement.on.year() == year && gift.kind != MovementKind::GivenBack;
        for gift in gift_lines(&lines).into_iter().filter(came) {
            if let Some(purse) = purses.get(&gift.movement.purse) {
                *paid.entry((purse.source.clone(), gift.movement.on)).or_default() += gift.given.0;
            }
        }
        for ((source, on), fen) in paid {
            if let Some(line) = streams.get_mut(&source) {
                line.paid.push((on, Fen(fen)));
            }
        }
        let named = streams.into_iter().map(|(source, line)| AppropriationLine { source, ..line });
        Ok(named.filter(|line| line.asked.is_some() || line.granted.is_some() || !line.paid.is_empty()).collect())
    }
}

fn blank(unit: UnitId, from: Day, until: Day, expected: Option<Fen>) -> PledgeLine {
    PledgeLine {
        unit,
        from,
        until,
        expected,
        received: Fen(0),
        donors: 0,
        staff: 0,
        is_equal_throughout: false,
        lines: Vec::new(),
    }
}
