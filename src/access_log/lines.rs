//! The lines of a file, one after another, in bounded memory.

use std::io;

use crate::journal::Storage;

/// No line is longer, without its end.
pub(super) const LONGEST_LINE: usize = 16 * 1024;
const CHUNK: usize = 128 * 1024;

/// What stands in a file from some place on.
pub(super) struct Line<'a> {
    /// Without its end.
    pub(super) bytes: &'a [u8],
    /// Where it begins in the file.
    pub(super) start: u64,
    /// Whether it has an end. One that has none is the last, or is too long to be a line.
    pub(super) is_ended: bool,
}

impl Line<'_> {
    /// Where the next one begins.
    pub(super) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64 + u64::from(self.is_ended)
    }
}

/// Reads lines.
pub(super) struct Lines<'a> {
    storage: &'a dyn Storage,
    name: &'a str,
    buffer: Vec<u8>,
    /// What of the buffer was given out.
    given: usize,
    /// Where the buffer ends in the file.
    read: u64,
    is_over: bool,
}

impl<'a> Lines<'a> {
    /// From a place on.
    pub(super) fn new(storage: &'a dyn Storage, name: &'a str, from: u64) -> Self {
        Self {
            storage,
            name,
            buffer: Vec::new(),
            given: 0,
            read: from,
            is_over: false,
        }
    }

    /// The next line, if there is one.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let rest = &self.buffer[self.given..];
            if let Some(length) = memchr::memchr(b'\n', rest) {
                let start = self.read - rest.len() as u64;
                let from = self.given;
                self.given += length + 1;
                return Ok(Some(Line {
                    bytes: &self.buffer[from..from + length],
                    start,
                    is_ended: length <= LONGEST_LINE,
                }));
            }
            if self.is_over || rest.len() > LONGEST_LINE {
                self.is_over = true;
                let start = self.read - rest.len() as u64;
                let from = std::mem::replace(&mut self.given, self.buffer.len());
                let bytes = &self.buffer[from..];
                let is_ended = false;
                return Ok((!bytes.is_empty()).then_some(Line {
                    bytes,
                    start,
                    is_ended,
                }));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..std::mem::take(&mut self.given));
        let held = self.buffer.len();
        self.buffer.resize(held + CHUNK, 0);
        let read = self
            .storage
            .read_at(self.name, self.read, &mut self.buffer[held..]);
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                self.buffer.truncate(held);
                return Err(error);
            }
        };
        self.buffer.truncate(held + read);
        self.read += read as u64;
        self.is_over = read < CHUNK;
        Ok(())
    }
}

/// The line that ends at a place of a file, with its end; nothing where none does.
pub(super) fn line_before(
    storage: &dyn Storage,
    name: &str,
    end: u64,
) -> io::Result<Option<Vec<u8>>> {
    let from = end.saturating_sub(LONGEST_LINE as u64 + 2);
    let mut bytes = vec![0; usize::try_from(end - from).unwrap_or_default()];
    let read = storage.read_at(name, from, &mut bytes)?;
    let is_whole = read == bytes.len() && bytes.pop() == Some(b'\n');
    if !is_whole {
        return Ok(None);
    }
    Ok(match memchr::memrchr(b'\n', &bytes) {
        Some(before) => Some(bytes.split_off(before + 1)),
        None if from == 0 => Some(bytes),
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::simulation::SimulatedDisk;

    #[test]
    fn lines_are_those_of_the_file_wherever_chunks_end() {
        let disk = SimulatedDisk::new();
        let mut text = String::new();
        for n in 0..4000 {
            text.push_str(&format!("{n} {}\n", "x".repeat(n * 7 % 300)));
        }
        text.push_str("torn");
        disk.put("file", text.as_bytes());
        let mut lines = Lines::new(&disk, "file", 0);
        let mut end = 0;
        for expected in text.split('\n') {
            let line = lines.next().expect("read").expect("a line");
            assert_eq!((line.bytes, line.start), (expected.as_bytes(), end));
            assert_eq!(line.is_ended, expected != "torn");
            end = line.end();
            let before = line_before(&disk, "file", end).expect("read");
            let is_ended = expected != "torn";
            assert_eq!(before.as_deref(), is_ended.then_some(expected.as_bytes()));
        }
        assert!(lines.next().expect("read").is_none());
        assert_eq!(end, text.len() as u64);
    }

    #[test]
    fn what_has_no_end_is_given_out_once() {
        let disk = SimulatedDisk::new();
        disk.put("file", &vec![b'x'; 3 * CHUNK]);
        let mut lines = Lines::new(&disk, "file", 0);
        let line = lines.next().expect("read").expect("a piece");
        assert!(!line.is_ended && line.bytes.len() > LONGEST_LINE);
        assert!(lines.next().expect("read").is_none());
    }
}
