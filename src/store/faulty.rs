//! A disk in memory that fails where a test says: at the n-th step, before it, after it, or in the middle; at every one of
//! several; and where it is read. What was not synced may be gone after a crash, block by block and in any order.

use super::disk::{Disk, DiskFile, Mark, Syncer};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What happens at a step. Steps are creations, writes, changes of length, syncs, renames and removals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The machine stops before the step has any effect.
    CrashBefore,
    /// A write stops after so many bytes; any other step stops before it.
    CrashAmid(usize),
    /// The machine stops when the step is done, before anybody is told.
    CrashAfter,
    /// The step fails, and the machine goes on. A write is done by half; a sync loses what it should have kept, while reads
    /// go on showing it: that is what operating systems do.
    Fails,
    /// As `Fails`, for lack of room; a sync that has nothing to do with room fails too.
    Full,
}

/// The disk. Clones are the same disk; [`FaultyDisk::copy`] is another.
#[derive(Clone, Default)]
pub struct FaultyDisk(Arc<Mutex<Inner>>);

#[derive(Clone, Default)]
struct Inner {
    names: BTreeMap<String, usize>,
    files: Vec<Contents>,
    /// As a crash would leave them if no unsynced step survived.
    safe_names: BTreeMap<String, usize>,
    loose_names: Vec<Naming>,
    steps: usize,
    plan: Vec<(usize, Fault)>,
    crashed: bool,
    syncs: usize,
    unread: Vec<Unread>,
}

/// A place that the disk will not give.
#[derive(Clone)]
struct Unread {
    file: usize,
    place: Range<u64>,
    /// Reads that still fail; `None`: all of them.
    times: Option<usize>,
}

#[derive(Clone, Default)]
struct Contents {
    /// Writes and changes of length so far. What is damaged behind everybody's back is none.
    touched: i64,
    now: Vec<u8>,
    safe: Vec<u8>,
    loose: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Len(usize),
}

#[derive(Clone)]
enum Naming {
    Link(String, usize),
    Unlink(String),
    Rename(String, String, usize),
}

/// What a step may do after its fault was looked up.
enum Permit {
    Go,
    /// Do so many bytes of it, then stop the machine.
    Amid(usize),
    ThenCrash,
    Refuse(io::Error),
}

const BLOCK: usize = 512;

impl FaultyDisk {
    /// From now on, the `at`-th step (0 is the next) goes wrong, and no other that was planned before.
    pub fn plan(&self, at: usize, fault: Fault) {
        self.lock().plan.clear();
        self.plan_also(at, fault);
    }

    /// And this one too.
    pub fn plan_also(&self, at: usize, fault: Fault) {
        let mut inner = self.lock();
        let step = inner.steps + at;
        inner.plan.push((step, fault));
    }

    /// From now on reads that touch this place of the file fail, the next so many or (`None`) all, whatever the file's
    /// name. Written anew elsewhere the same bytes can be read.
    pub fn fail_reads(&self, name: &str, place: Range<u64>, times: Option<usize>) {
        let mut inner = self.lock();
        if let Some(file) = inner.names.get(name).copied() {
            inner.unread.push(Unread { file, place, times });
        }
    }

    /// How many steps there were.
    pub fn steps(&self) -> usize {
        self.lock().steps
    }

    /// How many times a file was synced.
    pub fn syncs(&self) -> usize {
        self.lock().syncs
    }

    pub fn crashed(&self) -> bool {
        self.lock().crashed
    }

    /// The disk as the next start finds it after the power failed now: everything synced, and of the rest what `seed` says.
    pub fn after_power_cut(&self, seed: u64) -> FaultyDisk {
        let mut inner = self.lock().clone();
        let mut chance = Chance(seed.wrapping_mul(2).wrapping_add(1));
        for naming in std::mem::take(&mut inner.loose_names) {
            if chance.half() {
                apply_naming(&mut inner.safe_names, &naming);
            }
        }
        for file in &mut inner.files {
            for change in std::mem::take(&mut file.loose) {
                match change {
                    Change::Len(len) if chance.half() => file.safe.resize(len, 0),
                    Change::Len(_) => {}
                    Change::Write(at, bytes) => {
                        for (at, block) in blocks(at, &bytes) {
                            if chance.half() {
                                write(&mut file.safe, at, block);
                            }
                        }
                    }
                }
            }
            file.now = file.safe.clone();
        }
        inner.names = inner.safe_names.clone();
        inner.restart()
    }

