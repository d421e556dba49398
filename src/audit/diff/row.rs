//! An alert that differs, as it is written.

use serde::{Deserialize, Serialize, Serializer};

use super::because::Because;
use super::changes::Changes;
use crate::alert::{AlertId, serialize_amount};
use crate::case::Subject;
use crate::record::Money;
use crate::rule::Reason;

/// What one run has and the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pair<T> {
    /// Of run A.
    pub a: T,
    /// Of run B.
    pub b: T,
}

impl<T> Pair<T> {
    /// What the two have, in their order.
    pub fn each(&self) -> [&T; 2] {
        [&self.a, &self.b]
    }
}

/// What became of an alert from A to B: SARIF's states of a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Only B has it.
    New,
    /// Both have it, and it says the same of substance.
    Unchanged,
    /// Both have it, and it says something else.
    Updated,
    /// Only A has it.
    Absent,
}

impl State {
    /// Every state, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::New, Self::Unchanged, Self::Updated, Self::Absent];

    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Updated => "updated",
            Self::Absent => "absent",
        }
    }
}

/// An amount of dong, written exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_amount(&self.0, serializer)
    }
}

/// An alert that differs.
#[derive(Clone, Debug, Serialize)]
pub struct DifferingAlert {
    /// Its id.
    pub alert_id: AlertId,
    /// Why it holds, where it does.
    pub reason: Reason,
    /// What it is about.
    pub subject: Subject,
    /// What became of it.
    pub state: State,
    /// The amount at stake, where it holds.
    pub amount_vnd: Pair<Option<Amount>>,
    /// The fields that differ, where both runs have it.
    #[serde(skip_serializing_if = "Changes::is_empty")]
    pub changed: Changes,
    /// What explains it.
    pub because: Vec<Because>,
}
