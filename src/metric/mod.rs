//! Every metric of the running service.
//!
//! In: what the service does, told by typed methods. Out: the exposition for Prometheus and the page
//! `docs/metrics.md`. Must hold: each family is declared once, with its unit, labels and help; every
//! combination of label values is there from the start, at 0, so that an increase from nothing is seen;
//! label values are known when the service starts, so that no text of a row can become one.
//!
//! ```text
//! service ─ methods of InputMetrics, FlowMetrics, … ─▶ families ─┬─ render ───▶ /metrics
//!                                                 (Registrar)   └─ describe ─▶ docs/metrics.md
//! ```
//!
//! A new family is a field, the line that declares it and the method that moves it, all in the file of its
//! subject.

mod alert;
mod audit;
mod bounds;
mod cause;
mod describe;
mod family;
mod flow;
mod handle;
mod http;
mod input;
mod journal;
mod kafka;
mod label;
mod model;
mod registrar;
mod reject;
mod running;
mod self_replay;
mod source;
mod webhook;
mod work;

pub use alert::{AlertMetrics, AlertState, AmountStage};
pub use audit::{AuditClass, AuditMetrics, RevealRole};
pub use bounds::{BoundsError, Digest, Name, Names};
pub use cause::RetractionCause;
pub use describe::describe;
pub use family::{Family, Kind, LabelNames, Unit};
pub use flow::{ArrangementUse, Collection, FlowMetrics, Frontier, Sign, StatusChange};
pub use http::{CodeClass, HttpMetrics, Method, OPS_ROUTES, Role, Route, RouteMetrics};
pub use input::{Arrival, InputMetrics, Outcome};
pub use journal::{JournalMetrics, JournalOperation};
pub use kafka::{KafkaMetrics, KafkaTotals, PartitionUse};
pub use label::Label;
pub use model::{Disagreement, ModelMetrics, ModelRole};
pub use reject::RejectGroup;
pub use running::{Build, RunningMetrics};
pub use self_replay::SelfReplayMetrics;
pub use source::{Refusal, SourceMetrics};
pub use webhook::{WebhookMetrics, WebhookOutcome};
pub use work::{ReopenCause, WorkMetrics};

use std::sync::Arc;

use kafka::KafkaSources;
use prometheus::{Encoder, Registry, TextEncoder};
use registrar::Registrar;
use source::Sources;
use webhook::Webhooks;

/// The `Content-Type` of [`Metrics::render`]; Prometheus 3 refuses an exposition without one.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Families of the process, told by the registry's own collector: name, kind, unit, help.
const PROCESS: [(&str, &str, &str, &str); 7] = [
    (
        "process_cpu_seconds_total",
        "counter",
        "seconds",
        "Processor time used, in user and system mode.",
    ),
    (
        "process_max_fds",
        "gauge",
        "count",
        "File descriptors that may be open.",
    ),
    (
        "process_open_fds",
        "gauge",
        "count",
        "File descriptors that are open.",
    ),
    (
        "process_resident_memory_bytes",
        "gauge",
        "bytes",
        "Memory in use.",
    ),
    (
        "process_start_time_seconds",
        "gauge",
        "Unix seconds",
        "When the process started.",
    ),
    ("process_threads", "gauge", "count", "Threads."),
    (
        "process_virtual_memory_bytes",
        "gauge",
        "bytes",
        "Address space in use.",
    ),
];

/// Every metric. Cheap to clone: all clones are of the same.
#[derive(Clone)]
pub struct Metrics(Arc<All>);

struct All {
    registry: Registry,
    families: Vec<Family>,
    running: RunningMetrics,
    input: InputMetrics,
    sources: Sources,
    kafka: KafkaSources,
    flow: FlowMetrics,
    journal: JournalMetrics,
    self_replay: SelfReplayMetrics,
    alert: AlertMetrics,
    work: WorkMetrics,
    model: ModelMetrics,
    http: HttpMetrics,
    audit: AuditMetrics,
    webhooks: Webhooks,
}

