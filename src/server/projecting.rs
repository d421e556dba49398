//! The thread that brings what is stored to the desk, and wakes what waited there.
//!
//! Must hold: a desk or a store that cannot be used for now is tried again, and said to be in trouble meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::registers::RowRegisters;
use crate::review::{Desk, DeskError, Projector};
use crate::service::{Clock, Phase, Queue, Status, StoredChanges, StoredFeed};
use crate::store::{AlertReader, StoreReaders};

/// How long it is waited for something to be stored.
const GLANCE: Duration = Duration::from_millis(200);
/// How often it is looked for what waited long enough.
const WAKE: Duration = Duration::from_secs(5);
/// How long until what failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What it stands on.
pub(super) struct Projecting {
    pub(super) desk: Arc<Desk>,
    pub(super) registers: RowRegisters,
    pub(super) store: StoreReaders,
    pub(super) feed: Arc<StoredFeed>,
    pub(super) status: Arc<Status>,
    pub(super) queue: Arc<Queue>,
    pub(super) clock: Clock,
    /// How long a row may have arrived that is in no epoch yet.
    pub(super) unsealed: Duration,
    pub(super) stop: Arc<AtomicBool>,
}

impl Projecting {
    pub(super) fn start(self) -> std::io::Result<JoinHandle<()>> {
        let thread = std::thread::Builder::new().name("fundwatch-desk".to_owned());
        thread.spawn(move || self.run())
    }

    fn run(self) {
        // What the registers say is known once the journal has been computed again.
        if !self.status.wait_until_running() {
            return;
        }
        let Self {
            desk,
            registers,
            store,
            feed,
            status,
            queue,
            clock,
            unsealed,
            stop,
        } = self;
        let unsealed = i64::try_from((unsealed + GLANCE).as_millis()).unwrap_or(i64::MAX);
        // Until what is sealed is stored as well, the store may be one that is being filled anew.
        while !status.is_hydrated() && !stop.load(Ordering::Acquire) {
            if matches!(status.phase(), Phase::Failed(_) | Phase::Stopped) {
                return;
            }
            std::thread::sleep(GLANCE);
        }
        let mut projector = Projector::new(desk.clone(), registers);
        let mut reader: Option<Box<dyn AlertReader>> = None;
        // First all that the desk has not; after a failure again, since it is not known how far it came.
        let mut is_behind = true;
        let mut is_comparing = true;
        let mut woken: Option<Instant> = None;
        loop {
            let is_last = stop.load(Ordering::Acquire);
            // Asked before it is looked for what came: what comes after it is not here yet.
            let now = clock.now().nanos() / 1_000_000;
            let wait = if is_comparing { Duration::ZERO } else { GLANCE };
            let stored = feed.take(wait);
            let had_news = stored.is_some();
            let turn = Turn {
                projector: &mut projector,
                store: &store,
                is_behind,
            };
            let mut done = turn
                .run(&mut reader, stored)
                .map(|more| is_comparing = more);
            if done.is_ok() && woken.is_none_or(|at| at.elapsed() >= WAKE) {
                woken = Some(Instant::now());
                done = desk.wake().map(drop);
            }
            if done.is_ok() {
                done = desk.carry_on().map(drop);
            }
            is_behind = done.is_err();
            let is_quiet = || {
                let waits = queue.waiting();
                let stored = status.committed_epoch();
                let is_here = desk.frontier().is_ok_and(|desk| desk.epoch == Some(stored));
                let is_stored = status.sealed_epoch() == stored;
                is_stored
                    && is_here
                    && !is_comparing
                    && !had_news
                    && waits.values().all(|waiting| waiting.rows == 0)
            };
            if !is_behind && is_quiet() {
                desk.is_complete(now - unsealed);
            }
            match done {
                Ok(()) => status.trouble("desk", None),
                Err(error) => {
                    tracing::error!(%error, "the review queue cannot follow the alert store; trying again");
                    status.trouble("desk", Some(error.to_string()));
                    reader = None;
                    std::thread::sleep(AGAIN);
                }
            }
            if is_last {
                return;
            }
        }
    }
}

struct Turn<'a> {
    projector: &'a mut Projector<RowRegisters>,
    store: &'a StoreReaders,
    is_behind: bool,
}

impl Turn<'_> {
    /// Brings in what was stored, and compares some of what was before. Tells whether more is to be compared.
    fn run(
        self,
        reader: &mut Option<Box<dyn AlertReader>>,
        stored: Option<StoredChanges>,
    ) -> Result<bool, DeskError> {
        let reader = match reader {
            Some(reader) => reader,
            None => reader.insert(self.store.reader()?),
        };
        match stored {
            Some(stored) if !self.is_behind => self.projector.follow(&mut **reader, &stored)?,
            stored if self.is_behind => {
                let at = stored.map(|stored| stored.at);
                self.projector.catch_up(&mut **reader, at)?;
            }
            _ => {}
        }
        self.projector.compare(&mut **reader)
    }
}
