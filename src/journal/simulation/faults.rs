//! Storage whose n-th operation fails.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::storage::{Locking, Storage};
use super::disk::SimulatedDisk;

/// How an operation fails.
pub enum Fault {
    /// It is not done, and an error is reported, once.
    Error(io::ErrorKind),
    /// It is done, and an error is reported all the same, once.
    ErrorAfter(io::ErrorKind),
    /// If it writes, so many bytes are written, and an error is reported, once; else as [`Fault::Error`].
    Torn(usize),
    /// It and the operations after it, so many in all, find no space if they write or make something.
    Full(u64),
    /// If it syncs a file, it fails, and what was dirty counts as written though only a part is, which the number
    /// chooses; else as [`Fault::Error`].
    SyncFails(u64),
    /// It and all after it fail: the machine is off. [`SimulatedDisk::crash`] is what the next start finds.
    PowerOff,
    /// Something else happens before it, and it does not fail.
    Before(Box<dyn FnOnce() + Send>),
}

/// Counts the operations of the storages that it is put over, and makes one fail.
#[derive(Clone, Default)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    done: u64,
    at: Option<u64>,
    fault: Option<Fault>,
}

/// What a single operation is to do.
enum Verdict {
    Do,
    Fail(io::ErrorKind),
    DoAndFail(io::ErrorKind),
    Write(usize),
    LoseSync(u64),
}

/// What an operation is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reads,
    Writes,
    Syncs,
    Changes,
}

impl Faults {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk under these faults. Several may be: their operations are counted together.
    pub fn over(&self, disk: &SimulatedDisk) -> Arc<dyn Storage> {
        Arc::new(Faulty {
            inner: Arc::new(disk.clone()),
            disk: Some(disk.clone()),
            plan: self.plan.clone(),
        })
    }

    /// Any storage under these faults. A sync that fails there is just not done.
    pub fn over_any(&self, inner: Arc<dyn Storage>) -> Arc<dyn Storage> {
        Arc::new(Faulty {
            inner,
            disk: None,
            plan: self.plan.clone(),
        })
    }

    /// Operations done or failed so far.
    pub fn count(&self) -> u64 {
        self.plan().done
    }

    /// The operation of a number, counted from 0 over the life of this value, will fail so. A fault set before is
    /// forgotten.
    pub fn set(&self, at: u64, fault: Fault) {
        let mut plan = self.plan();
        plan.at = Some(at);
        plan.fault = Some(fault);
    }

    /// Nothing fails any more.
    pub fn clear(&self) {
        let mut plan = self.plan();
        plan.at = None;
        plan.fault = None;
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Faulty {
    inner: Arc<dyn Storage>,
    disk: Option<SimulatedDisk>,
    plan: Arc<Mutex<Plan>>,
}

impl Faulty {
    fn verdict(&self, kind: Kind) -> Verdict {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let now = plan.done;
        plan.done += 1;
        let Some(at) = plan.at.filter(|at| *at <= now) else {
            return Verdict::Do;
        };
        match plan.fault.take() {
            None => Verdict::Do,
            Some(Fault::PowerOff) => {
                plan.fault = Some(Fault::PowerOff);
                Verdict::Fail(io::ErrorKind::BrokenPipe)
            }
            Some(Fault::Full(operations)) => {
                if now + 1 < at + operations {
                    plan.fault = Some(Fault::Full(operations));
                }
                match kind {
                    Kind::Writes => Verdict::Fail(io::ErrorKind::StorageFull),
                    _ => Verdict::Do,
                }
            }
            Some(Fault::Before(act)) => {
                // Unlocked, since it may use this storage itself.
                drop(plan);
                act();
                Verdict::Do
            }
            Some(Fault::Error(error)) => Verdict::Fail(error),
            Some(Fault::ErrorAfter(error)) => Verdict::DoAndFail(error),
            Some(Fault::Torn(bytes)) if kind == Kind::Writes => Verdict::Write(bytes),
            Some(Fault::SyncFails(seed)) if kind == Kind::Syncs => Verdict::LoseSync(seed),
            Some(Fault::Torn(_) | Fault::SyncFails(_)) => Verdict::Fail(io::ErrorKind::Other),
        }
    }

    fn run<T>(&self, kind: Kind, act: impl FnOnce(&dyn Storage) -> io::Result<T>) -> io::Result<T> {
        match self.verdict(kind) {
            Verdict::Do => act(&*self.inner),
            Verdict::DoAndFail(error) => act(&*self.inner).and(Err(error.into())),
            Verdict::Fail(error) => Err(error.into()),
            Verdict::Write(_) | Verdict::LoseSync(_) => Err(io::ErrorKind::Other.into()),
        }
    }

    fn sync_with(
        &self,
        name: &str,
        act: impl FnOnce(&dyn Storage) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.verdict(Kind::Syncs) {
            Verdict::Do => act(&*self.inner),
            Verdict::LoseSync(seed) => {
                if let Some(disk) = &self.disk {
                    disk.fail_sync(name, seed);
                }
                Err(io::ErrorKind::Other.into())
            }
            Verdict::DoAndFail(error) => act(&*self.inner).and(Err(error.into())),
            Verdict::Fail(error) => Err(error.into()),
            Verdict::Write(_) => Err(io::ErrorKind::Other.into()),
        }
    }
}

impl Storage for Faulty {
    fn place(&self, name: &str) -> String {
        self.inner.place(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.run(Kind::Reads, |inner| inner.list())
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        self.run(Kind::Reads, |inner| inner.length(name))
    }

    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.run(Kind::Reads, |inner| inner.read_at(name, offset, buffer))
    }

    fn create(&self, name: &str) -> io::Result<()> {
        self.run(Kind::Writes, |inner| inner.create(name))
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match self.verdict(Kind::Writes) {
            Verdict::Do => self.inner.append(name, bytes),
            Verdict::Write(part) => {
                self.inner.append(name, &bytes[..part.min(bytes.len())])?;
                Err(io::ErrorKind::Other.into())
            }
            Verdict::DoAndFail(error) => self.inner.append(name, bytes).and(Err(error.into())),
            Verdict::Fail(error) => Err(error.into()),
            Verdict::LoseSync(_) => Err(io::ErrorKind::Other.into()),
        }
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.sync_with(name, |inner| inner.sync(name))
    }

    fn settle(&self, name: &str) -> io::Result<()> {
        self.sync_with(name, |inner| inner.settle(name))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.run(Kind::Changes, |inner| inner.sync_directory())
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        self.run(Kind::Changes, |inner| inner.truncate(name, length))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.run(Kind::Writes, |inner| inner.replace(name, bytes))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.run(Kind::Changes, |inner| inner.remove(name))
    }

    fn erase(&self, name: &str) -> io::Result<()> {
        self.run(Kind::Changes, |inner| inner.erase(name))
    }

    fn lock(&self, name: &str, holder: &str) -> io::Result<Locking> {
        self.run(Kind::Changes, |inner| inner.lock(name, holder))
    }
}
