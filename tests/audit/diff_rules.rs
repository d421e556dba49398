//! Two sets of rules, another model, other reasons, other inputs: each alert that differs is told, and explained by what
//! it rests on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::diff_country::{Claim, claims, compared, country, plain};
use crate::support::{copy_of, lines, replayed};

/// The thresholds of both runs.
const A: &str = "\
[overlapping_stay]
overlap_minutes = 30
[visit_during_stay]
minutes_after_admission = 30
minutes_before_discharge = 30
[same_day_facilities]
facilities = 2
[frequent_visits]
visits = 20
";
const B: &str = "\
[overlapping_stay]
overlap_minutes = 1200
[visit_during_stay]
minutes_after_admission = 400
minutes_before_discharge = 700
[same_day_facilities]
facilities = 4
[frequent_visits]
visits = 33
[card_not_valid]
stay_grace_days = 0
[service_after_death]
misuse_sources = 1
[employer_ceased]
grace_days = 5
[money_mismatch]
tolerance_dong_per_line = 1000000
[newborn_card]
days = 10
";

/// The number of a claim that a threshold is compared with, by the contract; none of a threshold that takes more.
fn number(
    name: &str,
    claim: &Claim,
    claims: &BTreeMap<String, Claim>,
    other: &dyn Fn(&str) -> i64,
) -> Option<i64> {
    let of_person: Vec<&Claim> = claims
        .values()
        .filter(|one| one.person == claim.person)
        .collect();
    let are_apart = |one: &&&Claim| {
        one.facility != claim.facility
            && !one.referred.contains(&claim.facility)
            && !claim.referred.contains(&one.facility)
    };
    let is_stay = |one: &&&Claim| ["03", "09"].contains(&one.visit_type.as_str());
    let day = |minutes: i64| minutes.div_euclid(1440);
    let since = |stay: &Claim| claim.admitted - stay.admitted;
    let left = |stay: &Claim| stay.discharged - claim.admitted;
    let inpatient = || {
        of_person
            .iter()
            .filter(|one| one.visit_type == "03")
            .filter(are_apart)
    };
    match name {
        "frequent_visits.visits" => {
            let order = |one: &Claim| (one.admitted, one.facility.clone(), one.visit.clone());
            let in_window = |one: &&&Claim| {
                let days = day(claim.admitted) - day(one.admitted);
                (0..120).contains(&days) && order(one) <= order(claim)
            };
            Some(of_person.iter().filter(in_window).count() as i64)
        }
        "same_day_facilities.facilities" => {
            let of_day = of_person
                .iter()
                .filter(|one| one.visit_type == "01" && day(one.admitted) == day(claim.admitted));
            Some(
                of_day
                    .map(|one| &one.facility)
                    .collect::<BTreeSet<_>>()
                    .len() as i64,
            )
        }
        "overlapping_stay.overlap_minutes" => {
            let stays = of_person.iter().filter(is_stay).filter(are_apart);
            let overlaps = stays.map(|stay| {
                claim.discharged.min(stay.discharged) - claim.admitted.max(stay.admitted)
            });
            overlaps.max()
        }
        "visit_during_stay.minutes_after_admission" => {
            let least = other("visit_during_stay.minutes_before_discharge");
            inpatient()
                .filter(|stay| left(stay) >= least)
                .map(|stay| since(stay))
                .max()
        }
        "visit_during_stay.minutes_before_discharge" => {
            let least = other("visit_during_stay.minutes_after_admission");
            inpatient()
                .filter(|stay| since(stay) >= least)
                .map(|stay| left(stay))
                .max()
        }
        _ => None,
    }
}

/// What a file of thresholds says, by `group.name`.
fn said(rules: &str) -> BTreeMap<String, i64> {
    let mut group = "";
    let mut values = BTreeMap::new();
    for line in rules.lines() {
        match line.split_once(" = ") {
            Some((name, value)) => {
                values.insert(format!("{group}.{name}"), value.parse().unwrap());
            }
            None => group = line.trim_matches(['[', ']']),
        }
    }
    values
}

