//! The cells of one record, without an allocation per cell.
//!
//! In: the text of a record. Out: its cells by number. Must hold: a record without quotes is not
//! copied; one with quotes is unquoted once, by `csv-core`.

use csv_core::{ReadFieldResult, ReadRecordResult, Reader, ReaderBuilder, Terminator};
use memchr::{memchr, memchr_iter};

/// Where the cells of a record are; reused from record to record.
pub(super) struct Cells {
    /// Reset before each use: making one computes its tables, which costs as much as many records.
    reader: Reader,
    /// The end of each cell.
    ends: Vec<usize>,
    /// The text of a record with quotes, unquoted.
    unquoted: Vec<u8>,
    quoted: bool,
    /// The cell that was looked for alone, unquoted.
    found: Vec<u8>,
}

impl Default for Cells {
    fn default() -> Self {
        Self {
            // Line ends are found before, so that none but `\n` may end a record here.
            reader: ReaderBuilder::new()
                .terminator(Terminator::Any(b'\n'))
                .build(),
            ends: Vec::new(),
            unquoted: Vec::new(),
            quoted: false,
            found: Vec::new(),
        }
    }
}

impl Cells {
    /// Splits a record.
    pub(super) fn split(&mut self, record: &[u8]) {
        self.ends.clear();
        self.quoted = memchr(b'"', record).is_some();
        if self.quoted {
            self.unquote(record);
        } else {
            self.ends.extend(memchr_iter(b',', record));
            self.ends.push(record.len());
        }
    }

    fn unquote(&mut self, record: &[u8]) {
        // Unquoting never lengthens, and a record has at most a cell more than bytes.
        self.unquoted.resize(record.len() + 1, 0);
        self.ends.resize(record.len() + 1, 0);
        self.reader.reset();
        let (mut read, mut written, mut cells) = (0, 0, 0);
        loop {
            let (result, r, w, c) = self.reader.read_record(
                &record[read..],
                &mut self.unquoted[written..],
                &mut self.ends[cells..],
            );
            (read, written, cells) = (read + r, written + w, cells + c);
            // At the end of the input an empty one closes the record.
            if !matches!(result, ReadRecordResult::InputEmpty) {
                break;
            }
        }
        self.ends.truncate(cells);
    }

    /// How many cells the record has.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// A cell of the record that was split.
    pub(super) fn text<'a>(&'a self, record: &'a str, cell: usize) -> Option<&'a str> {
        let end = *self.ends.get(cell)?;
        let before = match cell {
            0 => 0,
            _ => self.ends[cell - 1] + usize::from(!self.quoted),
        };
        if self.quoted {
            // Cells of UTF-8 text are cut at ASCII and are UTF-8.
            std::str::from_utf8(&self.unquoted[before..end]).ok()
        } else {
            record.get(before..end)
        }
    }

    /// One cell of a record, found without splitting the rest; what was split stays as it is.
    pub(super) fn find<'a>(&'a mut self, record: &'a [u8], cell: usize) -> Option<&'a [u8]> {
        let simple = memchr(b'"', record).is_none();
        if simple {
            let mut ends = memchr_iter(b',', record);
            let start = match cell {
                0 => 0,
                _ => ends.nth(cell - 1)? + 1,
            };
            return Some(&record[start..ends.next().unwrap_or(record.len())]);
        }
        self.found.resize(record.len() + 1, 0);
        self.reader.reset();
        let (mut read, mut written, mut number) = (0, 0, 0);
        loop {
            let (result, r, w) = self
                .reader
                .read_field(&record[read..], &mut self.found[written..]);
            (read, written) = (read + r, written + w);
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::Field { .. } if number == cell => {
                    return Some(&self.found[..written]);
                }
                ReadFieldResult::Field { record_end: false } => (number, written) = (number + 1, 0),
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cells_are_unquoted() {
        let split = |record: &str| {
            let mut cells = Cells::default();
            cells.split(record.as_bytes());
            (0..cells.count())
                .map(|i| cells.text(record, i).expect("a cell").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(split("a,,ẵ"), ["a", "", "ẵ"]);
        assert_eq!(split(""), [""]);
        assert_eq!(
            split("\"a,\"\"b\"\"\r\n\",\"\",c\rd"),
            ["a,\"b\"\r\n", "", "c\rd"]
        );
    }

    proptest! {
        #[test]
        fn a_cell_found_is_the_cell_split(record in "[aẵ,\"\r;]{0,30}", cell in 0usize..8) {
            let mut cells = Cells::default();
            cells.split(record.as_bytes());
            let found = cells.find(record.as_bytes(), cell).map(<[u8]>::to_vec);
            let split = cells.text(&record, cell).map(|text| text.as_bytes().to_vec());
            prop_assert_eq!(found, split);
        }

        #[test]
        fn what_is_quoted_comes_back(texts in prop::collection::vec("[aẵ,\"\r\n; ]{0,6}", 1..6)) {
            let quoted: Vec<String> =
                texts.iter().map(|t| format!("\"{}\"", t.replace('"', "\"\""))).collect();
            let record = quoted.join(",");
            let mut cells = Cells::default();
            cells.split(record.as_bytes());
            let back: Vec<_> =
                (0..cells.count()).map(|i| cells.text(&record, i).expect("a cell")).collect();
            prop_assert_eq!(back, texts);
        }
    }
}
