//! The key of the desk: notes are encrypted with it, and persons get their pseudonyms by it.
//!
//! In: `keys/review.key` in the data directory, 32 random bytes that are made once, readable by their owner alone.
//! Out: sealed notes, groups, digests. Must hold: without the key neither a note nor the number behind a group can be had;
//! a key is durable before anything is made with it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::DeskError;
use super::item::{EvidenceDigest, GroupId};

/// Its place in the data directory.
pub(super) const FILE: &str = "keys/review.key";
const BYTES: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The key.
pub struct ReviewKey {
    path: PathBuf,
    notes: Zeroizing<[u8; BYTES]>,
    groups: Zeroizing<[u8; BYTES]>,
    digests: Zeroizing<[u8; BYTES]>,
    check: [u8; BYTES],
}

impl ReviewKey {
    /// Reads the key of a data directory, or makes it.
    ///
    /// # Errors
    /// When the file cannot be read or made.
    pub fn open_or_create(data: &Path) -> Result<Self, DeskError> {
        let path = data.join(FILE);
        let failed = |error| DeskError::File {
            path: path.clone(),
            error,
        };
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut bytes = Zeroizing::new([0; BYTES]);
                getrandom::fill(bytes.as_mut_slice())?;
                make(&path, bytes.as_slice()).map_err(failed)?;
                // Another process may have made it first.
                read(&path).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        let derived = |purpose: &str| keyed(bytes.as_slice(), &[purpose.as_bytes()]);
        Ok(Self {
            notes: Zeroizing::new(derived("fundwatch review notes")),
            groups: Zeroizing::new(derived("fundwatch review groups")),
            digests: Zeroizing::new(derived("fundwatch review digests")),
            check: derived("fundwatch review check"),
            path,
        })
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

    /// Encrypts a note of an alert.
    pub(super) fn seal(&self, alert_id: &str, note: &str) -> Result<Vec<u8>, DeskError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let mut text = note.as_bytes().to_vec();
        let tag = self.cipher().encrypt_inout_detached(
            &XNonce::from(nonce),
            alert_id.as_bytes(),
            text.as_mut_slice().into(),
        );
        let tag = tag.expect("a note is far below the cipher's 256 GiB");
        Ok([nonce.as_slice(), &tag, &text].concat())
    }

    /// Decrypts a note of an alert.
    pub(super) fn open(&self, alert_id: &str, sealed: &[u8]) -> Result<String, DeskError> {
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

fn read(path: &Path) -> io::Result<Zeroizing<[u8; BYTES]>> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    let mut file = File::open(path)?;
    file.read_exact(bytes.as_mut_slice())?;
    match file.read(&mut [0])? {
        0 => Ok(bytes),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file of the key has more than 32 bytes",
        )),
    }
}

/// Makes the file whole or not at all, where there is none.
fn make(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let new = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = fs::hard_link(&new, path);
    fs::remove_file(&new)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(directory)?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_stays() {
        let data = tempfile::tempdir().expect("a directory");
        let first = ReviewKey::open_or_create(data.path()).expect("made");
        let second = ReviewKey::open_or_create(data.path()).expect("read");
        assert_eq!(first.check(), second.check());
        let sealed = first.seal("a", "ghi chú").expect("sealed");
        assert_eq!(second.open("a", &sealed).expect("opened"), "ghi chú");
        assert_eq!(
            first.group("participants", "1"),
            second.group("participants", "1")
        );
        assert_ne!(
            first.group("participants", "1"),
            first.group("citizens", "1")
        );
        assert_ne!(first.digest(&[b"ab", b"c"]), first.digest(&[b"a", b"bc"]));
        let names: Vec<_> = fs::read_dir(data.path().join("keys"))
            .expect("a directory")
            .collect();
        assert_eq!(names.len(), 1, "nothing half made is left");
    }

    #[test]
    fn a_note_is_of_its_alert_and_its_key() {
        let open = || {
            let data = tempfile::tempdir().expect("a directory");
            ReviewKey::open_or_create(data.path()).expect("made")
        };
        let (own, other) = (open(), open());
        let mut sealed = own.seal("a", "note").expect("sealed");
        assert!(other.open("a", &sealed).is_err());
        assert!(own.open("b", &sealed).is_err());
        assert!(own.open("a", &sealed[..30]).is_err());
        for place in 0..sealed.len() {
            sealed[place] ^= 1;
            assert!(own.open("a", &sealed).is_err());
            sealed[place] ^= 1;
        }
        assert!(own.open("a", &sealed).is_ok());
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let data = tempfile::tempdir().expect("a directory");
        fs::create_dir(data.path().join("keys")).expect("a directory");
        for length in [0, 31, 33] {
            fs::write(data.path().join(FILE), vec![7; length]).expect("written");
            assert!(ReviewKey::open_or_create(data.path()).is_err(), "{length}");
        }
    }
}
