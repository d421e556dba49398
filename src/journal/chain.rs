//! The hash chain: what a journal has held up to a frame, in 32 bytes.
//!
//! Must hold: two journals with the same hash at an epoch held the same bytes up to it. The hash is over
//! what is stored, which is sealed, so that it can be checked without keys and after they are destroyed.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// Which journal: 16 random bytes, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct JournalId(pub [u8; 16]);

/// The chain up to a frame; written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// The chain of a journal before its first frame.
    pub(super) fn before_all(journal: JournalId) -> Self {
        let digest = Sha256::new()
            .chain_update(b"fundwatch journal\0")
            .chain_update(journal.0);
        Self(digest.finalize().into())
    }

    /// The chain with one frame more: all bytes of it that stand before its hash.
    pub(super) fn then(self, frame: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(self.0).chain_update(frame);
        Self(digest.finalize().into())
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
