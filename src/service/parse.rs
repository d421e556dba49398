//! What a source hands over, as a delivery.
//!
//! In: the bytes of a push, or the rows of a file. Out: a delivery with the rows that were accepted and those
//! that were not. Must hold: a bad row harms only itself; rows are numbered as a replay numbers those of a file.

use std::io::Cursor;
use std::path::Path;

use crate::journal::{Arrived, Delivery, Rejected};
use crate::record::{Change, Instant, Stream};
use crate::source::{Entry, LineReader, Reject, SourceError, open_xml};

/// The rows of a body of NDJSON.
pub fn lines(stream: Stream, body: &[u8], arrival: Instant) -> Delivery {
    let mut reader = LineReader::new(stream);
    let mut delivery = Delivery::default();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut row = 0;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(outcome) = reader.read(line, Some(arrival)) {
            row += 1;
            add(&mut delivery, row, outcome);
        }
    }
    delivery
}

/// The claims and check-ins of an envelope.
///
/// # Errors
/// When the body cannot be read on.
pub fn envelope(body: Vec<u8>, arrival: Instant) -> Result<Delivery, SourceError> {
    let mut rows = open_xml(
        Box::new(Cursor::new(body)),
        Path::new("the envelope"),
        Some(arrival),
    );
    let mut delivery = Delivery::default();
    while let Some(entry) = rows.next_entry()? {
        add_entry(&mut delivery, entry);
    }
    Ok(delivery)
}

/// Adds a row of a file.
pub(crate) fn add_entry(delivery: &mut Delivery, entry: Entry) {
    add(delivery, entry.row, entry.outcome);
}

/// Adds what became of a row.
pub(super) fn add(delivery: &mut Delivery, row: u64, outcome: Result<Change, Reject>) {
    match outcome {
        Ok(change) => delivery.rows.push(Arrived { row, change }),
        Err(reject) => delivery.rejects.push(Rejected {
            row,
            stream: reject.stream,
            recorded_at: reject.recorded_at,
            facility: reject.facility,
            code: reject.error.code,
            message: reject.error.message,
            raw: reject.raw,
        }),
    }
}
