//! What is done, refused, and by whom.

use std::thread;

use fundwatch::access::Role;
use fundwatch::review::{
    APPROVALS_PER_MINUTE, Act, Desk, DeskError, EvidenceDigest, Filters, Group, LARGEST_BULK,
    QueueQuery, Refused, Verdict, View, Viewer, WorkAction, WorkState, Wrong,
};
use fundwatch::store::AlertState;

use crate::made::{Log, Made, day, finding, id, reviewer, seen, supervisor, text, viewer};

const NOTE: &str = "Người thân dùng thẻ";

/// Proposes a confirmed verdict on a new alert.
fn propose(made: &Made, who: &Viewer, alert_id: &str) {
    made.act(who, alert_id, WorkAction::Take).expect("taken");
    made.act_with(who, alert_id, WorkAction::Propose, |act| {
        act.verdict = Some(Verdict::ConfirmedCardMisuse);
        act.note = Some(NOTE.to_owned());
    })
    .expect("proposed");
}

#[test]
fn one_takes_and_proposes_and_another_approves() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let (reviewer, supervisor) = (reviewer("r1"), supervisor("s1"));
    propose(&made, &reviewer, &id(1));
    let allowed = |who: &Viewer| {
        let item = made.item(&id(1));
        made.desk.allowed(who, &item).expect("read")
    };
    assert!(allowed(&supervisor).contains(&WorkAction::Approve));
    assert!(!allowed(&reviewer).contains(&WorkAction::Approve));
    assert!(allowed(&viewer("a", Role::Auditor)).is_empty());
    let closed = made
        .act(&supervisor, &id(1), WorkAction::Approve)
        .expect("approved");
    assert_eq!(closed.work.state, WorkState::Closed);
    assert_eq!(
        closed.work.decided.map(|one| one.verdict),
        Some(Verdict::ConfirmedCardMisuse)
    );
    assert_eq!(closed.work.proposer.as_deref(), Some("r1"));
    let events = made.desk.events(&id(1)).expect("read");
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.actor.as_ref().map(|(name, _)| &**name), event.action))
        .collect();
    assert_eq!(
        told,
        [
            (Some("r1"), WorkAction::Take),
            (Some("r1"), WorkAction::Propose),
            (Some("s1"), WorkAction::Approve)
        ]
    );
    assert_eq!(text(&events[1].note), Some(NOTE));
    assert_eq!(events[2].verdict, Some(Verdict::ConfirmedCardMisuse));
}

#[test]
fn who_took_part_does_not_approve_through_whatever_session() {
    let made = Made::new();
    made.project(&[finding(1), finding(2)], 1);
    // A supervisor who proposes: as one person, in two sessions, or through a bulk.
    let (one, other) = (supervisor("s1"), supervisor("s2"));
    propose(&made, &one, &id(1));
    let again = supervisor("s1");
    let refused = made.act(&again, &id(1), WorkAction::Approve);
    assert!(matches!(refused, Err(Refused::TookPart)));
    let act = Act::new(WorkAction::Approve, seen(&made.item(&id(1))));
    let bulk = made.desk.act_on_all(&again, &[(id(1), act)]).expect("done");
    assert!(matches!(bulk.outcomes[0].1, Err(Refused::TookPart)));
    // Nor does who wrote a note in this round, or was the one it was taken from.
    made.act_with(&other, &id(1), WorkAction::Note, |act| {
        act.note = Some("xem thêm".to_owned());
    })
    .expect("noted");
    let refused = made.act(&other, &id(1), WorkAction::Approve);
    assert!(matches!(refused, Err(Refused::TookPart)));
    // To give it to somebody is no part.
    let third = supervisor("s3");
    made.act_with(&third, &id(2), WorkAction::Assign, |act| {
        act.assignee = Some("r1".to_owned());
    })
    .expect("assigned");
    let r1 = reviewer("r1");
    made.act(&r1, &id(2), WorkAction::Start).expect("started");
    made.act_with(&r1, &id(2), WorkAction::Propose, |act| {
        act.verdict = Some(Verdict::ConfirmedFraud);
        act.note = Some(NOTE.to_owned());
    })
    .expect("proposed");
    made.act(&third, &id(2), WorkAction::Approve)
        .expect("approved");
}

