//! Opening a data folder: the lock, the keys, the store, and what this station is.
//!
//! ```text
//! FOLDER/lock            one process owns the folder
//! FOLDER/dossier.key     unlocks it; made at first run, 0600, to be moved elsewhere by whoever keeps both apart
//! FOLDER/keys/           the ring, the slots twice, the tombstones
//! FOLDER/journal/  sled/ the records, twice
//! FOLDER/drafts/         one file a draft
//! ```

use super::bureau::{Bureau, DataFolder};
use super::clock::Watch;
use super::contents::{self, Contents};
use super::record_maker::RecordMaker;
use super::rights::{Act, Duty};
use super::turns::{self, Going, Turns};
use super::{Failure, Library, Office, SessionContext, draft_file};
use crate::domain::event::{Ledger, Person};
use crate::domain::{DossierId, Explain, Message, Now, OfficerId, Stamp, StationId, Subject, UnitId};
use crate::log::{Head, Record};
use crate::seal::keyring::BLOCK;
use crate::seal::recipient::NewRecipient;
use crate::seal::{Here, KeyFile, Keyring, Moved, Random, RecoveryCode, SealError, Unlock};
use crate::store::shadow::ShadowDisk;
use crate::store::{self, Disk, Found, OwnedDisk, Read, RealDisk, Settings};
use crate::views;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who keeps keys, numbers, units and officers, and erases.
pub const ADMINISTRATOR: &str = "system_administrator";

/// What unlocks the folder.
pub enum Unlocking {
    /// The key file of the folder, or the one named.
    KeyFile(Option<PathBuf>),
    Passphrase(String),
    Recovery(RecoveryCode),
}

/// Everything that opening needs from outside.
pub struct OpenOffice {
    pub folder: PathBuf,
    pub unlocking: Unlocking,
    pub random: Box<dyn Random + Send>,
    /// For `received`: milliseconds UTC.
    pub clock: Box<dyn FnMut() -> i64 + Send>,
    /// What names this machine (`/etc/machine-id`).
    pub machine: Vec<u8>,
    pub library: Arc<Library>,
    /// Make a new store if the folder is empty or missing.
    pub create: bool,
    /// Open a folder on a network file system all the same.
    pub on_network: bool,
    /// Open a store that lacks records all the same, for reading only and without them.
    pub despite_loss: bool,
    pub now: Now,
    /// The name of the first officer of a new store.
    pub user: String,
    /// How whoever opens it came to act.
    pub context: SessionContext,
    /// Ask about a clock that is far from the last known day before anything is kept with it.
    pub watch_clock: bool,
    /// Where to count openings outside the folder, so that an earlier copy put back is noticed (`turns.rs`).
    pub state: Option<PathBuf>,
    /// Read every frame and count every row, and mend what does not agree.
    pub thorough: bool,
    /// Fold everything anew into fresh views first.
    pub rebuild: bool,
    /// Its ring has just been brought back from a backup, and knows the folder as it was then.
    pub ring_brought: bool,
    /// Told what is done that takes long, how much of it is done and how much there is.
    pub progress: Option<store::OnProgress>,
}

impl OpenOffice {
    /// The folder, opened as usual: by its key file, made if it is not there, nothing read twice. Whatever is wanted
    /// otherwise is set on what this answers. The clock is `now`'s until one that runs is set.
    pub fn new(folder: &Path, library: Arc<Library>, random: Box<dyn Random + Send>, now: Now) -> OpenOffice {
        OpenOffice {
            folder: folder.to_owned(),
            unlocking: Unlocking::KeyFile(None),
            random,
            clock: Box::new(move || now.at.0),
            machine: Vec::new(),
            library,
            create: true,
            on_network: false,
            despite_loss: false,
            now,
            user: "surveyor".to_owned(),
            context: SessionContext::program("opening"),
            watch_clock: false,
            state: None,
            thorough: false,
            rebuild: false,
            ring_brought: false,
            progress: None,
        }
    }
}

/// The office, and what was met on the way in, to be told to whoever opened it.
pub struct Opened {
    pub office: Office,
    pub found: Vec<Found>,
    pub keys_damaged: Vec<crate::seal::Damage>,
    /// The folder is a copy, a restored backup or on another machine; it goes on as a new station.
    pub moved: Option<Moved>,
    /// It is not the folder that moved: the ring that was brought back is of before it did.
    pub ring_brought: bool,
    pub created: bool,
    /// What is not there any more, in words: keys without which households are not read, records that this machine had seen.
    pub lost: Vec<Message>,
    /// What else was noticed, in words.
    pub noticed: Vec<Message>,
}

