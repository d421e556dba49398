//! What is shown once, in a browser: with its script, printed, loaded again and gone back to.

use super::browser::{Browser, in_time};
use super::house::House;
use super::made::{CARD, id};

async fn text(browser: &Browser) -> String {
    let text = browser.run("return document.body.innerText").await;
    text.as_str().unwrap().to_owned()
}

async fn reveal(browser: &Browser) {
    browser.click("#row-1 summary").await;
    let choose = "const one = document.querySelector('#row-1 [name=purpose]');
        one.value = 'identity_check'; one.dispatchEvent(new Event('change'));";
    browser.run(choose).await;
    browser.click("#row-1 form button").await;
    browser.wait("#row-1 mark").await;
}

#[test]
fn it_is_masked_again_when_loaded_again_gone_back_to_or_printed() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1280, 2_400).await else {
            return;
        };
        browser.sign_in("an").await;
        let path = format!("/alerts/{}", id(1));
        browser.go(&path).await;
        assert!(!text(&browser).await.contains(CARD));
        reveal(&browser).await;
        let shown = text(&browser).await;
        assert!(shown.contains(CARD) && shown.contains("<script>alert(1)</script>"));
        // The rules of print, applied to the screen.
        let print = "for (const sheet of document.styleSheets) for (const rule of sheet.cssRules)
            if (rule.media?.mediaText === 'print') rule.media.mediaText = 'all';";
        browser.run(print).await;
        let printed = text(&browser).await;
        assert!(
            !printed.contains(CARD) && !printed.contains("<script>"),
            "{printed}"
        );
        assert!(
            printed.contains("N.M.A."),
            "what is printed is masked: {printed}"
        );

        // Loaded again it is the alert's own address: nothing is sent a second time.
        assert_eq!(browser.path().await, path);
        browser.driver.refresh().await.unwrap();
        browser.wait("#row-1").await;
        assert!(!text(&browser).await.contains(CARD));
        reveal(&browser).await;
        browser.go("/queue").await;
        browser.driver.back().await.unwrap();
        browser.wait("#row-1").await;
        assert!(!text(&browser).await.contains(CARD), "gone back to");
        assert_eq!(house.desk.reveals(&id(1)).unwrap().len(), 2);
        let kept = browser
            .run("return JSON.stringify([localStorage, sessionStorage, document.cookie])")
            .await;
        assert!(!kept.as_str().unwrap().contains(CARD));

        // A purpose that needs a note asks for it; and `/` finds a person.
        browser.click("#row-1 summary").await;
        let choose = "const one = document.querySelector('#row-1 [name=purpose]');
            one.value = 'other_documented'; one.dispatchEvent(new Event('change'));
            return document.querySelector('#row-1 [name=note]').required;";
        assert_eq!(browser.run(choose).await, true);
        browser.go(&path).await;
        browser.press("/").await;
        browser.wait("main .find").await;
        assert_eq!(browser.path().await, "/search");
        browser.press("/").await;
        assert_eq!(
            browser.run("return document.activeElement.name").await,
            "number"
        );
        browser.press(CARD).await;
        browser.click("main .find button").await;
        browser.wait("main .empty").await;
        assert!(
            !browser
                .run("return document.documentElement.outerHTML")
                .await
                .to_string()
                .contains(CARD)
        );
        browser.close().await;
    });
}
