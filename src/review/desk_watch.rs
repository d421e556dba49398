//! What people's work comes to, told to whoever counts it.
//!
//! Must hold: what was done is told once it is durable, and once; a count has nothing to do with whether it succeeds.

use super::item::Item;
use super::work::{WorkAction, WorkState};

/// Something that was done about an alert.
#[derive(Clone, Debug)]
pub struct WorkDone {
    /// What.
    pub action: WorkAction,
    /// The alert before it.
    pub before: Item,
    /// The alert after it.
    pub after: Item,
    /// Since when it waited for a decision, in milliseconds since 1970: since it was raised last, or reopened.
    pub opened_at: i64,
    /// When it was done, in milliseconds since 1970.
    pub at: i64,
}

impl WorkDone {
    /// Whether the alert was decided by it.
    pub fn is_decided(&self) -> bool {
        let was_open = self.before.work.state.is_open();
        was_open && self.after.work.state == WorkState::Closed
    }
}

/// What the desk cannot read of the alert store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unreadable {
    /// An alert: it is not on the desk, or as it was before.
    Alert,
    /// A line of the history of alerts.
    Change,
}

impl Unreadable {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Alert, Self::Change];

    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Change => "change",
        }
    }
}

/// Counts what is done.
pub trait DeskWatch: Send + Sync {
    /// Something was done, and is durable.
    fn done(&self, done: &WorkDone);
    /// So many lines of the store could not be read; each is told every time that it is looked at.
    fn unreadable(&self, kind: Unreadable, lines: u64);
}

/// Counts nothing.
pub(super) struct Unwatched;

impl DeskWatch for Unwatched {
    fn done(&self, _: &WorkDone) {}

    fn unreadable(&self, _: Unreadable, _: u64) {}
}
