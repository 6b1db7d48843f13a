//! Writing and reading fixed fields, little-endian. A reader never runs past the end and never allocates what it has
//! not already got the bytes of.

use crate::domain::Subject;
use crate::domain::{DossierId, PersonId, UnitId};

/// Fixed fields, one after the other.
#[derive(Default)]
pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
    pub fn u16(&mut self, n: u16) -> &mut Self {
        self.bytes(&n.to_le_bytes())
    }
    pub fn u32(&mut self, n: u32) -> &mut Self {
        self.bytes(&n.to_le_bytes())
    }
    pub fn u64(&mut self, n: u64) -> &mut Self {
        self.bytes(&n.to_le_bytes())
    }
    pub fn i64(&mut self, n: i64) -> &mut Self {
        self.bytes(&n.to_le_bytes())
    }
    pub fn subject(&mut self, subject: &Subject) -> &mut Self {
        self.bytes(&[subject.kind()]).bytes(&subject.id())
    }
}

/// `None` from any method: the bytes end too early, or say what cannot be.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }
    pub fn subject(&mut self) -> Option<Subject> {
        let [kind] = self.array()?;
        let id: [u8; 16] = self.array()?;
        match kind {
            0 if id == [0; 16] => Some(Subject::Bureau),
            1 => Some(Subject::Unit(UnitId(id))),
            2 => Some(Subject::Dossier(DossierId(id))),
            3 => Some(Subject::Person(PersonId(id))),
            _ => None,
        }
    }
    /// As many bytes as the `u32` before them says.
    pub fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        self.bytes(length)
    }
}
