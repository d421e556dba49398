//! What a replay is asked to do.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::model::OutlierModel;
use crate::record::Instant;
use crate::rule::{ReasonSet, Rules};

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
    /// Scores claims.
    pub model: Arc<OutlierModel>,
    /// The thresholds of the reasons, and when they change.
    pub rules: Arc<Rules>,
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
