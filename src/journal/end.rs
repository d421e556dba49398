//! The end of a journal, as the next writer finds it.
//!
//! Must hold: what is found is durable, also where an earlier writer could not make it so: the newest segment
//! is read from the disk and not from what the system remembers of it, and synced once more after it was read.

use std::sync::Arc;

use super::chain::{ChainHash, JournalId};
use super::claim::failed;
use super::error::JournalError;
use super::key::KeyId;
use super::lineage::Lineage;
use super::segment::SegmentId;
use super::storage::Storage;
use super::walk::{Unfinished, Walk};

/// Where a journal ends.
pub(super) struct End {
    pub(super) journal: JournalId,
    pub(super) upper: u64,
    pub(super) chain: ChainHash,
    pub(super) segment: SegmentId,
    pub(super) offset: u64,
    /// The key that sealed the last epoch.
    pub(super) key: Option<KeyId>,
    pub(super) unfinished: Option<Unfinished>,
}

impl End {
    /// The end of the journal of a storage; nothing when there is none.
    pub(super) fn find(storage: &Arc<dyn Storage>) -> Result<Option<Self>, JournalError> {
        let mut lineage = Lineage::read(&**storage)?;
        let link = loop {
            let Some(newest) = lineage.links.last().copied() else {
                return Ok(None);
            };
            let name = newest.header.id.name();
            storage
                .settle(&name)
                .map_err(failed(&**storage, "be settled", &name))?;
            // A header that was never durable is gone now, and an earlier segment is the newest.
            let settled = Lineage::read(&**storage)?;
            let is_same = settled
                .links
                .last()
                .is_some_and(|link| link.header == newest.header);
            lineage = settled;
            if is_same {
                break newest;
            }
        };
        let mut key = None;
        let mut walk = Walk::new(storage.clone(), &link.header, None);
        while let Some(raw) = walk.next()? {
            key = Some(raw.header.key);
        }
        let name = link.header.id.name();
        storage
            .sync(&name)
            .map_err(failed(&**storage, "be synced", &name))?;
        storage
            .sync_directory()
            .map_err(failed(&**storage, "be synced", ""))?;
        if key.is_none() {
            key = newest_key(storage, &lineage)?;
        }
        let (next, chain) = walk.position();
        Ok(Some(Self {
            journal: link.header.journal,
            upper: next - 1,
            chain,
            segment: link.header.id,
            offset: walk.offset(),
            key,
            unfinished: walk.into_unfinished(),
        }))
    }

    /// The end of a journal that is yet to be made.
    pub(super) fn of_nothing() -> Result<Self, JournalError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| JournalError::Random { error })?;
        let journal = JournalId(id);
        Ok(Self {
            journal,
            upper: 0,
            chain: ChainHash::before_all(journal),
            segment: SegmentId {
                generation: 0,
                number: 0,
            },
            offset: 0,
            key: None,
            unfinished: None,
        })
    }
}

/// The key that sealed the last epoch of the segments before the newest, which has none. Where the newest has no
/// epoch, nothing but these says that it begins where they end.
fn newest_key(
    storage: &Arc<dyn Storage>,
    lineage: &Lineage,
) -> Result<Option<KeyId>, JournalError> {
    let pairs = lineage.links.windows(2).rev();
    for (link, later) in pairs.map(|pair| (&pair[0], &pair[1])) {
        let mut walk = Walk::new(storage.clone(), &link.header, link.end);
        let mut key = None;
        while let Some(raw) = walk.next()? {
            key = Some(raw.header.key);
        }
        walk.meets(later)?;
        if key.is_some() {
            return Ok(key);
        }
    }
    Ok(None)
}
