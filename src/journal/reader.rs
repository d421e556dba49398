//! The reader: epochs from any number on, beside a writer or without one.
//!
//! In: a directory of segments, which is not written. Out: epochs in order, checked. Must hold: it opens only the
//! segments that it needs, and gives nothing that does not continue the chain. Beside a writer it may give an
//! epoch that is not acknowledged yet, and, while a newer writer takes over, one that never will be:
//! [`JournalReader::continue_from`] tells.

use std::collections::VecDeque;
use std::sync::Arc;

use zstd::bulk::Decompressor;

use super::chain::{ChainHash, JournalId};
use super::claim::failed;
use super::error::JournalError;
use super::frame::{Frame, HEADER_BYTES, TRAILER_BYTES};
use super::keys::Keys;
use super::lineage::{Lineage, Link};
use super::seal::TAG_BYTES;
use super::storage::Storage;
use super::verify::{Verified, verify};
use super::walk::{Raw, Unfinished, Walk};

/// Reads a journal.
#[derive(Clone)]
pub struct JournalReader {
    storage: Arc<dyn Storage>,
    keys: Arc<Keys>,
    journal: JournalId,
}

impl JournalReader {
    /// A reader of the journal in a storage. It takes no lock, and writes nothing.
    ///
    /// # Errors
    /// [`JournalError::Absent`] when there is no journal, and when its segments do not make one up.
    pub fn open(storage: Arc<dyn Storage>, keys: Arc<Keys>) -> Result<Self, JournalError> {
        let lineage = Lineage::read(&*storage)?;
        match lineage.links.last() {
            Some(newest) => Ok(Self {
                journal: newest.header.journal,
                storage,
                keys,
            }),
            None => Err(JournalError::Absent {
                place: storage.place(""),
            }),
        }
    }

    /// Which journal it is.
    pub fn journal(&self) -> JournalId {
        self.journal
    }

    /// The number of the last whole epoch, 0 if there is none, and the chain up to it.
    ///
    /// # Errors
    /// As the newest segment has them.
    pub fn upper(&self) -> Result<(u64, ChainHash), JournalError> {
        let lineage = Lineage::read(&*self.storage)?;
        let Some(newest) = lineage.links.last() else {
            return Err(JournalError::Absent {
                place: self.storage.place(""),
            });
        };
        let mut walk = Walk::new(self.storage.clone(), &newest.header, None);
        while walk.next()?.is_some() {}
        let (next, chain) = walk.position();
        Ok((next - 1, chain))
    }

    /// The epochs from a number on, up to the last whole one; none when the journal ends before. When they are
    /// through, more may have been written: ask again.
    ///
    /// # Errors
    /// When the segments do not make a journal up; each epoch may be an error too, which is then the last.
    pub fn frames(&self, from: u64) -> Result<Frames, JournalError> {
        self.frames_after(from.max(1), None)
    }

    /// The epochs after one that was read, if it is still part of the journal.
    ///
    /// # Errors
    /// As [`JournalReader::frames`]; [`JournalError::Superseded`] as the first, when another was written in its
    /// place.
    pub fn continue_from(&self, after: &Frame) -> Result<Frames, JournalError> {
        self.frames_after(after.number + 1, Some(after.chain))
    }

    fn frames_after(&self, from: u64, chain: Option<ChainHash>) -> Result<Frames, JournalError> {
        let lineage = Lineage::read(&*self.storage)?;
        Ok(Frames {
            opener: Opener::new(self.keys.clone(), &*self.storage)?,
            storage: self.storage.clone(),
            links: lineage.from(from).iter().copied().collect(),
            walk: None,
            from,
            chain,
            unfinished: None,
        })
    }

    /// Reads everything, opens all that is sealed, and reports what the journal is.
    ///
    /// # Errors
    /// The first thing that is wrong, with its segment, place and epoch.
    pub fn verify(&self) -> Result<Verified, JournalError> {
        self.verify_each(|_, _| {})
    }