/// A store with so many dossiers is asked at every opening whether all their keys are here.
const WALKED_AT_OPENING: u64 = 50_000;

/// The key file that a folder uses unless another is named.
pub fn key_file_of(folder: &Path) -> PathBuf {
    folder.join("dossier.key")
}

/// Opens the folder, or makes it.
///
/// Errors: another process has it, another program's files are in it, a key that does not fit, a newer store, no
/// permission, damage that neither copy can mend. Nothing is changed then.
pub fn open(asked: OpenOffice) -> Result<Opened, Failure> {
    let OpenOffice {
        folder,
        unlocking,
        mut random,
        clock,
        machine,
        library,
        create,
        on_network,
        despite_loss,
        now,
        user,
        context,
        watch_clock,
        state,
        thorough,
        rebuild,
        ring_brought,
        progress,
    } = asked;
    let failed = |why: std::io::Error| Failure::Folder { folder: folder.display().to_string(), why: why.to_string() };
    let name = || folder.display().to_string();
    let found = contents::of(&folder).map_err(failed)?;
    if let Some(trouble) = contents::misplaced(&folder).filter(|_| found != Contents::Foreign) {
        return Err(trouble.into());
    }
    let vacant = match found {
        Contents::Store => false,
        Contents::Foreign => return Err(Failure::NotADataFolder { folder: name() }),
        Contents::Lost(left) => {
            // Of another release, perhaps, whose records lie elsewhere: that says more.
            let keys = Keyring::who_can_unlock(&RealDisk::new(&folder).map_err(failed)?);
            if let Err(other @ (SealError::NewerSchema { .. } | SealError::Disk(store::Failed::Older { .. }))) = keys {
                return Err(other.into());
            }
            return Err(contents::Trouble::Lost { folder: name(), left }.into());
        }
        Contents::Vacant | Contents::Begun => match contents::not_to_begin(&folder) {
            Some(trouble) => return Err(trouble.into()),
            None if !create => return Err(Failure::NoStore { folder: name() }),
            None => true,
        },
    };
    let to_read = |random, clock, library, context| -> Result<Opened, Failure> {
        let mut opened =
            open_to_read(&folder, &unlocking, random, clock, library, (rebuild, on_network, despite_loss))?;
        opened.office.user = user.as_str().into();
        opened.office.enter(context);
        opened.office.officer = opened.office.who_bears(&user)?.unwrap_or(super::logins::NOBODY);
        Ok(opened)
    };
    if !vacant && (despite_loss || may_only_be_read(&folder)) {
        return to_read(random, clock, library, context);
    }
    contents::is_of_another(&folder)?;
    if vacant {
        store::lock::Lock::may_be_made(&folder, on_network)?;
    }
    let real: Arc<dyn Disk> = Arc::new(RealDisk::new(&folder).map_err(failed)?);
    // A folder made by hand, unpacked or copied may be open to others. One that cannot be shut is read all the same.
    let _ = store::disk::make_private(&folder);
    let lock = store::lock::Lock::take(&folder, on_network)?;
    let disk: Arc<dyn Disk> = Arc::new(OwnedDisk::new(real, &lock));
    // What was seen before the lock was ours may have been somebody's first run.
    let vacant = vacant && !matches!(contents::of(&folder).map_err(failed)?, Contents::Store);
    if vacant {
        contents::begin(&*disk).map_err(failed)?;
    }
    let inode = std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(&folder).map_err(failed)?);
    let here = Here { machine, inode };
    let created = !Keyring::exists(&*disk)?;
    // Records without their keys: new ones would open nothing of them, and numbers would begin again.
    if created && (!vacant || contents::has_records(&folder).map_err(failed)?) {
        return Err(contents::Trouble::Keyless { folder: name() }.into());
    }
    let keys = if created {
        create_keys(&folder, &disk, &here, &unlocking, &mut *random)?
    } else {
        unlock_keys(&folder, &disk, &unlocking)?
    };
    let mut keys_damaged = keys.damage();
    let turns = turns::look(&*disk, state.as_deref(), keys.station());
    let mut moved = keys.moved(&here).or((turns == Turns::EarlierCopy).then_some(Moved::EarlierCopy));
    let before = keys.station();
    // A copy that goes on as a station of its own needs room to say so; without it, it is read as it is. It says so when its records
    // have been opened: one that is damaged is left as it was found.
    if moved.is_some() && !rebuild && store::ballast::room(&*disk, 0) == Err(store::Failed::Full) {
        drop((keys, disk, lock));
        let mut opened = to_read(random, clock, library, context)?;
        opened.found.insert(0, store::Found::CopyOnFullDisk);
        return Ok(opened);
    }
    let keys = Arc::new(keys);
    let mut identity = [0; 16];
    random.fill(&mut identity)?;
    let maker = Box::new(RecordMaker { keys: keys.clone() });
    let mut settings = Settings::new(views::KEYSPACES.to_vec(), maker, clock, identity);
    // Rows are sealed under the newest store key, so another generation makes other rows.
    settings.shape = views::SHAPE | keys.generations()?.0 << 16;
    settings.lock = Some(lock);
    settings.thorough = thorough;
    settings.create = vacant;
    settings.progress = progress;
    let store::Opened { store, found } =
        if rebuild { store::rebuild(&folder, settings)? } else { store::open(&folder, settings)? };
    // A copy that was taken while somebody had the folder open has its count, and a shorter chain than this machine has seen.
    let goes = views::read::chain_head(&store, before)?.map_or(0, |head| head.seq);
    if moved.is_none() && turns::seen(state.as_deref(), before).is_some_and(|seen| seen > goes) {
        moved = Some(Moved::EarlierCopy);
    }
    if moved.is_some() {
        keys.become_new_station(&here, &mut *random)?;
    }
    let folder = DataFolder {
        path: folder,
        disk,
        turns,
        state: state.clone(),
        going: Going::default(),
        watch: Watch::default(),
        for_reading: false,
    };
    let mut office = Office::of(Bureau::new(Arc::new(store), keys, library, folder, random));
    office.user = user.as_str().into();
    office.enter(context);
    // Keys and a journal without one record: somebody emptied it, or a disk did.
    if office.bureau.store.position() == 0 && !vacant {
        return Err(contents::Trouble::Empty { folder: office.bureau.folder.path.display().to_string() }.into());
    }
    let last = if watch_clock { office.last_moment()? } else { None };
    office.settle(now, &user, before)?;
    let came_back = office.note_what_came_back(before, moved == Some(Moved::EarlierCopy), now)?;
    office.bureau.folder.watch.begin(last);
    turns::count(&*office.bureau.folder.disk, state.as_deref(), office.bureau.station);
    if vacant {
        let why = |why: std::io::Error| Failure::Folder {
            folder: office.bureau.folder.path.display().to_string(),
            why: why.to_string(),
        };
        contents::begun(&*office.bureau.folder.disk).map_err(why)?;
    } else {
        // One that lies beside a store says nothing. What cannot be taken away `doctor` names.
        let _ = contents::begun(&*office.bureau.folder.disk);
    }
    let mut lost: Vec<Message> = came_back;
    let mut noticed: Vec<Message> = Vec::new();
    if turns == Turns::Unreadable {
        noticed.push(turns::unreadable_in_words(&*office.bureau.folder.disk));
    }
    noticed.extend(office.clock_doubt(now.at).iter().map(Explain::explain));
    // Above that doctor and backup say it: a million rows are not walked at every opening.
    if office.bureau.local.count(views::keyspaces::DOSSIERS)? <= WALKED_AT_OPENING
        || keys_damaged.iter().any(|d| d.is_loss())
    {
        // Where slots are damaged, one that is there may not open.
        let tried = keys_damaged.iter().any(|damage| damage.is_of_slots());
        let missing = if tried { office.without_keys()? } else { office.without_slots()? };
        // Of slots that nobody needs, or whose keys came back from a backup, nothing is to be said.
        if missing.is_empty() {
            keys_damaged.retain(|damage| !damage.is_of_slots());
        }
        lost.extend(missing.counted());
    }
    Ok(Opened { office, found, keys_damaged, moved, ring_brought, created, lost, noticed })
}

