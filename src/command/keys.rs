//! Who can unlock the store, and new generations of its keys. Each act is recorded before it is done.

use super::opening::{Unlocking, key_file_of};
use super::outputs::{self, NotWritten, Standing};
use super::{Duty, Failure, Office, Permit};
use crate::domain::Now;
use crate::seal::bundle;
use crate::seal::recipient::{PASSPHRASE_CHARS_MIN, Unlock};
use crate::seal::{KeyFile, NewRecipient, PassphraseCost, Recipient, RecoveryCode, SealError, Secret};
use crate::store::disk::create_private_folder;
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

/// Whose key unlocks no longer. What they kept of before they keep: copies of the folder and backups of that time open with
/// it as they did, with every record in them. With such a copy they read in later ones: the parts about households that
/// there were, whose keys stay; nothing about households that come, and no ledger part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removed {
    pub holder: Recipient,
    /// Records name it from now on.
    pub bureau_generation: u32,
    /// Records that they can read, had they a copy.
    pub records_before: u64,
}

impl Office {
    /// The seed of the key by which SSH clients know this bureau's server again.
    pub fn host_seed(&self) -> Secret {
        self.bureau.keys.host_seed()
    }

    /// Who unlocks the store, and how its keys stand.
    ///
    /// Errors: no right to it.
    pub fn key_state(&self, now: Now) -> Result<KeyState, Failure> {
        let _ = self.may(Duty::KeepStore, now)?;
        let (store_generation, bureau_generation) = self.bureau.keys.generations()?;
        Ok(KeyState {
            holders: self.bureau.keys.recipients(),
            store_generation,
            bureau_generation,
            ready_slots: self.bureau.keys.ready_slots(),
            erased: self.bureau.keys.erased_count(),
        })
    }

