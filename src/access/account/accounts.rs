//! The accounts of a service that runs: sessions from memory, changes through the register.
//!
//! Methods that compute a password's hash or change something wait for processors and disks: a listener calls them on
//! a thread that may block.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::hashing::{Hashing, NotHashed};
use super::peers::Peers;
use super::policy::AccountPolicy;
use super::session::{Session, SessionSecret};
use super::state::State;
use super::user::{UserId, UserRecord};
use super::watch::{self, Held};
use super::{session_rows, user_rows};
use crate::access::error::AccessError;
use crate::access::gate::LONGEST_OUT_OF_STEP;
use crate::access::register::Register;
use crate::language::Language;
use crate::notice::{Clock, Moment};

/// Users and sessions, for a service that runs.
pub struct Accounts {
    pub(super) shared: Arc<Shared>,
    pub(super) hashing: Hashing,
    pub(super) peers: Peers,
    stop: Option<mpsc::Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

pub(super) struct Shared {
    clock: Box<dyn Clock + Send>,
    pub(super) policy: AccountPolicy,
    held: Mutex<Held>,
    state: RwLock<Arc<State>>,
    started: Instant,
    /// Milliseconds after `started` at which the memory was last known to be what the register says.
    in_step_at: AtomicU64,
    /// That something was changed and could not be read.
    has_lost_step: AtomicBool,
    /// Why it is out of step.
    trouble: Mutex<Option<String>>,
    /// Why the last change could not be made.
    unkept: Mutex<Option<String>>,
}

impl Accounts {
    /// Opens the register of a data directory, made where it is absent, and watches it until this is dropped.
    ///
    /// # Errors
    /// When the register cannot be opened or read.
    pub fn open(
        data: &Path,
        policy: AccountPolicy,
        clock: impl Clock + Send + 'static,
    ) -> Result<Self, AccessError> {
        let register = Register::open_or_create(data)?;
        let hashing = Hashing::new().map_err(|error| AccessError::File {
            path: data.to_owned(),
            error: match error {
                NotHashed::Busy => std::io::ErrorKind::OutOfMemory.into(),
                NotHashed::Random(error) => std::io::Error::other(error),
            },
        })?;
        let shared = Arc::new(Shared {
            clock: Box::new(clock),
            policy,
            held: Mutex::new(Held::open(data, register)?),
            state: RwLock::default(),
            started: Instant::now(),
            in_step_at: AtomicU64::new(0),
            has_lost_step: AtomicBool::new(false),
            trouble: Mutex::new(None),
            unkept: Mutex::new(None),
        });
        shared.held().read(&shared)?;
        let (stop, stopped) = mpsc::channel();
        let watched = shared.clone();
        let thread = thread::Builder::new().name("accounts-watch".to_owned());
        let thread = thread.spawn(move || watch::run(&watched, &stopped));
        Ok(Self {
            shared,
            hashing,
            peers: Peers::default(),
            stop: Some(stop),
            watch: Some(thread.map_err(|error| AccessError::File {
                path: data.to_owned(),
                error,
            })?),
        })
    }

    /// What is asked of people who sign in.
    pub fn policy(&self) -> AccountPolicy {
        self.shared.policy
    }

    /// The session of a cookie, if it has not ended. It is used by this, and so not idle. Nothing as well, while the
    /// register cannot be read: any session may have been ended.
    pub fn session(&self, cookie: &str) -> Option<Arc<Session>> {
        let session = self.peek(cookie)?;
        let shared = &self.shared;
        shared.state().touch(session.digest, shared.now());
        Some(session)
    }

    /// The session of a cookie as [`Accounts::session`] gives it, without using it: an open page that asks for what is
    /// new keeps nobody signed in.
    pub fn peek(&self, cookie: &str) -> Option<Arc<Session>> {
        let digest = SessionSecret::from_text(cookie)?.digest();
        let shared = &self.shared;
        if !shared.can_answer() {
            return None;
        }
        let (state, now) = (shared.state(), shared.now());
        state.session(digest, &shared.policy, now).cloned()
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn sign_out(&self, session: &Session) -> Result<(), AccessError> {
        self.change(|connection| session_rows::end(connection, session.digest))
    }

    /// Ends every session of whoever has this one, it as well.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn sign_out_everywhere(&self, session: &Session) -> Result<(), AccessError> {
        self.change(|connection| session_rows::end_of_user(connection, session.user_id, None))
    }

    /// Has the pages speak another language to whoever has this session.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn set_language(&self, session: &Session, language: Language) -> Result<(), AccessError> {
        let now = self.shared.now();
        let user = session.user_id;
        self.change(|connection| {
            // One that has ended changes nothing any more.
            match session_rows::exists(connection, session.digest, user)? {
                true => user_rows::set_language(connection, user, language, now),
                false => Ok(()),
            }
        })
    }

    /// Every user that this version can make sense of, in the order in which they were made.
    pub fn users(&self) -> Vec<UserRecord> {
        let state = self.shared.state();
        let users = state.users().map(|user| user.record.clone());
        let mut users: Vec<UserRecord> = users.collect();
        users.sort_by_key(|user| user.id);
        users
    }

    /// How many sessions of a user have not ended.
    pub fn sessions_of(&self, user: UserId) -> usize {
        let shared = &self.shared;
        let state = shared.state();
        state.sessions_of(user, &shared.policy, shared.now())
    }

    /// Why the register cannot be read or written now, for those who run the service.
    pub fn trouble(&self) -> Option<String> {
        let trouble = lock(&self.shared.trouble).clone();
        trouble.or_else(|| lock(&self.shared.unkept).clone())
    }

    /// Makes a change in one transaction. It is kept, and in memory, when this returns.
    pub(super) fn change<T>(
        &self,
        make: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, AccessError> {
        let made = self.shared.held().change(&self.shared, make);
        self.shared.set_unkept(made.as_ref().err());
        made
    }

    /// The time. Nothing, while the register cannot be read.
    pub(super) fn answering(&self) -> Option<Moment> {
        let shared = &self.shared;
        shared.can_answer().then(|| shared.now())
    }
}

impl Drop for Accounts {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(watch) = self.watch.take() {
            // A watch that panicked has nothing more to note.
            let _ = watch.join();
        }
    }
}

impl Shared {
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }

    pub fn state(&self) -> Arc<State> {
        let state = self.state.read();
        state.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn publish(&self, state: State) {
        let mut known = self.state.write();
        **known.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut()) = Arc::new(state);
        drop(known);
        self.has_lost_step.store(false, Ordering::Release);
        self.is_in_step();
    }

    pub fn is_in_step(&self) {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.in_step_at.store(at, Ordering::Release);
    }

    pub fn lose_step(&self) {
        self.has_lost_step.store(true, Ordering::Release);
    }

    pub fn has_lost_step(&self) -> bool {
        self.has_lost_step.load(Ordering::Acquire)
    }

    pub fn set_trouble(&self, error: Option<&AccessError>) {
        *lock(&self.trouble) = error.map(ToString::to_string);
    }

    pub fn set_unkept(&self, error: Option<&AccessError>) {
        *lock(&self.unkept) = error.map(ToString::to_string);
    }

    fn can_answer(&self) -> bool {
        let at = Duration::from_millis(self.in_step_at.load(Ordering::Acquire));
        let behind = self.started.elapsed().saturating_sub(at);
        behind <= LONGEST_OUT_OF_STEP && !self.has_lost_step()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