/// Whether the file system that the folder is on takes no writes.
pub(super) fn may_only_be_read(folder: &Path) -> bool {
    rustix::fs::statvfs(folder).is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
}

/// The folder as it is, for reading alone: no station begins, no slot is made, nothing is mended but in memory.
fn open_to_read(
    folder: &Path,
    unlocking: &Unlocking,
    random: Box<dyn Random + Send>,
    clock: Box<dyn FnMut() -> i64 + Send>,
    library: Arc<Library>,
    (rebuild, on_network, despite_loss): (bool, bool, bool),
) -> Result<Opened, Failure> {
    let failed = |why: std::io::Error| Failure::Folder { folder: folder.display().to_string(), why: why.to_string() };
    if rebuild {
        return Err(Failure::Store(store::Failed::ReadOnlyDisk));
    }
    let shadow = Arc::new(ShadowDisk::new(folder).map_err(failed)?);
    let disk: Arc<dyn Disk> = shadow.clone();
    let keys = match unlock_keys(folder, &disk, unlocking) {
        Err(Failure::Seal(SealError::NoRing)) => {
            return Err(contents::Trouble::Keyless { folder: folder.display().to_string() }.into());
        }
        keys => Arc::new(keys?),
    };
    let keys_damaged = keys.damage();
    let maker = Box::new(RecordMaker { keys: keys.clone() });
    let mut settings = Settings::new(views::KEYSPACES.to_vec(), maker, clock, [1; 16]);
    settings.shape = views::SHAPE | keys.generations()?.0 << 16;
    settings.on_network = on_network;
    settings.despite_loss = despite_loss;
    let store::Opened { store, found } = store::open_to_read(shadow.clone(), folder, settings)?;
    let office = Office::of(Bureau::new(
        Arc::new(store),
        keys,
        library,
        DataFolder {
            path: folder.to_owned(),
            disk,
            turns: Turns::NotCounted,
            state: None,
            going: Going::default(),
            watch: Watch::default(),
            for_reading: despite_loss,
        },
        random,
    ));
    office.apply_erasures()?;
    shadow.close();
    let mut lost: Vec<Message> = office.without_keys()?.counted().into_iter().collect();
    let lacks = found.iter().any(|found| matches!(found, Found::DespiteLoss { .. }));
    let (waiting, _) = views::read::waiting_and_unread(&office.bureau.store)?;
    if lacks && waiting > 0 {
        lost.push(Message::new("command.despite_loss_waiting").with("count", waiting));
    }
    let (moved, ring_brought, created) = (None, false, false);
    Ok(Opened { office, found, keys_damaged, moved, ring_brought, created, lost, noticed: Vec::new() })
}

