//! A checkpoint with the signatures of its log and of witnesses.
//!
//! In: a file as <https://c2sp.org/tlog-checkpoint> and <https://c2sp.org/signed-note> define it. Out: what is signed,
//! and whether a key has signed it. Must hold: a line by the name and id of a known key that is not its signature
//! makes the whole note wrong; lines of others are passed over.

use std::path::{Path, PathBuf};

use super::text::{self, Lines, Malformed, base64, hash, in_base64, number};
use super::witness_key::WitnessKey;
use crate::access_log::note::{Checkpoint, SIGNED, VerifyingKey, is_name};

/// More are not read.
const MOST_SIGNATURES: usize = 64;

/// A checkpoint that was signed, by its log and perhaps by witnesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    /// The id of the key, and what the key made.
    bytes: Vec<u8>,
}

/// A signature that is needed and not there, or not right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// No key of the log has signed it.
    #[error("the checkpoint of {size} lines of {origin} is not signed by the key of the log")]
    Log {
        /// Which log.
        origin: String,
        /// How many lines.
        size: u64,
    },
    /// A known key did not make the signature that bears its name.
    #[error("the signature by {name} is not right: the checkpoint or the signature was changed")]
    Wrong {
        /// Whose.
        name: String,
    },
    /// A witness has not cosigned it.
    #[error("the checkpoint of {size} lines is not cosigned by {witness}")]
    Witness {
        /// Who.
        witness: String,
        /// How many lines.
        size: u64,
    },
}

/// A file that has no checkpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointFileError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// It is something else.
    #[error("{}, {error}; a checkpoint has three lines, an empty one and its signatures", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What stands there.
        error: Malformed,
    },
}

