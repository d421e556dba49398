//! Argon2id, a few at a time.
//!
//! In: passwords. Out: PHC strings, and whether a password is that of one. Must hold: no more than so many are computed
//! at a time, since each takes 19 MiB, and no more than so many wait; a password for which there is no hash takes as
//! long as one for which there is.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// What OWASP asks for at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;
/// Computations at a time, at most: 76 MiB.
const MOST_AT_A_TIME: usize = 4;
/// How many may wait for them, and for how long.
const MOST_WAITING: usize = 64;
const LONGEST: Duration = Duration::from_secs(5);

/// Why nothing was computed.
#[derive(Debug)]
pub(super) enum NotHashed {
    /// Too many wait, or there is no memory.
    Busy,
    /// The operating system gives no random bytes.
    Random(getrandom::Error),
}

#[derive(Default)]
struct Load {
    running: usize,
    waiting: usize,
}

/// Computes hashes.
pub(super) struct Hashing {
    argon2: Argon2<'static>,
    /// The hash of a password that nobody knows.
    dummy: Zeroizing<String>,
    most: usize,
    longest: Duration,
    load: Mutex<Load>,
    freed: Condvar,
}

impl Hashing {
    /// As many at a time as there are processors, up to four.
    pub fn new() -> Result<Self, NotHashed> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::bounded(processors.min(MOST_AT_A_TIME), LONGEST)
    }

    fn bounded(most: usize, longest: Duration) -> Result<Self, NotHashed> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
            .expect("the parameters are within the bounds of the algorithm");
        let mut hashing = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            dummy: Zeroizing::default(),
            most,
            longest,
            load: Mutex::default(),
            freed: Condvar::new(),
        };
        let mut nobodys = Zeroizing::new([0; 32]);
        getrandom::fill(nobodys.as_mut_slice()).map_err(NotHashed::Random)?;
        hashing.dummy = hashing.compute(nobodys.as_slice())?;
        Ok(hashing)
    }

    /// The hash of a new password, with a salt of its own.
    pub fn hash(&self, password: &str) -> Result<Zeroizing<String>, NotHashed> {
        let _turn = self.turn()?;
        self.compute(password.as_bytes())
    }

    fn compute(&self, password: &[u8]) -> Result<Zeroizing<String>, NotHashed> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(NotHashed::Random)?;
        let hash: Result<PasswordHash, _> = self.argon2.hash_password_with_salt(password, &salt);
        // The parameters are right, so that memory alone can be missing.
        let hash = hash.map_err(|_| NotHashed::Busy)?;
        Ok(Zeroizing::new(hash.to_string()))
    }

    /// Whether a password is that of a hash. Without a hash it is not, which takes as long.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, NotHashed> {
        let _turn = self.turn()?;
        let parsed = hash.and_then(|hash| PasswordHash::new(hash).ok());
        let is_somebodys = parsed.is_some();
        let hash = match parsed {
            Some(hash) => hash,
            None => PasswordHash::new(&self.dummy).map_err(|_| NotHashed::Busy)?,
        };
        let verified = self.argon2.verify_password(password.as_bytes(), &hash);
        match verified {
            Ok(()) => Ok(is_somebodys),
            Err(argon2::password_hash::Error::OutOfMemory) => Err(NotHashed::Busy),
            Err(_) => Ok(false),
        }
    }

    /// Waits for a turn, which lasts as long as what this gives.
    fn turn(&self) -> Result<Turn<'_>, NotHashed> {
        let until = Instant::now() + self.longest;
        let mut load = self.load();
        if load.running >= self.most {
            if load.waiting >= MOST_WAITING {
                return Err(NotHashed::Busy);
            }
            load.waiting += 1;
            while load.running >= self.most {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    load.waiting -= 1;
                    return Err(NotHashed::Busy);
                }
                let waited = self.freed.wait_timeout(load, left);
                load = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            load.waiting -= 1;
        }
        load.running += 1;
        Ok(Turn(self))
    }

    fn load(&self) -> MutexGuard<'_, Load> {
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Turn<'a>(&'a Hashing);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.load().running -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_password_is_that_of_its_hash_alone() {
        let hashing = Hashing::new().expect("made");
        let hash = hashing.hash("mưa phùn").expect("hashed");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "as OWASP asks for"
        );
        assert_ne!(*hash, *hashing.hash("mưa phùn").expect("hashed"), "salted");
        let is = |password, hash| hashing.verify(password, hash).expect("not busy");
        assert!(is("mưa phùn", Some(&hash)));
        assert!(!is("mưa phun", Some(&hash)));
        assert!(!is("", None) && !is("mưa phùn", None));
        assert!(!is("mưa phùn", Some("no hash")));
        assert!(!hash.contains("phùn"));
    }

    #[test]
    fn no_more_than_so_many_are_computed_at_a_time() {
        let hashing = Hashing::bounded(2, LONGEST).expect("made");
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    let turn = hashing.turn().expect("a turn");
                    let running = now.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(running, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(5));
                    now.fetch_sub(1, Ordering::SeqCst);
                    drop(turn);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
        let load = hashing.load();
        assert_eq!((load.running, load.waiting), (0, 0));
    }

    #[test]
    fn who_waits_too_long_is_told_that_it_is_busy() {
        let hashing = Hashing::bounded(1, Duration::from_millis(20)).expect("made");
        let turn = hashing.turn().expect("a turn");
        assert!(matches!(hashing.hash("x"), Err(NotHashed::Busy)));
        assert!(matches!(hashing.verify("x", None), Err(NotHashed::Busy)));
        drop(turn);
        assert!(hashing.hash("x").is_ok());
        hashing.load().running = 1;
        hashing.load().waiting = MOST_WAITING;
        let begun = Instant::now();
        assert!(matches!(hashing.hash("x"), Err(NotHashed::Busy)));
        assert!(begun.elapsed() < Duration::from_millis(20), "at once");
    }
}
