//! A cluster to produce to, and a sequencer that keeps what it is given and can die.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use fundwatch::record::Stream;
use fundwatch::source::delivery::{Deliver, Delivery, Gap, NotDurable, RawRow};
use fundwatch::source::kafka::{Kafka, KafkaEvent, KafkaSettings, Observer};
use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Cluster {
    pub mock: MockCluster<'static, DefaultProducerContext>,
    pub brokers: String,
}

impl Cluster {
    /// A cluster with the topic `claims`.
    pub fn with(brokers: i32, partitions: i32) -> Self {
        let mock = MockCluster::new(brokers).expect("a cluster");
        mock.create_topic("claims", partitions, brokers.min(3))
            .expect("a topic");
        let brokers = mock.bootstrap_servers();
        Self { mock, brokers }
    }

    /// Settings that react within a test's time.
    pub fn settings(&self) -> KafkaSettings {
        let topics = [("claims".to_owned(), Stream::Claims)].into();
        let mut settings = KafkaSettings::new("national", &self.brokers, topics);
        for (name, value) in [
            ("session.timeout.ms", "3000"),
            ("heartbeat.interval.ms", "200"),
            ("statistics.interval.ms", "100"),
            ("topic.metadata.refresh.interval.ms", "300"),
            ("reconnect.backoff.max.ms", "500"),
            ("fetch.wait.max.ms", "50"),
            ("fetch.error.backoff.ms", "50"),
        ] {
            settings.properties.insert(name.into(), value.into());
        }
        settings
    }

    pub fn sender(&self, properties: &[(&str, &str)]) -> Sender {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("batch.num.messages", "20");
        for (name, value) in properties {
            config.set(*name, *value);
        }
        Sender {
            producer: config.create().expect("a producer"),
            sent: Mutex::default(),
        }
    }
}

/// Produces rows and remembers them.
pub struct Sender {
    producer: ThreadedProducer<DefaultProducerContext>,
    sent: Mutex<BTreeMap<i32, u64>>,
}

/// The text of a row.
pub fn text(partition: i32, number: u64) -> String {
    format!("{{\"row\":\"{partition}/{number}\"}}")
}

impl Sender {
    /// Sends the next row of a partition.
    pub fn send(&self, partition: i32) {
        let mut sent = self.sent.lock().expect("no panic");
        let number = sent.entry(partition).or_default();
        let payload = text(partition, *number);
        *number += 1;
        self.send_raw(partition, Some(payload.as_bytes()));
    }

    /// Sends `count` rows to partitions 0 to `partitions`, in turn.
    pub fn send_all(&self, partitions: i32, count: u64) {
        for _ in 0..count {
            (0..partitions).for_each(|partition| self.send(partition));
        }
        self.flush();
    }

    pub fn send_raw(&self, partition: i32, payload: Option<&[u8]>) {
        let mut record = BaseRecord::<[u8], [u8]>::to("claims")
            .partition(partition)
            .key(b"key");
        if let Some(payload) = payload {
            record = record.payload(payload);
        }
        self.producer
            .send(record)
            .map_err(|(e, _)| e)
            .expect("room");
    }

    pub fn flush(&self) {
        self.producer.flush(PATIENCE).expect("brokers that answer");
    }

    /// What was sent to a partition.
    pub fn sent(&self, partition: i32) -> Vec<String> {
        let sent = self.sent.lock().expect("no panic");
        let count = sent.get(&partition).copied().unwrap_or(0);
        (0..count).map(|number| text(partition, number)).collect()
    }
}

/// What outlives a crash.
#[derive(Default)]
pub struct Ledger {
    kept: Mutex<Kept>,
}

#[derive(Default)]
pub struct Kept {
    pub positions: BTreeMap<String, String>,
    pub rows: BTreeMap<String, Vec<RawRow>>,
    pub gaps: Vec<Gap>,
    pub deliveries: u64,
    pub moved: u64,
}

