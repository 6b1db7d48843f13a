//! The proof of the book: every sum worked out anew from its lines, and held against the rows.

use crate::command::{Duty, Failure, Office};
use crate::domain::fund::{Account, Broken, LineId};
use crate::domain::{Day, Now};
use crate::views::fund;
use std::collections::BTreeMap;

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookProof {
    pub lines: usize,
    /// Lines of a chain that did not keep the book then; they wait for a decision.
    pub waiting: usize,
    pub broken: Vec<Broken>,
    /// The codes of what findings name.
    pub codes: BTreeMap<Account, String>,
    pub numbers: BTreeMap<LineId, String>,
    /// Campaigns, and how many lines of theirs the book says something else of.
    pub campaigns: Vec<(String, usize)>,
}

impl BookProof {
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.campaigns.is_empty()
    }
}

impl Office {
    /// Whether everything holds that a book has to hold, on every day up to and with `until`, or on every day there is.
    pub fn check_book(&self, until: Option<Day>, now: Now) -> Result<BookProof, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let all = fund::all_lines(&self.bureau.store, &self.bureau.keys)?;
        let (book, differ) = fund::book(&self.bureau.store, &self.bureau.keys)?;
        let mut broken = book.broken(until);
        broken.extend(differ.into_iter().map(|(account, on)| Broken::RowDiffers { account, on }));
        let places = book.places.values().map(|place| (Account::Place(place.place), place.code.clone()));
        let purses = book.purses.values().map(|purse| (Account::Purse(purse.purse), purse.code.clone()));
        Ok(BookProof {
            lines: all.len(),
            waiting: all.iter().filter(|row| !row.counts).count(),
            broken,
            codes: places.chain(purses).collect(),
            campaigns: self.campaigns_differ()?,
            numbers: all.iter().filter_map(|row| Some((row.id, row.number_text()?))).collect(),
        })
    }
}
