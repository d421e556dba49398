//! A witness: it sees to it that a log only grows.
//!
//! In: a directory of its own, on a machine of the auditors, and proofs of logs. Out: cosignatures. Must hold: of each
//! log, what it cosigned last is durable before the cosignature is given out, and it never cosigns a checkpoint that
//! is not proved to go on from there; two processes do not do so at once.

use std::path::Path;

use super::consistency::ConsistencyProof;
use super::signed_note::{SignatureFault, SignedCheckpoint};
use super::text::{hash, in_base64, number};
use super::witness_key::WitnessKey;
use crate::access_log::error::{LogError, failed};
use crate::access_log::key::{SigningKey, read_whole};
use crate::access_log::note::{Checkpoint, VerifyingKey, is_name};
use crate::journal::{Directory, Guard, Locking, Storage};

/// The private key, in PKCS #8 as PEM.
const KEY: &str = "witness.key";
/// The public key, a line.
const PUBLIC: &str = "witness.pub";
/// The keys of logs that it knows, a line each.
const LOGS: &str = "logs";
/// Of each log, what was cosigned last: a line with its name, size and root.
const COSIGNED: &str = "cosigned";
const LOCK: &str = "lock";
/// Logs are few.
const LONGEST: usize = 1 << 20;

/// A witness cannot be made, or does not cosign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// Its directory cannot be used.
    #[error(transparent)]
    Storage(#[from] LogError),
    /// There is a witness in the directory.
    #[error("{place}: there is a witness already, {key}")]
    Already {
        /// The directory.
        place: String,
        /// Its public key.
        key: String,
    },
    /// There is no witness in the directory.
    #[error("{place}: there is no witness; make one with `fundwatch witness init`")]
    None {
        /// The directory.
        place: String,
    },
    /// A name that no witness can have.
    #[error(
        "{0:?} is no name of a witness: a name has 1 to 128 characters without spaces and `+`, such as auditors.example/w1"
    )]
    Name(String),
    /// What it wrote down is not what it wrote.
    #[error(
        "{place} is missing or was changed; without it nothing can be cosigned: restore it from a backup"
    )]
    Damaged {
        /// The file.
        place: String,
    },
    /// Another process is at it.
    #[error("{place} is held by another process ({holder})")]
    InUse {
        /// The directory.
        place: String,
        /// What that one noted.
        holder: String,
    },
    /// No key of the log is known.
    #[error("no key of the log {origin} is known here: name it with --log-key the first time")]
    UnknownLog {
        /// Which log.
        origin: String,
    },
    /// The log has not signed the checkpoint.
    #[error("not cosigned: {0}")]
    Signature(#[from] SignatureFault),
    /// The log is shorter than it was.
    #[error(
        "not cosigned: the checkpoint has {size} lines, and this witness cosigned {seen} before: the log was cut or an old \
         checkpoint was given"
    )]
    Smaller {
        /// How many lines it has.
        size: u64,
        /// How many were cosigned.
        seen: u64,
    },
    /// The log is as long as it was, and another.
    #[error(
        "not cosigned: the checkpoint has the {size} lines that this witness cosigned before, and another root: the log was \
         forked"
    )]
    Forked {
        /// How many lines.
        size: u64,
    },
    /// The proof begins elsewhere.
    #[error(
        "not cosigned: the proof begins with {old} lines, and this witness cosigned {seen} last: ask for one with `fundwatch \
         proof consistency --from` and the checkpoint of {seen} lines"
    )]
    OtherStart {
        /// With how many lines it begins.
        old: u64,
        /// How many were cosigned.
        seen: u64,
    },
    /// The proof does not hold.
    #[error(
        "not cosigned: the proof does not lead from the {seen} lines that this witness cosigned to the {size} lines of the \
         checkpoint: the log was written anew, or the proof was changed"
    )]
    Inconsistent {
        /// How many lines were cosigned.
        seen: u64,
        /// How many the checkpoint has.
        size: u64,
    },
}

impl WitnessError {
    /// Whether something else is to be named: nothing was found wrong then.
    pub fn is_wrong_call(&self) -> bool {
        matches!(
            self,
            Self::Already { .. }
                | Self::None { .. }
                | Self::Name(_)
                | Self::UnknownLog { .. }
                | Self::OtherStart { .. }
        )
    }
}

