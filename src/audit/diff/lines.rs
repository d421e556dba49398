//! A file of lines, each a JSON object, read one by one.
//!
//! Must hold: no more than a line is in memory; what a line says of people is in no error.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use serde::Deserialize;

use super::error::DiffError;

/// Bytes beyond which a line is none that a run writes.
const LONGEST: u64 = 1 << 24;

/// A file of lines.
pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
    bytes: Vec<u8>,
}

impl Lines {
    /// Opens a file.
    pub fn open(path: PathBuf) -> Result<Self, DiffError> {
        match File::open(&path) {
            Ok(file) => Ok(Self {
                path,
                reader: BufReader::with_capacity(1 << 18, file),
                number: 0,
                bytes: Vec::new(),
            }),
            Err(error) => Err(DiffError::Unreadable { path, error }),
        }
    }

    /// Reads the next line. Gives whether there is one.
    pub fn advance(&mut self) -> Result<bool, DiffError> {
        self.bytes.clear();
        let mut reader = (&mut self.reader).take(LONGEST);
        let read = reader.read_until(b'\n', &mut self.bytes);
        let read = read.map_err(|error| DiffError::Unreadable {
            path: self.path.clone(),
            error,
        })?;
        if read == 0 {
            return Ok(false);
        }
        self.number += 1;
        if self.bytes.pop() != Some(b'\n') {
            return Err(self.wrong("it is not whole: its end is missing"));
        }
        Ok(true)
    }

    /// The line, without its end.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the line says.
    pub fn parse<'l, T: Deserialize<'l>>(&'l self, what: &str) -> Result<T, DiffError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            let column = error.column();
            self.wrong(&format!(
                "column {column}: it is not {what} as this version writes it"
            ))
        })
    }

    /// The line is not as a run has it.
    pub fn wrong(&self, what: &str) -> DiffError {
        DiffError::Line {
            path: self.path.clone(),
            line: self.number,
            what: what.to_owned(),
        }
    }
}