#[test]
fn whoever_returned_a_proposal_may_approve_the_next() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let (r1, s1) = (reviewer("r1"), supervisor("s1"));
    propose(&made, &r1, &id(1));
    let refused = made.act(&s1, &id(1), WorkAction::Return);
    assert!(matches!(refused, Err(Refused::Wrong(Wrong::NoteMissing))));
    let returned = made
        .act_with(&s1, &id(1), WorkAction::Return, |act| {
            act.note = Some("thiếu giấy ra viện".to_owned());
        })
        .expect("returned");
    assert_eq!(returned.work.decided, None);
    made.act(&r1, &id(1), WorkAction::Resume)
        .expect("gone on with");
    made.act_with(&r1, &id(1), WorkAction::Propose, |act| {
        act.verdict = Some(Verdict::ConfirmedProviderError);
        act.note = Some(NOTE.to_owned());
    })
    .expect("proposed");
    made.act(&s1, &id(1), WorkAction::Approve)
        .expect("approved");
}

#[test]
fn what_needs_two_is_not_closed_by_one() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let r1 = reviewer("r1");
    made.act(&r1, &id(1), WorkAction::Take).expect("taken");
    for verdict in Verdict::ALL
        .iter()
        .copied()
        .filter(|one| one.needs_approval())
    {
        let refused = made.act_with(&r1, &id(1), WorkAction::Close, |act| {
            act.verdict = Some(verdict);
            act.note = Some(NOTE.to_owned());
        });
        assert!(
            matches!(refused, Err(Refused::Wrong(Wrong::NeedsApproval))),
            "{verdict:?}"
        );
    }
    let refused = made.act_with(&r1, &id(1), WorkAction::Close, |act| {
        act.verdict = Some(Verdict::Inconclusive);
        act.note = Some("  ".to_owned());
    });
    assert!(matches!(refused, Err(Refused::Wrong(Wrong::NoteMissing))));
    let closed = made.act_with(&r1, &id(1), WorkAction::Close, |act| {
        act.verdict = Some(Verdict::Duplicate);
    });
    assert_eq!(closed.expect("closed").work.state, WorkState::Closed);
}

#[test]
fn a_decision_on_what_changed_meanwhile_is_refused_and_says_how_it_is_now() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let r1 = reviewer("r1");
    made.act(&r1, &id(1), WorkAction::Take).expect("taken");
    let mut act = Act::new(WorkAction::Close, seen(&made.item(&id(1))));
    act.verdict = Some(Verdict::Duplicate);
    let mut changed = finding(1);
    changed.digest = EvidenceDigest([2; 16]);
    changed.changed_epoch = 2;
    made.project(&[changed.clone()], 2);
    match made.desk.act(&r1, &id(1), &act) {
        Err(Refused::Moved {
            is_acted_on: false,
            is_changed: true,
            now,
        }) => {
            assert_eq!(now.finding.digest, changed.digest);
        }
        other => panic!("{other:?}"),
    }
    // What is no decision goes on: nothing is lost by it.
    made.act(&r1, &id(1), WorkAction::Escalate)
        .expect_err("a note is needed");
    act.seen = seen(&made.item(&id(1)));
    let closed = made.desk.act(&r1, &id(1), &act).expect("closed");
    assert!(!closed.needs_recheck());
    // What changes later has to be looked at again, and stays closed.
    changed.digest = EvidenceDigest([3; 16]);
    made.project(&[changed.clone()], 3);
    let item = made.item(&id(1));
    assert!(item.needs_recheck());
    assert_eq!(item.work.state, WorkState::Closed);
    let upheld = made
        .act_with(&r1, &id(1), WorkAction::Uphold, |act| {
            act.note = Some("không đổi".to_owned());
        })
        .expect("upheld");
    assert!(!upheld.needs_recheck());
    assert_eq!(upheld.work.decided.map(|one| one.epoch), Some(3));
    // A correction that takes the alert away overtakes the verdict as well.
    changed.state = AlertState::Withdrawn;
    made.project(&[changed], 4);
    assert!(made.item(&id(1)).needs_recheck());
}

