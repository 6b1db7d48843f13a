//! What can go wrong with bytes, named after the state found. The store imports nothing of ours, so it tells each as a
//! [`Notice`] (key and arguments); the floors above make the sentence of it.

use super::{Position, Refused};

/// A key of `data/lang/*/store.toml` and its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    pub key: &'static str,
    pub args: Vec<(&'static str, String)>,
}

impl Notice {
    pub fn new(key: &'static str) -> Notice {
        Notice { key, args: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Notice {
        self.args.push((name, value.to_string()));
        self
    }
}

/// Reading, or working on files, did not succeed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failed {
    /// No room left on the disk.
    Full,
    /// The operating system said no; its words.
    Disk { file: String, why: String },
    /// A folder, a link or a pipe stands where a file belongs, or a file where a folder does; what the system says of it.
    InTheWay { file: String, why: String },
    /// Bytes that are not what was written.
    Damaged(Damage),
    /// Not on the list handed in at opening.
    UnknownKeyspace(&'static str),
    /// Larger than a frame may be ([`super::segment::BODY_LIMIT`]).
    TooLarge { bytes: usize },
    /// The frame does not fit into what is left of this segment.
    SegmentFull,
    /// Not a file of this kind, or of a program this one cannot read.
    NotOurs { file: String },
    /// Written by a newer program.
    Newer { file: String, schema: u16 },
    /// Of a format that this program does not read any more, or never did (the trial).
    Older { file: String, schema: u16 },
    /// Another process has the folder now, or the folder is not where it was.
    Displaced(Option<Box<Displaced>>),
    /// A file of the journal was taken away or replaced while we had it open.
    Replaced { file: String },
    /// The machine's clock stands before 1970, which sled cannot count.
    ClockBefore1970,
    /// sled is open in another process.
    Taken,
    /// The folder may only be read.
    ReadOnlyDisk,
    /// It was opened for reading only, as somebody asked.
    ForReading,
    /// sled comes to no end with what it was asked, and is asked nothing more: see `patience.rs`.
    Hangs,
}

/// Two who had one folder: who we are and how far we came, and what stands in the folder now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Displaced {
    pub folder: String,
    /// Our own process.
    pub process: u32,
    pub ours: Standing,
    /// Whose token stands there now; `None`: nobody's.
    pub other: Option<u32>,
    /// What the journal there holds now; `None`: there is none.
    pub there: Option<Standing>,
}

/// One place that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Below the data folder.
    pub file: String,
    /// In bytes from its beginning.
    pub offset: u64,
    pub what: What,
}

/// What is wrong at that place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// The file's head does not check; its second copy does, or does not either.
    Head,
    /// These frames were synced once and cannot be read here now. Both ends included.
    Frames { from: Position, to: Position },
    /// Bytes at the end that make no frame: a write that was cut off, most likely before it was answered.
    Tail { bytes: u64 },
    /// A file between two others is missing.
    Missing,
    /// A frame whose checksum is right and whose inside is not.
    Body { position: Position },
    /// Rows do not add up to the count and checksum kept beside them.
    Tally { keyspace: String },
    /// sled could not read its own files.
    Sled,
    /// The disk will not give these bytes.
    Unreadable { bytes: u64 },
}

/// Why sled's folder could not be used as it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// There was none.
    Missing,
    /// Its rows are of another shape: the store key was changed, or another release made them.
    OtherShape,
    /// Its rows were made while something was missing that is here now: [`super::Recorder::is_outdated`].
    Outdated,
    /// It does not say whose it is: it opened empty, or was never finished.
    Nameless,
    /// It did not open, or broke off.
    Unreadable,
    /// It is another store's.
    OtherStore,
    /// It knows a later end than the journal has.
    Beyond,
    /// Where it ends, another record stands in the journal.
    OtherHistory,
    /// Its rows do not add up, or are not the journal's.
    Wrong,
    /// Somebody asked for it.
    Asked,
}

