//! Offsets that are not there: holes that mean nothing, and gaps that do.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fundwatch::source::delivery::{Gap, RawRow};
use fundwatch::source::kafka::{Halt, KafkaEvent};

use crate::raw_batch::Batch;
use crate::support::*;

/// More than the mock cluster retains of a partition, which is 5 MiB.
fn send_more_than_is_kept(sender: &Sender) {
    let row = vec![b'x'; 100 << 10];
    for _ in 0..90 {
        sender.send_raw(0, Some(&row));
        sender.flush();
    }
}

fn offsets(ledger: &Ledger) -> Vec<u64> {
    let rows = &ledger.kept().rows["claims/0"];
    rows.iter().map(|row: &RawRow| row.offset).collect()
}

#[test]
fn holes_of_compaction_and_marks_of_transactions_are_no_gaps() {
    let cluster = Cluster::with(1, 1);
    let write = |records: &[(i64, &[u8])], span, is_mark| {
        Batch {
            records,
            span,
            is_mark,
            is_damaged: false,
        }
        .write(&cluster.brokers, 0);
    };
    write(&[(1, b"b"), (3, b"d")], 6, false);
    write(&[(0, b"\0\0\0\0\0\0")], 1, true);
    write(&[(2, b"j")], 3, false);
    write(&[(0, b"\0\0\0\0\0\0")], 1, true);
    let ledger = Arc::new(Ledger::default());
    for round in 0..2 {
        let process = Arc::new(Process::new(&ledger));
        let (kafka, told) = start(&cluster.settings(), &process);
        let status = kafka.status();
        wait_for("rows", || ledger.count() >= 3);
        wait_for("no lag in spite of the last mark", || {
            status.state().lag() == Some(0)
        });
        assert_eq!(offsets(&ledger), [1, 3, 9], "round {round}");
        assert!(!told.has(|e| matches!(e, KafkaEvent::Gap { .. })));
        assert_eq!(ledger.kept().positions["claims/0"], "10");
        kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    }
    assert_eq!(ledger.kept().gaps, []);
}

#[test]
fn what_was_deleted_before_it_was_taken_is_told_and_journalled() {
    let cluster = Cluster::with(1, 1);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    sender.send_all(1, 10);
    let (kafka, _) = start(&cluster.settings(), &process);
    wait_for("the first rows", || ledger.count() == 10);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");

    send_more_than_is_kept(&sender);
    let (kafka, told) = start(&cluster.settings(), &process);
    wait_for("the last row", || {
        ledger.kept().positions["claims/0"] == "100"
    });
    let gap = ledger.kept().gaps.clone();
    let [
        Gap {
            partition,
            from: 10,
            to,
        },
    ] = &gap[..]
    else {
        panic!("expected one gap from 10: {gap:?}");
    };
    assert!(*to > 40 && *to < 60, "{to}");
    let event = KafkaEvent::Gap {
        partition: Arc::clone(partition),
        from: 10,
        to: *to,
    };
    assert!(told.has(|e| *e == event), "{:?}", told.all());
    let expected: Vec<_> = (0..10).chain(*to..100).collect();
    assert_eq!(offsets(&ledger), expected);
    let totals = kafka.status().state().totals;
    wait_for("totals", || kafka.status().state().totals.lost == *to - 10);
    assert!(totals.gaps <= 1);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn what_was_deleted_while_the_source_was_paused_is_told() {
    let cluster = Cluster::with(1, 1);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    sender.send_all(1, 10);
    let (kafka, told) = start(&cluster.settings(), &process);
    wait_for("the first rows", || ledger.count() == 10);
    process.is_paused.store(true, Ordering::Release);
    wait_for("the pause", || kafka.status().state().is_held);
    send_more_than_is_kept(&sender);
    assert_eq!(ledger.count(), 10);
    process.is_paused.store(false, Ordering::Release);
    wait_for("the last row", || {
        ledger.kept().positions["claims/0"] == "100"
    });
    let gaps = ledger.kept().gaps.clone();
    let missing: u64 = gaps.iter().map(|gap| gap.to - gap.from).sum();
    assert!(missing > 0 && told.has(|e| matches!(e, KafkaEvent::Gap { .. })));
    assert_eq!(offsets(&ledger).len() as u64, 100 - missing);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn a_partition_that_ends_before_its_position_is_not_read_and_others_are() {
    let cluster = Cluster::with(1, 3);
    let sender = cluster.sender(&[]);
    sender.send_all(3, 10);
    let ledger = Arc::new(Ledger::default());
    let positions = [("claims/0", "1000"), ("claims/1", "no offset")];
    for (partition, position) in positions {
        let mut kept = ledger.kept();
        kept.positions.insert(partition.into(), position.into());
    }
    let process = Arc::new(Process::new(&ledger));
    let (kafka, told) = start(&cluster.settings(), &process);
    let halt = Halt::EndsBefore {
        position: 1000,
        end: 10,
    };
    for (partition, halt) in [("claims/0", halt), ("claims/1", Halt::BadPosition)] {
        let partition = Arc::from(partition);
        let event = KafkaEvent::Halted { partition, halt };
        wait_for("a halt", || told.has(|e| *e == event));
    }
    sender.send_all(3, 10);
    wait_for("rows of the others", || ledger.values(2) == sender.sent(2));
    assert_eq!(ledger.count(), 20);
    assert_eq!(ledger.kept().positions["claims/0"], "1000");
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}
