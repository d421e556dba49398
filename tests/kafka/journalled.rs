//! What a service that has stopped left: the rows of its journal, and its alerts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use fundwatch::journal::{Delivery, Directory, Epoch, JournalReader, Keys};
use fundwatch::record::Instant;
use fundwatch::store::{StorePlace, open_counter};
use serde_json::Value;

use crate::feeds::SOURCE;
use crate::live::export;

/// The deliveries of a journal, in order.
fn deliveries(data: &Path) -> Vec<Delivery> {
    let directory =
        |name: &str| Arc::new(Directory::create(&data.join(name)).expect("a directory"));
    let keys = Arc::new(Keys::new(directory("keys"), None));
    let reader = JournalReader::open(directory("journal"), keys).expect("a journal");
    let frames = reader.frames(1).expect("a journal");
    let epochs = frames.map(|frame| {
        let frame = frame.expect("whole");
        let of = (frame.number, Instant::from_nanos(frame.at));
        Epoch::decode(of, &frame.plain, frame.secret.as_deref()).expect("an epoch")
    });
    epochs
        .flat_map(|epoch| epoch.deliveries.unwrap_or_default())
        .collect()
}

/// The numbers of the rows of each partition, in the order of the journal.
pub fn rows(data: &Path) -> BTreeMap<String, Vec<u64>> {
    let mut rows: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for delivery in deliveries(data) {
        assert!(delivery.rejects.is_empty(), "{:?}", delivery.rejects);
        let of = rows.entry(delivery.origin).or_default();
        of.extend(delivery.rows.iter().map(|row| row.row));
    }
    rows
}

/// How far each partition is read, as the store has it.
pub fn positions(data: &Path) -> BTreeMap<String, String> {
    let reader = open_counter(&StorePlace::File(data.join("alerts.db")));
    let positions = reader.and_then(|mut reader| reader.positions());
    let positions = positions.unwrap_or_default().into_iter();
    positions
        .map(|stored| stored.position)
        .filter(|position| position.source == SOURCE)
        .map(|position| (position.partition, position.position))
        .collect()
}

/// Alerts by their ids, but for when and where their rows were met.
pub fn alerts(data: &Path) -> BTreeMap<String, Value> {
    let read = |line: &str| {
        let mut alert: Value = serde_json::from_str(line).expect("JSON");
        let fields = alert.as_object_mut().expect("an object");
        fields.remove("raised_at");
        for row in alert["evidence"].as_array_mut().expect("a list") {
            let row = row.as_object_mut().expect("an object");
            row.remove("file");
            row.remove("row");
        }
        (alert["alert_id"].as_str().expect("an id").to_owned(), alert)
    };
    export(data).0.lines().map(read).collect()
}

/// Fails unless two services found the same.
pub fn expect_same(found: &Path, expected: &Path) {
    let (found, expected) = (alerts(found), alerts(expected));
    assert!(expected.len() > 20, "{} alerts", expected.len());
    let ids = |alerts: &BTreeMap<String, Value>| alerts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&found), ids(&expected));
    for (id, alert) in &expected {
        assert_eq!(&found[id], alert);
    }
}
