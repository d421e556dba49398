//! Who of an identity provider is which user, as rows of the register.
//!
//! In: a connection, inside a transaction where something is changed. Out: users of a provider. Must hold: a user is one
//! person of one provider, for ever.

use rusqlite::{Connection, OptionalExtension, params};

use super::user::UserId;
use crate::notice::Moment;

/// The user who is this person.
pub(super) fn user_of(
    connection: &Connection,
    issuer: &str,
    subject: &str,
) -> rusqlite::Result<Option<UserId>> {
    let query = "SELECT user FROM identity WHERE issuer = ? AND subject = ?";
    let mut statement = connection.prepare_cached(query)?;
    let found = statement.query_row([issuer, subject], |row| row.get(0).map(UserId));
    found.optional()
}

/// Whether a provider brought a user.
pub(super) fn is_brought(connection: &Connection, user: UserId) -> rusqlite::Result<bool> {
    let query = "SELECT 1 FROM identity WHERE user = ?";
    connection.prepare_cached(query)?.exists([user.0])
}

pub(super) fn insert(
    connection: &Connection,
    issuer: &str,
    subject: &str,
    user: UserId,
    now: Moment,
) -> rusqlite::Result<()> {
    let insert = "INSERT INTO identity (issuer, subject, user, created_at) VALUES (?, ?, ?, ?)";
    connection.execute(insert, params![issuer, subject, user.0, now.0])?;
    Ok(())
}

/// Ends sessions that a provider says are over: of a person all, or that which it names, or has no name for. Gives whose
/// sessions ended, by their users.
pub(super) fn end_sessions(
    connection: &Connection,
    issuer: &str,
    subject: Option<&str>,
    session: Option<&str>,
) -> rusqlite::Result<Vec<UserId>> {
    const WHICH: &str = "user IN (SELECT user FROM identity WHERE issuer = ?1 AND (?2 IS NULL OR subject = ?2)) \
                         AND (?3 IS NULL OR provider_session = ?3 \
                              OR (?2 IS NOT NULL AND provider_session IS NULL))";
    if subject.is_none() && session.is_none() {
        return Ok(Vec::new());
    }
    let values = params![issuer, subject, session];
    let mut statement =
        connection.prepare(&format!("SELECT DISTINCT user FROM session WHERE {WHICH}"))?;
    let users = statement.query_map(values, |row| row.get(0).map(UserId))?;
    let users: Vec<UserId> = users.collect::<Result<_, _>>()?;
    connection.execute(&format!("DELETE FROM session WHERE {WHICH}"), values)?;
    Ok(users)
}
