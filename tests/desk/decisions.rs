//! What was decided of the alerts of a reason, and how long it took.

use fundwatch::review::{
    Act, FEWEST_MEASURED, FalseCause, Finding, Outcome, Verdict, Viewer, WorkAction,
};
use fundwatch::rule::Reason;
use fundwatch::store::AlertState;

use crate::made::{Made, finding, id, reviewer, seen, supervisor};

fn of(reason: Reason, number: u32) -> Finding {
    Finding {
        reason,
        ..finding(number)
    }
}

/// Takes an alert, and closes it after so many minutes.
fn close(made: &Made, who: &Viewer, number: u32, (minutes, verdict): (i64, Verdict)) {
    made.act(who, &id(number), WorkAction::Take).expect("taken");
    made.pass_millis(minutes * 60_000);
    made.act_with(who, &id(number), WorkAction::Close, |act| {
        act.verdict = Some(verdict);
        act.note = Some("Có giải trình.".to_owned());
    })
    .expect("closed");
}

#[test]
fn verdicts_are_of_closed_alerts_of_the_reason_that_hold_and_are_theirs() {
    let made = Made::new();
    let reason = Reason::OverlappingStay;
    let elsewhere = Finding {
        facility: Some("01001".to_owned()),
        ..of(reason, 5)
    };
    let findings = [
        of(reason, 1),
        of(reason, 2),
        of(Reason::FrequentVisits, 3),
        of(reason, 4),
        elsewhere,
    ];
    made.project(&findings, 1);
    let who = reviewer("r1");
    for (number, verdict) in [
        (1, Verdict::LegitimateOther),
        (2, Verdict::FalsePositiveRule),
        (3, Verdict::LegitimateOther),
        (5, Verdict::Inconclusive),
    ] {
        close(&made, &who, number, (1, verdict));
    }
    made.act(&who, &id(4), WorkAction::Take).expect("taken");
    let told = |who: &Viewer| {
        let mut told = made.desk.decisions(who, reason).expect("read").outcomes;
        told.sort_by_key(|(id, _)| id[2..].to_owned());
        told
    };
    let all = [
        (id(1), Outcome::Legitimate),
        (id(2), Outcome::False(FalseCause::Rule)),
        (id(5), Outcome::Neither),
    ];
    assert_eq!(told(&supervisor("s1")), all);
    let own = Viewer {
        provinces: vec!["79".to_owned()],
        ..supervisor("s2")
    };
    assert_eq!(told(&own), all[..2]);
    // What holds no more has no side of a threshold.
    let withdrawn = Finding {
        state: AlertState::Withdrawn,
        changed_epoch: 2,
        ..of(reason, 1)
    };
    made.project(&[withdrawn], 2);
    assert_eq!(told(&supervisor("s1")), all[1..]);
}

#[test]
fn minutes_are_told_of_enough_decisions_in_one_sitting() {
    let made = Made::new();
    let reason = Reason::FrequentVisits;
    let enough = u32::try_from(FEWEST_MEASURED).expect("few");
    let findings: Vec<Finding> = (0..enough + 2).map(|number| of(reason, number)).collect();
    made.project(&findings, 1);
    let who = reviewer("r1");
    let minutes = || {
        let told = made.desk.decisions(&supervisor("s1"), reason);
        told.expect("read").minutes
    };
    // Two that took a night.
    for number in [enough, enough + 1] {
        close(&made, &who, number, (900, Verdict::LegitimateOther));
    }
    for number in 0..enough {
        assert_eq!(minutes(), None);
        let took = i64::from(number) + 1;
        close(&made, &who, number, (took, Verdict::LegitimateOther));
    }
    assert_eq!(minutes(), Some((enough / 2 + 1, FEWEST_MEASURED)));
    // What is closed at one go says nothing of how long one takes.
    let more: Vec<Finding> = (100..140).map(|number| of(reason, number)).collect();
    made.project(&more, 1);
    let all_at_once = |action, verdict| {
        let act = |number: u32| {
            let mut act = Act::new(action, seen(&made.item(&id(number))));
            act.verdict = verdict;
            (id(number), act)
        };
        let acts: Vec<_> = (100..140).map(act).collect();
        let done = made.desk.act_on_all(&who, &acts).expect("done");
        assert!(done.outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
    };
    all_at_once(WorkAction::Take, None);
    made.pass_millis(60_000);
    all_at_once(WorkAction::Close, Some(Verdict::Duplicate));
    assert_eq!(minutes(), Some((enough / 2 + 1, FEWEST_MEASURED)));
    let other = made.desk.decisions(&supervisor("s1"), Reason::CostOutlier);
    assert_eq!(other.expect("read").minutes, None);
}
