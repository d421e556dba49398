//! Every page in both languages, wide and narrow: nothing that axe-core finds, nothing cut off, pictures to look at.

use super::browser::{Browser, axe, in_time};
use super::house::House;
use super::made::id;
use super::people::{PASSWORD, SETUP_CODE};

/// Pages of a role: a name for the picture, and the path.
fn pages(name: &str) -> Vec<(&'static str, String)> {
    let alert = |number: u32| format!("/alerts/{}?view=open", id(number));
    match name {
        "an" => vec![
            ("mine", "/mine".to_owned()),
            ("queue", "/queue".to_owned()),
            (
                "queue-filtered",
                "/queue?view=open&reason=unknown_card".to_owned(),
            ),
            ("alert-in-review", alert(1)),
            ("alert-new", alert(10)),
            ("alert-withdrawn", alert(7)),
            ("alert-recheck", alert(9)),
            ("alert-returned", alert(4)),
            ("group-provider", "/groups/provider/79001".to_owned()),
            ("search", "/search".to_owned()),
            ("account", "/account".to_owned()),
            ("not-found", format!("/alerts/{}", "0".repeat(32))),
            ("forbidden", "/approvals".to_owned()),
        ],
        "chi" => vec![
            ("approvals", "/approvals".to_owned()),
            ("alert-to-approve", alert(2)),
            ("queue-supervisor", "/queue?view=under_way".to_owned()),
        ],
        _ => vec![("feeds", "/feeds".to_owned())],
    }
}

async fn look(browser: &Browser, axe: Option<&str>, name: &str, wrong: &mut Vec<String>) {
    browser.picture(name).await;
    let script =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let beyond = browser.run(script).await;
    if beyond.as_i64().unwrap() > 0 {
        wrong.push(format!(
            "{name} at {}: {beyond} px are cut off",
            browser.width
        ));
    }
    if let Some(axe) = axe {
        let faults = browser.faults(axe).await;
        wrong.extend(
            faults
                .into_iter()
                .map(|fault| format!("{name} at {}: {fault}", browser.width)),
        );
    }
}

/// Opens the form of a row, and sends it.
async fn reveal(browser: &Browser, is_sent: bool) {
    if !is_sent {
        browser.go(&format!("/alerts/{}?view=open", id(1))).await;
        let open = "document.querySelector('#row-1 details').open = true";
        browser.run(open).await;
        return;
    }
    let choose = "document.querySelector('#row-1 [name=purpose]').value = 'compare_records'";
    browser.run(choose).await;
    // Not by a click: the page may still be on its way there.
    let send = "document.querySelector('#row-1 form').requestSubmit()";
    browser.run(send).await;
    browser.wait("#row-1 mark").await;
}

async fn at_width(width: u32, height: u32, axe: Option<&str>, wrong: &mut Vec<String>) {
    let house = House::full();
    let Some(browser) = Browser::open(&house.address, width, height).await else {
        return;
    };
    for language in ["vi", "en"] {
        browser.go("/sign-in").await;
        let is = browser.run("return document.documentElement.lang").await;
        if is != language {
            browser.click("form[action='/language'] button").await;
        }
        look(&browser, axe, &format!("sign-in-{language}"), wrong).await;
        browser.go("/setup").await;
        look(&browser, axe, &format!("setup-{language}"), wrong).await;
        for (field, text) in [
            ("name", "moi"),
            ("setup_code", SETUP_CODE),
            ("password", PASSWORD),
            ("repeat", PASSWORD),
        ] {
            browser.fill(&format!("[name={field}]"), text).await;
        }
        browser.click("main button.primary").await;
        browser.wait(".qr").await;
        look(&browser, axe, &format!("setup-code-{language}"), wrong).await;
        for name in ["an", "chi", "dung"] {
            browser.sign_in(name).await;
            let is = browser.run("return document.documentElement.lang").await;
            if is != language {
                browser.click("form[action='/language'] button").await;
                browser.wait(&format!("html[lang={language}]")).await;
            }
            for (picture, path) in pages(name) {
                browser.go(&path).await;
                look(&browser, axe, &format!("{picture}-{language}"), wrong).await;
            }
            if name == "an" {
                for (picture, row) in [("reveal-form", false), ("reveal-shown", true)] {
                    reveal(&browser, row).await;
                    look(&browser, axe, &format!("{picture}-{language}"), wrong).await;
                }
                browser.go("/search").await;
                browser.fill("[name=number]", "7911111111").await;
                browser.click("main .find button").await;
                browser.wait("main .empty").await;
                look(&browser, axe, &format!("search-none-{language}"), wrong).await;
            }
            browser.click("form[action='/sign-out'] button").await;
        }
    }
    browser.close().await;
}

#[test]
fn every_page_is_whole_and_has_nothing_that_axe_finds() {
    in_time(async {
        let axe = axe();
        let mut wrong = Vec::new();
        at_width(1440, 900, axe.as_deref(), &mut wrong).await;
        at_width(390, 2600, axe.as_deref(), &mut wrong).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
