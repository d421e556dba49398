//! The log as one thread writes it: lines that become durable together, and checkpoints.
//!
//! In: what lines say. Out: their numbers, once they are durable. Must hold: after an error nothing of what failed
//! stays, and the next line continues the last durable one; a log that was found changed is written on and signed
//! no more.

use std::io;
use std::sync::Arc;

use super::before;
use super::chain::Chain;
use super::error::{LogError, failed};
use super::key::{SigningKey, verifying_keys};
use super::note::{Checkpoint, VerifyingKey};
use super::notes::{NOTES, Position, STATE};
use super::opening::{self, Damage, Found, MOST_AT_ONCE};
use super::time::month_text;
use crate::hex::hex;
use crate::journal::{Guard, Locking, Storage};
use crate::record::Instant;
use crate::service::Clock;

const LOCK: &str = "lock";

/// Moves a log of an earlier version into the folder, under a name; whether there was one.
pub(super) type TakeOver<'a> = &'a dyn Fn(&str) -> io::Result<bool>;

/// The log.
pub(super) struct Log {
    storage: Arc<dyn Storage>,
    clock: Clock,
    key: SigningKey,
    public: VerifyingKey,
    chain: Chain,
    /// The file that is written, and how much of it is durable.
    file: Option<(String, u64)>,
    /// Whether its name is not durable yet.
    is_new: bool,
    /// Whether something may stand behind what is durable.
    is_dirty: bool,
    notes: Option<u64>,
    are_notes_dirty: bool,
    owed: Vec<Position>,
    signed: Option<(u64, Option<i64>)>,
    damage: Option<Damage>,
    _lock: Box<dyn Guard>,
}

impl Log {
    /// Finds a log, or begins one.
    pub(super) fn open(
        storage: Arc<dyn Storage>,
        keys: &dyn Storage,
        clock: Clock,
        take_over: TakeOver<'_>,
    ) -> Result<Self, LogError> {
        let place = storage.place("");
        let holder = format!("process {}", std::process::id());
        let lock = match storage.lock(LOCK, &holder) {
            Ok(Locking::Held(guard)) => guard,
            Ok(Locking::Busy(holder)) => return Err(LogError::InUse { place, holder }),
            Err(error) => return Err(failed("be locked", place)(error)),
        };
        let key = SigningKey::open(keys)?;
        let known = verifying_keys(keys).map_err(failed("be read", keys.place("")))?;
        let found = opening::find(&*storage, &known);
        let found = found.map_err(failed("be read", place.clone()))?;
        tell(&found, &*storage);
        let origin = match &found.origin {
            Some(origin) => origin.clone(),
            None => new_origin().map_err(failed("be begun", place.clone()))?,
        };
        let public = key.announce(keys, &origin)?;
        let mut log = Self {
            clock,
            key,
            public,
            is_new: found.file.as_ref().is_none_or(|(_, length)| *length == 0),
            chain: found.chain,
            file: found.file,
            is_dirty: true,
            notes: found.notes,
            are_notes_dirty: true,
            owed: found.owed,
            signed: found.signed,
            damage: found.damage,
            storage,
            _lock: lock,
        };
        for torn in &found.torn {
            log.keep_torn(torn);
        }
        log.begin(take_over).map_err(failed("be written", place))?;
        Ok(log)
    }

    /// Cuts off what is torn, and writes what a log begins with.
    fn begin(&mut self, take_over: TakeOver<'_>) -> io::Result<()> {
        self.repair()?;
        self.repair_notes()?;
        self.storage.sync_directory()?;
        loop {
            let n = self.chain.last + 1;
            let name = before::name(n);
            let has_older = self.storage.list()?.contains(&name) || take_over(&name)?;
            if !has_older && n > 1 {
                return Ok(());
            }
            let members = before::members(&*self.storage, n, self.public.name(), has_older)?;
            self.append(&[members])?;
        }
    }

    /// What is cut off is kept where it is more than the beginning of a line: it may be what somebody changed.
    fn keep_torn(&self, torn: &opening::Torn) {
        let length = usize::try_from(torn.bytes).unwrap_or(MOST_AT_ONCE);
        let mut bytes = vec![0; length.min(MOST_AT_ONCE)];
        let name = format!("cut-{}-{}", torn.file.replace(".ndjson", ""), torn.from);
        let kept = self
            .storage
            .read_at(&torn.file, torn.from, &mut bytes)
            .and_then(|read| match bytes[..read].contains(&b'\n') {
                true => self.storage.replace(&name, &bytes[..read]),
                false => Ok(()),
            });
        if let Err(error) = kept {
            tracing::warn!(%error, "what is cut off the access log cannot be kept");
        }
    }

