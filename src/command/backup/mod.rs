//! Backup and restore: FILE with the records and drafts, FILE.keys with the keys. **[disk]**
//!
//! FILE is a chest ([`seal::chest`](crate::seal::chest)) and in it, all numbers little endian:
//!
//! ```text
//! magic 8 `DBACKUP\n` ‖ schema u16 ‖ counter u64 ‖ made i64 (ms UTC) ‖ identity 16 ‖ frames u64
//! ‖ signed heads u32 × (length u32, bytes) ‖ frames × (length u32, the frame as in the journal)
//! ‖ drafts u32 × (name u16 × bytes, length u32 × bytes) ‖ BLAKE3 of all before, 32
//! ```
//!
//! It does not depend on sled, nor on how the journal is cut into files. The records are cut first and the keys taken after,
//! so the keys are never fewer than the records need; `counter` is that of the keys when the records were cut, and keys
//! with a lower one are older than the records and refused. FILE.keys is a bundle ([`seal::bundle`](crate::seal::bundle)).
//! Start reading at `write.rs`, then `read.rs`.

mod read;
mod swap;
mod write;

pub use read::key_file_bytes;
pub use read::{Restore, Restored, restore, restore_on};
pub(in crate::command) use read::{RestoredFrom, is_being_filled, is_restored};
pub use write::Backed;

use crate::domain::{DraftId, Explain, Message};
use crate::seal::chest::NotOpened;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"DBACKUP\n";
const SCHEMA: u16 = 1;

/// The file beside a backup that holds its keys.
pub fn keys_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".keys");
    PathBuf::from(name)
}

/// Whether a file below `drafts/` is a draft's, or what was left of one: its name begins with the draft's id, and leads nowhere else.
fn is_of_a_draft(name: &str) -> bool {
    let file = name.strip_prefix("drafts/").unwrap_or_default();
    let plain = file.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') && !file.contains("..");
    plain && file.split('.').next().and_then(DraftId::from_hex).is_some()
}

/// Why a backup is not written or not restored. Nothing is changed then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackupProblem {
    /// A file of that name is there; a backup is never written over.
    Exists { path: String },
    /// A file could not be read or written.
    File { path: String, why: String },
    /// No backup of this program.
    NotABackup { path: String },
    /// Made by a newer program.
    Newer { path: String, schema: u16 },
    /// Cut or changed: where the records end that could be read.
    Damaged { path: String, records: u64 },
    /// The keys are of another store, or older than the backup.
    OtherKeys { path: String },
    /// No key file of a backup, or one that was cut or changed.
    KeysDamaged { path: String },
    /// A key file of another store: it opens nothing in the folder.
    KeysForeign { path: String, folder: String },
    /// A key file of this store, of before its keys were changed.
    KeysBefore { path: String },
    /// The records' chains do not hold; what was backed up was broken.
    Broken { path: String },
    /// The store was opened without records that are lost: what is left of it is none to back up.
    Lacking { path: String },
    /// The folder has a store.
    StoreThere { folder: String },
    /// A place beside the folder is taken by something else.
    InTheWay { path: String },
    /// Somebody else is restoring there.
    UnderWay { path: String },
    /// The restored store stands in its place; what it replaced could not be given its name, and stands under another.
    Exchanged { folder: String, before: String, why: String },
    /// The restored store stands whole at `place`, and did not get the folder's name; what is in the folder was not touched.
    NotExchanged { folder: String, place: String, why: String },
}

impl Explain for BackupProblem {
    fn explain(&self) -> Message {
        let (key, path) = match self {
            BackupProblem::Exists { path } => ("command.backup.exists", path),
            BackupProblem::File { path, .. } => ("command.backup.file", path),
            BackupProblem::NotABackup { path } => ("command.backup.not_a_backup", path),
            BackupProblem::Newer { path, .. } => ("command.backup.newer", path),
            BackupProblem::Damaged { path, .. } => ("command.backup.damaged", path),
            BackupProblem::OtherKeys { path } => ("command.backup.other_keys", path),
            BackupProblem::KeysDamaged { path } => ("command.backup.keys_damaged", path),
            BackupProblem::KeysForeign { path, .. } => ("command.backup.keys_foreign", path),
            BackupProblem::KeysBefore { path } => ("command.backup.keys_before", path),
            BackupProblem::Broken { path } => ("command.backup.broken", path),
            BackupProblem::Lacking { path } => ("command.backup.lacking", path),
            BackupProblem::StoreThere { folder } => ("command.backup.store_there", folder),
            BackupProblem::InTheWay { path } => ("command.backup.in_the_way", path),
            BackupProblem::UnderWay { path } => ("command.backup.under_way", path),
            BackupProblem::Exchanged { folder, .. } => ("command.backup.exchanged", folder),
            BackupProblem::NotExchanged { folder, .. } => ("command.backup.not_exchanged", folder),
        };
        let message = Message::new(key).with("path", path.as_str());
        match self {
            BackupProblem::File { why, .. } => message.with("why", why.as_str()),
            BackupProblem::Exchanged { before, why, .. } => {
                message.with("before", before.as_str()).with("why", why.as_str())
            }
            BackupProblem::NotExchanged { place, why, .. } => {
                message.with("place", place.as_str()).with("why", why.as_str())
            }
            BackupProblem::KeysForeign { folder, .. } => message.with("folder", folder.as_str()),
            BackupProblem::Newer { schema, .. } => message.with("schema", u64::from(*schema)),
            BackupProblem::Damaged { records, .. } => message.with("records", *records),
            _ => message,
        }
    }
}

fn file_failed(path: &Path, error: &std::io::Error) -> BackupProblem {
    BackupProblem::File { path: path.display().to_string(), why: error.to_string() }
}

/// What a chest that does not open means for whoever restores.
fn not_opened(path: &Path, why: NotOpened) -> super::Failure {
    let path = path.display().to_string();
    match why {
        NotOpened::NotAChest => BackupProblem::NotABackup { path }.into(),
        NotOpened::OtherKey => BackupProblem::OtherKeys { path }.into(),
        NotOpened::Damaged => BackupProblem::Damaged { path, records: 0 }.into(),
        NotOpened::Io(why) => BackupProblem::File { path, why }.into(),
        NotOpened::Seal(error) => super::Failure::Seal(error),
    }
}
