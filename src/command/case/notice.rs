//! The public notice (公示): who is to be posted, and what was posted, word for word. A line of it stands in the household's
//! own part, and its hash, keyed by a random value beside the line, in the ledger: whoever has the line can show that it is
//! the one, and nobody can try guesses against it.

use crate::command::queue::{QueueAsked, Waits};
use crate::command::{Act, Duty, Failure, Household, Office};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, Now, Subject, UnitId};
use crate::log::Record;
use crate::store;
use crate::views::bodies;
use crate::views::history::{History, Horizon};

/// A household that is to be posted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToPost {
    pub dossier: DossierId,
    pub number: String,
    /// The worker's. Personal.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub category: Option<String>,
    pub rule_set: Option<String>,
    /// It stands in the files already, with another category.
    pub stands: bool,
}

/// A line that hangs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostedLine {
    pub dossier: DossierId,
    pub number: String,
    pub unit: Option<UnitId>,
    pub from: Day,
    pub until: Day,
    /// Word for word; none of a posting that was recorded without it, or whose household is erased. Personal.
    pub line: Option<String>,
    /// The line is the one whose hash the record names.
    pub holds: bool,
}

/// The hash of a line under its random value.
pub(super) fn hash(key: &[u8; 16], line: &str) -> [u8; 32] {
    let mut wide = [0; 32];
    wide[..16].copy_from_slice(key);
    *blake3::keyed_hash(&wide, line.as_bytes()).as_bytes()
}

fn to_post(history: &History, number: String, name: Option<String>) -> ToPost {
    let proposed = history.proposed(Horizon::NOW);
    ToPost {
        dossier: history.dossier,
        number,
        name,
        unit: history.unit(Horizon::NOW),
        category: proposed.as_ref().and_then(|proposed| proposed.category.clone()),
        rule_set: proposed.and_then(|proposed| proposed.rule_set),
        stands: history.status(Horizon::NOW).is_some_and(Status::is_on_file),
    }
}

impl Household<'_> {
    /// What would be posted of it now.
    ///
    /// Errors: it cannot be read.
    pub fn to_post(&self) -> Result<ToPost, Failure> {
        let name = self.face()?.and_then(|face| face.names.into_iter().next());
        Ok(to_post(&self.history, self.number(), name))
    }
}

impl Office {
    /// Households of whoever acts that wait to be posted, of these units (none named: of all), by unit and number.
    ///
    /// Errors: they may see no household.
    pub fn to_post(&self, units: &[UnitId], now: Now) -> Result<Vec<ToPost>, Failure> {
        let asked = QueueAsked { waits: Some(Waits::Post), ..QueueAsked::default() };
        let mut found = Vec::new();
        for line in self.queue(&asked, now)?.lines {
            if !units.is_empty() && !line.unit.is_some_and(|unit| units.contains(&unit)) {
                continue;
            }
            let history = self.history(line.dossier)?;
            found.push(to_post(&history, line.number, line.name));
        }
        found.sort_by(|a, b| (a.unit, &a.number).cmp(&(b.unit, &b.number)));
        Ok(found)
    }

    /// Records that these lines go out on a sheet, each time, and before they do: one record, that stands with every
    /// household of it.
    ///
    /// Errors: no right to print.
    pub fn print_posted(&self, posted: &[PostedLine], now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::Print, now)?;
        if posted.is_empty() {
            return Ok(());
        }
        let subjects = posted.iter().map(|line| Subject::Dossier(line.dossier)).collect();
        let look = Ledger::Looked { subjects, what: "notice".into(), important: false };
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, look)).map(drop)
    }

    /// What hangs on a day, among the households of whoever acts and of these units (none named: of all).
    ///
    /// Errors: they may see no household; a record cannot be read.
    pub fn posted(&self, units: &[UnitId], on: Day, now: Now) -> Result<Vec<PostedLine>, Failure> {
        let mut found = Vec::new();
        for line in self.queue(&QueueAsked::default(), now)?.lines {
            if !units.is_empty() && !line.unit.is_some_and(|unit| units.contains(&unit)) {
                continue;
            }
            let history = self.history(line.dossier)?;
            let Some(posting) = history.posting(Horizon::NOW) else { continue };
            let until = posting.until.unwrap_or(posting.from);
            if on < posting.from || on > until {
                continue;
            }
            let happening = history.happenings.iter().find(|h| h.entry == posting.entry);
            let hashed = happening.and_then(|happening| match &happening.ledger {
                Ledger::NoticePosted { text_hash, .. } => *text_hash,
                _ => None,
            });
            let place = happening.map_or(0, |happening| happening.place);
            let kept = match store::frame_of(&self.bureau.store, &posting.entry.0)? {
                Some(frame) => {
                    let record = Record::decode(&frame.record).map_err(|_| Failure::NothingKept)?;
                    bodies::open_person(&self.bureau.keys, &record, Subject::Dossier(line.dossier), place)?
                }
                None => None,
            };
            let (text, holds) = match kept {
                Some(Person::Posted { line, key }) => {
                    let holds = hashed == Some(hash(&key, &line));
                    (Some(line), holds)
                }
                _ => (None, false),
            };
            found.push(PostedLine {
                dossier: line.dossier,
                number: line.number,
                unit: line.unit,
                from: posting.from,
                until,
                line: text,
                holds,
            });
        }
        found.sort_by(|a, b| (a.unit, &a.number).cmp(&(b.unit, &b.number)));
        found.dedup_by_key(|line| line.dossier);
        Ok(found)
    }
}
