//! What nobody may read: passwords, keys, addresses with a password in them.
//!
//! In: the content of a file or of an environment variable. Out: a value that does not show itself. Must
//! hold: `Debug` is masked, memory is wiped when it is no longer used, and no message quotes it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Longer than this is no secret but another file.
const LONGEST: u64 = 64 << 10;

/// A text that is shown to nobody.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret of this text, without white space around it.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        match text.trim() {
            "" => Err("it is empty; put the secret in it"),
            text => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    /// The content of a file.
    ///
    /// # Errors
    /// When it cannot be read, is empty, or is no text.
    pub fn of_file(path: &Path) -> Result<Self, String> {
        let read = || {
            // Room for all of it at once, so that no copy is left behind by growing.
            let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
            File::open(path)?
                .take(LONGEST + 1)
                .read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read()
            .map_err(|error: std::io::Error| format!("{error}; name the file of the secret"))?;
        if bytes.len() as u64 > LONGEST {
            return Err("it is longer than a secret; name the file of the secret".to_owned());
        }
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|_| "it is not UTF-8 text; name the file of the secret")?;
        Self::new(text).map_err(str::to_owned)
    }

    /// The secret itself, for what uses it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// The key that the keys of the journal are derived from: 32 bytes.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    const EXPECTED: &'static str =
        "expected 32 bytes in base64 or in hexadecimal; `openssl rand -base64 32` makes them";

    /// The key that a secret is, in base64 or in hexadecimal.
    ///
    /// # Errors
    /// When it is not 32 bytes, or no key that anybody drew.
    pub fn new(secret: &Secret) -> Result<Self, &'static str> {
        let text = secret.reveal();
        let mut key = Zeroizing::new([0; 32]);
        let is_read = match text.len() {
            64 => hexadecimal(text, &mut key),
            _ => base64(text, &mut key),
        };
        is_read.ok_or(Self::EXPECTED)?;
        match key.iter().all(|byte| *byte == key[0]) {
            true => Err("it is one byte over and over; `openssl rand -base64 32` makes a key"),
            false => Ok(Self(key)),
        }
    }

    /// The key itself, for what derives keys from it.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }
}

fn hexadecimal(text: &str, key: &mut [u8; 32]) -> Option<()> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(())
}

fn base64(text: &str, key: &mut [u8; 32]) -> Option<()> {
    let config = GeneralPurposeConfig::new();
    let config = config.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) {
        URL_SAFE
    } else {
        STANDARD
    };
    let mut bytes = Zeroizing::new([0; 36]);
    let engine = GeneralPurpose::new(&alphabet, config);
    let length = engine.decode_slice(text, bytes.as_mut_slice()).ok()?;
    key.copy_from_slice(bytes[..length].get(..32).filter(|_| length == 32)?);
    Some(())
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

impl PartialEq for MasterKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dfeff";

    fn key(text: &str) -> Result<[u8; 32], &'static str> {
        let secret = Secret::new(text).expect("not empty");
        MasterKey::new(&secret).map(|key| *key.reveal())
    }

    #[test]
    fn keys_are_read_in_every_form() {
        let mut expected = [0; 32];
        for (place, byte) in expected.iter_mut().enumerate() {
            *byte = place as u8;
        }
        expected[30..].copy_from_slice(&[0xfe, 0xff]);
        for text in [
            HEX,
            &HEX.to_uppercase(),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd_v8",
            " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8=\n",
        ] {
            assert_eq!(key(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for wrong in [
            "x",
            &HEX[..62],
            &HEX.replace('f', "g"),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd",
            &"é".repeat(32),
        ] {
            assert_eq!(key(wrong), Err(MasterKey::EXPECTED), "{wrong}");
        }
        assert!(key(&"00".repeat(32)).is_err_and(|why| why.contains("over and over")));
        assert!(Secret::new(" \n").is_err());
    }

    #[test]
    fn secrets_do_not_show_themselves() {
        let secret = Secret::new(HEX).expect("not empty");
        let key = MasterKey::new(&secret).expect("a key");
        assert_eq!(format!("{secret:?} {key:?}"), "Secret(***) MasterKey(***)");
        assert!(secret == secret.clone() && secret != Secret::new("x").expect("not empty"));
    }
}
