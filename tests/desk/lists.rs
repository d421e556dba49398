//! The queue: order, pages, views, provinces; against a plain filter over all items.

use fundwatch::review::{
    Band, Cursor, Filters, Group, GroupId, Item, QueueQuery, View, Viewer, WorkAction, WorkState,
};
use fundwatch::rule::{Class, Reason};
use fundwatch::store::AlertState;
use proptest::prelude::*;

use crate::made::{Made, finding, id, reviewer, supervisor};

fn query(view: View) -> QueueQuery {
    QueueQuery {
        view,
        filters: Filters::default(),
        as_of: None,
        after: None,
        limit: 7,
    }
}

/// Every page of a list, one after the other.
fn whole(made: &Made, who: &Viewer, mut query: QueueQuery) -> Vec<Item> {
    let mut items = Vec::new();
    loop {
        let page = made.desk.queue(who, &query).expect("read");
        assert!(page.items.len() <= 7);
        items.extend(page.items);
        query.as_of = Some(page.as_of);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return items,
        }
    }
}

/// What a view is of, said once more.
fn belongs(view: View, item: &Item, made: &Made) -> bool {
    let (work, finding) = (&item.work, &item.finding);
    let gone = finding.state == AlertState::Withdrawn
        && matches!(work.state, WorkState::New | WorkState::Assigned);
    let is_open = matches!(work.state, WorkState::New | WorkState::Reopened) && !gone;
    let is = |reasons: &[Reason]| reasons.contains(&finding.reason);
    match view {
        View::Open => is_open,
        View::Urgent => is_open && finding.priority >= 100_000,
        View::Deceased => {
            is_open
                && is(&[
                    Reason::ServiceAfterDeath,
                    Reason::DeathOnLivingCard,
                    Reason::StaleCard,
                    Reason::BenefitAfterDeath,
                ])
        }
        View::Duplicates => {
            is_open
                && is(&[
                    Reason::DuplicateIdentity,
                    Reason::ProbableDuplicate,
                    Reason::IdentityMismatch,
                ])
        }
        View::Outliers => is_open && is(&[Reason::CostOutlier]),
        View::PastDue => !gone && work.state != WorkState::Closed && work.due < made.today(),
        View::UnderWay => {
            !gone
                && matches!(
                    work.state,
                    WorkState::Assigned
                        | WorkState::InReview
                        | WorkState::Waiting
                        | WorkState::Snoozed
                        | WorkState::Returned
                )
        }
        View::Escalated => work.state == WorkState::Escalated,
        View::Proposed => work.state == WorkState::Proposed,
        View::Recheck => item.needs_recheck(),
        View::WithdrawnSample => {
            gone && u8::from_str_radix(&finding.alert_id[..2], 16).expect("hexadecimal") < 13
        }
        View::Closed => work.state == WorkState::Closed && !item.needs_recheck(),
    }
}

