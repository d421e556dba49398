//! The log as it is found at a start.
//!
//! In: the files. Out: where the log stands, what a crash has left, what was changed. Must hold: what is cut off was
//! acknowledged to nobody: it is unsigned, at the end, and no longer than what is written at once. Whatever else is
//! wrong stays as it is, and is told.

use std::io;
use std::path::Path;

use super::chain::{CHECKPOINT, Chain, Head, Wrong};
use super::lines::{Lines, line_before};
use super::merkle::sha256;
use super::note::{Checkpoint, LONGEST_NOTE, VerifyingKey};
use super::notes::{NOTES, Notes, Position, Read, read_state};
use super::time::millis_of;
use crate::journal::{Directory, Storage};

/// What is written at once is no longer.
pub(super) const MOST_AT_ONCE: usize = 64 * 1024;

/// A place of the log where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The file.
    pub place: String,
    /// The line of the file, from 1, where it is about one.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: Wrong,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.place, self.what),
            None => write!(f, "{}: {}", self.place, self.what),
        }
    }
}

/// What is at the end of a file and was never acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Torn {
    pub(super) file: String,
    pub(super) from: u64,
    pub(super) bytes: u64,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) chain: Chain,
    /// The newest file and how long it is, without what is torn.
    pub(super) file: Option<(String, u64)>,
    pub(super) torn: Vec<Torn>,
    pub(super) damage: Option<Damage>,
    pub(super) origin: Option<String>,
    /// Checkpoints whose entry is written, and their note is not.
    pub(super) owed: Vec<Position>,
    /// How long the file of checkpoints is, without what is torn; none where there is no file.
    pub(super) notes: Option<u64>,
    /// The last that is signed, and when.
    pub(super) signed: Option<(u64, Option<i64>)>,
}

/// Whether a file holds the lines of a month.
pub(super) fn month_of(name: &str) -> Option<&str> {
    let month = name.strip_suffix(".ndjson")?;
    let day = format!("{month}-01T00:00:00.000Z");
    (month.len() == 7 && millis_of(&day).is_some()).then_some(month)
}

/// The files of months, oldest first.
pub(super) fn months(storage: &dyn Storage) -> io::Result<Vec<String>> {
    let mut names = storage.list()?;
    names.retain(|name| month_of(name).is_some());
    names.sort_unstable();
    Ok(names)
}

/// The files of months in a folder, oldest first.
///
/// # Errors
/// When it cannot be listed.
pub fn months_of(folder: &Path) -> io::Result<Vec<String>> {
    months(&Directory::open(folder)?)
}

/// Reads what is there. `keys` are those that may have signed.
pub(super) fn find(storage: &dyn Storage, keys: &[VerifyingKey]) -> io::Result<Found> {
    let months = months(storage)?;
    // What a failed sync left is seen until the system lets go of it.
    if let Some(newest) = months.last() {
        storage.settle(newest)?;
    }
    let mut found = Found {
        chain: Chain::new(),
        file: None,
        torn: Vec::new(),
        damage: None,
        origin: None,
        owed: Vec::new(),
        notes: None,
        signed: None,
    };
    let last = notes(storage, keys, &mut found)?;
    let told = months.first().map(|first| origin(storage, first));
    let told = told.transpose()?.flatten();
    found.origin = told.or_else(|| last.as_ref().map(|last| last.origin.clone()));
    let start = start(storage, last.as_ref(), &mut found)?;
    scan(storage, &months, start, last.as_ref(), &mut found)?;
    let signed = last.as_ref().map_or(0, |last| last.size);
    let lines = found.chain.tree.size();
    if lines < signed {
        let known = signed;
        let what = Wrong::Cut { lines, known };
        let name = months.last().map_or("", String::as_str);
        damaged(&mut found, storage, name, None, what);
        // Numbers that were given are not given again.
        found.chain.last = found.chain.last.max(signed);
    }
    Ok(found)
}

