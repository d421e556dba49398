//! The directory of keys: one a month, and a note in place of each that was destroyed.
//!
//! In: a month. Out: its key. Must hold: a key is durable before it is given to seal anything; after
//! `destroy` has returned, no key of that month is given any more and its file is gone; a key that is
//! lost is never taken for one that was destroyed; and a request to destroy one stays until it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::key::{self, KEY_FILE_BYTES, KeyError, KeyId, MasterKey};
use super::key_note::{ANY, KeyNote, NOTE_BYTES, Noted};
use super::month::Month;
use super::seal::SealingKey;
use super::storage::{Storage, read_small};

pub(super) const KEY: &str = ".key";
const REQUEST: &str = ".destroy";
const NOTE: &str = ".destroyed";

/// What is known of a month's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is there.
    Kept,
    /// It is there, and is to be destroyed, as was asked at this time in nanoseconds since 1970.
    ToDestroy {
        /// When.
        at: i64,
    },
    /// It was destroyed, or written off, at this time in nanoseconds since 1970.
    Destroyed {
        /// When.
        at: i64,
    },
}

/// The keys of a journal, in a directory of their own.
pub struct Keys {
    storage: Arc<dyn Storage>,
    master: Option<MasterKey>,
    opened: Mutex<BTreeMap<Month, Opened>>,
}

/// A key that was read.
#[derive(Clone)]
struct Opened {
    id: KeyId,
    key: Arc<SealingKey>,
    /// Whether this process made sure that its file outlives a crash.
    is_durable: bool,
}

impl Keys {
    /// The keys in a directory. New ones are wrapped by the master key, if there is one.
    pub fn new(storage: Arc<dyn Storage>, master: Option<MasterKey>) -> Self {
        Self {
            storage,
            master,
            opened: Mutex::new(BTreeMap::new()),
        }
    }

    /// The months that have or had a key, in order.
    ///
    /// # Errors
    /// When the directory or a note cannot be read.
    pub fn months(&self) -> Result<BTreeMap<Month, KeyState>, KeyError> {
        let names = self
            .storage
            .list()
            .map_err(|error| self.failed("listed", "", error))?;
        let mut months = BTreeMap::new();
        for name in names {
            let Some(month) = month_of(&name, &[KEY, NOTE, REQUEST]) else {
                continue;
            };
            let destroyed = self.note(month, Noted::Destroyed)?;
            let asked = self.note(month, Noted::Requested)?;
            let state = match (destroyed, asked) {
                (Some(note), _) => KeyState::Destroyed { at: note.at },
                (None, Some(note)) => KeyState::ToDestroy { at: note.at },
                (None, None) => KeyState::Kept,
            };
            months.insert(month, state);
        }
        Ok(months)
    }

    /// Whether the file of a month's key is wrapped by a master key; nothing where there is no file.
    ///
    /// # Errors
    /// When it cannot be read, or is no key of that month.
    pub fn is_wrapped(&self, month: Month) -> Result<Option<bool>, KeyError> {
        let Some(file) = self.file(month)? else {
            return Ok(None);
        };
        key::identify(&file, month, &self.place(month, KEY))?;
        Ok(Some(key::is_wrapped(&file)))
    }

