//! Signatures of webhooks, as Standard Webhooks 1.0.0 has them.
//!
//! HMAC-SHA256 over `id.timestamp.body`, in base64 after `v1,`. While a secret is being replaced, both the
//! old and the new one sign, and the signatures stand side by side, separated by a space.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secrets that sign: one, or more while one is being replaced. `Debug` tells their number.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets(Vec<Vec<u8>>);

/// A secret that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("there is no secret")]
    None,
    /// It has another form.
    #[error(
        "expected `whsec_` and the base64 of 24 to 64 random bytes, such as that of `openssl rand -base64 32`"
    )]
    Form,
}

impl Secrets {
    /// Reads secrets, one a line.
    ///
    /// # Errors
    /// When there is none, or one has another form.
    pub fn read(text: &str) -> Result<Self, SecretError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let secrets: Vec<Vec<u8>> = lines.map(secret).collect::<Result<_, _>>()?;
        match secrets.is_empty() {
            true => Err(SecretError::None),
            false => Ok(Self(secrets)),
        }
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signatures = self.0.iter().map(|secret| {
            // A key of any length will do (RFC 2104).
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
                unreachable!("HMAC takes a key of any length")
            };
            for part in [id, ".", &timestamp.to_string(), ".", body] {
                mac.update(part.as_bytes());
            }
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

fn secret(line: &str) -> Result<Vec<u8>, SecretError> {
    let encoded = line.strip_prefix("whsec_").ok_or(SecretError::Form)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::Form)?;
    match bytes.len() {
        24..=64 => Ok(bytes),
        _ => Err(SecretError::Form),
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::Digest;

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: i64 = 1_614_265_330;
    const BODY: &str = r#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    /// HMAC as RFC 2104 writes it, for keys of at most a block.
    fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
        let pad = |byte: u8| {
            let mut block = [byte; 64];
            block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message);
        let outer = Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner.finalize());
        outer.finalize().to_vec()
    }

    #[test]
    fn the_example_of_the_specification_is_signed_alike() {
        let secrets = Secrets::read(SECRET).expect("a secret");
        assert_eq!(secrets.sign(ID, TIMESTAMP, BODY), SIGNATURE);
    }

    #[test]
    fn a_signature_is_what_rfc_2104_says() {
        let key = b"a key of thirty-two random bytes";
        let text = format!("whsec_{}\n", STANDARD.encode(key));
        let signed = Secrets::read(&text)
            .expect("a secret")
            .sign("ntc_1", 5, "{\"ố\":1}");
        let expected = STANDARD.encode(hmac(key, "ntc_1.5.{\"ố\":1}".as_bytes()));
        assert_eq!(signed, format!("v1,{expected}"));
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let other = format!("whsec_{}", STANDARD.encode([7; 24]));
        let both = Secrets::read(&format!("{other}\n{SECRET}\n")).expect("secrets");
        let signed = both.sign(ID, TIMESTAMP, BODY);
        let (first, second) = signed.split_once(' ').expect("two");
        assert!(first.starts_with("v1,") && first != second);
        assert_eq!(second, SIGNATURE);
    }

    #[test]
    fn what_is_no_secret_is_refused_and_never_shown() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for text in [
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_*",
            &short,
            &long,
        ] {
            assert_eq!(Secrets::read(text), Err(SecretError::Form), "{text}");
        }
        assert_eq!(Secrets::read(" \n"), Err(SecretError::None));
        let secrets = Secrets::read(SECRET).expect("a secret");
        assert_eq!(format!("{secrets:?}"), "1 secrets");
    }
}
