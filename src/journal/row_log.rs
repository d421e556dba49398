//! An append-only scratch file of rows, addressed by place.
//!
//! A frame is its length (4 bytes, little endian) and its bytes, padded to 32: a place counts 32-byte
//! units, so that 32 bits reach 128 GiB.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::page_cache::will_need;

/// Where a row stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place(pub u32);

const UNIT: u64 = 32;
const LENGTH: usize = 4;
/// Bytes collected before they are written out.
const BUFFER: usize = 1 << 17;
/// Bytes read on a first try: most rows are shorter.
const READ_AHEAD: usize = 256;
/// Bytes read at once where every row is.
const READ_ALL: usize = 1 << 18;

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
        u32::try_from(units).map(Place).map_err(|_| {
            io::Error::other("the row log is full: 128 GiB of rows that one process has taken")
        })
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

    /// Has the row at a place fetched while others are read: a nation's log is larger than memory, and who waits for one
    /// row after another waits for the disk's latency each time.
    pub(super) fn read_ahead(&self, place: Place) {
        let offset = u64::from(place.0) * UNIT;
        if offset < self.written {
            will_need(&self.file, offset, READ_AHEAD as u64);
        }
    }

    /// Every row, in the order in which they were appended.
    pub(super) fn every_row(&self) -> EveryRow<'_> {
        self.rows_from(Place(0))
    }

    /// Every row from one on, in the order in which they were appended.
    pub(super) fn rows_from(&self, place: Place) -> EveryRow<'_> {
        EveryRow {
            log: self,
            next: u64::from(place.0) * UNIT,
            piece: Vec::new(),
            begin: 0,
        }
    }
}

/// Every row in its order, read in large pieces.
pub(super) struct EveryRow<'a> {
    log: &'a RowLog,
    /// Where the next row stands.
    next: u64,
    /// A piece of the file, and where it begins.
    piece: Vec<u8>,
    begin: u64,
}

impl EveryRow<'_> {
    /// The place and the bytes of the next row.
    pub(super) fn next(&mut self) -> io::Result<Option<(Place, &[u8])>> {
        let end = self.log.written + self.log.buffer.len() as u64;
        if self.next == end {
            return Ok(None);
        }
        let place = Place((self.next / UNIT) as u32);
        if let Some(in_buffer) = self.next.checked_sub(self.log.written) {
            let frame = &self.log.buffer[in_buffer as usize..];
            let length = length_of(frame);
            self.next += padded(length);
            return Ok(Some((place, &frame[LENGTH..LENGTH + length])));
        }
        if self.held().len() < LENGTH {
            self.read(READ_ALL)?;
        }
        let length = length_of(self.held());
        if self.held().len() < LENGTH + length {
            self.read(READ_ALL.max(LENGTH + length))?;
        }
        let from = (self.next - self.begin) as usize + LENGTH;
        self.next += padded(length);
        Ok(Some((place, &self.piece[from..from + length])))
    }

    /// The place of the next row, if there is one.
    pub(super) fn place(&self) -> Option<Place> {
        let end = self.log.written + self.log.buffer.len() as u64;
        (self.next < end).then_some(Place((self.next / UNIT) as u32))
    }

    /// What is held from the next row on.
    fn held(&self) -> &[u8] {
        let from = usize::try_from(self.next - self.begin).unwrap_or(usize::MAX);
        self.piece.get(from..).unwrap_or_default()
    }

    /// Reads a piece that begins with the next row.
    fn read(&mut self, bytes: usize) -> io::Result<()> {
        let left = self.log.written - self.next;
        self.piece.resize(left.min(bytes as u64) as usize, 0);
        self.begin = self.next;
        self.log.file.read_exact_at(&mut self.piece, self.begin)
    }
}

/// The bytes of a frame of a row of some length.
fn padded(length: usize) -> u64 {
    (LENGTH as u64 + length as u64).next_multiple_of(UNIT)
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
        let length = |n: usize| if n == 12_000 { 600_000 } else { n % 700 };
        let rows: Vec<Vec<u8>> = (0..20_000).map(|n| vec![n as u8; length(n)]).collect();
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
        let mut every = log.every_row();
        for (place, row) in places.iter().zip(&rows) {
            let next = every.next().expect("read");
            assert_eq!(next, Some((*place, row.as_slice())));
        }
        assert_eq!(every.next().expect("read"), None);
    }
}
