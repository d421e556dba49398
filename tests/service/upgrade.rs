//! A service goes on with what an earlier version of the program left; and an earlier program refuses what a later
//! one wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fundwatch::detector::Detector;
use fundwatch::journal::Delivery;
use fundwatch::model::{ModelRegistry, builtin};
use fundwatch::record::{Instant, Stream};
use fundwatch::rule::{Reason, ReasonSet};
use fundwatch::service::{self, ServiceError};
use fundwatch::store::{Committed, open_counter};
use rusqlite::Connection;
use serde_json::{Value as Json, json};

use crate::golden::Golden;
use crate::live::{Live, export};
use crate::retention::Days;
use crate::snapshots::{change_a_byte, files};
use crate::{by_id, of_journal};

/// Rows of the day on which a directory was left: two stays that overlap, on a card that nobody knows, and the end
/// of a claim that an alert is about.
fn more(golden: &Golden) -> Delivery {
    let day = golden.day();
    let at = Days::at(day).now();
    let stay = |facility: &str, visit: &str| {
        json!({
            "facility": facility, "visit_id": visit, "cards": ["DN4010796000001"],
            "full_name": "Mẫu A", "birth_date": "1980-01-01", "sex": 1, "visit_type": "03",
            "object_code": "1.1", "main_diagnosis": "J18.9", "other_diagnoses": [],
            "admitted_at": format!("{day}T00:10"), "inpatient_at": format!("{day}T00:10"),
            "discharged_at": format!("{day}T20:00"), "outcome": 1, "discharge_type": 1,
            "cost_drugs": 0, "cost_supplies": 0, "cost_total": 1_000_000, "cost_covered": 1_000_000,
            "paid_by_fund": 800_000, "copay": 200_000, "self_paid": 0, "other_sources": 0,
        })
    };
    let (alerts, _) = golden.exports();
    let about = alerts.lines().find_map(|line| {
        let alert: Json = serde_json::from_str(line).expect("JSON");
        let id = alert["subject"]["id"].as_str()?.to_owned();
        (alert["subject"]["kind"] == "claim").then_some(id)
    });
    let about = about.expect("an alert about a claim");
    let (facility, visit) = about.split_once('/').expect("facility and visit");
    let end = json!({
        "op": "delete", "facility": facility, "visit_id": visit, "recorded_at": at.to_string(),
    });
    let rows = [stay("01001", "NEW-1"), stay("01002", "NEW-2"), end];
    lines(&rows, at)
}

fn lines(rows: &[Json], at: Instant) -> Delivery {
    let lines: Vec<String> = rows.iter().map(Json::to_string).collect();
    let delivery = service::lines(Stream::Claims, lines.join("\n").as_bytes(), at);
    assert!(delivery.rejects.is_empty(), "{:?}", delivery.rejects);
    Delivery {
        source: "test".to_owned(),
        ..delivery
    }
}

fn committed(data: &Path) -> Committed {
    let place = fundwatch::store::StorePlace::File(data.join("alerts.db"));
    let mut reader = open_counter(&place).expect("a store");
    reader.committed().expect("read")
}

/// Starts a service, sees the exports that are due, delivers more, starts it again. Another model is told to the
/// journal at once, so that it may have changed alerts when they are looked at.
fn goes_on(golden: &Golden, data: &Path, detector: &Detector) {
    let start = || Live::start_with(data, golden.setup(data, detector.clone()));
    let live = start();
    let due = golden.exports();
    if detector.models.digest(detector.models.initial()) == golden.model() {
        assert_eq!(export(data), due, "{}", golden.folder.display());
    }
    let positions = live.service().positions();
    let place = positions.place("hub", "part");
    assert_eq!(place.as_deref(), Some(golden.position()));
    let before = committed(data).epoch;
    let receipt = live.deliver_and_see(more(golden));
    assert_eq!(receipt.accepted, 3);
    live.stop();
    let after = export(data);
    assert!(committed(data).epoch > before);
    assert_eq!(after, of_journal(data));
    assert!(after.1.starts_with(&due.1), "history is only added to");
    assert!(after.0.contains("01001/NEW-1"), "{}", after.0);
    let withdrawn = |history: &str| history.matches("\"withdrawn\"").count();
    assert!(withdrawn(&after.1) > withdrawn(&due.1));
    start().stop();
    assert_eq!(export(data), after);
}