/// What opening met and did. All of these end in a store that is whole; they are for `doctor` and the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// The last program that had it did not stop cleanly.
    NotStopped,
    /// A place that was found damaged and is mended, from `by`.
    Mended { damage: Damage, by: &'static str },
    /// The end of the journal was written but never answered; it was dropped.
    TailDropped(Damage),
    /// The end of the journal may have been in memory only; it now stands in a new synced segment.
    TailMoved { from: Position, to: Position },
    /// sled was filled again from the journal, which is whole; what was there was renamed.
    SetAside { why: Why, as_name: String },
    /// There was no journal; it was made from the copies in sled, or in what was set aside.
    JournalMade { to: Position },
    /// There was no sled; it was filled from the journal.
    Filled,
    /// sled was filled again and again, and the disk did not give back what was written; the rows are in memory.
    RowsInMemory,
    /// sled does not answer and was left alone; the rows are in memory.
    SledHangs,
    /// Behind the journal's last frame stand bytes that the disk will not give; what can be read was written elsewhere.
    TailUnread(Damage),
    /// The folder may only be read; nothing was written, and nothing can be kept.
    OnReadOnlyDisk,
    /// So many frames are lost, of these from here to there, and were left out: opened for reading only.
    DespiteLoss { records: u64, from: Position, to: Position },
    /// It was to be opened without what is lost, and nothing is.
    NothingLost,
    /// A copy that was not opened yet, on a disk without room for what that writes: it is as on a disk that may only be read.
    CopyOnFullDisk,
    /// A place of the journal is damaged, and is answered from sled; nothing of that is on the disk.
    MendedInMemory(Damage),
    /// The folder is on a network file system, and somebody insisted.
    OnNetwork { kind: String },
    /// sled had not seen the last frames; they were folded.
    Behind { from: Position, to: Position },
    /// The disk was full; the ballast file was freed to open it.
    BallastFreed,
    /// There is no room, so nothing can be kept; what is there can be read.
    ForReadingOnly,
}

/// Why a store could not be opened. Nothing has been changed then that was whole before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpenFailed {
    /// Another process has it; its number where it could be read.
    Owned {
        process: Option<u32>,
    },
    /// Its token says that a process of another run or machine has it, on a file system that both can see.
    OwnedElsewhere {
        process: u32,
    },
    /// The folder is on a network file system.
    OnNetwork {
        kind: String,
    },
    /// There is neither a journal nor anything it could be made from, and none was to be begun.
    Nothing,
    /// `journal` or `sled` is of another store than the keys.
    NotOurs {
        what: &'static str,
        holds: Standing,
    },
    /// Journal and sled are of one store, and went on apart: which of them is right nobody can say from here.
    Apart {
        position: Position,
        journal: Box<Standing>,
        sled: Box<Standing>,
    },
    /// Frames are gone and no copy of them stands.
    Damaged(Vec<Damage>),
    /// Frames are gone from the journal, and the place of sled where they may stand cannot be read now.
    BothDamaged {
        gone: Vec<Damage>,
        unread: Damage,
    },
    /// The journal is damaged, and for a copy of sled to be mended from there is no room: so many bytes are needed, and there.
    NoRoomToMend {
        needed: u64,
        there: u64,
    },
    /// sled was filled from the journal again and again, and the disk did not give back what was written.
    NotGivenBack,
    /// A frame of the journal could not be folded.
    Unfolded {
        position: Position,
        why: Refused,
    },
    /// A keyspace's name is taken by the store, doubled, or not of the right letters.
    BadKeyspace(&'static str),
    Failed(Failed),
}

/// How far a copy of a store has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    pub identity: [u8; 16],
    /// Its last frame.
    pub position: Position,
    /// When that was received; `None` if it cannot be read.
    pub received: Option<i64>,
    /// What that frame is called on paper; `None` if it cannot be read.
    pub head: Option<String>,
}

impl Standing {
    /// The head code of its last frame.
    pub fn head(&self) -> &str {
        self.head.as_deref().unwrap_or("?")
    }

