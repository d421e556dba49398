//! From files to one ordered sequence of changes.
//!
//! In: files, each with what the first pass found in it. Out: the accepted rows of all of them in
//! order of knowledge time, then file, then row; rejected rows go to a sink. Must hold: the order is
//! total and does not depend on threads; the number of open files, of threads and the memory are
//! bounded whatever the number of files and rows.
//!
//! ```text
//! files in order ──▶ a batch of rows each ─┐
//!   (opened when their first time comes,   ├─▶ k-way merge ─▶ Sequenced
//!    closed at their end)                  │
//! all other files ──▶ one external sort ───┘
//! ```
//!
//! Rejected rows come at a fixed place too: those of a sorted file before everything else, by file
//! and row; those of a streamed file with the accepted row before them in their file, or where the
//! file begins. So the first reject of a run is the same one whenever it is run.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::batch::{Batches, guarded};
use super::by_place::ByPlace;
use super::external_sort::{ExternalSort, SortLimits, Sorted, SpillError};
use super::file_rows::{FileRows, Intake};
use super::order::{FileOrder, Open};
use super::plan::{begins, plan};
use super::{Keep, Kept, Reject, SourceError};
use crate::record::{Instant, Stream};

/// An accepted row and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequenced<T> {
    /// What is passed on of the row.
    pub change: T,
    /// The number of its file.
    pub file: u32,
    /// 1-based record in its file.
    pub row: u64,
}

/// What orders rows: knowledge time, file, row.
pub(super) type Place = (Instant, u32, u64);

impl<T: Kept> Sequenced<T> {
    pub(super) fn place(&self) -> Place {
        (self.change.recorded_at(), self.file, self.row)
    }
}

/// What a merge may use.
#[derive(Clone, Copy, Debug)]
pub struct MergeLimits {
    /// Files streamed at once; those beyond are sorted.
    pub open_files: usize,
    /// Files that are read ahead, each on a thread of its own.
    pub threads: usize,
    /// Rows that a file has at least to be read ahead.
    pub thread_rows: u64,
    /// Rows in a batch of a file that is read ahead; others are read in smaller batches.
    pub batch_rows: usize,
    /// Of the sort of the other files.
    pub sort: SortLimits,
}

impl Default for MergeLimits {
    fn default() -> Self {
        Self {
            open_files: 256,
            threads: 16,
            thread_rows: 4096,
            batch_rows: 1024,
            sort: SortLimits::default(),
        }
    }
}

/// Bytes that the rows of a batch take in their file, on average.
const BATCH_BYTES: u64 = 1 << 20;

/// Batches of a file that is not read ahead are this many times smaller, since many such files can
/// be open.
const INLINE_SHARE: usize = 16;

/// The accepted rows of all files, in order. After an error there is nothing more. Dropping it early
/// stops its threads.
pub struct Merge<'a, T, E> {
    orders: &'a [FileOrder],
    open: &'a Open<'a>,
    keep: Keep<T>,
    scratch: PathBuf,
    limits: MergeLimits,
    intake: Intake<'a, E>,
    /// Files to sort before the first row is given out.
    to_sort: Vec<u32>,
    /// Files to stream whose time has not come, the next one last.
    pending: Vec<u32>,
    /// The next of them, when it is already being read ahead.
    early: Option<FileRows<T>>,
    /// What is open; a slot is vacant after its source has ended.
    sources: Vec<Option<Source<T>>>,
    vacant: Vec<usize>,
    /// The next row of each open source but the current one.
    heads: BinaryHeap<Reverse<(Place, usize)>>,
    /// The source that is ahead of all others, and the place up to which it is.
    current: Option<(usize, Option<Place>)>,
    unknown_columns: BTreeMap<u32, Vec<String>>,
}

/// A source of rows in order.
enum Source<T> {
    File(FileRows<T>),
    Sorted {
        rows: Sorted<ByPlace>,
        head: Option<Sequenced<T>>,
        scratch: PathBuf,
    },
}

