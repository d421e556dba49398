//! The pages that people work in: rendered here, in two languages, whole without a script.
//!
//! ```text
//!  request ──▶ harden ──▶ admit ──▶ a handler ──▶ desk, cases, accounts (parts.rs)
//!              headers    session,   a file a page      │
//!                         role, form                    ▼
//!                                        view ──▶ templates/*.html ──▶ answer
//! ```
//! In: requests of browsers. Out: pages, redirects, and events of what came and went.
//! Must hold:
//! 1. Every route is in [`PAGE_ROUTES`] with what it needs, and what is not there is not answered.
//! 2. Nothing is done by a GET, but that a browser comes back from the identity provider; a POST is answered by a redirect,
//!    or by a page that says why nothing was done and keeps what was typed; but for `reveal`, whose answer is what was asked
//!    for, once, and for a sign-out that goes on at the provider.
//! 3. No identifier and no name of a person in an address, a log line or an error.
//! 4. What is decided is bound to what the page showed: the version and the digest go with every form.
//! 5. Every text is of the reader's language; nothing runs in the browser but the program's own script.

mod access_log;
mod access_row;
mod access_sample;
mod access_words;
mod account;
mod act;
mod admin;
mod admin_user;
mod admit;
mod alert;
mod answer;
mod app;
mod approvals;
mod assets;
mod batch;
mod bulk;
mod calendar;
mod caller;
mod changes;
mod conflict;
mod cookies;
mod correction;
mod corrections;
mod dials;
mod difference;
mod directory;
mod event;
mod fault;
mod feeds;
mod filters;
mod form;
mod group;
mod identity_drawing;
mod label;
mod language;
mod live;
mod measures;
mod mine;
mod missing;
mod next;
mod oidc;
mod panel;
mod parts;
mod prove;
mod queue;
mod refusal;
mod reject;
mod rejected;
mod rejects;
mod resume;
mod reveal;
mod rivals;
mod row;
mod search;
mod second_look;
mod setup;
mod sheet;
mod shell;
mod sign_in;
mod standing;
mod step_chart;
mod timeline;
mod told;
mod vouching;
mod what_if;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::Method;

use crate::access::Action;

pub(crate) use access_words::done as access_done;
pub(in crate::web) use app::THREADS;
pub use dials::Dials;
pub use directory::{
    AccountSettings, Directory, DirectoryError, GivenCode, Member, MemberChange, NewMember,
};
pub use measures::DataMeasures;
pub use parts::{
    AccountError, Accounts, Browser, Colleague, Feed, Feeds, PagesParts, Session, Setup, SignedIn,
    StreamFeed,
};
pub use rejected::{
    Given, RejectFault, RejectOpened, RejectTold, RejectTotal, Rejects, RejectsAsked, RejectsPage,
    RowField,
};
pub(crate) use shell::role as role_words;
pub use vouching::{Arrival, Departure, VouchError, Vouched, Voucher};

/// What somebody needs for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Anybody,
    /// That what is sent is signed: it comes from a system, and of no form.
    Signature,
    /// To be signed in.
    SignedIn,
    /// A role that may do this.
    May(Action),
}

/// A route of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRoute {
    /// The method.
    pub method: &'static str,
    /// The template of the path.
    pub template: &'static str,
    /// What it needs.
    pub needs: Needs,
}

const fn route(method: &'static str, template: &'static str, needs: Needs) -> PageRoute {
    PageRoute {
        method,
        template,
        needs,
    }
}

