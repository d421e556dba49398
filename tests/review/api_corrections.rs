//! What citizens say is wrong, as JSON: looked into, answered, and whom it is about told once to who looks into it.

use fundwatch::access::Role;
use fundwatch::review::REVEALS_PER_HOUR;
use serde_json::{Value, json};

use super::client::{Client, code};
use super::house::House;
use super::made::CITIZEN;
use super::visitor::Visitor;

fn path(house: &House, which: usize, what: &str) -> String {
    format!("/v1/corrections/{}{what}", house.corrections[which])
}

fn states(client: &Client<'_>, query: &str) -> Vec<(String, String)> {
    let (status, told) = client.get(&format!("/v1/corrections{query}"));
    assert_eq!(status, 200, "{told}");
    let lines = told["corrections"].as_array().unwrap().clone();
    let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let mut found: Vec<(String, String)> = (lines.iter())
        .map(|line| (word(line, "reference"), word(line, "state")))
        .collect();
    found.sort();
    found
}

#[test]
fn a_request_is_looked_into_and_answered_as_it_was_seen() {
    let house = House::full();
    let binh = Client::person(&house, "binh");
    let own = house.corrections[1].clone();
    let mut expected = vec![
        (house.corrections[0].clone(), "in_review".to_owned()),
        (own.clone(), "received".to_owned()),
    ];
    expected.sort();
    assert_eq!(states(&binh, ""), expected);
    assert!(states(&binh, "?view=answered").is_empty());
    let (_, list) = binh.get("/v1/corrections?view=open");
    assert!(
        !list.to_string().contains("còn sống"),
        "nothing typed is on the list"
    );

    let (status, whole) = binh.get(&path(&house, 1, ""));
    assert_eq!(status, 200, "{whole}");
    assert_eq!(
        (&whole["database"], &whole["field"], &whole["should_be"]),
        (
            &"citizens".into(),
            &"life_status".into(),
            &"còn sống".into()
        )
    );
    assert_eq!(
        (&whole["version"], &whole["allowed"]),
        (&1.into(), &json!(["start"]))
    );
    assert!(!whole.to_string().contains(CITIZEN));

    let act = path(&house, 1, "/act");
    for (asked, expected) in [
        (
            json!({"action": "dance", "version": 1}),
            (422, "unknown_action"),
        ),
        (
            json!({"action": "reveal", "version": 1}),
            (422, "unknown_action"),
        ),
        (
            json!({"action": "request", "version": 1}),
            (422, "unknown_action"),
        ),
        (
            json!({"action": "start", "version": 1, "answer": "x"}),
            (422, "field_not_taken"),
        ),
        (json!({"action": "start", "version": 2}), (409, "moved")),
        (
            json!({"action": "accept", "version": 1, "answer": "x"}),
            (409, "not_possible"),
        ),
        (json!({"action": "start"}), (400, "bad_document")),
        (
            json!({"action": "start", "version": -1}),
            (400, "bad_document"),
        ),
    ] {
        let answer = binh.post(&act, asked.clone());
        assert_eq!(code(&answer), expected, "{asked}");
    }
    let (status, done) = binh.post(&act, json!({"action": "start", "version": 1}));
    assert_eq!(status, 200, "{done}");
    assert_eq!(
        done,
        json!({"reference": own, "version": 2, "state": "in_review"})
    );
    // It is theirs now.
    let an = Client::person(&house, "an");
    let release = json!({"action": "release", "version": 2});
    assert_eq!(code(&an.post(&act, release)), (409, "not_possible"));
    for answer in [Value::Null, "".into(), " ".into(), "x".repeat(2_001).into()] {
        let refuse = json!({"action": "refuse", "version": 2, "answer": answer});
        assert_eq!(code(&binh.post(&act, refuse)), (422, "bad_answer"));
    }
    let accept = json!({"action": "accept", "version": 2, "answer": "Đã chuyển cơ quan quản lý."});
    let (status, done) = binh.post(&act, accept.clone());
    assert_eq!(
        (status, &done["state"]),
        (200, &"accepted".into()),
        "{done}"
    );
    assert_eq!(code(&binh.post(&act, accept)), (409, "moved"));
    assert_eq!(
        states(&an, "?view=answered"),
        [(own.clone(), "accepted".to_owned())]
    );
    let (_, whole) = an.get(&path(&house, 1, ""));
    assert_eq!(whole["answer"], "Đã chuyển cơ quan quản lý.");
    assert_eq!(
        (&whole["handler"], &whole["allowed"]),
        (&"binh".into(), &json!([]))
    );
    let actions: Vec<&str> = (whole["events"].as_array().unwrap().iter())
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["request", "start", "accept"]);
}

