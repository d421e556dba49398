//! A group page by page, and what is summed over it, against the alerts read one by one.

use std::collections::{BTreeMap, BTreeSet};

use fundwatch::record::{Day, Money};
use fundwatch::review::{
    Cursor, EvidenceDigest, Finding, Group, GroupId, GroupPage, GroupQuery, Item, MoneyStage,
    Month, Sum, Verdict, Viewer, WorkAction, WorkPlace, WorkState,
};
use fundwatch::rule::Reason;
use fundwatch::store::AlertState;
use proptest::prelude::*;

use crate::made::{Made, day, finding, id, reviewer, supervisor};

const REASONS: [Reason; 3] = [
    Reason::ServiceAfterDeath,
    Reason::UnknownCard,
    Reason::DuplicateIdentity,
];
const FACILITIES: [&str; 4] = ["79001", "79002", "01001", "01002"];
const VERDICTS: [Verdict; 6] = [
    Verdict::ConfirmedFraud,
    Verdict::FalsePositiveLink,
    Verdict::LegitimateOther,
    Verdict::AlreadyRecovered,
    Verdict::Duplicate,
    Verdict::Referred,
];

/// An alert of one of two people and two cards, made of a few bytes.
fn made_of(number: u32, [a, b, c]: [u8; 3], thousandths: i64) -> Finding {
    let of = |byte: u8, count: u8| usize::from(byte % count);
    let facility = FACILITIES.get(of(a, 5)).map(|code| (*code).to_owned());
    Finding {
        reason: REASONS[of(b, 3)],
        person: (a % 7 != 0).then_some(GroupId([1 + b % 2; 16])),
        card: (b % 5 != 0).then_some(GroupId([11 + c % 2; 16])),
        amount: Money::from_thousandths(thousandths),
        // From the end of one year to the spring of the next.
        service_day: (c % 6 != 0).then(|| day("2025-11-20").plus(i32::from(c))),
        priority: 1_000 * u32::from(c % 4),
        raised_epoch: 1 + u64::from(a % 3),
        facility,
        ..finding(number)
    }
}

fn query(limit: u32) -> GroupQuery {
    GroupQuery {
        after: None,
        as_of: None,
        limit,
        until: None,
    }
}

/// Every page of a group, and the last of them.
fn whole(made: &Made, who: &Viewer, group: &Group) -> (Vec<Item>, GroupPage) {
    let mut items = Vec::new();
    let mut asked = query(4);
    loop {
        let page = made.desk.group_page(who, group, &asked).expect("read");
        assert!(page.items.len() <= 4);
        items.extend(page.items.iter().cloned());
        match page.next.clone() {
            Some(after) => {
                asked.after = Some(after);
                asked.as_of = Some(page.as_of);
            }
            None => return (items, page),
        }
    }
}

fn is_of(group: &Group, item: &Item) -> bool {
    let finding = &item.finding;
    match group {
        Group::Person(id) => finding.person == Some(*id),
        Group::Card(id) => finding.card == Some(*id),
        Group::Provider(code) => finding.facility.as_deref() == Some(code),
    }
}

fn add(sum: &mut Sum, item: &Item) {
    sum.alerts += 1;
    sum.open += u64::from(item.work.state != WorkState::Closed);
    let amount = sum.amount.thousandths() + item.finding.amount.thousandths();
    sum.amount = Money::from_thousandths(amount);
}

