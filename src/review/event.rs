//! What was done about an alert, as it is kept for ever.

use super::item::EvidenceDigest;
use super::typed::Typed;
use super::verdict::Verdict;
use super::work::{WorkAction, WorkState};
use crate::access::Role;
use crate::record::Day;

/// One thing that was done.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkEvent {
    /// Its number: later ones have greater ones.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The alert.
    pub alert_id: String,
    /// Who; of what time did, nobody.
    pub actor: Option<(String, Role)>,
    /// What.
    pub action: WorkAction,
    /// Where the alert was.
    pub from: WorkState,
    /// Where it came to be.
    pub to: WorkState,
    /// To whom, of an assignment.
    pub assignee: Option<String>,
    /// The last day of a wait or a snooze.
    pub until: Option<Day>,
    /// What was proposed or decided.
    pub verdict: Option<Verdict>,
    /// Why, in the author's words.
    pub note: Option<Typed>,
    /// What the alert rested on.
    pub digest: EvidenceDigest,
    /// The epoch up to which the author saw.
    pub epoch: u64,
    /// What an approver had found before they saw what was proposed, where they looked first.
    pub look: Option<Verdict>,
    /// The number of the batch that it was of.
    pub batch: Option<i64>,
}

/// A note may name people: it is not shown.
impl std::fmt::Debug for WorkEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkEvent")
            .field("number", &self.number)
            .field("action", &self.action)
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
