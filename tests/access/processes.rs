//! Several processes at one register, killed ones, and a disk that takes no more.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, chown};
use std::process::{Command, Stdio};
use std::time::Duration;

use fundwatch::access::{Gate, REGISTER};
use fundwatch::notice::{Clock, Moment, SystemClock};
use rusqlite::{Connection, TransactionBehavior};

use crate::binary::fundwatch;
use crate::support::{feed, register};

#[test]
fn two_processes_that_write_at_a_time_lose_nothing() {
    let data = tempfile::tempdir().expect("a directory");
    let directory = data.path().join("new");
    let tokens: Vec<String> = std::thread::scope(|scope| {
        let workers = (0..4).map(|_| {
            scope.spawn(|| {
                let made = (0..8).map(|_| {
                    let mut command = fundwatch();
                    command.args(["token", "create", "--role", "feed", "--data"]);
                    let output = command.arg(&directory).output().expect("it runs");
                    assert!(output.status.success(), "{output:?}");
                    String::from_utf8(output.stdout)
                        .expect("UTF-8")
                        .trim()
                        .to_owned()
                });
                made.collect::<Vec<_>>()
            })
        });
        let workers: Vec<_> = workers.collect();
        let made = workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"));
        made.flatten().collect()
    });
    assert_eq!(tokens.len(), 32);
    let gate = Gate::open(&directory, &[], SystemClock).expect("a gate");
    assert!(tokens.iter().all(|token| gate.authenticate(token).is_ok()));
    assert_eq!(register(&directory).list().expect("a list").len(), 32);
}

/// The busy timeout of SQLite alone is not enough: a file gets its write-ahead log while it is read.
#[test]
fn another_process_that_makes_the_register_is_waited_for() {
    let data = tempfile::tempdir().expect("a directory");
    let mut other = Connection::open(data.path().join(REGISTER)).expect("a connection");
    let behavior = TransactionBehavior::Immediate;
    let held = other.transaction_with_behavior(behavior).expect("held");
    std::thread::scope(|scope| {
        let made = scope.spawn(|| register(data.path()).create(&feed(), SystemClock.now()));
        std::thread::sleep(Duration::from_millis(100));
        held.rollback().expect("let go");
        made.join().expect("it waits").expect("made");
    });
    assert_eq!(register(data.path()).list().expect("a list").len(), 1);
}

/// Makes tokens until it is killed; each that was printed has to be there.
#[test]
fn a_token_that_was_printed_exists_whoever_is_killed() {
    let data = tempfile::tempdir().expect("a directory");
    let binary = env!("CARGO_BIN_EXE_fundwatch");
    let script = "while :; do \"$0\" token create --role feed --data \"$1\" 2>/dev/null & p=$!; \
                  sleep 0.0$((RANDOM % 10)); kill -9 $p 2>/dev/null; wait $p 2>/dev/null; done";
    // A killed one prints nothing or a whole line, since a line is one write.
    let mut child = Command::new("bash")
        .args(["-c", script, binary])
        .arg(data.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let tokens: Vec<String> = lines.take(5).map(|line| line.expect("UTF-8")).collect();
    child.kill().expect("killed");
    child.wait().expect("ended");
    let gate = Gate::open(data.path(), &[], SystemClock).expect("a gate");
    for token in tokens {
        gate.authenticate(&token).expect("it exists");
    }
}

/// An administrator makes tokens as root, and the service is another user. Only root can give files away.
#[test]
fn what_root_makes_belongs_to_the_owner_of_the_directory() {
    let data = tempfile::tempdir().expect("a directory");
    if chown(data.path(), Some(12_345), Some(12_346)).is_err() {
        eprintln!("skipped: it takes root");
        return;
    }
    let mut held = register(data.path());
    let made = held.create(&feed(), Moment(0));
    made.expect("made");
    let mut files = 0;
    for entry in fs::read_dir(data.path()).expect("read") {
        let metadata = entry.expect("an entry").metadata().expect("there");
        assert_eq!((metadata.uid(), metadata.gid()), (12_345, 12_346));
        files += 1;
    }
    assert_eq!(files, 3, "the database, its log and their index");
}

/// A limit of the size of files stands for a full disk.
#[test]
fn a_full_disk_makes_no_token_and_harms_none() {
    let data = tempfile::tempdir().expect("a directory");
    let create = |limit: &str| {
        let script =
            "trap '' XFSZ; ulimit -f $2; exec \"$0\" token create --role feed --data \"$1\"";
        let mut command = Command::new("bash");
        command.args(["-c", script, env!("CARGO_BIN_EXE_fundwatch")]);
        command.arg(data.path()).arg(limit).output().expect("bash")
    };
    let first = create("unlimited");
    assert!(first.status.success());
    let first = String::from_utf8(first.stdout).expect("UTF-8");
    // So many that the register is larger than the limit.
    let mut held = register(data.path());
    for _ in 0..200 {
        held.create(&feed(), Moment(0)).expect("made");
    }
    let full = create("8");
    assert_eq!(full.status.code(), Some(1), "{full:?}");
    assert!(full.stdout.is_empty());
    let told = String::from_utf8(full.stderr).expect("UTF-8");
    assert!(
        told.starts_with("error: ") && told.contains(REGISTER),
        "{told}"
    );
    drop(held);
    let gate = Gate::open(data.path(), &[], SystemClock).expect("a gate");
    gate.authenticate(first.trim()).expect("it is still there");
    assert_eq!(register(data.path()).list().expect("a list").len(), 201);
    assert!(create("unlimited").status.success());
}
