//! A notice as it is sent: its key, and a body that is the same every time.
//!
//! The shape is that of the payloads of Standard Webhooks 1.0.0: `type`, `timestamp`, `data`. Must hold:
//! a key tells nothing of the record, since keys stand in headers and names of files; the body of a key
//! never changes, so that a receiver may drop what it has seen.

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use super::proposal::{Content, Target};
use crate::alert::AlertId;
use crate::record::Instant;

/// What tells the keys of one outbox from those of others.
#[derive(Clone)]
pub struct Salt(pub [u8; 32]);

/// Whether a version says what is proposed, or that nothing is any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A proposal.
    Proposed,
    /// What was proposed is not any more: it was corrected, or was no finding.
    Cancelled,
}

impl Kind {
    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The kind with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut kinds = [Self::Proposed, Self::Cancelled].into_iter();
        kinds.find(|kind| kind.as_str() == name)
    }
}

/// The idempotency key of a version: 128 bits of an HMAC, since a plain digest of a number could be
/// turned back by trying all numbers.
pub fn key(salt: &Salt, target: &Target, version: u32) -> String {
    // A key of any length will do (RFC 2104).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&salt.0) else {
        unreachable!("HMAC takes a key of any length")
    };
    let version = version.to_string();
    for part in [
        target.database.as_str(),
        target.stream.name(),
        target.key.as_str(),
        target.field.as_str(),
        &version,
    ] {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part.as_bytes());
    }
    let digest = mac.finalize().into_bytes();
    let digits = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    std::iter::once("ntc_".to_owned()).chain(digits).collect()
}

/// What a version says.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    /// The idempotency key.
    pub key: &'a str,
    /// Of which value.
    pub target: &'a Target,
    /// 1 for the first version about the value, then without gaps.
    pub version: u32,
    /// The last knowledge time of what it is drawn from.
    pub at: Instant,
    /// What is proposed; none of a cancellation.
    pub proposed: Option<Proposed<'a>>,
}

/// What is proposed, and which alerts it comes from.
#[derive(Clone, Copy, Serialize)]
pub struct Proposed<'a> {
    /// What.
    #[serde(flatten)]
    pub content: &'a Content,
    /// Alerts, by id.
    pub alert_ids: &'a [AlertId],
    /// How many there are, where not all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert_count: Option<usize>,
    /// Through how many employments people are insured, of an employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employments: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    target: &'a Target,
    version: u32,
    #[serde(flatten)]
    proposed: Option<Proposed<'a>>,
}

impl Version<'_> {
    /// The body.
    ///
    /// # Errors
    /// When it cannot be serialized.
    pub fn body(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Body {
            kind: match self.proposed {
                Some(_) => "notice.proposed",
                None => "notice.cancelled",
            },
            id: self.key,
            timestamp: self.at.to_string(),
            data: Data {
                target: self.target,
                version: self.version,
                proposed: self.proposed,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticate::{Basis, Confidence, Database, Field};
    use crate::notice::Told;
    use crate::record::{Stream, Value};
    use crate::rule::Reason;

    fn target(key: &str) -> Target {
        Target {
            database: Database::Population,
            stream: Stream::Citizens,
            key: Told::of(&key),
            field: Field::DeathDate,
        }
    }

    #[test]
    fn a_key_depends_on_every_part_and_tells_none() {
        let salt = Salt([7; 32]);
        let one = key(&salt, &target("079044000027"), 1);
        assert_eq!(one.len(), 36);
        assert!(one.starts_with("ntc_") && !one.contains("079044"));
        assert_eq!(one, key(&salt, &target("079044000027"), 1));
        let other_field = Target {
            field: Field::Sex,
            ..target("079044000027")
        };
        for other in [
            key(&salt, &target("079044000028"), 1),
            key(&salt, &target("079044000027"), 2),
            key(&salt, &other_field, 1),
            key(&Salt([8; 32]), &target("079044000027"), 1),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_body_has_the_shape_of_standard_webhooks() {
        let content = Content {
            current: Some(Told::of(&"2025-01-01")),
            proposed: Some(Told::of(&"2025")),
            since: None,
            confidence: Confidence::Medium,
            basis: Basis::DefaultDay,
            reasons: vec![Reason::ServiceAfterDeath],
        };
        let ids = ["d1d6223e32520ef5379fe00b71fb22a0".parse().expect("an id")];
        let target = target("079044000027");
        let mut version = Version {
            key: "ntc_1",
            target: &target,
            version: 2,
            at: Instant::from_text("2025-03-26T08:00:00+07:00").expect("a time"),
            proposed: Some(Proposed {
                content: &content,
                alert_ids: &ids,
                alert_count: None,
                employments: None,
            }),
        };
        assert_eq!(
            version.body().expect("a body"),
            concat!(
                r#"{"type":"notice.proposed","id":"ntc_1","timestamp":"2025-03-26T08:00:00+07:00","data":{"#,
                r#""database":"population","stream":"citizens","key":"079044000027","field":"death_date","#,
                r#""version":2,"current":"2025-01-01","proposed":"2025","confidence":"medium","#,
                r#""basis":"default_day","reasons":["service_after_death"],"#,
                r#""alert_ids":["d1d6223e32520ef5379fe00b71fb22a0"]}}"#
            )
        );
        version.proposed = None;
        assert_eq!(
            version.body().expect("a body"),
            concat!(
                r#"{"type":"notice.cancelled","id":"ntc_1","timestamp":"2025-03-26T08:00:00+07:00","data":{"#,
                r#""database":"population","stream":"citizens","key":"079044000027","field":"death_date","#,
                r#""version":2}}"#
            )
        );
    }
}
