//! Errors as they are told to callers: `application/problem+json` (RFC 9457) with a stable code and a remedy.
//!
//! Must hold: every text is of this program; nothing that a caller sent is repeated.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;

/// Why a request was not done.
#[derive(Clone, Debug)]
pub(super) struct Problem(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    remedy: Cow<'static, str>,
    header: Option<(HeaderName, HeaderValue)>,
    /// What more is told, as JSON, by name.
    more: BTreeMap<&'static str, Box<RawValue>>,
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    remedy: &'a str,
    #[serde(flatten)]
    more: &'a BTreeMap<&'static str, Box<RawValue>>,
}

impl Problem {
    /// A problem under its stable code: what is wrong, and what to do.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Told {
            status,
            code,
            detail: detail.into(),
            remedy: remedy.into(),
            header: None,
            more: BTreeMap::new(),
        }))
    }

    /// Tells something more, under a name of its own.
    pub fn telling(mut self, name: &'static str, value: &impl Serialize) -> Self {
        match serde_json::value::to_raw_value(value) {
            Ok(value) => {
                self.0.more.insert(name, value);
                self
            }
            Err(_) => Self::internal(),
        }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// Says when to try again, in whole seconds, at least one.
    pub fn retry_after(self, after: Duration) -> Self {
        let seconds = after.as_millis().div_ceil(1000).max(1);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        self.with(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 400: the request cannot be understood.
    pub fn bad(
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        remedy: &'static str,
    ) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail, remedy)
    }

    /// 401: it is not known who calls. `presented` says whether something was presented.
    pub fn unauthenticated(presented: bool) -> Self {
        let (challenge, detail) = if presented {
            (
                "Bearer realm=\"fundwatch\", error=\"invalid_token\"",
                "the token or the certificate is malformed, unknown or no longer valid",
            )
        } else {
            ("Bearer realm=\"fundwatch\"", "nothing says who calls")
        };
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            detail,
            "send `Authorization: Bearer TOKEN` with a token of `fundwatch token create`, or a client certificate that is registered",
        )
        .with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// 401: a token and a certificate name two callers.
    pub fn two_callers() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "two_callers",
            "the token and the client certificate are of two different callers",
            "use a token with the certificate it was made for",
        )
        .with(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"fundwatch\", error=\"invalid_token\""),
        )
    }

    /// 403: the caller may not.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "this caller may not do this",
            "ask whoever runs the service for a token whose role, or streams, allow it",
        )
    }

    /// 403: it takes a person, and a token without one presents itself.
    pub fn no_person() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "no_person",
            "a person decides, and this token is of a system",
            "use a token that acts as a person (`fundwatch token create --user NAME`), or the review pages",
        )
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: &'static str, remedy: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail, remedy)
    }

    /// 405; the headers that are allowed are added by the router.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this address does not answer to this method",
            "use a method that the `Allow` header names",
        )
    }

    /// 404: there is no such address.
    pub fn unmatched() -> Self {
        Self::not_found(
            "there is nothing at this address",
            "see the addresses of the API in the documentation",
        )
    }

    /// 413: too many bytes.
    pub fn too_large(code: &'static str, detail: String) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code,
            detail,
            "send the rows in several smaller requests",
        )
    }

    /// 415: what is sent is not of a form that is read.
    pub fn unsupported(code: &'static str, detail: &'static str, remedy: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, detail, remedy)
    }

    /// 415: the body is packed in a way that is not read.
    pub fn unsupported_encoding() -> Self {
        let problem = Self::unsupported(
            "unsupported_encoding",
            "the Content-Encoding is not read",
            "send the body as it is, or packed once with gzip or zstd",
        );
        problem.with(ACCEPT_ENCODING, HeaderValue::from_static("gzip, zstd"))
    }

    /// 422: understood, and wrong.
    pub fn unprocessable(
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        remedy: &'static str,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail, remedy)
    }

    /// 409: not in the state in which this can be done.
    pub fn conflict(
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        remedy: &'static str,
    ) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail, remedy)
    }

    /// 429: no room.
    pub fn full(detail: &'static str, retry_after: Duration) -> Self {
        let remedy = "send it again after `Retry-After`, with the same `Idempotency-Key`";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "full", detail, remedy).retry_after(retry_after)
    }

    /// 503: not now.
    pub fn unavailable(code: &'static str, detail: &'static str, retry_after: Duration) -> Self {
        let remedy = "try again after `Retry-After`; a push with the same `Idempotency-Key`";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail, remedy).retry_after(retry_after)
    }

    /// 500: a defect.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the service failed at this request",
            "try again once; if it fails again, tell whoever runs the service the time of the request",
        )
    }

    /// The code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What is wrong.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(told) = self;
        let body = Body {
            title: told.status.canonical_reason().unwrap_or_default(),
            status: told.status.as_u16(),
            code: told.code,
            detail: &told.detail,
            remedy: &told.remedy,
            more: &told.more,
        };
        let mut response = (told.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some((name, value)) = told.header {
            headers.insert(name, value);
        }
        response
    }
}
