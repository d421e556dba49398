//! A signed statement: a DSSE envelope.
//!
//! In: the bytes of a statement and a key. Out: the envelope as JSON; and back, the bytes with who signed them. Must
//! hold: what is signed are the bytes, so that nothing has to be read before it is checked.
//!
//! <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::signing::{PublicKey, SigningKey};

/// What the payload is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A statement with its signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The statement, in base64.
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Signature>,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    keyid: String,
    sig: String,
}

/// An envelope that does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// It is no envelope.
    #[error("line {line}: not a DSSE envelope: {message}")]
    Unreadable {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It is of something else.
    #[error("its payload is `{0}` and not `{PAYLOAD_TYPE}`")]
    OtherPayload(String),
    /// A part is not as it was written.
    #[error("`{0}` is not as it was written")]
    Altered(&'static str),
    /// It is signed, but not by any of the keys.
    #[error(
        "it is not signed by the keys that are given, but by {signed_by}; is it the right --public-key?"
    )]
    OtherKeys {
        /// Ids of the keys that signed.
        signed_by: String,
    },
    /// A signature is not that of the key.
    #[error("the signature of key {key} is not over this payload: one of them was changed")]
    WrongSignature {
        /// The id of the key.
        key: String,
    },
}

impl Envelope {
    /// Signs a statement's bytes.
    pub fn sign(statement: &[u8], key: &SigningKey) -> Self {
        let signature = key.sign(&encoding(PAYLOAD_TYPE, statement));
        Self {
            payload: STANDARD.encode(statement),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature {
                keyid: key.public().id(),
                sig: STANDARD.encode(signature),
            }],
        }
    }

    /// Its bytes: the only ones that [`Self::from_bytes`] takes for it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("an envelope is plain data");
        bytes.push(b'\n');
        bytes
    }

    /// The envelope that bytes are.
    ///
    /// # Errors
    /// When they are none, or not as they were written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(|error| {
            let text = error.to_string();
            EnvelopeError::Unreadable {
                line: error.line(),
                message: text
                    .split(" at line ")
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            }
        })?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::OtherPayload(envelope.payload_type));
        }
        if envelope.to_bytes() != bytes {
            return Err(EnvelopeError::Altered("the envelope"));
        }
        Ok(envelope)
    }

    /// The bytes of the statement.
    ///
    /// # Errors
    /// When they are no base64.
    pub fn statement(&self) -> Result<Vec<u8>, EnvelopeError> {
        STANDARD
            .decode(&self.payload)
            .map_err(|_| EnvelopeError::Altered("payload"))
    }

    /// Ids of the keys that are said to have signed it.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| &*signature.keyid)
    }

    /// Which of the keys have signed it.
    ///
    /// # Errors
    /// When none has, or a signature that is said to be one's is not.
    pub fn signed_by<'k>(
        &self,
        keys: &'k [PublicKey],
    ) -> Result<Vec<&'k PublicKey>, EnvelopeError> {
        let message = encoding(PAYLOAD_TYPE, &self.statement()?);
        let mut signed = Vec::new();
        for signature in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.id() == signature.keyid) else {
                continue;
            };
            let bytes = STANDARD.decode(&signature.sig);
            let bytes = bytes.map_err(|_| EnvelopeError::Altered("signatures"))?;
            if !key.has_signed(&message, &bytes) {
                return Err(EnvelopeError::WrongSignature { key: key.id() });
            }
            signed.push(key);
        }
        if signed.is_empty() {
            let signed_by: Vec<&str> = self.key_ids().collect();
            return Err(EnvelopeError::OtherKeys {
                signed_by: signed_by.join(", "),
            });
        }
        Ok(signed)
    }
}

/// What is signed: DSSE's pre-authentication encoding.
fn encoding(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len()).into_bytes();
    encoded.extend_from_slice(body);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification (`protocol.md`).
    #[test]
    fn what_is_signed_is_as_the_specification_has_it() {
        let encoded = encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            encoded,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }
}
