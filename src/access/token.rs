//! A bearer token: what is written in it, and what is kept of it.
//!
//! ```text
//! fw_ 9c41d07be2aa _ <43 characters: 32 random bytes, base64url> <8 hexadecimal digits: CRC-32>
//!     id, 6 bytes                                                of everything before them
//! ```
//! The prefix and the checksum let a scanner find a leaked token without asking anybody:
//! `fw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}[0-9a-f]{8}`. Must hold: the secret is never printed but by
//! [`BearerToken::reveal`], and is wiped from memory; of it only the SHA-256 is kept, which is enough for
//! 256 random bits.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::hex::hex;

const PREFIX: &str = "fw_";
/// Bytes of an id.
const ID: usize = 6;
const ID_DIGITS: usize = 2 * ID;
/// Bytes of a secret.
const SECRET: usize = 32;
const SECRET_CHARACTERS: usize = 43;
const CHECKSUM: usize = 8;
/// Characters of a token.
const LENGTH: usize = PREFIX.len() + ID_DIGITS + 1 + SECRET_CHARACTERS + CHECKSUM;

/// What a token is called. It is not secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId([u8; ID_DIGITS]);

impl TokenId {
    fn new(bytes: [u8; ID]) -> Self {
        let mut digits = [0; ID_DIGITS];
        digits.copy_from_slice(hex(&bytes).as_bytes());
        Self(digits)
    }

    /// Whether it has the form of a citizen's number, as one in 282 has by chance. Ids are in logs, where it would be
    /// taken for one.
    fn is_like_a_person(&self) -> bool {
        self.0.iter().all(u8::is_ascii_digit)
    }

    /// The id of this text: 12 lower-case hexadecimal digits.
    pub fn from_text(text: &str) -> Option<Self> {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let digits: [u8; ID_DIGITS] = text.as_bytes().try_into().ok()?;
        digits.iter().all(is_digit).then_some(Self(digits))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("it is made of hexadecimal digits")
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The SHA-256 of a secret: what is kept.
#[derive(Clone, Copy)]
pub(super) struct SecretDigest([u8; 32]);

impl SecretDigest {
    pub fn of(secret: &[u8; SECRET]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are equal, in a time that does not tell where they differ.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(***)")
    }
}

/// A token with its secret, as it is given to whoever is to use it.
pub struct BearerToken {
    id: TokenId,
    secret: Zeroizing<[u8; SECRET]>,
}

impl BearerToken {
    /// A new token.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new([0; SECRET]);
        getrandom::fill(secret.as_mut_slice())?;
        loop {
            let mut id = [0; ID];
            getrandom::fill(&mut id)?;
            let id = TokenId::new(id);
            if !id.is_like_a_person() {
                return Ok(Self { id, secret });
            }
        }
    }

    /// The token of this text. The text comes from anybody.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() != LENGTH || !text.is_ascii() {
            return None;
        }
        let (body, checksum) = text.split_at(LENGTH - CHECKSUM);
        let (id, secret) = body.strip_prefix(PREFIX)?.split_at(ID_DIGITS);
        let secret = secret.strip_prefix('_')?;
        if checksum_of(body) != checksum {
            return None;
        }
        // Some room more than the secret takes: the decoder asks for it.
        let mut decoded = Zeroizing::new([0; SECRET + 4]);
        let length = URL_SAFE_NO_PAD.decode_slice(secret, decoded.as_mut_slice());
        if length != Ok(SECRET) {
            return None;
        }
        let mut bytes = Zeroizing::new([0; SECRET]);
        bytes.copy_from_slice(&decoded[..SECRET]);
        Some(Self {
            id: TokenId::from_text(id)?,
            secret: bytes,
        })
    }

    /// What it is called.
    pub fn id(&self) -> TokenId {
        self.id
    }

    pub(super) fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.secret)
    }

    /// The whole token. Whoever has it can use it.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(PREFIX);
        text.push_str(self.id.as_str());
        text.push('_');
        URL_SAFE_NO_PAD.encode_string(self.secret.as_slice(), &mut text);
        let checksum = checksum_of(&text);
        text.push_str(&checksum);
        text
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerToken({}, ***)", self.id)
    }
}

fn checksum_of(body: &str) -> String {
    hex(&crc32fast::hash(body.as_bytes()).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = BearerToken::random().expect("random bytes");
        let text = token.reveal();
        assert_eq!(text.len(), LENGTH);
        let read = BearerToken::from_text(&text).expect("a token");
        assert_eq!(read.id(), token.id());
        assert!(read.digest().is(&token.digest()));
        let other = BearerToken::random().expect("random bytes");
        assert!(!other.digest().is(&token.digest()));
        assert_ne!(other.id(), token.id());
    }

    /// Scanners outside know the form, so it must not change.
    #[test]
    fn the_form_of_tokens_is_kept() {
        let text = "fw_00010203ffab_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
        let secret: Vec<u8> = (1..=32).collect();
        let token = BearerToken {
            id: TokenId::new([0, 1, 2, 3, 0xff, 0xab]),
            secret: Zeroizing::new(secret.try_into().expect("32 bytes")),
        };
        let revealed = token.reveal();
        assert_eq!(&revealed[..LENGTH - CHECKSUM], text);
        assert_eq!(&revealed[LENGTH - CHECKSUM..], KNOWN_CHECKSUM);
    }

    const KNOWN_CHECKSUM: &str = "455d59ff";

    #[test]
    fn any_other_character_makes_it_no_token() {
        let text = BearerToken::random().expect("random bytes").reveal();
        for place in 0..LENGTH {
            for other in ['0', 'A', 'z', '-', '_', ' ', 'é'] {
                let mut changed: Vec<char> = text.chars().collect();
                if changed[place] == other {
                    continue;
                }
                changed[place] = other;
                let changed: String = changed.into_iter().collect();
                assert!(BearerToken::from_text(&changed).is_none(), "{place}");
            }
        }
        for wrong in [
            "",
            "fw_",
            &text[1..],
            &format!("{}x", *text),
            &text.to_uppercase(),
        ] {
            assert!(BearerToken::from_text(wrong).is_none());
        }
    }

    #[test]
    fn an_id_is_never_like_a_persons_number() {
        let is_like = |bytes| TokenId::new(bytes).is_like_a_person();
        assert!(is_like([0x07, 0x90, 0x51, 0x00, 0x00, 0x01]));
        assert!(!is_like([0x07, 0x90, 0x51, 0x00, 0x00, 0x0a]));
        // One in 282 would be.
        for _ in 0..3_000 {
            let token = BearerToken::random().expect("random bytes");
            assert!(!token.id().is_like_a_person(), "{}", token.id());
        }
    }

    #[test]
    fn what_holds_a_secret_does_not_show_it() {
        let token = BearerToken::random().expect("random bytes");
        let text = token.reveal();
        let secret = &text[PREFIX.len() + ID_DIGITS + 1..];
        let shown = format!("{token:?} {:?} {:?}", token.digest(), token.id());
        assert!(shown.contains(token.id().as_str()) && shown.contains("***"));
        assert!(!shown.contains(&secret[..8]) && !shown.contains(&hex(&token.digest().0[..4])));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".{0,80}") {
            prop_assert!(BearerToken::from_text(&text).is_none());
        }

        #[test]
        fn ids_are_twelve_digits(text in "[0-9a-fA-Fg]{11,13}") {
            let is_id = text.len() == 12 && !text.contains(|c: char| c.is_ascii_uppercase() || c == 'g');
            prop_assert_eq!(TokenId::from_text(&text).is_some(), is_id);
        }
    }
}
