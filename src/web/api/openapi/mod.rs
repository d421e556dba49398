//! The description of the API as OpenAPI 3.1: a file for each group of routes, one place of schemas.
//!
//! In: the route table, and what each group says of its operations. Out: one document, served at `GET /v1/openapi.json` to
//! anybody, since it holds no data, and kept as `docs/openapi.json`. Must hold: every route of [`ROUTES`] is in it and no other;
//! lists of words are those of the program; what is answered is of the schemas, which a test asks of a running service.

mod access_log;
mod alerts;
mod batches;
mod corrections;
mod operation;
mod people;
mod queue;
mod rows;
mod schemas;
mod self_check;
mod service;
mod shape;

use std::sync::OnceLock;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::{ROUTES, Route};
use crate::access::{Role, is_allowed};
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use operation::Operation;

/// The document, as a JSON value.
pub fn openapi() -> Value {
    let groups = [
        rows::operations(),
        people::operations(),
        alerts::operations(),
        queue::operations(),
        batches::operations(),
        corrections::operations(),
        access_log::operations(),
        self_check::operations(),
        service::operations(),
    ];
    let mut paths: Map<String, Value> = Map::new();
    for operation in groups.into_iter().flatten() {
        let route = ROUTES
            .iter()
            .find(|route| (route.method, route.template) == operation.place());
        let (method, template) = operation.place();
        let told = told(operation, route);
        let path = paths
            .entry(template)
            .or_insert_with(|| Value::Object(Map::new()));
        path[method.to_ascii_lowercase()] = told;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "fundwatch",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Rows in; alerts, and what people do about them, out.",
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "rows", "description": "Rows of streams in, and those that were not accepted."},
            {"name": "people", "description": "Questions about one person, by a number in the body."},
            {"name": "alerts", "description": "Alerts as the machine has them."},
            {"name": "queue", "description": "Alerts as people work on them."},
            {"name": "batches", "description": "Lists that are acted on as a whole, by two people where it takes two."},
            {"name": "corrections", "description": "What citizens say is wrong in their records."},
            {"name": "access-log", "description": "Who saw and changed what."},
            {"name": "self", "description": "What citizens ask through portals about themselves."},
            {"name": "service", "description": "How far the service is."},
        ],
        "security": [{"token": []}, {"certificate": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `fundwatch token create`: of a role, or acting as a user.",
                },
                "certificate": {
                    "type": "mutualTLS",
                    "description": "A client certificate of the configuration.",
                },
            },
            "responses": operation::problems(),
            "schemas": schemas::all(),
        },
    })
}

const ABOUT: &str = "A problem is answered as `application/problem+json` (RFC 9457) with a stable `code` and a `remedy`. What is \
decided takes a token that acts as a person; a token of a system reads. Every look at alerts is in the access log before it is \
answered. `Idempotency-Key` has a meaning where it is a parameter, and none elsewhere: an act on an alert names the version and the \
digest that its author saw, so that one that is sent again is answered 409 with the alert as it is.";

/// An operation with what its route needs.
fn told(operation: Operation, route: Option<&Route>) -> Value {
    let action = route.and_then(|route| route.action);
    let mut told = operation.told(action.is_some());
    if let Some(action) = action {
        let action = action.granted();
        let roles = Role::ALL.iter().copied();
        let roles: Vec<&str> = roles
            .filter(|role| is_allowed(*role, action))
            .map(Role::as_str)
            .collect();
        told["x-permission"] = action.as_str().into();
        told["x-roles"] = roles.into();
    } else {
        told["security"] = json!([]);
    }
    told
}

/// `GET /v1/openapi.json`.
pub(super) async fn document(parameters: Parameters) -> Result<Response, Problem> {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    parameters.end()?;
    let text = TEXT.get_or_init(|| openapi().to_string().into());
    let form = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, form)], Body::from(text.clone())).into_response())
}
