//! Who an alert is about, and the id that it keeps for ever.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::record::Stream;
use crate::rule::Reason;

/// The kinds of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A claim: `facility/visit_id`.
    Claim,
    /// A card: its number.
    Card,
    /// A check-in without a claim: `facility/visit_id`.
    CheckIn,
    /// A benefit: `personal_id/scheme`.
    Beneficiary,
    /// A participant: its social-insurance number.
    Participant,
}

impl SubjectKind {
    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Card => "card",
            Self::CheckIn => "check_in",
            Self::Beneficiary => "beneficiary",
            Self::Participant => "participant",
        }
    }
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its key, as outputs write it; shared with causes and evidence.
    pub id: Arc<str>,
}

impl Subject {
    /// The subject with this key of a stream, as outputs write it.
    ///
    /// # Panics
    /// On a stream whose rows no reason is about.
    pub fn of(stream: Stream, id: Arc<str>) -> Self {
        let kind = match stream {
            Stream::Claims => SubjectKind::Claim,
            Stream::Cards => SubjectKind::Card,
            Stream::CheckIns => SubjectKind::CheckIn,
            Stream::Beneficiaries => SubjectKind::Beneficiary,
            Stream::Participants => SubjectKind::Participant,
            _ => panic!("no reason is about a row of {stream}"),
        };
        Self { kind, id }
    }
}

/// The id of an alert: 128 bits of the SHA-256 of reason and subject, so that a withdrawn and
/// re-raised alert, and a replayed one, have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId([u8; 16]);

impl AlertId {
    /// The id of the alert of a reason about a subject.
    pub fn of(reason: Reason, subject: &Subject) -> Self {
        let mut hasher = Sha256::new();
        for part in [reason.as_str(), subject.kind.as_str(), &*subject.id] {
            hasher.update(part);
            hasher.update([0]);
        }
        let digest = hasher.finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self(id)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for AlertId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for AlertId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected an alert id: 32 hexadecimal digits in lower case";
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(is_hex) {
            return Err(expected);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| expected)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl<'de> Deserialize<'de> for AlertId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_changes() {
        let subject = Subject {
            kind: SubjectKind::Claim,
            id: "01001/V1".into(),
        };
        // printf 'unknown_card\0claim\0%s\0' 01001/V1 | sha256sum | cut -c1-32
        let id = AlertId::of(Reason::UnknownCard, &subject);
        assert_eq!(id.to_string(), "d1d6223e32520ef5379fe00b71fb22a0");
        assert_ne!(id, AlertId::of(Reason::CardNotValid, &subject));
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [
            "",
            "d1d6223e32520ef5379fe00b71fb22A0",
            "+1d6223e32520ef5379fe00b71fb22a0",
        ] {
            assert!(text.parse::<AlertId>().is_err());
        }
    }
}
