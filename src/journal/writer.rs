//! The writer: appends epochs, and acknowledges those that are durable and its own to write.
//!
//! In: epochs in order. Out: the chain with each, once it is acknowledged. Must hold: what was acknowledged is read
//! by every later writer, whatever dies or fails when (see `claim.rs` for two writers); what was refused is not
//! in the journal; and after a failed sync nothing more is written, since a system may have dropped what it
//! could not write and count it as written.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::chain::{ChainHash, JournalId};
use super::claim::{Claim, failed};
use super::encode::{Content, Encoder};
use super::end::End;
use super::error::JournalError;
use super::frame::{MAX_PLAIN_BYTES, MAX_SECRET_BYTES};
use super::key::{KeyError, KeyId};
use super::keys::Keys;
use super::month::{Month, clock_text};
use super::seal::NONCE_BYTES;
use super::storage::{Guard, Locking, Storage};
use super::tail::Tail;
use super::walk::Unfinished;

const LOCK: &str = "lock";

/// How a journal is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A segment takes no more frames when it would grow over so many bytes; it always takes one.
    pub segment_bytes: u64,
    /// The last epoch that the caller knows to have been durable, 0 for none: a journal that ends before is
    /// not opened.
    pub at_least: u64,
}

impl Default for Options {
    /// Segments of 64 MiB; nothing known.
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            at_least: 0,
        }
    }
}

/// What a writer found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The journal; made, if there was none.
    pub journal: JournalId,
    /// The number of its last epoch, 0 if it has none. All up to it are durable.
    pub upper: u64,
    /// The chain up to it.
    pub chain: ChainHash,
    /// The generation of this writer.
    pub generation: u64,
    /// What a writer before left unfinished, and nobody will read.
    pub unfinished: Option<Unfinished>,
}

/// What is appended.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Its time, in nanoseconds since 1970-01-01T00:00Z; the month in UTC+7 decides by which key it is sealed.
    pub at: i64,
    /// Facts without personal data; up to [`MAX_PLAIN_BYTES`].
    pub plain: &'a [u8],
    /// Rows, which are sealed; up to [`MAX_SECRET_BYTES`].
    pub secret: &'a [u8],
}

/// The one writer of a journal.
pub struct Journal {
    tail: Tail,
    keys: Arc<Keys>,
    encoder: Encoder,
    journal: JournalId,
    upper: u64,
    chain: ChainHash,
    /// The key that sealed the last epoch.
    key: Option<KeyId>,
    _lock: Box<dyn Guard>,
}

impl Journal {
    /// Takes a journal over, finds its end, and makes durable all that will be read of it. A journal is made
    /// where there is none.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when a service on this machine has it, [`JournalError::Damaged`] and its like when
    /// what was once durable is not all there, and what the disk says.
    pub fn open(
        storage: Arc<dyn Storage>,
        keys: Arc<Keys>,
        options: Options,
    ) -> Result<(Self, Opened), JournalError> {
        let holder = holder();
        let lock = lock(&*storage, &holder)?;
        let claim = Claim::make(&*storage, &holder)?;
        keys.complete()?;
        let encoder = Encoder::new().map_err(failed(&*storage, "be compressed", ""))?;
        let found = End::find(&storage)?;
        let is_new = found.is_none();
        let end = match found {
            Some(end) => end,
            None => End::of_nothing()?,
        };
        if end.upper < options.at_least {
            return Err(JournalError::Behind {
                place: storage.place(""),
                upper: end.upper,
                at_least: options.at_least,
            });
        }
        let opened = Opened {
            journal: end.journal,
            upper: end.upper,
            chain: end.chain,
            generation: claim.generation,
            unfinished: end.unfinished.clone(),
        };
        let mut tail = Tail::new(storage, claim, &end, options.segment_bytes);
        if is_new {
            // At once, so that the journal keeps its identity whether or not anything is appended.
            tail.begin_segment(1, end.chain)?;
            tail.check()?;
        }
        let journal = Self {
            tail,
            keys,
            encoder,
            journal: end.journal,
            upper: end.upper,
            chain: end.chain,
            key: end.key,
            _lock: lock,
        };
        Ok((journal, opened))
    }

    /// The number of the last epoch; 0 if there is none.
    pub fn upper(&self) -> u64 {
        self.upper
    }

    /// The chain up to the last epoch.
    pub fn chain(&self) -> ChainHash {
        self.chain
    }

    /// How long the disk took to make the last appended epoch durable.
    pub fn last_sync(&self) -> Duration {
        self.tail.last_sync()
    }

    /// Whether the journal is still this writer's: to be asked now and then by one that is idle.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] or [`JournalError::Stopped`] when it is not, and what the disk says.
    pub fn check(&mut self) -> Result<(), JournalError> {
        self.tail.check()
    }

    /// Appends the epoch of a number, which must be the next one. When it returns, the epoch is durable and
    /// acknowledged.
    ///
    /// # Errors
    /// - [`JournalError::NotNext`] and [`JournalError::Refused`]: the epoch is not in the journal, which goes on.
    /// - [`JournalError::Failed`] and [`JournalError::Fenced`]: whether it is in the journal, only the next writer
    ///   knows. This one is dead, and says [`JournalError::Stopped`] or `Fenced` from now on.
    pub fn append(&mut self, number: u64, entry: Entry<'_>) -> Result<ChainHash, JournalError> {
        self.tail.is_live()?;
        let next = self.upper + 1;
        if number != next {
            return Err(JournalError::NotNext {
                given: number,
                next,
            });
        }
        let (plain, secret) = (entry.plain.len(), entry.secret.len());
        if plain > MAX_PLAIN_BYTES || secret > MAX_SECRET_BYTES {
            return Err(JournalError::TooLarge { plain, secret }.refused(false));
        }
        let (id, key) = self
            .keys
            .to_seal(Month::of(entry.at), self.key)
            .map_err(|error| {
                let may_pass = matches!(
                    error,
                    KeyError::Storage { .. } | KeyError::Random { .. } | KeyError::Missing { .. }
                );
                JournalError::Key(error).refused(may_pass)
            })?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)
            .map_err(|error| JournalError::Random { error }.refused(true))?;
        let content = Content {
            number,
            generation: self.tail.generation(),
            at: entry.at,
            plain: entry.plain,
            secret: entry.secret,
        };
        let encoded = self.encoder.encode(&content, nonce, (id, &key), self.chain);
        let (frame, chain) =
            encoded.map_err(|error| self.tail.failed("be compressed", error).refused(true))?;
        self.tail.append(frame, number, self.chain)?;
        self.upper = number;
        self.chain = chain;
        self.key = Some(id);
        Ok(chain)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({} at epoch {})", self.journal, self.upper)
    }
}

/// Keeps every other service of this machine off the journal, for as long as the guard lives.
pub(super) fn lock(storage: &dyn Storage, holder: &str) -> Result<Box<dyn Guard>, JournalError> {
    match storage
        .lock(LOCK, holder)
        .map_err(failed(storage, "be locked", LOCK))?
    {
        Locking::Held(lock) => Ok(lock),
        Locking::Busy(note) => Err(JournalError::Locked {
            place: storage.place(LOCK),
            holder: if note.is_empty() {
                "which has just started".to_owned()
            } else {
                note
            },
        }),
    }
}

/// Who this is, for whoever finds the lock taken.
pub(super) fn holder() -> String {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let since = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    format!("process {} since {}", std::process::id(), clock_text(since))
}
