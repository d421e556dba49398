//! Stands in for the synthetic country until it lands: copies `streams/sample`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet,
}

/// One country.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory that receives it.
    pub output: PathBuf,
    /// Citizens.
    pub citizens: u32,
    /// Days.
    pub days: u32,
    /// The seed.
    pub seed: u64,
    /// The format.
    pub format: Format,
    /// Flagged citizens in a million.
    pub flagged_per_million: u32,
}

impl Options {
    /// The defaults.
    pub fn new(output: PathBuf) -> Self {
        Self {
            output,
            citizens: 20_000,
            days: 365,
            seed: 1,
            format: Format::Parquet,
            flagged_per_million: 20_000,
        }
    }
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Rows by stream.
    pub rows: BTreeMap<&'static str, u64>,
}

/// A country that was not made.
#[derive(Debug, thiserror::Error)]
#[error("the country could not be written: {0}")]
pub struct SynthError(#[from] io::Error);

impl SynthError {
    /// Whether the call was wrong, and not the run.
    pub fn is_wrong_call(&self) -> bool {
        self.0.kind() == io::ErrorKind::InvalidInput
    }
}

/// Receives what is told.
pub trait Progress {
    /// Rows written, by day.
    fn rows(&mut self, _written: u64, _day: u32, _days: u32) {}
}

/// Tells nothing.
pub struct Silent;

impl Progress for Silent {}

const TRUTH: &str = "\
reason,subject_kind,subject,kind,label,expected,why
death_on_living_card,claim,79001/S04-1,borrower_died_on_card,misuse,stands,\"somebody else, 079051000001, died\"
frequent_visits,claim,79001/S14-52,dialysis,noise,stands,dialysis three times a week
";

/// Copies the sample.
///
/// # Errors
/// When it cannot be written.
pub fn generate(options: &Options, progress: &mut dyn Progress) -> Result<Summary, SynthError> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample");
    copy(&sample, &options.output)?;
    fs::write(options.output.join("truth.csv"), TRUTH)?;
    progress.rows(150, options.days, options.days);
    Ok(Summary {
        rows: BTreeMap::new(),
    })
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
