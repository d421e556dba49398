//! The net difference between two epochs, and what others did meanwhile.
//!
//! In: when alerts were raised, changed and withdrawn; what the machine said of them at each epoch; what people did. Out: of
//! each alert what is left of it. Must hold: the difference is that of two reads, one as of each epoch: what came and went
//! between is none, what was raised and then changed is raised, what changed and changed back is as it was; what an epoch
//! said that is not known any more counts as changed; nothing of a province that is not the viewer's.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::Failure;
use super::event::WorkEvent;
use super::item::Item;
use super::lists::{self, Standing};
use super::machine_change::{Changes, kind};
use super::review_key::ReviewKey;
use super::rows;
use super::version::{self, Version};
use super::view::View;
use super::viewer::Viewer;
use crate::record::Day;
use crate::store::HistoryKind;

/// Things that happened of which a difference is made, at most, but for those of one epoch.
const MOST: usize = 20_000;
/// The same where it is told again and again.
const MOST_OFTEN: usize = 1_000;
/// Alerts of a difference that are named.
const NAMED: usize = 200;

/// What became of an alert between two epochs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetChange {
    /// The alert.
    pub alert_id: String,
    /// [`HistoryKind::Raised`], [`HistoryKind::Changed`] or [`HistoryKind::Withdrawn`].
    pub kind: HistoryKind,
    /// What it said before; nothing where it did not hold, or that is not known.
    pub from: Option<Version>,
    /// What it says; nothing where that is not known.
    pub to: Option<Version>,
}

/// Of which alerts a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that the viewer sees.
    All,
    /// Those that the viewer has.
    Mine,
    /// Those that are on a list, or would be, did they hold.
    List(View, Day),
}

/// Whether an alert held at an epoch, and whether what it said then is known.
struct AsOf {
    holds: bool,
    version: Option<Version>,
}

fn as_of(connection: &Connection, alert_id: &str, epoch: u64) -> Result<AsOf, Failure> {
    let of_change = |row: &Row<'_>| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?));
    let query = "SELECT epoch, kind FROM change WHERE alert_id = ? AND epoch <= ?
        ORDER BY epoch DESC LIMIT 1";
    let mut query = connection.prepare_cached(query)?;
    let last = query.query_row(params![alert_id, epoch], of_change);
    let last = last.optional()?;
    let known = version::as_of(connection, alert_id, epoch)?;
    // What was said before the last change is not what was said then.
    let known = known.filter(|(at, _)| last.as_ref().is_none_or(|(changed, _)| at >= changed));
    if let Some((_, version)) = known {
        return Ok(AsOf {
            holds: version.holds(),
            version: Some(version),
        });
    }
    let holds = match last {
        Some((_, name)) => kind(&name) != Some(HistoryKind::Withdrawn),
        None => {
            // The first thing that happened to it tells whether it held before.
            let query = "SELECT epoch, kind FROM change WHERE alert_id = ? AND epoch > ?
                ORDER BY epoch LIMIT 1";
            let mut query = connection.prepare_cached(query)?;
            let next = query.query_row(params![alert_id, epoch], of_change);
            let next = next.optional()?;
            next.is_some_and(|(_, name)| kind(&name) != Some(HistoryKind::Raised))
        }
    };
    Ok(AsOf {
        holds,
        version: None,
    })
}

/// What became of an alert after an epoch, up to another; nothing where that is nothing.
pub(super) fn of_alert(
    connection: &Connection,
    alert_id: &str,
    (since, until): (u64, u64),
) -> Result<Option<NetChange>, Failure> {
    if !is_touched(connection, alert_id, (since, until))? {
        return Ok(None);
    }
    let before = as_of(connection, alert_id, since)?;
    let after = as_of(connection, alert_id, until)?;
    let kind = match (before.holds, after.holds) {
        (false, false) => return Ok(None),
        (false, true) => HistoryKind::Raised,
        (true, false) => HistoryKind::Withdrawn,
        (true, true) if before.version.is_some() && before.version == after.version => {
            return Ok(None);
        }
        (true, true) => HistoryKind::Changed,
    };
    Ok(Some(NetChange {
        alert_id: alert_id.to_owned(),
        kind,
        from: before.version.filter(|_| before.holds),
        to: after.version,
    }))
}