#[test]
fn what_every_version_left_goes_on_from_its_snapshot() {
    for golden in Golden::all() {
        let (alerts, history) = golden.exports();
        for told in ["raised", "changed", "withdrawn", "archived"] {
            assert!(history.contains(&format!("\"{told}\"")), "{told}");
        }
        assert!(alerts.contains("\"score\":"), "{alerts}");
        let data = golden.copied();
        goes_on(&golden, data.path(), &golden.detector());
        // What lies before the snapshot is not looked at in the journal, so that nobody sees that it is damaged.
        let damaged = golden.copied();
        let segments = segments(damaged.path());
        assert!(segments.len() > 2);
        change_a_byte(&segments[0], false);
        let setup = golden.setup(damaged.path(), golden.detector());
        let live = Live::start_with(damaged.path(), setup);
        assert_eq!(export(damaged.path()), (alerts, history));
        live.deliver_and_see(more(&golden));
        live.stop();
        let ids = |data: &Path| by_id(&export(data).0).into_keys().collect::<Vec<_>>();
        assert_eq!(ids(damaged.path()), ids(data.path()));
    }
}

#[test]
fn what_every_version_left_goes_on_from_its_journal_alone() {
    for golden in Golden::all() {
        let data = golden.copied();
        fs::remove_dir_all(data.path().join("snapshots")).expect("removed");
        goes_on(&golden, data.path(), &golden.detector());
    }
}

#[test]
fn the_journal_of_every_version_fills_a_new_store() {
    for golden in Golden::all() {
        let data = golden.copied();
        fs::remove_file(data.path().join("alerts.db")).expect("removed");
        let live = Live::start_with(data.path(), golden.setup(data.path(), golden.detector()));
        // What is not stored yet is computed behind the first moment at which rows are taken.
        live.deliver_and_see(Delivery::default());
        live.stop();
        let (alerts, history) = golden.exports();
        let filled = export(data.path());
        assert_eq!(filled.0, alerts, "{}", golden.folder.display());
        assert_eq!(filled.1, history, "{}", golden.folder.display());
        assert_eq!(of_journal(data.path()), filled);
    }
}

#[test]
fn another_model_is_journalled_and_counts_from_then_on() {
    for golden in Golden::all() {
        let data = golden.copied();
        let detector = Detector {
            models: ModelRegistry::new(Arc::new(builtin().clone())),
            ..golden.detector()
        };
        goes_on(&golden, data.path(), &detector);
        let documents = fs::read_dir(data.path().join("artefacts")).expect("readable");
        let names = documents.map(|entry| entry.expect("an entry").file_name());
        let of_detectors = names.filter(|name| name.to_string_lossy().starts_with("detector-"));
        assert_eq!(of_detectors.count(), 2);
        let (_, history) = export(data.path());
        let (_, before) = golden.exports();
        let added = &history[before.len()..];
        assert!(added.contains("\"stream\":\"model\""), "{added}");
    }
}

