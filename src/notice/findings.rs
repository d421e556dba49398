//! What is found at some time, and reading it from the outputs of a replay.
//!
//! In: the directory of a replay. Out: its proposals, how far they are known, and which reasons it looked
//! at. Must hold: what is not whole is refused: a proposal that is missing would cancel its notice.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};

use super::outbox::Frontier;
use super::proposal::Proposal;
use crate::audit::{MANIFEST, Manifest, ManifestError, digest};
use crate::record::{Day, Instant, Value};
use crate::rule::ReasonSet;

const SUMMARY: &str = "summary.json";
const NOTICES: &str = "notices.ndjson";

/// What is found at some time: what an outbox is brought in line with.
#[derive(Clone, Debug)]
pub struct Findings {
    /// How far it is known.
    pub frontier: Frontier,
    /// The reasons that were looked at: of others nothing is known.
    pub computed: ReasonSet,
    /// What is proposed, one proposal a value, in any order.
    pub proposals: Vec<Proposal>,
}

/// A run that cannot be reconciled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file cannot be read.
    #[error("{}: {error}; name the output directory of a replay", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file is not what a replay writes.
    #[error("{}, line {line}: {message}; replay again with this version", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong; no value of a row.
        message: String,
    },
    /// The manifest states no digest of a file.
    #[error("{}: it states no digest of {name}; replay again with this version", path.display())]
    Unstated {
        /// The manifest.
        path: PathBuf,
        /// The file.
        name: &'static str,
    },
    /// A file has not the digest that the manifest states.
    #[error("{}: it is not as the replay wrote it, by the digest in {MANIFEST}; replay again", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
    },
    /// Nothing was known.
    #[error("{}: the replay accepted no row, so nothing is known; check its input", path.display())]
    Empty {
        /// The directory.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
struct Summary {
    #[serde(deserialize_with = "value")]
    last_recorded_at: Option<Instant>,
    #[serde(deserialize_with = "value")]
    as_of: Option<Day>,
}

fn value<'de, D: Deserializer<'de>, T: Value>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = <Option<String>>::deserialize(deserializer)?;
    let value = |text: String| T::from_text(&text).ok_or_else(|| de::Error::custom(T::EXPECTED));
    text.map(value).transpose()
}

impl Findings {
    /// The findings of a replay, from the directory of its outputs.
    ///
    /// # Errors
    /// When they cannot be read, or are not as the replay wrote them.
    pub fn of_run(directory: &Path) -> Result<Self, RunError> {
        let manifest = Manifest::read(&directory.join(MANIFEST))?;
        for name in [NOTICES, SUMMARY] {
            let stated = manifest.written().find(|output| output.name == name);
            let path = directory.join(name);
            let stated = stated.ok_or_else(|| RunError::Unstated {
                path: directory.join(MANIFEST),
                name,
            })?;
            let found = digest(&path).map_err(|error| RunError::Unreadable {
                path: path.clone(),
                error,
            })?;
            if found.1 != stated.sha256() {
                return Err(RunError::Altered { path });
            }
        }
        let summary: Summary = document(directory.join(SUMMARY))?;
        let (Some(at), Some(as_of)) = (summary.last_recorded_at, summary.as_of) else {
            let path = directory.to_owned();
            return Err(RunError::Empty { path });
        };
        Ok(Self {
            frontier: Frontier { as_of, at },
            computed: manifest.predicate.settings.reasons.into_iter().collect(),
            proposals: lines(directory.join(NOTICES))?,
        })
    }
}

fn document<T: DeserializeOwned>(path: PathBuf) -> Result<T, RunError> {
    match fs::read(&path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|error| wrong(path, error.line(), &error))
        }
        Err(error) => Err(RunError::Unreadable { path, error }),
    }
}

fn lines(path: PathBuf) -> Result<Vec<Proposal>, RunError> {
    let unreadable = |error| RunError::Unreadable {
        path: path.clone(),
        error,
    };
    let file = BufReader::new(File::open(&path).map_err(unreadable)?);
    let mut proposals = Vec::new();
    for (place, line) in file.lines().enumerate() {
        let line = line.map_err(unreadable)?;
        let proposal = serde_json::from_str(&line);
        proposals.push(proposal.map_err(|error| wrong(path.clone(), place + 1, &error))?);
    }
    Ok(proposals)
}

fn wrong(path: PathBuf, line: usize, error: &serde_json::Error) -> RunError {
    RunError::Wrong {
        path,
        line,
        message: error.to_string(),
    }
}
