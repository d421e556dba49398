//! An alert as the store keeps it: the columns that pages filter and sort by, and the line of
//! `alerts.ndjson` as it was written.

use std::borrow::Cow;
use std::fmt;

use super::error::StoreError;
use super::key::StoreKey;

/// A word of a fixed list: a name of a reason, a class, a code.
pub type Word = Cow<'static, str>;

/// Whether an alert holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    /// It holds.
    Active,
    /// It holds no more. It is kept, and is active again under the same id if it is raised again.
    Withdrawn,
    /// What it rests on left the window of corrections: it stands as it was.
    Archived,
}

impl AlertState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Withdrawn, Self::Archived];

    /// The word in the store and in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
            Self::Archived => "archived",
        }
    }

    /// The state with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// An alert that holds, as it is to be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// Its id: 32 hexadecimal digits in lower case.
    pub alert_id: String,
    /// Why it holds.
    pub reason: Word,
    /// What it suggests.
    pub class: Word,
    /// How much harm it stands for.
    pub severity: Word,
    /// The kind of its subject.
    pub subject_kind: Word,
    /// The key of its subject.
    pub subject_id: String,
    /// The amount at stake, in thousandths of dong.
    pub amount_thousandths: i64,
    /// Distinct sources, for the reason that counts them.
    pub grade: Option<u8>,
    /// Why the participant does not authenticate, for the reason that says it.
    pub cause: Option<Word>,
    /// The outlier score, in ten-thousandths.
    pub score: Option<u16>,
    /// How likely misuse is, in ten-thousandths.
    pub misuse_probability: Option<u16>,
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// When it became known, as the line says it.
    pub raised_at: String,
    /// The epoch that raised it.
    pub raised_epoch: u64,
    /// The line of `alerts.ndjson`, without its end.
    pub line: String,
}

/// Tells what the alert is, not whom it is about.
impl fmt::Debug for AlertRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertRow")
            .field("alert_id", &self.alert_id)
            .field("reason", &self.reason)
            .field("priority", &self.priority)
            .field("raised_epoch", &self.raised_epoch)
            .finish_non_exhaustive()
    }
}

/// What an epoch does to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertChange {
    /// It holds, like this: it is new, holds again, or another line is written of it.
    Holds(Box<AlertRow>),
    /// It holds no more.
    Withdrawn {
        /// Which.
        alert_id: String,
    },
    /// It stands as it is from now on.
    Archived {
        /// Which.
        alert_id: String,
    },
}

impl AlertChange {
    /// Which alert.
    pub fn alert_id(&self) -> &str {
        match self {
            Self::Holds(row) => &row.alert_id,
            Self::Withdrawn { alert_id } | Self::Archived { alert_id } => alert_id,
        }
    }

    /// The state it leaves the alert in.
    pub fn state(&self) -> AlertState {
        match self {
            Self::Holds(_) => AlertState::Active,
            Self::Withdrawn { .. } => AlertState::Withdrawn,
            Self::Archived { .. } => AlertState::Archived,
        }
    }
}

/// An alert as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlert {
    /// The alert; of one that is withdrawn, as it was last.
    pub alert: AlertRow,
    /// Whether it holds.
    pub state: AlertState,
    /// The last epoch that changed it.
    pub changed_epoch: u64,
}

/// An alert as it is stored, in any state.
#[derive(Clone, Copy)]
pub struct StoredLine<'a> {
    /// Its id.
    pub alert_id: &'a str,
    /// Why it holds or held.
    pub reason: &'a str,
    /// Whether it holds.
    pub state: AlertState,
    /// The last epoch that changed it.
    pub changed_epoch: u64,
    /// Its line, as it was last; none where it does not open, since it was changed past the program.
    pub line: Option<&'a str>,
}

/// An alert as it is stored, before it is opened: its subject and its line are empty.
pub(super) struct SealedAlert {
    pub(super) stored: StoredAlert,
    pub(super) sealed: Vec<u8>,
}

impl SealedAlert {
    /// The alert, whole.
    pub(super) fn open(self, key: Option<&StoreKey>) -> Result<StoredAlert, StoreError> {
        let mut stored = self.stored;
        let alert = &mut stored.alert;
        let opened = key.and_then(|key| key.open_alert(&alert.alert_id, &self.sealed));
        let Some(opened) = opened else {
            let alert_id = alert.alert_id.clone();
            return Err(StoreError::Forged { alert_id });
        };
        (alert.subject_id, alert.line) = opened;
        Ok(stored)
    }
}

/// What recovery needs to know of an active alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised<'a> {
    /// Its id.
    pub alert_id: &'a str,
    /// When it became known, as its line says it.
    pub raised_at: &'a str,
    /// The epoch that raised it.
    pub raised_epoch: u64,
}

/// How many alerts of a reason are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertCount {
    /// The reason.
    pub reason: Word,
    /// The state.
    pub state: AlertState,
    /// How many.
    pub alerts: u64,
}
