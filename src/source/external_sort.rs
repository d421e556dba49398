//! Sorting more items than memory holds.
//!
//! In: items in any order. Out: the same items in ascending order. Must hold: memory stays near the
//! budget whatever the number of items; the file of spilled items has no name on disk, so that it
//! vanishes however the process ends; a full disk is an error, never a panic.
//!
//! ```text
//! push ─▶ items in memory ──(budget reached)──▶ sorted run ─┐ one unnamed file,
//!                                               sorted run ─┤ runs end to end
//!                                               …           │
//! finish ◀── merge of at most `fan_in` runs ◀───────────────┘ (groups of runs are merged into
//!                                                              longer ones first, if there are more)
//! ```
//! Runs share one file, so that a sort costs one open file, two while a pass rewrites it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use postcard::ser_flavors::Size;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that one run reads ahead while runs are merged.
const BLOCK: usize = 64 << 10;

/// Bytes gathered before a write.
const WRITE_BUFFER: usize = 1 << 20;

/// Bytes before each item in a run: its encoded length.
const PREFIX: usize = 4;

/// Spilled items could not be written or read back.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot keep sorted rows there: {error}; free some space, or name another directory for temporary files", scratch.display())]
pub struct SpillError {
    /// The directory of the spilled items.
    pub scratch: PathBuf,
    /// What went wrong.
    pub error: io::Error,
}

/// What a sort may use.
#[derive(Clone, Copy, Debug)]
pub struct SortLimits {
    /// Bytes of items held in memory before a run is spilled: each counts its encoded size and its
    /// size in place.
    pub memory: usize,
    /// Runs merged at once; at least 2. Each takes 64 KiB.
    pub fan_in: usize,
}

impl Default for SortLimits {
    fn default() -> Self {
        Self {
            memory: 128 << 20,
            fan_in: 128,
        }
    }
}

/// A sort that takes items one by one.
pub struct ExternalSort<T> {
    scratch: PathBuf,
    limits: SortLimits,
    items: Vec<T>,
    /// Estimated bytes of `items`.
    held: usize,
    runs: Option<Runs>,
}

impl<T: Ord + Serialize + DeserializeOwned> ExternalSort<T> {
    /// An empty sort that spills into `scratch`, which must exist once the memory is used up.
    pub fn new(scratch: &Path, limits: SortLimits) -> Self {
        Self {
            scratch: scratch.to_owned(),
            limits,
            items: Vec::new(),
            held: 0,
            runs: None,
        }
    }

    /// Takes one item.
    ///
    /// # Errors
    /// When a run cannot be spilled.
    pub fn push(&mut self, item: T) -> Result<(), SpillError> {
        let encoded = postcard::serialize_with_flavor(&item, Size::default())
            .map_err(|error| self.error(invalid(error)))?;
        self.items.push(item);
        self.held += encoded + size_of::<T>();
        if self.held > self.limits.memory {
            self.spill().map_err(|error| self.error(error))?;
        }
        Ok(())
    }

    /// The items in ascending order.
    ///
    /// # Errors
    /// When runs cannot be spilled or merged.
    pub fn finish(mut self) -> Result<Sorted<T>, SpillError> {
        let scratch = self.scratch.clone();
        match self.merge() {
            Ok(source) => Ok(Sorted { scratch, source }),
            Err(error) => Err(SpillError { scratch, error }),
        }
    }

    fn merge(&mut self) -> io::Result<Source<T>> {
        if self.runs.is_none() {
            self.items.sort_unstable();
            return Ok(Source::Memory(std::mem::take(&mut self.items).into_iter()));
        }
        self.spill()?;
        self.items = Vec::new();
        let fan_in = self.limits.fan_in.max(2);
        let mut runs = match self.runs.take() {
            Some(runs) => runs,
            None => Runs::new(&self.scratch)?,
        };
        while runs.places.len() > fan_in {
            let mut longer = Runs::new(&self.scratch)?;
            for group in runs.places.chunks(fan_in) {
                let mut merged = RunMerge::<T>::new(runs.file.try_clone()?, group)?;
                longer.append(std::iter::from_fn(|| merged.next().transpose()))?;
            }
            runs = longer;
        }
        Ok(Source::Runs(RunMerge::new(runs.file, &runs.places)?))
    }

