//! Real processes on a real directory: one that is locked out, and one that is killed again and again.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use fundwatch::journal::{Directory, Entry, Journal, JournalError, JournalReader, Keys, Options};

use crate::support::MARCH;

const PLACE: &str = "FUNDWATCH_TEST_JOURNAL";

fn storage(place: &Path) -> (Arc<Directory>, Arc<Keys>) {
    let journal = Directory::create(&place.join("journal")).expect("made");
    let keys = Directory::create(&place.join("keys")).expect("made");
    (Arc::new(journal), Arc::new(Keys::new(Arc::new(keys), None)))
}

fn open(place: &Path) -> Result<Journal, JournalError> {
    let (storage, keys) = storage(place);
    let options = Options {
        segment_bytes: 40_000,
        ..Options::default()
    };
    Ok(Journal::open(storage, keys, options)?.0)
}

/// What the other process runs: it appends, and says each number once it is acknowledged, until it is killed.
#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn writer() {
    let Some(place) = std::env::var_os(PLACE) else {
        return;
    };
    let mut journal = open(Path::new(&place)).expect("opened");
    let mut out = std::io::stdout();
    loop {
        let number = journal.upper() + 1;
        let secret = number.to_string().repeat(1 + number as usize * 37 % 3000);
        let entry = Entry {
            at: MARCH,
            plain: b"",
            secret: secret.as_bytes(),
        };
        journal.append(number, entry).expect("appended");
        writeln!(out, "acknowledged {number}").expect("told");
    }
}

fn spawn(place: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "processes::writer", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

/// The number in what a writer said.
fn acknowledged(line: &str) -> Option<u64> {
    line.split("acknowledged ").nth(1)?.trim().parse().ok()
}

#[test]
fn a_process_that_is_killed_at_any_moment_loses_nothing_it_acknowledged() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut known = 0;
    for round in 0..12 {
        let mut child = spawn(directory.path());
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut said = 0;
        while said < 5 + round * 7 {
            let line = lines.next().expect("it writes on").expect("text");
            if let Some(number) = acknowledged(&line) {
                assert!(number > known, "{number} after {known}");
                known = number;
                said += 1;
            }
        }
        if round == 0 {
            let locked = open(directory.path()).expect_err("locked");
            let expected = format!("process {} since 2", child.id());
            assert!(locked.to_string().contains(&expected), "{locked}");
        }
        child.kill().expect("killed");
        for line in lines.map_while(Result::ok) {
            known = acknowledged(&line).unwrap_or(known);
        }
        child.wait().expect("ended");
        let (storage, keys) = storage(directory.path());
        let reader = JournalReader::open(storage, keys).expect("a journal");
        let verified = reader.verify().expect("intact");
        assert!(
            verified.upper == known || verified.upper == known + 1,
            "{verified:?} {known}"
        );
        known = verified.upper;
    }
    let (storage, keys) = storage(directory.path());
    let reader = JournalReader::open(storage, keys).expect("a journal");
    for frame in reader.frames(1).expect("a journal") {
        let frame = frame.expect("whole");
        let expected = frame
            .number
            .to_string()
            .repeat(1 + frame.number as usize * 37 % 3000);
        assert_eq!(frame.secret.as_deref(), Some(expected.as_bytes()));
    }
}
