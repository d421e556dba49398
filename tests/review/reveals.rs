//! Masked fields are shown once, after that is recorded; and a person is found by a number that no page tells again.

use std::sync::atomic::Ordering;

use super::house::House;
use super::log::lines;
use super::made::{CARD, CITIZEN, INSURANCE, NUMBERS, finding, id};
use super::visitor::{Answer, Visitor};
use crate::said;
use fundwatch::review::{EvidenceDigest, Finding, GroupId};

/// Of what every alert rests on as it is made.
const DIGEST: &str = "01010101010101010101010101010101";
/// As the name stands on a page.
const SHOWN: &str = "Nguyễn Mẫu An &#60;script&#62;alert(1)&#60;/script&#62;";

fn page(visitor: &mut Visitor, number: u32) -> Answer {
    visitor.get(&format!("/alerts/{}?view=open", id(number)))
}

fn reveal_with(visitor: &mut Visitor, number: u32, fields: &[(&str, &str)]) -> Answer {
    let csrf = visitor.get("/account").field("csrf");
    let mut form = vec![("csrf", &*csrf), ("view", "open"), ("digest", DIGEST)];
    form.extend_from_slice(fields);
    visitor.post(&format!("/alerts/{}/reveal", id(number)), &form)
}

fn reveal(visitor: &mut Visitor, number: u32, row: &str, before: &str) -> Answer {
    let fields = [
        ("row", row),
        ("before", before),
        ("purpose", "identity_check"),
    ];
    reveal_with(visitor, number, &fields)
}

fn tells(answer: &Answer) -> bool {
    let headers = format!("{:?}", answer.headers);
    let is_told = |text: &&str| answer.body.contains(*text) || headers.contains(*text);
    NUMBERS.iter().any(is_told) || answer.body.contains("Nguyễn Mẫu An")
}

#[test]
fn a_row_is_shown_once_and_masked_when_loaded_again() {
    lines();
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let before = page(&mut an, 1);
    assert!(!tells(&before));
    assert!(before.body.contains("Hiện họ tên, ngày sinh, số thẻ"));
    assert_eq!(
        before.body.matches("class=\"reveal\"").count(),
        3,
        "none of the erased row"
    );
    let purposes = before
        .body
        .split("<select name=\"purpose\"")
        .nth(1)
        .unwrap();
    let purposes = purposes.split("</select>").next().unwrap();
    assert_eq!(purposes.matches("<option").count(), 7);

    let shown = reveal(&mut an, 1, "1", &before.field("before"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    // What somebody stored as a name is a text.
    assert!(shown.body.contains(&format!("<mark>{SHOWN}</mark>")));
    assert!(!shown.body.contains("<script>alert"));
    assert!(
        shown.body.contains(CARD) && !shown.body.contains(CITIZEN),
        "one row"
    );
    assert!(
        shown
            .body
            .contains("Dòng 1 được hiện một lần. Đã ghi lại với mục đích: Đối chiếu danh tính.")
    );
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert_eq!(shown.headers["referrer-policy"], "no-referrer");
    // Nothing on the page leads to where it is again.
    let own = format!("name=\"from\" value=\"/alerts/{}?view=open\"", id(1));
    assert!(shown.body.contains(&own));
    // What is printed is the masked text.
    assert!(
        shown.body.contains("<ul class=\"texts unmasked\"")
            && shown.body.contains("<ul class=\"texts printed\"")
    );

    let again = page(&mut an, 1);
    assert!(!tells(&again));
    assert!(
        again
            .body
            .contains("đã xem dòng 1 không che (họ tên, ngày sinh, số thẻ)"),
        "{}",
        again.body
    );
    // The form sent again, as a browser does that loads the answer again.
    let twice = reveal(&mut an, 1, "1", "0");
    assert_eq!(twice.status, 303);
    assert_eq!(twice.location(), format!("/alerts/{}?view=open", id(1)));
    assert!(!tells(&twice));
    assert_eq!(house.desk.reveals(&id(1)).unwrap().len(), 1);
    let entries = house.desk_log.with("Reveal");
    assert_eq!(entries.len(), 1);
    assert!(entries[0].starts_with("an ") && entries[0].contains("full_name"));

    // Whoever sees the alert sees that it was shown, and not what.
    let mut giang = Visitor::signed_in(&house.address, "giang");
    let seen = page(&mut giang, 1);
    assert!(seen.body.contains("đã xem dòng 1 không che") && !tells(&seen));
    assert!(
        !seen.body.contains("class=\"reveal\""),
        "an auditor is offered nothing"
    );
    assert_eq!(reveal(&mut giang, 1, "1", "0").status, 403);
    let mut nowhere = house.desk_log.with("");
    nowhere.push(lines());
    assert!(lines().lines().count() > 10, "the log is looked into");
    for text in NUMBERS.iter().chain(&["Nguyễn Mẫu An"]) {
        assert!(!nowhere.iter().any(|line| line.contains(text)), "{text}");
    }
}

#[test]
fn nothing_is_shown_that_is_not_recorded() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    page(&mut an, 1);
    let csrf = an.get("/account").field("csrf");
    let path = format!("/alerts/{}/reveal", id(1));
    let form = [
        ("csrf", &*csrf),
        ("row", "1"),
        ("before", "0"),
        ("digest", DIGEST),
        ("purpose", "other_documented"),
        ("note", "giữ lại"),
    ];
    house.desk_log.is_full.store(true, Ordering::SeqCst);
    let answer = an.post(&path, &form);
    assert_eq!(answer.status, 503);
    assert!(!tells(&answer));
    house.desk_log.is_full.store(false, Ordering::SeqCst);
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
    // The log fails between the look at the alert and the reveal.
    house.desk_log.fail_on("Reveal");
    let answer = an.post(&path, &form);
    assert_eq!(answer.status, 503);
    assert!(!tells(&answer) && answer.body.contains("giữ lại"));
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
    house.desk_log.fail_on("");
    assert_eq!(an.post(&path, &form).status, 200);
}

#[test]
fn what_is_missing_is_said_and_nothing_shown() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    for (fields, status) in [
        (vec![("row", "1"), ("before", "0")], 422),
        (
            vec![("row", "1"), ("before", "0"), ("purpose", "curiosity")],
            422,
        ),
        (
            vec![
                ("row", "1"),
                ("before", "0"),
                ("purpose", "other_documented"),
            ],
            422,
        ),
        (
            vec![("row", "4"), ("before", "0"), ("purpose", "identity_check")],
            422,
        ),
        (
            vec![
                ("row", "99"),
                ("before", "0"),
                ("purpose", "identity_check"),
            ],
            422,
        ),
        (
            vec![("row", "0"), ("before", "0"), ("purpose", "identity_check")],
            400,
        ),
        (
            vec![("row", "x"), ("before", "0"), ("purpose", "identity_check")],
            400,
        ),
        (vec![("row", "1"), ("purpose", "identity_check")], 400),
    ] {
        let answer = reveal_with(&mut an, 1, &fields);
        assert_eq!(answer.status, status, "{fields:?}");
        assert!(!tells(&answer), "{fields:?}");
    }
    // Rows are asked for by number, and so of the evidence that was looked at.
    let changed = Finding {
        digest: EvidenceDigest([2; 16]),
        changed_epoch: 4,
        ..finding(1)
    };
    house.project(&[changed], 4);
    let answer = reveal(&mut an, 1, "1", "0");
    assert_eq!(answer.status, 409);
    assert!(!tells(&answer));
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
}

