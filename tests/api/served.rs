//! What a running service tells to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fundwatch::access::{Register, Role, UserState};
use fundwatch::notice::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::client::Served;
use crate::running::until;

/// Every alert that a caller is told, page by page.
fn alerts(served: &Served, token: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut path = "/v1/alerts?state=active&limit=50".to_owned();
    loop {
        let (status, page) = served.get(&path, token);
        assert_eq!(status, 200, "{page}");
        for alert in page["alerts"].as_array().expect("a list") {
            let id = alert["alert_id"].as_str().expect("an id").to_owned();
            assert!(found.insert(id, alert.clone()).is_none(), "told twice");
        }
        match page["next_page"].as_str() {
            Some(next) => path = format!("/v1/alerts?state=active&limit=50&page={next}"),
            None => return found,
        }
    }
}

/// A key as it may be told, by hand: letters of a card, and nine digits or more in a row, but for the last three.
fn masked(is_visit: bool, key: &str) -> String {
    let one = |part: &str| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let is_number = digits.len() >= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        match is_number {
            true => format!("•••{}", &digits[digits.len() - 3..]),
            false => part.to_owned(),
        }
    };
    match is_visit {
        true => key.to_owned(),
        false => key.split('/').map(one).collect::<Vec<_>>().join("/"),
    }
}

fn province(alert: &Value) -> Option<String> {
    let kind = alert["subject"]["kind"].as_str()?;
    let is_visit = matches!(kind, "claim" | "check_in");
    let id = alert["subject"]["id"].as_str().filter(|_| is_visit)?;
    Some(id[..2].to_owned())
}

#[test]
fn alerts_are_masked_and_of_the_provinces_of_who_asks_as_they_are_now() {
    let served = Served::start();
    let auditor = served.role("auditor");
    let (status, lines) = served.text("/v1/alerts.ndjson", &auditor);
    assert_eq!(status, 200);
    let whole: BTreeMap<String, Value> = lines
        .lines()
        .map(|line| {
            let alert: Value = serde_json::from_str(line).expect("a line");
            (alert["alert_id"].as_str().expect("an id").to_owned(), alert)
        })
        .collect();
    let told = alerts(&served, &auditor);
    assert!(told.keys().eq(whole.keys()) && !told.is_empty());
    let mut numbers = 0;
    for (id, alert) in &told {
        let mut expected = whole[id].clone();
        let kind = expected["subject"]["kind"]
            .as_str()
            .expect("a kind")
            .to_owned();
        let is_visit = |name: &str| matches!(name, "claim" | "check_in" | "claims" | "check_ins");
        let mut mask = |of: &mut Value, is_visit: bool| {
            let key = of.as_str().expect("a key").to_owned();
            let masked = masked(is_visit, &key);
            numbers += usize::from(masked != key);
            *of = masked.into();
        };
        mask(&mut expected["subject"]["id"], is_visit(&kind));
        for row in expected["evidence"].as_array_mut().expect("a list") {
            let is_visit = is_visit(row["stream"].as_str().expect("a stream"));
            mask(&mut row["key"], is_visit);
        }
        let mut alert = alert.clone();
        let fields = alert.as_object_mut().expect("an object");
        assert_eq!(fields.remove("state"), Some(json!("active")));
        assert!(fields.remove("changed_epoch").is_some());
        assert_eq!(alert, expected);
    }
    assert!(numbers > 0, "no alert has a number: nothing is tested");

    // Of a user, those of their provinces and those of none.
    let provinces: BTreeSet<String> = whole.values().filter_map(province).collect();
    let one = provinces.first().expect("a province");
    let lan = served.user("lan", Role::Reviewer, &[one]);
    let is_theirs = |alert: &Value| province(alert).is_none_or(|own| own == *one);
    let expected: Vec<&String> = (whole.iter())
        .filter(|(_, alert)| is_theirs(alert))
        .map(|(id, _)| id)
        .collect();
    let own = alerts(&served, &lan);
    assert!(own.keys().eq(expected.iter().copied()));
    assert!(own.len() < whole.len() || provinces.len() == 1);
    let (_, queue) = served.get("/v1/queue?view=open&limit=1000", &lan);
    assert_eq!(queue["items"].as_array().map(Vec::len), Some(own.len()));
    for (id, alert) in &whole {
        let (status, _) = served.get(&format!("/v1/queue/{id}"), &lan);
        assert_eq!(status == 200, is_theirs(alert), "{id}");
        assert!([200, 404].contains(&status));
    }

    // What is taken away whole is for an auditor of all provinces.
    let bound = served.user("bound", Role::Auditor, &[one]);
    let free = served.user("free", Role::Auditor, &[]);
    assert_eq!(served.text("/v1/alerts.ndjson", &free).0, 200);
    assert_eq!(served.text("/v1/history.ndjson", &bound).0, 403);

    // A user who is disabled has no token any more.
    let mut register = Register::open(&served.data.path()).expect("a register");
    let mut set = |state| {
        let set = register.set_user_state("lan", state, SystemClock.now());
        assert!(set.expect("kept"));
    };
    set(UserState::Disabled);
    until("the token is refused", Duration::from_secs(5), || {
        (served.get("/v1/queue", &lan).0 == 401).then_some(())
    });
    set(UserState::Active);
    until("the token is known again", Duration::from_secs(5), || {
        (served.get("/v1/queue", &lan).0 == 200).then_some(())
    });
}

