//! Topics that come later, and where reading begins.

use std::sync::Arc;
use std::time::Duration;

use fundwatch::record::Stream;
use fundwatch::source::kafka::{ErrorKind, KafkaEvent, Start};
use rdkafka::mocking::MockCluster;

use crate::support::*;

#[test]
fn a_topic_that_does_not_exist_yet_is_waited_for() {
    let mock = MockCluster::new(1).expect("a cluster");
    let brokers = mock.bootstrap_servers();
    let cluster = Cluster { mock, brokers };
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, told) = start(&cluster.settings(), &process);
    let is_unknown = |e: &KafkaEvent| {
        matches!(
            e,
            KafkaEvent::Error {
                kind: ErrorKind::UnknownTopic,
                ..
            }
        )
    };
    wait_for("the error", || told.has(is_unknown));
    cluster.mock.create_topic("claims", 2, 1).expect("a topic");
    let sender = cluster.sender(&[]);
    sender.send_all(2, 20);
    expect_all(&ledger, &sender, 2);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn from_the_end_only_what_comes_later_is_read_also_after_a_restart() {
    let cluster = Cluster::with(1, 2);
    let old = cluster.sender(&[]);
    old.send_all(2, 30);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let mut settings = cluster.settings();
    settings.start = Start::End;
    let (kafka, _) = start(&settings, &process);
    wait_for("the end to be durable", || {
        ledger.kept().positions.len() == 2
    });
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    // These come while nobody reads.
    let new = cluster.sender(&[]);
    new.send_all(2, 20);
    let (kafka, _) = start(&settings, &process);
    expect_all(&ledger, &new, 2);
    let kept = ledger.kept();
    assert_eq!(kept.rows["claims/1"][0].offset, 30);
    drop(kept);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn a_partition_that_was_added_is_read_from_its_beginning() {
    let cluster = Cluster::with(1, 2);
    let sender = cluster.sender(&[]);
    sender.send_all(2, 30);
    let ledger = Arc::new(Ledger::default());
    // The topic was read before, when it had one partition.
    let position = ("claims/0".to_owned(), "30".to_owned());
    ledger.kept().positions.extend([position]);
    let process = Arc::new(Process::new(&ledger));
    let mut settings = cluster.settings();
    settings.start = Start::End;
    let (kafka, _) = start(&settings, &process);
    wait_for("its rows", || ledger.values(1) == sender.sent(1));
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    assert_eq!(ledger.count(), 30);
}

#[test]
fn offsets_that_the_group_committed_are_not_read() {
    let cluster = Cluster::with(1, 1);
    let sender = cluster.sender(&[]);
    sender.send_all(1, 30);
    for _ in 0..2 {
        // A new journal begins anew, although the group has committed all.
        let ledger = Arc::new(Ledger::default());
        let process = Arc::new(Process::new(&ledger));
        let (kafka, _) = start(&cluster.settings(), &process);
        expect_all(&ledger, &sender, 1);
        std::thread::sleep(Duration::from_millis(1200));
        kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    }
}

#[test]
fn a_topic_is_a_stream() {
    let cluster = Cluster::with(1, 1);
    cluster.mock.create_topic("people", 1, 1).expect("a topic");
    let sender = cluster.sender(&[]);
    sender.send_all(1, 5);
    let mut settings = cluster.settings();
    settings.topics.insert("people".into(), Stream::Citizens);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    let (kafka, _) = start(&settings, &process);
    wait_for("both partitions", || {
        kafka.status().state().partitions.len() == 2
    });
    wait_for("rows", || ledger.count() == 5);
    let kept = ledger.kept();
    assert!(
        kept.rows["claims/0"]
            .iter()
            .all(|row| row.stream == Stream::Claims)
    );
    drop(kept);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}
