//! What money may be used for (专款): a purse goes by where it came from, and what for.

use crate::domain::{Day, DossierId, PersonId, PurseId};
use serde::{Deserialize, Serialize};

/// Which books a purse stands in. Money never changes its book. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Books {
    General,
    /// Aid money of central or local budgets (S07), in books of its own.
    Budget,
    /// Operating money (S02): it is never aid, and aid never pays the office.
    Operating,
}

impl Books {
    pub const ALL: [Books; 3] = [Books::General, Books::Budget, Books::Operating];

    /// As it stands in series of receipts and vouchers, and in the words `fund.books.general`. **[disk]**
    pub fn code(self) -> &'static str {
        match self {
            Books::General => "general",
            Books::Budget => "budget",
            Books::Operating => "operating",
        }
    }

    /// Which books money of that source stands in (list `fund_source`).
    pub fn of_source(source: &str) -> Books {
        match source {
            "S02" => Books::Operating,
            "S07" => Books::Budget,
            _ => Books::General,
        }
    }
}

/// A code of list `payout_kind`: `P1` … `P10`, and what a bureau adds.
pub type AidKind = String;

/// A purse as it was opened; its name stands in the person half. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Purse {
    pub purse: PurseId,
    /// What people call it by: `fire-2018`.
    pub code: String,
    /// A code of list `fund_source`.
    pub source: String,
    pub books: Books,
    /// What it may be paid out for; empty: every kind of aid, or, of operating money, none.
    pub kinds: Vec<AidKind>,
    /// The one household that it is for.
    pub household: Option<DossierId>,
    /// Whoever gave it.
    pub donor: Option<PersonId>,
    pub since: Day,
    /// The last day on which it may be granted or paid.
    pub until: Option<Day>,
}

impl Purse {
    /// Whether its last day is past: what is left in it is neither granted nor paid.
    pub fn is_over(&self, on: Day) -> bool {
        self.until.is_some_and(|last| last < on)
    }

    pub fn may_pay(&self, kind: &str) -> bool {
        self.books != Books::Operating && (self.kinds.is_empty() || self.kinds.iter().any(|own| own == kind))
    }
}

/// Whether a text can be what people call a purse or a place by: it stands in rows in the clear, so no name of a person.
pub fn is_code(text: &str) -> bool {
    (1..=24).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
}
