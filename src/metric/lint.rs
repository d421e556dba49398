//! What the linter of Prometheus does not see: units, labels, their values, how many series there are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use prometheus::proto::MetricType;

use super::bounds::may_identify;
use super::tests::samples;
use super::*;
use crate::record::{Instant, Stream};
use crate::web::ROUTES;

/// Series that an instance may have, by the alert `FundwatchTooManySeries`.
const MOST_SERIES: usize = 3_000;

/// What is left for the families of features to come. It was half as much again before the API had what the pages have:
/// a route takes 24 series.
const MARGIN: usize = 90;

/// Every label that there may be.
const LABELS: &[&str] = &[
    "arrangement",
    "band",
    "cause",
    "class",
    "code",
    "collection",
    "digest",
    "disposition",
    "kind",
    "method",
    "model",
    "operation",
    "operator",
    "outcome",
    "probe",
    "profile",
    "queue",
    "reason",
    "revision",
    "purpose",
    "role",
    "route",
    "ruleset",
    "severity",
    "sign",
    "source",
    "stage",
    "state",
    "stream",
    "version",
    "webhook",
];

/// As many names of each kind as there may be.
fn widest() -> Names {
    // They live as long as the test.
    let name = |kind: &str, n: usize| -> &'static str {
        Box::leak(format!("{kind} {n}").into_boxed_str())
    };
    Names {
        build: Build::default(),
        sources: (0..32)
            .map(|n| Name::new(&format!("source-{n}")).expect("a name"))
            .collect(),
        kafka_sources: (0..32)
            .map(|n| Name::new(&format!("source-{n}")).expect("a name"))
            .collect(),
        webhooks: (0..8)
            .map(|n| Name::new(&format!("webhook-{n}")).expect("a name"))
            .collect(),
        arrangements: (0..64).map(|n| name("arrangement", n)).collect(),
        operators: (0..64).map(|n| name("operator", n)).collect(),
        routes: (0..ROUTES.len())
            .map(|n| name("/route", n))
            .chain(OPS_ROUTES)
            .map(|template| Route {
                method: Method::Get,
                template,
            })
            .collect(),
    }
}

/// Metrics of which everything was told that is absent at first.
fn told(names: &Names) -> Metrics {
    let metrics = Metrics::new(names).expect("names that are allowed");
    let now = Instant::from_nanos(1_700_000_000_000_000_000);
    for stream in Stream::ALL {
        let arrival = Arrival {
            stream: *stream,
            arrived_at: now,
            recorded_at: now,
        };
        metrics.input().accepted(arrival);
        let day = Duration::from_secs(86_400);
        metrics.input().set_expected_interval(*stream, Some(day));
        metrics
            .input()
            .set_dead_letters_waiting(*stream, 1, Some(now));
    }
    for frontier in Frontier::ALL {
        metrics.flow().set_frontier(*frontier, now);
    }
    metrics.flow().set_compaction(now);
    metrics.journal().set_snapshot(1, now);
    metrics.audit().set_checkpoint(now);
    metrics.self_replay().set_mismatched(0);
    let minute = Duration::from_secs(60);
    metrics.self_replay().set_last(now, 1.0, minute);
    metrics.running().set_memory_limit(1 << 33);
    for place in crate::review::WorkPlace::ALL {
        metrics.work().set_waiting(*place, 1, Some(now));
    }
    for name in &names.webhooks {
        let webhook = metrics.webhook(name).expect("it was named");
        webhook.set_oldest(Some(now));
    }
    let name = Name::new("2026.03-2").expect("a name");
    for role in ModelRole::ALL {
        metrics.running().set_rules(*role, &name, Digest([1; 4]));
        metrics.running().set_model(*role, &name, Digest([2; 4]));
    }
    metrics
}

#[test]
fn names_end_in_their_unit() {
    let metrics = Metrics::new(&Names::default()).expect("no names");
    let counted = [
        "alert_changes",
        "alerts",
        "alerts_opened",
        "alerts_retracted",
        "alerts_changed",
        "alerts_closed",
        "alerts_judged",
        "alerts_past_due",
        "alerts_reopened",
        "arrangement_batches",
        "arrangement_records",
        "audit_entries",
        "audit_verification_failures",
        "authorization_denied",
        "commit_failures",
        "dead_letter_backlog",
        "dead_letters",
        "desk_months_to_erase",
        "desk_unreadable_lines",
        "epoch_rows",
        "epochs",
        "alerts_archived",
        "epochs_in_flight",
        "failures",
        "kafka_brokers_connected",
        "kafka_errors",
        "kafka_lag_messages",
        "journal_months_to_erase",
        "journal_rows_carried_forward",
        "kafka_lost_offsets",
        "kafka_partitions",
        "pii_reveals",
        "queue_rows",
        "records",
        "rows_done",
        "rows_expected",
        "self_replay_mismatched_decisions",
        "shadow_disagreements",
        "source_refused",
        "status_changes",
        "output_updates",
        "webhook_deliveries",
    ];
    for family in metrics.families() {
        let name = family.name;
        let bare = name.strip_prefix("fundwatch_").expect("the prefix");
        assert_eq!(
            bare.ends_with("_total"),
            family.kind == Kind::Counter,
            "{name}: counters, and they alone, end in _total"
        );
        let bare = bare.strip_suffix("_total").unwrap_or(bare);
        let ends = match family.unit {
            Unit::Seconds => bare.ends_with("_seconds") && !bare.ends_with("_timestamp_seconds"),
            Unit::UnixSeconds => bare.ends_with("_timestamp_seconds"),
            Unit::Bytes => bare.ends_with("_bytes"),
            Unit::Dong => bare.ends_with("_vnd"),
            Unit::Score => bare.ends_with("_score"),
            Unit::Ratio => bare.ends_with("_ratio"),
            Unit::Info => bare.ends_with("_info"),
            Unit::Flag => bare.ends_with("_paused"),
            Unit::Epoch => bare.ends_with("_epoch"),
            Unit::Count => {
                let counted = counted.iter();
                counted
                    .into_iter()
                    .any(|counted| bare == *counted || bare.ends_with(&format!("_{counted}")))
            }
        };
        assert!(ends, "{name} does not end in its unit, {:?}", family.unit);
        assert!(
            family.help.ends_with('.') && !family.help.contains('|'),
            "{name}: a sentence, in a cell of a table"
        );
    }
}

