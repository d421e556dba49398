//! What is refused, and what a refusal says.

use std::sync::Arc;

use super::super::Kafka;
use super::*;
use crate::source::delivery::{Deliver, Delivery, NotDurable};

fn settings() -> KafkaSettings {
    let topics = [("claims".to_owned(), Stream::Claims)].into();
    KafkaSettings::new("national", "127.0.0.1:9", topics)
}

fn with(name: &str, value: &str) -> KafkaSettings {
    let mut settings = settings();
    settings.properties.insert(name.into(), value.into());
    settings
}

#[test]
fn usual_settings_are_taken() {
    assert_eq!(settings().check(), Ok(()));
    let plain = with("sasl.mechanism", "PLAIN");
    assert_eq!(plain.check(), Ok(()));
}

#[test]
fn what_would_break_exactly_once_is_denied_by_name() {
    for (name, _) in DENIED {
        let error = with(name, "1").check().expect_err(name);
        assert!(matches!(error, SettingsError::Denied { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(DENIED.is_sorted());
}

#[test]
fn denied_properties_exist() {
    // A misspelt name would deny nothing.
    for (name, _) in DENIED {
        let mut config = ClientConfig::new();
        config.set(*name, "no such value");
        let refusal = config.create_native_config().map(drop);
        if let Err(KafkaError::ClientConfig(result, ..)) = refusal {
            assert_ne!(result, RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, "{name}");
        }
    }
}

#[test]
fn errors_name_the_property_and_hide_its_value() {
    for (name, value) in [
        ("sasl.pasword", "hunter2hunter2"),
        ("security.protocol", "hunter2hunter2"),
        ("fetch.min.bytes", "hunter2hunter2"),
    ] {
        let settings = with(name, value);
        let error = settings.check().expect_err(name);
        let text = format!("{error} {error:?} {settings:?}");
        assert!(text.contains(name) && !text.contains(value), "{text}");
    }
    let shown = format!("{:?}", with("sasl.password", "hunter2"));
    assert!(shown.contains("sasl.password") && !shown.contains("hunter2"));
}

#[test]
fn values_that_cannot_work_are_refused() {
    let refuse = |change: &dyn Fn(&mut KafkaSettings), word: &str| {
        let mut settings = settings();
        change(&mut settings);
        let error = settings.check().expect_err(word).to_string();
        assert!(error.contains(word), "{error}");
    };
    refuse(&|s| s.brokers = "a:1,,b:2".into(), "brokers");
    refuse(&|s| s.group.clear(), "group");
    refuse(&|s| s.topics.clear(), "topics");
    let pattern = "^claims.*".to_owned();
    refuse(
        &|s| s.topics = [(pattern.clone(), Stream::Claims)].into(),
        "^claims.*",
    );
    refuse(&|s| s.bounds.rows = 0, "room");
    refuse(&|s| s.bounds.queue_bytes = 1, "queue");
    refuse(&|s| s.source.clear(), "name");
}

#[test]
fn tls_is_there_or_the_build_that_has_it_is_named() {
    let mut scram = with("sasl.mechanism", "SCRAM-SHA-512");
    for (name, value) in [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.username", "someone"),
        ("sasl.password", "hunter2hunter2"),
    ] {
        scram.properties.insert(name.into(), value.into());
    }
    for settings in [with("security.protocol", "ssl"), scram] {
        let made = Kafka::start(&settings, Arc::new(Nobody), Arc::new(|_| {}));
        if cfg!(feature = "kafka-tls") {
            let kafka = made.expect("a build with TLS");
            kafka.stop(Duration::from_secs(10)).expect("a timely stop");
        } else {
            let error = made.map(drop).expect_err("a build without TLS").to_string();
            assert!(error.contains("kafka-tls"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}

/// A service that takes nothing.
struct Nobody;

impl Deliver for Nobody {
    fn deliver(&self, _: Delivery) -> Result<(), NotDurable> {
        Err(NotDurable::Stopped)
    }

    fn position(&self, _: &str, _: &str) -> Option<String> {
        None
    }

    fn is_paused(&self, _: &str) -> bool {
        true
    }
}