/// A witness.
pub struct Witness {
    storage: Box<dyn Storage>,
    key: SigningKey,
    public: WitnessKey,
    _lock: Box<dyn Guard>,
}

/// A checkpoint that was cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cosigned {
    /// The checkpoint with the cosignature.
    pub signed: SignedCheckpoint,
    /// How many lines this witness had cosigned before; 0 where none.
    pub before: u64,
}

impl Witness {
    /// Makes a witness in a directory, with a key of its own; tells the public one.
    ///
    /// # Errors
    /// When there is one already, or it cannot be written.
    pub fn init(directory: &Path, name: &str) -> Result<WitnessKey, WitnessError> {
        let place = directory.display().to_string();
        let storage = Directory::create(directory).map_err(failed("be made", place))?;
        Self::init_on(&storage, name)
    }

    fn init_on(storage: &dyn Storage, name: &str) -> Result<WitnessKey, WitnessError> {
        if !is_name(name) {
            return Err(WitnessError::Name(name.to_owned()));
        }
        let _lock = lock(storage)?;
        let place = storage.place("");
        let public = whole(storage, PUBLIC)?;
        if let Some(public) = public {
            return Err(WitnessError::Already {
                place,
                key: public.trim_end().to_owned(),
            });
        }
        // The public key is written last: until then, whoever was interrupted begins again.
        for name in [LOGS, COSIGNED] {
            if whole(storage, name)?.is_none() {
                replace(storage, name, "")?;
            }
        }
        let key = match SigningKey::read(storage, KEY)? {
            Some(key) => key,
            None => SigningKey::make(storage, KEY)?,
        };
        let public = WitnessKey::new(name, key.public());
        replace(storage, PUBLIC, &format!("{public}\n"))?;
        Ok(public)
    }

    /// The witness in a directory, for as long as nobody else uses it.
    ///
    /// # Errors
    /// When there is none, it is damaged or in use.
    pub fn open(directory: &Path) -> Result<Self, WitnessError> {
        let place = directory.display().to_string();
        match Directory::open(directory) {
            Ok(storage) => Self::open_on(Box::new(storage)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(WitnessError::None { place })
            }
            Err(error) => Err(failed("be read", place)(error).into()),
        }
    }

    fn open_on(storage: Box<dyn Storage>) -> Result<Self, WitnessError> {
        let Some(public) = whole(&*storage, PUBLIC)? else {
            let place = storage.place("");
            return Err(WitnessError::None { place });
        };
        let lock = lock(&*storage)?;
        let damaged = |name: &str| WitnessError::Damaged {
            place: storage.place(name),
        };
        let key = SigningKey::read(&*storage, KEY)?.ok_or_else(|| damaged(KEY))?;
        let public = public.strip_suffix('\n').and_then(WitnessKey::parse);
        let public = public.ok_or_else(|| damaged(PUBLIC))?;
        if public != WitnessKey::new(public.name(), key.public()) {
            return Err(damaged(PUBLIC));
        }
        Ok(Self {
            storage,
            key,
            public,
            _lock: lock,
        })
    }

    /// Its public key.
    pub fn public(&self) -> &WitnessKey {
        &self.public
    }

