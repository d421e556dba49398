//! Alerts and events as the store keeps them: what pages filter by, and the lines of the exports.

use std::borrow::Cow;

use crate::alert::{Alert, AlertId, Event, EventKind, Raised};
use crate::record::{Instant, Value};
use crate::store::{AlertRow, HistoryKind, HistoryRow, Raised as StoredRaised};

const PROOF: &str = "an output is written into memory";

/// An alert that holds.
pub(super) fn alert_row(alert: &Alert) -> AlertRow {
    AlertRow {
        alert_id: alert.alert_id.to_string(),
        reason: Cow::Borrowed(alert.reason.as_str()),
        class: Cow::Borrowed(alert.class.as_str()),
        severity: Cow::Borrowed(alert.severity.as_str()),
        subject_kind: Cow::Borrowed(alert.subject.kind.as_str()),
        subject_id: without_nul(&alert.subject.id),
        amount_thousandths: alert.amount_vnd.thousandths(),
        grade: alert.grade,
        cause: alert.cause.map(|cause| Cow::Borrowed(cause.as_str())),
        score: alert.score.map(|score| score.ten_thousandths()),
        misuse_probability: alert
            .misuse_probability
            .map(|score| score.ten_thousandths()),
        priority: alert.priority,
        raised_at: alert.raised_at.to_string(),
        raised_epoch: u64::try_from(alert.raised_epoch).unwrap_or_default(),
        line: serde_json::to_string(alert).expect(PROOF),
    }
}

/// A key as databases can keep it, which take no NUL in texts: by its picture. The line has the key itself.
fn without_nul(key: &str) -> String {
    key.replace('\0', "\u{2400}")
}

/// An event.
pub(super) fn history_row(event: &Event) -> HistoryRow {
    HistoryRow {
        alert_id: event.alert_id.to_string(),
        kind: match event.kind {
            EventKind::Raised => HistoryKind::Raised,
            EventKind::Changed => HistoryKind::Changed,
            EventKind::Withdrawn => HistoryKind::Withdrawn,
            EventKind::Archived => HistoryKind::Archived,
        },
        at: event.at.to_string(),
        reason: Cow::Borrowed(event.reason.as_str()),
        line: serde_json::to_string(event).expect(PROOF),
    }
}

/// The alerts to which something happened in an epoch.
pub(super) fn of_kind(events: &[Event], kind: EventKind) -> impl Iterator<Item = AlertId> + '_ {
    let of_kind = events.iter().filter(move |event| event.kind == kind);
    of_kind.map(|event| event.alert_id)
}

/// What raised an alert, as the store has it; none where it is nothing that was stored.
pub(crate) fn raised_of_stored(stored: &StoredRaised<'_>) -> Option<(AlertId, Raised)> {
    let raised = Raised {
        at: Instant::from_text(stored.raised_at)?,
        epoch: i64::try_from(stored.raised_epoch).ok()?,
    };
    Some((stored.alert_id.parse().ok()?, raised))
}
