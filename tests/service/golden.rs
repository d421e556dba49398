//! Data directories as versions of the program wrote them, `tests/golden/data-N/`: how the newest is made, and how
//! any is taken into use.
//!
//! In: the sample, where one is made. Out: a copy of a directory, what it was made with, and the exports that it must
//! come to. Must hold: one that is there is never written again; it needs no file that a clone would not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant as Elapsed};

use fundwatch::detector::Detector;
use fundwatch::journal::{Arrived, Delivery, Position, Rejected, Request};
use fundwatch::model::{Feature, ModelRegistry, OutlierModel};
use fundwatch::record::{Change, ErrorCode, Stream};
use fundwatch::resolve::RetentionWindow;
use fundwatch::rule::{Reason, ReasonSet};
use fundwatch::source::{Reading, discover, open};
use fundwatch::store::StorePlace;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::live::{Live, Setup, export};
use crate::outlier_model::{Usual, trained};
use crate::retention::Days;
use crate::snapshots::{copy, files};

/// The directory of what the present program writes. Where a format changes, this is one more, and
/// `FUNDWATCH_BLESS=1 cargo test --test service golden` makes it.
const NEWEST: u32 = 2;

/// The days on which the sample is delivered, and for how many claims are decided on: between them some are retired.
const DAYS: [&str; 2] = ["2025-04-10", "2025-07-20"];
const RETENTION_DAYS: u32 = 150;

/// Tenths of the sample that are delivered.
const PARTS: u8 = 9;

/// Claims as people who come now and then have them: the model that comes with the program is too large to be kept
/// with every directory.
const USUAL: Usual = Usual {
    of: |feature| match feature {
        Feature::Cost => &[11_290, 11_400, 11_512, 11_512, 11_600, 11_800],
        Feature::ProvinceDistance => &[0],
        Feature::Visits30Days => &[1, 1, 1, 2, 3],
        Feature::Facilities30Days => &[1, 1, 2],
        Feature::Stay => &[3700, 3900, 4110, 4300],
        Feature::VisitsAtFacility => &[0, 0, 1, 2],
        Feature::VisitsWithDiagnosis => &[0, 1],
        Feature::DaysSinceVisit => &[1, 5, 40, 365],
        Feature::DiagnosisSurprise | Feature::FacilitySurprise => &[],
    },
    visit_types: &[1],
    diagnoses: &[906],
    facilities: &[("79001", 79)],
};

/// What a directory was made with, as an operator's configuration would say it.
#[derive(Serialize, Deserialize)]
struct MadeWith {
    /// The day on which the service was stopped.
    day: String,
    retention_days: u32,
    reasons: Vec<String>,
    /// How far the source was read.
    position: String,
    /// The digest of the outlier model, which is among the artefacts.
    model: String,
}

/// A directory that is checked in.
pub struct Golden {
    pub folder: PathBuf,
    made_with: MadeWith,
}

impl Golden {
    /// Every one.
    pub fn all() -> Vec<Self> {
        let all = (1..=NEWEST).map(|number| {
            let folder = folder(number);
            let text = fs::read_to_string(folder.join("made-with.json"));
            let text = text.unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; run FUNDWATCH_BLESS=1 cargo test --test service golden",
                    folder.display()
                )
            });
            let made_with = serde_json::from_str(&text).expect("what it was made with");
            Self { folder, made_with }
        });
        all.collect()
    }

    /// A copy of the data directory.
    pub fn copied(&self) -> tempfile::TempDir {
        let data = tempfile::tempdir().expect("a directory");
        copy(&self.folder.join("data"), data.path());
        data
    }

    /// The exports that it must come to: alerts, and history.
    pub fn exports(&self) -> (String, String) {
        let read = |name| fs::read_to_string(self.folder.join(name)).expect("an export");
        (read("alerts.ndjson"), read("history.ndjson"))
    }

    /// What decided when it was made.
    pub fn detector(&self) -> Detector {
        let name = format!("data/artefacts/model-{}.json", self.made_with.model);
        let model = fs::read_to_string(self.folder.join(name)).expect("the model");
        let model = OutlierModel::from_json(&model).expect("models are read for ever");
        let reasons = (self.made_with.reasons.iter())
            .map(|name| Reason::from_name(name).expect("reasons are kept for ever"));
        detector(reasons.collect(), model, self.made_with.retention_days)
    }

    /// The digest of the model that decided.
    pub fn model(&self) -> &str {
        &self.made_with.model
    }

    /// The day on which it was left.
    pub fn day(&self) -> &str {
        &self.made_with.day
    }

    /// How far its source was read.
    pub fn position(&self) -> &str {
        &self.made_with.position
    }

    /// How a service goes on with it.
    pub fn setup(&self, data: &Path, detector: Detector) -> Setup {
        setup(data, detector, self.day(), None)
    }
}

