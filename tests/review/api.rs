//! The same desk as JSON: who may do what, what moved, what is not theirs, and that two people are two through whatever
//! they come.

use fundwatch::access::{Role, is_allowed};
use fundwatch::review::{EvidenceDigest, Finding, Verdict, WorkAction, WorkState};
use fundwatch::web::ROUTES;
use serde_json::{Value, json};

use super::client::{Client, code};
use super::house::{House, viewer};
use super::made::{CARD, INSURANCE, finding, id};
use super::people::PEOPLE;
use super::visitor::Visitor;

fn is_twice_looked_at(house: &House, number: u32) -> bool {
    let chi = viewer("chi", Role::Supervisor);
    house.desk.is_look_due(&chi, &house.item(number)).unwrap()
}

/// An alert whose proposal is, or is not, looked at twice.
fn proposed(house: &House, is_twice: bool) -> u32 {
    let an = viewer("an", Role::Reviewer);
    for number in 10..32 {
        if house.item(number).work.state != WorkState::New {
            continue;
        }
        house.act(&an, number, WorkAction::Take, |_| {});
        house.act(&an, number, WorkAction::Propose, |act| {
            act.verdict = Some(Verdict::ConfirmedFraud);
            act.note = Some("Cơ sở xác nhận kê khống.".to_owned());
        });
        if is_twice_looked_at(house, number) == is_twice {
            return number;
        }
        house.act(&an, number, WorkAction::Retract, |_| {});
    }
    panic!("no such alert among those that there are");
}

/// More alerts, so that there is one that is looked at twice.
fn proposed_twice(house: &House) -> u32 {
    let findings: Vec<Finding> = (32..200).map(finding).collect();
    house.project(&findings, 4);
    let an = viewer("an", Role::Reviewer);
    for number in 32..200 {
        house.act(&an, number, WorkAction::Take, |_| {});
        house.act(&an, number, WorkAction::Propose, |act| {
            act.verdict = Some(Verdict::ConfirmedFraud);
            act.note = Some("Cơ sở xác nhận kê khống.".to_owned());
        });
        if is_twice_looked_at(house, number) {
            return number;
        }
    }
    panic!("one in twenty is looked at twice, and none of 168 is");
}

#[test]
fn a_route_is_refused_to_roles_without_its_permission() {
    let house = House::full();
    let path = |template: &str| {
        template
            .replace("{stream}", "claims")
            .replace("{alert_id}", &id(1))
            .replace("{name}", "http")
            .replace("{kind}/{id}", "provider/79001")
            .replace("{number}", "1")
            .replace("{reference}", &house.corrections[1])
            .replace("{id}", "5")
    };
    for route in ROUTES
        .iter()
        .filter(|route| route.template != "/v1/openapi.json")
    {
        let action = route.action.unwrap().granted();
        for role in Role::ALL.iter().copied() {
            let system = Client::system(&house, role);
            let answer = system.ask(route.method, &path(route.template), None);
            let what = format!("{} {} as {role}: {answer:?}", route.method, route.template);
            let of_people = ["/v1/queue", "/v1/batches", "/v1/corrections", "/v1/changes"];
            let is_of_people = of_people.iter().any(|own| route.template.starts_with(own));
            let is_work = route.method == "POST" && is_of_people;
            let expected = match (is_allowed(role, action), is_work) {
                (false, _) => Some("forbidden"),
                // A role is no person, and people decide.
                (true, true) => Some("no_person"),
                (true, false) => None,
            };
            match expected {
                Some(expected) => assert_eq!(code(&answer), (403, expected), "{what}"),
                None => assert!(
                    answer.0 != 403 && answer.0 != 401 && answer.0 != 405,
                    "{what}"
                ),
            }
        }
        for (name, _, role) in PEOPLE {
            let person = Client::person(&house, name);
            let (status, _) = person.ask(route.method, &path(route.template), None);
            let what = format!("{} {} as {name}: {status}", route.method, route.template);
            assert_eq!(status == 403, !is_allowed(role, action), "{what}");
        }
        let nobody = Client {
            house: &house,
            token: "nobody".to_owned(),
        };
        assert_eq!(nobody.ask(route.method, &path(route.template), None).0, 401);
    }
}

