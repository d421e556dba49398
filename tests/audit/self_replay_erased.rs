//! The self-replay of a service whose journal has an erased month: what can be compared is, and what cannot is said.

use std::sync::Arc;
use std::time::{Duration, Instant as Elapsed};

use fundwatch::journal::{Delivery, Directory, KeyState, Keys, Month};
use fundwatch::persons::Slice;
use fundwatch::record::{Day, Instant};
use fundwatch::self_replay::{Difference, Task, Until};
use fundwatch::store::AlertState;

use crate::in_process::detector;
use crate::self_replay_served::{Hands, change, country, day, replay, start, stored, task};

/// Days of two months.
const DAYS: [&str; 3] = ["2027-03-10", "2027-04-10", "2027-04-11"];

#[test]
fn an_erased_month_is_said_and_what_is_left_is_compared() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let hands = Hands::at(day(DAYS[0]));
    let live = start(data, &hands, &detector());
    let deliveries = country().shuffled(120, 9);
    let mut parts = deliveries.chunks(deliveries.len().div_ceil(3));
    let mut deliver = || {
        for delivery in parts.next().unwrap() {
            live.deliver_and_see(delivery.clone());
        }
    };
    deliver();
    hands.set(day(DAYS[1]));
    deliver();
    // The first month is erased, and the day after it more comes.
    let month: Month = "2027-03".parse().unwrap();
    let directory = Directory::create(&data.join("keys")).unwrap();
    let keys = Keys::new(Arc::new(directory), None);
    let noon = Instant::on(day(DAYS[1]), 43_200).unwrap();
    keys.request_destruction(month, noon.nanos()).unwrap();
    let within = Elapsed::now() + Duration::from_secs(60);
    while !matches!(keys.months().unwrap()[&month], KeyState::Destroyed { .. }) {
        assert!(Elapsed::now() < within, "not erased");
        std::thread::sleep(Duration::from_millis(20));
    }
    hands.set(day(DAYS[2]));
    deliver();
    live.deliver_and_see(Delivery::default());
    live.stop();

    let task = |until: Day, slice| Task {
        detector: detector(),
        ..task(data, Until::Day(until), slice)
    };
    let whole = |until| replay(&task(day(until), Slice::ALL)).unwrap();
    let outcome = whole(DAYS[2]);
    assert_eq!(outcome.mismatched_decisions, 0, "{outcome:?}");
    assert!(outcome.decisions > 5, "{outcome:?}");
    let all = stored(data);
    assert_eq!(outcome.alerts, all.len() as u64);
    let [left_out] = &outcome.not_covered[..] else {
        panic!("{:?}", outcome.not_covered);
    };
    assert!(left_out.what.starts_with("decisions up to epoch "));
    assert!(left_out.why.contains("are erased"), "{left_out:?}");
    // As of a day before the erasure, the journal does not tell any more: alerts are compared as they came out of it.
    let before = whole(DAYS[0]);
    assert_eq!(before.mismatched_decisions, 0, "{before:?}");
    assert!(before.decisions == 0 && before.alerts > 5, "{before:?}");
    assert!(left_out.what.ends_with(&format!(" {}", before.until_epoch)));
    // Of the day of the erasure there is nothing to compare but alerts at its end, as far as they did not change.
    let of_erasure = whole(DAYS[1]);
    assert_eq!(of_erasure.mismatched_decisions, 0, "{of_erasure:?}");
    assert!(of_erasure.decisions < outcome.decisions && of_erasure.alerts > 5);
    for index in 0..2 {
        let slice = Slice::new(index, 2).unwrap();
        let part = replay(&task(day(DAYS[2]), slice)).unwrap();
        assert_eq!(part.mismatched_decisions, 0, "{part:?}");
        assert_eq!(part.not_covered.len(), 2);
    }
    // And a change is found all the same.
    let gone = all.iter().find(|one| one.state == AlertState::Active);
    let gone = &gone.unwrap().id;
    change(
        data,
        &format!("DELETE FROM alerts WHERE alert_id = '{gone}'"),
    );
    let outcome = whole(DAYS[2]);
    assert_eq!(outcome.mismatched_decisions, 1);
    assert_eq!(outcome.differing[0].alert_id, *gone);
    assert_eq!(outcome.differing[0].differences, [Difference::AlertMissing]);
}
