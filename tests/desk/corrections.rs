//! Requests of citizens for corrections: bounded, encrypted, answered by people, and told to their own person alone.

use std::sync::atomic::Ordering;

use fundwatch::access::Role;
use fundwatch::record::Stream;
use fundwatch::review::{
    CORRECTIONS_PER_DAY, Correction, CorrectionAction, CorrectionRefused, CorrectionState, GroupId,
    LONGEST_TEXT, LONGEST_VALUE, NewCorrection, REQUESTS_PER_HOUR, UsedAssertion,
};
use fundwatch::self_check::OwnField;

use crate::made::{Made, START, day, finding, reviewer, supervisor, text, viewer};

const CITIZEN: &str = "079051000001";
const PERSON: GroupId = GroupId([1; 16]);
const OTHER: GroupId = GroupId([2; 16]);
const INSURED: GroupId = GroupId([3; 16]);

fn new() -> NewCorrection {
    NewCorrection {
        portal: "vssid".to_owned(),
        person: PERSON,
        people: vec![PERSON, INSURED],
        subject: CITIZEN.to_owned(),
        stream: Stream::Citizens,
        field: OwnField::LifeStatus,
        should_be: "còn sống".to_owned(),
        note: Some("Tôi vẫn đang đi làm hằng ngày.".to_owned()),
    }
}

fn requested(made: &Made) -> Correction {
    made.desk.request_correction(&new()).expect("taken in")
}

fn used<'a>(id: &'a str, person: GroupId, now: i64) -> UsedAssertion<'a> {
    UsedAssertion {
        portal: "vssid",
        id,
        until: now + 60_000,
        now,
        person,
        per_minute: 1_000,
    }
}

fn act(
    made: &Made,
    who: &fundwatch::review::Viewer,
    reference: &str,
    action: CorrectionAction,
    answer: Option<&str>,
) -> Result<CorrectionState, CorrectionRefused> {
    let case = made
        .desk
        .correction(who, reference)
        .expect("read")
        .expect("one");
    let what = (action, case.correction.version);
    made.desk.act_on_correction(who, reference, what, answer)
}

#[test]
fn an_assertion_is_good_once_also_after_a_start() {
    let mut made = Made::new();
    made.desk
        .use_assertion(&used("a", PERSON, START))
        .expect("used");
    let again = |made: &Made, now| made.desk.use_assertion(&used("a", PERSON, now));
    assert!(matches!(
        again(&made, START + 1),
        Err(CorrectionRefused::Replayed)
    ));
    made.reopen();
    assert!(matches!(
        again(&made, START + 59_999),
        Err(CorrectionRefused::Replayed)
    ));
    // Of another portal it is another.
    let other = UsedAssertion {
        portal: "vneid",
        ..used("a", PERSON, START)
    };
    made.desk.use_assertion(&other).expect("used");
    // It is forgotten once it has expired, and is then refused for that.
    again(&made, START + 60_000).expect("nobody believes it any more");
}

#[test]
fn a_person_and_a_portal_ask_so_often_and_no_more() {
    let made = Made::new();
    for number in 0..REQUESTS_PER_HOUR {
        let id = format!("a{number}");
        let at = START + i64::from(number);
        made.desk
            .use_assertion(&used(&id, PERSON, at))
            .expect("used");
    }
    let next = |id, person, now| made.desk.use_assertion(&used(id, person, now));
    let refused = next("b", PERSON, START + 1_000);
    let Err(CorrectionRefused::Spent { next: at }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(at, START + 3_600_000);
    next("b", OTHER, START + 1_000).expect("another person asks");
    let replayed = next("b", PERSON, START + 2_000);
    assert!(matches!(replayed, Err(CorrectionRefused::Replayed)));
    next("c", PERSON, at).expect("an hour later");
    let few = |id: &'static str, now| UsedAssertion {
        portal: "small",
        per_minute: 2,
        ..used(id, OTHER, now)
    };
    for id in ["a", "b"] {
        made.desk.use_assertion(&few(id, at)).expect("used");
    }
    let refused = made.desk.use_assertion(&few("c", at + 1));
    assert!(matches!(refused, Err(CorrectionRefused::Spent { next }) if next == at + 60_000));
}