impl Metrics {
    /// All families, at 0.
    ///
    /// # Errors
    /// When a name cannot be a label value, or there are too many.
    pub fn new(names: &Names) -> Result<Self, BoundsError> {
        names.check()?;
        let mut to = Registrar::new();
        let running = RunningMetrics::new(&mut to, &names.build)?;
        let input = InputMetrics::new(&mut to)?;
        let sources = Sources::new(&mut to, &names.sources)?;
        let kafka = KafkaSources::new(&mut to, &names.kafka_sources)?;
        let flow = FlowMetrics::new(&mut to, names)?;
        let journal = JournalMetrics::new(&mut to)?;
        let self_replay = SelfReplayMetrics::new(&mut to)?;
        let alert = AlertMetrics::new(&mut to)?;
        let work = WorkMetrics::new(&mut to)?;
        let model = ModelMetrics::new(&mut to)?;
        let http = HttpMetrics::new(&mut to, &names.routes)?;
        let audit = AuditMetrics::new(&mut to)?;
        let webhooks = Webhooks::new(&mut to, &names.webhooks)?;
        let (registry, families) = to.finish();
        watch_process(&registry)?;
        Ok(Self(Arc::new(All {
            registry,
            families,
            running,
            input,
            sources,
            kafka,
            flow,
            journal,
            self_replay,
            alert,
            work,
            model,
            http,
            audit,
            webhooks,
        })))
    }

    /// What runs.
    pub fn running(&self) -> &RunningMetrics {
        &self.0.running
    }

    /// What came in, by stream.
    pub fn input(&self) -> &InputMetrics {
        &self.0.input
    }

    /// What is told of a source; none where it was not named at the start.
    pub fn source(&self, name: &Name) -> Option<&SourceMetrics> {
        self.0.sources.named(name)
    }

    /// What is told of a source of Kafka; none where it was not named as one at the start.
    pub fn kafka(&self, name: &Name) -> Option<&KafkaMetrics> {
        self.0.kafka.named(name)
    }

    /// How the dataflow does.
    pub fn flow(&self) -> &FlowMetrics {
        &self.0.flow
    }

    /// How the journal, the store, snapshots and recovery do.
    pub fn journal(&self) -> &JournalMetrics {
        &self.0.journal
    }

    /// What the last self-replays found.
    pub fn self_replay(&self) -> &SelfReplayMetrics {
        &self.0.self_replay
    }

    /// What became of alerts.
    pub fn alert(&self) -> &AlertMetrics {
        &self.0.alert
    }

    /// What people do about alerts.
    pub fn work(&self) -> &WorkMetrics {
        &self.0.work
    }

    /// How the outlier models do.
    pub fn model(&self) -> &ModelMetrics {
        &self.0.model
    }

    /// Requests.
    pub fn http(&self) -> &HttpMetrics {
        &self.0.http
    }

    /// How the access log does.
    pub fn audit(&self) -> &AuditMetrics {
        &self.0.audit
    }

    /// What is told of a receiver of webhooks; none where it was not named at the start.
    pub fn webhook(&self, name: &Name) -> Option<&WebhookMetrics> {
        self.0.webhooks.named(name)
    }

    /// Every family but those of the process, by subject.
    pub fn families(&self) -> &[Family] {
        &self.0.families
    }

    /// The exposition, to be sent as [`CONTENT_TYPE`].
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let families = self.0.registry.gather();
        TextEncoder::new()
            .encode(&families, &mut text)
            .expect("a vector takes every byte, and no family is without series");
        text
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[cfg(target_os = "linux")]
fn watch_process(registry: &Registry) -> Result<(), BoundsError> {
    let collector = prometheus::process_collector::ProcessCollector::for_self();
    let registered = registry.register(Box::new(collector));
    registered.map_err(|error| BoundsError::Family {
        name: "process",
        message: error.to_string(),
    })
}

#[cfg(not(target_os = "linux"))]
fn watch_process(_registry: &Registry) -> Result<(), BoundsError> {
    Ok(())
}

#[cfg(test)]
mod lint;
#[cfg(test)]
mod tests;