    /// The disk as the next start finds it after the program alone was killed: the system still knows every write.
    pub fn after_kill(&self) -> FaultyDisk {
        self.lock().clone().restart()
    }

    /// Another disk with the same files.
    pub fn copy(&self) -> FaultyDisk {
        FaultyDisk(Arc::new(Mutex::new(self.lock().clone())))
    }

    /// A file's bytes, synced or not.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let inner = self.lock();
        inner.names.get(name).and_then(|id| inner.files.get(*id)).map(|file| file.now.clone())
    }

    /// Damages a file behind everybody's back, for good.
    pub fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut inner = self.lock();
        if let Some(file) = inner.names.get(name).copied().and_then(|id| inner.files.get_mut(id)) {
            change(&mut file.now);
            file.safe = file.now.clone();
            file.loose.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn restart(mut self) -> FaultyDisk {
        (self.plan, self.crashed, self.steps, self.syncs) = (Vec::new(), false, 0, 0);
        FaultyDisk(Arc::new(Mutex::new(self)))
    }

    fn step(&mut self) -> Permit {
        if self.crashed {
            return Permit::Refuse(stopped());
        }
        let at = self.steps;
        self.steps += 1;
        match self.plan.iter().find(|(planned, _)| *planned == at).map(|(_, fault)| *fault) {
            Some(fault) => match fault {
                Fault::CrashBefore => {
                    self.crashed = true;
                    Permit::Refuse(stopped())
                }
                Fault::CrashAmid(bytes) => Permit::Amid(bytes),
                Fault::CrashAfter => Permit::ThenCrash,
                Fault::Fails => Permit::Refuse(io::Error::other("the disk failed")),
                Fault::Full => Permit::Refuse(io::Error::from(io::ErrorKind::StorageFull)),
            },
            None => Permit::Go,
        }
    }

    /// A step that is done whole or not at all.
    fn whole_step(&mut self, work: impl FnOnce(&mut Inner)) -> io::Result<()> {
        match self.step() {
            Permit::Go => work(self),
            Permit::ThenCrash => {
                work(self);
                self.crashed = true;
                return Err(stopped());
            }
            Permit::Amid(_) => {
                self.crashed = true;
                return Err(stopped());
            }
            Permit::Refuse(error) => return Err(error),
        }
        Ok(())
    }

    fn name(&mut self, naming: Naming) {
        apply_naming(&mut self.names, &naming);
        self.loose_names.push(naming);
    }

    fn write(&mut self, id: usize, at: usize, bytes: &[u8]) {
        if let Some(file) = self.files.get_mut(id) {
            write(&mut file.now, at, bytes);
            file.touched += 1;
            file.loose.push(Change::Write(at, bytes.to_vec()));
        }
    }

    fn sync(&mut self, id: usize) {
        self.syncs += 1;
        if let Some(file) = self.files.get_mut(id) {
            for change in std::mem::take(&mut file.loose) {
                match change {
                    Change::Len(len) => file.safe.resize(len, 0),
                    Change::Write(at, bytes) => write(&mut file.safe, at, &bytes),
                }
            }
        }
    }
}

