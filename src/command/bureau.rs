//! What all who sit at one open data folder share: the store and its keys, the folder itself, what was read and is held in
//! memory, and who is at it. An [`Office`](super::Office) is a bureau, an officer and a seat.

use super::{Library, Listener, adopting, clock, draft_file, forms, lookup, presence, rights, roll, sent, turns};
use crate::domain::StationId;
use crate::seal::{Keyring, Random};
use crate::store::{Disk, Local, Store};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

pub(crate) struct Bureau {
    /// What is kept goes in and is read here, whatever stands behind it.
    pub store: Arc<dyn Store>,
    /// The same store as the files that it is here, for who proves, copies and closes them.
    pub local: Arc<Local>,
    pub keys: Arc<Keyring>,
    pub library: Arc<Library>,
    pub station: StationId,
    pub folder: DataFolder,
    pub memory: Memory,
    pub seats: Seats,
    pub random: Mutex<Box<dyn Random + Send>>,
}

/// Where it lies.
pub(crate) struct DataFolder {
    pub path: PathBuf,
    pub disk: Arc<dyn Disk>,
    pub turns: turns::Turns,
    /// Where this machine notes what it has seen of stations, outside the folder.
    pub state: Option<PathBuf>,
    pub going: turns::Going,
    pub watch: clock::Watch,
    /// Opened for reading alone because somebody asked.
    pub for_reading: bool,
}

/// What was read, and is known until a record changes it.
#[derive(Default)]
pub(crate) struct Memory {
    pub findable: lookup::Filler,
    pub forms: Mutex<forms::FormCache>,
    pub rolls: roll::Rolls,
    pub rules: adopting::Known,
    pub people: Mutex<Option<Arc<rights::People>>>,
}

/// Who is at it, and what they tell each other.
#[derive(Default)]
pub(crate) struct Seats {
    /// The seats given so far.
    pub given: AtomicU64,
    /// Goes up when a record says who may do what, who gets in, or by which rules is decided.
    pub people_state: AtomicU64,
    pub open_drafts: Arc<draft_file::OpenDrafts>,
    pub under_way: Arc<sent::UnderWay>,
    pub presence: Arc<presence::Presence>,
    /// Told after something was kept.
    pub listeners: Arc<Mutex<Vec<Listener>>>,
}

impl Bureau {
    pub fn new(
        local: Arc<Local>,
        keys: Arc<Keyring>,
        library: Arc<Library>,
        folder: DataFolder,
        random: Box<dyn Random + Send>,
    ) -> Bureau {
        Bureau {
            store: local.clone(),
            local,
            station: keys.station(),
            keys,
            library,
            folder,
            memory: Memory::default(),
            seats: Seats::default(),
            random: Mutex::new(random),
        }
    }
}