#[test]
fn the_queue_is_the_page_of_the_queue() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let mut ids = Vec::new();
    let mut page = "/v1/queue?view=open&limit=7".to_owned();
    loop {
        let (status, told) = an.get(&page);
        assert_eq!(status, 200, "{told}");
        assert_eq!(told["as_of"], 3);
        for item in told["items"].as_array().unwrap() {
            assert!(item["subject"]["masked"].as_str().unwrap().starts_with('•'));
            ids.push(item["alert_id"].as_str().unwrap().to_owned());
        }
        // What is raised meanwhile is on no page of these.
        house.project(
            &[Finding {
                raised_epoch: 9,
                ..finding(150)
            }],
            9,
        );
        match told["next_page"].as_str() {
            Some(next) => page = format!("/v1/queue?view=open&limit=7&page={next}"),
            None => break,
        }
    }
    let mut expected: Vec<(u32, String)> = (0..32)
        .map(|number| house.item(number))
        .filter(|item| item.work.state == WorkState::New)
        .map(|item| (item.finding.priority, item.finding.alert_id))
        .collect();
    expected.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids, expected);
    for wrong in [
        "view=x",
        "reason=none",
        "band=p9",
        "province=7",
        "facility=HT3797900000001",
        "assignee=%3Cb%3E",
        "as_of=-1",
        "as_of=x",
        "page=x",
        "limit=0",
        "limit=1001",
        "nothing=1",
        "view=open&view=open",
    ] {
        let answer = an.get(&format!("/v1/queue?{wrong}"));
        assert_eq!(code(&answer), (400, "bad_parameter"), "{wrong}");
        assert!(!answer.1.to_string().contains(CARD), "{wrong}");
    }
}

#[test]
fn an_alert_is_taken_and_decided_by_two_people() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let whole = an.one(10);
    assert_eq!(whole["item"]["work"]["state"], "new");
    assert_eq!(whole["allowed"], json!(["take", "note"]));
    let (status, look) = an.act(10, json!({"action": "take"}));
    assert_eq!(status, 200, "{look}");
    assert_eq!(look["item"]["work"]["assignee"], "an");
    for (what, expected) in [
        (json!({"action": "close"}), (422, "verdict_missing")),
        (
            json!({"action": "close", "verdict": "legitimate_other"}),
            (422, "note_missing"),
        ),
        (
            json!({"action": "close", "verdict": "confirmed_fraud", "note": "x"}),
            (422, "needs_approval"),
        ),
        (
            json!({"action": "wait", "until": "2020-01-01"}),
            (422, "bad_day"),
        ),
        (json!({"action": "approve"}), (422, "not_possible")),
        (
            json!({"action": "assign", "assignee": "binh"}),
            (403, "not_theirs"),
        ),
        (
            json!({"action": "take", "verdict": "duplicate"}),
            (422, "field_not_taken"),
        ),
        (json!({"action": "dance"}), (422, "unknown_action")),
        (json!({"action": "note", "why": "x"}), (400, "bad_document")),
    ] {
        let answer = an.act(10, what.clone());
        assert_eq!(code(&answer), expected, "{what} {answer:?}");
    }
    let number = proposed(&house, false);
    let answer = an.act(number, json!({"action": "approve"}));
    assert_eq!(
        code(&answer),
        (403, "not_theirs"),
        "a reviewer approves nothing"
    );
    let chi = Client::person(&house, "chi");
    let (status, look) = chi.act(number, json!({"action": "approve"}));
    assert_eq!(
        (status, &look["item"]["work"]["state"]),
        (200, &"closed".into()),
        "{look}"
    );
    assert_eq!(
        look["item"]["work"]["decision"]["verdict"],
        "confirmed_fraud"
    );
    let events = chi.one(number)["events"].clone();
    let last = &events.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["actor"]["name"], &last["action"]),
        (&"chi".into(), &"approve".into())
    );
    let entry = format!("chi Did(Approve, \"{}\")", id(number));
    assert_eq!(house.desk_log.with(&entry).len(), 1);
}