    /// Appends lines, durably: all or none. What they say is no longer than [`MOST_AT_ONCE`] in all.
    pub(super) fn append<M: AsRef<[u8]>>(&mut self, members: &[M]) -> io::Result<()> {
        if self.is_dirty {
            self.repair()?;
        }
        let at = self.now();
        let month = format!("{}.ndjson", month_text(at));
        if self.file.as_ref().is_none_or(|(file, _)| *file < month) {
            self.file = Some((month, 0));
            self.is_new = true;
        }
        let mut chain = self.chain.clone();
        let mut text = Vec::new();
        for members in members {
            text.extend_from_slice(&chain.write(at, members.as_ref()));
            text.push(b'\n');
        }
        self.is_dirty = true;
        if let Err(error) = self.write(&text) {
            // Where it cannot be put right now, it is before the next line is written.
            let _ = self.repair();
            return Err(error);
        }
        self.is_dirty = false;
        self.chain = chain;
        Ok(())
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let (file, length) = self.file.as_mut().expect("it was just named");
        if self.is_new && *length == 0 {
            create(&*self.storage, file)?;
        }
        self.storage.append(file, text)?;
        self.storage.sync(file)?;
        if self.is_new {
            self.storage.sync_directory()?;
            self.is_new = false;
        }
        *length += text.len() as u64;
        Ok(())
    }

    /// Cuts off what may stand behind what is durable.
    fn repair(&mut self) -> io::Result<()> {
        if let Some((file, length)) = &self.file {
            if self.is_new {
                create(&*self.storage, file)?;
            }
            if self.storage.length(file)? != *length {
                self.storage.truncate(file, *length)?;
            }
            // Also what is there as it should be may have been given up by a sync that failed.
            self.storage.sync(file)?;
        }
        self.is_dirty = false;
        Ok(())
    }

    fn repair_notes(&mut self) -> io::Result<()> {
        if let Some(length) = self.notes {
            if self.storage.length(NOTES)? != length {
                self.storage.truncate(NOTES, length)?;
            }
            self.storage.sync(NOTES)?;
        }
        self.are_notes_dirty = false;
        Ok(())
    }

    /// Signs all lines, if there are any that are not signed; whether something was signed.
    pub(super) fn checkpoint(&mut self) -> io::Result<bool> {
        if self.damage.is_some() {
            return Ok(false);
        }
        let marked = self.owed.last().map(|owed| owed.tree.size());
        let marked = marked.or(self.signed.map(|(size, _)| size)).unwrap_or(0);
        if self.chain.tree.size() > marked {
            self.append(&[before::checkpoint(self.chain.last - marked)])?;
            let (file, end) = self.file.clone().expect("a line was written");
            self.owed.push(Position {
                tree: self.chain.tree.clone(),
                file,
                end,
            });
        }
        let has_owed = !self.owed.is_empty();
        while let Some(owed) = self.owed.first() {
            let owed = owed.clone();
            self.sign(&owed)?;
            self.owed.remove(0);
            self.signed = Some((owed.tree.size(), Some(self.now())));
            if self.owed.is_empty() {
                self.storage.replace(STATE, &owed.write())?;
            }
        }
        Ok(has_owed)
    }

    fn sign(&mut self, owed: &Position) -> io::Result<()> {
        if self.are_notes_dirty {
            self.repair_notes()?;
        }
        let checkpoint = Checkpoint {
            origin: self.public.name().to_owned(),
            size: owed.tree.size(),
            root: owed.tree.root(),
        };
        let note = self.key.sign(&checkpoint, &self.public);
        let length = match self.notes {
            Some(length) => length,
            None => {
                create(&*self.storage, NOTES)?;
                self.storage.sync_directory()?;
                *self.notes.insert(0)
            }
        };
        self.are_notes_dirty = true;
        self.storage.append(NOTES, note.as_bytes())?;
        self.storage.sync(NOTES)?;
        self.are_notes_dirty = false;
        self.notes = Some(length + note.len() as u64);
        Ok(())
    }

    fn now(&self) -> i64 {
        self.clock.now().nanos().div_euclid(1_000_000)
    }

    /// The number of the last line.
    pub(super) fn last(&self) -> u64 {
        self.chain.last
    }

    /// Whether there are lines, or marks of checkpoints, that are not signed.
    pub(super) fn has_unsigned(&self) -> bool {
        let signed = self.signed.map_or(0, |(size, _)| size);
        self.damage.is_none() && self.chain.tree.size() > signed
    }

    /// When it was signed last.
    pub(super) fn signed_at(&self) -> Option<Instant> {
        let (_, at) = self.signed?;
        at.and_then(Instant::from_millis)
    }

    /// What was found at the start and cannot be put right.
    pub(super) fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }
}

fn create(storage: &dyn Storage, name: &str) -> io::Result<()> {
    match storage.create(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

/// A name that no other log has.
fn new_origin() -> io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("fundwatch/access-log/{}", hex(&bytes)))
}

fn tell(found: &Found, storage: &dyn Storage) {
    for torn in &found.torn {
        let (file, bytes) = (storage.place(&torn.file), torn.bytes);
        tracing::warn!(
            %file,
            bytes,
            "the end of the access log was torn before anybody was answered, and is cut off"
        );
    }
    if let Some(damage) = &found.damage {
        tracing::error!(
            %damage,
            "the access log was changed; it is written on and no longer signed until it is moved away"
        );
    }
}
