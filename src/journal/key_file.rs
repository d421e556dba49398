//! A key in a file of its own: 32 random bytes that are made once, readable by their owner alone, and wrapped by the master
//! key where there is one.
//!
//! In: a path, and what marks the file where its key is wrapped. Out: the key. Must hold: a key is durable before it is
//! given to anybody; a file is whole or not there; one that is damaged, or opens under another master key, gives an error and
//! never a key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::key::MasterKey;
use super::seal::{KEY_BYTES, NONCE_BYTES, TAG_BYTES};

/// The bytes of a file whose key is wrapped: its mark, nonce, key and tag.
const WRAPPED_BYTES: usize = MARK_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const MARK_BYTES: usize = 8;

/// A key of 32 bytes.
pub type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// The file of a key.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
    /// Begins a file with a key that is wrapped, and is what it is wrapped for.
    mark: &'static [u8; MARK_BYTES],
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be used.
    #[error("{}: {error}; check the disk, and that the service owns the data directory", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The key cannot be opened by the master key.
    #[error("{}: {why}", path.display())]
    MasterKey {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// The operating system has no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl KeyFile {
    /// A file that may be there. The mark is its own among all files of keys.
    pub fn new(path: PathBuf, mark: &'static [u8; MARK_BYTES]) -> Self {
        Self { path, mark }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key, where there is a file. One that is bare is wrapped where there is a master key.
    ///
    /// # Errors
    /// When the file cannot be read, or opens under another master key.
    pub fn read(&self, master: Option<&MasterKey>) -> Result<Option<KeyBytes>, KeyFileError> {
        let Some(file) = self.content()? else {
            return Ok(None);
        };
        let key = self.decode(&file, master)?;
        match master.is_some() && !is_wrapped(&file) {
            true => self.replace(&self.encode(&key, master)?)?,
            // Whoever made it may have been stopped before that.
            false => self.sync().map_err(|error| self.failed(error))?,
        }
        Ok(Some(key))
    }

    /// Makes a key, unless another process has made it first.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn make(&self, master: Option<&MasterKey>) -> Result<KeyBytes, KeyFileError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice())?;
        let file = self.encode(&key, master)?;
        make(&self.path, &file).map_err(|error| self.failed(error))?;
        let made = self.read(master)?;
        made.ok_or_else(|| self.failed(io::ErrorKind::NotFound.into()))
    }

    /// Wraps the key by `to`, or by nothing, that is wrapped by `from`, or bare. Tells whether it was changed; where there is
    /// no key, nothing is done.
    ///
    /// # Errors
    /// When it opens under neither, or cannot be written. The file is then as it was.
    pub fn rewrap(
        &self,
        from: Option<&MasterKey>,
        to: Option<&MasterKey>,
    ) -> Result<bool, KeyFileError> {
        let Some(file) = self.content()? else {
            return Ok(false);
        };
        // A bare key opens under any master key.
        if is_wrapped(&file) == to.is_some() && self.decode(&file, to).is_ok() {
            return Ok(false);
        }
        let key = self.decode(&file, from)?;
        self.replace(&self.encode(&key, to)?)?;
        Ok(true)
    }

    fn encode(
        &self,
        key: &[u8; KEY_BYTES],
        master: Option<&MasterKey>,
    ) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        let Some(master) = master else {
            return Ok(Zeroizing::new(key.to_vec()));
        };
        let wrapped = master.wrap(self.mark, key);
        let wrapped = wrapped.map_err(|error| self.not_opened(&error.to_string()))?;
        Ok(Zeroizing::new([self.mark.as_slice(), &wrapped].concat()))
    }

    fn decode(&self, file: &[u8], master: Option<&MasterKey>) -> Result<KeyBytes, KeyFileError> {
        let wrapped = file.strip_prefix(self.mark);
        // One that is wrapped and was cut is no bare one.
        if let (Ok(bare), None) = (<[u8; KEY_BYTES]>::try_from(file), wrapped) {
            return Ok(Zeroizing::new(bare));
        }
        let wrapped = wrapped.filter(|_| file.len() == WRAPPED_BYTES);
        let wrapped = wrapped
            .ok_or_else(|| self.not_opened("the file is damaged; restore it from a backup"))?;
        let master = master.ok_or_else(|| {
            self.not_opened(
                "the key is wrapped by a master key, and none is configured; give the service its master key",
            )
        })?;
        master.unwrap(self.mark, wrapped).ok_or_else(|| {
            self.not_opened(
                "the key does not open under the master key that is configured; give the one under which it was \
                 wrapped",
            )
        })
    }

    fn content(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFileError> {
        let read = || {
            let mut bytes = Zeroizing::new(Vec::with_capacity(WRAPPED_BYTES + 1));
            let most = WRAPPED_BYTES as u64 + 1;
            File::open(&self.path)?.take(most).read_to_end(&mut bytes)?;
            match bytes.len() {
                KEY_BYTES | WRAPPED_BYTES => Ok(bytes),
                _ => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the file of the key is not one that was made here, or was cut: restore it from its backup",
                )),
            }
        };
        match read() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Puts other bytes in the place of the file, whole or not at all.
    fn replace(&self, bytes: &[u8]) -> Result<(), KeyFileError> {
        let replaced = || {
            let new = beside(&self.path, bytes)?;
            fs::rename(&new, &self.path)?;
            sync_directory(&self.path)
        };
        replaced().map_err(|error| self.failed(error))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        sync_directory(&self.path)
    }

    fn failed(&self, error: io::Error) -> KeyFileError {
        let path = self.path.clone();
        KeyFileError::File { path, error }
    }

    fn not_opened(&self, why: &str) -> KeyFileError {
        KeyFileError::MasterKey {
            path: self.path.clone(),
            why: why.to_owned(),
        }
    }
}

fn is_wrapped(file: &[u8]) -> bool {
    file.len() != KEY_BYTES
}

/// Makes the file whole or not at all, where there is none.
fn make(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let new = beside(path, bytes)?;
    let linked = fs::hard_link(&new, path);
    fs::remove_file(&new)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_directory(path),
    }
}

/// Writes a file beside another one.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let new = path.with_extension(format!("key.{}", std::process::id()));
    // What a process with this number left when it died may be another name of the key itself: it is not written over.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(new)
}

fn sync_directory(of: &Path) -> io::Result<()> {
    File::open(of.parent().unwrap_or(Path::new(".")))?.sync_all()
}