/// The stage of an alert, by the words of its verdict.
fn stage(item: &Item) -> &'static str {
    let code = item
        .work
        .decided
        .map_or("", |decided| decided.verdict.as_str());
    match (item.finding.state, item.work.state) {
        (AlertState::Withdrawn, _) => "withdrawn",
        (_, WorkState::Proposed) => "proposed",
        (_, WorkState::Closed) if code.starts_with("confirmed_") => "confirmed",
        (_, WorkState::Closed) if code == "already_recovered" => "recovered",
        (_, WorkState::Closed)
            if code.starts_with("false_positive_") || code.starts_with("legitimate_") =>
        {
            "refuted"
        }
        (_, WorkState::Closed) => "other",
        _ => "open",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sums_are_those_of_the_alerts_one_by_one(
        alerts in proptest::collection::vec((any::<[u8; 3]>(), -5_000_000_i64..9_000_000_000_000), 1..40),
        done in proptest::collection::vec((0_u32..40, 0_usize..7), 0..60),
        corrected in proptest::collection::vec((0_u32..40, any::<bool>(), 0_i64..9_000_000_000), 0..20),
        until in 0_usize..8,
    ) {
        let months_of_both = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-06", "2026-09"];
        let until = Month::from_text(months_of_both[until]).expect("a month");
        let made = Made::new();
        let count = u32::try_from(alerts.len()).expect("few");
        let findings: Vec<Finding> = (0..).zip(&alerts).map(|(number, (bytes, amount))| made_of(number, *bytes, *amount)).collect();
        made.project(&findings, 3);
        let (who, other) = (reviewer("r1"), supervisor("s1"));
        for (number, what) in done.into_iter().filter(|(number, _)| *number < count) {
            let _ = made.act(&who, &id(number), WorkAction::Take);
            let verdict = VERDICTS.get(what).copied();
            let with = |act: &mut fundwatch::review::Act| {
                act.verdict = verdict;
                act.note = Some("x".to_owned());
            };
            // What is not possible is not done.
            let _ = match verdict {
                Some(verdict) if verdict.needs_approval() => {
                    let proposed = made.act_with(&who, &id(number), WorkAction::Propose, with);
                    match number % 3 {
                        0 => proposed,
                        _ => made.act(&other, &id(number), WorkAction::Approve),
                    }
                }
                Some(_) => made.act_with(&who, &id(number), WorkAction::Close, with),
                None => made.act_with(&who, &id(number), WorkAction::Reopen, with),
            };
        }
        let corrections: Vec<Finding> = corrected.into_iter().filter(|(number, ..)| *number < count).map(|(number, is_gone, amount)| {
            let mut finding = made.item(&id(number)).finding;
            match is_gone {
                true => finding.state = AlertState::Withdrawn,
                false => finding.amount = Money::from_thousandths(amount),
            }
            finding.digest = EvidenceDigest([2; 16]);
            finding
        }).collect();
        made.project(&corrections, 4);
        let mut all: Vec<Item> = (0..count).map(|number| made.item(&id(number))).collect();
        all.sort_by(|a, b| (b.finding.priority, &a.finding.alert_id).cmp(&(a.finding.priority, &b.finding.alert_id)));
        let of_province = Viewer { provinces: vec!["79".to_owned()], ..reviewer("r2") };
        let groups = [
            Group::Person(GroupId([1; 16])),
            Group::Card(GroupId([11; 16])),
            Group::Provider("79001".to_owned()),
            Group::Provider("01001".to_owned()),
        ];
        for who in [supervisor("s1"), of_province] {
            for group in &groups {
                let own: Vec<Item> = all.iter().filter(|item| who.sees(item.finding.province()) && is_of(group, item)).cloned().collect();
                let (items, page) = whole(&made, &who, group);
                prop_assert_eq!(&items, &own);
                let mut sum = Sum::default();
                let mut by_stage: BTreeMap<&str, Sum> = BTreeMap::new();
                let mut by_reason: BTreeMap<Reason, Sum> = BTreeMap::new();
                let mut facilities: BTreeMap<String, Sum> = BTreeMap::new();
                for item in &own {
                    add(&mut sum, item);
                    add(by_stage.entry(stage(item)).or_default(), item);
                    add(by_reason.entry(item.finding.reason).or_default(), item);
                    if let Some(code) = &item.finding.facility {
                        add(facilities.entry(code.clone()).or_default(), item);
                    }
                }
                prop_assert_eq!(page.all, sum);
                for (stage, told) in &page.by_stage {
                    let expected = by_stage.get(stage.as_str()).copied().unwrap_or_default();
                    prop_assert_eq!(*told, expected, "{}", stage);
                }
                prop_assert_eq!(page.by_stage.len(), MoneyStage::ALL.len());
                prop_assert_eq!(page.by_reason.clone(), by_reason.into_iter().collect::<Vec<_>>());
                let is_provider = matches!(group, Group::Provider(_));
                let told: BTreeMap<String, Sum> = page.facilities.iter().cloned().collect();
                prop_assert_eq!(told, if is_provider { BTreeMap::new() } else { facilities });
                let mut shared: BTreeMap<String, BTreeSet<[u8; 16]>> = BTreeMap::new();
                if let Group::Provider(code) = group {
                    let people: Vec<GroupId> = all.iter().filter(|item| is_of(group, item)).filter_map(|item| item.finding.person).collect();
                    for item in all.iter().filter(|item| who.sees(item.finding.province())) {
                        let Some((facility, person)) = item.finding.facility.clone().zip(item.finding.person) else { continue };
                        if facility != *code && people.contains(&person) {
                            shared.entry(facility).or_default().insert(person.0);
                        }
                    }
                }
                let told: BTreeMap<String, u64> = page.shared.iter().cloned().collect();
                prop_assert_eq!(told, shared.into_iter().map(|(code, people)| (code, people.len() as u64)).collect::<BTreeMap<_, _>>());
                for until in [None, Some(until)] {
                    let asked = GroupQuery { until, ..query(4) };
                    let page = made.desk.group_page(&who, group, &asked).expect("read");
                    months(&own, until, &page)?;
                }
            }
        }
    }
}

