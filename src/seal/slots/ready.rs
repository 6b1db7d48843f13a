//! Slots that nobody has yet: which are ready, and which of them can be given to somebody. One that is damaged in both copies is passed
//! over: no record rests on it.

use super::{BEFORE_BODY, BODY, COPIES, LIVE, Slots, key_in, read_slot, sealed_at, slot_at};
use crate::seal::{SealError, Secret};
use crate::store::disk::Disk;
use std::collections::{BTreeSet, VecDeque};

impl Slots {
    /// The next id whose key `opens`. One that is damaged in both copies is nobody's yet, and is passed over; where none opens for
    /// another reason (a file was taken away while the folder is open) all stay ready, and that reason is answered.
    pub fn take(
        &mut self,
        mut opens: impl FnMut(&mut Slots, &[u8; 16]) -> Result<(), SealError>,
    ) -> Result<[u8; 16], SealError> {
        let mut refused = SealError::NoReadySlot;
        let mut kept = VecDeque::new();
        while let Some(id) = self.ready.pop_front() {
            match opens(self, &id) {
                Ok(()) => {
                    self.handed_out.insert(id);
                    self.ready.extend(kept);
                    return Ok(id);
                }
                Err(SealError::SlotDamaged { file, .. }) => drop(self.spoilt.insert(file)),
                Err(why) => {
                    kept.push_back(id);
                    refused = why;
                }
            }
        }
        self.ready = kept;
        Err(refused)
    }

    /// Files in which slots were passed over, since what was ready there does not open.
    pub fn spoilt(&self) -> &BTreeSet<u32> {
        &self.spoilt
    }

    /// See `Keyring::find_ready`.
    pub fn find_ready(
        &mut self,
        disk: &dyn Disk,
        station: [u8; 16],
        store: &dyn Fn(u32) -> Result<Secret, SealError>,
        taken: &dyn Fn(&[u8; 16]) -> bool,
    ) -> Result<usize, SealError> {
        let (mut found, mut spoilt) = (Vec::new(), BTreeSet::new());
        'files: for (number, file) in self.files.iter().rev().filter(|(_, file)| file.maker == station) {
            let bytes = self.read_either(disk, *number)?;
            for slot in (0..file.count).rev() {
                let Some((id, kind)) = slot_at(&bytes, slot) else { continue };
                if taken(&id) {
                    break 'files;
                }
                if kind != LIVE || self.is_erased(&id) || self.handed_out.contains(&id) {
                    continue;
                }
                let opens = sealed_at(&bytes, slot).is_some_and(|sealed| key_in(&id, sealed, store).is_some());
                if opens || self.key(disk, &id, store).is_ok() {
                    found.push(id);
                } else {
                    spoilt.insert(*number);
                }
            }
        }
        self.spoilt.extend(spoilt);
        self.ready = found.into_iter().rev().collect();
        Ok(self.ready.len())
    }

    /// Whether the slot of this id holds it and its key, in one copy at least, so that the next opening finds both. Errors: as [`Self::key`].
    pub fn stands(
        &self,
        disk: &dyn Disk,
        id: &[u8; 16],
        store: &dyn Fn(u32) -> Result<Secret, SealError>,
    ) -> Result<(), SealError> {
        self.key(disk, id, store)?;
        let found = self.find(id);
        let holds = |copy, file, slot| {
            let frame = read_slot(disk, copy, file, slot).unwrap_or_default();
            let named = frame.get(BEFORE_BODY..BEFORE_BODY + 16) == Some(id);
            let sealed = frame.get(BEFORE_BODY + 16..BEFORE_BODY + BODY);
            named && sealed.is_some_and(|sealed| key_in(id, sealed, store).is_some())
        };
        match found.iter().any(|(file, slot)| COPIES.into_iter().any(|copy| holds(copy, *file, *slot))) {
            true => Ok(()),
            false => Err(found
                .first()
                .map_or(SealError::UnknownSubject, |(file, slot)| SealError::SlotDamaged { file: *file, slot: *slot })),
        }
    }
}
