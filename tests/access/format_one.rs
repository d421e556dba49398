//! A register of format 1, as a version without users made it.

use std::fs;
use std::path::Path;
use std::thread;

use fundwatch::access::{AccessError, Gate, REGISTER, Register, Role};
use fundwatch::notice::{Clock, SystemClock};
use rusqlite::Connection;

use crate::people::{accounts, begun, person, required};
use crate::support::{ManualClock, feed, register};

/// The table of format 1, word for word.
const FORMAT_1: &str = "
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    name TEXT,
    role TEXT NOT NULL,
    streams TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_day INTEGER
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1180123459;
PRAGMA user_version = 1;
";

/// The format that a register is brought to.
const NEWEST: i64 = 4;
const COPY: &str = "INSERT INTO main.token SELECT id, digest, name, role, streams, created_at, expires_at, revoked_at, \
                    last_used_day FROM today.token";

/// Makes such a register, with a token that has been copied from one of today: the rows are the same.
fn of_format_one(data: &Path) -> String {
    let today = tempfile::tempdir().expect("a directory");
    let token = register(today.path()).create(&feed(), SystemClock.now());
    let token = token.expect("made").reveal();
    let connection = Connection::open(data.join(REGISTER)).expect("a connection");
    connection
        .pragma_update(None, "journal_mode", "wal")
        .expect("set");
    connection.execute_batch(FORMAT_1).expect("made");
    let path = today.path().join(REGISTER);
    let path = path.to_str().expect("UTF-8");
    connection
        .execute("ATTACH ? AS today", [path])
        .expect("attached");
    let copied = connection.execute(COPY, []);
    assert_eq!(copied, Ok(1));
    token.to_string()
}

fn version(data: &Path) -> i64 {
    let connection = Connection::open(data.join(REGISTER)).expect("a connection");
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
    version.expect("read")
}

#[test]
fn a_register_of_format_one_goes_on() {
    let data = tempfile::tempdir().expect("a directory");
    let token = of_format_one(data.path());
    assert_eq!(version(data.path()), 1);
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    assert_eq!(version(data.path()), NEWEST);
    let gate = Gate::open(data.path(), &[], SystemClock).expect("a gate");
    gate.authenticate(&token).expect("it is still there");
    assert!(service.users().is_empty());
    let lan = begun(
        &service,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    lan.sign_in(&service, &clock).expect("signed in");
    assert_eq!(register(data.path()).list().expect("a list").len(), 1);
}

/// Its tables are those of a register that is made today.
#[test]
fn what_is_brought_up_to_date_is_what_is_made() {
    let tables = |data: &Path| {
        let connection = Connection::open(data.join(REGISTER)).expect("a connection");
        let query = "SELECT name, trim(sql, char(10)) FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(query).expect("prepared");
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        });
        let rows: Result<Vec<_>, _> = rows.expect("asked").collect();
        rows.expect("read")
    };
    let (old, new) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("a directory"),
    );
    of_format_one(old.path());
    drop(register(old.path()));
    drop(register(new.path()));
    assert_eq!(tables(old.path()), tables(new.path()));
    assert!(tables(new.path()).len() >= 5);
}

#[test]
fn many_processes_bring_it_up_to_date_at_a_time() {
    let data = tempfile::tempdir().expect("a directory");
    let token = of_format_one(data.path());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Register::open(data.path()).expect("a register"));
        }
    });
    assert_eq!(version(data.path()), NEWEST);
    let gate = Gate::open(data.path(), &[], SystemClock).expect("a gate");
    gate.authenticate(&token).expect("it is still there");
}

/// An old service that runs meanwhile goes on: it has the register open, and its table is as it was.
#[test]
fn who_has_it_open_reads_and_writes_on() {
    let data = tempfile::tempdir().expect("a directory");
    of_format_one(data.path());
    let old = Connection::open(data.path().join(REGISTER)).expect("a connection");
    let query = "SELECT count(*) FROM token WHERE last_used_day IS NULL";
    let mut count = old.prepare(query).expect("prepared");
    let mut unused = || count.query_row([], |row| row.get::<_, i64>(0));
    assert_eq!(unused(), Ok(1));
    let new = person("lan", Role::Reviewer);
    let made = register(data.path()).add_user(&new, SystemClock.now());
    made.expect("made");
    assert_eq!(unused(), Ok(1));
    let noted = old.execute("UPDATE token SET last_used_day = 1", []);
    assert_eq!((noted, unused()), (Ok(1), Ok(0)));
}

/// What fails half-way leaves format 1 as it was.
#[test]
fn a_register_that_cannot_be_brought_up_to_date_is_left_as_it_was() {
    let data = tempfile::tempdir().expect("a directory");
    of_format_one(data.path());
    let connection = Connection::open(data.path().join(REGISTER)).expect("a connection");
    // In the way of the last table.
    let table = "CREATE TABLE stranger (a)";
    connection.execute_batch(table).expect("made");
    let refused = Register::open(data.path()).err();
    assert!(matches!(refused, Some(AccessError::Database { .. })));
    assert_eq!(version(data.path()), 1);
    let user = "SELECT count(*) FROM sqlite_schema WHERE name = 'user'";
    assert_eq!(connection.query_row(user, [], |row| row.get(0)), Ok(0));
    connection
        .execute_batch("DROP TABLE stranger")
        .expect("out of the way");
    Register::open(data.path()).expect("a register");
    assert_eq!(version(data.path()), NEWEST);
}

#[test]
fn a_register_of_a_later_format_is_refused_and_left_alone() {
    let data = tempfile::tempdir().expect("a directory");
    drop(register(data.path()));
    let path = data.path().join(REGISTER);
    let connection = Connection::open(&path).expect("a connection");
    connection
        .pragma_update(None, "user_version", NEWEST + 1)
        .expect("set");
    drop(connection);
    let before = fs::read(&path).expect("read");
    let refused = Register::open(data.path()).err();
    assert!(matches!(
        refused,
        Some(AccessError::Later { format, .. }) if format == NEWEST + 1
    ));
    assert!(fs::read(&path).expect("read") == before);
}
