//! What stands, where records replace one another by naming what they replace: a clock set back brings nothing old back.

use crate::domain::{EntryId, Stamp};

/// A row of a record that may replace others.
pub(super) trait Replaces {
    fn entry(&self) -> EntryId;
    fn at(&self) -> Stamp;
    /// The records it replaces.
    fn over(&self) -> &[EntryId];
}

/// Rows that have these three under these names.
macro_rules! replaces {
    ($($row:ty),+ $(,)?) => {$(
        impl crate::views::standing::Replaces for $row {
            fn entry(&self) -> crate::domain::EntryId {
                self.entry
            }
            fn at(&self) -> crate::domain::Stamp {
                self.at
            }
            fn over(&self) -> &[crate::domain::EntryId] {
                &self.over
            }
        }
    )+};
}
pub(super) use replaces;

/// Of records about one thing, those that no other replaces. More than one: stations said it apart.
pub(super) fn ends<R: Replaces>(rows: Vec<R>) -> Vec<R> {
    let replaced: Vec<EntryId> = rows.iter().flat_map(|row| row.over().iter().copied()).collect();
    rows.into_iter().filter(|row| !replaced.contains(&row.entry())).collect()
}

/// The one that counts: of several ends the latest by the clock.
pub(super) fn standing<R: Replaces>(rows: Vec<R>) -> Option<R> {
    ends(rows).into_iter().max_by_key(|row| (row.at(), row.entry()))
}
