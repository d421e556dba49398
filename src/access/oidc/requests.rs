//! Requests to a provider.
//!
//! Must hold: no redirect is followed and no proxy of the environment is used; an answer ends within a bound of time and
//! of length; of what it says, no word is told.

use std::sync::Arc;
use std::time::Duration;

use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};
use zeroize::Zeroizing;

use super::error::OidcError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take, its connection included.
const LONGEST: Duration = Duration::from_secs(6);
/// The most bytes of an answer.
const MOST: u64 = 256 << 10;

/// What asks a provider.
pub(super) struct Http(Agent);

impl Http {
    pub fn new(authorities: Option<Vec<Certificate<'static>>>) -> Self {
        let roots = authorities.map_or(RootCerts::WebPki, |roots| {
            RootCerts::Specific(Arc::new(roots))
        });
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(LONGEST))
            .user_agent(concat!("fundwatch/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Self(config.into())
    }

    /// What is at an address.
    pub fn get(&self, address: &str) -> Result<Vec<u8>, OidcError> {
        let got = self.0.get(address).header("accept", "application/json");
        let (status, body) = read(got.call())?;
        match status {
            200 => Ok(body),
            status => Err(OidcError::Away(format!("it answers with status {status}"))),
        }
    }

    /// What is answered to a form: the status and the body, which may hold tokens.
    pub fn post(
        &self,
        address: &str,
        form: &str,
        authorization: Option<&str>,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), OidcError> {
        let mut request = self
            .0
            .post(address)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let (status, body) = read(request.send(form))?;
        Ok((status, Zeroizing::new(body)))
    }
}

fn read(answer: Result<Response<Body>, Error>) -> Result<(u16, Vec<u8>), OidcError> {
    let mut answer = answer.map_err(|error| away(&error))?;
    let body = answer.body_mut().with_config().limit(MOST).read_to_vec();
    Ok((
        answer.status().as_u16(),
        body.map_err(|error| away(&error))?,
    ))
}

/// What went wrong, without a word of the provider's.
fn away(error: &Error) -> OidcError {
    OidcError::Away(match error {
        Error::Io(error) => format!("the connection failed: {}", error.kind()),
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::HostNotFound => "the host was not found".to_owned(),
        Error::ConnectionFailed => "the connection failed".to_owned(),
        Error::Tls(_) | Error::Rustls(_) => format!("no secure connection: {error}"),
        Error::BodyExceedsLimit(_) => "the answer is too long".to_owned(),
        _ => "the answer is no HTTP".to_owned(),
    })
}
