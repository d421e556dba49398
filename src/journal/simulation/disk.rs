//! A disk in memory that loses what was not synced.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::storage::{Guard, Locking, Storage};
use super::file::SimulatedFile;

/// A disk. Clones are the same disk, seen from the same machine.
#[derive(Clone)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
    machine: u64,
}

#[derive(Default)]
struct State {
    /// By a number of their own, so that a name may be lost while its file is not.
    files: BTreeMap<u64, SimulatedFile>,
    /// As they are seen.
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    made: u64,
    capacity: Option<u64>,
    /// Who holds the lock of a machine and a name; each lock has a number, and a crash ends all before.
    locks: BTreeMap<(u64, String), (u64, String)>,
}

impl Default for SimulatedDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl SimulatedDisk {
    /// An empty disk without a limit.
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            machine: 0,
        }
    }

    /// The same disk as another machine sees it: the files are the same, the locks are its own.
    pub fn on_machine(&self, machine: u64) -> Self {
        Self {
            state: self.state.clone(),
            machine,
        }
    }

    /// The power goes, and comes back. Of what was not synced, an arbitrary part is lost, sector by sector, length
    /// by length and name by name; `seed` chooses. All locks are free.
    pub fn crash(&self, seed: u64) {
        let mut state = self.state();
        let chance = &mut Chance(seed);
        let names: BTreeSet<String> = state
            .names
            .keys()
            .chain(state.durable_names.keys())
            .cloned()
            .collect();
        for name in names {
            let seen = state.names.get(&name).copied();
            if seen != state.durable_names.get(&name).copied() && chance.is_heads() {
                match seen {
                    Some(file) => state.durable_names.insert(name, file),
                    None => state.durable_names.remove(&name),
                };
            }
        }
        state.names = state.durable_names.clone();
        for file in state.files.values_mut() {
            file.crash(chance);
        }
        let kept: BTreeSet<u64> = state.names.values().copied().collect();
        state.files.retain(|file, _| kept.contains(file));
        state.locks.clear();
    }

    /// The processes of a machine die: its locks are free, and all that was written is seen.
    pub fn kill(&self) {
        let machine = self.machine;
        self.state().locks.retain(|(of, _), _| *of != machine);
    }

    /// From now on the disk holds so many bytes in all; nothing ends the limit.
    pub fn limit(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// A sync of a file fails: an arbitrary part of it becomes durable, and the rest counts as written, though it
    /// is not and never will be.
    pub fn fail_sync(&self, name: &str, seed: u64) {
        let _ = self
            .state()
            .with(name, |file| file.fail_sync(&mut Chance(seed)));
    }

    /// What is seen in a file; nothing when there is none.
    pub fn contents(&self, name: &str) -> Option<Vec<u8>> {
        self.state().with(name, |file| file.seen.clone()).ok()
    }

    /// Puts a file there, durably, as a test wants it: damaged, say.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.state();
        let made = state.make(name);
        state.files.insert(made, SimulatedFile::durable(bytes));
        state.durable_names.insert(name.to_owned(), made);
    }

    /// A copy that shares nothing with this disk.
    pub fn fork(&self) -> Self {
        let state = self.state();
        let copy = State {
            files: state.files.clone(),
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            made: state.made,
            capacity: state.capacity,
            locks: BTreeMap::new(),
        };
        Self {
            state: Arc::new(Mutex::new(copy)),
            machine: self.machine,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn with<T>(&mut self, name: &str, act: impl FnOnce(&mut SimulatedFile) -> T) -> io::Result<T> {
        let file = self
            .names
            .get(name)
            .and_then(|file| self.files.get_mut(file));
        file.map(act).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn make(&mut self, name: &str) -> u64 {
        self.made += 1;
        self.files.insert(self.made, SimulatedFile::default());
        self.names.insert(name.to_owned(), self.made);
        self.made
    }

    /// How many bytes of so many still fit.
    fn fits(&self, bytes: usize) -> usize {
        let used: usize = self
            .names
            .values()
            .map(|file| self.files[file].seen.len())
            .sum();
        let free = self
            .capacity
            .map(|capacity| capacity.saturating_sub(used as u64));
        free.map_or(bytes, |free| {
            bytes.min(usize::try_from(free).unwrap_or(usize::MAX))
        })
    }
}

impl Storage for SimulatedDisk {
    fn place(&self, name: &str) -> String {
        format!("disk/{name}")
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        self.state().with(name, |file| file.seen.len() as u64)
    }

    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.state().with(name, |file| {
            let offset = usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(file.seen.len());
            let read = buffer.len().min(file.seen.len() - offset);
            buffer[..read].copy_from_slice(&file.seen[offset..offset + read]);
            read
        })
    }

    fn create(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        if state.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if state.capacity.is_some() && state.fits(1) == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.make(name);
        Ok(())
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let fits = state.fits(bytes.len());
        state.with(name, |file| file.write(file.seen.len(), &bytes[..fits]))?;
        if fits < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.state().with(name, SimulatedFile::sync)
    }

    fn settle(&self, name: &str) -> io::Result<()> {
        self.state().with(name, SimulatedFile::settle)
    }

    fn sync_directory(&self) -> io::Result<()> {
        let mut state = self.state();
        state.durable_names = state.names.clone();
        Ok(())
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.state().with(name, |file| file.truncate(length))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.fits(bytes.len()) < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let made = state.make(name);
        state.files.insert(made, SimulatedFile::durable(bytes));
        state.durable_names = state.names.clone();
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let removed = self.state().names.remove(name);
        removed
            .map(|_| ())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn erase(&self, name: &str) -> io::Result<()> {
        self.remove(name)?;
        self.sync_directory()
    }

    fn lock(&self, name: &str, holder: &str) -> io::Result<Locking> {
        let mut state = self.state();
        let key = (self.machine, name.to_owned());
        if let Some((_, holder)) = state.locks.get(&key) {
            return Ok(Locking::Busy(holder.clone()));
        }
        state.made += 1;
        let number = state.made;
        state.locks.insert(key.clone(), (number, holder.to_owned()));
        Ok(Locking::Held(Box::new(SimulatedLock {
            state: self.state.clone(),
            key,
            number,
        })))
    }
}

struct SimulatedLock {
    state: Arc<Mutex<State>>,
    key: (u64, String),
    number: u64,
}

impl Guard for SimulatedLock {}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state
            .locks
            .get(&self.key)
            .is_some_and(|(number, _)| *number == self.number)
        {
            state.locks.remove(&self.key);
        }
    }
}

/// Numbers that look random and follow from a seed (SplitMix64).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn is_heads(&mut self) -> bool {
        self.next() >> 63 == 1
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
