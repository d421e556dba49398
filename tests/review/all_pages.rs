//! The text of every page in a language, also of those that answer a form.

use fundwatch::access::Role;
use fundwatch::language::Language;
use fundwatch::review::WorkAction;

use super::core_path::proposed_for_a_second_look;
use super::decisions::{act, open};
use super::house::{House, viewer};
use super::made::id;
use super::people::{CODE, PASSWORD, SETUP_CODE};
use super::screens;
use super::visitor::{Answer, Visitor};

/// Paths of each role beside those that pictures are taken of.
fn more(house: &House) -> Vec<(&'static str, Vec<String>)> {
    let alert = |number: u32| format!("/alerts/{}?view=open", id(number));
    vec![
        (
            "an",
            vec![
                "/mine".to_owned(),
                "/changes".to_owned(),
                "/changes?place=open&since=1".to_owned(),
                "/changes?place=closed".to_owned(),
                "/queue".to_owned(),
                "/queue?view=closed".to_owned(),
                "/queue?reason=unknown_card".to_owned(),
                alert(1),
                alert(4),
                alert(7),
                alert(9),
                "/groups/provider/79001".to_owned(),
                format!("/groups/person/{}", "10".repeat(16)),
                "/corrections".to_owned(),
                "/corrections?view=answered".to_owned(),
                format!("/corrections/{}", house.corrections[0]),
                format!("/corrections/{}", house.corrections[1]),
                "/batches".to_owned(),
                "/batches/new?view=open".to_owned(),
                "/batches/1".to_owned(),
                "/account".to_owned(),
                "/approvals".to_owned(),
                "/alerts/x".to_owned(),
            ],
        ),
        (
            "chi",
            vec![
                "/approvals".to_owned(),
                alert(2),
                "/feeds".to_owned(),
                "/what-if".to_owned(),
                "/what-if?dial=minutes-after-admission&at=4".to_owned(),
                "/what-if?dial=facilities&at=400".to_owned(),
                "/what-if?dial=outlier-level".to_owned(),
                "/what-if?dial=visits".to_owned(),
                "/measures".to_owned(),
            ],
        ),
        (
            "dung",
            vec![
                "/feeds".to_owned(),
                "/measures?by=correct".to_owned(),
                "/feeds/rejects".to_owned(),
                "/feeds/rejects/1".to_owned(),
                "/feeds/rejects/2".to_owned(),
                "/feeds/rejects/3".to_owned(),
                "/feeds/sources/deaths/resume".to_owned(),
                "/feeds/sources/http/resume".to_owned(),
            ],
        ),
        (
            "giang",
            vec![
                "/access-log".to_owned(),
                "/access-log?action=reveal&from=2026-11-01".to_owned(),
                "/access-log/sample".to_owned(),
            ],
        ),
        (
            "khanh",
            vec![
                "/admin".to_owned(),
                "/admin/users/1".to_owned(),
                "/admin/users/7".to_owned(),
            ],
        ),
    ]
}

/// Sends a form with its token.
fn post(visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = visitor.get("/account").field("csrf");
    let mut form = vec![("csrf", &*csrf)];
    form.extend_from_slice(fields);
    visitor.post(path, &form)
}

/// Somebody who reads this language.
fn reader(house: &House, name: &str, language: Language) -> Visitor {
    let mut visitor = Visitor::signed_in(&house.address, name);
    post(&mut visitor, "/language", &[("language", language.code())]);
    visitor
}

/// Every page in a language: what it is, and its text.
pub fn all_pages(language: Language) -> Vec<(String, String)> {
    let house = House::full();
    let mut pages = before_signing_in(&house, language);
    for (name, mut paths) in more(&house) {
        let pictures = screens::pages(name, &house);
        paths.extend(pictures.into_iter().map(|(_, path)| path));
        let mut visitor = reader(&house, name, language);
        for path in paths {
            let answer = visitor.get(&path);
            pages.push((path, answer.body));
        }
    }
    pages.extend(of_forms(&house, language));
    pages
}

