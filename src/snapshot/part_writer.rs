//! Writing a part.
//!
//! In: rows of one stream and month, in order. Out: an encrypted Parquet file. Must hold: when `finish` has
//! returned a part, its file is durable but for its name, and what the disk gives back of it is what was written.

use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use sha2::{Digest, Sha256};

use super::columns::{BATCH, Columns};
use super::digest::digest;
use super::error::SnapshotError;
use super::part::{Arrival, Ordinal, Part, key_to_write, new_name};
use super::schema::{LEADING, schema};
use crate::journal::{DerivedKey, JournalId, KeyMark, Keys, Month, Storage};
use crate::record::{Change, Column, Kind, Stream};

/// Most rows of a row group: what a writer holds in memory, encoded, and a reader decodes from.
const ROW_GROUP: usize = 1 << 16;
/// Most bytes of a row group, about: long texts make shorter ones.
const ROW_GROUP_BYTES: usize = 1 << 25;
/// Bytes that are handed to the disk at once.
const PIECE: usize = 1 << 20;

/// A part that is being written.
pub(super) struct PartWriter {
    storage: Arc<dyn Storage>,
    name: String,
    stream: Stream,
    month: Month,
    mark: KeyMark,
    writer: ArrowWriter<Sink>,
    columns: Columns,
    rows: u64,
    first: Option<Ordinal>,
    last: Ordinal,
}

impl PartWriter {
    /// Begins an empty part.
    pub(super) fn new(
        storage: &Arc<dyn Storage>,
        keys: &Keys,
        journal: JournalId,
        (stream, month): (Stream, Month),
    ) -> Result<Self, SnapshotError> {
        let name = new_name(stream, month)?;
        let (mark, key) = key_to_write(keys, journal, (stream, month), &name)?;
        let sink = Sink::create(storage.clone(), &name)?;
        let options = ArrowWriterOptions::new()
            .with_properties(properties(stream, &key).map_err(|_| encoding(&**storage, &name))?)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(sink, schema(stream), options)
            .map_err(|error| failed(&**storage, &name, error))?;
        Ok(Self {
            storage: storage.clone(),
            name,
            stream,
            month,
            mark,
            writer,
            columns: Columns::new(stream),
            rows: 0,
            first: None,
            last: Ordinal { epoch: 0, row: 0 },
        })
    }

    /// Adds a row of the stream that arrived in the month, after the last one.
    pub(super) fn push(&mut self, arrival: Arrival, change: &Change) -> Result<(), SnapshotError> {
        self.columns.push(arrival, change);
        self.count(1, (arrival.ordinal, arrival.ordinal));
        if self.columns.rows() == BATCH {
            self.write_columns()?;
        }
        Ok(())
    }

    /// Adds rows that were read from another part, after the last one.
    pub(super) fn append(
        &mut self,
        batch: &RecordBatch,
        range: (Ordinal, Ordinal),
    ) -> Result<(), SnapshotError> {
        self.count(batch.num_rows() as u64, range);
        let written = self.writer.write(batch);
        written.map_err(|error| self.failed(error))
    }

    fn count(&mut self, rows: u64, (first, last): (Ordinal, Ordinal)) {
        self.rows += rows;
        self.first.get_or_insert(first);
        self.last = last;
    }

    fn write_columns(&mut self) -> Result<(), SnapshotError> {
        let batch = self.columns.take();
        let batch = batch.map_err(|_| encoding(&*self.storage, &self.name))?;
        let written = self.writer.write(&batch);
        written.map_err(|error| self.failed(error))
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<Part, SnapshotError> {
        self.write_columns()?;
        let ended = self.writer.finish();
        ended.map_err(|error| self.failed(error))?;
        let (bytes, sha256) = self.writer.inner_mut().end()?;
        let (storage, name) = (&*self.storage, self.name);
        let settled = storage.settle(&name);
        settled.map_err(|error| storage_error(storage, "be made durable", &name, error))?;
        if digest(storage, &name, bytes)? != sha256 {
            return Err(SnapshotError::Damaged {
                place: storage.place(&name),
                what: "the disk does not give back what was written",
            });
        }
        Ok(Part {
            name,
            stream: self.stream,
            month: self.month,
            mark: self.mark,
            bytes,
            rows: self.rows,
            first: self.first.unwrap_or(self.last),
            last: self.last,
            sha256,
        })
    }

    fn failed(&mut self, error: ParquetError) -> SnapshotError {
        match self.writer.inner_mut().failure.take() {
            Some(error) => storage_error(&*self.storage, "be written", &self.name, error),
            None => failed(&*self.storage, &self.name, error),
        }
    }
}

/// Whether nearly each row has a value of its own there, so that a dictionary of them is of no use.
fn is_of_one(stream: Stream, column: &Column) -> bool {
    let is_key = stream.key_columns().contains(&column.name) && column.kind == Kind::Text;
    let is_person = matches!(
        column.kind,
        Kind::PersonalId | Kind::SiNumber | Kind::OldId | Kind::CardNumber
    );
    is_key || is_person || column.name == "personal_id"
}

fn properties(stream: Stream, key: &DerivedKey) -> Result<WriterProperties, ParquetError> {
    let encryption = FileEncryptionProperties::builder(key.bytes().to_vec()).build()?;
    let mut properties = WriterProperties::builder()
        .with_file_encryption_properties(encryption)
        .set_created_by("fundwatch".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        // One page of data a column and row group: DuckDB 2.0 does not decrypt a second one.
        .set_data_page_row_count_limit(ROW_GROUP)
        .set_data_page_size_limit(4 * ROW_GROUP_BYTES)
        .set_dictionary_page_size_limit(4 * ROW_GROUP_BYTES)
        .set_statistics_enabled(EnabledStatistics::None);
    for column in stream
        .columns()
        .iter()
        .filter(|column| is_of_one(stream, column))
    {
        properties = properties.set_column_dictionary_enabled(column.name.into(), false);
    }
    let [epoch, row, arrived_at, recorded_at, _] = LEADING;
    for name in [epoch, row, arrived_at, recorded_at] {
        // So that a tool that asks for some epochs, or days, skips the rest.
        properties = properties
            .set_column_dictionary_enabled(name.into(), false)
            .set_column_encoding(name.into(), Encoding::DELTA_BINARY_PACKED)
            .set_column_statistics_enabled(name.into(), EnabledStatistics::Chunk);
    }
    Ok(properties.build())
}

pub(super) fn storage_error(
    storage: &dyn Storage,
    doing: &'static str,
    name: &str,
    error: io::Error,
) -> SnapshotError {
    SnapshotError::Storage {
        doing,
        place: storage.place(name),
        error,
    }
}

fn encoding(storage: &dyn Storage, name: &str) -> SnapshotError {
    SnapshotError::Encoding {
        place: storage.place(name),
    }
}

fn failed(storage: &dyn Storage, name: &str, error: ParquetError) -> SnapshotError {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => storage_error(storage, "be written", name, *error),
            Err(_) => encoding(storage, name),
        },
        _ => encoding(storage, name),
    }
}

