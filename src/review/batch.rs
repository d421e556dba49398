//! Many alerts that are acted on as one: what a batch is, and what came of it.
//!
//! Must hold: a batch is the alerts that its author saw, each as they saw it, and never what matches later; a second
//! person approves what is more than [`LARGEST_BULK`] alerts, or closes what nobody looked at one by one; a verdict that
//! accuses somebody is not given to many at a time.

use super::desk::LARGEST_BULK;
use super::item::{EvidenceDigest, Item};
use super::typed::Typed;
use super::verdict::Verdict;
use super::viewer::Viewer;
use super::work::WorkAction;
use crate::access::Role;
use crate::language::worded;
use crate::record::Money;
use crate::rule::Reason;

/// The most alerts of a batch.
pub const LARGEST_BATCH: usize = 5_000;
/// Alerts of a batch that are shown to whoever decides on it.
pub const BATCH_SAMPLE: usize = 20;

worded! {
    /// Where a batch is.
    BatchState {
        Proposed = "proposed", "waits for approval", "chờ duyệt";
        UnderWay = "under_way", "under way", "đang thực hiện";
        Done = "done", "done", "đã thực hiện";
        Returned = "returned", "returned", "bị trả lại";
        Undoing = "undoing", "being undone", "đang hoàn tác";
        Undone = "undone", "undone", "đã hoàn tác";
    }
}

worded! {
    /// What came of one alert of a batch.
    BatchOutcome {
        Done = "done", "done", "đã thực hiện";
        Moved = "moved", "left as it was: it was acted on, or its evidence changed, since it was seen", "giữ nguyên: đã có người xử lý hoặc chứng cứ thay đổi sau khi xem";
        NotAllowed = "not_allowed", "left as it was: not possible, or not for them to do", "giữ nguyên: không được phép thực hiện";
        Undone = "undone", "undone", "đã hoàn tác";
        Kept = "kept", "not undone: it was acted on since", "không hoàn tác: đã có người xử lý sau đó";
    }
}

/// What is done with a list as a whole.
pub const BATCH_ACTIONS: [WorkAction; 3] = [
    WorkAction::Assign,
    WorkAction::Release,
    WorkAction::CloseTogether,
];

/// A list as it would be frozen now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOffer {
    /// How many alerts, and what is at stake, by reason.
    pub by_reason: Vec<(Reason, u64, Money)>,
    /// Whether the list has more than [`LARGEST_BATCH`]: then it cannot be acted on as one.
    pub is_too_large: bool,
    /// The epoch up to which alerts are in it.
    pub as_of: u64,
    /// What tells the set from any other: each alert with its version and digest.
    pub mark: EvidenceDigest,
}

impl BatchOffer {
    /// How many alerts.
    pub fn alerts(&self) -> u64 {
        self.by_reason.iter().map(|(_, alerts, _)| alerts).sum()
    }

    /// What is at stake.
    pub fn amount(&self) -> Money {
        let sum = (self.by_reason.iter()).fold(0_i64, |sum, (_, _, amount)| {
            sum.saturating_add(amount.thousandths())
        });
        Money::from_thousandths(sum)
    }
}

/// What is to be done with a batch.
#[derive(Clone, PartialEq, Eq)]
pub struct BatchAct {
    /// One of [`BATCH_ACTIONS`].
    pub action: WorkAction,
    /// To whom, of an assignment.
    pub assignee: Option<String>,
    /// Of a closing.
    pub verdict: Option<Verdict>,
    /// Why, in the author's words.
    pub note: String,
}

/// A note may name people: it is not shown.
impl std::fmt::Debug for BatchAct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchAct")
            .field("action", &self.action)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// What an approver says of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchDecision {
    /// It is carried out.
    Approve,
    /// It goes back, with a note.
    Return,
}

/// Somebody's part in a batch.
#[derive(Clone, PartialEq, Eq)]
pub struct BatchPart {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub name: String,
    /// Why, in their words.
    pub note: Option<Typed>,
}

/// A batch.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number: later ones have greater ones.
    pub number: i64,
    /// Who proposed it, or did it.
    pub proposed: BatchPart,
    /// What is done.
    pub action: WorkAction,
    /// To whom, of an assignment.
    pub assignee: Option<String>,
    /// Of a closing.
    pub verdict: Option<Verdict>,
    /// Where it is.
    pub state: BatchState,
    /// Who approved or returned it.
    pub decided: Option<BatchPart>,
    /// Who undid it.
    pub undone: Option<BatchPart>,
    /// What came of its alerts; of those of which nothing came yet, nothing.
    pub outcomes: Vec<(Option<BatchOutcome>, u64)>,
    pub(super) role: Role,
    pub(super) provinces: Vec<String>,
}

impl Batch {
    /// How many alerts.
    pub fn alerts(&self) -> u64 {
        self.outcomes.iter().map(|(_, alerts)| alerts).sum()
    }

    /// Whether somebody may see it: all of its alerts are of their provinces.
    pub(super) fn is_of(&self, who: &Viewer) -> bool {
        self.provinces.iter().all(|own| who.sees(Some(own)))
    }

    /// Whether somebody may approve or return it.
    pub fn may_decide(&self, who: &Viewer) -> bool {
        let is_other = who.name != self.proposed.name;
        self.state == BatchState::Proposed && who.is_supervisor() && is_other
    }

    /// Whether somebody may undo it: whoever did it, or a supervisor.
    pub fn may_undo(&self, who: &Viewer) -> bool {
        let is_own = who.name == self.proposed.name;
        self.state == BatchState::Done && (is_own || who.is_supervisor())
    }
}

/// A batch with some of its alerts.
#[derive(Clone, PartialEq, Eq)]
pub struct BatchTold {
    /// The batch.
    pub batch: Batch,
    /// How many alerts, and what is at stake, by reason.
    pub by_reason: Vec<(Reason, u64, Money)>,
    /// Some of its alerts: of each reason and band, by a key of the installation, so that nobody chooses which.
    pub sample: Vec<Item>,
}

/// Whether so many alerts need a second person.
pub(super) fn needs_approval(action: WorkAction, alerts: usize) -> bool {
    alerts > LARGEST_BULK || action == WorkAction::CloseTogether
}
