//! `fundwatch serve` with a source of Kafka, killed, stopped and started again while messages come.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::feeds::{self, Feed, SOURCE};
use crate::journalled::{expect_same, positions, rows};
use crate::running::{Country, Data, Running, STREAMS, until};
use crate::support::{Cluster, Draws};

const PATIENCE: Duration = Duration::from_secs(120);

/// A configuration with epochs so short that many are in the middle of something.
fn config(cluster: &Cluster) -> String {
    let mut config = format!(
        "[epoch]\nmax_wait = \"10ms\"\nmax_rows = 50\n\n[log]\nlevel = \"info\"\n\n\
         [[source]]\nname = \"{SOURCE}\"\nkind = \"kafka\"\ngroup = \"fundwatch\"\nbrokers = [",
    );
    for broker in cluster.brokers.split(',') {
        let _ = write!(config, "\"{broker}\", ");
    }
    config.push_str("]\ntopics = { ");
    let topics = STREAMS.map(|stream| format!("{stream} = \"{stream}\""));
    config.push_str(&topics.join(", "));
    config.push_str(" }\nproperties = { ");
    let properties = [
        // The mock cluster waits for three seconds for members to come.
        ("session.timeout.ms", 4000),
        ("heartbeat.interval.ms", 200),
        ("statistics.interval.ms", 100),
        ("topic.metadata.refresh.interval.ms", 300),
        ("reconnect.backoff.max.ms", 500),
        ("fetch.wait.max.ms", 50),
    ];
    let properties = properties.map(|(name, value)| format!("\"{name}\" = {value}"));
    config.push_str(&properties.join(", "));
    config.push_str(" }\n");
    config
}

/// Ends well, so that all that is durable is stored.
fn stop(mut running: Running) {
    running.process.terminate();
    let status = running.process.ended(Duration::from_secs(30));
    assert!(status.success(), "{status}");
}

/// The alerts of the same rows, pushed.
fn pushed(country: &Country) -> Data {
    let data = Data::new();
    let running = Running::start(&data, "").ready();
    running.push_all(country);
    stop(running);
    data
}

#[test]
fn every_message_counts_once_whenever_the_service_is_killed_or_stopped() {
    let country = Country::new(1_000);
    let cluster = feeds::cluster(2);
    let config = config(&cluster);
    let feed = Feed::new(&cluster);
    let data = Data::new();
    let is_sent = AtomicBool::new(false);
    let mut draws = Draws(7);
    let (mut kills, mut stops) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            feed.send_all(&country, Duration::from_millis(120));
            is_sent.store(true, Ordering::Release);
        });
        while !is_sent.load(Ordering::Acquire) || kills < 2 {
            let before = positions(&data.path());
            let mut running = Running::start(&data, &config);
            until("rows that are stored", PATIENCE, || {
                let is_all = is_sent.load(Ordering::Acquire) && before == feed.positions();
                (is_all || positions(&data.path()) != before).then_some(())
            });
            std::thread::sleep(Duration::from_millis(draws.below(400)));
            if draws.below(4) == 0 {
                stop(running);
                stops += 1;
            } else {
                running.process.kill();
                kills += 1;
            }
        }
    });
    let running = Running::start(&data, &config).ready();
    until("all positions", PATIENCE, || {
        (positions(&data.path()) == feed.positions()).then_some(())
    });
    for told in [
        "fundwatch_kafka_partitions{source=\"topics\",state=\"reading\"} 20\n",
        "fundwatch_kafka_partitions{source=\"topics\",state=\"halted\"} 0\n",
        "fundwatch_kafka_lag_messages{source=\"topics\"} 0\n",
    ] {
        until(told, PATIENCE, || {
            running.metrics().body.contains(told).then_some(())
        });
    }
    stop(running);
    assert_eq!(
        rows(&data.path()),
        feed.rows(),
        "{kills} kills, {stops} stops"
    );
    let expected = pushed(&country);
    expect_same(&data.path(), &expected.path());
}
