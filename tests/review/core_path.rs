//! The way of an alert through the desk in a browser, with script and without: a reviewer takes, reads, starts and
//! proposes; a supervisor looks a second time where that is due, and approves; the alert is closed.

use fundwatch::access::Role;
use fundwatch::language::Language;
use fundwatch::review::{Verdict, WorkAction, WorkState};

use super::browser::{Browser, in_time};
use super::house::{House, viewer};
use super::made::{finding, id};

const NOTE: &str = "Bệnh án không có tên; cơ sở xác nhận kê khống.";

/// What the page says after something was done.
fn done(action: WorkAction, language: Language) -> String {
    let said = language.page_messages().done;
    said.replace("{action}", action.text(language))
}

/// Signs somebody in by the form, and has the page speak this language.
async fn enter(browser: &Browser, name: &str, language: Language) {
    browser.sign_in(name).await;
    let own = format!("html[lang={}]", language.code());
    if !browser.has(&own).await {
        browser.click("form[action='/language'] button").await;
        browser.wait(&own).await;
    }
}

async fn leave(browser: &Browser) {
    browser.click("form[action='/sign-out'] button").await;
    browser.wait("form[action='/sign-in']").await;
}

/// From a page of the navigation to an alert of its list.
async fn open(browser: &Browser, list: &str, number: u32) {
    browser.click(&format!("nav a[href='{list}']")).await;
    let row = format!("[data-open][href^='/alerts/{}']", id(number));
    browser.wait(&row).await;
    browser.click(&row).await;
    browser.wait("aside.work").await;
}

async fn press(browser: &Browser, action: WorkAction, language: Language) {
    let button = format!("aside.work button[name=action][value={action}]");
    browser.click(&button).await;
    browser
        .wait_for_text(".notice.good", &done(action, language))
        .await;
}

/// A proposal of a's at which a supervisor has to look first: which those are is drawn by a key.
pub(super) fn proposed_for_a_second_look(house: &House) -> u32 {
    let an = viewer("an", Role::Reviewer);
    let chi = viewer("chi", Role::Supervisor);
    for number in 100..1_000 {
        house.project(&[finding(number)], 5);
        if house.item(number).work.state != WorkState::New {
            continue;
        }
        house.act(&an, number, WorkAction::Take, |_| {});
        house.act(&an, number, WorkAction::Propose, |act| {
            act.verdict = Some(Verdict::ConfirmedFraud);
            act.note = Some(NOTE.to_owned());
        });
        if house.desk.is_look_due(&chi, &house.item(number)).unwrap() {
            return number;
        }
        // What waits for approval is a list of a hundred.
        house.act(&an, number, WorkAction::Retract, |_| {});
    }
    panic!("no proposal is looked at twice");
}

async fn reviews(browser: &Browser, house: &House, language: Language, number: u32) {
    enter(browser, "an", language).await;
    // Given to them by a supervisor: it is started.
    open(browser, "/mine", 8).await;
    press(browser, WorkAction::Start, language).await;
    assert_eq!(house.item(8).work.state, WorkState::InReview);

    open(browser, "/queue", number).await;
    press(browser, WorkAction::Take, language).await;
    assert_eq!(house.item(number).work.assignee.as_deref(), Some("an"));
    // What it rests on is on the page.
    assert!(!browser.text(".why .sentence").await.is_empty());
    assert!(!browser.text("#row-1 .texts").await.is_empty());
    browser
        .choose(".decision [name=verdict]", "confirmed_fraud")
        .await;
    browser.fill(".decision [name=note]", NOTE).await;
    press(browser, WorkAction::Propose, language).await;
    let work = house.item(number).work;
    assert_eq!(work.state, WorkState::Proposed);
    assert_eq!(work.proposer.as_deref(), Some("an"));
    assert!(!browser.has("button[value=approve]").await, "their own");
    leave(browser).await;
}

/// Approves, after a verdict of one's own where that is due; gives whether it was.
async fn approves(browser: &Browser, house: &House, language: Language, number: u32) -> bool {
    open(browser, "/approvals", number).await;
    let look = format!("form[action='/alerts/{}/second-look']", id(number));
    let is_due = browser.has(&look).await;
    if is_due {
        assert!(!browser.text("main").await.contains(NOTE), "not before");
        assert!(!browser.has("button[value=approve]").await);
        let verdict = format!("{look} [name=verdict]");
        browser.choose(&verdict, "confirmed_fraud").await;
        browser.click(&format!("{look} button")).await;
        browser.wait("ul.verdicts").await;
        assert!(browser.text("main").await.contains(NOTE));
        let t = language.page_messages();
        let said = browser.text("main .notice").await;
        assert!(said.contains(t.second_look_agree), "{said}");
        browser.click("button[name=action][value=approve]").await;
        let approved = done(WorkAction::Approve, language);
        browser
            .wait_for_text(".notice.good[role=status]", &approved)
            .await;
    } else {
        press(browser, WorkAction::Approve, language).await;
    }
    let item = house.item(number);
    assert_eq!(item.work.state, WorkState::Closed);
    assert_eq!(item.work.decided.unwrap().verdict, Verdict::ConfirmedFraud);
    let last = house.desk.events(&id(number)).unwrap().pop().unwrap();
    assert_eq!(last.action, WorkAction::Approve);
    assert_eq!(last.actor.unwrap().0, "chi");
    is_due
}

async fn from_raised_to_closed(language: Language, has_script: bool) {
    let house = House::full();
    let opened = match has_script {
        true => Browser::open(&house.address, 1440, 2_000).await,
        false => Browser::open_without_script(&house.address, 1440, 2_000).await,
    };
    let Some(browser) = opened else {
        return;
    };
    assert_eq!(browser.runs_scripts().await, has_script);
    let looked_at_twice = proposed_for_a_second_look(&house);
    reviews(&browser, &house, language, 10).await;
    enter(&browser, "chi", language).await;
    // What a script alone can do is not there without one.
    let help = browser.driver.find("[data-help-button]").await.unwrap();
    assert_eq!(help.is_displayed().await.unwrap(), has_script);
    assert!(approves(&browser, &house, language, looked_at_twice).await);
    approves(&browser, &house, language, 10).await;
    leave(&browser).await;
    browser.close().await;
}

#[test]
fn an_alert_goes_from_raised_to_closed_without_a_script() {
    in_time(async {
        for language in [Language::Vietnamese, Language::English] {
            from_raised_to_closed(language, false).await;
        }
    });
}

#[test]
fn an_alert_goes_from_raised_to_closed_with_a_script() {
    in_time(async {
        for language in [Language::Vietnamese, Language::English] {
            from_raised_to_closed(language, true).await;
        }
    });
}
