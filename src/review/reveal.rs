//! Masked fields are shown: who may, how often, and what stays of it.
//!
//! In: who, which row of an alert, why. Out: an entry in the work history and in the access log, durable before anything is
//! shown. Must hold: only who has an alert, or supervises, has fields of it shown; one row at a time, and so many rows an
//! hour, whatever sessions they come through; a form that was sent is not good again; what was shown is not kept, only
//! the names of the fields.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::act::{LONGEST_NOTE, Refused, Wrong};
use super::acting::{Acting, find};
use super::database::Failure;
use super::item::{GroupId, Item};
use super::person_search;
use super::purpose::Purpose;
use super::review_key::ReviewKey;
use super::typed::Typed;
use super::viewer::Viewer;
use crate::access::{Action, Role, is_allowed};

/// Rows that one person has shown in an hour, where nothing else is said.
pub const REVEALS_PER_HOUR: u32 = 20;
/// An hour, in milliseconds.
pub(super) const HOUR: i64 = 3_600_000;

/// What somebody wants to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Reveal {
    /// Why.
    pub purpose: Purpose,
    /// More about why.
    pub note: Option<String>,
    /// The number of the row, from 1 on.
    pub row: u32,
    /// The names of the fields.
    pub fields: Vec<&'static str>,
    /// Whom the row is about.
    pub subject: Option<GroupId>,
    /// How many rows of the alert they had had shown when they asked.
    pub before: u32,
}

/// A note may name people: it is not shown.
impl std::fmt::Debug for Reveal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reveal")
            .field("purpose", &self.purpose)
            .field("row", &self.row)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// What was shown, as it is kept for ever.
#[derive(Clone, PartialEq, Eq)]
pub struct RevealEvent {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// To whom.
    pub actor: String,
    /// In which role.
    pub role: Role,
    /// Why.
    pub purpose: Purpose,
    /// More about why.
    pub note: Option<Typed>,
    /// The number of the row, from 1 on.
    pub row: u32,
    /// The names of the fields.
    pub fields: Vec<String>,
}

/// A note may name people: it is not shown.
impl std::fmt::Debug for RevealEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevealEvent")
            .field("at", &self.at)
            .field("purpose", &self.purpose)
            .field("row", &self.row)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// Whether somebody may have fields of an alert shown.
pub(super) fn may(who: &Viewer, item: &Item) -> bool {
    let has_it = item.work.assignee.as_deref() == Some(&who.name);
    // Whoever decided has no further need of what is masked.
    let works_on_it = has_it && item.work.state.is_open();
    is_allowed(who.role, Action::Reveal)
        && who.sees(item.finding.province())
        && (works_on_it || who.is_supervisor())
}

/// How many rows of an alert somebody has had shown.
pub(super) fn count(connection: &Connection, alert_id: &str, name: &str) -> Result<u32, Failure> {
    let query = "SELECT count(*) FROM reveal WHERE alert_id = ? AND actor = ?";
    let mut query = connection.prepare_cached(query)?;
    Ok(query.query_row([alert_id, name], |row| row.get(0))?)
}

/// When there is room again, of so many an hour that somebody may; nothing where there is. `table` has the columns `actor`
/// and `at`.
pub(super) fn room(
    connection: &Connection,
    table: &str,
    (name, now): (&str, i64),
    most: u32,
) -> Result<Option<i64>, Failure> {
    let query = format!(
        "SELECT at FROM {table} WHERE actor = ? AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?"
    );
    let mut query = connection.prepare_cached(&query)?;
    let values = rusqlite::params![name, now - HOUR, most.max(1) - 1];
    let oldest: Option<i64> = query.query_row(values, |row| row.get(0)).optional()?;
    Ok(oldest.map(|at| at + HOUR))
}

/// When somebody may have something shown again; nothing where they may now. Of all that they have shown, of alerts as of
/// requests for corrections.
pub(super) fn room_to_reveal(
    connection: &Connection,
    who: (&str, i64),
    most: u32,
) -> Result<Option<i64>, Failure> {
    let shown = "(SELECT actor, at FROM reveal UNION ALL
        SELECT actor, at FROM correction_event WHERE action = 'reveal')";
    room(connection, shown, who, most)
}

/// Keeps what is about to be shown; gives the alert, and whom the row is about.
pub(super) fn reveal(
    transaction: &Transaction<'_>,
    who: &Viewer,
    alert_id: &str,
    asked: &Reveal,
    (acting, most): (Acting<'_>, u32),
) -> Result<(Item, Option<GroupId>), Failure> {
    let item = find(transaction, alert_id)?.filter(|item| may(who, item));
    let item = item.ok_or(Refused::NotFound)?;
    let note = asked.note.as_deref().map(str::trim);
    let note = note.filter(|note| !note.is_empty());
    if asked.purpose.needs_note() && note.is_none() {
        return Err(Refused::Wrong(Wrong::NoteMissing).into());
    }
    if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(Refused::Wrong(Wrong::NoteTooLong).into());
    }
    if count(transaction, alert_id, &who.name)? != asked.before {
        return Err(Refused::ShownBefore.into());
    }
    if let Some(next) = room_to_reveal(transaction, (&who.name, acting.now), most)? {
        return Err(Refused::Spent { next }.into());
    }
    let subject = asked.subject.or(item.finding.person);
    let subject = subject.map(|whom| person_search::one_person(transaction, whom));
    let subject = subject.transpose()?.or(item.finding.card);
    let note = note
        .map(|note| acting.key.seal(acting.now, alert_id, note))
        .transpose()?;
    let insert = "INSERT INTO reveal (at, alert_id, actor, role, purpose, note, row_number, fields, subject, epoch)
        VALUES (:at, :alert, :actor, :role, :purpose, :note, :row, :fields, :subject, :epoch)";
    transaction.prepare_cached(insert)?.execute(named_params! {
        ":at": acting.now,
        ":alert": alert_id,
        ":actor": who.name,
        ":role": who.role.as_str(),
        ":purpose": asked.purpose.as_str(),
        ":note": note,
        ":row": asked.row,
        ":fields": asked.fields.join(";"),
        ":subject": subject.map(|subject| subject.0),
        ":epoch": acting.epoch,
    })?;
    Ok((item, subject))
}

/// What of an alert was shown, the first first.
pub(super) fn of_alert(
    connection: &Connection,
    alert_id: &str,
    key: &ReviewKey,
) -> Result<Vec<RevealEvent>, Failure> {
    let query =
        "SELECT at, actor, role, purpose, note, row_number, fields FROM reveal WHERE alert_id = ?
        ORDER BY number";
    let mut query = connection.prepare_cached(query)?;
    let mut found = query.query([alert_id])?;
    let mut events = Vec::new();
    while let Some(row) = found.next()? {
        let word = |column: usize| row.get::<_, String>(column);
        let unknown = |column| {
            rusqlite::Error::InvalidColumnType(column, String::new(), rusqlite::types::Type::Text)
        };
        let note: Option<Vec<u8>> = row.get(4)?;
        let note = note.map(|sealed| key.open(alert_id, &sealed));
        events.push(RevealEvent {
            at: row.get(0)?,
            actor: row.get(1)?,
            role: Role::from_name(&word(2)?).ok_or_else(|| unknown(2))?,
            purpose: Purpose::from_name(&word(3)?).ok_or_else(|| unknown(3))?,
            note: note.transpose()?,
            row: row.get(5)?,
            fields: word(6)?.split(';').map(str::to_owned).collect(),
        });
    }
    Ok(events)
}
