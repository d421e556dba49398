//! What epochs leave in the tables, many rows a statement: each column goes to the server as one array.

use std::collections::{BTreeMap, HashSet};

use postgres::types::ToSql;
use postgres::{Statement, Transaction};

use super::error::Failure;
use super::link::Session;
use super::rows;
use crate::store::alert::AlertRow;
use crate::store::batch::{Outcome, outcomes};
use crate::store::key::StoreKey;
use crate::store::{EpochCommit, EpochRecord, HistoryRow, StoreError, reject};

type Done = Result<(), Failure>;

/// The most rows of a statement.
const ROWS: usize = 4096;

const ALERTS: &str =
    "INSERT INTO alerts (alert_id, reason, class, severity, subject_kind, amount,
        grade, cause, score, misuse_probability, priority, raised_at, raised_epoch, changed_epoch,
        state, sealed)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
        $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[],
        $13::bigint[], $14::bigint[], $15::text[], $16::bytea[])
    ON CONFLICT (alert_id) DO UPDATE
    SET reason = excluded.reason, class = excluded.class, severity = excluded.severity,
        subject_kind = excluded.subject_kind, amount = excluded.amount, grade = excluded.grade, cause = excluded.cause,
        score = excluded.score, misuse_probability = excluded.misuse_probability,
        priority = excluded.priority, raised_at = excluded.raised_at,
        raised_epoch = excluded.raised_epoch, changed_epoch = excluded.changed_epoch,
        state = excluded.state, sealed = excluded.sealed
    WHERE (alerts.sealed, alerts.state, alerts.score, alerts.misuse_probability, alerts.priority)
        IS DISTINCT FROM (excluded.sealed, excluded.state, excluded.score, excluded.misuse_probability,
            excluded.priority)";
const STATES: &str = "UPDATE alerts a SET state = c.state, changed_epoch = c.changed_epoch
    FROM unnest($1::text[], $2::text[], $3::bigint[]) c (alert_id, state, changed_epoch)
    WHERE a.alert_id = c.alert_id
    RETURNING a.alert_id";
const HISTORY: &str = "INSERT INTO history (epoch, alert_id, kind, at, reason, sealed)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])";
const REJECTS: &str =
    "INSERT INTO rejects (epoch, ordinal, source, stream, file, row, code, message,
        received_at, state)
    SELECT *, 'open' FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[],
        $6::bigint[], $7::text[], $8::text[], $9::bigint[])";
const SETTLED: &str = "UPDATE rejects r SET state = c.state, repaired_by_epoch = c.by
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) c (epoch, ordinal, state, by)
    WHERE r.epoch = c.epoch AND r.ordinal = c.ordinal
    RETURNING r.epoch, r.ordinal";
const POSITIONS: &str = "INSERT INTO positions (source, partition, position, epoch)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
    ON CONFLICT (source, partition) DO UPDATE
    SET position = excluded.position, epoch = excluded.epoch
    WHERE excluded.epoch >= positions.epoch";
// The first answer stays: it is the one that was given.
const REQUESTS: &str = "INSERT INTO requests
        (principal, key_digest, body_digest, epoch, response, received_at)
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bigint[], $5::text[], $6::bigint[])
    ON CONFLICT (principal, key_digest) DO NOTHING";
const RESTORED: &str = "INSERT INTO restored (epoch, stream, facility, visit_id, until_day)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bigint[])";
const EPOCHS: &str = "INSERT INTO epochs
        (epoch, digest, at, rows, raised, changed, withdrawn, archived)
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[],
        $6::bigint[], $7::bigint[], $8::bigint[])";

/// The statements of a commit.
pub(super) struct Statements {
    alerts: Statement,
    states: Statement,
    history: Statement,
    rejects: Statement,
    settled: Statement,
    positions: Statement,
    requests: Statement,
    restored: Statement,
    epochs: Statement,
}

impl Statements {
    pub(super) fn prepare(session: &mut Session) -> Result<Self, Failure> {
        Ok(Self {
            alerts: session.statement(ALERTS)?,
            states: session.statement(STATES)?,
            history: session.statement(HISTORY)?,
            rejects: session.statement(REJECTS)?,
            settled: session.statement(SETTLED)?,
            positions: session.statement(POSITIONS)?,
            requests: session.statement(REQUESTS)?,
            restored: session.statement(RESTORED)?,
            epochs: session.statement(EPOCHS)?,
        })
    }

