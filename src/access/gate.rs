//! The gate: whose a token or a certificate is, for a service that runs.
//!
//! ```text
//! access.db ── watch, every 250 ms: has anything changed? ──▶ table ──▶ authenticate (no I/O)
//!     ▲                                                          │
//!     └────────── at most once an hour: days of use ◀────────────┘
//! ```
//! In: what a request shows. Out: its principal, or why it is refused. Must hold: a token that is made or
//! revoked by another process counts within a second, and so does what becomes of the user that one acts as; when the register cannot be read for longer than
//! [`LONGEST_OUT_OF_STEP`], every token is refused, since any may have been revoked; a request waits for no
//! file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::certificate::{ClientCertificate, ClientCertificates};
use super::error::AccessError;
use super::principal::{Credential, Principal};
use super::register::{FileIdentity, Register};
use super::token::{BearerToken, SecretDigest, TokenId};
use super::token_record::{TokenRecord, TokenState};
use crate::notice::{Clock, Moment};
use crate::record::{self, Day};

/// How often the register is asked whether it has changed.
const POLL: Duration = Duration::from_millis(250);
/// How long the watch waits for another process's transaction: less than its next turn is away.
const BUSY: Duration = Duration::from_millis(200);
/// How long tokens are accepted while the register cannot be read.
pub const LONGEST_OUT_OF_STEP: Duration = Duration::from_secs(5);
/// How often days of use are noted, at most.
const NOTE: Duration = Duration::from_secs(3600);
/// That a token was not used.
const NEVER: i32 = i32::MIN;

/// Why somebody is refused. Whoever asks is told that it was, and not why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no token: the form or the checksum is wrong.
    #[error("malformed")]
    Malformed,
    /// No token has this id and secret, or no certificate of the configuration is this one.
    #[error("unknown")]
    Unknown,
    /// The token was revoked.
    #[error("revoked")]
    Revoked,
    /// The token has expired.
    #[error("expired")]
    Expired,
    /// The token acts as a user who may not sign in.
    #[error("its user is disabled")]
    UserDisabled,
    /// The register cannot be read: not the fault of whoever asks.
    #[error("unavailable")]
    Unavailable,
}

/// A token as it is asked for.
struct Known {
    digest: SecretDigest,
    record: TokenRecord,
    principal: Arc<Principal>,
    /// The local day of the last use, as [`Day::number`].
    used: Arc<AtomicI32>,
}

type Table = HashMap<TokenId, Known>;

struct Shared {
    clock: Box<dyn Clock + Send>,
    tokens: RwLock<Arc<Table>>,
    certificates: RwLock<Arc<ClientCertificates>>,
    started: Instant,
    /// Milliseconds after `started` at which the table was last known to be what the register says.
    in_step_at: AtomicU64,
    /// Why it is out of step.
    trouble: Mutex<Option<String>>,
}

/// Tells whose tokens and certificates are.
pub struct Gate {
    shared: Arc<Shared>,
    stop: Option<mpsc::Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Gate {
    /// Opens the register of a data directory, made where it is absent, and watches it until this is dropped.
    ///
    /// # Errors
    /// When the register cannot be opened or read.
    pub fn open(
        data: &Path,
        certificates: &[ClientCertificate],
        clock: impl Clock + Send + 'static,
    ) -> Result<Self, AccessError> {
        let register = Register::open_or_create(data)?;
        let shared = Arc::new(Shared {
            clock: Box::new(clock),
            tokens: RwLock::default(),
            certificates: RwLock::new(Arc::new(ClientCertificates::new(certificates))),
            started: Instant::now(),
            in_step_at: AtomicU64::new(0),
            trouble: Mutex::new(None),
        });
        let mut watch = Watch::new(data, register, shared.clone())?;
        watch.read()?;
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("access-watch".to_owned());
        let thread = thread.spawn(move || watch.run(&stopped));
        Ok(Self {
            shared,
            stop: Some(stop),
            watch: Some(thread.map_err(|error| AccessError::File {
                path: data.to_owned(),
                error,
            })?),
        })
    }

    /// Whose this token is.
    ///
    /// # Errors
    /// When it is nobody's, or no longer.
    pub fn authenticate(&self, token: &str) -> Result<Arc<Principal>, Refused> {
        let shared = &self.shared;
        if shared.out_of_step() > LONGEST_OUT_OF_STEP {
            return Err(Refused::Unavailable);
        }
        let token = BearerToken::from_text(token).ok_or(Refused::Malformed)?;
        let tokens = read(&shared.tokens);
        let known = tokens.get(&token.id()).ok_or(Refused::Unknown)?;
        if !known.digest.is(&token.digest()) {
            return Err(Refused::Unknown);
        }
        let now = shared.clock.now();
        match known.record.state(now) {
            TokenState::Active => {}
            TokenState::Revoked => return Err(Refused::Revoked),
            TokenState::Expired => return Err(Refused::Expired),
            TokenState::UserDisabled => return Err(Refused::UserDisabled),
        }
        let today = day(now).number();
        // Most requests only read here, so that threads do not take the line from each other.
        if known.used.load(Ordering::Relaxed) < today {
            known.used.fetch_max(today, Ordering::Relaxed);
        }
        Ok(known.principal.clone())
    }

    /// Whose a certificate in DER form is, which TLS has verified.
    ///
    /// # Errors
    /// When it is nobody's.
    pub fn authenticate_certificate(&self, der: &[u8]) -> Result<Arc<Principal>, Refused> {
        let certificates = read(&self.shared.certificates);
        certificates.principal(der).ok_or(Refused::Unknown)
    }

    /// Puts the certificates of another configuration in the place of those that are known.
    pub fn set_certificates(&self, certificates: &[ClientCertificate]) {
        let new = Arc::new(ClientCertificates::new(certificates));
        let mut known = self.shared.certificates.write();
        **known.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut()) = new;
    }