fn folder(number: u32) -> PathBuf {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    golden.join(format!("data-{number}"))
}

fn detector(reasons: ReasonSet, model: OutlierModel, retention_days: u32) -> Detector {
    Detector {
        reasons,
        models: ModelRegistry::new(Arc::new(model)),
        retention: Some(RetentionWindow {
            days: retention_days,
        }),
        ..Detector::default()
    }
}

fn setup(data: &Path, detector: Detector, day: &str, every_epochs: Option<u64>) -> Setup {
    Setup {
        store: StorePlace::File(data.join("alerts.db")),
        detector,
        workers: 1,
        clock: Days::at(day).clock(),
        every_epochs,
    }
}

/// The rows of the sample, by their knowledge times; but for half a hundred visits that are all alike.
fn sample() -> Vec<Change> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample");
    let scratch = tempfile::tempdir().expect("a directory");
    let mut rows = Vec::new();
    let mut found = discover(&directory).expect("found").files;
    found.retain(|file| !file.path.ends_with("claims-dialysis.ndjson"));
    for file in found {
        let mut reader = open(&file, Reading::Everything, scratch.path()).expect("readable");
        while let Some(entry) = reader.next_entry().expect("readable") {
            rows.extend(entry.outcome);
        }
    }
    rows.sort_by_key(|row| row.recorded_at);
    rows
}

/// A delivery with all that one can have beside rows.
fn delivery(number: u8, rows: &[Change]) -> Delivery {
    Delivery {
        source: "hub".to_owned(),
        origin: format!("part-{number}.ndjson"),
        request: Some(Request {
            principal: "hub".to_owned(),
            key: [number; 32],
            body: [number + 1; 32],
        }),
        positions: vec![Position {
            part: "part".to_owned(),
            place: number.to_string(),
        }],
        rows: (1..)
            .zip(rows)
            .map(|(row, change)| Arrived {
                row,
                change: change.clone(),
            })
            .collect(),
        rejects: vec![Rejected {
            row: rows.len() as u64 + 1,
            stream: Stream::Claims,
            recorded_at: None,
            facility: None,
            code: ErrorCode::BadJson,
            message: "expected an object".to_owned(),
            raw: "{".to_owned(),
        }],
        ..Delivery::default()
    }
}

/// Delivers parts on a day, and waits for a snapshot of them where one is wanted.
fn deliver(data: &Path, detector: Detector, day: &str, parts: &[Delivery], is_kept: bool) {
    let every_epochs = is_kept.then_some(parts.len() as u64);
    let live = Live::start_with(data, setup(data, detector, day, every_epochs));
    for part in parts {
        live.deliver_and_see(part.clone());
    }
    let until = Elapsed::now() + Duration::from_secs(60);
    while is_kept && files(data, ".snapshot").is_empty() {
        assert!(Elapsed::now() < until, "a snapshot");
        std::thread::sleep(Duration::from_millis(20));
    }
    live.stop();
}

/// Runs a service on the sample, but for the end of it, which puts most of it right.
fn make(data: &Path, detector: &Detector) {
    let rows = sample();
    let parts: Vec<Delivery> = (1..=PARTS)
        .zip(rows.chunks(rows.len().div_ceil(10)))
        .map(|(number, part)| delivery(number, part))
        .collect();
    // A segment that lies before the snapshot, the one that it ends in, and one behind it.
    let runs = [
        (DAYS[0], &parts[..3], false),
        (DAYS[0], &parts[3..6], true),
        (DAYS[1], &parts[6..], false),
    ];
    for (day, parts, is_kept) in runs {
        deliver(data, detector.clone(), day, parts, is_kept);
    }
}

