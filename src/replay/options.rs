//! What a replay is asked to do.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::journal_end::JournalEnd;
use super::supposed::Supposition;
use crate::audit::SigningKey;
use crate::detector::Detector;
use crate::journal::MasterKey;
use crate::persons::Persons;
use crate::processes::Hosts;
use crate::record::Instant;

/// One replay.
#[derive(Clone, Debug)]
pub struct Options {
    /// What decides.
    pub detector: Detector,
    /// The directory of streams, or that of a live service.
    pub input: PathBuf,
    /// What of a live service's journal is to be known to read it; none where the input is streams.
    pub journal: Option<JournalInput>,
    /// The directory that receives the outputs; made when absent.
    pub output: PathBuf,
    /// Rows known later are left out.
    pub as_of: Option<Instant>,
    /// How knowledge time is cut.
    pub epoch: EpochLength,
    /// Whose rows are fed, and whose alerts are written; everybody's where nothing is said.
    pub persons: Option<Arc<Persons>>,
    /// Dataflow threads of each process.
    pub workers: usize,
    /// The processes that share the dataflow, where there are several, of which this is number 0.
    pub processes: Option<Hosts>,
    /// Stop at the first bad row.
    pub strict: bool,
    /// About how many ordinary claims to observe besides, for training; none in a replay.
    pub sample: Option<u64>,
    /// Whether the history is written, inputs and outputs are digested and a manifest states them. Without, nobody can
    /// hold the run to anything: only what measures the cost of it leaves it out.
    pub is_audited: bool,
    /// What signs the manifest, if something does.
    pub signing_key: Option<Arc<SigningKey>>,
}

impl Options {
    /// A replay of everything that is known, in epochs of a day on one thread, for every reason, with
    /// the lists and the model that come with the program.
    pub fn new(input: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        Self {
            detector: Detector::default(),
            input: input.into(),
            journal: None,
            output: output.into(),
            as_of: None,
            epoch: EpochLength::Hours(24),
            persons: None,
            workers: 1,
            processes: None,
            strict: false,
            sample: None,
            is_audited: true,
            signing_key: None,
        }
    }
}

/// How the journal of a live service is read.
#[derive(Clone, Debug, Default)]
pub struct JournalInput {
    /// What wraps its keys, if something does.
    pub master_key: Option<MasterKey>,
    /// Up to where it is read; up to its end, where nothing is said.
    pub end: Option<JournalEnd>,
    /// What is supposed of it that it does not say.
    pub supposed: Supposition,
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
