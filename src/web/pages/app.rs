//! What every page shares: the parts behind it, and the room there is for work that blocks.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::live::Live;
use super::parts::PagesParts;
use crate::notice::{Clock as _, SystemClock};
use crate::record::{Day, Instant};

/// Questions that are answered at a time.
const DESK: usize = 8;
/// Passwords that are looked at at a time. They have a room of their own, so that a flood of them keeps no page waiting.
const DOOR: usize = 8;
/// Questions that are put to the identity provider at a time, which may be long in answering.
const PROVIDER: usize = 4;
/// Threads for all of it.
pub(in crate::web) const THREADS: usize = DESK + DOOR + PROVIDER;
/// Lists that are taken away at a time.
const EXPORTS: usize = 2;
/// How long one may wait for others.
const QUEUE: Duration = Duration::from_secs(2);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The state of the pages' router.
pub(super) type App = Arc<State>;

pub(super) struct State {
    pub parts: PagesParts,
    pub live: Live,
    desk: Arc<Semaphore>,
    door: Arc<Semaphore>,
    provider: Arc<Semaphore>,
    /// Room for lists that are taken away.
    pub exports: Arc<Semaphore>,
    key: Zeroizing<[u8; 32]>,
}

impl State {
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn new(parts: PagesParts) -> Result<App, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key)?;
        Ok(Arc::new(Self {
            live: Live::new(),
            desk: Arc::new(Semaphore::new(DESK)),
            door: Arc::new(Semaphore::new(DOOR)),
            provider: Arc::new(Semaphore::new(PROVIDER)),
            exports: Arc::new(Semaphore::new(EXPORTS)),
            parts,
            key,
        }))
    }

    /// Whether cookies are for TLS alone: where browsers come by TLS, and everywhere but where the listener is plain and on
    /// loopback.
    pub fn is_secure(&self) -> bool {
        match &self.parts.public_origin {
            Some(origin) => origin.starts_with("https://"),
            None => self.parts.has_tls || !self.parts.is_loopback,
        }
    }

    /// Whether browsers come by TLS, of this listener or of what is in front of it.
    pub fn is_reached_by_tls(&self) -> bool {
        let origin = self.parts.public_origin.as_ref();
        self.parts.has_tls || origin.is_some_and(|origin| origin.starts_with("https://"))
    }

    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        (self.parts.now)().nanos() / 1_000_000
    }

    /// Asks something that may block, on a thread that may.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&PagesParts) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.work(&self.desk, work).await
    }

    /// Asks something for which a password is looked at.
    pub async fn ask_door<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&PagesParts) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.work(&self.door, work).await
    }

    /// Asks something for which the identity provider is asked.
    pub async fn ask_provider<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&PagesParts) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.work(&self.provider, work).await
    }

    async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        room: &Arc<Semaphore>,
        work: impl FnOnce(&PagesParts) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let room = room.clone().acquire_owned();
        let Ok(Ok(permit)) = timeout(QUEUE, room).await else {
            return Err(Fault::TooMany);
        };
        let own = self.clone();
        // The permit goes with the work: what nobody waits for any more still counts.
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&own.parts)
        });
        match timeout(PATIENCE, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Fault::Unavailable(None)),
            },
            Err(_) => Err(Fault::Unavailable(None)),
        }
    }

    /// A keyed digest of texts, in hexadecimal: what this process alone can have made.
    pub fn sealed(&self, purpose: &str, texts: &[&str]) -> String {
        let mut mac = <Hmac<Sha256>>::new_from_slice(&*self.key).expect("keys have any length");
        for text in [purpose].iter().chain(texts) {
            // Lengths first, so that texts cannot run into each other.
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
        hexadecimal(&mac.finalize().into_bytes())
    }
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Now, in milliseconds since 1970, by the clock of accounts and of the access log: the machine's, whatever the desk's is.
pub(super) fn machine_now() -> i64 {
    SystemClock.now().0
}

/// The day of a time in milliseconds since 1970, where the fund is.
pub(super) fn day_of(millis: i64) -> Day {
    Instant::from_millis(millis).unwrap_or(Instant::MAX).day()
}
