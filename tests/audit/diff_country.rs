//! A made-up country that comparisons are of, its replays, and a naive reading of its claims.
//!
//! Must hold: it is made once for all tests; what is computed of its claims is written from the contract and uses
//! nothing of the program but the reading of times.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fundwatch::record::{Instant, Value as _};
use serde_json::Value;
use tempfile::TempDir;

use crate::said;
use crate::support::{lines, replayed, succeeds};

/// The country.
pub fn country() -> &'static Path {
    static COUNTRY: OnceLock<PathBuf> = OnceLock::new();
    COUNTRY.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff-country");
        let to = directory.to_str().unwrap();
        let size = ["--citizens", "1500", "--days", "180", "--seed", "3"];
        let format = ["--format", "csv", "--overwrite"];
        let mut arguments = vec!["synth", "--output", to];
        arguments.extend(size.into_iter().chain(format));
        succeeds(&arguments);
        said::people_in(&directory);
        directory
    })
}

/// The country, replayed as it is.
pub fn plain() -> &'static Path {
    static RUN: OnceLock<TempDir> = OnceLock::new();
    RUN.get_or_init(|| replayed(country(), &[])).path()
}

/// What a comparison told.
pub struct Compared {
    pub summary: Value,
    pub rows: Vec<Value>,
}

/// Compares two runs.
pub fn compared(a: &Path, b: &Path) -> Compared {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("rows.ndjson");
    let [a, b, output] = [a, b, &output].map(|path| path.to_str().unwrap());
    let told = succeeds(&["diff", a, b, "--format", "json", "--output", output]);
    Compared {
        summary: serde_json::from_str(&told).unwrap(),
        rows: lines(directory.path(), "rows.ndjson"),
    }
}

/// The alerts of a run, by id, with what counts of them.
fn substance(run: &Path) -> BTreeMap<String, Value> {
    let alerts = lines(run, "alerts.ndjson").into_iter();
    alerts
        .map(|mut alert| {
            let fields = alert.as_object_mut().unwrap();
            for field in ["raised_at", "score_features", "misuse_features"] {
                fields.remove(field);
            }
            for row in alert["evidence"].as_array_mut().unwrap() {
                row.as_object_mut().unwrap().remove("file");
                row.as_object_mut().unwrap().remove("row");
            }
            (alert["alert_id"].as_str().unwrap().to_owned(), alert)
        })
        .collect()
}

/// The differing alerts of two runs and what became of them, and how many are the same: by sets.
pub fn by_sets(a: &Path, b: &Path) -> (BTreeMap<String, &'static str>, u64) {
    let (a, b) = (substance(a), substance(b));
    let ids: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let mut states = BTreeMap::new();
    let mut unchanged = 0;
    for id in ids {
        let state = match (a.get(id), b.get(id)) {
            (None, _) => "new",
            (_, None) => "absent",
            (Some(one), Some(other)) if one != other => "updated",
            _ => {
                unchanged += 1;
                continue;
            }
        };
        states.insert(id.clone(), state);
    }
    (states, unchanged)
}

impl Compared {
    /// Holds the states to those that sets give, in the rows and in every table; and that everything is explained.
    pub fn assert_is_by_sets(&self, a: &Path, b: &Path) {
        let (expected, unchanged) = by_sets(a, b);
        let told = self.rows.iter().map(|row| {
            let [id, state] = ["alert_id", "state"].map(|name| row[name].as_str().unwrap());
            (id.to_owned(), state.to_owned())
        });
        let told: Vec<(String, String)> = told.collect();
        let expected: Vec<(String, String)> = (expected.into_iter())
            .map(|(id, state)| (id, state.to_owned()))
            .collect();
        assert_eq!(told, expected);
        let count = |state: &str| told.iter().filter(|(_, one)| one == state).count() as u64;
        let sum = |table: &str, state: &str| -> u64 {
            let cells = self.summary[table].as_object().unwrap().values();
            cells
                .map(|cell| cell[state]["alerts"].as_u64().unwrap())
                .sum()
        };
        for (state, expected) in [
            ("new", count("new")),
            ("updated", count("updated")),
            ("absent", count("absent")),
            ("unchanged", unchanged),
        ] {
            assert_eq!(self.summary["all"][state]["alerts"], expected, "{state}");
            for table in ["by_reason", "by_province", "by_amount"] {
                assert_eq!(sum(table, state), expected, "{table} {state}");
            }
        }
        let amounts = |run: &Path, ids: &dyn Fn(&str) -> bool| -> f64 {
            let alerts = lines(run, "alerts.ndjson").into_iter();
            let chosen = alerts.filter(|alert| ids(alert["alert_id"].as_str().unwrap()));
            chosen
                .map(|alert| alert["amount_vnd"].as_f64().unwrap())
                .sum()
        };
        let is = |state: &'static str| {
            let told = &told;
            move |id: &str| told.contains(&(id.to_owned(), state.to_owned()))
        };
        for (state, run, of) in [("new", b, "amount_b"), ("absent", a, "amount_a")] {
            let expected = amounts(run, &is(state)).floor() as i64;
            assert_eq!(self.summary["all"][state][of], expected, "{state}");
        }
        assert_eq!(
            self.summary["unexplained"], 0,
            "{}",
            self.summary["because"]
        );
        for row in &self.rows {
            assert!(!row["because"].as_array().unwrap().is_empty(), "{row}");
        }
    }

    /// Everything that explains an alert, with the alert.
    pub fn because(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.rows.iter().flat_map(|row| {
            let because = row["because"].as_array().unwrap().iter();
            because.map(move |because| (row, because))
        })
    }
}

