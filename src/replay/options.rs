//! What a replay is asked to do.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::link::PersonLinkage;
use crate::model::{ModelRegistry, OutlierModel, builtin};
use crate::record::Instant;
use crate::rule::{ExclusiveBenefits, Reason, ReasonSet, Rules};

/// One replay.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of streams.
    pub input: PathBuf,
    /// The directory that receives the outputs; made when absent.
    pub output: PathBuf,
    /// Rows known later are left out.
    pub as_of: Option<Instant>,
    /// How knowledge time is cut.
    pub epoch: EpochLength,
    /// Dataflow threads.
    pub workers: usize,
    /// The reasons to compute.
    pub reasons: ReasonSet,
    /// Stop at the first bad row.
    pub strict: bool,
    /// The benefits that exclude each other.
    pub exclusive_benefits: Arc<ExclusiveBenefits>,
    /// About how many ordinary claims to observe besides, for training; none in a replay.
    pub sample: Option<u64>,
    /// The models that score claims: the one that the run begins with, and those that the rules activate.
    pub models: ModelRegistry,
    /// Scores beside them, and decides nothing.
    pub shadow_model: Option<Arc<OutlierModel>>,
    /// The thresholds of the reasons, and when they change.
    pub rules: Arc<Rules>,
    /// Links participants.
    pub linkage: Arc<PersonLinkage>,
}

impl Options {
    /// A replay of everything that is known, in epochs of a day on one thread, for every reason, with
    /// the lists and the model that come with the program.
    pub fn new(input: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        Self {
            input: input.into(),
            output: output.into(),
            as_of: None,
            epoch: EpochLength::Hours(24),
            workers: 1,
            reasons: ReasonSet::ALL,
            strict: false,
            sample: None,
            exclusive_benefits: Arc::new(ExclusiveBenefits::builtin().clone()),
            models: ModelRegistry::new(Arc::new(builtin().clone())),
            shadow_model: None,
            rules: Arc::default(),
            linkage: PersonLinkage::builtin(),
        }
    }

    /// The reasons that are wanted and cannot be found, because what they turn on is not configured.
    pub fn not_configured(&self) -> impl Iterator<Item = Reason> {
        let exclusive = Reason::ExclusiveBenefits;
        let is_missing = self.reasons.contains(exclusive) && self.exclusive_benefits.is_empty();
        let outlier = Reason::CostOutlier;
        let is_off = self.reasons.contains(outlier) && !self.in_force(self.as_of).scoring.is_on();
        let exclusive = is_missing.then_some(exclusive);
        exclusive.into_iter().chain(is_off.then_some(outlier))
    }
}

/// The length of an epoch, counted from 1970-01-01T00:00+07:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochLength {
    /// Every row in one epoch.
    All,
    /// A number of hours, at least one.
    Hours(u32),
}

impl EpochLength {
    /// The number of the epoch that an instant falls into.
    pub fn epoch_of(self, at: Instant) -> i64 {
        match self {
            EpochLength::All => 0,
            EpochLength::Hours(hours) => at
                .local_nanos()
                .div_euclid(i64::from(hours) * 3_600_000_000_000),
        }
    }
}

impl FromStr for EpochLength {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an epoch: use 1h, 6h, 1d, 30d, … or all");
        if text == "all" {
            return Ok(EpochLength::All);
        }
        let unit = text.chars().last().ok_or_else(wrong)?;
        let hours = match unit {
            'h' => 1,
            'd' => 24,
            _ => return Err(wrong()),
        };
        let count: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        // Longer than a thousand years would overflow the clock.
        if count == 0 || count > 365_000 {
            return Err(wrong());
        }
        Ok(EpochLength::Hours(count * hours))
    }
}
