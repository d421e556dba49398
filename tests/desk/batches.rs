//! Lists that are acted on as one: frozen as they were seen, approved by somebody else, carried out and undone.

use std::collections::BTreeMap;

use fundwatch::access::Role;
use fundwatch::review::{
    Act, BATCH_SAMPLE, BatchAct, BatchDecision, BatchOutcome, BatchState, EvidenceDigest, Filters,
    Item, LARGEST_BATCH, LARGEST_BULK, QueueQuery, Refused, Verdict, View, Viewer, WorkAction,
    WorkState, Wrong,
};
use proptest::prelude::*;

use crate::made::{Made, finding, id, reviewer, seen, supervisor, text, viewer};

fn open() -> QueueQuery {
    QueueQuery {
        view: View::Open,
        filters: Filters::default(),
        as_of: None,
        after: None,
        limit: 50,
    }
}

fn close() -> BatchAct {
    BatchAct {
        action: WorkAction::CloseTogether,
        assignee: None,
        verdict: Some(Verdict::FalsePositiveDeathRecord),
        note: "Tệp khai tử của tỉnh nạp nhầm".to_owned(),
    }
}

fn assign(to: &str) -> BatchAct {
    BatchAct {
        action: WorkAction::Assign,
        assignee: Some(to.to_owned()),
        verdict: None,
        note: "Chia việc".to_owned(),
    }
}

/// Asks for it on the list as it is.
fn propose(
    made: &Made,
    who: &Viewer,
    query: &QueueQuery,
    asked: &BatchAct,
) -> Result<i64, Refused> {
    let offer = made.desk.offer_batch(who, query).expect("read");
    let query = QueueQuery {
        as_of: Some(offer.as_of),
        ..query.clone()
    };
    made.desk.propose_batch(who, (&query, offer.mark), asked)
}

/// Proposes that all that is open is closed.
pub fn propose_closing(made: &Made, who: &Viewer) -> i64 {
    propose(made, who, &open(), &close()).expect("proposed")
}

pub fn approve(made: &Made, who: &Viewer, number: i64) -> Result<(), Refused> {
    (made.desk).decide_batch(who, number, (BatchDecision::Approve, None))?;
    while made.desk.carry_on().expect("written") {}
    Ok(())
}

fn undo(made: &Made, who: &Viewer, number: i64) -> Result<(), Refused> {
    made.desk.undo_batch(who, number, Some("nhầm"))?;
    while made.desk.carry_on().expect("written") {}
    Ok(())
}

fn outcomes(made: &Made, number: i64) -> BTreeMap<Option<BatchOutcome>, u64> {
    let told = made.desk.batch(&supervisor("s9"), number).expect("read");
    told.expect("a batch").batch.outcomes.into_iter().collect()
}

fn state(made: &Made, number: i64) -> BatchState {
    let told = made.desk.batch(&supervisor("s9"), number).expect("read");
    told.expect("a batch").batch.state
}

