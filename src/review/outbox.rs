//! What receivers of webhooks are to be told: a message a change of an alert, in the database of the desk.
//!
//! In: what the machine's axis said of an alert before and after a transaction. Out: a row, written by that transaction, so
//! that neither is without the other. Must hold: a message has no value of a person; the same change again - after a crash
//! that took both - has the same id, and another has another.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::database::Failure;
use super::item::EvidenceDigest;
use super::machine_change;
use super::review_key::ReviewKey;
use super::rows::{unknown, word};
use crate::rule::{Reason, ReasonSet, Severity};
use crate::store::{AlertState, HistoryKind};

/// A message to receivers: what became of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place: of two about one alert, the later has the higher.
    pub number: i64,
    /// What receivers tell repeats by.
    pub id: String,
    /// When the desk took the change over, in milliseconds since 1970.
    pub at: i64,
    /// What happened, between two looks of the desk at the alert store.
    pub kind: HistoryKind,
    /// The alert.
    pub alert_id: String,
    /// Why it holds.
    pub reason: Reason,
    /// How much harm it stands for.
    pub severity: Severity,
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// Whether it holds.
    pub state: AlertState,
    /// The epoch that changed it.
    pub epoch: u64,
}

/// What an alert says, as far as a message depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    reason: Reason,
    severity: Severity,
    priority: u32,
    state: AlertState,
    digest: EvidenceDigest,
}

/// What is told, of which alerts.
pub(super) struct Outbox<'a> {
    /// The reasons that some receiver wants.
    pub(super) reasons: ReasonSet,
    pub(super) key: &'a ReviewKey,
    /// The time, in milliseconds since 1970.
    pub(super) now: i64,
}

/// What became of an alert; nothing where it says what it said.
fn became(before: Option<&Said>, after: &Said) -> Option<HistoryKind> {
    use AlertState::{Active, Archived, Withdrawn};
    let was = before.map_or(Withdrawn, |before| before.state);
    match (was, after.state) {
        (Withdrawn, Withdrawn) => None,
        (_, Withdrawn) => Some(HistoryKind::Withdrawn),
        (Active, Active) | (Archived, Archived) => {
            (before != Some(after)).then_some(HistoryKind::Changed)
        }
        (_, Archived) => Some(HistoryKind::Archived),
        (_, Active) => Some(HistoryKind::Raised),
    }
}

fn said(connection: &Connection, alert_id: &str) -> Result<Option<Said>, Failure> {
    let query = "SELECT reason, severity, priority, state, digest FROM item WHERE alert_id = ?";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_row([alert_id], |row| {
        Ok(Said {
            reason: word(row, 0, Reason::from_name)?,
            severity: word(row, 1, severity)?,
            priority: row.get(2)?,
            state: word(row, 3, AlertState::from_name)?,
            digest: EvidenceDigest(row.get(4)?),
        })
    });
    Ok(found.optional()?)
}

fn severity(name: &str) -> Option<Severity> {
    let all = Severity::ALL.into_iter();
    all.into_iter().find(|one| one.as_str() == name)
}

impl Outbox<'_> {
    /// What an alert says before something is written.
    pub(super) fn before(
        &self,
        transaction: &Transaction<'_>,
        alert_id: &str,
    ) -> Result<Option<Said>, Failure> {
        said(transaction, alert_id)
    }

    /// Writes what became of an alert by an epoch, if that is something. Tells whether it was.
    pub(super) fn tell(
        &self,
        transaction: &Transaction<'_>,
        alert_id: &str,
        before: Option<&Said>,
        epoch: u64,
    ) -> Result<bool, Failure> {
        let Some(after) = said(transaction, alert_id)? else {
            return Ok(false);
        };
        let kind = became(before, &after);
        let Some(kind) = kind.filter(|_| self.reasons.contains(after.reason)) else {
            return Ok(false);
        };
        let count = "INSERT INTO webhook_alert (alert_id, told) VALUES (?, 1)
            ON CONFLICT (alert_id) DO UPDATE SET told = told + 1 RETURNING told";
        let mut count = transaction.prepare_cached(count)?;
        let told: u64 = count.query_row([alert_id], |row| row.get(0))?;
        // The count tells an alert that comes back as it was from a repeat; what it says tells two changes apart of which a
        // power failure took the first after it was sent.
        let id = self.key.digest(&[
            b"webhook",
            alert_id.as_bytes(),
            &told.to_le_bytes(),
            kind.as_str().as_bytes(),
            &epoch.to_le_bytes(),
            after.severity.as_str().as_bytes(),
            &after.priority.to_le_bytes(),
            after.state.as_str().as_bytes(),
            &after.digest.0,
        ]);
        let insert = "INSERT INTO webhook_message (id, at, kind, alert_id, reason, severity, priority, state, epoch)
            VALUES (:id, :at, :kind, :alert, :reason, :severity, :priority, :state, :epoch)";
        let mut insert = transaction.prepare_cached(insert)?;
        insert.execute(named_params! {
            ":id": format!("msg_{id}"),
            ":at": self.now,
            ":kind": kind.as_str(),
            ":alert": alert_id,
            ":reason": after.reason.as_str(),
            ":severity": after.severity.as_str(),
            ":priority": after.priority,
            ":state": after.state.as_str(),
            ":epoch": epoch,
        })?;
        Ok(true)
    }
}

