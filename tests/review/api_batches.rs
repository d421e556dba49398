//! Lists that are acted on as a whole, as JSON: what was told is frozen, two people are two, and nothing is told of alerts of
//! other provinces.

use fundwatch::access::{Role, is_allowed};
use fundwatch::review::{Verdict, WorkAction, WorkState};
use fundwatch::web::ROUTES;
use serde_json::{Value, json};

use super::client::{Client, code};
use super::house::{House, viewer};
use super::made::{finding, id};
use super::visitor::Visitor;

fn offer(client: &Client<'_>, query: &str) -> Value {
    let (status, offer) = client.get(&format!("/v1/batches/offer?{query}"));
    assert_eq!(status, 200, "{offer}");
    offer
}

/// Asks for something with all that an offer is of.
fn asked(offer: &Value, more: Value) -> Value {
    let mut asked = json!({"list": offer["list"], "mark": offer["mark"]});
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

fn close() -> Value {
    json!({
        "action": "close_together",
        "verdict": "false_positive_death_record",
        "note": "Tệp khai tử nạp nhầm.",
    })
}

/// The items of a list, page by page.
fn items(client: &Client<'_>, query: &str) -> Vec<Value> {
    let (mut found, mut page) = (Vec::new(), String::new());
    loop {
        let (status, told) = client.get(&format!("/v1/queue?{query}{page}"));
        assert_eq!(status, 200, "{told}");
        found.extend(told["items"].as_array().unwrap().iter().cloned());
        match told["next_page"].as_str() {
            Some(next) => page = format!("&page={next}"),
            None => return found,
        }
    }
}

#[test]
fn an_offer_is_the_list_that_it_is_of() {
    let house = House::full();
    let an = Client::person(&house, "an");
    for query in [
        "view=open",
        "view=open&province=79&band=p1",
        "view=under_way",
    ] {
        let offer = offer(&an, query);
        let items = items(&an, query);
        let amount = |item: &Value| item["amount_vnd"].as_f64().unwrap();
        assert_eq!(offer["alerts"], items.len(), "{query}");
        let sum: f64 = items.iter().map(amount).sum();
        assert_eq!(offer["amount_vnd"].as_f64().unwrap(), sum, "{query}");
        for total in offer["by_reason"].as_array().unwrap() {
            let of = items
                .iter()
                .filter(|item| item["reason"] == total["reason"]);
            let (count, sum) = of.fold((0, 0.0), |(n, sum), item| (n + 1, sum + amount(item)));
            assert_eq!(total["alerts"], count, "{query} {total}");
            assert_eq!(
                total["amount_vnd"].as_f64().unwrap(),
                sum,
                "{query} {total}"
            );
        }
        assert_eq!(offer["allowed"], json!(["close_together"]));
    }
    let chi = Client::person(&house, "chi");
    let all = json!(["assign", "release", "close_together"]);
    assert_eq!(offer(&chi, "view=open")["allowed"], all);
    let system = Client::system(&house, Role::Supervisor);
    assert_eq!(offer(&system, "view=open")["allowed"], json!([]));
    for wrong in ["view=x", "province=7", "limit=5", "page=x", "nothing=1"] {
        let answer = an.get(&format!("/v1/batches/offer?{wrong}"));
        assert_eq!(code(&answer), (400, "bad_parameter"), "{wrong}");
    }
}

#[test]
fn what_is_missing_wrong_or_moved_is_said_and_nothing_kept() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let offer = offer(&an, "view=open");
    let with = |name: &str, value: Value| {
        let mut asked = asked(&offer, close());
        asked[name] = value;
        asked
    };
    let mut other_list = offer["list"].clone();
    other_list["band"] = "p1".into();
    let mut no_list = offer["list"].clone();
    no_list["facility"] = "HT3797900000001".into();
    for (asked, expected) in [
        (with("note", Value::Null), (422, "note_missing")),
        (
            with("note", "x".repeat(4_001).into()),
            (422, "note_too_long"),
        ),
        (with("verdict", Value::Null), (422, "verdict_missing")),
        (with("verdict", "guilty".into()), (422, "unknown_verdict")),
        (with("action", "take".into()), (422, "unknown_action")),
        (with("action", "release".into()), (422, "field_not_taken")),
        (with("assignee", "an".into()), (422, "field_not_taken")),
        (with("mark", "x".into()), (422, "bad_mark")),
        (with("mark", "0".repeat(32).into()), (409, "list_moved")),
        (with("list", other_list), (409, "list_moved")),
        (with("list", no_list), (422, "bad_list")),
        (with("list", json!({"view": "open"})), (400, "bad_document")),
        (with("why", "x".into()), (400, "bad_document")),
        (
            asked(
                &offer,
                json!({"action": "assign", "assignee": "an", "note": "x"}),
            ),
            (403, "not_theirs"),
        ),
    ] {
        let answer = an.post("/v1/batches", asked.clone());
        assert_eq!(code(&answer), expected, "{asked} {answer:?}");
    }
    // What accuses somebody is not given to many.
    let accused = an.post("/v1/batches", with("verdict", "confirmed_fraud".into()));
    assert_eq!(accused.0, 422, "{accused:?}");
    // Another list than was told.
    let binh = viewer("binh", Role::Reviewer);
    house.act(&binh, 10, WorkAction::Take, |_| {});
    let moved = an.post("/v1/batches", asked(&offer, close()));
    assert_eq!(code(&moved), (409, "list_moved"));
    let (_, told) = an.get("/v1/batches");
    assert_eq!(told["batches"].as_array().unwrap().len(), 1, "{told}");
    let system = Client::system(&house, Role::Reviewer);
    let answer = system.post("/v1/batches", asked(&offer, close()));
    assert_eq!(code(&answer), (403, "no_person"));
}

