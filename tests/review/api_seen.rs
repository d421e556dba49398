//! What changed since somebody marked a list as seen, as JSON: the marks are those of the pages.

use fundwatch::access::Role;
use fundwatch::review::{Place, View};
use serde_json::{Value, json};

use super::client::{Client, code};
use super::house::{House, viewer};
use super::made::id;
use super::visitor::Visitor;

fn told(client: &Client<'_>, query: &str) -> Value {
    let (status, told) = client.get(&format!("/v1/changes?{query}"));
    assert_eq!(status, 200, "{told}");
    told
}

fn mark(client: &Client<'_>, place: &str, told: &Value) -> (u16, Value) {
    let seen = json!({"place": place, "epoch": told["until"], "event": told["event"]});
    client.post("/v1/changes/seen", seen)
}

#[test]
fn what_is_marked_with_a_token_is_seen_on_the_pages_and_the_other_way_around() {
    let house = House::full();
    let an = Client::person(&house, "an");
    // As the page tells it.
    let mine = told(&an, "place=mine");
    let desk = (house.desk).since_look(&viewer("an", Role::Reviewer), &Place::Mine, None);
    let desk = desk.unwrap().unwrap();
    assert_eq!(mine["since"], desk.from.epoch);
    assert_eq!(
        (&mine["raised"], &mine["changed"], &mine["withdrawn"]),
        (
            &desk.changes.raised.into(),
            &desk.changes.changed.into(),
            &desk.changes.withdrawn.into()
        )
    );
    let events = mine["events"].as_array().unwrap();
    assert_eq!(events.len(), desk.events.len());
    let by_chi = (events.iter()).find(|event| event["alert_id"] == id(9));
    let by_chi = by_chi.expect("a note of a supervisor");
    assert_eq!(
        (&by_chi["actor"]["name"], &by_chi["action"]),
        (&"chi".into(), &"note".into())
    );
    assert!(!mine.to_string().contains("Đề nghị xem lại"), "no words");
    // To look at it changes nothing.
    assert_eq!(told(&an, "place=mine"), mine);

    let (status, answer) = mark(&an, "mine", &mine);
    assert_eq!((status, answer), (200, json!({"state": "seen"})));
    let after = told(&an, "place=mine");
    assert_eq!(after["since"], mine["until"]);
    assert_eq!(
        (&after["alerts"], &after["events"]),
        (&json!([]), &json!([]))
    );
    let count = house
        .desk
        .changed_count(&viewer("an", Role::Reviewer), &Place::Mine);
    assert_eq!(count.unwrap().unwrap().count, 0);
    let mut session = Visitor::signed_in(&house.address, "an");
    let page = session.get("/changes?place=mine");
    assert!(!page.body.contains(&id(9)), "{}", page.body);

    // Marked on the page, seen here.
    assert!(told(&an, "place=open")["changed"].as_u64().is_some());
    let csrf = session.get("/account").field("csrf");
    let form = [
        ("csrf", &*csrf),
        ("place", "open"),
        ("epoch", "3"),
        ("event", "1"),
    ];
    assert_eq!(session.post("/changes", &form).status, 303);
    assert_eq!(told(&an, "place=open")["since"], 3);
    // Somebody else's marks are theirs.
    let binh = Client::person(&house, "binh");
    let none = told(&binh, "place=mine");
    assert_eq!((&none["since"], &none["until"]), (&Value::Null, &3.into()));
    assert_eq!(none["alerts"], json!([]));
}

#[test]
fn nothing_is_seen_that_has_not_happened_and_what_was_seen_stays_seen() {
    let house = House::full();
    let binh = Client::person(&house, "binh");
    let seen = |epoch: u64, event: u64| json!({"place": "open", "epoch": epoch, "event": event});
    let far = u64::try_from(i64::MAX).unwrap();
    assert_eq!(binh.post("/v1/changes/seen", seen(far, far)).0, 200);
    assert_eq!(told(&binh, "place=open")["since"], 3);
    assert_eq!(binh.post("/v1/changes/seen", seen(1, 0)).0, 200);
    assert_eq!(told(&binh, "place=open")["since"], 3);
    let here = house.desk.here().unwrap();
    let own = (house.desk).since_look(
        &viewer("binh", Role::Reviewer),
        &Place::List(View::Open),
        None,
    );
    assert_eq!(own.unwrap().unwrap().from.event, here.event);
    // An alert is marked by its id.
    let alert = json!({"alert_id": id(1), "epoch": 3, "event": here.event});
    assert_eq!(binh.post("/v1/changes/seen", alert).0, 200);
    for (wrong, expected) in [
        (
            json!({"place": "nowhere", "epoch": 3, "event": 1}),
            (422, "unknown_place"),
        ),
        (json!({"epoch": 3, "event": 1}), (422, "one_place")),
        (
            json!({"place": "open", "alert_id": id(1), "epoch": 3, "event": 1}),
            (422, "one_place"),
        ),
        (
            json!({"alert_id": "x", "epoch": 3, "event": 1}),
            (404, "not_found"),
        ),
        (
            json!({"alert_id": "e".repeat(32), "epoch": 3, "event": 1}),
            (404, "not_found"),
        ),
        (
            json!({"place": "open", "epoch": -1, "event": 1}),
            (400, "bad_document"),
        ),
        (
            json!({"place": "open", "epoch": far + 1, "event": 1}),
            (400, "bad_document"),
        ),
        (json!({"place": "open", "epoch": 3}), (400, "bad_document")),
    ] {
        let answer = binh.post("/v1/changes/seen", wrong.clone());
        assert_eq!(code(&answer), expected, "{wrong}");
    }
    for role in [Role::Auditor, Role::Reviewer] {
        let system = Client::system(&house, role);
        let answer = system.post("/v1/changes/seen", seen(3, 1));
        assert_eq!(code(&answer), (403, "no_person"), "{role}");
        // What a person marked is not a system's to ask for.
        assert_eq!(
            code(&system.get("/v1/changes?place=open")),
            (403, "no_person")
        );
        assert_eq!(system.get("/v1/changes?since=1").0, 200);
    }
    for wrong in ["", "place=x", "place=alert", "place=open&since=x"] {
        let answer = binh.get(&format!("/v1/changes?{wrong}"));
        assert_eq!(code(&answer), (400, "bad_parameter"), "{wrong}");
    }
}
