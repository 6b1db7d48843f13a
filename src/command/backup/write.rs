//! Writing a backup: records, drafts, then keys, each under a name of its own until it is whole and synced.

use super::{BackupProblem, MAGIC, SCHEMA, file_failed, keys_beside};
use crate::command::outputs::{self, NewFile, NotWritten, Standing};
use crate::command::without_keys::WithoutKeys;
use crate::command::{Duty, Failure, Office, draft_file};
use crate::domain::{Message, Now, Stamp};
use crate::log::{Head, SignedHead, Verifier};
use crate::seal::{bundle, chest};
use crate::store::disk::read_whole;
use crate::store::segment::FILE_LIMIT;
use crate::store::{Copies, Failed};
use crate::views;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Progress is told after so many frames.
const PAGE: u64 = 500;

/// What a backup holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backed {
    pub file: PathBuf,
    pub keys: PathBuf,
    pub records: u64,
    pub drafts: usize,
    /// Of two backups of one store the one with the higher counter is the newer.
    pub counter: u64,
    pub bytes: u64,
    pub heads: Vec<Head>,
    /// Which copies of the records were read, and whether both are whole.
    pub copies: Copies,
    /// Whose keys are not here, and so not in the backup.
    pub without_keys: WithoutKeys,
    /// What is said of drafts that are damaged: they are in the backup as they are.
    pub damaged_drafts: Vec<Message>,
    /// A record tells that it was made.
    pub recorded: bool,
    /// Why it is not known whether the names of both files, which stand there whole, are on the disk.
    pub unsynced: Option<NotWritten>,
}

impl Backed {
    /// What is said of those whom the backup cannot bring back.
    pub fn without_keys_in_words(&self) -> Option<Message> {
        self.without_keys.in_words()
    }
}

