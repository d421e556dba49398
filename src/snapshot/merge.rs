//! Which parts of a stream and month become one, and how.
//!
//! Each snapshot adds a part of the new rows alone, so that it costs what is new and not what is old. So that parts
//! stay few, the last ones become one whenever the one before has fewer than twice their rows: there are then at most as
//! many as a month's rows can be halved, and a row is written again about as often.

use arrow_array::{RecordBatch, new_null_array};
use arrow_schema::ArrowError;

use super::error::SnapshotError;
use super::part::{Ordinal, Part, key_to_read};
use super::part_reader::{PartReader, Texts};
use super::part_writer::PartWriter;
use super::schema::schema;
use super::snapshots::Snapshots;
use crate::journal::{JournalId, KeyError};
use crate::record::Stream;

/// From which part on those of a stream and month, in order, are to be one.
pub(super) fn begin(rows: &[u64]) -> usize {
    let Some((last, before)) = rows.split_last() else {
        return 0;
    };
    let (mut begin, mut sum) = (before.len(), *last);
    while begin > 0 && rows[begin - 1] < sum.saturating_mul(2) {
        begin -= 1;
        sum = sum.saturating_add(rows[begin]);
    }
    begin
}

/// Writes the rows of several parts of a stream and month, in order, as one.
pub(super) fn merge(
    snapshots: &Snapshots,
    journal: JournalId,
    parts: &[Part],
) -> Result<Option<Part>, SnapshotError> {
    let Some(first) = parts.first() else {
        return Ok(None);
    };
    let of = (first.stream, first.month);
    let mut writer = PartWriter::new(&snapshots.storage, &snapshots.keys, journal, of)?;
    for part in parts {
        let key = key_to_read(&snapshots.keys, journal, part)?;
        let month = part.month;
        let key = key.ok_or(KeyError::Destroyed { month })?;
        let mut reader = PartReader::open(&snapshots.storage, part, &key, Texts::Own)?;
        while let Some(batch) = reader.next()? {
            let arrivals = places(&batch).ok_or_else(|| reader.damaged("its places are none"))?;
            let mut range: Option<(Ordinal, Ordinal)> = None;
            reader.follow(arrivals.inspect(|arrival| {
                let place = arrival.ordinal;
                range.get_or_insert((place, place)).1 = place;
            }))?;
            let batch = as_written_now(&batch, part.stream);
            let batch = batch.map_err(|_| reader.damaged("its columns are of another version"))?;
            if let Some(range) = range {
                writer.append(&batch, range)?;
            }
        }
    }
    writer.finish().map(Some)
}

/// A batch with the columns that are written now: those that were added since are empty.
fn as_written_now(batch: &RecordBatch, stream: Stream) -> Result<RecordBatch, ArrowError> {
    let schema = schema(stream);
    let columns = schema.fields().iter().map(|field| {
        let column = batch.column_by_name(field.name()).cloned();
        column.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
    });
    RecordBatch::try_new(schema.clone(), columns.collect())
}

/// Where and when the rows of a batch arrived.
fn places(batch: &RecordBatch) -> Option<impl Iterator<Item = super::part::Arrival>> {
    use super::schema::LEADING;
    use crate::record::Instant;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{TimestampNanosecondType, UInt64Type};
    let [epoch, row, arrived_at, ..] = LEADING.map(|name| batch.column_by_name(name));
    let epoch = epoch?.as_primitive_opt::<UInt64Type>()?;
    let row = row?.as_primitive_opt::<UInt64Type>()?;
    let arrived_at = arrived_at?.as_primitive_opt::<TimestampNanosecondType>()?;
    Some((0..batch.num_rows()).map(move |at| super::part::Arrival {
        ordinal: Ordinal {
            epoch: epoch.value(at),
            row: row.value(at),
        },
        at: Instant::from_nanos(arrived_at.value(at)),
        // It stays in its columns.
        replaced: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_parts_become_one_until_one_has_twice_their_rows() {
        assert_eq!(begin(&[100]), 0);
        assert_eq!(begin(&[100, 10]), 1);
        assert_eq!(begin(&[100, 10, 6]), 1);
        assert_eq!(begin(&[100, 20, 10]), 2);
        assert_eq!(begin(&[30, 19, 1]), 2);
        assert_eq!(begin(&[30, 1, 19]), 0);
    }

    #[test]
    fn parts_stay_few_and_rows_are_seldom_written_again() {
        let (mut rows, mut written) = (Vec::new(), 0);
        let epochs = 10_000;
        for _ in 0..epochs {
            rows.push(1);
            written += 1;
            let begin = begin(&rows);
            let sum: u64 = rows.drain(begin..).sum();
            rows.push(sum);
            written += sum;
            assert!(rows.len() <= 14, "{rows:?}");
        }
        assert_eq!(rows.iter().sum::<u64>(), epochs);
        assert!(written < 14 * epochs, "{written}");
    }
}
