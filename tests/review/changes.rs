//! What changed since somebody looked, on the pages.

use fundwatch::review::{EvidenceDigest, Finding, WorkAction};
use fundwatch::store::{AlertState, HistoryKind};

use super::house::{House, viewer};
use super::made::{finding, id};
use super::visitor::Visitor;
use fundwatch::access::Role;

fn english(house: &House, name: &str) -> Visitor {
    let mut visitor = Visitor::signed_in(&house.address, name);
    let csrf = visitor.get("/account").field("csrf");
    visitor.post("/language", &[("csrf", &csrf), ("language", "en")]);
    visitor
}

fn short(number: u32) -> String {
    id(number)[..8].to_owned()
}

#[test]
fn what_changed_is_told_until_it_is_marked_as_seen() {
    let house = House::full();
    let mut an = english(&house, "an");
    let mine = an.get("/mine").body;
    // 7 is withdrawn, 9 rests on something else, and chi wrote a note about it.
    assert!(mine.contains("3 changes since"), "{mine}");
    for _ in 0..2 {
        let page = an.get("/changes").body;
        assert_eq!(page.matches("data-row").count(), 2);
        assert!(page.contains(&short(7)) && page.contains(&short(9)));
        assert!(page.contains("What others did"));
        assert!(page.contains("Content of the evidence"));
        // What chi wrote is on the page of the alert.
        assert!(!page.contains("Đề nghị xem lại."));
    }
    let page = an.get("/changes");
    let (csrf, epoch, event) = (page.field("csrf"), page.field("epoch"), page.field("event"));
    // Something happens after the page was made: it is not marked as seen with it.
    let later = Finding {
        state: AlertState::Withdrawn,
        changed_epoch: 4,
        ..finding(1)
    };
    house.project(std::slice::from_ref(&later), 4);
    house.machine(&[later], HistoryKind::Withdrawn, 4);
    let form = [
        ("csrf", &*csrf),
        ("place", "mine"),
        ("epoch", &epoch),
        ("event", &event),
    ];
    let marked = an.post("/changes", &form);
    assert_eq!(
        (marked.status, marked.location()),
        (303, "/changes?place=mine&seen=1")
    );
    let page = an.get(marked.location()).body;
    assert!(page.contains("Marked as seen"));
    assert_eq!(page.matches("data-row").count(), 1);
    assert!(page.contains(&short(1)) && !page.contains("What others did</h2>"));
    for (name, text) in [
        ("epoch", "x"),
        ("event", ""),
        ("place", "nowhere"),
        ("alert", "x"),
    ] {
        let mut wrong: Vec<(&str, &str)> = form.to_vec();
        wrong.retain(|(own, _)| *own != name);
        wrong.push((name, text));
        let status = an.post("/changes", &wrong).status;
        assert!(matches!(status, 400 | 404), "{name}={text}: {status}");
    }
}

#[test]
fn an_alert_tells_what_changed_since_it_was_opened() {
    let house = House::full();
    let mut an = english(&house, "an");
    let alert = format!("/alerts/{}", id(9));
    for _ in 0..3 {
        let page = an.get(&alert).body;
        let (_, since) = page.split_once("id=\"since\"").unwrap();
        let (since, _) = since.split_once("</section>").unwrap();
        assert!(since.contains("<strong>chi</strong>") && since.contains("Đề nghị xem lại."));
        assert!(since.contains("Content of the evidence"), "{since}");
    }
    // Whoever opens it for the first time has nothing to compare.
    let mut binh = english(&house, "binh");
    assert!(!binh.get(&alert).body.contains("id=\"since\""));
    let changed = Finding {
        digest: EvidenceDigest([7; 16]),
        grade: Some(2),
        changed_epoch: 4,
        ..finding(9)
    };
    house.project(std::slice::from_ref(&changed), 4);
    house.machine(&[changed], HistoryKind::Changed, 4);
    let page = binh.get(&alert).body;
    let (_, since) = page.split_once("id=\"since\"").unwrap();
    assert!(
        since.contains("Sources:</span> 1 → <strong>2</strong>"),
        "{since}"
    );
    let page = binh.get(&alert);
    let form = |name: &str| {
        let (_, section) = page.body.split_once("id=\"since\"").unwrap();
        let (_, value) = section
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        value.split_once('"').unwrap().0.to_owned()
    };
    let (csrf, epoch, event) = (form("csrf"), form("epoch"), form("event"));
    let own = id(9);
    let form = [
        ("csrf", &*csrf),
        ("alert", &own),
        ("epoch", &epoch),
        ("event", &event),
        ("from", &alert),
    ];
    assert_eq!(
        binh.post("/changes", &form).location(),
        format!("{alert}?seen=1")
    );
    assert!(!binh.get(&alert).body.contains("id=\"since\""));
}

