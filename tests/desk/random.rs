//! Random histories: people act, evidence changes, and each step comes to what the naive implementation says.

use fundwatch::access::Role;
use fundwatch::review::{Act, EvidenceDigest, Refused, Verdict, Viewer, WorkAction};
use fundwatch::store::AlertState;
use proptest::prelude::*;

use crate::made::{Made, finding, id, reviewer, seen, supervisor, viewer};
use crate::model::{Became, Model};

#[derive(Clone, Debug)]
enum Step {
    Act {
        who: usize,
        action: usize,
        verdict: usize,
    },
    /// The evidence comes to be another, or what it was.
    Change(u8),
    Withdraw,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0_usize..6, 0..WorkAction::ALL.len(), 0..Verdict::ALL.len())
            .prop_map(|(who, action, verdict)| Step::Act { who, action, verdict }),
        2 => (1_u8..4).prop_map(Step::Change),
        1 => Just(Step::Withdraw),
        1 => Just(Step::Reopen),
    ]
}

fn people() -> [Viewer; 6] {
    [
        reviewer("r1"),
        reviewer("r2"),
        supervisor("s1"),
        supervisor("s2"),
        viewer("a1", Role::Auditor),
        viewer("o1", Role::Operator),
    ]
}

fn became(outcome: &Result<fundwatch::review::Item, Refused>) -> Became {
    match outcome {
        Ok(_) => Became::Done,
        Err(Refused::NotPossible { .. }) => Became::NotPossible,
        Err(Refused::NotTheirs { .. }) => Became::NotTheirs,
        Err(Refused::TookPart) => Became::TookPart,
        Err(Refused::Overtaken) => Became::Overtaken,
        Err(Refused::Wrong(_)) => Became::Wrong,
        Err(other) => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_done_comes_to_what_the_naive_desk_says(steps in proptest::collection::vec(step(), 1..60)) {
        let mut made = Made::new();
        let mut own = finding(1);
        made.project(std::slice::from_ref(&own), 1);
        let mut model = Model::new();
        let mut decided_on = None;
        let people = people();
        for (step, epoch) in steps.into_iter().zip(2..) {
            match step {
                Step::Act { who, action, verdict } => {
                    let (who, action) = (&people[who], WorkAction::ALL[action]);
                    let verdict = Verdict::ALL[verdict];
                    let before = made.item(&id(1));
                    let allowed = made.desk.allowed(who, &before).expect("read");
                    let mut act = Act::new(action, seen(&before));
                    act.verdict = Some(verdict);
                    act.note = Some("ghi chú".to_owned());
                    act.until = Some(made.today().plus(2));
                    act.assignee = Some("r1".to_owned());
                    made.look(who, &id(1), action);
                    made.pass_millis(10_000);
                    let outcome = made.desk.act(who, &id(1), &act);
                    let expected = model.act(who, action, verdict);
                    prop_assert_eq!(became(&outcome), expected, "{} by {:?}: {:?}", action, who, before.work);
                    // A button is shown where it does something, with the right words beside it.
                    let is_offered = allowed.contains(&action);
                    let is_possible = expected == Became::Done
                        || action == WorkAction::Close && expected == Became::Wrong;
                    prop_assert_eq!(is_offered, is_possible, "{}", action);
                    if expected == Became::Done && model.verdict.is_some() && action.is_decision() {
                        decided_on = Some((own.digest, own.state));
                    }
                }
                Step::Change(digest) => {
                    own.digest = EvidenceDigest([digest; 16]);
                    own.state = AlertState::Active;
                }
                Step::Withdraw => own.state = AlertState::Withdrawn,
                Step::Reopen => made.reopen(),
            }
            own.changed_epoch = epoch;
            made.project(std::slice::from_ref(&own), epoch);
            model.is_overtaken = model.verdict.is_some() && decided_on != Some((own.digest, own.state));
            let item = made.item(&id(1));
            prop_assert_eq!(item.work.state, model.state);
            prop_assert_eq!(&item.work.assignee, &model.assignee);
            prop_assert_eq!(&item.work.proposer, &model.proposer);
            prop_assert_eq!(item.work.decided.map(|one| one.verdict), model.verdict);
            prop_assert_eq!(item.is_moved(), model.is_overtaken);
            prop_assert_eq!(item.work.version, model.acts);
            prop_assert_eq!(&item.finding, &own);
            let events = made.desk.events(&id(1)).expect("read");
            prop_assert_eq!(events.len(), model.acts as usize);
            prop_assert!(events.windows(2).all(|two| two[0].to == two[1].from && two[0].number < two[1].number));
            prop_assert_eq!(events.last().map_or(fundwatch::review::WorkState::New, |last| last.to), model.state);
        }
    }
}
