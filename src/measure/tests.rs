//! Counters after any history, and what is told of them. `tests/oracle` holds whole replays to definitions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::record::{
    Cell, ErrorCode, Facility, Instant, Key, Money, Operation, Record, Row, RowError, Stream, Value,
};
use crate::rule::ReasonSet;

/// A row of a stream: texts by column.
struct Texts<'a>(Stream, &'a BTreeMap<&'static str, String>);

impl Row for Texts<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        let name = self.0.column_names().nth(column).expect("a column");
        let text = self.1.get(name);
        Ok(text.map_or(Cell::Null, |text| Cell::Text(Cow::Borrowed(text))))
    }
}

/// The record of a row that is valid.
fn record(stream: Stream, cells: &BTreeMap<&'static str, String>, at: Instant) -> (Key, Record) {
    let change = stream
        .parse(&Texts(stream, cells), at)
        .expect("a valid row");
    match change.operation {
        Operation::Upsert(record) => (change.key, record),
        Operation::Delete => panic!("no deletion"),
    }
}

fn claim(cells: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    let usual = [
        ("facility", "01001"),
        ("visit_id", "V1"),
        ("full_name", "Nguyễn Mẫu An"),
        ("birth_date", "1980"),
        ("sex", "1"),
        ("visit_type", "01"),
        ("object_code", "1.1"),
        ("main_diagnosis", "J06.9"),
        ("admitted_at", "2025-06-30T08:00"),
        ("discharged_at", "2025-06-30T09:00"),
        ("outcome", "1"),
        ("discharge_type", "1"),
        ("cost_drugs", "0"),
        ("cost_supplies", "0"),
        ("cost_total", "0"),
        ("cost_covered", "0"),
        ("paid_by_fund", "0"),
        ("copay", "0"),
        ("self_paid", "0"),
        ("other_sources", "0"),
    ];
    let all = usual.iter().chain(cells);
    all.map(|(name, text)| (*name, (*text).to_owned()))
        .collect()
}

fn instant(text: &str) -> Instant {
    Instant::from_text(text).expect("an instant")
}

