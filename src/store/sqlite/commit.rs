//! A commit: epochs and `committed_epoch` in one transaction.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::{Failure, rows};
use crate::store::batch::outcomes;
use crate::store::key::StoreKey;
use crate::store::meta::Opening;
use crate::store::{Commit, EpochCommit, Pruned, Pruning, StoreError, plan, reject};

type Done = Result<(), Failure>;

pub(super) fn commit(
    (connection, key): (&Connection, &StoreKey),
    opening: &Opening,
    place: &str,
    epochs: &[EpochCommit],
) -> Result<Commit, Failure> {
    let committed = rows::committed(connection)?;
    opening.may_write(&committed, place)?;
    let repeated = plan::repeated(committed.epoch, epochs);
    let known = digests(connection, &epochs[..repeated])?;
    let new = plan::to_write(committed.epoch, &known, epochs)?;
    if let Some(last) = new.last() {
        write_alerts(connection, key, new)?;
        for epoch in new {
            write_history(connection, key, epoch)?;
            write_rejects(connection, epoch)?;
            write_positions(connection, epoch)?;
            write_requests(connection, epoch)?;
            write_restored(connection, epoch)?;
            write_record(connection, epoch)?;
        }
        let clock_day = new.iter().rev().find_map(|epoch| epoch.clock_day);
        let update = "UPDATE meta SET committed_epoch = :epoch, generation = :generation,
            clock_day = coalesce(:clock_day, clock_day)";
        connection.prepare_cached(update)?.execute(named_params! {
            ":epoch": last.epoch,
            ":generation": opening.generation,
            ":clock_day": clock_day,
        })?;
    }
    Ok(Commit {
        written: new.len(),
        repeated,
    })
}

pub(super) fn prune(
    connection: &Connection,
    opening: &Opening,
    place: &str,
    pruning: Pruning,
) -> Result<Pruned, Failure> {
    opening.may_write(&rows::committed(connection)?, place)?;
    let epochs = "DELETE FROM epochs
        WHERE epoch < (SELECT epoch FROM epochs ORDER BY epoch DESC LIMIT 1 OFFSET :others)";
    let others = pruning.keep_epochs.saturating_sub(1);
    let epochs = connection.execute(epochs, named_params! {":others": others})?;
    let requests = "DELETE FROM requests WHERE received_at < :before";
    let before = pruning.requests_before;
    let requests = connection.execute(requests, named_params! {":before": before})?;
    Ok(Pruned {
        epochs: epochs as u64,
        requests: requests as u64,
    })
}

fn digests(
    connection: &Connection,
    epochs: &[EpochCommit],
) -> Result<Vec<(u64, [u8; 32])>, Failure> {
    let query = "SELECT digest FROM epochs WHERE epoch = :epoch";
    let mut query = connection.prepare_cached(query)?;
    let mut digests = Vec::with_capacity(epochs.len());
    for EpochCommit { epoch, .. } in epochs {
        let digest = query.query_row(named_params! {":epoch": epoch}, |row| row.get(0));
        digests.extend(digest.optional()?.map(|digest| (*epoch, digest)));
    }
    Ok(digests)
}

fn write_alerts(connection: &Connection, key: &StoreKey, epochs: &[EpochCommit]) -> Done {
    let upsert = "INSERT INTO alerts (alert_id, reason, class, severity, subject_kind, amount, grade,
            cause, score, misuse_probability, priority, raised_at, raised_epoch, changed_epoch, state,
            sealed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (alert_id) DO UPDATE
        SET reason = excluded.reason, class = excluded.class, severity = excluded.severity,
            subject_kind = excluded.subject_kind, amount = excluded.amount, grade = excluded.grade, cause = excluded.cause,
            score = excluded.score, misuse_probability = excluded.misuse_probability,
            priority = excluded.priority, raised_at = excluded.raised_at,
            raised_epoch = excluded.raised_epoch, changed_epoch = excluded.changed_epoch,
            state = excluded.state, sealed = excluded.sealed
        WHERE alerts.sealed IS NOT excluded.sealed OR alerts.state IS NOT excluded.state
            OR alerts.score IS NOT excluded.score
            OR alerts.misuse_probability IS NOT excluded.misuse_probability
            OR alerts.priority IS NOT excluded.priority";
    let update = "UPDATE alerts SET state = :state, changed_epoch = :changed_epoch
        WHERE alert_id = :alert_id";
    // Bound by place: names would be looked for with every row.
    let mut upsert = connection.prepare_cached(upsert)?;
    let mut update = connection.prepare_cached(update)?;
    for outcome in outcomes(epochs) {
        let state = outcome.state.as_str();
        let Some(row) = outcome.row else {
            let updated = update.execute(named_params! {
                ":alert_id": outcome.alert_id,
                ":state": state,
                ":changed_epoch": outcome.changed_epoch,
            })?;
            if updated == 0 {
                let (epoch, what) = (outcome.changed_epoch, "an alert");
                return Err(StoreError::Unknown { epoch, what }.into());
            }
            continue;
        };
        upsert.execute(params![
            row.alert_id,
            &*row.reason,
            &*row.class,
            &*row.severity,
            &*row.subject_kind,
            row.amount_thousandths,
            row.grade,
            row.cause.as_deref(),
            row.score,
            row.misuse_probability,
            row.priority,
            row.raised_at,
            row.raised_epoch,
            outcome.changed_epoch,
            state,
            key.seal_alert(&row.alert_id, &row.subject_id, &row.line),
        ])?;
    }
    Ok(())
}

