//! The manifest: what a snapshot is, and of which files it is made.
//!
//! In: a manifest. Out: one line of JSON, and back. Must hold: a manifest that was changed in any byte does not read,
//! one that was not sealed by a service with these keys is told, and nothing about a person is in it.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::SnapshotError;
use super::part::{self, Ordinal, Part};
use crate::hex::{hex, unhex};
use crate::journal::{ChainHash, DerivedKey, JournalId, KeyMark, Keys, Month};
use crate::record::{Day, Instant, Stream, Value};

/// The version of the format that is written.
pub(super) const VERSION: u64 = 1;
/// How the name of a manifest ends.
const SUFFIX: &str = ".snapshot";
/// More of a file is not read: it is no manifest.
pub(super) const MAX_BYTES: usize = 1 << 26;

/// A snapshot: all rows that were accepted up to an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The journal whose rows they are.
    pub journal: JournalId,
    /// The last epoch.
    pub epoch: u64,
    /// The chain of the journal at that epoch: the snapshot belongs to a journal that has the same there.
    pub chain: ChainHash,
    /// When the epoch was closed.
    pub at: Instant,
    /// The as-of date since that epoch.
    pub clock: Day,
    /// The document of what decides since that epoch, as the journal says it.
    pub detector: Option<String>,
    /// Rows that were accepted up to the epoch, those that are erased among them.
    pub rows: u64,
    /// Rows that are erased, by the month in which they arrived.
    pub erased: BTreeMap<Month, u64>,
    /// The files, by stream, then month, then place.
    pub parts: Vec<Part>,
}

impl Manifest {
    /// Rows of each stream that are not erased.
    pub fn rows_by_stream(&self) -> BTreeMap<Stream, u64> {
        let mut rows = BTreeMap::new();
        for part in &self.parts {
            *rows.entry(part.stream).or_insert(0) += part.rows;
        }
        rows
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

/// The file of the snapshot at an epoch.
pub(super) fn name(epoch: u64) -> String {
    format!("{epoch:020}{SUFFIX}")
}

/// The epoch of a manifest's file.
pub(super) fn epoch_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[derive(Serialize, Deserialize)]
struct File<'f> {
    format: u64,
    #[serde(borrow)]
    snapshot: &'f RawValue,
    sha256: String,
    seal: Option<Seal>,
}

/// That a service with the key of the month wrote it.
#[derive(Serialize, Deserialize)]
struct Seal {
    mark: String,
    hmac: String,
}

#[derive(Serialize, Deserialize)]
struct Written {
    journal: String,
    epoch: u64,
    chain: String,
    at: String,
    clock: String,
    detector: Option<String>,
    rows: u64,
    rows_by_stream: BTreeMap<String, u64>,
    erased: BTreeMap<String, u64>,
    parts: Vec<WrittenPart>,
}

#[derive(Serialize, Deserialize)]
struct WrittenPart {
    file: String,
    stream: String,
    month: String,
    key: String,
    bytes: u64,
    rows: u64,
    first: [u64; 2],
    last: [u64; 2],
    sha256: String,
}

/// The bytes of a manifest. It is sealed by the key of the month of its epoch, unless that is destroyed already.
pub(super) fn encode(manifest: &Manifest, key: Option<(KeyMark, DerivedKey)>) -> Vec<u8> {
    const PROOF: &str = "texts and numbers can be written into memory";
    let snapshot = serde_json::to_string(&Written::of(manifest)).expect(PROOF);
    let file = File {
        format: VERSION,
        sha256: hex(&Sha256::digest(&snapshot)),
        seal: key.map(|(mark, key)| Seal {
            mark: hex(&mark),
            hmac: hex(&authenticate(&key, &snapshot)),
        }),
        snapshot: &RawValue::from_string(snapshot).expect(PROOF),
    };
    let mut bytes = serde_json::to_vec(&file).expect(PROOF);
    bytes.push(b'\n');
    bytes
}

/// Reads a manifest.
pub(super) fn decode(bytes: &[u8], place: &str, keys: &Keys) -> Result<Manifest, SnapshotError> {
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    let damaged = |what| SnapshotError::Damaged {
        place: place.to_owned(),
        what,
    };
    let json = |_| damaged("it is no manifest");
    let Format { format } = serde_json::from_slice(bytes).map_err(json)?;
    if format > VERSION {
        return Err(SnapshotError::Later {
            place: place.to_owned(),
            found: format,
        });
    }
    if format != VERSION {
        return Err(damaged("no format has its number"));
    }
    let file: File<'_> = serde_json::from_slice(bytes).map_err(json)?;
    let snapshot = file.snapshot.get();
    if file.sha256 != hex(&Sha256::digest(snapshot)) {
        return Err(damaged("it does not have the digest that it says"));
    }
    let mut again = serde_json::to_vec(&file).map_err(json)?;
    again.push(b'\n');
    if again != bytes {
        return Err(damaged("it is not as it was written"));
    }
    let written: Written = serde_json::from_str(snapshot).map_err(json)?;
    let manifest = written
        .read()
        .ok_or_else(|| damaged("a value in it is none"))?;
    check_seal(&manifest, file.seal.as_ref(), snapshot, keys, place)?;
    Ok(manifest)
}

/// Where the key is destroyed, nobody can tell who wrote it; the caller still compares the chain.
fn check_seal(
    manifest: &Manifest,
    seal: Option<&Seal>,
    snapshot: &str,
    keys: &Keys,
    place: &str,
) -> Result<(), SnapshotError> {
    let forged = || SnapshotError::Forged {
        place: place.to_owned(),
    };
    let month = Month::of(manifest.at.nanos());
    let Some(seal) = seal else {
        let is_destroyed = super::is_destroyed(keys, month)?;
        return if is_destroyed { Ok(()) } else { Err(forged()) };
    };
    let mark = unhex(&seal.mark).ok_or_else(forged)?;
    let hmac: [u8; 32] = unhex(&seal.hmac).ok_or_else(forged)?;
    match keys.derive_to_open((month, mark), &purpose(manifest.journal))? {
        Some(key) if !bool::from(authenticate(&key, snapshot).ct_eq(&hmac)) => Err(forged()),
        _ => Ok(()),
    }
}

/// What the key that seals manifests is for.
pub(super) fn purpose(journal: JournalId) -> Vec<u8> {
    let mut purpose = b"fundwatch snapshot manifest 1\0".to_vec();
    purpose.extend_from_slice(&journal.0);
    purpose
}

fn authenticate(key: &DerivedKey, snapshot: &str) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.bytes()) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.update(snapshot.as_bytes());
    mac.finalize().into_bytes().into()
}

