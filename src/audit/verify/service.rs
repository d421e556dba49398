//! The journal of a service held to its access log.
//!
//! In: the data directory of a service. Out: how much there is, and the first thing that is wrong. Must hold: every
//! frame and every line is read; what the access log says of the journal's chain, which is signed with it, is what
//! the journal holds - so that epochs that were written anew, or cut off, are found.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::access_log::{self, VerifyingKey, Witnessed};
use crate::hex::unhex;
use crate::journal::{Directory, JournalError, JournalReader, Keys, MasterKey, Verified};
use crate::service::Places;
use crate::web::AccessAction;

/// A service whose files are as they were written.
#[derive(Clone, Debug)]
pub struct ServiceChecked {
    /// The journal.
    pub journal: Verified,
    /// The access log, where there is one.
    pub access_log: Option<access_log::Report>,
    /// The last epoch whose chain the access log has, and how often it has one.
    pub anchored: Option<(u64, usize)>,
}

/// What is wrong with a service's files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceFault {
    /// A file or directory cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The journal cannot be read, or is damaged.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The access log cannot be read.
    #[error(transparent)]
    Log(#[from] access_log::LogError),
    /// The access log is damaged.
    #[error("{0}")]
    LogDamaged(access_log::Damage),
    /// There is no access log, and there was one.
    #[error("{}: there is no access log, and a witness saw {seen} lines of it", path.display())]
    LogMissing {
        /// Where it has to be.
        path: PathBuf,
        /// How many lines there were.
        seen: u64,
    },
    /// The journal was written anew.
    #[error(
        "the journal was written anew after it was sealed: up to epoch {held} it is what the access log says, and at epoch \
         {epoch} its chain is another than line {line} of {} says", path.display()
    )]
    Rewritten {
        /// The last epoch of which the access log has the chain that the journal has; 0 where there is none.
        held: u64,
        /// The first of which it has another.
        epoch: u64,
        /// The file of the access log.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// The journal ends early.
    #[error(
        "the journal was cut: it ends with epoch {upper}, and line {line} of {} says that epoch {epoch} was sealed",
        path.display()
    )]
    Cut {
        /// Its last epoch.
        upper: u64,
        /// The epoch that was sealed.
        epoch: u64,
        /// The file of the access log.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
}

/// What the access log says of the journal.
struct Anchor {
    chain: [u8; 32],
    path: PathBuf,
    line: u64,
}

/// Checks the journal and the access log of a service, with the public keys beside the log and those that are given, and
/// holds the log to what witnesses saw of it, the fewest lines first.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_service(
    data: &Path,
    master_key: Option<MasterKey>,
    keys: &[VerifyingKey],
    seen: &[Witnessed],
) -> Result<ServiceChecked, ServiceFault> {
    let access_log = verify_access_log(data, keys, seen)?;
    // The log first: what it says is believed then.
    let anchors = match access_log {
        Some(_) => anchors(&data.join(access_log::FOLDER))?,
        None => BTreeMap::new(),
    };
    let places = Places(data);
    let open = |path: PathBuf| {
        let opened = Directory::open(&path).map(Arc::new);
        opened.map_err(|error| ServiceFault::Io { path, error })
    };
    let month_keys = Arc::new(Keys::new(open(places.keys())?, master_key));
    let reader = JournalReader::open(open(places.journal())?, month_keys)?;
    let (mut held, mut other) = (0, None);
    let journal = reader.verify_each(|epoch, chain| match anchors.get(&epoch) {
        Some(anchor) if other.is_none() && anchor.chain != chain.0 => other = Some(epoch),
        Some(_) if other.is_none() => held = epoch,
        _ => {}
    })?;
    if let Some(epoch) = other {
        let Anchor { path, line, .. } = &anchors[&epoch];
        return Err(ServiceFault::Rewritten {
            held,
            epoch,
            path: path.clone(),
            line: *line,
        });
    }
    if let Some((epoch, anchor)) = anchors.iter().find(|(epoch, _)| **epoch > journal.upper) {
        return Err(ServiceFault::Cut {
            upper: journal.upper,
            epoch: *epoch,
            path: anchor.path.clone(),
            line: anchor.line,
        });
    }
    Ok(ServiceChecked {
        anchored: anchors
            .last_key_value()
            .map(|(epoch, _)| (*epoch, anchors.len())),
        journal,
        access_log,
    })
}

/// Checks the access log of a service, where there is one, and holds it to what witnesses saw of it.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_access_log(
    data: &Path,
    keys: &[VerifyingKey],
    seen: &[Witnessed],
) -> Result<Option<access_log::Report>, ServiceFault> {
    let folder = data.join(access_log::FOLDER);
    if !folder.is_dir() {
        return match seen.last() {
            Some(last) => Err(ServiceFault::LogMissing {
                path: folder,
                seen: last.checkpoint.size,
            }),
            None => Ok(None),
        };
    }
    let report = access_log::verify_witnessed(data, keys, seen)?;
    match report.damage {
        Some(damage) => Err(ServiceFault::LogDamaged(damage)),
        None => Ok(Some(report)),
    }
}

/// A line of the access log, as far as it is about the journal.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    action: String,
    epoch: Option<u64>,
    digest: Option<String>,
}

/// What the lines of an access log that was verified say of the journal, by epoch.
fn anchors(folder: &Path) -> Result<BTreeMap<u64, Anchor>, ServiceFault> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| ServiceFault::Io { path, error }
    };
    let mut anchors = BTreeMap::new();
    for name in access_log::months_of(folder).map_err(failed(folder))? {
        let path = folder.join(name);
        let lines = BufReader::new(File::open(&path).map_err(failed(&path))?).lines();
        for (line, number) in lines.zip(1..) {
            let line = line.map_err(failed(&path))?;
            if !line.contains(AccessAction::SealJournal.name()) {
                continue;
            }
            let Ok(Line {
                action,
                epoch: Some(epoch),
                digest: Some(digest),
            }) = serde_json::from_str(&line)
            else {
                continue;
            };
            if action == AccessAction::SealJournal.name()
                && let Some(chain) = unhex::<32>(&digest)
            {
                anchors.insert(
                    epoch,
                    Anchor {
                        chain,
                        path: path.clone(),
                        line: number,
                    },
                );
            }
        }
    }
    Ok(anchors)
}
