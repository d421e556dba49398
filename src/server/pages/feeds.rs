//! How far sources are read, for the page of them.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::config::{HTTP_SOURCE, Source, SourceKind};
use crate::record::Stream;
use crate::server::Parts;
use crate::web::pages::{Feed, Feeds, StreamFeed};

/// The sources of the configuration.
pub(in crate::server) struct ConfiguredFeeds(pub(in crate::server) Parts);

impl Feeds for ConfiguredFeeds {
    fn feeds(&self) -> Result<(Vec<Feed>, Duration), &'static str> {
        let parts = &self.0;
        let waiting = parts.service.queue.waiting();
        let since = parts.service.queue.waits_since();
        let feeds = parts.sources.iter().map(|name| Feed {
            name: name.clone(),
            is_http: name == HTTP_SOURCE,
            is_paused: parts.breakers.is_paused(name),
            waiting_rows: waiting.get(name).map_or(0, |waits| waits.rows as u64),
            waits: since.get(name).map(Instant::elapsed),
            positions: parts.service.positions.of_source(name).len() as u64,
        });
        Ok((feeds.collect(), parts.service.status.lag()))
    }

    fn streams(&self) -> Vec<StreamFeed> {
        let parts = &self.0;
        let config = parts.config.read();
        let config = config.unwrap_or_else(PoisonError::into_inner);
        let paused = parts.breakers.paused();
        let is_paused = |name: &str| paused.iter().any(|own| own == name);
        let feed = |stream: &Stream| StreamFeed {
            stream: *stream,
            last_at: (parts.metrics.input().last(*stream)).map(|at| at.nanos() / 1_000_000),
            expected: config.expected_interval().of(*stream).map(|span| span.0),
            // What is pushed may be of any stream: of a stop of all that, each is told.
            is_paused: is_paused(HTTP_SOURCE) || { config.sources().iter() }
                .any(|source| delivers(source, *stream) && is_paused(source.name())),
        };
        Stream::ALL.iter().map(feed).collect()
    }
}

/// Whether rows of a stream come from a source.
fn delivers(source: &Source, stream: Stream) -> bool {
    match &source.kind {
        SourceKind::Directory(directory) => {
            let streams = directory.streams.as_ref();
            streams.is_none_or(|streams| streams.contains(stream))
        }
        SourceKind::Kafka(kafka) => kafka.topics.0.values().any(|own| *own == stream),
    }
}
