//! What a portal vouches for: that somebody has proved to it who they are, by a JWT that it has signed (RFC 7519, compact).
//!
//! In: the text of an assertion, a portal, what time it is. Out: whom it is about, or why it is not believed. Must hold: nothing
//! of it is believed before its signature is; the key says which algorithm, never the assertion; a key, an address or a
//! certificate in the assertion itself is not looked at; why it is refused says nothing of the person.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::portal::Portal;
use super::portal_key::Algorithm;
use crate::record::{PersonalId, Value};

/// Bytes of an assertion: ten times those of one that is needed.
pub const LONGEST_ASSERTION: usize = 4096;
/// By how much the clocks of a portal and of the service may differ.
const SKEW: i64 = 30;
/// Characters of the id of an assertion: enough that none comes twice by chance.
const ID: std::ops::RangeInclusive<usize> = 8..=128;

/// Why an assertion is not believed. None of them says anything of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is no JWT.
    #[error(
        "the assertion is not a signed JWT in compact form, or has an unknown part that must be understood"
    )]
    Malformed,
    /// It is not signed, or with another algorithm.
    #[error("the assertion is not signed with the algorithm of the portal's key (ES256 or RS256)")]
    Algorithm,
    /// Its signature is not the portal's.
    #[error("the signature of the assertion is not of a key of this portal")]
    Signature,
    /// It lacks a claim, or has one of another form.
    #[error(
        "the assertion lacks one of iss, aud, iat, exp, jti and sub, or has one of another form"
    )]
    Claims,
    /// Somebody else issued it.
    #[error("the assertion is issued by somebody else than this portal")]
    Issuer,
    /// It is for another service.
    #[error("the assertion is for another audience than this service")]
    Audience,
    /// It has expired.
    #[error("the assertion has expired")]
    Expired,
    /// It is of a time to come.
    #[error("the assertion is of a time that has not come yet")]
    TooEarly,
    /// It is good for longer than it may be.
    #[error("the assertion is good for longer than it may be")]
    TooLong,
    /// It is about no personal id.
    #[error("the subject of the assertion is not a personal id of 12 digits")]
    Subject,
}

impl Untrusted {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::Malformed,
        Self::Algorithm,
        Self::Signature,
        Self::Claims,
        Self::Issuer,
        Self::Audience,
        Self::Expired,
        Self::TooEarly,
        Self::TooLong,
        Self::Subject,
    ];

    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "assertion_malformed",
            Self::Algorithm => "assertion_algorithm",
            Self::Signature => "assertion_signature",
            Self::Claims => "assertion_claims",
            Self::Issuer => "assertion_issuer",
            Self::Audience => "assertion_audience",
            Self::Expired => "assertion_expired",
            Self::TooEarly => "assertion_too_early",
            Self::TooLong => "assertion_too_long",
            Self::Subject => "assertion_subject",
        }
    }

    /// What the portal can do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Malformed => {
                "send three parts in base64url without padding, joined by dots, without `crit`"
            }
            Self::Algorithm => {
                "sign with the portal's own key; `none` and shared secrets are never believed"
            }
            Self::Signature => {
                "sign with a key whose public half whoever runs the service has, and name it in `kid`"
            }
            Self::Claims => {
                "give them as RFC 7519 has them: times in whole seconds, jti of 8 to 128 characters"
            }
            Self::Issuer => "give the issuer that was agreed on, with the token of the same portal",
            Self::Audience => "give the audience that was agreed on",
            Self::Expired => "make an assertion for every request, right before it",
            Self::TooEarly => "set the portal's clock by a time server",
            Self::TooLong => "let exp be at most so long after iat as was agreed on",
            Self::Subject => "give the personal id as 12 digits",
        }
    }
}

/// Whom a portal vouches for.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The citizen.
    pub subject: PersonalId,
    /// What tells it from all others of the portal.
    pub id: String,
    /// When it expires, in seconds since 1970.
    pub expires: i64,
}

/// It is about a person: it is not shown.
impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assertion")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    /// Extensions that must be understood: none is.
    crit: Option<serde::de::IgnoredAny>,
    /// Whether the payload is in base64 (RFC 7797): it always is.
    b64: Option<serde::de::IgnoredAny>,
}

/// What must be there, and what may.
#[derive(Deserialize)]
struct Claims<'a> {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    jti: String,
    /// In any form: another than 12 digits is told apart.
    #[serde(borrow)]
    sub: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Assertion {
    /// Reads an assertion of a portal. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn verify(text: &str, portal: &Portal, now: i64) -> Result<Self, Untrusted> {
        if text.len() > LONGEST_ASSERTION {
            return Err(Untrusted::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Untrusted::Malformed)?;
        let (head, claims) = signed.split_once('.').ok_or(Untrusted::Malformed)?;
        let decode = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part);
            bytes.map_err(|_| Untrusted::Malformed)
        };
        let (head, claims, signature) = (decode(head)?, decode(claims)?, decode(signature)?);
        let head: Head = serde_json::from_slice(&head).map_err(|_| Untrusted::Malformed)?;
        let is_jwt = |typ: &str| typ.eq_ignore_ascii_case("jwt");
        if head.crit.is_some() || head.b64.is_some() || !head.typ.as_deref().is_none_or(is_jwt) {
            return Err(Untrusted::Malformed);
        }
        let algorithm = Algorithm::from_name(&head.alg).ok_or(Untrusted::Algorithm)?;
        let mut of_algorithm = (portal.keys.iter())
            .filter(|key| key.algorithm() == algorithm)
            .peekable();
        if of_algorithm.peek().is_none() {
            return Err(Untrusted::Algorithm);
        }
        let is_signed = of_algorithm
            .filter(|key| key.may_be(head.kid.as_deref()))
            .any(|key| key.has_signed(signed.as_bytes(), &signature));
        if !is_signed {
            return Err(Untrusted::Signature);
        }
        let claims: Claims<'_> = serde_json::from_slice(&claims).map_err(|_| Untrusted::Claims)?;
        claims.judged(portal, now)
    }
}

impl Claims<'_> {
    fn judged(self, portal: &Portal, now: i64) -> Result<Assertion, Untrusted> {
        if self.iss != portal.issuer {
            return Err(Untrusted::Issuer);
        }
        let is_for_us = match &self.aud {
            Audience::One(audience) => *audience == portal.audience,
            // Whoever else it is for could show it here.
            Audience::Several(audiences) => *audiences == [portal.audience.as_str()],
        };
        if !is_for_us {
            return Err(Untrusted::Audience);
        }
        let is_plain =
            |id: &str| ID.contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        if self.exp <= self.iat || self.iat < 0 || !is_plain(&self.jti) {
            return Err(Untrusted::Claims);
        }
        if self.exp <= now {
            return Err(Untrusted::Expired);
        }
        let begins = self.iat.max(self.nbf.unwrap_or(self.iat));
        if begins > now.saturating_add(SKEW) {
            return Err(Untrusted::TooEarly);
        }
        if self.exp.saturating_sub(self.iat) > seconds(portal.longest_life) {
            return Err(Untrusted::TooLong);
        }
        let subject: Option<String> = serde_json::from_str(self.sub.get()).ok();
        let subject = subject.and_then(|text| PersonalId::from_text(&text));
        Ok(Assertion {
            subject: subject.ok_or(Untrusted::Subject)?,
            id: self.jti,
            expires: self.exp,
        })
    }
}

fn seconds(life: Duration) -> i64 {
    i64::try_from(life.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
