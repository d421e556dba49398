//! One line of an alert's history.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::identity::{AlertId, Subject};
use crate::authenticate;
use crate::model::Score;
use crate::record::{Instant, Money};
use crate::rule::{Class, Reason};

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// It began to hold.
    Raised,
    /// It holds still, with another class, grade, cause, amount or score.
    Changed,
    /// It holds no more.
    Withdrawn,
    /// A claim that it rests on is retired: it stands as it was.
    Archived,
}

/// An input that changed and that the alert rests on, or rested on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// The stream; `as_of` is the as-of date, `rules` are the settings, `model` is the outlier model.
    pub stream: &'static str,
    /// The key, as a subject's id is written, or what the settings or the model are called; shared by the
    /// events that it causes.
    pub key: Arc<str>,
}

/// A raise, change or withdrawal (contract 3.1), or that it is archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The epoch: its number since 1970-01-01T00:00+07:00, in its length.
    pub epoch: i64,
    /// The last knowledge time in the epoch.
    #[serde(serialize_with = "display")]
    pub at: Instant,
    /// What happened.
    pub kind: EventKind,
    /// The alert.
    pub alert_id: AlertId,
    /// Why it holds or held.
    pub reason: Reason,
    /// The class it has, or had.
    pub class: Class,
    /// The grade it has, or had, where the reason counts one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<u8>,
    /// Why the participant does not authenticate, or did not, for the reason that says it; `cause` is
    /// the rows that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_cause: Option<authenticate::Cause>,
    /// The amount at stake.
    #[serde(serialize_with = "serialize_amount")]
    pub amount_vnd: Money,
    /// The outlier score it has, or had, where the reason calls for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// What it is about.
    pub subject: Subject,
    /// The inputs that changed: the subject, the as-of date, the settings, the model, then the others by
    /// stream and key.
    pub cause: Vec<Cause>,
    /// How many they are, where not all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause_count: Option<usize>,
}

/// Writes a value as it displays.
pub(super) fn display<T: std::fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes an amount as a JSON number, exactly: whole dong as an integer, else with its decimals.
///
/// # Errors
/// When the serializer fails.
pub fn serialize_amount<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    let thousandths = money.thousandths();
    if thousandths % Money::THOUSANDTHS == 0 {
        return serializer.serialize_i64(thousandths / Money::THOUSANDTHS);
    }
    let number = serde_json::value::RawValue::from_string(money.to_string());
    number
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}
