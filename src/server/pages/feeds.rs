//! How far sources are read, for the page of them.

use std::time::Duration;

use crate::config::HTTP_SOURCE;
use crate::server::Parts;
use crate::web::pages::{Feed, Feeds};

/// The sources of the configuration.
pub(in crate::server) struct ConfiguredFeeds(pub(in crate::server) Parts);

impl Feeds for ConfiguredFeeds {
    fn feeds(&self) -> Result<(Vec<Feed>, Duration), &'static str> {
        let parts = &self.0;
        let waiting = parts.service.queue.waiting();
        let feeds = parts.sources.iter().map(|name| Feed {
            name: name.clone(),
            is_http: name == HTTP_SOURCE,
            is_paused: parts.breakers.is_paused(name),
            waiting_rows: waiting.get(name).map_or(0, |waits| waits.rows as u64),
            positions: parts.service.positions.of_source(name).len() as u64,
        });
        Ok((feeds.collect(), parts.service.status.lag()))
    }
}
