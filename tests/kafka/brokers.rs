//! Brokers that go away, answer with errors, and come back; and stopping while they are away.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use fundwatch::source::kafka::{ErrorKind, KafkaEvent, StillRunning};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::support::*;

#[test]
fn brokers_that_go_and_come_back_cost_nothing() {
    let cluster = Cluster::with(3, 3);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, told) = start(&cluster.settings(), &process);
    let status = kafka.status();
    sender.send_all(3, 100);
    wait_for("rows", || ledger.count() == 300);
    wait_for("no lag", || status.state().lag() == Some(0));
    assert!(status.state().is_connected());
    for _ in 0..2 {
        // Acknowledged before the brokers go: what they take without saying so, the sender has to send twice.
        (0..3).for_each(|p| (0..25).for_each(|_| sender.send(p)));
        sender.flush();
        cluster.mock.broker_down(-1).expect("a broker");
        (0..3).for_each(|p| (0..25).for_each(|_| sender.send(p)));
        wait_for("the loss to show", || !status.state().is_connected());
        std::thread::sleep(Duration::from_secs(1));
        cluster.mock.broker_up(-1).expect("a broker");
        sender.flush();
        wait_for("the return to show", || status.state().is_connected());
    }
    expect_all(&ledger, &sender, 3);
    let is_unreachable = |e: &KafkaEvent| {
        matches!(
            e,
            KafkaEvent::Error {
                kind: ErrorKind::Unreachable,
                ..
            }
        )
    };
    assert!(told.has(is_unreachable), "{:?}", told.all());
    assert!(status.state().last_error.is_some());
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    assert!(!status.state().is_running);
}

#[test]
fn a_broker_that_dies_hands_its_partitions_to_another() {
    let cluster = Cluster::with(3, 3);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, _) = start(&cluster.settings(), &process);
    sender.send_all(3, 50);
    wait_for("rows", || ledger.count() == 150);
    cluster.mock.broker_down(1).expect("a broker");
    for partition in 0..3 {
        let leader = cluster.mock.partition_leader("claims", partition, Some(2));
        leader.expect("a leader");
    }
    (0..3).for_each(|p| (0..50).for_each(|_| sender.send(p)));
    cluster.mock.broker_up(1).expect("a broker");
    sender.flush();
    expect_all(&ledger, &sender, 3);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn errors_of_requests_are_tried_again() {
    let cluster = Cluster::with(1, 2);
    let sender = cluster.sender(&[]);
    sender.send_all(2, 300);
    let fetch = [
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
    ];
    let group = [
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT,
    ];
    for _ in 0..3 {
        cluster.mock.request_errors(RDKafkaApiKey::Fetch, &fetch);
    }
    cluster
        .mock
        .request_errors(RDKafkaApiKey::JoinGroup, &group);
    cluster
        .mock
        .request_errors(RDKafkaApiKey::FindCoordinator, &group);
    cluster
        .mock
        .request_errors(RDKafkaApiKey::OffsetCommit, &group);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let mut settings = cluster.settings();
    settings.bounds.rows = 25;
    let (kafka, _) = start(&settings, &process);
    wait_for("some rows", || ledger.count() > 100);
    // The member is thrown out of the group and comes back.
    let thrown_out = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID];
    cluster
        .mock
        .request_errors(RDKafkaApiKey::Heartbeat, &thrown_out);
    sender.send_all(2, 100);
    expect_all(&ledger, &sender, 2);
    assert!(kafka.status().state().totals.errors > 0);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn a_source_stops_in_time_whoever_does_not_answer() {
    let cluster = Cluster::with(1, 1);
    let sender = cluster.sender(&[]);
    sender.send_all(1, 10);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    process.is_shut.store(true, Ordering::Release);
    let (kafka, _) = start(&cluster.settings(), &process);
    wait_for("a delivery in flight", || {
        kafka.status().state().is_in_flight
    });
    let began = Instant::now();
    assert_eq!(kafka.stop(Duration::from_millis(500)), Err(StillRunning));
    assert!(began.elapsed() < Duration::from_secs(1));
    process.is_shut.store(false, Ordering::Release);
    wait_for("the last delivery", || ledger.count() > 0);

    let (kafka, _) = start(&cluster.settings(), &process);
    expect_all(&ledger, &sender, 1);
    wait_for("a connection", || kafka.status().state().is_connected());
    let status = kafka.status();
    cluster.mock.broker_down(-1).expect("a broker");
    let began = Instant::now();
    // Without brokers it may or may not get to leave the group in time.
    let _ = kafka.stop(Duration::from_secs(2));
    assert!(began.elapsed() < Duration::from_secs(3));
    wait_for("the end", || !status.state().is_running);
    cluster.mock.broker_up(-1).expect("a broker");

    // A broker that was never there.
    let mut settings = cluster.settings();
    settings.brokers = "127.0.0.1:1".into();
    let (kafka, told) = start(&settings, &process);
    wait_for("an error", || {
        told.has(|e| matches!(e, KafkaEvent::Error { .. }))
    });
    assert!(!kafka.status().state().is_connected());
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}
