//! What is shown unmasked is kept first, bounded and for the right people; what is searched for is bounded and logged.

use std::sync::atomic::Ordering;
use std::thread;

use fundwatch::access::Role;
use fundwatch::review::{
    Finding, Group, GroupId, LONGEST_NOTE, PersonNumber, Purpose, REVEALS_PER_HOUR, Refused,
    Reveal, RevealEvent, SEARCHES_PER_HOUR, Viewer, WorkAction, Wrong,
};

use crate::made::{Made, finding, id, reviewer, supervisor, text, viewer};

const HOUR: i64 = 3_600_000;
const CARD: &str = "HT3797900000001";
const INSURANCE: &str = "7900000001";
const CITIZEN: &str = "079051000001";

fn asked(before: u32) -> Reveal {
    Reveal {
        purpose: Purpose::IdentityCheck,
        note: None,
        row: 2,
        fields: vec!["full_name", "card_number"],
        subject: Some(GroupId([7; 16])),
        before,
    }
}

/// A desk with an alert that r1 has taken.
fn taken() -> Made {
    let made = Made::new();
    made.project(&[finding(1), finding(2)], 1);
    made.act(&reviewer("r1"), &id(1), WorkAction::Take)
        .expect("taken");
    made
}

fn reveals(made: &Made) -> Vec<RevealEvent> {
    made.desk.reveals(&id(1)).expect("read")
}

#[test]
fn what_is_shown_is_kept_with_who_and_why_and_stays() {
    let mut made = taken();
    let who = reviewer("r1");
    let with_note = Reveal {
        purpose: Purpose::OtherDocumented,
        note: Some(" Kiểm tra chéo với sổ khám. ".to_owned()),
        ..asked(0)
    };
    made.desk.reveal(&who, &id(1), &with_note).expect("kept");
    made.reopen();
    let [event] = &reveals(&made)[..] else {
        panic!("one");
    };
    assert_eq!(
        (&*event.actor, event.role, event.at),
        ("r1", Role::Reviewer, made.now())
    );
    assert_eq!((event.purpose, event.row), (Purpose::OtherDocumented, 2));
    assert_eq!(event.fields, ["full_name", "card_number"]);
    assert_eq!(text(&event.note), Some("Kiểm tra chéo với sổ khám."));
    assert!(!format!("{event:?}{with_note:?}").contains("Kiểm tra"));
    // It does not move the alert, and takes nothing from whoever decides meanwhile.
    assert_eq!(made.item(&id(1)).work.version, 1);
    let file = made.directory.path().join("review.db");
    let connection = rusqlite::Connection::open(&file).expect("opened");
    for change in ["UPDATE reveal SET actor = 'x'", "DELETE FROM reveal"] {
        assert!(connection.execute(change, []).is_err(), "{change}");
    }
    let bytes = std::fs::read(&file).expect("read");
    let note = "sổ khám".as_bytes();
    assert!(!bytes.windows(note.len()).any(|window| window == note));
}

#[test]
fn nothing_is_kept_where_the_log_cannot_be_written() {
    let made = taken();
    let who = reviewer("r1");
    made.log.is_full.store(true, Ordering::SeqCst);
    let refused = made.desk.reveal(&who, &id(1), &asked(0));
    assert!(matches!(refused, Err(Refused::Database(_))), "{refused:?}");
    assert_eq!(reveals(&made), []);
    let number = PersonNumber::read(CARD).expect("a number");
    let refused = made.desk.search(&who, number);
    assert!(matches!(refused, Err(Refused::Database(_))), "{refused:?}");
    made.log.is_full.store(false, Ordering::SeqCst);
    made.desk.reveal(&who, &id(1), &asked(0)).expect("kept");
    let entries = made.log.entries.lock().expect("nobody panicked");
    let last = entries.last().expect("an entry");
    assert!(
        last.contains("Reveal") && last.contains("IdentityCheck"),
        "{last}"
    );
    assert!(
        last.contains("full_name") && last.contains(&id(1)),
        "{last}"
    );
}

