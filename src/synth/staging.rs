//! A country appears whole or not at all.
//!
//! Files are written in a directory of their own inside the output directory and renamed into place
//! when all are done, `truth.csv` last.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::SynthError;
use super::options::Format;
use super::table::Sink;
use crate::record::Stream;

/// The directory in use, for [`abandon`]; held while files are renamed.
static IN_USE: Mutex<Option<PathBuf>> = Mutex::new(None);

const PREFIX: &str = ".fundwatch-synth-";
/// The file of labels.
pub(super) const TRUTH: &str = "truth.csv";

/// A directory of files that are not outputs yet.
pub(super) struct Staging {
    output: PathBuf,
    directory: PathBuf,
    is_new_output: bool,
}

impl Staging {
    /// Makes the output directory where it is absent, and the staging directory in it.
    pub(super) fn create(output: &Path, overwrite: bool) -> Result<Self, SynthError> {
        let failed = SynthError::output(output);
        let is_new_output = !output.exists();
        fs::create_dir_all(output).map_err(&failed)?;
        for entry in fs::read_dir(output).map_err(&failed)? {
            let entry = entry.map_err(&failed)?;
            let name = entry.file_name();
            let leftover = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            match leftover.and_then(|rest| rest.split('-').next()?.parse::<u32>().ok()) {
                // Of a run that was killed.
                Some(process) if !Path::new(&format!("/proc/{process}")).exists() => {
                    fs::remove_dir_all(entry.path()).map_err(&failed)?;
                }
                None if !overwrite => return Err(SynthError::NotEmpty(output.to_owned())),
                _ => {}
            }
        }
        let directory = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(output)
            .map_err(&failed)?
            .keep();
        *in_use() = Some(directory.clone());
        Ok(Self {
            output: output.to_owned(),
            directory,
            is_new_output,
        })
    }

    /// Where a file is written.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The directory, for scratch files.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Puts the streams and the truth in their places, and takes an earlier country's away.
    pub(super) fn publish(self, format: Format) -> io::Result<()> {
        // An interruption waits until every file is in its place.
        let mut in_use = in_use();
        remove(&self.output.join(TRUTH))?;
        for stream in Stream::ALL {
            for other in Format::ALL.into_iter().filter(|other| *other != format) {
                remove(&self.output.join(Sink::name(*stream, other)))?;
            }
        }
        let streams = Stream::ALL.iter().map(|stream| Sink::name(*stream, format));
        for name in streams.chain([TRUTH.to_owned()]) {
            File::open(self.path(&name))?.sync_all()?;
            fs::rename(self.path(&name), self.output.join(name))?;
        }
        File::open(&self.output)?.sync_all()?;
        *in_use = None;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing to be told: what is left is removed by the next run.
        let _ = fs::remove_dir_all(&self.directory);
        if self.is_new_output {
            // It fails where there is an output in it, as it should.
            let _ = fs::remove_dir(&self.output);
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the staging directory of a run that is being interrupted. The guard keeps a run from
/// publishing afterwards: hold it until the process ends.
pub fn abandon() -> MutexGuard<'static, Option<PathBuf>> {
    let mut in_use = in_use();
    if let Some(directory) = in_use.take() {
        let _ = fs::remove_dir_all(directory);
    }
    in_use
}

fn in_use() -> MutexGuard<'static, Option<PathBuf>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}
