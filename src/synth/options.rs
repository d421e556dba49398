//! What a country is asked to be.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::error::SynthError;

/// The fewest and the most citizens. Above it, numbers of people would not be unique any more.
const CITIZENS: std::ops::RangeInclusive<u32> = 1_000..=100_000_000;
/// The most days: ten years.
const MOST_DAYS: u32 = 3_650;
/// The most claims after death in a million.
const MOST_FLAGGED: u32 = 50_000;

/// One country.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory that receives the streams and `truth.csv`; made when absent.
    pub output: PathBuf,
    /// People, from 1,000 to 100 million.
    pub citizens: u32,
    /// Days from 1 January 2025, from 1 to 3,650.
    pub days: u32,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// How streams are written.
    pub format: Format,
    /// Claims after a recorded death in a million claims, up to 50,000; more in a small country, where
    /// a story of each kind is told anyway. The real share is 5 to 6.
    pub flagged_per_million: u32,
}

impl Options {
    /// 20,000 citizens for a year, seed 1, Parquet, 500 claims in a million after death.
    pub fn new(output: PathBuf) -> Self {
        Self {
            output,
            citizens: 20_000,
            days: 365,
            seed: 1,
            format: Format::Parquet,
            flagged_per_million: 500,
        }
    }

    /// Whether such a country can be made.
    pub(super) fn check(&self) -> Result<(), SynthError> {
        let wrong = |what: String| Err(SynthError::Options(what));
        if !CITIZENS.contains(&self.citizens) {
            let (least, most) = (CITIZENS.start(), CITIZENS.end());
            return wrong(format!(
                "{} citizens; from {least} to {most} can be made",
                self.citizens
            ));
        }
        if !(1..=MOST_DAYS).contains(&self.days) {
            return wrong(format!(
                "{} days; from 1 to {MOST_DAYS} can be made",
                self.days
            ));
        }
        if self.flagged_per_million > MOST_FLAGGED {
            return wrong(format!(
                "{} flagged claims in a million; at most {MOST_FLAGGED} can be made",
                self.flagged_per_million
            ));
        }
        Ok(())
    }
}

/// How streams are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Parquet with zstd: texts, whole numbers and lists of texts.
    Parquet,
    /// CSV, lists separated by `;`.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Format::Parquet, Format::Csv, Format::Ndjson];
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Parquet => "parquet",
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Format::ALL.into_iter();
        all.find(|format| format.to_string() == text)
            .ok_or_else(|| format!("`{text}` is not a format: use parquet, csv or ndjson"))
    }
}
