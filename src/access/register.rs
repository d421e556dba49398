//! The register of tokens and users: `access.db` in the data directory, a SQLite file in WAL mode.
//!
//! In: tokens to keep and to revoke; what users are is in [`super::account`]. Out: what is kept of each. Must
//! hold: no secret of a token is in it, only digests; a call is one transaction, synced before it returns, so that a token that was given exists and
//! one that was revoked stays so whoever is killed; its owner alone can read it; any number of processes
//! may use it at a time.
//!
//! A database, and not a file that is written anew: two processes change it, the command line and the
//! service that notes when a token was used, and neither may lose what the other wrote. SQLite also counts
//! the changes of others, so that the service asks for one number to know that nothing is new.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::account::{ProvinceSet, UserState};
use super::error::AccessError;
use super::role::Role;
use super::stream_set::StreamSet;
use super::token::{BearerToken, SecretDigest, TokenId};
use super::token_record::{NewToken, NewUserToken, TokenRecord, TokenUser};
use crate::notice::Moment;
use crate::record::Day;
use crate::write_ahead;

/// Its name in the data directory.
pub const REGISTER: &str = "access.db";
/// "FWAC": marks the file as a register of tokens.
const APPLICATION: i64 = 0x4657_4143;
/// What makes each format of the one before. One that was released is not changed.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];
/// The format of the tables.
const FORMAT: i64 = MIGRATIONS.len() as i64;
/// The role of a token that acts as a user: theirs. A version that knows no such tokens knows no such role, so that to
/// it the token is nobody's.
const OF_USER: &str = "user";
/// How long a transaction waits for another process's.
const BUSY: Duration = Duration::from_secs(10);

/// A register that is open.
pub struct Register {
    path: PathBuf,
    pub(super) connection: Connection,
}

