//! The tail: where frames are appended, and how each failure of it ends.
//!
//! In: the bytes of a frame. Out: whether it is acknowledged. Must hold: a frame that is refused leaves the
//! segment as it was; after a failed sync, or a failure to take back what was refused, nothing more is written.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::chain::{ChainHash, JournalId};
use super::claim::{self, Claim};
use super::end::End;
use super::error::JournalError;
use super::segment::{HEADER_BYTES, Header, SegmentId};
use super::storage::Storage;

/// The newest segment, as its writer knows it.
pub(super) struct Tail {
    storage: Arc<dyn Storage>,
    claim: Claim,
    segment_bytes: u64,
    journal: JournalId,
    /// The segment that was written last, by this writer or one before.
    segment: SegmentId,
    /// Where it ends.
    end: u64,
    state: State,
    /// How long the last sync of a frame took.
    last_sync: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Live,
    Fenced,
    Stopped,
}

impl Tail {
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        claim: Claim,
        end: &End,
        segment_bytes: u64,
    ) -> Self {
        Self {
            storage,
            claim,
            segment_bytes,
            journal: end.journal,
            segment: end.segment,
            end: end.offset,
            state: State::Live,
            last_sync: Duration::ZERO,
        }
    }

    /// How long the last sync of a frame took.
    pub(super) fn last_sync(&self) -> Duration {
        self.last_sync
    }

    pub(super) fn generation(&self) -> u64 {
        self.claim.generation
    }

    /// An error unless this writer may still write, as far as it knows.
    pub(super) fn is_live(&self) -> Result<(), JournalError> {
        match self.state {
            State::Live => Ok(()),
            State::Fenced => Err(self.fenced()),
            State::Stopped => Err(JournalError::Stopped),
        }
    }

    /// An error unless the journal is still this writer's.
    pub(super) fn check(&mut self) -> Result<(), JournalError> {
        self.is_live()?;
        if self.claim.holds(&*self.storage)? {
            return Ok(());
        }
        self.state = State::Fenced;
        Err(self.fenced())
    }

    /// Appends a frame, given the number of its epoch and the chain before it; returns when it is acknowledged.
    pub(super) fn append(
        &mut self,
        frame: &[u8],
        number: u64,
        before: ChainHash,
    ) -> Result<(), JournalError> {
        let length = frame.len() as u64;
        let is_own = self.segment.generation == self.claim.generation;
        let is_full = self.end + length > self.segment_bytes && self.end > HEADER_BYTES as u64;
        if !is_own || is_full {
            self.begin_segment(number, before)?;
        }
        let name = self.segment.name();
        if let Err(error) = self.storage.append(&name, frame) {
            return Err(self.take_back(&name, self.end, "be appended to", error));
        }
        let began = Instant::now();
        let synced = self.storage.sync(&name);
        self.last_sync = began.elapsed();
        if let Err(error) = synced {
            // Not to be read by the next writer out of what the system remembers. If this fails too, that
            // writer settles the file before it reads it.
            let _ = self.storage.truncate(&name, self.end);
            return Err(self.stop("make an epoch durable", &name, error));
        }
        match self.check() {
            // Without its claim, it does not know whether another has begun.
            Err(JournalError::Storage { error, .. }) => {
                Err(self.stop("tell whether another service has begun", &name, error))
            }
            Err(error) => Err(error),
            Ok(()) => {
                self.end += length;
                Ok(())
            }
        }
    }

    /// Begins a segment of this writer's generation behind the last one.
    pub(super) fn begin_segment(
        &mut self,
        first: u64,
        chain: ChainHash,
    ) -> Result<(), JournalError> {
        let id = SegmentId {
            generation: self.claim.generation,
            number: self.segment.number + 1,
        };
        let header = Header {
            journal: self.journal,
            id,
            first,
            continues_generation: self.segment.generation,
            continues_at: self.end,
            chain,
        };
        let name = id.name();
        let made = match self.storage.create(&name) {
            // What an earlier try of this writer left: no other has this generation.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.storage.truncate(&name, 0)
            }
            made => made,
        };
        made.map_err(|error| {
            self.failed_at(&name, "begin a segment", error)
                .refused(true)
        })?;
        if let Err(error) = self.storage.append(&name, &header.encode()) {
            return Err(self.take_back(&name, 0, "begin a segment", error));
        }
        let synced = self
            .storage
            .sync(&name)
            .and_then(|()| self.storage.sync_directory());
        if let Err(error) = synced {
            return Err(self.stop("make a segment durable", &name, error));
        }
        self.segment = id;
        self.end = HEADER_BYTES as u64;
        Ok(())
    }

    /// Takes back what was written in part, so that the next try starts where this one did. It is synced,
    /// since a crash during the next try must not leave parts of both.
    fn take_back(
        &mut self,
        name: &str,
        end: u64,
        doing: &'static str,
        error: io::Error,
    ) -> JournalError {
        let taken = self
            .storage
            .truncate(name, end)
            .and_then(|()| self.storage.sync(name));
        match taken {
            Ok(()) => self.failed_at(name, doing, error).refused(true),
            Err(_) => self.stop("take back what it wrote in part", name, error),
        }
    }

    fn stop(&mut self, doing: &'static str, name: &str, error: io::Error) -> JournalError {
        self.state = State::Stopped;
        JournalError::Failed {
            doing,
            place: self.storage.place(name),
            error,
        }
    }

    /// An error of something that is done for the newest segment.
    pub(super) fn failed(&self, doing: &'static str, error: io::Error) -> JournalError {
        self.failed_at(&self.segment.name(), doing, error)
    }

    fn failed_at(&self, name: &str, doing: &'static str, error: io::Error) -> JournalError {
        claim::failed(&*self.storage, doing, name)(error)
    }

    fn fenced(&self) -> JournalError {
        JournalError::Fenced {
            generation: self.claim.generation,
        }
    }
}
