//! The header of a CSV file: which cell holds which column.
//!
//! In: the first line. Out: the place of each column, or why no row of the file can be read.

use super::cells::Cells;
use super::shape::shape;
use crate::record::{ErrorCode, RowError, Stream};
use crate::source::unknown::UnknownColumns;

/// The columns of a file.
pub(super) struct Header {
    /// Cells of every record.
    pub(super) cells: usize,
    /// The cell of each column of the stream, in the order in which a row numbers them.
    pub(super) places: Vec<Option<usize>>,
    /// Why no row can be read.
    pub(super) flaw: Option<RowError>,
}

impl Header {
    /// Reads the first line; it must name `recorded_at`.
    pub(super) fn read(line: &[u8], stream: Stream, unknown: &mut UnknownColumns) -> Self {
        Self::read_naming(&["recorded_at"], line, stream, unknown)
    }

    /// Reads the first line of rows whose knowledge time may be that of their arrival; it must name the key.
    pub(super) fn read_arriving(line: &[u8], stream: Stream, unknown: &mut UnknownColumns) -> Self {
        Self::read_naming(stream.key_columns(), line, stream, unknown)
    }

    fn read_naming(
        needed: &[&str],
        line: &[u8],
        stream: Stream,
        unknown: &mut UnknownColumns,
    ) -> Self {
        let names: Vec<&str> = stream.column_names().collect();
        let shape = shape(line);
        if shape.is_open() || shape.is_malformed() {
            let quotes = "the header line has unbalanced quotes; mend the file's first line";
            return Self::flawed(stream, RowError::new(ErrorCode::BadCsv, quotes));
        }
        let Ok(line) = std::str::from_utf8(line) else {
            let utf8 = "the header line is not UTF-8; save the file as UTF-8";
            return Self::flawed(stream, RowError::new(ErrorCode::BadUtf8, utf8));
        };
        let mut cells = Cells::default();
        cells.split(line.as_bytes());
        let mut header = Self {
            cells: shape.cells(),
            places: vec![None; names.len()],
            flaw: None,
        };
        for index in 0..cells.count() {
            let name = cells.text(line, index).unwrap_or_default().trim();
            match names.iter().position(|n| *n == name) {
                Some(column) if header.places[column].is_some() => {
                    let twice = format!("the header names column `{name}` twice");
                    header.flaw = Some(RowError::new(ErrorCode::BadCsv, twice));
                }
                Some(column) => header.places[column] = Some(index),
                // A comma at the end of the line makes a cell without a name.
                None if name.is_empty() => {}
                None => unknown.note(name),
            }
        }
        for needed in needed {
            let column = names.iter().position(|name| name == needed);
            if column.is_none_or(|column| header.places[column].is_none()) {
                header.flaw.get_or_insert_with(|| not_named(needed, stream));
            }
        }
        // Without them the line may be no header: then its cells are not to be named.
        if header.flaw.is_none() {
            unknown.keep();
        } else {
            unknown.drop_noted();
        }
        header
    }

    /// A header under which every row is rejected.
    pub(super) fn flawed(stream: Stream, flaw: RowError) -> Self {
        Self {
            cells: 0,
            places: vec![None; stream.column_names().count()],
            flaw: Some(flaw),
        }
    }
}

fn not_named(column: &str, stream: Stream) -> RowError {
    let expected = format!(
        "the header line does not name it; the first line of the file names the columns of \
         `{stream}`, separated by commas"
    );
    RowError::column(ErrorCode::MissingColumn, column, &expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Header, Vec<String>) {
        let mut unknown = UnknownColumns::default();
        let header = Header::read(line.as_bytes(), Stream::Employments, &mut unknown);
        (header, unknown.names())
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let (header, unknown) = read("note,\"to\",si_number,recorded_at,from,tax_code");
        assert_eq!(header.flaw, None);
        assert_eq!(
            header.places,
            [Some(3), None, Some(2), Some(5), Some(4), Some(1)]
        );
        assert_eq!(unknown, ["note"]);
    }

    #[test]
    fn a_line_that_is_no_header_is_told_and_not_repeated() {
        let (header, unknown) = read("2025-01-01T00:00:00Z,0123456789,D1,2020-01-01,");
        assert_eq!(header.flaw.map(|f| f.code), Some(ErrorCode::MissingColumn));
        assert!(unknown.is_empty());
        let (header, _) = read("recorded_at,from,from");
        assert_eq!(header.flaw.map(|f| f.code), Some(ErrorCode::BadCsv));
    }
}
