//! What the machine did to alerts.

use rusqlite::{Connection, Transaction, named_params};

use super::database::Failure;
use crate::record::Stream;
use crate::store::HistoryKind;

/// Something that the machine did to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineChange {
    /// The alert.
    pub alert_id: String,
    /// The epoch that did it.
    pub epoch: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What.
    pub kind: HistoryKind,
    /// The streams of the rows that changed.
    pub causes: Vec<Stream>,
}

/// The net difference between two looks, in numbers: an alert that was raised and withdrawn in between is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The epoch of the look before.
    pub since: u64,
    /// The epoch of this one; an earlier one where more happened than is told at once.
    pub until: u64,
    /// Alerts that hold now and did not.
    pub raised: u64,
    /// Alerts that held and hold, and say something else.
    pub changed: u64,
    /// Alerts that held and do not.
    pub withdrawn: u64,
    /// The first of them, by id, with what became of each.
    pub alerts: Vec<(String, HistoryKind)>,
}

pub(super) fn kind(name: &str) -> Option<HistoryKind> {
    [
        HistoryKind::Raised,
        HistoryKind::Changed,
        HistoryKind::Withdrawn,
        HistoryKind::Archived,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == name)
}

/// Adds changes; those that are known already are left as they are.
pub(super) fn add(transaction: &Transaction<'_>, changes: &[MachineChange]) -> Result<(), Failure> {
    let insert = "INSERT INTO change (alert_id, epoch, at, kind, causes)
        VALUES (:alert, :epoch, :at, :kind, :causes) ON CONFLICT DO NOTHING";
    let mut insert = transaction.prepare_cached(insert)?;
    for change in changes {
        let causes: Vec<&str> = change.causes.iter().map(|stream| stream.name()).collect();
        insert.execute(named_params! {
            ":alert": change.alert_id,
            ":epoch": change.epoch,
            ":at": change.at,
            ":kind": change.kind.as_str(),
            ":causes": causes.join(";"),
        })?;
    }
    Ok(())
}

/// What the machine did to an alert, the first thing first.
pub(super) fn of_alert(
    connection: &Connection,
    alert_id: &str,
) -> Result<Vec<MachineChange>, Failure> {
    let query = "SELECT epoch, at, kind, causes FROM change WHERE alert_id = ? ORDER BY epoch";
    let mut query = connection.prepare_cached(query)?;
    let mut found = query.query([alert_id])?;
    let mut changes = Vec::new();
    while let Some(row) = found.next()? {
        let (name, causes): (String, String) = (row.get(2)?, row.get(3)?);
        let streams = Stream::ALL.iter().copied();
        changes.push(MachineChange {
            alert_id: alert_id.to_owned(),
            epoch: row.get(0)?,
            at: row.get(1)?,
            kind: kind(&name).unwrap_or(HistoryKind::Changed),
            causes: streams
                .filter(|stream| causes.split(';').any(|cause| cause == stream.name()))
                .collect(),
        });
    }
    Ok(changes)
}