impl<'a, T: Kept, E: From<SourceError> + From<SpillError>> Merge<'a, T, E> {
    /// A merge of the files surveyed, numbered as in `orders`, which is to be in byte order of
    /// their names. `open` gives a reader for everything in a row, `keep` what is passed on of it. Rows known after `as_of` are left
    /// out; a reject without knowledge time is kept. Nothing is read before the first row is asked
    /// for.
    pub fn new(
        orders: &'a [FileOrder],
        open: &'a Open<'a>,
        keep: Keep<T>,
        as_of: Option<Instant>,
        scratch: &Path,
        limits: MergeLimits,
        sink: impl FnMut(u32, u64, Reject) -> Result<(), E> + 'a,
    ) -> Self {
        let plan = plan(orders, limits.open_files);
        let mut pending = plan.stream;
        pending.reverse();
        Self {
            orders,
            open,
            keep,
            scratch: scratch.to_owned(),
            limits,
            intake: Intake::new(as_of, Box::new(sink)),
            to_sort: plan.sort,
            pending,
            early: None,
            sources: Vec::new(),
            vacant: Vec::new(),
            heads: BinaryHeap::new(),
            current: None,
            unknown_columns: BTreeMap::new(),
        }
    }

    /// The rows taken in so far, batch by batch, whatever became of them. Other threads may watch it.
    pub fn rows_read(&self) -> Arc<AtomicU64> {
        self.intake.rows_read()
    }

    /// The rows of a stream given out so far.
    pub fn accepted(&self, stream: Stream) -> u64 {
        self.intake.accepted(stream)
    }

    /// The columns that their streams do not have, by the number of the file; complete at the end.
    pub fn unknown_columns(&self) -> &BTreeMap<u32, Vec<String>> {
        &self.unknown_columns
    }

    fn advance(&mut self) -> Result<Option<Sequenced<T>>, E> {
        if !self.to_sort.is_empty() {
            self.sort()?;
        }
        loop {
            let Some((slot, until)) = self.current else {
                if self.choose()? {
                    continue;
                }
                return Ok(None);
            };
            let Some(source) = &mut self.sources[slot] else {
                self.current = None;
                continue;
            };
            match source.place(&mut self.intake)? {
                None => self.close(slot),
                Some(place) if until.is_none_or(|until| place < until) => {
                    if let Some(row) = source.take()? {
                        self.intake.give_out(row.change.stream());
                        return Ok(Some(row));
                    }
                }
                Some(place) => {
                    self.heads.push(Reverse((place, slot)));
                    self.current = None;
                }
            }
        }
    }

    /// Makes the source with the next row the current one, opening a file when its time has come.
    fn choose(&mut self) -> Result<bool, E> {
        let next_file = self.next_file();
        let slot = match (self.heads.peek(), next_file) {
            (None, None) => return Ok(false),
            (Some(Reverse((place, _))), file) if file.is_none_or(|file| *place < file) => {
                match self.heads.pop() {
                    Some(Reverse((_, slot))) => slot,
                    None => return Ok(false),
                }
            }
            _ => match self.pending.pop() {
                Some(file) => self.open_slot(file)?,
                None => return Ok(false),
            },
        };
        let next_head = self.heads.peek().map(|Reverse((place, _))| *place);
        let until = match (next_head, self.next_file()) {
            (Some(head), Some(file)) => Some(head.min(file)),
            (head, file) => head.or(file),
        };
        self.current = Some((slot, until));
        Ok(true)
    }

    /// The place at which the next file is to be opened: before its first row.
    fn next_file(&self) -> Option<Place> {
        let file = *self.pending.last()?;
        let (time, file) = begins(&self.orders[file as usize], file);
        Some((time, file, 0))
    }

    fn open_slot(&mut self, file: u32) -> Result<usize, E> {
        let rows = match self.early.take() {
            Some(early) if early.file() == file => early,
            _ => self.open_file(file)?,
        };
        let slot = self.place_source(Source::File(rows));
        // The next file is opened ahead of its time, if that lets its thread begin.
        if let Some(&next) = self.pending.last()
            && self.reads_ahead(next)
        {
            self.early = Some(self.open_file(next)?);
        }
        Ok(slot)
    }