#[test]
fn a_list_is_closed_by_two_people_as_it_was_seen() {
    let made = Made::new();
    let mut findings: Vec<_> = (0..60).map(finding).collect();
    made.project(&findings, 1);
    let (r1, s1) = (reviewer("r1"), supervisor("s1"));
    let number = propose(&made, &r1, &open(), &close()).expect("asked for");
    assert_eq!(state(&made, number), BatchState::Proposed);
    assert!(!made.desk.carry_on().expect("read"), "nobody approved yet");

    // Meanwhile one is taken, the evidence of one changes, one comes, and the approver writes a note about one.
    made.act(&reviewer("r2"), &id(3), WorkAction::Take)
        .expect("taken");
    findings[4].digest = EvidenceDigest([9; 16]);
    findings[4].changed_epoch = 2;
    findings.push(finding(60));
    made.project(&findings, 2);
    made.act_with(&s1, &id(5), WorkAction::Note, |act| {
        act.note = Some("xem".to_owned())
    })
    .expect("noted");

    let own = approve(&made, &r1, number);
    assert!(matches!(own, Err(Refused::TookPart)));
    let other = approve(&made, &reviewer("r2"), number);
    assert!(matches!(other, Err(Refused::NotTheirs { .. })));
    approve(&made, &s1, number).expect("approved");
    assert_eq!(state(&made, number), BatchState::Done);
    let expected = [
        (Some(BatchOutcome::Done), 57),
        (Some(BatchOutcome::Moved), 2),
        // Who approves wrote a note about it.
        (Some(BatchOutcome::NotAllowed), 1),
    ];
    assert_eq!(outcomes(&made, number), expected.into());
    for (number, expected) in [
        (0, WorkState::Closed),
        (3, WorkState::InReview),
        (4, WorkState::New),
        (60, WorkState::New),
    ] {
        assert_eq!(made.item(&id(number)).work.state, expected, "{number}");
    }
    let events = made.desk.events(&id(0)).expect("read");
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].batch, events[0].action),
        (Some(number), WorkAction::CloseTogether)
    );
    assert_eq!(events[0].verdict, Some(Verdict::FalsePositiveDeathRecord));
    assert_eq!(text(&events[0].note), Some(&*close().note));
    let again = approve(&made, &supervisor("s2"), number);
    assert!(matches!(
        again,
        Err(Refused::BatchIs {
            state: BatchState::Done
        })
    ));
}

#[test]
fn who_had_a_part_in_an_alert_does_not_approve_it_through_a_batch() {
    let made = Made::new();
    made.project(&[finding(1), finding(2)], 1);
    let s1 = supervisor("s1");
    // Before the list was seen, so that the alert is as it was.
    made.act(&s1, &id(1), WorkAction::Take).expect("taken");
    made.act_with(&s1, &id(1), WorkAction::Escalate, |act| {
        act.note = Some("khó".to_owned())
    })
    .expect("escalated");
    let query = QueueQuery {
        view: View::Escalated,
        ..open()
    };
    let number = propose(&made, &reviewer("r1"), &query, &close()).expect("asked for");
    approve(&made, &s1, number).expect("approved");
    assert_eq!(
        outcomes(&made, number),
        [(Some(BatchOutcome::NotAllowed), 1)].into()
    );
    assert_eq!(made.item(&id(1)).work.state, WorkState::Escalated);
}

