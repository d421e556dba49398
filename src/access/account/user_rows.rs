//! Users as rows of the register.
//!
//! In: a connection, inside a transaction where something is changed. Out: what is kept of users. Must hold: a row that
//! this version does not know what to make of is an [`UnknownUser`], and the others are read.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};
use zeroize::Zeroizing;

use super::attempts::{Attempts, FORGOTTEN};
use super::province_set::ProvinceSet;
use super::setup_code::{SETUP_CODE_LIFE, SetupCode};
use super::totp::{SECRET, TotpSecret};
use super::user::{NewUser, UserId, UserRecord, UserState};
use crate::access::role::Role;
use crate::access::token::SecretDigest;
use crate::language::Language;
use crate::notice::Moment;

/// How far a clock that is put back may be behind what the register says, before that is not believed any more.
pub(super) const SKEW: Duration = Duration::from_secs(300);

/// What is kept of a user, with secrets, so that it has no `Debug`.
pub(super) struct Kept {
    pub record: UserRecord,
    /// Argon2id, as a PHC string.
    pub password: Option<Zeroizing<String>>,
    pub totp: Option<TotpSecret>,
    pub totp_step: Option<i64>,
    pub setup: Option<SetupRow>,
    pub attempts: Attempts,
}

/// A setup code that was not used.
pub(super) struct SetupRow {
    pub digest: SecretDigest,
    pub expires_at: Moment,
    /// What the person was shown.
    pub totp: Option<TotpSecret>,
}

impl Kept {
    /// Whether this is the setup code, and still good.
    pub fn is_setup_code(&self, code: &SetupCode, now: Moment) -> bool {
        let is_good = |setup: &&SetupRow| {
            // A clock that has been put back does not make it good for longer.
            now < setup.expires_at && setup.expires_at <= now.plus(SETUP_CODE_LIFE + SKEW)
        };
        let is_active = self.record.state == UserState::Active;
        let setup = self.setup.as_ref().filter(is_good);
        setup.is_some_and(|setup| setup.digest.is(&code.digest())) && is_active
    }
}

/// A row that says what this version does not know.
pub(super) struct UnknownUser {
    pub id: u32,
    pub column: &'static str,
}

const COLUMNS: &str = "id, name, display_name, role, provinces, language, state, password, totp, totp_step, \
                       setup_digest, setup_expires_at, setup_totp, failed, failed_at, locked_until, created_at, \
                       changed_at, (SELECT issuer FROM identity WHERE identity.user = user.id)";

/// Every user, in the order in which they were made.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Result<Kept, UnknownUser>>> {
    let query = format!("SELECT {COLUMNS} FROM user ORDER BY id");
    let mut statement = connection.prepare_cached(&query)?;
    statement.query_map([], kept)?.collect()
}

/// The user of this number.
pub(super) fn one(
    connection: &Connection,
    id: UserId,
) -> rusqlite::Result<Option<Result<Kept, UnknownUser>>> {
    let query = format!("SELECT {COLUMNS} FROM user WHERE id = ?");
    let mut statement = connection.prepare_cached(&query)?;
    statement.query_row([id.0], kept).optional()
}

