//! Pages that no address leads to: what is between two forms, and what is seen where several act at a time.

use fundwatch::access::Role;
use fundwatch::review::WorkAction;

use super::browser::Browser;
use super::core_path::proposed_for_a_second_look;
use super::house::{House, viewer};
use super::made::id;
use super::people::{CODE, PASSWORD};
use super::screens::look;

/// A new user, by somebody who has signed in a while ago: the pages between the forms.
pub(super) async fn add_user(
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
pub(super) async fn while_others_act(
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

/// Opens the form of a row, and sends it.
pub(super) async fn reveal(browser: &Browser, is_sent: bool) {
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

/// A sign-in that is refused.
pub(super) async fn refused(browser: &Browser) {
    browser.go("/sign-in").await;
    browser.fill("[name=name]", "an").await;
    browser.fill("[name=password]", "khong phai cau nay").await;
    browser.fill("[name=code]", CODE).await;
    browser.click("main button.primary").await;
    browser.wait(".notice.bad").await;
}

/// Whom a request for a correction is about.
pub(super) async fn reveal_correction(browser: &Browser, house: &House) {
    let path = format!("/corrections/{}", house.corrections[0]);
    browser.go(&path).await;
    browser
        .click(&format!("form[action='{path}/reveal'] button"))
        .await;
    browser.wait("main mark").await;
}

/// A session that has ended while somebody wrote: what was typed is on the page that says so.
pub(super) async fn ended(browser: &Browser, house: &House) {
    let typed = "Đã gọi cơ sở; chờ bản chụp bệnh án.";
    browser.go(&format!("/alerts/{}", id(1))).await;
    browser
        .choose(".decision [name=verdict]", "legitimate_other")
        .await;
    browser.fill(".decision [name=note]", typed).await;
    house.people.end_all();
    browser.click(".decision button[value=close]").await;
    browser.wait("textarea#typed").await;
    assert_eq!(browser.text("textarea#typed").await, typed);
}

/// A supervisor decides before the proposal is shown, and compares.
pub(super) async fn second_look(
    browser: &Browser,
    house: &House,
    language: &str,
    look: &mut impl AsyncFnMut(String),
) {
    let number = proposed_for_a_second_look(house);
    browser.go(&format!("/alerts/{}", id(number))).await;
    let form = format!("form[action='/alerts/{}/second-look']", id(number));
    browser.wait(&form).await;
    look(format!("alert-second-look-{language}")).await;
    browser
        .choose(&format!("{form} [name=verdict]"), "inconclusive")
        .await;
    browser.click(&format!("{form} button")).await;
    browser.wait("ul.verdicts").await;
    look(format!("second-look-{language}")).await;
}
