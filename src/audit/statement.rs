//! An in-toto Statement (version 1): what is stated, and of which files.
//!
//! In: a predicate and the files that it is about. Out: its bytes; and back, a statement from bytes that are exactly
//! what would be written of it. Must hold: a byte that is changed anywhere is found, and the part of the statement that it is in is named - the bytes
//! are the only ones that say it, and the parts are sealed by digests of their own. The seal finds accidents and not
//! those who compute it anew: a signature does (see [`super::envelope`]).
//!
//! <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::hex::hex;

/// What every statement says of its kind.
const TYPE: &str = "https://in-toto.io/Statement/v1";
/// The member of the predicate that seals the others.
const SEAL: &str = "seal";

/// A statement about files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    kind: String,
    /// The files that it is about.
    pub subject: Vec<FileDigest>,
    /// What the predicate means.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is stated.
    pub predicate: P,
}

/// A predicate that seals its parts.
pub trait Predicate: Serialize + DeserializeOwned {
    /// What it means: a URI.
    const TYPE: &'static str;

    /// SHA-256 by part: of each member of the predicate beside the seal, and of the subject.
    fn seal(&mut self) -> &mut BTreeMap<String, String>;
}

/// A file and its digest: a resource descriptor of in-toto.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its name in its directory, parts separated by `/`.
    pub name: String,
    /// Its digests, by algorithm.
    pub digest: Sha256Digest,
    /// What else is said of it.
    pub annotations: FileAnnotations,
}

/// SHA-256, as in-toto has digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sha256Digest {
    /// In hexadecimal digits.
    pub sha256: String,
}

/// What else is said of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileAnnotations {
    /// Its size.
    pub bytes: u64,
    /// Its rows, where it is an input whose rows are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The last epoch that was read, of the last segment of a journal: what is behind those bytes came later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_epoch: Option<u64>,
    /// Of a byproduct of a journal's replay: what the service's last self-replay found; none where none was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_replay: Option<SelfReplayed>,
}

/// What the last self-replay of a service found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfReplayed {
    /// When it ended.
    pub ended_at: String,
    /// The day whose decisions it compared.
    pub day: String,
    /// The last epoch that it computed.
    pub until_epoch: u64,
    /// Whose alerts it compared: `all`, or one of so many parts of the persons.
    pub persons: String,
    /// Decisions that differ, in it and in earlier ones of persons whom none has found without since.
    pub mismatched_decisions: u64,
}

/// Bytes that are no statement.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// They are not a statement of the kind at all.
    #[error("line {line}, column {column}: {message}")]
    Unreadable {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// They are a statement of something else, or of another version.
    #[error("it states `{found}`, which this version does not know; it knows `{known}`")]
    OtherKind {
        /// What it says that it is.
        found: String,
        /// What was expected.
        known: &'static str,
    },
    /// A part is not what it was sealed as.
    #[error("`{part}` is not as it was written: its digest in `predicate.seal` is another")]
    Altered {
        /// The part.
        part: String,
    },
    /// The parts are whole, but the bytes are not those that are written of them.
    #[error("line {line} is not as it was written")]
    OtherBytes {
        /// The line, from 1.
        line: usize,
    },
}

impl FileDigest {
    /// A file with its size and its SHA-256 in hexadecimal digits.
    pub fn new(name: impl Into<String>, (bytes, sha256): (u64, String)) -> Self {
        Self {
            name: name.into(),
            digest: Sha256Digest { sha256 },
            annotations: FileAnnotations {
                bytes,
                ..FileAnnotations::default()
            },
        }
    }

    /// SHA-256 in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.digest.sha256
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.annotations.bytes
    }
}

impl<P: Predicate> Statement<P> {
    /// A statement, sealed.
    pub fn new(subject: Vec<FileDigest>, predicate: P) -> Self {
        let mut statement = Self {
            kind: TYPE.to_owned(),
            subject,
            predicate_type: P::TYPE.to_owned(),
            predicate,
        };
        *statement.predicate.seal() = statement.digests();
        statement
    }

    /// Its bytes: the only ones that [`Self::from_bytes`] takes for it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a statement is plain data");
        bytes.push(b'\n');
        bytes
    }

    /// The statement that bytes are.
    ///
    /// # Errors
    /// When they are none, or not as they were written: then the part or the line is named.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StatementError> {
        // The kind first: of another one the members differ as well.
        let stated: Stated = serde_json::from_slice(bytes).map_err(unreadable)?;
        for (found, known) in [(stated.kind, TYPE), (stated.predicate_type, P::TYPE)] {
            if found != known {
                return Err(StatementError::OtherKind { found, known });
            }
        }
        let mut statement: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        let mut digests = statement.digests();
        let mut sealed = statement.predicate.seal().clone();
        if digests != sealed {
            digests.retain(|part, digest| sealed.remove(part).as_ref() != Some(digest));
            let part = digests.into_keys().chain(sealed.into_keys()).next();
            let part = part.unwrap_or_else(|| SEAL.to_owned());
            return Err(StatementError::Altered { part });
        }
        let written = statement.to_bytes();
        if written != bytes {
            let same = written.iter().zip(bytes).take_while(|(a, b)| a == b);
            let before = &bytes[..same.count()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            return Err(StatementError::OtherBytes { line });
        }
        Ok(statement)
    }

    /// SHA-256 by part.
    fn digests(&self) -> BTreeMap<String, String> {
        let value = serde_json::to_value(&self.predicate).expect("a predicate is plain data");
        let subject = serde_json::to_value(&self.subject).expect("files are plain data");
        let Value::Object(mut parts) = value else {
            unreachable!("a predicate is an object");
        };
        parts.remove(SEAL);
        parts.insert("subject".to_owned(), subject);
        let digest = |part: &Value| hex(&Sha256::digest(part.to_string()));
        parts
            .iter()
            .map(|(name, part)| (name.clone(), digest(part)))
            .collect()
    }
}

/// What a document says that it states.
#[derive(Deserialize)]
#[serde(expecting = "a statement of in-toto")]
struct Stated {
    #[serde(rename = "_type", default)]
    kind: String,
    #[serde(rename = "predicateType", default)]
    predicate_type: String,
}

/// What a document states, if it is a statement at all.
pub fn stated_kind(bytes: &[u8]) -> Option<String> {
    let stated: Stated = serde_json::from_slice(bytes).ok()?;
    (stated.kind == TYPE).then_some(stated.predicate_type)
}

fn unreadable(error: serde_json::Error) -> StatementError {
    let text = error.to_string();
    // The place is told apart.
    let message = text
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned();
    StatementError::Unreadable {
        line: error.line(),
        column: error.column(),
        message,
    }
}
