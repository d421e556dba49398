//! The whole log verified: chain, tree, checkpoints, older logs.
//!
//! In: the folder, the public keys and what witnesses saw. Out: how much there is, and the first place where something
//! is wrong. Must hold: lines are read one after another, so that memory does not grow with the log; nothing is written.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::before;
use super::chain::{ADDED, BEGUN, CHECKPOINT, Chain, Head, Wrong};
use super::error::{LogError, failed};
use super::key::verifying_keys;
use super::lines::Lines;
use super::note::{Note, VerifyingKey};
use super::notes::{NOTES, Notes, Position, Read, STATE, read_state};
use super::opening::{Damage, month_of, months};
use super::proof::Witnessed;
use super::{FOLDER, KEYS};
use crate::hex::hex;
use crate::journal::{Directory, Storage};

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Lines that follow from one another.
    pub lines: u64,
    /// Files of months.
    pub files: u64,
    /// Checkpoints that are right.
    pub checkpoints: u64,
    /// How many lines the last of them signs. A cut that leaves so many can be seen only by who knows of more.
    pub signed: u64,
    /// Checkpoints that are marked in the log and not signed yet. More than one says that notes were cut off, or that
    /// they cannot be written.
    pub unsigned: u64,
    /// How many lines are those that witnesses saw; 0 where it was held to nothing that they saw.
    pub witnessed: u64,
    /// The first place where something is wrong; what is behind it was not read.
    pub damage: Option<Damage>,
}

/// Verifies the access log of a data directory, with the public keys in `keys/access-log.pub` and those that are
/// given: an auditor gives the one that was noted elsewhere. Of a service that runs, the last line may be half
/// written, and is told as torn.
///
/// # Errors
/// When it cannot be read.
pub fn verify(data: &Path, keys: &[VerifyingKey]) -> Result<Report, LogError> {
    verify_witnessed(data, keys, &[])
}

/// As [`verify()`], and holds the log to what witnesses saw of it, the fewest lines first.
///
/// # Errors
/// When it cannot be read.
pub fn verify_witnessed(
    data: &Path,
    keys: &[VerifyingKey],
    seen: &[Witnessed],
) -> Result<Report, LogError> {
    let folder = data.join(FOLDER);
    let place = || folder.display().to_string();
    let storage = Directory::open(&folder).map_err(failed("be read", place()))?;
    let mut keys = keys.to_vec();
    match Directory::open(&data.join(KEYS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("be read", place())(error)),
        Ok(beside) => keys.extend(verifying_keys(&beside).map_err(failed("be read", place()))?),
    }
    let report = verify_held(&storage, &keys, seen, None, &|| false);
    report.map_err(failed("be read", place()))
}

/// Verifies the access log in a folder, with these public keys.
///
/// # Errors
/// When it cannot be read.
pub fn verify_on(storage: &dyn Storage, keys: &[VerifyingKey]) -> io::Result<Report> {
    verify_lines(storage, keys, None, &|| false)
}

/// Verifies the lines up to a number, where one is given; ends early when it is told to.
pub(super) fn verify_lines(
    storage: &dyn Storage,
    keys: &[VerifyingKey],
    up_to: Option<u64>,
    is_stopped: &dyn Fn() -> bool,
) -> io::Result<Report> {
    verify_held(storage, keys, &[], up_to, is_stopped)
}

fn verify_held(
    storage: &dyn Storage,
    keys: &[VerifyingKey],
    seen: &[Witnessed],
    up_to: Option<u64>,
    is_stopped: &dyn Fn() -> bool,
) -> io::Result<Report> {
    let mut state = read_state(storage)?;
    // One that was written since is of lines that are not read.
    if let (Some(up_to), Some(Ok(position))) = (up_to, &state)
        && position.tree.size() > up_to
    {
        state = None;
    }
    let mut verified = Verified {
        storage,
        keys,
        seen,
        notes: Notes::new(storage)?,
        next: None,
        state,
        chain: Chain::new(),
        origin: None,
        older: BTreeSet::new(),
        report: Report::default(),
    };
    let whole = verified.run(up_to, is_stopped);
    let mut report = verified.report;
    match whole {
        Ok(()) => {}
        Err(Ended::Damaged(damage)) => report.damage = Some(damage),
        Err(Ended::Stopped) => {}
        Err(Ended::Failed(error)) => return Err(error),
    }
    Ok(report)
}

