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
        let read =
            got.and_then(|bytes| read(&bytes).map_err(|why| OidcError::Away(why.to_owned())));
        if let Err(error) = &read {
            self.failed = Some((Instant::now(), error.clone()));
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    fn pair() -> EcdsaKeyPair {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key")
    }

    fn text(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn token(pair: &EcdsaKeyPair, id: &str) -> String {
        let header = json!({"alg": "ES256", "kid": id}).to_string();
        let signed = format!("{}.{}", text(header.as_bytes()), text(b"{}"));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", text(signature.expect("signed").as_ref()))
    }

    /// A provider that publishes this key under as many as it was asked for keys.
    fn provider(key: &EcdsaKeyPair) -> (String, Arc<AtomicU32>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let (own, asked) = (issuer.clone(), Arc::new(AtomicU32::new(0)));
        let (counted, point) = (asked.clone(), key.public_key().as_ref().to_vec());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
                let first = lines.next().expect("a line").expect("a line");
                let ended = lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
                assert!(ended.is_some());
                let body = match first.contains("/keys") {
                    true => {
                        let id = counted.fetch_add(1, Ordering::SeqCst).to_string();
                        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": id, "x": text(&point[1..33]), "y": text(&point[33..])}]})
                    }
                    false => json!({
                        "issuer": own, "authorization_endpoint": format!("{own}/a"),
                        "token_endpoint": format!("{own}/t"), "jwks_uri": format!("{own}/keys"),
                    }),
                }
                .to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all((head + &body).as_bytes()).expect("sent");
            }
        });
        (issuer, asked)
    }

    #[test]
    fn a_new_key_is_read_unless_keys_were_read_just_now() {
        let key = pair();
        let (issuer, asked) = provider(&key);
        let (cache, http) = (KeyCache::new(&issuer), Http::new(None));
        let check = |id: &str| {
            let token = token(&key, id);
            cache.verify(&http, &Jws::read(&token).expect("a token"))
        };
        assert_eq!(check("0"), Ok(()));
        for _ in 0..10 {
            assert!(check("1").is_err(), "not yet");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let earlier = |by: Duration| {
            let mut kept = cache.kept();
            let (at, _) = kept.keys.as_mut().expect("read");
            *at = at.checked_sub(by).expect("the machine has run for a while");
        };
        earlier(BETWEEN_KEYS);
        assert_eq!(check("1"), Ok(()));
        assert!(check("0").is_err(), "it is withdrawn");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_provider_that_is_away_is_not_asked_again_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        drop(listener);
        let (cache, http) = (KeyCache::new(&issuer), Http::new(None));
        let away = |cache: &KeyCache| matches!(cache.discovery(&http), Err(OidcError::Away(_)));
        assert!(away(&cache));
        let begun = cache.kept().failed.as_ref().expect("noted").0;
        assert!(away(&cache));
        assert_eq!(cache.kept().failed.as_ref().expect("noted").0, begun);
    }
}
