//! What can be a password.
//!
//! In: what a person typed. Out: it in NFC, which is what is hashed; or why it cannot be one. Must hold: the same
//! password is the same however a keyboard composes its letters; there are no rules of composition, which make
//! passwords worse; one that is guessed soon is refused.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

/// The fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
/// The fewest and the most.
const CHARACTERS: std::ops::RangeInclusive<usize> = SHORTEST_PASSWORD..=128;
/// What no password of so few characters has, so that it is not looked at more closely.
const MOST_BYTES: usize = 128 * 4 * 3;
/// 10^8 guesses and more.
const LEAST_SCORE: Score = Score::Three;

/// Words of the fund and of the work, which whoever guesses a password here begins with: names of the program, of the
/// fund and its registers, of roles, and of the country. Longer words are found by their parts.
pub(super) const WORDS_OF_THE_FUND: [&str; 37] = [
    "fundwatch",
    "baohiem",
    "bao hiem",
    "bảo hiểm",
    "yte",
    "y tế",
    "xahoi",
    "xã hội",
    "bhxh",
    "bhyt",
    "vss",
    "vssid",
    "quybhyt",
    "giamdinh",
    "giám định",
    "gianlan",
    "gian lận",
    "trucloi",
    "trục lợi",
    "benhvien",
    "bệnh viện",
    "hoso",
    "hồ sơ",
    "canhbao",
    "cảnh báo",
    "reviewer",
    "supervisor",
    "auditor",
    "operator",
    "admin",
    "privacy officer",
    "insurance",
    "claims",
    "fraud",
    "vietnam",
    "việt nam",
    "hanoi",
];

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// It has too few characters.
    TooShort,
    /// It has too many characters.
    TooLong,
    /// It is guessed too soon: common words, names, dates, rows of keys, the user's own name.
    Weak,
}

impl fmt::Display for PasswordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (CHARACTERS.start(), CHARACTERS.end());
        match self {
            Self::TooShort => write!(f, "the password has fewer than {least} characters"),
            Self::TooLong => write!(f, "the password has more than {most} characters"),
            Self::Weak => f.write_str(
                "the password is guessed too soon; take several words that do not belong together",
            ),
        }
    }
}

/// A password as it is hashed; nothing where it is longer than any password.
pub(super) fn normal(typed: &str) -> Option<Zeroizing<String>> {
    if typed.len() > MOST_BYTES {
        return None;
    }
    // With room for what composition may add, so that no copy of it is left where the text has grown.
    let mut text = Zeroizing::new(String::with_capacity(typed.len() * 3));
    text.extend(typed.nfc());
    (text.chars().count() <= *CHARACTERS.end()).then_some(text)
}

/// A new password as it is hashed.
///
/// # Errors
/// When it cannot be one. What is known of the user, such as the name, makes no good password.
pub fn check(typed: &str, known: &[&str]) -> Result<Zeroizing<String>, PasswordFault> {
    let text = normal(typed).ok_or(PasswordFault::TooLong)?;
    if text.chars().count() < *CHARACTERS.start() {
        return Err(PasswordFault::TooShort);
    }
    let words = known
        .iter()
        .flat_map(|text| text.split([' ', '.', '-', '_']));
    let known: Vec<&str> = known
        .iter()
        .copied()
        .chain(words)
        .chain(WORDS_OF_THE_FUND)
        .collect();
    let is_guessed = zxcvbn(&text, &known).score() < LEAST_SCORE;
    match is_guessed || is_made_of(&text, &known) {
        true => Err(PasswordFault::Weak),
        false => Ok(text),
    }
}

/// Letters that a password has beside what is known of the user and words of the fund, at least.
const OWN_LETTERS: usize = 4;

/// Whether a text is hardly more than known words, numbers and what stands between: several of them count as long, and are
/// what whoever knows the fund tries first.
fn is_made_of(text: &str, known: &[&str]) -> bool {
    let mut words: Vec<Zeroizing<String>> = known.iter().map(|word| folded(word)).collect();
    // The longer first, so that none is left in parts of another.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut left = folded(text);
    for word in words.iter().filter(|word| !word.is_empty()) {
        left = Zeroizing::new(left.replace(word.as_str(), ""));
    }
    left.chars().count() < OWN_LETTERS
}

/// The letters of a text, small and without marks.
fn folded(text: &str) -> Zeroizing<String> {
    let letters = text.nfd().flat_map(char::to_lowercase);
    let letters = letters.filter(|c| c.is_alphabetic());
    Zeroizing::new(letters.map(|c| if c == 'đ' { 'd' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(typed: &str) -> Option<PasswordFault> {
        check(typed, &["lan.tran", "Trần Thị Lan"]).err()
    }

    #[test]
    fn long_passwords_of_any_script_are_taken() {
        for typed in [
            "correct horse battery staple",
            "mưa phùn cổng chùa gạch đỏ",
            "tram xe buyt chieu thu bay",
            "雨の夜に猫が三匹いたよねえ本当に",
            "x7 qPv!9 mZ4 ",
            "đường phố mùa thu lá bàng rơi trên vai áo cũ của người bán hàng rong ở góc chợ phiên sớm",
        ] {
            assert_eq!(fault(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_is_guessed_soon_is_refused() {
        for typed in [
            "password1234",
            "123456789012",
            "qwertyuiop12",
            "aaaaaaaaaaaaaaaa",
            "lan.tranlan.tran",
            "fundwatch2026",
            "fundwatchfundwatch",
        ] {
            assert_eq!(fault(typed), Some(PasswordFault::Weak), "{typed}");
        }
    }

    #[test]
    fn words_of_the_fund_make_no_password() {
        let typed = [
            "bhyt vssid 2026",
            "baohiemxahoi2026",
            "Bảo hiểm xã hội",
            "giamdinhbhyt123",
            "trucloi benhvien",
            "Vietnam insurance",
            "Trần Thị Lan, 2026",
            "baohiemxahoi",
            "giamdinhbhyt",
            "trucloibenhvien",
            "reviewersupervisor",
            "insurancefraud",
            "vietnam20262026",
        ];
        let taken: Vec<&str> = (typed.into_iter())
            .filter(|typed| fault(typed) != Some(PasswordFault::Weak))
            .collect();
        assert!(taken.is_empty(), "{taken:?}");
        // The page of accounts lists them.
        let page = include_str!("../../../docs/accounts.md");
        for word in WORDS_OF_THE_FUND {
            assert!(page.contains(&format!("`{word}`")), "{word}");
        }
    }

    #[test]
    fn lengths_are_of_characters_in_nfc() {
        assert_eq!(fault("k7#Qz!m2Wp9"), Some(PasswordFault::TooShort));
        assert_eq!(fault("k7#Qz!m2Wp9x"), None);
        // Eleven letters of which each is typed as two.
        let composed = "ệụổặữởẫỳỹẵẽ";
        let typed: String = composed.nfd().collect();
        assert!(typed.chars().count() > 12);
        assert_eq!(fault(&typed), Some(PasswordFault::TooShort));
        // No row of keys or letters.
        let letters = (0..128_u32).map(|place| (place * place * 31 + place * 7) % 89 + 33);
        let long: String = letters.filter_map(char::from_u32).collect();
        assert_eq!(fault(&long), None);
        assert_eq!(fault(&format!("{long}x")), Some(PasswordFault::TooLong));
        assert_eq!(fault(&"x".repeat(1 << 20)), Some(PasswordFault::TooLong));
    }

    #[test]
    fn one_password_is_one_however_it_is_typed() {
        let composed = "mưa phùn cổng chùa gạch đỏ";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(normal(composed), normal(&decomposed));
    }
}
