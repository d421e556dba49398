//! Who is answered what: every route, every role, every code.

use fundwatch::web::{Action, Event, ROUTES, serve_api};

use crate::client::{ask, get, post};
use crate::fakes::*;

const JSON: &str = "application/json";

#[test]
fn no_route_answers_the_unknown_or_those_who_may_not() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let routes = || ROUTES.iter().filter(|route| route.action.is_some());
    for route in routes() {
        let path = path(route.template);
        let nobody = ask(at, route.method, &path, &[], b"");
        assert_eq!(
            (nobody.status, nobody.code()),
            (401, "unauthenticated".to_owned()),
            "{path}"
        );
        assert_eq!(
            nobody.header("www-authenticate"),
            Some("Bearer realm=\"fundwatch\"")
        );
        for wrong in [
            "Bearer x",
            "Bearer",
            "Basic YTpi",
            "bearer a b",
            "Bearer \u{e9}",
            "",
        ] {
            let reply = ask(at, route.method, &path, &[("authorization", wrong)], b"");
            assert_eq!(reply.status, 401, "{path} {wrong}");
            let challenge = reply.header("www-authenticate").unwrap();
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        }
        let reply = ask(
            at,
            route.method,
            &path,
            &[("authorization", &format!("Bearer {NOBODY}"))],
            b"",
        );
        assert_eq!(
            (reply.status, reply.code()),
            (403, "forbidden".to_owned()),
            "{path}"
        );
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        // Another method.
        let is_there = |method: &str| {
            let mut all = ROUTES.iter().filter(|own| own.template == route.template);
            all.any(|own| own.method == method)
        };
        let other = if is_there("GET") { "DELETE" } else { "GET" };
        let reply = ask(
            at,
            other,
            &path,
            &[("authorization", &format!("Bearer {NOBODY}"))],
            b"",
        );
        assert_eq!(
            (reply.status, reply.code()),
            (405, "method_not_allowed".to_owned()),
            "{path}"
        );
        let allow = reply.header("allow").unwrap();
        assert!(
            allow.split(',').any(|name| name == route.method),
            "{path}: {allow}"
        );
    }
    let count = routes().count();
    assert_eq!(fake.count_of(Event::Denied("platform")), count);
    assert_eq!(fake.count_of(Event::Unauthenticated), count * 7);
    for action in Action::ALL {
        assert!(
            ROUTES.iter().any(|route| route.action == Some(*action)),
            "{action:?}"
        );
    }
    assert!(fake.log().is_empty());
}

#[test]
fn a_browser_that_is_led_to_an_answer_only_shows_it() {
    let (server, _) = api(options());
    let at = server.local_addr();
    for (method, path) in [
        ("GET", "/v1/status"),
        ("GET", "/v1/nowhere"),
        ("POST", "/v1/streams/claims"),
        ("TRACE", "/v1/status"),
    ] {
        let reply = ask(at, method, path, &[("x-secret", "not told back")], b"");
        let policy = reply.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "sandbox",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("access-control-allow-origin"), None);
        // It is for those who came by TLS.
        assert_eq!(reply.header("strict-transport-security"), None);
        assert!(!reply.text().contains("not told back"), "{}", reply.text());
    }
    let traced = ask(at, "TRACE", "/v1/status", &[], b"");
    assert_eq!(traced.status, 405);
}

#[test]
fn a_role_gets_its_own_routes_and_no_other() {
    let (server, _) = api(options());
    let at = server.local_addr();
    let allowed: [(&str, &[Action]); 6] = [
        (FEED, &[Action::Push]),
        (
            AUDITOR,
            &[
                Action::ReadAlerts,
                Action::Export,
                Action::ReadRejects,
                Action::ReadSources,
                Action::ReadAccessLog,
                Action::ReadStatus,
            ],
        ),
        (
            STEWARD,
            &[
                Action::ReadRejects,
                Action::SettleRejects,
                Action::RestoreClaims,
                Action::UndoLoads,
                Action::ReadSources,
                Action::ResumeSources,
            ],
        ),
        (DESK, &[Action::Authenticate]),
        (
            PERSON,
            &[
                Action::ReviewAlerts,
                Action::ApproveVerdicts,
                Action::Reveal,
                Action::SearchPeople,
                Action::AnswerCorrections,
            ],
        ),
        (PORTAL, &[Action::SelfCheck]),
    ];
    for (token, actions) in allowed {
        for route in ROUTES {
            let path = path(route.template);
            let form = if path.ends_with("xml") {
                "text/xml"
            } else {
                JSON
            };
            let body = body(&path);
            let headers = [
                ("authorization", &*format!("Bearer {token}")),
                ("content-type", form),
            ];
            let reply = ask(at, route.method, &path, &headers, &body);
            let is_allowed = route.action.is_none_or(|action| actions.contains(&action));
            let expected = match (is_allowed, route.method, route.template) {
                (false, ..) => 403,
                (true, _, "/v1/self/corrections") => 202,
                // A mark is of the desk that gave it, and a reference is drawn.
                (true, "POST", "/v1/batches") => 409,
                (true, _, template) if template.contains("{reference}") => 404,
                // A system reads, and marks nothing as seen.
                (true, "POST", "/v1/changes/seen") => 403,
                (true, ..) => 200,
            };
            assert_eq!(
                reply.status,
                expected,
                "{token} {} {path} {}",
                route.method,
                reply.text()
            );
        }
    }
}

