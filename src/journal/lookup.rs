//! Single epochs by their number: what somebody reads who asks for the rows behind an alert.
//!
//! In: the number of an epoch. Out: the epoch, opened. Must hold: a look-up reads headers up to the epoch, once a segment, and
//! then the epoch alone; memory is bounded. The chain is not checked - [`super::JournalReader::verify`] does - but
//! what is given was sealed under its header with a key of this journal.

use std::collections::VecDeque;
use std::sync::Arc;

use super::chain::ChainHash;
use super::claim::failed;
use super::error::JournalError;
use super::frame::{Frame, HEADER_BYTES, Header};
use super::keys::Keys;
use super::lineage::{Lineage, Link};
use super::reader::Opener;
use super::segment;
use super::storage::Storage;
use super::walk::Raw;

/// Segments whose offsets are kept.
const SEGMENTS_KEPT: usize = 32;

/// Where the epochs of a segment begin, as far as they were looked for.
struct Offsets {
    name: String,
    first: u64,
    /// Of each epoch from the first on.
    starts: Vec<u64>,
    /// Where the one after them would begin.
    end: u64,
}

/// Finds epochs in a journal, beside its writer or without one.
pub struct EpochLookup {
    storage: Arc<dyn Storage>,
    opener: Opener,
    /// The segments, as they were when an epoch was last not found.
    links: Vec<Link>,
    /// The one that was asked for last is the last.
    offsets: VecDeque<Offsets>,
}

impl EpochLookup {
    /// Looks epochs of the journal in a storage up.
    ///
    /// # Errors
    /// When the system gives no memory to decompress into.
    pub fn new(storage: Arc<dyn Storage>, keys: Arc<Keys>) -> Result<Self, JournalError> {
        Ok(Self {
            opener: Opener::new(keys, &*storage)?,
            storage,
            links: Vec::new(),
            offsets: VecDeque::new(),
        })
    }

    /// The epoch of a number; nothing where the journal has none.
    ///
    /// # Errors
    /// When the segments do not make a journal up, cannot be read, or the epoch does not open.
    pub fn find(&mut self, epoch: u64) -> Result<Option<Frame>, JournalError> {
        if let Some(frame) = self.find_in_known(epoch)? {
            return Ok(Some(frame));
        }
        // A segment may have been added, or a newer writer have taken over.
        self.links = Lineage::read(&*self.storage)?.links;
        self.offsets.clear();
        self.find_in_known(epoch)
    }

    fn find_in_known(&mut self, epoch: u64) -> Result<Option<Frame>, JournalError> {
        let after = self
            .links
            .partition_point(|link| link.header.first <= epoch);
        let Some(link) = after.checked_sub(1).map(|place| self.links[place]) else {
            return Ok(None);
        };
        let name = link.header.id.name();
        let mut offsets = self.offsets_of(&link, name);
        let found = offsets.find(&*self.storage, epoch, link.end);
        let start = found.map_err(failed(&*self.storage, "be read", &offsets.name));
        let place = self.storage.place(&offsets.name);
        let read = start.and_then(|start| match start {
            Some(start) => self.read(&offsets.name, &place, (epoch, start)),
            None => Ok(None),
        });
        self.offsets.push_back(offsets);
        if self.offsets.len() > SEGMENTS_KEPT {
            self.offsets.pop_front();
        }
        read
    }

    /// What is known of a segment, taken out.
    fn offsets_of(&mut self, link: &Link, name: String) -> Offsets {
        let known = self.offsets.iter().position(|known| known.name == name);
        known
            .and_then(|place| self.offsets.remove(place))
            .unwrap_or_else(|| Offsets {
                name,
                first: link.header.first,
                starts: Vec::new(),
                end: segment::HEADER_BYTES as u64,
            })
    }

    fn read(
        &mut self,
        name: &str,
        place: &str,
        (epoch, start): (u64, u64),
    ) -> Result<Option<Frame>, JournalError> {
        let storage = self.storage.clone();
        let unreadable = |error| failed(&*storage, "be read", name)(error);
        let mut head = [0; HEADER_BYTES];
        let read = storage
            .read_at(name, start, &mut head)
            .map_err(unreadable)?;
        let header = Header::decode(&head[..read]).filter(|header| header.number == epoch);
        let Some(header) = header else {
            return Ok(None);
        };
        let mut bytes = vec![0; header.frame_bytes()];
        let read = storage
            .read_at(name, start, &mut bytes)
            .map_err(unreadable)?;
        if read < bytes.len() {
            // It is being written.
            return Ok(None);
        }
        let chain = bytes.last_chunk().copied().unwrap_or_default();
        let raw = Raw {
            header,
            offset: start,
            bytes: &bytes,
            chain: ChainHash(chain),
        };
        self.opener.open(&raw, place).map(Some)
    }
}

impl Offsets {
    /// Where an epoch begins, once the headers before it are read.
    fn find(
        &mut self,
        storage: &dyn Storage,
        epoch: u64,
        end: Option<u64>,
    ) -> std::io::Result<Option<u64>> {
        let place = usize::try_from(epoch - self.first).unwrap_or(usize::MAX);
        while self.starts.len() <= place {
            let mut head = [0; HEADER_BYTES];
            let read = storage.read_at(&self.name, self.end, &mut head)?;
            let expected = self.first + self.starts.len() as u64;
            let header = Header::decode(&head[..read]);
            let is_next = |header: &Header| {
                let after = self.end + header.frame_bytes() as u64;
                header.number == expected && end.is_none_or(|end| after <= end)
            };
            let Some(header) = header.filter(is_next) else {
                return Ok(None);
            };
            self.starts.push(self.end);
            self.end += header.frame_bytes() as u64;
        }
        Ok(self.starts.get(place).copied())
    }
}