impl Ledger {
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no panic")
    }

    pub fn count(&self) -> usize {
        self.kept().rows.values().map(Vec::len).sum()
    }

    /// The values of a partition's rows.
    pub fn values(&self, partition: i32) -> Vec<String> {
        let kept = self.kept();
        let rows = kept.rows.get(&format!("claims/{partition}"));
        let value = |row: &RawRow| {
            let value = row.value.clone().expect("no tombstone");
            String::from_utf8(value).expect("text")
        };
        rows.into_iter().flatten().map(value).collect()
    }

    fn append(&self, delivery: Delivery) -> Result<(), NotDurable> {
        let mut kept = self.kept();
        for advance in &delivery.positions {
            if kept.positions.get(&*advance.partition) != advance.from.as_ref() {
                kept.moved += 1;
                return Err(NotDurable::Moved);
            }
        }
        kept.deliveries += 1;
        for advance in delivery.positions {
            let partition = advance.partition.to_string();
            kept.positions.insert(partition, advance.next);
        }
        for row in delivery.rows {
            let partition = row.partition.to_string();
            kept.rows.entry(partition).or_default().push(row);
        }
        kept.gaps.extend(delivery.gaps);
        Ok(())
    }
}

/// When a process dies.
#[derive(Clone, Copy, Debug)]
pub enum Death {
    Never,
    /// In the n-th delivery, before anything of it is durable.
    Before(u64),
    /// In the n-th delivery, after it is durable and before anybody is told.
    After(u64),
}

/// One process: a sequencer that dies some time, over a ledger that does not.
pub struct Process {
    pub ledger: Arc<Ledger>,
    pub death: Death,
    /// How long each delivery takes.
    pub takes: Duration,
    pub is_paused: AtomicBool,
    /// Deliveries wait while it is shut.
    pub is_shut: AtomicBool,
    pub is_dead: AtomicBool,
    pub deliveries: AtomicU64,
}

impl Process {
    pub fn new(ledger: &Arc<Ledger>) -> Self {
        Self {
            ledger: Arc::clone(ledger),
            death: Death::Never,
            takes: Duration::ZERO,
            is_paused: AtomicBool::new(false),
            is_shut: AtomicBool::new(false),
            is_dead: AtomicBool::new(false),
            deliveries: AtomicU64::new(0),
        }
    }
}

impl Deliver for Process {
    fn deliver(&self, delivery: Delivery) -> Result<(), NotDurable> {
        std::thread::sleep(self.takes);
        while self.is_shut.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if self.is_dead.load(Ordering::Acquire) {
            return Err(NotDurable::Stopped);
        }
        let number = self.deliveries.fetch_add(1, Ordering::AcqRel);
        match self.death {
            Death::Before(at) if number == at => self.is_dead.store(true, Ordering::Release),
            Death::After(at) if number == at => {
                self.ledger.append(delivery)?;
                self.is_dead.store(true, Ordering::Release);
            }
            _ => return self.ledger.append(delivery),
        }
        Err(NotDurable::Stopped)
    }

    fn position(&self, source: &str, partition: &str) -> Option<String> {
        assert_eq!(source, "national");
        self.ledger.kept().positions.get(partition).cloned()
    }

    fn is_paused(&self, _: &str) -> bool {
        self.is_paused.load(Ordering::Acquire)
    }
}

/// What a source told.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<KafkaEvent>>>);

impl Told {
    pub fn observer(&self) -> Observer {
        let told = self.clone();
        Arc::new(move |event| told.0.lock().expect("no panic").push(event.clone()))
    }

    pub fn has(&self, is_it: impl Fn(&KafkaEvent) -> bool) -> bool {
        self.all().iter().any(is_it)
    }

    pub fn all(&self) -> Vec<KafkaEvent> {
        self.0.lock().expect("no panic").clone()
    }
}

/// Starts a source on a process.
pub fn start(settings: &KafkaSettings, process: &Arc<Process>) -> (Kafka, Told) {
    let told = Told::default();
    let deliver: Arc<dyn Deliver> = Arc::clone(process) as _;
    let kafka = Kafka::start(settings, deliver, told.observer()).expect("settings that fit");
    (kafka, told)
}

pub fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits for all rows that were sent, then a little for ones too many, and compares.
pub fn expect_all(ledger: &Ledger, sender: &Sender, partitions: i32) {
    let sent: usize = (0..partitions).map(|p| sender.sent(p).len()).sum();
    wait_for("all rows", || ledger.count() >= sent);
    std::thread::sleep(Duration::from_millis(300));
    for partition in 0..partitions {
        assert_eq!(
            ledger.values(partition),
            sender.sent(partition),
            "{partition}"
        );
    }
}

/// A generator of seeded draws (SplitMix64).
pub struct Draws(pub u64);

impl Draws {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