#[test]
fn what_is_not_there_is_404() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    for path in [
        "/",
        "/v1",
        "/v1/alerts/",
        "/v2/alerts",
        "/metrics",
        "/v1/streams/claims/x",
        "/%00",
        "/%ff",
        "//v1/alerts",
    ] {
        let reply = get(at, path, AUDITOR);
        assert_eq!(
            (reply.status, reply.code()),
            (404, "not_found".to_owned()),
            "{path}"
        );
    }
    for name in [
        "claim",
        "Claims",
        "%00",
        "%ff%fe",
        "claims%20",
        "..",
        "claims%2f",
        "%F0%9F%92%A9",
    ] {
        let reply = post(at, &format!("/v1/streams/{name}"), FEED, JSON, b"{}");
        assert_eq!(
            (reply.status, reply.code()),
            (404, "not_found".to_owned()),
            "{name}"
        );
    }
    for id in [
        "6",
        "05",
        "+5",
        "-1",
        "5.0",
        "99999999999999999999999",
        "%00",
        "%ff",
        "x",
    ] {
        assert_eq!(
            get(at, &format!("/v1/rejects/{id}"), STEWARD).status,
            404,
            "{id}"
        );
    }
    for name in ["other", "%00", "%ff", "a%2fb", "a%0d%0ab"] {
        let reply = post(
            at,
            &format!("/v1/sources/{name}/resume"),
            STEWARD,
            JSON,
            b"",
        );
        assert_eq!(reply.status, 404, "{name}");
    }
    drop(server);
    // Nothing of what was sent is a label.
    for (route, method, class) in fake.observed() {
        let is_known = route == "unmatched" || ROUTES.iter().any(|own| own.template == route);
        assert!(
            is_known && ["GET", "POST"].contains(&method) && class == "4xx",
            "{route}"
        );
    }
}

#[test]
fn pages_are_further_routes_under_the_same_watch() {
    let fake = std::sync::Arc::new(Fake::default());
    let mut parts = parts(&fake);
    let hello = axum::routing::get(async || "hello");
    let broken = axum::routing::get(async || -> &'static str { panic!("on purpose") });
    parts.pages = Some(
        axum::Router::new()
            .route("/alerts/{id}", hello)
            .route("/broken", broken),
    );
    let server = serve_api(options(), parts).unwrap();
    let at = server.local_addr();
    let reply = get(at, "/alerts/7900000001", AUDITOR);
    assert_eq!((reply.status, reply.text()), (200, "hello"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(
        post(at, "/alerts/7900000001", AUDITOR, JSON, b"").code(),
        "method_not_allowed"
    );
    assert_eq!(get(at, "/broken", AUDITOR).code(), "internal");
    eventually("measured", || fake.observed().len() == 3);
    assert_eq!(
        fake.observed()[0],
        ("/alerts/{id}".to_owned(), "GET", "2xx")
    );
}

#[test]
fn an_address_in_use_and_bounds_that_contradict_are_told() {
    let (server, fake) = api(options());
    let mut taken = options();
    taken.listen = server.local_addr();
    let error = serve_api(taken, parts(&fake)).unwrap_err().to_string();
    assert!(
        error.contains("the address is in use; stop what listens there"),
        "{error}"
    );
    let mut elsewhere = options();
    elsewhere.listen = "192.0.2.1:8080".parse().unwrap();
    let error = serve_api(elsewhere, parts(&fake)).unwrap_err().to_string();
    assert!(
        error.starts_with("192.0.2.1:8080: cannot be listened on"),
        "{error}"
    );
    let mut narrow = options();
    narrow.push.in_flight_per_caller = narrow.push.max_body;
    let error = serve_api(narrow, parts(&fake)).unwrap_err().to_string();
    assert!(
        error.contains("in_flight_per_caller must hold one body"),
        "{error}"
    );
}