/// A file that grows in pieces, and its digest.
struct Sink {
    storage: Arc<dyn Storage>,
    name: String,
    piece: Vec<u8>,
    sha256: Sha256,
    bytes: u64,
    /// The first failure: what the encoder makes of it is of no use to anybody.
    failure: Option<io::Error>,
}

impl Sink {
    fn create(storage: Arc<dyn Storage>, name: &str) -> Result<Self, SnapshotError> {
        let created = storage.create(name);
        created.map_err(|error| storage_error(&*storage, "be begun", name, error))?;
        Ok(Self {
            storage,
            name: name.to_owned(),
            piece: Vec::with_capacity(PIECE + (PIECE >> 1)),
            sha256: Sha256::new(),
            bytes: 0,
            failure: None,
        })
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let piece = mem::take(&mut self.piece);
        let appended = self.storage.append(&self.name, &piece);
        if let Err(error) = appended {
            let kind = error.kind();
            self.failure = Some(error);
            return Err(kind.into());
        }
        self.sha256.update(&piece);
        self.bytes += piece.len() as u64;
        self.piece = piece;
        self.piece.clear();
        Ok(())
    }

    /// Hands over the rest: the bytes of the file, and their digest.
    fn end(&mut self) -> Result<(u64, [u8; 32]), SnapshotError> {
        if self.hand_over().is_err() {
            let error = self
                .failure
                .take()
                .unwrap_or_else(|| io::ErrorKind::Other.into());
            return Err(storage_error(
                &*self.storage,
                "be written",
                &self.name,
                error,
            ));
        }
        Ok((self.bytes, mem::take(&mut self.sha256).finalize().into()))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
    use parquet::encryption::decrypt::FileDecryptionProperties;
    use parquet::file::metadata::PageIndexPolicy;

    use super::super::part::key_to_read;
    use super::*;
    use crate::journal::simulation::SimulatedDisk;
    use crate::record::{Instant, Key, Operation, Text, Value};

    #[test]
    fn a_column_of_a_row_group_has_one_page() {
        let (disk, journal) = (SimulatedDisk::new(), JournalId([1; 16]));
        let storage: Arc<dyn Storage> = Arc::new(disk.clone());
        let keys = Keys::new(Arc::new(SimulatedDisk::new()), None);
        let at = Instant::from_nanos(1_772_298_000_000_000_000);
        let of = (Stream::DeathReports, Month::of(at.nanos()));
        let mut writer = PartWriter::new(&storage, &keys, journal, of).expect("begun");
        let rows = ROW_GROUP as u64 + 30_000;
        for row in 1..=rows {
            let id = Text::from_text(&format!("{:0>40}", row * 7919)).expect("a text");
            let change = Change {
                recorded_at: at,
                key: Key::DeathReport(id),
                operation: Operation::Delete,
            };
            let ordinal = Ordinal { epoch: 1, row };
            writer
                .push(
                    Arrival {
                        ordinal,
                        at,
                        replaced: None,
                    },
                    &change,
                )
                .expect("pushed");
        }
        let part = writer.finish().expect("finished");
        let key = key_to_read(&keys, journal, &part)
            .expect("readable")
            .expect("a key");
        let bytes = bytes::Bytes::from(disk.contents(&part.name).expect("a file"));
        let decryption = FileDecryptionProperties::builder(key.bytes().to_vec()).build();
        let options = ArrowReaderOptions::new()
            .with_file_decryption_properties(decryption.expect("32 bytes"))
            .with_page_index_policy(PageIndexPolicy::Required);
        let metadata = ArrowReaderMetadata::load(&bytes, options).expect("Parquet");
        let metadata = metadata.metadata();
        assert_eq!(metadata.num_row_groups(), 2);
        for group in 0..metadata.num_row_groups() {
            let index = metadata.page_index_for_row_group(group);
            for column in 0..metadata.row_group(group).num_columns() {
                let pages = index.offset_index(column).expect("an index of pages");
                assert_eq!(pages.page_locations().len(), 1);
            }
        }
    }
}
