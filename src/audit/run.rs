//! The directory of a run, as an auditor reads it back.
//!
//! In: the output directory of a replay. Out: its manifest, the files that the manifest vouches for, and the inputs.
//! Must hold: nothing of a file is given out before its digest is that of the manifest.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{FileDigest, JOURNAL, MANIFEST, Manifest, ManifestError, digest};
use crate::record::{Instant, Stream, Value as _};
use crate::source::{InputFile, SourceError, discover};

/// A run cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file cannot be read.
    #[error("{}: {error}; name the output directory of `fundwatch replay`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not what the manifest says, or not of this version's form.
    #[error("{}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        message: String,
    },
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The inputs cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A file under the name and digest that a manifest states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedFile {
    /// Its name in its directory.
    pub name: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// The directory of a run.
#[derive(Debug)]
pub struct Run {
    directory: PathBuf,
    /// SHA-256 of the manifest's file.
    pub manifest_sha256: String,
    /// The manifest.
    pub manifest: Manifest,
    /// Its inputs.
    pub inputs: Vec<StatedFile>,
    /// Its outputs.
    pub outputs: Vec<StatedFile>,
    /// The instant after which rows were left out.
    pub as_of: Option<Instant>,
}

/// What is to be done about a file that is not as it was.
const CHANGED: &str = "it is not the file that the manifest states; replay again, or bring back the one that was written";

impl Run {
    /// Reads the manifest of a run.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(directory: &Path) -> Result<Self, RunError> {
        let manifest = Manifest::read(directory)?;
        let path = directory.join(MANIFEST);
        let (_, manifest_sha256) = digest(&path).map_err(io(&path))?;
        let as_of = match manifest.predicate.settings.as_of.as_deref() {
            None => None,
            Some(text) => Some(Instant::from_text(text).ok_or_else(|| {
                wrong(&path, "its as-of time is no time; replay again".to_owned())
            })?),
        };
        if let Some(persons) = manifest.predicate.settings.persons {
            let of_part = format!(
                "the run is of a part of the persons ({persons}), as `fundwatch what-if` took it; name a run of all of them"
            );
            return Err(wrong(&path, of_part));
        }
        let stated = |file: &FileDigest| StatedFile {
            name: file.name.clone(),
            sha256: file.sha256().to_owned(),
        };
        Ok(Self {
            directory: directory.to_owned(),
            manifest_sha256,
            inputs: manifest.predicate.inputs.files.iter().map(stated).collect(),
            outputs: manifest.written().map(stated).collect(),
            as_of,
            manifest,
        })
    }

    /// Whether its inputs are a service's journal.
    pub fn is_of_journal(&self) -> bool {
        self.manifest.predicate.settings.epoch == JOURNAL
    }

    /// What the manifest states of the program, rules, models and settings, as names and values; files, reasons and
    /// results are left out.
    pub fn settings(&self) -> Vec<(String, String)> {
        let stated = serde_json::to_value(&self.manifest.predicate).unwrap_or_default();
        let mut all = Vec::new();
        flatten("", &stated, &mut all);
        all.retain(|(name, _)| {
            let left_out = [
                "inputs.",
                "byproducts.",
                "result.",
                "seal.",
                "settings.reasons",
            ];
            left_out.iter().all(|out| !name.starts_with(out))
        });
        all
    }

    /// Where an output is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// An output, after its digest has been compared.
    ///
    /// # Errors
    /// When it cannot be read, or is not what the manifest states.
    pub fn output(&self, name: &str) -> Result<BufReader<File>, RunError> {
        let path = self.path(name);
        let stated = self.outputs.iter().find(|file| file.name == name);
        let (_, sha256) = digest(&path).map_err(io(&path))?;
        match stated {
            None => {
                return Err(wrong(
                    &path,
                    "the manifest does not state it; replay again with this version of fundwatch"
                        .to_owned(),
                ));
            }
            Some(stated) if stated.sha256 != sha256 => {
                return Err(wrong(&path, CHANGED.to_owned()));
            }
            Some(_) => {}
        }
        let file = File::open(&path).map_err(io(&path))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    }

    /// The lines of an output, one JSON object each, one after another.
    ///
    /// # Errors
    /// See [`Run::output`]; when a line is of another form, naming it; or what `take` gives.
    pub fn lines<T: DeserializeOwned, E: From<RunError>>(
        &self,
        name: &str,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = self.path(name);
        let mut file = self.output(name)?;
        let mut line = Vec::new();
        for number in 1u64.. {
            line.clear();
            if file.read_until(b'\n', &mut line).map_err(io(&path))? == 0 {
                break;
            }
            let value = serde_json::from_slice(&line).map_err(|error| {
                // The column alone: what stands there may be of a person.
                let column = error.column();
                wrong(
                    &path,
                    format!(
                        "line {number}, column {column}: not of this version's form; replay again"
                    ),
                )
            })?;
            take(value)?;
        }
        Ok(())
    }

    /// An output that is one JSON document.
    ///
    /// # Errors
    /// See [`Run::output`]; when it is not of the form.
    pub fn document<T: DeserializeOwned>(&self, name: &str) -> Result<T, RunError> {
        let file = self.output(name)?;
        serde_json::from_reader(file).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            wrong(
                &self.path(name),
                format!("line {line}, column {column}: not of this version's form; replay again"),
            )
        })
    }

    /// The input files of a stream, in a directory that stands for the one of the run where it is named, after their
    /// digests have been compared.
    ///
    /// # Errors
    /// When one cannot be read, is another, is missing, or there is one more.
    pub fn inputs_of(
        &self,
        stream: Stream,
        directory: Option<&Path>,
    ) -> Result<Vec<InputFile>, RunError> {
        let directory = directory.unwrap_or(Path::new(&self.manifest.predicate.inputs.directory));
        let mut found = discover(directory)?.files;
        for file in &found {
            let stated = self.inputs.iter().find(|stated| stated.name == file.name);
            if stated.is_none() {
                return Err(wrong(
                    &file.path,
                    "the run did not read it; take it away, or replay again".to_owned(),
                ));
            }
        }
        if let Some(missing) = self
            .inputs
            .iter()
            .find(|stated| found.iter().all(|file| file.name != stated.name))
        {
            let path = directory.join(&missing.name);
            return Err(wrong(
                &path,
                "it is missing; name the directory of the run's inputs with --input".to_owned(),
            ));
        }
        found.retain(|file| file.stream == stream);
        for file in &found {
            let (_, sha256) = digest(&file.path).map_err(io(&file.path))?;
            if self
                .inputs
                .iter()
                .any(|stated| stated.name == file.name && stated.sha256 != sha256)
            {
                return Err(wrong(
                    &file.path,
                    "it is not the file that was replayed; bring it back, or replay again"
                        .to_owned(),
                ));
            }
        }
        Ok(found)
    }
}

/// The values of a document, each under the names that lead to it.
fn flatten(name: &str, value: &Value, all: &mut Vec<(String, String)>) {
    let under = |part: &str| match name {
        "" => part.to_owned(),
        name => format!("{name}.{part}"),
    };
    match value {
        Value::Null => {}
        Value::Object(parts) => {
            for (part, value) in parts {
                flatten(&under(part), value, all);
            }
        }
        Value::Array(parts) => {
            for (place, value) in parts.iter().enumerate() {
                flatten(&under(&place.to_string()), value, all);
            }
        }
        Value::String(text) => all.push((name.to_owned(), text.clone())),
        other => all.push((name.to_owned(), other.to_string())),
    }
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> RunError + '_ {
    |error| RunError::Io {
        path: path.to_owned(),
        error,
    }
}

fn wrong(path: &Path, message: String) -> RunError {
    RunError::Wrong {
        path: path.to_owned(),
        message,
    }
}
