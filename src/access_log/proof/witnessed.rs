//! What witnesses saw of a log.
//!
//! In: cosigned checkpoints and the keys of witnesses. Out: sizes and roots that the log has to have had. Must hold: what
//! is believed is cosigned by a key that was given; each key that was given has cosigned something.

use std::path::PathBuf;

use super::signed_note::{CheckpointFileError, SignatureFault, SignedCheckpoint};
use super::witness_key::WitnessKey;
use crate::access_log::note::Checkpoint;

/// Where whoever runs a service puts the newest cosigned checkpoint, in the folder of the log.
pub const BESIDE: &str = "cosigned";

/// A checkpoint that witnesses saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// What they saw.
    pub checkpoint: Checkpoint,
    /// Who cosigned it, and when, in seconds since 1970 (UTC); at least one.
    pub by: Vec<(String, u64)>,
}

impl Witnessed {
    /// Who cosigned it.
    pub fn witnesses(&self) -> String {
        let names: Vec<&str> = self.by.iter().map(|(name, _)| &**name).collect();
        names.join(", ")
    }

    /// When it was cosigned last, in seconds since 1970 (UTC).
    pub fn seen_at(&self) -> u64 {
        let times = self.by.iter().map(|(_, at)| *at);
        times.max().unwrap_or_default()
    }
}

/// Nothing that witnesses saw.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessedError {
    /// A file has no checkpoint, or there is none.
    #[error("{0}. Name the checkpoint that the auditors keep with --cosigned")]
    File(#[from] CheckpointFileError),
    /// A signature in a file is not right.
    #[error("{}: {error}", path.display())]
    Signature {
        /// The file.
        path: PathBuf,
        /// Which.
        error: SignatureFault,
    },
    /// No witness that was named has cosigned a file.
    #[error("{}: none of the witnesses that --witness-key names has cosigned it", .0.display())]
    Nobody(PathBuf),
    /// A witness that was named has cosigned no file.
    #[error("nothing that was given is cosigned by the witness {0}")]
    Absent(String),
}

/// Reads cosigned checkpoints, the one with the fewest lines first.
///
/// # Errors
/// When one cannot be read or is not cosigned by any of the witnesses, or one of these has cosigned none.
pub fn witnessed(files: &[PathBuf], keys: &[WitnessKey]) -> Result<Vec<Witnessed>, WitnessedError> {
    let mut all = Vec::new();
    for path in files {
        let signed = SignedCheckpoint::read(path)?;
        let mut by = Vec::new();
        for key in keys {
            let at = signed.cosigned_by(key);
            let at = at.map_err(|error| WitnessedError::Signature {
                path: path.clone(),
                error,
            })?;
            by.extend(at.map(|at| (key.name().to_owned(), at)));
        }
        if by.is_empty() {
            return Err(WitnessedError::Nobody(path.clone()));
        }
        all.push(Witnessed {
            checkpoint: signed.checkpoint,
            by,
        });
    }
    let has_seen = |key: &&WitnessKey| {
        let mut seen = all.iter().flat_map(|one| &one.by);
        !seen.any(|(name, _)| name == key.name())
    };
    if let Some(absent) = keys.iter().find(has_seen) {
        return Err(WitnessedError::Absent(absent.name().to_owned()));
    }
    all.sort_by_key(|one| one.checkpoint.size);
    Ok(all)
}