#[test]
fn two_sets_of_rules_differ_as_sets_of_alerts_do_and_thresholds_explain_it() {
    let directory = tempfile::tempdir().unwrap();
    let run = |name: &str, rules: &str| {
        let path = directory.path().join(name);
        fs::write(&path, rules).unwrap();
        replayed(country(), &["--rules", path.to_str().unwrap()])
    };
    let (a, b) = (run("a.toml", A), run("b.toml", B));
    let told = compared(a.path(), b.path());
    told.assert_is_by_sets(a.path(), b.path());

    let (claims, of_a, of_b) = (claims(), said(A), said(B));
    let mut recomputed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kinds = BTreeSet::new();
    for (row, because) in told.because() {
        kinds.insert(because["kind"].as_str().unwrap());
        let (name, reason) = (
            because["name"].as_str().unwrap(),
            row["reason"].as_str().unwrap(),
        );
        let group = name.split_once('.').unwrap().0;
        let uses = match group {
            "newborn_card" => ["unknown_card", "card_not_valid"].contains(&reason),
            _ => group == reason,
        };
        assert!(uses, "{row}");
        assert_ne!(because["a"], because["b"]);
        for (values, side) in [(&of_a, "a"), (&of_b, "b")] {
            if let Some(value) = values.get(name) {
                assert_eq!(because[side], *value, "{name}");
            }
        }
        let (holds_in, state) = match row["state"].as_str().unwrap() {
            "absent" => (&of_a, "absent"),
            other => (&of_b, other),
        };
        let subject = &row["subject"];
        let Some(claim) = claims.get(subject["id"].as_str().unwrap()) else {
            assert!(because["number"].is_null(), "{row}");
            continue;
        };
        let expected = number(name, claim, &claims, &|name| holds_in[name]);
        assert_eq!(because["number"].as_i64(), expected, "{row}");
        let Some(number) = expected else { continue };
        if state != "updated" {
            // The claim is on one side of the threshold in one run, on the other in the other.
            let holds = |value: &Value| match name {
                "frequent_visits.visits" | "overlapping_stay.overlap_minutes" => {
                    number > value.as_i64().unwrap()
                }
                _ => number >= value.as_i64().unwrap(),
            };
            assert_ne!(holds(&because["a"]), holds(&because["b"]), "{row}");
        }
        *recomputed.entry(group).or_default() += 1;
    }
    assert_eq!(kinds, BTreeSet::from(["threshold"]));
    for group in ["frequent_visits", "same_day_facilities"] {
        assert!(recomputed.contains_key(group), "{recomputed:?}");
    }
    // In the other direction, new is absent.
    let back = compared(b.path(), a.path());
    assert_eq!(
        back.summary["all"]["new"]["alerts"],
        told.summary["all"]["absent"]["alerts"]
    );
    assert_eq!(
        back.summary["all"]["absent"]["alerts"],
        told.summary["all"]["new"]["alerts"]
    );
}

#[test]
fn another_model_explains_scores_and_what_rests_on_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.json");
    let manifest = env!("CARGO_MANIFEST_DIR");
    let text = fs::read_to_string(format!("{manifest}/models/outlier.json")).unwrap();
    // Whoever is under an alert is taken for likelier to have misused a card.
    let (head, misuse) = text.split_once("\"misuse\": {").unwrap();
    let mut parts = misuse.split("\"bias\": ");
    let mut changed = format!("{head}\"misuse\": {{{}", parts.next().unwrap());
    for part in parts {
        let (bias, rest) = part.split_once(',').unwrap();
        let bias: i64 = bias.parse().unwrap();
        changed.push_str(&format!("\"bias\": {},{rest}", bias + 1500));
    }
    assert_ne!(changed, text);
    fs::write(&path, changed).unwrap();
    let other = replayed(country(), &["--model", path.to_str().unwrap()]);
    let told = compared(plain(), other.path());
    told.assert_is_by_sets(plain(), other.path());
    assert!(!told.rows.is_empty());
    for (row, because) in told.because() {
        assert_eq!(because["kind"], "model", "{row}");
        assert_eq!(row["state"], "updated");
        let fields = row["changed"].as_object().unwrap().keys();
        let of_model = ["misuse_probability", "priority", "score"];
        assert!(
            fields
                .into_iter()
                .all(|field| of_model.contains(&field.as_str())),
            "{row}"
        );
    }
}

