//! Browsers that are known, as rows of the register.
//!
//! In: a connection, inside a transaction where something is changed. Out: whose they are, and what failed in them.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::attempts::Attempts;
use super::device::DeviceDigest;
use super::user::UserId;
use crate::notice::Moment;

/// Browsers of one user at a time; the one that was used longest ago is forgotten for another.
const MOST: u32 = 10;
/// For how long a browser is known in which its user does not sign in.
pub(super) const LIFE: Duration = Duration::from_secs(180 * 86_400);

fn attempts(row: &Row<'_>, from: usize) -> rusqlite::Result<Attempts> {
    Ok(Attempts {
        failed: row.get(from)?,
        failed_at: Moment(row.get(from + 1)?),
        locked_until: Moment(row.get(from + 2)?),
    })
}

/// Every browser, with its user.
pub(super) fn all(
    connection: &Connection,
) -> rusqlite::Result<Vec<(DeviceDigest, UserId, Attempts)>> {
    let query = "SELECT digest, user, failed, failed_at, locked_until FROM device";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| {
        let digest = DeviceDigest(row.get(0)?);
        Ok((digest, UserId(row.get(1)?), attempts(row, 2)?))
    })?;
    rows.collect()
}

/// What failed in a browser, if it is one of this user.
pub(super) fn one(
    connection: &Connection,
    digest: DeviceDigest,
    user: UserId,
) -> rusqlite::Result<Option<Attempts>> {
    let query = "SELECT failed, failed_at, locked_until FROM device WHERE digest = ? AND user = ?";
    let mut statement = connection.prepare_cached(query)?;
    let found = statement.query_row(params![digest.0, user.0], |row| attempts(row, 0));
    found.optional()
}

/// Keeps a browser in which a user signs in for the first time.
pub(super) fn begin(
    connection: &Connection,
    digest: DeviceDigest,
    user: UserId,
    now: Moment,
) -> rusqlite::Result<()> {
    let surplus = "DELETE FROM device WHERE digest IN (SELECT digest FROM device WHERE user = ? \
                   ORDER BY seen_at DESC LIMIT -1 OFFSET ?)";
    connection.execute(surplus, params![user.0, MOST - 1])?;
    let insert = "INSERT INTO device (digest, user, seen_at) VALUES (?, ?, ?)";
    connection.execute(insert, params![digest.0, user.0, now.0])?;
    Ok(())
}

/// Notes that its user proved in a browser who they are.
pub(super) fn set_proved(
    connection: &Connection,
    digest: DeviceDigest,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE device SET seen_at = ?, failed = 0, failed_at = 0, locked_until = 0 WHERE digest = ?";
    connection.execute(update, params![now.0, digest.0])?;
    Ok(())
}

pub(super) fn set_attempts(
    connection: &Connection,
    digest: DeviceDigest,
    attempts: &Attempts,
) -> rusqlite::Result<()> {
    let update = "UPDATE device SET failed = ?, failed_at = ?, locked_until = ? WHERE digest = ?";
    let Attempts {
        failed,
        failed_at,
        locked_until,
    } = attempts;
    connection.execute(
        update,
        params![failed, failed_at.0, locked_until.0, digest.0],
    )?;
    Ok(())
}

/// Forgets the browsers of a user.
pub(super) fn end_of_user(connection: &Connection, user: UserId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM device WHERE user = ?", [user.0])?;
    Ok(())
}

/// Forgets browsers in which nobody has signed in for long.
pub(super) fn prune(connection: &Connection, now: Moment) -> rusqlite::Result<()> {
    let long_ago = now.0.saturating_sub(LIFE.as_millis() as i64);
    connection.execute("DELETE FROM device WHERE seen_at <= ?", [long_ago])?;
    Ok(())
}
