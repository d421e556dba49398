//! Public synthetic data sets, converted to our streams, against the counts of an oracle that is
//! independent of this program.
//!
//! Must hold: each data set gives exactly the alerts that its `README.md` states, whether its claims
//! come as CSV or as XML envelopes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fundwatch::record::{Claim, Day, Operation, Record, Stream};
use fundwatch::source::discover;
use serde_json::Value;

use crate::envelope::{Encoding, envelope};
use crate::support::{assert_same, counts, replay};
use crate::tables::entries;

struct Expected {
    data_set: &'static str,
    as_of: &'static str,
    alerts: &'static [(&'static str, u64)],
}

/// The tables of the data sets' `README.md`; every other reason has no alert.
const EXPECTED: [Expected; 3] = [
    Expected {
        data_set: "tuva",
        as_of: "2019-01-06",
        alerts: &[
            ("service_after_death", 5),
            ("card_not_valid", 570),
            ("visit_during_stay", 71),
            ("duplicate_claim", 146),
            ("same_day_facilities", 21),
            ("frequent_visits", 349),
            ("sex_diagnosis_conflict", 22),
        ],
    },
    Expected {
        data_set: "synthea_dbt",
        as_of: "2024-02-05",
        alerts: &[
            ("service_after_death", 2),
            ("card_not_valid", 213),
            ("duplicate_claim", 55),
        ],
    },
    Expected {
        data_set: "synthea_sarabuzzi",
        as_of: "2025-08-24",
        alerts: &[
            ("service_after_death", 11),
            ("card_not_valid", 1772),
            ("visit_during_stay", 5),
            ("duplicate_claim", 531),
            ("frequent_visits", 1601),
            ("stale_card", 1),
        ],
    },
];

/// The input directory of a data set, if it is on this machine.
pub fn data_set(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/real");
    let input = path.join(name).join("in");
    if !input.is_dir() {
        eprintln!("SKIPPED: {} is absent", input.display());
        return None;
    }
    Some(input)
}

fn check(name: &str) {
    let Some(input) = data_set(name) else { return };
    let expected = EXPECTED.iter().find(|e| e.data_set == name).unwrap();
    let run = replay(&input, &[]);
    let alerts = run.alerts();
    assert_oracle(&alerts, expected);
    assert_eq!(run.document("summary.json")["as_of"], expected.as_of);
    assert_eq!(run.bytes("rejects.ndjson"), b"");

    // The envelope carries the day on which claims became known, not the time: one of each day,
    // known at 23:59. What this moves within a day changes `raised_at` and history, nothing else.
    let xml = as_envelopes(&input);
    let from_xml = replay(xml.path(), &["--epoch", "30d"]);
    assert_eq!(from_xml.bytes("rejects.ndjson"), b"");
    assert_eq!(from_xml.document("summary.json")["as_of"], expected.as_of);
    let from_xml = from_xml.alerts();
    assert_oracle(&from_xml, expected);
    assert_same(&decided(&from_xml), &decided(&alerts), name);
}

fn assert_oracle(alerts: &[Value], expected: &Expected) {
    let stated: BTreeMap<String, u64> = (expected.alerts.iter())
        .map(|(reason, count)| ((*reason).to_owned(), *count))
        .collect();
    assert_eq!(counts(alerts, "reason"), stated, "{}", expected.data_set);
    let deaths = alerts
        .iter()
        .filter(|a| a["reason"] == "service_after_death");
    for alert in deaths {
        assert_eq!(alert["grade"], 1, "{}", expected.data_set);
        assert_eq!(alert["class"], "eligibility", "{}", expected.data_set);
    }
}

/// What an alert decides, without where and when its rows were told. Alerts stand by `alert_id`,
/// which reason and subject make.
fn decided(alerts: &[Value]) -> Vec<Value> {
    let members = [
        "alert_id",
        "reason",
        "subject",
        "class",
        "grade",
        "amount_vnd",
    ];
    alerts
        .iter()
        .map(|alert| members.iter().map(|m| alert[m].clone()).collect())
        .collect()
}

/// The data set with its claims as XML, the other streams copied.
///
/// A claim's count of lines has no field of its own: it is written as so many lines in XML2 and XML3,
/// or not at all where so few lines cannot carry its amounts. Then the tolerance of `money_mismatch`
/// is that of one line, which is stricter; none of these claims is near it.
fn as_envelopes(input: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let folder = to.path().join("claims-xml");
    fs::create_dir(&folder).unwrap();
    let mut days: BTreeMap<i32, Vec<Claim>> = BTreeMap::new();
    for file in discover(input).unwrap().files {
        if file.stream != Stream::Claims {
            fs::copy(&file.path, to.path().join(&file.name)).unwrap();
            continue;
        }
        for entry in entries(&file) {
            let change = entry.outcome.expect("the data has no bad rows");
            let day = change.recorded_at.day().number();
            match change.operation {
                Operation::Upsert(Record::Claims(claim)) => {
                    days.entry(day).or_default().push(*claim);
                }
                other => panic!("an envelope cannot carry {other:?}"),
            }
        }
    }
    for (day, claims) in days {
        let day = Day::from_number(day);
        let encoding = match day.number() % 2 {
            0 => Encoding::Base64,
            _ => Encoding::Plain,
        };
        let text = envelope(&claims, day, encoding);
        fs::write(folder.join(format!("{day}.xml")), text).unwrap();
    }
    to
}

#[test]
fn tuva() {
    check("tuva");
}

#[test]
fn synthea_dbt() {
    check("synthea_dbt");
}

#[test]
fn synthea_sarabuzzi() {
    check("synthea_sarabuzzi");
}
