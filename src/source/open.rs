//! From an input file to the reader of its format.

use std::fs::File;
use std::io;
use std::path::Path;

use super::csv::CsvReader;
use super::discover::{Compression, Format, InputFile};
use super::line::Lines;
use super::ndjson::NdjsonReader;
use super::parquet::ParquetReader;
use super::xml::open_xml;
use super::{RowReader, SourceError, compression};
use crate::page_cache::read_once;
use crate::record::Instant;

/// What a reader is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Whole rows, by [`RowReader::next_entry`] or [`RowReader::next_recorded_at`].
    Everything,
    /// Whole rows that arrive at this time, by [`RowReader::next_entry`]: a knowledge time that is absent
    /// or later is this one (contract 4).
    Arriving(Instant),
    /// Knowledge times alone, by [`RowReader::next_recorded_at`]: a columnar file is read for that
    /// column only, and would reject every row for want of the others.
    KnowledgeTimes,
}

impl Reading {
    /// When the rows arrive, if that counts.
    pub(super) fn arrival(self) -> Option<Instant> {
        match self {
            Reading::Arriving(at) => Some(at),
            Reading::Everything | Reading::KnowledgeTimes => None,
        }
    }
}

/// Opens an input file. `scratch` is a directory for temporary files: a format that is read from
/// its end cannot be decompressed while it is read.
///
/// # Errors
/// When the file cannot be opened or is not what its name says.
pub fn open(
    file: &InputFile,
    reading: Reading,
    scratch: &Path,
) -> Result<Box<dyn RowReader>, SourceError> {
    let path = &file.path;
    let stream = file.stream;
    let bytes = || compression::open(path, file.compression);
    let arrival = reading.arrival();
    Ok(match file.format {
        Format::Csv => Box::new(CsvReader::new(
            Lines::new(bytes()?, path)?,
            stream,
            arrival,
        )?),
        Format::Ndjson => Box::new(NdjsonReader::new(
            Lines::new(bytes()?, path)?,
            stream,
            arrival,
        )),
        Format::Xml => open_xml(bytes()?, path, arrival),
        Format::Parquet => {
            let plain = random_access(file, scratch)?;
            Box::new(ParquetReader::new(plain, path, stream, reading)?)
        }
    })
}

/// The file itself, or its decompressed content in an unnamed temporary file.
fn random_access(file: &InputFile, scratch: &Path) -> Result<File, SourceError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| SourceError::Io { path, error }
    };
    if file.compression == Compression::None {
        let file = File::open(&file.path).map_err(at(&file.path))?;
        read_once(&file);
        return Ok(file);
    }
    let mut archive = compression::open(&file.path, file.compression)?;
    let mut plain = tempfile::tempfile_in(scratch).map_err(at(scratch))?;
    let mut chunk = vec![0; 1 << 20];
    // Not `io::copy`, which cannot tell whose error it returns.
    loop {
        let count = match io::Read::read(&mut archive, &mut chunk) {
            Ok(0) => return Ok(plain),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(SourceError::reading(&file.path, error)),
        };
        io::Write::write_all(&mut plain, &chunk[..count]).map_err(at(scratch))?;
    }
}