    /// The beginning of the store's identity, as it is said.
    pub fn name(&self) -> String {
        self.identity.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The day of its last frame.
    pub fn last(&self) -> String {
        self.received.map_or_else(|| "?".to_owned(), day_of)
    }
}

/// The day of a clock's milliseconds since 1970.
fn day_of(milliseconds: i64) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(milliseconds);
    moment.map_or_else(|| "?".to_owned(), |moment| moment.format("%Y-%m-%d").to_string())
}

/// Why an entry was not kept, or may not have been.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotKept {
    /// These expectations do not hold any more, by name. Nothing was written.
    Lost(Vec<String>),
    /// The hand would not. Nothing was written.
    Refused(Refused),
    /// It was written and the disk did not say that it is safe. Send the same entry again, after opening anew where the
    /// store has become read-only, to learn what became of it.
    PerhapsKept,
    /// Nothing was written, since an earlier write failed. What is there can be read.
    ReadOnly(Failed),
    /// Nothing was written: no room.
    Full,
    /// Nothing was written.
    Failed(Failed),
    /// The store was stopped before this entry's turn came.
    Stopped,
}

impl From<Failed> for OpenFailed {
    fn from(failed: Failed) -> OpenFailed {
        OpenFailed::Failed(failed)
    }
}

impl Failed {
    /// The operating system's error, told apart where the user can do something about it.
    pub fn io(file: &str, error: &std::io::Error) -> Failed {
        if error.get_ref().is_some_and(|inner| inner.is::<super::owned_disk::NotOwned>()) {
            return Failed::Displaced(None);
        }
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Failed::Full,
            std::io::ErrorKind::IsADirectory | std::io::ErrorKind::NotADirectory => Failed::in_the_way(file, error),
            _ if error.raw_os_error() == Some(libc::ELOOP) => Failed::in_the_way(file, error),
            _ => Failed::Disk { file: file.to_owned(), why: error.to_string() },
        }
    }

    /// Something else stands under a name that is ours.
    pub fn in_the_way(file: &str, error: &std::io::Error) -> Failed {
        Failed::InTheWay { file: file.to_owned(), why: error.to_string() }
    }

    /// Neither the rows nor the journal could give this frame.
    pub fn no_frame(position: Position) -> Failed {
        Failed::Damaged(Damage { file: "sled".to_owned(), offset: 0, what: What::Body { position } })
    }

    pub fn reported(&self) -> Notice {
        match self {
            Failed::Full => Notice::new("store.full"),
            Failed::Disk { file, why } => Notice::new("store.disk").with("file", file).with("why", why),
            Failed::InTheWay { file, why } => Notice::new("store.in_the_way").with("file", file).with("why", why),
            Failed::Damaged(damage) => damage.reported(),
            Failed::UnknownKeyspace(name) => Notice::new("store.unknown_keyspace").with("name", name),
            Failed::TooLarge { bytes } => Notice::new("store.too_large").with("bytes", bytes),
            Failed::SegmentFull => Notice::new("store.segment_full"),
            Failed::NotOurs { file } => Notice::new("store.not_ours").with("file", file),
            Failed::Newer { file, schema } => Notice::new("store.newer").with("file", file).with("schema", schema),
            Failed::Older { file, schema } => Notice::new("store.older").with("file", file).with("schema", schema),
            Failed::Displaced(None) => Notice::new("store.displaced"),
            Failed::Displaced(Some(both)) => both.reported(),
            Failed::Replaced { file } => Notice::new("store.replaced").with("file", file),
            Failed::ClockBefore1970 => Notice::new("store.clock_before_1970"),
            Failed::Taken => Notice::new("store.owned"),
            Failed::ReadOnlyDisk => Notice::new("store.read_only_disk"),
            Failed::ForReading => Notice::new("store.for_reading"),
            Failed::Hangs => Notice::new("store.hangs"),
        }
    }
}