/// A supervisor who proposes on a page and approves with a token is one person, and the other way around.
#[test]
fn one_person_is_one_through_a_session_and_a_token() {
    let house = House::full();
    let mut session = Visitor::signed_in(&house.address, "chi");
    let token = Client::person(&house, "chi");
    let (note, verdict) = ("Cơ sở xác nhận.", "confirmed_fraud");
    let page_act = |session: &mut Visitor, number: u32, fields: &[(&str, &str)]| {
        let address = format!("/alerts/{}", id(number));
        let page = session.get(&format!("{address}?view=open"));
        let hidden = ["csrf", "version", "digest"].map(|name| (name, page.field(name)));
        let mut form: Vec<(&str, &str)> =
            hidden.iter().map(|(name, text)| (*name, &**text)).collect();
        form.extend_from_slice(fields);
        session.post(&format!("{address}/act"), &form).status
    };
    // Proposed on the page, approved with the token.
    assert_eq!(page_act(&mut session, 11, &[("action", "take")]), 303);
    let propose = [("action", "propose"), ("verdict", verdict), ("note", note)];
    assert_eq!(page_act(&mut session, 11, &propose), 303);
    let answer = token.act(11, json!({"action": "approve"}));
    assert_eq!(answer.0, 403, "{answer:?}");
    assert!(
        ["took_part", "not_theirs"].contains(&code(&answer).1),
        "{answer:?}"
    );
    // Proposed with the token, approved on the page.
    assert_eq!(token.act(12, json!({"action": "take"})).0, 200);
    let propose = json!({"action": "propose", "verdict": verdict, "note": note});
    assert_eq!(token.act(12, propose).0, 200);
    assert_eq!(page_act(&mut session, 12, &[("action", "approve")]), 422);
    for number in [11, 12] {
        assert_eq!(house.item(number).work.state, WorkState::Proposed);
    }
}

#[test]
fn what_moved_is_told_and_not_done() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let before = an.one(1)["item"].clone();
    let binh = viewer("binh", Role::Reviewer);
    house.act(&binh, 1, WorkAction::Note, |act| {
        act.note = Some("Xem lại số tiền.".to_owned());
    });
    let changed = Finding {
        digest: EvidenceDigest([9; 16]),
        changed_epoch: 4,
        ..finding(1)
    };
    house.project(&[changed], 4);
    let act = json!({
        "action": "close",
        "verdict": "duplicate",
        "version": before["version"],
        "digest": before["digest"],
    });
    let path = format!("/v1/queue/{}/act", id(1));
    let answer = an.post(&path, act.clone());
    assert_eq!(code(&answer), (409, "moved"));
    let told = &answer.1;
    assert_eq!(
        (&told["acted_on"], &told["evidence_changed"]),
        (&true.into(), &true.into())
    );
    assert_eq!(told["now"]["item"]["digest"], "09".repeat(16));
    assert_eq!(house.item(1).work.state, WorkState::InReview);
    let seen = format!("an Alert(\"{}\")", id(1));
    let looks = house.desk_log.with(&seen).len();
    assert_eq!(looks, 2, "what a refusal shows is a look");
    // As it is now, it is done; sent again, it is not done twice.
    let mut again = act;
    again["version"] = told["now"]["item"]["version"].clone();
    again["digest"] = told["now"]["item"]["digest"].clone();
    assert_eq!(an.post(&path, again.clone()).0, 200);
    assert_eq!(code(&an.post(&path, again)), (409, "moved"));
    assert_eq!(house.item(1).work.state, WorkState::Closed);
}

#[test]
fn several_alerts_are_acted_on_each_as_it_was_seen() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let seen = |number: u32, version: u64| {
        let item = &an.one(number)["item"];
        json!({"alert_id": id(number), "version": version, "digest": item["digest"]})
    };
    let alerts = json!([seen(10, 0), seen(11, 5), seen(5, 2), {
        "alert_id": "f".repeat(32), "version": 0, "digest": "0".repeat(32),
    }]);
    let (status, told) = an.post("/v1/queue/act", json!({"action": "take", "alerts": alerts}));
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["done"], &told["refused"]),
        (&1.into(), &3.into()),
        "{told}"
    );
    let codes: Vec<&str> = (told["outcomes"].as_array().unwrap().iter())
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["done", "moved", "not_possible", "not_found"]);
    assert_eq!(told["outcomes"][0]["now"]["item"]["work"]["assignee"], "an");
    assert_eq!(told["outcomes"][1]["now"]["item"]["version"], 0);
    assert_eq!(told["outcomes"][3]["now"], Value::Null);
    let of = |action: &str, verdict: Option<&str>| {
        let mut what = json!({"action": action, "alerts": [seen(10, 1)], "note": "x"});
        if let Some(verdict) = verdict {
            what["verdict"] = verdict.into();
        }
        an.post("/v1/queue/act", what)
    };
    for (action, verdict) in [
        ("approve", None),
        ("propose", Some("confirmed_fraud")),
        ("close", Some("legitimate_other")),
        ("reopen", None),
    ] {
        assert_eq!(code(&of(action, verdict)), (422, "one_by_one"), "{action}");
    }
    assert_eq!(of("close", Some("duplicate")).0, 200);
    assert_eq!(house.item(10).work.state, WorkState::Closed);
    let none = json!({"action": "take", "alerts": []});
    assert_eq!(code(&an.post("/v1/queue/act", none)), (422, "no_alert"));
    let one = seen(20, 0);
    let many = json!({"action": "take", "alerts": vec![one; 51]});
    assert_eq!(code(&an.post("/v1/queue/act", many)), (422, "too_many"));
    assert_eq!(house.item(20).work.state, WorkState::New);
}

