//! Months are erased: what people typed in them is gone for good.
//!
//! In: requests for the destruction of months' keys, and for how long what was typed is kept. Out: months whose key is
//! destroyed, what holds the others, and a line of the access log for each month that is erased, here or in the journal.
//! Must hold: nothing goes that somebody still has to decide with; a month is in the access log, whatever dies when.

use rusqlite::{Connection, params};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// It is erased.
    Done(Month),
    /// It waits.
    Waits(Month, Held),
}

impl Desk {
    /// Erases the months that somebody asked for, and those that ended more than `kept` days ago, unless something rests on
    /// them. Tells what became of each, in order.
    ///
    /// # Errors
    /// When the database or the keys cannot be read or written. What was done until then is done; the same call goes on.
    pub fn erase_months(&self, kept: Option<u32>) -> Result<Vec<Erasure>, DeskError> {
        let months = self.key.months();
        let now = self.now().saturating_mul(1_000_000);
        if let Some(kept) = kept {
            let last = self.today().number() - i32::try_from(kept).unwrap_or(i32::MAX);
            for (month, state) in months.months()? {
                let is_over = days(month).is_some_and(|(_, next)| next.number() <= last);
                if is_over && state == KeyState::Kept {
                    months.request_destruction(month, now)?;
                }
            }
        }
        let mut told = Vec::new();
        for month in months.to_destroy()? {
            let held = self.database.read(|connection| held(connection, month))?;
            if held.is_any() {
                told.push(Erasure::Waits(month, held));
                continue;
            }
            months.destroy(month, now)?;
            told.push(Erasure::Done(month));
        }
        Ok(told)
    }

    /// Months of what was typed that are to be erased, and are not yet.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn months_to_erase(&self) -> Result<usize, DeskError> {
        Ok(self.key.months().to_destroy()?.len())
    }

    /// Takes note in the access log, once, of every month that is erased: of these keys, which are of what arrived, and of
    /// the desk's own. Tells how many are new.
    ///
    /// # Errors
    /// When the keys or the database cannot be used, or the access log cannot be written.
    pub fn note_erased(&self, journal: &Keys) -> Result<u64, DeskError> {
        let mut noted = 0;
        for (of, keys) in [
            (ErasedOf::Journal, journal),
            (ErasedOf::Review, self.key.months()),
        ] {
            for (month, state) in keys.months()? {
                let KeyState::Destroyed { at } = state else {
                    continue;
                };
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
            "SELECT count(DISTINCT event.alert_id) FROM event JOIN item USING (alert_id)
             WHERE at >= ?1 AND at < ?2 AND note IS NOT NULL AND place NOT IN ('closed', 'left')",
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

/// When a day begins, in UTC+7, in milliseconds since 1970.
fn begin(day: Day) -> i64 {
    i64::from(day.number()) * 86_400_000 - 7 * 3_600_000
}
