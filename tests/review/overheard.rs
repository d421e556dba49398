//! What the pages say to others than the reader: addresses, and answers that refuse, whichever browser asks.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use crate::said;

/// The pages, with all of that kept.
pub fn overheard(pages: Router) -> Router {
    pages.layer(from_fn(keep))
}

async fn keep(request: Request, next: Next) -> Response {
    let address = request.uri().to_string();
    let (head, body) = next.run(request).await.into_parts();
    let status = head.status.as_u16();
    let location = head.headers.get("location");
    let location = location.map(|value| value.to_str().unwrap());
    if status < 400 {
        said::answered(&address, status, location, "");
        return Response::from_parts(head, body);
    }
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    said::answered(&address, status, location, &String::from_utf8_lossy(&bytes));
    Response::from_parts(head, Body::from(bytes))
}
