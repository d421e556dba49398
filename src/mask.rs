//! What may be told of people: identifiers by their last three digits, names by their initials.

use crate::record::{CardNumber, Value as _};

/// The last characters of an identifier that are told.
const TOLD: usize = 3;
/// Runs of digits at least this long are taken for identifiers: the shortest, an old identity number,
/// has nine.
const SHORTEST: usize = 9;

/// An identifier: its last three characters after dots.
pub fn identifier(identifier: &impl std::fmt::Display) -> String {
    let text = identifier.to_string();
    let length = text.chars().count();
    // What is too short to hide in is not told at all.
    let told = if length > 2 * TOLD { TOLD } else { 0 };
    let end: String = text.chars().skip(length - told).collect();
    format!("•••{end}")
}

/// A name: its initials.
pub fn name(name: &str) -> String {
    let initials = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    initials.flat_map(|initial| [initial, '.']).collect()
}

/// A text in which long runs of digits, and a card's letters before one, are masked.
pub fn text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let run = &rest[start..];
        let length = run.len() - run.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (before, digits) = (&rest[..start], &run[..length]);
        if length < SHORTEST {
            masked.push_str(before);
            masked.push_str(digits);
        } else {
            let letters = before.trim_end_matches(|c: char| c.is_ascii_uppercase());
            let is_card = before.len() - letters.len() == 2;
            masked.push_str(if is_card { letters } else { before });
            masked.push_str(&identifier(&digits));
        }
        rest = &run[length..];
    }
    masked.push_str(rest);
    masked
}

/// The key of a row: that of a visit, which is of a facility and names no person, whole, unless the visit's number is a
/// card's; any other with its long runs of digits masked.
pub fn key(is_visit: bool, key: &str) -> String {
    match (is_visit, key.split_once('/')) {
        (true, Some((facility, visit))) if CardNumber::from_text(visit).is_some() => {
            format!("{facility}/{}", identifier(&visit))
        }
        (true, _) => key.to_owned(),
        (false, _) => text(key),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_end_of_an_identifier_is_told() {
        assert_eq!(identifier(&"079051000001"), "•••001");
        assert_eq!(identifier(&"B12345"), "•••");
        assert_eq!(identifier(&"Đ123456"), "•••456");
        assert_eq!(identifier(&""), "•••");
        assert_eq!(name("Nguyễn  Mẫu An"), "N.M.A.");
        assert_eq!(name(""), "");
    }

    #[test]
    fn identifiers_in_texts_are_masked() {
        let before = "79001/S01 HT3797900000001, 7900000012; born 1979-01-25, MC123456789";
        assert_eq!(
            text(before),
            "79001/S01 •••001, •••012; born 1979-01-25, •••789"
        );
        assert_eq!(text("VND 1,234,567,890"), "VND 1,234,567,890");
    }

    proptest! {
        #[test]
        fn no_long_run_of_digits_is_left(before in "[A-Z0-9ệ/ -]{0,40}") {
            let masked = text(&before);
            let longest = masked.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            prop_assert!(longest.unwrap_or(0) < SHORTEST, "{masked}");
            prop_assert_eq!(text(&masked), masked);
        }
    }
}
