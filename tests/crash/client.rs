//! Requests to the service, of one who has a token.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::said::{self, Kind};
use crate::server::Where;

/// What a request came to.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
}

/// One who asks.
pub struct Client {
    at: Where,
    agent: Agent,
    authorization: String,
}

fn agent(timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(timeout));
    config.build().into()
}

impl Client {
    /// One who has a token.
    pub fn new(at: Where, token: &str) -> Self {
        Self {
            at,
            agent: agent(Duration::from_secs(30)),
            authorization: format!("Bearer {token}"),
        }
    }

    /// Sends a body under a key; none where the service cannot be reached, or broke off. Who is impatient leaves
    /// after so long.
    pub fn post(
        &self,
        (path, form): (&str, &str),
        key: &str,
        body: &[u8],
        patience: Option<Duration>,
    ) -> Option<Answer> {
        let url = format!("{}{path}", self.at.api()?);
        let request = self
            .agent
            .post(&url)
            .header("authorization", &self.authorization);
        let request = request
            .header("content-type", form)
            .header("idempotency-key", key);
        let sent = match patience {
            None => request.send(body),
            Some(patience) => request
                .config()
                .timeout_global(Some(patience))
                .build()
                .send(body),
        };
        answer(&url, sent.ok()?)
    }

    /// Reads something; the service has to be there.
    pub fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.at.api().expect("a service that runs"));
        let request = self
            .agent
            .get(&url)
            .header("authorization", &self.authorization);
        let sent = request
            .call()
            .unwrap_or_else(|error| panic!("GET {path}: {error}"));
        answer(&url, sent).unwrap_or_else(|| panic!("GET {path} broke off"))
    }

    /// Reads something that has to be there.
    pub fn read(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }

    /// A document.
    pub fn document(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }
}

fn answer(url: &str, mut response: ureq::http::Response<ureq::Body>) -> Option<Answer> {
    let header = response.headers().get("retry-after");
    let retry_after = header.and_then(|value| value.to_str().ok()?.parse().ok());
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .with_config()
        .limit(1 << 30)
        .read_to_string();
    let answer = Answer {
        status,
        retry_after,
        body: body.ok()?,
    };
    said::answered(url, status, None, &answer.body);
    if url.ends_with("/metrics") {
        said::keep(Kind::Metrics, &answer.body);
    }
    Some(answer)
}

/// Asks a probe, if it answers.
pub fn probe(url: &str) -> Option<(u16, String)> {
    let sent = agent(Duration::from_secs(5)).get(url).call().ok()?;
    let answer = answer(url, sent)?;
    Some((answer.status, answer.body))
}
