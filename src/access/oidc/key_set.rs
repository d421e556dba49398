//! The public keys of a provider (RFC 7517), and whether one of them signed something.
//!
//! Must hold: a key verifies by its own algorithm alone, whatever a token says; one that is not for signatures, or weaker
//! than 2048 bits of RSA, verifies nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use super::jws::{Algorithm, Jws};

/// Keys that are looked at.
const MOST: usize = 64;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Clone)]
enum PublicKey {
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
    /// An uncompressed point.
    P256(Vec<u8>),
}

#[derive(Clone)]
struct Known {
    id: Option<String>,
    key: PublicKey,
}

impl Known {
    /// The key of a JWK; nothing of one that is for something else.
    fn of(jwk: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        if jwk.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let number = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let key = match jwk.kty.as_str() {
            "RSA" => {
                // Some write a zero before what would else look negative.
                let without_zeros = |bytes: Vec<u8>| {
                    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                    bytes[zeros..].to_vec()
                };
                let (modulus, exponent) = (number(jwk.n)?, number(jwk.e)?);
                PublicKey::Rsa(without_zeros(modulus), without_zeros(exponent))
            }
            "EC" if jwk.crv.as_deref() == Some("P-256") => {
                let (x, y) = (number(jwk.x)?, number(jwk.y)?);
                let is_point = x.len() == 32 && y.len() == 32;
                is_point.then(|| PublicKey::P256([&[4], x.as_slice(), &y].concat()))?
            }
            _ => return None,
        };
        let algorithm = match &key {
            PublicKey::Rsa(..) => Algorithm::Rs256,
            PublicKey::P256(_) => Algorithm::Es256,
        };
        let is_of = |name: String| Algorithm::from_name(&name) == Some(algorithm);
        jwk.alg
            .is_none_or(is_of)
            .then_some(Self { id: jwk.kid, key })
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        match self.key {
            PublicKey::Rsa(..) => algorithm == Algorithm::Rs256,
            PublicKey::P256(_) => algorithm == Algorithm::Es256,
        }
    }

    fn has_signed(&self, jws: &Jws<'_>) -> bool {
        let (signed, signature) = (jws.signed.as_bytes(), jws.signature.as_slice());
        let verified = match &self.key {
            PublicKey::Rsa(n, e) => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            }
            PublicKey::P256(point) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed, signature)
            }
        };
        verified.is_ok()
    }
}

/// Why a signature is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotSigned {
    /// The key is none of these: it may be a newer one.
    UnknownKey,
    /// The key is known, and did not sign this.
    Wrong,
}

/// The keys that a provider signs with.
#[derive(Clone, Default)]
pub(super) struct KeySet(Vec<Known>);

impl KeySet {
    /// Reads a set. Keys for something else are left out.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|_| "its keys are not a JWK set")?;
        let keys = document.keys.into_iter().take(MOST);
        Ok(Self(keys.filter_map(Known::of).collect()))
    }

    /// Whether one of these keys signed a token: that which it names, or the only one that it can be.
    pub fn verify(&self, jws: &Jws<'_>) -> Result<(), NotSigned> {
        let fit = self.0.iter().filter(|known| known.is_for(jws.algorithm));
        let fit = fit.filter(|known| jws.key.is_none() || known.id == jws.key);
        let mut fit = fit.peekable();
        let first = fit.next().ok_or(NotSigned::UnknownKey)?;
        if jws.key.is_none() && fit.peek().is_some() {
            // Which of several it is, is not to be guessed.
            return Err(NotSigned::Wrong);
        }
        // A provider that gives two keys one name is its own affair: any of them.
        let has_signed = first.has_signed(jws) || fit.any(|known| known.has_signed(jws));
        has_signed.then_some(()).ok_or(NotSigned::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    fn pair() -> EcdsaKeyPair {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key")
    }

    fn jwk(pair: &EcdsaKeyPair, id: &str) -> Value {
        let point = pair.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "kid": id, "x": text(&point[1..33]), "y": text(&point[33..])})
    }

    fn set(keys: &[Value]) -> KeySet {
        let text = json!({"keys": keys}).to_string();
        KeySet::read(text.as_bytes()).expect("a set")
    }

    fn token(pair: &EcdsaKeyPair, header: &Value) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", text(header.to_string().as_bytes()), text(b"{}"));
        let signature = pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("signed");
        format!("{signed}.{}", text(signature.as_ref()))
    }

    #[test]
    fn a_key_verifies_what_it_signed() {
        let (one, other) = (pair(), pair());
        let keys = set(&[jwk(&one, "1"), jwk(&other, "2")]);
        let check = |token: &str| keys.verify(&Jws::read(token).expect("a token"));
        let of = |pair, id: &str| token(pair, &json!({"alg": "ES256", "kid": id}));
        assert_eq!(check(&of(&one, "1")), Ok(()));
        assert_eq!(check(&of(&other, "2")), Ok(()));
        assert_eq!(check(&of(&one, "2")), Err(NotSigned::Wrong));
        assert_eq!(check(&of(&one, "3")), Err(NotSigned::UnknownKey));
        let unnamed = token(&one, &json!({"alg": "ES256"}));
        assert_eq!(check(&unnamed), Err(NotSigned::Wrong), "which of two?");
        let only = set(&[jwk(&one, "1")]);
        assert_eq!(only.verify(&Jws::read(&unnamed).expect("a token")), Ok(()));
        // Another algorithm makes no other use of the key.
        let confused = token(&one, &json!({"alg": "RS256", "kid": "1"}));
        assert_eq!(check(&confused), Err(NotSigned::UnknownKey));
        let changed = of(&one, "1").replacen('.', ".e30", 1);
        assert!(Jws::read(&changed).is_err() || check(&changed) == Err(NotSigned::Wrong));
    }

    #[test]
    fn keys_for_something_else_are_left_out() {
        let own = pair();
        let with = |name: &str, value: &str| {
            let mut key = jwk(&own, "1");
            key[name] = json!(value);
            key
        };
        assert_eq!(set(&[with("use", "sig"), with("alg", "ES256")]).0.len(), 2);
        let symmetric = json!({"kty": "oct", "k": "AAAA", "kid": "1"});
        let others = [
            with("use", "enc"),
            with("alg", "ES384"),
            with("crv", "P-384"),
            with("x", "AAAA"),
            symmetric,
            json!("x"),
        ];
        assert_eq!(set(&others).0.len(), 0);
        assert!(KeySet::read(b"{}").is_err());
    }
}
