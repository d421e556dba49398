//! As known then against as known now: what came later, by cause.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use fundwatch::record::Instant;
use serde_json::Value;

use crate::diff_country::{compared, country, plain, rows, time};
use crate::support::{copy_of, lines, replayed, succeeds};

const THEN: &str = "2025-05-15";

/// When each row of a stream was recorded, by its key.
fn recorded(stream: &str, key: &[&str]) -> BTreeMap<String, Vec<Instant>> {
    let mut recorded: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for row in rows(stream) {
        let parts: Vec<&str> = key.iter().map(|name| row[*name].as_str()).collect();
        recorded
            .entry(parts.join("/"))
            .or_default()
            .push(time(&row["recorded_at"]));
    }
    recorded
}

#[test]
fn what_came_later_is_told_by_cause_and_did_come_later() {
    let then = replayed(country(), &["--as-of", THEN]);
    let told = compared(then.path(), plain());
    told.assert_is_by_sets(then.path(), plain());
    let differences = &told.summary["differences"];
    assert_eq!(differences["is_hindsight"], true, "{differences}");
    assert_eq!(differences["inputs"]["state"], "same");

    let keys: &[(&str, &[&str])] = &[
        ("citizens", &["personal_id"]),
        ("death_reports", &["report_id"]),
        ("participants", &["si_number"]),
        ("cards", &["card_number"]),
        ("claims", &["facility", "visit_id"]),
        ("check_ins", &["facility", "visit_id"]),
        ("enterprises", &["tax_code"]),
        ("employments", &["si_number", "tax_code"]),
        ("beneficiaries", &["personal_id", "scheme"]),
        ("health_profiles", &["personal_id"]),
    ];
    let recorded: BTreeMap<&str, _> = (keys.iter())
        .map(|(stream, key)| (*stream, recorded(stream, key)))
        .collect();
    let end = time("2025-05-15T23:59:59.999999999+07:00");
    let by_id = |run| -> BTreeMap<String, Value> {
        let alerts = lines(run, "alerts.ndjson").into_iter();
        alerts
            .map(|alert| (alert["alert_id"].as_str().unwrap().to_owned(), alert))
            .collect()
    };
    let (of_then, of_now) = (by_id(then.path()), by_id(plain()));
    let lists = |alerts: &BTreeMap<String, Value>, id: &str, row: &Value| {
        let evidence = alerts
            .get(id)
            .and_then(|alert| alert["evidence"].as_array());
        let mut evidence = evidence.into_iter().flatten();
        evidence.any(|one| (&one["stream"], &one["key"]) == (&row["stream"], &row["key"]))
    };
    let mut causes: BTreeMap<String, u64> = BTreeMap::new();
    for (alert, because) in told.because() {
        assert_eq!(because["kind"], "as_of", "{alert}");
        let later: Vec<&str> = because["later"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        *causes.entry(later[0].to_owned()).or_default() += 1;
        let id = alert["alert_id"].as_str().unwrap();
        for row in because["rows"].as_array().into_iter().flatten() {
            let (stream, key) = (
                row["stream"].as_str().unwrap(),
                row["key"].as_str().unwrap(),
            );
            let times = recorded[stream].get(key);
            let times = times.unwrap_or_else(|| panic!("{row} is in the country"));
            assert!(
                times.iter().any(|at| *at > end),
                "{row} came later: {alert}"
            );
            let happened = match (lists(&of_then, id, row), lists(&of_now, id, row)) {
                (false, true) => "recorded",
                (true, true) => "corrected",
                (true, false) => "withdrawn",
                (false, false) => "changed",
            };
            let is_death = stream == "death_reports"
                || (stream == "citizens"
                    && ["service_after_death", "stale_card", "benefit_after_death"]
                        .contains(&alert["reason"].as_str().unwrap()));
            let noun = match stream {
                _ if is_death => "death",
                "beneficiaries" => "benefit",
                stream => stream.strip_suffix('s').unwrap(),
            };
            let expected = match (noun, happened) {
                ("participant", "corrected" | "withdrawn" | "changed") => {
                    "participant_relinked".to_owned()
                }
                _ => format!("{noun}_{happened}"),
            };
            assert!(later.contains(&expected.as_str()), "{expected}: {alert}");
        }
        assert!(!later.contains(&"not_told"), "{alert}");
    }
    let table = told.summary["later"].as_object().unwrap().iter();
    let counted: BTreeMap<String, u64> = table
        .map(|(cause, cell)| {
            let states = ["new", "updated", "absent"].into_iter();
            let alerts = states.map(|state| cell[state]["alerts"].as_u64().unwrap());
            (cause.clone(), alerts.sum())
        })
        .collect();
    assert_eq!(counted, causes);
    for cause in ["claim_recorded", "death_recorded", "death_withdrawn"] {
        assert!(causes.contains_key(cause), "{causes:?}");
    }
    // The day as well turns some: cards of the dead are stale on the as-of date.
    let (a, b) = (then.path().to_str().unwrap(), plain().to_str().unwrap());
    let printed = succeeds(&["diff", a, b, "--limit", "3"]);
    assert!(
        printed.contains("Hindsight: the same inputs, as known at two times"),
        "{printed}"
    );
    assert!(printed.contains("What came later"), "{printed}");
}

#[test]
fn hindsight_does_not_explain_what_no_history_tells() {
    let then = replayed(country(), &["--as-of", THEN]);
    let honest = compared(then.path(), plain());
    let differing: BTreeSet<&str> = (honest.rows.iter())
        .map(|row| row["alert_id"].as_str().unwrap())
        .collect();
    // Of the alerts that both runs have alike, and that turn on no day, the later run loses one and another is given
    // an amount that it never had.
    let text = fs::read_to_string(plain().join("alerts.ndjson")).unwrap();
    let earlier = fs::read_to_string(then.path().join("alerts.ndjson")).unwrap();
    let of_line = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
    let known: BTreeSet<String> = (earlier.lines())
        .map(|line| of_line(line)["alert_id"].as_str().unwrap().to_owned())
        .collect();
    let mut alike = text.lines().filter(|line| {
        let alert = of_line(line);
        let id = alert["alert_id"].as_str().unwrap();
        alert["reason"] == "card_withdrawn" && known.contains(id) && !differing.contains(id)
    });
    let (lost, altered) = (alike.next().unwrap(), alike.next().unwrap());
    let amount = format!("\"amount_vnd\":{}", of_line(altered)["amount_vnd"]);
    let forged = altered.replacen(&amount, "\"amount_vnd\":123456789", 1);
    assert_ne!(forged, altered);
    let changed: Vec<&str> = (text.lines())
        .filter(|line| *line != lost)
        .map(|line| {
            if line == altered {
                forged.as_str()
            } else {
                line
            }
        })
        .collect();
    let other = copy_of(plain());
    fs::write(
        other.path().join("alerts.ndjson"),
        changed.join("\n") + "\n",
    )
    .unwrap();

    let told = compared(then.path(), other.path());
    assert_eq!(told.rows.len(), honest.rows.len() + 2);
    assert_eq!(told.summary["unexplained"], 2);
    for (line, state) in [(lost, "absent"), (altered, "updated")] {
        let id = &of_line(line)["alert_id"];
        let row = told.rows.iter().find(|row| row["alert_id"] == *id).unwrap();
        assert_eq!(row["state"], state);
        assert_eq!(
            row["because"],
            serde_json::json!([{"kind": "unexplained"}]),
            "{row}"
        );
    }
}
