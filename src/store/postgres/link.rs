//! A connection that comes back: lost, it is made anew, ever more patiently, and the work is done again.
//!
//! Work is one transaction and may be done again: a commit finds what of it was written before, and reads
//! that have given nothing out are as good as new.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, IsolationLevel, NoTls, Statement, Transaction};

use super::error::{Failure, Remedy};
use super::server::{Server, Tls};
use super::tls;
use crate::store::error::StoreError;

/// The pause before the second attempt; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a reader, or who opens a store, goes on trying.
const SHORT_PATIENCE: Duration = Duration::from_secs(5);

/// What every session sets, with [`LOCKS`]. A commit is on disk when it is answered, whatever the server's settings are.
const SESSION: &str = "SET search_path TO fundwatch;
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off';";
/// A lock that is not given in time is told instead of waited for.
pub(super) const LOCKS: &str = "SET lock_timeout = '30s'";
/// A writer that hangs lets the next one in.
const WRITER: &str = "SET idle_in_transaction_session_timeout = '60s';";
const READER: &str = "SET default_transaction_read_only = on;";

/// Whether a connection writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
}

/// A connection that comes back.
pub(super) struct Link {
    server: Server,
    role: Role,
    session: Option<Session>,
}

/// A connection and the statements that are prepared on it.
pub(super) struct Session {
    pub(super) client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Session {
    /// A statement, prepared once a session.
    pub(super) fn statement(&mut self, text: &'static str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text)?;
        self.statements.insert(text, statement.clone());
        Ok(statement)
    }

    /// A transaction that sees one state of the store.
    pub(super) fn snapshot(&mut self) -> Result<Transaction<'_>, Failure> {
        let builder = self.client.build_transaction().read_only(true);
        Ok(builder
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()?)
    }
}

impl Link {
    pub(super) fn new(server: &Server, role: Role) -> Self {
        let mut server = server.clone();
        if role == Role::Writer {
            let attributes = postgres::config::TargetSessionAttrs::ReadWrite;
            server.config.target_session_attrs(attributes);
        }
        Self {
            server,
            role,
            session: None,
        }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Does the work of a commit: for as long as the server's patience lasts.
    pub(super) fn commit<T>(
        &mut self,
        work: impl FnMut(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.within(self.server.patience, work)
    }

    /// Does the work for somebody who waits.
    pub(super) fn run<T>(
        &mut self,
        work: impl FnMut(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.within(SHORT_PATIENCE.min(self.server.patience), work)
    }

    /// Does the work now or not at all.
    pub(super) fn now<T>(
        &mut self,
        work: impl FnMut(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.within(Duration::ZERO, work)
    }

    fn within<T>(
        &mut self,
        patience: Duration,
        mut work: impl FnMut(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let mut pause = PAUSE;
        loop {
            let was_connected = self.session.is_some();
            let failure = match self.attempt(&mut work) {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let remedy = failure.remedy();
            if remedy == Remedy::Reconnect {
                self.session = None;
                if was_connected {
                    // The server may have been there again long since.
                    continue;
                }
            }
            if remedy == Remedy::None || begun.elapsed() + pause > patience {
                return Err(failure.told(&self.server.to_string()));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn attempt<T>(
        &mut self,
        work: &mut impl FnMut(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let session = match &mut self.session {
            Some(session) => session,
            empty => empty.insert(connect(&self.server, self.role)?),
        };
        work(session)
    }
}

fn connect(server: &Server, role: Role) -> Result<Session, Failure> {
    let mut client = match &server.tls {
        Tls::None => server.config.connect(NoTls)?,
        Tls::Verified { roots } => {
            let connector = tls::connector(roots.as_deref())?;
            server.config.connect(connector)?
        }
    };
    client.batch_execute(SESSION)?;
    client.batch_execute(LOCKS)?;
    client.batch_execute(match role {
        Role::Writer => WRITER,
        Role::Reader => READER,
    })?;
    Ok(Session {
        client,
        statements: HashMap::new(),
    })
}
