//! Bodies, read under bounds of size and time.
//!
//! In: a body that comes as its sender likes. Out: its bytes in a charged buffer, or a problem.
//! Must hold: a body of `n` bytes takes at most `grace + n / min_rate`, however it is cut into pieces; no byte is
//! asked for before there is room for it.

use std::time::Duration;

use axum::body::Body;
use bytes::Buf;
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::budget::{Buffer, Full};
use super::options::PushLimits;
use super::problem::Problem;

/// How a body is bounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    max: u64,
    grace: Duration,
    min_rate: u64,
    retry_after: Duration,
}

impl Bounds {
    /// Those of a push.
    pub fn push(limits: &PushLimits) -> Self {
        Self::of(limits, limits.max_body)
    }

    /// Those of a document of at most `max` bytes.
    pub fn document(limits: &PushLimits, max: u64) -> Self {
        Self::of(limits, max.min(limits.max_body))
    }

    fn of(limits: &PushLimits, max: u64) -> Self {
        Self {
            max,
            grace: limits.grace,
            min_rate: limits.min_rate.max(1),
            retry_after: limits.retry_after,
        }
    }

    fn deadline(&self, start: Instant, received: usize) -> Instant {
        start + self.grace + Duration::from_secs_f64(received as f64 / self.min_rate as f64)
    }

    fn too_large(&self) -> Problem {
        let detail = format!("the body is larger than {} bytes", self.max);
        Problem::too_large("body_too_large", detail)
    }

    fn full(&self) -> Problem {
        let detail = "as many bytes are in flight as there may be, of this caller or of all";
        Problem::full(detail, self.retry_after)
    }
}

/// Reads a body to its end into `buffer`.
pub(super) async fn read(
    mut body: Body,
    bounds: &Bounds,
    mut buffer: Buffer,
) -> Result<Buffer, Problem> {
    let start = Instant::now();
    let announced = body.size_hint();
    if announced.lower() > bounds.max {
        return Err(bounds.too_large());
    }
    if let Some(length) = announced.exact() {
        let length = usize::try_from(length).map_err(|_| bounds.too_large())?;
        buffer.reserve(length).map_err(|Full| bounds.full())?;
    }
    loop {
        let deadline = bounds.deadline(start, buffer.len());
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => return Ok(buffer),
            Ok(Some(Err(_))) => return Err(broken()),
            Ok(Some(Ok(frame))) => frame,
        };
        // Trailers say nothing that is asked for.
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        while data.has_remaining() {
            let chunk = data.chunk();
            if (buffer.len() + chunk.len()) as u64 > bounds.max {
                return Err(bounds.too_large());
            }
            buffer.push(chunk).map_err(|Full| bounds.full())?;
            let length = chunk.len();
            data.advance(length);
        }
        // Time counts for what came, not for when somebody looked.
        if Instant::now() > bounds.deadline(start, buffer.len()) {
            return Err(too_slow());
        }
    }
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_too_slow",
        "the body came too slowly",
        "send smaller bodies, or over a faster line",
    )
}

fn broken() -> Problem {
    Problem::bad(
        "bad_body",
        "the body broke off, or its chunks are malformed",
        "send it again, whole",
    )
}
