//! Every route is refused to whoever may not, and every form to whoever did not get it here.

use std::collections::BTreeSet;

use fundwatch::access::{Action, Role, is_allowed};
use fundwatch::web::pages::Needs::{self, Anybody, May, Signature, SignedIn};
use fundwatch::web::pages::PAGE_ROUTES;

use super::house::House;
use super::made::id;
use super::people::{CODE, PASSWORD, PEOPLE};
use super::visitor::Visitor;

/// What each route is to need: said here once more, so that it is not changed in passing.
const EXPECTED: &[(&str, &str, Needs)] = &[
    ("GET", "/", SignedIn),
    ("GET", "/sign-in", Anybody),
    ("POST", "/sign-in", Anybody),
    ("GET", "/sign-in/oidc", Anybody),
    ("GET", "/sign-in/oidc/callback", Anybody),
    ("POST", "/sign-in/oidc/logout", Signature),
    ("POST", "/sign-out", SignedIn),
    ("GET", "/setup", Anybody),
    ("POST", "/setup", Anybody),
    ("POST", "/language", Anybody),
    ("GET", "/mine", May(Action::ReviewAlerts)),
    ("GET", "/queue", May(Action::ReadAlerts)),
    ("GET", "/queue.csv", May(Action::Export)),
    ("POST", "/queue/act", May(Action::ReviewAlerts)),
    ("GET", "/batches", May(Action::ReviewAlerts)),
    ("POST", "/batches", May(Action::ReviewAlerts)),
    ("GET", "/batches/new", May(Action::ReviewAlerts)),
    ("GET", "/batches/{number}", May(Action::ReviewAlerts)),
    ("POST", "/batches/{number}", May(Action::ReviewAlerts)),
    ("GET", "/next", May(Action::ReadAlerts)),
    ("GET", "/alerts/{id}", May(Action::ReadAlerts)),
    ("POST", "/alerts/{id}/act", May(Action::ReviewAlerts)),
    (
        "POST",
        "/alerts/{id}/second-look",
        May(Action::ApproveVerdicts),
    ),
    ("POST", "/alerts/{id}/reveal", May(Action::Reveal)),
    ("GET", "/changes", May(Action::ReadAlerts)),
    ("POST", "/changes", May(Action::ReadAlerts)),
    ("GET", "/search", May(Action::SearchPeople)),
    ("POST", "/search", May(Action::SearchPeople)),
    ("GET", "/groups/{kind}/{id}", May(Action::ReadAlerts)),
    ("GET", "/approvals", May(Action::ApproveVerdicts)),
    ("GET", "/corrections", May(Action::AnswerCorrections)),
    (
        "GET",
        "/corrections/{reference}",
        May(Action::AnswerCorrections),
    ),
    (
        "POST",
        "/corrections/{reference}/act",
        May(Action::AnswerCorrections),
    ),
    (
        "POST",
        "/corrections/{reference}/reveal",
        May(Action::AnswerCorrections),
    ),
    ("GET", "/feeds", May(Action::ReadStatus)),
    ("GET", "/feeds/rejects", May(Action::ReadRejects)),
    ("GET", "/feeds/rejects/{id}", May(Action::ReadRejects)),
    (
        "POST",
        "/feeds/rejects/{id}/repair",
        May(Action::RepairRejects),
    ),
    (
        "POST",
        "/feeds/rejects/{id}/dismiss",
        May(Action::RepairRejects),
    ),
    (
        "GET",
        "/feeds/sources/{name}/resume",
        May(Action::ResumeSource),
    ),
    (
        "POST",
        "/feeds/sources/{name}/resume",
        May(Action::ResumeSource),
    ),
    ("GET", "/what-if", May(Action::WhatIf)),
    ("GET", "/measures", May(Action::ReadStatus)),
    ("GET", "/account", SignedIn),
    ("POST", "/account/password", SignedIn),
    ("POST", "/account/shortcuts", SignedIn),
    ("GET", "/access-log", May(Action::ReadAccessLog)),
    ("GET", "/access-log/sample", May(Action::ReadAccessLog)),
    ("GET", "/admin", May(Action::ManageUsers)),
    ("POST", "/admin/users", May(Action::ManageUsers)),
    ("GET", "/admin/users/{id}", May(Action::ManageUsers)),
    ("POST", "/admin/users/{id}", May(Action::ManageUsers)),
    ("GET", "/live", May(Action::ReadAlerts)),
    ("GET", "/static/{digest}/{name}", Anybody),
    ("GET", "/{*path}", Anybody),
];

