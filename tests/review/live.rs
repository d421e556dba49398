//! What came and went meanwhile, and keys, in a browser.

use std::io::{BufRead, Read};
use std::sync::atomic::Ordering;
use std::time::Duration;

use fundwatch::review::{Finding, WorkAction};
use fundwatch::store::{AlertState, HistoryKind};

use super::browser::{Browser, in_time};
use super::house::House;
use super::made::{finding, id};
use super::visitor::Visitor;

/// A page that listens: what happens from now on comes to it.
async fn listened() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}

/// Raises an alert.
fn raise(house: &House, number: u32, epoch: u64) {
    let new = Finding {
        raised_epoch: epoch,
        changed_epoch: epoch,
        ..finding(number)
    };
    house.project(std::slice::from_ref(&new), epoch);
    house.machine(&[new], HistoryKind::Raised, epoch);
}

fn withdraw(house: &House, number: u32, epoch: u64) {
    let withdrawn = Finding {
        state: AlertState::Withdrawn,
        changed_epoch: epoch,
        ..finding(number)
    };
    house.project(std::slice::from_ref(&withdrawn), epoch);
    house.machine(&[withdrawn], HistoryKind::Withdrawn, epoch);
}

/// The row of an alert.
fn row(number: u32) -> String {
    format!("[data-row]:has([data-open][href*='{}'])", id(number))
}

fn is_there(number: u32) -> String {
    format!("return document.querySelector({:?}) !== null", row(number))
}

/// A mark that a page has until it is loaded again.
async fn mark(browser: &Browser) {
    browser.run("window.isTheSame = true").await;
}

async fn is_the_same(browser: &Browser) {
    let is_the_same = browser.run("return window.isTheSame === true").await;
    assert_eq!(is_the_same, true, "the page was loaded again");
}

/// The first row of a list that is looked at further down, and how far down it is.
const LOOKED: &str = "const row = Array.from(document.querySelectorAll('[data-row]')).find(
        row => row.getBoundingClientRect().bottom > 0);
    if (window.scrollY < 100) return 'not scrolled';
    return [row.querySelector('[data-open]').pathname, Math.round(row.getBoundingClientRect().top)].join()";

const BAR: &str = "return document.querySelector('[data-live-bar]').hidden ? '' \
    : document.querySelector('[data-live-text]').textContent";

#[test]
fn rows_come_and_go_while_a_list_is_open_and_what_is_typed_stays() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        browser.sign_in("an").await;
        for (number, path, epoch) in [(64, "/queue", 10), (42, "/queue?view=open&band=p1", 20)] {
            browser.go(path).await;
            mark(&browser).await;
            browser.fill("[name=number]", "79").await;
            browser.fill(".bulk [name=note]", "đang gõ").await;
            let count = "return document.querySelector('.views [aria-current] .count').textContent";
            let before = browser.run(count).await;
            listened().await;
            let rows = "return document.querySelectorAll('[data-row]').length";
            let shown = browser.run(rows).await.as_u64().unwrap();
            let is_shown =
                finding(number).band() == fundwatch::review::Band::P1 || path == "/queue";
            browser
                .run("window.scrollTo(0, document.body.scrollHeight)")
                .await;
            let looked = browser.run(LOOKED).await;
            assert!(path != "/queue" || looked != "not scrolled");
            let uses = house.people.uses.load(Ordering::SeqCst);
            raise(&house, number, epoch);
            if is_shown {
                browser.until("the new row", &is_there(number)).await;
                assert_eq!(browser.run(rows).await, shown + 1);
                let said = "Danh sách đã được cập nhật: 1 cảnh báo mới, 0 đã rút";
                assert_eq!(browser.run(BAR).await, said);
                // A row came in above: what is looked at stays where it is.
                assert_eq!(browser.run(LOOKED).await, looked);
                browser.picture("queue-renewed-vi").await;
            }
            let counted = format!(
                "return document.querySelector('.views [aria-current] .count').textContent !== {before}"
            );
            browser.until("the count of the view", &counted).await;
            withdraw(&house, number, epoch + 1);
            if is_shown {
                let gone = is_there(number).replace("!==", "===");
                browser
                    .until("the row of what is withdrawn to go", &gone)
                    .await;
            }
            let counted = counted.replace("!==", "===");
            browser.until("the count as before", &counted).await;
            // What is typed stays, and where.
            let typed = "return [document.querySelector('.bulk [name=note]').value,
                document.querySelector('[name=number]').value, document.activeElement.name].join()";
            assert_eq!(browser.run(typed).await, "đang gõ,79,note");
            is_the_same(&browser).await;
            // Nobody has done anything: the session grows idle all the same.
            assert_eq!(house.people.uses.load(Ordering::SeqCst), uses);
        }
        browser.close().await;
    });
}

