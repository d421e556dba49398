//! CSV rows under a header.
//!
//! In: the lines of a file. Out: its records. A record is one line; when the line ends inside a
//! quoted cell, it may go on over the next ones.
//! Must hold: a stray quote costs its own line and no other. So a record that goes on must close
//! within [`MOST_LINES`] with the header's number of cells, and never swallows a line that is a
//! flawless record by itself; else its first line is rejected and reading resumes at the second.

use std::borrow::Cow;

use super::line::{Ahead, Line, Lines};
use super::unknown::UnknownColumns;
use super::{Entry, Reject, RowReader, SourceError, change};
use crate::record::{Cell, Change, ErrorCode, Instant, Row, RowError, Stream, Value};

mod cells;
mod header;
mod shape;

use cells::Cells;
use header::Header;
use shape::{Shape, shape};

/// The most lines of one record.
const MOST_LINES: usize = 64;

/// Reads the rows of a CSV file.
pub(super) struct CsvReader {
    lines: Lines,
    stream: Stream,
    header: Header,
    arrival: Option<Instant>,
    row: u64,
    cells: Cells,
    unknown: UnknownColumns,
}

/// A record at the position of the lines.
enum Record {
    /// Longer than a row may be.
    TooLong,
    /// A whole record, or a line that is none.
    Found {
        line: Line,
        flaw: Option<&'static str>,
    },
}

const OPEN_QUOTE: &str = "a quoted cell does not end; write a quote inside a quoted cell twice";
const AFTER_QUOTE: &str = "text follows the quote that ends a cell; write a quote inside a quoted \
                           cell twice";
const WRONG_COUNT: &str = "the row has not as many cells as the header; quote a cell that holds \
                           a comma";

impl CsvReader {
    /// Reads the header of rows that arrive at a time, if that counts.
    pub(super) fn new(
        mut lines: Lines,
        stream: Stream,
        arrival: Option<Instant>,
    ) -> Result<Self, SourceError> {
        let read = |line: &[u8], unknown: &mut UnknownColumns| match arrival {
            None => Header::read(line, stream, unknown),
            Some(_) => Header::read_arriving(line, stream, unknown),
        };
        let mut unknown = UnknownColumns::default();
        let header = loop {
            match lines.ahead(0)? {
                Ahead::Line(Line { end: 0, next }) => lines.skip(next),
                Ahead::Line(line) => {
                    let header = read(lines.text(line.end), &mut unknown);
                    lines.skip(line.next);
                    break header;
                }
                Ahead::End => break read(b"", &mut unknown),
                Ahead::TooLong => {
                    lines.skip_line()?;
                    let long = "the header line is longer than a row may be";
                    break Header::flawed(stream, RowError::new(ErrorCode::BadCsv, long));
                }
            }
        };
        Ok(Self {
            lines,
            stream,
            header,
            arrival,
            row: 0,
            cells: Cells::default(),
            unknown,
        })
    }

    /// The record at the position, past empty lines.
    fn find(&mut self) -> Result<Option<Record>, SourceError> {
        loop {
            match self.lines.ahead(0)? {
                Ahead::End => return Ok(None),
                Ahead::TooLong => return Ok(Some(Record::TooLong)),
                Ahead::Line(Line { end: 0, next }) => self.lines.skip(next),
                Ahead::Line(line) => return self.extend(line).map(Some),
            }
        }
    }

    /// The record that begins with a line.
    fn extend(&mut self, first: Line) -> Result<Record, SourceError> {
        let text = self.lines.text(first.end);
        let found = |line, flaw| Ok(Record::Found { line, flaw });
        if memchr::memchr(b'"', text).is_none() {
            // Its cells are counted when it is split.
            return found(first, None);
        }
        let mut shape = shape(text);
        let mut line = first;
        for _ in 1..MOST_LINES {
            if !shape.is_open() || shape.cells() > self.header.cells {
                break;
            }
            let start = line.next;
            match self.lines.ahead(start)? {
                Ahead::Line(next) => line = next,
                Ahead::End | Ahead::TooLong => break,
            }
            let added = &self.lines.text(line.end)[start..];
            if self.is_record(shape::shape(added)) {
                break;
            }
            shape.feed(added);
        }
        if shape.is_open() {
            found(first, Some(OPEN_QUOTE))
        } else if shape.is_malformed() {
            found(first, Some(AFTER_QUOTE))
        } else if shape.cells() != self.header.cells {
            found(first, Some(WRONG_COUNT))
        } else {
            found(line, None)
        }
    }

    /// Whether a line is a record by itself beyond doubt.
    fn is_record(&self, line: Shape) -> bool {
        line.is_flawless() && line.cells() == self.header.cells
    }

    /// The knowledge time of the record at the position, however flawed the rest is: a cell at its
    /// place that reads as an RFC 3339 time is that time.
    fn recorded_at(&mut self, line: Line) -> Option<Instant> {
        if self.header.flaw.is_some() {
            return None;
        }
        let text = self.lines.text(line.end);
        let cell = self.cells.find(text, self.header.places[0]?)?;
        Instant::from_text(std::str::from_utf8(cell).ok()?)
    }

    /// What becomes of the record at the position.
    fn outcome(&mut self, line: Line, flaw: Option<&str>) -> Result<Change, Reject> {
        let text = self.lines.text(line.end);
        let Ok(record) = std::str::from_utf8(text) else {
            let reject = Reject::bad_utf8(self.stream, text);
            return Err(reject.known_at(self.recorded_at(line)));
        };
        if let Some(flaw) = &self.header.flaw {
            return Err(Reject::new(self.stream, flaw.clone(), record));
        }
        let flaw = flaw.or_else(|| {
            self.cells.split(text);
            (self.cells.count() != self.header.cells).then_some(WRONG_COUNT)
        });
        if let Some(flaw) = flaw {
            let reject = Reject::because(self.stream, ErrorCode::BadCsv, flaw, record);
            return Err(reject.known_at(self.recorded_at(line)));
        }
        let row = CsvRow {
            record,
            cells: &self.cells,
            places: &self.header.places,
        };
        change(self.stream, &row, self.arrival, || record.to_owned())
    }
}

impl RowReader for CsvReader {
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError> {
        let Some(record) = self.find()? else {
            return Ok(None);
        };
        self.row += 1;
        let outcome = match record {
            Record::TooLong => Err(Reject::too_large(self.stream, &self.lines.skip_line()?)),
            Record::Found { line, flaw } => {
                let outcome = self.outcome(line, flaw);
                self.lines.skip(line.next);
                outcome
            }
        };
        Ok(Some(Entry {
            row: self.row,
            outcome,
        }))
    }

    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
        let Some(record) = self.find()? else {
            return Ok(None);
        };
        self.row += 1;
        match record {
            Record::TooLong => {
                self.lines.skip_line()?;
                Ok(Some(None))
            }
            Record::Found { line, .. } => {
                let recorded_at = self.recorded_at(line);
                self.lines.skip(line.next);
                Ok(Some(recorded_at))
            }
        }
    }

    fn unknown_columns(&self) -> Vec<String> {
        self.unknown.names()
    }
}

/// A record under its header.
struct CsvRow<'a> {
    record: &'a str,
    cells: &'a Cells,
    places: &'a [Option<usize>],
}

impl Row for CsvRow<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        let place = self.places.get(column).copied().flatten();
        Ok(
            match place.and_then(|place| self.cells.text(self.record, place)) {
                None | Some("") => Cell::Null,
                Some(text) => Cell::Text(Cow::Borrowed(text)),
            },
        )
    }
}

#[cfg(test)]
mod tests;
