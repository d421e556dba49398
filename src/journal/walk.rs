//! A walk through the frames of a segment.
//!
//! In: a segment, and where it ends if another continues it. Out: its frames in order, each checked against its
//! checksums, its number and the chain. Must hold: the walk ends without an error only where every
//! acknowledged frame has been seen. What follows the last whole frame of the last segment is unfinished, and
//! left out, only if it can be the one frame that is being written, or was when a writer died.

use std::sync::Arc;

use super::chain::ChainHash;
use super::claim::failed;
use super::error::JournalError;
use super::frame::{self, HEADER_BYTES, stated_chain};
use super::lineage::Link;
use super::segment;
use super::storage::Storage;
use super::window::Window;

/// Bytes that are searched at once for a later frame.
const SEARCH: usize = 1 << 20;

/// What follows the last whole frame: the start of one that was never acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The segment.
    pub place: String,
    /// Where in it.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Where a walk is.
pub(super) struct Walk {
    window: Window,
    generation: u64,
    end: Option<u64>,
    offset: u64,
    next: u64,
    chain: ChainHash,
    unfinished: Option<Unfinished>,
}

/// A frame that was checked, still sealed.
pub(super) struct Raw<'a> {
    pub(super) header: frame::Header,
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
    pub(super) chain: ChainHash,
}

/// What is at a place.
enum Look {
    Nothing,
    Whole(frame::Header, ChainHash),
    /// Not whole, or changed since it was written.
    Broken(&'static str),
    /// Whole, but not what has to stand here.
    Wrong(&'static str),
}

impl Walk {
    /// A walk from the first frame of a segment; to `end`, where another segment continues it.
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        header: &segment::Header,
        end: Option<u64>,
    ) -> Self {
        Self {
            window: Window::new(storage, header.id.name()),
            generation: header.id.generation,
            end,
            offset: segment::HEADER_BYTES as u64,
            next: header.first,
            chain: header.chain,
            unfinished: None,
        }
    }

    /// The number of the frame that comes next, and the chain before it.
    pub(super) fn position(&self) -> (u64, ChainHash) {
        (self.next, self.chain)
    }

    /// Where the frames end that were walked.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn place(&self) -> String {
        self.window.storage().place(self.window.name())
    }

    /// What is left out at the end, once the walk is through.
    pub(super) fn into_unfinished(self) -> Option<Unfinished> {
        self.unfinished
    }

    /// The next frame, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Raw<'_>>, JournalError> {
        let mut look = self.look()?;
        if let (Look::Broken(_), None) = (&look, self.end) {
            if !self.is_followed()? {
                let length = self.length()?;
                if length > self.offset {
                    self.unfinished = Some(Unfinished {
                        place: self.place(),
                        offset: self.offset,
                        bytes: length - self.offset,
                    });
                }
                return Ok(None);
            }
            // A writer may have completed it, and written the next, after it was read: read it again.
            self.window.forget();
            look = self.look()?;
        }
        let (header, chain) = match look {
            Look::Nothing => return Ok(None),
            Look::Whole(header, chain) => (header, chain),
            Look::Broken(what) | Look::Wrong(what) => return Err(self.damaged(what)),
        };
        let offset = self.offset;
        self.offset += header.frame_bytes() as u64;
        self.next += 1;
        self.chain = chain;
        let failed = failed(self.window.storage(), "be read", self.window.name());
        let bytes = self
            .window
            .get(offset, header.frame_bytes())
            .map_err(failed)?;
        Ok(Some(Raw {
            header,
            offset,
            bytes,
            chain,
        }))
    }

    /// An error unless the segment that follows begins where this one ended.
    pub(super) fn meets(&self, next: &Link) -> Result<(), JournalError> {
        if (next.header.first, next.header.chain) == self.position() {
            return Ok(());
        }
        Err(self.damaged("the segment that follows does not continue the chain"))
    }

    /// The damage at the place where the walk is.
    pub(super) fn damaged(&self, what: &'static str) -> JournalError {
        JournalError::Damaged {
            place: self.place(),
            offset: self.offset,
            epoch: self.next,
            what,
        }
    }

    fn look(&mut self) -> Result<Look, JournalError> {
        const CUT: &str = "the frame is cut short";
        if self.end == Some(self.offset) {
            return Ok(Look::Nothing);
        }
        let (generation, next, before) = (self.generation, self.next, self.chain);
        let left = self.end.map(|end| end - self.offset);
        let start = self.get(self.offset, HEADER_BYTES)?;
        if start.is_empty() && left.is_none() {
            return Ok(Look::Nothing);
        }
        if start.len() < HEADER_BYTES {
            return Ok(Look::Broken(CUT));
        }
        let Some(header) = frame::Header::decode(start) else {
            return Ok(Look::Broken(
                "the header of the frame does not have its checksum",
            ));
        };
        let length = header.frame_bytes();
        if left.is_some_and(|left| length as u64 > left) {
            return Ok(Look::Broken(
                "the frame does not end where its segment does",
            ));
        }
        if header.generation != generation {
            return Ok(Look::Wrong(
                "the frame is of another generation than its segment",
            ));
        }
        if header.number != next {
            return Ok(Look::Wrong("the frame is of another epoch"));
        }
        let frame = self.get(self.offset, length)?;
        if frame.len() < length {
            return Ok(Look::Broken(CUT));
        }
        if !header.matches(frame) {
            return Ok(Look::Broken("the frame does not have its checksum"));
        }
        let (stated, covered) = stated_chain(frame);
        let chain = before.then(covered);
        Ok(if chain == stated {
            Look::Whole(header, chain)
        } else {
            // The chain is the last of a frame to be written, and the checksum does not cover it.
            Look::Broken("the frame does not continue the chain of the epochs before it")
        })
    }

    /// Whether something follows the frame at hand that was written after it. A writer syncs each frame before
    /// the next one, and what it takes back too: so only the last frame of all can be unfinished.
    fn is_followed(&mut self) -> Result<bool, JournalError> {
        let length = self.length()?;
        let start = self.get(self.offset, HEADER_BYTES)?;
        if let Some(header) = frame::Header::decode(start) {
            return Ok(length > self.offset + header.frame_bytes() as u64);
        }
        let (next, generation) = (self.next, self.generation);
        let follows =
            |header: frame::Header| header.number >= next && header.generation == generation;
        let mut offset = self.offset + 1;
        while offset + (HEADER_BYTES as u64) <= length {
            let bytes = self.get(offset, SEARCH)?;
            for at in memchr::memmem::find_iter(bytes, &frame::MAGIC) {
                if frame::Header::decode(&bytes[at..]).is_some_and(follows) {
                    return Ok(true);
                }
            }
            offset += (SEARCH - HEADER_BYTES + 1) as u64;
        }
        Ok(false)
    }

    fn length(&self) -> Result<u64, JournalError> {
        let storage = self.window.storage();
        storage
            .length(self.window.name())
            .map_err(failed(storage, "be read", self.window.name()))
    }

    fn get(&mut self, offset: u64, length: usize) -> Result<&[u8], JournalError> {
        let failed = failed(self.window.storage(), "be read", self.window.name());
        self.window.get(offset, length).map_err(failed)
    }
}