#[test]
fn another_list_than_was_seen_is_not_frozen() {
    let made = Made::new();
    let mut findings: Vec<_> = (0..3).map(finding).collect();
    made.project(&findings, 1);
    let r1 = reviewer("r1");
    let offer = made.desk.offer_batch(&r1, &open()).expect("read");
    assert_eq!(
        (offer.alerts(), offer.amount().thousandths()),
        (3, 3_000_000_000)
    );
    let at = QueueQuery {
        as_of: Some(offer.as_of),
        ..open()
    };
    // What came later is not in it.
    let mut late = finding(3);
    late.raised_epoch = 2;
    findings.push(late);
    made.project(&findings, 2);
    let number = made.desk.propose_batch(&r1, (&at, offer.mark), &close());
    assert!(number.is_ok());
    made.act(&reviewer("r2"), &id(1), WorkAction::Take)
        .expect("taken");
    let moved = made.desk.propose_batch(&r1, (&at, offer.mark), &close());
    assert!(matches!(moved, Err(Refused::ListMoved)));
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_frozen() {
    let made = Made::new();
    let findings: Vec<_> = (0..60).map(finding).collect();
    made.project(&findings, 1);
    let (r1, s1) = (reviewer("r1"), supervisor("s1"));
    let refused = |who: &Viewer, asked: &BatchAct| propose(&made, who, &open(), asked);
    let accuses = BatchAct {
        verdict: Some(Verdict::ConfirmedFraud),
        ..close()
    };
    assert!(matches!(
        refused(&s1, &accuses),
        Err(Refused::Wrong(Wrong::NotTogether))
    ));
    let silent = BatchAct {
        note: "  ".to_owned(),
        ..close()
    };
    assert!(matches!(
        refused(&r1, &silent),
        Err(Refused::Wrong(Wrong::NoteMissing))
    ));
    let undecided = BatchAct {
        verdict: None,
        ..close()
    };
    assert!(matches!(
        refused(&r1, &undecided),
        Err(Refused::Wrong(Wrong::VerdictMissing))
    ));
    assert!(matches!(
        refused(&r1, &assign("r2")),
        Err(Refused::NotTheirs { .. })
    ));
    assert!(matches!(
        refused(&s1, &assign("")),
        Err(Refused::Wrong(Wrong::BadAssignee))
    ));
    let auditor = viewer("a1", Role::Auditor);
    assert!(matches!(
        refused(&auditor, &close()),
        Err(Refused::NotTheirs { .. })
    ));
    let approve = BatchAct {
        action: WorkAction::Approve,
        ..close()
    };
    assert!(matches!(
        refused(&s1, &approve),
        Err(Refused::NotTheirs { .. })
    ));
    assert!(made.desk.batches(&s1, None, 10).expect("read").is_empty());
}

#[test]
fn few_are_assigned_by_one_and_many_by_two() {
    let made = Made::new();
    let findings: Vec<_> = (0..=LARGEST_BULK as u32).map(finding).collect();
    made.project(&findings[..LARGEST_BULK], 1);
    let s1 = supervisor("s1");
    let few = propose(&made, &s1, &open(), &assign("r1")).expect("asked for");
    while made.desk.carry_on().expect("written") {}
    assert_eq!(state(&made, few), BatchState::Done);
    assert_eq!(made.item(&id(7)).work.assignee.as_deref(), Some("r1"));
    undo(&made, &s1, few).expect("undone");
    made.project(&findings, 2);
    let many = propose(&made, &s1, &open(), &assign("r1")).expect("asked for");
    assert_eq!(state(&made, many), BatchState::Proposed);
    let returned = made
        .desk
        .decide_batch(&supervisor("s2"), many, (BatchDecision::Return, None));
    assert!(matches!(returned, Err(Refused::Wrong(Wrong::NoteMissing))));
    let why = (BatchDecision::Return, Some("chia đều hơn"));
    made.desk
        .decide_batch(&supervisor("s2"), many, why)
        .expect("returned");
    assert_eq!(state(&made, many), BatchState::Returned);
    assert_eq!(made.item(&id(7)).work.state, WorkState::New);
}

#[test]
fn a_stop_in_the_middle_goes_on_after_and_so_does_an_undo() {
    let mut made = Made::new();
    let findings: Vec<_> = (0..450).map(finding).collect();
    made.project(&findings, 1);
    let (r1, s1) = (reviewer("r1"), supervisor("s1"));
    let number = propose(&made, &r1, &open(), &close()).expect("asked for");
    made.desk
        .decide_batch(&s1, number, (BatchDecision::Approve, None))
        .expect("approved");
    assert!(made.desk.carry_on().expect("written"));
    let done = outcomes(&made, number)[&Some(BatchOutcome::Done)];
    assert!(0 < done && done < 450, "{done}");
    made.reopen();
    while made.desk.carry_on().expect("written") {}
    assert_eq!(
        outcomes(&made, number),
        [(Some(BatchOutcome::Done), 450)].into()
    );
    let sample = made
        .desk
        .batch(&s1, number)
        .expect("read")
        .expect("a batch")
        .sample;
    assert_eq!(sample.len(), BATCH_SAMPLE);

    // Not undone is what somebody acted on since.
    made.act_with(&r1, &id(6), WorkAction::Reopen, |act| {
        act.note = Some("chưa đúng".to_owned())
    })
    .expect("reopened");
    let other = made.desk.undo_batch(&reviewer("r2"), number, Some("nhầm"));
    assert!(matches!(other, Err(Refused::NotTheirs { .. })));
    made.desk
        .undo_batch(&r1, number, Some("nhầm"))
        .expect("to be undone");
    assert!(made.desk.carry_on().expect("written"));
    made.reopen();
    while made.desk.carry_on().expect("written") {}
    let expected = [
        (Some(BatchOutcome::Undone), 449),
        (Some(BatchOutcome::Kept), 1),
    ];
    assert_eq!(outcomes(&made, number), expected.into());
    assert_eq!(state(&made, number), BatchState::Undone);
    assert_eq!(made.item(&id(6)).work.state, WorkState::Reopened);
    assert_eq!(made.item(&id(7)).work.state, WorkState::New);
    let last = made
        .desk
        .events(&id(7))
        .expect("read")
        .pop()
        .expect("an event");
    assert_eq!(
        (last.action, text(&last.note)),
        (WorkAction::Undo, Some("nhầm"))
    );
}

#[test]
fn several_chosen_alerts_are_undone_as_one() {
    let made = Made::new();
    made.project(&[finding(1), finding(2)], 1);
    let r1 = reviewer("r1");
    let take = |number| {
        (
            id(number),
            Act::new(WorkAction::Take, seen(&made.item(&id(number)))),
        )
    };
    let done = made
        .desk
        .act_on_all(&r1, &[take(1), take(2)])
        .expect("done");
    let number = done.batch.expect("a batch");
    undo(&made, &r1, number).expect("undone");
    let work = made.item(&id(1)).work;
    assert_eq!((work.state, work.assignee), (WorkState::New, None));
    // Of what did nothing there is no batch.
    let stale = Act::new(WorkAction::Take, seen(&made.item(&id(1))));
    made.act(&reviewer("r2"), &id(1), WorkAction::Take)
        .expect("taken");
    let done = made.desk.act_on_all(&r1, &[(id(1), stale)]).expect("done");
    assert_eq!(done.batch, None);
    assert_eq!(made.desk.batches(&r1, None, 10).expect("read").len(), 1);
}

#[test]
fn a_batch_is_seen_by_whom_all_of_it_is() {
    let made = Made::new();
    let mut other = finding(2);
    other.facility = Some("01001".to_owned());
    made.project(&[finding(1), other], 1);
    let number = propose(&made, &reviewer("r1"), &open(), &close()).expect("asked for");
    let mut local = supervisor("s1");
    local.provinces = vec!["79".to_owned()];
    assert!(made.desk.batch(&local, number).expect("read").is_none());
    assert!(
        made.desk
            .batches(&local, None, 10)
            .expect("read")
            .is_empty()
    );
    assert!(matches!(
        approve(&made, &local, number),
        Err(Refused::NotFound)
    ));
    assert!(matches!(
        undo(&made, &local, number),
        Err(Refused::NotFound)
    ));
    // And of a list it is what they see of it.
    let own = propose(&made, &local, &open(), &close()).expect("asked for");
    assert_eq!(outcomes(&made, own), [(None, 1)].into());
}

#[test]
fn nobody_closes_chosen_alerts_together_alone() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let mut act = Act::new(WorkAction::CloseTogether, seen(&made.item(&id(1))));
    act.verdict = Some(Verdict::FalsePositiveDeathRecord);
    act.note = Some("nhầm".to_owned());
    for who in [
        reviewer("r1"),
        supervisor("s1"),
        viewer("o1", Role::Operator),
    ] {
        let alone = made.desk.act(&who, &id(1), &act);
        assert!(matches!(alone, Err(Refused::NotTheirs { .. })), "{who:?}");
        let several = made.desk.act_on_all(&who, &[(id(1), act.clone())]);
        let outcome = several.expect("asked").outcomes.remove(0).1;
        assert!(matches!(outcome, Err(Refused::NotTheirs { .. })), "{who:?}");
    }
    assert_eq!(made.item(&id(1)).work.state, WorkState::New);
}

