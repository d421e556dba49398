//! Desks with receivers, in a directory that outlives them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fundwatch::notice::{Clock, Moment};
use fundwatch::record::Instant;
use fundwatch::review::{Desk, Enrolled, EvidenceDigest, Finding, Frontier};
use fundwatch::rule::{Reason, ReasonSet};
use fundwatch::store::AlertState;

use crate::made::{Log, START, finding};

/// The secret that receivers of the tests share with the program: 32 bytes of 7.
pub const SECRET: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// Its bytes.
pub const SECRET_BYTES: [u8; 32] = [7; 32];

pub const DAY: i64 = 86_400_000;

/// A clock that is moved by hand.
pub struct Hand(pub AtomicI64);

impl Hand {
    pub fn to(&self, at: i64) {
        self.0.fetch_max(at, Ordering::SeqCst);
    }

    pub fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}

/// A data directory.
pub struct Place {
    pub directory: tempfile::TempDir,
    pub clock: Arc<Hand>,
}

impl Place {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            clock: Arc::new(Hand(AtomicI64::new(START))),
        }
    }

    /// The desk of it, with receivers; any that was open before has to be closed.
    pub fn desk(&self, receivers: &[(&str, ReasonSet)]) -> Arc<Desk> {
        let receivers = receivers
            .iter()
            .map(|(name, reasons)| enrolled(name, *reasons, 0));
        Arc::new(self.desk_with(receivers.collect()))
    }

    pub fn desk_with(&self, receivers: Vec<Enrolled>) -> Desk {
        open(self.directory.path(), &self.clock)
            .with_receivers(receivers)
            .unwrap()
    }

    /// A desk that was filled once, with nothing.
    pub fn filled(&self, receivers: &[(&str, ReasonSet)]) -> Arc<Desk> {
        let desk = self.desk(receivers);
        project(&desk, &[], 0);
        desk
    }
}

pub fn enrolled(name: &str, reasons: ReasonSet, settings: u8) -> Enrolled {
    Enrolled {
        name: name.to_owned(),
        reasons,
        settings: EvidenceDigest([settings; 16]),
    }
}

fn open(directory: &Path, clock: &Arc<Hand>) -> Desk {
    let clock = clock.clone();
    let now = move || Instant::from_millis(clock.now().0).unwrap();
    Desk::open_or_create(directory, None, Arc::new(now), Arc::new(Log::default())).unwrap()
}

/// Brings findings in, up to an epoch.
pub fn project(desk: &Desk, findings: &[Finding], epoch: u64) {
    let to = Frontier {
        epoch: Some(epoch),
        at: START,
    };
    desk.project(findings, Some(to)).unwrap();
}

/// An alert of one of three reasons, as it is after an epoch.
pub fn alert(number: u32, state: AlertState, content: u8, epoch: u64) -> Finding {
    Finding {
        reason: reason(number),
        state,
        digest: EvidenceDigest([content; 16]),
        changed_epoch: epoch,
        ..finding(number)
    }
}

pub fn reason(number: u32) -> Reason {
    [
        Reason::ServiceAfterDeath,
        Reason::UnknownCard,
        Reason::StaleCard,
    ][number as usize % 3]
}

pub fn only(reasons: &[Reason]) -> ReasonSet {
    reasons.iter().copied().collect()
}
