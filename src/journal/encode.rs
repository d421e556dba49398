//! From an epoch to the bytes of its frame: compressed, sealed, chained.

use std::io;

use zstd::bulk::Compressor;

use super::chain::ChainHash;
use super::frame::{HEADER_BYTES, Header, TRAILER_BYTES};
use super::key::KeyId;
use super::seal::{NONCE_BYTES, SealingKey, TAG_BYTES};

/// The fastest level: an epoch is compressed while somebody waits for its acknowledgement.
const LEVEL: i32 = 1;
/// A buffer that one large epoch made larger than this is given back.
const LARGEST_KEPT: usize = 32 << 20;

/// Makes frames, in a buffer that is used again.
pub(super) struct Encoder {
    compressor: Compressor<'static>,
    buffer: Vec<u8>,
}

/// What a frame is made of.
pub(super) struct Content<'a> {
    pub(super) number: u64,
    pub(super) generation: u64,
    pub(super) at: i64,
    pub(super) plain: &'a [u8],
    pub(super) secret: &'a [u8],
}

impl Encoder {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            compressor: Compressor::new(LEVEL)?,
            buffer: Vec::new(),
        })
    }

    /// The bytes of a frame, and the chain with it. Both parts must be within their limits.
    pub(super) fn encode(
        &mut self,
        content: &Content<'_>,
        nonce: [u8; NONCE_BYTES],
        (id, key): (KeyId, &SealingKey),
        before: ChainHash,
    ) -> io::Result<(&[u8], ChainHash)> {
        let Content { plain, secret, .. } = content;
        let start = HEADER_BYTES + plain.len();
        let bound = zstd::zstd_safe::compress_bound(secret.len());
        self.buffer.clear();
        self.buffer.shrink_to(LARGEST_KEPT);
        self.buffer
            .resize(start + bound + TAG_BYTES + TRAILER_BYTES, 0);
        self.buffer[HEADER_BYTES..start].copy_from_slice(plain);
        let compressed = &mut self.buffer[start..start + bound];
        let compressed = self.compressor.compress_to_buffer(secret, compressed)?;
        let short = |bytes: usize| u32::try_from(bytes).expect("within the limits, which fit");
        let header = Header {
            number: content.number,
            generation: content.generation,
            at: content.at,
            key: id,
            nonce,
            plain_bytes: short(plain.len()),
            sealed_bytes: short(compressed + TAG_BYTES),
            secret_bytes: short(secret.len()),
        };
        self.buffer[..HEADER_BYTES].copy_from_slice(&header.encode());
        self.buffer.truncate(start + compressed);
        let (authenticated, data) = self.buffer.split_at_mut(start);
        let tag = key.seal(&nonce, authenticated, data);
        self.buffer.extend_from_slice(&tag);
        let checksum = crc32fast::hash(&self.buffer[HEADER_BYTES..]);
        self.buffer.extend_from_slice(&checksum.to_le_bytes());
        let chain = before.then(&self.buffer);
        self.buffer.extend_from_slice(&chain.0);
        Ok((&self.buffer, chain))
    }
}
