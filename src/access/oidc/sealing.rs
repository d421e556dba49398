//! What a browser keeps for this process, and can neither read nor change: XChaCha20-Poly1305 under a key of the process.
//!
//! Must hold: what another process sealed, or anybody changed, does not open; so a restart forgets what was under way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

const NONCE: usize = 24;
const TAG: usize = 16;
/// What is sealed here, so that nothing else that may come to be sealed is taken for it.
const PURPOSE: &[u8] = b"fundwatch sign-in that is under way";

/// Seals and opens.
pub(super) struct Sealing(Zeroizing<[u8; 32]>);

impl Sealing {
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// Letters, digits, `-` and `_`.
    pub fn seal(&self, plain: &[u8]) -> Result<String, getrandom::Error> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let mut text = plain.to_vec();
        let tag = self.cipher().encrypt_inout_detached(
            &XNonce::from(nonce),
            PURPOSE,
            text.as_mut_slice().into(),
        );
        let tag = tag.expect("a cookie is far below the cipher's 256 GiB");
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &tag, &text].concat()))
    }

    pub fn open(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (tag, text) = rest.split_first_chunk::<TAG>()?;
        let mut text = Zeroizing::new(text.to_vec());
        let opened = self.cipher().decrypt_inout_detached(
            &XNonce::from(*nonce),
            PURPOSE,
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        );
        opened.ok().map(|()| text)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&*self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_here_alone_and_unchanged() {
        let (own, other) = (
            Sealing::random().expect("random"),
            Sealing::random().expect("random"),
        );
        let sealed = own.seal(b"mot hai ba").expect("sealed");
        assert_eq!(own.open(&sealed).expect("opened").as_slice(), b"mot hai ba");
        assert_ne!(sealed, own.seal(b"mot hai ba").expect("sealed"));
        assert!(other.open(&sealed).is_none());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(own.open(&changed).is_none(), "{place}");
        }
        assert!(own.open("").is_none() && own.open(&sealed[..40]).is_none());
    }
}