/// Why a verification ends.
enum Ended {
    Damaged(Damage),
    Failed(io::Error),
    Stopped,
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

struct Verified<'a> {
    storage: &'a dyn Storage,
    keys: &'a [VerifyingKey],
    /// What witnesses saw, of lines that were not read yet.
    seen: &'a [Witnessed],
    notes: Notes<'a>,
    /// A note that was read, and whose lines were not.
    next: Option<Note>,
    state: Option<Result<Position, ()>>,
    chain: Chain,
    origin: Option<String>,
    older: BTreeSet<String>,
    report: Report,
}

impl Verified<'_> {
    fn run(&mut self, up_to: Option<u64>, is_stopped: &dyn Fn() -> bool) -> Result<(), Ended> {
        if matches!(self.state, Some(Err(()))) {
            return Err(self.damage(STATE, None, Wrong::State));
        }
        self.read_note()?;
        let storage = self.storage;
        for name in months(storage)? {
            self.report.files += 1;
            let mut lines = Lines::new(storage, &name, 0);
            let mut number = 0;
            while up_to.is_none_or(|up_to| self.report.lines < up_to) {
                let Some(line) = lines.next()? else { break };
                if number % 1024 == 0 && is_stopped() {
                    return Err(Ended::Stopped);
                }
                number += 1;
                let month = month_of(&name).unwrap_or_default();
                let followed = match line.is_ended {
                    true => self.chain.follow(line.bytes, month),
                    false => Err(Wrong::Torn),
                };
                let wrong = |what| Damage {
                    place: storage.place(&name),
                    line: Some(number),
                    what,
                };
                let head = followed.map_err(|what| Ended::Damaged(wrong(what)))?;
                self.report.lines += 1;
                self.older(&head, wrong)?;
                self.witnessed(wrong)?;
                self.note(&head)?;
                self.position(&name, line.end())?;
            }
        }
        self.end(up_to)
    }

    fn damage(&self, name: &str, line: Option<u64>, what: Wrong) -> Ended {
        Ended::Damaged(Damage {
            place: self.storage.place(name),
            line,
            what,
        })
    }

    /// An older log that a line names.
    fn older(&mut self, head: &Head<'_>, wrong: impl Fn(Wrong) -> Damage) -> Result<(), Ended> {
        if self.report.lines == 1 {
            self.origin = head.origin.map(str::to_owned);
            if head.action != BEGUN || self.origin.is_none() {
                return Err(Ended::Damaged(wrong(Wrong::Malformed)));
            }
        }
        let Some(file) = head.file.filter(|_| matches!(head.action, BEGUN | ADDED)) else {
            return Ok(());
        };
        if file != before::name(head.n) {
            return Err(Ended::Damaged(wrong(Wrong::Malformed)));
        }
        let found = match before::digest(self.storage, file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            found => Some(found?),
        };
        let is_it = found.is_some_and(|(digest, bytes)| {
            head.digest == Some(&hex(&digest)) && head.bytes == Some(bytes)
        });
        if !is_it {
            return Err(self.damage(file, None, Wrong::Before));
        }
        self.older.insert(file.to_owned());
        Ok(())
    }

    /// What witnesses saw of the lines so far.
    fn witnessed(&mut self, wrong: impl Fn(Wrong) -> Damage) -> Result<(), Ended> {
        let lines = self.report.lines;
        if lines == 1 {
            let origin = self.origin.as_deref().unwrap_or_default();
            let mut others = self.seen.iter();
            if let Some(other) = others.find(|one| one.checkpoint.origin != origin) {
                return Err(Ended::Damaged(wrong(Wrong::OtherLog {
                    origin: origin.to_owned(),
                    seen: other.checkpoint.origin.clone(),
                    witness: other.witnesses(),
                })));
            }
        }
        while let [next, later @ ..] = self.seen
            && next.checkpoint.size <= lines
        {
            let size = next.checkpoint.size;
            if size == lines && next.checkpoint.root != self.chain.tree.root() {
                let witness = next.witnesses();
                return Err(Ended::Damaged(wrong(Wrong::Unseen { size, witness })));
            }
            self.report.witnessed = size;
            self.seen = later;
        }
        Ok(())
    }

    fn read_note(&mut self) -> Result<(), Ended> {
        let before = self.report.signed;
        self.next = match self.notes.next()? {
            None => None,
            Some(Read::Note(note)) if note.checkpoint.size > before => Some(note),
            Some(_) => return Err(self.damage(NOTES, Some(self.notes.line()), Wrong::Note)),
        };
        Ok(())
    }

    /// The checkpoint of the lines so far, if there is one.
    fn note(&mut self, head: &Head<'_>) -> Result<(), Ended> {
        let lines = self.report.lines;
        let is_marked = head.action == CHECKPOINT;
        let line = self.notes.line();
        match &self.next {
            Some(note) if note.checkpoint.size == lines => {
                let what = if !is_marked {
                    Wrong::Note
                } else if !note.is_signed(self.keys) {
                    Wrong::Signature { size: lines }
                } else if note.checkpoint.root != self.chain.tree.root()
                    || self.origin.as_ref() != Some(&note.checkpoint.origin)
                {
                    Wrong::Root { size: lines }
                } else {
                    self.report.checkpoints += 1;
                    self.report.signed = lines;
                    return self.read_note();
                };
                Err(self.damage(NOTES, Some(line), what))
            }
            Some(_) if is_marked => {
                Err(self.damage(NOTES, Some(line), Wrong::Missing { size: lines }))
            }
            None if is_marked => {
                self.report.unsigned += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Where the log stood at the last checkpoint, if that is here.
    fn position(&self, name: &str, end: u64) -> Result<(), Ended> {
        match &self.state {
            Some(Ok(state)) if state.tree.size() == self.report.lines => {
                let is_it = state.tree == self.chain.tree && state.file == name && state.end == end;
                match is_it {
                    true => Ok(()),
                    false => Err(self.damage(STATE, None, Wrong::State)),
                }
            }
            _ => Ok(()),
        }
    }

    /// What is to be there, and is not; and what is there beside it.
    fn end(&self, up_to: Option<u64>) -> Result<(), Ended> {
        let lines = self.report.lines;
        let size =
            |state: &Result<Position, ()>| state.as_ref().map_or(0, |state| state.tree.size());
        let state = self.state.as_ref().map_or(0, size);
        let noted = self.next.as_ref().map_or(0, |note| note.checkpoint.size);
        let known = match up_to {
            Some(up_to) => up_to,
            None => state.max(noted),
        };
        if known > lines {
            let months = months(self.storage)?;
            let newest = months.last().map_or("", String::as_str);
            return Err(self.damage(newest, None, Wrong::Cut { lines, known }));
        }
        if state > self.report.signed {
            let what = Wrong::Missing { size: state };
            return Err(self.damage(NOTES, None, what));
        }
        if let Some(last) = self.seen.last() {
            let months = months(self.storage)?;
            let newest = months.last().map_or("", String::as_str);
            let what = Wrong::CutUnseen {
                lines,
                seen: last.checkpoint.size,
                witness: last.witnesses(),
            };
            return Err(self.damage(newest, None, what));
        }
        let names = self.storage.list()?;
        let mut older = names.iter().filter(|name| before::is_before(name));
        match older.find(|name| !self.older.contains(*name)) {
            Some(name) => Err(self.damage(name, None, Wrong::Stray)),
            None => Ok(()),
        }
    }
}
