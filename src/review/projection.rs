//! The machine's axis, brought into the database.
//!
//! In: findings as the alert store has them after an epoch. Out: items whose machine's side is theirs. Must hold: people's
//! side is not touched, but for the day on which a new alert is due; what the machine's side was before is kept; what
//! receivers of webhooks are to be told of it is written by the same transaction.

use rusqlite::{Transaction, named_params};

use super::database::Failure;
use super::item::Finding;
use super::outbox::Outbox;
use super::version;
use crate::record::Instant;

/// How far the machine's axis is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    /// The last epoch of the alert store that is in the database; none before the first.
    pub epoch: Option<u64>,
    /// When it was sealed, in milliseconds since 1970: up to then, what is shown is complete.
    pub at: i64,
}

const UPSERT: &str = "
    INSERT INTO item (alert_id, reason, class, severity, subject_kind, facility, province, person, card, masked, amount,
        grade, cause, score, misuse_probability, priority, service_day, raised_at, raised_epoch, changed_epoch, state,
        digest, work, since, due_day, version)
    VALUES (:alert_id, :reason, :class, :severity, :subject_kind, :facility, :province, :person, :card, :masked, :amount,
        :grade, :cause, :score, :misuse_probability, :priority, :service_day, :raised_at, :raised_epoch, :changed_epoch,
        :state, :digest, 'new', :raised_at, :due_day, 0)
    ON CONFLICT (alert_id) DO UPDATE SET
        reason = excluded.reason, class = excluded.class, severity = excluded.severity,
        subject_kind = excluded.subject_kind, facility = excluded.facility, province = excluded.province,
        person = excluded.person, card = excluded.card, masked = excluded.masked, amount = excluded.amount,
        grade = excluded.grade, cause = excluded.cause, score = excluded.score,
        misuse_probability = excluded.misuse_probability, priority = excluded.priority,
        -- A claim that is not known any more keeps the day that it had.
        service_day = coalesce(excluded.service_day, item.service_day),
        raised_at = excluded.raised_at, raised_epoch = excluded.raised_epoch, changed_epoch = excluded.changed_epoch,
        state = excluded.state, digest = excluded.digest,
        due_day = CASE WHEN item.work = 'new' THEN excluded.due_day ELSE item.due_day END
    -- What is as it was is not written: all are compared after a start.
    WHERE (item.digest, item.state, item.raised_epoch, item.changed_epoch, item.priority, item.severity, item.masked)
            <> (excluded.digest, excluded.state, excluded.raised_epoch, excluded.changed_epoch, excluded.priority,
                excluded.severity, excluded.masked)
        OR item.person IS NOT excluded.person OR item.card IS NOT excluded.card
        OR item.misuse_probability IS NOT excluded.misuse_probability
        OR (excluded.service_day IS NOT NULL AND item.service_day IS NOT excluded.service_day)";

/// Brings findings in, and writes what receivers are to be told of them. Tells whether that was something.
pub(super) fn project(
    transaction: &Transaction<'_>,
    findings: &[Finding],
    outbox: Option<&Outbox<'_>>,
) -> Result<bool, Failure> {
    let mut upsert = transaction.prepare_cached(UPSERT)?;
    let mut is_told = false;
    for finding in findings {
        let outbox = outbox.filter(|outbox| outbox.reasons.contains(finding.reason));
        let before = match outbox {
            Some(outbox) => outbox.before(transaction, &finding.alert_id)?,
            None => None,
        };
        let raised = Instant::from_millis(finding.raised_at).unwrap_or(Instant::MAX);
        let written = upsert.execute(named_params! {
            ":alert_id": finding.alert_id,
            ":reason": finding.reason.as_str(),
            ":class": finding.class.as_str(),
            ":severity": finding.severity.as_str(),
            ":subject_kind": finding.subject_kind,
            ":facility": finding.facility,
            ":province": finding.province(),
            ":person": finding.person.map(|group| group.0),
            ":card": finding.card.map(|group| group.0),
            ":masked": finding.masked,
            ":amount": finding.amount.thousandths(),
            ":grade": finding.grade,
            ":cause": finding.cause.map(|cause| cause.as_str()),
            ":score": finding.score,
            ":misuse_probability": finding.misuse_probability,
            ":priority": finding.priority,
            ":service_day": finding.service_day.map(|day| day.number()),
            ":raised_at": finding.raised_at,
            ":raised_epoch": finding.raised_epoch,
            ":changed_epoch": finding.changed_epoch,
            ":state": finding.state.as_str(),
            ":digest": finding.digest.0,
            ":due_day": finding.band().due(raised.day()).number(),
        })?;
        if written > 0 {
            version::keep(transaction, &finding.alert_id, finding.changed_epoch)?;
            if let Some(outbox) = outbox {
                let epoch = finding.changed_epoch;
                is_told |= outbox.tell(transaction, &finding.alert_id, before.as_ref(), epoch)?;
            }
        }
    }
    Ok(is_told)
}

/// Says how far the machine's axis is: all up to there is here.
pub(super) fn advance(transaction: &Transaction<'_>, to: Frontier) -> Result<(), Failure> {
    let update = "UPDATE meta SET projected_epoch = ?, projected_at = ?, is_filled = 1";
    transaction.execute(update, rusqlite::params![to.epoch, to.at])?;
    Ok(())
}

/// How far it is.
pub(super) fn frontier(connection: &rusqlite::Connection) -> Result<Frontier, Failure> {
    let query = "SELECT projected_epoch, projected_at FROM meta";
    Ok(connection.query_row(query, [], |row| {
        Ok(Frontier {
            epoch: row.get(0)?,
            at: row.get::<_, Option<i64>>(1)?.unwrap_or_default(),
        })
    })?)
}