#[test]
fn only_who_has_it_or_supervises_and_all_others_are_told_the_same() {
    let made = taken();
    let far = |role, name: &str| Viewer {
        provinces: vec!["01".to_owned()],
        ..viewer(name, role)
    };
    for (who, alert) in [
        (reviewer("r2"), id(1)),
        (reviewer("r1"), id(2)),
        (reviewer("r1"), id(99)),
        (far(Role::Reviewer, "r1"), id(1)),
        (far(Role::Supervisor, "s2"), id(1)),
        (viewer("r1", Role::Auditor), id(1)),
        (viewer("r1", Role::Operator), id(1)),
        (viewer("r1", Role::Admin), id(1)),
        (viewer("r1", Role::PrivacyOfficer), id(1)),
    ] {
        let refused = made.desk.reveal(&who, &alert, &asked(0));
        assert!(
            matches!(refused, Err(Refused::NotFound)),
            "{who:?}: {refused:?}"
        );
    }
    assert_eq!(reveals(&made), []);
    let found = made.desk.reveal(&supervisor("s1"), &id(1), &asked(0));
    found.expect("supervises");
}

#[test]
fn a_note_is_asked_for_and_a_form_is_good_once() {
    let made = taken();
    let who = reviewer("r1");
    let with = |note: Option<&str>| Reveal {
        purpose: Purpose::OtherDocumented,
        note: note.map(str::to_owned),
        ..asked(0)
    };
    let long = "x".repeat(LONGEST_NOTE + 1);
    for (note, wrong) in [
        (None, Wrong::NoteMissing),
        (Some("  "), Wrong::NoteMissing),
        (Some(&*long), Wrong::NoteTooLong),
    ] {
        let refused = made.desk.reveal(&who, &id(1), &with(note));
        assert!(
            matches!(refused, Err(Refused::Wrong(why)) if why == wrong),
            "{refused:?}"
        );
    }
    made.desk.reveal(&who, &id(1), &asked(0)).expect("kept");
    let again = made.desk.reveal(&who, &id(1), &asked(0));
    assert!(matches!(again, Err(Refused::ShownBefore)), "{again:?}");
    // Those of others do not count.
    made.desk
        .reveal(&supervisor("s1"), &id(1), &asked(0))
        .expect("kept");
    made.desk.reveal(&who, &id(1), &asked(1)).expect("kept");
    assert_eq!(reveals(&made).len(), 3);
}

#[test]
fn the_bound_holds_whatever_sessions_ask_at_once() {
    let made = taken();
    let try_all = |desk: &fundwatch::review::Desk| {
        for _ in 0..REVEALS_PER_HOUR * 2 {
            let before = desk.reveals(&id(1)).expect("read").len();
            let _ = desk.reveal(&reviewer("r1"), &id(1), &asked(before as u32));
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| try_all(&made.desk));
        }
    });
    assert_eq!(reveals(&made).len(), REVEALS_PER_HOUR as usize);
    let refused = made
        .desk
        .reveal(&reviewer("r1"), &id(1), &asked(REVEALS_PER_HOUR));
    let first = reveals(&made)[0].at;
    assert!(
        matches!(refused, Err(Refused::Spent { next }) if next == first + HOUR),
        "{refused:?}"
    );
    // Others have their own, and after an hour there is room again.
    made.desk
        .reveal(&supervisor("s1"), &id(1), &asked(0))
        .expect("kept");
    made.pass_millis(HOUR - 1);
    let refused = made
        .desk
        .reveal(&reviewer("r1"), &id(1), &asked(REVEALS_PER_HOUR));
    assert!(matches!(refused, Err(Refused::Spent { .. })), "{refused:?}");
    made.pass_millis(1);
    let kept = made
        .desk
        .reveal(&reviewer("r1"), &id(1), &asked(REVEALS_PER_HOUR));
    kept.expect("there is room");
}

#[test]
fn the_bound_is_what_the_configuration_says() {
    let mut made = taken();
    made.desk = made.desk.with_reveals_per_hour(2);
    for before in 0..2 {
        made.desk
            .reveal(&reviewer("r1"), &id(1), &asked(before))
            .expect("kept");
    }
    let refused = made.desk.reveal(&reviewer("r1"), &id(1), &asked(2));
    assert!(matches!(refused, Err(Refused::Spent { .. })), "{refused:?}");
}

