//! The keys of the desk: persons get their pseudonyms by one, and what people type is encrypted with those of months.
//!
//! In: `keys/review.key` in the data directory, 32 random bytes that are made once, readable by their owner alone, and
//! wrapped by the master key where there is one; `keys/review/`, a key for each month. Out: sealed texts, groups, digests.
//! Must hold: without the keys neither a text nor the number behind a group can be had; a key is durable before anything is
//! made with it; none is made beside a database that has another; who destroys a month's key erases what was typed in it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::database::REVIEW_DATABASE;
use super::error::DeskError;
use super::item::{EvidenceDigest, GroupId};
use super::typed::Typed;
use crate::journal::{Directory, KeyError, KeyFile, Keys, MasterKey, OpenedText};

/// Its place in the data directory.
pub(super) const FILE: &str = "keys/review.key";
/// The place of the keys of months in the data directory.
pub const MONTHS: &str = "keys/review";
const BYTES: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The key.
pub struct ReviewKey {
    path: PathBuf,
    /// Of notes of format 1.
    notes: Zeroizing<[u8; BYTES]>,
    months: Keys,
    /// What was sealed last.
    last: Mutex<Option<(i64, Vec<u8>)>>,
    /// Months that were told to be unreadable.
    told: Mutex<BTreeSet<String>>,
    groups: Zeroizing<[u8; BYTES]>,
    digests: Zeroizing<[u8; BYTES]>,
    check: [u8; BYTES],
}

impl ReviewKey {
    /// Reads the key of a data directory, or makes it. One that is bare is wrapped where there is a master key.
    ///
    /// # Errors
    /// When the file cannot be read or made, opens under another master key, or is missing where there is a database.
    pub fn open_or_create(data: &Path, master: Option<&MasterKey>) -> Result<Self, DeskError> {
        let file = file(data);
        let bytes = match file.read(master)? {
            Some(bytes) => bytes,
            // A database without its key is not begun again: its notes would be lost in silence.
            None if fs::metadata(data.join(REVIEW_DATABASE)).is_ok_and(|file| file.len() > 0) => {
                let path = file.path().to_owned();
                return Err(DeskError::KeyMissing { path });
            }
            None => file.make(master)?,
        };
        let derived = |purpose: &str| keyed(bytes.as_slice(), &[purpose.as_bytes()]);
        Ok(Self {
            notes: Zeroizing::new(derived("fundwatch review notes")),
            groups: Zeroizing::new(derived("fundwatch review groups")),
            digests: Zeroizing::new(derived("fundwatch review digests")),
            check: derived("fundwatch review check"),
            months: months(data, master)?,
            last: Mutex::default(),
            told: Mutex::default(),
            path: file.path().to_owned(),
        })
    }

