//! NDJSON: a JSON object a line, a row by itself or in a Debezium envelope.
//!
//! In: the lines of a file. Out: a row for each line that is not blank and no tombstone. Must hold:
//! a line is judged by itself alone.

use super::debezium::{Line as JsonLine, Unwrapper};
use super::json::Layout;
use super::line::{Ahead, Lines};
use super::{Entry, ROW_LIMIT, Reject, RowReader, SourceError, change};
use crate::record::{Change, Instant, Stream};

/// Reads the rows of an NDJSON file.
pub(super) struct NdjsonReader {
    lines: Lines,
    stream: Stream,
    unwrapper: Unwrapper,
    arrival: Option<Instant>,
    row: u64,
}

impl NdjsonReader {
    /// Reads lines as rows of a stream, which arrive at a time if that counts.
    pub(super) fn new(lines: Lines, stream: Stream, arrival: Option<Instant>) -> Self {
        Self {
            lines,
            stream,
            unwrapper: Unwrapper::new(Layout::of(stream)),
            arrival,
            row: 0,
        }
    }

    /// Reads lines up to the next row, by one function for whole lines and one for the start of a
    /// line that is too long.
    fn next<T>(
        &mut self,
        mut read: impl FnMut(&mut Unwrapper, &[u8], Stream) -> Option<T>,
        too_long: impl FnOnce(&[u8], Stream) -> T,
    ) -> Result<Option<T>, SourceError> {
        loop {
            let line = match self.lines.ahead(0)? {
                Ahead::End => return Ok(None),
                Ahead::TooLong => {
                    let start = self.lines.skip_line()?;
                    self.row += 1;
                    return Ok(Some(too_long(&start, self.stream)));
                }
                Ahead::Line(line) => line,
            };
            let text = self.lines.text(line.end);
            let found = match text.trim_ascii().is_empty() {
                true => None,
                false => read(&mut self.unwrapper, text, self.stream),
            };
            self.lines.skip(line.next);
            if found.is_some() {
                self.row += 1;
                return Ok(found);
            }
        }
    }
}

/// Reads rows of a stream that come as lines one by one, not as a file.
pub struct LineReader {
    stream: Stream,
    unwrapper: Unwrapper,
}

impl LineReader {
    /// Reads rows of a stream.
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            unwrapper: Unwrapper::new(Layout::of(stream)),
        }
    }

    /// What becomes of a line without its line break, which arrives at a time if that counts; nothing of one
    /// that is blank or a tombstone.
    pub fn read(
        &mut self,
        line: &[u8],
        arrival: Option<Instant>,
    ) -> Option<Result<Change, Reject>> {
        if line.trim_ascii().is_empty() {
            return None;
        }
        if line.len() > ROW_LIMIT {
            return Some(Err(Reject::too_large(self.stream, line)));
        }
        outcome(&mut self.unwrapper, line, self.stream, arrival)
    }

    /// Reads a row again that was accepted once, however long it has become in another form.
    pub fn read_again(&mut self, line: &[u8]) -> Option<Result<Change, Reject>> {
        outcome(&mut self.unwrapper, line, self.stream, None)
    }
}

/// What became of a line, unless it is none of the stream's.
fn outcome(
    unwrapper: &mut Unwrapper,
    text: &[u8],
    stream: Stream,
    arrival: Option<Instant>,
) -> Option<Result<Change, Reject>> {
    let Ok(line) = std::str::from_utf8(text) else {
        let recorded_at = recorded_at(unwrapper, text, stream).flatten();
        return Some(Err(Reject::bad_utf8(stream, text).known_at(recorded_at)));
    };
    match unwrapper.read(line) {
        JsonLine::Nothing => None,
        JsonLine::Row(row) => Some(change(stream, &row, arrival, || line.to_owned())),
        JsonLine::Bad(error, recorded_at) => {
            Some(Err(Reject::new(stream, error, line).known_at(recorded_at)))
        }
    }
}

/// The knowledge time of a line, unless it is none of the stream's.
fn recorded_at(unwrapper: &mut Unwrapper, text: &[u8], stream: Stream) -> Option<Option<Instant>> {
    let (line, is_utf8) = match std::str::from_utf8(text) {
        Ok(line) => (line.into(), true),
        // The time may well be in the part that is.
        Err(_) => (String::from_utf8_lossy(text), false),
    };
    match unwrapper.read(&line) {
        JsonLine::Nothing if is_utf8 => None,
        JsonLine::Nothing => Some(None),
        JsonLine::Row(row) => Some(stream.recorded_at(&row).ok()),
        JsonLine::Bad(_, recorded_at) => Some(recorded_at),
    }
}

impl RowReader for NdjsonReader {
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError> {
        let arrival = self.arrival;
        let found = self.next(
            |unwrapper, text, stream| outcome(unwrapper, text, stream, arrival),
            |start, stream| Err(Reject::too_large(stream, start)),
        )?;
        Ok(found.map(|outcome| Entry {
            row: self.row,
            outcome,
        }))
    }

    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
        self.next(recorded_at, |_, _| None)
    }

    fn unknown_columns(&self) -> Vec<String> {
        self.unwrapper.unknown.names()
    }
}

#[cfg(test)]
mod tests;