/// The number of the user of this name.
pub(super) fn id_of(connection: &Connection, name: &str) -> rusqlite::Result<Option<UserId>> {
    let query = "SELECT id FROM user WHERE name = ?";
    let id = connection.query_row(query, [name], |row| row.get(0).map(UserId));
    id.optional()
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Result<Kept, UnknownUser>> {
    let id: u32 = row.get(0)?;
    let text = |column| row.get::<_, String>(column);
    let unknown = |column| Ok(Err(UnknownUser { id, column }));
    let Some(role) = Role::from_name(&text(3)?) else {
        return unknown("role");
    };
    let Some(provinces) = ProvinceSet::from_text(&text(4)?) else {
        return unknown("province");
    };
    let Some(language) = Language::from_code(&text(5)?) else {
        return unknown("language");
    };
    let Some(state) = UserState::from_name(&text(6)?) else {
        return unknown("state");
    };
    let secret = |column| -> rusqlite::Result<Option<TotpSecret>> {
        let bytes: Option<[u8; SECRET]> = row.get(column)?;
        Ok(bytes.map(TotpSecret::from_bytes))
    };
    let digest: Option<[u8; 32]> = row.get(10)?;
    let setup = match (digest, row.get(11)?) {
        (Some(digest), Some(expires_at)) => Some(SetupRow {
            digest: SecretDigest::from_bytes(digest),
            expires_at: Moment(expires_at),
            totp: secret(12)?,
        }),
        _ => None,
    };
    let password: Option<String> = row.get(7)?;
    let totp = secret(8)?;
    let attempts = Attempts {
        failed: row.get(13)?,
        failed_at: Moment(row.get(14)?),
        locked_until: Moment(row.get(15)?),
    };
    let is_locked = attempts.locked_until > Moment(0);
    Ok(Ok(Kept {
        record: UserRecord {
            id: UserId(id),
            name: text(1)?,
            display_name: text(2)?,
            role,
            provinces,
            language,
            state,
            has_password: password.is_some(),
            has_totp: totp.is_some(),
            setup_until: setup.as_ref().map(|setup| setup.expires_at),
            locked_until: is_locked.then_some(attempts.locked_until),
            created_at: Moment(row.get(16)?),
            changed_at: Moment(row.get(17)?),
            issuer: row.get(18)?,
        },
        password: password.map(Zeroizing::new),
        totp,
        totp_step: row.get(9)?,
        setup,
        attempts,
    }))
}

/// Keeps a new user, with a setup code where they are to have a password here. Nothing, where the name is taken.
pub(super) fn insert(
    connection: &Connection,
    new: &NewUser,
    code: Option<&SetupCode>,
    now: Moment,
) -> rusqlite::Result<Option<UserId>> {
    let insert = "INSERT INTO user (name, display_name, role, provinces, language, state, setup_digest, \
                  setup_expires_at, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                  ON CONFLICT (name) DO NOTHING RETURNING id";
    let digest = code.map(SetupCode::digest);
    let values = params![
        new.name,
        new.display_name,
        new.role.as_str(),
        new.provinces.text(),
        new.language.code(),
        UserState::Active.as_str(),
        digest.as_ref().map(SecretDigest::bytes),
        code.map(|_| now.plus(SETUP_CODE_LIFE).0),
        now.0,
        now.0,
    ];
    let id = connection.query_row(insert, values, |row| row.get(0).map(UserId));
    id.optional()
}

/// Changes a state. Gives whether it was another.
pub(super) fn set_state(
    connection: &Connection,
    id: UserId,
    state: UserState,
    now: Moment,
) -> rusqlite::Result<bool> {
    let update = "UPDATE user SET state = ?1, changed_at = ?2 WHERE id = ?3 AND state <> ?1";
    let changed = connection.execute(update, params![state.as_str(), now.0, id.0])?;
    Ok(changed > 0)
}

/// Changes a role. Gives whether it was another.
pub(super) fn set_role(
    connection: &Connection,
    id: UserId,
    role: Role,
    now: Moment,
) -> rusqlite::Result<bool> {
    let update = "UPDATE user SET role = ?1, changed_at = ?2 WHERE id = ?3 AND role <> ?1";
    let changed = connection.execute(update, params![role.as_str(), now.0, id.0])?;
    Ok(changed > 0)
}

pub(super) fn set_provinces(
    connection: &Connection,
    id: UserId,
    provinces: ProvinceSet,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET provinces = ?, changed_at = ? WHERE id = ?";
    connection.execute(update, params![provinces.text(), now.0, id.0])?;
    Ok(())
}

pub(super) fn set_display_name(
    connection: &Connection,
    id: UserId,
    display_name: &str,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET display_name = ?, changed_at = ? WHERE id = ?";
    connection.execute(update, params![display_name, now.0, id.0])?;
    Ok(())
}

pub(super) fn set_language(
    connection: &Connection,
    id: UserId,
    language: Language,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET language = ?, changed_at = ? WHERE id = ?";
    connection.execute(update, params![language.code(), now.0, id.0])?;
    Ok(())
}

/// Puts a user back to the beginning: no password, no app of codes, a new setup code.
pub(super) fn reset(
    connection: &Connection,
    id: UserId,
    code: &SetupCode,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET password = NULL, totp = NULL, totp_step = NULL, setup_digest = ?, \
                  setup_expires_at = ?, setup_totp = NULL, failed = 0, failed_at = 0, locked_until = 0, \
                  changed_at = ? WHERE id = ?";
    let digest = code.digest();
    let until = now.plus(SETUP_CODE_LIFE);
    connection.execute(update, params![digest.bytes(), until.0, now.0, id.0])?;
    Ok(())
}

/// Keeps what a person is shown while setting up.
pub(super) fn set_setup_totp(
    connection: &Connection,
    id: UserId,
    totp: &TotpSecret,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET setup_totp = ? WHERE id = ?";
    connection.execute(update, params![totp.bytes(), id.0])?;
    Ok(())
}

/// Keeps what a person has set up, and that the setup code is used. The app of codes comes with the step of the code
/// that confirmed it.
pub(super) fn finish_setup(
    connection: &Connection,
    id: UserId,
    password: &str,
    totp: Option<(&TotpSecret, i64)>,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET password = ?, totp = ?, totp_step = ?, setup_digest = NULL, \
                  setup_expires_at = NULL, setup_totp = NULL, failed = 0, failed_at = 0, locked_until = 0, \
                  changed_at = ? WHERE id = ?";
    let secret = totp.map(|(secret, _)| secret.bytes());
    let step = totp.map(|(_, step)| step);
    connection.execute(update, params![password, secret, step, now.0, id.0])?;
    Ok(())
}

pub(super) fn set_password(
    connection: &Connection,
    id: UserId,
    password: &str,
    now: Moment,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET password = ?, changed_at = ? WHERE id = ?";
    connection.execute(update, params![password, now.0, id.0])?;
    Ok(())
}

/// Notes that a person proved who they are, and by the code of which step.
pub(super) fn set_proved(
    connection: &Connection,
    id: UserId,
    step: Option<i64>,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET totp_step = coalesce(?, totp_step), failed = 0, failed_at = 0, \
                  locked_until = 0 WHERE id = ?";
    connection.execute(update, params![step, id.0])?;
    Ok(())
}

/// Notes that a person proved who they are in a browser that is known, and by the code of which step. What failed elsewhere
/// stays counted.
pub(super) fn set_step(
    connection: &Connection,
    id: UserId,
    step: Option<i64>,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET totp_step = coalesce(?, totp_step) WHERE id = ?";
    connection.execute(update, params![step, id.0])?;
    Ok(())
}

pub(super) fn set_attempts(
    connection: &Connection,
    id: UserId,
    attempts: &Attempts,
) -> rusqlite::Result<()> {
    let update = "UPDATE user SET failed = ?, failed_at = ?, locked_until = ? WHERE id = ?";
    let Attempts {
        failed,
        failed_at,
        locked_until,
    } = attempts;
    connection.execute(update, params![failed, failed_at.0, locked_until.0, id.0])?;
    Ok(())
}

/// What places of names that nobody has depend on.
pub(super) fn stranger_key(connection: &Connection) -> rusqlite::Result<Zeroizing<[u8; 32]>> {
    let key = connection.query_row("SELECT key FROM stranger_key", [], |row| row.get(0));
    key.map(Zeroizing::new)
}

/// The attempts at names that nobody has.
pub(super) fn strangers(connection: &Connection) -> rusqlite::Result<Vec<(u16, Attempts)>> {
    let query = "SELECT bucket, failed, failed_at, locked_until FROM stranger";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| {
        let attempts = Attempts {
            failed: row.get(1)?,
            failed_at: Moment(row.get(2)?),
            locked_until: Moment(row.get(3)?),
        };
        Ok((row.get(0)?, attempts))
    })?;
    rows.collect()
}

