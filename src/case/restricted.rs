//! Diagnoses that are masked until they are revealed with a purpose.
//!
//! In: the code of a diagnosis as a claim has it. Out: whether it is restricted. Which are, and by which law, says
//! `restricted_diagnoses.toml`. Must hold: however a restricted code is written - with its dot or without, in small
//! letters, with a mark, among others - it is restricted, and so is what has not the form of a code; a list that cannot be read
//! restricts everything.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::language::Language;
use crate::mask;
use crate::rule::Reason;

static TEXT: &str = include_str!("restricted_diagnoses.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    diagnosis: Vec<Restricted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restricted {
    #[expect(dead_code, reason = "read by people, and asked for of every entry")]
    why: String,
    from: String,
    to: String,
    codes: Vec<String>,
}

fn listed() -> Option<&'static [Restricted]> {
    static LISTED: OnceLock<Option<Vec<Restricted>>> = OnceLock::new();
    let listed = LISTED.get_or_init(|| {
        let listed: Listed = toml::from_str(TEXT).ok()?;
        Some(listed.diagnosis)
    });
    listed.as_deref()
}

/// Whether a diagnosis is told only to who has asked for it with a purpose.
pub(crate) fn is_restricted(diagnosis: &str) -> bool {
    let Some(listed) = listed() else {
        return true;
    };
    let is_between = |c: char| !c.is_alphanumeric() && c != '.';
    let mut codes = diagnosis.split(is_between).map(|code| {
        let code = code.chars().filter(|c| *c != '.');
        code.collect::<String>().to_uppercase()
    });
    codes.any(|code| {
        // What is no plain code may be any, in words or in other letters.
        if !code.is_empty() && !is_plain(&code) {
            return true;
        }
        let category: String = code.chars().take(3).collect();
        listed.iter().any(|one| {
            let is_inside = category >= one.from && category <= one.to && category.len() == 3;
            is_inside || one.codes.iter().any(|own| code.starts_with(own.as_str()))
        })
    })
}

/// Whether a code without its dot has the form of ICD-10: a letter, two digits, and up to two more.
fn is_plain(code: &str) -> bool {
    let Some((letter, digits)) = code.as_bytes().split_first() else {
        return false;
    };
    letter.is_ascii_uppercase()
        && (2..=4).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
}

/// Whether it is a diagnosis that makes an alert of a reason hold.
pub(super) fn is_of_diagnoses(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::SexDiagnosisConflict | Reason::AgeDiagnosisConflict
    )
}

/// A diagnosis as it is told in a sentence to whoever sees the alert.
pub(super) fn diagnosis_told(diagnosis: &str, language: Language) -> String {
    match is_restricted(diagnosis) {
        true => language.page_messages().restricted_code.to_owned(),
        false => mask::text(diagnosis),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_read() {
        let listed = listed().expect("a list");
        assert_eq!(listed.len(), 2);
        for one in listed {
            assert!(one.from.len() == 3 && one.to.len() == 3 && one.from < one.to);
            assert!(one.codes.iter().all(|code| !code.contains('.')));
        }
    }

    #[test]
    fn restricted_codes_are_known_however_they_are_written() {
        for code in [
            "B20",
            "B20.1",
            "B24",
            "b22.7",
            "B23*",
            "Z21",
            "R75",
            "Z20.6",
            "Z206",
            "F02.4",
            "O98.7",
            "O987",
            "F00",
            "F20.0",
            "f99",
            "F32.2+",
            "I10;B20",
            "I10 F41.1",
            "(F10.2)",
            "B 20",
            "B-20",
            "F 20.0",
            "Ｂ20",
            "В20",
            "HIV",
            "Nhiễm HIV",
            "F",
            "FB20",
        ] {
            assert!(is_restricted(code), "{code}");
        }
        for code in [
            "",
            "B19.9",
            "B25",
            "Z20",
            "Z20.5",
            "Z22",
            "O98.6",
            "E99",
            "G00",
            "I10",
            "R74.0",
            "I10; E11.9",
            "N18.6+",
            "S72.00",
        ] {
            assert!(!is_restricted(code), "{code}");
        }
    }
}
