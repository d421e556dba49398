//! The key that a store seals with what identifies people: of each alert its subject and its line, of its history the lines.
//!
//! In: `keys/store.key` in the data directory (see [`KeyFile`]). Out: sealed texts, which are stored in place of plain ones.
//! Must hold: whoever has the database but not the key learns from it nothing of what lines and subjects say (an id is a digest
//! without a key: who tries all numbers finds the subject of one);
//! what was changed, or moved to another alert or epoch, does not open; the same text of the same alert is sealed to the same
//! bytes, so that the database itself can tell that nothing changed.
//!
//! Sealed by XChaCha20-Poly1305 under a synthetic nonce, as in [RFC 5297](https://www.rfc-editor.org/rfc/rfc5297): the first 24
//! bytes of an HMAC-SHA-256, under a key of its own, of the text and of what it is about. Two texts share a nonce only where
//! they are one text of one thing: that they are equal is all that anybody learns of it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::StoreError;
use crate::journal::{KeyFile, KeyFileError, MasterKey};

/// Its place in the data directory.
const FILE: &str = "keys/store.key";
/// Marks the key where it is wrapped.
const WRAPPED: &[u8; 8] = b"fwstokey";
/// Begins what is sealed.
const FORMAT: u8 = 1;
const BYTES: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The key of a store; copies share it.
#[derive(Clone)]
pub struct StoreKey(Arc<Derived>);

struct Derived {
    texts: Zeroizing<[u8; BYTES]>,
    nonces: Zeroizing<[u8; BYTES]>,
    check: [u8; BYTES],
}

/// What a text is about, without which it does not open.
#[derive(Clone, Copy)]
enum About<'a> {
    /// An alert, as it is.
    Alert { alert_id: &'a str },
    /// An alert in an epoch.
    History { epoch: u64, alert_id: &'a str },
}

impl About<'_> {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Alert { alert_id } => [b"alert ".as_slice(), alert_id.as_bytes()].concat(),
            Self::History { epoch, alert_id } => {
                let epoch = epoch.to_be_bytes();
                [b"history ".as_slice(), &epoch, alert_id.as_bytes()].concat()
            }
        }
    }
}

impl StoreKey {
    /// Reads the key of a data directory. One that is bare is wrapped where there is a master key. A store that was sealed by
    /// another refuses it when it is opened.
    ///
    /// # Errors
    /// [`StoreError::KeyMissing`] where there is none; when the file cannot be read, or opens under another master key.
    pub fn open(data: &Path, master: Option<&MasterKey>) -> Result<Self, StoreError> {
        let file = file(data);
        let missing = || StoreError::KeyMissing {
            path: file.path().display().to_string(),
        };
        Ok(Self::from_bytes(&*file.read(master)?.ok_or_else(missing)?))
    }

    /// As [`Self::open`], and makes the key where there is none: for a store that none has sealed yet.
    ///
    /// # Errors
    /// As [`Self::open`]; when the file cannot be made.
    pub fn open_or_create(data: &Path, master: Option<&MasterKey>) -> Result<Self, StoreError> {
        let file = file(data);
        let bytes = match file.read(master)? {
            Some(bytes) => bytes,
            None => file.make(master)?,
        };
        Ok(Self::from_bytes(&bytes))
    }

    /// The key of these bytes.
    pub fn from_bytes(bytes: &[u8; BYTES]) -> Self {
        let derived = |purpose: &str| keyed(bytes, &[purpose.as_bytes()]);
        Self(Arc::new(Derived {
            texts: Zeroizing::new(derived("fundwatch store texts")),
            nonces: Zeroizing::new(derived("fundwatch store nonces")),
            check: derived("fundwatch store check"),
        }))
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
    ) -> Result<bool, StoreError> {
        Ok(file(data).rewrap(from, to)?)
    }

    /// What tells this key from others, and nothing of it.
    pub(super) fn check(&self) -> &[u8] {
        &self.0.check
    }

    /// Whether a store that was sealed by a key with this check, or by none yet, can be used with this one.
    pub(super) fn may_open(&self, check: Option<&[u8]>, place: &str) -> Result<(), StoreError> {
        match check.is_none_or(|check| check == self.check()) {
            true => Ok(()),
            false => Err(StoreError::WrongKey {
                place: place.to_owned(),
            }),
        }
    }

    fn seal(&self, about: About<'_>, text: &str) -> Vec<u8> {
        let about = about.bytes();
        let tagged = keyed(&self.0.nonces, &[&about, text.as_bytes()]);
        let nonce: [u8; NONCE] = std::array::from_fn(|place| tagged[place]);
        let mut sealed = Vec::with_capacity(1 + NONCE + TAG + text.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&[0; TAG]);
        sealed.extend_from_slice(text.as_bytes());
        let (head, text) = sealed.split_at_mut(1 + NONCE + TAG);
        let tag = self
            .cipher()
            .encrypt_inout_detached(&XNonce::from(nonce), &about, text.into())
            .expect("lines are far below the cipher's 256 GiB");
        head[1 + NONCE..].copy_from_slice(&tag);
        sealed
    }

