//! How the service is, as everybody sees it: probes, metrics, those who push.
//!
//! In: what its threads note. Out: one state, without waiting for any of them. Must hold: it says ready only
//! while what is stored is complete up to the lag that is allowed; a failure is never taken back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Clock};

use crate::journal::ChainHash;

/// How often somebody who waits looks.
const GLANCE: Duration = Duration::from_millis(50);
/// How often the sequencer looks, which then holds everybody up.
const APPLIED_GLANCE: Duration = Duration::from_micros(500);

/// What the service is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It opens its journal and its store.
    Opening,
    /// It computes again what the journal holds.
    Recovering,
    /// It takes rows.
    Running,
    /// It finishes what it has taken.
    Draining,
    /// It has stopped.
    Stopped,
    /// It cannot go on, and why.
    Failed(String),
}

/// How far recovery has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recovery {
    /// Rows of the journal that are done.
    pub rows_done: u64,
    /// Rows there are.
    pub rows_total: u64,
    /// Rows a second, so far.
    pub rows_per_second: f64,
}

/// A trouble that passes, if its cause does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word.
    pub code: &'static str,
    /// What it is and what to do, without personal data.
    pub detail: String,
}

struct Inner {
    phase: Phase,
    since: Clock,
    /// How long recovery took, once it is over.
    recovered_in: Option<Duration>,
    troubles: Vec<Trouble>,
    /// The oldest epoch that is sealed and not stored, by when it was sealed.
    unstored: std::collections::VecDeque<(u64, Clock)>,
    /// The last epoch that is sealed, and the journal's chain up to it.
    chain: Option<(u64, ChainHash)>,
}

/// The state.
pub struct Status {
    inner: Mutex<Inner>,
    rows_done: AtomicU64,
    rows_total: AtomicU64,
    sealed: AtomicU64,
    /// The last epoch whose rows are resolved; all, where none will be any more.
    applied: AtomicU64,
    committed: AtomicU64,
    /// The last epoch of the journal at the start.
    resumed: AtomicU64,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            inner: Mutex::new(Inner {
                phase: Phase::Opening,
                since: Clock::now(),
                recovered_in: None,
                troubles: Vec::new(),
                unstored: std::collections::VecDeque::new(),
                chain: None,
            }),
            rows_done: AtomicU64::new(0),
            rows_total: AtomicU64::new(0),
            sealed: AtomicU64::new(0),
            applied: AtomicU64::new(0),
            committed: AtomicU64::new(0),
            resumed: AtomicU64::new(0),
        }
    }
}

impl Status {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it is doing.
    pub fn phase(&self) -> Phase {
        self.lock().phase.clone()
    }

    /// Enters a phase. One that failed stays so.
    pub(super) fn enter(&self, phase: Phase) {
        let mut inner = self.lock();
        if !matches!(inner.phase, Phase::Failed(_)) {
            let now = Clock::now();
            if inner.phase == Phase::Recovering {
                inner.recovered_in = Some(now - inner.since);
            }
            inner.phase = phase;
            inner.since = now;
        }
    }

    /// Waits until rows are taken; false where that will not be.
    pub fn wait_until_running(&self) -> bool {
        loop {
            match self.phase() {
                Phase::Running => return true,
                Phase::Opening | Phase::Recovering => std::thread::sleep(GLANCE),
                Phase::Draining | Phase::Stopped | Phase::Failed(_) => return false,
            }
        }
    }

    /// Notes that it cannot go on. The first reason counts.
    pub(super) fn fail(&self, why: String) {
        self.enter(Phase::Failed(why));
    }

    pub(super) fn recovering(&self, rows_total: u64) {
        self.rows_total.store(rows_total, Ordering::Relaxed);
        self.enter(Phase::Recovering);
    }

    pub(super) fn recovered_rows(&self, rows_done: u64) {
        self.rows_done.store(rows_done, Ordering::Relaxed);
    }

    /// How far recovery has come.
    pub fn recovery(&self) -> Recovery {
        let inner = self.lock();
        let took = inner.recovered_in.unwrap_or_else(|| inner.since.elapsed());
        drop(inner);
        let rows_done = self.rows_done.load(Ordering::Relaxed);
        Recovery {
            rows_done,
            rows_total: self.rows_total.load(Ordering::Relaxed),
            rows_per_second: rows_done as f64 / took.as_secs_f64().max(1e-3),
        }
    }

    /// Notes that an epoch is durable.
    pub(super) fn sealed(&self, epoch: u64, chain: ChainHash) {
        self.sealed.store(epoch, Ordering::Release);
        let mut inner = self.lock();
        inner.unstored.push_back((epoch, Clock::now()));
        inner.chain = Some((epoch, chain));
    }

    /// The last epoch that is durable, and the chain up to it; nothing before there is one.
    pub fn sealed_chain(&self) -> Option<(u64, [u8; 32])> {
        self.lock().chain.map(|(epoch, chain)| (epoch, chain.0))
    }

    /// Notes that the rows of an epoch are resolved.
    pub(super) fn applied(&self, epoch: u64) {
        self.applied.store(epoch, Ordering::Release);
    }

    /// Notes that no epoch will be resolved any more.
    pub(super) fn applies_no_more(&self) {
        self.applied.store(u64::MAX, Ordering::Release);
    }

    /// Waits until the rows of an epoch are resolved; false where that will not be.
    pub(super) fn wait_until_applied(&self, epoch: u64) -> bool {
        loop {
            match self.applied.load(Ordering::Acquire) {
                u64::MAX => return false,
                applied if applied >= epoch => return true,
                _ => std::thread::sleep(APPLIED_GLANCE),
            }
        }
    }

    /// Notes that what epochs came to is stored.
    pub(super) fn committed(&self, epoch: u64) {
        self.committed.store(epoch, Ordering::Release);
        let mut inner = self.lock();
        while inner
            .unstored
            .front()
            .is_some_and(|(sealed, _)| *sealed <= epoch)
        {
            inner.unstored.pop_front();
        }
    }

    /// Notes how the journal ends at the start.
    pub(super) fn resume_at(&self, epoch: u64, chain: ChainHash) {
        self.sealed.store(epoch, Ordering::Release);
        self.lock().chain = (epoch > 0).then_some((epoch, chain));
        self.applied(epoch);
        self.resumed.store(epoch, Ordering::Release);
    }

    /// Whether what the journal held at the start is computed and stored.
    pub fn is_hydrated(&self) -> bool {
        self.committed_epoch() >= self.resumed.load(Ordering::Acquire)
    }

    /// The last epoch that is durable.
    pub fn sealed_epoch(&self) -> u64 {
        self.sealed.load(Ordering::Acquire)
    }

    /// The last epoch whose alerts are stored.
    pub fn committed_epoch(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// How long the oldest epoch has been durable that is not stored.
    pub fn lag(&self) -> Duration {
        let inner = self.lock();
        let oldest = inner.unstored.front();
        oldest.map_or(Duration::ZERO, |(_, sealed)| sealed.elapsed())
    }

    /// Notes a trouble, or that one has passed.
    pub(crate) fn trouble(&self, code: &'static str, detail: Option<String>) {
        let mut inner = self.lock();
        inner.troubles.retain(|trouble| trouble.code != code);
        inner
            .troubles
            .extend(detail.map(|detail| Trouble { code, detail }));
    }

    /// The troubles that have not passed.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.lock().troubles.clone()
    }
}
