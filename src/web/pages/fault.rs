//! Why a page is not shown, as handlers say it; [`super::admit`] tells it in the reader's language.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::review::DeskError;

/// Why a page is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request makes no sense.
    Bad,
    /// The session has ended; what was typed.
    Ended(Option<String>),
    /// Not for this role.
    Forbidden,
    /// The form is not of this session, or comes from elsewhere; what was typed.
    Foreign(Option<String>),
    /// There is no such thing, or none of theirs.
    NotFound,
    /// The address does not answer to this method.
    Method,
    /// Too much at a time.
    TooMany,
    /// A defect.
    Failed,
    /// Not now; what was typed.
    Unavailable(Option<String>),
}

impl Fault {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Bad => StatusCode::BAD_REQUEST,
            Self::Ended(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Foreign(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What was typed, so that it is not lost.
    pub fn typed(&self) -> Option<&str> {
        match self {
            Self::Ended(typed) | Self::Foreign(typed) | Self::Unavailable(typed) => {
                typed.as_deref()
            }
            _ => None,
        }
    }
}

impl From<DeskError> for Fault {
    fn from(error: DeskError) -> Self {
        tracing::error!(%error, "a page cannot be made");
        Self::Unavailable(None)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
