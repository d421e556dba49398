//! An append-only scratch file of rows, addressed by place.
//!
//! A frame is its length (4 bytes, little endian) and its bytes, padded to 16: a place counts 16-byte
//! units, so that 32 bits reach 64 GiB.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Where a row stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place(pub u32);

const UNIT: u64 = 16;
const LENGTH: usize = 4;
/// Bytes collected before they are written out.
const BUFFER: usize = 1 << 17;
/// Bytes read on a first try: most rows are shorter.
const READ_AHEAD: usize = 256;

/// The log. It is never synced: it does not outlive its process.
pub(super) struct RowLog {
    file: File,
    /// Bytes in the file; the buffer follows them.
    written: u64,
    buffer: Vec<u8>,
}

impl RowLog {
    /// An empty log in an unnamed file of a directory.
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(directory)?;
        Ok(Self {
            file,
            written: 0,
            buffer: Vec::with_capacity(BUFFER + 4096),
        })
    }

    /// The place that the next row will have.
    pub(super) fn end(&self) -> io::Result<Place> {
        let units = (self.written + self.buffer.len() as u64) / UNIT;
        u32::try_from(units)
            .map(Place)
            .map_err(|_| io::Error::other("the row log is full: 64 GiB of rows in one replay"))
    }

    /// Appends a row, written by `encode`.
    pub(super) fn append(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; LENGTH]);
        encode(&mut self.buffer);
        let length = (self.buffer.len() - start - LENGTH) as u32;
        self.buffer[start..start + LENGTH].copy_from_slice(&length.to_le_bytes());
        self.buffer
            .resize(self.buffer.len().next_multiple_of(UNIT as usize), 0);
        if self.buffer.len() >= BUFFER {
            self.file.write_all(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Reads the row at a place that `end` gave before an `append`.
    pub(super) fn read<T>(&self, place: Place, decode: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let offset = u64::from(place.0) * UNIT;
        if let Some(in_buffer) = offset.checked_sub(self.written) {
            let frame = &self.buffer[in_buffer as usize..];
            let length = length_of(frame);
            return Ok(decode(&frame[LENGTH..LENGTH + length]));
        }
        let mut frame = [0u8; READ_AHEAD];
        let available = (self.written - offset).min(READ_AHEAD as u64) as usize;
        self.file.read_exact_at(&mut frame[..available], offset)?;
        let length = length_of(&frame);
        if LENGTH + length <= available {
            return Ok(decode(&frame[LENGTH..LENGTH + length]));
        }
        let mut long = vec![0u8; length];
        self.file.read_exact_at(&mut long, offset + LENGTH as u64)?;
        Ok(decode(&long))
    }
}

fn length_of(frame: &[u8]) -> usize {
    u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_from_the_file_and_from_the_buffer() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let mut log = RowLog::create(directory.path()).expect("a log");
        let rows: Vec<Vec<u8>> = (0..20_000usize).map(|n| vec![n as u8; n % 700]).collect();
        let mut places = Vec::new();
        for row in &rows {
            places.push(log.end().expect("not full"));
            log.append(|out| out.extend_from_slice(row))
                .expect("appended");
        }
        assert!(
            log.written > 0 && !log.buffer.is_empty(),
            "both sides are read"
        );
        for (place, row) in places.iter().zip(&rows) {
            let read = log.read(*place, <[u8]>::to_vec).expect("read");
            assert_eq!(&read, row);
        }
    }
}
