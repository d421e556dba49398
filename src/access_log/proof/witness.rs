//! A witness: it sees to it that a log only grows.
//!
//! In: a directory of its own, on a machine of the auditors, and proofs of logs. Out: cosignatures. Must hold: of each
//! log, what it cosigned last is durable before the cosignature is given out, and it never cosigns a checkpoint that
//! is not proved to go on from there; two processes do not do so at once.

use std::path::Path;
use std::sync::Arc;

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
    storage: Arc<dyn Storage>,
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
            Ok(storage) => Self::open_on(Arc::new(storage)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(WitnessError::None { place })
            }
            Err(error) => Err(failed("be read", place)(error).into()),
        }
    }

    fn open_on(storage: Arc<dyn Storage>) -> Result<Self, WitnessError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_log::merkle::{Tree, leaf};
    use crate::access_log::proof::path::{Gather, consistency};
    use crate::journal::simulation::{Fault, Faults, SimulatedDisk};

    const ORIGIN: &str = "log";

    /// A log of made-up lines, and its key.
    struct Log {
        key: SigningKey,
        public: VerifyingKey,
    }

    impl Log {
        fn new() -> Self {
            let disk = SimulatedDisk::new();
            let key = SigningKey::open(&disk).expect("made");
            let public = VerifyingKey::new(ORIGIN, key.public());
            Self { key, public }
        }

        fn leaf(n: u64, branch: &str) -> [u8; 32] {
            leaf(format!("{branch} {n}").as_bytes())
        }

        /// What a log says that has grown from some lines to some more; those of before are of a branch, too.
        fn proof(&self, old: u64, size: u64, branch: &str) -> ConsistencyProof {
            let mut tree = Tree::default();
            let mut gather = Gather::new(&consistency(old, size));
            for n in 0..size {
                tree.push_hash(Self::leaf(n, branch));
                gather.take(Self::leaf(n, branch));
            }
            let checkpoint = Checkpoint {
                origin: ORIGIN.to_owned(),
                size,
                root: tree.root(),
            };
            let note = self.key.sign(&checkpoint, &self.public);
            ConsistencyProof {
                old,
                path: gather.path().expect("whole"),
                signed: SignedCheckpoint::from_bytes(note.as_bytes()).expect("a note"),
            }
        }
    }

    fn witness(disk: &SimulatedDisk) -> Witness {
        Witness::open_on(Arc::new(disk.clone())).expect("opened")
    }

    #[test]
    fn only_what_goes_on_is_cosigned_and_every_refusal_has_its_reason() {
        let (disk, log) = (SimulatedDisk::new(), Log::new());
        let public = Witness::init_on(&disk, "auditors.example/w1").expect("made");
        assert!(matches!(
            Witness::init_on(&disk, "auditors.example/w2"),
            Err(WitnessError::Already { .. })
        ));
        let keys = std::slice::from_ref(&log.public);
        let first = log.proof(0, 5, "a");
        // Nothing is known of the log yet.
        let refused = witness(&disk).cosign(&first, &[], 7);
        assert!(matches!(refused, Err(WitnessError::UnknownLog { .. })));
        let cosigned = witness(&disk).cosign(&first, keys, 7).expect("cosigned");
        assert_eq!(cosigned.before, 0);
        let by = cosigned
            .signed
            .check_witnesses(std::slice::from_ref(&public));
        assert_eq!(by.expect("right"), [("auditors.example/w1".to_owned(), 7)]);
        cosigned.signed.check_log(keys).expect("still signed");
        // The key of the log is known from now on.
        let second = witness(&disk).cosign(&log.proof(5, 9, "a"), &[], 8);
        assert_eq!(second.expect("cosigned").before, 5);
        // Again, where the answer was lost.
        let again = witness(&disk).cosign(&log.proof(5, 9, "a"), &[], 9);
        assert_eq!(again.expect("cosigned").before, 9);
        let held = disk.contents(COSIGNED);

        let other = Log::new();
        type Is = fn(&WitnessError) -> bool;
        let mut changed = log.proof(9, 12, "a");
        changed.path[0][0] ^= 1;
        let mut short = log.proof(9, 12, "a");
        short.path.pop();
        let refused: [(ConsistencyProof, Is, bool); 9] = [
            (
                log.proof(0, 8, "a"),
                |e| matches!(e, WitnessError::Smaller { size: 8, seen: 9 }),
                false,
            ),
            (
                log.proof(5, 9, "b"),
                |e| matches!(e, WitnessError::Forked { size: 9 }),
                false,
            ),
            (
                log.proof(9, 12, "b"),
                |e| matches!(e, WitnessError::Inconsistent { seen: 9, size: 12 }),
                false,
            ),
            (
                changed,
                |e| matches!(e, WitnessError::Inconsistent { .. }),
                false,
            ),
            (
                short,
                |e| matches!(e, WitnessError::Inconsistent { .. }),
                false,
            ),
            (
                log.proof(5, 12, "a"),
                |e| matches!(e, WitnessError::OtherStart { old: 5, seen: 9 }),
                true,
            ),
            (
                log.proof(0, 12, "a"),
                |e| matches!(e, WitnessError::OtherStart { old: 0, seen: 9 }),
                true,
            ),
            (
                log.proof(10, 12, "a"),
                |e| matches!(e, WitnessError::OtherStart { old: 10, seen: 9 }),
                true,
            ),
            (
                other.proof(9, 12, "a"),
                |e| matches!(e, WitnessError::Signature(_)),
                false,
            ),
        ];
        for (proof, is_it, is_wrong_call) in refused {
            let error = witness(&disk).cosign(&proof, &[], 10).expect_err("refused");
            assert!(is_it(&error), "{error}");
            assert_eq!(error.is_wrong_call(), is_wrong_call, "{error}");
            assert_eq!(disk.contents(COSIGNED), held);
        }
        witness(&disk)
            .cosign(&log.proof(9, 12, "a"), &[], 11)
            .expect("it goes on");
    }

    #[test]
    fn what_it_wrote_down_is_missed_and_nothing_is_cosigned_without() {
        let (disk, log) = (SimulatedDisk::new(), Log::new());
        Witness::init_on(&disk, "w").expect("made");
        let keys = [log.public.clone()];
        let proof = log.proof(0, 3, "a");
        witness(&disk).cosign(&proof, &keys, 1).expect("cosigned");
        for name in [COSIGNED, LOGS, KEY, PUBLIC] {
            let damaged = disk.fork();
            damaged.remove(name).expect("removed");
            let refused = Witness::open_on(Arc::new(damaged))
                .and_then(|witness| witness.cosign(&proof, &keys, 2));
            assert!(
                matches!(
                    refused,
                    Err(WitnessError::Damaged { .. } | WitnessError::None { .. })
                ),
                "{name}"
            );
            let bytes = disk.contents(name).expect("there");
            // The ends of lines of a key may be any space.
            let is_told = |at: &usize| name != KEY || bytes[*at] != b'\n';
            for at in (0..bytes.len()).filter(is_told) {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                let damaged = disk.fork();
                damaged.put(name, &changed);
                let refused = Witness::open_on(Arc::new(damaged))
                    .and_then(|witness| witness.cosign(&log.proof(3, 5, "a"), &[], 2));
                assert!(refused.is_err(), "{name}, byte {at}");
            }
        }
    }

    #[test]
    fn what_is_given_out_is_durable_whatever_fails_when() {
        let (made, log) = (SimulatedDisk::new(), Log::new());
        Witness::init_on(&made, "w").expect("made");
        let keys = [log.public.clone()];
        witness(&made)
            .cosign(&log.proof(0, 3, "a"), &keys, 1)
            .expect("cosigned");
        let mut given = 0;
        for at in 0..40 {
            for seed in 0..3 {
                let disk = made.fork();
                let faults = Faults::new();
                faults.set(at, Fault::PowerOff);
                let cosigned = Witness::open_on(faults.over(&disk))
                    .and_then(|witness| witness.cosign(&log.proof(3, 6, "a"), &[], 2));
                disk.crash(seed);
                let after = witness(&disk);
                if cosigned.is_ok() {
                    given += 1;
                    // A fork is refused then, and so nobody has two.
                    let refused = after.cosign(&log.proof(0, 6, "b"), &[], 3);
                    assert!(matches!(refused, Err(WitnessError::Forked { .. })), "{at}");
                }
                after
                    .cosign(&log.proof(3, 6, "a"), &[], 4)
                    .expect("it goes on");
            }
        }
        assert!(given > 0 && given < 120, "{given}");
    }

    #[test]
    fn one_process_at_a_time() {
        let disk = SimulatedDisk::new();
        Witness::init_on(&disk, "w").expect("made");
        let held = witness(&disk);
        let refused = Witness::open_on(Arc::new(disk.clone()));
        assert!(matches!(refused, Err(WitnessError::InUse { .. })));
        drop(held);
        witness(&disk);
        for name in ["", "a b", "a+b"] {
            let refused = Witness::init_on(&SimulatedDisk::new(), name);
            assert!(matches!(refused, Err(WitnessError::Name(_))));
        }
    }
}
