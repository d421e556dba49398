//! Notices as HTTP requests, as Standard Webhooks 1.0.0 has them.
//!
//! Must hold: no redirect is followed and no proxy of the environment is used, so that a notice goes where
//! the operator said and nowhere else; answers are read no further than their head, and no word of theirs
//! is told, since they may repeat what was sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error};

use super::answer::{Answer, retry_after};
use super::signature::Secrets;
use super::transport::{Outgoing, Transport};

/// The most of an answer's body that is read, so that the connection can be used again.
const ANSWER_READ: u64 = 16 << 10;

/// A receiver of webhooks.
pub struct Webhook {
    uri: Uri,
    secrets: Secrets,
    agent: Agent,
}

impl Webhook {
    /// A receiver at an address. `roots` are the authorities that it is to be certified by; without any,
    /// those of Mozilla's programme. A request ends after `timeout`.
    pub fn new(
        uri: Uri,
        secrets: Secrets,
        roots: Option<Vec<Certificate<'static>>>,
        timeout: Duration,
    ) -> Self {
        let roots = roots.map_or(RootCerts::WebPki, |roots| {
            RootCerts::Specific(Arc::new(roots))
        });
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(timeout))
            .user_agent(concat!("fundwatch/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Self {
            uri,
            secrets,
            agent: config.into(),
        }
    }
}

impl Transport for Webhook {
    fn send(&self, outgoing: Outgoing<'_>) -> Answer {
        let Outgoing { key, body, at, .. } = outgoing;
        let sent = self
            .agent
            .post(&self.uri)
            .header("content-type", "application/json")
            .header("webhook-id", key)
            .header("webhook-timestamp", at.seconds().to_string())
            .header(
                "webhook-signature",
                self.secrets.sign(key, at.seconds(), body),
            )
            .send(body);
        match sent {
            Ok(mut response) => {
                let status = response.status().as_u16();
                let header = response.headers().get("retry-after");
                let wait = header.and_then(|value| retry_after(value.to_str().ok()?, at.seconds()));
                // An answer that is longer, or ends early, costs the connection and nothing else.
                let body = response.body_mut().with_config().limit(ANSWER_READ);
                let _ = body.read_to_vec();
                Answer::of_status(status, wait)
            }
            Err(error) => Answer::Unavailable {
                error: told(&error),
                retry_after: None,
            },
        }
    }
}

/// What went wrong, without a word of the receiver's.
fn told(error: &Error) -> String {
    match error {
        Error::Io(error) => format!("the connection failed: {error}"),
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::HostNotFound => "the host was not found".to_owned(),
        Error::ConnectionFailed => "the connection failed".to_owned(),
        Error::Tls(_) | Error::Rustls(_) => format!("no secure connection: {error}"),
        Error::Protocol(_) => "the answer is no HTTP".to_owned(),
        _ => "the request failed".to_owned(),
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a webhook at {}", self.uri)
    }
}
