//! The keys of months are wrapped by another master key.
//!
//! In: the directory of keys, the master key under which they are, and the one under which they are to be. Out: the
//! same keys, each in a new file. Must hold: a key is never in no file; what a crash interrupts is completed by the
//! same call; no service runs meanwhile, which would make keys under the former.

use super::error::JournalError;
use super::key::{self, KEY_FILE_BYTES, KeyError, MasterKey};
use super::keys::{KEY, month_of};
use super::storage::{Storage, read_small};
use super::writer::{holder, lock};

/// What became of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys that were wrapped anew.
    pub rewrapped: usize,
    /// Keys that were so already, as after a crash.
    pub already: usize,
}

/// Wraps every key of a month by `to`, or by nothing, that is wrapped by `from`, or bare. The lock of the journal
/// is held meanwhile.
///
/// The bytes of the former files may stay on the disk, and stay in backups: whoever had the former master key and
/// these can still read. What must become unreadable is destroyed, not wrapped anew.
///
/// # Errors
/// [`JournalError::Locked`] while a service runs; when a key opens under neither, and what the disk says. The same
/// call goes on where it ended.
pub fn rewrap(
    journal: &dyn Storage,
    keys: &dyn Storage,
    from: Option<&MasterKey>,
    to: Option<&MasterKey>,
) -> Result<Rewrapped, JournalError> {
    let _lock = lock(journal, &holder())?;
    let failed = |doing, name: &str, error| KeyError::Storage {
        doing,
        place: keys.place(name),
        error,
    };
    let mut names = keys.list().map_err(|error| failed("listed", "", error))?;
    names.sort_unstable();
    let mut done = Rewrapped::default();
    for name in names {
        let Some(month) = month_of(&name, &[KEY]) else {
            continue;
        };
        let read = read_small(keys, &name, KEY_FILE_BYTES + 1);
        let Some(file) = read.map_err(|error| failed("read", &name, error))? else {
            continue;
        };
        let file = zeroize::Zeroizing::new(file);
        let place = keys.place(&name);
        // A bare key opens under any master key.
        let is_so = key::is_wrapped(&file) == to.is_some();
        if is_so && key::decode(&file, month, to, &place).is_ok() {
            done.already += 1;
            continue;
        }
        let (id, opened) = key::decode(&file, month, from, &place)?;
        let wrapped = key::encode(id, &opened, to)?;
        keys.replace(&name, &wrapped)
            .map_err(|error| failed("written", &name, error))?;
        done.rewrapped += 1;
    }
    Ok(done)
}
