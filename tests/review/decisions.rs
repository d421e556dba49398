//! What people do, through forms alone: alerts are taken and decided, several at a time, and nothing is lost where
//! somebody else was faster.

use fundwatch::access::Role;
use fundwatch::review::{EvidenceDigest, Finding, Verdict, WorkAction, WorkState};

use super::house::{House, viewer};
use super::made::{finding, id};
use super::visitor::{Answer, Visitor};

/// Sends the form of an alert's page with these fields beside what was seen.
pub(super) fn act(
    visitor: &mut Visitor,
    page: &Answer,
    number: u32,
    fields: &[(&str, &str)],
) -> Answer {
    let hidden: Vec<(&str, String)> = ["csrf", "version", "digest", "saw", "from"]
        .into_iter()
        .map(|name| (name, page.field(name)))
        .collect();
    let mut form: Vec<(&str, &str)> = hidden.iter().map(|(name, text)| (*name, &**text)).collect();
    form.extend_from_slice(fields);
    visitor.post(&format!("/alerts/{}/act", id(number)), &form)
}

pub(super) fn open(visitor: &mut Visitor, number: u32) -> Answer {
    let page = visitor.get(&format!("/alerts/{}?view=open", id(number)));
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

#[test]
fn an_alert_is_taken_and_closed_by_forms_alone() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let page = open(&mut an, 10);
    let answer = act(&mut an, &page, 10, &[("action", "take")]);
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.location(),
        format!("/alerts/{}?view=open&done=take", id(10))
    );
    let page = an.get(answer.location());
    assert!(page.body.contains("Đã thực hiện: nhận xử lý."));

    // The server asks for what a code needs, and keeps what was typed.
    let incomplete = [
        ("action", "close"),
        ("verdict", "legitimate_other"),
        ("rival", "medical"),
    ];
    let answer = act(&mut an, &page, 10, &incomplete);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Hãy ghi chú"), "{}", answer.body);
    let alone = [
        ("action", "close"),
        ("verdict", "confirmed_fraud"),
        ("note", "giữ <b>lại</b>"),
    ];
    let answer = act(&mut an, &page, 10, &alone);
    assert_eq!(answer.status, 422);
    assert!(
        answer.body.contains("giữ &#60;b&#62;lại&#60;/b&#62;"),
        "{}",
        answer.body
    );
    assert_eq!(house.item(10).work.state, WorkState::InReview);

    let whole = [
        ("action", "close"),
        ("verdict", "legitimate_other"),
        ("note", "Đã đối chiếu bệnh án."),
        ("rival", "borrowed"),
    ];
    assert_eq!(act(&mut an, &page, 10, &whole).status, 303);
    assert_eq!(house.item(10).work.state, WorkState::Closed);
    let events = house.desk.events(&id(10)).unwrap();
    let note = events.last().unwrap().note.clone().unwrap();
    let note = note.text().expect("it is not erased");
    assert_eq!(
        note,
        "Đã đối chiếu bệnh án.\nĐã loại trừ: Người khác đã dùng thẻ."
    );
}

#[test]
fn whoever_is_late_sees_what_changed_and_goes_on_with_the_note() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let page = open(&mut an, 1);
    // Meanwhile the evidence changes, and somebody writes a note.
    let binh = viewer("binh", Role::Reviewer);
    house.act(&binh, 1, WorkAction::Note, |act| {
        act.note = Some("Xem lại số tiền.".to_owned())
    });
    let changed = Finding {
        digest: EvidenceDigest([9; 16]),
        changed_epoch: 4,
        amount: fundwatch::record::Money::dong(99_000),
        ..finding(1)
    };
    house.project(&[changed], 4);
    let fields = [
        ("action", "propose"),
        ("verdict", "confirmed_card_misuse"),
        ("note", "Chữ ký khác nhau."),
    ];
    let answer = act(&mut an, &page, 1, &fields);
    assert_eq!(answer.status, 409);
    for text in [
        "Cảnh báo không còn như bạn đã thấy",
        "Chữ ký khác nhau.",
        "99.000",
        "Xem lại số tiền.",
        "value=\"confirmed_card_misuse\"",
    ] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    assert_eq!(house.item(1).work.state, WorkState::InReview);
    // Going on from the new state.
    let again = act(&mut an, &answer, 1, &fields);
    assert_eq!(again.status, 303, "{}", again.body);
    let item = house.item(1);
    assert_eq!(item.work.state, WorkState::Proposed);
    assert_eq!(item.work.decided.unwrap().digest, EvidenceDigest([9; 16]));
}

