//! Receipts: the register of a series, without gap, voids with their reason; and the paper that whoever paid in is given.

use super::donors::{DonorLine, Gave};
use crate::command::{Duty, Failure, Office};
use crate::domain::event::Person;
use crate::domain::fund::{Books, MovementKind, NotBooked};
use crate::domain::{Now, Subject};
use crate::views::bodies;
use crate::views::fund::{self, LineRow, PlaceRow, PurseRow};

/// A number of the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptLine {
    pub number: String,
    /// The line that has it; `None`: it is void.
    pub line: Option<LineRow>,
    pub donor: Option<DonorLine>,
    pub purse: Option<PurseRow>,
    /// Why it is void. No name stands in it.
    pub void: Option<String>,
}

/// What a receipt says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptPaper {
    pub number: String,
    pub line: LineRow,
    pub purse: PurseRow,
    pub place: Option<PlaceRow>,
    pub donor: Option<DonorLine>,
}

impl Office {
    /// Every receipt's number of a year and of some books, in their order, gapless: a line, or void and why.
    pub fn receipts(&self, books: Books, year: i32, now: Now) -> Result<Vec<ReceiptLine>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let series = format!("{}r-{}-{year:04}", fund::SERIES, books.code());
        let purses = fund::purses(&self.bureau.store, &self.bureau.keys)?;
        let mut out = Vec::new();
        for (number, entry, is_void) in fund::numbers_of(&self.bureau.store, &series)? {
            let text = format!("r-{}-{year:04}-{number:04}", books.code());
            if is_void {
                let record = self.record(entry)?;
                let why = bodies::open_person(&self.bureau.keys, &record, Subject::Bureau, 0);
                let why = match why {
                    Ok(Some(Person::Text(why))) => why,
                    _ => String::new(),
                };
                out.push(ReceiptLine { number: text, line: None, donor: None, purse: None, void: Some(why) });
                continue;
            }
            for line in fund::lines_of_record(&self.bureau.store, &self.bureau.keys, entry)? {
                let Some(movement) = line.what.movement().filter(|m| m.kind == MovementKind::Receipt) else { continue };
                let donor = movement.person.map(|id| self.donor_line(id, &Gave::new())).transpose()?;
                let purse = purses.iter().find(|row| row.purse.purse == movement.purse).cloned();
                out.push(ReceiptLine { number: text.clone(), line: Some(line), donor, purse, void: None });
            }
        }
        Ok(out)
    }

    /// The paper of a receipt; that it leaves the house with a name on it is recorded first.
    pub fn receipt_paper(&self, number: &str, now: Now) -> Result<ReceiptPaper, Failure> {
        let _ = self.may(Duty::KeepDonors, now)?;
        let line = self.fund_line(self.line_named(number, now)?)?;
        let Some(movement) = line.what.movement().filter(|m| m.kind == MovementKind::Receipt) else {
            return Err(Failure::Fund(NotBooked::OtherLine));
        };
        let purse = self.purse_of(movement.purse)?;
        let places = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let place = places.into_iter().find(|row| row.place.place == movement.to);
        let donor = movement.person.map(|id| self.donor_line(id, &Gave::new())).transpose()?;
        if let Some(id) = movement.person.filter(|_| donor.as_ref().is_some_and(|donor| donor.name.is_some())) {
            self.print_donor(id, now)?;
        }
        let number = line.number_text().unwrap_or_default();
        Ok(ReceiptPaper { number, line, purse, place, donor })
    }
}
