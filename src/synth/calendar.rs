//! The calendar: rows by the day on which they become known, in a scratch file.
//!
//! A household is written at once, so rows come in the order of people and must leave in the order of
//! time. Each day has a small buffer that is appended to one file when it is full. Memory is that of
//! the buffers and, when days are read back, of one day's rows.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::row::{Event, Row};

/// Bytes of all buffers together.
const BUFFERS: usize = 24 << 20;
/// Rows that leave together.
const ROWS_A_JOB: usize = 24_000;
const HEAD: usize = 6;

/// Rows by day.
pub(super) struct Calendar {
    file: File,
    written: u64,
    block: usize,
    buffers: Vec<Vec<u8>>,
    blocks: Vec<Vec<(u64, u32)>>,
}

/// Rows in order of time, to be rendered.
pub(super) struct Job {
    bytes: Arc<Vec<u8>>,
    /// Second and place of each row.
    rows: Vec<(i32, u32)>,
    /// The day of the last.
    pub(super) day: u32,
}

/// Writes a row as the calendar keeps it. Gives whether there was room for it.
pub(super) fn encode(event: &Event, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&event.at.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    postcard::to_io(&event.row, &mut *out).expect("rows are plain values and memory does not fail");
    let length = u16::try_from(out.len() - start - HEAD).expect("a row takes some 100 bytes");
    out[start + 4..start + HEAD].copy_from_slice(&length.to_le_bytes());
}

/// The second and the length of the row that begins here.
fn head(bytes: &[u8]) -> (i32, usize) {
    let at = i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (
        at,
        HEAD + usize::from(u16::from_le_bytes([bytes[4], bytes[5]])),
    )
}

impl Calendar {
    /// A calendar of so many days, whose file vanishes with it.
    pub(super) fn create(directory: &Path, days: u32) -> io::Result<Self> {
        let block = (BUFFERS / days as usize).clamp(4 << 10, 64 << 10);
        Ok(Self {
            file: tempfile::tempfile_in(directory)?,
            written: 0,
            block,
            buffers: vec![Vec::new(); days as usize],
            blocks: vec![Vec::new(); days as usize],
        })
    }

    /// Keeps encoded rows of the period.
    pub(super) fn keep(&mut self, mut rows: &[u8]) -> io::Result<()> {
        while !rows.is_empty() {
            let (at, length) = head(rows);
            let (row, rest) = rows.split_at(length);
            rows = rest;
            let day = (at / 86_400) as usize;
            let buffer = &mut self.buffers[day];
            if buffer.len() + length > self.block && !buffer.is_empty() {
                self.file.write_all(buffer)?;
                self.blocks[day].push((self.written, buffer.len() as u32));
                self.written += buffer.len() as u64;
                buffer.clear();
            }
            if buffer.capacity() == 0 {
                buffer.reserve(self.block.min(4 << 10));
            }
            buffer.extend_from_slice(row);
        }
        Ok(())
    }

    /// The rows of every day, in order.
    pub(super) fn jobs(mut self) -> impl Iterator<Item = io::Result<Job>> {
        let days = self.buffers.len();
        let mut day = 0;
        let mut waiting: std::collections::VecDeque<Job> = Default::default();
        std::iter::from_fn(move || {
            loop {
                if let Some(job) = waiting.pop_front() {
                    return Some(Ok(job));
                }
                if day == days {
                    return None;
                }
                let (mut bytes, mut rows) = (Vec::new(), Vec::new());
                // Small days leave together, large ones in parts.
                while day < days && rows.len() < ROWS_A_JOB {
                    if let Err(error) = self.read(day, &mut bytes, &mut rows) {
                        day = days;
                        return Some(Err(error));
                    }
                    day += 1;
                }
                let bytes = Arc::new(bytes);
                let parts = rows.chunks(ROWS_A_JOB);
                waiting.extend(parts.map(|rows| Job {
                    bytes: bytes.clone(),
                    rows: rows.to_vec(),
                    day: day as u32,
                }));
            }
        })
    }

    /// Appends the rows of a day, in order of time; among equal times in the order they came.
    fn read(
        &mut self,
        day: usize,
        bytes: &mut Vec<u8>,
        rows: &mut Vec<(i32, u32)>,
    ) -> io::Result<()> {
        let (start, first) = (bytes.len(), rows.len());
        for (offset, length) in std::mem::take(&mut self.blocks[day]) {
            let end = bytes.len();
            bytes.resize(end + length as usize, 0);
            self.file.read_exact_at(&mut bytes[end..], offset)?;
        }
        bytes.extend_from_slice(&std::mem::take(&mut self.buffers[day]));
        let mut place = start;
        while place < bytes.len() {
            let (at, length) = head(&bytes[place..]);
            rows.push((at, place as u32));
            place += length;
        }
        rows[first..].sort_by_key(|(at, _)| *at);
        Ok(())
    }
}

impl Job {
    /// Each row and its second.
    pub(super) fn rows(&self) -> impl Iterator<Item = (i32, Row)> + '_ {
        self.rows.iter().map(|(at, place)| {
            let bytes = &self.bytes[*place as usize..];
            let (_, length) = head(bytes);
            let row = postcard::from_bytes(&bytes[HEAD..length]);
            (*at, row.expect("what encode wrote is read as it was"))
        })
    }
}
