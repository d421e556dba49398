//! Sources: where rows come from, beside what is pushed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::file_value::ExistingDirectory;
use super::kafka::{Brokers, Properties, Topics};
use super::section::{Changes, Declared, Reload, section};
use super::sections::Breaker;
use super::table::Table;
use super::value::{KafkaStart, PlainName, SourceKindName};
use crate::access::StreamSet;
use crate::notice::Span;

section! {
    /// A directory that files are put into. A file named after its stream, as `fundwatch replay` reads them, is
    /// taken once nobody writes to it any more, and moved away when its rows are durable.
    DirectorySource {
        /// What it is called in metrics and logs; keep it, since what was read is remembered under it.
        name: PlainName = required("hospital-files"), Restart;
        /// "directory", for this kind of source.
        kind: SourceKindName = required("directory"), Restart;
        /// Where files arrive.
        path: ExistingDirectory = required("incoming"), Restart;
        /// Where they are moved to when they are done; on the same file system.
        done: ExistingDirectory = required("done"), Restart;
        /// Where files are moved to that cannot be read at all; without it, to done as well.
        rejected: Option<ExistingDirectory> = example("rejected"), Restart;
        /// How often it is looked for new files.
        poll_interval: Span = default("5s") in "100ms"..="1d", Restart;
        /// How long a file has to stay as it is before it is taken to be whole.
        settle_time: Span = default("10s") in "100ms"..="1d", Restart;
        /// The streams that are taken from it; without it, all.
        streams: Option<StreamSet> = example(["claims", "check_ins"]), Restart;
    }
}

section! {
    /// Topics of Kafka. How far they are read is kept with the rows, so that each row counts once.
    /// It takes a program that was built with the feature kafka; one that speaks TLS or SASL/SCRAM to brokers,
    /// with kafka-tls. A message is one row as it is pushed, or one in a change envelope of Debezium; one
    /// without a value is none.
    KafkaSource {
        /// What it is called in metrics and logs; keep it, since what was read is remembered under it.
        name: PlainName = required("registers"), Restart;
        /// "kafka", for this kind of source.
        kind: SourceKindName = required("kafka"), Restart;
        /// Brokers to begin with, each HOST:PORT.
        brokers: Brokers = required(["kafka-1.example:9093", "kafka-2.example:9093"]), Restart;
        /// The consumer group.
        group: String = required("fundwatch"), Restart;
        /// The stream that each topic carries.
        topics: Topics = required({ "vss.cards" = "cards", "moh.claims" = "claims" }), Restart;
        /// Where a partition is read from that was never read: "beginning", or "end", for what comes from now on.
        /// A partition that is added to a topic later is read from its beginning.
        start: KafkaStart = default("beginning"), Restart;
        /// Whether brokers on other machines may be spoken to without TLS, that is without
        /// "security.protocol" = "ssl" or "sasl_ssl" in properties.
        allow_plaintext: bool = default(false), Restart;
        /// Properties of librdkafka, passed on as they are. What is secret is a table with the file or the
        /// environment variable that holds it.
        properties: Option<Properties> = example({ "security.protocol" = "sasl_ssl", "sasl.mechanism" = "SCRAM-SHA-512", "sasl.username" = "fundwatch", "sasl.password" = { file = "secrets/kafka.password" } }), Restart;
    }
}

/// How rows come to a source.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceKind {
    /// As files.
    Directory(DirectorySource),
    /// As messages.
    Kafka(KafkaSource),
}

/// A source.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// How rows come to it.
    pub kind: SourceKind,
    /// When it is stopped.
    pub breaker: Breaker,
}

impl Source {
    /// What it is called.
    pub fn name(&self) -> &str {
        match &self.kind {
            SourceKind::Directory(directory) => &directory.name.0,
            SourceKind::Kafka(kafka) => &kafka.name.0,
        }
    }

    /// Reads the source of a table. `breaker` is that of all sources.
    pub(super) fn read(table: &Table<'_, '_>, breaker: &Breaker) -> Option<Self> {
        let kind: Option<SourceKindName> =
            table.setting(DirectorySource::SECTION.key("kind"), None);
        let Some(kind) = kind else {
            // What the other keys should be, nobody knows.
            return None;
        };
        let own = table.table("breaker");
        let breaker = Breaker::read(&own, Some(breaker));
        own.finish();
        let kind = match kind {
            SourceKindName::Directory => {
                let directory = DirectorySource::read(table, None);
                directory
                    .filter(|directory| directory.check(table))
                    .map(SourceKind::Directory)
            }
            SourceKindName::Kafka => {
                let kafka = KafkaSource::read(table, None);
                kafka
                    .filter(|kafka| kafka.check(table))
                    .map(SourceKind::Kafka)
            }
        };
        table.finish();
        Some(Self {
            kind: kind?,
            breaker: breaker?,
        })
    }

    /// Takes over what may change in a running service.
    pub(super) fn adopt(&mut self, new: &Self, changes: &mut Changes<'_>) {
        let name = format!("source.{}", self.name());
        match (&mut self.kind, &new.kind) {
            (SourceKind::Directory(old), SourceKind::Directory(new)) => {
                old.adopt(new, &name, changes);
            }
            (SourceKind::Kafka(old), SourceKind::Kafka(new)) => old.adopt(new, &name, changes),
            _ => {
                changes.take(format!("{name}.kind"), Reload::Restart);
            }
        }
        let name = format!("{name}.breaker");
        self.breaker.adopt(&new.breaker, &name, changes);
    }
}

impl DirectorySource {
    /// Whether its directories can be used together.
    fn check(&self, table: &Table<'_, '_>) -> bool {
        let mut is_right = true;
        let targets = [
            ("done", Some(&self.done)),
            ("rejected", self.rejected.as_ref()),
        ];
        for (key, target) in targets {
            let Some(target) = target else { continue };
            let why = match (facts(&self.path), facts(target)) {
                (Some((incoming, _)), Some((place, _))) if incoming == place => {
                    Some("it is the directory that files arrive in; name another")
                }
                (Some((_, incoming)), Some((_, device))) if incoming != device => Some(
                    "it is on another file system than path, so files cannot be moved there at once; name one on \
                     the same",
                ),
                _ => None,
            };
            if let Some(why) = why {
                table.wrong(key, why);
                is_right = false;
            }
        }
        is_right
    }

    /// The directory that files arrive in, however it was written.
    pub(super) fn place(&self) -> Option<PathBuf> {
        facts(&self.path).map(|(place, _)| place)
    }
}

/// A directory without links in its path, and its device.
fn facts(path: &Path) -> Option<(PathBuf, u64)> {
    let device = fs::metadata(path).ok()?.dev();
    Some((fs::canonicalize(path).ok()?, device))
}

impl KafkaSource {
    fn check(&self, table: &Table<'_, '_>) -> bool {
        let protocol = self.properties.as_ref();
        let protocol = protocol.and_then(|properties| properties.plain("security.protocol"));
        let is_safe = self.allow_plaintext || self.brokers.are_safe(protocol);
        if !is_safe {
            table.wrong(
                "brokers",
                "rows hold personal data; set \"security.protocol\" to \"ssl\" or \"sasl_ssl\" in properties, or \
                 allow_plaintext = true where the network is trusted",
            );
        }
        is_safe
    }
}
