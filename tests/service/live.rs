//! A service in this process, and a country that is delivered to it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant as Elapsed};

use fundwatch::detector::Detector;
use fundwatch::journal::{Arrived, Delivery};
use fundwatch::metric::{Build, Metrics, Names};
use fundwatch::record::{Change, Day, Instant, Value};
use fundwatch::replay::{self, Silent};
use fundwatch::rule::Reason;
use fundwatch::service::{
    Clock, EpochBounds, Options, Phase, QueueBounds, Receipt, Service, ServiceError,
    SnapshotPolicy, Submission,
};
use fundwatch::source::{Reading, discover, open};
use fundwatch::store::{AlertReader, StoreKey, StorePlace, open_reader};
use fundwatch::synth;

use crate::said;

/// The day on which all is delivered.
const TODAY: &str = "2027-03-01";

pub fn detector() -> Detector {
    // The program's own model is of no fund's claims, so that nothing is an outlier to it.
    let reasons = Reason::ALL
        .iter()
        .copied()
        .filter(|reason| *reason != Reason::CostOutlier);
    Detector {
        reasons: reasons.collect(),
        ..Detector::default()
    }
}

/// A running service.
pub struct Live(Service);

/// How a service is started.
pub struct Setup {
    pub store: StorePlace,
    pub detector: Detector,
    pub workers: usize,
    pub clock: Clock,
    /// Epochs after which a snapshot is made, if any is.
    pub every_epochs: Option<u64>,
}

impl Live {
    pub fn start(data: &Path) -> Self {
        Self::with_snapshots(data, None)
    }

    /// One that makes a snapshot after so many epochs, if any.
    pub fn with_snapshots(data: &Path, every_epochs: Option<u64>) -> Self {
        Self::try_with_snapshots(data, every_epochs).expect("a service")
    }

    /// The same, or why it does not run.
    pub fn try_with_snapshots(
        data: &Path,
        every_epochs: Option<u64>,
    ) -> Result<Self, ServiceError> {
        let today = Day::from_text(TODAY).expect("a day");
        let begin = Instant::end_of(today.plus(-1)).expect("in range");
        let since = Elapsed::now();
        let clock = Clock::of(move || {
            let passed = i64::try_from(since.elapsed().as_nanos()).expect("a short test");
            Instant::from_nanos(begin.nanos() + 1 + passed)
        });
        Self::try_start_with(
            data,
            Setup {
                store: StorePlace::File(data.join("alerts.db")),
                detector: detector(),
                workers: 1,
                clock,
                every_epochs,
            },
        )
    }

    pub fn start_with(data: &Path, setup: Setup) -> Self {
        Self::try_start_with(data, setup).expect("a service")
    }

