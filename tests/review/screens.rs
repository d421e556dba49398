//! Every page in both languages, wide and narrow: nothing that axe-core finds, nothing cut off, pictures to look at.

use fundwatch::web::pages::PAGE_ROUTES;

use super::between::{
    add_user, ended, refused, reveal, reveal_correction, second_look, while_others_act,
};
use super::browser::{Browser, axe, in_time};
use super::house::House;
use super::made::id;
use super::people::{PASSWORD, PEOPLE, SETUP_CODE};
use super::routes::path;
use super::visitor::Visitor;

/// Pages that are there before anybody signs in.
const BEFORE: [(&str, &str); 2] = [("sign-in", "/sign-in"), ("setup", "/setup")];

/// Pages of a role: a name for the picture, and the path.
pub(super) fn pages(name: &str, house: &House) -> Vec<(&'static str, String)> {
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
            ("not-found", format!("/alerts/{}", "f".repeat(32))),
            ("nowhere", "/nowhere/at/all".to_owned()),
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
        for (picture, path) in BEFORE {
            browser.go(path).await;
            look(&browser, axe, &format!("{picture}-{language}"), wrong).await;
        }
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
        refused(&browser).await;
        look(&browser, axe, &format!("sign-in-refused-{language}"), wrong).await;
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
                reveal_correction(&browser, &house).await;
                look(
                    &browser,
                    axe,
                    &format!("correction-revealed-{language}"),
                    wrong,
                )
                .await;
                ended(&browser, &house).await;
                look(&browser, axe, &format!("session-ended-{language}"), wrong).await;
                continue;
            }
            if name == "chi" {
                let mut look = async |name: String| self::look(&browser, axe, &name, wrong).await;
                second_look(&browser, &house, language, &mut look).await;
            }
            browser.click("form[action='/sign-out'] button").await;
        }
    }
    browser.close().await;
}

/// Looks in one way, with what axe-core finds.
fn look_at_every_page(how: impl AsyncFnOnce(Option<&str>, &mut Vec<String>)) {
    in_time(async {
        let axe = axe();
        let mut wrong = Vec::new();
        how(axe.as_deref(), &mut wrong).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn every_page_is_whole_and_has_nothing_that_axe_finds() {
    look_at_every_page(async |axe, wrong| at_width(1440, 900, axe, wrong).await);
}

#[test]
fn every_page_is_whole_on_a_telephone_and_has_nothing_that_axe_finds() {
    look_at_every_page(async |axe, wrong| at_width(390, 2600, axe, wrong).await);
}

#[test]
fn every_page_is_whole_in_the_dark_and_has_nothing_that_axe_finds() {
    look_at_every_page(async |axe, wrong| in_the_dark(axe, wrong).await);
}

/// The route that a path is of: of several the one with fewest places.
fn route_of(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
    let is_of = |template: &&str| {
        let own: Vec<&str> = template.split('/').collect();
        let is_same = |(own, part): (&&str, &&str)| own.starts_with('{') || own == part;
        let is_rest = template.ends_with("{*path}");
        (is_rest || own.len() == parts.len()) && own.iter().zip(&parts).all(is_same)
    };
    let gets = PAGE_ROUTES.iter().filter(|route| route.method == "GET");
    let fits = gets.map(|route| route.template).filter(is_of);
    fits.min_by_key(|template| (template.contains("{*"), template.matches('{').count()))
}

/// What a route answers decides whether it is a page, and no list does.
#[test]
fn every_route_that_shows_a_page_is_among_those_that_are_looked_at() {
    let house = House::full();
    let looked_at = PEOPLE.iter().flat_map(|(name, _, _)| pages(name, &house));
    let looked_at = looked_at.map(|(_, path)| path);
    let looked_at = looked_at.chain(BEFORE.map(|(_, path)| path.to_owned()));
    let looked_at: Vec<&str> = looked_at.filter_map(|path| route_of(&path)).collect();
    let mut visitors: Vec<Visitor> = { PEOPLE.iter() }
        .map(|(name, _, _)| Visitor::signed_in(&house.address, name))
        .collect();
    visitors.push(Visitor::new(&house.address));
    let mut shown = 0;
    for route in PAGE_ROUTES
        .iter()
        .filter(|route| route.method == "GET" && route.template != "/live")
    {
        let is_page = visitors.iter_mut().any(|visitor| {
            let answer = visitor.get(&path(route.template));
            let kind = answer.headers.get("content-type");
            let is_text = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
            // What is nowhere is told by a page as well.
            is_text && (answer.status == 200 || route.template == "/{*path}")
        });
        shown += usize::from(is_page);
        assert!(
            !is_page || looked_at.contains(&route.template),
            "no picture of {}",
            route.template
        );
    }
    assert!(shown > 20, "{shown} pages");
}
