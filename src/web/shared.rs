//! What every handler of the API shares: the parts behind it, and the room there is for bodies and for work.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;

use super::access::{AccessAction, AccessEntry, Ledger, Stage};
use super::api::ApiParts;
use super::budget::Budget;
use super::cases::Cases;
use super::gate::{Gate, Principal};
use super::inlet::Inlet;
use super::metrics::Metrics;
use super::options::{ApiOptions, PushLimits, ReadLimits};
use super::problem::Problem;
use super::reader::Reader;
use super::self_check::SelfCheck;
use super::steward::Steward;
use super::watched::AccessLogReader;
use crate::review::Desk;

/// Bodies that are unpacked at a time: more than there are cores gains nothing.
const UNPACKING: usize = 2;
/// How long a question may wait for others to be answered.
const QUEUE: Duration = Duration::from_secs(2);

/// The state of the API's router.
pub(super) type App = Arc<Shared>;

pub(super) struct Shared {
    pub inlet: Arc<dyn Inlet>,
    pub gate: Arc<dyn Gate>,
    pub reader: Arc<dyn Reader>,
    pub steward: Arc<dyn Steward>,
    pub self_check: Arc<dyn SelfCheck>,
    pub ledger: Arc<dyn Ledger>,
    pub desk: Arc<Desk>,
    pub cases: Arc<dyn Cases>,
    pub access_log: Arc<dyn AccessLogReader>,
    pub metrics: Arc<dyn Metrics>,
    pub push: PushLimits,
    pub read: ReadLimits,
    pub request_timeout: Duration,
    pub budget: Arc<Budget>,
    pub exports: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    unpacking: Arc<Semaphore>,
}

impl Shared {
    pub fn new(options: &ApiOptions, parts: ApiParts) -> App {
        Arc::new(Self {
            inlet: parts.inlet,
            gate: parts.gate,
            reader: parts.reader,
            steward: parts.steward,
            self_check: parts.self_check,
            ledger: parts.ledger,
            desk: parts.desk,
            cases: parts.cases,
            access_log: parts.access_log,
            metrics: parts.metrics,
            budget: Budget::new(options.push.in_flight, options.push.in_flight_per_caller),
            exports: Arc::new(Semaphore::new(options.read.exports)),
            reads: Arc::new(Semaphore::new(options.read.reads)),
            unpacking: Arc::new(Semaphore::new(UNPACKING)),
            push: options.push.clone(),
            read: options.read.clone(),
            request_timeout: options.limits.request_timeout,
        })
    }

    /// How many threads may be blocked at a time.
    pub fn threads(read: &ReadLimits) -> usize {
        read.reads + read.exports + UNPACKING
    }

    /// Asks something that may block, on a thread that may.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.work(&self.reads, work).await
    }

    /// Unpacks something, on a thread that may take a while.
    pub async fn unpack<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.work(&self.unpacking, work).await
    }

    async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        room: &Arc<Semaphore>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(Ok(permit)) = timeout(QUEUE, room.clone().acquire_owned()).await else {
            let detail = "as many requests are being answered as may be at a time";
            return Err(Problem::unavailable("busy", detail, QUEUE));
        };
        let task = self.spawn(permit, work);
        timeout(self.request_timeout, finished(task))
            .await
            .unwrap_or_else(|_| Err(took_too_long()))
    }

    // The permit goes with the work, so that work whose caller has left still counts.
    fn spawn<T: Send + 'static>(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> JoinHandle<Result<T, Problem>> {
        let own = self.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&own)
        })
    }

    /// Keeps an entry of the access log.
    pub fn record(
        &self,
        caller: &dyn Principal,
        action: AccessAction,
        stage: Stage,
    ) -> Result<(), Problem> {
        self.keep(&AccessEntry::new(caller.id(), caller.role(), action, stage))
    }

    /// Keeps an entry that says more.
    pub fn keep(&self, entry: &AccessEntry<'_>) -> Result<(), Problem> {
        self.ledger.record(entry).map_err(|_| {
            let detail = "the access log cannot be written, and nothing is told without it";
            Problem::unavailable("no_access_log", detail, Duration::from_secs(30))
        })
    }

    /// Keeps the entry of an access that is done whole.
    pub fn record_done(
        &self,
        caller: &dyn Principal,
        action: AccessAction,
        objects: u64,
    ) -> Result<(), Problem> {
        self.record(caller, action, Stage::done(objects))
    }
}

/// Waits for a task; its panic goes on here, where it is counted and answered.
pub(super) async fn finished<T>(task: JoinHandle<Result<T, Problem>>) -> Result<T, Problem> {
    match task.await.map_err(JoinError::try_into_panic) {
        Ok(result) => result,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => {
            let detail = "the service is shutting down";
            Err(Problem::unavailable(
                "draining",
                detail,
                Duration::from_secs(10),
            ))
        }
    }
}

/// 503: it is not known whether it will be done.
pub(super) fn took_too_long() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "took_too_long",
        "the request was not answered in time; what it asked for may still be done",
        "send it again after `Retry-After`; a push with the same `Idempotency-Key`, so that its rows count once",
    )
    .retry_after(Duration::from_secs(5))
}
