//! The live service, in this process: what it stores is what a replay of its journal finds, and what a replay of
//! the same rows from files finds.

mod inbox;
mod live;
#[path = "../support/postgres.rs"]
mod postgres_cluster;
mod retained;
mod retention;
mod snapshots;

use std::collections::BTreeMap;
use std::path::Path;

use fundwatch::replay::{self, JournalInput, Options, Silent};
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