#[test]
fn reasons_that_one_run_did_not_compute_are_told_as_such() {
    let some = ["service_after_death", "card_withdrawn", "frequent_visits"];
    let other = replayed(country(), &["--reasons", &some.join(",")]);
    let told = compared(plain(), other.path());
    told.assert_is_by_sets(plain(), other.path());
    assert!(!told.rows.is_empty());
    for (row, because) in told.because() {
        assert_eq!(
            (&because["kind"], &because["run"]),
            (&"reason_not_computed".into(), &"b".into())
        );
        assert!(!some.contains(&row["reason"].as_str().unwrap()), "{row}");
        assert_eq!(row["state"], "absent");
    }
}

#[test]
fn a_changed_byte_of_an_input_is_found_in_the_row_that_has_it() {
    // The amount of a claim under an alert, one digit.
    let alert = lines(plain(), "alerts.ndjson").into_iter();
    let mut alert = alert.filter(|alert| alert["reason"] == "card_withdrawn");
    let alert = alert
        .find(|alert| alert["amount_vnd"].as_i64() > Some(1000))
        .unwrap();
    let row = &alert["evidence"][0];
    assert_eq!(row["stream"], "claims");
    let input = copy_of(country());
    let path = input.path().join(row["file"].as_str().unwrap());
    let text = fs::read_to_string(&path).unwrap();
    let mut changed: Vec<String> = text.lines().map(str::to_owned).collect();
    let paid = changed[0]
        .split(',')
        .position(|name| name == "paid_by_fund")
        .unwrap();
    let line = usize::try_from(row["row"].as_u64().unwrap()).unwrap();
    let mut cells: Vec<String> = changed[line].split(',').map(str::to_owned).collect();
    let first = if cells[paid].starts_with('9') {
        "8"
    } else {
        "9"
    };
    cells[paid].replace_range(..1, first);
    changed[line] = cells.join(",");
    fs::write(&path, changed.join("\n") + "\n").unwrap();
    let other = replayed(input.path(), &[]);
    let told = compared(plain(), other.path());
    told.assert_is_by_sets(plain(), other.path());
    let files = told.summary["differences"]["inputs"]["files"]
        .as_array()
        .unwrap();
    let names: Vec<&Value> = files.iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["claims.csv"]);
    let id = &alert["alert_id"];
    let of_alert = told.rows.iter().find(|row| row["alert_id"] == *id).unwrap();
    assert!(
        of_alert["changed"].get("amount_vnd").is_some(),
        "{of_alert}"
    );
    for (row, because) in told.because() {
        assert_eq!(because["kind"], "rows", "{row}");
    }
    let because = &of_alert["because"][0]["rows"];
    let mut named = because.as_array().unwrap().iter();
    let is_row = |one: &&Value| (&one["stream"], &one["key"]) == (&row["stream"], &row["key"]);
    assert!(named.any(|one| is_row(&one)), "{of_alert}");
}

#[test]
fn rows_that_are_missing_are_told_and_no_row_that_both_runs_know() {
    let input = copy_of(country());
    let path = input.path().join("cards.csv");
    let text = fs::read_to_string(&path).unwrap();
    let mut rows = text.lines();
    let mut kept = vec![rows.next().unwrap()];
    let number = kept[0]
        .split(',')
        .position(|name| name == "card_number")
        .unwrap();
    let mut missing = BTreeSet::new();
    for (place, row) in rows.enumerate() {
        match place % 9 {
            4 => drop(missing.insert(row.split(',').nth(number).unwrap())),
            _ => kept.push(row),
        }
    }
    fs::write(&path, kept.join("\n") + "\n").unwrap();
    let other = replayed(input.path(), &[]);
    let told = compared(plain(), other.path());
    told.assert_is_by_sets(plain(), other.path());
    let mut states = BTreeSet::new();
    for (row, because) in told.because() {
        assert_eq!(because["kind"], "rows", "{row}");
        states.insert(row["state"].as_str().unwrap());
        let named = because["rows"].as_array().unwrap();
        for one in named {
            assert_eq!(one["stream"], "cards", "{row}");
            if ["evidence_of_a", "history_of_a"].contains(&one["basis"].as_str().unwrap()) {
                assert!(missing.contains(one["key"].as_str().unwrap()), "{row}");
            }
            assert_ne!(one["basis"], "evidence_of_b", "{row}");
        }
        if named.is_empty() {
            assert_eq!(because["files"], serde_json::json!(["cards.csv"]), "{row}");
        }
    }
    assert!(
        states.is_superset(&BTreeSet::from(["new", "absent"])),
        "{states:?}"
    );
}
