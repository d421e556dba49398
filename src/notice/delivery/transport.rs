//! How a notice gets to a sink.

use super::answer::Answer;
use super::directory::Directory;
use super::webhook::Webhook;
use crate::notice::moment::Moment;

/// A notice as it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Its number in the outbox: of two about one value, the later has the higher.
    pub number: i64,
    /// The idempotency key.
    pub key: &'a str,
    /// The body, in JSON.
    pub body: &'a str,
    /// The time of this attempt.
    pub at: Moment,
}

/// Sends notices; from several threads at once.
pub trait Transport: Send + Sync {
    /// Sends one and waits for the answer, or until it takes too long.
    fn send(&self, outgoing: Outgoing<'_>) -> Answer;
}

impl Transport for Box<dyn Transport> {
    fn send(&self, outgoing: Outgoing<'_>) -> Answer {
        (**self).send(outgoing)
    }
}

/// The kinds of sinks.
#[derive(Debug)]
pub enum SinkTransport {
    /// HTTP.
    Webhook(Webhook),
    /// Files.
    Directory(Directory),
}

impl SinkTransport {
    /// The word in the sinks file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Directory(_) => "directory",
        }
    }
}

impl Transport for SinkTransport {
    fn send(&self, outgoing: Outgoing<'_>) -> Answer {
        match self {
            Self::Webhook(webhook) => webhook.send(outgoing),
            Self::Directory(directory) => directory.send(outgoing),
        }
    }
}