fn before_signing_in(house: &House, language: Language) -> Vec<(String, String)> {
    let mut visitor = Visitor::new(&house.address);
    let csrf = visitor.get("/sign-in").field("csrf");
    visitor.post(
        "/language",
        &[("csrf", &csrf), ("language", language.code())],
    );
    let setup = |code| {
        [
            ("csrf", &*csrf),
            ("name", "moi"),
            ("setup_code", code),
            ("password", PASSWORD),
            ("repeat", PASSWORD),
        ]
    };
    let mut pages = Vec::new();
    for (what, status, answer) in [
        ("sign-in", 200, visitor.get("/sign-in")),
        ("sign-in, done", 200, visitor.get("/sign-in?setup=1")),
        ("sign-in, refused", 422, visitor.sign_in("an", "x", CODE)),
        (
            "sign-in, locked",
            429,
            visitor.sign_in("locked", PASSWORD, CODE),
        ),
        ("setup", 200, visitor.get("/setup")),
        (
            "setup, refused",
            422,
            visitor.post("/setup", &setup("ABCDE-00000")),
        ),
        (
            "setup, code",
            200,
            visitor.post("/setup", &setup(SETUP_CODE)),
        ),
        ("a form of nowhere", 403, visitor.post("/sign-in", &[])),
    ] {
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        pages.push((what.to_owned(), answer.body));
    }
    pages
}

/// Pages that answer a form.
fn of_forms(house: &House, language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut keep = |what: &str, status: u16, answer: Answer| {
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        pages.push((what.to_owned(), answer.body.clone()));
        answer
    };
    let mut an = reader(house, "an", language);
    let mut chi = reader(house, "chi", language);
    keep(
        "search, none",
        200,
        post(&mut an, "/search", &[("number", "7911111111")]),
    );
    keep(
        "search, no number",
        422,
        post(&mut an, "/search", &[("number", "x")]),
    );
    let reference = format!("/corrections/{}/reveal", house.corrections[0]);
    keep("correction, revealed", 200, post(&mut an, &reference, &[]));

    let page = open(&mut an, 1);
    let fields = ["row", "before", "digest"].map(|name| (name, page.field(name)));
    let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, &**text)).collect();
    form.push(("purpose", "compare_records"));
    let reveal = format!("/alerts/{}/reveal", id(1));
    keep("alert, revealed", 200, post(&mut an, &reveal, &form));
    let incomplete = [("action", "close"), ("verdict", "legitimate_other")];
    keep("alert, refused", 422, act(&mut an, &page, 1, &incomplete));
    // Somebody else is faster: with one alert, and with one of several.
    let binh = viewer("binh", Role::Reviewer);
    let note = |number| {
        house.act(&binh, number, WorkAction::Note, |act| {
            act.note = Some("Xem.".to_owned())
        });
    };
    note(1);
    let propose = [
        ("action", "propose"),
        ("verdict", "confirmed_fraud"),
        ("note", "Sổ khám."),
    ];
    let answer = keep("conflict", 409, act(&mut an, &page, 1, &propose));
    assert!(answer.body.contains("class=\"plain compare\""));
    let queue = an.get("/queue?view=open").body;
    let boxes = queue.split("name=\"alert\" value=\"").skip(1);
    let boxes: Vec<&str> = boxes
        .map(|rest| rest.split('"').next().unwrap())
        .take(2)
        .collect();
    note(
        (0..32)
            .find(|number| boxes[0].starts_with(&id(*number)))
            .unwrap(),
    );
    let form = [("action", "take"), ("alert", boxes[0]), ("alert", boxes[1])];
    keep("bulk", 409, post(&mut an, "/queue/act", &form));
    keep(
        "bulk, nothing",
        422,
        post(&mut an, "/queue/act", &[("action", "take")]),
    );

    let number = proposed_for_a_second_look(house);
    let page = keep("second look, due", 200, open(&mut chi, number));
    let look = format!("/alerts/{}/second-look", id(number));
    assert!(page.body.contains(&look));
    let version = page.field("version");
    let form = [("version", &*version), ("verdict", "inconclusive")];
    keep("second look", 200, post(&mut chi, &look, &form));

    let mut khanh = reader(house, "khanh", language);
    house.people.age_all(600_000);
    let form = [("change", "role"), ("role", "auditor")];
    let path = format!("/admin/users/{}", house.people.id("binh"));
    let answer = keep("prove again", 200, post(&mut khanh, &path, &form));
    assert!(answer.body.contains("name=\"own_password\""));
    house.people.end_all();
    let form = [("note", "Đang viết.")];
    let path = format!("/alerts/{}/act", id(1));
    keep("session, ended", 401, an.post(&path, &form));
    pages
}
