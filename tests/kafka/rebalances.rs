//! Members that come, go, and believe too long that a partition is theirs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fundwatch::source::kafka::KafkaEvent;

use crate::support::*;

const PARTITIONS: i32 = 4;

/// Two members share a ledger while rows are sent; the second comes, works, and leaves. A delivery
/// takes longer than the group needs to give a partition to another.
fn two_members(handover: Duration) -> (Arc<Ledger>, Told) {
    let cluster = Cluster::with(2, PARTITIONS);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let mut settings = cluster.settings();
    settings.bounds.rows = 5000;
    settings.handover = handover;
    let member = || {
        let mut process = Process::new(&ledger);
        process.takes = Duration::from_millis(2500);
        Arc::new(process)
    };
    let (first, second) = (member(), member());
    let is_over = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                sender.send_all(PARTITIONS, 2);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let (stays, told) = start(&settings, &first);
        wait_for("rows", || first.deliveries.load(Ordering::Acquire) > 2);
        let (goes, told_to_second) = start(&settings, &second);
        wait_for("the second's share", || {
            second.deliveries.load(Ordering::Acquire) > 1
        });
        let assigned = |n| move |event: &KafkaEvent| matches!(event, KafkaEvent::Assigned { partitions } if *partitions == n);
        assert!(told_to_second.has(assigned(2)));
        goes.stop(Duration::from_secs(20)).expect("a timely stop");
        wait_for("all partitions to come back", || {
            told.all().iter().filter(|e| assigned(4)(e)).count() >= 2
        });
        let before = ledger.count();
        wait_for("rows after that", || ledger.count() > before + 50);
        is_over.store(true, Ordering::Release);
        (stays, told)
    });
    let (stays, told) = told;
    expect_all(&ledger, &sender, PARTITIONS);
    stays.stop(Duration::from_secs(20)).expect("a timely stop");
    (ledger, told)
}

#[test]
fn a_rebalance_loses_nothing_and_repeats_nothing() {
    let (ledger, told) = two_members(Duration::from_secs(10));
    // What is in flight lands before a partition is given away.
    assert_eq!(ledger.kept().moved, 0, "{:?}", told.all());
}

#[test]
fn rows_that_land_after_the_partition_was_given_away_are_not_taken_twice() {
    // Whether one is on its way at that moment is a matter of chance.
    let overtaken = (0..6).any(|_| {
        let (ledger, told) = two_members(Duration::ZERO);
        assert!(told.has(|event| matches!(event, KafkaEvent::Revoked { .. })));
        ledger.kept().moved > 0
    });
    assert!(overtaken, "no delivery was overtaken");
}

#[test]
fn a_delivery_that_another_overtook_is_dropped_and_read_on_from_there() {
    let cluster = Cluster::with(1, 1);
    let sender = cluster.sender(&[]);
    sender.send_all(1, 50);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    process.is_shut.store(true, Ordering::Release);
    let (kafka, told) = start(&cluster.settings(), &process);
    wait_for("a delivery in flight", || {
        kafka.status().state().is_in_flight
    });
    // Another member has meanwhile delivered the first 20 rows.
    let other = Arc::new(Ledger::default());
    let helper = Arc::new(Process::new(&other));
    let mut settings = cluster.settings();
    settings.group = "other".into();
    settings.bounds.rows = 20;
    let (first, _) = start(&settings, &helper);
    wait_for("the other's rows", || other.count() == 50);
    first.stop(Duration::from_secs(10)).expect("a timely stop");
    {
        let mut kept = ledger.kept();
        kept.positions.insert("claims/0".into(), "20".into());
        let rows = other.kept().rows["claims/0"][..20].to_vec();
        kept.rows.insert("claims/0".into(), rows);
    }
    process.is_shut.store(false, Ordering::Release);
    expect_all(&ledger, &sender, 1);
    assert!(told.has(|event| *event == KafkaEvent::Moved));
    assert_eq!(kafka.status().state().totals.moved, 1);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}