#[test]
fn a_list_of_batches_is_as_long_as_asked_for_whatever_others_do() {
    let made = Made::new();
    let mut other = finding(2);
    other.facility = Some("01001".to_owned());
    made.project(&[finding(1), other], 1);
    let take = |number: u32| {
        let act = Act::new(WorkAction::Take, seen(&made.item(&id(number))));
        let who = reviewer("r1");
        (made.desk.act_on_all(&who, &[(id(number), act)])).expect("done");
        made.act(&who, &id(number), WorkAction::Release)
            .expect("given back");
    };
    for number in [1, 2, 2, 2] {
        take(number);
    }
    let mut local = supervisor("s1");
    local.provinces = vec!["79".to_owned()];
    assert_eq!(made.desk.batches(&local, None, 2).expect("read").len(), 1);
    assert_eq!(
        made.desk
            .batches(&supervisor("s2"), None, 2)
            .expect("read")
            .len(),
        2
    );
}

#[test]
fn chosen_alerts_are_seen_by_whom_all_of_them_are() {
    let made = Made::new();
    let mut other = finding(2);
    other.facility = Some("01001".to_owned());
    made.project(&[finding(1), other, finding(3)], 1);
    let take = |number| {
        let act = Act::new(WorkAction::Take, seen(&made.item(&id(number))));
        (id(number), act)
    };
    // By somebody who sees all.
    let acted = |acts: &[(String, Act)]| {
        let done = made.desk.act_on_all(&reviewer("r1"), acts).expect("done");
        done.batch.expect("a batch")
    };
    let (both, own) = (acted(&[take(1), take(2)]), acted(&[take(3)]));
    let mut local = supervisor("s1");
    local.provinces = vec!["79".to_owned()];
    assert!(made.desk.batch(&local, both).expect("read").is_none());
    assert!(matches!(undo(&made, &local, both), Err(Refused::NotFound)));
    assert!(made.desk.batch(&local, own).expect("read").is_some());
}

