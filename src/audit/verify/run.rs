//! A run held to its manifest.
//!
//! In: the manifest of a run, with the signed one beside it where there is one, and public keys. Out: what has the
//! digest that is stated, or the first thing that has not. Must hold: every file that is stated is read whole.

use std::io;
use std::path::{Path, PathBuf};

use super::signed::{Signed, SignedFault, open_signed, verify_signed};
use crate::audit::manifest::{Manifest, ManifestError, SIGNED};
use crate::audit::signing::PublicKey;
use crate::audit::statement::FileDigest;
use crate::audit::{digest, digest_of_first};
use crate::source::{SourceError, discover};

/// A run in which everything is as it was written.
#[derive(Clone, Debug)]
pub struct RunChecked {
    /// Its manifest.
    pub manifest: Manifest,
    /// Where its outputs are.
    pub directory: PathBuf,
    /// Where its inputs are.
    pub input: PathBuf,
    /// Whether it is signed.
    pub signed: Signed,
    /// Files of the input directory that match a stream and that the run did not read: they came later.
    pub unread: Vec<String>,
}

/// What is wrong with a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunFault {
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Its signature does not hold.
    #[error(transparent)]
    Signed(#[from] SignedFault),
    /// A file cannot be read.
    #[error("{}: {error}; the manifest states it{}", path.display(), if *is_input { ". Where the inputs are elsewhere now, name the directory with --input" } else { "" })]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Whether the run read it.
        is_input: bool,
        /// What the operating system said.
        error: io::Error,
    },
    /// A file has another digest than is stated.
    #[error("{}: {}, and the manifest states {stated} bytes with SHA-256 {sha256}", path.display(), if found == stated { "it was changed".to_owned() } else { format!("it has {found} bytes") })]
    Altered {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The size that is stated.
        stated: u64,
        /// The digest that is stated.
        sha256: String,
    },
    /// The input directory cannot be listed.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Holds a run to its manifest. The inputs are where the manifest says, or in `input`.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_run(
    manifest: &Path,
    input: Option<&Path>,
    keys: &[PublicKey],
) -> Result<RunChecked, RunFault> {
    let directory = manifest.parent().map(Path::to_owned).unwrap_or_default();
    let (manifest, signed) = match manifest.file_name() {
        Some(name) if name == SIGNED => signed_manifest(manifest, keys)?,
        _ => {
            let bytes = std::fs::read(manifest).map_err(|error| ManifestError::Io {
                path: manifest.to_owned(),
                error,
            })?;
            // Before the manifest is read: what is signed tells where it was changed.
            let signed = verify_signed(manifest, &bytes, keys)?;
            let read = Manifest::from_bytes(&bytes).map_err(|error| ManifestError::Wrong {
                path: manifest.to_owned(),
                error,
            })?;
            (read, signed)
        }
    };
    for file in manifest.written() {
        check(&directory, file, Kind::Output)?;
    }
    let input = input.map_or_else(
        || PathBuf::from(&manifest.predicate.inputs.directory),
        Path::to_owned,
    );
    for file in &manifest.predicate.inputs.files {
        let kind = match manifest.is_of_journal() {
            true => Kind::Segment,
            false => Kind::Input,
        };
        check(&input, file, kind)?;
    }
    let unread = unread(&manifest, &input)?;
    Ok(RunChecked {
        manifest,
        directory,
        input,
        signed,
        unread,
    })
}

/// The manifest in a signed form.
fn signed_manifest(path: &Path, keys: &[PublicKey]) -> Result<(Manifest, Signed), RunFault> {
    let (statement, signed) = open_signed(path, keys)?;
    let manifest = Manifest::from_bytes(&statement).map_err(|error| ManifestError::Wrong {
        path: path.to_owned(),
        error,
    })?;
    Ok((manifest, signed))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Output,
    Input,
    /// Of a journal, to which more may have been added since.
    Segment,
}

fn check(directory: &Path, stated: &FileDigest, kind: Kind) -> Result<(), RunFault> {
    let path = directory.join(&stated.name);
    let is_input = kind != Kind::Output;
    let found = match kind {
        Kind::Segment => digest_of_first(&path, stated.bytes()),
        Kind::Output | Kind::Input => digest(&path),
    };
    match found {
        Err(error) => Err(RunFault::Unreadable {
            path,
            is_input,
            error,
        }),
        Ok((_, sha256)) if sha256 == stated.sha256() => Ok(()),
        Ok((found, _)) => Err(RunFault::Altered {
            path,
            found,
            stated: stated.bytes(),
            sha256: stated.sha256().to_owned(),
        }),
    }
}

/// Inputs that came later.
fn unread(manifest: &Manifest, input: &Path) -> Result<Vec<String>, RunFault> {
    if manifest.is_of_journal() {
        return Ok(Vec::new());
    }
    let stated = &manifest.predicate.inputs.files;
    let found = discover(input)?.files.into_iter().map(|file| file.name);
    Ok(found
        .filter(|name| stated.iter().all(|file| file.name != *name))
        .collect())
}
