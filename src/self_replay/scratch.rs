//! The directory that a self-replay computes in.
//!
//! In: the data directory. Out: a directory in it that its owner alone can read, for as long as a self-replay runs. Must
//! hold: it holds rows of people as they are, so that it is gone when the self-replay has ended, and what a crash left is
//! gone when the next one, or the service, starts; one runs at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::SelfReplayError;

/// The directory.
const DIRECTORY: &str = "self-replay";
/// What says that one runs: the operating system takes the lock back from a process that is killed.
const LOCK: &str = "self-replay.lock";

/// The directory of a self-replay that runs.
pub(super) struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes it, after what a crash left is removed.
    pub(super) fn create(data: &Path) -> Result<Self, SelfReplayError> {
        let lock_path = data.join(LOCK);
        let path = data.join(DIRECTORY);
        let failed = |path: &Path| {
            let path = path.to_owned();
            |error: io::Error| SelfReplayError::File { path, error }
        };
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(&lock_path).map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(SelfReplayError::InUse { path: lock_path });
            }
            Err(TryLockError::Error(error)) => return Err(failed(&lock_path)(error)),
        }
        remove(&path).map_err(failed(&path))?;
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(failed(&path))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            let path = self.path.display();
            tracing::error!(%error, %path, "the scratch directory of the self-replay is left; the next one removes it");
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes what a crash left, where none runs.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_left(data: &Path) -> Result<(), SelfReplayError> {
    if !data.join(DIRECTORY).exists() {
        return Ok(());
    }
    match Scratch::create(data) {
        Ok(_) | Err(SelfReplayError::InUse { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn one_at_a_time_has_a_directory_of_its_own() {
        let data = tempfile::tempdir().expect("a directory");
        let left = data.path().join(DIRECTORY);
        fs::create_dir(&left).expect("made");
        fs::write(left.join("rows"), "of a crash").expect("written");
        let scratch = Scratch::create(data.path()).expect("made");
        let mode = fs::metadata(scratch.path()).expect("there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(scratch.path()).expect("listed").count(), 0);
        let other = Scratch::create(data.path());
        assert!(matches!(other, Err(SelfReplayError::InUse { .. })));
        // Whoever starts leaves alone what is in use.
        fs::write(scratch.path().join("rows"), "in use").expect("written");
        remove_left(data.path()).expect("nothing to do");
        assert!(scratch.path().join("rows").exists());
        drop(scratch);
        assert!(!left.exists());
        fs::create_dir(&left).expect("made");
        remove_left(data.path()).expect("removed");
        assert!(!left.exists());
    }
}