#[test]
fn every_step_is_in_the_log_before_it_is_told() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    let number = propose(&made, &reviewer("r1"), &open(), &close()).expect("asked for");
    approve(&made, &supervisor("s1"), number).expect("approved");
    undo(&made, &supervisor("s1"), number).expect("undone");
    let entries = made.log.entries.lock().expect("nobody panicked").join("\n");
    for step in [
        "r1 Batch(Propose, 1, 1)",
        "s1 Batch(Approve, 1, 1)",
        "s1 Batch(Undo, 1, 1)",
    ] {
        assert!(entries.contains(step), "{step}: {entries}");
    }
    made.log
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(propose_unlogged(&made).is_err());
    assert!(made.desk.batch(&reviewer("r1"), number).is_err());
}

fn propose_unlogged(made: &Made) -> Result<i64, Refused> {
    let mark = EvidenceDigest([0; 16]);
    made.desk
        .propose_batch(&reviewer("r1"), (&open(), mark), &close())
}

#[test]
fn a_list_that_is_too_long_says_so() {
    let made = Made::new();
    let findings: Vec<_> = (0..=LARGEST_BATCH as u32).map(finding).collect();
    made.project(&findings, 1);
    let r1 = reviewer("r1");
    assert!(
        made.desk
            .offer_batch(&r1, &open())
            .expect("read")
            .is_too_large
    );
    let refused = propose(&made, &r1, &open(), &close());
    assert!(matches!(refused, Err(Refused::Wrong(Wrong::TooMany))));
}

#[derive(Clone, Debug)]
struct Step {
    who: usize,
    action: usize,
    alert: u32,
}