    /// Makes a key file that unlocks the store from now on. A file that is there is never written over; one that was made
    /// and could not be let in is taken away again.
    pub fn add_key_file(&self, path: &Path, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        let refused = |why: NotWritten| match why {
            NotWritten::Exists { .. } => Failure::Seal(SealError::KeyFileExists),
            other => other.into(),
        };
        // The place of the first key file, which lies in the folder itself.
        let is_first = path.file_name() == key_file_of(path).file_name() && outputs::is_right_in(path, self.folder());
        match self.may_write_to(path, Standing::Stays) {
            Err(NotWritten::WithinStore { .. }) if is_first => {}
            other => other.map_err(refused)?,
        }
        let key = KeyFile::generate(&mut **self.random())?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let failed =
                |why: std::io::Error| Failure::Folder { folder: folder.display().to_string(), why: why.to_string() };
            create_private_folder(folder).map_err(failed)?;
        }
        if let Err(why) = outputs::put(path, key.to_text().as_bytes(), Standing::Stays) {
            // One that may be gone after a power cut is none to let in.
            if matches!(why, NotWritten::Unsynced { .. }) {
                let _ = std::fs::remove_file(path);
            }
            return Err(refused(why));
        }
        let new = NewRecipient::KeyFile(&key);
        let added = self.note_keys(&permit, "key_file", &new.id_begins(), 0, now).and_then(|()| self.let_in(&new));
        if added.is_err() {
            let _ = std::fs::remove_file(path);
        }
        added
    }

    /// Brings back from the key file of a backup (`FILE.keys`) what the folder has lost of its keys. What is here and opens stays as it is,
    /// and what is erased stays erased. Answers how many keys were brought back.
    ///
    /// Errors: no right to it; it is no such file, or another store's.
    pub fn bring_keys(&self, bundle: &[u8], unlocking: &Unlocking, now: Now) -> Result<usize, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        bundle::look(bundle)?;
        self.note_keys(&permit, "brought_back", "", 0, now)?;
        let bring = |unlock: &Unlock<'_>| bundle::bring(&self.bureau.keys, bundle, unlock);
        match unlocking {
            Unlocking::KeyFile(named) => {
                let path = named.clone().unwrap_or_else(|| key_file_of(self.folder()));
                Ok(bring(&Unlock::KeyFile(&KeyFile::read(&path)?))?)
            }
            Unlocking::Passphrase(text) => Ok(bring(&Unlock::Passphrase(text))?),
            Unlocking::Recovery(code) => Ok(bring(&Unlock::Recovery(code))?),
        }
    }

    /// Whether records were folded while keys were missing that are here now: what came of them is not shown and not found until the
    /// folder is opened the next time, which folds them anew.
    pub fn is_outdated(&self) -> Result<bool, Failure> {
        let keys = &self.bureau.keys;
        let unopened = crate::views::read::unopened(&*self.bureau.store)?;
        Ok(unopened.into_iter().any(|subject| !keys.is_erased(subject) && keys.opens(subject)))
    }

    /// A passphrase that unlocks the store; it takes the place of the one before, whose holder is removed by that, and
    /// answered. Errors: fewer than eight characters.
    pub fn set_passphrase(&self, text: &str, now: Now) -> Result<Option<Removed>, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        if text.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(Failure::Seal(SealError::PassphraseShort));
        }
        let new = NewRecipient::Passphrase(text, PassphraseCost::USUAL);
        let replaces = self.bureau.keys.recipient_replaced_by(&new).is_some();
        self.note_keys(&permit, "passphrase", "", u32::from(replaces), now)?;
        match self.bureau.keys.add_recipient(&new, &mut **self.random())? {
            Some(holder) => self.removed(holder).map(Some),
            None => Ok(None),
        }
    }

    /// A code for the safe. Only its public half is kept: who loses the paper makes a new one.
    pub fn add_recovery_code(&self, now: Now) -> Result<RecoveryCode, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        let code = RecoveryCode::generate();
        let new = NewRecipient::Recovery(&code);
        self.note_keys(&permit, "recovery", &new.id_begins(), 0, now)?;
        self.let_in(&new)?;
        Ok(code)
    }

    /// Lets the one whose id begins so no longer unlock. Store and bureau begin new generations of their keys, and every slot
    /// is wrapped anew: see [`Removed`] for what that does not take back.
    ///
    /// Errors: none or several begin so; it is the last one.
    pub fn remove_key_holder(&self, begins: &str, now: Now) -> Result<Removed, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        let begins = begins.trim().to_lowercase();
        let known = self.bureau.keys.recipients();
        if known.len() == 1 {
            return Err(Failure::Seal(SealError::LastRecipient));
        }
        let mut found = known.into_iter().filter(|r| !begins.is_empty() && r.hex().starts_with(&begins));
        let (Some(holder), None) = (found.next(), found.next()) else {
            return Err(Failure::Seal(SealError::NoSuchRecipient));
        };
        self.note_keys(&permit, "key_removed", &holder.hex()[..8], 1, now)?;
        self.bureau.keys.remove_recipient(&holder, &mut **self.random())?;
        self.removed(holder)
    }

    fn removed(&self, holder: Recipient) -> Result<Removed, Failure> {
        let (_, bureau_generation) = self.bureau.keys.generations()?;
        Ok(Removed { holder, bureau_generation, records_before: self.bureau.store.position() })
    }

    /// The new generation's number. Rows are folded anew under it at the next opening, and slots wrapped anew.
    pub fn rotate_store_key(&self, now: Now) -> Result<u32, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        self.note_keys(&permit, "store_key", "", 1, now)?;
        Ok(self.bureau.keys.rotate_store(&mut **self.random())?)
    }

    /// The new generation's number: records kept from now on name it, those of before open as before.
    pub fn rotate_bureau_key(&self, now: Now) -> Result<u32, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        let (_, generation) = self.bureau.keys.generations()?;
        self.note_maintenance(&permit, "bureau_key", "", u64::from(generation) + 1, now)?;
        Ok(self.bureau.keys.rotate_bureau(&mut **self.random())?)
    }

    fn let_in(&self, new: &NewRecipient<'_>) -> Result<(), Failure> {
        Ok(self.bureau.keys.add_recipient(new, &mut **self.random()).map(drop)?)
    }

    /// Recorded with the generation that the store's key has afterwards: `more` than now.
    fn note_keys(&self, permit: &Permit<'_>, what: &str, id: &str, more: u32, now: Now) -> Result<(), Failure> {
        let (generation, _) = self.bureau.keys.generations()?;
        self.note_maintenance(permit, what, id, u64::from(generation + more), now)
    }
}
