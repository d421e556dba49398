//! What happens to a service moves the metrics that tell of it, and a restart takes up those that tell how far it is.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::running::{Answer, Country, Data, Running, get, push, until};

/// By then, what is asked of the store now and then has been told.
pub const COUNTED: Duration = Duration::from_secs(25);

/// The value of every series, by its text.
fn series(service: &Running) -> BTreeMap<String, f64> {
    let body = service.metrics().body;
    let lines = body.lines().filter(|line| !line.starts_with('#'));
    let series = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        (series.to_owned(), value.parse().expect("a number"))
    });
    series.collect()
}

/// The sum of the series that begin so; none where there are none.
fn sum(service: &Running, begin: &str) -> Option<f64> {
    let series = series(service);
    let of_it = series.iter().filter(|(name, _)| name.starts_with(begin));
    let values: Vec<f64> = of_it.map(|(_, value)| *value).collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

fn without_token(service: &Running) -> Answer {
    get(&format!("http://{}/v1/alerts", service.api), &[]).expect("it answers")
}

#[test]
fn refusals_are_counted_by_role_and_by_reason() {
    let data = Data::new();
    let roles = [
        "auditor",
        "operator",
        "reviewer",
        "supervisor",
        "privacy_officer",
        "admin",
    ];
    let tokens = roles.map(|role| (role, data.token(role)));
    let config = "[breaker]\nmin_rows = 10\nmax_rejected_share = 0.5\n";
    let service = Running::start(&data, config).ready();
    let denied = |role: &str| {
        sum(
            &service,
            &format!("fundwatch_authorization_denied_total{{role=\"{role}\"}}"),
        )
    };
    assert_eq!(denied("none"), Some(0.0));
    // Without a token; with one of a role that may not push.
    assert_eq!(without_token(&service).status, 401);
    assert_eq!(denied("none"), Some(1.0));
    for (role, token) in tokens {
        let answer = push(&service.api, &token, "claims", "{}").expect("it answers");
        assert_eq!(answer.status, 403, "{role}: {}", answer.body);
        assert_eq!(denied(role), Some(1.0), "{role}");
    }
    assert_eq!(
        denied("none"),
        Some(1.0),
        "who is known is not counted as nobody"
    );
    let forbidden = r#"fundwatch_http_request_duration_seconds_count{code="4xx",method="POST",route="/v1/streams/{stream}"}"#;
    assert_eq!(sum(&service, forbidden), Some(6.0));

    // Rows that are wrong, so many that the source is paused.
    let receipt = service.push("claims", &"{\"visit_id\":\"x\"}\n".repeat(20));
    assert_eq!(receipt["rejected"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        sum(
            &service,
            "fundwatch_dead_letters_total{reason=\"missing\",stream=\"claims\"}"
        ),
        Some(20.0)
    );
    until("the source is told to be paused", COUNTED, || {
        (sum(&service, "fundwatch_source_paused{source=\"http\"}") == Some(1.0)).then_some(())
    });
    until("waiting dead letters are told", COUNTED, || {
        (sum(&service, "fundwatch_dead_letter_backlog{stream=\"claims\"}") == Some(20.0))
            .then_some(())
    });
    let answer = push(&service.api, &data.token, "claims", "{}").expect("it answers");
    assert_eq!(answer.status, 503, "{}", answer.body);
    let refused = |reason: &str| {
        sum(
            &service,
            &format!("fundwatch_source_refused_total{{reason=\"{reason}\",source=\"http\"}}"),
        )
    };
    assert_eq!(refused("paused"), Some(1.0));
    assert_eq!(refused("forbidden"), Some(6.0));
    assert_eq!(
        refused("unauthenticated"),
        Some(0.0),
        "no push was without a token"
    );
}

#[test]
fn the_dataflow_tells_what_it_holds_also_when_nothing_comes_after() {
    let data = Data::new();
    let service = Running::start(&data, "").ready();
    service.push_all(&Country::new(1_000));
    for family in [
        "fundwatch_arrangement_records{",
        "fundwatch_arrangement_batches{",
        "fundwatch_arrangement_size_bytes{",
        "fundwatch_operator_busy_seconds_total{",
    ] {
        until(family, COUNTED, || {
            sum(&service, family).filter(|sum| *sum > 0.0)
        });
    }
    for probe in ["journal", "dataflow", "alerts"] {
        let frontier = format!("fundwatch_frontier_timestamp_seconds{{probe=\"{probe}\"}}");
        assert!(sum(&service, &frontier).is_some(), "{probe}");
    }
    let written = sum(&service, "fundwatch_journal_append_seconds_sum");
    let synced = sum(&service, "fundwatch_journal_sync_seconds_sum");
    assert_ne!(
        written, synced,
        "to write and to make durable are timed apart"
    );
}

#[test]
fn an_alert_is_in_one_state_also_when_the_last_of_a_reason_goes() {
    let data = Data::new();
    let service = Running::start(&data, "").ready();
    let country = Country::new(1_000);
    let claims = country.rows("claims");
    let few: Vec<&str> = claims.lines().take(5).collect();
    service.push("claims", &few.join("\n"));
    let state = |state: &str| {
        sum(
            &service,
            &format!("fundwatch_alerts{{reason=\"unknown_card\",state=\"{state}\"}}"),
        )
    };
    let known = until("alerts are counted", COUNTED, || {
        state("active").filter(|alerts| *alerts > 0.0)
    });
    for stream in ["citizens", "participants", "cards"] {
        service.push(stream, &country.rows(stream));
    }
    until("withdrawn alerts are counted", COUNTED, || {
        state("withdrawn").filter(|alerts| *alerts > 0.0)
    });
    let opened = sum(
        &service,
        "fundwatch_alerts_opened_total{reason=\"unknown_card\"",
    );
    assert_eq!(Some(known), opened);
    let all: f64 = ["active", "withdrawn", "archived"]
        .iter()
        .filter_map(|name| state(name))
        .sum();
    assert_eq!(all, known, "each alert is in one state");
    assert!(
        sum(
            &service,
            "fundwatch_alerts_retracted_total{cause=\"insurance\""
        ) > Some(0.0)
    );
}

#[test]
fn a_restart_goes_on_where_the_service_was() {
    let data = Data::new();
    let mut service = Running::start(&data, "").ready();
    service.push_all(&Country::new(1_000));
    let committed = "fundwatch_store_committed_epoch";
    let sealed = "fundwatch_journal_sealed_epoch";
    until("all is stored", COUNTED, || {
        (sum(&service, committed) == sum(&service, sealed)).then_some(())
    });
    let before = series(&service);
    service.process.kill();
    let service = Running::start(&data, "").ready();
    let after = series(&service);
    for begin in [
        sealed,
        committed,
        "fundwatch_frontier_timestamp_seconds",
        "fundwatch_input_last_record_timestamp_seconds",
    ] {
        let names: Vec<&String> = before
            .keys()
            .filter(|name| name.starts_with(begin))
            .collect();
        assert!(!names.is_empty(), "{begin}");
        for name in names {
            assert_eq!(after.get(name), before.get(name), "{name}");
        }
    }
    // What was counted before is not counted again.
    assert_eq!(sum(&service, "fundwatch_input_records_total"), Some(0.0));
    assert_eq!(sum(&service, "fundwatch_alerts_opened_total"), Some(0.0));
}