impl Displaced {
    fn reported(&self) -> Notice {
        let reported = match (self.other, &self.there) {
            (Some(other), Some(there)) => {
                let reported = Notice::new("store.displaced_by").with("other", other);
                let reported = reported.with("other_records", there.position).with("other_day", there.last());
                reported.with("other_head", there.head())
            }
            (None, Some(there)) => Notice::new("store.displaced_other")
                .with("other_records", there.position)
                .with("other_day", there.last())
                .with("other_head", there.head())
                .with("other_store", there.name()),
            (_, None) => Notice::new("store.displaced_gone"),
        };
        reported
            .with("folder", &self.folder)
            .with("process", self.process)
            .with("records", self.ours.position)
            .with("day", self.ours.last())
            .with("head", self.ours.head())
            .with("store", self.ours.name())
    }
}

impl Damage {
    /// How many frames these are, and the first stretch of them; `None`: none.
    pub(super) fn frames(lost: &[Damage]) -> Option<(u64, Position, Position)> {
        let stretch = |damage: &Damage| match damage.what {
            What::Frames { from, to } => Some((from, to)),
            _ => None,
        };
        let (from, to) = lost.iter().find_map(stretch)?;
        let count = lost.iter().filter_map(stretch).map(|(from, to)| to.saturating_sub(from) + 1).sum();
        Some((count, from, to))
    }

    pub fn reported(&self) -> Notice {
        let reported = match &self.what {
            What::Head => Notice::new("store.damage_head"),
            What::Frames { from, to } => Notice::new("store.damage_frames").with("from", from).with("to", to),
            What::Tail { bytes } => Notice::new("store.damage_tail").with("bytes", bytes),
            What::Missing => Notice::new("store.damage_missing"),
            What::Body { position } => Notice::new("store.damage_body").with("position", position),
            What::Tally { keyspace } => Notice::new("store.damage_tally").with("keyspace", keyspace),
            What::Sled => Notice::new("store.damage_sled"),
            What::Unreadable { bytes } => Notice::new("store.damage_unreadable").with("bytes", bytes),
        };
        reported.with("file", &self.file).with("offset", self.offset)
    }
}

impl Found {
    pub fn reported(&self) -> Notice {
        match self {
            Found::NotStopped => Notice::new("store.found_not_stopped"),
            Found::Mended { damage, by } => Notice::new("store.found_mended")
                .with("file", &damage.file)
                .with("offset", damage.offset)
                .with("by", by),
            Found::TailDropped(damage) => {
                Notice::new("store.found_tail_dropped").with("file", &damage.file).with("offset", damage.offset)
            }
            Found::TailMoved { from, to } => Notice::new("store.found_tail_moved").with("from", from).with("to", to),
            Found::SetAside { why, as_name } => Notice::new(why.key()).with("name", as_name),
            Found::JournalMade { to } => Notice::new("store.found_journal_made").with("to", to),
            Found::Filled => Notice::new("store.found_filled"),
            Found::RowsInMemory => Notice::new("store.found_rows_in_memory"),
            Found::SledHangs => Notice::new("store.found_sled_hangs"),
            Found::TailUnread(damage) => {
                Notice::new("store.found_tail_unread").with("file", &damage.file).with("offset", damage.offset)
            }
            Found::OnReadOnlyDisk => Notice::new("store.found_on_read_only"),
            Found::NothingLost => Notice::new("store.found_nothing_lost"),
            Found::DespiteLoss { records, from, to } => {
                Notice::new("store.found_despite_loss").with("count", *records).with("from", *from).with("to", *to)
            }
            Found::CopyOnFullDisk => Notice::new("store.found_copy_on_full_disk"),
            Found::MendedInMemory(damage) => {
                Notice::new("store.found_mended_in_memory").with("file", &damage.file).with("offset", damage.offset)
            }
            Found::OnNetwork { kind } => Notice::new("store.found_on_network").with("kind", kind),
            Found::Behind { from, to } => Notice::new("store.found_behind").with("from", from).with("to", to),
            Found::BallastFreed => Notice::new("store.found_ballast_freed"),
            Found::ForReadingOnly => Notice::new("store.found_for_reading_only"),
        }
    }
}