impl Disk for FaultyDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let inner = self.lock();
        if inner.crashed {
            return Err(stopped());
        }
        let id = *inner.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(FaultyFile { disk: self.clone(), id }))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut inner = self.lock();
        let id = inner.files.len();
        inner.whole_step(|inner| {
            inner.files.push(Contents::default());
            inner.name(Naming::Link(name.to_owned(), id));
        })?;
        Ok(Box::new(FaultyFile { disk: self.clone(), id }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let inner = self.lock();
        if inner.crashed {
            return Err(stopped());
        }
        Ok(inner.names.keys().filter(|name| super::disk::folder_of(name) == folder).cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.lock();
        let id = *inner.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        inner.whole_step(|inner| inner.name(Naming::Rename(from.to_owned(), to.to_owned(), id)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut inner = self.lock();
        if !inner.names.contains_key(name) {
            return Err(if inner.crashed { stopped() } else { io::ErrorKind::NotFound.into() });
        }
        inner.whole_step(|inner| inner.name(Naming::Unlink(name.to_owned())))
    }

    fn mark(&self, name: &str) -> io::Result<Mark> {
        let inner = self.lock();
        if inner.crashed {
            return Err(stopped());
        }
        let id = *inner.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        let (length, touched) = inner.files.get(id).map_or((0, 0), |file| (file.now.len() as u64, file.touched));
        Ok(Mark { file: id as u64, length, written: touched, changed: touched })
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.lock().whole_step(|inner| {
            let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut inner.loose_names)
                .into_iter()
                .partition(|naming| super::disk::folder_of(naming.target()) == folder);
            now.iter().for_each(|naming| apply_naming(&mut inner.safe_names, naming));
            inner.loose_names = later;
        })
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    id: usize,
}

impl DiskFile for FaultyFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.disk.lock();
        if inner.crashed {
            return Err(stopped());
        }
        let asked = offset..offset + buffer.len() as u64;
        for unread in inner.unread.iter_mut().filter(|unread| unread.file == self.id && unread.times != Some(0)) {
            if unread.place.start < asked.end && asked.start < unread.place.end {
                unread.times = unread.times.map(|times| times - 1);
                return Err(io::Error::other("the disk failed"));
            }
        }
        let bytes = inner.files.get(self.id).map(|file| file.now.as_slice()).unwrap_or_default();
        let rest = usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let at = usize::try_from(offset).map_err(io::Error::other)?;
        let mut inner = self.disk.lock();
        match inner.step() {
            Permit::Go => inner.write(self.id, at, bytes),
            Permit::ThenCrash => {
                inner.write(self.id, at, bytes);
                inner.crashed = true;
                return Err(stopped());
            }
            Permit::Amid(most) => {
                inner.write(self.id, at, &bytes[..most.min(bytes.len())]);
                inner.crashed = true;
                return Err(stopped());
            }
            Permit::Refuse(error) => {
                if !inner.crashed {
                    inner.write(self.id, at, &bytes[..bytes.len() / 2]);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.lock().files.get(self.id).map_or(0, |file| file.now.len() as u64))
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        let id = self.id;
        self.disk.lock().whole_step(|inner| {
            if let Some(file) = inner.files.get_mut(id) {
                file.now.resize(len, 0);
                file.touched += 1;
                file.loose.push(Change::Len(len));
            }
        })
    }

    fn syncer(&self) -> io::Result<Syncer> {
        let mut again = FaultyFile { disk: self.disk.clone(), id: self.id };
        Ok(Box::new(move || again.sync()))
    }

    fn sync(&mut self) -> io::Result<()> {
        let id = self.id;
        let mut inner = self.disk.lock();
        let result = inner.whole_step(|inner| inner.sync(id));
        if result.is_err()
            && !inner.crashed
            && let Some(file) = inner.files.get_mut(id)
        {
            file.loose.clear();
        }
        result
    }
}

impl Naming {
    fn target(&self) -> &str {
        match self {
            Naming::Link(name, _) | Naming::Unlink(name) | Naming::Rename(_, name, _) => name,
        }
    }
}

fn apply_naming(names: &mut BTreeMap<String, usize>, naming: &Naming) {
    match naming {
        Naming::Link(name, id) => {
            names.insert(name.clone(), *id);
        }
        Naming::Unlink(name) => {
            names.remove(name);
        }
        Naming::Rename(from, to, id) => {
            names.remove(from);
            names.insert(to.clone(), *id);
        }
    }
}

fn write(into: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if into.len() < end {
        into.resize(end, 0);
    }
    into[at..end].copy_from_slice(bytes);
}

/// The parts of a write that a disk keeps or loses each for itself.
fn blocks(at: usize, bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut parts = Vec::new();
    let (mut at, mut rest) = (at, bytes);
    while !rest.is_empty() {
        let (block, after) = rest.split_at((BLOCK - at % BLOCK).min(rest.len()));
        parts.push((at, block));
        at += block.len();
        rest = after;
    }
    parts
}

fn stopped() -> io::Error {
    io::Error::other("the machine stopped")
}

/// A coin, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn half(&mut self) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 63 == 1
    }
}
