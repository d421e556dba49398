//! One request and its answer, from the end of the head to the last byte of the answer.
//!
//! In: whatever a handler answers, or that it panicked. Out: the answer, one log line and one measurement.
//! Must hold: both are made once for every request, however it ends; neither holds anything that was sent but the
//! method, the route's template and the caller's own id.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Version};
use http_body::{Body as _, Frame, SizeHint};

use super::metrics::{Event, Metrics, Observation};
use super::problem::Problem;
use super::socket::Connection;

/// The route of a path that matches none.
const UNMATCHED: &str = "unmatched";
/// What is logged of a request whose sender left before it was answered.
const LEFT: u16 = 499;

/// What a browser that is led to an answer of the API may do with it: show it, and nothing else.
const NOTHING: &str = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; \
                       object-src 'none'; sandbox";
/// For how long browsers come by TLS alone, once they have.
pub(super) const YEAR: &str = "max-age=31536000; includeSubDomains";

/// What the middleware needs.
#[derive(Clone)]
pub(super) struct Watch {
    pub metrics: Arc<dyn Metrics>,
    /// How long a request may take unless its handler says otherwise.
    pub within: Duration,
    /// Whether the listener speaks TLS.
    pub has_tls: bool,
}

/// One request; it ends when the last of its handler and its answer's body is dropped.
pub(super) struct Exchange {
    connection: Option<Arc<Connection>>,
    number: u64,
    began: Instant,
    method: &'static str,
    route: String,
    caller: OnceLock<String>,
    status: AtomicU16,
    /// Whether something of the request's body is not read.
    is_unread: AtomicBool,
    metrics: Arc<dyn Metrics>,
}

impl Exchange {
    fn open(request: &Request, watch: &Watch) -> Arc<Self> {
        let connection = request.extensions().get::<Arc<Connection>>().cloned();
        let is_http2 = request.version() == Version::HTTP_2;
        let route = request.extensions().get::<MatchedPath>();
        Arc::new(Self {
            number: (connection.as_ref()).map_or(0, |own| own.open(is_http2, watch.within)),
            connection,
            began: Instant::now(),
            method: method(request.method()),
            route: route.map_or(UNMATCHED, MatchedPath::as_str).to_owned(),
            caller: OnceLock::new(),
            status: AtomicU16::new(0),
            is_unread: AtomicBool::new(!request.body().is_end_stream()),
            metrics: watch.metrics.clone(),
        })
    }

    /// It is known who called.
    pub fn is_of(&self, caller: &str) {
        // A request has one caller: a second naming could only be the same.
        let _ = self.caller.set(caller.to_owned());
    }

    /// The answer must be sent in `within` from now, else the connection is cut.
    pub fn allow(&self, within: Duration) {
        if let Some(connection) = &self.connection {
            connection.allow(self.number, within);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let status = match self.status.load(Ordering::Relaxed) {
            0 => LEFT,
            status => status,
        };
        if let Some(connection) = &self.connection {
            connection.close(self.number, self.is_unread.load(Ordering::Relaxed));
        }
        let took = self.began.elapsed();
        self.metrics.observe(&Observation {
            route: &self.route,
            method: self.method,
            status,
            class: class(status),
            seconds: took.as_secs_f64(),
        });
        tracing::info!(
            method = self.method,
            route = self.route,
            status,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            principal = self.caller.get().map_or("-", String::as_str),
            "request"
        );
    }
}

/// The middleware around every route.
pub(super) async fn exchange(
    State(watch): State<Watch>,
    mut request: Request,
    next: Next,
) -> Response {
    let exchange = Exchange::open(&request, &watch);
    let is_http1 = request.version() <= Version::HTTP_11;
    request.extensions_mut().insert(exchange.clone());
    let sent = exchange.clone();
    let request = request.map(|body| {
        Body::new(Followed {
            body,
            exchange: sent,
            is_request: true,
        })
    });
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|_| {
        watch.metrics.count(Event::Panicked);
        Problem::internal().into_response()
    });
    let headers = response.headers_mut();
    // What stands under its digest says itself that it may be kept.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Pages say themselves what they may do.
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, NOTHING),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        let value = HeaderValue::from_static(value);
        headers.entry(name).or_insert(value);
    }
    if watch.has_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(YEAR));
    }
    if is_http1 && exchange.is_unread.load(Ordering::Relaxed) {
        // The rest of the body is thrown away with the connection: a client that used it again would lose a request.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let status = response.status().as_u16();
    exchange.status.store(status, Ordering::Relaxed);
    response.map(|body| {
        Body::new(Followed {
            body,
            exchange,
            is_request: false,
        })
    })
}

/// The body of a request, whose end is noted, or of its answer, whose end is that of the exchange.
struct Followed {
    body: Body,
    exchange: Arc<Exchange>,
    is_request: bool,
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if self.is_request && matches!(frame, Poll::Ready(None)) {
            self.exchange.is_unread.store(false, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The method, as one of few.
fn method(method: &Method) -> &'static str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::CONNECT,
        Method::OPTIONS,
        Method::TRACE,
        Method::PATCH,
    ];
    const NAMES: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ];
    let place = KNOWN.iter().position(|known| known == method);
    place.map_or("OTHER", |place| NAMES[place])
}

fn class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
