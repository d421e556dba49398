//! Physical lines, some of them ahead, in one buffer.
//!
//! In: the bytes of a file. Out: lines relative to the position, which moves only by [`Lines::skip`]
//! and [`Lines::skip_line`]; lines that were looked at and not skipped are met again.
//! Must hold: at most about twice [`ROW_LIMIT`] bytes are held, whatever the file contains.

use std::io::{BufRead, ErrorKind};
use std::path::{Path, PathBuf};

use super::{RAW_LIMIT, ROW_LIMIT, SourceError};

const FIRST_BUFFER: usize = 256 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Lines of a file.
pub(super) struct Lines {
    input: Box<dyn BufRead + Send>,
    path: PathBuf,
    buffer: Vec<u8>,
    /// The position in the buffer.
    start: usize,
    /// Where the bytes that were read end.
    end: usize,
    exhausted: bool,
}

/// What is at an offset from the position.
pub(super) enum Ahead {
    /// Nothing: the file ends there.
    End,
    /// A line.
    Line(Line),
    /// A line that ends more than [`ROW_LIMIT`] bytes after the position, if at all.
    TooLong,
}

/// A line by its offsets from the position.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// The end of its text.
    pub(super) end: usize,
    /// The start of the next line.
    pub(super) next: usize,
}

impl Lines {
    /// The lines of an input, without its byte order mark.
    pub(super) fn new(input: Box<dyn BufRead + Send>, path: &Path) -> Result<Self, SourceError> {
        let mut lines = Self {
            input,
            path: path.to_owned(),
            buffer: vec![0; FIRST_BUFFER],
            start: 0,
            end: 0,
            exhausted: false,
        };
        while lines.end < BYTE_ORDER_MARK.len() && !lines.exhausted {
            lines.fill()?;
        }
        if lines.buffer[..lines.end].starts_with(BYTE_ORDER_MARK) {
            lines.start = BYTE_ORDER_MARK.len();
        }
        Ok(lines)
    }

    /// Finds the line that begins `offset` bytes after the position.
    pub(super) fn ahead(&mut self, offset: usize) -> Result<Ahead, SourceError> {
        let mut scanned = offset;
        loop {
            let window = &self.buffer[self.start..self.end];
            let (stop, next) = match memchr::memchr(b'\n', &window[scanned..]) {
                Some(i) => (scanned + i, scanned + i + 1),
                None if self.exhausted && window.len() == offset => return Ok(Ahead::End),
                None if self.exhausted => (window.len(), window.len()),
                None => {
                    scanned = window.len();
                    if scanned > ROW_LIMIT {
                        return Ok(Ahead::TooLong);
                    }
                    self.fill()?;
                    continue;
                }
            };
            if stop > ROW_LIMIT {
                return Ok(Ahead::TooLong);
            }
            let carriage_return = stop > offset && window[stop - 1] == b'\r';
            return Ok(Ahead::Line(Line {
                end: stop - usize::from(carriage_return),
                next,
            }));
        }
    }

    /// The first `length` bytes after the position, which [`Lines::ahead`] has found.
    pub(super) fn text(&self, length: usize) -> &[u8] {
        &self.buffer[self.start..self.start + length]
    }

    /// Moves the position by what [`Lines::ahead`] has found.
    pub(super) fn skip(&mut self, length: usize) {
        self.start += length;
    }

    /// Moves the position past the line that begins there, however long, and keeps its start.
    pub(super) fn skip_line(&mut self) -> Result<Vec<u8>, SourceError> {
        let window = &self.buffer[self.start..self.end];
        let kept = window[..window.len().min(RAW_LIMIT)].to_vec();
        loop {
            let window = &self.buffer[self.start..self.end];
            match memchr::memchr(b'\n', window) {
                Some(i) => {
                    self.start += i + 1;
                    return Ok(kept);
                }
                None => self.start = self.end,
            }
            if self.exhausted {
                return Ok(kept);
            }
            self.fill()?;
        }
    }

    /// Reads on, behind what is held after the position.
    fn fill(&mut self) -> Result<(), SourceError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.end * 2, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.exhausted = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(SourceError::reading(&self.path, error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(bytes: Vec<u8>, chunk: usize) -> Lines {
        let input = std::io::BufReader::with_capacity(chunk, std::io::Cursor::new(bytes));
        Lines::new(Box::new(input), Path::new("memory")).expect("in memory")
    }

    fn all(mut lines: Lines) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        loop {
            match lines.ahead(0).expect("in memory") {
                Ahead::End => return found,
                Ahead::Line(line) => {
                    found.push(lines.text(line.end).to_vec());
                    lines.skip(line.next);
                }
                Ahead::TooLong => {
                    found.push(lines.skip_line().expect("in memory"));
                }
            }
        }
    }

    #[test]
    fn endings_and_the_byte_order_mark_are_no_text() {
        assert_eq!(
            all(lines(b"\xef\xbb\xbfa\r\n\n\r\nb\rc\r".to_vec(), 1)),
            [b"a" as &[u8], b"", b"", b"b\rc"]
        );
        assert!(all(lines(b"\xef\xbb\xbf".to_vec(), 1)).is_empty());
    }

    #[test]
    fn a_line_beyond_the_limit_is_passed_without_being_held() {
        let long = vec![b'x'; 5 * ROW_LIMIT];
        let bytes = [b"a\n".as_slice(), &long, b"\nb\n", &long].concat();
        let mut reader = lines(bytes, 1 << 20);
        let kept = vec![b'x'; RAW_LIMIT];
        let mut longest = 0;
        let mut found = Vec::new();
        loop {
            match reader.ahead(0).expect("in memory") {
                Ahead::End => break,
                Ahead::Line(line) => {
                    found.push(reader.text(line.end).to_vec());
                    reader.skip(line.next);
                }
                Ahead::TooLong => found.push(reader.skip_line().expect("in memory")),
            }
            longest = longest.max(reader.buffer.len());
        }
        assert_eq!(found, [b"a".to_vec(), kept.clone(), b"b".to_vec(), kept]);
        assert!(longest <= 2 * ROW_LIMIT, "{longest}");
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_text(text in "[ab\n\r]{0,60}", chunk in 1usize..9) {
            let mut expected: Vec<&str> = text.split('\n').collect();
            if expected.last() == Some(&"") {
                expected.pop();
            }
            let expected: Vec<_> = expected
                .iter()
                .map(|l| l.strip_suffix('\r').unwrap_or(l).as_bytes().to_vec())
                .collect();
            prop_assert_eq!(all(lines(text.into_bytes(), chunk)), expected);
        }
    }
}