/// The attempts at the names of one place.
pub(super) fn stranger(connection: &Connection, bucket: u16) -> rusqlite::Result<Attempts> {
    let query = "SELECT failed, failed_at, locked_until FROM stranger WHERE bucket = ?";
    let attempts = connection.query_row(query, [bucket], |row| {
        Ok(Attempts {
            failed: row.get(0)?,
            failed_at: Moment(row.get(1)?),
            locked_until: Moment(row.get(2)?),
        })
    });
    Ok(attempts.optional()?.unwrap_or(Attempts::NONE))
}

pub(super) fn set_stranger(
    connection: &Connection,
    bucket: u16,
    attempts: &Attempts,
) -> rusqlite::Result<()> {
    let insert = "INSERT OR REPLACE INTO stranger (bucket, failed, failed_at, locked_until) VALUES (?, ?, ?, ?)";
    let Attempts {
        failed,
        failed_at,
        locked_until,
    } = attempts;
    connection.execute(insert, params![bucket, failed, failed_at.0, locked_until.0])?;
    Ok(())
}

/// Forgets the attempts at names that nobody has which are too long ago to count.
pub(super) fn forget_strangers(connection: &Connection, now: Moment) -> rusqlite::Result<()> {
    let long_ago = now.0.saturating_sub(FORGOTTEN.as_millis() as i64);
    connection.execute("DELETE FROM stranger WHERE failed_at <= ?", [long_ago])?;
    Ok(())
}
