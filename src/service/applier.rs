//! Epochs become updates of the dataflow.
//!
//! In: epochs, in order: those of the journal when the service starts, then those that are sealed. Out: the
//! epochs to the engine, and beside each what the store keeps of it. Must hold: live, in recovery and in a
//! replay of the journal, an epoch is applied by the same code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant as Elapsed;

use super::carried_forward;
use super::detectors::Detectors;
use super::error::ServiceError;
use crate::alert::{EpochEnd, SharedRows};
use crate::dataflow::{Employer, Engine};
use crate::detector::Detector;
use crate::journal::{Arrived, Epoch, LoadId, Place, RowPlace};
use crate::measure::{self, Failing, Measured, Measures, Rejected, Report};
use crate::record::{Change, Day, Instant, Key};
use crate::resolve::{InForce, Incoming, Listener, Order, Resolver};
use crate::snapshot::Manifest;
use crate::source::{Keep, Sequenced};

/// An epoch that has been given to the engine.
pub struct Applied {
    /// The epoch, without its rows.
    pub epoch: Epoch,
    /// Rows accepted of each of its deliveries.
    pub accepted: Vec<u64>,
    /// When the first row of it was taken in; not known in recovery.
    pub arrived: Option<Elapsed>,
}

/// Applies epochs.
pub struct Applier<'e> {
    resolver: Resolver<'e>,
    detectors: &'e Detectors,
    /// The one that decides, and the document that the journal says of it.
    detector: Arc<Detector>,
    document: Option<String>,
    in_force: InForce,
    incoming: Keep<Incoming>,
    applied: Sender<Applied>,
    /// Rows that were not accepted, of the epochs that were added one by one.
    rejected: Rejected,
    /// From when on it is known what came, where not from the first row.
    counted_from: Option<Instant>,
    /// Which rows are fed, where not all are.
    wanted: Option<Wanted<'e>>,
    left_out: BTreeSet<LoadId>,
}

/// Which keys are wanted.
type Wanted<'e> = Box<dyn Fn(&Key) -> bool + 'e>;

