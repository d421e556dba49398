//! Every metric that rules, dashboards and runbooks name is exposed by a running service, with the labels that they
//! ask for.
//!
//! `tests/ops` holds the same against the library; here it is the process, with the names that it takes from its
//! configuration.

use std::collections::{BTreeMap, BTreeSet};

use crate::binary::fundwatch;
use crate::files::{dashboards, list, rules, string, text};
use crate::moves::COUNTED;
use crate::query::{Selector, selectors};
use crate::running::{Country, Data, Running, until};

/// Labels that Prometheus adds.
const ADDED: [&str; 2] = ["job", "instance"];

/// Families without a series in a service as it is started here, and why.
const ABSENT: [(&str, &str); 2] = [
    (
        "fundwatch_snapshot_last_success_timestamp_seconds",
        "there is no snapshot yet",
    ),
    (
        "fundwatch_compaction_timestamp_seconds",
        "nothing was compacted yet",
    ),
];

/// The names of samples, with the values of their labels.
type Samples = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The samples of an exposition.
fn samples(exposition: &str) -> Samples {
    let mut samples = Samples::new();
    for line in exposition.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').expect("a value");
        // A series is written as a selector with equalities.
        let [Selector { metric, matchers }] = &selectors(series)[..] else {
            panic!("one series: {line}");
        };
        let labels = samples.entry(metric.clone()).or_default();
        for matcher in matchers {
            let values = labels.entry(matcher.label.clone()).or_default();
            values.insert(matcher.value.clone());
        }
    }
    samples
}

/// The queries of rules, dashboards and runbooks, each with where it stands.
fn queries() -> Vec<(String, String)> {
    let mut queries: Vec<(String, String)> = rules()
        .into_iter()
        .map(|rule| (rule.name, rule.query))
        .collect();
    for (name, board) in dashboards() {
        for panel in list(&board["panels"]) {
            let targets = panel["targets"].as_array().into_iter().flatten();
            let of_panel = targets.map(|target| (name.clone(), string(&target["expr"])));
            queries.extend(of_panel);
        }
    }
    let runbooks = text("runbooks.md");
    for block in runbooks.split("```promql\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let lines = block.lines().filter(|line| !line.is_empty());
        queries.extend(lines.map(|line| ("runbooks.md".to_owned(), line.to_owned())));
    }
    queries
}

/// 32 bytes, as a receiver of webhooks has them.
const SECRET_OF_RECEIVER: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n";

/// What a query asks for that is not exposed; nothing where all is.
fn missing(samples: &Samples, query: &str) -> Option<String> {
    for Selector { metric, matchers } in selectors(query) {
        if metric.contains(':') || ABSENT.iter().any(|(name, _)| *name == metric) {
            continue;
        }
        let Some(labels) = samples.get(&metric) else {
            return Some(metric);
        };
        for matcher in matchers {
            if ADDED.contains(&matcher.label.as_str()) {
                continue;
            }
            match labels.get(&matcher.label) {
                None => return Some(format!("{metric} without {}", matcher.label)),
                Some(values) if matcher.is_equality && !values.contains(&matcher.value) => {
                    return Some(format!("{metric} with {}={}", matcher.label, matcher.value));
                }
                Some(_) => {}
            }
        }
    }
    None
}

#[test]
fn what_operators_ask_for_is_exposed_by_a_running_service() {
    let data = Data::new();
    let mut config = "[memory]\nlimit = \"4GiB\"\n".to_owned();
    if cfg!(feature = "kafka") {
        // Nobody is there: what is told of a source does not wait for brokers.
        config += "[[source]]\nname = \"topics\"\nkind = \"kafka\"\nbrokers = [\"127.0.0.1:1\"]\n\
                   group = \"fundwatch\"\ntopics = { cards = \"cards\" }\n";
    }
    // Nor here: a message waits, and attempts are in vain.
    let secret = data.path().join("receiver.secret");
    std::fs::write(&secret, SECRET_OF_RECEIVER).expect("written");
    config += &format!(
        "[[webhook]]\nname = \"cases\"\nurl = \"http://127.0.0.1:1/\"\nsecret_file = \"{}\"\n",
        secret.display()
    );
    let service = Running::start(&data, &config).ready();
    service.push_all(&Country::new(1_000));
    // A row that is wrong, since what waits is told of streams that have some.
    let receipt = service.push("claims", "{\"visit_id\":\"x\"}");
    assert_eq!(receipt["accepted"], 0, "{receipt}");
    // What the night would do.
    let epoch = receipt["epoch"].as_u64().expect("an epoch").to_string();
    until("a self-replay of what is stored", COUNTED, || {
        let mut command = fundwatch();
        command.args(["self-replay", "--until", &epoch, "--config"]);
        command.arg(data.path().join("fundwatch.toml"));
        let output = command.arg("--data").arg(data.path()).output();
        output.expect("it runs").status.success().then_some(())
    });
    let waiting = [
        "fundwatch_dead_letter_oldest_timestamp_seconds",
        "fundwatch_webhook_oldest_pending_timestamp_seconds",
        "fundwatch_self_replay_mismatched_decisions",
    ];
    let samples = until("what waits", COUNTED, || {
        let samples = samples(&service.metrics().body);
        let is_told = waiting.iter().all(|oldest| samples.contains_key(*oldest));
        is_told.then_some(samples)
    });
    let queries = queries();
    assert!(queries.len() > 50, "{}", queries.len());
    let is_told = |query: &str| cfg!(feature = "kafka") || !query.contains("fundwatch_kafka_");
    let missing: Vec<String> = queries
        .iter()
        .filter(|(_, query)| is_told(query))
        .filter_map(|(place, query)| Some(format!("{place}: {}", missing(&samples, query)?)))
        .collect();
    assert!(missing.is_empty(), "not exposed:\n{}", missing.join("\n"));

    // A check that could not fail would be none.
    for wrong in [
        "fundwatch_input_record_total",
        "fundwatch_alerts{state=\"closed\"}",
        "fundwatch_alerts{queue=\"central\"}",
    ] {
        assert!(self::missing(&samples, wrong).is_some(), "{wrong}");
    }
}
