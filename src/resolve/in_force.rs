//! What is in force: thresholds, how claims are scored, and how long they are decided on.

use std::sync::Arc;

use super::retention::RetentionWindow;
use crate::dataflow::{PersonSettings, Scoring};
use crate::rule::{DialsInForce, Settings};

/// What is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The thresholds.
    pub settings: Arc<Settings>,
    /// How claims are scored.
    pub scoring: Scoring,
    /// For how long claims are decided on.
    pub retention: Option<RetentionWindow>,
}

impl InForce {
    /// The thresholds that can be turned.
    pub fn dials(&self) -> DialsInForce {
        DialsInForce::new(&self.settings, self.scoring.level)
    }

    /// What of it the dataflow turns on for a person.
    pub fn of_persons(&self) -> PersonSettings {
        PersonSettings::new(&self.settings, self.scoring)
    }
}
