//! What this room finds instead of what it wanted. Nothing here holds a key, a passphrase or an opened byte.

use crate::domain::{Explain, Message};
use crate::store::Failed;

/// Why something can't be sealed, opened, taken or kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealError {
    /// The bytes are not an envelope of this room.
    NotSealed,
    /// Another key, another place, or a changed byte: which of them can't be told apart.
    DoesNotOpen,
    /// More than 256 GiB.
    TooLong,
    /// The envelope names a key of another kind than the one asked for.
    OtherKind,
    /// The ring has no such generation: sealed by a station that rotated its keys later than this ring was written.
    UnknownGeneration { generation: u32 },
    /// No key slot with this id is here, and none was erased.
    UnknownSubject,
    /// The subject's key was erased; nothing sealed under it will open again.
    Erased,
    /// Units and the bureau keep their keys for good.
    NeverErased,
    /// All ready slots are taken: make more first.
    NoReadySlot,
    /// A key with this id is here already.
    SlotExists,
    /// A different bureau key of this generation is here already.
    GenerationExists { generation: u32 },
    /// The folder holds no ring.
    NoRing,
    /// The folder holds a ring already.
    RingExists,
    /// Both copies of the ring are damaged.
    RingDamaged,
    /// The two copies of the ring are of two stores, and one key opens both.
    RingsApart,
    /// Another store's ring lies in this copy's place; writing would destroy it.
    RingForeign { copy: char },
    /// A newer program wrote the ring, the slots or the bundle.
    NewerSchema { schema: u16 },
    /// None of the ring's recipients is of this kind.
    NoSuchRecipient,
    /// The last recipient: without one nobody would get in again.
    LastRecipient,
    /// The passphrase, key file or recovery code is whole, but not one of this folder.
    WrongKey,
    /// The key file is cut, changed, or none of ours.
    KeyFileDamaged,
    /// The key file may be read by others than its owner.
    KeyFileOpenToOthers,
    /// A key file stands there already; it is never overwritten.
    KeyFileExists,
    /// The recovery code has a typing mistake.
    RecoveryCodeMistyped,
    /// A passphrase of fewer than eight characters.
    PassphraseShort,
    /// The stored passphrase parameters are outside what this program will spend.
    PassphraseCost,
    /// The bundle is cut, changed, or none of ours.
    BundleDamaged,
    /// The bundle belongs to another key folder: its ring does not open with this one's key.
    BundleForeign,
    /// The system gave no randomness.
    NoRandomness,
    /// A slot's bytes are unreadable in both copies.
    SlotDamaged { file: u32, slot: u32 },
    /// A file of slots that was here is gone from both copies while the folder is open.
    SlotsGone { file: u32 },
    /// The file system refused, or a file of keys is not what it should be.
    Disk(Failed),
}

impl From<Failed> for SealError {
    fn from(failed: Failed) -> SealError {
        SealError::Disk(failed)
    }
}

impl Explain for SealError {
    fn explain(&self) -> Message {
        Message::new(match self {
            SealError::NotSealed => "seal.not_sealed",
            SealError::DoesNotOpen => "seal.does_not_open",
            SealError::TooLong => "seal.too_long",
            SealError::OtherKind => "seal.other_kind",
            SealError::UnknownGeneration { generation } => {
                return Message::new("seal.unknown_generation").with("generation", *generation);
            }
            SealError::UnknownSubject => "seal.unknown_subject",
            SealError::Erased => "seal.erased",
            SealError::NeverErased => "seal.never_erased",
            SealError::NoReadySlot => "seal.no_ready_slot",
            SealError::SlotExists => "seal.slot_exists",
            SealError::GenerationExists { generation } => {
                return Message::new("seal.generation_exists").with("generation", *generation);
            }
            SealError::NoRing => "seal.no_ring",
            SealError::RingExists => "seal.ring_exists",
            SealError::RingDamaged => "seal.ring_damaged",
            SealError::RingsApart => "seal.rings_apart",
            SealError::RingForeign { copy } => {
                return Message::new("seal.ring_foreign").with("copy", copy.to_string());
            }
            SealError::NewerSchema { schema } => {
                return Message::new("seal.newer_schema").with("schema", u32::from(*schema));
            }
            SealError::NoSuchRecipient => "seal.no_such_recipient",
            SealError::LastRecipient => "seal.last_recipient",
            SealError::WrongKey => "seal.wrong_key",
            SealError::KeyFileDamaged => "seal.key_file_damaged",
            SealError::KeyFileOpenToOthers => "seal.key_file_open_to_others",
            SealError::KeyFileExists => "seal.key_file_exists",
            SealError::RecoveryCodeMistyped => "seal.recovery_code_mistyped",
            SealError::PassphraseShort => "seal.passphrase_short",
            SealError::PassphraseCost => "seal.passphrase_cost",
            SealError::BundleDamaged => "seal.bundle_damaged",
            SealError::BundleForeign => "seal.bundle_foreign",
            SealError::NoRandomness => "seal.no_randomness",
            SealError::SlotDamaged { file, slot } => {
                return Message::new("seal.slot_damaged").with("file", *file).with("slot", *slot);
            }
            SealError::SlotsGone { file } => return Message::new("seal.slots_gone").with("file", *file),
            SealError::Disk(failed) => {
                let reported = failed.reported();
                return reported
                    .args
                    .into_iter()
                    .fold(Message::new(reported.key), |m, (name, value)| m.with(name, value));
            }
        })
    }
}

