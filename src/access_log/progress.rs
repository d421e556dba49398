//! How far the log is durable and how far it is in the index, for the threads that wait for either.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::standing::Standing;

/// Shared by the threads of a log.
#[derive(Default)]
pub(super) struct Progress {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    durable: u64,
    indexed: u64,
    is_doubted: bool,
    is_over: bool,
    standing: Standing,
}

impl Progress {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, longest: Duration, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state();
        let waited = self
            .changed
            .wait_timeout_while(state, longest, |state| !until(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    pub(super) fn set_durable(&self, n: u64) {
        self.change(|state| state.durable = n);
    }

    pub(super) fn durable(&self) -> u64 {
        self.state().durable
    }

    pub(super) fn set_indexed(&self, n: u64) {
        self.change(|state| state.indexed = n);
    }

    /// The index gave something that is not in the log.
    pub(super) fn doubt(&self) {
        self.change(|state| state.is_doubted = true);
    }

    /// Whether the index was doubted since this was asked last.
    pub(super) fn take_doubt(&self) -> bool {
        std::mem::take(&mut self.state().is_doubted)
    }

    /// Notes something of how the log stands.
    pub(super) fn note(&self, note: impl FnOnce(&mut Standing)) {
        note(&mut self.state().standing);
    }

    /// How the log stands.
    pub(super) fn standing(&self) -> Standing {
        let state = self.state();
        Standing {
            lines: state.durable,
            ..state.standing
        }
    }

    pub(super) fn end(&self) {
        self.change(|state| state.is_over = true);
    }

    pub(super) fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Waits until the log ends, and no longer than so long; whether it does.
    pub(super) fn wait_for_end(&self, longest: Duration) -> bool {
        self.wait(longest, |state| state.is_over).is_over
    }

    /// Waits until there is something to index; the number of the last durable line, or nothing when the log ends.
    pub(super) fn wait_for_work(&self, longest: Duration) -> Option<u64> {
        let until =
            |state: &State| state.is_over || state.is_doubted || state.durable > state.indexed;
        let state = self.wait(longest, until);
        (!state.is_over).then_some(state.durable)
    }

    /// Waits until what is durable now is in the index; whether it is.
    pub(super) fn wait_until_indexed(&self, longest: Duration) -> bool {
        let durable = self.durable();
        self.wait(longest, |state| state.indexed >= durable || state.is_over)
            .indexed
            >= durable
    }
}
