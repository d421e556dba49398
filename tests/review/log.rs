//! Logs that tests look into: of accesses, and of the process.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use fundwatch::journal::Month;
use fundwatch::review::{Access, DeskError, DeskLog, ErasedOf, Viewer};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::prelude::*;

use crate::said;

/// Keeps what it is told, or cannot.
#[derive(Default)]
pub struct Log {
    entries: Mutex<Vec<String>>,
    pub is_full: AtomicBool,
    fails_on: Mutex<String>,
}

impl Log {
    /// Entries in which a word stands cannot be kept; an empty word is in none.
    pub fn fail_on(&self, word: &str) {
        *self.fails_on.lock().unwrap() = word.to_owned();
    }

    /// Entries in which a word stands.
    pub fn with(&self, word: &str) -> Vec<String> {
        let entries = self.entries.lock().unwrap();
        let mut found = entries.clone();
        found.retain(|entry| entry.contains(word));
        found
    }
}

impl DeskLog for Log {
    fn record(&self, who: &Viewer, access: &Access<'_>, _: u64) -> Result<(), DeskError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(DeskError::NotLogged);
        }
        let entry = format!("{} {access:?}", who.name);
        let word = self.fails_on.lock().unwrap().clone();
        if !word.is_empty() && entry.contains(&word) {
            return Err(DeskError::NotLogged);
        }
        self.entries.lock().unwrap().push(entry);
        Ok(())
    }

    fn erased(&self, of: ErasedOf, month: Month, _: u64) -> Result<(), DeskError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(DeskError::NotLogged);
        }
        let entry = format!("service EraseMonth {of:?} {month}");
        self.entries.lock().unwrap().push(entry);
        Ok(())
    }
}

/// Whether somebody reads the log.
static IS_READ: AtomicBool = AtomicBool::new(false);
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts the log of the process.
pub fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let all = tracing_subscriber::fmt::layer().with_writer(|| Lines);
        let all = all.with_filter(dynamic_filter_fn(|_, _| IS_READ.load(Ordering::SeqCst)));
        tracing_subscriber::registry()
            .with(all)
            .with(said::layer())
            .init();
    });
}

/// What the process has logged since this was asked first, at every level.
pub fn lines() -> String {
    start();
    IS_READ.store(true, Ordering::SeqCst);
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines).into_owned()
}
