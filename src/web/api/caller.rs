//! Who calls: from headers and certificates to a principal.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::record::Stream;
use crate::web::exchange::Exchange;
use crate::web::gate::{Action, Principal};
use crate::web::metrics::Event;
use crate::web::problem::Problem;
use crate::web::shared::{App, Shared};
use crate::web::socket::Connection;

/// Longer than any token that is made.
const LONGEST_TOKEN: usize = 512;

/// Somebody who is known.
#[derive(Clone)]
pub(super) struct Caller {
    principal: Arc<dyn Principal>,
    /// The request they make.
    pub exchange: Arc<Exchange>,
    app: App,
}

impl Caller {
    /// Whether they may; a refusal is counted.
    pub fn require(&self, action: Action, stream: Option<Stream>) -> Result<(), Problem> {
        if self.principal.may(action, stream) {
            return Ok(());
        }
        self.app.metrics.count(Event::Denied(self.principal.role()));
        Err(Problem::forbidden())
    }

    /// Who it is.
    pub fn principal(&self) -> Arc<dyn Principal> {
        self.principal.clone()
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let exchange = parts.extensions.get::<Arc<Exchange>>().cloned();
        // The middleware is around every route.
        let exchange = exchange.ok_or_else(Problem::internal)?;
        let certificate = parts.extensions.get::<Arc<Connection>>();
        let certificate = certificate.and_then(|connection| connection.certificate());
        let principal = known(app, &parts.headers, certificate).inspect_err(|_| {
            app.metrics.count(Event::Unauthenticated);
        })?;
        exchange.is_of(principal.id());
        Ok(Self {
            principal,
            exchange,
            app: app.clone(),
        })
    }
}

/// A token that is presented decides alone, so that a wrong one is never made good by a certificate; a certificate of
/// somebody else makes it wrong, so that a stolen token is of no use in another caller's hands.
fn known(
    app: &Shared,
    headers: &HeaderMap,
    certificate: Option<&[u8]>,
) -> Result<Arc<dyn Principal>, Problem> {
    let by_certificate = certificate.and_then(|der| app.gate.by_certificate(der));
    if !headers.contains_key(AUTHORIZATION) {
        return by_certificate.ok_or_else(|| Problem::unauthenticated(certificate.is_some()));
    }
    let by_token = bearer(headers).and_then(|token| app.gate.by_token(token));
    let by_token = by_token.ok_or_else(|| Problem::unauthenticated(true))?;
    match by_certificate {
        Some(other) if other.id() != by_token.id() => Err(Problem::two_callers()),
        _ => Ok(by_token),
    }
}

/// The one bearer token of the headers (RFC 6750), where it has the form of one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    let body = token.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let is_token = !body.is_empty() && token.len() <= LONGEST_TOKEN && body.bytes().all(fits);
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_one_well_formed_token_counts() {
        assert_eq!(bearer(&headers(&[b"Bearer abc"])), Some("abc"));
        assert_eq!(
            bearer(&headers(&[b"bEARER  a-._~+/1== "])),
            Some("a-._~+/1==")
        );
        let long = [b"Bearer ".as_slice(), &[b'a'; 513]].concat();
        for bad in [
            b"Bearer".as_slice(),
            b"Bearer ",
            b"Bearer =",
            b"Bearer a b",
            b"Bearer a,b",
            b"Bearer \xff",
            b"Basic YTpi",
            b"abc",
            b"",
            &long,
        ] {
            assert_eq!(bearer(&headers(&[bad])), None);
        }
        assert_eq!(bearer(&headers(&[b"Bearer abc", b"Bearer abc"])), None);
    }

    proptest! {
        #[test]
        fn a_token_is_what_a_gate_may_be_given(value in proptest::collection::vec(32_u8..=255, 0..600)) {
            if let Ok(value) = HeaderValue::from_bytes(&[b"Bearer ".as_slice(), &value].concat()) {
                let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
                if let Some(token) = bearer(&headers) {
                    prop_assert!(!token.is_empty() && token.len() <= 512);
                    prop_assert!(token.is_ascii() && !token.contains([' ', ',', '"']));
                }
            }
        }
    }
}
