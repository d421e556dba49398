//! Sealing: authenticated encryption in place.
//!
//! XChaCha20-Poly1305, since its nonces of 24 bytes may be drawn at random for ever: a restored backup, a
//! copied machine or two writers cannot repeat one, which a counter could. It is as fast in software and
//! runs in constant time on any processor; AES-GCM's 12 bytes would have to be counted, and AES-GCM-SIV
//! reads the data twice and is slow where the processor has no AES.

use std::fmt;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

pub(super) const KEY_BYTES: usize = 32;
pub(super) const NONCE_BYTES: usize = 24;
pub(super) const TAG_BYTES: usize = 16;

/// A key, which is wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealingKey(Zeroizing<[u8; KEY_BYTES]>);

/// What was sealed by another key, or changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forged;

impl SealingKey {
    pub(super) fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Seals data in place; what authenticates it and what is plain beside it is returned.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        plain: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG_BYTES] {
        let sealed =
            self.cipher()
                .encrypt_inout_detached(&XNonce::from(*nonce), plain, data.into());
        sealed
            .expect("frames are far below the cipher's 256 GiB")
            .into()
    }

    /// Opens data in place.
    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        plain: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        let (nonce, tag) = (XNonce::from(*nonce), Tag::from(*tag));
        let opened = self
            .cipher()
            .decrypt_inout_detached(&nonce, plain, data.into(), &tag);
        opened.map_err(|_| Forged)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&*self.0))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(masked)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_anywhere_does_not_open() {
        let key = SealingKey::random().expect("random bytes");
        let (nonce, plain) = ([7; NONCE_BYTES], b"plain".to_vec());
        let mut sealed = b"rows".to_vec();
        let tag = key.seal(&nonce, &plain, &mut sealed);
        assert_ne!(sealed, b"rows");
        let open = |key: &SealingKey, nonce, plain: &[u8], data: &[u8], tag| {
            let mut data = data.to_vec();
            key.open(&nonce, plain, &mut data, &tag).map(|()| data)
        };
        assert_eq!(
            open(&key, nonce, &plain, &sealed, tag),
            Ok(b"rows".to_vec())
        );
        let other = SealingKey::random().expect("random bytes");
        assert_eq!(open(&other, nonce, &plain, &sealed, tag), Err(Forged));
        assert_eq!(
            open(&key, [8; NONCE_BYTES], &plain, &sealed, tag),
            Err(Forged)
        );
        assert_eq!(open(&key, nonce, b"plaim", &sealed, tag), Err(Forged));
        assert_eq!(open(&key, nonce, &plain, b"rows", tag), Err(Forged));
        assert_eq!(
            open(&key, nonce, &plain, &sealed, [0; TAG_BYTES]),
            Err(Forged)
        );
        assert_eq!(format!("{key:?}"), "SealingKey(masked)");
    }
}
