//! The rows of one file on their way into the merge.
//!
//! In: the batches of a file. Out: its accepted rows within the as-of time, one by one; rejects go to
//! the sink as they are met. Must hold: a file that is streamed as being in order is in order, or
//! that is an error.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::batch::Batches;
use super::merge::{Place, Sequenced};
use super::order::FileOrder;
use super::plan::EARLIEST;
use super::{Entry, Kept, Reject, SourceError};
use crate::record::{Instant, Stream};

/// Takes a rejected row: file, row, reject. Its error stops the merge.
type Sink<'a, E> = Box<dyn FnMut(u32, u64, Reject) -> Result<(), E> + 'a>;

/// The rows of one file, in file order.
pub(super) struct FileRows<T> {
    file: u32,
    path: PathBuf,
    /// Whether accepted rows are to be in order of knowledge time.
    in_order: bool,
    batches: Batches<T>,
    rows: std::vec::IntoIter<Entry<T>>,
    /// Knowledge time of the last accepted row.
    reached: Instant,
}

impl<T: Kept> FileRows<T> {
    pub(super) fn new(file: u32, order: &FileOrder, batches: Batches<T>) -> Self {
        Self {
            file,
            path: order.path.clone(),
            in_order: order.in_order,
            batches,
            rows: Vec::new().into_iter(),
            reached: EARLIEST,
        }
    }

    pub(super) fn file(&self) -> u32 {
        self.file
    }

    /// Whether a thread of its own reads it.
    pub(super) fn is_ahead(&self) -> bool {
        self.batches.is_ahead()
    }

    /// The columns that its stream does not have; complete at the end.
    pub(super) fn into_unknown_columns(self) -> Vec<String> {
        self.batches.into_unknown_columns()
    }

    /// The place of the next accepted row; rejects before it are handed over, rows known too late
    /// are passed over.
    pub(super) fn place<E: From<SourceError>>(
        &mut self,
        intake: &mut Intake<'_, E>,
    ) -> Result<Option<Place>, E> {
        loop {
            let Some(entry) = self.rows.as_slice().first() else {
                match self.batches.next_batch()? {
                    Some(rows) => {
                        intake.count(rows.len());
                        self.rows = rows.into_iter();
                    }
                    None => return Ok(None),
                }
                continue;
            };
            match &entry.outcome {
                Ok(change) if intake.keeps(Some(change.recorded_at())) => {
                    let time = change.recorded_at();
                    if self.in_order && time < self.reached {
                        return Err(self.changed(entry.row).into());
                    }
                    self.reached = time;
                    return Ok(Some((time, self.file, entry.row)));
                }
                _ => {
                    if let Some(Entry {
                        row,
                        outcome: Err(reject),
                    }) = self.rows.next()
                        && intake.keeps(reject.recorded_at)
                    {
                        (intake.sink)(self.file, row, reject)?;
                    }
                }
            }
        }
    }

    /// The row that [`FileRows::place`] found.
    pub(super) fn take(&mut self) -> Option<Sequenced<T>> {
        let Entry { row, outcome } = self.rows.next()?;
        let file = self.file;
        outcome.ok().map(|change| Sequenced { change, file, row })
    }

    fn changed(&self, row: u64) -> SourceError {
        SourceError::Damaged {
            path: self.path.clone(),
            message: format!(
                "row {row} is known earlier than a row before it, which was not so when the file \
                 was first read: it has been written to meanwhile; replay again when it is no \
                 longer written"
            ),
        }
    }
}

/// What happens to rows on their way in.
pub(super) struct Intake<'a, E> {
    as_of: Option<Instant>,
    sink: Sink<'a, E>,
    /// Rows read.
    read: u64,
    /// The same, for others to watch.
    shown: Arc<AtomicU64>,
    /// Rows given out, by stream.
    accepted: [u64; STREAMS],
}

const STREAMS: usize = Stream::ALL.len();

impl<'a, E> Intake<'a, E> {
    pub(super) fn new(as_of: Option<Instant>, sink: Sink<'a, E>) -> Self {
        Self {
            as_of,
            sink,
            read: 0,
            shown: Arc::default(),
            accepted: [0; STREAMS],
        }
    }

    /// The rows read so far, to be watched.
    pub(super) fn rows_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.shown)
    }

    /// Counts a row that is given out.
    pub(super) fn give_out(&mut self, stream: Stream) {
        self.accepted[stream as usize] += 1;
    }

    /// The rows of a stream given out so far.
    pub(super) fn accepted(&self, stream: Stream) -> u64 {
        self.accepted[stream as usize]
    }

    /// Whether a row known at this time is within the as-of time.
    fn keeps(&self, time: Option<Instant>) -> bool {
        match (self.as_of, time) {
            (Some(as_of), Some(time)) => time <= as_of,
            _ => true,
        }
    }

    fn count(&mut self, rows: usize) {
        self.read += rows as u64;
        self.shown.store(self.read, Ordering::Relaxed);
    }
}
