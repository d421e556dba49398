//! The disk, as far as the journal needs one.
//!
//! In: names and bytes. Out: what a disk holds. Must hold: everything that the journal and its keys read
//! or write goes through [`Storage`], so that a test owns every byte and every failure.

mod directory;

use std::io;

pub use directory::Directory;

/// A flat set of named files.
///
/// # Contract
/// What is written may be lost at a crash until [`Storage::sync`] has returned `Ok` for its file, and a
/// name may be lost, or come back, until [`Storage::sync_directory`] has. Other processes see what is written at
/// once, before it is durable. After an `Err` of any operation, it may have been done, in part or not at all.
///
/// Names are ASCII letters, digits, `-` and `.`; a name never ends in `.new`.
pub trait Storage: Send + Sync {
    /// Where a file is, for people who read an error.
    fn place(&self, name: &str) -> String;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// As the disk says.
    fn list(&self) -> io::Result<Vec<String>>;

    /// The bytes in a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is none, else as the disk says.
    fn length(&self, name: &str) -> io::Result<u64>;

    /// Reads from an offset until the buffer is full or the file ends; how many bytes were read.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is no such file, else as the disk says.
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Makes an empty file, which only its owner may read.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when it exists: of two that make the same file, one is told.
    fn create(&self, name: &str) -> io::Result<()>;

    /// Writes at the end of a file.
    ///
    /// # Errors
    /// As the disk says; a part may have been written.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Makes the bytes and the length of a file durable.
    ///
    /// # Errors
    /// As the disk says. The bytes may then never become durable, even if a later sync succeeds: a system may
    /// count them as written.
    fn sync(&self, name: &str) -> io::Result<()>;

    /// Syncs a file, and lets go of what the system remembers of it: what is read next is what the disk
    /// holds, as far as the system can be told to.
    ///
    /// # Errors
    /// As [`Storage::sync`].
    fn settle(&self, name: &str) -> io::Result<()>;

    /// Makes the names of files durable: those made, replaced and removed.
    ///
    /// # Errors
    /// As the disk says.
    fn sync_directory(&self) -> io::Result<()>;

    /// Cuts a file to a length.
    ///
    /// # Errors
    /// As the disk says.
    fn truncate(&self, name: &str, length: u64) -> io::Result<()>;

    /// Makes or replaces a small file as a whole, durably: after a crash it holds the old bytes or the new.
    ///
    /// # Errors
    /// As the disk says; then it holds the old bytes or the new.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is none, else as the disk says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Overwrites the bytes of a file, and removes it, durably.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is none, else as the disk says; a part may have been done.
    fn erase(&self, name: &str) -> io::Result<()>;

    /// Takes the lock of a name for as long as the guard lives, and notes who holds it. A process that dies
    /// loses its locks.
    ///
    /// # Errors
    /// As the disk says. That another holds it is no error.
    fn lock(&self, name: &str, holder: &str) -> io::Result<Locking>;
}

/// A lock that is held until it is dropped.
pub trait Guard: Send + Sync {}

/// What became of a lock.
pub enum Locking {
    /// It is held.
    Held(Box<dyn Guard>),
    /// Another holds it: what that one noted.
    Busy(String),
}

/// The whole of a small file, or nothing where there is none. More than `most` bytes are not read.
pub(super) fn read_small(
    storage: &dyn Storage,
    name: &str,
    most: usize,
) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; most];
    match storage.read_at(name, 0, &mut bytes) {
        Ok(length) => {
            bytes.truncate(length);
            Ok(Some(bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