#[test]
fn of_two_who_take_an_alert_one_has_it() {
    let made = Made::new();
    let findings: Vec<_> = (0..20).map(finding).collect();
    made.project(&findings, 1);
    for number in 0..20 {
        let act = Act::new(WorkAction::Take, seen(&made.item(&id(number))));
        let take = |name: &str| made.desk.act(&reviewer(name), &id(number), &act);
        let taken: Vec<_> = thread::scope(|scope| {
            let names = ["r1", "r2", "r3", "r4"];
            let threads: Vec<_> = names.map(|name| scope.spawn(move || take(name))).into();
            threads
                .into_iter()
                .map(|one| one.join().expect("no panic"))
                .collect()
        });
        let has: Vec<_> = taken.iter().filter_map(|one| one.as_ref().ok()).collect();
        assert_eq!(has.len(), 1);
        for refused in taken.iter().filter_map(|one| one.as_ref().err()) {
            assert!(matches!(
                refused,
                Refused::Moved {
                    is_acted_on: true,
                    ..
                }
            ));
        }
        assert_eq!(made.item(&id(number)).work.assignee, has[0].work.assignee);
        assert_eq!(made.desk.events(&id(number)).expect("read").len(), 1);
    }
}

#[test]
fn an_alert_of_another_province_is_not_there() {
    let made = Made::new();
    let mut elsewhere = finding(2);
    elsewhere.facility = Some("01001".to_owned());
    made.project(&[finding(1), elsewhere], 1);
    let own = Viewer {
        provinces: vec!["79".to_owned()],
        ..reviewer("r1")
    };
    let read = |number| made.desk.item(&own, &id(number)).expect("read");
    assert!(read(1).is_some() && read(2).is_none());
    let act = Act::new(WorkAction::Take, seen(&made.item(&id(2))));
    assert!(matches!(
        made.desk.act(&own, &id(2), &act),
        Err(Refused::NotFound)
    ));
    assert!(matches!(
        made.desk.act(&own, &id(9), &act),
        Err(Refused::NotFound)
    ));
}

#[test]
fn a_bulk_is_of_what_was_seen_and_each_alert_for_itself() {
    let made = Made::new();
    let findings: Vec<_> = (0..60).map(finding).collect();
    made.project(&findings, 1);
    let take = |number| {
        let act = Act::new(WorkAction::Take, seen(&made.item(&id(number))));
        (id(number), act)
    };
    let all: Vec<_> = (0..51).map(take).collect();
    let refused = made.desk.act_on_all(&reviewer("r1"), &all);
    assert!(matches!(refused, Err(Refused::Wrong(Wrong::TooMany))));
    assert_eq!(
        made.item(&id(0)).work.state,
        WorkState::New,
        "nothing was done"
    );
    made.act(&reviewer("r2"), &id(3), WorkAction::Take)
        .expect("taken");
    let done = made
        .desk
        .act_on_all(&reviewer("r1"), &all[..LARGEST_BULK])
        .expect("done");
    for (number, (alert_id, outcome)) in (0..).zip(&done.outcomes) {
        assert_eq!(*alert_id, id(number));
        assert_eq!(outcome.is_ok(), number != 3, "{number}");
    }
    assert_eq!(made.item(&id(3)).work.assignee.as_deref(), Some("r2"));
}

