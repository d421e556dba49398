//! Rows of the tables as values.

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, Row};

use crate::store::alert::SealedAlert;
use crate::store::{
    AlertRow, AlertState, Committed, EpochRecord, RejectRow, RejectState, RestoredClaim,
    StoredAlert, StoredReject, StoredRestoration,
};

/// The columns that [`alert`] reads, in their order.
pub(super) const ALERT: &str = "alert_id, reason, class, severity, subject_kind, amount, grade, \
    cause, score, misuse_probability, priority, raised_at, raised_epoch, changed_epoch, state, sealed";

/// The columns that [`reject`] reads, in their order.
pub(super) const REJECT: &str = "epoch, ordinal, source, stream, file, row, code, message, \
    received_at, state, repaired_by_epoch";

pub(super) fn alert(row: &Row<'_>) -> rusqlite::Result<SealedAlert> {
    let word = |column| row.get::<_, String>(column).map(Into::into);
    let alert = AlertRow {
        alert_id: row.get(0)?,
        reason: word(1)?,
        class: word(2)?,
        severity: word(3)?,
        subject_kind: word(4)?,
        subject_id: String::new(),
        amount_thousandths: row.get(5)?,
        grade: row.get(6)?,
        cause: row.get::<_, Option<String>>(7)?.map(Into::into),
        score: row.get(8)?,
        misuse_probability: row.get(9)?,
        priority: row.get(10)?,
        raised_at: row.get(11)?,
        raised_epoch: row.get(12)?,
        line: String::new(),
    };
    Ok(SealedAlert {
        stored: StoredAlert {
            alert,
            changed_epoch: row.get(13)?,
            state: named(row, 14, AlertState::from_name)?,
        },
        sealed: row.get(15)?,
    })
}

/// Reads `alert_id, subject_id, line` of before texts were sealed.
pub(super) fn plain_alert(row: &Row<'_>) -> rusqlite::Result<(String, String, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// Reads `id, epoch, alert_id, line` of before texts were sealed.
pub(super) fn plain_history(row: &Row<'_>) -> rusqlite::Result<(i64, u64, String, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

pub(super) fn reject(row: &Row<'_>) -> rusqlite::Result<StoredReject> {
    let reject = RejectRow {
        ordinal: row.get(1)?,
        source: row.get(2)?,
        stream: row.get::<_, String>(3)?.into(),
        file: row.get(4)?,
        row: row.get(5)?,
        code: row.get::<_, String>(6)?.into(),
        message: row.get(7)?,
        received_at: row.get(8)?,
    };
    Ok(StoredReject {
        epoch: row.get(0)?,
        reject,
        state: named(row, 9, RejectState::from_name)?,
        repaired_by_epoch: row.get(10)?,
    })
}

/// Reads `epoch, stream, facility, visit_id, until_day`.
pub(super) fn restored(row: &Row<'_>) -> rusqlite::Result<StoredRestoration> {
    let visit_id = String::from_utf8(row.get(3)?);
    let visit_id = visit_id
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, Type::Blob, error.into()))?;
    Ok(StoredRestoration {
        epoch: row.get(0)?,
        claim: RestoredClaim {
            stream: row.get::<_, String>(1)?.into(),
            facility: row.get(2)?,
            visit_id,
            until_day: row.get(4)?,
        },
    })
}

/// Reads `epoch, digest, at, rows, raised, changed, withdrawn, archived`.
pub(super) fn epoch(row: &Row<'_>) -> rusqlite::Result<EpochRecord> {
    Ok(EpochRecord {
        epoch: row.get(0)?,
        digest: row.get(1)?,
        at: row.get(2)?,
        rows: row.get(3)?,
        raised: row.get(4)?,
        changed: row.get(5)?,
        withdrawn: row.get(6)?,
        archived: row.get(7)?,
    })
}

pub(super) fn committed(connection: &Connection) -> rusqlite::Result<Committed> {
    let query = "SELECT journal_id, generation, committed_epoch, clock_day FROM meta";
    let mut query = connection.prepare_cached(query)?;
    query.query_row([], |row| {
        Ok(Committed {
            journal_id: row.get(0)?,
            generation: row.get(1)?,
            epoch: row.get(2)?,
            clock_day: row.get(3)?,
        })
    })
}

/// The value whose word is in a column.
pub(super) fn named<T>(
    row: &Row<'_>,
    column: usize,
    from_name: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let word = row.get_ref(column)?.as_str()?;
    from_name(word).ok_or_else(|| {
        let unknown = FromSqlError::Other("a word that is not known".into());
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, unknown.into())
    })
}
