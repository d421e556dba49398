//! What is told to the metrics is what Prometheus reads.

use std::time::Duration;

use super::*;
use crate::record::{ErrorCode, Instant, Stream};
use crate::rule::{Reason, Severity};

/// The lines of an exposition that are samples.
pub(super) fn samples(metrics: &Metrics) -> Vec<String> {
    let text = String::from_utf8(metrics.render()).expect("UTF-8");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn what_is_told_is_what_is_read() {
    let claims = Name::new("claims-kafka").expect("a name");
    let names = Names {
        sources: vec![claims.clone()],
        kafka_sources: vec![claims.clone()],
        arrangements: vec!["labels"],
        operators: vec!["labels"],
        routes: vec![Route {
            method: Method::Post,
            template: "/v1/streams/{stream}",
        }],
        ..Names::default()
    };
    let metrics = Metrics::new(&names).expect("names that are allowed");
    let clone = metrics.clone();
    let at = |seconds: i64| Instant::from_nanos(seconds * 1_000_000_000);
    let arrival = Arrival {
        stream: Stream::Claims,
        arrived_at: at(100_000),
        recorded_at: at(90_000),
    };
    let input = clone.input();
    input.accepted(arrival);
    input.duplicate(arrival);
    input.stale(arrival);
    input.rejected(Stream::Claims, ErrorCode::BadCardNumber);
    input.set_dead_letters_waiting(Stream::Claims, 1, Some(at(7)));
    let source = clone
        .source(&claims)
        .expect("a source of the configuration");
    source.set_paused(true);
    source.set_queue(3, 300);
    source.refused(Refusal::Full);
    let kafka = clone.kafka(&claims).expect("a source of Kafka");
    kafka.set_brokers(3);
    kafka.set_partitions(4, 1);
    kafka.set_lag(Some(12));
    kafka.set_lag(None);
    let before = KafkaTotals { lost: 5, errors: 0 };
    let now = KafkaTotals { lost: 9, errors: 6 };
    kafka.happened(&before, &now);
    let flow = clone.flow();
    flow.epoch_stored(5, Some(Duration::from_millis(20)));
    flow.epoch_stored(0, None);
    let held = |name, records| ArrangementUse {
        name,
        records,
        batches: 1,
        bytes: 8 * records,
    };
    flow.set_arrangements([held("labels", 5), held("x", 2), held("y", 3)]);
    flow.busy("labels", Duration::from_millis(1500));
    flow.busy("x", Duration::from_millis(250));
    flow.gave_out(Collection::Findings, Sign::Retract, 4);
    clone.journal().appended(512, Duration::from_millis(1));
    clone.journal().sealed(9, Duration::from_millis(2));
    clone.journal().failed(JournalOperation::Sync);
    let alert = clone.alert();
    alert.opened(Reason::UnknownCard, Severity::Medium, 9_007_199_254_740_993);
    alert.retracted(Reason::UnknownCard, Stream::Cards.into(), 5);
    alert.set_alerts(Reason::UnknownCard, AlertState::Withdrawn, 1);
    clone.model().scored(ModelRole::Live, 9_600);
    let post = clone.http().route(Method::Post, "/v1/streams/{stream}");
    post.answered(429, Duration::from_millis(3));
    post.answered(303, Duration::from_millis(3));
    let unknown = clone.http().route(Method::Get, "/wp-login.php");
    unknown.answered(404, Duration::from_millis(3));
    clone.http().denied(Role::from_name("nobody-we-know"));

    let samples = samples(&metrics);
    for expected in [
        r#"input_records_total{outcome="accepted",stream="claims"} 1"#,
        r#"input_records_total{outcome="duplicate",stream="claims"} 1"#,
        r#"input_records_total{outcome="stale",stream="claims"} 1"#,
        r#"input_records_total{outcome="rejected",stream="claims"} 1"#,
        r#"input_records_total{outcome="accepted",stream="cards"} 0"#,
        r#"input_last_record_timestamp_seconds{stream="claims"} 100000"#,
        r#"input_lateness_seconds_bucket{stream="claims",le="3600"} 0"#,
        r#"input_lateness_seconds_bucket{stream="claims",le="86400"} 1"#,
        r#"dead_letters_total{reason="identifier",stream="claims"} 1"#,
        r#"dead_letter_oldest_timestamp_seconds{stream="claims"} 7"#,
        r#"source_paused{source="claims-kafka"} 1"#,
        r#"source_queue_rows{source="claims-kafka"} 3"#,
        r#"source_queue_bytes{source="claims-kafka"} 300"#,
        r#"source_refused_total{reason="full",source="claims-kafka"} 1"#,
        r#"kafka_brokers_connected{source="claims-kafka"} 3"#,
        r#"kafka_partitions{source="claims-kafka",state="reading"} 4"#,
        r#"kafka_partitions{source="claims-kafka",state="halted"} 1"#,
        r#"kafka_lag_messages{source="claims-kafka"} 12"#,
        r#"kafka_lost_offsets_total{source="claims-kafka"} 4"#,
        r#"kafka_errors_total{source="claims-kafka"} 6"#,
        r#"epochs_total 2"#,
        r#"processing_latency_seconds_count 1"#,
        r#"processing_latency_seconds_bucket{le="0.025"} 1"#,
        r#"epoch_rows_sum 5"#,
        r#"arrangement_records{arrangement="labels"} 5"#,
        r#"arrangement_records{arrangement="other"} 5"#,
        r#"arrangement_batches{arrangement="other"} 2"#,
        r#"arrangement_size_bytes{arrangement="other"} 40"#,
        r#"operator_busy_seconds_total{operator="labels"} 1.5"#,
        r#"operator_busy_seconds_total{operator="other"} 0.25"#,
        r#"output_updates_total{collection="findings",sign="retract"} 4"#,
        r#"journal_bytes_total 512"#,
        r#"journal_sealed_epoch 9"#,
        r#"journal_failures_total{operation="sync"} 1"#,
        r#"alerts_opened_total{reason="unknown_card",severity="medium"} 1"#,
        r#"alerts_retracted_total{cause="insurance",reason="unknown_card"} 1"#,
        r#"alerts{reason="unknown_card",state="withdrawn"} 1"#,
        r#"amount_vnd_total{stage="withdrawn"} 5"#,
        r#"model_score_bucket{role="live",le="0.95"} 0"#,
        r#"model_score_bucket{role="live",le="0.98"} 1"#,
        r#"http_request_duration_seconds_count{code="4xx",method="POST",route="/v1/streams/{stream}"} 1"#,
        r#"http_request_duration_seconds_count{code="4xx",method="other",route="other"} 1"#,
        r#"http_request_duration_seconds_count{code="3xx",method="other",route="other"} 1"#,
        r#"authorization_denied_total{role="none"} 1"#,
    ] {
        let expected = format!("fundwatch_{expected}");
        assert!(
            samples.contains(&expected),
            "{expected}\n{}",
            samples.join("\n")
        );
    }

    // What is absent at first, and again when there is nothing to tell.
    let oldest = |metrics: &Metrics| {
        let samples = self::samples(metrics);
        let oldest = "fundwatch_dead_letter_oldest_timestamp_seconds{";
        samples
            .iter()
            .filter(|line| line.starts_with(oldest))
            .count()
    };
    assert_eq!(oldest(&metrics), 1);
    metrics
        .input()
        .set_dead_letters_waiting(Stream::Claims, 0, None);
    assert_eq!(oldest(&metrics), 0);
    metrics
        .input()
        .set_dead_letters_waiting(Stream::Claims, 1, Some(at(8)));
    assert_eq!(oldest(&metrics), 1);
    // The arrangements that are told no more hold nothing.
    metrics.flow().set_arrangements([]);
    let labels = r#"fundwatch_arrangement_records{arrangement="labels"} 0"#.to_owned();
    assert!(self::samples(&metrics).contains(&labels));
}

#[test]
fn a_version_takes_the_place_of_the_one_before() {
    let metrics = Metrics::new(&Names::default()).expect("no names");
    let of_role = |role: &str| -> Vec<String> {
        let start = "fundwatch_model_info{";
        let role = format!("role=\"{role}\"");
        let samples = samples(&metrics).into_iter();
        samples
            .filter(|line| line.starts_with(start) && line.contains(&role))
            .collect()
    };
    let [first, second] = ["builtin", "fund-3"].map(|name| Name::new(name).expect("a name"));
    let running = metrics.running();
    running.set_model(ModelRole::Live, &first, Digest([1; 4]));
    running.set_model(ModelRole::Shadow, &first, Digest([1; 4]));
    running.set_model(ModelRole::Live, &second, Digest([2; 4]));
    assert_eq!(
        of_role("live"),
        [r#"fundwatch_model_info{digest="02020202",model="fund-3",role="live"} 1"#]
    );
    assert_eq!(of_role("shadow").len(), 1);
    // The same one again is no other.
    running.set_model(ModelRole::Live, &second, Digest([2; 4]));
    assert_eq!(of_role("live").len(), 1);
}