#[test]
fn a_list_is_closed_by_two_people_and_undone_as_one() {
    let house = House::full();
    let [an, binh, chi] = ["an", "binh", "chi"].map(|name| Client::person(&house, name));
    let (status, told) = an.post("/v1/batches", asked(&offer(&an, "view=open"), close()));
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["number"], &told["state"], &told["can_decide"]),
        (&2.into(), &"proposed".into(), &false.into())
    );
    let decide = json!({"decision": "approve"});
    let path = "/v1/batches/2/decide";
    assert_eq!(code(&an.post(path, decide.clone())), (403, "took_part"));
    assert_eq!(code(&binh.post(path, decide.clone())), (403, "not_theirs"));
    for role in [Role::Reviewer, Role::Supervisor] {
        let system = Client::system(&house, role);
        assert_eq!(code(&system.post(path, decide.clone())), (403, "no_person"));
        let (status, whole) = system.get("/v1/batches/2");
        assert_eq!((status, &whole["can_decide"]), (200, &false.into()));
    }
    assert_eq!(house.item(11).work.state, WorkState::New);
    assert_eq!(chi.get("/v1/batches/2").1["can_decide"], true);
    for (wrong, expected) in [
        (json!({"decision": "dance"}), (422, "unknown_decision")),
        (json!({"decision": "return"}), (422, "note_missing")),
        (json!({}), (400, "bad_document")),
    ] {
        assert_eq!(code(&chi.post(path, wrong)), expected);
    }
    let (status, told) = chi.post(path, decide.clone());
    assert_eq!((status, &told["state"]), (200, &"done".into()), "{told}");
    let item = house.item(11);
    assert_eq!(item.work.state, WorkState::Closed);
    let verdict = item.work.decided.map(|one| one.verdict);
    assert_eq!(verdict, Some(Verdict::FalsePositiveDeathRecord));
    assert_eq!(code(&chi.post(path, decide)), (409, "batch_decided"));

    let (_, whole) = an.get("/v1/batches/2");
    let steps: Vec<(&str, &str)> = (whole["parts"].as_array().unwrap().iter())
        .map(|part| {
            (
                part["step"].as_str().unwrap(),
                part["name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(steps, [("propose", "an"), ("approve", "chi")]);
    assert_eq!(whole["parts"][0]["note"], close()["note"]);
    let alerts = whole["alerts"].clone();
    assert_eq!(
        whole["outcomes"],
        json!([{"outcome": "done", "alerts": alerts}])
    );
    let sample = whole["sample"].as_array().unwrap();
    assert!(!sample.is_empty() && sample.len() <= 20);
    assert!(house.desk_log.with("an Batch(Open, 2").len() == 1);

    let undo = "/v1/batches/2/undo";
    let note = json!({"note": "Nhầm danh sách."});
    assert_eq!(code(&an.post(undo, json!({}))), (422, "note_missing"));
    assert_eq!(code(&binh.post(undo, note.clone())), (403, "not_theirs"));
    let (status, told) = an.post(undo, note.clone());
    assert_eq!((status, &told["state"]), (200, &"undone".into()), "{told}");
    assert_eq!(house.item(11).work.state, WorkState::New);
    assert_eq!(code(&an.post(undo, note)), (409, "batch_decided"));
    let numbers = |query: &str| {
        let (status, told) = chi.get(&format!("/v1/batches{query}"));
        assert_eq!(status, 200, "{told}");
        let batches = told["batches"].as_array().unwrap().clone();
        let numbers = batches.iter().map(|one| one["number"].as_u64().unwrap());
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(numbers(""), [2, 1]);
    assert_eq!(numbers("?state=proposed"), [1]);
    assert_eq!(numbers("?state=undone"), [2]);
    assert_eq!(
        code(&chi.get("/v1/batches?state=lost")),
        (400, "bad_parameter")
    );
    for nowhere in ["3", "0", "x", "-1", "01", "99999999999999999999"] {
        let answer = chi.get(&format!("/v1/batches/{nowhere}"));
        assert_eq!(code(&answer), (404, "not_found"), "{nowhere}");
    }
}

/// A supervisor gives a list to somebody, with a token and on the page: to whom is not which list.
#[test]
fn a_list_is_given_to_somebody() {
    let house = House::full();
    let chi = Client::person(&house, "chi");
    let offer = offer(&chi, "view=under_way&assignee=an");
    let count = offer["alerts"].as_u64().unwrap();
    assert!(count > 0);
    let given = json!({"action": "assign", "assignee": "binh", "note": "Nghỉ phép."});
    let (status, told) = chi.post("/v1/batches", asked(&offer, given));
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["state"], &told["assignee"], &told["alerts"]),
        (&"done".into(), &"binh".into(), &count.into())
    );
    assert!(items(&chi, "view=under_way&assignee=an").is_empty());

    let mut session = Visitor::signed_in(&house.address, "chi");
    for (query, to) in [
        ("view=under_way&assignee=binh", "an"),
        ("view=open&band=p4", "an"),
    ] {
        let before = items(&chi, query).len();
        assert!(before > 0, "{query}");
        let page = session.get(&format!("/batches/new?{query}"));
        let mut form: Vec<(&str, String)> = ["csrf", "mark", "as_of"]
            .map(|name| (name, page.field(name)))
            .to_vec();
        form.extend(query.split('&').filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name, value.to_owned()))
        }));
        form.extend([
            ("action", "assign".to_owned()),
            ("to", to.to_owned()),
            ("note", "Chia lại việc.".to_owned()),
        ]);
        assert!(page.body.contains("<select name=\"to\">"), "{}", page.body);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (*name, &**text)).collect();
        let answer = session.post("/batches", &form);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let (_, whole) = chi.get(&format!("/v1{}", answer.location()));
        assert_eq!(
            (&whole["assignee"], &whole["alerts"]),
            (&to.into(), &before.into())
        );
        assert!(items(&chi, query).is_empty(), "{query}");
    }
}

