//! Reading a part, a batch of rows at a time.
//!
//! In: a part and its key. Out: its rows, in order. Must hold: memory is bounded by a row group; whatever the decoder makes of a
//! damaged file - an error or even a panic - is an error that names the file; and a file that ends early, or holds
//! rows that the manifest does not tell of, is damaged.

use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::encryption::decrypt::FileDecryptionProperties;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::columns::BATCH;
use super::digest::{check_length, unreadable};
use super::error::SnapshotError;
use super::part::{Ordinal, Part};
use super::rows::{Batch, Flaw, check};
use super::schema::lent;
use crate::journal::{DerivedKey, Storage};

/// Bytes that are read ahead of a column: the headers of its pages lie before them.
const READ_AHEAD: usize = 1 << 13;

/// A part that is being read.
pub(super) struct PartReader<'p> {
    part: &'p Part,
    file: File,
    batches: ParquetRecordBatchReader,
    rows: u64,
    last: Option<Ordinal>,
}

/// How texts are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// As views, to make changes of.
    Lent,
    /// As they were given to the writer.
    Own,
}

impl<'p> PartReader<'p> {
    /// Opens a part with its key.
    pub(super) fn open(
        storage: &Arc<dyn Storage>,
        part: &'p Part,
        key: &DerivedKey,
        texts: Texts,
    ) -> Result<Self, SnapshotError> {
        check_length(&**storage, &part.name, part.bytes)?;
        let file = File {
            storage: storage.clone(),
            name: part.name.as_str().into(),
            bytes: part.bytes,
            failure: Arc::default(),
        };
        let opened = guarded(&file, || {
            let decryption = FileDecryptionProperties::builder(key.bytes().to_vec()).build()?;
            let options = ArrowReaderOptions::new()
                .with_skip_arrow_metadata(true)
                .with_file_decryption_properties(decryption);
            let mut metadata = ArrowReaderMetadata::load(&file, options.clone())?;
            if let Err(flaw) = check(metadata.schema(), part.stream) {
                return Ok(Err(flaw));
            }
            if texts == Texts::Lent {
                let options = options.with_schema(lent(metadata.schema()));
                metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)?;
            }
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata)
                .with_batch_size(BATCH)
                .build()?;
            Ok(Ok(reader))
        })?;
        let batches = opened.map_err(|flaw| file.damaged(flaw))?;
        Ok(Self {
            part,
            file,
            batches,
            rows: 0,
            last: None,
        })
    }

    /// The next rows, as they are encoded; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, SnapshotError> {
        let batches = &mut self.batches;
        let batch = guarded(&self.file, || Ok(batches.next().transpose()?))?;
        match &batch {
            Some(batch) => self.rows += batch.num_rows() as u64,
            None if self.rows != self.part.rows || self.last != Some(self.part.last) => {
                return Err(self.damaged("it does not hold the rows that its manifest tells of"));
            }
            None => {}
        }
        Ok(batch)
    }

    /// The columns of a batch, of which the places are as they must be.
    pub(super) fn columns(&mut self, batch: &RecordBatch) -> Result<Batch, SnapshotError> {
        let columns = Batch::new(self.part.stream, batch).map_err(|flaw| self.damaged(flaw))?;
        self.follow((0..columns.rows()).map(|row| columns.arrival(row)))?;
        Ok(columns)
    }

    /// Notes the places of rows: each follows the one before, is within the part, and arrived in its month.
    pub(super) fn follow(
        &mut self,
        arrivals: impl Iterator<Item = super::part::Arrival>,
    ) -> Result<(), SnapshotError> {
        let mut last_at = None;
        for arrival in arrivals {
            let is_next = match self.last {
                Some(last) => last < arrival.ordinal,
                None => arrival.ordinal == self.part.first,
            };
            // Rows of an epoch have one time: the calendar is asked once for all of them.
            let is_of_month = last_at == Some(arrival.at) || arrival.month() == self.part.month;
            if !is_next || !is_of_month {
                return Err(self.damaged("a row is not in its place"));
            }
            (self.last, last_at) = (Some(arrival.ordinal), Some(arrival.at));
        }
        Ok(())
    }

    /// The error of this part.
    pub(super) fn damaged(&self, flaw: Flaw) -> SnapshotError {
        self.file.damaged(flaw)
    }
}

/// Runs the decoder on bytes that may be damaged.
fn guarded<T>(
    file: &File,
    decode: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, SnapshotError> {
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    if let Ok(Ok(value)) = decoded {
        return Ok(value);
    }
    let failure = file
        .failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    Err(match failure {
        Some(error) => unreadable(&*file.storage, &file.name, error),
        None => file.damaged("it does not open under its key, or is no whole Parquet file"),
    })
}

/// A file of the storage, as the decoder reads it.
#[derive(Clone)]
struct File {
    storage: Arc<dyn Storage>,
    name: Arc<str>,
    bytes: u64,
    /// What the disk said: the decoder makes a text of it.
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl File {
    fn damaged(&self, what: Flaw) -> SnapshotError {
        SnapshotError::Damaged {
            place: self.storage.place(&self.name),
            what,
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.storage
            .read_at(&self.name, offset, buffer)
            .map_err(|error| {
                let kind = error.kind();
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                kind.into()
            })
    }
}

impl Length for File {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for File {
    type T = BufReader<FileFrom>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let from = FileFrom {
            file: self.clone(),
            offset: start,
        };
        Ok(BufReader::with_capacity(READ_AHEAD, from))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let ends_within = start
            .checked_add(length as u64)
            .is_some_and(|end| end <= self.bytes);
        if !ends_within {
            return Err(ParquetError::EOF("beyond the end of the file".to_owned()));
        }
        let mut bytes = vec![0; length];
        if self.read_at(start, &mut bytes)? < length {
            return Err(ParquetError::EOF(
                "the file is shorter than it was".to_owned(),
            ));
        }
        Ok(bytes.into())
    }
}

/// A file from an offset on.
struct FileFrom {
    file: File,
    offset: u64,
}

impl Read for FileFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.offset, buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}