#[test]
fn where_a_look_is_due_nothing_is_approved_without_and_the_first_stands() {
    let made = Made::new();
    let findings: Vec<_> = (0..400).map(finding).collect();
    made.project(&findings, 1);
    let (r1, s1, s2) = (reviewer("r1"), supervisor("s1"), supervisor("s2"));
    let mut due = 0;
    for number in 0..400 {
        propose(&made, &r1, &id(number));
        let item = made.item(&id(number));
        if !made.desk.is_look_due(&s1, &item).expect("read") {
            continue;
        }
        due += 1;
        // As long as one reads.
        made.pass_millis(10_000);
        let act = Act::new(WorkAction::Approve, seen(&item));
        let refused = made.desk.act(&s1, &id(number), &act);
        assert!(matches!(refused, Err(Refused::LookDue)));
        let bulk = made.desk.act_on_all(&s1, &[(id(number), act.clone())]);
        assert!(matches!(
            bulk.expect("done").outcomes[0].1,
            Err(Refused::LookDue)
        ));
        let look = |who: &Viewer, verdict| {
            let looked = made
                .desk
                .look(who, &id(number), (item.work.version, verdict));
            looked.map(|(_, verdict)| verdict)
        };
        assert!(matches!(
            look(&r1, Verdict::Duplicate),
            Err(Refused::NotTheirs { .. })
        ));
        assert_eq!(
            look(&s1, Verdict::Inconclusive).expect("kept"),
            Verdict::Inconclusive
        );
        assert_eq!(
            look(&s1, Verdict::ConfirmedFraud).expect("kept"),
            Verdict::Inconclusive
        );
        // Whoever is told that it moved has looked at it.
        made.log.entries.lock().expect("nobody panicked").clear();
        let stale = made.desk.look(&s2, &id(number), (0, Verdict::Duplicate));
        assert!(matches!(stale, Err(Refused::Moved { .. })));
        let looked = format!("s2 Alert(\"{}\") 1", id(number));
        assert_eq!(*made.log.entries.lock().expect("nobody panicked"), [looked]);
        // Another has to look for themselves.
        let refused = made.desk.act(&s2, &id(number), &act);
        assert!(matches!(refused, Err(Refused::LookDue)));
        made.desk.act(&s1, &id(number), &act).expect("approved");
        let event = made.desk.events(&id(number)).expect("read").pop();
        assert_eq!(event.expect("one").look, Some(Verdict::Inconclusive));
    }
    // One in twenty by a key made at random: 400 draws are within 5 and 45 but once in a million.
    assert!((5..=45).contains(&due), "{due}");
}

#[test]
fn what_waited_is_gone_on_with_and_due_later() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let r1 = reviewer("r1");
    made.act(&r1, &id(1), WorkAction::Take).expect("taken");
    let due = made.item(&id(1)).work.due;
    for days in [0, -1, 181] {
        let refused = made.act_with(&r1, &id(1), WorkAction::Wait, |act| {
            act.until = Some(made.today().plus(days));
        });
        assert!(
            matches!(refused, Err(Refused::Wrong(Wrong::BadDay))),
            "{days}"
        );
    }
    made.act_with(&r1, &id(1), WorkAction::Wait, |act| {
        act.until = Some(made.today().plus(3));
        act.note = Some("chờ bệnh viện".to_owned());
    })
    .expect("waits");
    made.pass(3);
    assert_eq!(
        made.desk.wake().expect("written"),
        0,
        "its last day is not over"
    );
    made.pass(1);
    assert_eq!(made.desk.wake().expect("written"), 1);
    let item = made.item(&id(1));
    assert_eq!(
        (item.work.state, item.work.until),
        (WorkState::InReview, None)
    );
    // From Friday to Tuesday, Monday and Tuesday were worked.
    assert_eq!(item.work.due, due.plus(2));
    let events = made.desk.events(&id(1)).expect("read");
    assert_eq!(
        events.last().map(|one| (one.action, one.actor.clone())),
        Some((WorkAction::Wake, None))
    );
}

#[test]
fn what_was_done_outlives_the_process_and_is_sealed() {
    let mut made = Made::new();
    made.project(&[finding(1)], 1);
    propose(&made, &reviewer("r1"), &id(1));
    let before = (made.item(&id(1)), made.desk.events(&id(1)).expect("read"));
    made.reopen();
    assert_eq!(
        (made.item(&id(1)), made.desk.events(&id(1)).expect("read")),
        before
    );
    for entry in std::fs::read_dir(made.directory.path()).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("read");
            let holds = bytes
                .windows(NOTE.len())
                .any(|window| window == NOTE.as_bytes());
            assert!(!holds, "{} holds a note in the clear", path.display());
        }
    }
    // Without its key, or with another, it is refused: none is made beside it, and nothing misread.
    let key = made.directory.path().join("keys/review.key");
    std::fs::remove_file(&key).expect("removed");
    let open = || {
        Desk::open_or_create(
            made.directory.path(),
            None,
            std::sync::Arc::new(|| fundwatch::record::Instant::from_nanos(0)),
            std::sync::Arc::new(Log::default()),
        )
    };
    assert!(matches!(open().err(), Some(DeskError::KeyMissing { .. })));
    assert!(!key.exists());
    std::fs::write(&key, [7; 32]).expect("written");
    assert!(matches!(open().err(), Some(DeskError::Forged { .. })));
}

