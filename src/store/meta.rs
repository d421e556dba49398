//! What a store knows of itself, and whom it lets write: a pure decision.

use super::error::StoreError;
use crate::hex::hex;

/// Who opens a store to write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The journal whose alerts are kept.
    pub journal_id: [u8; 16],
    /// The detector's generation: each that takes over has a higher one than all before it.
    pub generation: u64,
}

/// How far a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The journal whose alerts are kept.
    pub journal_id: [u8; 16],
    /// The generation that writes.
    pub generation: u64,
    /// The last epoch committed; none before the first.
    pub epoch: Option<u64>,
    /// The as-of day, in days since 1970-01-01; none before the first.
    pub clock_day: Option<i32>,
}

impl Opening {
    /// Whether this writer may write to a store that is so far. A store that was put back to an earlier
    /// state knows a lower generation than its writer's, which is right: the writer is newer.
    pub(super) fn may_write(&self, known: &Committed, place: &str) -> Result<(), StoreError> {
        if known.journal_id != self.journal_id {
            return Err(StoreError::WrongJournal {
                place: place.to_owned(),
                known: hex(&known.journal_id),
                given: hex(&self.journal_id),
            });
        }
        if known.generation > self.generation {
            return Err(StoreError::Fenced {
                place: place.to_owned(),
                held: known.generation,
                own: self.generation,
            });
        }
        Ok(())
    }
}

/// Whether this program can use a store with such a schema, and from which migration on it must be
/// brought up to date. `latest` is the number of migrations.
pub(super) fn first_migration(found: i64, latest: usize, place: &str) -> Result<usize, StoreError> {
    let damaged = || StoreError::Damaged {
        place: place.to_owned(),
        what: format!("its schema is {found}"),
    };
    let first = usize::try_from(found).map_err(|_| damaged())?;
    match first <= latest {
        true => Ok(first),
        false => Err(StoreError::NewerSchema {
            place: place.to_owned(),
            found,
            known: latest as i64,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_writer_of_the_same_journal_wins() {
        let known = Committed {
            journal_id: [7; 16],
            generation: 3,
            epoch: None,
            clock_day: None,
        };
        let opening = |journal, generation| Opening {
            journal_id: [journal; 16],
            generation,
        };
        for generation in [3, 4] {
            assert!(opening(7, generation).may_write(&known, "it").is_ok());
        }
        let fenced = opening(7, 2).may_write(&known, "it");
        assert!(matches!(
            fenced,
            Err(StoreError::Fenced {
                held: 3,
                own: 2,
                ..
            })
        ));
        let wrong = opening(8, 9).may_write(&known, "it");
        assert!(matches!(wrong, Err(StoreError::WrongJournal { .. })));
    }

    #[test]
    fn a_schema_is_old_or_known_or_too_new() {
        assert_eq!(first_migration(0, 2, "it").expect("empty"), 0);
        assert_eq!(first_migration(2, 2, "it").expect("current"), 2);
        let newer = first_migration(3, 2, "it");
        assert!(matches!(
            newer,
            Err(StoreError::NewerSchema {
                found: 3,
                known: 2,
                ..
            })
        ));
        assert!(matches!(
            first_migration(-1, 2, "it"),
            Err(StoreError::Damaged { .. })
        ));
    }
}