/// Findings of a person by insurance number, of their card, and of the citizen that they are.
fn person(made: &Made) -> (GroupId, GroupId, GroupId) {
    let key = made.desk.key();
    let card = key.group("cards", CARD);
    let insurance = key.group("participants", INSURANCE);
    let citizen = key.group("citizens", CITIZEN);
    let findings = [
        Finding {
            person: Some(insurance),
            card: Some(card),
            ..finding(1)
        },
        Finding {
            person: Some(citizen),
            ..finding(2)
        },
    ];
    made.project(&findings, 1);
    (card, insurance, citizen)
}

fn search(made: &Made, who: &Viewer, number: &str) -> Option<Group> {
    let number = PersonNumber::read(number).expect("a number");
    made.desk.search(who, number).expect("searched")
}

#[test]
fn a_person_is_found_by_each_of_their_numbers() {
    let made = Made::new();
    let (card, insurance, citizen) = person(&made);
    let who = reviewer("r1");
    // Before it is known that they are one, each is found alone.
    assert_eq!(search(&made, &who, CITIZEN), Some(Group::Person(citizen)));
    made.desk
        .add_citizens(&[(citizen, insurance)])
        .expect("kept");
    assert_eq!(search(&made, &who, CARD), Some(Group::Card(card)));
    let of_person = Some(Group::Person(insurance));
    assert_eq!(search(&made, &who, INSURANCE), of_person);
    assert_eq!(search(&made, &who, CITIZEN), of_person);
    // Another card of theirs leads to them as well.
    assert_eq!(search(&made, &who, "GD4797900000001"), of_person);
    for group in [insurance, citizen] {
        let items = made
            .desk
            .group(&who, &Group::Person(group), 10)
            .expect("read");
        assert_eq!(items.len(), 2, "what is of the citizen is of the person");
    }
    assert_eq!(search(&made, &who, "7900000002"), None);
    let far = Viewer {
        provinces: vec!["01".to_owned()],
        ..reviewer("r2")
    };
    assert_eq!(search(&made, &far, CARD), None, "of another province");
}

#[test]
fn a_citizen_with_two_insurance_numbers_is_found_whole() {
    let made = Made::new();
    let (_, insurance, citizen) = person(&made);
    let other = made.desk.key().group("participants", "7900000009");
    let finding = Finding {
        person: Some(other),
        ..finding(3)
    };
    made.project(&[finding], 2);
    let pairs = [(citizen, insurance), (citizen, other)];
    made.desk.add_citizens(&pairs).expect("kept");
    made.desk.add_citizens(&pairs).expect("kept again");
    let who = reviewer("r1");
    let found = search(&made, &who, CITIZEN);
    assert_eq!(found, Some(Group::Person(citizen)));
    let items = made
        .desk
        .group(&who, &Group::Person(citizen), 10)
        .expect("read");
    assert_eq!(items.len(), 3);
}

#[test]
fn searches_are_bounded_and_in_the_log_without_the_number() {
    let made = Made::new();
    let (card, ..) = person(&made);
    let who = reviewer("r1");
    search(&made, &who, CARD);
    search(&made, &who, "7900000002");
    {
        let entries = made.log.entries.lock().expect("nobody panicked");
        assert!(
            entries[0].contains("Search") && entries[0].contains(", 1)"),
            "{}",
            entries[0]
        );
        assert!(entries[0].contains(&format!("{card:?}")));
        assert!(entries[1].contains(", 0)"), "{}", entries[1]);
        assert!(!entries.iter().any(|entry| entry.contains("7900000")));
    }
    for _ in 2..SEARCHES_PER_HOUR {
        search(&made, &who, CARD);
    }
    let number = PersonNumber::read(CARD).expect("a number");
    let refused = made.desk.search(&who, number);
    assert!(matches!(refused, Err(Refused::Spent { next }) if next == made.now() + HOUR));
    assert!(search(&made, &reviewer("r2"), CARD).is_some());
    made.pass_millis(HOUR);
    assert!(search(&made, &who, CARD).is_some());
}