#[test]
fn an_alert_that_is_not_theirs_is_answered_as_one_that_is_not_there() {
    let house = House::full();
    let mut bodies = Vec::new();
    // Of another province, not taken, taken by somebody else, not there.
    for (name, number) in [("tam", 1), ("an", 10), ("binh", 1), ("an", 4_000)] {
        let mut visitor = Visitor::signed_in(&house.address, name);
        let csrf = visitor.get("/account").field("csrf");
        let answer = reveal(&mut visitor, number, "1", "0");
        assert_eq!(answer.status, 404, "{name} {number}");
        assert!(!tells(&answer));
        let display_name = super::people::PEOPLE
            .iter()
            .find(|one| one.0 == name)
            .unwrap()
            .1;
        let body = answer.body.replace(&csrf, "").replace(&id(number), "");
        bodies.push(body.replace(display_name, ""));
    }
    for body in &bodies[1..] {
        assert_eq!(without_clock(body), without_clock(&bodies[0]));
    }
    // A supervisor has all of theirs.
    let mut chi = Visitor::signed_in(&house.address, "chi");
    assert_eq!(reveal(&mut chi, 1, "2", "0").status, 200);
}

/// A page without the time up to which data are complete.
fn without_clock(body: &str) -> String {
    let (before, rest) = body.split_once("data-complete").unwrap();
    let (_, after) = rest.split_once("</span>").unwrap();
    format!("{before}{after}")
}

#[test]
fn a_form_of_elsewhere_shows_nothing() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let mut chi = Visitor::signed_in(&house.address, "chi");
    let csrf = an.get("/account").field("csrf");
    let other = chi.get("/account").field("csrf");
    let path = format!("/alerts/{}/reveal", id(1));
    for (csrf, site) in [
        ("", Some("same-origin")),
        (&*other, Some("same-origin")),
        (&*csrf, Some("cross-site")),
        (&*csrf, None),
    ] {
        let form = [
            ("csrf", csrf),
            ("row", "1"),
            ("before", "0"),
            ("digest", DIGEST),
            ("purpose", "identity_check"),
        ];
        let answer = an.post_from(&path, &form, site);
        assert_eq!(answer.status, 403, "{site:?}");
        assert!(!tells(&answer));
        let form = [("csrf", csrf), ("number", CARD)];
        let answer = an.post_from("/search", &form, site);
        assert_eq!(answer.status, 403, "{site:?}");
        assert!(!tells(&answer));
    }
    assert!(house.desk.reveals(&id(1)).unwrap().is_empty());
    assert!(house.desk_log.with("Search").is_empty());
    // Nothing is shown by a GET.
    assert_eq!(an.get(&path).status, 405);
}

