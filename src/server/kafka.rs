//! Sources of Kafka run, and are told as metrics and in the log.
//!
//! In: a source of the configuration. Out: a thread that reads its topics into the service's queue until the
//! process stops. Must hold: nothing is read before the positions are known; a stop does not wait for brokers
//! for longer than it may.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Parts, ServerError};
use crate::config::{Config, KafkaSource, KafkaStart};
use crate::metric::{KafkaTotals, Name};
use crate::service::{Intake, PartitionIntake};
use crate::source::kafka::{Bounds, Kafka, KafkaEvent, KafkaSettings, KafkaState, Start};

/// How often the state is told, and whether to stop is looked at.
const GLANCE: Duration = Duration::from_millis(200);
/// The longest that a stop waits for brokers to let go of the source.
const LETTING_GO: Duration = Duration::from_secs(10);

/// What the source is told.
fn settings(config: &Config, source: &KafkaSource) -> KafkaSettings {
    let (epoch, queue) = (config.epoch(), config.queue());
    let usual = Bounds::default();
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let brokers = source.brokers.0.join(",");
    let mut settings = KafkaSettings::new(&source.name.0, &brokers, source.topics.0.clone());
    settings.group.clone_from(&source.group);
    settings.start = match source.start {
        KafkaStart::Beginning => Start::Beginning,
        KafkaStart::End => Start::End,
    };
    // What is handed over at once fits into an epoch and into the queue.
    settings.bounds = Bounds {
        rows: usual.rows.min(count(epoch.max_rows)).max(1),
        bytes: usual.bytes.min(count(queue.source_max_bytes.0)).max(1),
        ..usual
    };
    let properties = source.properties.iter().flat_map(|all| &all.0);
    settings.properties = properties
        .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
        .collect();
    settings
}

/// Starts a source.
///
/// # Errors
/// When its settings cannot be used.
pub(super) fn start(
    parts: &Parts,
    stop: &Arc<AtomicBool>,
    source: &KafkaSource,
) -> Result<JoinHandle<()>, ServerError> {
    let config = parts.config();
    let settings = settings(&config, source);
    settings
        .check()
        .map_err(|error| ServerError::Configured(error.to_string()))?;
    let running = Running {
        parts: parts.clone(),
        settings,
        stop: stop.clone(),
        let_go_within: config.shutdown().drain_timeout.0.min(LETTING_GO),
    };
    let thread = std::thread::Builder::new().name("fundwatch-kafka".to_owned());
    let thread = thread.spawn(move || running.run());
    thread.map_err(ServerError::Signals)
}

struct Running {
    parts: Parts,
    settings: KafkaSettings,
    stop: Arc<AtomicBool>,
    let_go_within: Duration,
}

impl Running {
    fn run(&self) {
        // Positions are known once the journal has been computed again.
        if !self.parts.service.status.wait_until_running() {
            return;
        }
        let source = &*self.settings.source;
        let intake = Intake {
            queue: self.parts.service.queue.clone(),
            positions: self.parts.service.positions.clone(),
            breakers: self.parts.breakers.clone(),
            clock: self.parts.clock.clone(),
            stop: self.stop.clone(),
        };
        let deliver = PartitionIntake::new(intake, self.settings.topics.clone());
        let name = source.to_owned();
        let observer = Arc::new(move |event: &KafkaEvent| log(&name, event));
        let kafka = match Kafka::start(&self.settings, Arc::new(deliver), observer) {
            Ok(kafka) => kafka,
            Err(error) => {
                tracing::error!(source, %error, "a source cannot be read");
                return;
            }
        };
        let (status, mut told) = (kafka.status(), KafkaTotals::default());
        while !self.stop.load(Ordering::Acquire) && kafka.is_running() {
            self.tell(&status.state(), &mut told);
            std::thread::sleep(GLANCE);
        }
        let is_asked = self.stop.load(Ordering::Acquire);
        if let Err(error) = kafka.stop(self.let_go_within) {
            tracing::warn!(source, %error, "a source does not end");
        }
        let ended = KafkaState::default();
        self.tell(&status.state(), &mut told);
        self.tell(&ended, &mut told);
        if !is_asked {
            tracing::error!(
                source,
                "a source has ended, and is read on at the next start"
            );
        }
    }

    fn tell(&self, state: &KafkaState, told: &mut KafkaTotals) {
        let name = Name::new(&self.settings.source).expect("it was a label at the start");
        let Some(metrics) = self.parts.metrics.kafka(&name) else {
            return;
        };
        let halted = state
            .partitions
            .iter()
            .filter(|one| one.halt.is_some())
            .count();
        metrics.set_brokers(state.brokers_up);
        metrics.set_partitions(state.partitions.len() - halted, halted);
        metrics.set_lag(state.lag());
        let totals = KafkaTotals {
            lost: state.totals.lost,
            errors: state.totals.errors,
        };
        metrics.happened(told, &totals);
        *told = totals;
    }
}

/// Tells operators what they may have to act on.
fn log(source: &str, event: &KafkaEvent) {
    match event {
        KafkaEvent::Gap { .. } | KafkaEvent::Halted { .. } | KafkaEvent::Unreadable => {
            tracing::error!(source, "{event}");
        }
        KafkaEvent::Error { .. } | KafkaEvent::Restarted { .. } | KafkaEvent::Moved => {
            tracing::warn!(source, "{event}");
        }
        _ => tracing::info!(source, "{event}"),
    }
}