#[test]
fn what_was_done_cannot_be_changed() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    propose(&made, &reviewer("r1"), &id(1));
    let path = made.directory.path().join("review.db");
    let other = rusqlite::Connection::open(path).expect("opened");
    for change in [
        "UPDATE event SET actor = 'r2'",
        "DELETE FROM event",
        "UPDATE item SET work = 'closed', verdict = NULL, decided_digest = NULL",
    ] {
        other.execute(change, []).expect_err(change);
    }
}

#[test]
fn who_looks_is_in_the_log_before_anything_is_shown() {
    let made = Made::new();
    made.project(&[finding(1)], 7);
    let r1 = reviewer("r1");
    let act = Act::new(WorkAction::Take, seen(&made.item(&id(1))));
    made.log.entries.lock().expect("nobody panicked").clear();
    let open = QueueQuery {
        view: View::Open,
        filters: Filters::default(),
        as_of: None,
        after: None,
        limit: 5,
    };
    let look = || {
        [
            made.desk.queue(&r1, &open).is_ok(),
            made.desk.item(&r1, &id(1)).is_ok(),
            made.desk.mine(&r1).is_ok(),
            (made
                .desk
                .group(&r1, &Group::Provider("79001".to_owned()), 5))
            .is_ok(),
        ]
    };
    assert_eq!(look(), [true; 4]);
    made.desk.act(&r1, &id(1), &act).expect("taken");
    // What is not there is not looked at; what is refused with how it is now is.
    assert!(made.desk.item(&r1, &id(9)).expect("read").is_none());
    made.desk.act(&r1, &id(1), &act).expect_err("it was taken");
    let alert = id(1);
    let entries = made.log.entries.lock().expect("nobody panicked").clone();
    assert_eq!(
        entries,
        [
            "r1 Queue(1) 7".to_owned(),
            format!("r1 Alert(\"{alert}\") 7"),
            "r1 Queue(0) 7".to_owned(),
            "r1 Group(Provider(\"79001\"), 1) 7".to_owned(),
            format!("r1 Did(Take, \"{alert}\") 7"),
            format!("r1 Alert(\"{alert}\") 7"),
        ]
    );
    made.log
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(look(), [false; 4]);
    // Nor is anything done, or shown by a refusal.
    let refused = made.desk.act(&r1, &id(1), &act);
    assert!(matches!(
        refused,
        Err(Refused::Database(DeskError::NotLogged))
    ));
    let mut now = act;
    now.seen.version += 1;
    now.action = WorkAction::Release;
    let refused = made.desk.act(&r1, &id(1), &now);
    assert!(matches!(
        refused,
        Err(Refused::Database(DeskError::NotLogged))
    ));
    made.log
        .is_full
        .store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(made.item(&id(1)).work.state, WorkState::InReview);
}

#[test]
fn what_took_two_people_is_not_bound_to_other_evidence_by_one() {
    let made = Made::new();
    made.project(&[finding(1), finding(2)], 1);
    let (r1, s1) = (reviewer("r1"), supervisor("s1"));
    propose(&made, &r1, &id(1));
    propose(&made, &r1, &id(2));
    made.act(&s1, &id(1), WorkAction::Approve)
        .expect("approved");
    let mut changed = [finding(1), finding(2)];
    for one in &mut changed {
        one.digest = EvidenceDigest([9; 16]);
    }
    made.project(&changed, 2);
    // Closed: nobody upholds it alone.
    for who in [&r1, &s1] {
        let refused = made.act_with(who, &id(1), WorkAction::Uphold, |act| {
            act.note = Some(NOTE.to_owned());
        });
        assert!(matches!(refused, Err(Refused::Wrong(Wrong::NeedsApproval))));
    }
    // Proposed on what there was before: it is not approved on what there is now.
    let refused = made.act(&s1, &id(2), WorkAction::Approve);
    assert!(matches!(refused, Err(Refused::Overtaken)));
    made.act_with(&s1, &id(2), WorkAction::Return, |act| {
        act.note = Some("căn cứ đã đổi".to_owned());
    })
    .expect("returned");
}

