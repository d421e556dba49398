//! What came and went meanwhile, and keys, in a browser.

use std::io::{BufRead, Read};
use std::time::Duration;

use fundwatch::review::{Finding, WorkState};
use fundwatch::store::{AlertState, HistoryKind};

use super::browser::{Browser, in_time};
use super::house::House;
use super::made::{finding, id};
use super::visitor::Visitor;

#[test]
fn a_page_tells_what_came_and_went_and_keeps_what_is_typed() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        browser.sign_in("an").await;
        browser.go("/queue").await;
        browser.fill(".bulk [name=note]", "đang gõ").await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let new = finding(40);
        let new = Finding {
            raised_epoch: 4,
            changed_epoch: 4,
            ..new
        };
        house.project(std::slice::from_ref(&new), 4);
        house.machine(&[new], HistoryKind::Raised, 4);
        browser.wait("[data-live-bar]:not([hidden])").await;
        let text = browser
            .run("return document.querySelector('[data-live-text]').textContent")
            .await;
        assert_eq!(text, "1 cảnh báo mới, 0 đã rút");
        browser.picture("queue-live-vi").await;
        let typed = browser
            .run("return document.querySelector('.bulk [name=note]').value")
            .await;
        assert_eq!(typed, "đang gõ");

        browser.go(&format!("/alerts/{}", id(1))).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let withdrawn = Finding {
            state: AlertState::Withdrawn,
            changed_epoch: 5,
            ..finding(1)
        };
        house.project(std::slice::from_ref(&withdrawn), 5);
        house.machine(&[withdrawn], HistoryKind::Withdrawn, 5);
        browser.wait("[data-alert-banner]:not([hidden])").await;
        browser.picture("alert-live-vi").await;
        browser.close().await;
    });
}

#[test]
fn the_commonest_things_are_done_by_keys_alone() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        browser.sign_in("an").await;
        browser.go("/queue").await;
        browser.press("j").await;
        browser.press("j").await;
        browser.press("x").await;
        let count = browser
            .run("return document.querySelector('[data-count]').textContent")
            .await;
        assert_eq!(count, "Đã chọn 1");
        browser.press("k").await;
        browser.press("\u{e007}").await;
        browser.wait("aside.work").await;
        let path = browser.path().await;
        let alert = path.trim_start_matches("/alerts/").to_owned();
        browser.press("a").await;
        browser.wait(".notice.good").await;
        let item = house.desk.item(
            &super::house::viewer("an", fundwatch::access::Role::Reviewer),
            &alert,
        );
        assert_eq!(item.unwrap().unwrap().work.state, WorkState::InReview);
        browser.press("v").await;
        let focused = browser.run("return document.activeElement.name").await;
        assert_eq!(focused, "verdict");
        browser.press("\u{e00c}").await;
        browser.press("s").await;
        let open = browser
            .run("return document.querySelector('details[open] summary').textContent")
            .await;
        assert!(open.as_str().unwrap().starts_with("tạm hoãn"), "{open}");
        browser.press("\u{e00c}").await;
        browser.press("?").await;
        assert!(browser.has("dialog[open]").await);
        browser.picture("keys-vi").await;
        browser.press("\u{e00c}").await;
        browser.press("u").await;
        browser.wait("table.alerts").await;
        // Switched off, keys do nothing.
        browser.go("/account").await;
        browser
            .click("form[action='/account/shortcuts'] button")
            .await;
        browser.wait(".notice.good").await;
        browser.go("/queue").await;
        browser.press("j").await;
        assert!(!browser.has("tr.current").await);
        browser.close().await;
    });
}

#[test]
fn an_open_page_does_not_keep_a_listener_from_stopping_nor_a_session_from_ending() {
    let mut house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    // Beyond two connections of a session there is no room.
    let mut open: Vec<_> = (0..2).map(|_| an.stream("/live?epoch=1")).collect();
    for stream in &mut open {
        let mut first = String::new();
        stream.read_line(&mut first).unwrap();
        assert_eq!(first, "event: frontier\n");
    }
    assert_eq!(an.get("/live?epoch=1").status, 429);
    house.people.end_all();
    house.project(&[], 9);
    for stream in &mut open {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
    }
    let mut binh = Visitor::signed_in(&house.address, "binh");
    let mut stream = binh.stream("/live?epoch=1");
    let mut first = String::new();
    stream.read_line(&mut first).unwrap();
    let began = std::time::Instant::now();
    assert_eq!(house.stop(Duration::from_secs(20)).cut, 0);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
}
