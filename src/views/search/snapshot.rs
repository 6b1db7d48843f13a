//! The index's rows as bytes, with the journal position they are true for. Sealing them is the caller's.

/// Why a snapshot was not taken; the index is then filled from the records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Not a snapshot, or another version's.
    Strange,
    /// Cut short or changed.
    Damaged,
    /// Parts of two snapshots, or out of order.
    Mixed,
}
