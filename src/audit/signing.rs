//! Keys that sign statements, and those that check them.
//!
//! In: Ed25519 keys as PEM, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them. Out:
//! signatures, and whether one is right. Must hold: a private key is wiped from memory and never shown.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::hex::hex;

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";
/// A public key of Ed25519 as SubjectPublicKeyInfo (RFC 8410) but for its 32 bytes.
const PUBLIC_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// No key is longer.
const LONGEST: u64 = 4096;

/// A key that signs.
pub struct SigningKey(Ed25519KeyPair);

/// A key that checks.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// A file that has no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// It is no private key.
    #[error("{}: not a private key of Ed25519 in PEM; make one with `openssl genpkey -algorithm ed25519 -out FILE`", .0.display())]
    NoPrivateKey(PathBuf),
    /// It is no public key.
    #[error("{}: not a public key of Ed25519 in PEM; take it from the private one with `openssl pkey -pubout -in KEY -out FILE`", .0.display())]
    NoPublicKey(PathBuf),
}

impl SigningKey {
    /// The key in a file.
    ///
    /// # Errors
    /// When it cannot be read, or has none.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let der = Zeroizing::new(read(path, PRIVATE)?.unwrap_or_default());
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
        pair.map(Self)
            .map_err(|_| KeyFileError::NoPrivateKey(path.to_owned()))
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> PublicKey {
        let public = self.0.public_key().as_ref();
        PublicKey(public.try_into().expect("a key of Ed25519 has 32 bytes"))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

impl PublicKey {
    /// The key in a file.
    ///
    /// # Errors
    /// When it cannot be read, or has none.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let der = read(path, PUBLIC)?.unwrap_or_default();
        let key = der.strip_prefix(&PUBLIC_PREFIX[..]);
        let key = key.and_then(|key| key.try_into().ok());
        key.map(Self)
            .ok_or_else(|| KeyFileError::NoPublicKey(path.to_owned()))
    }

    /// What the key is called: SHA-256 of its SubjectPublicKeyInfo, in hexadecimal digits.
    pub fn id(&self) -> String {
        hex(&Sha256::digest([&PUBLIC_PREFIX[..], &self.0].concat()))
    }

    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(message, signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(masked)")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

/// What a PEM file has under a label; nothing where it has no such part.
fn read(path: &Path, label: &str) -> Result<Option<Vec<u8>>, KeyFileError> {
    let io = |error| KeyFileError::Io {
        path: path.to_owned(),
        error,
    };
    if fs::metadata(path).map_err(io)?.len() > LONGEST {
        return Ok(None);
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(io)?);
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Ok(None);
    };
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let body = text
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end));
    let Some((body, _)) = body else {
        return Ok(None);
    };
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    Ok(STANDARD.decode(&*body).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        file
    }

    /// RFC 8410, section 10.3 and 10.1.
    #[test]
    fn keys_are_those_of_the_rfc() {
        let private = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
            -----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
            -----END PUBLIC KEY-----\n";
        let (private, public) = (file(private), file(public));
        let key = SigningKey::read(private.path()).expect("a key");
        let known = PublicKey::read(public.path()).expect("a key");
        assert_eq!(key.public(), known);
        let signature = key.sign(b"text");
        assert!(known.has_signed(b"text", &signature));
        assert!(!known.has_signed(b"tezt", &signature));
        assert_eq!(format!("{key:?}"), "SigningKey(masked)");
        // One is not taken for the other.
        let error = SigningKey::read(public.path()).expect_err("no private key");
        assert!(error.to_string().contains("not a private key"), "{error}");
        let error = PublicKey::read(private.path()).expect_err("no public key");
        assert!(error.to_string().contains("not a public key"), "{error}");
        let empty = file("");
        assert!(SigningKey::read(empty.path()).is_err());
        assert!(PublicKey::read(empty.path()).is_err());
    }
}