impl SignedCheckpoint {
    /// The checkpoint in a file.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, CheckpointFileError> {
        let bytes = text::read(path).map_err(|error| CheckpointFileError::Io {
            path: path.to_owned(),
            error,
        })?;
        Self::from_bytes(&bytes).map_err(|error| CheckpointFileError::Malformed {
            path: path.to_owned(),
            error,
        })
    }

    /// The checkpoint that a text is. An empty line may stand behind it, as it does in the file of checkpoints.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = match bytes.strip_suffix(b"\n\n") {
            Some(_) => &bytes[..bytes.len() - 1],
            None => bytes,
        };
        Self::parse(&mut Lines::new(bytes)?)
    }

    /// What stands up to the end of a file.
    pub(super) fn parse(lines: &mut Lines<'_>) -> Result<Self, Malformed> {
        let origin = lines.expect("there is no checkpoint")?;
        if !is_name(origin) {
            return Err(lines.wrong("this is not the name of a log"));
        }
        let size = number(lines.expect("the size of the log is missing")?)
            .ok_or_else(|| lines.wrong("this is not the size of a log"))?;
        let root = hash(lines.expect("the root of the log is missing")?)
            .ok_or_else(|| lines.wrong("this is not the root of a log"))?;
        if !lines.expect("there is no signature")?.is_empty() {
            return Err(
                lines.wrong("a checkpoint of an access log has no more lines before the empty one")
            );
        }
        let mut signatures = Vec::new();
        while let Some(line) = lines.next()? {
            let signature = Signature::parse(line);
            signatures.push(signature.ok_or_else(|| lines.wrong("this is no signature"))?);
            if signatures.len() > MOST_SIGNATURES {
                return Err(lines.wrong("there are more signatures than anybody needs"));
            }
        }
        if signatures.is_empty() {
            return Err(lines.wrong("there is no signature behind it"));
        }
        let origin = origin.to_owned();
        Ok(Self {
            checkpoint: Checkpoint { origin, size, root },
            signatures,
        })
    }

    /// The text, as it is written and read.
    pub fn to_text(&self) -> String {
        let signatures = self.signatures.iter().map(Signature::to_text);
        let text = self.checkpoint.text();
        format!("{text}\n{}", signatures.collect::<String>())
    }

    /// Whose names stand at the signatures, in their order.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| &*signature.name)
    }

    /// That one of the keys of the log has signed it.
    ///
    /// # Errors
    /// When none has, or one that bears the name and id of a key has not.
    pub fn check_log(&self, keys: &[VerifyingKey]) -> Result<(), SignatureFault> {
        let origin = &self.checkpoint.origin;
        let text = self.checkpoint.text();
        let mut is_signed = false;
        for key in keys.iter().filter(|key| key.name() == origin) {
            for signature in self.of(key.name(), key.id()) {
                if !key.signed(&text, &signature.bytes) {
                    let name = origin.clone();
                    return Err(SignatureFault::Wrong { name });
                }
                is_signed = true;
            }
        }
        match is_signed {
            true => Ok(()),
            false => Err(SignatureFault::Log {
                origin: origin.clone(),
                size: self.checkpoint.size,
            }),
        }
    }

    /// When a witness has cosigned it, in seconds since 1970 (UTC); nothing where it has not.
    ///
    /// # Errors
    /// When what bears its name and id is not its cosignature.
    pub fn cosigned_by(&self, key: &WitnessKey) -> Result<Option<u64>, SignatureFault> {
        let text = self.checkpoint.text();
        let mut newest = None;
        for signature in self.of(key.name(), key.id()) {
            let at = key.cosigned(&text, &signature.bytes);
            let at = at.ok_or_else(|| SignatureFault::Wrong {
                name: key.name().to_owned(),
            })?;
            newest = newest.max(Some(at));
        }
        Ok(newest)
    }

    /// When each of some witnesses has cosigned it, by name.
    ///
    /// # Errors
    /// When one has not.
    pub fn check_witnesses(
        &self,
        keys: &[WitnessKey],
    ) -> Result<Vec<(String, u64)>, SignatureFault> {
        let cosigned = |key: &WitnessKey| match self.cosigned_by(key)? {
            Some(at) => Ok((key.name().to_owned(), at)),
            None => Err(SignatureFault::Witness {
                witness: key.name().to_owned(),
                size: self.checkpoint.size,
            }),
        };
        keys.iter().map(cosigned).collect()
    }

    /// Adds a witness's signature, in place of one that it made before.
    pub(super) fn add(&mut self, key: &WitnessKey, bytes: Vec<u8>) {
        let id = key.id();
        self.signatures
            .retain(|known| known.name != key.name() || !known.bytes.starts_with(&id));
        self.signatures.push(Signature {
            name: key.name().to_owned(),
            bytes,
        });
    }

    /// Signatures that bear a name and an id.
    fn of(&self, name: &str, id: [u8; 4]) -> impl Iterator<Item = &Signature> {
        self.signatures
            .iter()
            .filter(move |one| one.name == name && one.bytes.starts_with(&id))
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(SIGNED)?.split_once(' ')?;
        let bytes = base64(bytes)?;
        (is_name(name) && bytes.len() > 4).then(|| Self {
            name: name.to_owned(),
            bytes,
        })
    }

    fn to_text(&self) -> String {
        format!("{SIGNED}{} {}\n", self.name, in_base64(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkpoint of a public log, as it was signed by the log (Ed25519 and another form) and by witnesses.
    const KNOWN: &str = "arche2025h1.staging.ct.transparency.dev\n\
        1432088532\n\
        U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\
        \n\
        \u{2014} arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n\
        \u{2014} arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n\
        \u{2014} witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n\
        \u{2014} remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n";
    const LOG: &str = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";
    const WITNESSES: [&str; 2] = [
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    ];

    #[test]
    fn a_checkpoint_that_others_signed_and_witnessed_is_verified_and_no_other() {
        let log = [VerifyingKey::parse(LOG).expect("a key")];
        let witnesses = WITNESSES.map(|key| WitnessKey::parse(key).expect("a key"));
        let note = SignedCheckpoint::from_bytes(KNOWN.as_bytes()).expect("a note");
        assert_eq!(note.to_text(), KNOWN);
        assert_eq!(note.checkpoint.size, 1_432_088_532);
        note.check_log(&log).expect("signed");
        let times = note.check_witnesses(&witnesses).expect("cosigned");
        // 2026-05-23T21:50:24Z.
        assert_eq!(times[0], ("remora.n621.de".to_owned(), 0x6a12_2120));
        assert_eq!(times[1].1, 0x6a12_2120);
        // A key is of one kind only.
        assert_eq!(VerifyingKey::parse(WITNESSES[0]), None);
        assert_eq!(WitnessKey::parse(LOG), None);
        // Any byte, where it is not of a signature whose key nobody has.
        let unknown = KNOWN.find("\u{2014}").expect("there");
        let unknown = unknown..KNOWN[unknown..].find('\n').expect("there") + unknown;
        for at in (0..KNOWN.len()).filter(|at| !unknown.contains(at)) {
            let mut changed = KNOWN.as_bytes().to_vec();
            changed[at] ^= 1;
            let read = SignedCheckpoint::from_bytes(&changed);
            let is_right = read.is_ok_and(|note| {
                note.check_log(&log).is_ok() && note.check_witnesses(&witnesses).is_ok()
            });
            assert!(!is_right, "byte {at}");
        }
        for end in 0..KNOWN.len() {
            let read = SignedCheckpoint::from_bytes(&KNOWN.as_bytes()[..end]);
            let is_right = read.is_ok_and(|note| note.check_witnesses(&witnesses).is_ok());
            assert!(!is_right, "cut at {end}");
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_named_by_its_line() {
        let cases = [
            ("a b\n1\n", 1, "name of a log"),
            ("log\n01\n", 2, "size of a log"),
            ("log\n1\nAAAA\n", 3, "root of a log"),
            (
                "log\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\nmore\n",
                4,
                "no more lines",
            ),
            (
                "log\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\nx\n",
                5,
                "no signature",
            ),
            (
                "log\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n",
                4,
                "no signature",
            ),
            ("log\n1\r\n", 2, "control character"),
            ("log\n1", 2, "cut off"),
            ("", 1, "no checkpoint"),
        ];
        for (text, line, what) in cases {
            let error = SignedCheckpoint::from_bytes(text.as_bytes()).expect_err(text);
            assert_eq!(error.line, line, "{text:?}: {error}");
            assert!(error.what.contains(what), "{text:?}: {error}");
        }
    }
}