#[test]
fn the_bound_is_of_the_person_in_all_their_sessions() {
    let house = House::full();
    let mut sessions = [
        Visitor::signed_in(&house.address, "an"),
        Visitor::signed_in(&house.address, "an"),
    ];
    for number in 0..20 {
        let visitor = &mut sessions[number % 2];
        let answer = reveal(visitor, 1, "1", &number.to_string());
        assert_eq!(answer.status, 200, "{number}");
    }
    for visitor in &mut sessions {
        let answer = reveal(visitor, 1, "1", "20");
        assert_eq!(answer.status, 429);
        assert!(!tells(&answer));
        assert!(
            answer.body.contains("Có thể xem tiếp lúc"),
            "{}",
            answer.body
        );
    }
    assert_eq!(house.desk.reveals(&id(1)).unwrap().len(), 20);
}

/// A house where the alerts 20 and 21 are of the person with the numbers.
fn with_person() -> (House, GroupId) {
    let house = House::full();
    let key = house.desk.key();
    let (insurance, card) = (
        key.group("participants", INSURANCE),
        key.group("cards", CARD),
    );
    let findings = [20, 21].map(|number| Finding {
        person: Some(insurance),
        card: (number == 20).then_some(card),
        ..finding(number)
    });
    house.project(&findings, 4);
    let citizen = key.group("citizens", CITIZEN);
    house.desk.add_citizens(&[(citizen, insurance)]).unwrap();
    (house, insurance)
}

#[test]
fn a_person_is_found_and_no_page_tells_the_number() {
    lines();
    let (house, person) = with_person();
    let mut an = Visitor::signed_in(&house.address, "an");
    for path in ["/mine", "/queue", "/search"] {
        let body = an.get(path).body;
        assert!(
            body.contains("action=\"/search\"") && body.contains("name=\"number\""),
            "{path}"
        );
    }
    let csrf = an.get("/search").field("csrf");
    let mut search = |number: &str| an.post("/search", &[("csrf", &csrf), ("number", number)]);
    for number in [INSURANCE, CITIZEN, "079 051 000001"] {
        let answer = search(number);
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location(), format!("/groups/person/{person}"));
        assert!(!tells(&answer));
    }
    let of_card = search(&CARD.to_lowercase());
    assert!(
        of_card.location().starts_with("/groups/card/"),
        "{}",
        of_card.location()
    );
    let location = of_card.location().to_owned();
    for wrong in [
        "7900000001x",
        "12345",
        "",
        "HT379790000000",
        "<script>7900000001</script>",
    ] {
        let answer = search(wrong);
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(wrong.is_empty() || !answer.body.contains(wrong), "{wrong}");
        assert!(
            answer.body.contains("Đây không phải số thẻ BHYT"),
            "{wrong}"
        );
    }
    let none = search("7911111111");
    assert_eq!(none.status, 200);
    assert!(
        none.body.contains("Không có cảnh báo nào của người này")
            && none.body.contains("đầy đủ đến")
    );
    assert!(!none.body.contains("7911111111"));
    assert_eq!(house.desk_log.with("Search").len(), 5);
    assert_eq!(an.get(&location).status, 200);
    assert_eq!(an.get(&format!("/groups/person/{person}")).status, 200);
    let mut nowhere = house.desk_log.with("");
    nowhere.push(lines());
    for text in NUMBERS.iter().chain(&["7911111111"]) {
        assert!(!nowhere.iter().any(|line| line.contains(text)), "{text}");
    }
    // Nor does a question of the address.
    let address = format!("/search?number={CARD}");
    said::typed(&address);
    let answer = an.get(&address);
    assert_eq!(house.desk_log.with("Search").len(), 5);
    let (_, main) = answer.body.split_once("<main").unwrap();
    assert!(!main.contains(CARD));
}

#[test]
fn searches_are_bounded_and_not_for_everybody() {
    let (house, _) = with_person();
    let mut an = Visitor::signed_in(&house.address, "an");
    let csrf = an.get("/search").field("csrf");
    for number in 0..60 {
        let answer = an.post("/search", &[("csrf", &csrf), ("number", CARD)]);
        assert_eq!(answer.status, 303, "{number}");
    }
    let answer = an.post("/search", &[("csrf", &csrf), ("number", CARD)]);
    assert_eq!(answer.status, 429);
    assert!(answer.body.contains("Có thể tìm tiếp lúc") && !tells(&answer));
    let mut giang = Visitor::signed_in(&house.address, "giang");
    assert_eq!(giang.get("/search").status, 403);
    assert!(!giang.get("/queue").body.contains("action=\"/search\""));
    house.desk_log.is_full.store(true, Ordering::SeqCst);
    let mut chi = Visitor::signed_in(&house.address, "chi");
    let csrf = chi.get("/account").field("csrf");
    let answer = chi.post("/search", &[("csrf", &csrf), ("number", CARD)]);
    assert_eq!(answer.status, 503, "what is not in the log is not told");
    assert!(!tells(&answer));
}
