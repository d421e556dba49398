//! Small JSON documents that callers send.
//!
//! Must hold: what is told of a wrong one is its place, never its text.

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::caller::Caller;
use crate::web::body::{self, Bounds};
use crate::web::encoding::Encoding;
use crate::web::media;
use crate::web::problem::Problem;
use crate::web::shared::App;

/// Reads the bytes of a document of at most `max` bytes.
pub(super) async fn bytes(
    caller: &Caller,
    app: &App,
    headers: &HeaderMap,
    body: Body,
    max: u64,
) -> Result<Bytes, Problem> {
    media::require(headers, media::DOCUMENT)?;
    if Encoding::of(headers)? != Encoding::Identity {
        return Err(Problem::unsupported(
            "unsupported_encoding",
            "a document is not unpacked",
            "send it as it is",
        ));
    }
    let bounds = Bounds::document(&app.push, max);
    let buffer = app.budget.buffer(caller.principal().id());
    Ok(body::read(body, &bounds, buffer).await?.freeze())
}

/// A number of something that is counted: not more than a database counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Count(pub u64);

impl TryFrom<i64> for Count {
    type Error = std::num::TryFromIntError;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        u64::try_from(number).map(Self)
    }
}

/// Reads a document whose fields are known.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], fields: &'static str) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The error's own words may repeat what was sent.
        let what = match error.classify() {
            serde_json::error::Category::Data => {
                "has an unknown or missing field, or one of another type"
            }
            _ => "is not JSON",
        };
        let detail = format!(
            "the document {what} (line {}, column {}); it has the fields {fields}",
            error.line(),
            error.column()
        );
        Problem::bad("bad_document", detail, "correct the document")
    })
}
