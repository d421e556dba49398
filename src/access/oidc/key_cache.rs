//! What a provider says of itself and its keys, kept for a while.
//!
//! ```text
//! asked ─▶ fresh: from memory
//!       └▶ old, or a key that is not known ─▶ one thread asks, the others wait ─▶ memory
//! ```
//! Must hold: a provider is asked at a bounded rate, whatever strangers send: after a failure five seconds pass, and
//! after keys were read thirty, however many tokens name unknown ones. A key that the provider has withdrawn is good for
//! no longer than an hour; where it cannot be asked by then, nobody signs in by it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::discovery::{self, Discovery};
use super::error::OidcError;
use super::jws::Jws;
use super::key_set::{KeySet, NotSigned};
use super::requests::Http;

/// How long a description and keys are taken for what they are.
const FRESH: Duration = Duration::from_secs(3600);
/// How long nothing is asked after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long keys are not asked for again, whatever unknown ones tokens name.
const BETWEEN_KEYS: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Kept {
    discovery: Option<(Instant, Discovery)>,
    keys: Option<(Instant, KeySet)>,
    failed: Option<(Instant, OidcError)>,
}

/// What is known of a provider by asking it.
pub(super) struct KeyCache {
    issuer: String,
    kept: Mutex<Kept>,
}

impl KeyCache {
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            kept: Mutex::default(),
        }
    }

    /// What the provider says of itself.
    pub fn discovery(&self, http: &Http) -> Result<Discovery, OidcError> {
        self.kept().discovery(&self.issuer, http)
    }

    /// What is known without asking.
    pub fn known_discovery(&self) -> Option<Discovery> {
        // Whoever asks the provider at this moment is not waited for.
        let kept = self.kept.try_lock().ok()?;
        kept.discovery.as_ref().map(|(_, own)| own.clone())
    }

    /// Holds a token to be signed by the provider.
    pub fn verify(&self, http: &Http, jws: &Jws<'_>) -> Result<(), OidcError> {
        let mut kept = self.kept();
        let wrong = OidcError::Unsound("its token is not signed by one of its keys");
        for _ in 0..2 {
            match kept.keys(&self.issuer, http)?.verify(jws) {
                Ok(()) => return Ok(()),
                Err(NotSigned::Wrong) => return Err(wrong),
                Err(NotSigned::UnknownKey) if kept.forget_keys() => {}
                Err(NotSigned::UnknownKey) => return Err(wrong),
            }
        }
        Err(wrong)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn discovery(&mut self, issuer: &str, http: &Http) -> Result<Discovery, OidcError> {
        match &self.discovery {
            Some((at, own)) if at.elapsed() < FRESH => Ok(own.clone()),
            _ => {
                let read = self.ask(http, &discovery::address(issuer), |bytes| {
                    Discovery::read(bytes, issuer)
                })?;
                self.discovery = Some((Instant::now(), read.clone()));
                Ok(read)
            }
        }
    }

    fn keys(&mut self, issuer: &str, http: &Http) -> Result<&KeySet, OidcError> {
        let is_fresh = |(at, _): &(Instant, KeySet)| at.elapsed() < FRESH;
        if !self.keys.as_ref().is_some_and(is_fresh) {
            let address = self.discovery(issuer, http)?.keys;
            let read = self.ask(http, &address, KeySet::read)?;
            self.keys = Some((Instant::now(), read));
        }
        let (_, keys) = self.keys.as_ref().expect("read just now, or fresh");
        Ok(keys)
    }

    /// Has the keys read anew the next time, if they were not read just now.
    fn forget_keys(&mut self) -> bool {
        let is_old = |(at, _): &(Instant, KeySet)| at.elapsed() >= BETWEEN_KEYS;
        let is_old = self.keys.as_ref().is_some_and(is_old);
        if is_old {
            self.keys = None;
        }
        is_old
    }

    fn ask<T>(
        &mut self,
        http: &Http,
        address: &str,
        read: impl FnOnce(&[u8]) -> Result<T, &'static str>,
    ) -> Result<T, OidcError> {
        match &self.failed {
            Some((at, error)) if at.elapsed() < AFTER_FAILURE => return Err(error.clone()),
            _ => self.failed = None,
        }
        let got = http.get(address);
        let read = got.and_then(|bytes| {
            read(&bytes).map_err(|why| OidcError::Away(why.to_owned()))
        });
        if let Err(error) = &read {
            self.failed = Some((Instant::now(), error.clone()));
        }
        read
    }
}
