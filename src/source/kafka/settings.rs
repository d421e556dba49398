//! What a Kafka source is told, and the client's configuration that follows from it.
//!
//! In: brokers, topics, bounds, and properties passed through to the client. Out: a configuration
//! that reads exactly once, or what is wrong with it. Must hold: no property can undo what exactly
//! once rests on; values of properties, which may be secrets, are in no error and no `Debug`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;

use crate::record::Stream;

/// What a Kafka source is told.
#[derive(Clone)]
pub struct KafkaSettings {
    /// The source's name, under which the journal keeps its positions.
    pub source: String,
    /// `host:port`, separated by commas.
    pub brokers: String,
    /// The consumer group. Members share its partitions, and must share one journal.
    pub group: String,
    /// The stream of each topic.
    pub topics: BTreeMap<String, Stream>,
    /// Where to begin in a partition that has no position.
    pub start: Start,
    /// How much is held in memory.
    pub bounds: Bounds,
    /// How long a partition that is taken away may be kept, so that its rows in flight become
    /// durable first. After it they may be refused as moved, and are then read by the next owner.
    pub handover: Duration,
    /// Whether durable positions are committed to the group, for tools that show its lag. They are
    /// never read.
    pub commits_positions: bool,
    /// Properties of librdkafka, such as `security.protocol`.
    pub properties: BTreeMap<String, String>,
}

/// Where to begin in a partition that has no position in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// At its first message.
    #[default]
    Beginning,
    /// After its last one. A partition that is added to the topic later is read from its beginning.
    End,
}

/// How much is held in memory: the client's queue, the delivery that is being filled, and one in
/// flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Rows of a delivery.
    pub rows: usize,
    /// Bytes of a delivery; the last row may exceed it.
    pub bytes: usize,
    /// Bytes that the client reads ahead; a response of a broker may exceed it.
    pub queue_bytes: usize,
}

/// What is wrong with the settings.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A value cannot be used.
    #[error("Kafka source {source_name}: {what}")]
    Bad {
        /// The source.
        source_name: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// A property is not for the configuration to set.
    #[error("Kafka source {source_name}: remove the property `{property}`: {why}")]
    Denied {
        /// The source.
        source_name: String,
        /// The property.
        property: String,
        /// Why not.
        why: &'static str,
    },
    /// The client does not take a property.
    #[error("Kafka source {source_name}: the property `{property}` {what}")]
    Property {
        /// The source.
        source_name: String,
        /// The property.
        property: String,
        /// What is wrong, and what to do.
        what: &'static str,
    },
    /// The client cannot be made of these properties together.
    #[error("Kafka source {source_name}: the Kafka client refuses its configuration: {what}")]
    Client {
        /// The source.
        source_name: String,
        /// What the client says, without values.
        what: String,
    },
}

const POSITIONS: &str = "the positions are the journal's, never the group's";
const OURS: &str = "it is a setting of the source itself";
const EAGER: &str = "members hand partitions over by the eager protocol";

/// Properties that are not passed through, and why.
const DENIED: &[(&str, &str)] = &[
    (
        "allow.auto.create.topics",
        "a source does not create topics",
    ),
    ("auto.commit.enable", POSITIONS),
    ("auto.commit.interval.ms", POSITIONS),
    ("auto.offset.reset", POSITIONS),
    ("bootstrap.servers", OURS),
    ("check.crcs", "damaged messages must be found"),
    (
        "enable.auto.commit",
        "the positions are the journal's, never the group's",
    ),
    ("enable.auto.offset.store", POSITIONS),
    (
        "enable.partition.eof",
        "the source finds the end by statistics",
    ),
    ("group.id", OURS),
    ("group.protocol", EAGER),
    ("group.remote.assignor", EAGER),
    (
        "isolation.level",
        "messages of open and aborted transactions are no rows",
    ),
    ("metadata.broker.list", OURS),
    ("offset.store.method", POSITIONS),
    ("offset.store.path", POSITIONS),
    ("partition.assignment.strategy", EAGER),
    ("plugin.library.paths", "the program loads no foreign code"),
    ("queued.max.messages.kbytes", OURS),
    (
        "test.mock.num.brokers",
        "it replaces the brokers by empty ones",
    ),
];

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rows: 20_000,
            bytes: 16 << 20,
            queue_bytes: 32 << 20,
        }
    }
}

impl KafkaSettings {
    /// Settings with the usual bounds, from the beginning, without further properties.
    pub fn new(source: &str, brokers: &str, topics: BTreeMap<String, Stream>) -> Self {
        Self {
            source: source.to_owned(),
            brokers: brokers.to_owned(),
            group: "fundwatch".to_owned(),
            topics,
            start: Start::default(),
            bounds: Bounds::default(),
            handover: Duration::from_secs(10),
            commits_positions: true,
            properties: BTreeMap::new(),
        }
    }