    /// Cosigns the checkpoint of a proof, if it goes on from what was cosigned last of that log. `keys` are the log's, which
    /// have to be given once; `now` is in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// When it does not, or is not shown to, or that cannot be kept.
    pub fn cosign(
        &self,
        proof: &ConsistencyProof,
        keys: &[VerifyingKey],
        now: u64,
    ) -> Result<Cosigned, WitnessError> {
        let checkpoint = &proof.signed.checkpoint;
        let known = self.logs()?;
        let mut all = known.clone();
        all.extend(keys.iter().filter(|key| !known.contains(key)).cloned());
        all.retain(|key| known.contains(key) || *key.name() == checkpoint.origin);
        if all.iter().all(|key| *key.name() != checkpoint.origin) {
            let origin = checkpoint.origin.clone();
            return Err(WitnessError::UnknownLog { origin });
        }
        proof.signed.check_log(&all)?;
        let mut seen = self.seen()?;
        let at = seen
            .iter()
            .position(|seen| seen.origin == checkpoint.origin);
        let before = at.map(|at| seen[at].clone());
        follow(before.as_ref(), proof)?;
        if all != known {
            let lines = all.iter().map(|key| format!("{key}\n"));
            replace(&*self.storage, LOGS, &lines.collect::<String>())?;
        }
        if before.as_ref() != Some(checkpoint) {
            match at {
                Some(at) => seen[at] = checkpoint.clone(),
                None => seen.push(checkpoint.clone()),
            }
            let lines = seen.iter().map(line_of);
            replace(&*self.storage, COSIGNED, &lines.collect::<String>())?;
        }
        // Only now: what was given out cannot be taken back.
        let mut signed = proof.signed.clone();
        let sign = |text: &[u8]| self.key.sign_text(text);
        let cosignature = self.public.cosign(&checkpoint.text(), now, sign);
        signed.add(&self.public, cosignature);
        Ok(Cosigned {
            signed,
            before: before.map_or(0, |before| before.size),
        })
    }

    fn logs(&self) -> Result<Vec<VerifyingKey>, WitnessError> {
        self.lines(LOGS, VerifyingKey::parse)
    }

    fn seen(&self) -> Result<Vec<Checkpoint>, WitnessError> {
        self.lines(COSIGNED, |line| {
            let mut parts = line.split(' ');
            let (origin, size, root) = (parts.next()?, parts.next()?, parts.next()?);
            let checkpoint = Checkpoint {
                origin: Some(origin).filter(|origin| is_name(origin))?.to_owned(),
                size: number(size)?,
                root: hash(root)?,
            };
            parts.next().is_none().then_some(checkpoint)
        })
    }

    /// The lines of a file of it, each of which has to be something.
    fn lines<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, WitnessError> {
        let damaged = || WitnessError::Damaged {
            place: self.storage.place(name),
        };
        let text = whole(&*self.storage, name)?.ok_or_else(damaged)?;
        if !text.is_empty() && !text.ends_with('\n') {
            return Err(damaged());
        }
        let parsed: Option<Vec<T>> = text.lines().map(parse).collect();
        parsed.ok_or_else(damaged)
    }
}

/// That a checkpoint goes on from what was cosigned before.
fn follow(before: Option<&Checkpoint>, proof: &ConsistencyProof) -> Result<(), WitnessError> {
    let new = &proof.signed.checkpoint;
    let empty = crate::access_log::merkle::sha256(b"");
    let (seen, root) = before.map_or((0, &empty), |before| (before.size, &before.root));
    let size = new.size;
    if size < seen {
        return Err(WitnessError::Smaller { size, seen });
    }
    // What was cosigned once is cosigned again, also where the answer was lost and the proof is of before.
    if before.is_some() && size == seen {
        return match new.root == *root {
            true => Ok(()),
            false => Err(WitnessError::Forked { size }),
        };
    }
    if proof.old != seen {
        let old = proof.old;
        return Err(WitnessError::OtherStart { old, seen });
    }
    match proof.leads_from(root) {
        true => Ok(()),
        false => Err(WitnessError::Inconsistent { seen, size }),
    }
}

fn line_of(checkpoint: &Checkpoint) -> String {
    let root = in_base64(&checkpoint.root);
    format!("{} {} {root}\n", checkpoint.origin, checkpoint.size)
}

fn lock(storage: &dyn Storage) -> Result<Box<dyn Guard>, WitnessError> {
    let place = storage.place("");
    let holder = format!("process {}", std::process::id());
    match storage.lock(LOCK, &holder) {
        Ok(Locking::Held(guard)) => Ok(guard),
        Ok(Locking::Busy(holder)) => Err(WitnessError::InUse { place, holder }),
        Err(error) => Err(failed("be locked", place)(error).into()),
    }
}

fn whole(storage: &dyn Storage, name: &str) -> Result<Option<String>, LogError> {
    let read = read_whole(storage, name, LONGEST);
    let read = read.map_err(failed("be read", storage.place(name)))?;
    Ok(read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn replace(storage: &dyn Storage, name: &str, text: &str) -> Result<(), LogError> {
    let replaced = storage.replace(name, text.as_bytes());
    replaced.map_err(failed("be written", storage.place(name)))
}