#[test]
fn several_are_acted_on_as_they_were_seen_and_no_other() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let page = an.get("/queue?view=open");
    let csrf = page.field("csrf");
    let mark = "name=\"alert\" value=\"";
    let boxes: Vec<&str> = page
        .body
        .split(mark)
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(boxes.len() > 15, "{}", boxes.len());
    let chosen = &boxes[..3];
    let form = |boxes: &[&str], action: &str| {
        let mut form = vec![
            ("csrf".to_owned(), csrf.clone()),
            ("action".to_owned(), action.to_owned()),
            ("from".to_owned(), "/queue?view=open".to_owned()),
        ];
        form.extend(
            boxes
                .iter()
                .map(|own| ("alert".to_owned(), (*own).to_owned())),
        );
        form
    };
    let send = |visitor: &mut Visitor, form: Vec<(String, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (&**name, &**text)).collect();
        visitor.post("/queue/act", &form)
    };
    let answer = send(&mut an, form(chosen, "take"));
    assert_eq!(answer.status, 303, "{}", answer.body);
    let undo = answer
        .location()
        .strip_prefix("/queue?view=open&done=3&batch=");
    assert!(
        undo.is_some_and(|number| number.parse::<u32>().is_ok()),
        "{}",
        answer.location()
    );
    for own in chosen {
        let id = own.split('.').next().unwrap();
        let item = house
            .desk
            .item(&viewer("an", Role::Reviewer), id)
            .unwrap()
            .unwrap();
        assert_eq!(item.work.assignee.as_deref(), Some("an"));
    }
    // The same form again: none is as it was seen; one that is goes through.
    let mut again = chosen.to_vec();
    again.push(boxes[4]);
    let answer = send(&mut an, form(&again, "take"));
    assert_eq!(answer.status, 409);
    assert!(
        answer.body.contains("Đã thực hiện 1, không thực hiện 3."),
        "{}",
        answer.body
    );
    assert_eq!(send(&mut an, form(&[], "take")).status, 422);
    assert_eq!(send(&mut an, form(chosen, "approve")).status, 422);
    assert_eq!(send(&mut an, form(&["x.1.2"], "take")).status, 422);
}

#[test]
fn a_proposal_is_approved_by_another_and_sometimes_looked_at_twice() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let mut chi = Visitor::signed_in(&house.address, "chi");
    let reviewer = viewer("an", Role::Reviewer);
    let (mut blind, mut plain) = (0, 0);
    // One in twenty by a key that is made at random: more are proposed until both have been seen.
    for number in 100..400 {
        house.project(&[finding(number % 200 + 100)], 5);
        let number = number % 200 + 100;
        if house.item(number).work.state != WorkState::New {
            continue;
        }
        house.act(&reviewer, number, WorkAction::Take, |_| {});
        house.act(&reviewer, number, WorkAction::Propose, |act| {
            act.verdict = Some(Verdict::ConfirmedFraud);
            act.note = Some("Lời riêng của người đề nghị.".to_owned());
        });
        let page = open(&mut chi, number);
        let is_blind = page.body.contains("/second-look");
        assert_eq!(page.body.contains("Lời riêng"), !is_blind);
        assert_eq!(page.body.contains("value=\"approve\""), !is_blind);
        if !is_blind {
            if plain == 0 {
                let own = open(&mut an, number);
                assert!(!own.body.contains("value=\"approve\""));
                assert_eq!(
                    act(&mut chi, &page, number, &[("action", "approve")]).status,
                    303
                );
                assert_eq!(house.item(number).work.state, WorkState::Closed);
            }
            plain += 1;
            continue;
        }
        blind += 1;
        let item = house.item(number);
        let csrf = page.field("csrf");
        let version = item.work.version.to_string();
        let digest = item.finding.digest.to_string();
        let without = [
            ("csrf", &*csrf),
            ("version", &version),
            ("digest", &digest),
            ("action", "approve"),
        ];
        let path = format!("/alerts/{}", id(number));
        assert_eq!(chi.post(&format!("{path}/act"), &without).status, 422);
        let look = [
            ("csrf", &*csrf),
            ("version", &version),
            ("verdict", "inconclusive"),
        ];
        let answer = chi.post(&format!("{path}/second-look"), &look);
        assert!(answer.body.contains("Xác nhận trục lợi") && answer.body.contains("Lời riêng"));
        // Whoever has seen it, and looks again, found what they found at first.
        let again = [
            ("csrf", &*csrf),
            ("version", &version),
            ("verdict", "confirmed_fraud"),
        ];
        let answer = chi.post(&format!("{path}/second-look"), &again);
        assert!(answer.body.contains("Không đủ căn cứ"), "{}", answer.body);
        let approve = [("action", "approve")];
        assert_eq!(act(&mut chi, &answer, number, &approve).status, 303);
        let events = house.desk.events(&id(number)).unwrap();
        let look = events.last().unwrap().look;
        assert_eq!(look, Some(Verdict::Inconclusive));
        let page = open(&mut chi, number);
        assert!(page.body.contains("Không đủ căn cứ"));
        break;
    }
    assert!(blind == 1 && plain > 0, "{blind} of {}", blind + plain);
}