    /// Wraps the key of a data directory by `to`, or by nothing, that is wrapped by `from`, or bare. Tells whether it was
    /// changed; where there is no key, nothing is done.
    ///
    /// # Errors
    /// When it opens under neither, or cannot be written. The file is then as it was.
    pub fn rewrap(
        data: &Path,
        from: Option<&MasterKey>,
        to: Option<&MasterKey>,
    ) -> Result<bool, DeskError> {
        Ok(file(data).rewrap(from, to)?)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What tells this key from others, and nothing of it.
    pub(super) fn check(&self) -> &[u8] {
        &self.check
    }

    /// The group of a person or a card: `kind` is the stream that the key is of.
    pub fn group(&self, kind: &str, key: &str) -> GroupId {
        GroupId(half(keyed(
            self.groups.as_slice(),
            &[kind.as_bytes(), key.as_bytes()],
        )))
    }

    /// The digest of what an alert rests on.
    pub fn digest(&self, parts: &[&[u8]]) -> EvidenceDigest {
        EvidenceDigest(half(keyed(self.digests.as_slice(), parts)))
    }

    /// Encrypts what somebody typed about something, at a time in milliseconds since 1970: under the key of the month.
    pub(super) fn seal(&self, at: i64, about: &str, text: &str) -> Result<Vec<u8>, DeskError> {
        let nanos = at.saturating_mul(1_000_000);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let sealed = self.months.seal_text(
            nanos,
            about.as_bytes(),
            text,
            last.as_ref().map(|(_, text)| &**text),
        )?;
        // What a list does is of the month in which it was asked for: it says nothing of the present one.
        if last.as_ref().is_none_or(|(before, _)| *before <= at) {
            *last = Some((at, sealed.clone()));
        }
        Ok(sealed)
    }

    /// Tells what was sealed last, before anything is sealed here: the key of its month is not replaced by another.
    pub(super) fn sealed_before(&self, last: Option<(i64, Vec<u8>)>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    /// Decrypts what somebody typed about something.
    pub(super) fn open(&self, about: &str, sealed: &[u8]) -> Result<Typed, DeskError> {
        let opened = match self.months.open_text(about.as_bytes(), sealed) {
            // The disk may give it the next time.
            Err(error @ (KeyError::Storage { .. } | KeyError::Random { .. })) => {
                return Err(error.into());
            }
            Err(error) => {
                self.is_unreadable(&error);
                return Ok(Typed::Unreadable);
            }
            Ok(opened) => opened,
        };
        match opened {
            Some(OpenedText::Text(text)) => Ok(Typed::Text(text)),
            Some(OpenedText::Erased) => Ok(Typed::Erased),
            Some(OpenedText::Forged) => Err(DeskError::Forged {
                path: self.path.clone(),
            }),
            None => self.open_note(about, sealed).map(Typed::Text),
        }
    }

    /// Says once that what was typed cannot be read, and why.
    fn is_unreadable(&self, error: &KeyError) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(error.to_string()) {
            tracing::error!(%error, "what was typed on the review pages cannot be read");
        }
    }

    /// The keys of months, which what was typed is encrypted with.
    pub(super) fn months(&self) -> &Keys {
        &self.months
    }

    /// Decrypts a note of an alert as a database of format 1 has it: under the key of the desk itself.
    fn open_note(&self, alert_id: &str, sealed: &[u8]) -> Result<String, DeskError> {
        let forged = || DeskError::Forged {
            path: self.path.clone(),
        };
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or_else(forged)?;
        let (tag, text) = rest.split_first_chunk::<TAG>().ok_or_else(forged)?;
        let mut text = text.to_vec();
        let opened = self.cipher().decrypt_inout_detached(
            &XNonce::from(*nonce),
            alert_id.as_bytes(),
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        );
        opened.map_err(|_| forged())?;
        String::from_utf8(text).map_err(|_| forged())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&*self.notes))
    }
}

/// Marks the key where it is wrapped.
const WRAPPED: &[u8; 8] = b"fwrevkey";

fn file(data: &Path) -> KeyFile {
    KeyFile::new(data.join(FILE), WRAPPED)
}

/// The keys of months in a data directory.
fn months(data: &Path, master: Option<&MasterKey>) -> Result<Keys, DeskError> {
    let path = data.join(MONTHS);
    let directory = Directory::create(&path).map_err(|error| DeskError::File { path, error })?;
    let months = Keys::new(Arc::new(directory), master.cloned());
    months.complete()?;
    months.wrap_bare()?;
    Ok(months)
}

impl fmt::Debug for ReviewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReviewKey(masked)")
    }
}