fn create_keys(
    folder: &Path,
    disk: &Arc<dyn Disk>,
    here: &Here,
    unlocking: &Unlocking,
    random: &mut dyn Random,
) -> Result<Keyring, Failure> {
    let mut id = [0; 16];
    random.fill(&mut id)?;
    let station = StationId(id);
    Ok(match unlocking {
        Unlocking::KeyFile(named) => {
            let path = named.clone().unwrap_or_else(|| key_file_of(folder));
            // A first run that was cut off leaves a key file and no ring: it is used as it is, but for one in which not a byte came
            // to stand. One that somebody named is left alone.
            if named.is_none()
                && std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file() && found.len() == 0)
            {
                std::fs::remove_file(&path)
                    .map_err(|why| Failure::Folder { folder: folder.display().to_string(), why: why.to_string() })?;
            }
            let key = if path.exists() { KeyFile::read(&path)? } else { KeyFile::create(&path, random)? };
            Keyring::create(disk.clone(), station, here, &[NewRecipient::KeyFile(&key)], random)?
        }
        Unlocking::Passphrase(text) => {
            let cost = crate::seal::recipient::PassphraseCost::USUAL;
            Keyring::create(disk.clone(), station, here, &[NewRecipient::Passphrase(text, cost)], random)?
        }
        Unlocking::Recovery(code) => {
            Keyring::create(disk.clone(), station, here, &[NewRecipient::Recovery(code)], random)?
        }
    })
}

