//! Heads that leave by themselves: whoever holds an old head code can prove that nothing before it was altered, and that no
//! older copy was put in the place of what was. So one leaves with every session, daily from the service, and with backups.

use super::{Failure, Office};
use crate::domain::{Message, Now};
use crate::log::HeadCode;
use crate::views;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

/// In the data folder: the last code that left, and when. For people to look at; nothing is decided by it.
const FILE: &str = "head";

/// A head code that left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeadGiven {
    pub code: String,
    /// Local time, as it was printed.
    pub at: String,
}

impl HeadGiven {
    /// For the terminal that it leaves by.
    pub fn message(&self) -> Message {
        Message::new("command.head_given").with("code", self.code.as_str()).with("at", self.at.as_str())
    }
}

impl Office {
    /// The code of this station's last record. `None`: it has none yet.
    pub fn head_code(&self) -> Result<Option<HeadCode>, Failure> {
        Ok(views::read::chain_head(&self.bureau.store, self.bureau.station)?.and_then(|head| head.code()))
    }

    /// A code for somebody to keep, noted as the last that left. A folder that cannot be written keeps no note of it.
    pub fn give_head(&self, now: Now) -> Result<Option<HeadGiven>, Failure> {
        let Some(head) = views::read::chain_head(&self.bureau.store, self.bureau.station)? else { return Ok(None) };
        super::turns::note_seen(self.bureau.folder.state.as_deref(), self.bureau.station, head.seq);
        let Some(code) = head.code() else { return Ok(None) };
        let given = HeadGiven { code: code.to_string(), at: now.at.local() };
        let options = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
        let _ = options
            .open(self.bureau.folder.path.join(FILE))
            .and_then(|mut file| writeln!(file, "{}\n{}", given.at, given.code));
        Ok(Some(given))
    }

    /// The last code that left, and when.
    pub fn last_head_given(&self) -> Option<HeadGiven> {
        let bytes = crate::store::disk::read_plain(&self.bureau.folder.path.join(FILE)).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        let (at, code) = (lines.next()?.to_owned(), lines.next()?);
        // What stands there was not written by us if it is no code.
        HeadCode::parse(code).ok().map(|code| HeadGiven { code: code.to_string(), at })
    }
}