impl Why {
    fn key(self) -> &'static str {
        match self {
            Why::Missing => "store.found_filled",
            Why::OtherShape => "store.aside_other_shape",
            Why::Outdated => "store.aside_outdated",
            Why::Nameless => "store.aside_nameless",
            Why::Unreadable => "store.aside_unreadable",
            Why::OtherStore => "store.aside_other_store",
            Why::Beyond => "store.aside_beyond",
            Why::OtherHistory => "store.aside_other_history",
            Why::Wrong => "store.aside_wrong",
            Why::Asked => "store.aside_asked",
        }
    }
}

impl OpenFailed {
    pub fn reported(&self) -> Notice {
        match self {
            OpenFailed::Owned { process: Some(number) } => Notice::new("store.owned_by").with("process", number),
            OpenFailed::Owned { process: None } => Notice::new("store.owned"),
            OpenFailed::OwnedElsewhere { process } => Notice::new("store.owned_elsewhere").with("process", process),
            OpenFailed::OnNetwork { kind } => Notice::new("store.on_network").with("kind", kind),
            OpenFailed::Nothing => Notice::new("store.nothing"),
            OpenFailed::NotOurs { what, holds } => Notice::new("store.other_keys")
                .with("what", what)
                .with("store", holds.name())
                .with("records", holds.position)
                .with("head", holds.head())
                .with("day", holds.last()),
            OpenFailed::Apart { position, journal, sled } => Notice::new("store.apart")
                .with("position", position)
                .with("journal_records", journal.position)
                .with("journal_day", journal.last())
                .with("journal_head", journal.head())
                .with("sled_head", sled.head())
                .with("sled_records", sled.position)
                .with("sled_day", sled.last()),
            OpenFailed::Damaged(damages) => match damages.first() {
                Some(first) => {
                    let reported = Notice::new("store.open_damaged").with("count", damages.len());
                    reported.with("file", &first.file).with("offset", first.offset)
                }
                None => Notice::new("store.open_damaged").with("count", 0).with("file", "").with("offset", 0),
            },
            OpenFailed::BothDamaged { gone, unread } => {
                let first = gone.first().unwrap_or(unread);
                let reported = Notice::new("store.open_both_damaged").with("count", gone.len());
                let reported = reported.with("file", &first.file).with("offset", first.offset);
                reported.with("other", &unread.file).with("at", unread.offset)
            }
            OpenFailed::NoRoomToMend { needed, there } => {
                Notice::new("store.no_room_to_mend").with("needed", needed.div_ceil(1 << 20)).with("there", there >> 20)
            }
            OpenFailed::NotGivenBack => Notice::new("store.not_given_back"),
            OpenFailed::Unfolded { position, .. } => Notice::new("store.unfolded").with("position", position),
            OpenFailed::BadKeyspace(name) => Notice::new("store.bad_keyspace").with("name", name),
            OpenFailed::Failed(failed) => failed.reported(),
        }
    }
}

impl NotKept {
    pub fn reported(&self) -> Notice {
        match self {
            NotKept::Lost(names) => Notice::new("store.lost").with("names", names.join(", ")),
            NotKept::Refused(Refused::Unread(failed)) => failed.reported(),
            NotKept::Refused(Refused::Panicked) => Notice::new("store.hand_broke"),
            NotKept::Refused(Refused::Lost(names)) => Notice::new("store.lost").with("names", names.join(", ")),
            NotKept::Refused(Refused::Because { why, .. }) => Notice::new("store.refused").with("why", why),
            NotKept::PerhapsKept => Notice::new("store.perhaps_kept"),
            // Of a disk that is full the halt is over when there is room.
            NotKept::ReadOnly(
                why @ (Failed::Displaced(_)
                | Failed::Replaced { .. }
                | Failed::ReadOnlyDisk
                | Failed::ForReading
                | Failed::Full),
            ) => why.reported(),
            NotKept::ReadOnly(_) => Notice::new("store.read_only"),
            NotKept::Full => Notice::new("store.full"),
            NotKept::Failed(failed) => failed.reported(),
            NotKept::Stopped => Notice::new("store.stopped"),
        }
    }
}
