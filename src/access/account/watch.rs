//! What keeps the memory in step with the register.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::accounts::Shared;
use super::state::State;
use super::{device_rows, session_rows, user_rows};
use crate::access::error::AccessError;
use crate::access::register::{FileIdentity, Register};

/// How often the register is asked whether it has changed.
const POLL: Duration = Duration::from_millis(250);
/// How long a transaction waits for another process's.
const BUSY: Duration = Duration::from_secs(2);
/// How often it is noted when sessions were last seen, at most.
const NOTE: Duration = Duration::from_secs(60);

/// The register, the one that a service changes and reads.
pub(super) struct Held {
    data: PathBuf,
    register: Register,
    file: FileIdentity,
    /// Its count of the changes of others when it was read.
    changes: i64,
}

impl Held {
    pub fn open(data: &Path, register: Register) -> Result<Self, AccessError> {
        register.wait_for(BUSY)?;
        Ok(Self {
            data: data.to_owned(),
            file: register.identity()?,
            changes: 0,
            register,
        })
    }

    /// Opens the file that took the place of the one that was open. Gives whether there was one.
    fn renew(&mut self) -> Result<bool, AccessError> {
        if self.register.is_in_place(self.file) {
            return Ok(false);
        }
        let register = Register::open(&self.data)?;
        *self = Self::open(&self.data, register)?;
        Ok(true)
    }

    /// Makes a change, and has what is then kept read.
    pub fn change<T>(
        &mut self,
        shared: &Shared,
        make: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, AccessError> {
        // Those who wait here for another process's transaction keep the watch waiting, not the memory out of step.
        self.turn(shared)?;
        let made = self.register.change(make)?;
        self.read(shared)?;
        Ok(made)
    }

    /// Reads the register anew.
    pub fn read(&mut self, shared: &Shared) -> Result<(), AccessError> {
        // Asked before the rows are read: what changes meanwhile is read the next time.
        let read = self.register.changes().and_then(|changes| {
            let state = State::read(&self.register.connection, &shared.state());
            let state = state.map_err(|error| self.register.told(error))?;
            Ok((changes, state))
        });
        match read {
            Ok((changes, state)) => {
                self.changes = changes;
                shared.publish(state);
                Ok(())
            }
            Err(error) => {
                // What was changed just now is not known to those who ask: nobody is answered.
                shared.lose_step();
                Err(error)
            }
        }
    }

    fn turn(&mut self, shared: &Shared) -> Result<(), AccessError> {
        if self.renew()? || self.register.changes()? != self.changes || shared.has_lost_step() {
            self.read(shared)?;
        }
        shared.is_in_step();
        Ok(())
    }

    /// Notes when sessions were last seen, and removes what has ended.
    fn note(&mut self, shared: &Shared) -> Result<(), AccessError> {
        let (state, now) = (shared.state(), shared.now());
        let seen = state.seen();
        if seen.is_empty() && !state.has_ended(&shared.policy, now) {
            return Ok(());
        }
        self.change(shared, |connection| {
            for (digest, seen_at) in seen {
                session_rows::note_seen(connection, digest, seen_at)?;
            }
            session_rows::prune(connection, &shared.policy, now)?;
            device_rows::prune(connection, now)?;
            user_rows::forget_strangers(connection, now)
        })
    }
}

/// Runs until it is told to stop.
pub(super) fn run(shared: &Arc<Shared>, stopped: &mpsc::Receiver<()>) {
    let mut noted_at = Instant::now();
    while stopped.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
        let mut held = shared.held();
        let trouble = held.turn(shared).err();
        if trouble.is_none() && noted_at.elapsed() >= NOTE {
            // Before it is tried: a disk that is full is not asked four times a second.
            noted_at = Instant::now();
            shared.set_unkept(held.note(shared).err().as_ref());
        }
        drop(held);
        shared.set_trouble(trouble.as_ref());
    }
    // Nobody is left to be told that it is not known when sessions were last seen.
    let _ = shared.held().note(shared);
}
