//! The line of an alert as callers look through it: numbers of people masked, and whose province it is of.
//!
//! In: a line as the store has it. Out: the same with the subject's id and the keys of the evidence masked as on the pages,
//! every other byte as it was. Must hold: keys of visits, which are of a facility and name no person, stay whole; what has no
//! such form is not told at all.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::mask;

/// What of a line names somebody.
#[derive(Deserialize)]
struct Naming<'a> {
    #[serde(borrow)]
    subject: &'a RawValue,
    #[serde(borrow)]
    evidence: &'a RawValue,
}

#[derive(Deserialize, Serialize)]
struct Subject<'a> {
    kind: &'a str,
    id: String,
}

#[derive(Deserialize, Serialize)]
struct Evidence<'a> {
    stream: &'a str,
    key: String,
    recorded_at: &'a str,
    file: &'a str,
    row: u64,
}

/// A line as it may be told.
pub(super) struct Masked {
    /// The line.
    pub line: String,
    /// The province of its facility, in two digits; none where it is of none.
    pub province: Option<String>,
}

/// Masks a line; nothing where it is not one of an alert.
pub(super) fn masked(line: &str) -> Option<Masked> {
    let naming: Naming<'_> = serde_json::from_str(line).ok()?;
    let mut subject: Subject<'_> = serde_json::from_str(naming.subject.get()).ok()?;
    let mut evidence: Vec<Evidence<'_>> = serde_json::from_str(naming.evidence.get()).ok()?;
    let is_visit = matches!(subject.kind, "claim" | "check_in");
    let facility = subject.id.split_once('/').filter(|_| is_visit);
    let province = facility.and_then(|(facility, _)| Some(facility.get(..2)?.to_owned()));
    subject.id = mask::key(is_visit, &subject.id);
    for row in &mut evidence {
        let is_visit = matches!(row.stream, "claims" | "check_ins");
        row.key = mask::key(is_visit, &row.key);
    }
    let mut parts = [
        (
            place(line, naming.subject)?,
            serde_json::to_string(&subject).ok()?,
        ),
        (
            place(line, naming.evidence)?,
            serde_json::to_string(&evidence).ok()?,
        ),
    ];
    parts.sort_by_key(|(place, _)| place.start);
    let (mut text, mut from) = (String::with_capacity(line.len()), 0);
    for (place, masked) in parts {
        text.push_str(line.get(from..place.start)?);
        text.push_str(&masked);
        from = place.end;
    }
    text.push_str(line.get(from..)?);
    Some(Masked {
        line: text,
        province,
    })
}

/// Where a part of a line is in it.
fn place(line: &str, part: &RawValue) -> Option<std::ops::Range<usize>> {
    // It is borrowed of the line.
    let start = (part.get().as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    let place = start..start + part.get().len();
    (line.get(place.clone()) == Some(part.get())).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> (String, Option<String>) {
        let masked = masked(line).expect("a line");
        (masked.line, masked.province)
    }

    #[test]
    fn numbers_of_people_are_masked_and_nothing_else_is_changed() {
        let line = r#"{"alert_id":"0079051000001000","subject":{"kind":"beneficiary","id":"079182000028/unemployment"},"amount_vnd":4200000.125,"evidence":[{"stream":"beneficiaries","key":"079182000028/unemployment","recorded_at":"2025-03-08T08:00:00+07:00","file":"epochs/10","row":3},{"stream":"cards","key":"HT3797900000001","recorded_at":"2025-03-08T08:00:00+07:00","file":"epochs/5","row":7},{"stream":"claims","key":"79001/S01-1234567890","recorded_at":"2025-03-08T08:00:00+07:00","file":"epochs/6","row":1}]}"#;
        let (told, province) = told(line);
        let expected = line
            .replace("079182000028", "•••028")
            .replace("HT3797900000001", "•••001");
        assert_eq!((told, province), (expected, None));
    }

    #[test]
    fn a_visit_is_of_the_province_of_its_facility() {
        let line = |id: &str| {
            format!(r#"{{"evidence":[],"score":0.5,"subject":{{"kind":"claim","id":"{id}"}}}}"#)
        };
        let visit = line("79001/S01-1");
        assert_eq!(told(&visit), (visit.clone(), Some("79".to_owned())));
        let card = line("79001/HT3797900000001");
        assert_eq!(told(&card).0, line("79001/•••001"));
    }

    #[test]
    fn what_is_no_line_is_not_told() {
        for wrong in [
            "",
            "{}",
            "[]",
            r#"{"subject":{"kind":"card"},"evidence":[]}"#,
        ] {
            assert!(masked(wrong).is_none(), "{wrong}");
        }
    }
}