/// What opening a key folder found wrong; told by `doctor`. All but the last four have been put right when they are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Damage {
    /// One copy of the ring was missing, old or damaged, and was written again from the other.
    RingMended { copy: char },
    /// A slot was missing or damaged in one copy, and was written again from the other.
    SlotMended { copy: char, file: u32, slot: u32 },
    /// A tombstone was missing or damaged in one copy, and was written again from the other.
    TombstonesMended { copy: char },
    /// An erasure had reached one copy only, and was carried through.
    ErasureFinished { file: u32, slot: u32 },
    /// A whole file of slots was missing in one copy, or its head was damaged, and was written again from the other.
    FileMended { copy: char, file: u32 },
    /// A file of slots was cut, or its head damaged, in both copies, and both were written again from what either still had.
    FilePieced { file: u32 },
    /// Slots unreadable in both copies: what is sealed under their keys does not open. They may never have been used.
    SlotsLost { file: u32, slots: u32 },
    /// A file of slots whose head is unreadable in both copies.
    FileLost { file: u32 },
    /// Another store's ring lies in this copy's place: nothing was taken from it, and it was left alone.
    RingForeign { copy: char },
    /// Another store's slots lie in this copy's place: nothing was taken from them, and they were left alone.
    SlotsForeign { copy: char, file: u32 },
    /// Another store's tombstones lie in this copy's place: nothing was taken from them, and they were left alone.
    TombstonesForeign { copy: char },
}

impl Damage {
    /// Something that no copy could mend.
    pub fn is_loss(&self) -> bool {
        use Damage::*;
        matches!(
            self,
            SlotsLost { .. } | FileLost { .. } | RingForeign { .. } | SlotsForeign { .. } | TombstonesForeign { .. }
        )
    }
}

impl Damage {
    /// Slots that no copy has any more. A loss where somebody's key was in one of them.
    pub fn is_of_slots(&self) -> bool {
        self.slots_lost_in().is_some()
    }

    /// The file that they were in.
    pub fn slots_lost_in(&self) -> Option<u32> {
        match self {
            Damage::SlotsLost { file, .. } | Damage::FileLost { file } => Some(*file),
            _ => None,
        }
    }
}

impl Explain for Damage {
    fn explain(&self) -> Message {
        match *self {
            Damage::RingMended { copy } => Message::new("seal.damage.ring_mended").with("copy", copy.to_string()),
            Damage::SlotMended { copy, file, slot } => Message::new("seal.damage.slot_mended")
                .with("copy", copy.to_string())
                .with("file", file)
                .with("slot", slot),
            Damage::TombstonesMended { copy } => {
                Message::new("seal.damage.tombstones_mended").with("copy", copy.to_string())
            }
            Damage::ErasureFinished { file, slot } => {
                Message::new("seal.damage.erasure_finished").with("file", file).with("slot", slot)
            }
            Damage::FileMended { copy, file } => {
                Message::new("seal.damage.file_mended").with("copy", copy.to_string()).with("file", file)
            }
            Damage::FilePieced { file } => Message::new("seal.damage.file_pieced").with("file", file),
            Damage::SlotsLost { file, slots } => {
                Message::new("seal.damage.slots_lost").with("file", file).with("slots", slots)
            }
            Damage::FileLost { file } => Message::new("seal.damage.file_lost").with("file", file),
            Damage::RingForeign { copy } => Message::new("seal.damage.ring_foreign").with("copy", copy.to_string()),
            Damage::TombstonesForeign { copy } => {
                Message::new("seal.damage.tombstones_foreign").with("copy", copy.to_string())
            }
            Damage::SlotsForeign { copy, file } => {
                Message::new("seal.damage.slots_foreign").with("copy", copy.to_string()).with("file", file)
            }
        }
    }
}
