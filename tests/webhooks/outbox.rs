//! The outbox by hand: who is told of what from when on, what is removed, and what is never written.

use fundwatch::review::REVIEW_DATABASE;
use fundwatch::rule::{Reason, ReasonSet};
use fundwatch::store::AlertState;

use crate::support::{DAY, Place, alert, enrolled, only, project};

const ALL: ReasonSet = ReasonSet::ALL;

fn rows(place: &Place, table: &str) -> u64 {
    let path = place.directory.path().join(REVIEW_DATABASE);
    let database = rusqlite::Connection::open(path).unwrap();
    let query = format!("SELECT count(*) FROM {table}");
    database.query_row(&query, [], |row| row.get(0)).unwrap()
}

fn active(numbers: std::ops::Range<u32>, epoch: u64) -> Vec<fundwatch::review::Finding> {
    let all = numbers.map(|number| alert(number, AlertState::Active, 1, epoch));
    all.collect()
}

#[test]
fn what_fills_a_desk_for_the_first_time_is_told_to_nobody() {
    let place = Place::new();
    let desk = place.desk(&[("a", ALL)]);
    desk.project(&active(0..5, 7), None).unwrap();
    // The process dies while it is being filled.
    drop(desk);
    let desk = place.desk(&[("a", ALL)]);
    project(&desk, &active(0..9, 7), 7);
    assert_eq!(rows(&place, "webhook_message"), 0);
    project(&desk, &active(8..10, 8), 8);
    let pending = desk.pending("a").unwrap();
    let epochs: Vec<u64> = pending.messages.iter().map(|one| one.epoch).collect();
    assert_eq!(epochs, [8], "9 is new, and 8 says what it said");
}

#[test]
fn nothing_is_written_while_nobody_is_configured() {
    let place = Place::new();
    let desk = place.filled(&[]);
    project(&desk, &active(0..5, 1), 1);
    assert_eq!(rows(&place, "webhook_message"), 0);
    assert_eq!(rows(&place, "webhook_alert"), 0);
    drop(desk);
    // Nor of reasons that nobody wants.
    let desk = place.desk(&[("a", only(&[Reason::StaleCard]))]);
    project(&desk, &active(5..9, 2), 2);
    let messages = desk.pending("a").unwrap().messages;
    assert!(messages.iter().all(|one| one.reason == Reason::StaleCard));
    assert_eq!(rows(&place, "webhook_message"), messages.len() as u64);
    assert!(!messages.is_empty());
    // Whoever is taken out leaves nothing.
    drop(desk);
    drop(place.desk(&[]));
    assert_eq!(rows(&place, "webhook_message"), 0);
    assert_eq!(rows(&place, "webhook_receiver"), 0);
}

#[test]
fn what_waits_too_long_is_given_up_and_counted_of_those_that_have_it_not() {
    let place = Place::new();
    let deaths = only(&[Reason::ServiceAfterDeath]);
    let desk = place.filled(&[("here", ALL), ("away", ALL), ("deaths", deaths)]);
    project(&desk, &active(0..9, 1), 1);
    let first: Vec<i64> = (desk.pending("here").unwrap().messages.iter())
        .map(|one| one.number)
        .collect();
    desk.has_received("here", first[4]).unwrap();
    place.clock.pass(4 * DAY);
    project(&desk, &active(9..12, 2), 2);
    assert_eq!(desk.trim_messages().unwrap(), []);
    assert_eq!(desk.pending("away").unwrap().messages.len(), 12);
    let oldest = |name: &str| {
        let all = desk.receivers().unwrap();
        all.into_iter().find(|one| one.name == name).unwrap().oldest
    };
    let (start, later) = (crate::made::START, crate::made::START + 4 * DAY);
    assert_eq!(oldest("away"), Some(start));
    place.clock.pass(3 * DAY + 1);
    let lost = desk.trim_messages().unwrap();
    let of = |name: &str, count| (name.to_owned(), count);
    assert_eq!(lost, [of("here", 4), of("away", 9), of("deaths", 3)]);
    for name in ["here", "away"] {
        assert_eq!(desk.pending(name).unwrap().messages.len(), 3, "{name}");
        assert_eq!(oldest(name), Some(later));
    }
    assert_eq!(desk.trim_messages().unwrap(), [], "it is counted once");
    // What all have goes.
    for name in ["here", "away", "deaths"] {
        desk.has_received(name, i64::MAX - 1).unwrap();
    }
    assert_eq!(desk.trim_messages().unwrap(), []);
    assert_eq!(rows(&place, "webhook_message"), 0);
    assert_eq!(oldest("away"), None);
}