/// Whether all that the alert store has was here once.
pub(super) fn is_filled(connection: &Connection) -> Result<bool, Failure> {
    let query = "SELECT is_filled FROM meta";
    Ok(connection.query_row(query, [], |row| row.get(0))?)
}

/// The number of the last message that there was.
pub(super) fn last_number(connection: &Connection) -> Result<i64, Failure> {
    let query = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'webhook_message'";
    Ok(connection.query_row(query, [], |row| row.get(0))?)
}

/// The next messages after a number, at most `limit`.
pub(super) fn after(
    connection: &Connection,
    number: i64,
    limit: u32,
) -> Result<Vec<Message>, Failure> {
    let query = "SELECT number, id, at, kind, alert_id, reason, severity, priority, state, epoch
        FROM webhook_message WHERE number > ? ORDER BY number LIMIT ?";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_map(params![number, limit], message)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let kind: String = row.get(3)?;
    Ok(Message {
        number: row.get(0)?,
        id: row.get(1)?,
        at: row.get(2)?,
        kind: machine_change::kind(&kind).ok_or_else(|| unknown(3))?,
        alert_id: row.get(4)?,
        reason: word(row, 5, Reason::from_name)?,
        severity: word(row, 6, severity)?,
        priority: row.get(7)?,
        state: word(row, 8, AlertState::from_name)?,
        epoch: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(state: AlertState, digest: u8) -> Said {
        Said {
            reason: Reason::UnknownCard,
            severity: Severity::Low,
            priority: 1,
            state,
            digest: EvidenceDigest([digest; 16]),
        }
    }

    #[test]
    fn what_became_of_an_alert_is_the_difference_of_what_it_says() {
        use AlertState::{Active, Archived, Withdrawn};
        let raised = Some(HistoryKind::Raised);
        let withdrawn = Some(HistoryKind::Withdrawn);
        for (before, after, expected) in [
            (None, of(Active, 1), raised),
            (None, of(Withdrawn, 1), None),
            (None, of(Archived, 1), Some(HistoryKind::Archived)),
            (Some(of(Active, 1)), of(Active, 1), None),
            (
                Some(of(Active, 1)),
                of(Active, 2),
                Some(HistoryKind::Changed),
            ),
            (Some(of(Active, 1)), of(Withdrawn, 2), withdrawn),
            (
                Some(of(Active, 1)),
                of(Archived, 1),
                Some(HistoryKind::Archived),
            ),
            (Some(of(Withdrawn, 1)), of(Active, 1), raised),
            (Some(of(Withdrawn, 1)), of(Withdrawn, 2), None),
            (Some(of(Archived, 1)), of(Active, 1), raised),
            (Some(of(Archived, 1)), of(Archived, 1), None),
            (Some(of(Archived, 1)), of(Withdrawn, 1), withdrawn),
        ] {
            assert_eq!(
                became(before.as_ref(), &after),
                expected,
                "{before:?} {after:?}"
            );
        }
        let other = Said {
            priority: 2,
            ..of(Active, 1)
        };
        assert_eq!(
            became(Some(&of(Active, 1)), &other),
            Some(HistoryKind::Changed)
        );
    }
}
