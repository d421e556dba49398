//! A Kafka source that runs.
//!
//! In: settings and the service. Out: two threads, one that reads and one that delivers. Must hold:
//! stopping takes no longer than it may, whatever the brokers and the service do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;

use super::client::{Consumer, Context};
use super::courier::Courier;
use super::event::Observer;
use super::reader::Reader;
use super::settings::{KafkaSettings, SettingsError};
use super::status::KafkaStatus;
use super::taking::Taking;
use crate::source::delivery::Deliver;

/// A source that runs until it is stopped or dropped, or the service takes nothing any more.
#[derive(Debug)]
pub struct Kafka {
    status: KafkaStatus,
    is_stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// The source still runs although its time to stop is over: a broker or the service does not
/// answer. What it has in hand is lost to nobody; it is read again from the durable positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Kafka source did not stop in time; what it has in hand is read again at the next start"
)]
pub struct StillRunning;

impl Kafka {
    /// Starts a source. Brokers need not be there yet.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn start(
        settings: &KafkaSettings,
        deliver: Arc<dyn Deliver>,
        observer: Observer,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let config = settings.client_config()?;
        let out_of_threads = |error: std::io::Error| SettingsError::Client {
            source_name: settings.source.clone(),
            what: format!("the operating system gives no thread: {error}"),
        };
        let (courier, delivering) = Courier::start(Arc::clone(&deliver)).map_err(out_of_threads)?;
        let context = Context {
            settings: Arc::new(settings.clone()),
            status: KafkaStatus::default(),
            observer,
            is_stopping: Arc::default(),
            reads_anew: Arc::default(),
            taking: Arc::new(Mutex::new(Taking::new(settings, deliver, courier))),
        };
        let (status, is_stopping) = (context.status.clone(), Arc::clone(&context.is_stopping));
        let for_clients = context.clone();
        let connect = move || -> Result<Consumer, KafkaError> {
            let client: Consumer = config.create_with_context(for_clients.clone())?;
            let topics = for_clients.settings.topics.keys();
            let topics: Vec<_> = topics.map(String::as_str).collect();
            client.subscribe(&topics)?;
            Ok(client)
        };
        let first = connect().map_err(|error| settings.refused(&error))?;
        status.change(|state| state.is_running = true);
        let reader = Reader::new(context, Box::new(connect));
        let reading = std::thread::Builder::new()
            .name("kafka-read".to_owned())
            .spawn(move || reader.run(first))
            .map_err(out_of_threads)?;
        Ok(Self {
            status,
            is_stopping,
            threads: vec![reading, delivering],
        })
    }

    /// What it is doing.
    pub fn status(&self) -> KafkaStatus {
        self.status.clone()
    }

    /// Whether its threads still run. It ends by itself once the service takes nothing any more.
    pub fn is_running(&self) -> bool {
        self.threads.iter().any(|thread| !thread.is_finished())
    }

    /// Stops reading, leaves the group, and waits for the delivery in flight. Without brokers, a
    /// client takes some seconds to let go of the group, at worst as long as a session lasts.
    ///
    /// # Errors
    /// When that takes longer than it may; then it goes on in the background.
    pub fn stop(self, within: Duration) -> Result<(), StillRunning> {
        self.is_stopping.store(true, Ordering::Release);
        let end = Instant::now() + within;
        while self.is_running() {
            if Instant::now() >= end {
                return Err(StillRunning);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Release);
    }
}
