//! What would be decided if something were otherwise: other thresholds or models, data that is yet to come, data that
//! never came.
//!
//! In: a directory of streams or a service's journal, and what is supposed of it. Out: two runs side by side - `base`,
//! of what is, and `supposed` - what they decide differently, and which decisions of people rest on alerts that would
//! be others. Must hold: nothing of the inputs is changed; both runs are whole runs, that can be verified, explained
//! and replayed; what comes out is what would come of it if it were done. Where memory does not allow all persons at once,
//! both are of the same part of them, and the share is said: see [`Coverage`].
//!
//! ```text
//! inputs ──────────────────────▶ replay ─▶ base ──────┐
//!    └──▶ with what is supposed ▶ replay ─▶ supposed ─┴─▶ diff ─▶ differing.ndjson, what-if.json
//! ```

mod all_rows;
mod coverage;
mod error;
mod linked;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

pub use coverage::Coverage;
pub use error::WhatIfError;

use super::diff::{DiffError, DiffOptions, DiffSummary, diff};
use crate::detector::Detector;
use crate::journal::LoadId;
use crate::persons::{NotCovered, Slice};
use crate::record::Instant;
use crate::replay::{
    self, JournalEnd, JournalInput, Options, Progress, Supposition, journal_reader, known_until,
};
use crate::review::{DecidedAlert, decided_alerts};
use crate::rule::ReasonSet;
use crate::source::{InputFile, discover};
use crate::staging::Staging;
use all_rows::AllRows;
use linked::Linked;

/// The run of what is.
pub const BASE: &str = "base";
/// The run of what is supposed.
pub const SUPPOSED: &str = "supposed";
/// Every alert that differs, an object a line.
pub const DIFFERING: &str = "differing.ndjson";
/// What is supposed, and what it comes to.
pub const WHAT_IF: &str = "what-if.json";

/// What is supposed.
#[derive(Clone, Debug)]
pub struct Supposed {
    /// What decides instead; for a journal, in so far as it is said to.
    pub detector: Detector,
    /// Whether other thresholds decide.
    pub rules: bool,
    /// Whether another model scores.
    pub model: bool,
    /// Files that are yet to come.
    pub loads: Vec<PathBuf>,
    /// When they come, to a journal.
    pub arrival: Option<Instant>,
    /// What never came: names of input files, or loads of a journal.
    pub without: Vec<String>,
}

/// What is supposed, and what it comes to.
#[derive(Debug, Serialize)]
pub struct WhatIf {
    /// What is supposed.
    pub supposed: Told,
    /// Whose alerts are told of.
    pub persons: Slice,
    /// The share of the participants that they are.
    pub covered_ratio: f64,
    /// What they do not tell.
    pub not_covered: Vec<NotCovered>,
    /// What would be decided differently: A is what is, B what is supposed.
    pub diff: DiffSummary,
    /// Decisions of people on alerts that would be others, by alert; none where the inputs have no desk.
    pub decisions: Vec<DecidedAlert>,
}

/// What is supposed, as it was told.
#[derive(Debug, Serialize)]
pub struct Told {
    /// Whether other thresholds decide.
    pub rules: bool,
    /// Whether another model scores.
    pub model: bool,
    /// Files that are yet to come.
    pub loads: Vec<String>,
    /// What never came.
    pub without: Vec<String>,
}

