//! Diagnoses that are limited by sex (`streams/icd10_rules.csv`, Decision 4469/QD-BYT).

use std::sync::OnceLock;

use hashbrown::HashMap;

use crate::record::{Sex, Value};

pub(super) static TABLE: &str = include_str!("../../streams/icd10_rules.csv");

/// Characters of the longest code that can be listed.
const LONGEST: usize = 8;

/// A code without its dots, filled up with dots: the first character in the lowest byte.
type Dotless = u64;

/// The first three characters of a code.
const CATEGORY: Dotless = 0xff_ffff;

/// A code of no character.
const EMPTY: Dotless = Dotless::from_le_bytes([b'.'; LONGEST]);

/// Codes and the sex they are limited to, if they are; a code that is listed for another limit is
/// here without one, since it is listed.
fn limits() -> &'static HashMap<Dotless, Option<Sex>> {
    static LIMITS: OnceLock<HashMap<Dotless, Option<Sex>>> = OnceLock::new();
    LIMITS.get_or_init(|| {
        let rows = TABLE.lines().skip(1);
        rows.filter_map(|row| {
            let mut cells = row.split(',');
            let (code, _) = dotless(cells.next()?);
            Some((code, Sex::from_text(cells.next()?)))
        })
        .collect()
    })
}

/// The only sex for which a diagnosis is allowed, if it is limited.
///
/// A code matches without its dot, exactly; a listed category of three characters stands for the
/// codes below it that are not listed.
pub fn diagnosis_sex(code: &str) -> Option<Sex> {
    let limits = limits();
    let (code, is_whole) = dotless(code);
    if is_whole && let Some(limit) = limits.get(&code) {
        return *limit;
    }
    *limits.get(&(code & CATEGORY | EMPTY & !CATEGORY))?
}

/// A code without its dots, and whether that is all of it.
fn dotless(code: &str) -> (Dotless, bool) {
    let mut bytes = code.bytes().filter(|byte| *byte != b'.');
    let mut dotless = [b'.'; LONGEST];
    for (place, byte) in dotless.iter_mut().zip(&mut bytes) {
        *place = byte;
    }
    (Dotless::from_le_bytes(dotless), bytes.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_stand_for_codes_that_are_not_listed() {
        assert_eq!(diagnosis_sex("A34"), Some(Sex::FEMALE));
        assert_eq!(diagnosis_sex("A34.9"), Some(Sex::FEMALE));
        assert_eq!(diagnosis_sex("A50.0"), None);
        assert_eq!(diagnosis_sex("A5"), None);
        assert_eq!(diagnosis_sex("Ơơơơ"), None);
        assert_eq!(diagnosis_sex("A3.4"), Some(Sex::FEMALE));
        assert_eq!(diagnosis_sex("A34.5678901"), Some(Sex::FEMALE));
        assert_eq!(diagnosis_sex(""), None);
        assert!(limits().len() > 3000);
    }

    #[test]
    fn every_code_of_the_table_is_found_whole() {
        for row in TABLE.lines().skip(1) {
            let mut cells = row.split(',');
            let (code, sex) = (cells.next().unwrap_or(""), cells.next().unwrap_or(""));
            assert!((3..=LONGEST).contains(&code.len()) && !code.contains('.'));
            assert_eq!(diagnosis_sex(code), Sex::from_text(sex), "{code}");
        }
    }
}
