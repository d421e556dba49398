//! What the machine did to alerts, and what of it is left between two looks.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, named_params};

use super::database::Failure;
use super::viewer::Viewer;
use crate::record::Stream;
use crate::store::HistoryKind;

/// Changes that a difference is made of, at most.
const MOST: u64 = 20_000;
/// Alerts of a difference that are named.
const NAMED: usize = 200;

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

/// The net difference between two looks: an alert that was raised and withdrawn in between is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The epoch of the look before.
    pub since: u64,
    /// The epoch of this one.
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

/// What is left of the changes of the epochs after one, up to another, of what the viewer sees.
pub(super) fn between(
    connection: &Connection,
    who: &Viewer,
    (since, until): (u64, u64),
) -> Result<Changes, Failure> {
    let query =
        "SELECT change.alert_id, kind, province, epoch FROM change JOIN item USING (alert_id)
        WHERE epoch > ? AND epoch <= ? ORDER BY epoch LIMIT ?";
    let mut query = connection.prepare_cached(query)?;
    let mut found = query.query([since, until, MOST + 1])?;
    let (mut read, mut until) = (0, until);
    // Of each alert the first and the last change: the first tells whether it held before.
    let mut ends: BTreeMap<String, (HistoryKind, HistoryKind)> = BTreeMap::new();
    while let Some(row) = found.next()? {
        read += 1;
        if read > MOST {
            // More than anybody looks through: the difference is told up to here.
            until = row.get::<_, u64>(3)?.saturating_sub(1);
            break;
        }
        let province: Option<String> = row.get(2)?;
        let Some(kind) = kind(row.get_ref(1)?.as_str().unwrap_or_default()) else {
            continue;
        };
        if who.sees(province.as_deref()) {
            let of_alert = ends.entry(row.get(0)?).or_insert((kind, kind));
            of_alert.1 = kind;
        }
    }
    let mut changes = Changes {
        since,
        until,
        ..Changes::default()
    };
    for (alert_id, (first, last)) in ends {
        let held = first != HistoryKind::Raised;
        let holds = last != HistoryKind::Withdrawn;
        let (count, kind) = match (held, holds) {
            (false, true) => (&mut changes.raised, HistoryKind::Raised),
            (true, true) => (&mut changes.changed, HistoryKind::Changed),
            (true, false) => (&mut changes.withdrawn, HistoryKind::Withdrawn),
            (false, false) => continue,
        };
        *count += 1;
        if changes.alerts.len() < NAMED {
            changes.alerts.push((alert_id, kind));
        }
    }
    Ok(changes)
}
