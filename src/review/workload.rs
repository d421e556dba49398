//! How much work there is, by where it lies: for whoever watches over it.

use rusqlite::Connection;

use super::database::Failure;
use crate::language::worded;
use crate::record::Day;

worded! {
    /// Where an alert lies that somebody has to decide.
    WorkPlace {
        Open = "open", "to be taken", "chờ nhận xử lý";
        UnderWay = "under_way", "under way", "đang xử lý";
        Escalated = "escalated", "escalated", "đã chuyển cấp trên";
        Proposed = "proposed", "proposed", "chờ duyệt";
    }
}

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Where.
    pub place: WorkPlace,
    /// How many alerts.
    pub alerts: u64,
    /// How many of them should have been decided before today.
    pub past_due: u64,
    /// When the oldest of them was raised, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

/// What lies at every place, of all provinces.
pub(super) fn workload(connection: &Connection, today: Day) -> Result<Vec<Workload>, Failure> {
    let query = "SELECT count(*), count(*) FILTER (WHERE due_day < ?2), min(raised_at) FROM item WHERE place = ?1";
    let mut query = connection.prepare_cached(query)?;
    let mut all = Vec::with_capacity(WorkPlace::ALL.len());
    for place in WorkPlace::ALL {
        let values = rusqlite::params![place.as_str(), today.number()];
        all.push(query.query_row(values, |row| {
            Ok(Workload {
                place: *place,
                alerts: row.get(0)?,
                past_due: row.get(1)?,
                oldest: row.get(2)?,
            })
        })?);
    }
    Ok(all)
}
