//! The access log on its pages: what is in it in words, that reading it is kept, and the sample.

use std::sync::atomic::Ordering;

use super::house::House;
use super::made::{id, today};
use super::visitor::Visitor;
use crate::said;

#[test]
fn what_was_done_is_said_in_words_and_alerts_are_links_for_whoever_may_open_them() {
    let house = House::full();
    let mut auditor = Visitor::signed_in(&house.address, "giang");
    let page = auditor.get("/access-log?action=open_alert");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("mở cảnh báo"), "{}", page.body);
    let link = format!("<a href=\"/alerts/{}\">", id(1));
    assert!(page.body.contains(&link), "{}", page.body);
    // An alert that there is not is told, and is no link.
    let page = auditor.get("/access-log?action=reveal");
    assert!(page.body.contains(&id(999)) && !page.body.contains("<a href=\"/alerts/"));
    for text in [
        "xem trường bị che",
        "verify_identity",
        "name, birth_date",
        "1.204",
    ] {
        let page = match text {
            "1.204" => auditor.get("/access-log"),
            _ => auditor.get("/access-log?action=reveal"),
        };
        assert!(page.body.contains(text), "{text}");
    }
    // A privacy officer reads no alerts.
    let mut officer = Visitor::signed_in(&house.address, "hoa");
    let page = officer.get("/access-log?action=open_alert");
    assert!(page.body.contains(&id(1)) && !page.body.contains("<a href=\"/alerts/"));
    let csrf = page.field("csrf");
    officer.post("/language", &[("csrf", &csrf), ("language", "en")]);
    let page = officer.get("/access-log?action=open_alert");
    for text in ["opened an alert", "verified, unchanged", "Last signed"] {
        assert!(page.body.contains(text), "{text}");
    }
}

#[test]
fn that_it_was_read_is_kept_before_anything_is_shown() {
    let house = House::full();
    let mut officer = Visitor::signed_in(&house.address, "hoa");
    officer.get("/access-log?actor=an");
    officer.get("/access-log/sample?day=2026-01-31");
    let reads = house.log.reads.lock().unwrap().clone();
    assert_eq!(reads.len(), 2);
    assert!(reads.iter().all(|(who, _)| who == "hoa"));
    assert!(reads[0].1.contains("actor: Some(\"an\")"), "{}", reads[0].1);
    assert_eq!(reads[1].1, "sample (2026, 1, 31)");
    house.log.fails.store(true, Ordering::SeqCst);
    for path in ["/access-log", "/access-log/sample"] {
        let page = officer.get(path);
        assert_eq!(page.status, 503, "{path}");
        assert!(!page.body.contains("mở cảnh báo"), "{path}");
    }
}

#[test]
fn pages_go_on_by_number_and_filters_stay() {
    let house = House::full();
    let mut officer = Visitor::signed_in(&house.address, "hoa");
    let address = "/access-log?from=2026-11-01&to=2027-01-31&object=HT3797900000001";
    said::typed(address);
    let page = officer.get(address);
    // What may be somebody's number is not asked for, and not in the addresses of the page.
    let (_, rest) = page.body.split_once("rel=\"next\" href=\"").unwrap();
    let next = rest.split('"').next().unwrap().replace("&#38;", "&");
    assert!(
        next.starts_with("/access-log?from=2026-11-01&to=2027-01-31&before="),
        "{next}"
    );
    let second = officer.get(&next);
    assert!(!second.body.contains("rel=\"next\""));
    assert!(
        second
            .body
            .contains("href=\"/access-log?from=2026-11-01&#38;to=2027-01-31\"")
    );
    let reads = house.log.reads.lock().unwrap();
    assert!(reads.iter().all(|(_, what)| what.contains("object: None")));
}

#[test]
fn a_sample_is_of_a_day_that_is_over() {
    let house = House::full();
    let mut officer = Visitor::signed_in(&house.address, "hoa");
    let page = officer.get("/access-log/sample");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("Cần kiểm tra 2, trong 4 lượt"),
        "{}",
        page.body
    );
    let (year, month, day) = today().civil();
    let today = officer.get(&format!(
        "/access-log/sample?day={year:04}-{month:02}-{day:02}"
    ));
    assert_eq!(today.status, 422);
    let yesterday = format!("sample {:?}", super::made::today().plus(-1).civil());
    let reads = house.log.reads.lock().unwrap();
    assert!(
        reads.iter().all(|(_, what)| *what == yesterday),
        "{reads:?}"
    );
}

#[test]
fn a_log_that_was_changed_is_said_to_be() {
    let house = House::full();
    house.log.is_damaged.store(true, Ordering::SeqCst);
    let mut officer = Visitor::signed_in(&house.address, "hoa");
    let page = officer.get("/access-log");
    assert!(page.body.contains("bị sửa hoặc bị thiếu"));
    assert!(page.body.contains("Nhật ký không còn như đã ghi."));
}
