//! What a command asks to be kept: plain data, ready to be sent again unchanged after a lost line.

use super::Keyspace;

/// One act, prepared away from the queue: sealed already, and hence without anything that only the queue can know
/// (sequence numbers, hashes of the record before, serials). Those the [`super::Recorder`] adds.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Random, made before the entry is first sent. The same id sent twice is kept once.
    pub id: [u8; 16],
    /// What must still be so. Never about the head of a chain: two hundred people share that, and none of them should
    /// have to try again because of another.
    pub expect: Vec<Expect>,
    /// For the hand alone; the store never looks inside.
    pub body: Vec<u8>,
}

/// One row that the command read and relied on. If its value is another now, the entry is lost, by this name.
#[derive(Clone, PartialEq, Eq)]
pub struct Expect {
    /// What moved, in a word that the command knows again: `dossier_version`, `earmark_balance`.
    pub name: String,
    pub keyspace: Keyspace,
    pub key: Vec<u8>,
    /// The value as read; `None` where there was no row.
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Entry {
    /// Bodies may be anything, so only sizes are printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Entry({:02x}{:02x}…, {} expected, {} bytes)",
            self.id[0],
            self.id[1],
            self.expect.len(),
            self.body.len()
        )
    }
}

impl std::fmt::Debug for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expect({} in {})", self.name, self.keyspace.0)
    }
}
