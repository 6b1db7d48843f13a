//! Sealing and opening: XChaCha20-Poly1305 with a nonce made from place and plaintext. **[disk]**
//!
//! ```text
//! 0   form        u8       1
//! 1   key kind    u8       0 store, 1 bureau, 2 subject, 3 wrapping
//! 2   generation  u32 LE   of that key; 0 for keys without generations
//! 6   nonce       24       the first 24 bytes of keyed BLAKE3(header ‖ place ‖ plaintext)
//! 30  ciphertext, and its tag of 16 bytes
//! ```
//!
//! Nonce key and cipher key are derived from the sealing key, each for itself. Header (bytes 0..6) and place are
//! associated data, so nothing opens elsewhere, under another kind, or as another generation. The same bytes at the same
//! place under the same key seal to the same bytes: a rebuilt store is identical to the old one. What that tells an
//! onlooker is that a row has not changed, and nothing else.

use super::{Place, SealError, Secret};
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
    pub fn seal(&self, named: Named, place: &Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        let bound = bound(named, place);
        let mut hasher = blake3::Hasher::new_keyed(&self.nonce_key);
        hasher.update(&(bound.len() as u64).to_le_bytes()).update(&bound).update(plaintext);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&hasher.finalize().as_bytes()[..NONCE]);
        let payload = Payload { msg: plaintext, aad: &bound };
        let sealed = self.cipher.encrypt(&nonce.into(), payload).map_err(|_| SealError::TooLong)?;
        Ok([named.bytes().as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what was sealed for this very `place` under this key. Anything else, any changed bit: `DoesNotOpen`.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let named = Named::of(sealed)?;
        let (nonce, ciphertext) = sealed[HEADER..].split_first_chunk::<NONCE>().ok_or(SealError::NotSealed)?;
        let payload = Payload { msg: ciphertext, aad: &bound(named, place) };
        let plaintext = self.cipher.decrypt(&(*nonce).into(), payload).map_err(|_| SealError::DoesNotOpen)?;
        Ok(Zeroizing::new(plaintext))
    }
}

fn bound(named: Named, place: &Place<'_>) -> Vec<u8> {
    [named.bytes().as_slice(), &place.bytes()].concat()
}
