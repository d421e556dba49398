//! What keeps people, sessions and sites apart, over every route of the pages.

use fundwatch::access::{Action, Role, is_allowed};
use fundwatch::language::Language;
use fundwatch::review::{WorkAction, WorkState};
use fundwatch::web::pages::{Needs, PAGE_ROUTES};

use super::all_pages::all_pages;
use super::decisions::{act, open};
use super::house::{House, viewer};
use super::made::id;
use super::people::{CODE, PASSWORD, PEOPLE};
use super::routes::path;
use super::visitor::{Answer, Visitor};

/// Everything that a form of an alert, a group or a batch may have in it.
fn whole_form(house: &House, csrf: &str) -> Vec<(&'static str, String)> {
    let item = house.item(1);
    vec![
        ("csrf", csrf.to_owned()),
        ("version", item.work.version.to_string()),
        ("digest", item.finding.digest.to_string()),
        ("action", "note".to_owned()),
        ("note", "Lời của người tỉnh khác.".to_owned()),
        ("verdict", "confirmed_fraud".to_owned()),
        ("row", "1".to_owned()),
        ("before", "0".to_owned()),
        ("purpose", "compare_records".to_owned()),
        ("decision", "return".to_owned()),
    ]
}

fn send(visitor: &mut Visitor, path: &str, form: &[(&'static str, String)]) -> Answer {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (*name, &**text)).collect();
    visitor.post(path, &form)
}

/// The same for something that is there, and is of another province, as for something that is not there at all.
#[test]
fn what_is_of_another_province_is_as_if_it_were_not_there() {
    let house = House::full();
    let mut tam = Visitor::signed_in(&house.address, "tam");
    let csrf = tam.get("/account").field("csrf");
    let form = whole_form(&house, &csrf);
    let (there, nowhere) = (id(1), "f".repeat(32));
    // The path of something that is there, and of the same that is not.
    let pair = |template: &str| -> Option<Vec<(String, String)>> {
        let put = |place: &str, there: &str, nowhere: &str| {
            (
                template.replace(place, there),
                template.replace(place, nowhere),
            )
        };
        let group = |kind: &str, there: &str, nowhere: &str| {
            let of = |id: &str| template.replace("{kind}", kind).replace("{id}", id);
            (of(there), of(nowhere))
        };
        match template {
            _ if template.starts_with("/alerts/{id}") => Some(vec![put("{id}", &there, &nowhere)]),
            _ if template.starts_with("/batches/{number}") => {
                Some(vec![put("{number}", "1", "999")])
            }
            "/groups/{kind}/{id}" => Some(vec![
                group("provider", "79001", "79999"),
                group("person", &"10".repeat(16), &nowhere),
                group("card", &"21".repeat(16), &nowhere),
            ]),
            // A request for a correction is of a person and of no province; rejected rows, sources and users are of
            // roles that have no province.
            _ if template.starts_with("/corrections/") => None,
            _ if template.starts_with("/feeds/") || template.starts_with("/admin/") => None,
            "/static/{digest}/{name}" | "/{*path}" => None,
            _ => panic!("{template}: whose is it?"),
        }
    };
    let before = house.item(1).work;
    let events = house.desk.events(&id(1)).unwrap().len();
    let mut asked = 0;
    for route in PAGE_ROUTES
        .iter()
        .filter(|route| route.template.contains('{'))
    {
        for (there, nowhere) in pair(route.template).unwrap_or_default() {
            let mut ask = |path: &str| match route.method {
                "GET" => tam.get(path),
                _ => send(&mut tam, path, &form),
            };
            let (own, none) = (ask(&there), ask(&nowhere));
            let what = format!("{} {there}", route.method);
            let is_for_role = match route.needs {
                Needs::May(action) => is_allowed(Role::Reviewer, action),
                _ => true,
            };
            assert_eq!(
                own.status,
                if is_for_role { 404 } else { 403 },
                "{what}: {}",
                own.body
            );
            assert_eq!(none.status, own.status, "{what}");
            // What is around it tells the time.
            let main = |answer: &Answer| answer.body.split_once("<main").unwrap().1.to_owned();
            assert_eq!(main(&none), main(&own), "{what}");
            assert!(!is_for_role || !own.body.contains(&*there), "{what}");
            asked += usize::from(is_for_role);
        }
    }
    assert!(asked >= 8, "{asked}");
    let mut marked = form.clone();
    marked.extend([
        ("alert", there.clone()),
        ("epoch", "1".to_owned()),
        ("event", "0".to_owned()),
    ]);
    assert_eq!(send(&mut tam, "/changes", &marked).status, 404);
    // Chosen by hand in a list, it is not acted on either.
    let item = house.item(10);
    let chosen = format!("{}.{}.{}", id(10), item.work.version, item.finding.digest);
    let chosen = [("csrf", &*csrf), ("action", "take"), ("alert", &chosen)];
    assert_eq!(tam.post("/queue/act", &chosen).status, 409);
    assert_eq!(house.item(10).work.state, WorkState::New);
    assert_eq!(house.item(1).work, before);
    assert_eq!(house.desk.events(&id(1)).unwrap().len(), events);
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
    for entry in house.desk_log.with("tam ") {
        assert!(
            !entry.contains(&id(1)) && !entry.contains(&id(10)),
            "{entry}"
        );
    }
}

#[test]
fn no_form_is_taken_that_is_not_of_a_page_of_the_same_session() {
    let house = House::full();
    let mut other = Visitor::signed_in(&house.address, "an");
    let other = other.get("/account").field("csrf");
    let cannot = Language::Vietnamese.page_messages().error_form;
    let mut tried = 0;
    for route in PAGE_ROUTES
        .iter()
        .filter(|route| route.method == "POST" && route.needs != Needs::Signature)
    {
        // Somebody who may, so that it is not for the role that it is refused.
        let may = |role| match route.needs {
            Needs::May(action) => is_allowed(role, action),
            _ => true,
        };
        let (name, _, _) = PEOPLE.iter().find(|(_, _, role)| may(*role)).unwrap();
        let mut visitor = Visitor::signed_in(&house.address, name);
        let csrf = visitor.get("/account").field("csrf");
        let path = path(route.template);
        for (token, site) in [
            (None, Some("same-origin")),
            (Some(""), Some("same-origin")),
            (Some(&*other), Some("same-origin")),
            (Some(&*csrf), Some("cross-site")),
            (Some(&*csrf), Some("same-site")),
            (Some(&*csrf), Some("none")),
            (Some(&*csrf), None),
        ] {
            let mut form = whole_form(&house, token.unwrap_or_default());
            if token.is_none() {
                form.remove(0);
            }
            form.extend([
                ("shortcuts", "off".to_owned()),
                ("language", "en".to_owned()),
            ]);
            let form: Vec<(&str, &str)> =
                form.iter().map(|(name, text)| (*name, &**text)).collect();
            let answer = visitor.post_from(&path, &form, site);
            let what = format!("{path} as {name} with {token:?} from {site:?}");
            assert_eq!(answer.status, 403, "{what}");
            assert!(answer.body.contains(cannot), "{what}: {}", answer.body);
            assert!(!answer.headers.contains_key("set-cookie"), "{what}");
            tried += 1;
        }
        assert_eq!(
            visitor.get("/account").status,
            200,
            "{path}: still signed in"
        );
    }
    assert!(tried > 100, "{tried}");
    assert!(house.people.changes.lock().unwrap().is_empty());
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
}

#[test]
fn a_session_that_was_planted_is_not_the_one_that_somebody_signs_in_to() {
    let house = House::full();
    let mut other = Visitor::signed_in(&house.address, "binh");
    let real = other.cookies["fundwatch"].clone();
    for planted in ["session-99999999", &*real] {
        let mut visitor = Visitor::new(&house.address);
        let csrf = match planted == real {
            // Whoever has somebody else's session is signed in, and signs in anew all the same.
            true => other.get("/account").field("csrf"),
            false => visitor.get("/sign-in").field("csrf"),
        };
        visitor
            .cookies
            .insert("fundwatch".to_owned(), planted.to_owned());
        let fields = [
            ("csrf", &*csrf),
            ("name", "an"),
            ("password", PASSWORD),
            ("code", CODE),
        ];
        let answer = visitor.post("/sign-in", &fields);
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_ne!(visitor.cookies["fundwatch"], planted);
        assert!(visitor.get("/account").body.contains("<dd>an</dd>"));
        // What was planted is what it was before: nobody's, or the other's.
        let mut thief = Visitor::new(&house.address);
        thief
            .cookies
            .insert("fundwatch".to_owned(), planted.to_owned());
        let seen = thief.get("/account");
        assert_eq!(seen.status, if planted == real { 200 } else { 303 });
        assert!(!seen.body.contains("<dd>an</dd>"));
        // What forms were bound to before is of no use after.
        let form = [("csrf", &*csrf), ("shortcuts", "off")];
        assert_eq!(visitor.post("/account/shortcuts", &form).status, 403);
    }
}

#[test]
fn nobody_approves_their_own_proposal_in_another_session_of_theirs() {
    let house = House::full();
    let mut here = Visitor::signed_in(&house.address, "chi");
    let mut there = Visitor::signed_in(&house.address, "chi");
    assert_ne!(here.cookies["fundwatch"], there.cookies["fundwatch"]);
    for (action, more) in [
        ("take", vec![]),
        (
            "propose",
            vec![("verdict", "confirmed_fraud"), ("note", "Kê khống.")],
        ),
    ] {
        let page = open(&mut here, 10);
        let mut form = vec![("action", action)];
        form.extend(more);
        let answer = act(&mut here, &page, 10, &form);
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    assert_eq!(house.item(10).work.state, WorkState::Proposed);
    for visitor in [&mut there, &mut here] {
        assert!(!visitor.get("/approvals").body.contains(&id(10)));
        let page = open(visitor, 10);
        assert!(!page.body.contains("value=\"approve\""));
        assert!(!page.body.contains("/second-look"));
        let answer = act(visitor, &page, 10, &[("action", "approve")]);
        assert!(
            [403, 422].contains(&answer.status),
            "{}: {}",
            answer.status,
            answer.body
        );
        let look = [
            ("csrf", page.field("csrf")),
            ("version", page.field("version")),
            ("verdict", "confirmed_fraud".to_owned()),
        ];
        let look = send(visitor, &format!("/alerts/{}/second-look", id(10)), &look);
        assert_eq!(look.status, 403, "{}", look.body);
    }
    let item = house.item(10);
    assert_eq!(item.work.state, WorkState::Proposed);
    let of_chi = house.desk.events(&id(10)).unwrap();
    assert!(
        of_chi
            .iter()
            .all(|event| event.action != WorkAction::Approve)
    );
    // Another of the role may: it is not the alert that cannot be approved.
    let another = viewer("another", Role::Supervisor);
    let allowed = house.desk.allowed(&another, &item).unwrap();
    assert!(allowed.contains(&WorkAction::Approve), "{allowed:?}");
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let house = House::full();
    let exports = |role| is_allowed(role, Action::Export);
    let (name, _, _) = PEOPLE.iter().find(|(_, _, role)| exports(*role)).unwrap();
    let mut exporter = Visitor::signed_in(&house.address, name);
    let mut an = Visitor::signed_in(&house.address, "an");
    let mut nobody = Visitor::new(&house.address);
    let form = an.get("/account").field("csrf");
    let sheet = exporter.get("/queue.csv?view=open");
    let disposition = sheet.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    for (what, status, answer) in [
        ("a list", 200, an.get("/queue")),
        ("an alert", 200, an.get(&format!("/alerts/{}", id(1)))),
        ("not allowed", 403, an.get("/approvals")),
        ("a form of nowhere", 403, an.post("/account/shortcuts", &[])),
        (
            "not there",
            404,
            an.get(&format!("/alerts/{}", "f".repeat(32))),
        ),
        ("nowhere", 404, an.get("/nowhere/at/all")),
        (
            "refused",
            422,
            an.post("/search", &[("csrf", &form), ("number", "x")]),
        ),
        ("a redirect", 303, nobody.get("/queue")),
        ("an ended session", 401, nobody.post("/queue/act", &[])),
        ("a table", 200, sheet),
    ] {
        assert_eq!(answer.status, status, "{what}");
        let header = |name: &str| {
            let value = answer.headers.get(name);
            let value = value.unwrap_or_else(|| panic!("{what}: no {name}"));
            value.to_str().unwrap()
        };
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(
                policy.split("; ").any(|own| own == part),
                "{what}: {policy}"
            );
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{what}: {policy}"
        );
        assert_eq!(header("cache-control"), "no-store", "{what}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{what}"
        );
        assert_eq!(
            header("cross-origin-resource-policy"),
            "same-origin",
            "{what}"
        );
        assert!(header("permissions-policy").contains("camera=()"), "{what}");
    }
}

/// What a page has in the attributes that have a browser ask for something, or send something.
fn addresses(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for attribute in [
        "src",
        "href",
        "action",
        "formaction",
        "srcset",
        "poster",
        "data",
        "background",
    ] {
        let mark = format!(" {attribute}=\"");
        let each = page.split(&*mark).skip(1);
        found.extend(each.map(|rest| rest.split('"').next().unwrap()));
        let mark = format!("xlink:{attribute}=\"");
        let each = page.split(&*mark).skip(1);
        found.extend(each.map(|rest| rest.split('"').next().unwrap()));
    }
    found
}

#[test]
fn no_page_asks_anybody_else_for_anything_nor_runs_what_is_written_in_it() {
    let mut seen = 0;
    for language in [Language::Vietnamese, Language::English] {
        for (what, page) in all_pages(language) {
            for address in addresses(&page) {
                let is_own = address.starts_with('/') && !address.starts_with("//");
                // A picture that is in the page itself.
                let is_inside =
                    address.starts_with('#') || address.starts_with("data:image/svg+xml;base64,");
                assert!(is_own || is_inside, "{what}: {address}");
                seen += 1;
            }
            // The one name of a space of names that a drawing has.
            let text = page.replace("http://www.w3.org/2000/svg", "");
            for foreign in [
                "http:",
                "https:",
                "url(",
                "@import",
                "javascript:",
                " style=",
                "<style",
                "<iframe",
            ] {
                assert!(!text.contains(foreign), "{what}: {foreign}");
            }
            let scripts = text.matches("<script").count();
            assert_eq!(
                scripts,
                text.matches("<script src=\"/static/").count(),
                "{what}"
            );
            let handlers = text.split('<').flat_map(|piece| piece.split('>').next());
            for tag in handlers {
                assert!(
                    !tag.split_whitespace()
                        .any(|word| word.starts_with("on") && word.contains('=')),
                    "{what}: {tag}"
                );
            }
        }
    }
    assert!(seen > 2_000, "{seen}");
}
