//! A frame: one epoch on the disk, and as a reader gets it.
//!
//! Must hold: no length is believed before the checksum of the header holds, and none that is over its
//! limit; nothing is allocated by a length that is not.

use std::fmt;

use super::chain::ChainHash;
use super::key::KeyId;
use super::month::Month;
use super::seal::{NONCE_BYTES, TAG_BYTES};

/// The most that an epoch may hold in plain, in bytes.
pub const MAX_PLAIN_BYTES: usize = 8 << 20;
/// The most that an epoch may hold sealed, in bytes before they are compressed.
pub const MAX_SECRET_BYTES: usize = 128 << 20;

pub(super) const MAGIC: [u8; 4] = *b"FWe1";
/// Bytes before the plain part.
pub(super) const HEADER_BYTES: usize = 84;
/// Bytes after the sealed part: a checksum, and the chain.
pub(super) const TRAILER_BYTES: usize = 4 + 32;
/// What compression may add to bytes that do not compress.
const MAX_SEALED_BYTES: usize = MAX_SECRET_BYTES + MAX_SECRET_BYTES / 128 + 1024 + TAG_BYTES;

/// An epoch as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its number: consecutive, from 1.
    pub number: u64,
    /// Its time, in nanoseconds since 1970-01-01T00:00Z.
    pub at: i64,
    /// The facts without personal data.
    pub plain: Vec<u8>,
    /// The rows; nothing when the key of its month is destroyed.
    pub secret: Option<Vec<u8>>,
    /// The generation of the writer that wrote it.
    pub generation: u64,
    /// The chain up to it.
    pub chain: ChainHash,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = self.secret.as_ref().map_or("erased", |_| "masked");
        write!(f, "Frame({} at {}, {secret})", self.number, self.at)
    }
}

/// What stands before a frame's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u64,
    pub(super) generation: u64,
    pub(super) at: i64,
    pub(super) key: KeyId,
    pub(super) nonce: [u8; NONCE_BYTES],
    pub(super) plain_bytes: u32,
    /// Compressed and sealed, with what authenticates it.
    pub(super) sealed_bytes: u32,
    /// Before it was compressed.
    pub(super) secret_bytes: u32,
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&self.plain_bytes.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.sealed_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.secret_bytes.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.number.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.generation.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.at.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.key.month.number().to_le_bytes());
        bytes[44..52].copy_from_slice(&self.key.mark);
        bytes[52..76].copy_from_slice(&self.nonce);
        let checksum = crc32fast::hash(&bytes[..80]);
        bytes[80..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The header in bytes that begin with one, if it is whole and within its limits.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
        let short = |at: usize| {
            u32::from_le_bytes(
                bytes[at..at + 4]
                    .try_into()
                    .expect("4 bytes of a longer array"),
            )
        };
        let long = |at: usize| {
            u64::from_le_bytes(
                bytes[at..at + 8]
                    .try_into()
                    .expect("8 bytes of a longer array"),
            )
        };
        if !bytes.starts_with(&MAGIC) || short(80) != crc32fast::hash(&bytes[..80]) {
            return None;
        }
        let header = Self {
            number: long(16),
            generation: long(24),
            at: long(32).cast_signed(),
            key: KeyId {
                month: Month::from_number(short(40))?,
                mark: bytes[44..52].try_into().expect("8 bytes"),
            },
            nonce: bytes[52..76].try_into().expect("24 bytes"),
            plain_bytes: short(4),
            sealed_bytes: short(8),
            secret_bytes: short(12),
        };
        let is_sound = header.encode() == *bytes
            && header.plain_bytes as usize <= MAX_PLAIN_BYTES
            && header.secret_bytes as usize <= MAX_SECRET_BYTES
            && (TAG_BYTES..=MAX_SEALED_BYTES).contains(&(header.sealed_bytes as usize));
        is_sound.then_some(header)
    }

    /// Bytes of the whole frame.
    pub(super) fn frame_bytes(&self) -> usize {
        let body = self.plain_bytes as usize + self.sealed_bytes as usize;
        HEADER_BYTES + body + TRAILER_BYTES
    }

    /// Whether the bytes of a whole frame are those that were written.
    pub(super) fn matches(&self, frame: &[u8]) -> bool {
        let body = &frame[HEADER_BYTES..frame.len() - TRAILER_BYTES];
        let trailer = &frame[frame.len() - TRAILER_BYTES..];
        crc32fast::hash(body).to_le_bytes() == trailer[..4]
    }
}

/// The chain that a whole frame states, and the bytes that it covers.
pub(super) fn stated_chain(frame: &[u8]) -> (ChainHash, &[u8]) {
    let (covered, chain) = frame
        .split_last_chunk()
        .expect("a frame ends with its chain");
    (ChainHash(*chain), covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            number: 9,
            generation: 2,
            at: -5,
            key: KeyId {
                month: Month::of(0),
                mark: [4; 8],
            },
            nonce: [6; NONCE_BYTES],
            plain_bytes: 10,
            sealed_bytes: 20,
            secret_bytes: 30,
        }
    }

    #[test]
    fn a_header_reads_back_and_damage_does_not() {
        let bytes = header().encode();
        assert_eq!(Header::decode(&bytes), Some(header()));
        assert_eq!(header().frame_bytes(), HEADER_BYTES + 30 + TRAILER_BYTES);
        for bit in 0..HEADER_BYTES * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&bytes), None, "bit {bit}");
        }
    }

    #[test]
    fn lengths_over_their_limits_are_refused() {
        let over = [
            Header {
                plain_bytes: MAX_PLAIN_BYTES as u32 + 1,
                ..header()
            },
            Header {
                secret_bytes: MAX_SECRET_BYTES as u32 + 1,
                ..header()
            },
            Header {
                sealed_bytes: u32::MAX,
                ..header()
            },
            Header {
                sealed_bytes: TAG_BYTES as u32 - 1,
                ..header()
            },
        ];
        for header in over {
            assert_eq!(Header::decode(&header.encode()), None, "{header:?}");
        }
    }

    #[test]
    fn what_does_not_compress_is_within_the_limit() {
        assert!(zstd::zstd_safe::compress_bound(MAX_SECRET_BYTES) + TAG_BYTES <= MAX_SEALED_BYTES);
    }
}