#[test]
fn a_request_comes_in_and_is_answered_to_its_own_person() {
    let mut made = Made::new();
    let kept = requested(&made);
    assert_eq!(
        (kept.state, kept.due),
        (CorrectionState::Received, day("2026-12-01"))
    );
    assert_eq!(kept.should_be.text(), Some("còn sống"));
    assert!(!format!("{kept:?}{:?}", new()).contains("sống"));
    assert_eq!(
        made.desk
            .correction_of(PERSON, &kept.reference)
            .expect("theirs"),
        kept
    );
    for (person, reference) in [
        (OTHER, &*kept.reference),
        (PERSON, "0"),
        (INSURED, &kept.reference),
    ] {
        let refused = made.desk.correction_of(person, reference);
        assert!(matches!(refused, Err(CorrectionRefused::NotFound)));
    }
    let (an, binh, chi) = (reviewer("an"), reviewer("binh"), supervisor("chi"));
    let listed = made.desk.corrections(&an, true).expect("read");
    assert_eq!(listed.len(), 1);
    let reference = &*kept.reference;
    use CorrectionAction::{Accept, Refuse, Release, Start};
    let impossible = act(&made, &an, reference, Accept, Some("Đã chuyển."));
    assert!(
        matches!(impossible, Err(CorrectionRefused::NotPossible)),
        "not begun"
    );
    act(&made, &an, reference, Start, None).expect("begun");
    let late = made
        .desk
        .act_on_correction(&binh, reference, (Start, kept.version), None);
    assert!(matches!(late, Err(CorrectionRefused::Moved)));
    for action in [Accept, Refuse, Release, Start] {
        let others = act(&made, &binh, reference, action, Some("Đã chuyển."));
        assert!(
            matches!(others, Err(CorrectionRefused::NotPossible)),
            "{action}"
        );
    }
    for role in [
        Role::Auditor,
        Role::PrivacyOfficer,
        Role::Admin,
        Role::Portal,
    ] {
        let refused = act(&made, &viewer("an", role), reference, Accept, Some("x"));
        assert!(
            matches!(refused, Err(CorrectionRefused::NotPossible)),
            "{role}"
        );
    }
    let long = "x".repeat(LONGEST_TEXT + 1);
    for answer in [None, Some(" "), Some(&*long)] {
        let refused = act(&made, &an, reference, Refuse, answer);
        assert!(matches!(refused, Err(CorrectionRefused::Wrong)));
    }
    // A supervisor may stand in.
    act(&made, &chi, reference, Release, None).expect("given back");
    act(&made, &binh, reference, Start, None).expect("begun");
    act(
        &made,
        &binh,
        reference,
        Accept,
        Some(" Đã chuyển Công an phường. "),
    )
    .expect("answered");
    made.reopen();
    let answered = made.desk.correction_of(PERSON, reference).expect("theirs");
    assert_eq!(answered.state, CorrectionState::Accepted);
    assert_eq!(text(&answered.answer), Some("Đã chuyển Công an phường."));
    let after = act(&made, &binh, reference, Refuse, Some("x"));
    assert!(
        matches!(after, Err(CorrectionRefused::NotPossible)),
        "it stays"
    );
    assert!(made.desk.corrections(&an, true).expect("read").is_empty());
    assert_eq!(made.desk.corrections(&an, false).expect("read").len(), 1);
    let case = made
        .desk
        .correction(&an, reference)
        .expect("read")
        .expect("one");
    let actions: Vec<_> = case
        .events
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(actions, ["request", "start", "release", "start", "accept"]);
}

#[test]
fn what_was_typed_is_encrypted_and_what_was_answered_stays() {
    let made = Made::new();
    let kept = requested(&made);
    let an = reviewer("an");
    act(&made, &an, &kept.reference, CorrectionAction::Start, None).expect("begun");
    act(
        &made,
        &an,
        &kept.reference,
        CorrectionAction::Refuse,
        Some("Không có căn cứ."),
    )
    .expect("done");
    let file = made.directory.path().join("review.db");
    let connection = rusqlite::Connection::open(&file).expect("opened");
    for change in [
        "UPDATE correction SET state = 'accepted'",
        "UPDATE correction_event SET actor = 'x'",
        "DELETE FROM correction_event",
        "DELETE FROM correction",
    ] {
        assert!(connection.execute(change, []).is_err(), "{change}");
    }
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("written");
    let bytes = std::fs::read(&file).expect("read");
    for typed in [CITIZEN, "còn sống", "đi làm", "căn cứ"] {
        let typed = typed.as_bytes();
        assert!(!bytes.windows(typed.len()).any(|window| window == typed));
    }
}

