//! Pages of alerts.

use std::collections::BTreeSet;

use fundwatch::store::{self, AlertChange, AlertFilter, AlertState};

use crate::backend::Backend;
use crate::made::{alert, empty, id, raising, withdrawing};

pub fn pages_go_through_everything_once(backend: &Backend) {
    let mut store = backend.open();
    let mut archiving = empty(3);
    let archived = (20..40).map(|one| AlertChange::Archived { alert_id: id(one) });
    archiving.alerts = archived.collect();
    let group = [raising(1, 0..300), withdrawing(2, 100..150), archiving];
    store.commit(&group).expect("committed");
    let states = [None, Some(AlertState::Active), Some(AlertState::Withdrawn)];
    let reasons = [None, Some("stale_card"), Some("no such reason")];
    let classes = [None, Some("eligibility"), Some("provider_billing")];
    for state in states {
        for reason in reasons {
            for class in classes {
                for min_priority in [None, Some(0), Some(300), Some(9999)] {
                    let filter = AlertFilter {
                        state,
                        reason: reason.map(Into::into),
                        class: class.map(Into::into),
                        min_priority,
                    };
                    check_pages(&mut *store, &filter);
                }
            }
        }
    }
    let page = store.reads().alerts(&AlertFilter::default(), None, 0);
    assert_eq!(page.expect("a page").alerts.len(), 1);
}

fn check_pages(store: &mut dyn store::AlertStore, filter: &AlertFilter) {
    let state = |one: u32| match one {
        20..40 => AlertState::Archived,
        100..150 => AlertState::Withdrawn,
        _ => AlertState::Active,
    };
    let is_asked = |one: u32| {
        let row = alert(one, 1, 0);
        filter.state.is_none_or(|asked| asked == state(one))
            && filter
                .reason
                .as_ref()
                .is_none_or(|asked| *asked == row.reason)
            && filter
                .class
                .as_ref()
                .is_none_or(|asked| *asked == row.class)
            && filter
                .min_priority
                .is_none_or(|least| row.priority >= least)
    };
    let asked = (0..300).filter(|one| is_asked(*one));
    let mut expected: Vec<_> = asked.map(|one| alert(one, 1, 0)).collect();
    expected.sort_by_key(|row| (std::cmp::Reverse(row.priority), row.alert_id.clone()));
    for limit in [7, 1000] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.reads().alerts(filter, after.as_ref(), limit);
            let page = page.expect("a page");
            assert!(page.alerts.len() <= limit as usize);
            found.extend(page.alerts.into_iter().map(|one| one.alert));
            let Some(next) = page.next else { break };
            after = Some(next.to_string().parse().expect("a token"));
        }
        assert!(found == expected, "{filter:?} by {limit}");
    }
}

pub fn a_page_goes_on_where_it_ended_whatever_changed(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..100)]).expect("committed");
    let filter = AlertFilter {
        state: Some(AlertState::Active),
        ..AlertFilter::default()
    };
    let first = store.reads().alerts(&filter, None, 40).expect("a page");
    let seen: BTreeSet<String> = first
        .alerts
        .iter()
        .map(|one| one.alert.alert_id.clone())
        .collect();
    // Of what was seen everything goes, the last included, and of the rest one.
    let numbers = (0..100).filter(|one| seen.contains(&id(*one)));
    let unseen = (0..100).find(|one| !seen.contains(&id(*one))).expect("one");
    let gone = withdrawing(2, numbers.chain([unseen]));
    store.commit(&[gone]).expect("committed");
    let rest = store
        .reads()
        .alerts(&filter, first.next.as_ref(), 1000)
        .expect("a page");
    assert_eq!(rest.alerts.len(), 59);
    assert!(
        rest.alerts
            .iter()
            .all(|one| !seen.contains(&one.alert.alert_id))
    );
    assert_eq!(rest.next, None);
}