/// The name of the log, as its first line tells it.
fn origin(storage: &dyn Storage, first: &str) -> io::Result<Option<String>> {
    let mut lines = Lines::new(storage, first, 0);
    let line = lines.next()?.filter(|line| line.is_ended);
    let head = line.and_then(|line| serde_json::from_slice::<Head<'_>>(line.bytes).ok());
    Ok(head.and_then(|head| head.origin.map(str::to_owned)))
}

fn damaged(found: &mut Found, storage: &dyn Storage, name: &str, line: Option<u64>, what: Wrong) {
    found.damage.get_or_insert_with(|| Damage {
        place: storage.place(name),
        line,
        what,
    });
}

/// The last note that is whole.
fn notes(
    storage: &dyn Storage,
    keys: &[VerifyingKey],
    found: &mut Found,
) -> io::Result<Option<Checkpoint>> {
    if !storage.list()?.iter().any(|name| name == NOTES) {
        return Ok(None);
    }
    storage.settle(NOTES)?;
    let length = storage.length(NOTES)?;
    let mut last = None;
    let mut end = 0;
    let mut notes = Notes::new(storage)?;
    loop {
        let begin = notes.end();
        let is_torn = match notes.next()? {
            None => break,
            Some(Read::Note(note)) => {
                // The others are verified with the whole log.
                let is_last = notes.end() == length;
                let is_signed = !is_last || note.is_signed(keys);
                if is_signed {
                    last = Some(note.checkpoint);
                    end = notes.end();
                }
                !is_signed
            }
            Some(Read::Other) => true,
        };
        if is_torn && length - begin <= LONGEST_NOTE {
            found.torn.push(Torn {
                file: NOTES.to_owned(),
                from: begin,
                bytes: length - begin,
            });
            break;
        }
        if is_torn {
            let line = notes.line();
            damaged(found, storage, NOTES, Some(line), Wrong::Note);
            end = length;
            break;
        }
    }
    found.notes = Some(end);
    found.signed = last.as_ref().map(|last| (last.size, None));
    Ok(last)
}

/// Where the lines are read from: from the last checkpoint on, if it is known where the log stood.
fn start(
    storage: &dyn Storage,
    last: Option<&Checkpoint>,
    found: &mut Found,
) -> io::Result<Option<(String, u64)>> {
    let Some(Ok(state)) = read_state(storage)? else {
        return Ok(None);
    };
    let size = state.tree.size();
    if last.is_none_or(|last| last.size < size) {
        damaged(found, storage, NOTES, None, Wrong::Missing { size });
        return Ok(None);
    }
    let is_signed = last.is_some_and(|last| last.size == size && last.root == state.tree.root());
    let line = match month_of(&state.file) {
        Some(_) if is_signed => line_before(storage, &state.file, state.end),
        _ => return Ok(None),
    };
    let line = match line {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        line => line?,
    };
    let head = line
        .as_deref()
        .and_then(|line| serde_json::from_slice::<Head<'_>>(line).ok());
    let Some((line, head)) = line.as_deref().zip(head).filter(|(_, head)| head.n == size) else {
        return Ok(None);
    };
    found.signed = Some((size, millis_of(head.at)));
    found.chain = Chain {
        last: size,
        prev: sha256(line),
        tree: state.tree,
    };
    Ok(Some((state.file, state.end)))
}

fn scan(
    storage: &dyn Storage,
    months: &[String],
    start: Option<(String, u64)>,
    last: Option<&Checkpoint>,
    found: &mut Found,
) -> io::Result<()> {
    let signed = last.map_or(0, |last| last.size);
    for name in months {
        let from = match &start {
            Some((file, _)) if name < file => continue,
            Some((file, end)) if name == file => *end,
            _ => 0,
        };
        let is_newest = months.last() == Some(name);
        let length = storage.length(name)?;
        let mut lines = Lines::new(storage, name, from);
        let mut number = 0;
        found.file = Some((name.clone(), length));
        while let Some(line) = lines.next()? {
            number += 1;
            let before = found.chain.tree.size();
            let followed = match line.is_ended {
                true => found
                    .chain
                    .follow(line.bytes, month_of(name).unwrap_or_default()),
                false => Err(Wrong::Torn),
            };
            let is_end = is_newest && length - line.start <= MOST_AT_ONCE as u64;
            match followed {
                Ok(head) if found.damage.is_none() => {
                    let position = || Position {
                        tree: found.chain.tree.clone(),
                        file: name.clone(),
                        end: line.end(),
                    };
                    if head.n == signed {
                        found.signed = Some((signed, millis_of(head.at)));
                        if last.is_some_and(|last| last.root != found.chain.tree.root()) {
                            let what = Wrong::Root { size: signed };
                            damaged(found, storage, NOTES, None, what);
                        }
                    } else if head.n > signed && head.action == CHECKPOINT {
                        let position = position();
                        found.owed.push(position);
                    }
                }
                Ok(_) => {}
                Err(_) if is_end && before >= signed && found.damage.is_none() => {
                    torn(found, name, line.start, length);
                    break;
                }
                Err(Wrong::Torn) if is_newest => {
                    torn(found, name, line.start, length);
                    let what = Wrong::Torn;
                    damaged(found, storage, name, (from == 0).then_some(number), what);
                    break;
                }
                Err(what) => {
                    damaged(found, storage, name, (from == 0).then_some(number), what);
                    let n = serde_json::from_slice::<Head<'_>>(line.bytes).map(|head| head.n);
                    let n = n.unwrap_or_default().max(found.chain.last + 1);
                    found.chain.take(line.bytes, n);
                }
            }
        }
    }
    Ok(())
}

fn torn(found: &mut Found, name: &str, from: u64, length: u64) {
    found.file = Some((name.to_owned(), from));
    found.torn.push(Torn {
        file: name.to_owned(),
        from,
        bytes: length - from,
    });
}
