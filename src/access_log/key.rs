//! The key that signs checkpoints.
//!
//! In: the folder of keys. Out: signatures. Must hold: the key is made once, its file can be read by its owner alone,
//! and every public key that ever signed stays written beside it.

use std::fmt;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::error::{LogError, failed};
use super::note::{Checkpoint, VerifyingKey};
use crate::journal::Storage;

/// The private key, in PKCS #8 as PEM, which OpenSSL reads.
pub(super) const KEY: &str = "access-log.key";
/// The public keys, a line each, as tools of signed notes read them.
pub(super) const PUBLIC: &str = "access-log.pub";

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const END: &str = "\n-----END PRIVATE KEY-----\n";
/// An Ed25519 key in PKCS #8 (RFC 8410) but for its 32 bytes.
const PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const LONGEST: usize = 4096;
const LONGEST_PUBLIC: usize = 1 << 20;

/// The key.
pub(super) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads the key, or makes it.
    pub(super) fn open(keys: &dyn Storage) -> Result<Self, LogError> {
        match Self::read(keys, KEY)? {
            Some(key) => Ok(key),
            None => Self::make(keys, KEY),
        }
    }

    /// Reads the key in a file, if there is one.
    pub(super) fn read(keys: &dyn Storage, name: &str) -> Result<Option<Self>, LogError> {
        let place = || keys.place(name);
        let bytes = read_whole(keys, name, LONGEST).map_err(failed("be read", place()))?;
        let Some(bytes) = bytes.map(Zeroizing::new) else {
            return Ok(None);
        };
        let seed = decode(&bytes).ok_or_else(|| LogError::Key { place: place() })?;
        Self::of(&seed, place()).map(Some)
    }

    /// Makes a key, durably.
    pub(super) fn make(keys: &dyn Storage, name: &str) -> Result<Self, LogError> {
        let place = || keys.place(name);
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed)
            .map_err(|error| failed("be made", place())(io::Error::other(error)))?;
        let written = keys.replace(name, encode(&seed).as_bytes());
        written.map_err(failed("be written", place()))?;
        Self::of(&seed, place())
    }

    fn of(seed: &[u8; 32], place: String) -> Result<Self, LogError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self).map_err(|_| LogError::Key { place })
    }

    /// The public half.
    pub(super) fn public(&self) -> [u8; 32] {
        let public = self.0.public_key().as_ref();
        public.try_into().expect("a key of Ed25519 has 32 bytes")
    }

    /// The signature over a text, 64 bytes.
    pub(super) fn sign_text(&self, text: &[u8]) -> Vec<u8> {
        self.0.sign(text).as_ref().to_vec()
    }

    /// The public key under the name of a log, which is written beside the private one if it is not yet.
    pub(super) fn announce(
        &self,
        keys: &dyn Storage,
        origin: &str,
    ) -> Result<VerifyingKey, LogError> {
        let key = VerifyingKey::new(origin, self.public());
        let place = || keys.place(PUBLIC);
        let known = verifying_keys(keys).map_err(failed("be read", place()))?;
        if !known.contains(&key) {
            let lines = known.iter().chain([&key]).map(|key| format!("{key}\n"));
            let written = keys.replace(PUBLIC, lines.collect::<String>().as_bytes());
            written.map_err(failed("be written", place()))?;
        }
        Ok(key)
    }

    pub(super) fn sign(&self, checkpoint: &Checkpoint, key: &VerifyingKey) -> String {
        checkpoint.sign(key, |text| self.sign_text(text))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(masked)")
    }
}

/// The public keys in a folder of keys; lines that are none are passed over.
///
/// # Errors
/// When they cannot be read.
pub fn verifying_keys(keys: &dyn Storage) -> io::Result<Vec<VerifyingKey>> {
    let text = read_whole(keys, PUBLIC, LONGEST_PUBLIC)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().filter_map(VerifyingKey::parse).collect())
}

/// The whole of a small file, if there is one.
pub(super) fn read_whole(
    storage: &dyn Storage,
    name: &str,
    most: usize,
) -> io::Result<Option<Vec<u8>>> {
    // That there is none is asked of the folder: an error of the file is no sign of it.
    if !storage.list()?.iter().any(|known| known == name) {
        return Ok(None);
    }
    let length = storage.length(name)?;
    let length = usize::try_from(length).unwrap_or(most).min(most);
    let mut bytes = vec![0; length];
    let read = storage.read_at(name, 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}

fn encode(seed: &[u8; 32]) -> Zeroizing<String> {
    let bytes = Zeroizing::new([&PREFIX[..], seed].concat());
    let body = Zeroizing::new(STANDARD.encode(&*bytes));
    Zeroizing::new([BEGIN, &body, END].concat())
}

fn decode(pem: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body = text.trim().strip_prefix(BEGIN.trim())?;
    let body = body.strip_suffix(END.trim())?.trim();
    let bytes = Zeroizing::new(STANDARD.decode(body).ok()?);
    let seed = bytes.strip_prefix(&PREFIX[..])?;
    Some(Zeroizing::new(seed.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::simulation::SimulatedDisk;

    #[test]
    fn a_key_is_made_once_and_every_public_key_is_kept() {
        let disk = SimulatedDisk::new();
        let first = SigningKey::open(&disk).expect("made");
        let public = first.announce(&disk, "log/a").expect("told");
        let again = SigningKey::open(&disk).expect("read");
        assert_eq!(again.announce(&disk, "log/a").expect("told"), public);
        let other = again.announce(&disk, "log/b").expect("told");
        let known = verifying_keys(&disk).expect("read");
        assert_eq!(known, [public.clone(), other.clone()]);
        // Another key, when the first is lost.
        disk.remove(KEY).expect("removed");
        let third = SigningKey::open(&disk).expect("made");
        let third = third.announce(&disk, "log/b").expect("told");
        assert_eq!(verifying_keys(&disk).expect("read"), [public, other, third]);
        disk.put(
            KEY,
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        );
        let error = SigningKey::open(&disk).expect_err("no key").to_string();
        assert!(error.contains("access-log.key is not the key"), "{error}");
    }

    /// The first vector of RFC 8032, section 7.1.
    #[test]
    fn signatures_are_those_of_the_rfc() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let seed = crate::hex::unhex::<32>(seed).expect("32 bytes");
        let disk = SimulatedDisk::new();
        disk.put(KEY, encode(&seed).as_bytes());
        let key = SigningKey::open(&disk).expect("a key");
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(crate::hex::hex(key.0.public_key().as_ref()), public);
        let signature = crate::hex::hex(key.0.sign(b"").as_ref());
        assert!(signature.starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974"));
    }
}