fn note(cells: &[(&'static str, &str)], at: &str) -> Note {
    let at = instant(at);
    Note::of(&record(Stream::Claims, &claim(cells), at).1, at)
}

/// The indicators of a claim: filled, missing, or not expected.
fn judged(cells: &[(&'static str, &str)]) -> String {
    let bits = note(cells, "2025-07-01T08:00:00+07:00").cells();
    let indicators = Indicator::of_stream(Stream::Claims).len();
    let letter = |place| match bits >> (2 * place) & 0b11 {
        0b00 => '-',
        0b01 => '0',
        _ => '1',
    };
    (0..indicators).map(letter).collect()
}

#[test]
fn a_claim_is_expected_to_have_what_its_kind_calls_for() {
    // cards, personal_id, inpatient_at, referred_from, referred_to, department
    assert_eq!(judged(&[]), "0----0");
    assert_eq!(
        judged(&[("cards", "DN4790000000001"), ("department", "K01")]),
        "1----1"
    );
    let july = [
        ("admitted_at", "2025-07-01T00:00"),
        ("discharged_at", "2025-07-01T00:00"),
    ];
    assert_eq!(judged(&july), "00---0");
    assert_eq!(
        judged(&[july[0], july[1], ("personal_id", "C1234567")]),
        "01---0"
    );
    assert_eq!(judged(&[("visit_type", "03")]), "0-0--0");
    assert_eq!(
        judged(&[("visit_type", "09"), ("inpatient_at", "2025-06-30T08:00")]),
        "0----0"
    );
    assert_eq!(
        judged(&[("visit_type", "04"), ("inpatient_at", "2025-06-30T08:00")]),
        "0-1--0"
    );
    assert_eq!(
        judged(&[("object_code", "1.3"), ("referred_to", "01002")]),
        "0--0-0"
    );
    assert_eq!(
        judged(&[("object_code", "1.3"), ("referred_from", "01002")]),
        "0--1-0"
    );
    assert_eq!(judged(&[("discharge_type", "2")]), "0---00");
    assert_eq!(
        judged(&[("discharge_type", "5"), ("referred_to", "01002")]),
        "0---10"
    );
}

#[test]
fn a_correction_leaves_when_its_time_became_known() {
    let first = note(&[], "2025-07-01T08:00:00+07:00");
    let late = "2025-12-01T08:00:00+07:00";
    let corrected = note(&[("department", "K01")], late);
    let after = corrected.after(first);
    assert_eq!((after.class(), after.deadlines()), (first.class(), 0b11));
    assert_eq!(after.cells(), corrected.cells());
    assert_ne!(corrected.class(), first.class());
    // Another discharge is known since the correction.
    let moved = note(&[("discharged_at", "2025-06-30T10:00")], late);
    assert_eq!(moved.after(first), moved);
    assert_eq!(Note::from_bits(after.bits()), after);
}

/// Notes and amounts by facility and visit.
type Holding = BTreeMap<(u8, u8), (Note, i64)>;

/// A row of a claim: facility, visit, columns, amount; without columns it is a deletion.
type Step = (u8, u8, Option<(u8, u8)>, i32);

fn columns(facility: u8, visit: u8, filled: u8, kind: u8) -> BTreeMap<&'static str, String> {
    let (facility, visit) = (format!("0100{facility}"), format!("V{visit}"));
    let visit_type = ["01", "03", "04"][usize::from(kind % 3)];
    let discharge = ["1", "2"][usize::from(kind / 3 % 2)];
    let day = format!("2025-06-{:02}T09:00", 10 + kind);
    let mut cells = claim(&[
        ("facility", &facility),
        ("visit_id", &visit),
        ("visit_type", visit_type),
        ("discharge_type", discharge),
        ("admitted_at", &day),
        ("discharged_at", &day),
    ]);
    for (bit, name, text) in [
        (0, "cards", "DN4790000000001"),
        (1, "department", "K01"),
        (2, "inpatient_at", "2025-06-30T08:00"),
        (3, "referred_to", "01002"),
    ] {
        if filled >> bit & 1 == 1 {
            cells.insert(name, text.to_owned());
        }
    }
    cells
}

/// Applies the steps whose keys are `mine`, a day apart, and gives what their keys hold.
fn applied(steps: &[Step], mine: impl Fn(u8) -> bool) -> (Measures, Holding) {
    let mut measures = Measures::default();
    let mut held = Holding::new();
    let mut at = instant("2025-06-12T08:00:00+07:00");
    for (facility, visit, row, amount) in steps {
        at = Instant::from_nanos(at.nanos() + 86_400_000_000_000);
        if !mine(*visit) {
            continue;
        }
        let (filled, kind) = row.unwrap_or_default();
        let cells = columns(*facility, *visit, filled, kind);
        let (key, record) = record(Stream::Claims, &cells, at);
        let before = held.remove(&(*facility, *visit));
        let after = row.map(|_| {
            let note = Note::of(&record, at);
            let note = before.map_or(note, |(before, _)| note.after(before));
            (note, i64::from(*amount))
        });
        let of = |(note, amount)| Held {
            note,
            amount: Money::from_thousandths(amount),
        };
        measures.row(&key, at, (before.map(of), after.map(of)), before == after);
        if let Some(after) = after {
            held.insert((*facility, *visit), after);
        }
    }
    (measures, held)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let row = prop::option::weighted(0.8, (0u8..16, 0u8..6));
    prop::collection::vec((0u8..3, 0u8..4, row, any::<i32>()), 0..40)
}

fn report(measures: &Measures) -> Report {
    let mut rejected = Rejected::default();
    rejected.count(Stream::Claims, ErrorCode::BadJson, None);
    rejected.count(
        Stream::Claims,
        ErrorCode::BadDate,
        Facility::from_text("01002"),
    );
    rejected.count(
        Stream::Claims,
        ErrorCode::BadDate,
        Facility::from_text("79999"),
    );
    rejected.count(
        Stream::Cards,
        ErrorCode::BadDate,
        Facility::from_text("01002"),
    );
    Report::new(&Parts {
        measures,
        rejected: &rejected,
        failing: &Failing::default(),
        reasons: ReasonSet::ALL,
        known_until: Some(instant("2025-12-31T23:59:59+07:00")),
    })
}

proptest! {
    #[test]
    fn counters_are_those_of_what_holds_and_parts_add_up(steps in steps()) {
        let (whole, held) = applied(&steps, |_| true);
        // From scratch: what holds, as if nothing had been before.
        let told = report(&whole);
        for facility in 0u8..3 {
            let code = format!("0100{facility}");
            let of = || held.iter().filter(|((one, _), _)| *one == facility);
            let Some(facility) = told.facility(&code) else {
                prop_assert!(of().next().is_none());
                continue;
            };
            prop_assert_eq!(facility.claims, of().count() as u64);
            let sum: i64 = of().map(|(_, (_, amount))| *amount).sum();
            prop_assert_eq!(facility.amount_vnd, sum.div_euclid(1000));
            for (place, named) in facility.indicators.iter().enumerate() {
                let count = |bit: usize| {
                    let has = |note: Note| note.cells() >> (2 * place + bit) & 1 == 1;
                    of().filter(|(_, (note, _))| has(*note)).count() as u64
                };
                prop_assert_eq!(named.share, Share::new(count(1), count(0)), "{}", named.name);
            }
            for (place, named) in facility.deadlines.iter().enumerate() {
                let kept = |note: Note| note.deadlines() >> place & 1 == 1;
                let count = of().filter(|(_, (note, _))| kept(*note)).count() as u64;
                prop_assert_eq!(named.share, Share::new(count, facility.claims));
            }
        }
        let claims = &told.streams[Stream::Claims as usize];
        prop_assert_eq!(claims.rows, held.len() as u64);
        prop_assert_eq!(claims.clean.added - claims.clean.removed, claims.rows);
        prop_assert_eq!(claims.clean.accepted, steps.len() as u64);

        let (mut parts, _) = applied(&steps, |visit| visit.is_multiple_of(2));
        parts.merge(applied(&steps, |visit| !visit.is_multiple_of(2)).0);
        prop_assert_eq!(&report(&parts), &told);

        // What is written reads back, and nothing but that does.
        let mut written = Vec::new();
        told.write(&mut written).expect("memory does not fail");
        prop_assert_eq!(&Report::read(written.as_slice()).expect("read"), &told);
        let (cut, rest) = written.split_at(written.len() / 2);
        let is_between_lines = cut.ends_with(b"\n") || rest.starts_with(b"\n");
        prop_assert!(is_between_lines || Report::read(cut).is_err());
    }
}

#[test]
fn rejected_claims_count_to_their_facility_and_the_rest_to_none() {
    let (measures, _) = applied(&[(1, 1, Some((0, 0)), 7)], |_| true);
    let told = report(&measures);
    let facilities: Vec<_> = told
        .facilities
        .iter()
        .map(|one| (one.facility.as_deref(), one.rejected.count, one.rejected.of))
        .collect();
    assert_eq!(
        facilities,
        [
            (Some("01001"), 0, 1),
            (Some("01002"), 1, 1),
            (Some("79999"), 1, 1),
            (None, 1, 1),
        ]
    );
    let claims = &told.streams[Stream::Claims as usize].clean;
    assert_eq!(claims.rejected, Share::new(3, 4));
    assert_eq!(claims.rejected_by_code["bad_date"], 2);
}

#[test]
fn a_check_without_its_reasons_has_no_count() {
    let told = Report::new(&Parts {
        measures: &Measures::default(),
        rejected: &Rejected::default(),
        failing: &Failing::default(),
        reasons: ReasonSet::from_iter([]),
        known_until: None,
    });
    for stream in &told.streams {
        assert!(stream.correct.iter().all(|check| check.share.is_none()));
        assert_eq!((stream.rows, &stream.live.last_recorded_at), (0, &None));
    }
    assert!(told.facilities.is_empty());
}

/// What the exposition promises of names, labels and values.
#[test]
fn metrics_have_units_and_few_labels() {
    let steps: Vec<Step> = (0..30u8)
        .map(|n| (n % 3, n % 4, Some((n % 16, n % 6)), 1_000_000))
        .collect();
    let told = report(&applied(&steps, |_| true).0);
    let named = told.facility("01001").expect("it sent claims");
    for named in [vec![], vec![named]] {
        let text = exposition(&told, &named);
        assert_eq!(text.contains("facility=\""), !named.is_empty());
        let mut families = BTreeMap::new();
        let mut samples = BTreeSet::new();
        let mut family = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help");
                assert!(help.ends_with('.'), "{line}");
                family = name;
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                assert_eq!(name, family, "{line}");
                assert!(families.insert(name, kind).is_none(), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                let units = ["_total", "_seconds", "_ratio", "_vnd"];
                // Counts of things have the things as their name.
                let things = ["_rows", "_enterprises", "_facilities", "_claims"];
                assert!(
                    name.starts_with("fundwatch_")
                        && units.iter().chain(&things).any(|end| name.ends_with(end)),
                    "{line}"
                );
            } else {
                let (sample, value) = line.rsplit_once(' ').expect("a value");
                let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
                assert_eq!(name, family, "{line}");
                assert!(samples.insert(sample), "{line}");
                let value: f64 = value.parse().expect("a number");
                assert!(
                    !name.ends_with("_ratio") || (0.0..=1.0).contains(&value),
                    "{line}"
                );
                for label in labels
                    .trim_end_matches('}')
                    .split(',')
                    .filter(|l| !l.is_empty())
                {
                    let (label, _) = label.split_once('=').expect("a label");
                    let known = [
                        "source",
                        "outcome",
                        "code",
                        "check",
                        "indicator",
                        "deadline",
                        "percentile",
                        "employees",
                        "facility",
                    ];
                    assert!(known.contains(&label), "{line}");
                }
            }
        }
        assert!(families.len() >= 13 && samples.len() < 3_000);
    }
}

/// The table of ARCHITECTURE.md rests on these.
#[test]
fn counters_are_as_wide_as_the_architecture_says() {
    assert_eq!(size_of::<(Facility, measures::OfFacility)>(), 320);
    assert_eq!(workforce::BUCKET, 24);
}
