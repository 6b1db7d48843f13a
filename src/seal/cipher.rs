//! Sealing and opening: XChaCha20-Poly1305 with a nonce made from place and plaintext. **[disk]**
//!
//! ```text
//! 0   form        u8       1
//! 1   key kind    u8       0 store, 1 bureau, 2 subject, 3 wrapping
//! 2   generation  u32 LE   of that key; 0 for keys without generations
//! 6   nonce       24       the first 24 bytes of keyed BLAKE3(length of bound u64 LE ‖ bound ‖ plaintext)
//! 30  ciphertext, and its tag of 16 bytes
//!     bound                header (bytes 0..6) ‖ place: associated data
//! ```
//!
//! Nonce key and cipher key are derived from the sealing key, each for itself. Header and place are
//! bound, so nothing opens elsewhere, under another kind, or as another generation. The same bytes at the same
//! place under the same key seal to the same bytes: a rebuilt store is identical to the old one. What that tells an
//! onlooker is that a row has not changed, and nothing else.

use super::{SealContext, SealError, Secret};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use zeroize::{Zeroize, Zeroizing};

/// Bytes that sealing adds.
pub const OVERHEAD: usize = HEADER + NONCE + 16;
const HEADER: usize = 6;
const NONCE: usize = 24;
const FORM: u8 = 1;

/// Which of the keys sealed: stands in the sealed bytes, in the clear.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyKind {
    Store,
    Bureau,
    Subject,
    /// A recipient's own key, round the store key.
    Wrapping,
}

/// What stands before the nonce.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named {
    pub kind: KeyKind,
    pub generation: u32,
}

impl Named {
    fn bytes(self) -> [u8; HEADER] {
        let [a, b, c, d] = self.generation.to_le_bytes();
        let kind = match self.kind {
            KeyKind::Store => 0,
            KeyKind::Bureau => 1,
            KeyKind::Subject => 2,
            KeyKind::Wrapping => 3,
        };
        [FORM, kind, a, b, c, d]
    }

    /// Which key and generation sealed these bytes, as they say themselves; true only once they open.
    pub fn of(sealed: &[u8]) -> Result<Named, SealError> {
        let header: &[u8; HEADER] = sealed.first_chunk().ok_or(SealError::NotSealed)?;
        let [form, kind, generation @ ..] = *header;
        let kind = match (form, kind) {
            (FORM, 0) => KeyKind::Store,
            (FORM, 1) => KeyKind::Bureau,
            (FORM, 2) => KeyKind::Subject,
            (FORM, 3) => KeyKind::Wrapping,
            _ => return Err(SealError::NotSealed),
        };
        Ok(Named { kind, generation: u32::from_le_bytes(generation) })
    }
}

/// A sealing key made ready: the two keys derived from it. Worth keeping where many rows are sealed under one key.
pub struct Sealer {
    nonce_key: Zeroizing<[u8; 32]>,
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    pub fn new(key: &Secret) -> Sealer {
        let mut cipher_key = blake3::derive_key("dossier 2026 v1 seal: cipher key", key.expose());
        let cipher = XChaCha20Poly1305::new(&cipher_key.into());
        cipher_key.zeroize();
        let nonce_key = Zeroizing::new(blake3::derive_key("dossier 2026 v1 seal: nonce key", key.expose()));
        Sealer { nonce_key, cipher }
    }

    /// Seals `plaintext` for `place`.
    pub fn seal(&self, named: Named, place: &SealContext<'_>, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        let bound = bound(named, place);
        let mut hasher = blake3::Hasher::new_keyed(&self.nonce_key);
        hasher.update(&(bound.len() as u64).to_le_bytes()).update(&bound).update(plaintext);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&hasher.finalize().as_bytes()[..NONCE]);
        let payload = Payload { msg: plaintext, aad: &bound };
        let sealed = self.cipher.encrypt(&nonce.into(), payload).map_err(|_| SealError::TooLong)?;
        Ok([named.bytes().as_slice(), &nonce, &sealed].concat())
    }

    /// What the key makes of a sealed text of unknown length and place: the stream cipher alone, no tag asked for.
    #[cfg(test)]
    pub(crate) fn keystream_over(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.get(HEADER..)?.split_first_chunk::<NONCE>()?;
        // Encrypting what was encrypted takes the stream off again.
        self.cipher.encrypt(&(*nonce).into(), ciphertext).ok()
    }

    /// Opens what was sealed for this very `place` under this key. Anything else, any changed bit: `DoesNotOpen`.
    pub fn open(&self, place: &SealContext<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let named = Named::of(sealed)?;
        let (nonce, ciphertext) = sealed[HEADER..].split_first_chunk::<NONCE>().ok_or(SealError::NotSealed)?;
        let payload = Payload { msg: ciphertext, aad: &bound(named, place) };
        let plaintext = self.cipher.decrypt(&(*nonce).into(), payload).map_err(|_| SealError::DoesNotOpen)?;
        Ok(Zeroizing::new(plaintext))
    }
}