/// Finds out what would be decided, of the persons of `coverage`. `options` say what is: where the inputs are, what decides,
/// how they are replayed. `progress` is told of one replay after the other; `first` of the differing alerts are told in
/// the document.
///
/// # Errors
/// When what is supposed cannot be of these inputs, or a replay fails.
pub fn what_if(
    options: &Options,
    (supposed, coverage): (&Supposed, Coverage),
    (first, progress): (usize, &mut dyn Progress),
) -> Result<WhatIf, WhatIfError> {
    let output = |error| WhatIfError::Output {
        path: options.output.clone(),
        error,
    };
    std::fs::create_dir_all(&options.output).map_err(output)?;
    let base = options.output.join(BASE);
    let other = options.output.join(SUPPOSED);
    let (of_base, of_other, rows) = match &options.journal {
        None => of_files(options, supposed)?,
        Some(journal) => of_journal(options, journal, supposed)?,
    };
    let persons = coverage.persons(&rows, progress)?;
    replay::run(
        &Options {
            output: base.clone(),
            persons: persons.clone(),
            ..of_base
        },
        progress,
    )?;
    replay::run(
        &Options {
            output: other.clone(),
            persons: persons.clone(),
            ..of_other
        },
        progress,
    )?;
    let mut decided = match &options.journal {
        None => BTreeMap::new(),
        Some(_) => decided_alerts(&options.input)?,
    };
    let mut decisions = Vec::new();
    let staging = Staging::create(&options.output).map_err(output)?;
    let mut lines = staging.file(DIFFERING).map_err(output)?;
    let asked = DiffOptions {
        a: &base,
        b: &other,
        reasons: ReasonSet::ALL,
        first,
        scratch: staging.directory(),
    };
    let diff = diff(&asked, |alert| {
        decisions.extend(decided.remove(&alert.alert_id.to_string()));
        let written = serde_json::to_writer(&mut lines, alert).map_err(io::Error::from);
        let written = written.and_then(|()| lines.write_all(b"\n"));
        written.map_err(|error| DiffError::Output {
            path: options.output.clone(),
            error,
        })
    })?;
    lines.flush().map_err(output)?;
    drop(lines);
    let slice = (persons.as_ref()).map_or(Slice::ALL, |persons| persons.slice());
    let what_if = WhatIf {
        supposed: Told {
            rules: supposed.rules,
            model: supposed.model,
            loads: (supposed.loads.iter())
                .map(|path| path.to_string_lossy().into_owned())
                .collect(),
            without: supposed.without.clone(),
        },
        persons: slice,
        covered_ratio: persons.map_or(1.0, |persons| persons.share()),
        not_covered: NotCovered::by(slice).into_iter().collect(),
        diff,
        decisions,
    };
    let mut document = staging.file(WHAT_IF).map_err(output)?;
    let written = serde_json::to_writer_pretty(&mut document, &what_if);
    let written = written.map_err(io::Error::from);
    written.and_then(|()| document.flush()).map_err(output)?;
    drop(document);
    staging
        .publish(&[DIFFERING, WHAT_IF], &[])
        .map_err(output)?;
    Ok(what_if)
}

/// The replay of what is, that of what is supposed, and every row that one of them reads.
type Replays = (Options, Options, AllRows);

/// The two replays of a directory of streams. Both have one as-of date, that of the last row that either knows, so that
/// what comes later does not let days pass as well.
fn of_files(options: &Options, supposed: &Supposed) -> Result<Replays, WhatIfError> {
    let linked = Linked::make(
        &options.output,
        &options.input,
        (&supposed.loads, &supposed.without),
    )?;
    let as_of = match options.as_of {
        Some(as_of) => Some(as_of),
        None => {
            let known = known_until(&[&options.input, &linked.directory], &options.output)?;
            known.map(|known| Instant::end_of(known.day()).unwrap_or(known))
        }
    };
    let base = Options {
        as_of,
        ..options.clone()
    };
    let other = Options {
        input: linked.directory,
        detector: supposed.detector.clone(),
        ..base.clone()
    };
    let mut files = discover(&base.input)?.files;
    for file in discover(&other.input)?.files {
        // The others are links to what is there already.
        if files.iter().all(|known| known.name != file.name) {
            files.push(file);
        }
    }
    let rows = AllRows {
        journal: None,
        files,
        as_of,
        scratch: options.output.clone(),
    };
    Ok((base, other, rows))
}

fn of_journal(
    options: &Options,
    journal: &JournalInput,
    supposed: &Supposed,
) -> Result<Replays, WhatIfError> {
    let without = supposed.without.iter().map(|text| {
        text.parse().map_err(|error| WhatIfError::NoLoad {
            text: text.clone(),
            error,
        })
    });
    let without: BTreeSet<LoadId> = without.collect::<Result<_, _>>()?;
    // Both are of the same epochs, whatever comes meanwhile.
    let reader = journal_reader(&options.input, journal.master_key.clone())?;
    let end = JournalEnd::of(&options.input, &reader)?;
    let base = JournalInput {
        end: Some(end.clone()),
        ..journal.clone()
    };
    let other = Options {
        detector: supposed.detector.clone(),
        journal: Some(JournalInput {
            supposed: Supposition {
                rules: supposed.rules,
                model: supposed.model,
                without,
                loads: supposed.loads.clone(),
                arrival: supposed.arrival,
            },
            ..base.clone()
        }),
        ..options.clone()
    };
    let base = Options {
        journal: Some(base),
        ..options.clone()
    };
    let files = supposed.loads.iter().map(|path| InputFile::of(path));
    let rows = AllRows {
        journal: Some((reader, end)),
        files: files.collect::<Result<_, _>>()?,
        as_of: options.as_of,
        scratch: options.output.clone(),
    };
    Ok((base, other, rows))
}
