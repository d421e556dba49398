//! Which claims are retired, as those know it who take rows in and those who restore.
//!
//! In: what is sealed, epoch by epoch. Out: the window, the as-of date, and what is restored until when. Must
//! hold: what is durable is known here before it is answered.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::alert::SharedRows;
use crate::dataflow::Content;
use crate::journal::{Epoch, Restoration};
use crate::record::{Day, Key};
use crate::resolve::{RetentionWindow, last_day};

#[derive(Default)]
struct State {
    as_of: Option<Day>,
    restored: HashMap<Key, Day>,
}

/// What is known of retired claims.
pub struct Archive {
    pub(super) rows: SharedRows,
    pub(super) window: Option<RetentionWindow>,
    state: Mutex<State>,
}

impl Archive {
    /// An archive before the first epoch, of rows that are retired beyond a window.
    pub(super) fn new(rows: SharedRows, window: Option<RetentionWindow>) -> Self {
        Self {
            rows,
            window,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before the lock is let go.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on where a journal ends.
    pub(super) fn resume<'k>(
        &self,
        as_of: Option<Day>,
        restored: impl Iterator<Item = (&'k Key, Day)>,
    ) {
        let mut state = self.lock();
        state.as_of = as_of;
        state.restored = restored.map(|(key, until)| (key.clone(), until)).collect();
    }

    /// Takes note of an epoch that is durable.
    pub(super) fn sealed(&self, epoch: &Epoch) {
        if self.window.is_none() {
            return;
        }
        let mut state = self.lock();
        let is_new_day = state.as_of.is_none_or(|as_of| as_of < epoch.clock);
        state.as_of = Some(epoch.clock);
        let deliveries = epoch.deliveries.iter().flatten();
        for restoration in deliveries.filter_map(|delivery| delivery.restores.as_ref()) {
            state.add(restoration);
        }
        if is_new_day {
            state.restored.retain(|_, until| *until >= epoch.clock);
        }
    }

    /// The as-of date, once there is one.
    pub fn as_of(&self) -> Option<Day> {
        self.lock().as_of
    }

    /// Whether a claim is restored, as of a day.
    pub(super) fn is_restored(&self, key: &Key, as_of: Day) -> bool {
        let state = self.lock();
        state.restored.get(key).is_some_and(|until| *until >= as_of)
    }

    /// Whether content is beyond the window, whether it is restored or not.
    pub(super) fn is_beyond(&self, content: &Content, as_of: Day) -> bool {
        let last = last_day(content);
        let beyond =
            |window: RetentionWindow| last.is_some_and(|last| window.is_beyond(last, as_of));
        self.window.is_some_and(beyond)
    }
}

impl State {
    fn add(&mut self, restoration: &Restoration) {
        for key in &restoration.claims {
            let until = self
                .restored
                .entry(key.clone())
                .or_insert(restoration.until);
            *until = restoration.until.max(*until);
        }
    }
}
