//! Authentication of one person or many, against the registers of a directory of streams.
//!
//! In: a directory as a replay reads it, and people: all its participants, a list, or one. Out: a line
//! for each, with the cause and the proposed corrections. Must hold: lines are in the order of the
//! people and a function of the rows; a bad row harms only itself; outputs are whole or not there; what
//! is asked for is in the output in full, and nothing of a person is in an error or a warning.

mod asked;
mod error;
mod line;
mod list;
mod registers;
mod told;

pub use asked::{Asked, Fault};
pub use error::RosterError;
pub use line::{Format, Line};
pub use list::People;
pub use registers::Registers;
pub use told::{Told, tell};

use std::collections::BTreeMap;
use std::io::Write;

use crate::authenticate::{Cause, authenticate};

/// How many people there were, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People.
    pub people: u64,
    /// Who authenticate.
    pub matched: u64,
    /// Who do not, by cause.
    pub causes: BTreeMap<Cause, u64>,
    /// For whom a correction is proposed.
    pub corrected: u64,
    /// Of whom too little was said, or something that cannot be.
    pub faults: u64,
}

impl Counts {
    fn count(&mut self, line: &Line) {
        self.people += 1;
        match &line.verdict {
            Ok(verdict) => {
                match verdict.cause {
                    Some(cause) => *self.causes.entry(cause).or_default() += 1,
                    None => self.matched += 1,
                }
                self.corrected += u64::from(!verdict.corrections.is_empty());
            }
            Err(_) => self.faults += 1,
        }
    }
}

/// Authenticates one person.
pub fn authenticate_one(registers: &Registers, row: u64, asked: Result<Asked, Fault>) -> Line {
    let (si_number, id) = match &asked {
        Ok(asked) => (asked.si_number, asked.id),
        Err(_) => (None, None),
    };
    let identity = asked.and_then(|asked| asked.identity(registers));
    let id = identity.as_ref().map_or(id, |identity| identity.id);
    Line {
        row,
        si_number,
        id,
        verdict: identity.map(|identity| authenticate(&identity, registers)),
    }
}

/// Authenticates people one by one and writes a line for each.
///
/// # Errors
/// When the people cannot be read or a line cannot be written.
pub fn authenticate_all(
    registers: &Registers,
    people: impl Iterator<Item = Result<(u64, Result<Asked, Fault>), RosterError>>,
    format: Format,
    out: &mut impl Write,
) -> Result<Counts, RosterError> {
    let mut counts = Counts::default();
    format.header(out).map_err(RosterError::Output)?;
    for person in people {
        let (row, asked) = person?;
        let line = authenticate_one(registers, row, asked);
        counts.count(&line);
        line.write(format, out).map_err(RosterError::Output)?;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests;
