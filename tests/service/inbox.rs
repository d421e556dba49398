//! Files that are put into a directory are delivered once, whatever happens meanwhile.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fundwatch::record::Stream;
use fundwatch::service::{BreakerBounds, Breakers, Clock, Inbox, InboxOptions, Intake};

use super::live::{Live, accepted_of_journal, export};

const BOUNDS: BreakerBounds = BreakerBounds {
    max_rejected_share: 0.5,
    min_rows: 20,
    window: Duration::from_secs(60),
    resume_after: None,
};

/// An inbox of a service, on a thread.
struct Watched {
    stop: Arc<AtomicBool>,
    breakers: Arc<Breakers>,
    thread: JoinHandle<()>,
}

impl Watched {
    fn start(live: &Live, root: &Path, rows: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let breakers = Arc::new(Breakers::new(|_| BOUNDS));
        for folder in ["in", "done", "failed", "scratch"] {
            fs::create_dir_all(root.join(folder)).expect("made");
        }
        let options = InboxOptions {
            name: "files".to_owned(),
            path: root.join("in"),
            done: root.join("done"),
            failed: root.join("failed"),
            streams: Stream::ALL.to_vec(),
            poll: Duration::from_millis(10),
            settle: Duration::ZERO,
            rows,
            scratch: root.join("scratch"),
        };
        let intake = Intake {
            queue: live.service().queue(),
            positions: live.service().positions(),
            breakers: breakers.clone(),
            clock: Clock::system(),
            stop: stop.clone(),
        };
        let inbox = Inbox::open(options, intake).expect("an inbox");
        Self {
            stop,
            breakers,
            thread: std::thread::spawn(move || inbox.run()),
        }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.join().expect("it ends");
    }
}

/// Puts a file into the inbox at once.
fn put(root: &Path, name: &str, bytes: &[u8]) {
    let whole = root.join("scratch").join("whole");
    fs::write(&whole, bytes).expect("written");
    fs::rename(whole, root.join("in").join(name)).expect("put");
}

fn wait_for(path: &Path) {
    let until = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(Instant::now() < until, "{} does not come", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn employments(rows: std::ops::Range<u32>) -> String {
    let mut csv = "si_number,tax_code,from\n".to_owned();
    rows.for_each(|row| csv.push_str(&format!("{row:010},D1,2020-01-01\n")));
    csv
}

#[test]
fn a_file_of_which_a_part_was_read_goes_on_where_it_was_left() {
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    let mut restarts = 0;
    let live = Live::start(&data);
    let watched = Watched::start(&live, root.path(), 50);
    put(
        root.path(),
        "employments-1.csv",
        employments(0..5_000).as_bytes(),
    );
    // It is stopped in the middle, again and again.
    let (mut live, mut watched) = (live, watched);
    while !root.path().join("done/employments-1.csv").exists() {
        std::thread::sleep(Duration::from_millis(30));
        watched.stop();
        live.stop();
        restarts += 1;
        live = Live::start(&data);
        watched = Watched::start(&live, root.path(), 50);
        assert!(restarts < 200);
    }
    assert!(restarts > 2, "{restarts}");
    let bad = "si_number,tax_code,from\n1,D1,2020-01-01\n0000000001,D2,2021-01-01\n";
    put(root.path(), "employments-2.csv", bad.as_bytes());
    wait_for(&root.path().join("done/employments-2.csv"));
    // The same file again is not read again.
    put(root.path(), "employments-2.csv", bad.as_bytes());
    let again = || {
        let done = fs::read_dir(root.path().join("done")).expect("readable");
        done.filter(|entry| {
            let name = entry.as_ref().expect("readable").file_name();
            name.to_string_lossy().starts_with("employments-2.csv.")
        })
        .count()
    };
    let until = Instant::now() + Duration::from_secs(20);
    while again() == 0 {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(5));
    }
    watched.stop();
    live.stop();
    assert_eq!(accepted_of_journal(&data), (5_001, 1));
    let (alerts, _) = export(&data);
    assert_eq!(alerts, "");
}

#[test]
fn a_file_that_cannot_be_read_is_moved_away_with_what_was_read_of_it_kept() {
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    let live = Live::start(&data);
    let watched = Watched::start(&live, root.path(), 50);
    put(root.path(), "employments-1.csv.gz", b"no archive");
    wait_for(&root.path().join("failed/employments-1.csv.gz"));
    put(
        root.path(),
        "employments-2.csv",
        employments(0..10).as_bytes(),
    );
    wait_for(&root.path().join("done/employments-2.csv"));
    put(root.path(), "holiday.csv", b"not ours");
    watched.stop();
    live.stop();
    assert_eq!(accepted_of_journal(&data), (10, 0));
    assert!(root.path().join("in/holiday.csv").exists(), "left alone");
}

#[test]
fn a_source_of_too_many_bad_rows_is_paused_until_a_person_lets_it_go_on() {
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    let live = Live::start(&data);
    let watched = Watched::start(&live, root.path(), 30);
    let bad: String = (0..60).map(|_| "x,D1,2020-01-01\n").collect();
    let bad = format!("si_number,tax_code,from\n{bad}");
    put(root.path(), "employments-1.csv", bad.as_bytes());
    let until = Instant::now() + Duration::from_secs(20);
    while !watched.breakers.is_paused("files") {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(5));
    }
    put(
        root.path(),
        "employments-2.csv",
        employments(0..25).as_bytes(),
    );
    std::thread::sleep(Duration::from_millis(100));
    assert!(
        root.path().join("in/employments-2.csv").exists(),
        "nothing is read"
    );
    // It meets the rest of the bad file, and is paused again; then the good one goes through.
    for file in ["done/employments-1.csv", "done/employments-2.csv"] {
        let until = Instant::now() + Duration::from_secs(20);
        while !root.path().join(file).exists() {
            watched.breakers.resume("files");
            assert!(Instant::now() < until);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    watched.stop();
    live.stop();
    assert_eq!(accepted_of_journal(&data), (25, 60));
}

#[test]
fn the_file_in_hand_is_finished_before_one_that_comes_before_it_by_name() {
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    let mut live = Live::start(&data);
    let mut watched = Watched::start(&live, root.path(), 20);
    put(
        root.path(),
        "employments-5.csv",
        employments(0..3_000).as_bytes(),
    );
    let mut next = 4;
    while !root.path().join("done/employments-5.csv").exists() {
        std::thread::sleep(Duration::from_millis(30));
        watched.stop();
        live.stop();
        if next > 0 {
            let rows = 10_000 + next * 10..10_010 + next * 10;
            put(
                root.path(),
                &format!("employments-{next}.csv"),
                employments(rows).as_bytes(),
            );
            next -= 1;
        }
        live = Live::start(&data);
        watched = Watched::start(&live, root.path(), 20);
    }
    assert_eq!(next, 0, "it was stopped often enough to tell");
    for file in 1..5 {
        wait_for(&root.path().join(format!("done/employments-{file}.csv")));
    }
    watched.stop();
    live.stop();
    assert_eq!(accepted_of_journal(&data), (3_040, 0));
}
