//! Rows in order are cut into epochs by knowledge time.
//!
//! In: accepted rows in `recorded_at` order, and the times at which settings or the outlier model change.
//! Out: the rows of each epoch, then its end, to the resolver. Must hold: an activation takes force in the
//! epoch that holds its time, which there is also without rows once there has been a row.

use std::collections::BTreeMap;

use super::error::ReplayError;
use super::options::{EpochLength, Options};
use crate::alert::{EpochEnd, SharedRows};
use crate::dataflow::{Employer, Engine};
use crate::journal::Place;
use crate::measure::Measures;
use crate::record::Instant;
use crate::resolve::{InForce, Incoming, Order, Resolver};
use crate::rule::Activation;
use crate::source::Sequenced;

/// What a sequence of rows came to.
pub struct Sequence {
    /// Epochs with rows.
    pub epochs: u32,
    /// The as-of time, of whose day the as-of date is; none where there is no row.
    pub known_until: Option<Instant>,
    /// The counters of the data measures.
    pub measures: Measures,
    /// The enterprises that are suspended or merged, by the number of the key.
    pub stopped: BTreeMap<Place, Employer>,
}

/// Cuts rows into epochs.
pub struct Sequencer<'a> {
    resolver: Resolver<'a>,
    options: &'a Options,
    /// What is yet to take force.
    activations: &'a [Activation],
    epoch_length: EpochLength,
    last: Option<Instant>,
}

impl<'a> Sequencer<'a> {
    /// A sequencer before its first row.
    pub fn new(engine: &'a Engine<EpochEnd>, rows: SharedRows, options: &'a Options) -> Self {
        let activations = options.detector.rules.activations();
        let is_known = |activation: &Activation| options.as_of.is_none_or(|at| activation.at <= at);
        let known = activations.partition_point(is_known);
        let in_force = (
            options.detector.initially(),
            options.detector.models.clone(),
        );
        Self {
            resolver: Resolver::new(
                engine,
                rows,
                (options.detector.reasons, Order::Knowledge),
                in_force,
            ),
            options,
            activations: &activations[..known],
            epoch_length: options.epoch,
            last: None,
        }
    }

    /// Takes the next row in order.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn push(&mut self, row: Sequenced<Incoming>) -> Result<(), ReplayError> {
        let at = row.change.recorded_at;
        let number = self.epoch_length.epoch_of(at);
        if self.resolver.epoch_in_progress() != Some(number) {
            self.end_epoch()?;
            self.activate_before(Some(number))?;
        }
        self.resolver.enter(number, at);
        self.last = Some(at);
        // Its epoch and its day are those of the others as well.
        let persons = self.options.persons.as_ref();
        if persons.is_some_and(|persons| !persons.have(&row.change.key)) {
            return Ok(());
        }
        Ok(self.resolver.push(row)?)
    }

    /// Ends the last epoch with rows, with the as-of time; without one, that of the last row. Then gives
    /// force to the settings that are left.
    ///
    /// # Errors
    /// When the scratch file cannot be read, or the dataflow stopped.
    pub fn finish(mut self, as_of: Option<Instant>) -> Result<Sequence, ReplayError> {
        let known_until = as_of.or(self.last);
        if let Some(known_until) = known_until {
            self.resolver.pass_days(known_until.day())?;
        }
        self.end_epoch()?;
        self.activate_before(None)?;
        let epochs = self.resolver.epochs();
        let (measures, stopped) = self.resolver.into_measures();
        Ok(Sequence {
            epochs,
            known_until,
            measures,
            stopped,
        })
    }

    /// Gives force to the settings of the epochs without rows before an epoch, or of all that are left.
    fn activate_before(&mut self, number: Option<i64>) -> Result<(), ReplayError> {
        while let Some(next) = self.activations.first() {
            let of_next = self.epoch_length.epoch_of(next.at);
            if number.is_some_and(|number| of_next >= number) {
                break;
            }
            if self.resolver.epochs() == 0 {
                if let Some((_, in_force)) = self.activation(of_next) {
                    self.resolver.begin_with(in_force)?;
                }
            } else {
                self.resolver.enter(of_next, next.at);
                self.end_epoch()?;
            }
        }
        Ok(())
    }

    /// What takes force in an epoch, and when.
    fn activation(&mut self, number: i64) -> Option<(Instant, InForce)> {
        let is_in = |activation: &Activation| self.epoch_length.epoch_of(activation.at) <= number;
        let count = self.activations.partition_point(is_in);
        let (of_epoch, left) = self.activations.split_at(count);
        self.activations = left;
        let activation = of_epoch.last()?;
        Some((activation.at, self.options.detector.after(activation)))
    }

    fn end_epoch(&mut self) -> Result<(), ReplayError> {
        if let Some(number) = self.resolver.epoch_in_progress() {
            let activation = self.activation(number);
            self.resolver.end_epoch(activation)?;
        }
        Ok(())
    }
}