/// A path of a template.
pub(super) fn path(template: &str) -> String {
    let path = template
        .replace("/alerts/{id}", &format!("/alerts/{}", id(1)))
        .replace("/feeds/rejects/{id}", "/feeds/rejects/1")
        .replace("/feeds/sources/{name}", "/feeds/sources/http")
        .replace("{reference}", &"0".repeat(32))
        .replace("{number}", "1")
        .replace("{kind}", "provider")
        .replace("{id}", "79001")
        .replace("{digest}", "0123456789abcdef")
        .replace("{name}", "pages.css")
        .replace("{*path}", "nowhere/at/all");
    assert!(!path.contains('{'), "{path}");
    if path == "/live" {
        format!("{path}?epoch=x")
    } else {
        path
    }
}

fn expected(method: &str, template: &str) -> Needs {
    let mut own = EXPECTED
        .iter()
        .filter(|own| (own.0, own.1) == (method, template));
    own.next()
        .unwrap_or_else(|| panic!("{method} {template} is not expected"))
        .2
}

fn may(role: Role, needs: Needs) -> bool {
    match needs {
        Needs::Anybody | Needs::SignedIn | Needs::Signature => true,
        Needs::May(action) => is_allowed(role, action),
    }
}

#[test]
fn every_route_needs_what_is_written_here_and_there_is_no_other() {
    let of_program = PAGE_ROUTES.iter();
    let of_program = of_program.map(|route| (route.method, route.template, route.needs));
    assert_eq!(of_program.collect::<Vec<_>>(), EXPECTED);
}

/// A router does not tell its routes: they are read where they are written.
#[test]
fn every_handler_of_the_router_is_in_the_table() {
    let source = include_str!("../../src/web/pages/mod.rs");
    let (_, router) = source.split_once("let router = Router::new()").unwrap();
    let (router, _) = router.split_once(".layer(").unwrap();
    let mut handled = BTreeSet::new();
    for route in router.split(".route(").skip(1) {
        let (_, rest) = route.split_once('"').unwrap();
        let (template, handlers) = rest.split_once('"').unwrap();
        let before = handled.len();
        for (mark, method) in [("get(", "GET"), ("post(", "POST")] {
            if handlers.contains(mark) {
                handled.insert((method, template));
            }
        }
        assert!(handled.len() > before, "{template} has another method");
        for other in ["put(", "delete(", "patch(", "any(", "on("] {
            let is_other = handlers.split(|c: char| !c.is_alphanumeric() && c != '(' && c != '_');
            assert!(
                !is_other.into_iter().any(|word| word.starts_with(other)),
                "{template}: {other}"
            );
        }
    }
    assert!(
        !router.contains(".nest") && !router.contains(".merge") && !router.contains("fallback")
    );
    let known = PAGE_ROUTES
        .iter()
        .map(|route| (route.method, route.template));
    assert_eq!(handled, known.collect());
}

#[test]
fn a_route_is_refused_to_roles_without_its_action() {
    let house = House::full();
    for (name, _, role) in PEOPLE {
        let mut visitor = Visitor::signed_in(&house.address, name);
        let csrf = visitor.get("/account").field("csrf");
        for route in PAGE_ROUTES
            .iter()
            .filter(|route| route.template != "/sign-out")
        {
            let answer = match route.method {
                "GET" => visitor.get(&path(route.template)),
                _ => visitor.post(&path(route.template), &[("csrf", &csrf)]),
            };
            let what = format!("{} {} as {name}", route.method, route.template);
            assert_ne!(answer.status, 405, "{what}");
            assert!(answer.status < 500, "{what}: {}", answer.status);
            assert_eq!(
                answer.status == 403,
                !may(role, expected(route.method, route.template)),
                "{what}: {}",
                answer.status
            );
        }
    }
}

