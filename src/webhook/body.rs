//! What a receiver is told: the envelope of Standard Webhooks, and an alert by its id.
//!
//! Must hold: nothing in it is of a person; a receiver that needs more signs in, or reads the API with a token of its own,
//! and is in the access log.

use serde::Serialize;

use crate::record::Instant;
use crate::review::Message;

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    alert_id: &'a str,
    reason: &'static str,
    severity: &'static str,
    priority: u32,
    state: &'static str,
    epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The body of a message. `origin` is where browsers reach the pages, if that is known: the alert's page is linked then.
///
/// # Panics
/// Never: words and numbers are always JSON.
pub fn body(message: &Message, origin: Option<&str>) -> String {
    let at = Instant::from_millis(message.at).unwrap_or(Instant::MAX);
    let envelope = Envelope {
        kind: format!("alert.{}", message.kind.as_str()),
        timestamp: at.to_string(),
        data: Data {
            alert_id: &message.alert_id,
            reason: message.reason.as_str(),
            severity: message.severity.as_str(),
            priority: message.priority,
            state: message.state.as_str(),
            epoch: message.epoch,
            url: origin.map(|origin| format!("{origin}/alerts/{}", message.alert_id)),
        },
    };
    serde_json::to_string(&envelope).expect("words and numbers are JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Reason, Severity};
    use crate::store::{AlertState, HistoryKind};

    #[test]
    fn a_body_is_the_envelope_that_the_page_shows() {
        let message = Message {
            number: 7,
            id: "msg_0".to_owned(),
            at: 1_795_744_800_250,
            kind: HistoryKind::Raised,
            alert_id: "0123456789abcdef0123456789abcdef".to_owned(),
            reason: Reason::ServiceAfterDeath,
            severity: Severity::High,
            priority: 20_001,
            state: AlertState::Active,
            epoch: 412,
        };
        let with = body(&message, Some("https://fundwatch.example"));
        let page = include_str!("../../docs/webhooks.md");
        assert!(page.contains(&with), "{with}");
        let without = body(&message, None);
        assert!(!without.contains("url") && with.contains(&without[..without.len() - 2]));
    }
}
