//! A segment: the header of a file of frames, and its name.
//!
//! A header says which segment it continues and where that one ends. So what a dead or superseded writer
//! left behind that end is void, whenever it reaches the disk, and nothing has to be cut off.

use super::chain::{ChainHash, JournalId};

/// The version of the format that is written.
pub(super) const VERSION: u32 = 1;
/// Bytes of a header.
pub(super) const HEADER_BYTES: usize = 112;
const MAGIC: &[u8; 8] = b"fwjournl";
const SUFFIX: &str = ".segment";

/// Which segment: the number in the journal, and the generation of the writer that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentId {
    pub(super) generation: u64,
    pub(super) number: u64,
}

impl SegmentId {
    pub(super) fn name(self) -> String {
        format!("{:010}-{:010}{SUFFIX}", self.number, self.generation)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        let (number, generation) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        let id = Self {
            generation: generation.parse().ok()?,
            number: number.parse().ok()?,
        };
        (id.name() == name).then_some(id)
    }
}

/// What a segment begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) journal: JournalId,
    pub(super) id: SegmentId,
    /// The number of its first epoch, if it has any.
    pub(super) first: u64,
    /// The generation of the segment before, whose number is one less; 0 in the first.
    pub(super) continues_generation: u64,
    /// Where the segment before ends; 0 in the first.
    pub(super) continues_at: u64,
    /// The chain before its first epoch.
    pub(super) chain: ChainHash,
}

/// Bytes that are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoHeader {
    /// They are damaged, or were never written whole.
    Damaged,
    /// They are of a later format.
    Later(u32),
}

impl Header {
    /// The segment that this one continues.
    pub(super) fn continues(&self) -> Option<SegmentId> {
        (self.id.number > 1).then(|| SegmentId {
            generation: self.continues_generation,
            number: self.id.number - 1,
        })
    }

    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.journal.0);
        bytes[32..40].copy_from_slice(&self.id.number.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.id.generation.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.first.to_le_bytes());
        bytes[56..64].copy_from_slice(&self.continues_generation.to_le_bytes());
        bytes[64..72].copy_from_slice(&self.continues_at.to_le_bytes());
        bytes[72..104].copy_from_slice(&self.chain.0);
        let checksum = crc32fast::hash(&bytes[..108]);
        bytes[108..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, NoHeader> {
        let number = |at: usize| {
            u64::from_le_bytes(
                bytes[at..at + 8]
                    .try_into()
                    .expect("8 bytes of a longer array"),
            )
        };
        let short = |at: usize| {
            u32::from_le_bytes(
                bytes[at..at + 4]
                    .try_into()
                    .expect("4 bytes of a longer array"),
            )
        };
        if !bytes.starts_with(MAGIC) || short(108) != crc32fast::hash(&bytes[..108]) {
            return Err(NoHeader::Damaged);
        }
        if short(8) > VERSION {
            return Err(NoHeader::Later(short(8)));
        }
        let header = Self {
            journal: JournalId(bytes[16..32].try_into().expect("16 bytes")),
            id: SegmentId {
                generation: number(40),
                number: number(32),
            },
            first: number(48),
            continues_generation: number(56),
            continues_at: number(64),
            chain: ChainHash(bytes[72..104].try_into().expect("32 bytes")),
        };
        // Also refuses what the format leaves zero.
        let is_sound = header.encode() == *bytes && header.id.number > 0 && header.first > 0;
        is_sound.then_some(header).ok_or(NoHeader::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            journal: JournalId([3; 16]),
            id: SegmentId {
                generation: 4,
                number: 7,
            },
            first: 90,
            continues_generation: 2,
            continues_at: 5000,
            chain: ChainHash([9; 32]),
        }
    }

    #[test]
    fn a_header_reads_back_and_damage_does_not() {
        let bytes = header().encode();
        assert_eq!(Header::decode(&bytes), Ok(header()));
        for bit in 0..HEADER_BYTES * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&bytes), Err(NoHeader::Damaged), "bit {bit}");
        }
        let mut later = bytes;
        later[8] = 2;
        let checksum = crc32fast::hash(&later[..108]);
        later[108..].copy_from_slice(&checksum.to_le_bytes());
        assert_eq!(Header::decode(&later), Err(NoHeader::Later(2)));
    }

    #[test]
    fn a_name_says_which_segment_and_other_names_do_not() {
        let id = header().id;
        assert_eq!(id.name(), "0000000007-0000000004.segment");
        assert_eq!(SegmentId::from_name(&id.name()), Some(id));
        for name in [
            "7-4.segment",
            "0000000007-0000000004.segment.new",
            "lock",
            "-.segment",
        ] {
            assert_eq!(SegmentId::from_name(name), None, "{name}");
        }
    }
}
