//! The log as the service holds it: threads, and what they are asked.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::before;
use super::entry::{class, members, reveal};
use super::error::{LogError, SearchError, failed};
use super::index::Indexer;
use super::log::Log;
use super::progress::Progress;
use super::search::{Found, Query, Search};
use super::standing::Standing;
use super::watch::watch;
use super::writer::{Message, QUEUE, Waiting, Writer};
use super::{FOLDER, KEYS};
use crate::journal::{Directory, Storage};
use crate::metric::Metrics;
use crate::record::Instant;
use crate::service::Clock;
use crate::web::{AccessEntry, AccessError, Ledger};

const INDEX: &str = "index.db";

/// How a log is kept.
#[derive(Clone)]
pub struct Options {
    /// What time it is.
    pub clock: Clock,
    /// What is told of it.
    pub metrics: Metrics,
    /// How long entries stay unsigned.
    pub checkpoint_every: Duration,
    /// How often the whole log is verified beside the work, the first time after the start; never where it is none.
    pub verify_every: Option<Duration>,
}

impl Options {
    /// Signed hourly, verified daily.
    pub fn new(metrics: Metrics) -> Self {
        Self {
            clock: Clock::system(),
            metrics,
            checkpoint_every: Duration::from_secs(3600),
            verify_every: Some(Duration::from_secs(86_400)),
        }
    }
}

/// Where a log is kept.
#[derive(Clone)]
pub struct Places {
    /// Its folder.
    pub log: Arc<dyn Storage>,
    /// The folder of its key.
    pub keys: Arc<dyn Storage>,
    /// Its index. Without one it cannot be searched.
    pub index: Option<PathBuf>,
}

/// The access log of a service.
pub struct AccessLog {
    queue: SyncSender<Message>,
    progress: Arc<Progress>,
    search: Option<Search>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl AccessLog {
    /// Opens the log of a data directory, or begins it. A log of an earlier version is moved into it.
    ///
    /// # Errors
    /// When it cannot be read or written, or another process has it. That it was changed is no error: it is told in
    /// the metrics and in the service's log.
    pub fn open(data: &Path, options: Options) -> Result<Self, LogError> {
        let folder = data.join(FOLDER);
        let open = |path: &Path| {
            let opened = Directory::create(path);
            let opened = opened.map_err(failed("be made", path.display().to_string()))?;
            Ok::<Arc<dyn Storage>, LogError>(Arc::new(opened))
        };
        let places = Places {
            log: open(&folder)?,
            keys: open(&data.join(KEYS))?,
            index: Some(folder.join(INDEX)),
        };
        let take_over = |name: &str| before::take_over(data, &folder, name);
        Self::begin(places, options, &take_over)
    }

    /// Opens a log on any storage.
    ///
    /// # Errors
    /// As [`AccessLog::open`].
    pub fn open_on(places: Places, options: Options) -> Result<Self, LogError> {
        Self::begin(places, options, &|_| Ok(false))
    }

    fn begin(
        places: Places,
        options: Options,
        take_over: &dyn Fn(&str) -> io::Result<bool>,
    ) -> Result<Self, LogError> {
        let Places { log, keys, index } = places;
        let clock = options.clock.clone();
        let opened = Log::open(log.clone(), &*keys, options.clock, take_over)?;
        if opened.damage().is_some() {
            options.metrics.audit().verification_failed();
        }
        let progress = Arc::new(Progress::default());
        progress.set_durable(opened.last());
        progress.note(|standing| {
            standing.signed_at = opened.signed_at();
            standing.is_damaged = opened.damage().is_some();
        });
        let (queue, asked) = sync_channel(QUEUE);
        let place = log.place("");
        let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(format!("fundwatch-{name}"));
            thread
                .spawn(run)
                .map_err(failed("have a thread", place.clone()))
        };
        let writer = Writer {
            log: opened,
            queue: asked,
            progress: progress.clone(),
            metrics: options.metrics.clone(),
            checkpoint_every: options.checkpoint_every,
            is_failing: false,
        };
        let mut threads = vec![spawn("access-log", Box::new(move || writer.run()))?];
        if let Some(path) = &index {
            let indexer = Indexer::new(log.clone(), path.clone(), progress.clone());
            threads.push(spawn("access-index", Box::new(move || indexer.run()))?);
        }
        if let Some(every) = options.verify_every {
            let (log, progress, metrics) = (log.clone(), progress.clone(), options.metrics);
            let run = move || watch(&*log, &*keys, &progress, &metrics, &clock, every);
            threads.push(spawn("access-verify", Box::new(run))?);
        }
        Ok(Self {
            search: index.map(|path| Search::new(log, path, progress.clone())),
            queue,
            progress,
            threads: Mutex::new(threads),
        })
    }

    /// Keeps an entry, durably, and tells its number. Waits for the disk.
    ///
    /// # Errors
    /// When it cannot be kept, or a text of it is not taken.
    pub fn keep(&self, entry: &AccessEntry<'_>) -> Result<u64, AccessError> {
        let members = members(entry).map_err(|unfit| {
            let action = entry.action.name();
            tracing::error!(%unfit, action, "what an entry would tell of is not told");
            AccessError
        })?;
        let (answer, answered) = sync_channel(1);
        let waiting = Waiting {
            members,
            class: class(entry.action),
            reveal: reveal(entry),
            answer,
        };
        let sent = self.queue.send(Message::Entry(waiting));
        sent.map_err(|_| AccessError)?;
        answered.recv().ok().flatten().ok_or(AccessError)
    }

    /// Signs all that is there now; whether there was anything that was not signed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn checkpoint(&self) -> io::Result<bool> {
        let over = || io::Error::from(io::ErrorKind::BrokenPipe);
        let (answer, answered) = sync_channel(1);
        let sent = self.queue.send(Message::Checkpoint(answer));
        sent.map_err(|_| over())?;
        answered.recv().map_err(|_| over())?
    }

    /// The entries that a query asks for, the newest first. All that were kept before are looked at.
    ///
    /// # Errors
    /// When the index is not there yet, or the log cannot be read.
    pub fn search(&self, query: &Query) -> Result<Found, SearchError> {
        let search = self.search.as_ref().ok_or(SearchError::Busy)?;
        search.find(query)
    }

    /// When each actor last did something, by its name in the log.
    ///
    /// # Errors
    /// As [`AccessLog::search`].
    pub fn latest(&self, action: &str) -> Result<BTreeMap<String, Instant>, SearchError> {
        let search = self.search.as_ref().ok_or(SearchError::Busy)?;
        search.latest(action)
    }

    /// How the log stands now.
    pub fn standing(&self) -> Standing {
        self.progress.standing()
    }

    /// Signs what is there, and ends. What is asked afterwards is refused.
    pub fn close(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let mut threads = threads.drain(..);
        if let Some(writer) = threads.next() {
            // It has ended already where it does not listen.
            let _ = self.queue.send(Message::Stop);
            let _ = writer.join();
        }
        self.progress.end();
        for thread in threads {
            // Where it panicked it has said so, and the log does not depend on it.
            let _ = thread.join();
        }
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl Ledger for AccessLog {
    fn record(&self, entry: &AccessEntry<'_>) -> Result<(), AccessError> {
        self.keep(entry).map(|_| ())
    }
}