    /// Why the register cannot be read now, for those who run the service.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.shared.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(watch) = self.watch.take() {
            // A watch that panicked has nothing more to note.
            let _ = watch.join();
        }
    }
}

impl Shared {
    /// For how long the table may not be what the register says.
    fn out_of_step(&self) -> Duration {
        let at = Duration::from_millis(self.in_step_at.load(Ordering::Acquire));
        self.started.elapsed().saturating_sub(at)
    }

    fn is_in_step(&self) {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.in_step_at.store(at, Ordering::Release);
    }
}

fn read<T>(shared: &RwLock<Arc<T>>) -> Arc<T> {
    shared
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// The local day of a moment.
fn day(moment: Moment) -> Day {
    let instant = record::Instant::from_millis(moment.0);
    instant.unwrap_or(record::Instant::MAX).day()
}

/// What keeps the table in step with the register.
struct Watch {
    data: PathBuf,
    register: Register,
    file: FileIdentity,
    /// The register's count of changes when it was read.
    changes: i64,
    shared: Arc<Shared>,
    /// The days of use that the register knows.
    noted: HashMap<TokenId, i32>,
    noted_at: Option<Instant>,
}

impl Watch {
    fn new(data: &Path, register: Register, shared: Arc<Shared>) -> Result<Self, AccessError> {
        register.wait_for(BUSY)?;
        Ok(Self {
            data: data.to_owned(),
            file: register.identity()?,
            changes: 0,
            register,
            shared,
            noted: HashMap::new(),
            noted_at: None,
        })
    }

    fn run(mut self, stopped: &mpsc::Receiver<()>) {
        while stopped.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
            let trouble = self.turn().err().map(|error| error.to_string());
            let mut told = self.shared.trouble.lock();
            **told.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut()) = trouble;
        }
        // Nobody is left to be told that the last day of use is not known.
        let _ = self.note();
    }

    fn turn(&mut self) -> Result<(), AccessError> {
        if !self.register.is_in_place(self.file) {
            let register = Register::open(&self.data)?;
            *self = Self {
                noted_at: self.noted_at,
                ..Self::new(&self.data, register, self.shared.clone())?
            };
            self.read()?;
        } else if self.register.changes()? != self.changes {
            self.read()?;
        }
        self.shared.is_in_step();
        if self.noted_at.is_none_or(|at| at.elapsed() >= NOTE) {
            self.note()?;
        }
        Ok(())
    }

    /// Reads the register anew.
    fn read(&mut self) -> Result<(), AccessError> {
        // Asked before the rows are read: what changes meanwhile is read the next time.
        let changes = self.register.changes()?;
        let before = read(&self.shared.tokens);
        let mut tokens = Table::new();
        // A token that this version cannot make sense of is nobody's; the others go on.
        for (record, digest) in self.register.kept()?.into_iter().flatten() {
            let name = record.name.clone();
            let name = name.unwrap_or_else(|| record.id.to_string());
            let credential = Credential::Token(record.id);
            let principal = match &record.user {
                Some(user) => {
                    Principal::of_user(user.name.clone(), credential, record.role, user.provinces)
                }
                None => Principal::new(name, credential, record.role, record.streams),
            };
            let noted = record.last_used.map_or(NEVER, Day::number);
            self.noted.insert(record.id, noted);
            let used = before.get(&record.id).map(|known| known.used.clone());
            let known = Known {
                digest,
                principal: Arc::new(principal),
                used: used.unwrap_or_else(|| Arc::new(AtomicI32::new(noted))),
                record,
            };
            tokens.insert(known.record.id, known);
        }
        let mut table = self.shared.tokens.write();
        **table.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut()) = Arc::new(tokens);
        drop(table);
        self.changes = changes;
        self.shared.is_in_step();
        Ok(())
    }

    /// Notes the days of use that the register does not know yet.
    fn note(&mut self) -> Result<(), AccessError> {
        let tokens = read(&self.shared.tokens);
        let used = tokens
            .iter()
            .map(|(id, known)| (*id, known.used.load(Ordering::Relaxed)));
        let news = used.filter(|(id, day)| self.noted.get(id).is_none_or(|noted| noted < day));
        let news: Vec<(TokenId, Day)> = news.map(|(id, day)| (id, Day::from_number(day))).collect();
        if news.is_empty() {
            return Ok(());
        }
        // Before it is tried: a disk that is full is not asked four times a second.
        self.noted_at = Some(Instant::now());
        self.register.note_used(&news)?;
        let known = news.into_iter().map(|(id, day)| (id, day.number()));
        self.noted.extend(known);
        Ok(())
    }
}