    /// The months whose keys are to be destroyed, in order.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn to_destroy(&self) -> Result<BTreeSet<Month>, KeyError> {
        let names = self.storage.list();
        let names = names.map_err(|error| self.failed("listed", "", error))?;
        let months = names.iter().filter_map(|name| month_of(name, &[REQUEST]));
        Ok(months.collect())
    }

    /// Asks for the destruction of a month's key by the service, which first carries forward the rows that are
    /// still in force. It stays asked for until it is done. `now` is nanoseconds since 1970.
    ///
    /// # Errors
    /// When the month has not passed, has no key, or the disk fails.
    pub fn request_destruction(&self, month: Month, now: i64) -> Result<(), KeyError> {
        if month >= Month::of(now) {
            return Err(KeyError::NotPassed { month });
        }
        if self.note(month, Noted::Destroyed)?.is_some()
            || self.note(month, Noted::Requested)?.is_some()
        {
            return Ok(());
        }
        let file = self.file(month)?.ok_or_else(|| self.missing(month))?;
        let mark = key::identify(&file, month, &self.place(month, KEY))?.mark;
        self.write_note(month, Noted::Requested, KeyNote { mark, at: now })
    }

    /// Takes a request for the destruction of a month's key back, if there is one that is not done.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn withdraw_request(&self, month: Month) -> Result<(), KeyError> {
        self.remove(&format!("{month}{REQUEST}"))
    }

    /// Destroys the key of a month for ever: what it sealed can never be read again, here or in any copy of
    /// the journal. Copies of the key in backups are the caller's to destroy. `now` is nanoseconds since 1970.
    ///
    /// To call it again after an error or a crash is safe, and completes it.
    ///
    /// # Errors
    /// When the month has not passed, has no key, or the disk fails.
    pub fn destroy(&self, month: Month, now: i64) -> Result<(), KeyError> {
        self.end(month, now, |file| match file {
            Some(file) => Ok(key::identify(file, month, &self.place(month, KEY))?.mark),
            None => Err(self.missing(month)),
        })
    }

    /// Notes that a month's key is lost and has no backup: what it sealed counts as destroyed from now on.
    /// A key that is there after all is destroyed. `now` is nanoseconds since 1970.
    ///
    /// # Errors
    /// When the month has not passed, or the disk fails.
    pub fn write_off(&self, month: Month, now: i64) -> Result<(), KeyError> {
        self.end(month, now, |_| Ok(ANY))
    }

    /// The note is durable before the key is touched, so that a crash in between leaves a destruction that
    /// is known of, and not a key that is lost.
    fn end(
        &self,
        month: Month,
        now: i64,
        mark: impl FnOnce(Option<&[u8]>) -> Result<[u8; 8], KeyError>,
    ) -> Result<(), KeyError> {
        if month >= Month::of(now) {
            return Err(KeyError::NotPassed { month });
        }
        if self.note(month, Noted::Destroyed)?.is_none() {
            let file = self.file(month)?;
            let mark = mark(file.as_ref().map(|file| file.as_slice()))?;
            self.write_note(month, Noted::Destroyed, KeyNote { mark, at: now })?;
        }
        self.erase(month)
    }

    /// Completes destructions that a crash interrupted.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn complete(&self) -> Result<(), KeyError> {
        for (month, state) in self.months()? {
            if matches!(state, KeyState::Destroyed { .. }) {
                self.erase(month)?;
            }
        }
        Ok(())
    }

    fn erase(&self, month: Month) -> Result<(), KeyError> {
        // Held to the end, so that nobody who has read the file puts the key back.
        let mut opened = self.opened();
        opened.remove(&month);
        // The note may be one that a process wrote and died before its name was durable.
        self.sync_names()?;
        let name = format!("{month}{KEY}");
        match self.storage.erase(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed("destroyed", &name, error));
            }
            _ => {}
        }
        self.remove(&format!("{month}{REQUEST}"))
    }

    /// Removes a file that is nothing to keep secret, durably, where it is there.
    fn remove(&self, name: &str) -> Result<(), KeyError> {
        match self.storage.remove(name) {
            Ok(()) => self.sync_names(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.failed("removed", name, error)),
        }
    }

    /// The key of a month to seal with; made, and durable, if it is the first of its month.
    ///
    /// `last` sealed the epoch before. A month that has a key is not given another, though its file may not be
    /// found: the directory may just not be mounted.
    pub(super) fn to_seal(
        &self,
        month: Month,
        last: Option<KeyId>,
    ) -> Result<(KeyId, Arc<SealingKey>), KeyError> {
        let last = last.filter(|last| last.month == month);
        // Asked each time: another process may have destroyed a key that this one still remembers.
        if self.note(month, Noted::Destroyed)?.is_some() {
            self.opened().remove(&month);
            return Err(KeyError::Destroyed { month });
        }
        let opened = match self.open(month)? {
            Some(opened) => opened,
            // It may have been destroyed since it was asked.
            None if self.note(month, Noted::Destroyed)?.is_some() => {
                return Err(KeyError::Destroyed { month });
            }
            None if last.is_some() => return Err(self.missing(month)),
            None => self.make(month)?,
        };
        if last.is_some_and(|last| last != opened.id) {
            return Err(KeyError::Another {
                month,
                place: self.place(month, KEY),
            });
        }
        if !opened.is_durable {
            // A key that is there may be one whose maker died before it was durable.
            let name = format!("{month}{KEY}");
            let synced = self.storage.sync(&name);
            synced.map_err(|error| self.failed("synced", &name, error))?;
            self.sync_names()?;
            if let Some(opened) = self.opened().get_mut(&month) {
                opened.is_durable = true;
            }
        }
        Ok((opened.id, opened.key))
    }

    fn make(&self, month: Month) -> Result<Opened, KeyError> {
        let random = |error| KeyError::Random { error };
        let mut mark = ANY;
        while mark == ANY {
            getrandom::fill(&mut mark).map_err(random)?;
        }
        let key = SealingKey::random().map_err(random)?;
        let name = format!("{month}{KEY}");
        let file = key::encode(KeyId { month, mark }, &key, self.master.as_ref())?;
        let written = self.storage.replace(&name, &file);
        written.map_err(|error| self.failed("written", &name, error))?;
        // Read back, so that a key which the disk does not give back never seals anything.
        self.open(month)?.ok_or_else(|| self.missing(month))
    }

    /// The key that sealed a frame; nothing when it was destroyed.
    pub(super) fn to_open(&self, id: KeyId) -> Result<Option<Arc<SealingKey>>, KeyError> {
        if let Some(opened) = self.opened().get(&id.month)
            && opened.id == id
        {
            return Ok(Some(opened.key.clone()));
        }
        if let Some(note) = self.note(id.month, Noted::Destroyed)?
            && (note.mark == ANY || note.mark == id.mark)
        {
            return Ok(None);
        }
        match self.open(id.month)? {
            Some(opened) if opened.id == id => Ok(Some(opened.key)),
            Some(_) => Err(KeyError::Another {
                month: id.month,
                place: self.place(id.month, KEY),
            }),
            None => Err(self.missing(id.month)),
        }
    }

    fn open(&self, month: Month) -> Result<Option<Opened>, KeyError> {
        let mut known = self.opened();
        if let Some(opened) = known.get(&month) {
            return Ok(Some(opened.clone()));
        }
        let Some(file) = self.file(month)? else {
            return Ok(None);
        };
        let place = self.place(month, KEY);
        let (id, key) = key::decode(&file, month, self.master.as_ref(), &place)?;
        let opened = Opened {
            id,
            key: Arc::new(key),
            is_durable: false,
        };
        known.insert(month, opened.clone());
        Ok(Some(opened))
    }

    fn file(&self, month: Month) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let name = format!("{month}{KEY}");
        match read_small(&*self.storage, &name, KEY_FILE_BYTES + 1) {
            Ok(file) => Ok(file.map(Zeroizing::new)),
            Err(error) => Err(self.failed("read", &name, error)),
        }
    }

    fn note(&self, month: Month, noted: Noted) -> Result<Option<KeyNote>, KeyError> {
        let name = note_name(month, noted);
        let read = read_small(&*self.storage, &name, NOTE_BYTES + 1);
        match read.map_err(|error| self.failed("read", &name, error))? {
            Some(bytes) => {
                let place = self.storage.place(&name);
                let note = KeyNote::decode(&bytes, (month, noted));
                note.map(Some).ok_or(match KeyNote::later(&bytes, noted) {
                    Some(found) => KeyError::Later { place, found },
                    None => KeyError::Damaged { place },
                })
            }
            None => Ok(None),
        }
    }

    fn write_note(&self, month: Month, noted: Noted, note: KeyNote) -> Result<(), KeyError> {
        let name = note_name(month, noted);
        let written = self.storage.replace(&name, &note.encode((month, noted)));
        written.map_err(|error| self.failed("written", &name, error))
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<Month, Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sync_names(&self) -> Result<(), KeyError> {
        self.storage
            .sync_directory()
            .map_err(|error| self.failed("synced", "", error))
    }

    fn place(&self, month: Month, suffix: &str) -> String {
        self.storage.place(&format!("{month}{suffix}"))
    }

    fn missing(&self, month: Month) -> KeyError {
        KeyError::Missing {
            month,
            place: self.place(month, KEY),
        }
    }

    fn failed(&self, doing: &'static str, name: &str, error: io::Error) -> KeyError {
        KeyError::Storage {
            doing,
            place: self.storage.place(name),
            error,
        }
    }
}

/// The month in the name of a file of one of these kinds.
pub(super) fn month_of(name: &str, kinds: &[&str]) -> Option<Month> {
    let stem = kinds.iter().find_map(|kind| name.strip_suffix(kind))?;
    stem.parse().ok()
}

fn note_name(month: Month, noted: Noted) -> String {
    let kind = match noted {
        Noted::Requested => REQUEST,
        Noted::Destroyed => NOTE,
    };
    format!("{month}{kind}")
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({}, masked)", self.storage.place(""))
    }
}