#[test]
fn other_reasons_are_refused_without_harm_and_taken_with_a_new_store() {
    for golden in Golden::all() {
        let data = golden.copied();
        let data = data.path();
        let fewer: ReasonSet = (golden.detector().reasons.iter())
            .filter(|reason| *reason != Reason::UnknownCard)
            .collect();
        let other = Detector {
            reasons: fewer,
            ..golden.detector()
        };
        let start =
            |detector: &Detector| Live::try_start_with(data, golden.setup(data, detector.clone()));
        let refused = start(&other).err().expect("refused");
        assert!(
            matches!(refused, ServiceError::OtherDetector { what } if what == "the list of reasons"),
            "{refused}"
        );
        start(&golden.detector()).expect("as before").stop();
        assert_eq!(export(data), golden.exports());
        // The remedy that the error names.
        fs::remove_file(data.join("alerts.db")).expect("removed");
        for _ in 0..2 {
            let live = start(&other).expect("with a new store");
            live.deliver_and_see(Delivery::default());
            live.stop();
            let filled = export(data);
            assert_eq!(filled, of_journal(data));
            assert!(!filled.1.contains("unknown_card"));
            assert!(filled.1.contains("\"withdrawn\""));
        }
        let refused = start(&golden.detector()).err().expect("refused");
        assert!(
            matches!(refused, ServiceError::OtherDetector { .. }),
            "{refused}"
        );
    }
}

fn segments(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join("journal")).expect("the journal");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".segment"))
        .collect();
    paths.sort();
    paths
}

/// Makes the bytes of a header say another version, under their own checksum.
fn of_version(path: &Path, place: usize, checksum: usize) {
    let mut bytes = fs::read(path).expect("readable");
    bytes[place] += 1;
    let sum = crc32fast::hash(&bytes[..checksum]);
    bytes[checksum..checksum + 4].copy_from_slice(&sum.to_le_bytes());
    fs::write(path, bytes).expect("writable");
}

/// Every file of a directory.
fn contents(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut directories = vec![data.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("readable") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => directories.push(path),
                false => {
                    let name = path.strip_prefix(data).expect("in it").to_owned();
                    contents.insert(name, fs::read(&path).expect("readable"));
                }
            }
        }
    }
    contents
}

/// What makes a part of a directory look as if a later version had written it, and what is said of it.
type Later = (&'static str, fn(&Path), &'static str);

const LATER: &[Later] = &[
    (
        "segment",
        |data| of_version(segments(data).last().expect("a segment"), 8, 108),
        "this program reads up to 1; run the version that wrote it, or a later one",
    ),
    (
        "key",
        |data| {
            let entries = fs::read_dir(data.join("keys")).expect("the keys");
            let names = entries.map(|entry| entry.expect("an entry").path());
            let of_months = names.filter(|path| !path.ends_with("store.key"));
            of_months.for_each(|path| of_version(&path, 8, 96));
        },
        "this program reads up to 1; run the version that wrote it, or a later one",
    ),
    (
        "store",
        |data| {
            let store = Connection::open(data.join("alerts.db")).expect("the store");
            let later = "UPDATE meta SET schema_version = 100 + schema_version";
            store.execute(later, []).expect("changed");
        },
        "made by a later version of fundwatch",
    ),
];

#[test]
fn what_a_later_version_wrote_is_refused_with_a_reason_and_left_as_it_is() {
    for golden in Golden::all() {
        for (part, change, why) in LATER {
            let data = golden.copied();
            change(data.path());
            let before = contents(data.path());
            let setup = golden.setup(data.path(), golden.detector());
            let refused = Live::try_start_with(data.path(), setup).err();
            let refused = refused.expect("refused").to_string();
            assert!(refused.contains(why), "{part}: {refused}");
            let after = contents(data.path());
            for (path, bytes) in before {
                // Keys are only read once the store is open, which notes who has it.
                let is_left = *part == "key" && path == Path::new("alerts.db");
                assert!(
                    is_left || after[&path] == bytes,
                    "{part}: {}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a_snapshot_of_a_later_version_gives_way_to_the_journal() {
    for golden in Golden::all() {
        let data = golden.copied();
        for manifest in files(data.path(), ".snapshot") {
            let text = fs::read_to_string(&manifest).expect("readable");
            let later = text.replacen("\"format\":1", "\"format\":99", 1);
            fs::write(&manifest, later).expect("writable");
        }
        goes_on(&golden, data.path(), &golden.detector());
        assert!(!files(data.path(), ".snapshot").is_empty(), "it is kept");
    }
}
