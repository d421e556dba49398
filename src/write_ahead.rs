//! SQLite's write-ahead log: how a file comes to have one while other processes come to open it too.
//!
//! In: a connection to a file. Out: the file with a log. Must hold: whoever else makes the same file at that time is
//! waited for.
//!
//! SQLite's busy timeout does not do: changing the mode reads the file first, and what reads already is refused at
//! once when it comes to write while another writes, since two of those would wait for each other for ever.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

/// How long until it is tried again.
const PAUSE: Duration = Duration::from_millis(10);

/// Gives the file a write-ahead log where it has none. Waits as long as `longest` for others that change it.
pub fn begin(connection: &Connection, longest: Duration) -> rusqlite::Result<()> {
    let start = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == ErrorCode::DatabaseBusy && start.elapsed() < longest =>
            {
                thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::TransactionBehavior;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn mode(connection: &Connection) -> String {
        connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .expect("a mode")
    }

    #[test]
    fn a_process_that_makes_the_file_is_waited_for() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("new.db");
        let mut other = Connection::open(&path).expect("a connection");
        let behavior = TransactionBehavior::Immediate;
        let made = other.transaction_with_behavior(behavior).expect("begun");
        made.execute_batch("CREATE TABLE made (a)").expect("made");
        let late = Connection::open(&path).expect("a connection");
        late.busy_timeout(LONG).expect("set");
        // Not for longer than it may.
        let refused = begin(&late, Duration::from_millis(30)).expect_err("it is being made");
        assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        assert_eq!(mode(&late), "delete");
        thread::scope(|scope| {
            let waits = scope.spawn(move || begin(&late, LONG).map(|()| mode(&late)));
            thread::sleep(Duration::from_millis(100));
            made.commit().expect("made");
            let waited = waits.join().expect("no panic");
            assert_eq!(waited.expect("begun"), "wal");
        });
        begin(&other, LONG).expect("it has one already");
    }
}