pub(super) fn unlock_keys(folder: &Path, disk: &Arc<dyn Disk>, unlocking: &Unlocking) -> Result<Keyring, Failure> {
    Ok(match unlocking {
        Unlocking::KeyFile(named) => {
            let path = named.clone().unwrap_or_else(|| key_file_of(folder));
            if !path.exists() {
                return Err(Failure::NoKeyFile { path: path.display().to_string() });
            }
            // One that somebody names may come through a pipe; in the folder a pipe is written to by nobody.
            if named.is_none() {
                let failed = |why: std::io::Error| store::Failed::in_the_way(&path.display().to_string(), &why);
                store::disk::open_named(&path).map(drop).or_else(|why| match why.kind() {
                    std::io::ErrorKind::Other => Err(failed(why)),
                    _ => Ok(()),
                })?;
            }
            Keyring::open(disk.clone(), &Unlock::KeyFile(&KeyFile::read(&path)?))?
        }
        Unlocking::Passphrase(text) => Keyring::open(disk.clone(), &Unlock::Passphrase(text))?,
        Unlocking::Recovery(code) => Keyring::open(disk.clone(), &Unlock::Recovery(code))?,
    })
}

impl Office {
    /// What every opening does once the store answers: erasures are applied again, slots made ready, the station's first
    /// record written.
    fn settle(&mut self, now: Now, user: &str, before: StationId) -> Result<(), Failure> {
        self.apply_erasures()?;
        // What cannot be renamed stays, and `doctor` names it.
        let _ = draft_file::finish_renewing(self);
        let drafts = draft_file::dossiers_in_drafts(self)?;
        // The ring is locked while it asks, so whether a row is there is all that may be looked at.
        let taken = |id: &[u8; 16]| {
            let row = self.bureau.store.get(views::keyspaces::DOSSIERS, id);
            // One that cannot be read is one: its slot is never handed out again.
            drafts.contains(&DossierId(*id))
                || row.map_or(true, |row| row.is_some())
                || views::persons::is_person(&self.bureau.store, id).unwrap_or(true)
        };
        self.bureau.keys.find_ready(&taken)?;
        // Where that fails they open as before, `doctor` says so, and the next opening tries again.
        let _ = self.bureau.keys.rewrap_slots(&mut **self.random());
        self.have_slots_ready()?;
        self.start_station(now, before)?;
        // Nobody acts by chance: without a name that is known, or a uid that is somebody's, whoever it is may open the folder,
        // and do nothing in it.
        match self.who_bears(user)? {
            Some(officer) => self.officer = officer,
            None if self.officers()?.is_empty() => self.make_first_officer(now, user)?,
            None => {}
        }
        self.first_units(now)
    }

    /// The id of a dossier to be, whose key is on disk already. One that no record ever names is found ready again.
    pub fn new_dossier(&self) -> Result<DossierId, Failure> {
        self.new_subject().map(DossierId)
    }

    /// The id of a dossier or person to be. Where all slots that were ready turn out to be damaged, others are made.
    pub(crate) fn new_subject(&self) -> Result<[u8; 16], Failure> {
        self.have_slots_ready()?;
        match self.bureau.keys.take() {
            Err(SealError::NoReadySlot) => {
                self.have_slots_ready()?;
                Ok(self.bureau.keys.take()?)
            }
            // Where all that was ready is gone, the folder may be: that says more.
            Err(why) => self.is_where_it_was().and(Err(why.into())),
            taken => Ok(taken?),
        }
    }

    /// Makes slots for so many households in one go, for loading in bulk.
    pub fn have_slots_for(&self, households: u32) -> Result<(), Failure> {
        Ok(self.bureau.keys.make_ready(households, &mut **self.random())?)
    }

    /// Makes the next block of slots when few are left. Off the hot path: it syncs.
    pub(crate) fn have_slots_ready(&self) -> Result<(), Failure> {
        if self.bureau.local.is_read_only() {
            return Err(Failure::Store(match self.bureau.folder.for_reading {
                true => store::Failed::ForReading,
                false => store::Failed::ReadOnlyDisk,
            }));
        }
        if self.bureau.keys.ready_slots() < 64 {
            let mut random = self.random();
            self.bureau.keys.make_ready(BLOCK, &mut **random)?;
        }
        Ok(())
    }

