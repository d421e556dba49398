//! What is in force: thresholds, and how claims are scored.

use std::sync::Arc;

use crate::dataflow::{PersonSettings, Scoring};
use crate::rule::Settings;

/// What is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The thresholds.
    pub settings: Arc<Settings>,
    /// How claims are scored.
    pub scoring: Scoring,
}

impl InForce {
    /// What of it the dataflow turns on for a person.
    pub fn of_persons(&self) -> PersonSettings {
        PersonSettings::new(&self.settings, self.scoring)
    }
}
