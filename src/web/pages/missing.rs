//! What is at no address: told to people as a page, to callers of the API as a problem.

use axum::response::{IntoResponse, Response};
use http::Uri;

use super::fault::Fault;
use crate::web::problem::Problem;

/// Whether an address is one of the API's.
pub(super) fn is_of_api(path: &str) -> bool {
    path.starts_with("/v1/")
}

pub(super) async fn missing(address: Uri) -> Response {
    if is_of_api(address.path()) {
        Problem::unmatched().into_response()
    } else {
        Fault::NotFound.into_response()
    }
}
