//! Messages that are damaged, compressed, or empty.

use std::sync::Arc;
use std::time::Duration;

use fundwatch::source::kafka::KafkaEvent;

use crate::raw_batch::{Batch, write_at_once};
use crate::support::*;

#[test]
fn a_damaged_batch_is_never_skipped() {
    let cluster = Cluster::with(1, 1);
    let batch = |is_damaged| Batch {
        records: &[(0, b"0"), (1, b"1")],
        span: 2,
        is_mark: false,
        is_damaged,
    };
    // In one answer, so that the client goes on behind what is damaged.
    let batches = [batch(false), batch(true), batch(false)];
    write_at_once(&batches, &cluster.brokers, 0);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, told) = start(&cluster.settings(), &process);
    wait_for("several tries", || {
        let unreadable = |e: &&KafkaEvent| **e == KafkaEvent::Unreadable;
        told.all().iter().filter(unreadable).count() >= 4
    });
    assert_eq!(ledger.count(), 2);
    assert_eq!(ledger.kept().positions["claims/0"], "2");

    // Once the brokers have it no more, reading goes on, and what is missing is told.
    let sender = cluster.sender(&[]);
    let row = vec![b'x'; 100 << 10];
    for _ in 0..60 {
        sender.send_raw(0, Some(&row));
        sender.flush();
    }
    wait_for("the last row", || {
        ledger.kept().positions["claims/0"] == "66"
    });
    assert_eq!(ledger.kept().gaps[0].from, 2);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn every_compression_is_read() {
    let cluster = Cluster::with(1, 4);
    for (partition, codec) in [(0, "gzip"), (1, "snappy"), (2, "lz4"), (3, "zstd")] {
        let sender = cluster.sender(&[("compression.type", codec)]);
        let row = text(partition, 0).repeat(50);
        for _ in 0..50 {
            sender.send_raw(partition, Some(row.as_bytes()));
        }
        sender.flush();
    }
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, told) = start(&cluster.settings(), &process);
    wait_for("all rows", || ledger.count() == 200);
    for partition in 0..4 {
        let row = text(partition, 0).repeat(50);
        assert!(ledger.values(partition).iter().all(|value| *value == row));
    }
    assert!(!told.has(|e| *e == KafkaEvent::Unreadable));
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn tombstones_and_empty_values_keep_their_place() {
    let cluster = Cluster::with(1, 1);
    let sender = cluster.sender(&[]);
    for value in [
        Some(&b"{\"op\":\"d\"}"[..]),
        None,
        Some(b""),
        Some(b"\xff\0"),
    ] {
        sender.send_raw(0, value);
    }
    sender.flush();
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, _) = start(&cluster.settings(), &process);
    wait_for("all rows", || ledger.count() == 4);
    let rows = ledger.kept().rows["claims/0"].clone();
    let values: Vec<_> = rows.iter().map(|row| row.value.as_deref()).collect();
    assert_eq!(
        values,
        [
            Some(&b"{\"op\":\"d\"}"[..]),
            None,
            Some(b""),
            Some(b"\xff\0")
        ]
    );
    assert!(
        rows.iter()
            .all(|row| row.timestamp_ms > Some(1_600_000_000_000))
    );
    assert!(!format!("{rows:?}").contains("op"));
    wait_for("totals", || kafka.status().state().totals.tombstones == 1);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}
