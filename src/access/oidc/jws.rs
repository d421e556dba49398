//! Signed tokens in their compact form (RFC 7515), before anything of them is believed.
//!
//! Must hold: of the algorithms of RFC 7518, RS256 and ES256 are taken and nothing else: `none` signs nothing, and with
//! HS256 a key that everybody can read would sign.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longer than any token that is taken.
const LONGEST: usize = 64 << 10;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// A token in its parts. Nothing of it is believed before its signature is.
pub(super) struct Jws<'a> {
    pub algorithm: Algorithm,
    /// Which key of the provider signed it, as it says.
    pub key: Option<String>,
    /// What kind it is, as it says, in small letters.
    pub kind: Option<String>,
    /// What is signed.
    pub signed: &'a str,
    pub signature: Vec<u8>,
    pub claims: Map<String, Value>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    pub fn read(token: &'a str) -> Result<Self, &'static str> {
        const NONE: &str = "it has no signed token";
        if token.len() > LONGEST {
            return Err("its token is too long");
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(NONE)?;
        let (header, payload) = signed.split_once('.').ok_or(NONE)?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| NONE);
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| NONE)?;
        // What has to be understood, and is not.
        if header.crit.is_some() {
            return Err("its token is signed in a way that is not known");
        }
        let algorithm = Algorithm::from_name(&header.alg);
        Ok(Self {
            algorithm: algorithm.ok_or("its token is signed by neither RS256 nor ES256")?,
            key: header.kid,
            kind: header.typ.map(|kind| kind.to_ascii_lowercase()),
            signed,
            signature: decoded(signature)?,
            claims: serde_json::from_slice(&decoded(payload)?).map_err(|_| NONE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn token(header: &Value) -> String {
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.{}",
            encoded(header),
            encoded(&json!({"sub": "x"})),
            "AAAA"
        )
    }

    #[test]
    fn two_algorithms_are_taken() {
        let read = |header: Value| Jws::read(&token(&header)).map(|own| own.algorithm);
        assert_eq!(read(json!({"alg": "RS256"})), Ok(Algorithm::Rs256));
        assert_eq!(
            read(json!({"alg": "ES256", "kid": "a"})),
            Ok(Algorithm::Es256)
        );
        for name in [
            "none", "None", "", "HS256", "HS512", "rs256", "PS256", "ES384", "EdDSA",
        ] {
            assert!(read(json!({"alg": name})).is_err(), "{name}");
        }
        let critical = json!({"alg": "RS256", "crit": ["b64"], "b64": false});
        assert!(read(critical).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in "[A-Za-z0-9_.-]{0,80}|.{0,80}") {
            let _ = Jws::read(&text);
        }
    }
}
