//! The rows behind alerts, as the pages of a live service read them.

use fundwatch::record::Operation;
use fundwatch::service::JournalledRow;
use serde_json::Value;

use crate::live::{Country, Live, export};

/// Every row that evidence names is there, whole, under the key that it names.
fn assert_rows_are_there(live: &Live, alerts: &str) -> usize {
    let rows = live.service().journalled_rows();
    let mut seen = 0;
    for line in alerts.lines() {
        let alert: Value = serde_json::from_str(line).expect("JSON");
        for place in alert["evidence"].as_array().expect("a list") {
            let file = place["file"].as_str().expect("a text");
            let epoch = file.strip_prefix("epochs/").expect("an epoch").parse();
            let row = place["row"].as_u64().expect("a number");
            let found = rows.row(epoch.expect("a number"), row).expect("read");
            let JournalledRow::Kept(change) = found else {
                panic!("{file}, row {row} is not there");
            };
            assert_eq!(change.key.stream().name(), place["stream"]);
            assert_eq!(
                change.key.to_string(),
                place["key"].as_str().expect("a text")
            );
            assert_eq!(
                change.recorded_at.to_string(),
                place["recorded_at"].as_str().expect("a text")
            );
            assert!(matches!(change.operation, Operation::Upsert(_)));
            seen += 1;
        }
    }
    seen
}

#[test]
fn every_row_that_evidence_names_is_there_also_after_a_start() {
    let country = Country::new(2_000, 90, 11);
    let data = tempfile::tempdir().expect("a directory");
    let live = Live::with_snapshots(data.path(), Some(4));
    let deliveries = country.deliveries(700);
    let most = deliveries.len() * 3 / 4;
    let mut deliveries = deliveries.into_iter();
    for delivery in deliveries.by_ref().take(most) {
        live.deliver_and_see(delivery);
    }
    let alerts = export(data.path()).0;
    assert!(assert_rows_are_there(&live, &alerts) > 0);
    live.stop();
    // From a snapshot, with more to come.
    let live = Live::with_snapshots(data.path(), Some(4));
    let mut last = 0;
    for delivery in deliveries {
        last = live.deliver_and_see(delivery).epoch;
    }
    let alerts = export(data.path()).0;
    assert!(assert_rows_are_there(&live, &alerts) > 20);
    let rows = live.service().journalled_rows();
    let is_absent = |epoch, row| rows.row(epoch, row).expect("read") == JournalledRow::Absent;
    assert!(
        is_absent(last + 1, 1)
            && is_absent(last, 0)
            && is_absent(last, u64::MAX)
            && is_absent(0, 1)
    );
    live.stop();
}