    /// The same, and gives the number of each epoch and the chain up to it to `each`.
    ///
    /// # Errors
    /// As [`JournalReader::verify`].
    pub fn verify_each(&self, each: impl FnMut(u64, ChainHash)) -> Result<Verified, JournalError> {
        verify(&self.storage, &self.keys, each)
    }
}

/// Epochs in order. After an error there are no more.
pub struct Frames {
    storage: Arc<dyn Storage>,
    opener: Opener,
    links: VecDeque<Link>,
    walk: Option<Walk>,
    from: u64,
    /// What the chain before `from` has to be.
    chain: Option<ChainHash>,
    unfinished: Option<Unfinished>,
}

impl Frames {
    /// What follows the last epoch, when they are through: one that is being written, or was when a writer died.
    pub fn unfinished(&self) -> Option<&Unfinished> {
        self.unfinished.as_ref()
    }

    fn step(&mut self) -> Result<Option<Frame>, JournalError> {
        loop {
            let Some(walk) = &mut self.walk else {
                let Some(link) = self.links.pop_front() else {
                    return Ok(None);
                };
                self.walk = Some(Walk::new(self.storage.clone(), &link.header, link.end));
                continue;
            };
            let (next, before) = walk.position();
            if next == self.from
                && let Some(chain) = self.chain.take()
                && chain != before
            {
                return Err(JournalError::Superseded {
                    epoch: self.from - 1,
                });
            }
            let place = walk.place();
            if let Some(raw) = walk.next()? {
                if raw.header.number < self.from {
                    continue;
                }
                return self.opener.open(&raw, &place).map(Some);
            }
            if let Some(next) = self.links.front() {
                walk.meets(next)?;
            } else if self.chain.is_some() {
                // The journal ends before the epoch that was read.
                return Err(JournalError::Superseded { epoch: next });
            }
            self.unfinished = self.walk.take().and_then(Walk::into_unfinished);
        }
    }
}

impl Iterator for Frames {
    type Item = Result<Frame, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let stepped = self.step();
        if stepped.is_err() {
            self.walk = None;
            self.links.clear();
        }
        stepped.transpose()
    }
}

/// Opens what is sealed in frames.
pub(super) struct Opener {
    keys: Arc<Keys>,
    decompressor: Decompressor<'static>,
}

impl Opener {
    pub(super) fn new(keys: Arc<Keys>, storage: &dyn Storage) -> Result<Self, JournalError> {
        let decompressor = Decompressor::new();
        Ok(Self {
            keys,
            decompressor: decompressor.map_err(failed(storage, "be decompressed", ""))?,
        })
    }

    /// The epoch of a frame in the segment of a place.
    pub(super) fn open(&mut self, raw: &Raw<'_>, place: &str) -> Result<Frame, JournalError> {
        let header = &raw.header;
        let plain_end = HEADER_BYTES + header.plain_bytes as usize;
        let (plain, sealed) = raw.bytes[..raw.bytes.len() - TRAILER_BYTES].split_at(plain_end);
        let secret = match self.keys.to_open(header.key)? {
            None => None,
            Some(key) => {
                let unsealed = || JournalError::Unsealed {
                    place: place.to_owned(),
                    offset: raw.offset,
                    epoch: header.number,
                    month: header.key.month,
                };
                let (sealed, tag) = sealed
                    .split_last_chunk::<TAG_BYTES>()
                    .ok_or_else(unsealed)?;
                let mut data = sealed.to_vec();
                key.open(&header.nonce, plain, &mut data, tag)
                    .map_err(|_| unsealed())?;
                let length = header.secret_bytes as usize;
                let secret = self.decompressor.decompress(&data, length);
                let secret = secret.ok().filter(|secret| secret.len() == length);
                Some(secret.ok_or_else(unsealed)?)
            }
        };
        Ok(Frame {
            number: header.number,
            at: header.at,
            plain: plain[HEADER_BYTES..].to_vec(),
            secret,
            generation: header.generation,
            chain: raw.chain,
        })
    }
}
