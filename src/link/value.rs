//! A cell in its normal form, as its role is compared.
//!
//! In: a cell and its role. Out: a value, or nothing where the cell says nothing. Must hold: cells
//! that differ only in how they are typed have equal values.

use sha2::{Digest, Sha256};

use super::date;
use super::role::Role;
use super::similarity::Letters;
use super::text::{folded, is_missing, toned};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    /// The exact form: with tone marks.
    pub toned: Box<str>,
    /// The form that is compared character by character: without tone marks.
    pub folded: Box<[char]>,
    /// Where the part before the `@` of an e-mail address ends, else the length.
    pub local: usize,
    /// The folded form of a full name with its words in order of the alphabet; else empty.
    pub sorted: Box<[char]>,
    /// The letters of the folded form.
    pub letters: Letters,
    /// What stands for the exact form where it is not to be read.
    pub digest: u64,
}

impl Value {
    /// The value of a cell.
    pub fn parse(role: Role, cell: &str) -> Option<Self> {
        let cell = cell.trim();
        if is_missing(cell) {
            return None;
        }
        match role {
            Role::DateOfBirth => date::digits(cell).and_then(Self::plain),
            Role::Phone => phone(cell).and_then(Self::plain),
            Role::NationalId | Role::Ssn | Role::Postcode => Self::plain(compact(cell)),
            Role::StreetNumber => Self::plain(compact(cell)),
            Role::Email => email(cell),
            Role::Sex => sex(&toned(cell)).and_then(Self::plain),
            Role::FullName => {
                let toned = toned(cell);
                let folded: Box<[char]> = folded(&toned).chars().collect();
                let mut value = Self::new(toned, folded, None)?;
                let mut words: Vec<&[char]> = value.words().collect();
                words.sort_unstable();
                value.sorted = words.join(&' ').into();
                Some(value)
            }
            _ => {
                let toned = toned(cell);
                let folded: Box<[char]> = folded(&toned).chars().collect();
                Self::new(toned, folded, None)
            }
        }
    }

    fn plain(text: String) -> Option<Self> {
        let folded = text.chars().collect();
        Self::new(text, folded, None)
    }

    fn new(toned: String, folded: Box<[char]>, local: Option<usize>) -> Option<Self> {
        let local = local.unwrap_or(folded.len());
        (local > 0).then(|| {
            let sha = Sha256::digest(toned.as_bytes());
            let digest = sha[..8]
                .iter()
                .fold(0, |digest, byte| digest << 8 | u64::from(*byte));
            Self {
                toned: toned.into(),
                letters: Letters::of(&folded),
                sorted: Box::default(),
                folded,
                local,
                digest,
            }
        })
    }

    /// The folded form as text.
    pub fn text(&self) -> String {
        self.folded.iter().collect()
    }

    /// The words of the sorted form.
    pub fn sorted_words(&self) -> impl Iterator<Item = &[char]> {
        self.sorted.split(|c| *c == ' ')
    }

    /// The words of the folded form.
    pub fn words(&self) -> impl Iterator<Item = &[char]> {
        self.folded.split(|c| *c == ' ').filter(|w| !w.is_empty())
    }
}

/// Letters and digits only, in upper case: leading zeros stay, since they are part of numbers.
fn compact(cell: &str) -> String {
    let kept = folded(&toned(cell));
    kept.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The digits that name a subscriber: no country code, no leading zero.
fn phone(cell: &str) -> Option<String> {
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("00").unwrap_or(&digits);
    let national = match national.strip_prefix("84") {
        Some(rest) if rest.len() >= 9 => rest,
        _ => national,
    };
    let national = national.trim_start_matches('0');
    (!national.is_empty()).then(|| national.to_owned())
}

fn email(cell: &str) -> Option<Value> {
    let text = folded(&cell.to_lowercase());
    let folded: Box<[char]> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let at = folded.iter().position(|c| *c == '@');
    Value::new(folded.iter().collect(), folded, at)
}

/// Male, female or as it is written; nothing where it is not determined.
fn sex(toned: &str) -> Option<String> {
    let sex = match toned {
        "nam" | "male" | "man" | "m" | "trai" | "1" => "m",
        "nữ" | "nu" | "female" | "woman" | "f" | "w" | "gái" | "2" | "0" => "f",
        // The code of the health-insurance data standards for who is neither or not known.
        "3" | "chưa xác định" | "không xác định" => return None,
        other => other,
    };
    Some(sex.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_depend_on_how_they_are_typed() {
        for (role, a, b) in [
            (Role::Phone, "+84 912 345 678", "0912345678"),
            (Role::Email, "Lan.Tran@Example.vn", "lan.tran@example.vn "),
            (Role::Sex, "Nữ", "F"),
            (Role::Ssn, "79-1234 5678", "7912345678"),
            (Role::DateOfBirth, "24/06/1971", "1971-06-24"),
            (Role::Surname, "NGUYỄN", "nguyễn"),
            (Role::Postcode, "SW1A 1AA", "sw1a1aa"),
        ] {
            assert_eq!(Value::parse(role, a), Value::parse(role, b), "{a} {b}");
            assert!(Value::parse(role, a).is_some());
        }
    }

    #[test]
    fn an_undetermined_sex_says_nothing() {
        assert_eq!(Value::parse(Role::Sex, "3"), None);
        assert_eq!(Value::parse(Role::Sex, "Chưa xác định"), None);
    }

    #[test]
    fn what_says_nothing_is_no_value() {
        for role in Role::ALL {
            for cell in ["", "  ", "NULL", "."] {
                let value = Value::parse(role, cell);
                assert!(value.is_none() || role == Role::Email, "{role} {cell:?}");
            }
        }
    }
}
