//! `fundwatch demo`: a synthetic country, replayed, and its worst alerts explained.
//!
//! In: how large a country, and a directory. Out: a [`Report`] of what a replay found there, which
//! [`page`] tells in the reader's language; in the directory, `country/` with the streams and
//! `truth.csv`, and `run/` with the outputs of the replay.
//!
//! ```text
//! synth ─▶ country/ ─ replay ─▶ run/alerts.ndjson ─▶ worst ─ evidence, truth ─▶ cases ─▶ page
//! ```
//! Must hold: nothing is written over that an earlier demo did not write ([`Place`]); of alerts and
//! rows only those shown are held; no identifier of a person is told whole.

mod evidence;
pub mod live;
mod page;
mod place;
mod story;
mod truth;
mod worst;

use std::path::PathBuf;

pub use evidence::{Evidence, EvidenceError};
pub use page::page;
pub use place::{Place, PlaceError};
pub use truth::{Truth, TruthError};
pub use worst::AlertsError;

use crate::case::Alert;
use crate::detector::Detector;
use crate::layout;
use crate::replay::{self, ReplayError};
use crate::rule::Reason;
use crate::synth::{self, SynthError};

/// The alerts that are explained.
const WORST: usize = 10;
/// The file of the country that is no stream.
const TRUTH: &str = "truth.csv";

/// How large a country, and how it is replayed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Citizens.
    pub citizens: u32,
    /// Days of visits.
    pub days: u32,
    /// The seed: equal seeds give equal countries.
    pub seed: u64,
    /// Dataflow threads.
    pub workers: usize,
}

/// Receives what is told while the country is made and replayed.
pub trait Progress: synth::Progress + replay::Progress {}

impl<T: synth::Progress + replay::Progress> Progress for T {}

/// What a demo found.
#[derive(Debug)]
pub struct Report {
    /// What was asked for.
    pub options: Options,
    /// The directory of the streams.
    pub country: PathBuf,
    /// The directory of the outputs.
    pub run: PathBuf,
    /// What the replay did.
    pub summary: replay::Summary,
    /// The worst alerts, worst first.
    pub worst: Vec<Case>,
}

/// An alert with what is needed to judge it.
#[derive(Debug)]
pub struct Case {
    /// The alert.
    pub alert: Alert,
    /// The rows behind it, in the alert's order.
    pub evidence: Vec<Evidence>,
    /// What was made wrong on purpose with its subject, if anything was.
    pub truth: Option<Truth>,
}

/// A demo that did not finish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The directory cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The country could not be made.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// The replay did not finish.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The alerts could not be read back.
    #[error(transparent)]
    Alerts(#[from] AlertsError),
    /// The rows behind the alerts could not be read back.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The truth could not be read back.
    #[error(transparent)]
    Truth(#[from] TruthError),
}

/// Makes a country, replays it and explains the worst alerts.
///
/// # Errors
/// See [`DemoError`].
pub fn run(
    options: &Options,
    place: &Place,
    progress: &mut dyn Progress,
) -> Result<Report, DemoError> {
    place.clear()?;
    let (country, run) = (place.country(), place.run());
    let mut synth = synth::Options::new(country.clone());
    synth.citizens = options.citizens;
    synth.days = options.days;
    synth.seed = options.seed;
    synth::generate(&synth, progress)?;
    // The program's model is of no fund's own claims, and so none is unlike the country's.
    let found = Reason::ALL.iter().copied();
    let replay = replay::Options {
        detector: Detector {
            reasons: found
                .filter(|reason| *reason != Reason::CostOutlier)
                .collect(),
            ..Detector::default()
        },
        workers: options.workers,
        ..replay::Options::new(&country, &run)
    };
    let summary = replay::run(&replay, &mut KnownTruth(progress))?;
    let alerts = worst::worst(&run.join("alerts.ndjson"), WORST)?;
    let truths = truth::of_subjects(&country.join(TRUTH), &alerts)?;
    let evidence = evidence::of_alerts(&country, &run, &alerts)?;
    let worst = (alerts.into_iter().zip(evidence).zip(truths))
        .map(|((alert, evidence), truth)| Case {
            alert,
            evidence,
            truth,
        })
        .collect();
    Ok(Report {
        options: options.clone(),
        country,
        run,
        summary,
        worst,
    })
}

/// Progress without the warning that the truth is no stream, which it is not meant to be.
struct KnownTruth<'a>(&'a mut dyn Progress);

impl replay::Progress for KnownTruth<'_> {
    fn checking(&mut self, done: u64, total: u64) {
        self.0.checking(done, total);
    }

    fn replaying(&mut self, done: u64, total: u64, at: crate::record::Instant) {
        self.0.replaying(done, total, at);
    }

    fn writing(&mut self, alerts: usize) {
        self.0.writing(alerts);
    }

    fn warning(&mut self, message: &str) {
        if !message.starts_with(TRUTH) {
            self.0.warning(message);
        }
    }
}
