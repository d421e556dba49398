//! `POST /v1/streams/{stream}` and `POST /v1/claims/xml`: rows in.
//!
//! Whatever can be refused is refused before the body is read: caller, stream, form, key, size, room.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName};
use serde::Serialize;
use tokio::time::timeout;

use super::caller::Caller;
use crate::record::Stream;
use crate::web::body::{self, Bounds};
use crate::web::encoding::{Encoding, unpack};
use crate::web::gate::Action;
use crate::web::inlet::{Payload, Push, PushError, Receipt};
use crate::web::media;
use crate::web::problem::Problem;
use crate::web::shared::{App, finished, took_too_long};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;
/// What a sender is told to wait where it is not known how long.
const A_WHILE: Duration = Duration::from_secs(10);

pub(super) async fn rows(
    caller: Caller,
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let stream = path.ok().and_then(|Path(name)| stream(&name));
    let stream = stream.ok_or_else(no_such_stream)?;
    caller.require(Action::Push, Some(stream))?;
    push(&caller, &app, Payload::Rows(stream), &headers, body).await
}

pub(super) async fn envelope(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::Push, Some(Stream::Claims))?;
    push(&caller, &app, Payload::Envelope, &headers, body).await
}

async fn push(
    caller: &Caller,
    app: &App,
    payload: Payload,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let accepted = match payload {
        Payload::Rows(_) => media::ROWS,
        Payload::Envelope => media::ENVELOPE,
    };
    media::require(headers, accepted)?;
    let encoding = Encoding::of(headers)?;
    let idempotency_key = idempotency_key(headers)?;
    let principal = caller.principal();
    let slack = app.request_timeout * 3;
    caller.exchange.allow(app.push.longest() + slack);
    let buffer = app.budget.buffer(principal.id());
    let mut buffer = body::read(body, &Bounds::push(&app.push), buffer).await?;
    caller.exchange.allow(slack);
    if encoding != Encoding::Identity {
        let work = move |app: &crate::web::shared::Shared| unpack(buffer, encoding, &app.push);
        buffer = app.unpack(work).await?;
    }
    let submission = app.inlet.submit(Push {
        principal,
        payload,
        body: buffer.freeze(),
        idempotency_key,
    });
    // On a task of its own: a sender that leaves must not leave rows half taken.
    let submission = tokio::spawn(async move { submission.await.map_err(refused) });
    let receipt = timeout(app.request_timeout, finished(submission)).await;
    let receipt = receipt.unwrap_or_else(|_| Err(took_too_long()))?;
    Ok(taken(&receipt))
}

pub(super) fn stream(name: &str) -> Option<Stream> {
    let mut streams = Stream::ALL.iter().copied();
    streams.find(|stream| stream.name() == name)
}

fn no_such_stream() -> Problem {
    let names: Vec<&str> = Stream::ALL.iter().map(|stream| stream.name()).collect();
    let remedy = format!("use one of {}", names.join(", "));
    Problem::not_found("there is no such stream", remedy)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let is_visible = |byte: u8| byte.is_ascii_graphic();
    let is_key = (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(is_visible);
    if !is_key || values.next().is_some() {
        return Err(Problem::bad(
            "bad_idempotency_key",
            "the Idempotency-Key is not one text of 1 to 255 visible ASCII characters",
            "make a key at random for each push, and send it again with the same push only",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// The problem that a refusal of the inlet is told as.
pub(super) fn refused(error: PushError) -> Problem {
    match error {
        PushError::Full { retry_after } => {
            Problem::full("as many rows are in flight as there may be", retry_after)
        }
        PushError::Draining => {
            Problem::unavailable("draining", "the service is shutting down", A_WHILE)
        }
        PushError::KeyReused => Problem::unprocessable(
            "key_reused",
            "the Idempotency-Key was used for another body",
            "use a new key for a new body",
        ),
        PushError::InProgress => Problem::conflict(
            "in_progress",
            "a push under this Idempotency-Key is being worked on",
            "send it again after `Retry-After`, with the same key, to get its receipt",
        )
        .retry_after(Duration::from_secs(1)),
        PushError::Unavailable(reason) => Problem::unavailable("unavailable", reason, A_WHILE),
    }
}

/// A receipt, as contract 4 has it.
pub(super) fn taken(receipt: &Receipt) -> Response {
    #[derive(Serialize)]
    struct Rejected {
        row: u64,
        code: &'static str,
    }
    #[derive(Serialize)]
    struct Taken {
        accepted: u64,
        rejected: Vec<Rejected>,
        epoch: u64,
    }
    let rejected = receipt.rejected.iter();
    Json(Taken {
        accepted: receipt.accepted,
        rejected: rejected
            .map(|&(row, code)| Rejected { row, code })
            .collect(),
        epoch: receipt.epoch,
    })
    .into_response()
}