#[test]
fn only_a_correction_of_a_field_of_a_database_is_taken_in() {
    let made = Made::new();
    let wrong = |change: &dyn Fn(&mut NewCorrection)| {
        let mut new = new();
        change(&mut new);
        let refused = made.desk.request_correction(&new);
        assert!(
            matches!(refused, Err(CorrectionRefused::Wrong)),
            "{refused:?}"
        );
    };
    wrong(&|new| new.stream = Stream::Enterprises);
    wrong(&|new| new.field = OwnField::Copay);
    wrong(&|new| new.should_be = " ".to_owned());
    wrong(&|new| new.should_be = "đ".repeat(LONGEST_VALUE + 1));
    wrong(&|new| new.note = Some("đ".repeat(LONGEST_TEXT + 1)));
    let longest = NewCorrection {
        should_be: "đ".repeat(LONGEST_VALUE),
        ..new()
    };
    made.desk
        .request_correction(&longest)
        .expect("as long as it may be");
    for _ in 1..CORRECTIONS_PER_DAY {
        requested(&made);
    }
    let refused = made.desk.request_correction(&new());
    assert!(matches!(refused, Err(CorrectionRefused::Spent { .. })));
    made.pass(1);
    requested(&made);
}

#[test]
fn the_number_is_shown_to_who_looks_into_it_and_logged_first() {
    let made = Made::new();
    let reference = requested(&made).reference;
    let (an, binh) = (reviewer("an"), reviewer("binh"));
    let shown = |who| made.desk.reveal_correction(who, &reference);
    assert!(
        matches!(shown(&an), Err(CorrectionRefused::NotFound)),
        "not begun"
    );
    act(&made, &an, &reference, CorrectionAction::Start, None).expect("begun");
    assert!(matches!(shown(&binh), Err(CorrectionRefused::NotFound)));
    made.log.is_full.store(true, Ordering::SeqCst);
    assert!(matches!(shown(&an), Err(CorrectionRefused::Database(_))));
    let nobody = made.desk.request_correction(&new());
    assert!(matches!(nobody, Err(CorrectionRefused::Database(_))));
    assert!(made.desk.corrections(&an, true).is_err());
    made.log.is_full.store(false, Ordering::SeqCst);
    assert_eq!(shown(&an).expect("shown"), CITIZEN);
    let entries = made.log.entries.lock().expect("nobody panicked").join("\n");
    assert!(entries.contains("DidCorrection(Reveal"), "{entries}");
    assert!(entries.contains("vssid AskedForCorrection"), "{entries}");
    assert!(!entries.contains(CITIZEN));
    for _ in 1..fundwatch::review::REVEALS_PER_HOUR {
        shown(&an).expect("shown");
    }
    assert!(matches!(shown(&an), Err(CorrectionRefused::Spent { .. })));
}

#[test]
fn who_works_on_an_alert_is_told_that_the_person_disagrees() {
    let made = Made::new();
    let mut own = finding(1);
    own.person = Some(INSURED);
    let mut other = finding(2);
    other.person = Some(OTHER);
    made.project(&[own, other], 1);
    let reference = requested(&made).reference;
    let about = |person| made.desk.corrections_about(person).expect("read");
    assert_eq!(about(INSURED)[0].reference, reference);
    assert_eq!(about(PERSON).len(), 1);
    assert!(about(OTHER).is_empty());
    let an = reviewer("an");
    let case = made
        .desk
        .correction(&an, &reference)
        .expect("read")
        .expect("one");
    assert_eq!(case.groups, [INSURED], "where there are alerts");
    let alerts = made.desk.alerts_of(&[PERSON, INSURED]).expect("read");
    assert_eq!(alerts.len(), 1);
    assert!(alerts[0].is_active);
}
