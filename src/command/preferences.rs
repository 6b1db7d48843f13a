//! How each officer likes to work. Nothing is decided by it and nobody is named in it; a folder that cannot be written
//! keeps none of it.

use super::Office;
use crate::domain::OfficerId;
use std::collections::BTreeSet;
use std::os::unix::fs::OpenOptionsExt;

/// In the data folder: the officers' ids, one a line, who enter surveys heads-down.
const FILE: &str = "heads-down";

impl Office {
    /// Whether whoever acts entered their last survey heads-down.
    pub fn prefers_heads_down(&self) -> bool {
        self.heads_down_officers().contains(&self.officer)
    }

    /// Their next survey begins so.
    pub fn prefer_heads_down(&self, heads_down: bool) {
        let mut officers = self.heads_down_officers();
        let changed = match heads_down {
            true => officers.insert(self.officer),
            false => officers.remove(&self.officer),
        };
        if !changed {
            return;
        }
        let text: String = officers.iter().map(|officer| officer.hex() + "\n").collect();
        let (file, new) = (self.bureau.folder.path.join(FILE), self.bureau.folder.path.join(format!("{FILE}.new")));
        let options = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
        let written = options.open(&new).and_then(|mut new| std::io::Write::write_all(&mut new, text.as_bytes()));
        let _ = written.and_then(|()| std::fs::rename(&new, &file));
    }

    fn heads_down_officers(&self) -> BTreeSet<OfficerId> {
        let bytes = crate::store::disk::read_plain(&self.bureau.folder.path.join(FILE)).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        text.lines().filter_map(OfficerId::from_hex).collect()
    }
}