    /// Writes the items in memory as one sorted run.
    fn spill(&mut self) -> io::Result<()> {
        if self.items.is_empty() {
            return Ok(());
        }
        self.items.sort_unstable();
        let runs = match &mut self.runs {
            Some(runs) => runs,
            none => none.insert(Runs::new(&self.scratch)?),
        };
        self.held = 0;
        runs.append(self.items.drain(..).map(Ok))
    }

    fn error(&self, error: io::Error) -> SpillError {
        SpillError {
            scratch: self.scratch.clone(),
            error,
        }
    }
}

/// The items of an [`ExternalSort`] in ascending order.
pub struct Sorted<T> {
    scratch: PathBuf,
    source: Source<T>,
}

enum Source<T> {
    Memory(std::vec::IntoIter<T>),
    Runs(RunMerge<T>),
    /// After an error nothing more is read.
    Failed,
}

impl<T: Ord + DeserializeOwned> Iterator for Sorted<T> {
    type Item = Result<T, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Memory(items) => items.next().map(Ok),
            Source::Runs(runs) => match runs.next() {
                Ok(item) => item.map(Ok),
                Err(error) => {
                    self.source = Source::Failed;
                    Some(Err(SpillError {
                        scratch: self.scratch.clone(),
                        error,
                    }))
                }
            },
            Source::Failed => None,
        }
    }
}

/// Sorted runs, end to end in one unnamed file.
struct Runs {
    file: File,
    places: Vec<Range<u64>>,
}

impl Runs {
    fn new(scratch: &Path) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(scratch)?,
            places: Vec::new(),
        })
    }

    /// Writes items, already in order, as one more run.
    fn append<T: Serialize>(
        &mut self,
        items: impl Iterator<Item = io::Result<T>>,
    ) -> io::Result<()> {
        let start = self.places.last().map_or(0, |last| last.end);
        let mut end = start;
        self.file.seek(SeekFrom::Start(start))?;
        let mut out = BufWriter::with_capacity(WRITE_BUFFER, &mut self.file);
        let mut frame = Vec::new();
        for item in items {
            frame.clear();
            frame.extend_from_slice(&[0; PREFIX]);
            frame = postcard::to_extend(&item?, frame).map_err(invalid)?;
            let length = u32::try_from(frame.len() - PREFIX).map_err(invalid)?;
            frame[..PREFIX].copy_from_slice(&length.to_le_bytes());
            out.write_all(&frame)?;
            end += frame.len() as u64;
        }
        out.flush()?;
        drop(out);
        self.places.push(start..end);
        Ok(())
    }
}