#[test]
fn many_messages_are_removed_in_parts_and_all() {
    let place = Place::new();
    let desk = place.filled(&[("away", ALL)]);
    for part in 0..25 {
        project(&desk, &active(part * 500..(part + 1) * 500, 1), 1);
    }
    assert_eq!(rows(&place, "webhook_message"), 12_500);
    place.clock.pass(8 * DAY);
    let lost = desk.trim_messages().unwrap();
    assert_eq!(lost, [("away".to_owned(), 12_500)]);
    assert_eq!(rows(&place, "webhook_message"), 0);
}

#[test]
fn an_alert_that_comes_back_as_it_was_is_no_repeat() {
    let place = Place::new();
    let desk = place.filled(&[("a", ALL)]);
    let ids = crate::made::id(1);
    // A store that is filled without it, and again with it, at the same epoch.
    project(&desk, &[alert(1, AlertState::Active, 1, 3)], 3);
    desk.withdraw_unknown(std::slice::from_ref(&ids)).unwrap();
    project(&desk, &[alert(1, AlertState::Active, 1, 3)], 3);
    desk.withdraw_unknown(&[ids]).unwrap();
    let mut known: Vec<String> = (desk.pending("a").unwrap().messages.into_iter())
        .map(|one| one.id)
        .collect();
    assert_eq!(known.len(), 4);
    known.sort();
    known.dedup();
    assert_eq!(known.len(), 4);
}

#[test]
fn the_same_change_has_the_same_id_when_it_is_made_again() {
    // What a power failure takes is made again from the alert store.
    let place = Place::new();
    let desk = place.filled(&[("a", ALL)]);
    project(&desk, &active(0..3, 1), 1);
    drop(desk);
    let path = place.directory.path().join(REVIEW_DATABASE);
    let before = std::fs::read(&path).unwrap();
    let ids = |place: &Place| {
        let desk = place.desk(&[("a", ALL)]);
        place.clock.pass(1000);
        project(&desk, &active(3..6, 2), 2);
        let messages = desk.pending("a").unwrap().messages;
        messages.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let first = ids(&place);
    std::fs::write(&path, before).unwrap();
    assert_eq!(ids(&place), first);
    assert_eq!(first.len(), 6);
}

#[test]
fn a_receiver_that_stopped_goes_on_where_it_was_once_its_settings_change() {
    let place = Place::new();
    let desk = place.filled(&[("a", ALL), ("b", ALL)]);
    project(&desk, &active(0..3, 1), 1);
    desk.stop_receiver("a").unwrap();
    let stopped = |desk: &fundwatch::review::Desk| {
        ["a", "b"].map(|name| desk.pending(name).unwrap().is_stopped)
    };
    assert_eq!(stopped(&desk), [true, false]);
    drop(desk);
    let desk = place.desk(&[("a", ALL), ("b", ALL)]);
    assert_eq!(stopped(&desk), [true, false], "nothing was changed");
    drop(desk);
    let changed = vec![enrolled("a", ALL, 1), enrolled("b", ALL, 0)];
    let desk = place.desk_with(changed);
    assert_eq!(stopped(&desk), [false, false]);
    assert_eq!(desk.pending("a").unwrap().messages.len(), 3);
}