#[test]
fn alerts_of_another_province_are_not_there() {
    let house = House::full();
    let tam = Client::person(&house, "tam");
    let item = house.item(1);
    let seen = json!({"version": item.work.version, "digest": item.finding.digest.to_string()});
    let group = item.finding.person.unwrap();
    let act = |action: &str| {
        let mut act = seen.clone();
        act["action"] = action.into();
        act["note"] = "x".into();
        act
    };
    let alert = id(1);
    for (method, path, body) in [
        ("GET", format!("/v1/queue/{alert}"), None),
        ("POST", format!("/v1/queue/{alert}/act"), Some(act("note"))),
        (
            "POST",
            format!("/v1/queue/{alert}/act"),
            Some(act("reopen")),
        ),
        ("GET", format!("/v1/groups/person/{group}"), None),
        ("GET", "/v1/groups/provider/79001".to_owned(), None),
    ] {
        let theirs = tam.ask(method, &path, body.as_ref());
        let nowhere = path
            .replace(&alert, &"e".repeat(32))
            .replace("79001", "99999");
        let nowhere = nowhere.replace(&group.to_string(), &"e".repeat(32));
        let none = tam.ask(method, &nowhere, body.as_ref());
        assert_eq!(code(&theirs), (404, "not_found"), "{method} {path}");
        assert_eq!(
            theirs, none,
            "{method} {path}: it is told apart from what is not there"
        );
    }
    let mut alerts = act("take");
    alerts.as_object_mut().unwrap().remove("action");
    alerts.as_object_mut().unwrap().remove("note");
    alerts["alert_id"] = alert.clone().into();
    let (_, told) = tam.post(
        "/v1/queue/act",
        json!({"action": "take", "alerts": [alerts]}),
    );
    assert_eq!(told["outcomes"][0]["status"], 404);
    assert_eq!(told["outcomes"][0]["now"], Value::Null);
    for view in ["open", "under_way", "proposed", "recheck"] {
        let (_, told) = tam.get(&format!("/v1/queue?view={view}"));
        assert_eq!(told["items"], json!([]), "{view}");
    }
    let (_, told) = tam.get("/v1/changes?since=0");
    assert_eq!((&told["alerts"], &told["raised"]), (&json!([]), &0.into()));
    assert_eq!(house.item(1).work, item.work);
    // A supervisor's look before an approval is bound likewise; nobody of the house supervises elsewhere.
    let an = Client::person(&house, "an");
    let look = json!({"version": 2, "verdict": "duplicate"});
    let (status, _) = an.post(&format!("/v1/queue/{}/second-look", id(5)), look);
    assert_eq!(status, 403);
}

#[test]
fn what_is_proposed_is_told_after_a_look_of_ones_own() {
    let house = House::full();
    let number = proposed_twice(&house);
    let chi = Client::person(&house, "chi");
    for caller in [&chi, &Client::system(&house, Role::Supervisor)] {
        let whole = caller.one(number);
        assert_eq!(whole["second_look_due"], true);
        assert_eq!(whole["item"]["work"]["decision"], Value::Null);
        let told = whole.to_string();
        assert!(
            !told.contains("confirmed_fraud") && !told.contains("kê khống"),
            "{told}"
        );
    }
    let (_, listed) = chi.get("/v1/queue?view=proposed&limit=1000");
    assert!(!listed.to_string().contains("confirmed_fraud"), "{listed}");
    let refused = chi.act(number, json!({"action": "approve"}));
    assert_eq!(code(&refused), (422, "second_look_due"));
    let version = chi.one(number)["item"]["version"].clone();
    let path = format!("/v1/queue/{}/second-look", id(number));
    let stale = chi.post(&path, json!({"version": 0, "verdict": "duplicate"}));
    assert_eq!(code(&stale), (409, "moved"));
    assert!(
        !stale.1.to_string().contains("confirmed_fraud"),
        "{stale:?}"
    );
    let (status, told) = chi.post(&path, json!({"version": version, "verdict": "duplicate"}));
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        told,
        json!({"own": "duplicate", "proposed": "confirmed_fraud", "is_same": false})
    );
    // The first look stands.
    let (_, again) = chi.post(
        &path,
        json!({"version": version, "verdict": "confirmed_fraud"}),
    );
    assert_eq!(again["own"], "duplicate");
    let (status, look) = chi.act(number, json!({"action": "approve"}));
    assert_eq!(
        (status, &look["item"]["work"]["state"]),
        (200, &"closed".into()),
        "{look}"
    );
    let events = chi.one(number)["events"].clone();
    assert_eq!(
        events.as_array().unwrap().last().unwrap()["look"],
        "duplicate"
    );
}

