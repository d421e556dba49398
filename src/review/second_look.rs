//! An approver's own verdict, before the proposed one is told.
//!
//! In: a proposal, who is to approve it, and what they think it is. Out: whether they have to say that first, and a seal that
//! they did. Must hold: which proposals are looked at twice is a sample by a key of the installation, so that nobody can choose
//! which, nor evade it by asking again; a seal is of one proposal, one approver and one verdict, through whatever sessions
//! and tokens they come.

use super::desk::Desk;
use super::item::{EvidenceDigest, Item};
use super::verdict::Verdict;
use super::viewer::Viewer;

/// One in so many proposals is looked at twice.
const EVERY: u32 = 20;

impl Desk {
    /// Whether whoever approves this proposal says first what they think it is.
    pub fn is_looked_at_twice(&self, item: &Item) -> bool {
        let version = item.work.version.to_be_bytes();
        let id = item.finding.alert_id.as_bytes();
        let digest = self.key().digest(&[b"second look", id, &version]);
        let [a, b, c, d, ..] = digest.0;
        u32::from_be_bytes([a, b, c, d]).is_multiple_of(EVERY)
    }

    /// What binds a verdict to the version of the alert that it was given on, and to who gave it.
    pub fn second_look(
        &self,
        who: &Viewer,
        alert_id: &str,
        version: u32,
        own: Verdict,
    ) -> EvidenceDigest {
        let texts: [&[u8]; 5] = [
            b"second look given",
            alert_id.as_bytes(),
            &version.to_be_bytes(),
            own.as_str().as_bytes(),
            who.name.as_bytes(),
        ];
        self.key().digest(&texts)
    }
}
