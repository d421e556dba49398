//! A few rows in the dataflow, of which some are taken out and put back.
//!
//! In: rows, what decides, and the as-of date. Out: the alerts that hold of them. Must hold: the dataflow and the
//! ledger are those of a replay, so that what holds of the rows here is what a replay of them alone would write.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};

use super::slice::SliceRow;
use crate::alert::{Alert, AlertId, EpochEnd, FileNames, Ledger, SharedRows};
use crate::dataflow::{
    Content, Delta, Engine, EngineOptions, LinkageWork, Observe, Stopped, Workers,
};
use crate::detector::Detector;
use crate::journal::Rows;
use crate::record::{Change, Instant, Operation};
use crate::resolve::{Incoming, Order, ResolveError, Resolver, look_ups};
use crate::source::{Keep, Sequenced};

/// Why rows could not be tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// There was no room for them.
    #[error(
        "the scratch file for the rows of an alert: {0}; check that the system's temporary directory has room, or set TMPDIR"
    )]
    Scratch(#[from] io::Error),
    /// The dataflow stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The rows could not be resolved.
    #[error("{0}")]
    Resolve(String),
}

impl From<ResolveError> for TrialError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Scratch(error) => Self::Scratch(error),
            ResolveError::Stopped(stopped) => Self::Stopped(stopped),
        }
    }
}

/// Rows that are tried.
pub struct Trial<'r> {
    rows: &'r [SliceRow],
    resolver: Resolver<'r>,
    incoming: Keep<Incoming>,
    deltas: Receiver<(EpochEnd, Delta)>,
    ledger: Ledger,
    as_of: Instant,
    epoch: u32,
}

/// What is done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It is put in.
    Put,
    /// It is taken out.
    Take,
}

/// Tries rows, as of a time; gives what `work` makes of them.
///
/// # Errors
/// What `work` fails with, or when the dataflow cannot be started.
pub fn with_trial<T, E: From<TrialError>>(
    rows: &[SliceRow],
    detector: &Detector,
    as_of: Instant,
    work: impl FnOnce(&mut Trial<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let scratch = tempfile::tempdir().map_err(TrialError::from)?;
    let known: Rows<Content> = Rows::create(scratch.path()).map_err(TrialError::from)?;
    let known = SharedRows::new(known);
    let (sent, deltas) = sync_channel(1);
    let in_force = detector.in_force(Some(as_of));
    let options = EngineOptions {
        reasons: detector.reasons,
        observe: Observe::Flagged,
        settings: in_force.of_persons(),
        exclusive_benefits: detector.exclusive_benefits.clone(),
        linkage: detector.linkage.clone(),
        linkage_work: LinkageWork::default(),
        models: detector.models.clone(),
        shadow: None,
        telemetry: None,
    };
    let engine = Engine::start(Workers::Threads(1), options, look_ups(&known), sent)
        .map_err(TrialError::from)?;
    let incoming = Incoming::keep(known.read().key_hasher(), detector.reasons);
    let outcome = {
        let mut trial = Trial {
            rows,
            resolver: Resolver::new(
                &engine,
                known.clone(),
                (detector.reasons, Order::Knowledge),
                (in_force, detector.models.clone()),
            ),
            incoming,
            deltas,
            ledger: Ledger::new(known, detector.models.clone()),
            as_of,
            epoch: 0,
        };
        work(&mut trial)
    };
    engine.finish().map_err(TrialError::from)?;
    outcome
}

impl Trial<'_> {
    /// Puts rows in and takes rows out, by their places, in one epoch.
    ///
    /// # Errors
    /// When the dataflow stopped.
    pub fn apply(
        &mut self,
        moves: impl IntoIterator<Item = (usize, Move)>,
    ) -> Result<(), TrialError> {
        self.resolver.enter(i64::from(self.epoch), self.as_of);
        for (place, what) in moves {
            let row = &self.rows[place];
            let change = Change {
                recorded_at: row.recorded_at,
                key: row.key.clone(),
                operation: match what {
                    Move::Put => Operation::Upsert(row.record.clone()),
                    Move::Take => Operation::Delete,
                },
            };
            let change = (self.incoming)(change);
            self.resolver.push(Sequenced {
                change,
                file: 0,
                row: place as u64,
            })?;
        }
        self.resolver.pass_days(self.as_of.day())?;
        self.resolver.end_epoch(None)?;
        self.epoch += 1;
        let Ok((end, delta)) = self.deltas.recv() else {
            return Err(TrialError::Resolve(
                "the dataflow gave nothing out".to_owned(),
            ));
        };
        self.ledger.apply(end, delta)?;
        Ok(())
    }

    /// The alerts that hold of the rows that are in, each as its line, but for where rows stand and since when it
    /// is known.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn alerts(&self) -> Result<BTreeMap<AlertId, Alert>, TrialError> {
        let names = FileNames::listed(&[String::new()]);
        let alerts = self.ledger.alerts(self.epoch.saturating_sub(1), names)?;
        let alerts = alerts.into_iter().map(|alert| Alert {
            // A row that was put back raises its alert anew.
            raised_epoch: 0,
            ..alert
        });
        Ok(alerts.map(|alert| (alert.alert_id, alert)).collect())
    }
}
