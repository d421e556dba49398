//! Lines of a file that is a proof or a checkpoint.
//!
//! In: the bytes of a small file. Out: its lines, numbers and hashes, each in the one form that it may have. Must hold:
//! nothing is taken that would be written otherwise, so that a byte that is changed is found.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::path::LONGEST_PATH;
use crate::access_log::merkle::Hash;

/// No such file is longer: an entry, 64 hashes and a note with the signatures of 16 witnesses have a tenth of it.
const LONGEST: u64 = 1 << 20;

/// What stands in a file is not what is to stand there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The bytes of a small file.
///
/// # Errors
/// When it cannot be read, or is too long.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is too long to be a checkpoint or a proof",
        )),
        false => Ok(bytes),
    }
}

/// Lines, one after another.
pub(super) struct Lines<'a> {
    rest: &'a str,
    /// The line that was taken last, from 1.
    taken: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let line = |end: usize| bytes[..end].iter().filter(|byte| **byte == b'\n').count() + 1;
        let text = std::str::from_utf8(bytes).map_err(|error| Malformed {
            line: line(error.valid_up_to()),
            what: "this is no text in UTF-8",
        })?;
        let is_bad = |byte: &u8| *byte < b' ' && *byte != b'\n';
        if let Some(at) = bytes.iter().position(is_bad) {
            let what = "there is a control character";
            return Err(Malformed {
                line: line(at),
                what,
            });
        }
        Ok(Self {
            rest: text,
            taken: 0,
        })
    }

    /// The next line without its end; nothing at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<&'a str>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.taken += 1;
        let Some((line, rest)) = self.rest.split_once('\n') else {
            return Err(self.wrong("the line has no end: the file was cut off"));
        };
        self.rest = rest;
        Ok(Some(line))
    }

    /// The next line, of which there has to be one.
    pub(super) fn expect(&mut self, what: &'static str) -> Result<&'a str, Malformed> {
        match self.next()? {
            Some(line) => Ok(line),
            None => {
                self.taken += 1;
                Err(self.wrong(what))
            }
        }
    }

    /// That the line that was taken last is wrong.
    pub(super) fn wrong(&self, what: &'static str) -> Malformed {
        let line = self.taken.max(1);
        Malformed { line, what }
    }

    /// Hashes, a line each, up to an empty line, which is taken as well.
    pub(super) fn hashes(&mut self) -> Result<Vec<Hash>, Malformed> {
        let mut hashes = Vec::new();
        loop {
            match self.expect("a checkpoint is missing behind the hashes")? {
                "" => return Ok(hashes),
                line => hashes.push(hash(line).ok_or_else(|| self.wrong("this is no hash"))?),
            }
            if hashes.len() > LONGEST_PATH {
                return Err(self.wrong("there are more hashes than any proof has"));
            }
        }
    }
}

/// A number as it is written: no sign, no zero before it.
pub(super) fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A SHA-256 in base64.
pub(super) fn hash(text: &str) -> Option<Hash> {
    base64(text)?.try_into().ok()
}

/// Bytes in base64 of the one form that they have.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(text).ok()?;
    (STANDARD.encode(&bytes) == text).then_some(bytes)
}

/// Bytes as [`base64`] reads them.
pub(super) fn in_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
