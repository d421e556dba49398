//! `POST /language`: the other language, for the session's user, or for the browser before there is one.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::header::SET_COOKIE;

use super::answer::see;
use super::app::App;
use super::caller::Caller;
use super::cookies::Kept;
use super::fault::Fault;
use crate::language::Language;

const A_YEAR: u32 = 365 * 86_400;

/// `POST /language`.
pub(super) async fn switch(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let code = caller
        .fields
        .filled("language")
        .and_then(Language::from_code);
    let language = code.ok_or(Fault::Bad)?;
    if let (Some(_), Some(cookie)) = (&caller.session, caller.cookie.clone()) {
        app.ask(move |parts| {
            let kept = parts.accounts.set_language(&cookie, language);
            kept.map_err(|_| Fault::Unavailable(None))
        })
        .await?;
    }
    let mut response = see(caller.from().unwrap_or("/"));
    // Also after signing out, the browser speaks the language that was chosen last.
    if let Some(cookie) = Kept::Language.set(language.code(), Some(A_YEAR), app.is_secure()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