/// The merge of some runs of one file.
struct RunMerge<T> {
    file: File,
    readers: Vec<RunReader<T>>,
    /// The next item of each run that has one, with the run's number.
    heads: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T: Ord + DeserializeOwned> RunMerge<T> {
    fn new(mut file: File, places: &[Range<u64>]) -> io::Result<Self> {
        let mut readers: Vec<_> = places.iter().cloned().map(RunReader::new).collect();
        let mut heads = BinaryHeap::with_capacity(readers.len());
        for (number, reader) in readers.iter_mut().enumerate() {
            if let Some(item) = reader.next(&mut file)? {
                heads.push(Reverse((item, number)));
            }
        }
        Ok(Self {
            file,
            readers,
            heads,
        })
    }

    fn next(&mut self) -> io::Result<Option<T>> {
        let Some(mut head) = self.heads.peek_mut() else {
            return Ok(None);
        };
        let number = head.0.1;
        match self.readers[number].next(&mut self.file)? {
            Some(item) => Ok(Some(std::mem::replace(&mut head.0.0, item))),
            None => Ok(Some(PeekMut::pop(head).0.0)),
        }
    }
}

/// Reads one run, a block at a time.
struct RunReader<T> {
    /// What of the run has not been read from the file.
    rest: Range<u64>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that have been used.
    used: usize,
    items: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> RunReader<T> {
    fn new(place: Range<u64>) -> Self {
        Self {
            rest: place,
            buffer: Vec::new(),
            used: 0,
            items: PhantomData,
        }
    }

    fn next(&mut self, file: &mut File) -> io::Result<Option<T>> {
        if self.used == self.buffer.len() && self.rest.is_empty() {
            return Ok(None);
        }
        let prefix = *self
            .take(file, PREFIX)?
            .first_chunk()
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let length = usize::try_from(u32::from_le_bytes(prefix)).map_err(invalid)?;
        let item = postcard::from_bytes(self.take(file, length)?).map_err(invalid)?;
        Ok(Some(item))
    }

    /// The next bytes of the run.
    fn take(&mut self, file: &mut File, length: usize) -> io::Result<&[u8]> {
        let had = self.buffer.len() - self.used;
        if had < length {
            self.buffer.drain(..self.used);
            self.used = 0;
            let wanted = (length - had).max(BLOCK) as u64;
            let read = wanted.min(self.rest.end - self.rest.start);
            if read < (length - had) as u64 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            file.seek(SeekFrom::Start(self.rest.start))?;
            let got = Read::by_ref(file)
                .take(read)
                .read_to_end(&mut self.buffer)?;
            if got as u64 != read {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.rest.start += read;
        }
        let start = self.used;
        self.used += length;
        Ok(&self.buffer[start..self.used])
    }
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted<T: Ord + Serialize + DeserializeOwned>(
        items: impl IntoIterator<Item = T>,
        limits: SortLimits,
    ) -> Vec<T> {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let mut sort = ExternalSort::new(scratch.path(), limits);
        for item in items {
            sort.push(item).expect("room on disk");
        }
        let all = sort.finish().expect("room on disk");
        // Nothing is to be seen in the directory, so nothing can be left behind in it.
        let seen = std::fs::read_dir(scratch.path()).expect("a directory");
        assert_eq!(seen.count(), 0);
        all.collect::<Result<_, _>>().expect("runs read back")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_sorts_as_a_vector_does(
            mut items in prop::collection::vec((any::<u16>(), ".{0,20}"), 0..400),
            memory in prop_oneof![0usize..4000, Just(1 << 20)],
            fan_in in 0usize..6,
        ) {
            let limits = SortLimits { memory, fan_in };
            let ours = sorted(items.clone(), limits);
            items.sort();
            prop_assert_eq!(ours, items);
        }
    }

    #[test]
    fn items_larger_than_a_block_survive_several_passes() {
        let items: Vec<String> = (0..40u8)
            .rev()
            .map(|n| {
                char::from(b'A' + n)
                    .to_string()
                    .repeat(BLOCK / 16 * usize::from(n))
            })
            .collect();
        let limits = SortLimits {
            memory: 0,
            fan_in: 3,
        };
        let mut expected = items.clone();
        expected.sort();
        assert_eq!(sorted(items, limits), expected);
    }

    #[test]
    fn many_runs_merge_in_several_passes_of_the_default_width() {
        let limits = SortLimits {
            memory: 100,
            ..SortLimits::default()
        };
        let items = (0..30_000u32).map(|n| n.wrapping_mul(2_654_435_761));
        let mut expected: Vec<u32> = items.clone().collect();
        expected.sort_unstable();
        assert_eq!(sorted(items, limits), expected);
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error_that_names_it() {
        let limits = SortLimits {
            memory: 0,
            fan_in: 2,
        };
        let mut sort = ExternalSort::new(Path::new("no/such/directory"), limits);
        let error = sort.push(1u8).expect_err("nowhere to spill").to_string();
        assert!(error.starts_with("no/such/directory: "), "{error}");
    }

    #[test]
    fn a_shortened_run_is_an_error_and_not_a_shorter_answer() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let mut runs = Runs::new(scratch.path()).expect("room");
        runs.append((0..5_000u64).map(Ok)).expect("room");
        runs.file.set_len(7_000).expect("a file can be cut");
        let mut merge = RunMerge::<u64>::new(runs.file, &runs.places);
        let error = loop {
            match merge.as_mut().map(RunMerge::next) {
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => panic!("the cut went unnoticed"),
                Ok(Err(error)) => break error.kind(),
                Err(error) => break error.kind(),
            }
        };
        assert_eq!(error, io::ErrorKind::UnexpectedEof);
    }
}