#[test]
fn nothing_is_shown_to_whoever_is_not_signed_in() {
    let house = House::full();
    for route in PAGE_ROUTES
        .iter()
        .filter(|route| !matches!(route.needs, Needs::Anybody | Needs::Signature))
    {
        let mut visitor = Visitor::new(&house.address);
        let what = format!("{} {}", route.method, route.template);
        if route.method == "GET" {
            let answer = visitor.get(&path(route.template));
            assert_eq!(answer.status, 303, "{what}");
            assert!(answer.location().starts_with("/sign-in"), "{what}");
        } else {
            let csrf = visitor.get("/sign-in").field("csrf");
            let answer = visitor.post(
                &path(route.template),
                &[("csrf", &csrf), ("note", "giữ lại")],
            );
            assert_eq!(answer.status, 401, "{what}");
            assert!(
                answer.body.contains("giữ lại"),
                "{what}: what was typed is lost"
            );
        }
    }
}

#[test]
fn a_form_of_another_page_or_session_is_refused() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let mut binh = Visitor::signed_in(&house.address, "binh");
    let own = an.get("/account").field("csrf");
    let other = binh.get("/account").field("csrf");
    assert_ne!(own, other);
    let form = |csrf: &str| [("csrf", csrf.to_owned()), ("shortcuts", "off".to_owned())];
    let post = |visitor: &mut Visitor, csrf: &str, site| {
        let form = form(csrf);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (*name, &**text)).collect();
        visitor.post_from("/account/shortcuts", &form, site).status
    };
    assert_eq!(post(&mut an, &own, Some("same-origin")), 303);
    for (csrf, site) in [
        (other.as_str(), Some("same-origin")),
        ("", Some("same-origin")),
        (own.as_str(), Some("cross-site")),
        (own.as_str(), Some("same-site")),
        (own.as_str(), Some("none")),
        (own.as_str(), None),
    ] {
        assert_eq!(post(&mut an, csrf, site), 403, "{csrf} {site:?}");
    }
    // Before signing in as well.
    let mut nobody = Visitor::new(&house.address);
    let mut another = Visitor::new(&house.address);
    let csrf = another.get("/sign-in").field("csrf");
    nobody.get("/sign-in");
    let fields = [
        ("csrf", &*csrf),
        ("name", "an"),
        ("password", PASSWORD),
        ("code", CODE),
    ];
    assert_eq!(nobody.post("/sign-in", &fields).status, 403);
}

#[test]
fn a_browser_forgets_what_was_shown_when_somebody_signs_out() {
    let house = House::full();
    let mut visitor = Visitor::signed_in(&house.address, "an");
    let csrf = visitor.get("/queue").field("csrf");
    let answer = visitor.post("/sign-out", &[("csrf", &csrf)]);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in"));
    assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(visitor.get("/queue").status, 303);
}

#[test]
fn browsers_are_told_what_a_page_may_do() {
    let house = House::full();
    let mut visitor = Visitor::new(&house.address);
    let answer = visitor.get("/sign-in");
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    );
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin");
    assert!(header("permissions-policy").contains("camera=()"));
    assert!(!answer.headers.contains_key("strict-transport-security"));
    assert!(!answer.body.contains(" style=") && !answer.body.contains("<script>"));
    let (_, style) = answer
        .body
        .split_once("rel=\"stylesheet\" href=\"")
        .unwrap();
    let style = visitor.get(style.split_once('"').unwrap().0);
    assert_eq!(style.status, 200);
    let kept = style.headers["cache-control"].to_str().unwrap();
    assert_eq!(kept, "public, max-age=31536000, immutable");
    assert_eq!(
        visitor.get("/static/0123456789abcdef/pages.css").status,
        404
    );
}