impl Register {
    /// Opens the register of a data directory, or makes both. A file that is made belongs to the owner of
    /// the directory, so that the service can use what an administrator made.
    ///
    /// # Errors
    /// When it cannot be made or opened, or is something else.
    pub fn open_or_create(data: &Path) -> Result<Self, AccessError> {
        let failed = |path: &Path, error| AccessError::File {
            path: path.to_owned(),
            error,
        };
        match fs::DirBuilder::new().mode(0o700).create(data) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = data.parent().unwrap_or(data).to_owned();
                return Err(AccessError::NoDirectory { path });
            }
            made => made.map_err(|error| failed(data, error))?,
        }
        if !data.is_dir() {
            let path = data.to_owned();
            return Err(AccessError::NoDirectory { path });
        }
        let path = data.join(REGISTER);
        if !path.exists() {
            make(data, &path).map_err(|error| failed(&path, error))?;
        }
        Self::open(data)
    }

    /// Opens the register of a data directory.
    ///
    /// # Errors
    /// When it is not there, cannot be opened, or is something else.
    pub fn open(data: &Path) -> Result<Self, AccessError> {
        if !data.is_dir() {
            let path = data.to_owned();
            return Err(AccessError::NoDirectory { path });
        }
        let path = data.join(REGISTER);
        if !path.is_file() {
            return Err(AccessError::Absent { path });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(&path, flags).and_then(|connection| {
            connection.busy_timeout(BUSY)?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| told(&path, error))?;
        let mut register = Self { path, connection };
        let format = register
            .prepare()
            .map_err(|error| told(&register.path, error))?;
        let path = register.path.clone();
        match format {
            Some(FORMAT) => Ok(register),
            Some(format) => Err(AccessError::Later { path, format }),
            None => Err(AccessError::NotARegister { path }),
        }
    }

    /// Makes the tables where the file is empty, or of an earlier format. Gives the format, where it is a register.
    fn prepare(&mut self) -> rusqlite::Result<Option<i64>> {
        let pragma = |connection: &Connection, name: &str| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
        };
        // Whether it is a register is asked first, so that nothing is done to another database.
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = self.connection.query_row(tables, [], |row| row.get(0))?;
        let application = pragma(&self.connection, "application_id")?;
        let is_new = tables == 0 && application == 0;
        if !is_new && application != APPLICATION {
            return Ok(None);
        }
        write_ahead::begin(&self.connection, BUSY)?;
        self.connection.pragma_update(None, "synchronous", "full")?;
        let format = pragma(&self.connection, "user_version")?;
        if !(0..FORMAT).contains(&format) {
            return Ok(Some(format));
        }
        let immediate = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(immediate)?;
        // Another process may have made the tables meanwhile.
        let format = pragma(&transaction, "user_version")?;
        if format < FORMAT {
            let done = usize::try_from(format).unwrap_or_default();
            for migration in MIGRATIONS.iter().skip(done) {
                transaction.execute_batch(migration)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        transaction.commit()?;
        Ok(Some(format.max(FORMAT)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn told(&self, error: rusqlite::Error) -> AccessError {
        told(&self.path, error)
    }

    /// Makes a change in one transaction, which is synced when this returns. What `make` gives is kept, whatever it
    /// is; an error of the database undoes it.
    pub(super) fn change<T>(
        &mut self,
        make: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, AccessError> {
        let immediate = TransactionBehavior::Immediate;
        let made = self
            .connection
            .transaction_with_behavior(immediate)
            .and_then(|transaction| {
                let made = make(&transaction)?;
                transaction.commit()?;
                Ok(made)
            });
        made.map_err(|error| self.told(error))
    }

    /// Makes a token. It is kept when this returns.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn create(&mut self, new: &NewToken, now: Moment) -> Result<BearerToken, AccessError> {
        let token = BearerToken::random()?;
        // An id that is taken, once in 2^48 times, is an error of the primary key: nothing is overwritten.
        let insert = "INSERT INTO token (id, digest, name, role, streams, created_at, expires_at) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let id = token.id();
        let digest = token.digest();
        let values = params![
            id.as_str(),
            digest.bytes(),
            new.name,
            new.role.as_str(),
            new.streams.to_string(),
            now.0,
            new.expires_at.map(|at| at.0),
        ];
        let inserted = self.connection.execute(insert, values);
        inserted.map_err(|error| self.told(error))?;
        Ok(token)
    }

    /// Makes a token that acts as a user. It is kept when this returns.
    ///
    /// # Errors
    /// When there is no such user, an identity provider brought them - it is not asked when a token is used -, or it cannot
    /// be kept.
    pub fn create_for_user(
        &mut self,
        new: &NewUserToken,
        now: Moment,
    ) -> Result<BearerToken, AccessError> {
        let token = BearerToken::random()?;
        let insert = "INSERT INTO token (id, digest, name, role, streams, created_at, expires_at, user) \
                      SELECT ?, ?, ?, ?, ?, ?, ?, id FROM user WHERE name = ? \
                      AND NOT EXISTS (SELECT 1 FROM identity WHERE identity.user = user.id)";
        let (id, digest) = (token.id(), token.digest());
        let values = params![
            id.as_str(),
            digest.bytes(),
            new.name,
            OF_USER,
            StreamSet::ALL.to_string(),
            now.0,
            new.expires_at.map(|at| at.0),
            new.user,
        ];
        let inserted = self.connection.execute(insert, values);
        match inserted.map_err(|error| self.told(error))? {
            0 => {
                let name = new.user.clone();
                let known = "SELECT EXISTS (SELECT 1 FROM user WHERE name = ?)";
                let known = (self.connection).query_row(known, [&name], |row| row.get(0));
                Err(match known.map_err(|error| self.told(error))? {
                    true => AccessError::OfProvider { name },
                    false => AccessError::NoSuchUser { name },
                })
            }
            _ => Ok(token),
        }
    }

    /// Revokes a token. Gives whether it was not revoked already.
    ///
    /// # Errors
    /// When there is none of this id, or that cannot be kept.
    pub fn revoke(&mut self, id: TokenId, now: Moment) -> Result<bool, AccessError> {
        let update = "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
        let values = params![now.0, id.as_str()];
        let revoked = self.connection.execute(update, values);
        let revoked = revoked.map_err(|error| self.told(error))?;
        let query = "SELECT 1 FROM token WHERE id = ?";
        let mut statement = self
            .connection
            .prepare(query)
            .map_err(|error| self.told(error))?;
        let exists = statement
            .exists([id.as_str()])
            .map_err(|error| self.told(error))?;
        match exists {
            true => Ok(revoked > 0),
            false => Err(AccessError::NoSuchToken { id }),
        }
    }

    /// Every token, the oldest first.
    ///
    /// # Errors
    /// When it cannot be read, or says what this version does not know.
    pub fn list(&self) -> Result<Vec<TokenRecord>, AccessError> {
        let kept = self.kept()?.into_iter();
        kept.map(|kept| kept.map(|(record, _)| record)).collect()
    }

    /// Every token with its digest, the oldest first; an error in the place of one that this version does
    /// not know what to make of.
    pub(super) fn kept(&self) -> Result<Vec<Kept>, AccessError> {
        let rows = self.rows().map_err(|error| self.told(error))?;
        Ok(rows.into_iter().map(|row| self.record(row)).collect())
    }

    fn rows(&self) -> rusqlite::Result<Vec<Row>> {
        // In one statement, so that a token and its user are of one moment.
        let query = "SELECT token.id, digest, token.name, token.role, streams, token.created_at, expires_at, \
                     revoked_at, last_used_day, user.name, user.role, user.provinces, user.state \
                     FROM token LEFT JOIN user ON user.id = token.user ORDER BY token.created_at, token.id";
        let mut statement = self.connection.prepare_cached(query)?;
        let rows = statement.query_map([], |row| {
            Ok(Row {
                id: row.get(0)?,
                digest: row.get(1)?,
                name: row.get(2)?,
                role: row.get(3)?,
                streams: row.get(4)?,
                created_at: row.get(5)?,
                expires_at: row.get(6)?,
                revoked_at: row.get(7)?,
                last_used_day: row.get(8)?,
                user: match row.get(9)? {
                    None => None,
                    Some(name) => Some(UserOfRow {
                        name,
                        role: row.get(10)?,
                        provinces: row.get(11)?,
                        state: row.get(12)?,
                    }),
                },
            })
        })?;
        rows.collect()
    }

    fn record(&self, row: Row) -> Kept {
        let id = TokenId::from_text(&row.id);
        let unknown = |column| AccessError::UnknownValue {
            path: self.path.clone(),
            kind: "token",
            // What is no id is not told: somebody may have put something else there.
            id: id.map_or_else(|| "(no id)".to_owned(), |id| id.to_string()),
            column,
        };
        // A token of a user without one, or the other way around, is nobody's.
        let role = match (&row.user, &*row.role) {
            (Some(user), OF_USER) => Role::from_name(&user.role),
            (Some(_), _) => None,
            (None, name) => Role::from_name(name),
        };
        let user = match row.user {
            Some(user) => Some(TokenUser {
                name: user.name,
                provinces: ProvinceSet::from_text(&user.provinces)
                    .ok_or_else(|| unknown("province"))?,
                state: UserState::from_name(&user.state).ok_or_else(|| unknown("state"))?,
            }),
            None => None,
        };
        let record = TokenRecord {
            id: id.ok_or_else(|| unknown("id"))?,
            name: row.name,
            role: role.ok_or_else(|| unknown("role"))?,
            user,
            streams: StreamSet::from_text(&row.streams).ok_or_else(|| unknown("stream"))?,
            created_at: Moment(row.created_at),
            expires_at: row.expires_at.map(Moment),
            revoked_at: row.revoked_at.map(Moment),
            last_used: row.last_used_day.map(Day::from_number),
        };
        Ok((record, SecretDigest::from_bytes(row.digest)))
    }

    /// Notes the days on which tokens were last used; a later one that is noted already stays.
    pub(super) fn note_used(&mut self, used: &[(TokenId, Day)]) -> Result<(), AccessError> {
        let immediate = TransactionBehavior::Immediate;
        let noted = self
            .connection
            .transaction_with_behavior(immediate)
            .and_then(|transaction| {
                let update = "UPDATE token SET last_used_day = max(?1, coalesce(last_used_day, ?1)) \
                              WHERE id = ?2";
                for (id, day) in used {
                    transaction.execute(update, params![day.number(), id.as_str()])?;
                }
                transaction.commit()
            });
        noted.map_err(|error| self.told(error))
    }

    /// How long it waits for other processes.
    pub(super) fn wait_for(&self, longest: Duration) -> Result<(), AccessError> {
        let set = self.connection.busy_timeout(longest);
        set.map_err(|error| self.told(error))
    }

    /// A number that is another once another connection has changed something.
    pub(super) fn changes(&self) -> Result<i64, AccessError> {
        let version = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0));
        version.map_err(|error| self.told(error))
    }

    /// Whether the file at its place is still the one that is open, and not one that took its place.
    pub(super) fn is_in_place(&self, identity: FileIdentity) -> bool {
        FileIdentity::of(&self.path).is_ok_and(|now| now == identity)
    }

    /// Which file it is.
    pub(super) fn identity(&self) -> Result<FileIdentity, AccessError> {
        FileIdentity::of(&self.path).map_err(|error| AccessError::File {
            path: self.path.clone(),
            error,
        })
    }
}

/// A token with its digest.
pub(super) type Kept = Result<(TokenRecord, SecretDigest), AccessError>;

/// Which file is at a place: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity(u64, u64);

impl FileIdentity {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }
}

struct Row {
    id: String,
    digest: [u8; 32],
    name: Option<String>,
    role: String,
    streams: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_day: Option<i32>,
    user: Option<UserOfRow>,
}

/// The user of a token, as the register has it now.
struct UserOfRow {
    name: String,
    role: String,
    provinces: String,
    state: String,
}

/// Makes an empty file that its owner alone can read, with the owner of its directory. It has them before it
/// is at its place; SQLite gives both to the files that it makes beside it.
fn make(data: &Path, path: &Path) -> io::Result<()> {
    let file = tempfile::Builder::new()
        .prefix(".access-")
        .tempfile_in(data)?;
    let (directory, made) = (fs::metadata(data)?, file.as_file().metadata()?);
    if directory.uid() != made.uid() {
        chown(file.path(), Some(directory.uid()), Some(directory.gid()))?;
    }
    match file.persist_noclobber(path) {
        // Another process was sooner.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => fs::File::open(data)?.sync_all(),
    }
}

fn told(path: &Path, error: rusqlite::Error) -> AccessError {
    let path = path.to_owned();
    match error {
        rusqlite::Error::SqliteFailure(failure, _)
            if failure.code == rusqlite::ErrorCode::NotADatabase =>
        {
            AccessError::NotARegister { path }
        }
        error => AccessError::Database { path, error },
    }
}