fn made(numbers: &[(u8, u32, u8, u8)]) -> Made {
    let made = Made::new();
    let reasons = [
        Reason::ServiceAfterDeath,
        Reason::CostOutlier,
        Reason::IdentityMismatch,
        Reason::UnknownCard,
    ];
    let findings: Vec<_> = (0..)
        .zip(numbers)
        .map(|(number, (reason, priority, province, group))| {
            let mut one = finding(number);
            one.reason = reasons[usize::from(*reason) % 4];
            one.class = [Class::Identity, Class::Eligibility][usize::from(*reason) % 2];
            one.priority = *priority;
            one.facility = match province % 4 {
                0 => None,
                1 => Some("79001".to_owned()),
                2 => Some("79002".to_owned()),
                _ => Some("01001".to_owned()),
            };
            one.person = Some(GroupId([group % 3; 16]));
            one.raised_epoch = u64::from(*group);
            one
        })
        .collect();
    made.project(&findings, 300);
    made
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_list_is_what_a_plain_filter_gives(
        numbers in proptest::collection::vec((any::<u8>(), prop_oneof![0_u32..20, 0_u32..200_000], any::<u8>(), any::<u8>()), 0..60),
        done in proptest::collection::vec((0_u32..60, 0_usize..4), 0..40),
        withdrawn in proptest::collection::vec(0_u32..60, 0..20),
        days in 0_i64..40,
    ) {
        let made = made(&numbers);
        let who = reviewer("r1");
        let count = u32::try_from(numbers.len()).expect("few");
        for (number, what) in done.into_iter().filter(|(number, _)| *number < count) {
            // What is not possible is not done.
            let _ = match what {
                0 => made.act(&who, &id(number), WorkAction::Take),
                1 => made.act_with(&who, &id(number), WorkAction::Close, |act| {
                    act.verdict = Some(fundwatch::review::Verdict::Duplicate);
                }),
                2 => made.act_with(&who, &id(number), WorkAction::Escalate, |act| {
                    act.note = Some("x".to_owned());
                }),
                _ => made.act_with(&who, &id(number), WorkAction::Propose, |act| {
                    act.verdict = Some(fundwatch::review::Verdict::Inconclusive);
                    act.note = Some("x".to_owned());
                }),
            };
        }
        let gone: Vec<_> = withdrawn.into_iter().filter(|number| *number < count).map(|number| {
            let mut finding = made.item(&id(number)).finding;
            finding.state = AlertState::Withdrawn;
            finding
        }).collect();
        made.project(&gone, 301);
        made.pass(days);
        let mut all: Vec<Item> = (0..count).map(|number| made.item(&id(number))).collect();
        all.sort_by(|a, b| (b.finding.priority, &a.finding.alert_id).cmp(&(a.finding.priority, &b.finding.alert_id)));
        let of_province = Viewer { provinces: vec!["79".to_owned()], ..reviewer("r2") };
        for who in [supervisor("s1"), of_province] {
            let seen: Vec<&Item> = all.iter().filter(|item| who.sees(item.finding.province())).collect();
            let counts = made.desk.counts(&who).expect("read");
            for view in View::ALL.iter().copied() {
                let expected: Vec<Item> = seen.iter().copied().filter(|item| belongs(view, item, &made)).cloned().collect();
                prop_assert_eq!(&whole(&made, &who, query(view)), &expected, "{:?}", view);
                prop_assert_eq!(counts.iter().find(|(one, _)| *one == view).map(|(_, count)| *count), Some(expected.len() as u64), "{:?}", view);
            }
            let filters = [
                Filters { reason: Some(Reason::CostOutlier), ..Filters::default() },
                Filters { class: Some(Class::Identity), ..Filters::default() },
                Filters { band: Some(Band::P3), ..Filters::default() },
                Filters { province: Some("01".to_owned()), ..Filters::default() },
                Filters { facility: Some("79002".to_owned()), ..Filters::default() },
                Filters { state: Some(WorkState::InReview), ..Filters::default() },
                Filters { assignee: Some("r1".to_owned()), ..Filters::default() },
            ];
            for filters in filters {
                for view in [View::Open, View::UnderWay, View::Deceased] {
                    let fits = |item: &Item| {
                        let finding = &item.finding;
                        filters.reason.is_none_or(|one| one == finding.reason)
                            && filters.class.is_none_or(|one| one == finding.class)
                            && filters.band.is_none_or(|one| one == finding.band())
                            && filters.province.as_deref().is_none_or(|one| finding.province() == Some(one))
                            && filters.facility.is_none_or_eq(&finding.facility)
                            && filters.state.is_none_or(|one| one == item.work.state)
                            && filters.assignee.is_none_or_eq(&item.work.assignee)
                    };
                    let expected: Vec<Item> = seen.iter().copied()
                        .filter(|item| belongs(view, item, &made) && fits(item)).cloned().collect();
                    let asked = QueueQuery { filters: filters.clone(), ..query(view) };
                    prop_assert_eq!(whole(&made, &who, asked), expected, "{:?} {:?}", view, filters);
                }
            }
            let group = Group::Person(GroupId([1; 16]));
            let expected: Vec<Item> = seen.iter().copied().filter(|item| item.finding.person == Some(GroupId([1; 16]))).cloned().collect();
            prop_assert_eq!(made.desk.group(&who, &group, 100).expect("read"), expected);
        }
    }
}

/// A filter on a text: none takes everything.
trait NoneOr {
    fn is_none_or_eq(&self, other: &Self) -> bool;
}

impl NoneOr for Option<String> {
    fn is_none_or_eq(&self, other: &Self) -> bool {
        self.is_none() || self == other
    }
}

#[test]
fn pages_that_belong_together_hold_what_there_was_at_their_beginning() {
    let made = Made::new();
    let findings: Vec<_> = (0..10).map(finding).collect();
    made.project(&findings, 1);
    let who = reviewer("r1");
    let first = made.desk.queue(&who, &query(View::Open)).expect("read");
    assert_eq!((first.items.len(), first.as_of), (7, 1));
    // Raised between two pages: above, and below the place where the next page begins.
    let mut later = [finding(20), finding(21)];
    later[0].priority = 1_000_000;
    later[1].priority = 1;
    for one in &mut later {
        one.raised_epoch = 2;
    }
    made.project(&later, 2);
    let next = QueueQuery {
        as_of: Some(first.as_of),
        after: first.next,
        ..query(View::Open)
    };
    let second = made.desk.queue(&who, &next).expect("read");
    assert_eq!(second.items.len(), 3);
    assert!(second.next.is_none());
    let from_the_start = made.desk.queue(&who, &query(View::Open)).expect("read");
    assert_eq!(from_the_start.items[0].finding.priority, 1_000_000);
    let cursor = Cursor {
        priority: 0,
        alert_id: "f".repeat(32),
    };
    let beyond = QueueQuery {
        after: Some(cursor),
        ..query(View::Open)
    };
    assert!(
        made.desk
            .queue(&who, &beyond)
            .expect("read")
            .items
            .is_empty()
    );
}
