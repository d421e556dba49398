//! Sessions as rows of the register.
//!
//! In: a connection, inside a transaction where something is changed. Out: what is kept of sessions: no secret that a
//! browser has.

use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use super::device::DeviceDigest;
use super::policy::AccountPolicy;
use super::session::SessionDigest;
use super::user::UserId;
use crate::notice::Moment;

/// Sessions of one user at a time; the one that was used longest ago ends for another.
const MOST: u32 = 10;

pub(super) struct SessionRow {
    pub digest: SessionDigest,
    pub user: UserId,
    pub csrf: Zeroizing<[u8; 32]>,
    pub created_at: Moment,
    pub seen_at: Moment,
    pub verified_at: Moment,
    pub device: Option<DeviceDigest>,
}

/// A session that begins.
pub(super) struct NewSession<'a> {
    pub digest: SessionDigest,
    pub user: UserId,
    pub csrf: &'a [u8; 32],
    pub device: Option<DeviceDigest>,
    /// What the identity provider calls its own, if it brought the user and says so.
    pub provider_session: Option<&'a str>,
    /// When the user last proved who they are.
    pub verified_at: Moment,
}

pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<SessionRow>> {
    let query = "SELECT digest, user, csrf, created_at, seen_at, verified_at, device FROM session";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| {
        Ok(SessionRow {
            digest: SessionDigest(row.get(0)?),
            user: UserId(row.get(1)?),
            csrf: Zeroizing::new(row.get(2)?),
            created_at: Moment(row.get(3)?),
            seen_at: Moment(row.get(4)?),
            verified_at: Moment(row.get(5)?),
            device: row.get::<_, Option<[u8; 32]>>(6)?.map(DeviceDigest),
        })
    })?;
    rows.collect()
}

/// Keeps a session that begins now.
pub(super) fn begin(
    connection: &Connection,
    new: &NewSession<'_>,
    now: Moment,
) -> rusqlite::Result<()> {
    let surplus = "DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE user = ? \
                   ORDER BY seen_at DESC, created_at DESC LIMIT -1 OFFSET ?)";
    connection.execute(surplus, params![new.user.0, MOST - 1])?;
    let insert = "INSERT INTO session (digest, user, csrf, created_at, seen_at, verified_at, device, \
                  provider_session) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)";
    let values = params![
        new.digest.0,
        new.user.0,
        new.csrf,
        now.0,
        new.verified_at.0,
        new.device.map(|device| device.0),
        new.provider_session,
    ];
    connection.execute(insert, values)?;
    Ok(())
}

/// Whether there is such a session of this user.
pub(super) fn exists(
    connection: &Connection,
    digest: SessionDigest,
    user: UserId,
) -> rusqlite::Result<bool> {
    let query = "SELECT 1 FROM session WHERE digest = ? AND user = ?";
    let mut statement = connection.prepare_cached(query)?;
    statement.exists(params![digest.0, user.0])
}

/// Whether there is a session, of whomever.
pub(super) fn is_there(connection: &Connection, digest: SessionDigest) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM session WHERE digest = ?")?;
    statement.exists([digest.0])
}

/// Gives a session another secret, since its user has proved again who they are. Gives whether it was there.
pub(super) fn renew(
    connection: &Connection,
    digest: SessionDigest,
    (new, provider_session): (SessionDigest, Option<&str>),
    user: UserId,
    now: Moment,
) -> rusqlite::Result<bool> {
    let update = "UPDATE session SET digest = ?1, seen_at = ?2, verified_at = ?2,
        provider_session = coalesce(?5, provider_session) WHERE digest = ?3 AND user = ?4";
    let values = params![new.0, now.0, digest.0, user.0, provider_session];
    let renewed = connection.execute(update, values)?;
    Ok(renewed > 0)
}

pub(super) fn end(connection: &Connection, digest: SessionDigest) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM session WHERE digest = ?", [digest.0])?;
    Ok(())
}

/// Ends the sessions of a user, but for one.
pub(super) fn end_of_user(
    connection: &Connection,
    user: UserId,
    but: Option<SessionDigest>,
) -> rusqlite::Result<()> {
    let delete = "DELETE FROM session WHERE user = ? AND digest IS NOT ?";
    connection.execute(delete, params![user.0, but.map(|digest| digest.0)])?;
    Ok(())
}

/// Notes when a session was last seen, if it is still there.
pub(super) fn note_seen(
    connection: &Connection,
    digest: SessionDigest,
    seen_at: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE session SET seen_at = max(seen_at, ?) WHERE digest = ?";
    connection.execute(update, params![seen_at.0, digest.0])?;
    Ok(())
}

/// Removes what has ended by itself. When sessions were last seen has to be noted before.
pub(super) fn prune(
    connection: &Connection,
    policy: &AccountPolicy,
    now: Moment,
) -> rusqlite::Result<()> {
    let before = |span: std::time::Duration| {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        now.0.saturating_sub(millis)
    };
    let delete = "DELETE FROM session WHERE seen_at <= ? OR created_at <= ?";
    connection.execute(delete, [before(policy.idle), before(policy.absolute)])?;
    Ok(())
}
