//! The code with which a person begins: 20 characters, once, for a day.
//!
//! In: random bytes, or what a person typed. Out: a code and its digest. Must hold: it has 100 random bits, so that
//! its SHA-256 is enough to keep; it is shown by [`SetupCode::reveal`] alone.

use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::base32::ALPHABET;
use crate::access::token::SecretDigest;

/// How long a setup code is good.
pub const SETUP_CODE_LIFE: Duration = Duration::from_secs(24 * 3600);
const CHARACTERS: usize = 20;
const GROUP: usize = 4;

/// A setup code, as it is given to the person.
pub struct SetupCode(Zeroizing<[u8; CHARACTERS]>);

impl SetupCode {
    /// A new code.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut characters = Zeroizing::new([0; CHARACTERS]);
        getrandom::fill(characters.as_mut_slice())?;
        for character in characters.iter_mut() {
            *character = ALPHABET[usize::from(*character & 31)];
        }
        Ok(Self(characters))
    }

    /// The code that somebody typed: letters of either case, with spaces and hyphens or without, and with the digits
    /// that it cannot have for the letters that look like them.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut characters = Zeroizing::new([0; CHARACTERS]);
        let mut places = characters.iter_mut();
        for typed in text.bytes() {
            let character = match typed.to_ascii_uppercase() {
                b' ' | b'-' => continue,
                b'0' => b'O',
                b'1' => b'I',
                b'8' => b'B',
                other if ALPHABET.contains(&other) => other,
                _ => return None,
            };
            *places.next()? = character;
        }
        let is_whole = places.next().is_none();
        is_whole.then_some(Self(characters))
    }

    pub(super) fn digest(&self) -> SecretDigest {
        SecretDigest::from_bytes(Sha256::digest(self.0.as_slice()).into())
    }

    /// The code, in groups of four. Whoever has it can take over the account.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(CHARACTERS + CHARACTERS / GROUP));
        for (place, character) in self.0.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(*character));
        }
        text
    }
}

impl fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetupCode(***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = SetupCode::random().expect("random bytes");
        let text = code.reveal();
        assert_eq!(text.len(), 24);
        assert_eq!(text.matches('-').count(), 4);
        let look_alike = text
            .replace('O', "0")
            .replace('I', "1")
            .replace('B', "8")
            .replace('-', "");
        for typed in [
            text.to_string(),
            text.to_lowercase(),
            text.replace('-', " "),
            look_alike,
        ] {
            let read = SetupCode::from_text(&typed).expect("a code");
            assert!(read.digest().is(&code.digest()), "as typed");
        }
        let other = SetupCode::random().expect("random bytes");
        assert!(!other.digest().is(&code.digest()));
    }

    #[test]
    fn what_is_not_twenty_characters_is_no_code() {
        let text = SetupCode::random().expect("random bytes").reveal();
        for wrong in [
            "",
            &text[1..],
            &format!("{}A", *text),
            "é",
            &text.replace('-', "_"),
        ] {
            assert!(SetupCode::from_text(wrong).is_none());
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let code = SetupCode::random().expect("random bytes");
        let shown = format!("{code:?} {:?}", code.digest());
        assert!(!shown.contains(&code.reveal()[..4]));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".{0,60}") {
            let _ = SetupCode::from_text(&text);
        }
    }
}
