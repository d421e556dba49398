//! The public keys of a portal.
//!
//! In: a file: public keys in PEM form (`BEGIN PUBLIC KEY`), or JSON: one JWK (RFC 7517), or a set of them. Out: keys, each for
//! one algorithm. Must hold: what a key is good for is decided by the key, never by who uses it; a secret key is refused, so
//! that none lies about; RSA keys have 2048 bits or more.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// Keys of one portal at most: the one in use, and those before and after it.
const MOST: usize = 8;
/// A point on the curve, uncompressed: a byte, and two coordinates.
const POINT: usize = 65;
const COORDINATE: usize = 32;
/// Bytes of an RSA modulus.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// The same in DER: with two headers, a sign, and an exponent of up to eight bytes.
const RSA_DER: std::ops::RangeInclusive<usize> = 256 + 8..=1024 + 32;

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// How an assertion is signed (RFC 7518).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA, PKCS #1 v1.5, with SHA-256.
    Rs256,
}

impl Algorithm {
    /// The one of this name; nothing for all others, `none` and those with shared secrets among them.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    /// An uncompressed point.
    P256([u8; POINT]),
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// As DER has it: RSAPublicKey.
    RsaDer(Vec<u8>),
}

/// A public key. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalKey {
    id: Option<String>,
    public: Public,
}

/// A file of keys that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(&'static str);

const NO_KEY: BadKey = BadKey(
    "no public key in it; name a file with public keys in PEM form (BEGIN PUBLIC KEY), or with a JWK or a set of them in JSON",
);
const SECRET: BadKey = BadKey(
    "there is a secret key in it; the portal keeps that to itself, name a file with its public key alone",
);
const OTHER: BadKey =
    BadKey("a key in it is neither of P-256 (ES256) nor of RSA (RS256) with 2048 to 8192 bits");
const TOO_MANY: BadKey = BadKey("more than 8 keys are in it; leave those in that are in use");

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// Only a secret key has them; `k` is a shared secret.
    d: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Set { keys: Vec<Jwk> },
    One(Box<Jwk>),
}

impl PortalKey {
    /// Reads the keys of a file.
    ///
    /// # Errors
    /// When there is none in it, or one that cannot be used.
    pub fn read(file: &[u8]) -> Result<Vec<Self>, BadKey> {
        let is_json = file.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        let keys = match is_json {
            true => Self::of_json(file)?,
            false => Self::of_pem(file)?,
        };
        match keys.len() {
            0 => Err(NO_KEY),
            1..=MOST => Ok(keys),
            _ => Err(TOO_MANY),
        }
    }

    fn of_pem(file: &[u8]) -> Result<Vec<Self>, BadKey> {
        let is_secret = String::from_utf8_lossy(file).contains("PRIVATE KEY");
        if is_secret {
            return Err(SECRET);
        }
        let keys = SubjectPublicKeyInfoDer::pem_slice_iter(file);
        keys.map(|der| Self::of_der(&der.map_err(|_| NO_KEY)?))
            .collect()
    }

    fn of_der(der: &[u8]) -> Result<Self, BadKey> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| OTHER)?;
        let bytes = info.subject_public_key.as_bytes().ok_or(OTHER)?;
        let parameters = info.algorithm.parameters;
        let curve = || parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
        let public = match info.algorithm.oid {
            EC if curve() == Some(P256) => Public::P256(bytes.try_into().map_err(|_| OTHER)?),
            RSA if RSA_DER.contains(&bytes.len()) => Public::RsaDer(bytes.to_vec()),
            _ => return Err(OTHER),
        };
        Ok(Self { id: None, public })
    }

    fn of_json(file: &[u8]) -> Result<Vec<Self>, BadKey> {
        let document: Document = serde_json::from_slice(file).map_err(|_| NO_KEY)?;
        let keys = match document {
            Document::Set { keys } => keys,
            Document::One(key) => vec![*key],
        };
        keys.into_iter().map(Self::of_jwk).collect()
    }

    fn of_jwk(jwk: Jwk) -> Result<Self, BadKey> {
        if jwk.d.is_some() || jwk.k.is_some() {
            return Err(SECRET);
        }
        if jwk.usage.is_some_and(|usage| usage != "sig") {
            return Err(OTHER);
        }
        let number = |text: Option<String>| {
            let bytes = URL_SAFE_NO_PAD.decode(text.ok_or(OTHER)?);
            bytes.map_err(|_| OTHER)
        };
        let public = match (&*jwk.kty, jwk.crv.as_deref()) {
            ("EC", Some("P-256")) => {
                let (x, y) = (number(jwk.x)?, number(jwk.y)?);
                if x.len() != COORDINATE || y.len() != COORDINATE {
                    return Err(OTHER);
                }
                let point = [&[4], &*x, &*y].concat();
                Public::P256(point.try_into().map_err(|_| OTHER)?)
            }
            ("RSA", None) => {
                let (n, e) = (number(jwk.n)?, number(jwk.e)?);
                if !MODULUS.contains(&n.len()) || n.first() == Some(&0) {
                    return Err(OTHER);
                }
                Public::Rsa { n, e }
            }
            _ => return Err(OTHER),
        };
        let key = Self {
            id: jwk.kid,
            public,
        };
        match jwk.alg.as_deref().map(Algorithm::from_name) {
            Some(alg) if alg != Some(key.algorithm()) => Err(OTHER),
            _ => Ok(key),
        }
    }

    /// How it signs.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self.public {
            Public::P256(_) => Algorithm::Es256,
            Public::Rsa { .. } | Public::RsaDer(_) => Algorithm::Rs256,
        }
    }

    /// Whether an assertion that names a key may mean this one.
    pub(super) fn may_be(&self, id: Option<&str>) -> bool {
        match (&self.id, id) {
            (Some(own), Some(id)) => own == id,
            _ => true,
        }
    }

    /// Whether a signature is this key's.
    pub(super) fn has_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        let verified =
            match &self.public {
                Public::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(signed, signature),
                Public::RsaDer(der) => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
                    .verify(signed, signature),
                Public::Rsa { n, e } => {
                    let key = RsaPublicKeyComponents { n, e };
                    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
                }
            };
        verified.is_ok()
    }
}
