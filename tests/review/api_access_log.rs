//! The access log as JSON: to whom, what of it, and that it was read.

use std::sync::atomic::Ordering;

use fundwatch::web::AccessAction;
use serde_json::json;

use super::client::{Client, code};
use super::house::House;
use super::made::{CITIZEN, id, today};

#[test]
fn who_watches_is_told_who_saw_what_and_that_is_kept() {
    let house = House::full();
    for name in ["giang", "hoa"] {
        let watcher = Client::person(&house, name);
        let (status, told) = watcher.get("/v1/access-log?action=open_alert&limit=20");
        assert_eq!(status, 200, "{told}");
        for entry in told["entries"].as_array().unwrap() {
            assert_eq!(entry["action"], "open_alert");
            assert_eq!(entry["object"], id(1));
        }
        assert_eq!(told["standing"]["is_damaged"], false);
        let (status, told) = watcher.get("/v1/access-log/sample");
        assert_eq!(
            (status, &told["day"]),
            (200, &today().plus(-1).to_string().into())
        );
        let reads = house.log.reads.lock().unwrap();
        assert_eq!(reads.iter().filter(|(who, _)| who == name).count(), 2);
    }
    for name in ["an", "chi", "dung", "khanh"] {
        let person = Client::person(&house, name);
        for path in ["/v1/access-log", "/v1/access-log/sample"] {
            assert_eq!(code(&person.get(path)), (403, "forbidden"), "{name}");
        }
    }
}

#[test]
fn pages_of_it_are_all_of_it_and_what_is_no_code_is_refused() {
    let house = House::full();
    let hoa = Client::person(&house, "hoa");
    let (mut numbers, mut page) = (Vec::new(), String::new());
    loop {
        let (status, told) = hoa.get(&format!("/v1/access-log?limit=7{page}"));
        assert_eq!(status, 200, "{told}");
        let entries = told["entries"].as_array().unwrap();
        assert!(entries.len() <= 7);
        numbers.extend(entries.iter().map(|one| one["number"].as_u64().unwrap()));
        match told["next_page"].as_str() {
            Some(next) => page = format!("&page={next}"),
            None => break,
        }
    }
    // One of each action, and two that are the log's own.
    let all = AccessAction::ALL.len() as u64 + 2;
    let expected: Vec<u64> = (1..=all).rev().collect();
    assert_eq!(numbers, expected);
    let tomorrow = format!("day={}", today().plus(1));
    for (path, wrong) in [
        ("", format!("object={CITIZEN}")),
        ("", "actor=Nguy%E1%BB%85n".to_owned()),
        ("", "action=Dance".to_owned()),
        ("", "from=x".to_owned()),
        ("", "to=2026-13-01".to_owned()),
        ("", "page=x".to_owned()),
        ("", "page=18446744073709551615".to_owned()),
        ("", "subject=1".to_owned()),
        ("/sample", tomorrow),
        ("/sample", "day=x".to_owned()),
        ("/sample", "limit=1".to_owned()),
    ] {
        let answer = hoa.get(&format!("/v1/access-log{path}?{wrong}"));
        assert_eq!(code(&answer), (400, "bad_parameter"), "{wrong}");
        assert!(!answer.1.to_string().contains(CITIZEN));
    }
    // What cannot be kept is not told.
    house.log.fails.store(true, Ordering::SeqCst);
    for path in ["", "/sample"] {
        let answer = hoa.get(&format!("/v1/access-log{path}"));
        assert_eq!(code(&answer), (503, "unavailable"));
        assert_eq!(answer.1["entries"], json!(null));
    }
}
