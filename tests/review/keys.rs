//! The commonest tasks by keys alone: nothing is clicked, from the form of sign-in on, and each is finished.

use fundwatch::access::Role;
use fundwatch::record::Day;
use fundwatch::review::{Item, Verdict, WorkState};

use super::browser::{Browser, DOWN, ENTER, ESCAPE, in_time};
use super::house::{House, viewer};
use super::made::{CARD, id, today};
use super::people::{CODE, PASSWORD};

/// The next day whose number is that of its month: a field for a date reads it alike, whichever comes first.
fn same_day() -> Day {
    let days = (1..100).map(|days| today().plus(days));
    let is_same = |day: &Day| {
        let text = day.to_string();
        text[5..7] == text[8..10]
    };
    { days }.find(is_same).unwrap()
}

struct Keys<'a> {
    browser: &'a Browser,
    house: &'a House,
    /// What was finished.
    finished: Vec<&'static str>,
}

impl Keys<'_> {
    async fn press(&self, keys: &str) {
        self.browser.press(keys).await;
    }

    async fn has_focus(&self, selector: &str) {
        let script = format!("return document.activeElement.matches({selector:?})");
        let is_there = self.browser.run(&script).await;
        assert_eq!(is_there, true, "the focus is not at {selector}");
    }

    /// Follows a link of the navigation.
    async fn go(&self, path: &str) {
        self.browser.tab_to(&format!("nav a[href='{path}']")).await;
        self.press(ENTER).await;
        self.browser
            .wait(&format!("nav a[href='{path}'][aria-current]"))
            .await;
    }

    /// The alert whose page is open.
    async fn alert(&self) -> String {
        let path = self.browser.path().await;
        path.strip_prefix("/alerts/").unwrap().to_owned()
    }

    fn item(&self, alert: &str) -> Item {
        let chi = viewer("chi", Role::Supervisor);
        self.house.desk.item(&chi, alert).unwrap().unwrap()
    }

    /// Sends the form that has the focus, and waits until it is done.
    async fn send(&self, button: &str) {
        self.browser.tab_to(button).await;
        self.press_and_wait(ENTER).await;
    }

    /// Presses what sends something, and waits for the page that answers it: the page before may say what was done
    /// before.
    async fn press_and_wait(&self, keys: &str) {
        self.browser.run("window.isBefore = true").await;
        self.press(keys).await;
        let answered = "return !window.isBefore && !!document.querySelector('.notice.good')";
        self.browser.until("it is done", answered).await;
    }

    /// The next alert of the list that nobody has, opened and taken.
    async fn take_next(&self) -> String {
        for _ in 0..20 {
            let before = self.browser.path().await;
            self.press("n").await;
            let gone = format!("return location.pathname !== {before:?}");
            self.browser.until("the next alert", &gone).await;
            self.browser.wait("aside.work").await;
            if self.browser.has("button[data-key=a][value=take]").await {
                break;
            }
        }
        let alert = self.alert().await;
        self.press_and_wait("a").await;
        let work = self.item(&alert).work;
        assert_eq!(work.state, WorkState::InReview);
        assert_eq!(work.assignee.as_deref(), Some("an"));
        alert
    }

    fn done(&mut self, what: &'static str) {
        assert!(!self.finished.contains(&what), "{what}");
        self.finished.push(what);
    }
}

async fn sign_in(keys: &mut Keys<'_>) {
    keys.browser.go("/sign-in").await;
    for (field, text) in [("name", "an"), ("password", PASSWORD), ("code", CODE)] {
        keys.browser.tab_to(&format!("form [name={field}]")).await;
        keys.press(text).await;
    }
    keys.press(ENTER).await;
    keys.browser.wait("[data-signed-in]").await;
    keys.done("sign in");
}

/// Two rows are selected and taken; the next is opened.
async fn in_the_list(keys: &mut Keys<'_>) {
    keys.go("/queue").await;
    let own = "return Array.from(document.querySelectorAll('[data-row]'))
        .filter(row => row.querySelector('.w-assignee, td:last-child').textContent.trim() === 'chưa có')
        .map(row => row.querySelector('[data-open]').pathname)";
    let free = keys.browser.run(own).await;
    let free = free.as_array().unwrap();
    assert!(free.len() > 5, "{free:?}");
    // Down to the first that nobody has, past it, and up again.
    let here = "return document.activeElement.pathname ?? ''";
    let to = |place: usize| free[place].clone();
    for _ in 0..40 {
        keys.press("j").await;
        if keys.browser.run(here).await == to(1) {
            break;
        }
    }
    assert_eq!(keys.browser.run(here).await, to(1));
    keys.press("x").await;
    for _ in 0..40 {
        if keys.browser.run(here).await == to(0) {
            break;
        }
        keys.press("k").await;
    }
    assert_eq!(keys.browser.run(here).await, to(0));
    keys.done("move");
    keys.press("x").await;
    assert_eq!(keys.browser.text("[data-count]").await, "Đã chọn 2");
    keys.done("select");
    keys.press("a").await;
    keys.has_focus("[data-bulk] [name=action]").await;
    keys.send("[data-bulk] fieldset button").await;
    for place in [0, 1] {
        let path = to(place);
        let alert = path.as_str().unwrap().trim_start_matches("/alerts/");
        assert_eq!(keys.item(alert).work.assignee.as_deref(), Some("an"));
    }
    keys.done("take several");
    keys.press("j").await;
    keys.press(ENTER).await;
    keys.browser.wait("aside.work").await;
    keys.alert().await;
    keys.done("open");
}