const ALERTS: u32 = 6;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0_usize..4, 0..WorkAction::ALL.len(), 0..ALERTS)
        .prop_map(|(who, action, alert)| Step { who, action, alert });
    proptest::collection::vec(step, 0..25)
}

fn people() -> [Viewer; 4] {
    [
        reviewer("r1"),
        reviewer("r2"),
        supervisor("s1"),
        supervisor("s2"),
    ]
}

fn run(made: &Made, steps: &[Step]) -> Vec<bool> {
    let mut is_touched = vec![false; ALERTS as usize];
    for step in steps {
        let done = made.act_with(
            &people()[step.who],
            &id(step.alert),
            WorkAction::ALL[step.action],
            |act| {
                act.verdict = Some(Verdict::LegitimateOther);
                act.note = Some("ghi chú".to_owned());
                act.until = Some(made.today().plus(2));
                act.assignee = Some("r1".to_owned());
            },
        );
        is_touched[step.alert as usize] |= done.is_ok();
    }
    is_touched
}

fn items(made: &Made) -> Vec<Item> {
    (0..ALERTS).map(|number| made.item(&id(number))).collect()
}

/// Whether somebody acted since the alert was last new, reopened or returned, as the events tell it.
fn took_part(made: &Made, number: u32, name: &str) -> bool {
    let mut part = false;
    for event in made.desk.events(&id(number)).expect("read") {
        let begins = matches!(
            event.to,
            WorkState::New | WorkState::Reopened | WorkState::Returned
        );
        if begins && event.from != event.to {
            part = false;
        } else if event.action != WorkAction::Assign {
            part |= event.actor.is_some_and(|(actor, _)| actor == name);
        }
    }
    part
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever people did before, meanwhile and after: a batch closes what is as it was seen, and its undo leads that
    /// back, and nothing else.
    #[test]
    fn a_batch_and_its_undo_touch_what_nobody_touched(before in steps(), meanwhile in steps(), after in steps()) {
        let made = Made::new();
        let findings: Vec<_> = (0..ALERTS).map(finding).collect();
        made.project(&findings, 1);
        run(&made, &before);
        let at_offer = items(&made);
        let mut numbers = Vec::new();
        for view in [View::Open, View::UnderWay, View::Escalated] {
            let query = QueueQuery { view, ..open() };
            if made.desk.offer_batch(&people()[0], &query).expect("read").alerts() > 0 {
                numbers.push(propose(&made, &people()[0], &query, &close()).expect("asked for"));
            }
        }
        let moved = run(&made, &meanwhile);
        let before_approval = items(&made);
        let s1 = supervisor("s1");
        let parts: Vec<bool> = (0..ALERTS).map(|one| took_part(&made, one, "s1")).collect();
        for number in &numbers {
            approve(&made, &s1, *number).expect("approved");
        }
        let closed = items(&made);
        let mut is_closed = Vec::new();
        for one in 0..ALERTS as usize {
            let could = !matches!(at_offer[one].work.state, WorkState::Proposed | WorkState::Closed);
            is_closed.push(could && !moved[one] && !parts[one]);
            if is_closed[one] {
                prop_assert_eq!(closed[one].work.state, WorkState::Closed);
                prop_assert_eq!(closed[one].work.decided.map(|it| it.verdict), Some(Verdict::FalsePositiveDeathRecord));
            } else {
                prop_assert_eq!(&closed[one], &before_approval[one]);
            }
        }
        let touched = run(&made, &after);
        let before_undo = items(&made);
        for number in &numbers {
            undo(&made, &s1, *number).expect("undone");
        }
        for (one, item) in items(&made).into_iter().enumerate() {
            if is_closed[one] && !touched[one] {
                let mut work = at_offer[one].work.clone();
                work.version = item.work.version;
                prop_assert_eq!(item.work, work);
            } else {
                prop_assert_eq!(&item, &before_undo[one]);
            }
        }
    }
}