#[test]
fn rows_stay_under_whoever_selects_and_what_is_ticked_stays_ticked() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        browser.sign_in("an").await;
        browser.go("/queue").await;
        mark(&browser).await;
        listened().await;
        browser.press("j").await;
        browser.press("j").await;
        browser.press("x").await;
        let ticked = "return document.querySelector('[name=alert]:checked').value";
        let before = browser.run(ticked).await;
        let order =
            "return Array.from(document.querySelectorAll('[data-open]'), one => one.href).join()";
        let rows = browser.run(order).await;
        raise(&house, 40, 40);
        raise(&house, 41, 41);
        // Said, and nothing moves: how many wait is told as they come.
        let said = format!(
            "{} === '2 cảnh báo mới, 0 đã rút'",
            BAR.replace("return ", "return (") + ")"
        );
        browser.until("what came is told", &said).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(browser.run(order).await, rows);
        assert_eq!(browser.run(ticked).await, before);
        browser.picture("queue-live-vi").await;
        // Asked for, they come; what is ticked stays ticked, and the keys stay where they were.
        browser.click("[data-live-bar] a").await;
        browser.until("the new row", &is_there(40)).await;
        assert_eq!(browser.run(&is_there(41)).await, true);
        assert_eq!(browser.run(ticked).await, before);
        assert_eq!(browser.text("[data-count]").await, "Đã chọn 1");
        let current = "return document.querySelector('tr.current [name=alert]').value";
        assert_eq!(browser.run(current).await, before);
        is_the_same(&browser).await;

        // What is ticked and not any more as it was seen is not ticked any more.
        let number = before
            .as_str()
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .to_owned();
        let number = (0..42).find(|own| id(*own) == number).unwrap();
        let binh = super::house::viewer("binh", fundwatch::access::Role::Reviewer);
        house.act(&binh, number, WorkAction::Note, |act| {
            act.note = Some("Xem.".to_owned())
        });
        raise(&house, 43, 43);
        browser
            .until(
                "the bar",
                "return !document.querySelector('[data-live-bar] a').hidden",
            )
            .await;
        browser.click("[data-live-bar] a").await;
        browser.until("the new row", &is_there(43)).await;
        assert!(!browser.has("[name=alert]:checked").await);
        assert_eq!(browser.text("[data-count]").await, "");
        browser.close().await;
    });
}

#[test]
fn a_list_stands_still_for_whoever_wants_it() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        browser.sign_in("an").await;
        browser.go("/queue").await;
        browser.click("[data-paused] input").await;
        // Also on the next list, and after it is loaded again.
        browser.go("/queue").await;
        let is_paused = "return document.querySelector('[data-paused] input').checked";
        assert_eq!(browser.run(is_paused).await, true);
        mark(&browser).await;
        listened().await;
        raise(&house, 40, 40);
        let said = BAR.replace("return ", "return (") + ") === '1 cảnh báo mới, 0 đã rút'";
        browser.until("what came is told", &said).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(browser.run(&is_there(40)).await, false);
        browser.picture("queue-paused-vi").await;
        browser.click("[data-live-bar] a").await;
        browser.until("the new row", &is_there(40)).await;
        // And no more.
        browser.click("[data-paused] input").await;
        raise(&house, 41, 41);
        browser.until("the row that came", &is_there(41)).await;
        is_the_same(&browser).await;
        browser.close().await;
    });
}

#[test]
fn other_lists_are_renewed_as_well_and_an_ended_session_takes_nothing_away() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        let an = super::house::viewer("an", fundwatch::access::Role::Reviewer);
        browser.sign_in("an").await;
        browser.go("/mine").await;
        mark(&browser).await;
        listened().await;
        assert_eq!(browser.run(&is_there(20)).await, false);
        house.act(&an, 20, WorkAction::Take, |_| {});
        raise(&house, 40, 40);
        browser
            .until("what was taken elsewhere", &is_there(20))
            .await;
        is_the_same(&browser).await;
        browser.click("form[action='/sign-out'] button").await;
        browser.wait("form[action='/sign-in']").await;

        browser.sign_in("chi").await;
        browser.go("/approvals").await;
        mark(&browser).await;
        listened().await;
        house.act(&an, 20, WorkAction::Propose, |act| {
            act.verdict = Some(fundwatch::review::Verdict::ConfirmedFraud);
            act.note = Some("Cơ sở xác nhận kê khống.".to_owned());
        });
        raise(&house, 41, 41);
        browser.until("what was proposed", &is_there(20)).await;
        is_the_same(&browser).await;

        // A page that asks by itself is no sign of anybody, and where the session has ended it shows what it showed.
        browser.go("/queue").await;
        mark(&browser).await;
        listened().await;
        let rows = browser
            .run("return document.querySelectorAll('[data-row]').length")
            .await;
        house.people.end_all();
        raise(&house, 42, 42);
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(browser.path().await, "/queue");
        is_the_same(&browser).await;
        assert_eq!(
            browser
                .run("return document.querySelectorAll('[data-row]').length")
                .await,
            rows
        );
        browser.close().await;
    });
}

#[test]
fn an_open_alert_says_in_words_that_it_changed_or_was_withdrawn() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        browser.sign_in("an").await;
        let banner = "[data-alert-banner]:not([hidden])";
        for (language, withdrawn, changed) in [
            (
                "vi",
                "Cảnh báo này vừa được hệ thống rút: căn cứ không còn đúng.",
                "Căn cứ của cảnh báo này vừa thay đổi.",
            ),
            (
                "en",
                "This alert has just been withdrawn: its evidence does not hold any more.",
                "The evidence of this alert has just changed.",
            ),
        ] {
            let (number, epoch) = if language == "vi" { (1, 5) } else { (11, 8) };
            browser.go(&format!("/alerts/{}", id(number))).await;
            if language == "en" {
                browser.click("form[action='/language'] button").await;
                browser.wait("html[lang=en]").await;
            }
            listened().await;
            let moved = Finding {
                digest: fundwatch::review::EvidenceDigest([7; 16]),
                grade: Some(1),
                changed_epoch: epoch,
                ..finding(number)
            };
            house.project(std::slice::from_ref(&moved), epoch);
            house.machine(&[moved], HistoryKind::Changed, epoch);
            browser.wait(banner).await;
            assert_eq!(browser.text(banner).await, changed);
            withdraw(&house, number, epoch + 1);
            let told = format!(
                "return document.querySelector('[data-alert-banner]').textContent === {withdrawn:?}"
            );
            browser.until("that it is withdrawn", &told).await;
            assert_eq!(browser.text(banner).await, withdrawn);
            browser.picture(&format!("alert-live-{language}")).await;
        }
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