#[test]
fn what_is_archived_stands_as_it_was_decided() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let r1 = reviewer("r1");
    made.act(&r1, &id(1), WorkAction::Take).expect("taken");
    made.act_with(&r1, &id(1), WorkAction::Close, |act| {
        act.verdict = Some(Verdict::Duplicate);
    })
    .expect("closed");
    let mut archived = finding(1);
    archived.state = AlertState::Archived;
    made.project(&[archived], 2);
    assert!(!made.item(&id(1)).needs_recheck());
    let closed = made.desk.counts(&r1).expect("read");
    let count = |view| {
        closed
            .iter()
            .find(|(one, _)| *one == view)
            .map(|(_, count)| *count)
    };
    assert_eq!(
        (count(View::Closed), count(View::Recheck)),
        (Some(1), Some(0))
    );
}

#[test]
fn a_name_is_no_text() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    for name in ["", "Nguyễn Văn A 079051000001", "a b", &"x".repeat(200)] {
        let refused = made.act_with(&supervisor("s1"), &id(1), WorkAction::Assign, |act| {
            act.assignee = Some(name.to_owned());
        });
        assert!(
            matches!(refused, Err(Refused::Wrong(Wrong::BadAssignee))),
            "{name}"
        );
    }
}

#[test]
fn what_is_reopened_has_as_many_days_as_what_is_new() {
    let made = Made::new();
    // It has 3 working days, from a Friday on.
    made.project(&[finding(1)], 1);
    let reviewer = reviewer("r1");
    made.act(&reviewer, &id(1), WorkAction::Take)
        .expect("taken");
    let with = |act: &mut Act| {
        act.verdict = Some(Verdict::FalsePositiveLink);
        act.note = Some(NOTE.to_owned());
    };
    let closed = made.act_with(&reviewer, &id(1), WorkAction::Close, with);
    let closed = closed.expect("closed").work.due;
    assert_eq!(closed, day("2026-12-02"));
    // Four weeks later, on a Friday again.
    made.pass(28);
    let reopened = made.act_with(&reviewer, &id(1), WorkAction::Reopen, with);
    assert_eq!(reopened.expect("reopened").work.due, day("2026-12-30"));
    let overdue = QueueQuery {
        view: View::PastDue,
        filters: Filters::default(),
        as_of: None,
        after: None,
        limit: 10,
    };
    let overdue = made.desk.queue(&reviewer, &overdue).expect("read");
    assert!(overdue.items.is_empty());
}

#[test]
fn nobody_approves_faster_than_they_read() {
    let made = Made::new();
    let most = APPROVALS_PER_MINUTE;
    made.project(&(0..=most).map(finding).collect::<Vec<_>>(), 1);
    let (s1, s2) = (supervisor("s1"), supervisor("s2"));
    for number in 0..=most {
        propose(&made, &reviewer("r1"), &id(number));
    }
    let approve = |who, number| made.act(who, &id(number), WorkAction::Approve);
    let begun = made.now();
    for number in 0..most {
        approve(&s1, number).expect("approved");
        made.pass_millis(1_000);
    }
    let refused = approve(&s1, most);
    assert!(
        matches!(refused, Err(Refused::Spent { next }) if next == begun + 60_000),
        "{refused:?}"
    );
    made.pass_millis(begun + 59_999 - made.now());
    assert!(approve(&s1, most).is_err());
    made.pass_millis(1);
    approve(&s1, most).expect("a minute after the first");
    assert_eq!(made.item(&id(most)).work.state, WorkState::Closed);

    // Several that are approved together are several; and everybody has their own minute.
    made.project(&(100..=100 + most).map(finding).collect::<Vec<_>>(), 2);
    let acts: Vec<_> = (100..=100 + most)
        .map(|number| {
            propose(&made, &reviewer("r1"), &id(number));
            made.look(&s2, &id(number), WorkAction::Approve);
            let act = Act::new(WorkAction::Approve, seen(&made.item(&id(number))));
            (id(number), act)
        })
        .collect();
    let done = made.desk.act_on_all(&s2, &acts).expect("done");
    let spent = done.outcomes.iter().filter(|(_, outcome)| outcome.is_err());
    assert_eq!(spent.count(), 1);
}
