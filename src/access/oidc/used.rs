//! What was used and is not to be used again, until it is too old to be.
//!
//! Must hold: nothing is taken twice while it is good; what is remembered is bounded, and where there is no room, nothing
//! more is taken.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::notice::Moment;

/// What is remembered at a time. Only what the provider has signed comes here.
const MOST: usize = 100_000;

/// What was used, by its SHA-256, and until when it would be good.
#[derive(Default)]
pub(super) struct Used(Mutex<HashMap<[u8; 32], Moment>>);

impl Used {
    /// Uses something that is good until then. Gives whether it was not used before.
    pub fn take(&self, what: &str, until: Moment, now: Moment) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST {
            used.retain(|_, until| *until > now);
        }
        let digest = Sha256::digest(what.as_bytes()).into();
        match used.get(&digest) {
            Some(good) if *good > now => false,
            _ if used.len() >= MOST => false,
            _ => {
                used.insert(digest, until);
                true
            }
        }
    }

    /// Lets something be used again.
    pub fn forget(&self, what: &str) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.remove::<[u8; 32]>(&Sha256::digest(what.as_bytes()).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_twice_while_it_is_good() {
        let (used, now, until) = (Used::default(), Moment(10), Moment(20));
        assert!(used.take("a", until, now) && used.take("b", until, now));
        assert!(!used.take("a", until, now) && !used.take("a", until, Moment(19)));
        assert!(used.take("a", Moment(30), until));
        used.forget("a");
        assert!(used.take("a", Moment(30), until));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (used, now, until) = (Used::default(), Moment(10), Moment(20));
        for number in 0..MOST {
            assert!(used.take(&number.to_string(), until, now));
        }
        assert!(!used.take("one more", until, now));
        assert!(used.take("one more", Moment(40), until));
    }
}
