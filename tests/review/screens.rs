//! Every page in both languages, wide and narrow: nothing that axe-core finds, nothing cut off, pictures to look at.

use fundwatch::access::Role;
use fundwatch::review::WorkAction;

use super::browser::{Browser, axe, in_time};
use super::house::{House, viewer};
use super::made::id;
use super::people::{CODE, PASSWORD, SETUP_CODE};

/// Pages of a role: a name for the picture, and the path.
fn pages(name: &str, house: &House) -> Vec<(&'static str, String)> {
    let alert = |number: u32| format!("/alerts/{}?view=open", id(number));
    match name {
        "an" => vec![
            ("mine", "/mine".to_owned()),
            ("changes-mine", "/changes".to_owned()),
            ("changes-open", "/changes?place=open&since=2".to_owned()),
            ("changes-never", "/changes?place=closed".to_owned()),
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
            (
                "group-person",
                format!("/groups/person/{}", "10".repeat(16)),
            ),
            ("group-card", format!("/groups/card/{}", "21".repeat(16))),
            ("corrections", "/corrections".to_owned()),
            (
                "correction-in-review",
                format!("/corrections/{}", house.corrections[0]),
            ),
            (
                "correction-received",
                format!("/corrections/{}", house.corrections[1]),
            ),
            (
                "corrections-answered",
                "/corrections?view=answered".to_owned(),
            ),
            ("batches", "/batches".to_owned()),
            ("batch-new", "/batches/new?view=open".to_owned()),
            ("batch-own", "/batches/1".to_owned()),
            ("search", "/search".to_owned()),
            ("account", "/account".to_owned()),
            ("not-found", format!("/alerts/{}", "0".repeat(32))),
            ("forbidden", "/approvals".to_owned()),
        ],
        "chi" => vec![
            ("approvals", "/approvals".to_owned()),
            ("batch-to-approve", "/batches/1".to_owned()),
            ("alert-to-approve", alert(2)),
            ("queue-supervisor", "/queue?view=under_way".to_owned()),
            ("what-if", "/what-if?dial=overlap-minutes&at=60".to_owned()),
            ("what-if-off", "/what-if?dial=outlier-level".to_owned()),
            ("measures", "/measures?by=complete".to_owned()),
        ],
        "giang" => vec![
            ("access-log", "/access-log".to_owned()),
            (
                "access-log-filtered",
                "/access-log?actor=chi&from=2026-11-01".to_owned(),
            ),
            ("access-log-sample", "/access-log/sample".to_owned()),
            ("reject-auditor", "/feeds/rejects/1".to_owned()),
        ],
        "khanh" => vec![
            ("admin", "/admin".to_owned()),
            ("admin-user", "/admin/users/1".to_owned()),
            ("admin-own", "/admin/users/7".to_owned()),
        ],
        _ => vec![
            ("feeds", "/feeds".to_owned()),
            ("rejects", "/feeds/rejects".to_owned()),
            (
                "rejects-none",
                "/feeds/rejects?stream=citizens&state=dismissed".to_owned(),
            ),
            ("reject", "/feeds/rejects/1".to_owned()),
            ("reject-unread", "/feeds/rejects/2".to_owned()),
            ("reject-settled", "/feeds/rejects/3".to_owned()),
            ("source-resume", "/feeds/sources/deaths/resume".to_owned()),
            ("measures-operator", "/measures".to_owned()),
        ],
    }
}

