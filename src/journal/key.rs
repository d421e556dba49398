//! The key of a month, and the file that keeps it.
//!
//! In: 100 bytes of a file, and the master key where one is used. Out: a key. Must hold: a file that is
//! damaged, of another month or wrapped by another master key gives an error and never a key.

use std::{fmt, io};

use zeroize::Zeroizing;

use super::month::Month;
use super::seal::{KEY_BYTES, NONCE_BYTES, SealingKey, TAG_BYTES};

/// Bytes of a key's file.
pub(super) const KEY_FILE_BYTES: usize = 100;
const MAGIC: &[u8; 8] = b"fwmonkey";
const VERSION: u8 = 1;
const BARE: u8 = 0;
const WRAPPED: u8 = 1;
/// What is plain in the file: all up to the nonce.
const HEADER: usize = 24;

/// A key that wraps the keys of months: whoever has their files, but not it, has nothing.
#[derive(Clone)]
pub struct MasterKey(SealingKey);

impl MasterKey {
    /// A master key of 32 random bytes, which the caller keeps in another place than the keys. The caller
    /// wipes its own copy.
    ///
    /// # Errors
    /// When it is not 32 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let key = bytes
            .try_into()
            .map_err(|_| KeyError::MasterLength { found: bytes.len() })?;
        Ok(Self(SealingKey::new(key)))
    }

    /// Wraps another key of 32 bytes, for a purpose: what was wrapped for one does not open for another.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn wrap(&self, purpose: &[u8], key: &[u8; KEY_BYTES]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| KeyError::Random { error })?;
        let mut secret = Zeroizing::new(*key);
        let tag = self.0.seal(&nonce, purpose, &mut *secret);
        Ok([nonce.as_slice(), secret.as_slice(), &tag].concat())
    }

    /// A key that was wrapped for a purpose; nothing where this is not the master key, or it was for another.
    pub fn unwrap(&self, purpose: &[u8], wrapped: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
        let (nonce, rest) = wrapped.split_first_chunk()?;
        let (secret, tag) = rest.split_first_chunk::<KEY_BYTES>()?;
        let mut secret = Zeroizing::new(*secret);
        let opened = self
            .0
            .open(nonce, purpose, &mut *secret, tag.try_into().ok()?);
        opened.ok().map(|()| secret)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(masked)")
    }
}

/// Which key sealed a frame: the month, and 8 random bytes that tell it from a key made for the same month
/// in another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId {
    pub(super) month: Month,
    pub(super) mark: [u8; 8],
}

/// Why a key cannot be used. None of these shows a byte of a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file could not be read or written.
    #[error(
        "{place}: the key file cannot be {doing}: {error}; check the disk, and that the service owns the directory of keys"
    )]
    Storage {
        /// What was to be done with it.
        doing: &'static str,
        /// The file.
        place: String,
        /// What the disk said.
        error: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random numbers: {error}; no key can be made without")]
    Random {
        /// What it said.
        error: getrandom::Error,
    },
    /// A master key of another length.
    #[error(
        "the master key has {found} bytes instead of {KEY_BYTES}; make one with `openssl rand 32`, and keep it apart from the keys"
    )]
    MasterLength {
        /// Its bytes.
        found: usize,
    },
    /// There is no key, and no note that it was destroyed.
    #[error(
        "{place}: the key of {month} is missing, and nothing notes that it was destroyed; restore the directory of keys from its backup, or, if there is none, write the month off (`fundwatch keys write-off`, with `--of review` for one of keys/review)"
    )]
    Missing {
        /// The month.
        month: Month,
        /// The file that is missing.
        place: String,
    },
    /// The file is not what was written.
    #[error("{place}: the file is damaged; restore it from the backup of the keys")]
    Damaged {
        /// The file.
        place: String,
    },
    /// A later version of the program wrote it.
    #[error(
        "{place}: the file is of format {found}, and this program reads up to {VERSION}; run the version that wrote it, or a later one"
    )]
    Later {
        /// The file.
        place: String,
        /// Its format.
        found: u8,
    },
    /// The month has a key, but another one.
    #[error(
        "{place}: this is another key of {month} than the one that sealed the journal; restore the keys that were backed up with this journal"
    )]
    Another {
        /// The month.
        month: Month,
        /// The file.
        place: String,
    },
    /// It is wrapped, and no master key was given.
    #[error(
        "{place}: the key is wrapped by a master key, and none is configured; give the service its master key"
    )]
    MasterNeeded {
        /// The file.
        place: String,
    },
    /// It is wrapped by another master key.
    #[error(
        "{place}: the key does not open under the master key that is configured; give the one under which it was made"
    )]
    WrongMaster {
        /// The file.
        place: String,
    },
    /// A month whose key is destroyed cannot be written any more.
    #[error(
        "the key of {month} is destroyed, so nothing can be added to that month; check the clock of this machine"
    )]
    Destroyed {
        /// The month.
        month: Month,
    },
    /// The key of a month that has not passed is in use.
    #[error("{month} has not passed yet, and its key is in use; destroy it when the month is over")]
    NotPassed {
        /// The month.
        month: Month,
    },
}

