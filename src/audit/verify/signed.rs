//! A document held to the signed one beside it.
//!
//! In: the place and the bytes of a document, and public keys. Out: whether it is signed, and by whom. Must hold: where a
//! document and what was signed differ, the line is named.

use std::io;
use std::path::{Path, PathBuf};

use crate::audit::envelope::{Envelope, EnvelopeError};
use crate::audit::signing::PublicKey;

/// Whether a document is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// It is not: a seal of digests finds accidents only.
    Not,
    /// It says so, by keys of these ids, and no key was given to check it.
    Unchecked(Vec<String>),
    /// By the keys of these ids, which were given.
    By(Vec<String>),
}

/// A signature that does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignedFault {
    /// The signed form cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The signed form does not hold.
    #[error("{}: {error}", path.display())]
    Envelope {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: EnvelopeError,
    },
    /// What is signed is another document.
    #[error("{}: line {line} is not what was signed in {}", path.display(), signed.display())]
    NotSigned {
        /// The document.
        path: PathBuf,
        /// The signed form.
        signed: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// There is no signed form, and keys were given to check it with.
    #[error("{}: there is none, and so nothing that --public-key could check", .0.display())]
    Unsigned(PathBuf),
}

/// Where the signed form of a document is: beside it, with `.dsse.json` instead of the end of its name.
pub fn signed_beside(document: &Path) -> PathBuf {
    document.with_extension("dsse.json")
}

/// Holds the bytes of a document to the signed form beside it, where there is one.
///
/// # Errors
/// When it is signed and is not what was signed, or not by the keys; or when it is not signed and there are keys.
pub fn verify_signed(path: &Path, bytes: &[u8], keys: &[PublicKey]) -> Result<Signed, SignedFault> {
    let beside = signed_beside(path);
    if !beside.exists() {
        return match keys {
            [] => Ok(Signed::Not),
            _ => Err(SignedFault::Unsigned(beside)),
        };
    }
    let (statement, signed) = open_signed(&beside, keys)?;
    if statement != bytes {
        let same = statement
            .iter()
            .zip(bytes)
            .take_while(|(a, b)| a == b)
            .count();
        let line = bytes[..same].iter().filter(|byte| **byte == b'\n').count() + 1;
        return Err(SignedFault::NotSigned {
            path: path.to_owned(),
            signed: beside,
            line,
        });
    }
    Ok(signed)
}

/// What an envelope holds, and who signed it.
///
/// # Errors
/// When it cannot be read, does not hold, or is not signed by the keys.
pub fn open_signed(path: &Path, keys: &[PublicKey]) -> Result<(Vec<u8>, Signed), SignedFault> {
    let wrong = |error| SignedFault::Envelope {
        path: path.to_owned(),
        error,
    };
    let bytes = std::fs::read(path).map_err(|error| SignedFault::Io {
        path: path.to_owned(),
        error,
    })?;
    let envelope = Envelope::from_bytes(&bytes).map_err(wrong)?;
    let statement = envelope.statement().map_err(wrong)?;
    let signed = match keys {
        [] => Signed::Unchecked(envelope.key_ids().map(str::to_owned).collect()),
        keys => {
            let by = envelope.signed_by(keys).map_err(wrong)?;
            Signed::By(by.into_iter().map(PublicKey::id).collect())
        }
    };
    Ok((statement, signed))
}