fn bound(named: Named, place: &SealContext<'_>) -> Vec<u8> {
    [named.bytes().as_slice(), &place.bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DossierId, DraftId, EntryId, OfficerId, Stamp, StationId, Subject, UnitId};
    use crate::seal::PartKind;

    const NAMED: Named = Named { kind: KeyKind::Subject, generation: 0 };

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&Secret::new([byte; 32]))
    }

    fn part(change: impl FnOnce(&mut Fields)) -> SealContext<'static> {
        let mut fields = Fields {
            kind: PartKind::Person,
            schema: 1,
            station: StationId([1; 16]),
            entry: EntryId([2; 16]),
            at: Stamp(1_500_000_000_000),
            by: OfficerId([3; 16]),
            subject: Subject::Dossier(DossierId([4; 16])),
        };
        change(&mut fields);
        let Fields { kind, schema, station, entry, at, by, subject } = fields;
        SealContext::Part { kind, schema, station, entry, at, by, subject }
    }

    struct Fields {
        kind: PartKind,
        schema: u16,
        station: StationId,
        entry: EntryId,
        at: Stamp,
        by: OfficerId,
        subject: Subject,
    }

    /// Each differs from the first of its kind in one field, and all from one another.
    fn places() -> Vec<SealContext<'static>> {
        vec![
            part(|_| {}),
            part(|f| f.kind = PartKind::Ledger),
            part(|f| f.schema = 2),
            part(|f| f.station = StationId([9; 16])),
            part(|f| f.entry = EntryId([9; 16])),
            part(|f| f.at = Stamp(1_500_000_000_001)),
            part(|f| f.by = OfficerId([9; 16])),
            part(|f| f.subject = Subject::Dossier(DossierId([9; 16]))),
            part(|f| f.subject = Subject::Unit(UnitId([4; 16]))),
            SealContext::DraftDelta { draft: DraftId([2; 16]), number: 1 },
            SealContext::DraftDelta { draft: DraftId([2; 16]), number: 2 },
            SealContext::DraftDelta { draft: DraftId([3; 16]), number: 1 },
            SealContext::Row { keyspace: "ab", key: b"c" },
            // Without lengths before the fields these two would be one place.
            SealContext::Row { keyspace: "a", key: b"bc" },
            SealContext::Row { keyspace: "ab", key: b"" },
            SealContext::Snapshot { name: "ab", position: 1 },
            SealContext::Snapshot { name: "ab", position: 2 },
            SealContext::Slot { id: [2; 16] },
            SealContext::Slot { id: [3; 16] },
            SealContext::Ring { counter: 1, clear: [0; 32] },
            SealContext::Ring { counter: 1, clear: [1; 32] },
            SealContext::Recipient { kind: 1, id: [0; 16] },
            SealContext::Recipient { kind: 2, id: [0; 16] },
        ]
    }

    #[test]
    fn what_is_sealed_at_one_place_opens_there_and_nowhere_else() {
        let sealer = sealer(7);
        for (i, home) in places().iter().enumerate() {
            let sealed = sealer.seal(NAMED, home, "郑伦松".as_bytes()).unwrap();
            for (j, place) in places().iter().enumerate() {
                let opened = sealer.open(place, &sealed);
                if i == j {
                    assert_eq!(opened.unwrap().as_slice(), "郑伦松".as_bytes());
                } else {
                    assert_eq!(opened, Err(SealError::DoesNotOpen), "{home:?} at {place:?}");
                }
            }
        }
    }

    #[test]
    fn every_flipped_bit_every_cut_and_another_key_are_refused() {
        let place = part(|_| {});
        let sealed = sealer(7).seal(NAMED, &place, b"answers").unwrap();
        assert_eq!(sealed.len(), 7 + OVERHEAD);
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut bent = sealed.clone();
                bent[at] ^= 1 << bit;
                assert!(sealer(7).open(&place, &bent).is_err(), "byte {at} bit {bit}");
            }
            assert!(sealer(7).open(&place, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(sealer(8).open(&place, &sealed), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn another_generation_or_kind_in_the_envelope_does_not_open() {
        let place = part(|_| {});
        let sealed = sealer(7).seal(Named { kind: KeyKind::Bureau, generation: 1 }, &place, b"x").unwrap();
        assert_eq!(Named::of(&sealed).unwrap(), Named { kind: KeyKind::Bureau, generation: 1 });
        for (at, byte) in [(1, 0), (1, 2), (2, 2), (5, 1)] {
            let mut renamed = sealed.clone();
            renamed[at] = byte;
            assert_eq!(sealer(7).open(&place, &renamed), Err(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn equal_rows_seal_equally_and_unequal_ones_share_no_nonce() {
        let row = SealContext::Row { keyspace: "dossiers", key: b"k" };
        let seal = |place: &SealContext<'_>, text: &[u8]| sealer(7).seal(NAMED, place, text).unwrap();
        assert_eq!(seal(&row, b"one"), seal(&row, b"one"));
        let nonce = |sealed: Vec<u8>| sealed[HEADER..HEADER + NONCE].to_vec();
        assert_ne!(nonce(seal(&row, b"one")), nonce(seal(&row, b"two")));
        let elsewhere = SealContext::Row { keyspace: "dossiers", key: b"l" };
        assert_ne!(nonce(seal(&row, b"one")), nonce(seal(&elsewhere, b"one")));
        let other_key = sealer(8).seal(NAMED, &row, b"one").unwrap();
        assert_ne!(nonce(seal(&row, b"one")), nonce(other_key));
    }

    #[test]
    fn an_empty_text_seals_and_opens() {
        let place = part(|_| {});
        let sealed = sealer(7).seal(NAMED, &place, b"").unwrap();
        assert_eq!(sealer(7).open(&place, &sealed).unwrap().as_slice(), b"");
    }
}
