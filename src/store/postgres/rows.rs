//! Rows of the tables as values.

use postgres::Row;
use postgres::types::FromSql;

use super::error::Failure;
use crate::store::alert::SealedAlert;
use crate::store::{
    AlertRow, AlertState, Committed, EpochRecord, RejectRow, RejectState, RestoredClaim,
    StoredAlert, StoredReject, StoredRestoration,
};

/// How far the store is.
pub(super) const COMMITTED: &str =
    "SELECT journal_id, generation, committed_epoch, clock_day FROM meta";
/// The same, held against other writers until the transaction ends.
pub(super) const COMMITTED_LOCKED: &str =
    "SELECT journal_id, generation, committed_epoch, clock_day FROM meta FOR UPDATE";

/// The columns that [`alert`] reads, in their order.
pub(super) const ALERT: &str = "alert_id, reason, class, severity, subject_kind, amount, grade, \
    cause, score, misuse_probability, priority, raised_at, raised_epoch, changed_epoch, state, sealed";

/// The columns that [`reject`] reads, in their order.
pub(super) const REJECT: &str = "epoch, ordinal, source, stream, file, row, code, message, \
    received_at, state, repaired_by_epoch";

/// A column.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Failure> {
    row.try_get(column).map_err(|_| Failure::Unreadable(column))
}

/// A column of numbers, as a narrower one.
pub(super) fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, Failure> {
    T::try_from(get(row, column)?).map_err(|_| Failure::Unreadable(column))
}

fn optional<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, Failure> {
    let number = get::<Option<i64>>(row, column)?.map(T::try_from);
    number.transpose().map_err(|_| Failure::Unreadable(column))
}

/// A number that is stored: of those that come here, checked ones and generations, none is higher.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A column of digests or ids.
pub(super) fn bytes<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Failure> {
    let bytes: &[u8] = get(row, column)?;
    bytes.try_into().map_err(|_| Failure::Unreadable(column))
}

/// The value whose word is in a column.
pub(super) fn named<T>(
    row: &Row,
    column: usize,
    from_name: impl Fn(&str) -> Option<T>,
) -> Result<T, Failure> {
    from_name(get(row, column)?).ok_or(Failure::Unreadable(column))
}

pub(super) fn committed(row: &Row) -> Result<Committed, Failure> {
    Ok(Committed {
        journal_id: bytes(row, 0)?,
        generation: number(row, 1)?,
        epoch: optional(row, 2)?,
        clock_day: optional(row, 3)?,
    })
}

pub(super) fn alert(row: &Row) -> Result<SealedAlert, Failure> {
    let word = |column| get::<String>(row, column).map(Into::into);
    let alert = AlertRow {
        alert_id: get(row, 0)?,
        reason: word(1)?,
        class: word(2)?,
        severity: word(3)?,
        subject_kind: word(4)?,
        subject_id: String::new(),
        amount_thousandths: get(row, 5)?,
        grade: optional(row, 6)?,
        cause: get::<Option<String>>(row, 7)?.map(Into::into),
        score: optional(row, 8)?,
        misuse_probability: optional(row, 9)?,
        priority: number(row, 10)?,
        raised_at: get(row, 11)?,
        raised_epoch: number(row, 12)?,
        line: String::new(),
    };
    Ok(SealedAlert {
        stored: StoredAlert {
            alert,
            changed_epoch: number(row, 13)?,
            state: named(row, 14, AlertState::from_name)?,
        },
        sealed: get(row, 15)?,
    })
}

pub(super) fn reject(row: &Row) -> Result<StoredReject, Failure> {
    let reject = RejectRow {
        ordinal: number(row, 1)?,
        source: get(row, 2)?,
        stream: get::<String>(row, 3)?.into(),
        file: get(row, 4)?,
        row: number(row, 5)?,
        code: get::<String>(row, 6)?.into(),
        message: get(row, 7)?,
        received_at: get(row, 8)?,
    };
    Ok(StoredReject {
        epoch: number(row, 0)?,
        reject,
        state: named(row, 9, RejectState::from_name)?,
        repaired_by_epoch: optional(row, 10)?,
    })
}

/// Reads `epoch, stream, facility, visit_id, until_day`.
pub(super) fn restored(row: &Row) -> Result<StoredRestoration, Failure> {
    let visit_id = String::from_utf8(get(row, 3)?);
    Ok(StoredRestoration {
        epoch: number(row, 0)?,
        claim: RestoredClaim {
            stream: get::<String>(row, 1)?.into(),
            facility: get(row, 2)?,
            visit_id: visit_id.map_err(|_| Failure::Unreadable(3))?,
            until_day: number(row, 4)?,
        },
    })
}

/// Reads `epoch, digest, at, rows, raised, changed, withdrawn, archived`.
pub(super) fn epoch(row: &Row) -> Result<EpochRecord, Failure> {
    Ok(EpochRecord {
        epoch: number(row, 0)?,
        digest: bytes(row, 1)?,
        at: get(row, 2)?,
        rows: number(row, 3)?,
        raised: number(row, 4)?,
        changed: number(row, 5)?,
        withdrawn: number(row, 6)?,
        archived: number(row, 7)?,
    })
}
