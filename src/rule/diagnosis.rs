//! Diagnoses that are limited by sex or age (`streams/icd10_rules.csv`, Decision 4469/QD-BYT).
//!
//! In: the text of a diagnosis. Out: its limits. Must hold: a code matches without its dot, exactly; a
//! listed category of three characters stands for the codes below it that are not listed.

use std::sync::OnceLock;

use hashbrown::HashMap;

use super::age::AgeSpan;
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

/// What limits a diagnosis; a code may be listed for another limit than these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiagnosisLimits {
    /// The only sex for which it is allowed.
    pub sex: Option<Sex>,
    /// The ages at which it is allowed.
    pub ages: Option<AgeSpan>,
}

/// The listed codes.
fn listed() -> &'static HashMap<Dotless, DiagnosisLimits> {
    static LISTED: OnceLock<HashMap<Dotless, DiagnosisLimits>> = OnceLock::new();
    LISTED.get_or_init(|| {
        let rows = TABLE.lines().skip(1);
        rows.filter_map(|row| {
            let mut cells = row.split(',');
            let (code, _) = dotless(cells.next()?);
            let sex = Sex::from_text(cells.next()?);
            let mut bound = || cells.next().and_then(|cell| cell.parse().ok());
            let ages = AgeSpan {
                min_days: bound(),
                max_days: bound(),
                min_years: bound(),
                max_years: bound(),
            };
            let ages = Some(ages).filter(|ages| *ages != AgeSpan::default());
            Some((code, DiagnosisLimits { sex, ages }))
        })
        .collect()
    })
}

/// The limits of a diagnosis; none where it is not listed.
pub fn diagnosis_limits(code: &str) -> DiagnosisLimits {
    let listed = listed();
    let (code, is_whole) = dotless(code);
    if is_whole && let Some(limits) = listed.get(&code) {
        return *limits;
    }
    let category = listed.get(&(code & CATEGORY | EMPTY & !CATEGORY));
    category.copied().unwrap_or_default()
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

    fn sex(code: &str) -> Option<Sex> {
        diagnosis_limits(code).sex
    }

    #[test]
    fn categories_stand_for_codes_that_are_not_listed() {
        assert_eq!(sex("A34"), Some(Sex::FEMALE));
        assert_eq!(sex("A34.9"), Some(Sex::FEMALE));
        assert_eq!(sex("A50.0"), None);
        assert_eq!(sex("A5"), None);
        assert_eq!(sex("Ơơơơ"), None);
        assert_eq!(sex("A3.4"), Some(Sex::FEMALE));
        assert_eq!(sex("A34.5678901"), Some(Sex::FEMALE));
        assert_eq!(sex(""), None);
        assert!(listed().len() > 3000);
    }

    #[test]
    fn every_code_of_the_table_is_found_whole() {
        for row in TABLE.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let code = cells[0];
            assert!((3..=LONGEST).contains(&code.len()) && !code.contains('.'));
            let limits = diagnosis_limits(code);
            assert_eq!(limits.sex, Sex::from_text(cells[1]), "{code}");
            let bounds = limits.ages.map_or([None; 4], |ages| {
                [ages.min_days, ages.max_days, ages.min_years, ages.max_years]
            });
            for (bound, cell) in bounds.iter().zip(&cells[2..6]) {
                let shown = bound.map(|bound| bound.to_string()).unwrap_or_default();
                assert_eq!(shown, *cell, "{code}");
            }
        }
    }
}
