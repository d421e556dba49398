//! Style, script and icon: part of the program, at paths that say their digest.
//!
//! Must hold: a path has one content for ever, so that browsers keep it.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

struct Asset {
    content: &'static str,
    kind: &'static str,
    name: &'static str,
}

const STYLE: Asset = Asset {
    content: include_str!("../../../static/pages.css"),
    kind: "text/css; charset=utf-8",
    name: "pages.css",
};
const SCRIPT: Asset = Asset {
    content: include_str!("../../../static/pages.js"),
    kind: "text/javascript; charset=utf-8",
    name: "pages.js",
};
const ICON: Asset = Asset {
    content: include_str!("../../../static/icon.svg"),
    kind: "image/svg+xml; charset=utf-8",
    name: "icon.svg",
};

/// The addresses of the assets.
pub(super) struct Addresses {
    pub style: String,
    pub script: String,
    pub icon: String,
}

fn digest(asset: &Asset) -> String {
    let digest = Sha256::digest(asset.content.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Where the assets are.
pub(super) fn addresses() -> &'static Addresses {
    static ADDRESSES: OnceLock<Addresses> = OnceLock::new();
    let address = |asset: &Asset| format!("/static/{}/{}", digest(asset), asset.name);
    ADDRESSES.get_or_init(|| Addresses {
        style: address(&STYLE),
        script: address(&SCRIPT),
        icon: address(&ICON),
    })
}

/// `GET /static/{digest}/{name}`.
pub(super) async fn asset(Path((asked, name)): Path<(String, String)>) -> Response {
    let found = [&STYLE, &SCRIPT, &ICON]
        .into_iter()
        .find(|asset| asset.name == name && digest(asset) == asked);
    let Some(asset) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = asset.content.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, kept);
    response
}