#[test]
fn a_row_is_repaired_by_one_row() {
    let served = Served::start_empty();
    let operator = served.role("operator");
    served.service.push("cards", "{\"card_number\":\"x\"}");
    let reject = until("the reject is stored", Duration::from_secs(30), || {
        let (_, page) = served.get("/v1/rejects", &operator);
        page["rejects"].get(0).cloned()
    });
    let path = format!("/v1/rejects/{}", reject["id"]);
    let card = "{\"card_number\":\"HT3797900000001\",\"valid_from\":\"2025-01-01\"}";
    for wrong in ["null", "", "\n\n", &format!("{card}\n{card}")] {
        let (status, problem) = served.post(&format!("{path}/repair"), &operator, wrong);
        assert_eq!(status, 422, "{wrong}: {problem}");
        assert_eq!(served.get(&path, &operator).1["state"], "open", "{wrong}");
    }
}

/// The row of a number is the one that the alert names in that place, and what is told of it is what was sent.
#[test]
fn a_row_is_told_unmasked_as_it_was_sent() {
    let served = Served::start();
    let (chi, auditor) = (
        served.user("chi", Role::Supervisor, &[]),
        served.role("auditor"),
    );
    let (_, lines) = served.text("/v1/alerts.ndjson", &auditor);
    // The number that keys a row of a stream, as a field.
    let keys = BTreeMap::from([
        ("cards", "card_number"),
        ("participants", "si_number"),
        ("citizens", "personal_id"),
    ]);
    let mut told = BTreeSet::new();
    for line in lines.lines() {
        let alert: Value = serde_json::from_str(line).expect("a line");
        let path = format!("/v1/queue/{}", alert["alert_id"].as_str().expect("an id"));
        for (place, number) in alert["evidence"]
            .as_array()
            .expect("a list")
            .iter()
            .zip(1_u64..)
        {
            let stream = place["stream"].as_str().expect("a stream");
            let Some(field) = keys.get(stream).filter(|_| !told.contains(stream)) else {
                continue;
            };
            let (status, rows) = served.get(&format!("{path}/rows"), &chi);
            assert_eq!(status, 200, "{rows}");
            let key = place["key"].as_str().expect("a key");
            assert!(!rows.to_string().contains(key), "masked");
            let row = &rows["rows"][usize::try_from(number).expect("small") - 1];
            assert_eq!(
                (&row["number"], &row["stream"]),
                (&number.into(), &stream.into())
            );
            let asked = json!({
                "row": number,
                "before": rows["before"],
                "digest": rows["digest"],
                "purpose": "compare_records",
            });
            let (status, shown) = served.post(&format!("{path}/reveal"), &chi, &asked.to_string());
            assert_eq!((status, &shown["stream"]), (200, &stream.into()), "{shown}");
            let fields = shown["fields"].as_array().expect("a list");
            let named = fields.iter().find(|own| own["name"] == *field);
            assert_eq!(named.expect("its key")["value"], key);
            let names: BTreeSet<&str> = (fields.iter())
                .filter_map(|own| own["name"].as_str())
                .collect();
            let masked = row["masked"].as_array().expect("a list");
            let masked: BTreeSet<&str> = masked.iter().filter_map(Value::as_str).collect();
            assert_eq!(names, masked);
            told.insert(stream.to_owned());
        }
    }
    assert!(told.len() >= 2, "{told:?}");
    let log = served.get("/v1/access-log?action=reveal", &auditor).1;
    let entries = log["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), told.len());
    assert!(
        entries
            .iter()
            .all(|one| one["actor"] == "chi" && one["purpose"] == "compare_records")
    );
}
