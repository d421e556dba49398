//! Outputs appear whole or not at all.
//!
//! Files are written in a directory of their own inside the output directory and renamed into place
//! when all are done, in an order whose last stands for all of them: a manifest, the truth of a
//! country. A run that fails or is interrupted leaves the output directory as it was.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The staging directories in use, for [`abandon`]; held while files are renamed.
static IN_USE: Mutex<Vec<InUse>> = Mutex::new(Vec::new());

const PREFIX: &str = ".fundwatch-";
/// How often a directory is emptied that others fill meanwhile.
const MOST_REMOVALS: usize = 1_000;

/// A directory of files that are not outputs yet.
pub struct Staging {
    output: PathBuf,
    directory: PathBuf,
}

struct InUse {
    directory: PathBuf,
    /// The output directory, where it was made for this run.
    new_output: Option<PathBuf>,
}

impl InUse {
    fn remove(self) {
        // Another thread may make a file while the directory is emptied; it cannot once the directory
        // is gone. Nothing to be told: what is left is removed by the next run.
        for _ in 0..MOST_REMOVALS {
            match fs::remove_dir_all(&self.directory) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                _ => break,
            }
        }
        if let Some(output) = self.new_output {
            // It fails where there is an output in it, as it should.
            let _ = fs::remove_dir(output);
        }
    }
}

impl Staging {
    /// Makes the output directory where it is absent, and the staging directory in it; removes what
    /// killed runs have left there.
    ///
    /// # Errors
    /// When a directory cannot be made.
    pub fn create(output: &Path) -> io::Result<Self> {
        // An interruption waits until it can know of the directory.
        let mut in_use = in_use();
        let new_output = (!output.exists()).then(|| output.to_owned());
        fs::create_dir_all(output)?;
        remove_leftovers(output)?;
        let directory = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(output)?
            .keep();
        in_use.push(InUse {
            directory: directory.clone(),
            new_output,
        });
        Ok(Self {
            output: output.to_owned(),
            directory,
        })
    }

    /// The directory, also for scratch files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where a file is written.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A new file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn file(&self, name: &str) -> io::Result<BufWriter<File>> {
        Ok(BufWriter::with_capacity(
            1 << 16,
            File::create(self.path(name))?,
        ))
    }

    /// Renames the files into the output directory in the given order, so that the last one stands
    /// for all; before that, the earlier last one and what is `outdated` are removed.
    ///
    /// # Errors
    /// When a file cannot be synced, renamed or removed.
    pub fn publish(self, names: &[&str], outdated: &[&str]) -> io::Result<()> {
        // An interruption waits until every file is in its place.
        let _in_use = in_use();
        for name in names.last().into_iter().chain(outdated) {
            match fs::remove_file(self.output.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        for name in names {
            File::open(self.path(name))?.sync_all()?;
            fs::rename(self.path(name), self.output.join(name))?;
        }
        File::open(&self.output)?.sync_all()?;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let mut in_use = in_use();
        if let Some(place) = in_use
            .iter()
            .position(|one| one.directory == self.directory)
        {
            in_use.swap_remove(place).remove();
        }
    }
}

/// Writes one file that appears whole or not at all.
///
/// # Errors
/// When it has no name, its directory cannot be made, or it cannot be written.
pub fn write_whole(
    file: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    let staging = Staging::create(parent.unwrap_or(Path::new(".")))?;
    let mut out = staging.file(name)?;
    content(&mut out)?;
    out.flush()?;
    drop(out);
    staging.publish(&[name], &[])
}

/// Whether a file of an output directory is a staging directory.
pub fn is_staging(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX))
}

/// Removes the staging directories of runs that are being interrupted. The guard keeps them from
/// publishing afterwards: hold it until the process ends.
pub fn abandon() -> impl Sized {
    let mut in_use = in_use();
    in_use.drain(..).for_each(InUse::remove);
    in_use
}

fn in_use() -> MutexGuard<'static, Vec<InUse>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes staging directories whose process is gone.
fn remove_leftovers(output: &Path) -> io::Result<()> {
    for entry in fs::read_dir(output)? {
        let entry = entry?;
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| {
            name.strip_prefix(PREFIX)?
                .split('-')
                .next()?
                .parse::<u32>()
                .ok()
        });
        if let Some(process) = process
            && process != std::process::id()
            && !Path::new(&format!("/proc/{process}")).exists()
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_appear_together_and_leftovers_go() {
        let output = tempfile::tempdir().expect("a directory");
        let leftover = output.path().join(".fundwatch-4294967-x");
        fs::create_dir(&leftover).expect("made");
        {
            let staging = Staging::create(output.path()).expect("staging");
            assert!(!leftover.exists());
            staging
                .file("a")
                .expect("made")
                .write_all(b"lost")
                .expect("written");
        }
        assert_eq!(fs::read_dir(output.path()).expect("read").count(), 0);
        let staging = Staging::create(output.path()).expect("staging");
        for name in ["a", "b"] {
            staging
                .file(name)
                .expect("made")
                .write_all(name.as_bytes())
                .expect("written");
        }
        fs::write(output.path().join("c"), "outdated").expect("written");
        staging
            .publish(&["a", "b"], &["c", "d"])
            .expect("published");
        assert_eq!(fs::read_dir(output.path()).expect("read").count(), 2);
        assert_eq!(fs::read(output.path().join("b")).expect("read"), b"b");
    }

    #[test]
    fn a_new_output_directory_goes_with_a_run_that_gave_nothing() {
        let parent = tempfile::tempdir().expect("a directory");
        let output = parent.path().join("new");
        drop(Staging::create(&output).expect("staging"));
        assert!(!output.exists());
    }
}