/// HMAC-SHA-256 of parts, each preceded by its length, so that no two lists of parts are one text.
fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; BYTES] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn half(digest: [u8; BYTES]) -> [u8; 16] {
    std::array::from_fn(|place| digest[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_744_800_000;

    fn text(text: &str) -> Typed {
        Typed::Text(text.to_owned())
    }

    #[test]
    fn a_key_is_made_once_and_stays() {
        let data = tempfile::tempdir().expect("a directory");
        let first = ReviewKey::open_or_create(data.path(), None).expect("made");
        let second = ReviewKey::open_or_create(data.path(), None).expect("read");
        assert_eq!(first.check(), second.check());
        let sealed = first.seal(NOW, "a", "ghi chú").expect("sealed");
        assert_eq!(second.open("a", &sealed).expect("opened"), text("ghi chú"));
        assert_eq!(
            first.group("participants", "1"),
            second.group("participants", "1")
        );
        assert_ne!(
            first.group("participants", "1"),
            first.group("citizens", "1")
        );
        assert_ne!(first.digest(&[b"ab", b"c"]), first.digest(&[b"a", b"bc"]));
        let mut names: Vec<_> = fs::read_dir(data.path().join("keys"))
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["review", "review.key"], "nothing half made is left");
    }

    /// As format 1 has a note.
    fn sealed_as_format_1(key: &ReviewKey, about: &str, note: &str) -> Vec<u8> {
        let nonce = [9; NONCE];
        let mut text = note.as_bytes().to_vec();
        let tag = key.cipher().encrypt_inout_detached(
            &XNonce::from(nonce),
            about.as_bytes(),
            text.as_mut_slice().into(),
        );
        [nonce.as_slice(), &tag.expect("sealed"), &text].concat()
    }

    #[test]
    fn a_text_is_of_its_alert_and_its_key() {
        let data = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
        let [own, other] =
            [0, 1].map(|n: usize| ReviewKey::open_or_create(data[n].path(), None).expect("made"));
        for mut sealed in [
            own.seal(NOW, "a", "note").expect("sealed"),
            sealed_as_format_1(&own, "a", "note"),
        ] {
            assert_eq!(own.open("a", &sealed).expect("opened"), text("note"));
            // A key that is missing is told as such, and what was changed is an error.
            let is_text = |key: &ReviewKey, about: &str, sealed: &[u8]| {
                matches!(key.open(about, sealed), Ok(Typed::Text(_)))
            };
            assert!(!is_text(&other, "a", &sealed));
            assert!(own.open("b", &sealed).is_err());
            assert!(own.open("a", &sealed[..30]).is_err());
            for place in 0..sealed.len() {
                sealed[place] ^= 1;
                assert!(!is_text(&own, "a", &sealed), "{place}");
                sealed[place] ^= 1;
            }
            assert!(is_text(&own, "a", &sealed));
        }
    }

    #[test]
    fn a_key_is_wrapped_by_the_master_key_from_the_first_start_with_one() {
        let master = |byte: u8| {
            let mut bytes = [byte; BYTES];
            bytes[0] = 0;
            MasterKey::from_bytes(&bytes).expect("32 bytes")
        };
        let data = tempfile::tempdir().expect("a directory");
        let open = |key: Option<&MasterKey>| ReviewKey::open_or_create(data.path(), key);
        let bare = open(None).expect("made");
        let before = fs::read(data.path().join(FILE)).expect("read");
        let wrapped = open(Some(&master(1))).expect("wrapped");
        assert_eq!(bare.check(), wrapped.check());
        let after = fs::read(data.path().join(FILE)).expect("read");
        assert!(
            !after
                .windows(8)
                .any(|window| before.windows(8).any(|other| other == window))
        );
        assert_eq!(open(Some(&master(1))).expect("read").check(), bare.check());
        for wrong in [None, Some(&master(2))] {
            assert!(matches!(open(wrong), Err(DeskError::MasterKey { .. })));
        }
        // And to another, which is done once.
        let rewrap = |from: &MasterKey, to: Option<&MasterKey>| {
            ReviewKey::rewrap(data.path(), Some(from), to)
        };
        assert!(rewrap(&master(2), Some(&master(3))).is_err());
        assert!(rewrap(&master(1), Some(&master(2))).expect("rewrapped"));
        assert!(!rewrap(&master(1), Some(&master(2))).expect("is so"));
        assert_eq!(open(Some(&master(2))).expect("read").check(), bare.check());
        assert!(rewrap(&master(2), None).expect("bare"));
        assert_eq!(fs::read(data.path().join(FILE)).expect("read"), before);
        // Damage is told, and gives no key.
        let mut damaged = after.clone();
        for place in 0..damaged.len() {
            damaged[place] ^= 1;
            fs::write(data.path().join(FILE), &damaged).expect("written");
            assert!(open(Some(&master(1))).is_err(), "{place}");
            damaged[place] ^= 1;
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let data = tempfile::tempdir().expect("a directory");
        fs::create_dir(data.path().join("keys")).expect("a directory");
        for length in [0, 31, 33] {
            fs::write(data.path().join(FILE), vec![7; length]).expect("written");
            assert!(
                ReviewKey::open_or_create(data.path(), None).is_err(),
                "{length}"
            );
        }
    }
}
