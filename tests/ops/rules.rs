//! Rules and their tests: names, labels, texts, addresses.

use std::collections::{BTreeMap, BTreeSet};

use crate::exposed::Exposed;
use crate::files::{Rule, alerts, list, rules, string, yaml};
use crate::query::grouped_by;

/// The names of what is recorded, and the labels that it has.
pub fn recorded() -> BTreeMap<String, BTreeSet<String>> {
    let rules = rules().into_iter().filter(|rule| !rule.is_alert);
    rules
        .map(|rule| {
            let labels = grouped_by(&rule.query).into_iter().flatten();
            (rule.name, labels.filter(|label| label != "le").collect())
        })
        .collect()
}

#[test]
fn names_of_recording_rules_tell_level_metric_and_operation() {
    let exposed = Exposed::new();
    for rule in rules().iter().filter(|rule| !rule.is_alert) {
        let parts: Vec<&str> = rule.name.split(':').collect();
        let [level, metric, operation] = parts[..] else {
            panic!("{}: level:metric:operation", rule.name);
        };
        for labels in grouped_by(&rule.query) {
            let labels = labels.into_iter().filter(|label| label != "le");
            let labels: BTreeSet<String> = labels.collect();
            let told: BTreeSet<String> = level.split('_').map(str::to_owned).collect();
            assert_eq!(labels, told, "{}: the level is the labels", rule.name);
        }
        let is_of_family = exposed.families.keys().any(|family| {
            let of_it = metric.strip_suffix("_lag_seconds").unwrap_or(metric);
            let of_it = of_it.strip_suffix("_rejected").unwrap_or(of_it);
            let of_it = of_it.strip_suffix("_failed").unwrap_or(of_it);
            let of_it = of_it.strip_suffix("_confirmed").unwrap_or(of_it);
            family.starts_with(of_it)
        });
        assert!(is_of_family, "{}: of no metric", rule.name);
        let operations = ["max", "rate", "ratio", "increase", "p99", "deriv"];
        let is_operation = operations.iter().any(|known| operation.starts_with(known));
        assert!(is_operation, "{}: `{operation}`", rule.name);
    }
}

#[test]
fn alerts_say_whom_they_are_for_and_where_to_read_on() {
    let mut names = BTreeSet::new();
    let mut bases = BTreeSet::new();
    for rule in rules().iter().filter(|rule| rule.is_alert) {
        let Rule { name, whole, .. } = rule;
        assert!(names.insert(name.clone()), "{name} is there twice");
        let is_camel = name.starts_with("Fundwatch") && name.chars().all(char::is_alphanumeric);
        assert!(is_camel, "{name}");
        let labels = &whole["labels"];
        let severity = string(&labels["severity"]);
        assert!(
            matches!(severity.as_str(), "critical" | "warning" | "none"),
            "{name}: {severity}"
        );
        let team = string(&labels["team"]);
        assert!(
            matches!(team.as_str(), "platform" | "fund_protection" | "security"),
            "{name}: {team}"
        );
        let annotations = &whole["annotations"];
        let keys: Vec<&String> = annotations.as_object().expect("a map").keys().collect();
        assert_eq!(keys.len(), 3, "{name}: {keys:?}");
        assert!(!string(&annotations["summary"]).ends_with('.'), "{name}");
        assert!(string(&annotations["description"]).ends_with('.'), "{name}");
        let url = string(&annotations["runbook_url"]);
        let (base, anchor) = url.split_once('#').expect("an anchor");
        assert_eq!(anchor, name.to_lowercase(), "{name}");
        bases.insert(base.to_owned());
    }
    assert_eq!(bases.len(), 1, "one address for all: {bases:?}");
}

#[test]
fn every_alert_is_tested_to_fire_and_to_be_quiet() {
    let file = yaml("prometheus/rules_test.yml");
    let (mut fires, mut is_quiet) = (BTreeSet::new(), BTreeSet::new());
    for test in list(&file["tests"]) {
        let Some(checks) = test.get("alert_rule_test") else {
            continue;
        };
        for check in list(checks) {
            let name = string(&check["alertname"]);
            match check.get("exp_alerts") {
                Some(alerts) if !list(alerts).is_empty() => fires.insert(name),
                _ => is_quiet.insert(name),
            };
        }
    }
    assert_eq!(fires, alerts(), "alerts that are tested to fire");
    let mut quiet = alerts();
    // It is there to fire always.
    quiet.remove("FundwatchWatchdog");
    assert_eq!(is_quiet, quiet, "alerts that are tested not to fire");
}

#[test]
fn every_recording_rule_is_tested_or_rests_under_a_tested_alert() {
    let tests = crate::files::text("prometheus/rules_test.yml");
    for name in recorded().keys() {
        let is_under = rules()
            .iter()
            .any(|rule| rule.is_alert && rule.query.contains(name.as_str()));
        assert!(tests.contains(name.as_str()) || is_under, "{name}");
    }
}

#[test]
fn tests_of_rules_use_series_that_there_are() {
    let exposed = Exposed::new();
    let recorded = recorded();
    let file = yaml("prometheus/rules_test.yml");
    for test in list(&file["tests"]) {
        let place = string(&test["name"]);
        for series in list(&test["input_series"]) {
            let series = string(&series["series"]);
            exposed.check(&place, &series, &recorded);
        }
    }
}
