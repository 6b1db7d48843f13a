//! Rows as sealed values: encoded, enveloped, sealed in their own place, and back.

use super::pending::Pending;
use crate::domain::{Explain, Message};
use crate::log::envelope::{self, EnvelopeError};
use crate::seal::{KeyName, Keyring, SealContext, SealError};
use crate::store::{Failed, Keyspace};
use serde::{Serialize, de::DeserializeOwned};

/// `DROW`: a view's row before sealing.
const MAGIC: [u8; 4] = *b"DROW";
/// The envelope's schema. What stands in rows is counted by [`super::SHAPE`]: rows can be folded again, so another shape
/// needs no migration.
const SCHEMA: u16 = 1;

/// Why a view could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ViewError {
    Store(Failed),
    /// The key is gone (erased, or of another folder), or the row is not what was written.
    Seal(SealError),
    Row(EnvelopeError),
}

impl From<Failed> for ViewError {
    fn from(failed: Failed) -> ViewError {
        ViewError::Store(failed)
    }
}
impl From<SealError> for ViewError {
    fn from(error: SealError) -> ViewError {
        ViewError::Seal(error)
    }
}
impl From<EnvelopeError> for ViewError {
    fn from(error: EnvelopeError) -> ViewError {
        ViewError::Row(error)
    }
}

impl Explain for ViewError {
    fn explain(&self) -> Message {
        match self {
            ViewError::Store(failed) => super::read::reported(failed),
            ViewError::Seal(error) => error.explain(),
            ViewError::Row(error) => error.explain(),
        }
    }
}

/// Puts a row at its place, sealed to that place: nowhere else does it open.
pub(super) fn put<T: Serialize>(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    name: KeyName,
    keyspace: Keyspace,
    key: impl Into<Vec<u8>>,
    row: &T,
) -> Result<(), ViewError> {
    let key = key.into();
    let sealed = close(keys, name, keyspace, &key, row)?;
    pending.set(keyspace, key, sealed);
    Ok(())
}

fn close<T: Serialize>(
    keys: &Keyring,
    name: KeyName,
    keyspace: Keyspace,
    key: &[u8],
    value: &T,
) -> Result<Vec<u8>, ViewError> {
    let plain = zeroize::Zeroizing::new(envelope::encode(MAGIC, SCHEMA, value)?);
    Ok(keys.seal(name, &SealContext::Row { keyspace: keyspace.0, key }, &plain)?)
}

pub(super) fn open<T: DeserializeOwned>(
    keys: &Keyring,
    name: KeyName,
    keyspace: Keyspace,
    key: &[u8],
    sealed: &[u8],
) -> Result<T, ViewError> {
    let plain = keys.open_sealed(name, &SealContext::Row { keyspace: keyspace.0, key }, sealed)?;
    Ok(envelope::decode(MAGIC, SCHEMA, &plain)?)
}
