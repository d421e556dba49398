//! ICD-10 categories as small numbers.
//!
//! In: a diagnosis code. Out: its category of three characters as `letter · 100 + digits`. Must
//! hold: a number below 2600 is a category, every other is none.

/// The number of what has no category of a letter and two digits.
pub const NO_CATEGORY: u16 = u16::MAX;

/// The category of an ICD-10 code: `J18.9` is `9 · 100 + 18`. [`NO_CATEGORY`] where the code does
/// not begin with a capital letter A-Z and two digits.
pub fn parse_category(code: &str) -> u16 {
    match code.as_bytes() {
        [
            letter @ b'A'..=b'Z',
            tens @ b'0'..=b'9',
            ones @ b'0'..=b'9',
            ..,
        ] => {
            let digits = u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
            u16::from(letter - b'A') * 100 + digits
        }
        _ => NO_CATEGORY,
    }
}

/// The letter of a category, if it is one.
pub fn category_letter(category: u16) -> Option<char> {
    (category < 2600).then(|| char::from(b'A' + (category / 100) as u8))
}

/// A category as text, `J18`; `-` for none.
pub fn category_text(category: u16) -> String {
    match category_letter(category) {
        Some(letter) => format!("{letter}{:02}", category % 100),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_numbers_and_texts() {
        assert_eq!(parse_category("J18.9"), 918);
        assert_eq!(parse_category("A00"), 0);
        assert_eq!(parse_category("Z99"), 2599);
        for code in ["", "J1", "j18", "J1x", "18J", "Đ18"] {
            assert_eq!(parse_category(code), NO_CATEGORY, "{code}");
        }
        for category in 0..2600 {
            assert_eq!(parse_category(&category_text(category)), category);
        }
        assert_eq!(category_text(NO_CATEGORY), "-");
        assert_eq!(category_letter(2600), None);
    }
}
