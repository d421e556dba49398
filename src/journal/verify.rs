//! The check of a whole journal.

use std::sync::Arc;

use super::chain::{ChainHash, JournalId};
use super::error::JournalError;
use super::keys::Keys;
use super::lineage::Lineage;
use super::reader::Opener;
use super::storage::Storage;
use super::walk::{Unfinished, Walk};

/// A journal in which everything is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Which.
    pub journal: JournalId,
    /// The number of its last epoch.
    pub upper: u64,
    /// The chain up to it: compare it with one that was noted elsewhere, to know that nothing was rewritten.
    pub chain: ChainHash,
    /// Segments that make it up.
    pub segments: u64,
    /// Epochs whose key is destroyed: their chain was checked, their rows are gone.
    pub erased: u64,
    /// What follows the last epoch. While a service runs, it is an epoch that is being written; after a crash, one
    /// that was never acknowledged, until the service runs again. After an orderly end there is none: then it is
    /// damage.
    pub unfinished: Option<Unfinished>,
    /// Files of segments that are no part of it: left by services that died while they started one, or were
    /// superseded.
    pub void: Vec<String>,
}

/// Checks everything: each segment, each frame, the chain, and that what is sealed opens.
pub(super) fn verify(
    storage: &Arc<dyn Storage>,
    keys: &Arc<Keys>,
    mut each: impl FnMut(u64, ChainHash),
) -> Result<Verified, JournalError> {
    let lineage = Lineage::read(&**storage)?;
    let absent = || JournalError::Absent {
        place: storage.place(""),
    };
    let mut opener = Opener::new(keys.clone(), &**storage)?;
    let mut erased = 0;
    let mut verified = None;
    for (at, link) in lineage.links.iter().enumerate() {
        let mut walk = Walk::new(storage.clone(), &link.header, link.end);
        let place = walk.place();
        while let Some(raw) = walk.next()? {
            let frame = opener.open(&raw, &place)?;
            erased += u64::from(frame.secret.is_none());
            each(frame.number, raw.chain);
        }
        if let Some(next) = lineage.links.get(at + 1) {
            walk.meets(next)?;
        }
        let (next, chain) = walk.position();
        verified = Some(Verified {
            journal: link.header.journal,
            upper: next - 1,
            chain,
            segments: at as u64 + 1,
            erased,
            unfinished: walk.into_unfinished(),
            void: Vec::new(),
        });
    }
    let mut verified = verified.ok_or_else(absent)?;
    verified.void = lineage.void;
    Ok(verified)
}