/// The file of a key.
pub(super) fn encode(
    id: KeyId,
    key: &SealingKey,
    master: Option<&MasterKey>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut file = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES));
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&[VERSION, if master.is_some() { WRAPPED } else { BARE }, 0, 0]);
    file.extend_from_slice(&id.month.number().to_le_bytes());
    file.extend_from_slice(&id.mark);
    let mut nonce = [0; NONCE_BYTES];
    let mut secret = Zeroizing::new(*key.bytes());
    let mut tag = [0; TAG_BYTES];
    if let Some(MasterKey(master)) = master {
        getrandom::fill(&mut nonce).map_err(|error| KeyError::Random { error })?;
        tag = master.seal(&nonce, &file, &mut *secret);
    }
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&*secret);
    file.extend_from_slice(&tag);
    let checksum = crc32fast::hash(&file);
    file.extend_from_slice(&checksum.to_le_bytes());
    Ok(file)
}

/// Which key a file keeps; it is not opened.
pub(super) fn identify(file: &[u8], month: Month, place: &str) -> Result<KeyId, KeyError> {
    let damaged = || KeyError::Damaged {
        place: place.to_owned(),
    };
    let (body, checksum) = file.split_last_chunk().ok_or_else(damaged)?;
    if !body.starts_with(MAGIC) || crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return Err(damaged());
    }
    match body.get(MAGIC.len()) {
        Some(&VERSION) if file.len() == KEY_FILE_BYTES => {}
        Some(&found) if found > VERSION => {
            return Err(KeyError::Later {
                place: place.to_owned(),
                found,
            });
        }
        _ => return Err(damaged()),
    }
    if body[12..16] != month.number().to_le_bytes() {
        return Err(damaged());
    }
    let mark = body[16..HEADER].try_into().expect("8 bytes");
    Ok(KeyId { month, mark })
}

/// Whether a file that was identified is wrapped by a master key.
pub(super) fn is_wrapped(file: &[u8]) -> bool {
    file.get(MAGIC.len() + 1) == Some(&WRAPPED)
}

/// The key of a file.
pub(super) fn decode(
    file: &[u8],
    month: Month,
    master: Option<&MasterKey>,
    place: &str,
) -> Result<(KeyId, SealingKey), KeyError> {
    let id = identify(file, month, place)?;
    let (nonce, rest) = file[HEADER..]
        .split_first_chunk()
        .expect("the length was checked");
    let (secret, rest) = rest
        .split_first_chunk::<KEY_BYTES>()
        .expect("the length was checked");
    let tag = rest.first_chunk().expect("the length was checked");
    let mut secret = Zeroizing::new(*secret);
    match (file[MAGIC.len() + 1], master) {
        (BARE, _) => {}
        (WRAPPED, Some(MasterKey(master))) => master
            .open(nonce, &file[..HEADER], &mut *secret, tag)
            .map_err(|_| KeyError::WrongMaster {
                place: place.to_owned(),
            })?,
        (WRAPPED, None) => {
            return Err(KeyError::MasterNeeded {
                place: place.to_owned(),
            });
        }
        _ => {
            return Err(KeyError::Damaged {
                place: place.to_owned(),
            });
        }
    }
    Ok((id, SealingKey::new(&secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> KeyId {
        KeyId {
            month: "2026-03".parse().expect("a month"),
            mark: [5; 8],
        }
    }

    #[test]
    fn a_key_reads_back_bare_and_wrapped() {
        let key = SealingKey::random().expect("random bytes");
        let master = MasterKey::from_bytes(&[1; 32]).expect("32 bytes");
        let other = MasterKey::from_bytes(&[2; 32]).expect("32 bytes");
        let (month, place) = (id().month, "x");
        let bare = encode(id(), &key, None).expect("encoded");
        for master in [None, Some(&master)] {
            let read = decode(&bare, month, master, place).expect("readable");
            assert_eq!(read, (id(), key.clone()));
        }
        let wrapped = encode(id(), &key, Some(&master)).expect("encoded");
        assert!(!wrapped.windows(32).any(|bytes| bytes == key.bytes()));
        assert_eq!(identify(&wrapped, month, place).expect("readable"), id());
        let read = decode(&wrapped, month, Some(&master), place).expect("readable");
        assert_eq!(read, (id(), key));
        let read = decode(&wrapped, month, Some(&other), place);
        assert!(
            matches!(read, Err(KeyError::WrongMaster { .. })),
            "{read:?}"
        );
        let read = decode(&wrapped, month, None, place);
        assert!(
            matches!(read, Err(KeyError::MasterNeeded { .. })),
            "{read:?}"
        );
        assert!(MasterKey::from_bytes(&[1; 31]).is_err());
    }

    #[test]
    fn damage_gives_no_key() {
        let key = SealingKey::random().expect("random bytes");
        let file = encode(id(), &key, None).expect("encoded");
        for length in 0..file.len() {
            assert!(
                decode(&file[..length], id().month, None, "x").is_err(),
                "{length}"
            );
        }
        for bit in 0..file.len() * 8 {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let read = decode(&file, id().month, None, "x");
            assert!(
                matches!(read, Err(KeyError::Damaged { .. })),
                "bit {bit}: {read:?}"
            );
        }
        let other = "2026-04".parse().expect("a month");
        assert!(
            decode(&file, other, None, "x").is_err(),
            "renamed to another month"
        );
    }
}