#[test]
fn whoever_signs_in_goes_on_to_a_page_of_this_service() {
    let house = House::full();
    for (to, goes) in [
        ("/queue?view=urgent", "/queue?view=urgent"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
    ] {
        let mut visitor = Visitor::new(&house.address);
        let csrf = visitor.get("/sign-in").field("csrf");
        let fields = [
            ("csrf", &*csrf),
            ("name", "an"),
            ("password", PASSWORD),
            ("code", CODE),
            ("to", to),
        ];
        assert_eq!(visitor.post("/sign-in", &fields).location(), goes);
        assert!(visitor.cookies.contains_key("fundwatch"));
        assert_eq!(visitor.get("/mine").status, 200);
        house.people.end_all();
        assert_eq!(visitor.get("/mine").status, 303);
    }
    let mut visitor = Visitor::new(&house.address);
    let answer = visitor.sign_in("an", "wrong", CODE);
    assert_eq!(answer.status, 422);
    assert!(!answer.body.contains("wrong") && answer.body.contains("value=\"an\""));
    assert_eq!(visitor.sign_in("locked", PASSWORD, CODE).status, 429);
}

#[test]
fn what_is_nowhere_is_told_to_people_as_a_page_and_to_systems_as_a_problem() {
    let house = House::empty();
    let mut visitor = Visitor::new(&house.address);
    let page = visitor.get("/nowhere/at/all");
    assert_eq!(page.status, 404);
    assert!(page.body.contains("Không có trang này"), "{}", page.body);
    visitor.cookies.clear();
    let problem = visitor.get("/v1/nowhere");
    assert_eq!(problem.status, 404);
    assert!(
        problem.body.contains("\"code\":\"not_found\""),
        "{}",
        problem.body
    );
    assert!(visitor.cookies.is_empty());
}

#[test]
fn a_page_of_a_queue_is_small() {
    let house = House::empty();
    let findings: Vec<_> = (0..60).map(super::made::finding).collect();
    house.project(&findings, 2);
    let mut an = Visitor::signed_in(&house.address, "an");
    let page = an.get("/queue?view=open");
    assert_eq!(page.body.matches("data-row").count(), 50);
    assert!(page.body.len() < 100_000, "{} bytes", page.body.len());
    let (_, next) = page.body.split_once("rel=\"next\" href=\"").unwrap();
    let next = next.split_once('"').unwrap().0.replace("&#38;", "&");
    let page = an.get(&next);
    assert_eq!(page.body.matches("data-row").count(), 10);
}

/// Passwords are looked at in a room of their own, so that nobody who signs in, or tries to, keeps a page waiting.
#[test]
fn a_flood_of_sign_ins_keeps_no_page_waiting() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let mut visitors: Vec<Visitor> = (0..24).map(|_| Visitor::new(&house.address)).collect();
    std::thread::scope(|scope| {
        for visitor in &mut visitors {
            scope.spawn(|| visitor.sign_in("slow", PASSWORD, CODE).status);
        }
        std::thread::sleep(std::time::Duration::from_millis(700));
        let begun = std::time::Instant::now();
        for page in ["/queue", "/mine", "/feeds"] {
            assert_eq!(an.get(page).status, 200, "{page}");
        }
        assert!(begun.elapsed() < std::time::Duration::from_millis(1_500));
    });
}

#[test]
fn behind_a_proxy_that_does_tls_cookies_are_for_it_and_forms_come_from_it() {
    let house = House::behind("https://fund.example");
    let mut visitor = Visitor::new(&house.address);
    let answer = visitor.get("/sign-in");
    let lines = answer.headers.get_all("set-cookie").iter();
    let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap()).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(
            line.starts_with("__Host-") && line.ends_with("; Secure"),
            "{line}"
        );
        assert!(
            line.contains("; Path=/;") && !line.contains("Domain"),
            "{line}"
        );
    }
    assert!(answer.headers.contains_key("strict-transport-security"));
    let csrf = answer.field("csrf");
    let fields = [
        ("csrf", &*csrf),
        ("name", "an"),
        ("password", PASSWORD),
        ("code", CODE),
    ];
    visitor.origin = Some(house.address.clone());
    assert_eq!(visitor.post_from("/sign-in", &fields, None).status, 403);
    visitor.origin = Some("https://evil.example".to_owned());
    assert_eq!(visitor.post("/sign-in", &fields).status, 403);
    visitor.origin = Some("https://fund.example".to_owned());
    assert_eq!(visitor.post_from("/sign-in", &fields, None).status, 303);
    assert!(visitor.cookies.contains_key("__Host-fundwatch"));
    assert!(visitor.cookies.contains_key("__Host-fundwatch-device"));
    assert_eq!(visitor.get("/mine").status, 200);
}
