//! sled's folder, and what was set aside of it. Nothing is deleted here that may hold the only copy of a frame: an aside
//! goes at the clean stop of a session that wrote, once journal and sled were compared and agree.

use super::folding;
use super::half_open::identity_of;
use super::rows::Rows;
use super::sled::SledRows;
use super::spare::{Spare, UNNAMED};
use super::tally::kept_position;
use super::{Failed, Frame, OpenFailed, Position, RECORDS};
use std::path::{Path, PathBuf};

const BEGINS: &str = "sled.aside-";

/// Where sled's files are, and where they go when they are set aside.
pub struct SledFolder {
    root: PathBuf,
    pub(super) cache_bytes: u64,
}

impl SledFolder {
    pub(super) fn new(root: &Path, cache_bytes: u64) -> SledFolder {
        SledFolder { root: root.to_owned(), cache_bytes }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.root.join("sled")
    }

    /// Where a new one is filled before it takes the place of the old.
    pub(super) fn unnamed(&self) -> PathBuf {
        self.root.join(UNNAMED)
    }

    /// Another folder beside sled's own, and the cache it may have.
    pub fn beside(&self, name: &str) -> (PathBuf, u64) {
        (self.root.join(name), self.cache_bytes)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A copy of it to be opened in its stead. Where there is no room for it and the ballast is not given up yet, the disk
    /// counts as full.
    pub(super) fn spare(&self, cramped: bool) -> Result<Spare, OpenFailed> {
        self.spare_of("sled", cramped)
    }

    fn spare_of(&self, name: &str, cramped: bool) -> Result<Spare, OpenFailed> {
        Spare::of(&self.root, name).map_err(|failed| match failed {
            OpenFailed::NoRoomToMend { .. } if !cramped => Failed::Full.into(),
            other => other,
        })
    }

    /// The first free name, so that nothing set aside earlier is written over.
    pub(super) fn set_aside(&self) -> Result<Option<String>, Failed> {
        if !self.path().exists() {
            return Ok(None);
        }
        let name = (1..).map(|n| format!("{BEGINS}{n}")).find(|name| !self.root.join(name).exists());
        let name = name.unwrap_or_default();
        std::fs::rename(self.path(), self.root.join(&name)).map_err(|e| Failed::io("sled", &e))?;
        Ok(Some(name))
    }

    /// What was set aside, latest last.
    pub fn asides(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut names: Vec<(u32, String)> = entries
            .filter_map(|entry| {
                let name = entry.file_name().to_str()?.to_owned();
                Some((name.strip_prefix(BEGINS)?.parse().ok()?, name))
            })
            .collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Once the journal and the sled in use have all of it.
    pub(super) fn forget_asides(&self) {
        for name in self.asides() {
            let _ = std::fs::remove_dir_all(self.root.join(name));
        }
    }
}

/// Frames that an aside may still have. Copies of them are opened, and only when they are asked for.
pub(super) struct Asides<'a> {
    sled: &'a SledFolder,
    cramped: bool,
    open: Option<Vec<(String, SledRows, Spare)>>,
    /// Why one of them could not be asked.
    pub failed: Option<OpenFailed>,
    /// Which of them gave something.
    pub gave: Option<String>,
}

impl<'a> Asides<'a> {
    pub fn of(sled: &'a SledFolder, cramped: bool) -> Asides<'a> {
        Asides { sled, cramped, open: None, failed: None, gave: None }
    }

    fn open(&mut self) -> &[(String, SledRows, Spare)] {
        let (sled, cramped, failed) = (self.sled, self.cramped, &mut self.failed);
        self.open.get_or_insert_with(|| {
            let each = sled.asides().into_iter().rev();
            each.filter_map(|name| {
                let spare = sled.spare_of(&name, cramped).map_err(|why| *failed = Some(why)).ok()?;
                // One that does not open has nothing to give; one that does not answer may have.
                match spare.open(sled.cache_bytes) {
                    Ok(rows) => return Some((name, rows, spare)),
                    Err(Failed::Hangs) => *failed = Some(Failed::Hangs.into()),
                    Err(_) => {}
                }
                None
            })
            .collect()
        })
    }

    /// The store that they are of, where only they can say.
    pub fn identity(&mut self) -> Option<[u8; 16]> {
        self.open().iter().find_map(|(_, rows, _)| identity_of(rows))
    }

    /// The last position that one of this store had seen.
    pub fn position(&mut self, identity: [u8; 16]) -> Position {
        let own = self.open().iter().filter(|(_, rows, _)| identity_of(rows) == Some(identity));
        own.filter_map(|(_, rows, _)| kept_position(rows).ok()).max().unwrap_or(0)
    }

    pub fn frame(&mut self, identity: [u8; 16], position: Position) -> Option<Frame> {
        let own = self.open().iter().filter(|(_, rows, _)| identity_of(rows) == Some(identity));
        let mut found = own.filter_map(|(name, rows, _)| {
            let row = rows.get(RECORDS, &position.to_be_bytes()).ok().flatten()?;
            Some((name.clone(), folding::read_record_row(position, &row)?))
        });
        let (name, frame) = found.next()?;
        drop(found);
        self.gave = Some(name);
        Some(frame)
    }
}
