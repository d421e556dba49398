//! The rows that a run read, once more.
//!
//! In: the manifest of a run and where its inputs are. Out: every row that was accepted, with its place as evidence
//! names it. Must hold: a file at a time is read, and none is held whole; a row that was known after the run's as-of
//! time is no row of the run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::audit::{FileDigest, Manifest, digest, digest_of_first};
use crate::journal::{Directory, Epoch, EpochError, JournalError, JournalReader, Keys, MasterKey};
use crate::record::{Change, Instant, Value};
use crate::service::Places;
use crate::source::{InputFile, Reading, SourceError, discover, open};

/// The inputs of a run.
pub struct Inputs {
    directory: PathBuf,
    as_of: Option<Instant>,
    /// The last epoch of a journal that is read.
    last_epoch: Option<u64>,
    files: Files,
}

enum Files {
    Streams(Vec<InputFile>),
    Journal(Box<JournalReader>),
}

/// What is stated of the inputs of a run.
pub struct StatedInputs<'a> {
    /// Where they were.
    pub directory: PathBuf,
    /// The files.
    pub files: &'a [FileDigest],
    /// The instant after which rows were left out.
    pub as_of: Option<Instant>,
    /// Whether they are the journal of a service.
    pub is_of_journal: bool,
    /// Whether that was supposed to be another than it is.
    pub is_supposed: bool,
}

impl<'a> StatedInputs<'a> {
    /// What a manifest states.
    pub fn of(manifest: &'a Manifest) -> Self {
        let run = &manifest.predicate;
        Self {
            directory: PathBuf::from(&run.inputs.directory),
            files: &run.inputs.files,
            as_of: run.settings.as_of.as_deref().and_then(Instant::from_text),
            is_of_journal: manifest.is_of_journal(),
            is_supposed: run.settings.supposed.is_some(),
        }
    }
}

/// A row and its place.
#[derive(Clone, Debug)]
pub struct InputRow {
    /// The file, as evidence names it.
    pub file: Arc<str>,
    /// The number of the file: of rows of one key that are recorded at one time, the one of the last file holds, and in
    /// it the last row.
    pub order: u64,
    /// 1-based record in it.
    pub row: u64,
    /// What it says.
    pub change: Change,
    /// The place of the one row whose place it takes, by order and row, whenever it was recorded: it undoes that one.
    pub replaced: Option<(u64, u64)>,
}

/// Inputs that cannot be read as the run read them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputsError {
    /// The run was of a journal of which something was supposed.
    #[error(
        "the run is of a journal as `fundwatch what-if` supposed it to be; explain an alert of a replay of the journal \
         itself"
    )]
    Supposed,
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file is not what the run read.
    #[error("{}: {why}; the run read another, and nothing can be shown from this one. Name the directory of the inputs with --input", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An epoch of it cannot be read.
    #[error(transparent)]
    Epoch(#[from] EpochError),
}

impl Inputs {
    /// The inputs of a run, which must be those that it read: where is stated, or in `input`.
    ///
    /// # Errors
    /// When they cannot be read, or are others.
    pub fn open(
        stated: &StatedInputs<'_>,
        input: Option<&Path>,
        master_key: Option<MasterKey>,
    ) -> Result<Self, InputsError> {
        if stated.is_supposed {
            return Err(InputsError::Supposed);
        }
        let directory = input.unwrap_or(&stated.directory).to_owned();
        for file in stated.files {
            let path = directory.join(&file.name);
            // To a journal more may have been added since.
            let found = match stated.is_of_journal {
                true => digest_of_first(&path, file.bytes()),
                false => digest(&path),
            };
            let why = match found {
                Ok((_, sha256)) if sha256 == file.sha256() => continue,
                Ok(_) => "it has another digest than the manifest states".to_owned(),
                Err(error) => error.to_string(),
            };
            return Err(InputsError::Other { path, why });
        }
        let files = if stated.is_of_journal {
            Files::Journal(Box::new(journal(&directory, master_key)?))
        } else {
            let mut files = discover(&directory)?.files;
            // What came later is no input of the run.
            files.retain(|file| stated.files.iter().any(|stated| stated.name == file.name));
            Files::Streams(files)
        };
        Ok(Self {
            directory,
            as_of: stated.as_of,
            last_epoch: (stated.files.iter())
                .filter_map(|file| file.annotations.last_epoch)
                .max(),
            files,
        })
    }

    /// Where they are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Gives every row to `take`, file by file.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn each(&self, mut take: impl FnMut(InputRow)) -> Result<(), InputsError> {
        let is_known = |at: Instant| self.as_of.is_none_or(|as_of| at <= as_of);
        match &self.files {
            Files::Streams(files) => {
                let scratch = std::env::temp_dir();
                for (file, order) in files.iter().zip(0..) {
                    let name: Arc<str> = file.name.as_str().into();
                    let mut rows = open(file, Reading::Everything, &scratch)?;
                    while let Some(entry) = rows.next_entry()? {
                        let Ok(change) = entry.outcome else { continue };
                        if is_known(change.recorded_at) {
                            let row = entry.row;
                            take(InputRow {
                                file: name.clone(),
                                order,
                                row,
                                change,
                                replaced: None,
                            });
                        }
                    }
                }
            }
            Files::Journal(reader) => {
                for frame in reader.frames(1)? {
                    let frame = frame?;
                    let at = Instant::from_nanos(frame.at);
                    if !is_known(at) || self.last_epoch.is_some_and(|last| frame.number > last) {
                        break;
                    }
                    let of = (frame.number, at);
                    let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref())?;
                    let file: Arc<str> = format!("epochs/{}", epoch.number).into();
                    let mut row = 0;
                    for delivery in epoch.deliveries.iter().flatten() {
                        let mut replaced = (delivery.undoes.iter())
                            .flat_map(|undoes| &undoes.replaced)
                            .map(|place| (place.epoch, place.row));
                        for arrived in &delivery.rows {
                            row += 1;
                            take(InputRow {
                                file: file.clone(),
                                order: epoch.number,
                                row,
                                change: arrived.change.clone(),
                                replaced: replaced.next(),
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn journal(data: &Path, master_key: Option<MasterKey>) -> Result<JournalReader, InputsError> {
    let places = Places(data);
    let open = |path: PathBuf| {
        Directory::open(&path)
            .map(Arc::new)
            .map_err(|error| InputsError::Other {
                path,
                why: error.to_string(),
            })
    };
    let keys = Keys::new(open(places.keys())?, master_key);
    Ok(JournalReader::open(
        open(places.journal())?,
        Arc::new(keys),
    )?)
}
