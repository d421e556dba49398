//! A run computed once more, from the inputs that its manifest states.
//!
//! In: the manifest and what decides. Out: that every output has the digest that is stated, or the first that has
//! not, and what of all that decides is another than in the run. Must hold: the run is not touched.

use crate::audit::diff::{Differences, InputDifference};
use crate::audit::manifest::{Manifest, ManifestError};
use crate::record::{Instant, Value};
use crate::replay::{self, Options, Progress, ReplayError};

/// A run that came to the same again.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// What was another than in the run, without effect, as the manifest calls it.
    pub differing: Vec<String>,
}

/// Why a run did not come to the same again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RerunError {
    /// It could not be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// There was no room for it.
    #[error(
        "the scratch directory for the second run: {0}; check that the system's temporary directory has room, or set TMPDIR"
    )]
    Scratch(std::io::Error),
    /// Its manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It was of a journal of which something was supposed.
    #[error(
        "the run is of a journal as `fundwatch what-if` supposed it to be; to compute it again, ask the same again"
    )]
    Supposed,
    /// It was of a part of the persons.
    #[error(
        "the run is of a part of the persons, of inputs as they are and as `fundwatch what-if` supposed them to be; to \
         compute it again, ask the same again"
    )]
    OfPersons,
    /// The manifest states something that this version cannot ask for.
    #[error("`settings.{0}` of the manifest is nothing that this version knows")]
    Unknown(&'static str),
    /// An output is another.
    #[error("replayed again, {output} is another{}", because(differing))]
    Differs {
        /// The output.
        output: String,
        /// What was another than in the run, as the manifest calls it.
        differing: Vec<String>,
    },
}

fn because(differing: &[String]) -> String {
    match differing {
        [] => ", although everything that decides is the same; this is a defect of fundwatch, please report it"
            .to_owned(),
        parts => format!("; another than in the run: {}", parts.join(", ")),
    }
}

/// Replays what a manifest states once more. `options` say what decides, where the inputs are and with how many
/// workers; what is asked for is the manifest's.
///
/// # Errors
/// When it cannot be replayed, or comes to something else.
pub fn rerun(
    manifest: &Manifest,
    options: Options,
    progress: &mut dyn Progress,
) -> Result<Rerun, RerunError> {
    if manifest.predicate.settings.supposed.is_some() {
        return Err(RerunError::Supposed);
    }
    if manifest.predicate.settings.persons.is_some() {
        return Err(RerunError::OfPersons);
    }
    let scratch = tempfile::tempdir().map_err(RerunError::Scratch)?;
    let stated = &manifest.predicate.settings;
    let as_of = match stated.as_of.as_deref() {
        None => None,
        Some(at) => Some(Instant::from_text(at).ok_or(RerunError::Unknown("as_of"))?),
    };
    let epoch = match manifest.is_of_journal() {
        true => options.epoch,
        false => stated
            .epoch
            .parse()
            .map_err(|_| RerunError::Unknown("epoch"))?,
    };
    let options = Options {
        output: scratch.path().to_owned(),
        as_of,
        epoch,
        ..options
    };
    replay::run(&options, progress)?;
    let again = Manifest::read(scratch.path())?;
    let differing = differing(manifest, &again);
    let changed = manifest
        .subject
        .iter()
        .find(|output| !again.subject.contains(output));
    match changed {
        None => Ok(Rerun { differing }),
        Some(output) => Err(RerunError::Differs {
            output: output.name.clone(),
            differing,
        }),
    }
}

/// What two runs state differently of what decides and what went in.
fn differing(one: &Manifest, other: &Manifest) -> Vec<String> {
    let differences = Differences::of(Some(one), Some(other));
    let mut names: Vec<String> = differences
        .values
        .into_iter()
        .map(|value| value.name)
        .collect();
    if let InputDifference::Differ(files) = differences.inputs {
        names.extend(files.into_iter().map(|file| file.name));
    }
    names
}
