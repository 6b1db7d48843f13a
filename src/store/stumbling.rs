//! The machine's own folders and files, with a step that goes wrong where a test says: for work that a disk in memory
//! (`faulty.rs`) cannot stand in for, since sled and locks want real files. What was not synced is there afterwards, as it is when
//! a program alone is stopped.

use super::disk::{Disk, DiskFile, Mark, Syncer};
use super::faulty::Fault;
use super::folders::{Folders, RealFolders};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Real folders. Clones count the same steps.
#[derive(Clone, Default)]
pub struct Stumbling(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    steps: usize,
    faults: Vec<(usize, Fault)>,
    /// Names are not exchanged.
    plain: bool,
    stopped: bool,
    /// What each step was.
    log: Vec<String>,
}

impl Stumbling {
    /// The steps of these numbers (0 is the first) go wrong.
    pub fn at(faults: &[(usize, Fault)]) -> Stumbling {
        Stumbling(Arc::new(Mutex::new(Plan { faults: faults.to_vec(), ..Plan::default() })))
    }

    /// On a file system that cannot exchange two names.
    pub fn plainly(self) -> Stumbling {
        self.plan(|plan| plan.plain = true);
        self
    }

    /// What each step was, for as far as it came.
    pub fn steps(&self) -> Vec<String> {
        self.plan(|plan| plan.log.clone())
    }

    /// Whether the process counts as stopped.
    pub fn stopped(&self) -> bool {
        self.plan(|plan| plan.stopped)
    }

    fn plan<T>(&self, see: impl FnOnce(&mut Plan) -> T) -> T {
        see(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One step; `work` is told how many bytes of it to do, where it is a write that is cut off.
    fn step(&self, what: &str, work: impl FnOnce(Option<usize>) -> io::Result<()>) -> io::Result<()> {
        let stopped = || Err(io::Error::other("the machine stopped"));
        let fault = self.plan(|plan| {
            if plan.stopped {
                return Some(Fault::CrashBefore);
            }
            let at = plan.steps;
            plan.steps += 1;
            plan.log.push(what.to_owned());
            let fault = plan.faults.iter().find(|(step, _)| *step == at).map(|(_, fault)| *fault);
            plan.stopped = matches!(fault, Some(Fault::CrashBefore | Fault::CrashAmid(_) | Fault::CrashAfter));
            fault
        });
        match fault {
            None => work(None),
            Some(Fault::CrashBefore) => stopped(),
            Some(Fault::CrashAmid(bytes)) => {
                if what.starts_with("write") {
                    let _ = work(Some(bytes));
                }
                stopped()
            }
            Some(Fault::CrashAfter) => {
                let _ = work(None);
                stopped()
            }
            Some(Fault::Fails) => Err(io::Error::other("the disk failed")),
            Some(Fault::Full) => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

impl Folders for Stumbling {
    fn below(&self, folder: &Path) -> Arc<dyn Disk> {
        Arc::new(StumblingDisk { plan: self.clone(), under: RealFolders.below(folder) })
    }

    fn create(&self, folder: &Path) -> io::Result<()> {
        self.step("create folder", |_| RealFolders.create(folder))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename folder", |_| RealFolders.rename(from, to))
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if self.plan(|plan| plan.plain) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.step("exchange folders", |_| RealFolders.exchange(one, other))
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        self.step("remove folder", |_| RealFolders.remove(folder))
    }

    fn sync_beside(&self, path: &Path) -> io::Result<()> {
        self.step("sync names", |_| RealFolders.sync_beside(path))
    }
}

struct StumblingDisk {
    plan: Stumbling,
    under: Arc<dyn Disk>,
}

impl Disk for StumblingDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(StumblingFile { plan: self.plan.clone(), under: self.under.open(name)? }))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.plan.step("create", |_| self.under.create(name).map(drop))?;
        self.open(name)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.under.list(folder)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.plan.step("rename", |_| self.under.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.plan.step("remove", |_| self.under.remove(name))
    }

    fn mark(&self, name: &str) -> io::Result<Mark> {
        self.under.mark(name)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.plan.step("sync folder", |_| self.under.sync_folder(folder))
    }
}

struct StumblingFile {
    plan: Stumbling,
    under: Box<dyn DiskFile>,
}

impl DiskFile for StumblingFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.under.read_at(offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let under = &mut self.under;
        self.plan.step("write", |most| {
            let most = most.unwrap_or(bytes.len()).min(bytes.len());
            under.write_at(offset, &bytes[..most])
        })
    }

    fn length(&self) -> io::Result<u64> {
        self.under.length()
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let under = &mut self.under;
        self.plan.step("set length", |_| under.set_len(len))
    }

    fn sync(&mut self) -> io::Result<()> {
        let under = &mut self.under;
        self.plan.step("sync", |_| under.sync())
    }

    fn syncer(&self) -> io::Result<Syncer> {
        self.under.syncer()
    }
}
