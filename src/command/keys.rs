//! Who can unlock the store, and new generations of its keys. No record tells of it: keys are the folder's own affair, and
//! the ring itself is kept twice.

use super::{Duty, Failure, Office};
use crate::domain::Now;
use crate::seal::{KeyFile, NewRecipient, PassphraseCost, Recipient, RecoveryCode, SealError, Secret};
use std::path::Path;

/// How the keys stand.
pub struct KeyState {
    pub holders: Vec<Recipient>,
    pub store_generation: u32,
    pub bureau_generation: u32,
    pub ready_slots: usize,
    /// Subjects whose keys are destroyed.
    pub erased: usize,
}

impl Office {
    /// The seed of the key by which SSH clients know this bureau's server again.
    pub fn host_seed(&self) -> Secret {
        self.keys.host_seed()
    }

    pub fn key_state(&self) -> Result<KeyState, Failure> {
        let (store_generation, bureau_generation) = self.keys.generations()?;
        Ok(KeyState {
            holders: self.keys.recipients(),
            store_generation,
            bureau_generation,
            ready_slots: self.keys.ready_slots(),
            erased: self.keys.erased_count(),
        })
    }

    /// Makes a key file that unlocks the store from now on. A file that is there is never written over; one that was made
    /// and could not be let in is taken away again.
    pub fn add_key_file(&self, path: &Path, now: Now) -> Result<(), Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        let mut random = self.random();
        let key = KeyFile::create(path, &mut **random)?;
        let added = self.keys.add_recipient(&NewRecipient::KeyFile(&key), &mut **random);
        if added.is_err() {
            let _ = std::fs::remove_file(path);
        }
        Ok(added?)
    }

    /// A passphrase that unlocks the store; it takes the place of the one before. Errors: fewer than eight characters.
    pub fn set_passphrase(&self, text: &str, now: Now) -> Result<(), Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        let mut random = self.random();
        Ok(self.keys.add_recipient(&NewRecipient::Passphrase(text, PassphraseCost::USUAL), &mut **random)?)
    }

    /// A code for the safe. Only its public half is kept: who loses the paper makes a new one.
    pub fn add_recovery_code(&self, now: Now) -> Result<RecoveryCode, Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        let code = RecoveryCode::generate();
        self.keys.add_recipient(&NewRecipient::Recovery(&code), &mut **self.random())?;
        Ok(code)
    }

    /// Lets the one whose id begins so no longer unlock, and makes the store key anew.
    ///
    /// Errors: none or several begin so; it is the last one.
    pub fn remove_key_holder(&self, begins: &str, now: Now) -> Result<Recipient, Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        let begins = begins.trim().to_lowercase();
        let known = self.key_state()?.holders;
        let mut found = known.into_iter().filter(|r| !begins.is_empty() && r.hex().starts_with(&begins));
        let (Some(holder), None) = (found.next(), found.next()) else {
            return Err(Failure::Seal(SealError::NoSuchRecipient));
        };
        self.keys.remove_recipient(&holder, &mut **self.random())?;
        Ok(holder)
    }

    /// The new generation's number. Rows are folded anew under it at the next opening.
    pub fn rotate_store_key(&self, now: Now) -> Result<u32, Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        Ok(self.keys.rotate_store(&mut **self.random())?)
    }

    /// The new generation's number: records kept from now on name it, those of before open as before.
    pub fn rotate_bureau_key(&self, now: Now) -> Result<u32, Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        Ok(self.keys.rotate_bureau(&mut **self.random())?)
    }
}
