//! Checkpoints: how many lines there are and the root over them, as signed notes.
//!
//! In: origin, size, root and a key. Out: the text that <https://c2sp.org/tlog-checkpoint> and
//! <https://c2sp.org/signed-note> define, with one Ed25519 signature. Must hold: a note that is read is, byte for
//! byte, one that was written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

use super::merkle::{Hash, sha256};
use crate::hex::{hex, unhex};

/// What a public key's type byte says: Ed25519.
const KIND: u8 = 1;
/// What stands before a line of a signature.
pub(super) const SIGNED: &str = "\u{2014} ";
/// No note is longer: an origin has at most 128 bytes.
pub(super) const LONGEST_NOTE: u64 = 1024;

/// A public key and the name that it signs under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    public: [u8; 32],
}

impl VerifyingKey {
    pub(super) fn new(name: &str, public: [u8; 32]) -> Self {
        Self {
            name: name.to_owned(),
            public,
        }
    }

    /// The key of a line such as `NAME+0a1b2c3d+AbC…=`, the form that tools of signed notes read; nothing where
    /// it is no such line.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, public) = parse_key(line, KIND)?;
        Some(Self::new(name, public))
    }

    /// The name that it signs under: the origin of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Four bytes that tell keys apart.
    pub(super) fn id(&self) -> [u8; 4] {
        key_id(&self.name, KIND, &self.public)
    }

    /// Whether a signature, as a note has it behind the name, is this key's over a text.
    pub(super) fn signed(&self, text: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        let signature = signature.strip_prefix(&self.id());
        signature.is_some_and(|signature| key.verify(text.as_bytes(), signature).is_ok())
    }
}

impl std::fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&key_line(&self.name, KIND, &self.public))
    }
}

/// Four bytes that tell apart the keys of a kind and a name.
pub(super) fn key_id(name: &str, kind: u8, public: &[u8; 32]) -> [u8; 4] {
    let named = [name.as_bytes(), &[b'\n', kind], public].concat();
    let [a, b, c, d, ..] = sha256(&named);
    [a, b, c, d]
}

/// A public key as tools of signed notes read it.
pub(super) fn key_line(name: &str, kind: u8, public: &[u8; 32]) -> String {
    let id = hex(&key_id(name, kind, public));
    let key = STANDARD.encode([&[kind], &public[..]].concat());
    format!("{name}+{id}+{key}")
}

/// The name and the key of such a line, where it is of this kind.
pub(super) fn parse_key(line: &str, kind: u8) -> Option<(&str, [u8; 32])> {
    let mut parts = line.splitn(3, '+');
    let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = STANDARD.decode(key).ok()?;
    let (of, public) = bytes.split_first()?;
    let public = public.try_into().ok()?;
    let is_it = *of == kind && unhex(id) == Some(key_id(name, kind, &public));
    (is_it && is_name(name)).then_some((name, public))
}

/// Whether a text can be the name of a log or of a witness.
pub(super) fn is_name(name: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.len() <= 128 && name.chars().all(is_plain)
}

/// What is signed: the first `size` lines have this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many lines.
    pub size: u64,
    /// The root of the hash tree over them.
    pub root: [u8; 32],
}

impl Checkpoint {
    /// What is signed.
    pub(super) fn text(&self) -> String {
        let root = STANDARD.encode(self.root);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// The note, with an empty line behind it, which separates it from the next.
    pub(super) fn sign(&self, key: &VerifyingKey, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let text = self.text();
        let signature = [&key.id()[..], &sign(text.as_bytes())].concat();
        let signature = STANDARD.encode(signature);
        format!("{text}\n{SIGNED}{} {signature}\n\n", key.name)
    }
}

/// A note that was read.
pub(super) struct Note {
    pub(super) checkpoint: Checkpoint,
    text: String,
    name: String,
    signature: Vec<u8>,
}

impl Note {
    /// Lines that a note has, with the empty one behind it.
    pub(super) const LINES: usize = 6;

    /// The note of these lines; nothing where they are none.
    pub(super) fn parse(lines: &[&str; Self::LINES]) -> Option<Self> {
        let [origin, size, root, between, signed, behind] = lines;
        if !between.is_empty() || !behind.is_empty() || !is_name(origin) {
            return None;
        }
        let root: Hash = STANDARD.decode(root).ok()?.try_into().ok()?;
        let checkpoint = Checkpoint {
            origin: (*origin).to_owned(),
            size: size.parse().ok()?,
            root,
        };
        let (name, signature) = signed.strip_prefix(SIGNED)?.split_once(' ')?;
        let text = checkpoint.text();
        // A size may be written with a plus sign or with zeros before it: not by this program.
        (text == format!("{origin}\n{size}\n{}\n", lines[2])).then_some(())?;
        Some(Self {
            checkpoint,
            text,
            name: name.to_owned(),
            signature: STANDARD.decode(signature).ok()?,
        })
    }

    /// The note as it stands in the file, without the empty line behind it.
    pub(super) fn to_text(&self) -> String {
        let signature = STANDARD.encode(&self.signature);
        format!("{}\n{SIGNED}{} {signature}\n", self.text, self.name)
    }

    /// Whether one of these keys, under the name of the log, has signed it.
    pub(super) fn is_signed(&self, keys: &[VerifyingKey]) -> bool {
        let of_log = keys
            .iter()
            .filter(|key| key.name == self.name && key.name == self.checkpoint.origin);
        of_log
            .into_iter()
            .any(|key| key.signed(&self.text, &self.signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's package `note`.
    #[test]
    fn a_note_of_others_is_verified() {
        let line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = VerifyingKey::parse(line).expect("a key");
        assert_eq!(key.to_string(), line);
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let signature = STANDARD.decode(signature).expect("base64");
        assert!(key.signed(text, &signature));
        assert!(!key.signed(&text.replace("your", "my"), &signature));
        assert_eq!(VerifyingKey::parse(&line.replace("c74f", "c74e")), None);
        assert_eq!(VerifyingKey::parse("PeterNeumann+c74f20a3"), None);
    }
}