/// Alerts are taken, closed, proposed, put off and given up.
async fn on_alerts(keys: &mut Keys<'_>) {
    let alert = keys.take_next().await;
    keys.done("next alert");
    keys.done("take");
    choose(keys, "v", ".decision [name=verdict]", "legitimate_timing").await;
    keys.browser.tab_to(".decision [name=note]").await;
    keys.press("Đã đối chiếu sổ khám.").await;
    keys.send(".decision button[value=close]").await;
    let item = keys.item(&alert);
    assert_eq!(item.work.state, WorkState::Closed);
    let decided = item.work.decided.unwrap();
    assert_eq!(decided.verdict, Verdict::LegitimateTiming);
    let last = keys.house.desk.events(&alert).unwrap().pop().unwrap();
    let note = last.note.unwrap();
    assert_eq!(note.text(), Some("Đã đối chiếu sổ khám."));
    keys.done("close with a verdict and a note");

    let alert = keys.take_next().await;
    choose(keys, "v", ".decision [name=verdict]", "confirmed_fraud").await;
    keys.browser.tab_to(".decision [name=note]").await;
    keys.press("Cơ sở xác nhận kê khống.").await;
    keys.send(".decision button[value=propose]").await;
    assert_eq!(keys.item(&alert).work.state, WorkState::Proposed);
    keys.done("propose with a verdict and a note");

    let day = same_day();
    let text = day.to_string();
    let typed = format!("{0}{0}{1}", &text[5..7], &text[..4]);
    for (key, action, state) in [
        ("s", "snooze", WorkState::Snoozed),
        ("w", "wait", WorkState::Waiting),
    ] {
        let alert = keys.take_next().await;
        keys.press(key).await;
        keys.has_focus("details[open] [name=until]").await;
        keys.press(&typed).await;
        let form = format!("details[open] button[value={action}]");
        keys.send(&form).await;
        let work = keys.item(&alert).work;
        assert_eq!((work.state, work.until), (state, Some(day)));
        keys.done(action);
    }
    let alert = keys.take_next().await;
    keys.press("e").await;
    keys.has_focus("details[open] [name=note]").await;
    keys.press("Cần phối hợp với công an.").await;
    keys.send("details[open] button[value=escalate]").await;
    assert_eq!(keys.item(&alert).work.state, WorkState::Escalated);
    keys.done("escalate");
    keys.press("u").await;
    keys.browser.wait("table.alerts").await;
    assert_eq!(keys.browser.path().await, "/queue");
    keys.done("back");
}

/// Goes down a list until this is chosen; `key` leads to it, where one does. The focus stays at the list.
async fn choose(keys: &Keys<'_>, key: &str, list: &str, value: &str) {
    match key {
        "" => keys.browser.tab_to(list).await,
        key => keys.press(key).await,
    }
    let chosen = format!("return document.querySelector({list:?}).value");
    for _ in 0..40 {
        keys.has_focus(list).await;
        if keys.browser.run(&chosen).await == value {
            return;
        }
        keys.press(DOWN).await;
    }
    panic!("{value} is not offered");
}

async fn search_and_reveal(keys: &mut Keys<'_>) {
    keys.press("/").await;
    keys.has_focus("[data-search]").await;
    let before = keys.house.desk_log.with("an Search").len();
    keys.press(CARD).await;
    keys.press(ENTER).await;
    keys.browser.wait("main .empty").await;
    assert_eq!(keys.house.desk_log.with("an Search").len(), before + 1);
    keys.done("search");

    // One that they have: who has an alert may have shown what it rests on.
    keys.go("/mine").await;
    for _ in 0..40 {
        keys.press("j").await;
        let here = keys
            .browser
            .run("return document.activeElement.pathname")
            .await;
        if here == format!("/alerts/{}", id(1)) {
            break;
        }
    }
    keys.press(ENTER).await;
    keys.browser.wait("aside.work").await;
    assert_eq!(keys.alert().await, id(1));
    keys.browser.tab_to("#row-1 summary").await;
    keys.press(ENTER).await;
    choose(keys, "", "#row-1 [name=purpose]", "compare_records").await;
    keys.browser.tab_to("#row-1 form button").await;
    keys.press(ENTER).await;
    keys.browser.wait("#row-1 mark").await;
    assert!(keys.browser.text("#row-1").await.contains(CARD));
    assert_eq!(keys.house.desk.reveals(&id(1)).unwrap().len(), 1);
    keys.done("reveal");
}

async fn help_and_off(keys: &mut Keys<'_>) {
    keys.press("?").await;
    assert!(keys.browser.has("dialog[open]").await);
    keys.browser.picture("keys-vi").await;
    keys.press(ESCAPE).await;
    assert!(!keys.browser.has("dialog[open]").await);
    keys.done("help");
    // Switched off, keys do nothing.
    keys.go("/account").await;
    keys.send("form[action='/account/shortcuts'] button").await;
    keys.go("/queue").await;
    keys.press("j").await;
    assert!(!keys.browser.has("tr.current").await);
    keys.press("?").await;
    assert!(!keys.browser.has("dialog[open]").await);
    keys.done("switch keys off");
}

#[test]
fn the_commonest_tasks_are_finished_by_keys_alone() {
    in_time(async {
        let house = House::full();
        let Some(browser) = Browser::open(&house.address, 1440, 900).await else {
            return;
        };
        let mut keys = Keys {
            browser: &browser,
            house: &house,
            finished: Vec::new(),
        };
        sign_in(&mut keys).await;
        in_the_list(&mut keys).await;
        on_alerts(&mut keys).await;
        search_and_reveal(&mut keys).await;
        help_and_off(&mut keys).await;
        assert_eq!(keys.finished.len(), 17, "{:?}", keys.finished);
        browser.close().await;
    });
}
