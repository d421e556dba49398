//! The live service, in this process: what it stores is what a replay of its journal finds, and what a replay of
//! the same rows from files finds.

mod erasure;
mod golden;
mod inbox;
mod live;
#[path = "../support/outlier_model.rs"]
mod outlier_model;
mod people;
#[path = "../support/ports.rs"]
mod ports;
#[path = "../support/postgres.rs"]
mod postgres_cluster;
mod retained;
mod retention;
mod rows_behind;
#[path = "../support/said.rs"]
mod said;
mod snapshots;
mod upgrade;

use std::collections::BTreeMap;
use std::path::Path;

use fundwatch::journal::{Arrived, Delivery};
use fundwatch::record::Stream;
use fundwatch::replay::{self, JournalInput, Options, Silent};
use fundwatch::source::LineReader;
use live::{Country, Live, export};
use serde_json::Value;

/// The outputs of a replay of the journal of a service.
pub fn of_journal(data: &Path) -> (String, String) {
    let output = tempfile::tempdir().expect("a directory");
    let options = Options {
        journal: Some(JournalInput::default()),
        ..Options::new(data, output.path().join("run"))
    };
    replay::run(&options, &mut Silent).expect("the journal is replayed");
    let read = |name| std::fs::read_to_string(options.output.join(name)).expect("an output");
    (read("alerts.ndjson"), read("history.ndjson"))
}

/// What an alert says, but for when and where its rows were met.
pub fn by_id(alerts: &str) -> BTreeMap<String, Value> {
    let read = |line: &str| {
        let mut alert: Value = serde_json::from_str(line).expect("JSON");
        alert
            .as_object_mut()
            .expect("an object")
            .remove("raised_at");
        for row in alert["evidence"].as_array_mut().expect("a list") {
            let row = row.as_object_mut().expect("an object");
            row.remove("file");
            row.remove("row");
        }
        (alert["alert_id"].as_str().expect("an id").to_owned(), alert)
    };
    alerts.lines().map(read).collect()
}

#[test]
fn what_is_stored_is_what_a_replay_of_the_journal_finds_across_restarts() {
    let country = Country::new(2_000, 90, 11);
    let data = tempfile::tempdir().expect("a directory");
    let deliveries = country.deliveries(400);
    let parts = deliveries.chunks(deliveries.len().div_ceil(4));
    for part in parts {
        let live = Live::start(data.path());
        part.iter()
            .for_each(|delivery| drop(live.deliver(delivery.clone())));
        live.stop();
        let stored = export(data.path());
        let replayed = of_journal(data.path());
        assert_eq!(stored.0, replayed.0, "alerts");
        assert_eq!(stored.1, replayed.1, "history");
    }
    let (alerts, history) = export(data.path());
    assert!(alerts.lines().count() > 50, "{}", alerts.lines().count());
    assert!(history.contains("\"withdrawn\"") && history.contains("\"changed\""));
    // In the order of their knowledge times, rows come to the same from files.
    let from_files = country.replayed();
    let (live, files) = (by_id(&alerts), by_id(&from_files));
    let ids = |alerts: &BTreeMap<String, Value>| alerts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&live), ids(&files));
    for (id, alert) in &live {
        assert_eq!(alert, &files[id]);
    }
}

#[test]
fn rows_in_any_order_of_arrival_come_to_the_same_alerts() {
    let country = Country::new(1_500, 60, 12);
    let alerts = |seed| {
        let data = tempfile::tempdir().expect("a directory");
        let live = Live::start(data.path());
        let deliveries = country.shuffled(300, seed);
        deliveries
            .into_iter()
            .for_each(|delivery| drop(live.deliver(delivery)));
        live.stop();
        let (alerts, history) = export(data.path());
        assert_eq!((alerts.clone(), history), of_journal(data.path()));
        let ids: Vec<String> = by_id(&alerts).into_keys().collect();
        ids
    };
    let files: Vec<String> = by_id(&country.replayed()).into_keys().collect();
    assert_eq!(alerts(1), files);
    assert_eq!(alerts(2), files);
}

/// A facility numbers its visits as it likes; what no database can keep in a text ends no service.
#[test]
fn a_visit_whose_number_has_a_nul_is_stored_as_any_other() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample/claims-corrections.ndjson");
    let sample = std::fs::read_to_string(path).expect("the sample");
    let mut claim: Value =
        serde_json::from_str(sample.lines().next().expect("a row")).expect("JSON");
    claim["visit_id"] = "S\0\n1".into();
    claim["personal_id"] = "079051000001".into();
    for (name, text) in [
        ("recorded_at", "2026-06-01T08:00:00+07:00"),
        ("admitted_at", "2026-05-03T22:00"),
        ("discharged_at", "2026-05-09T04:15"),
    ] {
        claim[name] = text.into();
    }
    let death = serde_json::json!({
        "recorded_at": "2026-03-05T10:00:00+07:00", "report_id": "R\0", "death_date": "2026-03",
        "source": "court", "personal_id": "079051000001",
    });
    let data = tempfile::tempdir().expect("a directory");
    for _ in 0..2 {
        let live = Live::start(data.path());
        for (stream, row) in [(Stream::DeathReports, &death), (Stream::Claims, &claim)] {
            let read = LineReader::new(stream).read(row.to_string().as_bytes(), None);
            live.deliver(Delivery {
                source: "hub".to_owned(),
                rows: vec![Arrived {
                    row: 1,
                    change: read.expect("a row").expect("accepted"),
                }],
                ..Delivery::default()
            });
        }
        live.stop();
    }
    let (alerts, history) = export(data.path());
    assert_eq!((alerts.clone(), history), of_journal(data.path()));
    assert!(alerts.contains("/S\\u0000\\n1\""), "{alerts}");
}
