//! The report on a run: one page without script that needs nothing beside it, for screens and paper.
//!
//! In: the directory of a run; a sample and a difference, where there are. Out: HTML, in one language. Must hold: the same
//! run gives the same bytes, since no clock is asked; nobody is named, and numbers of people are masked; the page carries
//! digests of its sections and of itself, so that [`verify`] finds a changed byte and says where.
//!
//! ```text
//! summary, measures ─┐
//! alerts, history ───┼─▶ facts ─▶ sections ─▶ page ─▶ seal ─▶ report.html
//! sample, diff ──────┘
//! ```

mod chart;
mod difference;
mod error;
mod facts;
mod page;
mod sampled;
mod seal;
mod sections;
mod small;
mod words;

use std::path::PathBuf;

pub use error::ReportError;
pub use seal::{Place, ReportSeal, SealError, is_report, verify};

use super::run::Run;
use crate::language::Language;
use facts::Facts;
use sampled::OfSample;
use words::Words;

/// What is to be reported.
#[derive(Clone, Debug)]
pub struct Options {
    /// The output directory of a replay.
    pub run: PathBuf,
    /// The directory of a sample that was drawn from it.
    pub sample: Option<PathBuf>,
    /// What `fundwatch diff` found, as NDJSON.
    pub diff: Option<PathBuf>,
    /// The language.
    pub language: Language,
}

/// The report.
///
/// # Errors
/// When the run, the sample or the difference cannot be read, or do not belong together.
pub fn report(options: &Options) -> Result<String, ReportError> {
    let run = Run::open(&options.run)?;
    let sample = match &options.sample {
        Some(directory) => Some(OfSample::read(directory, &run)?),
        None => None,
    };
    let difference = options.diff.as_deref().map(difference::read).transpose()?;
    let facts = Facts::of(run)?;
    let words = Words::of(options.language);
    let sections = sections::sections(&words, &facts, difference.as_ref(), sample.as_ref());
    let subtitle = sections::subtitle(&words, &facts);
    let page = page::page(
        options.language,
        subtitle,
        &facts.run.manifest_sha256,
        &sections,
    );
    Ok(page?)
}