impl Written {
    fn of(manifest: &Manifest) -> Self {
        let by_stream = manifest.rows_by_stream().into_iter();
        let erased = manifest.erased.iter();
        Self {
            journal: manifest.journal.to_string(),
            epoch: manifest.epoch,
            chain: manifest.chain.to_string(),
            at: manifest.at.to_string(),
            clock: manifest.clock.to_string(),
            detector: manifest.detector.clone(),
            rows: manifest.rows,
            rows_by_stream: by_stream
                .map(|(stream, rows)| (stream.to_string(), rows))
                .collect(),
            erased: erased
                .map(|(month, rows)| (month.to_string(), *rows))
                .collect(),
            parts: manifest.parts.iter().map(WrittenPart::of).collect(),
        }
    }

    /// Nothing when it contradicts itself.
    fn read(self) -> Option<Manifest> {
        let erased = self.erased.into_iter();
        let erased = erased.map(|(month, rows)| Some((month.parse().ok()?, rows)));
        let parts = self.parts.into_iter().map(WrittenPart::read);
        let manifest = Manifest {
            journal: JournalId(unhex(&self.journal)?),
            epoch: self.epoch,
            chain: ChainHash(unhex(&self.chain)?),
            at: Instant::from_text(&self.at)?,
            clock: Day::from_text(&self.clock)?,
            detector: self.detector,
            rows: self.rows,
            erased: erased.collect::<Option<_>>()?,
            parts: parts.collect::<Option<_>>()?,
        };
        let kept = manifest.parts.iter().map(|part| part.rows);
        let mut each = kept.chain(manifest.erased.values().copied());
        let rows = each.try_fold(0u64, u64::checked_add)?;
        (rows == manifest.rows).then_some(manifest)
    }
}

impl WrittenPart {
    fn of(part: &Part) -> Self {
        let place = |at: Ordinal| [at.epoch, at.row];
        Self {
            file: part.name.clone(),
            stream: part.stream.to_string(),
            month: part.month.to_string(),
            key: hex(&part.mark),
            bytes: part.bytes,
            rows: part.rows,
            first: place(part.first),
            last: place(part.last),
            sha256: hex(&part.sha256),
        }
    }

    fn read(self) -> Option<Part> {
        let place = |[epoch, row]: [u64; 2]| Ordinal { epoch, row };
        let mut streams = Stream::ALL.iter();
        if !part::is_name(&self.file) {
            return None;
        }
        Some(Part {
            stream: *streams.find(|stream| stream.name() == self.stream)?,
            name: self.file,
            month: self.month.parse().ok()?,
            mark: unhex(&self.key)?,
            bytes: self.bytes,
            rows: self.rows,
            first: place(self.first),
            last: place(self.last),
            sha256: unhex(&self.sha256)?,
        })
    }
}
