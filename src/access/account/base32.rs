//! Base32 (RFC 4648) without padding: what apps of codes read, and what people can type.

use zeroize::Zeroizing;

pub(super) const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The text of some bytes.
pub(super) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(5) * 8));
    for five in bytes.chunks(5) {
        let mut group = Zeroizing::new([0; 8]);
        group[3..3 + five.len()].copy_from_slice(five);
        let group = Zeroizing::new(u64::from_be_bytes(*group));
        for place in 0..(five.len() * 8).div_ceil(5) {
            let digit = *group >> (35 - 5 * place) & 31;
            text.push(char::from(ALPHABET[digit as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn texts_are_those_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(*encode(bytes.as_bytes()), text);
        }
    }
}
