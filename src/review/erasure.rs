//! Months are erased: what people typed in them is gone for good.
//!
//! In: requests for the destruction of months' keys, and for how long what was typed is kept. Out: months whose key is
//! destroyed, what holds the others, and a line of the access log for each month that is erased, here or in the journal.
//! Must hold: nothing goes that somebody still has to decide with; a month is in the access log, whatever dies when.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::database::{Durable, Failure};
use super::desk::{Desk, epoch};
use super::error::DeskError;
use crate::journal::{KeyState, Keys, Month};
use crate::record::Day;

/// Whose months are erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasedOf {
    /// What arrived.
    Journal,
    /// What people typed.
    Review,
}

impl ErasedOf {
    /// Its name in the access log and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Review => "review",
        }
    }
}

/// What still rests on what was typed in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Alerts with notes that are to be decided.
    pub alerts: u64,
    /// Batches that are to be approved, carried out or undone.
    pub batches: u64,
    /// Requests for corrections that are to be answered.
    pub corrections: u64,
}

impl Held {
    /// Whether there is anything.
    pub fn is_any(self) -> bool {
        self != Self::default()
    }
}

/// What became of a request for the erasure of a month.
#[derive(Debug)]
pub enum Erasure {
    /// It is erased.
    Done(Month),
    /// It waits.
    Waits(Month, Held),
    /// It is tried again.
    Failed(Month, DeskError),
}

/// For how long a month is due by the schedule before it is erased.
pub const ERASURE_GRACE_HOURS: i64 = 20;
const GRACE_MILLIS: i64 = ERASURE_GRACE_HOURS * 3_600_000;

impl Desk {
    /// Erases the months that somebody asked for, and those that ended more than `kept` days ago, unless something rests on
    /// them. What nobody asked for by name is not done at once: a clock or a setting that was wrong is put right within
    /// [`ERASURE_GRACE_HOURS`]. Tells what became of each, in order.
    ///
    /// # Errors
    /// When the database or the keys cannot be read or written. What was done until then is done; the same call goes on.
    pub fn erase_months(&self, kept: Option<u32>) -> Result<Vec<Erasure>, DeskError> {
        let due = self.schedule(kept)?;
        let mut told = Vec::new();
        for (month, state) in self.key.months().months()? {
            let is_asked_for = matches!(state, KeyState::ToDestroy { .. });
            if !is_asked_for && !due.contains(&month) {
                continue;
            }
            match self.erase_month(month, is_asked_for) {
                Ok(erasure) => told.extend(erasure),
                Err(error) => told.push(Erasure::Failed(month, error)),
            }
        }
        Ok(told)
    }

    /// Keeps since when months are due by the schedule, and forgets it of those that are not any more. Gives those that were
    /// due for long enough.
    fn schedule(&self, kept: Option<u32>) -> Result<BTreeSet<Month>, DeskError> {
        let last = kept.map(|kept| self.today().number() - i32::try_from(kept).unwrap_or(i32::MAX));
        let is_over = |month: &Month| {
            let next = days(*month).map(|(_, next)| next.number());
            next.zip(last).is_some_and(|(next, last)| next <= last)
        };
        let months = self.key.months().months()?;
        let over: BTreeMap<String, Month> = months
            .into_iter()
            .filter(|(month, state)| *state == KeyState::Kept && is_over(month))
            .map(|(month, _)| (month.to_string(), month))
            .collect();
        let now = self.now();
        let since = self.database.read(scheduled)?;
        // A time to come is of a clock that was put right since.
        let is_so = since.values().all(|at| *at <= now) && since.keys().eq(over.keys());
        if !is_so {
            let done = self.database.write(Durable::Synced, |transaction| {
                for (month, at) in &since {
                    if *at > now || !over.contains_key(month) {
                        transaction
                            .execute("DELETE FROM scheduled_erasure WHERE month = ?", [month])?;
                    }
                }
                for month in over.keys() {
                    let insert = "INSERT OR IGNORE INTO scheduled_erasure (month, at) VALUES (?, ?)";
                    if transaction.execute(insert, params![month, now])? > 0 {
                        tracing::warn!(%month, "what was typed on the review pages in a month is to be erased, as retention.review_notes says");
                    }
                }
                Ok(())
            });
            done.map_err(|failure: Failure| self.database.told(failure))?;
        }
        let is_due = |month: &str| {
            let since = since.get(month).copied().filter(|at| *at <= now);
            since.is_some_and(|at| now - at >= GRACE_MILLIS)
        };
        let due = over.into_iter().filter(|(name, _)| is_due(name));
        Ok(due.map(|(_, month)| month).collect())
    }

    /// Destroys the key of a month, or tells what rests on the month; nothing where a request was taken back just now.
    /// Nobody acts meanwhile.
    fn erase_month(&self, month: Month, is_asked_for: bool) -> Result<Option<Erasure>, DeskError> {
        let months = self.key.months();
        let now = self.now().saturating_mul(1_000_000);
        let done = self.database.write(Durable::Again, |transaction| {
            let requests = months.to_destroy().map_err(DeskError::from)?;
            if is_asked_for && !requests.contains(&month) {
                return Ok(None);
            }
            let held = held(transaction, month)?;
            if held.is_any() {
                return Ok(Some(Erasure::Waits(month, held)));
            }
            months.destroy(month, now).map_err(DeskError::from)?;
            Ok(Some(Erasure::Done(month)))
        });
        done.map_err(|failure| self.database.told(failure))
    }

    /// Months of what was typed that are to be erased by now, and are not yet.
    ///
    /// # Errors
    /// When the keys or the database cannot be read.
    pub fn months_to_erase(&self) -> Result<usize, DeskError> {
        let now = self.now();
        let scheduled = self.database.read(scheduled)?;
        let due = scheduled.values().filter(|at| now - **at >= GRACE_MILLIS);
        Ok(self.key.months().to_destroy()?.len() + due.count())
    }

