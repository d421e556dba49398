//! Diagnoses that are limited by sex (`streams/icd10_rules.csv`, Decision 4469/QD-BYT).

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::record::{Sex, Value};

pub(super) static TABLE: &str = include_str!("../../streams/icd10_rules.csv");

/// Codes and the sex they are limited to, if they are; a code that is listed for another limit is
/// here without one, since it is listed.
fn limits() -> &'static HashMap<&'static str, Option<Sex>> {
    static LIMITS: OnceLock<HashMap<&'static str, Option<Sex>>> = OnceLock::new();
    LIMITS.get_or_init(|| {
        let rows = TABLE.lines().skip(1);
        rows.filter_map(|row| {
            let mut cells = row.split(',');
            Some((cells.next()?, Sex::from_text(cells.next()?)))
        })
        .collect()
    })
}

/// The only sex for which a diagnosis is allowed, if it is limited.
///
/// A code matches without its dot, exactly; a listed category of three characters stands for the
/// codes below it that are not listed.
pub fn diagnosis_sex(code: &str) -> Option<Sex> {
    let code = code.replace('.', "");
    let limits = limits();
    match limits.get(code.as_str()) {
        Some(limit) => *limit,
        None => *limits.get(code.get(..3)?)?,
    }
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
        assert!(limits().len() > 3000);
    }
}
