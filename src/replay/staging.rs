//! Outputs appear whole or not at all.
//!
//! Files are written in a directory of their own inside the output directory and renamed into place
//! when all are done, the manifest last. An interrupted replay leaves the output directory as it was.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The staging directory in use, for [`abandon`]; held while files are renamed.
static IN_USE: Mutex<Option<PathBuf>> = Mutex::new(None);

const PREFIX: &str = ".fundwatch-";

/// A directory of files that are not outputs yet.
pub struct Staging {
    output: PathBuf,
    directory: PathBuf,
    /// Whether the output directory was made for this replay.
    is_new_output: bool,
}

impl Staging {
    /// Makes the output directory where it is absent, and the staging directory in it; removes what
    /// killed replays have left there.
    ///
    /// # Errors
    /// When a directory cannot be made.
    pub fn create(output: &Path) -> io::Result<Self> {
        let is_new_output = !output.exists();
        fs::create_dir_all(output)?;
        remove_leftovers(output)?;
        let directory = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(output)?
            .keep();
        *in_use() = Some(directory.clone());
        Ok(Self {
            output: output.to_owned(),
            directory,
            is_new_output,
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
    /// for all.
    ///
    /// # Errors
    /// When a file cannot be synced or renamed.
    pub fn publish(self, names: &[&str]) -> io::Result<()> {
        // An interruption waits until every file is in its place.
        let mut in_use = in_use();
        if let Some(last) = names.last() {
            match fs::remove_file(self.output.join(last)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        for name in names {
            File::open(self.path(name))?.sync_all()?;
            fs::rename(self.path(name), self.output.join(name))?;
        }
        File::open(&self.output)?.sync_all()?;
        *in_use = None;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing to be told: what is left is removed by the next replay.
        let _ = fs::remove_dir_all(&self.directory);
        if self.is_new_output {
            // It fails where there is an output in it, as it should.
            let _ = fs::remove_dir(&self.output);
        }
    }
}

/// Removes the staging directory of a replay that is being interrupted. The guard keeps a replay from
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
    use std::io::Write;

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
        staging.publish(&["a", "b"]).expect("published");
        assert_eq!(fs::read_dir(output.path()).expect("read").count(), 2);
        assert_eq!(fs::read(output.path().join("b")).expect("read"), b"b");
    }
}
