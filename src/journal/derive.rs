//! Keys for other data of a month than frames, which end with the month's key.
//!
//! In: a month, and what the key is for. Out: 32 bytes. Must hold: two purposes never have the same key, none tells
//! anything of the month's own key, and none can be had once that is destroyed.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key::{KeyError, KeyId};
use super::keys::Keys;
use super::month::Month;
use super::seal::{KEY_BYTES, SealingKey};

/// Tells a month's key from another that was made for the same month in another place; no secret.
pub(crate) type KeyMark = [u8; 8];

/// A derived key, which is wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct DerivedKey(Zeroizing<[u8; KEY_BYTES]>);

impl DerivedKey {
    /// The key.
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// HKDF-Expand (RFC 5869) of one block, with the month's key as its pseudorandom key.
    fn of(key: &SealingKey, purpose: &[u8]) -> Self {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.bytes()) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(purpose);
        mac.update(&[1]);
        Self(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKey(masked)")
    }
}

impl Keys {
    /// A key of a month to seal with, and the mark that finds it again; the month's key is made, and durable, if it
    /// is the first of its month. A purpose begins with a text that no other use of keys begins with.
    ///
    /// # Errors
    /// As the directory of keys says; [`KeyError::Destroyed`] when the month's key is.
    pub(crate) fn derive_to_seal(
        &self,
        month: Month,
        purpose: &[u8],
    ) -> Result<(KeyMark, DerivedKey), KeyError> {
        let (id, key) = self.to_seal(month, None)?;
        Ok((id.mark, DerivedKey::of(&key, purpose)))
    }

    /// The key that sealed something; nothing when the month's is destroyed.
    ///
    /// # Errors
    /// As the directory of keys says.
    pub(crate) fn derive_to_open(
        &self,
        (month, mark): (Month, KeyMark),
        purpose: &[u8],
    ) -> Result<Option<DerivedKey>, KeyError> {
        let key = self.to_open(KeyId { month, mark })?;
        Ok(key.map(|key| DerivedKey::of(&key, purpose)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::simulation::SimulatedDisk;
    use super::*;

    #[test]
    fn keys_differ_by_month_and_purpose_and_end_with_the_month() {
        let keys = Keys::new(Arc::new(SimulatedDisk::new()), None);
        let [january, february] = ["2026-01", "2026-02"].map(|m| m.parse().expect("a month"));
        let (mark, one) = keys.derive_to_seal(january, b"one").expect("a key");
        let (_, other) = keys.derive_to_seal(january, b"other").expect("a key");
        let (_, later) = keys.derive_to_seal(february, b"one").expect("a key");
        assert!(one != other && one != later);
        let (_, own) = keys.to_seal(january, None).expect("a key");
        assert_ne!(one.bytes(), own.bytes());
        let opened = |purpose| keys.derive_to_open((january, mark), purpose);
        assert_eq!(opened(b"one").expect("a key"), Some(one));
        assert_eq!(opened(b"other").expect("a key"), Some(other));
        let in_march = 1_772_298_000_000_000_000;
        keys.destroy(january, in_march).expect("destroyed");
        assert_eq!(opened(b"one").expect("a note"), None);
        let sealing = keys.derive_to_seal(january, b"one");
        assert!(
            matches!(sealing, Err(KeyError::Destroyed { .. })),
            "{sealing:?}"
        );
    }

    #[test]
    fn it_is_hkdf_expand() {
        // RFC 5869, test case 1 has a pseudorandom key and 42 bytes of output: the first 32 are one block.
        let key = [
            0x07, 0x77, 0x09, 0x36, 0x2c, 0x2e, 0x32, 0xdf, 0x0d, 0xdc, 0x3f, 0x0d, 0xc4, 0x7b,
            0xba, 0x63, 0x90, 0xb6, 0xc7, 0x3b, 0xb5, 0x0f, 0x9c, 0x31, 0x22, 0xec, 0x84, 0x4a,
            0xd7, 0xc2, 0xb3, 0xe5,
        ];
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let derived = DerivedKey::of(&SealingKey::new(&key), &info);
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(crate::hex::hex(derived.bytes()), expected);
    }
}
