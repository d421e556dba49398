//! The rows of one file in batches, read where they are used or ahead on a thread of their own.
//!
//! In: an open reader. Out: its entries in file order, then the columns it did not know, or the
//! error that stopped it. Must hold: a reader that panics becomes an error of its file; a thread
//! never outlives its [`Batches`], and stops without being waited on by anybody who waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use super::{Entry, Keep, RowReader, SourceError};

/// Batches that wait for the consumer; one more is being filled.
const AHEAD: usize = 8;

/// Bytes of rejected rows after which a batch is handed over though it has room for more rows.
const REJECTED_BYTES: usize = 1 << 20;

/// How a file ended: with the columns it did not know, or with an error.
type Ending = Result<Vec<String>, SourceError>;

/// Some rows, and how the file ended if they are the last.
type Batch<T> = (Vec<Entry<T>>, Option<Ending>);

/// The remaining rows of a file.
pub(super) enum Batches<T> {
    /// Read by whoever asks.
    Inline(Reading<T>),
    /// Read ahead.
    Ahead(Background<T>),
    /// All rows have been handed over.
    Ended {
        /// The columns it did not know.
        unknown: Vec<String>,
        /// The error that ended it, until it is told.
        error: Option<SourceError>,
    },
}

impl<T: Send + 'static> Batches<T> {
    /// Reads `rows` rows whenever more are asked for.
    pub(super) fn inline(
        reader: Box<dyn RowReader>,
        path: &Path,
        rows: usize,
        keep: Keep<T>,
    ) -> Self {
        Self::Inline(Reading::new(reader, path, rows, keep))
    }

    /// Starts to read ahead, `rows` rows to a batch.
    pub(super) fn ahead(
        reader: Box<dyn RowReader>,
        path: &Path,
        rows: usize,
        keep: Keep<T>,
    ) -> Result<Self, SourceError> {
        let (sender, batches) = sync_channel(AHEAD);
        let mut reading = Reading::new(reader, path, rows, keep);
        let thread = std::thread::Builder::new()
            .name("fundwatch-reader".to_owned())
            .spawn(move || {
                loop {
                    let batch = reading.next_batch();
                    let last = batch.1.is_some();
                    // The send fails once the consumer has gone: there is no more to do.
                    if sender.send(batch).is_err() || last {
                        return;
                    }
                }
            })
            .map_err(|error| SourceError::Io {
                path: path.to_owned(),
                error,
            })?;
        Ok(Self::Ahead(Background {
            path: path.to_owned(),
            batches: Some(batches),
            thread: Some(thread),
        }))
    }

    /// Whether a thread of its own reads it.
    pub(super) fn is_ahead(&self) -> bool {
        matches!(self, Self::Ahead(_))
    }

    /// More rows, perhaps none; `None` at the end.
    pub(super) fn next_batch(&mut self) -> Result<Option<Vec<Entry<T>>>, SourceError> {
        let (rows, ending) = match self {
            Self::Inline(reading) => reading.next_batch(),
            Self::Ahead(background) => background.next_batch(),
            Self::Ended { error, .. } => return error.take().map_or(Ok(None), Err),
        };
        // Closes the file now, before its last rows are used.
        match ending {
            None => {}
            Some(Ok(unknown)) => {
                *self = Self::Ended {
                    unknown,
                    error: None,
                };
            }
            Some(Err(error)) => {
                *self = Self::Ended {
                    unknown: Vec::new(),
                    error: Some(error),
                };
            }
        }
        Ok(Some(rows))
    }

    /// The columns that the reader did not know; complete at the end.
    pub(super) fn into_unknown_columns(self) -> Vec<String> {
        match self {
            Self::Ended { unknown, .. } => unknown,
            _ => Vec::new(),
        }
    }
}

/// A reader and how much of it is read at a time.
pub(super) struct Reading<T> {
    reader: Box<dyn RowReader>,
    keep: Keep<T>,
    path: PathBuf,
    rows: usize,
}

impl<T> Reading<T> {
    fn new(reader: Box<dyn RowReader>, path: &Path, rows: usize, keep: Keep<T>) -> Self {
        Self {
            reader,
            keep,
            path: path.to_owned(),
            rows: rows.max(1),
        }
    }

    /// The next rows, and how the file ended if they are the last.
    fn next_batch(&mut self) -> Batch<T> {
        let mut rows = Vec::with_capacity(self.rows);
        let mut rejected = 0;
        let (reader, keep, most) = (&mut self.reader, &self.keep, self.rows);
        let filled = guarded(&self.path, || {
            while rows.len() < most && rejected < REJECTED_BYTES {
                let Some(entry) = reader.next_entry()? else {
                    return Ok(Some(reader.unknown_columns()));
                };
                if let Err(reject) = &entry.outcome {
                    rejected += reject.raw.len();
                }
                rows.push(Entry {
                    row: entry.row,
                    outcome: entry.outcome.map(|change| keep(change)),
                });
            }
            Ok(None)
        });
        (rows, filled.transpose())
    }
}

/// A thread that reads.
pub(super) struct Background<T> {
    path: PathBuf,
    /// Given up before the thread is joined, so that it cannot wait to be heard.
    batches: Option<Receiver<Batch<T>>>,
    thread: Option<JoinHandle<()>>,
}

impl<T> Background<T> {
    fn next_batch(&mut self) -> Batch<T> {
        match self.batches.as_ref().map(Receiver::recv) {
            Some(Ok(batch)) => batch,
            _ => (Vec::new(), Some(Err(panicked(&self.path)))),
        }
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            // What it panicked with, if it did, has been told as an error of the file.
            let _ = thread.join();
        }
    }
}

/// Runs a step of reading a file; a panic in it becomes an error of the file.
pub(super) fn guarded<R>(
    path: &Path,
    step: impl FnOnce() -> Result<R, SourceError>,
) -> Result<R, SourceError> {
    // A reader that has panicked is not used again.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| Err(panicked(path)))
}

fn panicked(path: &Path) -> SourceError {
    SourceError::Damaged {
        path: path.to_owned(),
        message: "the reader of this file stopped on a defect of its own; check that the file is \
                  whole, or write it in another format, and report the defect"
            .to_owned(),
    }
}
