//! What must hold of a service at the end, whatever happened to it.
//!
//! In: what was sent, and the places of a service. Out: what does not hold, one line each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::Client;
use crate::feed::Feed;
use crate::rejects;
use crate::replayed::{self, Replayed};
use crate::server::{Server, Site, Where};

/// The longest that what was accepted may take to be stored.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of what does not hold, no more of a kind is told.
const MOST: usize = 8;

/// What the service exports.
pub struct Exported {
    pub alerts: String,
    pub history: String,
}

impl Exported {
    /// Asks for both exports.
    pub fn of(client: &Client) -> Self {
        Self {
            alerts: client.read("/v1/alerts.ndjson"),
            history: client.read("/v1/history.ndjson"),
        }
    }

    /// How they differ from others.
    pub fn differences(&self, from: &str, alerts: &str, history: &str) -> Vec<String> {
        let alerts = first_difference(&format!("alerts of {from}"), &self.alerts, alerts);
        let history = first_difference(&format!("history of {from}"), &self.history, history);
        alerts.into_iter().chain(history).collect()
    }
}

/// The first line in which two texts differ.
fn first_difference(what: &str, one: &str, other: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let lines = (one.lines().count(), other.lines().count());
    let mut pairs = (1..).zip(one.lines().zip(other.lines()));
    let differs = pairs.find(|(_, (a, b))| a != b);
    Some(format!(
        "{what}: {} and {} lines; first {differs:?}",
        lines.0, lines.1
    ))
}

/// Waits until everything that was accepted is stored, and no file is left.
pub fn settle(site: &Site, server: &mut Server<'_>, client: &Client) {
    let until = Instant::now() + PATIENCE;
    loop {
        server.assert_runs();
        let status = client.document("/v1/status");
        let is_stored = status["committed_epoch"].as_u64() >= status["sealed_epoch"].as_u64();
        let waiting = names(&site.path("inbox"));
        if is_stored && waiting.is_empty() {
            return;
        }
        let paused = &status["paused_sources"];
        assert!(
            Instant::now() < until,
            "waiting: {waiting:?}; paused: {paused}; {status}\n{}",
            site.log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The files of a directory.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// Stops a service on which everything is stored, starts it again, and tells what does not hold.
pub fn finish(site: &Site, server: Server<'_>, at: &Where, feed: &Feed) -> Vec<String> {
    let client = site.reader(at);
    let exported = Exported::of(&client);
    server.stop();
    let server = site.start(at);
    let again = Exported::of(&client);
    let told = rejects::told(&client);
    let status = client.document("/v1/status");
    server.stop();
    let replayed = replayed::journal(site.data());
    let mut wrong = again.differences(
        "before and after a stop",
        &exported.alerts,
        &exported.history,
    );
    if status["sealed_epoch"].as_u64() < status["committed_epoch"].as_u64() {
        wrong.push(format!(
            "status after a start: stored, and not durable: {status}"
        ));
    }
    wrong.extend(exported.differences("the journal", &replayed.alerts, &replayed.history));
    wrong.extend(different(
        "accepted",
        &replayed.accepted(),
        &feed.accepted(),
    ));
    wrong.extend(different("rejects", &told, &rejects::sent(feed)));
    wrong.extend(twice(&exported));
    wrong.extend(of_files(feed, &replayed));
    wrong.extend(moved(site, feed));
    wrong
}

/// How one map differs from what is expected.
fn different<T: PartialEq + Debug>(
    what: &str,
    one: &BTreeMap<String, T>,
    expected: &BTreeMap<String, T>,
) -> Vec<String> {
    let keys: BTreeSet<&String> = one.keys().chain(expected.keys()).collect();
    let wrong = keys
        .into_iter()
        .filter(|key| one.get(*key) != expected.get(*key));
    let told = wrong.take(MOST).map(|key| {
        let (one, expected) = (one.get(key), expected.get(key));
        format!("{what}: {key}: {one:?}, expected {expected:?}")
    });
    told.collect()
}

/// Alerts that were raised while they held, or that hold otherwise than their history says.
fn twice(exported: &Exported) -> Vec<String> {
    let (mut wrong, mut holding) = (Vec::new(), BTreeSet::new());
    let mut last = 0;
    for line in exported.history.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let id = event["alert_id"].as_str().unwrap().to_owned();
        let epoch = event["epoch"].as_u64().unwrap();
        let is_in_order = match event["kind"].as_str().unwrap() {
            "raised" => holding.insert(id),
            "withdrawn" => holding.remove(&id),
            _ => holding.contains(&id),
        };
        if !is_in_order || epoch < last {
            wrong.push(format!("history: out of order: {line}"));
        }
        last = epoch;
    }
    let held: BTreeSet<String> = replayed::by_id(&exported.alerts).into_keys().collect();
    if held != holding {
        wrong.push(format!(
            "history: {} alerts hold by it, and {} do",
            holding.len(),
            held.len()
        ));
    }
    wrong.truncate(MOST);
    wrong
}

/// How the alerts differ from those of a replay of the rows from files.
fn of_files(feed: &Feed, replayed: &Replayed) -> Vec<String> {
    let input = tempfile::tempdir().unwrap();
    feed.write_input(input.path());
    let files = replayed::files(input.path(), replayed.as_of());
    assert!(files.alerts.lines().count() > 50, "a country with alerts");
    let (live, files) = (
        replayed::by_id(&replayed.alerts),
        replayed::by_id(&files.alerts),
    );
    different("alerts of files", &live, &files)
}

/// Files that were not moved away as they were.
fn moved(site: &Site, feed: &Feed) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in &feed.files {
        let done = fs::read(site.path("done").join(&file.name));
        if done.ok().as_ref() != Some(&file.sent.body) {
            wrong.push(format!("done: {} is not as it was sent", file.name));
        }
    }
    let (done, failed) = (
        names(&site.path("done")).len(),
        names(&site.path("rejected")).len(),
    );
    if (done, failed) != (feed.files.len(), 0) {
        wrong.push(format!(
            "done: {done} of {} files, {failed} rejected",
            feed.files.len()
        ));
    }
    wrong
}