    /// Checks everything that can be checked without a broker.
    ///
    /// # Errors
    /// What is wrong, by the name of the setting or property.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.client_config()?
            .create_native_config()
            .map(drop)
            .map_err(|error| self.refused(&error))
    }

    /// The client's configuration.
    pub(super) fn client_config(&self) -> Result<ClientConfig, SettingsError> {
        self.check_values().map_err(|what| self.bad(what))?;
        for name in self.properties.keys() {
            if let Some((_, why)) = DENIED.iter().find(|(denied, _)| denied == name) {
                return Err(SettingsError::Denied {
                    source_name: self.source.clone(),
                    property: name.clone(),
                    why,
                });
            }
        }
        let mut config = ClientConfig::new();
        config
            .set("client.id", "fundwatch")
            .set("statistics.interval.ms", "1000")
            .set("topic.metadata.refresh.interval.ms", "30000")
            // A response is held beside the queue, so it must not dwarf it.
            .set("fetch.max.bytes", fetch_bytes(self.bounds).to_string());
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config
            .set("bootstrap.servers", &self.brokers)
            .set("group.id", &self.group)
            .set("partition.assignment.strategy", "roundrobin")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("isolation.level", "read_committed")
            .set("check.crcs", "true")
            .set("allow.auto.create.topics", "false")
            .set(
                "queued.max.messages.kbytes",
                (self.bounds.queue_bytes >> 10).to_string(),
            );
        Ok(config)
    }

    fn check_values(&self) -> Result<(), String> {
        let Bounds {
            rows,
            bytes,
            queue_bytes,
        } = self.bounds;
        let is_topic = |name: &str| {
            let is_character = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            (1..=249).contains(&name.len()) && name.chars().all(is_character)
        };
        if self.source.is_empty() {
            return Err("its name is empty; give it one".to_owned());
        }
        if self.brokers.split(',').any(|b| b.trim().is_empty()) {
            return Err("`brokers` is not a list of host:port; name at least one".to_owned());
        }
        if self.group.is_empty() {
            return Err("`group` is empty; name the consumer group".to_owned());
        }
        if self.topics.is_empty() {
            return Err("`topics` is empty; say which topic carries which stream".to_owned());
        }
        if let Some(name) = self.topics.keys().find(|name| !is_topic(name)) {
            return Err(format!(
                "`{name}` is no topic; a name has 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'"
            ));
        }
        if rows == 0 || bytes == 0 {
            return Err("a delivery needs room for a row; raise its bounds above 0".to_owned());
        }
        if !(1 << 10..=2_097_151 << 10).contains(&queue_bytes) {
            return Err("the client's queue is bounded by 1 KiB to 2 GiB of bytes".to_owned());
        }
        Ok(())
    }

    fn bad(&self, what: String) -> SettingsError {
        SettingsError::Bad {
            source_name: self.source.clone(),
            what,
        }
    }

    /// The client's refusal, without the values that it quotes.
    pub(super) fn refused(&self, error: &KafkaError) -> SettingsError {
        let source_name = self.source.clone();
        match error {
            KafkaError::ClientConfig(result, _, property, _) => SettingsError::Property {
                source_name,
                property: property.clone(),
                what: match result {
                    RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN => {
                        "is none of librdkafka's; correct its name"
                    }
                    _ if !cfg!(feature = "kafka-tls") => {
                        "has a value that this build cannot use; TLS and SASL/SCRAM need a build \
                         with the feature `kafka-tls`, any other value a look at librdkafka's \
                         CONFIGURATION.md"
                    }
                    _ => "has a value that librdkafka does not take; see its CONFIGURATION.md",
                },
            },
            KafkaError::ClientCreation(text) => {
                let values = self.properties.values().filter(|value| !value.is_empty());
                let mut what = values.fold(text.clone(), |text, value| text.replace(value, "…"));
                if !cfg!(feature = "kafka-tls") {
                    what += "; TLS and SASL/SCRAM need a build with the feature `kafka-tls`";
                }
                SettingsError::Client { source_name, what }
            }
            // Others do not arise before there is a client, and their names say nothing secret.
            other => SettingsError::Client {
                source_name,
                what: format!("{:?}", other.rdkafka_error_code()),
            },
        }
    }
}

/// What a broker may answer at once.
fn fetch_bytes(bounds: Bounds) -> usize {
    // It may not be below the largest message that is asked for, by default 1 MB.
    (bounds.queue_bytes / 4).clamp(1 << 20, 50 << 20)
}

impl fmt::Debug for KafkaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaSettings")
            .field("source", &self.source)
            .field("brokers", &self.brokers)
            .field("group", &self.group)
            .field("topics", &self.topics)
            .field("start", &self.start)
            .field("bounds", &self.bounds)
            .field("handover", &self.handover)
            .field("commits_positions", &self.commits_positions)
            // Their values may be secrets.
            .field("properties", &self.properties.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests;
