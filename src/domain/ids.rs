//! Random identities, 16 bytes each. They say nothing about whom they stand for, so they may stand in the clear.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id16 {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// 32 lower-case hexadecimal digits.
            pub fn hex(&self) -> String {
                self.0.iter().map(|b| format!("{b:02x}")).collect()
            }

            /// Reads what [`Self::hex`] writes; upper case is taken too.
            pub fn from_hex(text: &str) -> Option<Self> {
                from_hex16(text).map(Self)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), &self.hex()[..8])
            }
        }
    )*};
}

id16! {
    /// A running copy that appends to its own chain: the bureau's server, a laptop.
    StationId
    /// One act, made before it is first sent: the same entry sent twice gives the first receipt.
    EntryId
    /// The whole history of a household. Taken from a ready key slot, so that id and key are never parted.
    DossierId
    /// A person outside every dossier (officer, donor, gift receiver), or the random number that stands for a member of
    /// a household in ledger parts, where people are counted and never named.
    PersonId
    /// A node of the dated union tree.
    UnitId
    /// Whoever acts. The name stands in a person part of the record that added the officer.
    OfficerId
    /// A survey being answered.
    DraftId
    /// Where money lies: a bank account, a cash box, what is under way. Sixteen zeros: the outside world.
    PlaceId
    /// What money may be used for.
    PurseId
}

fn from_hex16(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut out = [0; 16];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(out)
}

/// What a record is about, and so whose key seals its person parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// The bureau as a whole: rules, officers, stations. Its key is never erased.
    Bureau,
    /// A unit of the union tree. Its key is never erased.
    Unit(UnitId),
    /// A household's dossier.
    Dossier(DossierId),
    /// A person outside every dossier.
    Person(PersonId),
}

impl Subject {
    /// The id under which the subject's key is kept; the bureau's is sixteen zeros.
    pub fn id(&self) -> [u8; 16] {
        match self {
            Subject::Bureau => [0; 16],
            Subject::Unit(id) => id.0,
            Subject::Dossier(id) => id.0,
            Subject::Person(id) => id.0,
        }
    }

    /// One byte that tells the kinds apart in keys and places. **[disk]**
    pub fn kind(&self) -> u8 {
        match self {
            Subject::Bureau => 0,
            Subject::Unit(_) => 1,
            Subject::Dossier(_) => 2,
            Subject::Person(_) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_reads_back_and_refuses_everything_else() {
        let id = EntryId([0xa7; 16]);
        assert_eq!(EntryId::from_hex(&id.hex()), Some(id));
        for bad in ["", "a7", "zz000000000000000000000000000000", "林林林林林林林林林林林"] {
            assert_eq!(EntryId::from_hex(bad), None, "{bad}");
        }
    }
}