#[test]
fn one_person_is_one_through_a_session_and_a_token() {
    let house = House::full();
    let chi = Client::person(&house, "chi");
    let (_, told) = chi.post("/v1/batches", asked(&offer(&chi, "view=open"), close()));
    let path = format!("/batches/{}", told["number"]);
    let mut session = Visitor::signed_in(&house.address, "chi");
    let csrf = session.get("/account").field("csrf");
    let form = [("csrf", &*csrf), ("decision", "approve")];
    assert_eq!(session.post(&path, &form).status, 403);
    let answer = chi.post(&format!("/v1{path}/decide"), json!({"decision": "approve"}));
    assert_eq!(code(&answer), (403, "took_part"));
    assert_eq!(house.item(11).work.state, WorkState::New);
}

/// The same for something that is there, and is of another province, as for something that is not there at all, on every
/// route that names one.
#[test]
fn what_is_of_another_province_is_as_if_it_were_not_there() {
    let house = House::full();
    let tam = Client::person(&house, "tam");
    let (alert, nowhere) = (id(1), "e".repeat(32));
    let item = house.item(1);
    let seen = json!({"version": item.work.version, "digest": item.finding.digest.to_string()});
    let with = |more: Value| {
        let mut body = seen.clone();
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let mut tried = 0;
    for route in ROUTES.iter().filter(|route| route.template.contains('{')) {
        let template = route.template;
        let pairs: Vec<(String, String)> = match template {
            _ if template.starts_with("/v1/queue/{alert_id}") => vec![(
                template.replace("{alert_id}", &alert),
                template.replace("{alert_id}", &nowhere),
            )],
            _ if template.starts_with("/v1/batches/{number}") => vec![(
                template.replace("{number}", "1"),
                template.replace("{number}", "999"),
            )],
            "/v1/groups/{kind}/{id}" => [
                ("provider/79001", "provider/99999"),
                (
                    &*format!("person/{}", "10".repeat(16)),
                    &*format!("person/{nowhere}"),
                ),
            ]
            .map(|(own, none)| {
                let of = |group: &str| template.replace("{kind}/{id}", group);
                (of(own), of(none))
            })
            .to_vec(),
            // A request for a correction is of a person and of no province; streams, rejected rows and sources are of
            // roles that have no province.
            _ if template.starts_with("/v1/corrections/") => Vec::new(),
            "/v1/streams/{stream}" | "/v1/sources/{name}/resume" => Vec::new(),
            _ if template.starts_with("/v1/rejects/") => Vec::new(),
            _ => panic!("{template}: whose is it?"),
        };
        let action = route.action.unwrap().granted();
        if !is_allowed(Role::Reviewer, action) {
            continue;
        }
        let body = match template.rsplit('/').next().unwrap() {
            "act" => Some(with(json!({"action": "note", "note": "x"}))),
            "reveal" => Some(json!({
                "digest": seen["digest"], "row": 1, "before": 0, "purpose": "identity_check",
            })),
            "decide" => Some(json!({"decision": "return", "note": "x"})),
            "undo" => Some(json!({"note": "x"})),
            _ => None,
        };
        for (there, none) in pairs {
            let own = tam.ask(route.method, &there, body.as_ref());
            let none = tam.ask(route.method, &none, body.as_ref());
            assert_eq!(code(&own), (404, "not_found"), "{} {there}", route.method);
            assert_eq!(own, none, "{} {there}", route.method);
            tried += 1;
        }
    }
    assert!(tried >= 9, "{tried}");
    let (_, told) = tam.get("/v1/batches");
    assert_eq!(told["batches"], json!([]));
    let offer = offer(&tam, "view=open");
    assert_eq!(
        (&offer["alerts"], &offer["by_reason"]),
        (&0.into(), &json!([]))
    );
    let marked = json!({"alert_id": alert, "epoch": 1, "event": 0});
    assert_eq!(
        code(&tam.post("/v1/changes/seen", marked)),
        (404, "not_found")
    );
    for entry in house.desk_log.with("tam ") {
        assert!(!entry.contains(&alert), "{entry}");
    }
    assert_eq!(house.item(1).work, item.work);
    // One alert of another province keeps a whole batch from who works on some provinces.
    let mut of_theirs = finding(60);
    of_theirs.facility = Some("01001".to_owned());
    house.project(&[of_theirs], 5);
    let chi = Client::person(&house, "chi");
    let open = items(&tam, "view=open");
    assert_eq!(open.len(), 1);
    let all = self::offer(&chi, "view=open");
    assert_eq!(chi.post("/v1/batches", asked(&all, close())).0, 200);
    let own = self::offer(&chi, "view=open&province=01");
    assert_eq!(chi.post("/v1/batches", asked(&own, close())).0, 200);
    let (_, told) = tam.get("/v1/batches");
    let numbers: Vec<&Value> = (told["batches"].as_array().unwrap().iter())
        .map(|one| &one["number"])
        .collect();
    assert_eq!(numbers, [&json!(3)], "{told}");
    let (_, whole) = tam.get("/v1/batches/3");
    assert_eq!(whole["sample"][0]["alert_id"], id(60));
}