    /// One that runs, or why it cannot.
    pub fn try_start_with(data: &Path, setup: Setup) -> Result<Self, ServiceError> {
        said::listen();
        let metrics = Metrics::new(&Names {
            build: Build::default(),
            sources: Vec::new(),
            webhooks: Vec::new(),
            kafka_sources: Vec::new(),
            arrangements: Vec::new(),
            operators: Vec::new(),
            routes: Vec::new(),
        });
        let service = Service::start(
            Options {
                data: data.to_owned(),
                store: setup.store,
                detector: setup.detector,
                workers: setup.workers,
                processes: None,
                epoch: EpochBounds {
                    wait: Duration::from_millis(2),
                    rows: 2_000,
                },
                epochs_in_flight: 4,
                queue: QueueBounds {
                    rows: 20_000,
                    bytes: 64 << 20,
                    rows_of_source: 10_000,
                    bytes_of_source: 32 << 20,
                },
                master_key: None,
                segment_bytes: 1 << 16,
                snapshots: SnapshotPolicy {
                    every: Duration::from_secs(3600),
                    every_epochs: setup.every_epochs,
                    keep: 3,
                },
                finds_people: true,
                remember_requests: Duration::from_secs(86_400),
                clock: setup.clock,
            },
            metrics.expect("metrics"),
        );
        let live = Self(service?);
        let status = live.0.status();
        while status.phase() != Phase::Running {
            if live.0.is_finished() {
                live.0.join()?;
                panic!("it ended without a reason");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(live)
    }

    pub fn service(&self) -> &Service {
        &self.0
    }

    pub fn into_service(self) -> Service {
        self.0
    }

    /// Delivers, and waits until it is durable.
    pub fn deliver(&self, delivery: Delivery) -> Receipt {
        let (reply, told) = sync_channel(1);
        let bytes = delivery.rows.len() * 500;
        let reply = Box::new(move |outcome| reply.send(outcome).expect("it is waited for"));
        (self.0.queue()).push(Submission::of(delivery, bytes, Elapsed::now(), reply));
        told.recv().expect("an answer").expect("taken")
    }

    /// Delivers, and waits until what it came to is stored.
    pub fn deliver_and_see(&self, delivery: Delivery) -> Receipt {
        let receipt = self.deliver(delivery);
        let status = self.0.status();
        while status.committed_epoch() < receipt.epoch {
            assert!(!self.0.is_finished(), "{:?}", status.phase());
            std::thread::sleep(Duration::from_millis(2));
        }
        receipt
    }

    /// Stops it, and waits until all is stored.
    pub fn stop(self) {
        self.0.drain();
        self.0.join().expect("it ends well");
    }
}

/// What the store of a service exports: alerts, and history.
pub fn export(data: &Path) -> (String, String) {
    export_of(data, &StorePlace::File(data.join("alerts.db")))
}

/// Reads a store of a service with these data.
pub fn reader(data: &Path, store: &StorePlace) -> Box<dyn AlertReader> {
    let key = StoreKey::open(data, None).expect("a key");
    open_reader(store, &key).expect("a store")
}

/// What a store exports: alerts, and history.
pub fn export_of(data: &Path, store: &StorePlace) -> (String, String) {
    let mut reader = reader(data, store);
    let (mut alerts, mut history) = (String::new(), String::new());
    let add = |to: &mut String, line: &str| {
        to.push_str(line);
        to.push('\n');
        Ok(())
    };
    reader
        .export_alerts(&mut |line| add(&mut alerts, line))
        .expect("exported");
    reader
        .export_history(0, &mut |line| add(&mut history, line))
        .expect("exported");
    (alerts, history)
}

/// How many rows the journal of a service has, accepted and not.
pub fn accepted_of_journal(data: &Path) -> (u64, u64) {
    let output = tempfile::tempdir().expect("a directory");
    let options = replay::Options {
        journal: Some(replay::JournalInput::default()),
        ..replay::Options::new(data, output.path().join("run"))
    };
    replay::run(&options, &mut Silent).expect("the journal is replayed");
    let read = |name| std::fs::read_to_string(options.output.join(name)).expect("an output");
    let summary: serde_json::Value = serde_json::from_str(&read("summary.json")).expect("JSON");
    let streams = summary["streams"].as_array();
    let accepted = streams
        .expect("streams")
        .iter()
        .map(|one| one["accepted"].as_u64().expect("a count"));
    (
        accepted.sum(),
        read("rejects.ndjson").lines().count() as u64,
    )
}

/// A synthetic country on disk.
pub struct Country {
    directory: tempfile::TempDir,
    rows: Vec<Change>,
}

impl Country {
    pub fn new(citizens: u32, days: u32, seed: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let input = directory.path().join("country");
        let mut options = synth::Options::new(input.clone());
        options.citizens = citizens;
        options.days = days;
        options.seed = seed;
        options.flagged_per_million = 30_000;
        synth::generate(&options, &mut synth::Silent).expect("a country");
        let mut rows = Vec::new();
        for file in discover(&input).expect("found").files {
            let mut reader = open(&file, Reading::Everything, directory.path()).expect("readable");
            while let Some(entry) = reader.next_entry().expect("readable") {
                rows.push(entry.outcome.expect("a synthetic row is sound"));
            }
        }
        rows.sort_by_key(|row| row.recorded_at);
        Self { directory, rows }
    }

    /// Its rows, by their knowledge times.
    pub fn rows(&self) -> &[Change] {
        &self.rows
    }

    /// Its rows in the order of their knowledge times.
    pub fn deliveries(&self, rows: usize) -> Vec<Delivery> {
        deliveries(&self.rows, rows)
    }

    /// Its rows in another order; those of one time stay in theirs.
    pub fn shuffled(&self, rows: usize, seed: u64) -> Vec<Delivery> {
        let mut shuffled = self.rows.clone();
        let mix = |at: i64| {
            (at as u64 ^ seed)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .rotate_left(29)
        };
        shuffled.sort_by_key(|row| mix(row.recorded_at.nanos()));
        deliveries(&shuffled, rows)
    }

    /// The alerts of a replay of its files on the same day.
    pub fn replayed(&self) -> String {
        self.replayed_as_of(TODAY)
    }

    /// The alerts of a replay of its files on a day.
    pub fn replayed_as_of(&self, day: &str) -> String {
        let output: PathBuf = self.directory.path().join("run");
        let day = Day::from_text(day).expect("a day");
        let options = replay::Options {
            detector: detector(),
            as_of: Instant::end_of(day),
            ..replay::Options::new(self.directory.path().join("country"), &output)
        };
        replay::run(&options, &mut Silent).expect("replayed");
        std::fs::read_to_string(output.join("alerts.ndjson")).expect("alerts")
    }
}

fn deliveries(rows: &[Change], at_once: usize) -> Vec<Delivery> {
    let delivery = |part: &[Change]| Delivery {
        source: "test".to_owned(),
        rows: (1..)
            .zip(part)
            .map(|(row, change)| Arrived {
                row,
                change: change.clone(),
            })
            .collect(),
        ..Delivery::default()
    };
    rows.chunks(at_once).map(delivery).collect()
}
