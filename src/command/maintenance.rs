//! How the store as a whole is handled: each backup, each act on its keys, each restore is a record, so that who looks after
//! the store is seen by those who do not.

use super::backup::RestoredFrom;
use super::rights::Act;
use super::{Duty, Failure, Office, Permit, turns};
use crate::domain::event::Ledger;
use crate::domain::{EntryId, Message, Now, Stamp, StationId, Subject};
use crate::views::{self, MaintenanceRow};
use std::path::PathBuf;

/// A backup is looked for among so many acts.
const LOOKED_AT: usize = 200;

/// A backup of a store in which keys were missing: it does not bring those back, and is not the one to rely on.
const PARTIAL: &str = "backup_partial";

/// What an opening notes by itself.
pub(super) const AT_OPENING: [&str; 2] = ["restored", "earlier_copy"];

impl Office {
    /// Records what is about to be done with the store.
    pub(super) fn note_maintenance(
        &self,
        permit: &Permit<'_>,
        what: &str,
        id: &str,
        count: u64,
        now: Now,
    ) -> Result<(), Failure> {
        let ledger = Ledger::Maintenance { what: what.to_owned(), id: id.to_owned(), count };
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger)).map(drop)
    }

    /// How the store was handled since then, the latest first.
    ///
    /// Errors: who asks is no administrator of any kind.
    pub fn maintenance(&self, since: Stamp, limit: usize, now: Now) -> Result<Vec<MaintenanceRow>, Failure> {
        let _ = self.may(Duty::SeeLogins, now)?;
        Ok(views::maintenance::maintenance(&self.bureau.store, &self.bureau.keys, since, limit)?)
    }

    /// The backup that was begun last, of those for which no keys were missing. Anybody may know when that was.
    pub fn last_backup(&self) -> Result<Option<Stamp>, Failure> {
        Ok(self.last_handled(&["backup"])?.map(|row| row.at))
    }

    /// The last act on the store that is one of these.
    pub(super) fn last_handled(&self, what: &[&str]) -> Result<Option<MaintenanceRow>, Failure> {
        let rows = views::maintenance::maintenance(&self.bureau.store, &self.bureau.keys, Stamp(i64::MIN), LOOKED_AT)?;
        Ok(rows.into_iter().find(|row| what.contains(&row.what.as_str())))
    }

    /// Stores of before that stand beside the folder: what is erased here, and whoever is shut out here, still reads there.
    pub fn stores_beside(&self) -> Vec<PathBuf> {
        super::contents::beside(&self.bureau.folder.path)
    }

    /// For `doctor`: when the store was last backed up, and whether it came back from a backup or a copy.
    pub(super) fn maintenance_in_words(&self) -> Result<Vec<Message>, Failure> {
        let mut said = vec![match self.last_backup()? {
            Some(at) => Message::new("command.doctor.last_backup").with("at", at.local()),
            None => Message::new("command.doctor.no_backup"),
        }];
        let poor = self.last_handled(&["backup", PARTIAL])?.filter(|row| row.what == PARTIAL);
        said.extend(poor.map(|row| Message::new("command.doctor.partial_backup").with("at", row.at.local())));
        for (what, key) in [("restored", "command.doctor.restored"), ("earlier_copy", "command.doctor.earlier_copy")] {
            let row = self.last_handled(&[what])?;
            said.extend(row.map(|row| Message::new(key).with("at", row.at.local()).with("count", row.count)));
        }
        if self.bureau.keys.has_outdated_slots() {
            said.push(Message::new("command.doctor.slots_outdated"));
        }
        Ok(said)
    }

    /// Records, once, that the folder was restored, or that an earlier copy was put in its place; and answers with what is
    /// to be told where this machine has seen records that are not here, of whichever station. `before` is the one that it went on
    /// from. An opening that was cut off before it noted this has begun a station already, so it is not that one alone that is asked.
    pub(super) fn note_what_came_back(
        &self,
        before: StationId,
        is_earlier_copy: bool,
        now: Now,
    ) -> Result<Vec<Message>, Failure> {
        let restored = RestoredFrom::read(&*self.bureau.folder.disk);
        if restored.is_none() && !is_earlier_copy {
            return Ok(Vec::new());
        }
        let mut missing: Vec<(StationId, u64)> = Vec::new();
        for head in views::read::chain_heads(&self.bureau.store)? {
            let seen = turns::seen(self.bureau.folder.state.as_deref(), head.station).unwrap_or(0);
            if seen > head.seq {
                missing.push((head.station, seen - head.seq));
            }
        }
        let note = |what: &str, of: StationId, count: u64| {
            // The same at every try, so that one that was cut off before the note was taken away is no second record.
            let hash = blake3::keyed_hash(
                &blake3::derive_key("dossier 2026 v1 what came back", &self.bureau.station.0),
                &if of == before { what.as_bytes().to_vec() } else { [what.as_bytes(), &of.0].concat() },
            );
            let mut entry = [0; 16];
            entry.copy_from_slice(&hash.as_bytes()[..16]);
            let ledger = Ledger::Maintenance { what: what.to_owned(), id: of.hex()[..8].to_owned(), count };
            self.record_own(&Act::new(EntryId(entry), now.at, Subject::Bureau, ledger)).map(drop)
        };
        if let Some(restored) = &restored {
            note("restored", before, restored.records)?;
        }
        if is_earlier_copy && missing.iter().all(|(station, _)| *station != before) {
            note("earlier_copy", before, 0)?;
        }
        for (station, count) in &missing {
            note("earlier_copy", *station, *count)?;
        }
        RestoredFrom::forget(&*self.bureau.folder.disk);
        let reported = |(station, count): (StationId, u64)| {
            Message::new("command.records_missing").with("count", count).with("station", &station.hex()[..6])
        };
        Ok(missing.into_iter().map(reported).collect())
    }
}
