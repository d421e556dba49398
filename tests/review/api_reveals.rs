//! Rows behind an alert as JSON: masked, and one of them unmasked, once, after that is recorded.

use fundwatch::access::Role;
use fundwatch::review::{EvidenceDigest, Finding, REVEALS_PER_HOUR};
use serde_json::{Value, json};

use super::client::{Client, code};
use super::house::House;
use super::made::{CARD, CITIZEN, NAME, NUMBERS, finding, id};
use super::visitor::Visitor;

/// Of what every alert rests on as it is made.
const DIGEST: &str = "01010101010101010101010101010101";

fn path(number: u32) -> String {
    format!("/v1/queue/{}/reveal", id(number))
}

fn asked(row: u32, before: u32) -> Value {
    json!({"row": row, "before": before, "digest": DIGEST, "purpose": "identity_check"})
}

fn tells(answer: &Value) -> bool {
    let text = answer.to_string();
    NUMBERS.iter().any(|number| text.contains(number)) || text.contains("Nguyễn Mẫu An")
}

#[test]
fn a_row_is_told_once_by_the_names_of_its_fields() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let rows = format!("/v1/queue/{}/rows", id(1));
    let (status, headers, before) = an.answer("GET", &rows, None);
    assert_eq!(status, 200, "{before}");
    assert_eq!(headers["content-language"], "vi");
    assert!(!tells(&before), "{before}");
    assert_eq!(
        (&before["digest"], &before["before"], &before["can_reveal"]),
        (&DIGEST.into(), &0.into(), &true.into())
    );
    let masked = json!(["full_name", "birth_date", "card_number"]);
    assert_eq!(before["rows"][0]["masked"], masked);
    assert_eq!(before["rows"][3]["texts"], Value::Null, "it was erased");
    let numbers: Vec<u64> = (before["rows"].as_array().unwrap().iter())
        .map(|row| row["number"].as_u64().unwrap())
        .collect();
    assert_eq!(
        (numbers, &before["rows_in_all"]),
        (vec![1, 2, 3, 4], &9.into())
    );

    let (status, headers, told) = an.answer("POST", &path(1), Some(&asked(1, 0)));
    assert_eq!(status, 200, "{told}");
    assert_eq!(headers["cache-control"], "no-store");
    let field = |name: &str, value: &str| json!({"name": name, "value": value});
    assert_eq!(
        (&told["row"], &told["stream"]),
        (&1.into(), &"claims".into())
    );
    let fields = told["fields"].as_array().unwrap();
    assert_eq!(fields[0], field("full_name", NAME));
    assert_eq!(fields[2], field("card_number", CARD));
    assert!(!told.to_string().contains(CITIZEN), "one row");

    // Sent again, nothing is told; whoever sees the alert sees that it was, and not what.
    let again = an.post(&path(1), asked(1, 0));
    assert_eq!(code(&again), (409, "shown_before"));
    assert!(!tells(&again.1));
    let giang = Client::person(&house, "giang");
    for caller in [&an, &giang] {
        let whole = caller.one(1);
        assert!(!tells(&whole));
        let reveals = whole["reveals"].as_array().unwrap();
        assert_eq!(reveals.len(), 1);
        assert_eq!(reveals[0]["fields"], masked);
        assert_eq!(reveals[0]["actor"], "an");
    }
    assert_eq!(an.get(&rows).1["before"], 1);
    let theirs = giang.get(&rows).1;
    assert_eq!(
        (&theirs["before"], &theirs["can_reveal"]),
        (&0.into(), &false.into())
    );
    let entries = house.desk_log.with("Reveal");
    assert_eq!(entries.len(), 1);
    assert!(entries[0].starts_with("an ") && entries[0].contains("full_name"));
    for text in NUMBERS.iter().chain(&["Nguyễn Mẫu An"]) {
        assert!(house.desk_log.with(text).is_empty(), "{text}");
    }
}