#[test]
fn a_person_is_found_by_number_and_told_by_a_pseudonym() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let key = house.desk.key();
    let person = key.group("participants", INSURANCE);
    house.project(
        &[Finding {
            person: Some(person),
            ..finding(20)
        }],
        5,
    );
    for number in [INSURANCE, " ht 3 79 79-0000-0001 "] {
        let (status, told) = an.post("/v1/search", json!({ "number": number }));
        assert_eq!(status, 200, "{told}");
        assert_eq!(
            told["group"],
            json!({"kind": "person", "id": person.to_string()})
        );
    }
    let (_, group) = an.get(&format!("/v1/groups/person/{person}"));
    assert_eq!(group["items"][0]["alert_id"], id(20));
    assert_eq!(
        (&group["is_limited"], &group["by_reason"][0]["alerts"]),
        (&false.into(), &1.into())
    );
    let (_, none) = an.post("/v1/search", json!({"number": "7900000099"}));
    assert_eq!((&none["group"], &none["as_of"]), (&Value::Null, &5.into()));
    let bad = an.post("/v1/search", json!({"number": "Nguyễn An 790000"}));
    assert_eq!(code(&bad), (422, "bad_number"));
    assert!(!bad.1.to_string().contains("790000"), "{bad:?}");
    assert_eq!(house.desk_log.with("an Search").len(), 3);
    for _ in 3..fundwatch::review::SEARCHES_PER_HOUR {
        assert_eq!(an.post("/v1/search", json!({"number": INSURANCE})).0, 200);
    }
    assert_eq!(
        code(&an.post("/v1/search", json!({"number": INSURANCE}))),
        (429, "spent")
    );
}

#[test]
fn changes_are_net_and_logged() {
    let house = House::full();
    let giang = Client::person(&house, "giang");
    let (status, told) = giang.get("/v1/changes?since=2");
    assert_eq!(status, 200, "{told}");
    assert_eq!((&told["since"], &told["until"]), (&2.into(), &3.into()));
    assert_eq!(
        (&told["changed"], &told["withdrawn"], &told["raised"]),
        (&1.into(), &1.into(), &0.into())
    );
    let mut expected = [(id(9), "changed"), (id(7), "withdrawn")];
    expected.sort();
    let expected: Vec<Value> = (expected.iter())
        .map(|(id, kind)| json!({"alert_id": id, "kind": kind}))
        .collect();
    assert_eq!(told["alerts"], Value::Array(expected));
    for wrong in ["", "?since=", "?since=x", "?since=-1", "?since=1&x=1"] {
        let answer = giang.get(&format!("/v1/changes{wrong}"));
        assert_eq!(code(&answer), (400, "bad_parameter"), "{wrong}");
    }
}

#[test]
fn nothing_is_told_that_cannot_be_logged() {
    let house = House::full();
    let an = Client::person(&house, "an");
    house
        .desk_log
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    for path in [
        "/v1/queue".to_owned(),
        format!("/v1/queue/{}", id(1)),
        "/v1/groups/provider/79001".to_owned(),
    ] {
        assert_eq!(code(&an.get(&path)), (503, "unavailable"), "{path}");
    }
    let item = house.desk.is_theirs(&viewer("an", Role::Reviewer), &id(10));
    assert!(item.unwrap());
    let seen = json!({"action": "take", "version": 0, "digest": "01".repeat(16)});
    let answer = an.post(&format!("/v1/queue/{}/act", id(10)), seen);
    assert_eq!(code(&answer), (503, "unavailable"));
    house
        .desk_log
        .is_full
        .store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(house.item(10).work.state, WorkState::New);
}