/// Every route of the pages.
pub const PAGE_ROUTES: &[PageRoute] = &[
    route("GET", "/", Needs::SignedIn),
    route("GET", "/sign-in", Needs::Anybody),
    route("POST", "/sign-in", Needs::Anybody),
    route("GET", "/sign-in/oidc", Needs::Anybody),
    route("GET", "/sign-in/oidc/callback", Needs::Anybody),
    route("POST", "/sign-in/oidc/logout", Needs::Signature),
    route("POST", "/sign-out", Needs::SignedIn),
    route("GET", "/setup", Needs::Anybody),
    route("POST", "/setup", Needs::Anybody),
    route("POST", "/language", Needs::Anybody),
    route("GET", "/mine", Needs::May(Action::ReviewAlerts)),
    route("GET", "/queue", Needs::May(Action::ReadAlerts)),
    route("GET", "/queue.csv", Needs::May(Action::Export)),
    route("POST", "/queue/act", Needs::May(Action::ReviewAlerts)),
    route("GET", "/batches", Needs::May(Action::ReviewAlerts)),
    route("POST", "/batches", Needs::May(Action::ReviewAlerts)),
    route("GET", "/batches/new", Needs::May(Action::ReviewAlerts)),
    route("GET", "/batches/{number}", Needs::May(Action::ReviewAlerts)),
    route(
        "POST",
        "/batches/{number}",
        Needs::May(Action::ReviewAlerts),
    ),
    route("GET", "/next", Needs::May(Action::ReadAlerts)),
    route("GET", "/alerts/{id}", Needs::May(Action::ReadAlerts)),
    route("POST", "/alerts/{id}/act", Needs::May(Action::ReviewAlerts)),
    route(
        "POST",
        "/alerts/{id}/second-look",
        Needs::May(Action::ApproveVerdicts),
    ),
    route("POST", "/alerts/{id}/reveal", Needs::May(Action::Reveal)),
    route("GET", "/changes", Needs::May(Action::ReadAlerts)),
    route("POST", "/changes", Needs::May(Action::ReadAlerts)),
    route("GET", "/search", Needs::May(Action::SearchPeople)),
    route("POST", "/search", Needs::May(Action::SearchPeople)),
    route("GET", "/groups/{kind}/{id}", Needs::May(Action::ReadAlerts)),
    route("GET", "/approvals", Needs::May(Action::ApproveVerdicts)),
    route("GET", "/corrections", Needs::May(Action::AnswerCorrections)),
    route(
        "GET",
        "/corrections/{reference}",
        Needs::May(Action::AnswerCorrections),
    ),
    route(
        "POST",
        "/corrections/{reference}/act",
        Needs::May(Action::AnswerCorrections),
    ),
    route(
        "POST",
        "/corrections/{reference}/reveal",
        Needs::May(Action::AnswerCorrections),
    ),
    route("GET", "/feeds", Needs::May(Action::ReadStatus)),
    route("GET", "/feeds/rejects", Needs::May(Action::ReadRejects)),
    route(
        "GET",
        "/feeds/rejects/{id}",
        Needs::May(Action::ReadRejects),
    ),
    route(
        "POST",
        "/feeds/rejects/{id}/repair",
        Needs::May(Action::RepairRejects),
    ),
    route(
        "POST",
        "/feeds/rejects/{id}/dismiss",
        Needs::May(Action::RepairRejects),
    ),
    route(
        "GET",
        "/feeds/sources/{name}/resume",
        Needs::May(Action::ResumeSource),
    ),
    route(
        "POST",
        "/feeds/sources/{name}/resume",
        Needs::May(Action::ResumeSource),
    ),
    route("GET", "/what-if", Needs::May(Action::WhatIf)),
    route("GET", "/measures", Needs::May(Action::ReadStatus)),
    route("GET", "/account", Needs::SignedIn),
    route("POST", "/account/password", Needs::SignedIn),
    route("POST", "/account/shortcuts", Needs::SignedIn),
    route("GET", "/access-log", Needs::May(Action::ReadAccessLog)),
    route(
        "GET",
        "/access-log/sample",
        Needs::May(Action::ReadAccessLog),
    ),
    route("GET", "/admin", Needs::May(Action::ManageUsers)),
    route("POST", "/admin/users", Needs::May(Action::ManageUsers)),
    route("GET", "/admin/users/{id}", Needs::May(Action::ManageUsers)),
    route("POST", "/admin/users/{id}", Needs::May(Action::ManageUsers)),
    route("GET", "/live", Needs::May(Action::ReadAlerts)),
    route("GET", "/static/{digest}/{name}", Needs::Anybody),
    route("GET", "/{*path}", Needs::Anybody),
];

/// What a route needs, if there is one.
fn needs(method: &Method, template: &str) -> Option<Needs> {
    let method = match method.as_str() {
        "HEAD" => "GET",
        other => other,
    };
    let mut routes = PAGE_ROUTES.iter();
    let found = routes.find(|route| (route.method, route.template) == (method, template));
    found.map(|route| route.needs)
}

/// The pages, for [`ApiParts::pages`](crate::web::ApiParts::pages).
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn router(parts: PagesParts) -> Result<Router, getrandom::Error> {
    let app = app::State::new(parts)?;
    let router = Router::new()
        .route("/", get(mine::landing))
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/sign-in/oidc", get(oidc::depart))
        .route("/sign-in/oidc/callback", get(oidc::arrive))
        .route("/sign-in/oidc/logout", post(oidc::logout))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/setup", get(setup::page).post(setup::step))
        .route("/language", post(language::switch))
        .route("/mine", get(mine::page))
        .route("/queue", get(queue::page))
        .route("/queue.csv", get(sheet::page))
        .route("/queue/act", post(bulk::act))
        .route("/batches", get(batch::list).post(batch::propose))
        .route("/batches/new", get(batch::new))
        .route("/batches/{number}", get(batch::page).post(batch::decide))
        .route("/next", get(next::next))
        .route("/alerts/{id}", get(alert::page))
        .route("/alerts/{id}/act", post(act::act))
        .route("/alerts/{id}/second-look", post(second_look::compare))
        .route("/alerts/{id}/reveal", post(reveal::show))
        .route("/changes", get(changes::page).post(changes::seen))
        .route("/search", get(search::page).post(search::search))
        .route("/groups/{kind}/{id}", get(group::page))
        .route("/approvals", get(approvals::page))
        .route("/corrections", get(corrections::page))
        .route("/corrections/{reference}", get(correction::page))
        .route("/corrections/{reference}/act", post(correction::act))
        .route("/corrections/{reference}/reveal", post(correction::reveal))
        .route("/feeds", get(feeds::page))
        .route("/feeds/rejects", get(rejects::page))
        .route("/feeds/rejects/{id}", get(reject::page))
        .route("/feeds/rejects/{id}/repair", post(reject::repair))
        .route("/feeds/rejects/{id}/dismiss", post(reject::dismiss))
        .route(
            "/feeds/sources/{name}/resume",
            get(resume::page).post(resume::resume),
        )
        .route("/what-if", get(what_if::page))
        .route("/measures", get(measures::page))
        .route("/account", get(account::page))
        .route("/account/password", post(account::password))
        .route("/account/shortcuts", post(account::shortcuts))
        .route("/access-log", get(access_log::page))
        .route("/access-log/sample", get(access_sample::page))
        .route("/admin", get(admin::page))
        .route("/admin/users", post(admin::add))
        .route(
            "/admin/users/{id}",
            get(admin_user::page).post(admin_user::change),
        )
        .route("/live", get(live::events))
        .route("/static/{digest}/{name}", get(assets::asset))
        .route("/{*path}", get(missing::missing))
        .layer(from_fn_with_state(app.clone(), admit::admit))
        .layer(from_fn_with_state(app.clone(), answer::harden))
        .with_state(app);
    Ok(router)
}
