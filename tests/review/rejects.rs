//! Rejected rows: who sees them, what is told of them, and who settles them.

use std::sync::atomic::Ordering;

use fundwatch::store::RejectState;

use super::house::House;
use super::made::NUMBERS;
use super::visitor::{Answer, Visitor};
use crate::said;

fn operator(house: &House) -> Visitor {
    let mut visitor = Visitor::signed_in(&house.address, "dung");
    let csrf = visitor.get("/account").field("csrf");
    visitor.post("/language", &[("csrf", &csrf), ("language", "en")]);
    visitor
}

fn send(visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = visitor.get("/account").field("csrf");
    let mut all = vec![("csrf", &*csrf)];
    all.extend(fields);
    visitor.post(path, &all)
}

#[test]
fn a_row_is_repaired_with_what_is_not_shown_kept() {
    let house = House::full();
    let mut dung = operator(&house);
    let page = dung.get("/feeds/rejects/1");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("not a date: <code>valid_from</code>"));
    assert_eq!(page.field("c.valid_from"), "2024-13-01");
    assert_eq!(page.field("c.card_number"), "");
    assert!(page.body.contains("kept if left empty"));
    for number in NUMBERS {
        assert!(!page.body.contains(number));
    }
    // What is wrong still is told, with what was typed.
    let path = "/feeds/rejects/1/repair";
    let wrong = [("c.valid_from", "2024-12-32"), ("c.status", "valid")];
    let refused = send(&mut dung, path, &wrong);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("would be rejected again: not a date"));
    assert_eq!(refused.field("c.valid_from"), "2024-12-32");
    assert_eq!(house.rejects.state(1), RejectState::Open);
    let right = [("c.valid_from", "2024-12-01"), ("c.status", "valid")];
    let sent = send(&mut dung, path, &right);
    assert_eq!(
        (sent.status, sent.location()),
        (303, "/feeds/rejects/1?done=repaired")
    );
    assert!(
        dung.get(sent.location())
            .body
            .contains("The row was sent again")
    );
    assert_eq!(house.rejects.state(1), RejectState::Repaired);
    let done = house.rejects.done.lock().unwrap().join("\n");
    assert!(done.contains("dung repair reject:1 kept=true"), "{done}");
    assert!(done.contains("dung read reject:1"), "{done}");
}

#[test]
fn of_two_who_settle_a_row_the_second_is_told() {
    let house = House::full();
    let mut dung = operator(&house);
    let dismissal = [("reason", "sent_again")];
    let path = "/feeds/rejects/2/dismiss";
    for nothing in ["", "because"] {
        assert_eq!(send(&mut dung, path, &[("reason", nothing)]).status, 422);
    }
    let first = send(&mut dung, path, &dismissal);
    assert_eq!(first.location(), "/feeds/rejects/2?done=dismissed");
    let second = send(&mut dung, path, &dismissal);
    assert_eq!(second.status, 409);
    assert!(second.body.contains("Somebody settled this row meanwhile"));
    assert!(!second.body.contains("/feeds/rejects/2/repair"));
    house.rejects.is_raced.store(true, Ordering::SeqCst);
    let right = [("c.valid_from", "2024-12-01")];
    let raced = send(&mut dung, "/feeds/rejects/1/repair", &right);
    assert_eq!(raced.status, 409);
    assert_eq!(house.rejects.state(1), RejectState::Dismissed);
    for path in ["/feeds/rejects/99", "/feeds/rejects/01", "/feeds/rejects/x"] {
        assert_eq!(dung.get(path).status, 404, "{path}");
    }
}

#[test]
fn auditors_look_and_reviewers_do_not() {
    let house = House::full();
    let mut giang = Visitor::signed_in(&house.address, "giang");
    let page = giang.get("/feeds/rejects/1");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("2024-13-01") && !page.body.contains("/repair"));
    let right = [("c.valid_from", "2024-12-01")];
    assert_eq!(
        send(&mut giang, "/feeds/rejects/1/repair", &right).status,
        403
    );
    let resumed = send(&mut giang, "/feeds/sources/deaths/resume", &[]);
    assert_eq!(resumed.status, 403);
    let feeds = giang.get("/feeds").body;
    assert!(feeds.contains("/feeds/rejects?stream=cards") && !feeds.contains("/resume"));
    let mut an = Visitor::signed_in(&house.address, "an");
    assert_eq!(an.get("/feeds/rejects").status, 403);
    let feeds = an.get("/feeds").body;
    assert!(!feeds.contains("/feeds/rejects"));
    assert_eq!(house.rejects.state(1), RejectState::Open);
}

