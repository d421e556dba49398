//! Which alerts were stored anew, for whoever follows the store.
//!
//! In: what was committed. Out: the alerts that it changed, once. Must hold: nothing that was committed is left out; a
//! follower that is slow, or absent, costs neither memory beyond a bound nor time.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::EpochCommit;

/// Alerts that are told one by one: beyond, all that changed have to be looked for.
const TOLD: usize = 200_000;

/// What was stored since it was asked for last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChanges {
    /// The alerts that changed; nothing where they are too many to be told one by one.
    pub alert_ids: Option<Vec<String>>,
    /// The last epoch that is stored.
    pub epoch: u64,
    /// When it was sealed, in milliseconds since 1970.
    pub at: i64,
}

#[derive(Default)]
struct State {
    alert_ids: HashSet<String>,
    is_beyond: bool,
    /// The last epoch and its time, since it was asked for last.
    last: Option<(u64, i64)>,
}

/// Where the committer says what it stored.
#[derive(Default)]
pub struct StoredFeed {
    state: Mutex<State>,
    stored: Condvar,
}

impl StoredFeed {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before the lock is let go.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what is stored.
    pub(super) fn note(&self, commits: &[EpochCommit]) {
        let Some(last) = commits.last() else {
            return;
        };
        let mut state = self.lock();
        for change in commits.iter().flat_map(|commit| &commit.alerts) {
            if state.alert_ids.len() >= TOLD {
                state.is_beyond = true;
                state.alert_ids.clear();
            }
            if state.is_beyond {
                break;
            }
            state.alert_ids.insert(change.alert_id().to_owned());
        }
        state.last = Some((last.epoch, last.at));
        drop(state);
        self.stored.notify_all();
    }

    /// What was stored since this was asked for last; nothing where that is nothing, after so long.
    pub fn take(&self, within: Duration) -> Option<StoredChanges> {
        let state = self.lock();
        let waited = self
            .stored
            .wait_timeout_while(state, within, |state| state.last.is_none());
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let (epoch, at) = state.last?;
        let State {
            alert_ids,
            is_beyond,
            ..
        } = std::mem::take(&mut *state);
        Some(StoredChanges {
            alert_ids: (!is_beyond).then(|| alert_ids.into_iter().collect()),
            epoch,
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::AlertChange;

    fn commit(epoch: u64, ids: impl IntoIterator<Item = u32>) -> EpochCommit {
        EpochCommit {
            epoch,
            at: 1000 * epoch as i64,
            alerts: ids
                .into_iter()
                .map(|id| AlertChange::Withdrawn {
                    alert_id: id.to_string(),
                })
                .collect(),
            ..EpochCommit::default()
        }
    }

    #[test]
    fn what_was_stored_is_told_once() {
        let feed = StoredFeed::default();
        assert_eq!(feed.take(Duration::ZERO), None);
        feed.note(&[commit(1, [1, 2]), commit(2, [2, 3])]);
        feed.note(&[commit(3, [])]);
        let mut taken = feed.take(Duration::ZERO).expect("something was stored");
        assert_eq!((taken.epoch, taken.at), (3, 3000));
        if let Some(ids) = &mut taken.alert_ids {
            ids.sort();
        }
        let expected: Vec<String> = ["1", "2", "3"].map(str::to_owned).into();
        assert_eq!(taken.alert_ids, Some(expected));
        assert_eq!(feed.take(Duration::ZERO), None);
        feed.note(&[]);
        assert_eq!(feed.take(Duration::ZERO), None);
    }

    #[test]
    fn too_many_are_not_told_one_by_one_and_are_not_forgotten() {
        let feed = StoredFeed::default();
        let many = u32::try_from(TOLD).expect("a small number") + 1;
        feed.note(&[commit(1, 0..many), commit(2, [many + 1])]);
        feed.note(&[commit(3, [many + 2])]);
        let taken = feed.take(Duration::ZERO).expect("something was stored");
        assert_eq!((taken.alert_ids, taken.epoch), (None, 3));
        feed.note(&[commit(4, [7])]);
        let taken = feed.take(Duration::ZERO).expect("something was stored");
        assert_eq!(taken.alert_ids, Some(vec!["7".to_owned()]));
    }
}