    fn place_source(&mut self, source: Source<T>) -> usize {
        match self.vacant.pop() {
            Some(slot) => {
                self.sources[slot] = Some(source);
                slot
            }
            None => {
                self.sources.push(Some(source));
                self.sources.len() - 1
            }
        }
    }

    fn close(&mut self, slot: usize) {
        if let Some(Source::File(rows)) = self.sources[slot].take() {
            self.note_unknown_columns(rows);
        }
        self.vacant.push(slot);
        self.current = None;
    }

    fn note_unknown_columns(&mut self, rows: FileRows<T>) {
        let file = rows.file();
        let unknown = rows.into_unknown_columns();
        if !unknown.is_empty() {
            self.unknown_columns.insert(file, unknown);
        }
    }

    /// Whether a file is worth a thread, and there is one left.
    fn reads_ahead(&self, file: u32) -> bool {
        let threaded = |source: &&Option<Source<T>>| matches!(source, Some(Source::File(rows)) if rows.is_ahead());
        self.orders[file as usize].rows >= self.limits.thread_rows
            && self.sources.iter().filter(threaded).count() < self.limits.threads
    }

    fn open_file(&self, file: u32) -> Result<FileRows<T>, SourceError> {
        let order = &self.orders[file as usize];
        let reader = guarded(&order.path, || (self.open)(file as usize))?;
        // Long rows come in short batches.
        let row_bytes = order.bytes.checked_div(order.rows).unwrap_or(0).max(1);
        let fit = usize::try_from(BATCH_BYTES / row_bytes).unwrap_or(usize::MAX);
        let rows = self.limits.batch_rows.min(fit);
        let batches = if self.reads_ahead(file) {
            Batches::ahead(reader, &order.path, rows, self.keep.clone())?
        } else {
            Batches::inline(
                reader,
                &order.path,
                rows.div_ceil(INLINE_SHARE),
                self.keep.clone(),
            )
        };
        Ok(FileRows::new(file, order, batches))
    }

    /// Sorts the files that cannot be streamed, and makes them one source.
    fn sort(&mut self) -> Result<(), E> {
        let mut sort = ExternalSort::new(&self.scratch, self.limits.sort);
        for file in std::mem::take(&mut self.to_sort) {
            let mut rows = self.open_file(file)?;
            while rows.place(&mut self.intake)?.is_some() {
                if let Some(row) = rows.take() {
                    sort.push(ByPlace::encode(&row, &self.scratch)?)?;
                }
            }
            self.note_unknown_columns(rows);
        }
        let mut rows = sort.finish()?;
        if let Some(head) = rows.next().transpose()? {
            let scratch = self.scratch.clone();
            let head: Sequenced<T> = head.decode(&scratch)?;
            let place = head.place();
            let slot = self.place_source(Source::Sorted {
                rows,
                head: Some(head),
                scratch,
            });
            self.heads.push(Reverse((place, slot)));
        }
        Ok(())
    }
}

impl<T: Kept, E: From<SourceError> + From<SpillError>> Iterator for Merge<'_, T, E> {
    type Item = Result<Sequenced<T>, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if matches!(next, Some(Err(_))) {
            // Nothing is left that could be read on: files are closed and threads stopped.
            self.to_sort.clear();
            self.pending.clear();
            self.early = None;
            self.sources.clear();
            self.vacant.clear();
            self.heads.clear();
            self.current = None;
        }
        next
    }
}

impl<T: Kept> Source<T> {
    /// The place of the next accepted row.
    fn place<E: From<SourceError>>(
        &mut self,
        intake: &mut Intake<'_, E>,
    ) -> Result<Option<Place>, E> {
        match self {
            Source::File(rows) => rows.place(intake),
            Source::Sorted { head, .. } => Ok(head.as_ref().map(Sequenced::place)),
        }
    }

    /// The row at that place.
    fn take(&mut self) -> Result<Option<Sequenced<T>>, SpillError> {
        match self {
            Source::File(rows) => Ok(rows.take()),
            Source::Sorted {
                rows,
                head,
                scratch,
            } => {
                let next = rows.next().transpose()?;
                let next = next.map(|row| row.decode(scratch)).transpose()?;
                Ok(std::mem::replace(head, next))
            }
        }
    }
}

#[cfg(test)]
mod tests;