/// The months, and the days in them.
fn months(own: &[Item], until: Option<Month>, page: &GroupPage) -> Result<(), TestCaseError> {
    let days: Vec<Day> = own
        .iter()
        .filter_map(|item| item.finding.service_day)
        .collect();
    let all: BTreeSet<Month> = days.iter().map(|day| Month::of(*day)).collect();
    let up_to: Vec<Month> = { all.iter().rev() }
        .filter(|month| until.is_none_or(|until| **month <= until))
        .copied()
        .collect();
    let shown: Vec<Month> = up_to.iter().copied().take(3).collect();
    prop_assert_eq!(&page.months, &shown);
    prop_assert_eq!(page.earlier, up_to.get(3).copied());
    let latest = all.last().copied().filter(|latest| !shown.contains(latest));
    prop_assert_eq!(page.latest, latest);
    let mut expected: BTreeMap<(Day, String), u64> = BTreeMap::new();
    for item in own {
        let Some((day, code)) = item.finding.service_day.zip(item.finding.facility.clone()) else {
            continue;
        };
        let first_shown = shown.last().and_then(|month| month.first());
        let last_shown = shown.first().and_then(|month| month.last());
        if first_shown <= Some(day) && Some(day) <= last_shown {
            *expected.entry((day, code)).or_default() += 1;
        }
    }
    let told: BTreeMap<(Day, String), u64> = { page.days.iter() }
        .map(|one| ((one.day, one.facility.clone()), one.alerts))
        .collect();
    prop_assert_eq!(told, expected);
    Ok(())
}

#[test]
fn absurd_amounts_do_not_keep_a_page_from_being_shown() {
    let made = Made::new();
    let most = |number| Finding {
        amount: Money::from_thousandths(i64::MAX),
        ..finding(number)
    };
    made.project(&[most(1), most(2), most(3)], 1);
    let group = Group::Provider("79001".to_owned());
    let page = made.desk.group_page(&supervisor("s1"), &group, &query(10));
    let page = page.expect("read");
    assert_eq!(page.all.amount, Money::from_thousandths(i64::MAX));
    assert_eq!(page.all.alerts, 3);
}

#[test]
fn a_look_at_a_group_is_in_the_log() {
    let made = Made::new();
    made.project(&[finding(1), finding(2)], 1);
    let group = Group::Provider("79001".to_owned());
    let look = |query: &GroupQuery| made.desk.group_page(&supervisor("s1"), &group, query);
    look(&query(1)).expect("read");
    let entries = made.log.entries.lock().expect("nobody panicked").clone();
    assert_eq!(
        entries
            .last()
            .map(|entry| entry.contains("Group(") && entry.contains(", 1)")),
        Some(true)
    );
    made.log
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(look(&query(1)).is_err());
}

#[test]
fn pages_of_a_group_are_of_one_epoch() {
    let made = Made::new();
    let findings: Vec<Finding> = (0..6).map(finding).collect();
    made.project(&findings, 1);
    let who = supervisor("s1");
    let group = Group::Provider("79001".to_owned());
    let first = made.desk.group_page(&who, &group, &query(4)).expect("read");
    let later = Finding {
        priority: 1,
        raised_epoch: 2,
        ..finding(20)
    };
    made.project(&[later], 2);
    let next = GroupQuery {
        after: first.next,
        as_of: Some(first.as_of),
        ..query(4)
    };
    let second = made.desk.group_page(&who, &group, &next).expect("read");
    assert_eq!((second.items.len(), second.all.alerts), (2, 6));
    let anew = made.desk.group_page(&who, &group, &query(4)).expect("read");
    assert_eq!(anew.all.alerts, 7);
    let beyond = GroupQuery {
        after: Some(Cursor {
            priority: 0,
            alert_id: "f".repeat(32),
        }),
        ..query(4)
    };
    let beyond = made.desk.group_page(&who, &group, &beyond).expect("read");
    assert!(beyond.items.is_empty() && beyond.all.alerts == 7);
}

#[test]
fn what_waits_is_counted_where_it_lies() {
    let made = Made::new();
    let findings: Vec<Finding> = (0..5)
        .map(|number| Finding {
            raised_at: made.now() - i64::from(number) * 1_000,
            ..finding(number)
        })
        .collect();
    made.project(&findings, 1);
    let (who, other) = (reviewer("r1"), supervisor("s1"));
    for number in [1, 2, 3] {
        made.act(&who, &id(number), WorkAction::Take)
            .expect("taken");
    }
    let fraud = |act: &mut fundwatch::review::Act| {
        act.verdict = Some(Verdict::ConfirmedFraud);
        act.note = Some("x".to_owned());
    };
    for number in [2, 3] {
        made.act_with(&who, &id(number), WorkAction::Propose, fraud)
            .expect("proposed");
    }
    made.act(&other, &id(3), WorkAction::Approve)
        .expect("approved");
    let told = |made: &Made| {
        let all = made.desk.workload().expect("read");
        let one = |load: &fundwatch::review::Workload| {
            (load.place, load.alerts, load.past_due, load.oldest)
        };
        all.iter().map(one).collect::<Vec<_>>()
    };
    let raised = |number: i64| Some(crate::made::START - number * 1_000);
    let waits = |late: u64| {
        vec![
            (WorkPlace::Open, 2, 2 * late, raised(4)),
            (WorkPlace::UnderWay, 1, late, raised(1)),
            (WorkPlace::Escalated, 0, 0, None),
            (WorkPlace::Proposed, 1, late, raised(2)),
        ]
    };
    assert_eq!(told(&made), waits(0));
    // Bands give 3 working days, from a Friday.
    made.pass(5);
    assert_eq!(told(&made), waits(0));
    made.pass(1);
    assert_eq!(told(&made), waits(1));
}