pub(super) async fn look(
    browser: &Browser,
    axe: Option<&str>,
    name: &str,
    wrong: &mut Vec<String>,
) {
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

/// A new user, by somebody who has signed in a while ago: the pages between the forms.
async fn add_user(
    browser: &Browser,
    house: &House,
    language: &str,
    look: &mut impl AsyncFnMut(String),
) {
    house.people.age_all(600_000);
    browser.go("/admin").await;
    let name = format!("moi.{language}.{}", browser.width);
    browser.fill("[name=name]", &name).await;
    browser.fill("[name=display_name]", "Lê Giám Mới").await;
    browser
        .run("document.querySelector('[name=role]').value = 'reviewer'")
        .await;
    browser.click("form[action='/admin/users'] button").await;
    browser.wait("[name=own_password]").await;
    look(format!("prove-{language}")).await;
    browser.fill("[name=own_password]", PASSWORD).await;
    browser.fill("[name=own_code]", CODE).await;
    browser.click("main button.primary").await;
    browser.wait(".secret").await;
    look(format!("admin-code-{language}")).await;
    assert_eq!(browser.path().await, "/admin/users");
}

/// What is only seen where several act at a time.
async fn while_others_act(
    browser: &Browser,
    house: &House,
    axe: Option<&str>,
    language: &str,
    wrong: &mut Vec<String>,
) {
    let binh = viewer("binh", Role::Reviewer);
    let act = |number| {
        house.act(&binh, number, WorkAction::Note, |act| {
            act.note = Some("Xem lại bệnh án.".to_owned());
        });
    };
    browser.go(&format!("/alerts/{}", id(1))).await;
    browser.click("summary:has(+ form [name=until])").await;
    browser
        .fill("details[open] [name=note]", "Chờ cơ sở trả lời.")
        .await;
    browser
        .run("document.querySelector('details[open] [name=until]').value = '2027-01-15'")
        .await;
    act(1);
    browser.click("details[open] button").await;
    browser.wait(".compare").await;
    look(browser, axe, &format!("conflict-{language}"), wrong).await;
    browser.go("/queue").await;
    browser.click("[data-row]:nth-child(1) [name=alert]").await;
    browser.click("[data-row]:nth-child(2) [name=alert]").await;
    let first = "return document.querySelector('[name=alert]').value.split('.')[0]";
    let first = browser.run(first).await.as_str().unwrap().to_owned();
    act((0..32).find(|number| id(*number) == first).unwrap());
    browser
        .run("document.querySelector('[data-bulk] [name=action]').value = 'take'")
        .await;
    browser
        .fill("[data-bulk] [name=note]", "Cùng một cơ sở.")
        .await;
    browser.click("[data-bulk] button").await;
    browser.wait("main table.plain").await;
    look(browser, axe, &format!("bulk-outcome-{language}"), wrong).await;
}

/// Pages in the dark: colours are the only thing that differs.
async fn in_the_dark(axe: Option<&str>, wrong: &mut Vec<String>) {
    let house = House::full();
    let Some(browser) = Browser::open_with(&house.address, 1440, 900, &["--force-dark-mode"]).await
    else {
        return;
    };
    browser.go("/sign-in").await;
    let is_dark = browser
        .run("return matchMedia('(prefers-color-scheme: dark)').matches")
        .await;
    assert_eq!(is_dark, true);
    look(&browser, axe, "dark-sign-in", wrong).await;
    browser.sign_in("an").await;
    for (picture, path) in pages("an", &house) {
        browser.go(&path).await;
        look(&browser, axe, &format!("dark-{picture}"), wrong).await;
    }
    while_others_act(&browser, &house, axe, "dark", wrong).await;
    browser.close().await;
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
        for name in ["an", "chi", "dung", "giang", "khanh"] {
            browser.sign_in(name).await;
            let is = browser.run("return document.documentElement.lang").await;
            if is != language {
                browser.click("form[action='/language'] button").await;
                browser.wait(&format!("html[lang={language}]")).await;
            }
            for (picture, path) in pages(name, &house) {
                browser.go(&path).await;
                look(&browser, axe, &format!("{picture}-{language}"), wrong).await;
            }
            if name == "khanh" {
                let mut look = async |name: String| self::look(&browser, axe, &name, wrong).await;
                add_user(&browser, &house, language, &mut look).await;
            }
            if name == "an" {
                while_others_act(&browser, &house, axe, language, wrong).await;
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
        in_the_dark(axe.as_deref(), &mut wrong).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