    /// Writes everything but `meta`.
    pub(super) fn write(
        &self,
        transaction: &mut Transaction<'_>,
        key: &StoreKey,
        epochs: &[EpochCommit],
    ) -> Done {
        self.write_alerts(transaction, key, &outcomes(epochs))?;
        self.write_history(transaction, key, epochs)?;
        self.write_rejects(transaction, epochs)?;
        self.settle_rejects(transaction, epochs)?;
        self.write_positions(transaction, epochs)?;
        self.write_requests(transaction, epochs)?;
        self.write_restored(transaction, epochs)?;
        self.write_records(transaction, epochs)
    }

    fn write_alerts(
        &self,
        transaction: &mut Transaction<'_>,
        key: &StoreKey,
        outcomes: &[Outcome<'_>],
    ) -> Done {
        let moved: Vec<&Outcome<'_>> = outcomes.iter().filter(|one| one.row.is_none()).collect();
        for part in moved.chunks(ROWS) {
            let found = transaction.query(
                &self.states,
                &[
                    &column(part, |one| one.alert_id),
                    &column(part, |one| one.state.as_str()),
                    &column(part, |one| rows::signed(one.changed_epoch)),
                ],
            )?;
            let found = found.iter().map(|row| rows::get(row, 0));
            let found = found.collect::<Result<HashSet<&str>, Failure>>()?;
            if let Some(missing) = part.iter().find(|one| !found.contains(one.alert_id)) {
                let (epoch, what) = (missing.changed_epoch, "an alert");
                return Err(StoreError::Unknown { epoch, what }.into());
            }
        }
        let held = outcomes.iter().filter_map(|one| Some((one, one.row?)));
        let held: Vec<(&Outcome<'_>, &AlertRow)> = held.collect();
        for part in held.chunks(ROWS) {
            let number = |number: Option<u16>| number.map(i64::from);
            transaction.execute(
                &self.alerts,
                &[
                    &column(part, |(_, row)| &*row.alert_id),
                    &column(part, |(_, row)| &*row.reason),
                    &column(part, |(_, row)| &*row.class),
                    &column(part, |(_, row)| &*row.severity),
                    &column(part, |(_, row)| &*row.subject_kind),
                    &column(part, |(_, row)| row.amount_thousandths),
                    &column(part, |(_, row)| row.grade.map(i64::from)),
                    &column(part, |(_, row)| row.cause.as_deref()),
                    &column(part, |(_, row)| number(row.score)),
                    &column(part, |(_, row)| number(row.misuse_probability)),
                    &column(part, |(_, row)| i64::from(row.priority)),
                    &column(part, |(_, row)| &*row.raised_at),
                    &column(part, |(_, row)| rows::signed(row.raised_epoch)),
                    &column(part, |(outcome, _)| rows::signed(outcome.changed_epoch)),
                    &column(part, |(outcome, _)| outcome.state.as_str()),
                    &column(part, |(_, row)| {
                        key.seal_alert(&row.alert_id, &row.subject_id, &row.line)
                    }),
                ],
            )?;
        }
        Ok(())
    }

    fn write_history(
        &self,
        transaction: &mut Transaction<'_>,
        key: &StoreKey,
        epochs: &[EpochCommit],
    ) -> Done {
        let history = with_epoch(epochs, |epoch| &epoch.history);
        let sealed = |(epoch, row): &(i64, &HistoryRow)| {
            key.seal_history(epoch.unsigned_abs(), &row.alert_id, &row.line)
        };
        for part in history.chunks(ROWS) {
            let text = |of: for<'a> fn(&'a HistoryRow) -> &'a str| column(part, |(_, row)| of(row));
            let values: [&(dyn ToSql + Sync); 6] = [
                &column(part, |(epoch, _)| *epoch),
                &text(|row| &row.alert_id),
                &text(|row| row.kind.as_str()),
                &text(|row| &row.at),
                &text(|row| &row.reason),
                &column(part, sealed),
            ];
            transaction.execute(&self.history, &values)?;
        }
        Ok(())
    }

    fn write_rejects(&self, transaction: &mut Transaction<'_>, epochs: &[EpochCommit]) -> Done {
        let rejects = with_epoch(epochs, |epoch| &epoch.rejects);
        for part in rejects.chunks(ROWS) {
            transaction.execute(
                &self.rejects,
                &[
                    &column(part, |(epoch, _)| *epoch),
                    &column(part, |(_, one)| i64::from(one.ordinal)),
                    &column(part, |(_, one)| reject::storable(&one.source)),
                    &column(part, |(_, one)| &*one.stream),
                    &column(part, |(_, one)| one.file.as_deref().map(reject::storable)),
                    &column(part, |(_, one)| rows::signed(one.row)),
                    &column(part, |(_, one)| &*one.code),
                    &column(part, |(_, one)| reject::storable(&one.message)),
                    &column(part, |(_, one)| one.received_at),
                ],
            )?;
        }
        Ok(())
    }

    fn settle_rejects(&self, transaction: &mut Transaction<'_>, epochs: &[EpochCommit]) -> Done {
        let settled = with_epoch(epochs, |epoch| &epoch.settled);
        // The last epoch that settles a row decides.
        let settled = settled.into_iter().map(|(by, one)| {
            let key = (rows::signed(one.epoch), i64::from(one.ordinal));
            (key, (by, one))
        });
        let settled: BTreeMap<_, _> = settled.collect();
        let settled: Vec<_> = settled.into_iter().collect();
        for part in settled.chunks(ROWS) {
            // One that the store never had is passed over: it came in a month that was erased before the store was
            // filled.
            transaction.execute(
                &self.settled,
                &[
                    &column(part, |((epoch, _), _)| *epoch),
                    &column(part, |((_, ordinal), _)| *ordinal),
                    &column(part, |(_, (_, one))| one.state().as_str()),
                    &column(part, |(_, (by, one))| one.is_repaired.then_some(*by)),
                ],
            )?;
        }
        Ok(())
    }

    fn write_positions(&self, transaction: &mut Transaction<'_>, epochs: &[EpochCommit]) -> Done {
        let positions = with_epoch(epochs, |epoch| &epoch.positions).into_iter();
        let positions = positions
            .map(|(epoch, one)| ((&*one.source, &*one.partition), (&*one.position, epoch)));
        let positions: BTreeMap<_, _> = positions.collect();
        let positions: Vec<_> = positions.into_iter().collect();
        for part in positions.chunks(ROWS) {
            transaction.execute(
                &self.positions,
                &[
                    &column(part, |((source, _), _)| *source),
                    &column(part, |((_, partition), _)| *partition),
                    &column(part, |(_, (position, _))| *position),
                    &column(part, |(_, (_, epoch))| *epoch),
                ],
            )?;
        }
        Ok(())
    }

    fn write_requests(&self, transaction: &mut Transaction<'_>, epochs: &[EpochCommit]) -> Done {
        let requests = with_epoch(epochs, |epoch| &epoch.requests);
        for part in requests.chunks(ROWS) {
            transaction.execute(
                &self.requests,
                &[
                    &column(part, |(_, one)| &*one.principal),
                    &column(part, |(_, one)| &one.key_digest[..]),
                    &column(part, |(_, one)| &one.body_digest[..]),
                    &column(part, |(epoch, _)| *epoch),
                    &column(part, |(_, one)| &*one.response),
                    &column(part, |(_, one)| one.received_at),
                ],
            )?;
        }
        Ok(())
    }

    fn write_restored(&self, transaction: &mut Transaction<'_>, epochs: &[EpochCommit]) -> Done {
        let restored = with_epoch(epochs, |epoch| &epoch.restored);
        for part in restored.chunks(ROWS) {
            transaction.execute(
                &self.restored,
                &[
                    &column(part, |(epoch, _)| *epoch),
                    &column(part, |(_, one)| &*one.stream),
                    &column(part, |(_, one)| &*one.facility),
                    &column(part, |(_, one)| one.visit_id.as_bytes()),
                    &column(part, |(_, one)| i64::from(one.until_day)),
                ],
            )?;
        }
        Ok(())
    }

    fn write_records(&self, transaction: &mut Transaction<'_>, epochs: &[EpochCommit]) -> Done {
        let records: Vec<EpochRecord> = epochs.iter().map(EpochCommit::record).collect();
        for part in records.chunks(ROWS) {
            transaction.execute(
                &self.epochs,
                &[
                    &column(part, |one| rows::signed(one.epoch)),
                    &column(part, |one| &one.digest[..]),
                    &column(part, |one| one.at),
                    &column(part, |one| rows::signed(one.rows)),
                    &column(part, |one| rows::signed(one.raised)),
                    &column(part, |one| rows::signed(one.changed)),
                    &column(part, |one| rows::signed(one.withdrawn)),
                    &column(part, |one| rows::signed(one.archived)),
                ],
            )?;
        }
        Ok(())
    }
}

/// One column of some rows.
fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// A list of every epoch, each entry with its epoch.
fn with_epoch<'a, T>(
    epochs: &'a [EpochCommit],
    of: impl Fn(&'a EpochCommit) -> &'a Vec<T>,
) -> Vec<(i64, &'a T)> {
    let lists = epochs
        .iter()
        .map(|epoch| (rows::signed(epoch.epoch), of(epoch)));
    let entries = lists.flat_map(|(epoch, list)| list.iter().map(move |one| (epoch, one)));
    entries.collect()
}