    /// When the last record says that it was made, of those that somebody's act made: what an opening records by itself has
    /// the clock's day, whatever that is, and must not vouch for it at the next one.
    fn last_moment(&self) -> Result<Option<Stamp>, Failure> {
        let by_itself = |ledger: &Ledger| match ledger {
            Ledger::StationStarted { .. } | Ledger::SessionBegun { .. } => true,
            Ledger::Maintenance { what, .. } => super::maintenance::AT_OPENING.contains(&what.as_str()),
            _ => false,
        };
        for position in (1..=self.bureau.store.position()).rev() {
            let frames = self.bureau.store.replay(position, 1)?;
            let Some(record) = frames.first().and_then(|frame| Record::decode(&frame.record).ok()) else { continue };
            let part = views::bodies::open_ledger(&self.bureau.keys, &record);
            if !part.is_ok_and(|part| part.events.iter().all(by_itself)) {
                return Ok(Some(record.header.at));
            }
        }
        Ok(None)
    }

    /// The station's first record, unless it has one. A folder that goes on after another names that one's head.
    fn start_station(&self, now: Now, before: StationId) -> Result<(), Failure> {
        if views::read::chain_head(&self.bureau.store, self.bureau.station)?.is_some() {
            return Ok(());
        }
        let after: Option<Head> =
            if before == self.bureau.station { None } else { views::read::chain_head(&self.bureau.store, before)? };
        let ledger = Ledger::StationStarted {
            after: after.map(|head| (head.station, head.seq, head.hash)),
            signing_key: self.bureau.keys.public_key(),
            number_authority: after.is_none() && views::authority(&self.bureau.store)?.is_none(),
        };
        self.record_own(&Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger)).map(drop)
    }

    /// Whoever may act in a store with one user: made with the store, by themselves.
    fn make_first_officer(&mut self, now: Now, user: &str) -> Result<(), Failure> {
        self.officer = OfficerId(self.random_id()?);
        let roles = ["surveyor", "reviewer", ADMINISTRATOR];
        self.record_own(&self.naming(self.officer, user, user, &roles, &[], now)?).map(drop)
    }

    /// A new officer.
    pub fn add_officer(
        &self,
        zh: &str,
        en: &str,
        roles: &[&str],
        units: &[UnitId],
        now: Now,
    ) -> Result<OfficerId, Failure> {
        let officer = OfficerId(self.random_id()?);
        self.is_name_of_nobody_else(officer, &super::name(zh)?, &super::name(en)?)?;
        self.may(Duty::SetPeople, now)?.keep(&self.naming(officer, zh, en, roles, units, now)?)?;
        Ok(officer)
    }

    fn naming(
        &self,
        officer: OfficerId,
        zh: &str,
        en: &str,
        roles: &[&str],
        units: &[UnitId],
        now: Now,
    ) -> Result<Act, Failure> {
        let ledger = Ledger::OfficerAdded {
            officer,
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            units: units.to_vec(),
            until: None,
        };
        let named = Person::Named { zh: super::name(zh)?, en: super::name(en)? };
        Ok(Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, named))
    }
}

/// Whether the store was opened although records of it are lost: whatever is read of it may lack some.
pub fn lacks_records(opened: &Opened) -> bool {
    opened.found.iter().any(|found| matches!(found, Found::DespiteLoss { .. }))
}

/// Whether something was met on the way in that nobody may pass over: keys or records that are not there any more.
pub fn is_grave(opened: &Opened) -> bool {
    lacks_records(opened) || !opened.lost.is_empty() || opened.keys_damaged.iter().any(|damage| damage.is_loss())
}

/// What was met on the way in, in words, the worst first: what is lost, damage mended, a folder that moved, a stop that was not clean.
pub fn reported(opened: &Opened) -> Vec<Message> {
    let read_only = opened.office.bureau.local.is_read_only();
    let damage = |losses| super::proof::keys_damage(&opened.keys_damaged, read_only, losses);
    let losses = damage(true);
    let mended = damage(false).into_iter().filter(|message| !losses.contains(message));
    let mut lines = opened.lost.clone();
    lines.extend(losses.iter().cloned());
    lines.extend(opened.found.iter().map(|f| super::failure::reported(f.reported())));
    lines.extend(mended);
    lines.extend(opened.moved.map(|moved| {
        Message::new(match moved {
            Moved::OtherMachine | Moved::OtherFolder if opened.ring_brought => "command.moved_ring",
            Moved::OtherMachine => "command.moved_machine",
            Moved::OtherFolder => "command.moved_folder",
            Moved::EarlierCopy => "command.moved_earlier",
        })
        .with("station", &opened.office.bureau.station.hex()[..6])
    }));
    lines.extend(opened.noticed.iter().cloned());
    lines
}