impl<'e> Applier<'e> {
    /// An applier before the first epoch; each goes to `applied` before the engine has it whole.
    pub fn new(
        engine: &'e Engine<EpochEnd>,
        rows: SharedRows,
        (detectors, detector): (&'e Detectors, Arc<Detector>),
        applied: Sender<Applied>,
    ) -> Self {
        let in_force = detector.initially();
        let incoming = Incoming::keep(rows.read().key_hasher(), detector.reasons);
        let order = (detector.reasons, Order::Arrival);
        let models = detectors.models().clone();
        Self {
            resolver: Resolver::new(engine, rows, order, (in_force.clone(), models)),
            detectors,
            detector,
            document: None,
            in_force,
            incoming,
            applied,
            rejected: Rejected::default(),
            counted_from: None,
            wanted: None,
            left_out: BTreeSet::new(),
        }
    }

    /// From now on the rows of these keys alone are fed. Each keeps its place in its epoch.
    pub fn feed_only(&mut self, wanted: impl Fn(&Key) -> bool + 'e) {
        self.wanted = Some(Box::new(wanted));
    }

    fn wants(&self, key: &Key) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted(key))
    }

    /// Takes no row of these loads, as if they had never come; the rows of others keep their numbers.
    pub fn leave_out(&mut self, loads: BTreeSet<LoadId>) {
        self.left_out = loads;
    }

    /// Adds the rows of an epoch to the one in progress. Gives how many they are of each delivery.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn add(&mut self, epoch: &mut Epoch) -> Result<Vec<u64>, ServiceError> {
        if let Some(document) = &epoch.detector {
            self.detector = self.detectors.of_document(document)?;
            self.document = Some(document.clone());
        }
        let number = i64::try_from(epoch.number).unwrap_or(i64::MAX);
        self.resolver.enter(number, epoch.at);
        let file = u32::try_from(epoch.number).unwrap_or(u32::MAX);
        let (mut row, mut accepted) = (0, Vec::new());
        for (place, delivery) in (0..).zip(epoch.deliveries.iter_mut().flatten()) {
            let load = LoadId {
                epoch: epoch.number,
                delivery: place,
            };
            if self.left_out.contains(&load) {
                row += delivery.rows.len() as u64;
                accepted.push(0);
                continue;
            }
            for reject in &delivery.rejects {
                (self.rejected).count(reject.stream, reject.code, reject.facility);
            }
            accepted.push(delivery.rows.len() as u64);
            // They come from nobody.
            let undoes = delivery.undoes.as_ref();
            self.resolver
                .hush(undoes.is_some() || delivery.source == carried_forward::SOURCE)?;
            let mut replaced = undoes.map(|undoes| undoes.replaced.clone().into_iter());
            for Arrived { change, .. } in std::mem::take(&mut delivery.rows) {
                row += 1;
                let replaced = (replaced.as_mut())
                    .map(|replaced| replaced.next().expect("an epoch has one for each row"));
                if !self.wants(&change.key) {
                    continue;
                }
                let change = self.incoming(change);
                let row = Sequenced { change, file, row };
                match replaced {
                    None => self.resolver.push(row)?,
                    Some(replaced) => self.resolver.push_instead(row, replaced)?,
                }
            }
        }
        self.resolver.hush(false)?;
        self.resolver.pass_days(epoch.clock)?;
        for restoration in
            (epoch.deliveries.iter().flatten()).filter_map(|one| one.restores.as_ref())
        {
            self.restore(&restoration.claims, restoration.until)?;
        }
        Ok(accepted)
    }

    /// Begins with a snapshot, whose rows come next, in the epoch in progress.
    ///
    /// # Errors
    /// When what decided at its epoch is not among the artefacts.
    pub fn begin(&mut self, snapshot: &Manifest) -> Result<(), ServiceError> {
        if let Some(document) = &snapshot.detector {
            self.detector = self.detectors.of_document(document)?;
            self.document = Some(document.clone());
        }
        let number = i64::try_from(snapshot.epoch).unwrap_or(i64::MAX);
        self.resolver.enter(number, snapshot.at);
        // First, so that what is beyond the window is not fed.
        self.pass_days(snapshot.clock)
    }

    /// Adds a row of the snapshot, which takes the place of one row alone where it undoes that one.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn load(
        &mut self,
        row: Sequenced<Incoming>,
        replaced: Option<RowPlace>,
    ) -> Result<(), ServiceError> {
        match replaced {
            None => self.resolver.push(row)?,
            Some(replaced) => self.resolver.push_instead(row, replaced)?,
        }
        Ok(())
    }

    /// Makes rows what [`Applier::load`] takes, on any thread.
    pub fn keep(&self) -> Keep<Incoming> {
        self.incoming.clone()
    }

    fn incoming(&self, change: Change) -> Incoming {
        (self.incoming)(change)
    }

    /// Restores claims up to a day, before their rows are added: what was restored in epochs that are not applied
    /// one by one.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn restore(&mut self, claims: &[Key], until: Day) -> Result<(), ServiceError> {
        if self.wanted.is_none() {
            return Ok(self.resolver.restore(claims, until)?);
        }
        let claims = claims.iter().filter(|claim| self.wants(claim));
        let claims: Vec<Key> = claims.cloned().collect();
        Ok(self.resolver.restore(&claims, until)?)
    }

    /// Lets the days pass up to one, before rows are added of which some are beyond the window.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn pass_days(&mut self, until: Day) -> Result<(), ServiceError> {
        Ok(self.resolver.pass_days(until)?)
    }

    /// The claims that are restored, and up to which day.
    pub fn restored(&self) -> impl Iterator<Item = (&Key, Day)> {
        self.resolver.restored()
    }

    /// Ends the epoch in progress, of which this is the last that was added, with so many rows of each of its
    /// deliveries.
    ///
    /// # Errors
    /// When the scratch file cannot be used, the dataflow stopped, or nobody takes what it gives out.
    pub fn end(
        &mut self,
        epoch: Epoch,
        accepted: Vec<u64>,
        arrived: Option<Elapsed>,
    ) -> Result<(), ServiceError> {
        let activation = self.activation(epoch.at);
        let applied = Applied {
            epoch,
            accepted,
            arrived,
        };
        // It fails where nobody stores any more; then the engine fails as well, and says so.
        let _ = self.applied.send(applied);
        Ok(self.resolver.end_epoch(activation)?)
    }

    /// Applies an epoch.
    ///
    /// # Errors
    /// As [`Applier::end`].
    pub fn apply(
        &mut self,
        mut epoch: Epoch,
        arrived: Option<Elapsed>,
    ) -> Result<(), ServiceError> {
        let accepted = self.add(&mut epoch)?;
        self.end(epoch, accepted, arrived)
    }

    /// What decides.
    pub fn detector(&self) -> Arc<Detector> {
        self.detector.clone()
    }

    /// Epochs that were given to the engine.
    pub fn epochs(&self) -> u32 {
        self.resolver.epochs()
    }

    /// The counters of the data measures, and the enterprises that are suspended or merged, by the number of
    /// the key.
    pub fn into_measures(self) -> (Measures, BTreeMap<Place, Employer>) {
        self.resolver.into_measures()
    }

    /// From now on it is counted what comes: what was loaded tells only what held at a time.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn count_from(&mut self, at: Instant) -> Result<(), ServiceError> {
        self.counted_from = Some(at);
        Ok(self.resolver.count_what_comes()?)
    }

    /// The data measures of the rows that are applied, with ages up to a time.
    pub fn report(&self, failing: &Failing, at: Instant) -> Measured {
        let report = Report::new(&measure::Parts {
            measures: self.resolver.measures(),
            rejected: &self.rejected,
            failing,
            reasons: self.detector.reasons,
            known_until: Some(at),
        });
        Measured {
            report,
            counted_from: self.counted_from,
            at,
        }
    }

    /// Tells of every row from now on.
    pub fn tell(&mut self, listener: Listener) {
        self.resolver.tell(Some(listener));
    }

    /// The document of what decides, if the journal has said it.
    pub fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// What takes force at a time, if it is another than is in force.
    fn activation(&mut self, at: Instant) -> Option<(Instant, InForce)> {
        let in_force = self.detector.in_force(Some(at));
        if in_force == self.in_force {
            return None;
        }
        self.in_force = in_force.clone();
        Some((at, in_force))
    }
}
