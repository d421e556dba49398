//! A country as topics: a topic a stream, its rows in turn to the partitions.
//!
//! Must hold: it is known which message of which partition is a row.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use fundwatch::record::Stream;
use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use crate::running::{Country, STREAMS};
use crate::support::{Cluster, PATIENCE};

pub const PARTITIONS: i32 = 2;

/// Streams whose rows come in envelopes of Debezium.
const IN_ENVELOPES: [&str; 3] = ["citizens", "claims", "employments"];

/// The name of the source that reads them.
pub const SOURCE: &str = "topics";

/// A cluster with an empty topic a stream.
pub fn cluster(brokers: i32) -> Cluster {
    let mock = MockCluster::new(brokers).expect("a cluster");
    for stream in STREAMS {
        mock.create_topic(stream, PARTITIONS, brokers.min(3))
            .expect("a topic");
    }
    let brokers = mock.bootstrap_servers();
    Cluster { mock, brokers }
}

/// The stream of each topic.
pub fn topics() -> BTreeMap<String, Stream> {
    let topics = Stream::ALL.iter().map(|one| (one.name().to_owned(), *one));
    topics.collect()
}

/// Who writes the topics.
pub struct Feed {
    producer: ThreadedProducer<DefaultProducerContext>,
    sent: Mutex<BTreeMap<String, Sent>>,
}

#[derive(Clone, Default)]
struct Sent {
    messages: u64,
    /// The numbers of those that are rows, from 1.
    rows: Vec<u64>,
}

impl Feed {
    pub fn new(cluster: &Cluster) -> Self {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &cluster.brokers)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("reconnect.backoff.max.ms", "500");
        Self {
            producer: config.create().expect("a producer"),
            sent: Mutex::default(),
        }
    }

    fn send(&self, stream: &str, partition: i32, value: Option<&str>) {
        let mut record = BaseRecord::<[u8], [u8]>::to(stream)
            .partition(partition)
            .key(b"key");
        if let Some(value) = value {
            record = record.payload(value.as_bytes());
        }
        self.producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("room");
        let mut sent = self.sent.lock().expect("no panic");
        let of = sent.entry(format!("{stream}/{partition}")).or_default();
        of.messages += 1;
        if value.is_some() {
            of.rows.push(of.messages);
        }
    }

    /// Sends a country, with a rest after every few rows.
    pub fn send_all(&self, country: &Country, rest: Duration) {
        const AT_ONCE: usize = 20;
        let mut count = 0;
        for stream in STREAMS {
            let is_wrapped = IN_ENVELOPES.contains(&stream);
            for (row, partition) in country.rows(stream).lines().zip((0..PARTITIONS).cycle()) {
                let value = match is_wrapped {
                    true => envelope("c", "null", row),
                    false => row.to_owned(),
                };
                self.send(stream, partition, Some(&value));
                count += 1;
                if count % AT_ONCE == 0 {
                    std::thread::sleep(rest);
                }
            }
        }
        // A row that comes and goes, as Debezium tells it: the deletion, then the tombstone of its key.
        let key = r#"{"si_number":"9999999999","tax_code":"D9"}"#;
        let row = r#"{"si_number":"9999999999","tax_code":"D9","from":18262}"#;
        self.send("employments", 0, Some(&envelope("c", "null", row)));
        self.send("employments", 0, Some(&envelope("d", key, "null")));
        self.send("employments", 0, None);
        self.producer.flush(PATIENCE).expect("brokers that answer");
    }

    /// How far each partition is when all that was sent is taken.
    pub fn positions(&self) -> BTreeMap<String, String> {
        let sent = self.sent.lock().expect("no panic");
        let positions = sent.iter();
        positions
            .map(|(partition, sent)| (partition.clone(), sent.messages.to_string()))
            .collect()
    }

    /// The numbers of the rows of each partition.
    pub fn rows(&self) -> BTreeMap<String, Vec<u64>> {
        let sent = self.sent.lock().expect("no panic");
        let rows = sent.iter();
        rows.map(|(partition, sent)| (partition.clone(), sent.rows.clone()))
            .collect()
    }
}

fn envelope(operation: &str, before: &str, after: &str) -> String {
    let time = match operation {
        "d" => 1_760_000_000_001_i64,
        _ => 1_760_000_000_000,
    };
    format!(
        r#"{{"before":{before},"after":{after},"source":{{"connector":"postgresql"}},"op":"{operation}","ts_ms":{time}}}"#
    )
}