#[test]
fn rows_are_listed_page_by_page_and_by_filters() {
    let house = House::full();
    let mut dung = operator(&house);
    let first = dung.get("/feeds/rejects").body;
    assert_eq!(first.matches("data-row").count(), 50);
    let (_, next) = first.split_once("rel=\"next\" href=\"").unwrap();
    let next = next.split_once('"').unwrap().0.replace("&#38;", "&");
    let second = dung.get(&next).body;
    assert_eq!(second.matches("data-row").count(), 13);
    assert!(!second.contains("rel=\"next\""));
    for (query, rows) in [
        ("source=deaths", 1),
        ("stream=cards", 1),
        ("code=bad_money", 50),
        ("state=repaired", 1),
        ("stream=cards&state=repaired", 0),
    ] {
        let page = dung.get(&format!("/feeds/rejects?{query}")).body;
        assert_eq!(page.matches("data-row").count(), rows, "{query}");
    }
    // A file may be named after somebody.
    assert!(!first.contains("079051000001") && first.contains("•••001"));
}

#[test]
fn a_source_goes_on_once_that_is_confirmed() {
    let house = House::full();
    let mut dung = operator(&house);
    let feeds = dung.get("/feeds").body;
    let address = "/feeds/sources/deaths/resume";
    assert!(feeds.contains(address) && !feeds.contains("/feeds/sources/http/resume"));
    let page = dung.get(address);
    assert!(page.body.contains("Yes, let it go on"));
    let done = |house: &House| house.rejects.done.lock().unwrap().join("\n");
    assert!(!done(&house).contains("resume"), "a look does nothing");
    let resumed = send(&mut dung, address, &[]);
    assert_eq!(resumed.location(), "/feeds?done=resumed");
    assert!(done(&house).contains("dung resume source:deaths"));
    assert_eq!(send(&mut dung, address, &[]).status, 409);
    // As somebody would who types a number there: the page does not say it again.
    let typed = "/feeds/sources/079051000001/resume";
    said::typed(typed);
    let answer = dung.get(typed);
    assert_eq!(answer.status, 404);
    assert!(!answer.body.contains("079051000001"));
    assert_eq!(dung.get("/feeds/sources/other/resume").status, 404);
}

#[test]
fn every_page_tells_up_to_when_each_stream_is_complete() {
    let house = House::full();
    for (name, path) in [
        ("an", "/mine"),
        ("giang", "/access-log"),
        ("khanh", "/admin"),
    ] {
        let mut visitor = Visitor::signed_in(&house.address, name);
        let csrf = visitor.get("/account").field("csrf");
        visitor.post("/language", &[("csrf", &csrf), ("language", "en")]);
        let page = visitor.get(path).body;
        let (_, streams) = page.split_once("<summary>").unwrap();
        let (streams, _) = streams.split_once("</details>").unwrap();
        // Two are on time; what never came and is not expected is not told.
        assert!(streams.contains("4 of 6 streams behind"), "{streams}");
        assert_eq!(streams.matches("<li>").count(), 6);
        let states: Vec<usize> = ["paused", "stalled", "awaited", "quiet", "on time"]
            .iter()
            .map(|state| streams.find(&format!("</span> {state}")).unwrap())
            .collect();
        assert!(states.is_sorted(), "the worst first: {streams}");
    }
    // None is no answer while a stream is behind.
    let house = House::empty();
    assert_eq!(operator(&house).get("/queue").status, 403);
    let mut an = Visitor::signed_in(&house.address, "an");
    let page = an.get("/queue?view=past_due").body;
    assert!(
        page.contains("dữ liệu đến sau vẫn có thể phát sinh cảnh báo"),
        "{page}"
    );
}
