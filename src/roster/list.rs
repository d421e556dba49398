//! A list of people, as CSV with a header or as NDJSON.
//!
//! In: a file; a row has some of the columns `si_number`, `card_number`, `personal_id`, `full_name`,
//! `birth_date`, `sex`, and others that are passed over. Out: a person a row, or the fault of the row.
//! Must hold: one row is held at a time; a faulty row harms only itself.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::asked::{Asked, COLUMNS, Fault};
use super::error::RosterError;

/// The most bytes of a row.
const ROW_LIMIT: usize = 1 << 20;
/// The most columns of a CSV file.
const CELL_LIMIT: usize = 4096;

/// The people of a list, row by row.
pub struct People {
    path: PathBuf,
    bytes: BufReader<File>,
    rows: Rows,
    /// 1-based; the header of a CSV file is not counted.
    row: u64,
    done: bool,
}

enum Rows {
    Csv {
        reader: Box<Reader>,
        header: Vec<String>,
    },
    Ndjson,
}

impl People {
    /// Opens a list; its name ends with `.csv` or `.ndjson`.
    ///
    /// # Errors
    /// When it cannot be read, or has none of the columns.
    pub fn open(path: &Path) -> Result<Self, RosterError> {
        let file = File::open(path).map_err(|error| RosterError::People {
            path: path.to_owned(),
            error,
        })?;
        let mut people = Self {
            path: path.to_owned(),
            bytes: BufReader::new(file),
            rows: Rows::Ndjson,
            row: 0,
            done: false,
        };
        if path.extension().is_some_and(|ending| ending == "csv") {
            people.skip_byte_order_mark()?;
            let mut reader = Box::new(ReaderBuilder::new().build());
            let header = people.record(&mut reader)?.unwrap_or_default();
            if !header.iter().any(|name| COLUMNS.contains(&name.as_str())) {
                let columns = COLUMNS.join(", ");
                return Err(
                    people.damaged(1, format!("the header names none of the columns {columns}"))
                );
            }
            people.rows = Rows::Csv { reader, header };
        }
        Ok(people)
    }

    fn damaged(&self, line: u64, message: impl Into<String>) -> RosterError {
        RosterError::Damaged {
            path: self.path.clone(),
            line,
            message: message.into(),
        }
    }

    fn skip_byte_order_mark(&mut self) -> Result<(), RosterError> {
        let start = self.fill()?;
        if start.starts_with(b"\xef\xbb\xbf") {
            self.bytes.consume(3);
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<&[u8], RosterError> {
        let path = &self.path;
        self.bytes.fill_buf().map_err(|error| RosterError::People {
            path: path.clone(),
            error,
        })
    }

    /// The next CSV record.
    fn record(&mut self, reader: &mut Reader) -> Result<Option<Vec<String>>, RosterError> {
        let (mut text, mut ends) = (vec![0; 512], vec![0; 32]);
        let (mut written, mut cells) = (0, 0);
        loop {
            let line = reader.line();
            let bytes = self.fill()?;
            let (result, read, more, ended) =
                reader.read_record(bytes, &mut text[written..], &mut ends[cells..]);
            self.bytes.consume(read);
            (written, cells) = (written + more, cells + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if text.len() < ROW_LIMIT => {
                    text.resize(text.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if ends.len() < CELL_LIMIT => {
                    ends.resize(ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    let message = "the row is too long; look for a quote that is not closed";
                    return Err(self.damaged(line, message));
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        let mut start = 0;
        let cell = |end: &usize| {
            let cell = String::from_utf8_lossy(&text[start..*end]).into_owned();
            start = *end;
            cell
        };
        Ok(Some(ends[..cells].iter().map(cell).collect()))
    }

    /// The next line with something on it.
    fn json_line(&mut self) -> Result<Option<String>, RosterError> {
        loop {
            let mut line = Vec::new();
            let path = &self.path;
            let limited = &mut std::io::Read::take(&mut self.bytes, ROW_LIMIT as u64);
            let read = BufRead::read_until(limited, b'\n', &mut line);
            let read = read.map_err(|error| RosterError::People {
                path: path.clone(),
                error,
            })?;
            if read == ROW_LIMIT {
                return Err(self.damaged(self.row + 1, "the row is too long"));
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_start_matches('\u{feff}').trim();
            if read == 0 {
                return Ok(None);
            }
            if !text.is_empty() {
                return Ok(Some(text.to_owned()));
            }
        }
    }

    fn next_person(&mut self) -> Result<Option<Result<Asked, Fault>>, RosterError> {
        match std::mem::replace(&mut self.rows, Rows::Ndjson) {
            Rows::Csv { mut reader, header } => {
                let record = self.record(&mut reader);
                let person = record.map(|cells| cells.map(|cells| of_cells(&header, &cells)));
                self.rows = Rows::Csv { reader, header };
                person
            }
            Rows::Ndjson => Ok(self.json_line()?.map(|line| of_json(&line))),
        }
    }
}

impl Iterator for People {
    type Item = Result<(u64, Result<Asked, Fault>), RosterError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let person = self.next_person();
        self.done = !matches!(person, Ok(Some(_)));
        self.row += 1;
        let row = self.row;
        person
            .transpose()
            .map(|person| person.map(|asked| (row, asked)))
    }
}

fn of_cells(header: &[String], cells: &[String]) -> Result<Asked, Fault> {
    if cells.len() != header.len() {
        let (has, wants) = (cells.len(), header.len());
        return Err(Fault::new(
            "bad_csv",
            format!("the row has {has} cells where the header has {wants}"),
        ));
    }
    let mut asked = Asked::default();
    for (column, cell) in header.iter().zip(cells) {
        asked.set(column, cell)?;
    }
    Ok(asked)
}

fn of_json(line: &str) -> Result<Asked, Fault> {
    let object: Map<String, Value> = serde_json::from_str(line)
        .map_err(|_| Fault::new("bad_json", "expected one JSON object a line"))?;
    let mut asked = Asked::default();
    // In the order of the columns, so that the first fault does not depend on the object's.
    for column in COLUMNS {
        match object.get(column) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => asked.set(column, text)?,
            Some(Value::Number(number)) => asked.set(column, &number.to_string())?,
            Some(_) => {
                let message = format!("column `{column}`: expected text or a number");
                return Err(Fault::new("bad_type", message));
            }
        }
    }
    Ok(asked)
}