    /// What was sealed about something; nothing where it was sealed by another key or about something else, or changed.
    fn opened(&self, about: About<'_>, sealed: &[u8]) -> Option<String> {
        let sealed = sealed.strip_prefix(&[FORMAT])?;
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
        let (tag, text) = rest.split_first_chunk::<TAG>()?;
        let mut text = text.to_vec();
        let opened = self.cipher().decrypt_inout_detached(
            &XNonce::from(*nonce),
            &about.bytes(),
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        );
        opened.ok()?;
        String::from_utf8(text).ok()
    }

    /// The subject of an alert and its line, sealed.
    pub(super) fn seal_alert(&self, alert_id: &str, subject_id: &str, line: &str) -> Vec<u8> {
        self.seal(About::Alert { alert_id }, &format!("{subject_id}\n{line}"))
    }

    /// What [`Self::seal_alert`] sealed: the subject, and the line, which has no end of a line in it.
    pub(super) fn open_alert(&self, alert_id: &str, sealed: &[u8]) -> Option<(String, String)> {
        let mut subject = self.opened(About::Alert { alert_id }, sealed)?;
        let end = subject.rfind('\n')?;
        let line = subject.split_off(end + 1);
        subject.truncate(end);
        Some((subject, line))
    }

    /// A line of history, sealed.
    pub(super) fn seal_history(&self, epoch: u64, alert_id: &str, line: &str) -> Vec<u8> {
        self.seal(About::History { epoch, alert_id }, line)
    }

    /// What [`Self::seal_history`] sealed.
    pub(super) fn open_history(&self, epoch: u64, alert_id: &str, sealed: &[u8]) -> Option<String> {
        self.opened(About::History { epoch, alert_id }, sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&*self.0.texts))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(masked)")
    }
}

fn file(data: &Path) -> KeyFile {
    KeyFile::new(data.join(FILE), WRAPPED)
}

impl From<KeyFileError> for StoreError {
    fn from(error: KeyFileError) -> Self {
        Self::Key(error)
    }
}

/// HMAC-SHA-256 of parts, each preceded by its length, so that no two lists of parts are one text.
fn keyed(key: &[u8; BYTES], parts: &[&[u8]]) -> [u8; BYTES] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "03c753df59aa4f7a305210e012b6c282";
    const OTHER: &str = "13c753df59aa4f7a305210e012b6c282";

    #[test]
    fn what_is_sealed_opens_for_the_same_thing_alone() {
        let key = StoreKey::from_bytes(&[7; BYTES]);
        let alert = About::Alert { alert_id: ID };
        let history = |epoch| About::History {
            epoch,
            alert_id: ID,
        };
        for (about, others) in [
            (
                alert,
                [About::Alert { alert_id: OTHER }, history(0), history(1)],
            ),
            (
                history(1),
                [
                    alert,
                    history(2),
                    About::History {
                        epoch: 1,
                        alert_id: OTHER,
                    },
                ],
            ),
        ] {
            for text in ["", "{\"subject\":\"thẻ\"}", &"-".repeat(5_000)] {
                let mut sealed = key.seal(about, text);
                assert_eq!(key.opened(about, &sealed).as_deref(), Some(text));
                assert_eq!(key.seal(about, text), sealed, "nothing changed");
                for other in others {
                    assert_eq!(key.opened(other, &sealed), None);
                }
                let stranger = StoreKey::from_bytes(&[8; BYTES]);
                assert_eq!(stranger.opened(about, &sealed), None);
                for place in 0..sealed.len().min(100) {
                    sealed[place] ^= 1;
                    assert_eq!(key.opened(about, &sealed), None, "{place}");
                    sealed[place] ^= 1;
                    assert_eq!(key.opened(about, &sealed[..place]), None, "{place}");
                }
            }
        }
    }

    #[test]
    fn no_two_texts_or_things_have_a_nonce_in_common() {
        let key = StoreKey::from_bytes(&[7; BYTES]);
        let mut nonces = std::collections::BTreeSet::new();
        for text in ["a", "b", "ab", ""] {
            for alert_id in [ID, OTHER] {
                let abouts = [
                    About::Alert { alert_id },
                    About::History { epoch: 1, alert_id },
                    About::History { epoch: 2, alert_id },
                ];
                for about in abouts {
                    nonces.insert(key.seal(about, text)[1..=NONCE].to_vec());
                }
            }
        }
        assert_eq!(nonces.len(), 4 * 2 * 3);
    }

    #[test]
    fn a_key_is_made_once_and_known_from_others() {
        let [own, other] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
        let open = |data: &tempfile::TempDir| StoreKey::open_or_create(data.path(), None);
        let made = open(&own).expect("made");
        let about = About::Alert { alert_id: ID };
        let again = open(&own).expect("read");
        assert_eq!(
            again.opened(about, &made.seal(about, "x")).as_deref(),
            Some("x")
        );
        assert!(again.may_open(None, "it").is_ok());
        assert!(again.may_open(Some(made.check()), "it").is_ok());
        let other = open(&other).expect("made");
        let wrong = other.may_open(Some(made.check()), "it");
        assert!(matches!(wrong, Err(StoreError::WrongKey { .. })));
    }
}
