//! A directory of a file system as the journal's disk.
//!
//! Must hold: an error of an fsync is not missed. A system tells it to the handles that were open when it
//! occurred, so the handle that wrote is the one that syncs.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Guard, Locking, Storage};

/// What a file is called while it is written and has not replaced the one of its name.
const UNFINISHED: &str = ".new";
/// More of a lock's note is not read.
const LONGEST_NOTE: u64 = 512;

/// A directory of a local file system.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// The file that was written last, open from its first write to the next file's.
    writing: Mutex<Option<(String, File)>>,
}

impl Directory {
    /// A directory, which is made durably where it is absent; only its owner may enter it.
    ///
    /// # Errors
    /// When it can be neither found nor made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut made = path;
        let mut missing = Vec::new();
        while !made.exists() {
            missing.push(made);
            made = match made.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
        }
        for path in missing.into_iter().rev() {
            match DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => File::open(made)?.sync_all()?,
            }
            made = path;
        }
        Self::open(path)
    }

    /// A directory that exists.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::read_dir(path)?;
        Ok(Self {
            path: path.to_owned(),
            writing: Mutex::new(None),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Does something with the handle that writes a file.
    fn written<T>(
        &self,
        name: &str,
        act: impl FnOnce(&mut File) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *writing {
            Some((open, file)) if open == name => act(file),
            other => {
                let file = OpenOptions::new()
                    .read(true)
                    .append(true)
                    .open(self.path(name))?;
                let (_, file) = other.insert((name.to_owned(), file));
                act(file)
            }
        }
    }

    fn forget(&self, name: &str) {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if writing.as_ref().is_some_and(|(open, _)| open == name) {
            *writing = None;
        }
    }
}

impl Storage for Directory {
    fn place(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            if let Ok(name) = entry?.file_name().into_string()
                && !name.ends_with(UNFINISHED)
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path(name))?.len())
    }

    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let file = File::open(self.path(name))?;
        let mut read = 0;
        while read < buffer.len() {
            match file.read_at(&mut buffer[read..], offset + read as u64) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    fn create(&self, name: &str) -> io::Result<()> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path(name))?;
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        *writing = Some((name.to_owned(), file));
        Ok(())
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.written(name, |file| file.write_all(bytes))
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.written(name, |file| file.sync_data())
    }

    fn settle(&self, name: &str) -> io::Result<()> {
        self.written(name, |file| {
            file.sync_all()?;
            #[cfg(target_os = "linux")]
            rustix::fs::fadvise(&*file, 0, None, rustix::fs::Advice::DontNeed)?;
            Ok(())
        })
    }

    fn sync_directory(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        self.written(name, |file| file.set_len(length))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.path(&format!("{name}{UNFINISHED}"));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        self.forget(name);
        fs::rename(&unfinished, self.path(name))?;
        self.sync_directory()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.forget(name);
        fs::remove_file(self.path(name))
    }

    fn erase(&self, name: &str) -> io::Result<()> {
        self.forget(name);
        // A replacement that was interrupted may have left the same bytes.
        match overwrite(&self.path(&format!("{name}{UNFINISHED}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        overwrite(&self.path(name))?;
        self.sync_directory()
    }

    fn lock(&self, name: &str, holder: &str) -> io::Result<Locking> {
        let path = self.path(name);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.seek(SeekFrom::Start(0))?;
                file.write_all(holder.as_bytes())?;
                Ok(Locking::Held(Box::new(FileLock { _file: file })))
            }
            Err(TryLockError::WouldBlock) => {
                let mut note = String::new();
                // What is no text is no reason to say nothing: the lock is held all the same.
                let _ = file.take(LONGEST_NOTE).read_to_string(&mut note);
                Ok(Locking::Busy(note))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Overwrites a file, and removes it.
fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path)
}

/// The lock goes with the handle, and so with the process.
struct FileLock {
    _file: File,
}

impl Guard for FileLock {}
