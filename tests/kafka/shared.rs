//! Two members of a group that deliver to one service, while the group rebalances and brokers go and come back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fundwatch::service::{BreakerBounds, Breakers, Clock, Intake, PartitionIntake};
use fundwatch::source::delivery::{Deliver, Delivery, NotDurable};
use fundwatch::source::kafka::{Kafka, KafkaSettings};

use crate::feeds::{self, Feed, SOURCE};
use crate::journalled::{expect_same, rows};
use crate::live::Live;
use crate::running::Country;
use crate::support::{Cluster, Told, wait_for};

/// A service that takes its time.
struct Slow {
    service: PartitionIntake,
    takes: Duration,
    deliveries: AtomicU64,
    moved: AtomicU64,
}

impl Slow {
    fn new(live: &Live, takes: Duration) -> Arc<Self> {
        let intake = Intake {
            queue: live.service().queue(),
            positions: live.service().positions(),
            breakers: Arc::new(Breakers::new(|_| BreakerBounds {
                max_rejected_share: 0.1,
                min_rows: 10,
                window: Duration::from_secs(60),
                resume_after: None,
            })),
            clock: Clock::system(),
            stop: Arc::new(AtomicBool::new(false)),
        };
        Arc::new(Self {
            service: PartitionIntake::new(intake, feeds::topics()),
            takes,
            deliveries: AtomicU64::new(0),
            moved: AtomicU64::new(0),
        })
    }
}

impl Deliver for Slow {
    fn deliver(&self, delivery: Delivery) -> Result<(), NotDurable> {
        std::thread::sleep(self.takes);
        let outcome = self.service.deliver(delivery);
        let count = match outcome {
            Err(NotDurable::Moved) => &self.moved,
            _ => &self.deliveries,
        };
        count.fetch_add(1, Ordering::AcqRel);
        outcome
    }

    fn position(&self, source: &str, partition: &str) -> Option<String> {
        self.service.position(source, partition)
    }

    fn is_paused(&self, source: &str) -> bool {
        self.service.is_paused(source)
    }
}

fn settings(cluster: &Cluster, handover: Duration) -> KafkaSettings {
    let mut settings = cluster.settings();
    settings.source = SOURCE.to_owned();
    settings.topics = feeds::topics();
    settings.handover = handover;
    settings
}

fn member(settings: &KafkaSettings, service: &Arc<Slow>) -> (Kafka, Told) {
    let told = Told::default();
    let deliver: Arc<dyn Deliver> = Arc::clone(service) as _;
    let kafka = Kafka::start(settings, deliver, told.observer()).expect("settings that fit");
    (kafka, told)
}

fn wait_for_all(live: &Live, feed: &Feed) {
    let positions = live.service().positions();
    wait_for("all rows", || {
        positions.of_source(SOURCE) == feed.positions()
    });
}

/// What the same topics come to when nothing happens meanwhile.
fn undisturbed(cluster: &Cluster, feed: &Feed, data: &Path) {
    let live = Live::start(data);
    let service = Slow::new(&live, Duration::ZERO);
    let mut settings = settings(cluster, Duration::from_secs(10));
    settings.group = "undisturbed".to_owned();
    let (kafka, _) = member(&settings, &service);
    wait_for_all(&live, feed);
    kafka.stop(Duration::from_secs(20)).expect("a timely stop");
    live.stop();
    assert_eq!(rows(data), feed.rows());
}

/// Rows are sent while a second member comes and leaves, and while all brokers are away. Gives how many
/// deliveries were overtaken by the other member's.
fn disturbed(handover: Duration) -> u64 {
    let country = Country::new(1_000);
    let cluster = feeds::cluster(2);
    let feed = Feed::new(&cluster);
    let (data, quiet) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("a directory"),
    );
    let live = Live::start(data.path());
    let settings = settings(&cluster, handover);
    let takes = Duration::from_millis(2500);
    let (first, second) = (Slow::new(&live, takes), Slow::new(&live, takes));
    let stays = std::thread::scope(|scope| {
        scope.spawn(|| feed.send_all(&country, Duration::from_millis(250)));
        let (stays, told) = member(&settings, &first);
        let delivered = |by: &Slow| by.deliveries.load(Ordering::Acquire);
        wait_for("rows", || delivered(&first) > 1);
        let (goes, _) = member(&settings, &second);
        wait_for("the second's share", || delivered(&second) > 1);
        goes.stop(Duration::from_secs(20)).expect("a timely stop");
        let before = delivered(&first);
        wait_for("rows after that", || delivered(&first) > before + 1);
        let status = stays.status();
        cluster.mock.broker_down(-1).expect("a broker");
        wait_for("the loss to show", || !status.state().is_connected());
        std::thread::sleep(Duration::from_millis(500));
        cluster.mock.broker_up(-1).expect("a broker");
        wait_for("the return to show", || status.state().is_connected());
        assert!(!told.all().is_empty());
        stays
    });
    wait_for_all(&live, &feed);
    stays.stop(Duration::from_secs(20)).expect("a timely stop");
    live.stop();
    assert_eq!(rows(data.path()), feed.rows());
    undisturbed(&cluster, &feed, quiet.path());
    expect_same(data.path(), quiet.path());
    [first, second]
        .iter()
        .map(|one| one.moved.load(Ordering::Acquire))
        .sum()
}

#[test]
fn what_is_in_flight_lands_before_a_partition_goes_to_the_other_member() {
    assert_eq!(disturbed(Duration::from_secs(10)), 0);
}

#[test]
fn what_lands_after_a_partition_went_to_the_other_member_is_refused() {
    assert!(disturbed(Duration::ZERO) > 0, "no delivery was overtaken");
}