#[test]
fn rows_of_a_list_say_what_is_new_since_it_was_seen() {
    let house = House::full();
    let mut an = english(&house, "an");
    let new = Finding {
        raised_epoch: 4,
        changed_epoch: 4,
        ..finding(40)
    };
    let changed = Finding {
        digest: EvidenceDigest([9; 16]),
        changed_epoch: 4,
        ..finding(10)
    };
    house.project(&[new.clone(), changed.clone()], 4);
    house.machine(&[new], HistoryKind::Raised, 4);
    house.machine(&[changed], HistoryKind::Changed, 4);
    let page = an.get("/queue").body;
    assert!(page.contains("2 changes since"), "{page}");
    assert_eq!(page.matches("new since</span>").count(), 1);
    assert_eq!(page.matches("changed since</span>").count(), 1);
    // What was raised and withdrawn since is nothing, and never was seen.
    let gone = Finding {
        state: AlertState::Withdrawn,
        raised_epoch: 4,
        changed_epoch: 5,
        ..finding(40)
    };
    house.project(std::slice::from_ref(&gone), 5);
    house.machine(&[gone], HistoryKind::Withdrawn, 5);
    let page = an.get("/queue").body;
    assert!(page.contains("1 changes since"), "{page}");
    // Nobody else has marked anything.
    let page = english(&house, "binh").get("/queue").body;
    assert!(page.contains("Tell what changes from now on") && !page.contains("new since</span>"));
}

#[test]
fn changes_of_other_provinces_are_told_to_nobody() {
    let house = House::full();
    let mut tam = english(&house, "tam");
    for path in [
        "/changes?place=open&since=0",
        "/changes?place=closed&since=0",
        "/changes?since=0",
    ] {
        let page = tam.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.body.matches("data-row").count(), 0, "{path}");
        assert!(page.body.contains("<strong>0</strong> raised"), "{path}");
        for number in 0..32 {
            assert!(!page.body.contains(&short(number)), "{path}");
        }
    }
    let csrf = tam.get("/account").field("csrf");
    let own = id(9);
    let form = [
        ("csrf", &*csrf),
        ("alert", &own),
        ("epoch", "1"),
        ("event", "0"),
    ];
    assert_eq!(tam.post("/changes", &form).status, 404);
    // What others do about an alert of theirs that was moved away is not told either.
    let an = viewer("an", Role::Reviewer);
    house.act(&an, 1, WorkAction::Note, |act| {
        act.note = Some("x".to_owned())
    });
    assert!(
        !tam.get("/changes?since=0")
            .body
            .contains("What others did</h2>")
    );
}

#[test]
fn whoever_decides_a_second_time_is_not_told_what_was_proposed() {
    let house = House::full();
    // chi assigned it, and has not seen what came of it.
    let chi = viewer("chi", Role::Supervisor);
    let here = house.desk.here().unwrap();
    let place = fundwatch::review::Place::Mine;
    house
        .desk
        .mark_seen(&chi, &place, (here.epoch, here.event))
        .unwrap();
    let an = viewer("an", Role::Reviewer);
    house.act(&an, 8, WorkAction::Start, |_| {});
    house.act(&an, 8, WorkAction::Propose, |act| {
        act.verdict = Some(fundwatch::review::Verdict::ConfirmedFraud);
        act.note = Some("Cơ sở xác nhận kê khống.".to_owned());
    });
    let page = english(&house, "chi").get("/changes").body;
    let (_, events) = page.split_once("What others did</h2>").unwrap();
    assert!(events.contains("<strong>an</strong> · propose"), "{events}");
    let verdict = fundwatch::review::Verdict::ConfirmedFraud;
    let words = verdict.text(fundwatch::language::Language::English);
    assert!(!events.contains(words) && !events.contains("kê khống"));
}