#[test]
fn labels_and_their_values_are_those_that_are_declared() {
    let names = widest();
    let metrics = told(&names);
    let declared: BTreeMap<&str, &Family> = metrics
        .families()
        .iter()
        .map(|family| (family.name, family))
        .collect();
    let mut seen = BTreeSet::new();
    for gathered in metrics.0.registry.gather() {
        let name = gathered.name().to_owned();
        if let Some((_, kind, ..)) = PROCESS.iter().find(|(process, ..)| *process == name) {
            let is_counter = gathered.get_field_type() == MetricType::COUNTER;
            assert_eq!(is_counter, *kind == "counter", "{name}");
            continue;
        }
        let family = declared.get(name.as_str()).expect("a declared family");
        seen.insert(family.name);
        for metric in gathered.get_metric() {
            for pair in metric.get_label() {
                let (label, value) = (pair.name(), pair.value());
                assert!(LABELS.contains(&label), "{name}: label `{label}`");
                let values = family.labels.iter().find(|(known, _)| *known == label);
                let (_, values) = values.expect("a declared label");
                if let LabelNames::Known(values) = values {
                    assert!(values.contains(&value), "{name}: {label}=\"{value}\"");
                }
                let is_digest = matches!(label, "digest" | "revision");
                assert!(
                    is_digest || !may_identify(value),
                    "{name}: {label}=\"{value}\""
                );
            }
            assert_eq!(metric.get_label().len(), family.labels.len(), "{name}");
        }
    }
    let silent: Vec<_> = declared
        .keys()
        .filter(|name| !seen.contains(*name))
        .collect();
    assert!(silent.is_empty(), "declared, and never told: {silent:?}");
}

#[test]
fn every_combination_is_there_from_the_start() {
    let metrics = Metrics::new(&widest()).expect("names that are allowed");
    let mut series: BTreeMap<String, usize> = BTreeMap::new();
    for gathered in metrics.0.registry.gather() {
        series.insert(gathered.name().to_owned(), gathered.get_metric().len());
    }
    for family in metrics.families() {
        let held = series.get(family.name).copied().unwrap_or(0);
        if family.is_absent_at_first {
            assert_eq!(held, 0, "{}", family.name);
        } else {
            assert!(held > 0, "{}", family.name);
            let known = family.labels.iter().map(|(_, values)| match values {
                LabelNames::Known(values) => values.len(),
                LabelNames::AtStart(_) => 1,
            });
            // Routes have one method each, so that theirs are not all combinations.
            if family.name != "fundwatch_http_request_duration_seconds" {
                let known: usize = known.product();
                assert_eq!(held % known, 0, "{}: {held} of {known}", family.name);
            }
        }
    }
    assert_eq!(series["fundwatch_alerts_opened_total"], 24 * 3);
    assert_eq!(series["fundwatch_source_refused_total"], 32 * 7);
    assert_eq!(series["fundwatch_arrangement_records"], 65);
    // Of redirections, `other` alone; and nothing that operators ask for is refused.
    assert_eq!(
        series["fundwatch_http_request_duration_seconds"],
        ROUTES.len() * 3 + OPS_ROUTES.len() * 2 + 4
    );
}

#[test]
fn an_instance_stays_within_its_series() {
    let none = samples(&Metrics::new(&Names::default()).expect("no names")).len();
    let first = samples(&Metrics::new(&widest()).expect("names that are allowed")).len();
    let most = samples(&told(&widest())).len();
    println!("series: {none} without names, {first} at the start, {most} at most");
    assert!(none < first && first < most);
    assert!(most <= MOST_SERIES - MARGIN, "{most} series");
}

#[test]
fn labels_have_few_values() {
    let metrics = Metrics::new(&Names::default()).expect("no names");
    for family in metrics.families() {
        for (label, values) in &family.labels {
            let LabelNames::Known(values) = values else {
                continue;
            };
            let most = match (family.name, *label) {
                ("fundwatch_dead_letters_total", "reason") => 11,
                (_, "reason") => 24,
                (_, "stream") => 10,
                (_, "cause") => 8,
                (_, "role") => 12,
                (_, "disposition") => 15,
                (_, "collection") => 9,
                _ => 8,
            };
            assert!(values.len() <= most, "{}: {label}", family.name);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_is_told() {
    let metrics = Metrics::new(&Names::default()).expect("no names");
    let told: BTreeSet<String> = metrics
        .0
        .registry
        .gather()
        .iter()
        .map(|family| family.name().to_owned())
        .filter(|name| name.starts_with("process_"))
        .collect();
    let expected: BTreeSet<String> = PROCESS
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    assert_eq!(told, expected);
}