fn write_history(connection: &Connection, key: &StoreKey, epoch: &EpochCommit) -> Done {
    let insert = "INSERT INTO history (epoch, alert_id, kind, at, reason, sealed)
        VALUES (?, ?, ?, ?, ?, ?)";
    let mut insert = connection.prepare_cached(insert)?;
    for row in &epoch.history {
        insert.execute(params![
            epoch.epoch,
            row.alert_id,
            row.kind.as_str(),
            row.at,
            &*row.reason,
            key.seal_history(epoch.epoch, &row.alert_id, &row.line),
        ])?;
    }
    Ok(())
}

fn write_rejects(connection: &Connection, epoch: &EpochCommit) -> Done {
    let insert = "INSERT INTO rejects (epoch, ordinal, source, stream, file, row, code, message, received_at,
            state)
        VALUES (:epoch, :ordinal, :source, :stream, :file, :row, :code, :message, :received_at, 'open')";
    let mut insert = connection.prepare_cached(insert)?;
    for one in &epoch.rejects {
        insert.execute(named_params! {
            ":epoch": epoch.epoch,
            ":ordinal": one.ordinal,
            ":source": reject::storable(&one.source),
            ":stream": &*one.stream,
            ":file": one.file.as_deref().map(reject::storable),
            ":row": one.row,
            ":code": &*one.code,
            ":message": reject::storable(&one.message),
            ":received_at": one.received_at,
        })?;
    }
    let update = "UPDATE rejects SET state = :state, repaired_by_epoch = :by
        WHERE epoch = :epoch AND ordinal = :ordinal";
    let mut update = connection.prepare_cached(update)?;
    for settled in &epoch.settled {
        // One that the store never had is passed over: it came in a month that was erased before the store was filled.
        update.execute(named_params! {
            ":epoch": settled.epoch,
            ":ordinal": settled.ordinal,
            ":state": settled.state().as_str(),
            ":by": settled.is_repaired.then_some(epoch.epoch),
        })?;
    }
    Ok(())
}

fn write_positions(connection: &Connection, epoch: &EpochCommit) -> Done {
    let upsert = "INSERT INTO positions (source, partition, position, epoch)
        VALUES (:source, :partition, :position, :epoch)
        ON CONFLICT (source, partition) DO UPDATE
        SET position = excluded.position, epoch = excluded.epoch
        WHERE excluded.epoch >= positions.epoch";
    let mut upsert = connection.prepare_cached(upsert)?;
    for one in &epoch.positions {
        upsert.execute(named_params! {
            ":source": one.source,
            ":partition": one.partition,
            ":position": one.position,
            ":epoch": epoch.epoch,
        })?;
    }
    Ok(())
}

fn write_requests(connection: &Connection, epoch: &EpochCommit) -> Done {
    // The first answer stays: it is the one that was given.
    let insert = "INSERT INTO requests
            (principal, key_digest, body_digest, epoch, response, received_at)
        VALUES (:principal, :key_digest, :body_digest, :epoch, :response, :received_at)
        ON CONFLICT (principal, key_digest) DO NOTHING";
    let mut insert = connection.prepare_cached(insert)?;
    for one in &epoch.requests {
        insert.execute(named_params! {
            ":principal": one.principal,
            ":key_digest": one.key_digest,
            ":body_digest": one.body_digest,
            ":epoch": epoch.epoch,
            ":response": one.response,
            ":received_at": one.received_at,
        })?;
    }
    Ok(())
}

fn write_restored(connection: &Connection, epoch: &EpochCommit) -> Done {
    let insert = "INSERT INTO restored (epoch, stream, facility, visit_id, until_day)
        VALUES (:epoch, :stream, :facility, :visit_id, :until_day)";
    let mut insert = connection.prepare_cached(insert)?;
    for one in &epoch.restored {
        insert.execute(named_params! {
            ":epoch": epoch.epoch,
            ":stream": &*one.stream,
            ":facility": one.facility,
            ":visit_id": one.visit_id.as_bytes(),
            ":until_day": one.until_day,
        })?;
    }
    Ok(())
}

fn write_record(connection: &Connection, epoch: &EpochCommit) -> Done {
    let record = epoch.record();
    let insert =
        "INSERT INTO epochs (epoch, digest, at, rows, raised, changed, withdrawn, archived)
        VALUES (:epoch, :digest, :at, :rows, :raised, :changed, :withdrawn, :archived)";
    connection.prepare_cached(insert)?.execute(named_params! {
        ":epoch": record.epoch,
        ":digest": record.digest,
        ":at": record.at,
        ":rows": record.rows,
        ":raised": record.raised,
        ":changed": record.changed,
        ":withdrawn": record.withdrawn,
        ":archived": record.archived,
    })?;
    Ok(())
}
