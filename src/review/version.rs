//! What the machine said of an alert at an epoch, as far as people compare it.
//!
//! In: items as they are brought in. Out: what one said up to an epoch. Must hold: nothing in it identifies a person; of an
//! epoch that the desk passed over nothing is made up.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::database::Failure;
use super::item::EvidenceDigest;
use super::rows::{word, word_or_none};
use crate::authenticate::Cause;
use crate::record::{Day, Money};
use crate::rule::{Class, Severity};
use crate::store::AlertState;

/// What the machine says of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What it suggests.
    pub class: Class,
    /// How much harm it stands for.
    pub severity: Severity,
    /// The amount at stake.
    pub amount: Money,
    /// Distinct sources, for the reason that counts them.
    pub grade: Option<u8>,
    /// Why a participant does not authenticate.
    pub cause: Option<Cause>,
    /// The outlier score, in ten-thousandths.
    pub score: Option<u16>,
    /// How likely misuse is, in ten-thousandths.
    pub misuse_probability: Option<u16>,
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// The day of the service.
    pub service_day: Option<Day>,
    /// Whether it holds.
    pub state: AlertState,
    /// What it rests on.
    pub digest: EvidenceDigest,
}

impl Version {
    /// Whether it holds: what is archived stands as it was.
    pub fn holds(&self) -> bool {
        self.state != AlertState::Withdrawn
    }
}

const COLUMNS: &str = "class, severity, amount, grade, cause, score, misuse_probability, priority, service_day, state, digest";

fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        class: word(row, 0, Class::from_name)?,
        severity: word(row, 1, |name| {
            Severity::ALL.into_iter().find(|one| one.as_str() == name)
        })?,
        amount: Money::from_thousandths(row.get(2)?),
        grade: row.get(3)?,
        cause: word_or_none(row, 4, Cause::from_name)?,
        score: row.get(5)?,
        misuse_probability: row.get(6)?,
        priority: row.get(7)?,
        service_day: row.get::<_, Option<i32>>(8)?.map(Day::from_number),
        state: word(row, 9, AlertState::from_name)?,
        digest: EvidenceDigest(row.get(10)?),
    })
}

/// Keeps what an item says now, from an epoch on. What another store said later is forgotten.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    alert_id: &str,
    epoch: u64,
) -> Result<(), Failure> {
    let delete = "DELETE FROM version WHERE alert_id = ? AND epoch > ?";
    let mut delete = transaction.prepare_cached(delete)?;
    delete.execute(rusqlite::params![alert_id, epoch])?;
    let insert = "INSERT OR REPLACE INTO version
        SELECT alert_id, ?, class, severity, amount, grade, cause, score, misuse_probability, priority, service_day, state,
            digest
        FROM item WHERE alert_id = ?";
    let mut insert = transaction.prepare_cached(insert)?;
    insert.execute(rusqlite::params![epoch, alert_id])?;
    Ok(())
}

/// What was said of an alert up to an epoch, and from which epoch on.
pub(super) fn as_of(
    connection: &Connection,
    alert_id: &str,
    epoch: u64,
) -> Result<Option<(u64, Version)>, Failure> {
    let query = format!(
        "SELECT {COLUMNS}, epoch FROM version WHERE alert_id = ? AND epoch <= ? ORDER BY epoch DESC LIMIT 1"
    );
    let mut query = connection.prepare_cached(&query)?;
    let found = query.query_row(rusqlite::params![alert_id, epoch], |row| {
        Ok((row.get(11)?, version(row)?))
    });
    Ok(found.optional()?)
}
