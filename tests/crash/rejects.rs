//! The rows that were not accepted: those that were sent on purpose, and those that the service tells of.

use std::collections::BTreeMap;

use crate::client::Client;
use crate::feed::Feed;

/// Bad rows by where they came from, their stream, row and code: how many there are.
pub type Rejects = BTreeMap<String, u64>;

/// The bad rows that were sent.
pub fn sent(feed: &Feed) -> Rejects {
    let mut rejects = Rejects::new();
    let pushed = feed
        .senders
        .iter()
        .flatten()
        .map(|push| ("http", "", &push.sent));
    let dropped = feed
        .files
        .iter()
        .map(|file| ("files", &*file.name, &file.sent));
    for (source, name, sent) in pushed.chain(dropped) {
        for (row, code) in &sent.bad {
            let line = format!("{source} {name} {} row {row} {code}", sent.stream);
            *rejects.entry(line).or_default() += 1;
        }
    }
    rejects
}

/// The bad rows that the service tells of.
pub fn told(client: &Client) -> Rejects {
    let mut rejects = Rejects::new();
    let mut next = String::new();
    loop {
        let page = client.document(&format!("/v1/rejects?limit=500{next}"));
        for one in page["rejects"].as_array().unwrap() {
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            let line = format!(
                "{} {} {} row {} {}",
                text("source"),
                text("file"),
                text("stream"),
                one["row"],
                text("code")
            );
            *rejects.entry(line).or_default() += 1;
        }
        match page["next_page"].as_str() {
            Some(page) => next = format!("&page={page}"),
            None => return rejects,
        }
    }
}