/// Makes the directory of the present program.
fn bless(folder: &Path) {
    let model = trained(1, &USUAL);
    let made_with = MadeWith {
        day: DAYS[1].to_owned(),
        retention_days: RETENTION_DAYS,
        reasons: (ReasonSet::ALL.iter())
            .map(|reason: Reason| reason.as_str().to_owned())
            .collect(),
        position: PARTS.to_string(),
        model: model.digest(),
    };
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    make(data, &detector(ReasonSet::ALL, model, RETENTION_DAYS));
    let (alerts, history) = export(data);
    let store = Connection::open(data.join("alerts.db")).expect("the store");
    // Its many small tables take a page each; the log is only taken up again once they are small.
    let smaller =
        "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL";
    store.execute_batch(smaller).expect("made smaller");
    store.close().expect("its log is moved into the file");
    // What a service makes anew, and what would not be in a clone.
    fs::remove_dir_all(data.join("scratch")).expect("removed");
    for part in ["journal", "snapshots"] {
        let names = fs::read_dir(data.join(part)).expect("readable");
        for path in names.map(|entry| entry.expect("an entry").path()) {
            if path.ends_with("lock") || path.extension().is_some_and(|is| is == "claim") {
                fs::remove_file(path).expect("removed");
            }
        }
    }
    let left: BTreeSet<String> = fs::read_dir(data)
        .expect("readable")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    let expected = ["alerts.db", "artefacts", "journal", "keys", "snapshots"];
    assert_eq!(left, expected.map(str::to_owned).into(), "no log is left");
    copy(data, &folder.join("data"));
    let write = |name, text: &str| fs::write(folder.join(name), text).expect("written");
    write("alerts.ndjson", &alerts);
    write("history.ndjson", &history);
    let made_with = serde_json::to_string_pretty(&made_with).expect("JSON");
    write("made-with.json", &(made_with + "\n"));
}

/// The version of everything in a data directory.
fn versions(data: &Path) -> BTreeMap<&'static str, String> {
    let first = |part: &str, (begin, ending): (&str, &str)| {
        let entries = fs::read_dir(data.join(part)).expect("readable");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let first = names
            .filter(|name| name.starts_with(begin) && name.ends_with(ending))
            .min();
        fs::read(data.join(part).join(first.expect("a file"))).expect("readable")
    };
    let fields = |value: &Value| {
        let fields = value.as_object().expect("an object").keys();
        format!("{:?}", fields.collect::<Vec<_>>())
    };
    let json =
        |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).expect("a document in JSON") };
    let segment = first("journal", ("", ".segment"));
    let manifest = json(&first("snapshots", ("", ".snapshot")));
    let artefact = |begin: &str| json(&first("artefacts", (begin, ".json")));
    let store = Connection::open(data.join("alerts.db")).expect("the store");
    let schema: i64 = store
        .query_row("SELECT schema_version FROM meta", [], |row| row.get(0))
        .expect("a schema");
    BTreeMap::from([
        ("segment", format!("{:?}", &segment[8..12])),
        // Behind the headers of the segment and of its first frame.
        ("epoch", segment[112 + 84].to_string()),
        ("key", first("keys", ("", ".key"))[8].to_string()),
        ("manifest", manifest["format"].to_string()),
        ("snapshot", fields(&manifest["snapshot"])),
        ("detector", fields(&artefact("detector-"))),
        ("fixed", fields(&artefact("computed-with"))),
        ("model", artefact("model-")["version"].to_string()),
        ("store", schema.to_string()),
    ])
}

/// A format that changes without a golden directory of its own would not be held to.
#[test]
fn the_newest_golden_directory_is_of_the_formats_that_are_written() {
    let folder = folder(NEWEST);
    if std::env::var_os("FUNDWATCH_BLESS").is_some() && !folder.exists() {
        bless(&folder);
    }
    let newest = Golden::all().pop().expect("one");
    let written = tempfile::tempdir().expect("a directory");
    make(written.path(), &newest.detector());
    assert_eq!(
        versions(newest.copied().path()),
        versions(written.path()),
        "a format changed: add one to NEWEST, and run FUNDWATCH_BLESS=1 cargo test --test service golden"
    );
}
