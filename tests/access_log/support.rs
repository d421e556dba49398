//! Logs on made-up disks and in directories, with a clock that the test moves.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use fundwatch::access_log::{AccessLog, Entry, LogError, Options, Places, VerifyingKey};
use fundwatch::journal::simulation::SimulatedDisk;
use fundwatch::journal::{Directory, Storage};
use fundwatch::metric::{Metrics, Names};
use fundwatch::record::Instant;
use fundwatch::service::Clock;
use fundwatch::web::{AccessAction, AccessEntry, Stage};

/// 2026-01-31T23:00:00Z.
pub const JANUARY: i64 = 1_769_900_400_000;
pub const DAY: i64 = 86_400_000;

/// A clock, in milliseconds.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn at(millis: i64) -> Self {
        Self(Arc::new(AtomicI64::new(millis)))
    }

    pub fn go(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let hands = self.0.clone();
        Clock::of(move || Instant::from_nanos(hands.load(Ordering::SeqCst) * 1_000_000))
    }
}

/// Without a thread that verifies.
pub fn options(hands: &Hands) -> Options {
    // All families are many, and a test opens thousands of logs.
    static METRICS: LazyLock<Metrics> =
        LazyLock::new(|| Metrics::new(&Names::default()).expect("no names"));
    let mut options = Options::new(METRICS.clone());
    options.clock = hands.clock();
    options.verify_every = None;
    options
}

/// A log on disks.
pub fn open(
    log: Arc<dyn Storage>,
    keys: Arc<dyn Storage>,
    hands: &Hands,
) -> Result<AccessLog, LogError> {
    let index = None;
    AccessLog::open_on(Places { log, keys, index }, options(hands))
}

/// An entry about an object.
pub fn entry(object: &str) -> AccessEntry<'_> {
    AccessEntry::new("lan", "reviewer", AccessAction::OpenAlert, Stage::done(1)).object(object)
}

/// The lines of all months, in order.
pub fn lines(storage: &dyn Storage) -> Vec<String> {
    let mut names = storage.list().expect("listed");
    names.retain(|name| name.starts_with("20"));
    names.sort();
    let read = |name: &String| {
        let length = storage.length(name).expect("there") as usize;
        let mut bytes = vec![0; length];
        assert_eq!(storage.read_at(name, 0, &mut bytes).expect("read"), length);
        String::from_utf8(bytes).expect("UTF-8")
    };
    let text: String = names.iter().map(read).collect();
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "the last line has its end"
    );
    text.lines().map(str::to_owned).collect()
}

/// The entries of all months, in order.
pub fn entries(storage: &dyn Storage) -> Vec<Entry> {
    let lines = lines(storage);
    let entry = |line: &String| serde_json::from_str(line).expect("an entry");
    lines.iter().map(entry).collect()
}

/// The folder of the log of a data directory.
pub fn folder(data: &Path) -> Directory {
    Directory::open(&data.join("access-log")).expect("there")
}

/// The public keys of a disk.
pub fn keys(disk: &SimulatedDisk) -> Vec<VerifyingKey> {
    fundwatch::access_log::verifying_keys(disk).expect("read")
}