/// The rows of a stream, each by column.
pub fn rows(stream: &str) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(country().join(format!("{stream}.csv"))).unwrap();
    assert!(!text.contains('"'), "{stream}: cells are split at commas");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells = line.split(',');
        let cells = header.iter().zip(cells);
        cells
            .map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
            .collect()
    };
    lines.map(row).collect()
}

/// A time.
pub fn time(text: &str) -> Instant {
    Instant::from_text(text).unwrap_or_else(|| panic!("{text} is a time"))
}

/// A claim as it is known at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub person: String,
    pub facility: String,
    pub visit: String,
    pub visit_type: String,
    /// Minutes since 1970.
    pub admitted: i64,
    pub discharged: i64,
    pub referred: [String; 2],
}

/// Minutes since 1970 of a local time.
fn minutes(text: &str) -> i64 {
    let date: Vec<i64> = text[..10]
        .split('-')
        .map(|part| part.parse().unwrap())
        .collect();
    let (year, month, day) = (date[0], date[1], date[2]);
    // Days by the civil calendar, counted from March.
    let (shifted, since_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * shifted + shifted / 4 - shifted / 100
        + shifted / 400
        + (153 * since_march + 2) / 5
        + day
        - 1
        - 719_468;
    let of_day = text.get(11..16).map_or(0, |time| {
        time[..2].parse::<i64>().unwrap() * 60 + time[3..].parse::<i64>().unwrap()
    });
    days * 1440 + of_day
}

/// The claims that are known at the end, by `facility/visit_id`.
pub fn claims() -> BTreeMap<String, Claim> {
    let mut latest: BTreeMap<String, (Instant, BTreeMap<String, String>)> = BTreeMap::new();
    for row in rows("claims") {
        let key = format!("{}/{}", row["facility"], row["visit_id"]);
        let at = time(&row["recorded_at"]);
        if latest.get(&key).is_none_or(|(known, _)| *known <= at) {
            latest.insert(key, (at, row));
        }
    }
    let is_claim = |row: &BTreeMap<String, String>| {
        row.get("op").is_none_or(|op| op != "delete") && row["object_code"] != "8"
    };
    let claims = latest.into_iter().filter(|(_, (_, row))| is_claim(row));
    claims
        .map(|(key, (_, row))| {
            let cards: Vec<&str> = row["cards"]
                .split([';', '|', ' '])
                .filter(|c| !c.is_empty())
                .collect();
            let holders: BTreeSet<&str> = cards.iter().map(|card| &card[5..]).collect();
            assert!(
                holders.len() < 2,
                "{key}: whose it is takes the cards' rows"
            );
            let person = match holders.first() {
                Some(holder) => format!("participant {holder}"),
                None => format!("citizen {}", row["personal_id"]),
            };
            let claim = Claim {
                person,
                facility: row["facility"].clone(),
                visit: row["visit_id"].clone(),
                visit_type: row["visit_type"].clone(),
                admitted: minutes(&row["admitted_at"]),
                discharged: minutes(&row["discharged_at"]),
                referred: ["referred_from", "referred_to"].map(|name| row[name].clone()),
            };
            (key, claim)
        })
        .collect()
}
