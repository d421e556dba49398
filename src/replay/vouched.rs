//! Whether a service stands by what a replay of its journal comes to.
//!
//! In: a replay of a journal, and what the self-replays of its service found. Out: what is stated of the last one. Must
//! hold: where decisions differ, a replay is not signed; where no self-replay was made yet, it is, and states none.

use super::error::ReplayError;
use super::options::Options;
use crate::audit::SelfReplayed;
use crate::self_replay::{FILE, Outcomes};

/// What the last self-replay found, where the input is a service's.
///
/// # Errors
/// When the replay is to be signed, and decisions differ or what was found cannot be read.
pub(super) fn by_self_replay(options: &Options) -> Result<Option<SelfReplayed>, ReplayError> {
    if options.journal.is_none() {
        return Ok(None);
    }
    let is_signed = options.signing_key.is_some();
    let outcomes = match Outcomes::read(&options.input) {
        Ok(outcomes) => outcomes,
        Err(error) if is_signed => return Err(error.into()),
        // What is not signed vouches for nothing.
        Err(_) => None,
    };
    let Some(outcomes) = outcomes else {
        return Ok(None);
    };
    let mismatched = outcomes.mismatched_decisions();
    let last = outcomes.last;
    if is_signed && mismatched > 0 {
        return Err(ReplayError::SelfReplayDiffers {
            path: options.input.join(FILE),
            day: last.day,
            mismatched,
        });
    }
    Ok(Some(SelfReplayed {
        ended_at: last.ended_at,
        day: last.day,
        until_epoch: last.until_epoch,
        persons: last.persons.to_string(),
        mismatched_decisions: mismatched,
    }))
}