#[test]
fn a_system_reads_and_others_do_not() {
    let house = House::full();
    let start = json!({"action": "start", "version": 1});
    for role in [Role::Reviewer, Role::Supervisor] {
        let system = Client::system(&house, role);
        assert_eq!(system.get("/v1/corrections").0, 200);
        let (status, whole) = system.get(&path(&house, 1, ""));
        assert_eq!((status, &whole["allowed"]), (200, &json!([])));
        let act = system.post(&path(&house, 1, "/act"), start.clone());
        assert_eq!(code(&act), (403, "no_person"));
        let reveal = system.ask("POST", &path(&house, 0, "/reveal"), None);
        assert_eq!(code(&reveal), (403, "no_person"));
    }
    for name in ["giang", "hoa", "dung", "khanh"] {
        let person = Client::person(&house, name);
        assert_eq!(code(&person.get("/v1/corrections")), (403, "forbidden"));
        assert_eq!(code(&person.get(&path(&house, 1, ""))), (403, "forbidden"));
    }
    let an = Client::person(&house, "an");
    for nowhere in ["e".repeat(32), "x".to_owned(), CITIZEN.to_owned()] {
        for (method, what, body) in [
            ("GET", "", None),
            ("POST", "/act", Some(&start)),
            ("POST", "/reveal", None),
        ] {
            let answer = an.ask(method, &format!("/v1/corrections/{nowhere}{what}"), body);
            assert_eq!(
                code(&answer),
                (404, "not_found"),
                "{method} {nowhere}{what}"
            );
        }
    }
    assert_eq!(
        code(&an.get("/v1/corrections?view=x")),
        (400, "bad_parameter")
    );
}

#[test]
fn whom_it_is_about_is_told_to_who_looks_into_it_after_that_is_recorded() {
    let house = House::full();
    let [an, binh] = ["an", "binh"].map(|name| Client::person(&house, name));
    let (own, others) = (path(&house, 0, "/reveal"), path(&house, 1, "/reveal"));
    // Nobody looks into the second, and binh not into the first.
    for (caller, path) in [(&binh, &own), (&an, &others)] {
        let answer = caller.ask("POST", path, None);
        assert_eq!(code(&answer), (404, "not_found"));
        assert!(!answer.1.to_string().contains(CITIZEN));
    }
    house.desk_log.fail_on("DidCorrection(Reveal");
    let answer = an.ask("POST", &own, None);
    assert_eq!(code(&answer), (503, "unavailable"));
    assert!(!answer.1.to_string().contains(CITIZEN));
    house.desk_log.fail_on("");
    let (status, headers, told) = an.answer("POST", &own, None);
    assert_eq!(status, 200, "{told}");
    assert_eq!(headers["cache-control"], "no-store");
    let fields = json!([{"name": "personal_id", "value": CITIZEN}]);
    assert_eq!(
        (&told["fields"], &told["reference"]),
        (&fields, &house.corrections[0].clone().into())
    );
    assert_eq!(house.desk_log.with("DidCorrection(Reveal").len(), 1);
    assert!(house.desk_log.with(CITIZEN).is_empty());
    let (_, whole) = an.get(&path(&house, 0, ""));
    assert_eq!(
        whole["events"].as_array().unwrap().last().unwrap()["action"],
        "reveal"
    );
    assert!(!whole.to_string().contains(CITIZEN));
    // As often as of rows behind alerts, on the page and here together.
    let mut session = Visitor::signed_in(&house.address, "an");
    let csrf = session.get("/account").field("csrf");
    let page = format!("/corrections/{}/reveal", house.corrections[0]);
    assert_eq!(session.post(&page, &[("csrf", &csrf)]).status, 200);
    for number in 2..REVEALS_PER_HOUR {
        assert_eq!(an.ask("POST", &own, None).0, 200, "{number}");
    }
    let (status, headers, told) = an.answer("POST", &own, None);
    assert_eq!((status, &told["code"]), (429, &"spent".into()));
    assert!(headers.contains_key("retry-after"));
}