#[test]
fn who_may_not_is_told_nothing_and_not_whether_there_is_such_an_alert() {
    let house = House::full();
    // Of another province, not taken, taken by somebody else, closed, not there.
    let mut answers = Vec::new();
    for (name, number) in [
        ("tam", 1),
        ("an", 10),
        ("binh", 1),
        ("an", 9),
        ("an", 4_000),
    ] {
        let answer = Client::person(&house, name).post(&path(number), asked(1, 0));
        assert_eq!(code(&answer), (404, "not_found"), "{name} {number}");
        answers.push(answer);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let giang = Client::person(&house, "giang");
    assert_eq!(code(&giang.post(&path(1), asked(1, 0))), (403, "forbidden"));
    for role in [Role::Reviewer, Role::Supervisor] {
        let system = Client::system(&house, role);
        let answer = system.post(&path(1), asked(1, 0));
        assert_eq!(code(&answer), (403, "no_person"), "{role}");
    }
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
    // A supervisor has all of theirs.
    let chi = Client::person(&house, "chi");
    let (status, told) = chi.post(&path(1), asked(2, 0));
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["stream"], "death_reports");
}

#[test]
fn what_is_missing_or_moved_is_said_and_nothing_told() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let with = |name: &str, value: Value| {
        let mut asked = asked(1, 0);
        asked[name] = value;
        asked
    };
    for (asked, expected) in [
        (
            with("purpose", "curiosity".into()),
            (422, "unknown_purpose"),
        ),
        (
            with("purpose", "other_documented".into()),
            (422, "note_missing"),
        ),
        (
            with("note", "x".repeat(4_001).into()),
            (422, "note_too_long"),
        ),
        (with("row", 0.into()), (422, "no_such_row")),
        (with("row", 4.into()), (422, "no_such_row")),
        (with("row", 99.into()), (422, "no_such_row")),
        (with("digest", "x".into()), (422, "bad_digest")),
        (with("digest", "02".repeat(16).into()), (409, "moved")),
        (with("before", 1.into()), (409, "shown_before")),
        (with("row", (-1).into()), (400, "bad_document")),
        (with("why", "x".into()), (400, "bad_document")),
        (
            json!({"row": 1, "before": 0, "digest": DIGEST}),
            (400, "bad_document"),
        ),
    ] {
        let answer = an.post(&path(1), asked.clone());
        assert_eq!(code(&answer), expected, "{asked}");
        assert!(!tells(&answer.1), "{asked}");
    }
    // Rows are asked for by number, and so of the evidence that was looked at.
    let changed = Finding {
        digest: EvidenceDigest([2; 16]),
        changed_epoch: 4,
        ..finding(1)
    };
    house.project(&[changed], 4);
    let answer = an.post(&path(1), asked(1, 0));
    assert_eq!(code(&answer), (409, "moved"));
    assert_eq!(answer.1["now"]["item"]["digest"], "02".repeat(16));
    assert!(!tells(&answer.1));
    // What cannot be recorded is not told.
    house.desk_log.fail_on("Reveal");
    let answer = an.post(&path(1), with("digest", "02".repeat(16).into()));
    assert_eq!(code(&answer), (503, "unavailable"));
    assert!(!tells(&answer.1));
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
}

/// The bound is of the person, through whatever they come, and what they had shown on a page counts.
#[test]
fn pages_and_tokens_count_as_one() {
    let house = House::full();
    let an = Client::person(&house, "an");
    let mut session = Visitor::signed_in(&house.address, "an");
    let csrf = session.get("/account").field("csrf");
    for number in 0..REVEALS_PER_HOUR {
        if number % 2 == 0 {
            let before = number.to_string();
            let form = [
                ("csrf", &*csrf),
                ("row", "1"),
                ("before", &*before),
                ("digest", DIGEST),
                ("purpose", "identity_check"),
            ];
            let page = format!("/alerts/{}/reveal", id(1));
            assert_eq!(session.post(&page, &form).status, 200, "{number}");
            // What the page has shown, the token has passed.
            let answer = an.post(&path(1), asked(1, number));
            assert_eq!(code(&answer), (409, "shown_before"));
        } else {
            assert_eq!(an.post(&path(1), asked(1, number)).0, 200, "{number}");
        }
    }
    let (status, headers, told) = an.answer("POST", &path(1), Some(&asked(1, REVEALS_PER_HOUR)));
    assert_eq!((status, &told["code"]), (429, &"spent".into()));
    let after: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3_000..=3_600).contains(&after), "{after}");
    assert!(!tells(&told));
}
