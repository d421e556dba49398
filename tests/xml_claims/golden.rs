//! Golden files: what each is read as, for a person to review.

use std::fmt::Write;

use fundwatch::record::{CheckIn, Claim, Operation, Record};
use fundwatch::source::Entry;

use crate::{GOLDEN, entries, entries_in_chunks, golden_file};

/// Entries as a person reads them: a block an entry, a line a filled column.
fn printed(entries: &[Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        match &entry.outcome {
            Ok(change) => {
                let Operation::Upsert(record) = &change.operation else {
                    panic!("an envelope deletes nothing");
                };
                assert_eq!(record.key(), change.key);
                let (kind, columns) = match record {
                    Record::Claims(claim) => ("claim", claim_columns(claim)),
                    Record::CheckIns(check_in) => ("check-in", check_in_columns(check_in)),
                    other => panic!("an envelope holds no {other:?}"),
                };
                writeln!(out, "{}: {kind} at {}", entry.row, change.recorded_at).unwrap();
                for (name, value) in columns.iter().filter(|(_, value)| !value.is_empty()) {
                    writeln!(out, "   {name} = {value}").unwrap();
                }
            }
            Err(reject) => {
                let at = reject
                    .recorded_at
                    .map_or("an unknown time".into(), |t| t.to_string());
                writeln!(out, "{}: reject of {} at {at}", entry.row, reject.stream).unwrap();
                writeln!(out, "   {}: {}", reject.error.code, reject.error.message).unwrap();
                let raw: Vec<&str> = reject.raw.split_whitespace().collect();
                let head: String = raw.join(" ").chars().take(60).collect();
                writeln!(out, "   raw {head}").unwrap();
            }
        }
        out.push('\n');
    }
    out
}

fn some<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn list<T: ToString>(values: &[T]) -> String {
    values
        .iter()
        .map(T::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

pub(crate) fn claim_columns(c: &Claim) -> Vec<(&'static str, String)> {
    let totals = c.line_totals.map_or_else(String::new, |t| {
        format!(
            "drugs {} supplies {} total {} covered {} in {} lines (XML2 {}, XML3 {})",
            t.drugs, t.supplies, t.total, t.covered, t.lines, t.has_drugs, t.has_services
        )
    });
    vec![
        ("facility", c.facility.to_string()),
        ("visit_id", c.visit_id.to_string()),
        ("cards", list(&c.cards)),
        ("personal_id", some(c.personal_id.as_ref())),
        ("full_name", c.full_name.as_str().to_owned()),
        ("birth_date", c.birth_date.to_string()),
        ("sex", c.sex.number().to_string()),
        ("blood_group", some(c.blood_group.map(|g| g.as_str()))),
        ("visit_type", format!("{:02}", c.visit_type.number())),
        ("object_code", c.object_code.to_string()),
        ("main_diagnosis", c.main_diagnosis.to_string()),
        ("other_diagnoses", list(&c.other_diagnoses)),
        ("admitted_at", c.admitted_at.to_string()),
        ("inpatient_at", some(c.inpatient_at)),
        ("discharged_at", c.discharged_at.to_string()),
        ("outcome", c.outcome.number().to_string()),
        ("discharge_type", c.discharge_type.number().to_string()),
        ("copay_exempt_from", some(c.copay_exempt_from)),
        ("referred_from", some(c.referred_from.as_ref())),
        ("referred_to", some(c.referred_to.as_ref())),
        ("department", some(c.department.as_ref())),
        ("cost_drugs", c.cost_drugs.to_string()),
        ("cost_supplies", c.cost_supplies.to_string()),
        ("cost_total", c.cost_total.to_string()),
        ("cost_covered", c.cost_covered.to_string()),
        ("paid_by_fund", c.paid_by_fund.to_string()),
        ("copay", c.copay.to_string()),
        ("self_paid", c.self_paid.to_string()),
        ("other_sources", c.other_sources.to_string()),
        ("lines", some(c.lines.map(|l| l.0))),
        ("line_totals", totals),
    ]
}

fn check_in_columns(c: &CheckIn) -> Vec<(&'static str, String)> {
    vec![
        ("facility", c.facility.to_string()),
        ("visit_id", c.visit_id.to_string()),
        ("cards", list(&c.cards)),
        ("personal_id", some(c.personal_id.as_ref())),
        ("full_name", c.full_name.as_str().to_owned()),
        ("birth_date", c.birth_date.to_string()),
        ("sex", c.sex.number().to_string()),
        ("visit_type", format!("{:02}", c.visit_type.number())),
        ("admitted_at", c.admitted_at.to_string()),
    ]
}

#[test]
fn golden_files_read_as_they_always_have() {
    for name in GOLDEN {
        let bytes = golden_file(&format!("{name}.xml"));
        let read = entries(&bytes);
        insta::assert_snapshot!(name, printed(&read));
        for chunk in [1, 7] {
            assert_eq!(entries_in_chunks(&bytes, chunk), read, "{name} by {chunk}");
        }
    }
}
