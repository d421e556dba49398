//! What the system is told of how a file will be read, so that the memory in which it keeps pages of files serves those that
//! are read again.
//!
//! In: a file. Out: nothing. Must hold: it is advice - where it is not taken, reading is slower, and nothing else.

use std::fs::File;

/// A part of a file will be read soon: it is fetched while the caller goes on.
pub(crate) fn will_need(file: &File, offset: u64, length: u64) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Advice, fadvise};
        let length = std::num::NonZeroU64::new(length);
        let _ = fadvise(file, offset, length, Advice::WillNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, length);
}

/// What is read of a file will not be read again: it is the first to go where memory is short (Linux 6.3 and later).
pub(crate) fn read_once(file: &File) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Advice, fadvise};
        let _ = fadvise(file, 0, None, Advice::NoReuse);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}
