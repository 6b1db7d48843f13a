//! The chest that a backup's records are locked in: an age file for one key, made from the store key. **[disk]**
//!
//! The key is an age X25519 identity whose 32 bytes are derived from the store key's newest generation. So whoever can
//! unlock the ring (it stands in FILE.keys, wrapped for every recipient) can open the chest, and nobody else; and with
//! the identity in hand, age itself opens it, should this program be gone. age seals in chunks, each with its tag and its
//! place: a chest that was cut or changed anywhere does not open beyond that place.

use super::keyring::Keyring;
use super::{SealError, Secret, Unlock, bundle, ring};
use age::stream::{StreamReader, StreamWriter};
use age::x25519::Identity;
use bech32::{Bech32, Hrp};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// Why a chest does not open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotOpened {
    /// Not an age file at all.
    NotAChest,
    /// One of another store, or of keys made later than these.
    OtherKey,
    /// Its head was changed or cut.
    Damaged,
    Seal(SealError),
    Io(String),
}

/// Locks what is written into it. Call `finish` on the writer, or the chest counts as cut.
pub fn lock<W: Write>(keys: &Keyring, out: W) -> Result<StreamWriter<W>, SealError> {
    let recipient = identity(&keys.newest_store_key()?)?.to_public();
    let recipients = [&recipient as &dyn age::Recipient];
    let encryptor = age::Encryptor::with_recipients(recipients.into_iter()).map_err(|_| SealError::NoRandomness)?;
    encryptor.wrap_output(out).map_err(|e| crate::store::Failed::io("", &e).into())
}

/// Opens a chest with the ring that stands in `keys` (a bundle), unlocked by `unlock`.
pub fn open<R: Read>(keys: &[u8], unlock: &Unlock<'_>, input: R) -> Result<StreamReader<R>, NotOpened> {
    let body = ring::unlock_bytes(&bundle::ring_of(keys).map_err(NotOpened::Seal)?, unlock).map_err(NotOpened::Seal)?;
    let identities = body.body.store.iter().map(|(_, key)| identity(&Secret::new(*key)));
    let identities = identities.collect::<Result<Vec<Identity>, _>>().map_err(NotOpened::Seal)?;
    let reported = |error: age::DecryptError| match error {
        age::DecryptError::NoMatchingKeys | age::DecryptError::KeyDecryptionFailed => NotOpened::OtherKey,
        age::DecryptError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => NotOpened::Damaged,
        age::DecryptError::Io(e) => NotOpened::Io(e.to_string()),
        age::DecryptError::InvalidHeader | age::DecryptError::UnknownFormat => NotOpened::NotAChest,
        _ => NotOpened::Damaged,
    };
    let decryptor = age::Decryptor::new(input).map_err(reported)?;
    decryptor.decrypt(identities.iter().map(|i| i as &dyn age::Identity)).map_err(reported)
}

fn identity(store_key: &Secret) -> Result<Identity, SealError> {
    let bytes = Zeroizing::new(blake3::derive_key("dossier 2026 v1 backup identity", store_key.expose()));
    let prefix = Hrp::parse("age-secret-key-").map_err(|_| SealError::NoRandomness)?;
    let text = bech32::encode::<Bech32>(prefix, bytes.as_slice()).map_err(|_| SealError::NoRandomness)?;
    Zeroizing::new(text.to_uppercase()).parse().map_err(|_| SealError::NoRandomness)
}
