//! The directory of a demo: what an earlier demo wrote there is replaced, and nothing else.
//!
//! Must hold: a directory with content is used only where a demo left its marker file, and then only
//! `country/`, `run/` and `data/` in it are removed.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Says that a demo made the directory.
const MARKER: &str = ".fundwatch-demo";
const MARKER_TEXT: &str = "Made by `fundwatch demo`, which replaces `country`, `run` and `data` beside \
                           this file each time it runs.\n";
const COUNTRY: &str = "country";
const RUN: &str = "run";
const DATA: &str = "data";

/// The directory of a demo.
#[derive(Clone, Debug)]
pub struct Place {
    directory: PathBuf,
}

/// A directory that a demo cannot use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Something else is there.
    #[error(
        "{} holds something that no demo wrote, and is left as it is; name a new or empty directory \
         with --output",
        .0.display()
    )]
    Foreign(PathBuf),
    /// It is no directory.
    #[error("{} is not a directory; name a new or empty directory with --output", .0.display())]
    NoDirectory(PathBuf),
    /// The operating system refused.
    #[error("{}: {error}; check that it can be written, or name another with --output", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

impl Place {
    /// A directory for a demo: absent, empty, or made by an earlier one. Nothing is written yet.
    ///
    /// # Errors
    /// When it holds anything else, or cannot be read.
    pub fn new(directory: PathBuf) -> Result<Self, PlaceError> {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self { directory }),
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(PlaceError::NoDirectory(directory));
            }
            Err(error) => return Err(failed(&directory)(error)),
        };
        let is_empty = entries.take(1).count() == 0;
        if is_empty || directory.join(MARKER).is_file() {
            Ok(Self { directory })
        } else {
            Err(PlaceError::Foreign(directory))
        }
    }

    /// Where the streams and the truth go.
    pub fn country(&self) -> PathBuf {
        self.directory.join(COUNTRY)
    }

    /// Where the outputs of the replay go.
    pub fn run(&self) -> PathBuf {
        self.directory.join(RUN)
    }

    /// Where the service keeps what it knows.
    pub fn data(&self) -> PathBuf {
        self.directory.join(DATA)
    }

    /// Makes the directory of the service, which its owner alone can read.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn make_data(&self) -> Result<(), PlaceError> {
        let path = self.data();
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(failed(&path))
    }

    /// Makes the directory, marks it, and removes what an earlier demo wrote in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn clear(&self) -> Result<(), PlaceError> {
        fs::create_dir_all(&self.directory).map_err(failed(&self.directory))?;
        // First, so that whatever ends this run, the next one knows whose it is.
        let marker = self.directory.join(MARKER);
        fs::write(&marker, MARKER_TEXT).map_err(failed(&marker))?;
        for path in [self.run(), self.country(), self.data()] {
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PlaceError + '_ {
    move |error| PlaceError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_wrote_is_removed() {
        let parent = tempfile::tempdir().expect("a directory");
        let directory = parent.path().join("demo");
        let place = Place::new(directory.clone()).expect("it is absent");
        assert!(!directory.exists());
        place.clear().expect("made");
        fs::create_dir(place.country()).expect("made");
        fs::write(place.country().join("claims.csv"), "x").expect("written");
        fs::write(directory.join("notes.txt"), "mine").expect("written");
        let again = Place::new(directory.clone()).expect("it is a demo's");
        again.clear().expect("cleared");
        assert!(!place.country().exists());
        assert!(directory.join("notes.txt").exists());
    }

    #[test]
    fn foreign_directories_and_files_are_refused() {
        let parent = tempfile::tempdir().expect("a directory");
        assert!(Place::new(parent.path().to_owned()).is_ok());
        let file = parent.path().join("file");
        fs::write(&file, "x").expect("written");
        let foreign = Place::new(parent.path().to_owned());
        assert!(matches!(foreign, Err(PlaceError::Foreign(_))));
        for file in [file.clone(), file.join("below")] {
            assert!(matches!(Place::new(file), Err(PlaceError::NoDirectory(_))));
        }
    }
}
