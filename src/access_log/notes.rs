//! The file of checkpoints, and where the log stood at the last.

use std::io;

use serde::{Deserialize, Serialize};

use super::key::read_whole;
use super::lines::Lines;
use super::merkle::Tree;
use super::note::Note;
use crate::hex::{hex, unhex};
use crate::journal::Storage;

/// The signed notes.
pub(super) const NOTES: &str = "checkpoints";
/// Where the log stood at the last of them: a start needs to read the lines from there on. It can be lost.
pub(super) const STATE: &str = "state";
const LONGEST_STATE: usize = 64 * 1024;

/// Reads notes.
pub(super) struct Notes<'a> {
    lines: Option<Lines<'a>>,
    /// Notes that were read.
    count: u64,
    /// Where the next begins.
    end: u64,
    /// What stands behind this is not read.
    bound: u64,
}

/// What stands at a place of the file.
pub(super) enum Read {
    Note(Note),
    /// No note, or half of one.
    Other,
}

impl<'a> Notes<'a> {
    /// From the first to the one that was there last.
    pub(super) fn new(storage: &'a dyn Storage) -> io::Result<Self> {
        let bound = match storage.list()?.iter().any(|name| name == NOTES) {
            true => Some(storage.length(NOTES)?),
            false => None,
        };
        Ok(Self {
            lines: bound.map(|_| Lines::new(storage, NOTES, 0)),
            count: 0,
            end: 0,
            bound: bound.unwrap_or_default(),
        })
    }

    /// Where the next begins.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The line of the file at which the note begins that was read last.
    pub(super) fn line(&self) -> u64 {
        self.count.saturating_sub(1) * Note::LINES as u64 + 1
    }

    /// The next.
    pub(super) fn next(&mut self) -> io::Result<Option<Read>> {
        if self.end >= self.bound {
            return Ok(None);
        }
        let Some(lines) = &mut self.lines else {
            return Ok(None);
        };
        self.count += 1;
        let mut texts = Vec::with_capacity(Note::LINES);
        let mut end = self.end;
        for _ in 0..Note::LINES {
            match lines.next()? {
                Some(line) if line.is_ended => {
                    end = line.end();
                    texts.push(String::from_utf8_lossy(line.bytes).into_owned());
                }
                _ => return Ok(Some(Read::Other)),
            }
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let note = <&[&str; Note::LINES]>::try_from(&texts[..])
            .ok()
            .and_then(Note::parse);
        let Some(note) = note else {
            return Ok(Some(Read::Other));
        };
        self.end = end;
        Ok(Some(Read::Note(note)))
    }
}

/// Where the log stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Over the lines so far.
    pub(super) tree: Tree,
    /// The file of the last of them.
    pub(super) file: String,
    /// Where it ends.
    pub(super) end: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    size: u64,
    peaks: Vec<String>,
    file: String,
    end: u64,
}

impl Position {
    pub(super) fn write(&self) -> Vec<u8> {
        let written = Written {
            size: self.tree.size(),
            peaks: self.tree.peaks().iter().map(|peak| hex(peak)).collect(),
            file: self.file.clone(),
            end: self.end,
        };
        let mut text = serde_json::to_vec(&written).expect("texts and numbers are JSON");
        text.push(b'\n');
        text
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(text).ok()?;
        let peaks: Option<Vec<_>> = written.peaks.iter().map(|peak| unhex(peak)).collect();
        let position = Self {
            tree: Tree::of(written.size, peaks?)?,
            file: written.file,
            end: written.end,
        };
        (position.write() == text).then_some(position)
    }
}

/// Where the log stood at the last checkpoint, as far as that is known: nothing where there is no file, an error of
/// the inner kind where it is not what was written.
pub(super) fn read_state(storage: &dyn Storage) -> io::Result<Option<Result<Position, ()>>> {
    let text = read_whole(storage, STATE, LONGEST_STATE)?;
    Ok(text.map(|text| Position::parse(&text).ok_or(())))
}