impl Office {
    /// Writes `file` and `file`.keys. `progress` is told records done and records in all.
    ///
    /// Errors: a file is there already; no room; the store's own chains are broken (a backup would only carry that on:
    /// `verify` says where). Nothing of either name is left then.
    pub fn backup(&self, file: &Path, now: Now, mut progress: impl FnMut(u64, u64)) -> Result<Backed, Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        self.is_where_it_was()?;
        let keys_file = keys_beside(file);
        for path in [file, &keys_file] {
            match self.may_write_to(path, Standing::Stays) {
                Ok(()) => {}
                Err(NotWritten::Exists { path }) => return Err(BackupProblem::Exists { path }.into()),
                Err(other) => return Err(other.into()),
            }
        }
        // Before it is written, so that it holds its own record; and whether or not one can be kept: a disk that is full or may
        // only be read is when a backup is wanted most.
        let counter = self.bureau.keys.state_counter();
        let recorded = match self.without_keys()?.is_empty() {
            true => self.note_maintenance(&permit, "backup", "", counter, now),
            false => self.note_maintenance(&permit, "backup_partial", "", counter, now),
        };
        let recorded = recorded.is_ok();
        let now = now.at;
        let part = NewFile::begin(file, Standing::Stays).map_err(|e| file_failed(file, &e))?;
        let keys_part = NewFile::begin(&keys_file, Standing::Stays).map_err(|e| file_failed(&keys_file, &e))?;
        let backed = self.backup_parts(file, &part, &keys_part, now, &mut progress)?;
        // The keys first: alone they are of no use to anybody, and a backup without them is none.
        let placed = outputs::place_both(keys_part, part).map_err(|(path, e)| file_failed(&path, &e))?;
        let unsynced =
            placed.unsynced.map(|why| NotWritten::Unsynced { path: file.display().to_string(), why: why.to_string() });
        Ok(Backed { recorded, unsynced, ..backed })
    }

    fn backup_parts(
        &self,
        file: &Path,
        part: &NewFile,
        keys_part: &NewFile,
        now: Stamp,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Backed, Failure> {
        let failed = |e: io::Error| Failure::from(file_failed(file, &e));
        let mut out = Hashing {
            out: chest::lock(&self.bureau.keys, BufWriter::new(part.file()))?,
            hasher: blake3::Hasher::new(),
        };
        let (records, counter) = (self.bureau.store.position(), self.bureau.keys.state_counter());
        out.write_all(MAGIC).map_err(failed)?;
        out.write_all(&SCHEMA.to_le_bytes()).map_err(failed)?;
        out.write_all(&counter.to_le_bytes()).map_err(failed)?;
        out.write_all(&now.0.to_le_bytes()).map_err(failed)?;
        out.write_all(&self.bureau.local.identity()).map_err(failed)?;
        out.write_all(&records.to_le_bytes()).map_err(failed)?;
        let own: Vec<Head> = views::read::chain_head(&self.bureau.store, self.bureau.station)?.into_iter().collect();
        out.write_all(&(own.len() as u32).to_le_bytes()).map_err(failed)?;
        for head in &own {
            let (key, signature) = (self.bureau.keys.public_key(), self.bureau.keys.sign(&head.signed_bytes()));
            let signed = SignedHead { head: *head, key, signature };
            let signed = signed.encode().map_err(|_| Failure::NothingKept)?;
            out.counted(&signed).map_err(failed)?;
        }
        let mut verifier = Verifier::new();
        let mut unwritten = None;
        let copies = self.bureau.local.each_frame(records, |frame| {
            verifier.take(frame.position, &frame.record);
            unwritten = out.counted(&frame.encode()).err();
            if frame.position % PAGE == 0 || frame.position == records {
                progress(frame.position, records);
            }
            unwritten.is_none()
        })?;
        if let Some(error) = unwritten {
            return Err(failed(error));
        }
        let report = verifier.finish();
        if !report.holds() {
            let path = file.display().to_string();
            return Err(match self.bureau.folder.for_reading {
                true => BackupProblem::Lacking { path }.into(),
                false => BackupProblem::Broken { path }.into(),
            });
        }
        let drafts = self.draft_files()?;
        out.write_all(&(drafts.len() as u32).to_le_bytes()).map_err(failed)?;
        for (name, bytes) in &drafts {
            out.write_all(&(name.len() as u16).to_le_bytes()).map_err(failed)?;
            out.write_all(name.as_bytes()).map_err(failed)?;
            out.counted(bytes).map_err(failed)?;
        }
        let sum = *out.hasher.finalize().as_bytes();
        out.write_all(&sum).map_err(failed)?;
        let file_out = out.out.finish().map_err(failed)?.into_inner().map_err(|e| failed(e.into_error()))?;
        file_out.sync_all().map_err(failed)?;
        // After the records, so that no record names a key that is missing.
        let keys = bundle::export(&self.bureau.keys)?;
        let mut keys_out = keys_part.file();
        keys_out.write_all(&keys).and_then(|()| keys_out.sync_all()).map_err(failed)?;
        Ok(Backed {
            file: file.to_owned(),
            keys: keys_beside(file),
            records,
            drafts: drafts.len(),
            counter,
            bytes: file_out.metadata().map_or(0, |m| m.len()),
            heads: report.heads,
            copies,
            without_keys: self.without_keys()?,
            damaged_drafts: draft_file::damaged_in_words(self)?,
            recorded: false,
            unsynced: None,
        })
    }

    /// Every draft's file as it is; one that is being written gives what is whole of it.
    fn draft_files(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let failed = |name: &str, e: io::Error| Failure::Store(Failed::io(name, &e));
        let mut files = Vec::new();
        for name in self.bureau.folder.disk.list("drafts").map_err(|e| failed("drafts", e))? {
            if !super::is_of_a_draft(&name) {
                continue;
            }
            let mut file = self.bureau.folder.disk.open(&name).map_err(|e| failed(&name, e))?;
            files.push((name.clone(), read_whole(&mut *file, FILE_LIMIT).map_err(|e| failed(&name, e))?));
        }
        Ok(files)
    }
}

struct Hashing<W> {
    out: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Hashing<W> {
    fn counted(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.write_all(&length.to_le_bytes())?;
        self.write_all(bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