    /// Takes note in the access log, once, of every month that is erased: of these keys, which are of what arrived, and of
    /// the desk's own. Tells how many are new.
    ///
    /// # Errors
    /// When the keys or the database cannot be used, or the access log cannot be written.
    pub fn note_erased(&self, journal: &Keys) -> Result<u64, DeskError> {
        // Also what another process wrote off: it is not read from memory any more.
        let completed = self.key.months().complete();
        let noted = [
            self.note_all(ErasedOf::Journal, journal),
            self.note_all(ErasedOf::Review, self.key.months()),
        ];
        completed?;
        noted.into_iter().sum()
    }

    fn note_all(&self, of: ErasedOf, keys: &Keys) -> Result<u64, DeskError> {
        let mut noted = 0;
        for (month, state) in keys.months()? {
            if let KeyState::Destroyed { at } = state {
                noted += u64::from(self.note_one(of, month, at.div_euclid(1_000_000))?);
            }
        }
        Ok(noted)
    }

    fn note_one(&self, of: ErasedOf, month: Month, at: i64) -> Result<bool, DeskError> {
        let name = month.to_string();
        let is_noted = |connection: &Connection| -> Result<bool, Failure> {
            let query = "SELECT EXISTS (SELECT 1 FROM erased_month WHERE kind = ? AND month = ?)";
            let mut query = connection.prepare_cached(query)?;
            Ok(query.query_row(params![of.as_str(), name], |row| row.get(0))?)
        };
        if self.database.read(is_noted)? {
            return Ok(false);
        }
        let noted = self.database.write(Durable::Synced, |transaction| {
            if is_noted(transaction)? {
                return Ok(false);
            }
            let insert = "INSERT INTO erased_month (kind, month, at) VALUES (?, ?, ?)";
            transaction.execute(insert, params![of.as_str(), name, at])?;
            // A crash from here on has it in the log, and asks again: twice in the log is better than never.
            self.log.erased(of, month, epoch(transaction)?)?;
            Ok(true)
        });
        noted.map_err(|failure| self.database.told(failure))
    }
}

/// Since when months are due by the schedule, in milliseconds since 1970.
fn scheduled(connection: &Connection) -> Result<BTreeMap<String, i64>, Failure> {
    let mut query = connection.prepare_cached("SELECT month, at FROM scheduled_erasure")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first day of a month, and of the next one.
fn days(month: Month) -> Option<(Day, Day)> {
    let name = month.to_string();
    let (year, month) = name.split_once('-')?;
    let (year, month) = (year.parse::<i32>().ok()?, month.parse::<u32>().ok()?);
    let (next_year, next) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    Some((
        Day::from_civil(year, month, 1)?,
        Day::from_civil(next_year, next, 1)?,
    ))
}

/// What rests on what was typed in a month.
fn held(connection: &Connection, month: Month) -> Result<Held, Failure> {
    let Some((first, next)) = days(month) else {
        return Ok(Held::default());
    };
    let count = |query: &str| -> Result<u64, Failure> {
        let mut query = connection.prepare_cached(query)?;
        Ok(query.query_row(params![begin(first), begin(next)], |row| row.get(0))?)
    };
    Ok(Held {
        alerts: count(
            // What a batch did has the note of the batch, which is of the month in which that was typed.
            "SELECT count(DISTINCT alert_id) FROM (
                SELECT alert_id FROM event WHERE note IS NOT NULL AND batch IS NULL AND at >= ?1 AND at < ?2
                UNION ALL
                SELECT alert_id FROM batch JOIN batch_member ON batch = number
                    WHERE outcome IN ('done', 'undone')
                    AND (at >= ?1 AND at < ?2 OR undone_at >= ?1 AND undone_at < ?2)
             ) JOIN item USING (alert_id) WHERE place NOT IN ('closed', 'left')",
        )?,
        batches: count(
            "SELECT count(*) FROM batch WHERE state IN ('proposed', 'under_way', 'undoing')
             AND (at >= ?1 AND at < ?2 OR decided_at >= ?1 AND decided_at < ?2 OR undone_at >= ?1 AND undone_at < ?2)",
        )?,
        corrections: count(
            "SELECT count(*) FROM correction WHERE state IN ('received', 'in_review') AND at >= ?1 AND at < ?2",
        )?,
    })
}

/// What was sealed last, if anything was, and when, in milliseconds since 1970.
pub(super) fn last_sealed(connection: &Connection) -> Result<Option<(i64, Vec<u8>)>, Failure> {
    let query = "SELECT at, sealed FROM (
            SELECT * FROM (SELECT at, note AS sealed FROM event WHERE note IS NOT NULL AND batch IS NULL ORDER BY at DESC LIMIT 1)
            UNION ALL SELECT * FROM (SELECT at, note FROM reveal WHERE note IS NOT NULL ORDER BY number DESC LIMIT 1)
            UNION ALL SELECT at, note FROM batch WHERE note IS NOT NULL
            UNION ALL SELECT decided_at, decided_note FROM batch WHERE decided_note IS NOT NULL
            UNION ALL SELECT undone_at, undone_note FROM batch WHERE undone_note IS NOT NULL
            UNION ALL SELECT at, subject FROM correction
            UNION ALL SELECT answered_at, answer FROM correction WHERE answer IS NOT NULL
        ) ORDER BY at DESC LIMIT 1";
    Ok(connection
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// When a day begins, in UTC+7, in milliseconds since 1970.
fn begin(day: Day) -> i64 {
    i64::from(day.number()) * 86_400_000 - 7 * 3_600_000
}