/// Whether anything happened to an alert.
fn is_touched(
    connection: &Connection,
    alert_id: &str,
    (since, until): (u64, u64),
) -> Result<bool, Failure> {
    let query =
        "SELECT EXISTS (SELECT 1 FROM change WHERE alert_id = ?1 AND epoch > ?2 AND epoch <= ?3)
        OR EXISTS (SELECT 1 FROM version WHERE alert_id = ?1 AND epoch > ?2 AND epoch <= ?3)";
    let mut query = connection.prepare_cached(query)?;
    Ok(query.query_row(params![alert_id, since, until], |row| row.get(0))?)
}

/// Things that happened in epochs, in their order, at most so many: the epoch and the alert of each.
fn happened(
    connection: &Connection,
    (since, until): (u64, u64),
    most: usize,
) -> Result<Vec<(u64, String)>, Failure> {
    let query = "SELECT epoch, alert_id FROM change WHERE epoch > ?1 AND epoch <= ?2
        UNION SELECT epoch, alert_id FROM version WHERE epoch > ?1 AND epoch <= ?2
        ORDER BY 1, 2 LIMIT ?3";
    let mut query = connection.prepare_cached(query)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = query.query_map(params![since, until, most], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The alerts to which something happened, by id, and up to which epoch that was looked for: where more happened than
/// anybody looks through, up to the last epoch that is in it whole.
fn touched(
    connection: &Connection,
    (since, until): (u64, u64),
    most: usize,
) -> Result<(BTreeSet<String>, u64), Failure> {
    let happened = happened(connection, (since, until), most)?;
    let until = match (happened.len() >= most, happened.last()) {
        (true, Some((last, _))) => last - 1,
        _ => until,
    };
    let whole = happened.into_iter().filter(|(epoch, _)| *epoch <= until);
    Ok((whole.map(|(_, alert_id)| alert_id).collect(), until))
}

/// What is left of what happened after an epoch, up to another, of what the viewer sees.
pub(super) fn between(
    connection: &Connection,
    who: &Viewer,
    (since, until): (u64, u64),
    scope: Scope,
) -> Result<(Changes, Vec<NetChange>), Failure> {
    if scope == Scope::Mine {
        let ids = lists::touched_of(connection, &who.name, since)?;
        return of_all(connection, who, ids, (since, until), scope);
    }
    let (ids, mut reached) = touched(connection, (since, until), MOST)?;
    if !ids.is_empty() || reached == until {
        return of_all(connection, who, ids, (since, reached), scope);
    }
    // The first epoch in which something happened is larger: it is told whole, so that one gets on.
    reached += 1;
    let all = happened(connection, (since, reached), usize::MAX)?;
    let ids: BTreeSet<String> = all.into_iter().map(|(_, alert_id)| alert_id).collect();
    of_all(connection, who, ids, (since, reached), scope)
}

/// The same of all alerts, told again and again: of an epoch that is large, nothing.
pub(super) fn often(
    connection: &Connection,
    who: &Viewer,
    (since, until): (u64, u64),
) -> Result<Changes, Failure> {
    let (ids, until) = touched(connection, (since, until), MOST_OFTEN)?;
    Ok(of_all(connection, who, ids, (since, until), Scope::All)?.0)
}

/// How many alerts became something else, of so many things that happened at most, and whether there are more.
pub(super) fn count(
    connection: &Connection,
    who: &Viewer,
    (since, until): (u64, u64),
    scope: Scope,
    most: usize,
) -> Result<(u64, bool), Failure> {
    let (ids, is_more) = match scope {
        Scope::Mine => (lists::touched_of(connection, &who.name, since)?, false),
        Scope::All | Scope::List(..) => {
            let happened = happened(connection, (since, until), most)?;
            let is_more = happened.len() >= most;
            let ids: BTreeSet<String> = happened.into_iter().map(|(_, id)| id).collect();
            (ids.into_iter().collect(), is_more)
        }
    };
    let (changes, _) = of_all(connection, who, ids, (since, until), scope)?;
    let count = changes.raised + changes.changed + changes.withdrawn;
    Ok((count, is_more))
}

fn of_all(
    connection: &Connection,
    who: &Viewer,
    ids: impl IntoIterator<Item = String>,
    (since, until): (u64, u64),
    scope: Scope,
) -> Result<(Changes, Vec<NetChange>), Failure> {
    let mut changes = Changes {
        since,
        until,
        ..Changes::default()
    };
    let mut named = Vec::new();
    for alert_id in ids {
        let Some(standing) = lists::standing(connection, &alert_id)? else {
            continue;
        };
        if !who.sees(standing.province.as_deref()) || !is_in(scope, &alert_id, &standing) {
            continue;
        }
        let Some(change) = of_alert(connection, &alert_id, (since, until))? else {
            continue;
        };
        *match change.kind {
            HistoryKind::Raised => &mut changes.raised,
            HistoryKind::Withdrawn => &mut changes.withdrawn,
            HistoryKind::Changed | HistoryKind::Archived => &mut changes.changed,
        } += 1;
        if named.len() < NAMED {
            changes.alerts.push((alert_id, change.kind));
            named.push(change);
        }
    }
    Ok((changes, named))
}

fn is_in(scope: Scope, alert_id: &str, standing: &Standing) -> bool {
    match scope {
        Scope::All | Scope::Mine => true,
        Scope::List(view, today) => lists::is_of(view, alert_id, standing, today),
    }
}

/// What others did about alerts after an event: about those that the viewer has or had a part in, the first thing first,
/// at most `limit`.
pub(super) fn by_others(
    connection: &Connection,
    key: &ReviewKey,
    who: &Viewer,
    after: u64,
    limit: usize,
) -> Result<Vec<WorkEvent>, Failure> {
    // By the alerts, since the viewer's own are few, and events are many.
    let query = format!(
        "SELECT {}, (SELECT province FROM item WHERE item.alert_id = event.alert_id) AS of_province
         FROM event INDEXED BY event_alert
         WHERE number > ?1 AND actor IS NOT ?2 AND alert_id IN (
            SELECT alert_id FROM item WHERE assignee = ?2
            UNION SELECT alert_id FROM event AS own WHERE own.actor = ?2)
         ORDER BY number",
        rows::EVENT
    );
    let mut query = connection.prepare_cached(&query)?;
    let mut found = query.query(params![after, who.name])?;
    let mut events = Vec::new();
    while let Some(row) = found.next()? {
        let province: Option<String> = row.get("of_province")?;
        if who.sees(province.as_deref()) {
            events.push(rows::event(row, key)?);
        }
        if events.len() >= limit {
            break;
        }
    }
    Ok(events)
}

/// What others did about an alert after an event, the first thing first.
pub(super) fn by_others_about(
    connection: &Connection,
    key: &ReviewKey,
    who: &Viewer,
    (alert_id, after): (&str, u64),
) -> Result<Vec<WorkEvent>, Failure> {
    let query = format!(
        "SELECT {} FROM event WHERE alert_id = ? AND number > ? AND actor IS NOT ? ORDER BY number",
        rows::EVENT
    );
    let mut query = connection.prepare_cached(&query)?;
    let mut found = query.query(params![alert_id, after, who.name])?;
    let mut events = Vec::new();
    while let Some(row) = found.next()? {
        events.push(rows::event(row, key)?);
    }
    Ok(events)
}

/// The number of the last thing that people did.
pub(super) fn last_event(connection: &Connection) -> Result<u64, Failure> {
    let query = "SELECT coalesce(max(number), 0) FROM event";
    Ok(connection
        .prepare_cached(query)?
        .query_row([], |row| row.get(0))?)
}

/// The items of alerts, in their order.
pub(super) fn items(
    connection: &Connection,
    alert_ids: impl Iterator<Item = String>,
) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    for id in alert_ids {
        items.extend(super::acting::find(connection, &id)?);
    }
    Ok(items)
}
