//! Receivers that speak HTTP, and how they answer.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fundwatch::notice::delivery::{Policy, Secrets, Webhook, address};
use fundwatch::review::Desk;
use fundwatch::rule::ReasonSet;
use fundwatch::store::AlertState;
use fundwatch::webhook::{Deliveries, Lane, POLICY, Receiver as Configured, Turn, Watch};

use crate::receiver::{Receiver, Reply, Request};
use crate::running::until;
use crate::support::{Place, SECRET, alert, project};

const ALL: ReasonSet = ReasonSet::ALL;
const PATIENCE: Duration = Duration::from_secs(30);

/// Tries again soon.
fn soon() -> Policy {
    Policy {
        first_retry: Duration::from_millis(20),
        longest_retry: Duration::from_millis(50),
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(50),
        ..POLICY
    }
}

/// Counts turns by what they came to.
#[derive(Default)]
struct Turns(Mutex<Vec<(String, Turn)>>);

impl Watch for Turns {
    fn turned(&self, receiver: &str, turn: &Turn) {
        let mut turns = self.0.lock().unwrap();
        turns.push((receiver.to_owned(), turn.clone()));
    }
}

fn lane(name: &str, url: &str, timeout: Duration) -> Lane {
    let secrets = Secrets::read(SECRET).unwrap();
    let webhook = Webhook::new(address(url, false).unwrap(), secrets, None, timeout);
    let origin = Some("https://fundwatch.example".to_owned());
    Lane::new(name.to_owned(), Box::new(webhook), soon(), origin)
}

fn start(desk: &Arc<Desk>, lanes: Vec<Lane>) -> (Deliveries, Arc<Turns>) {
    let turns = Arc::new(Turns::default());
    let watch: Arc<dyn Watch> = turns.clone();
    (Deliveries::start(desk, lanes, &watch).unwrap(), turns)
}

fn raise(desk: &Desk, numbers: std::ops::Range<u32>, epoch: u64) {
    let findings = numbers.map(|number| alert(number, AlertState::Active, 1, epoch));
    project(desk, &findings.collect::<Vec<_>>(), epoch);
}

/// The messages that a receiver had, each once, in the order in which it first had them.
pub fn distinct(requests: &[Request]) -> Vec<Request> {
    let mut ids = BTreeSet::new();
    let first = requests
        .iter()
        .filter(|one| ids.insert(one.key().to_owned()));
    first.cloned().collect()
}

/// Numbers in a text that are as long as one of a person: 10, 12 or 15 digits that stand alone.
pub fn numbers_of_people(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_number = |word: &&str| {
        matches!(word.len(), 10 | 12 | 15) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    // A card begins with two letters.
    let is_card =
        |word: &&str| word.len() == 15 && word[2..].bytes().all(|byte| byte.is_ascii_digit());
    words
        .filter(|word| is_number(word) || is_card(word))
        .collect()
}

#[test]
fn a_receiver_that_fails_sometimes_has_everything_in_order_and_signed() {
    let place = Place::new();
    let desk = place.filled(&[("a", ALL)]);
    let count = AtomicU32::new(0);
    let receiver = Receiver::new(move |_| match count.fetch_add(1, Ordering::SeqCst) % 7 {
        1 => Reply::status(500),
        3 => Reply::status(400),
        4 => Reply::status(307).header("location", "/elsewhere"),
        _ => Reply::status(204),
    });
    let lanes = vec![lane("a", &receiver.url(), Duration::from_secs(5))];
    let (deliveries, turns) = start(&desk, lanes);
    for epoch in 1..=5 {
        let numbers = 10 * (epoch as u32 - 1)..10 * epoch as u32;
        raise(&desk, numbers, epoch);
    }
    until("all messages", PATIENCE, || {
        let turns = turns.0.lock().unwrap();
        let taken = turns.iter().filter(|(_, turn)| *turn == Turn::Delivered);
        (taken.count() == 50).then_some(())
    });
    deliveries.stop(Duration::from_secs(5));
    let requests = receiver.requests();
    assert!(requests.len() > 50);
    for request in &requests {
        assert!(request.is_signed());
        assert_eq!(request.line, "POST /notices HTTP/1.1", "it is not led on");
        assert_eq!(numbers_of_people(&request.body), Vec::<&str>::new());
    }
    let told = distinct(&requests);
    let expected: Vec<String> = (0..50).map(crate::made::id).collect();
    let ids: Vec<String> = (told.iter())
        .map(|one| one.json()["data"]["alert_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, expected);
    let link = told[0].json()["data"]["url"].as_str().unwrap().to_owned();
    assert_eq!(link, format!("https://fundwatch.example/alerts/{}", ids[0]));
}

#[test]
fn gone_is_sent_nothing_more_until_its_configuration_changes() {
    let place = Place::new();
    let receiver = Receiver::new(|_| Reply::status(410));
    let configured = |timeout| Configured {
        name: "a".to_owned(),
        uri: address(&receiver.url(), false).unwrap(),
        secrets: Secrets::read(SECRET).unwrap(),
        reasons: ALL,
        ca_file: None,
        timeout: Duration::from_secs(timeout),
    };
    let key = place.desk(&[]).key();
    let run = |configured: Configured, epoch: u64| {
        let desk = Arc::new(place.desk_with(vec![configured.enrolled(&key)]));
        if epoch == 1 {
            project(&desk, &[], 0);
        }
        let lanes = vec![lane("a", &receiver.url(), Duration::from_secs(5))];
        let (deliveries, turns) = start(&desk, lanes);
        raise(&desk, epoch as u32..epoch as u32 + 1, epoch);
        let ended = until("the end of it", PATIENCE, || {
            let turns = turns.0.lock().unwrap();
            let ends = |turn: &Turn| matches!(turn, Turn::Gone { .. } | Turn::Stopped);
            let last = turns.iter().find(|(_, turn)| ends(turn));
            let all = turns.iter().filter(|(_, turn)| *turn == Turn::Delivered);
            let (last, delivered) = (last.map(|(_, turn)| turn.clone()), all.count());
            last.or((delivered == 3).then_some(Turn::Delivered))
        });
        deliveries.stop(Duration::from_secs(5));
        ended
    };
    assert!(matches!(run(configured(5), 1), Turn::Gone { .. }));
    assert_eq!(receiver.requests().len(), 1);
    receiver.replies(|_| Reply::status(204));
    assert_eq!(run(configured(5), 2), Turn::Stopped);
    assert_eq!(receiver.requests().len(), 1, "it is left alone");
    assert_eq!(run(configured(6), 3), Turn::Delivered);
    let told = distinct(&receiver.requests());
    let epochs: Vec<u64> = (told.iter())
        .map(|one| one.json()["data"]["epoch"].as_u64().unwrap())
        .collect();
    assert_eq!(epochs, [1, 2, 3], "it goes on where it was");
    // Another secret is another configuration as well.
    let mut other = configured(6);
    other.secrets = Secrets::read(&SECRET.replace("BwcH", "CAgI")).unwrap();
    assert_ne!(other.enrolled(&key), configured(6).enrolled(&key));
    assert_eq!(configured(6).enrolled(&key), configured(6).enrolled(&key));
}

#[test]
fn a_receiver_that_asks_for_time_has_it() {
    let place = Place::new();
    let desk = place.filled(&[("a", ALL)]);
    let count = AtomicU32::new(0);
    let receiver = Receiver::new(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::status(503).header("retry-after", "2"),
        _ => Reply::status(204),
    });
    let lanes = vec![lane("a", &receiver.url(), Duration::from_secs(5))];
    let (deliveries, _) = start(&desk, lanes);
    raise(&desk, 0..3, 1);
    let requests = until("all messages", PATIENCE, || {
        let requests = receiver.requests();
        (requests.len() >= 4).then_some(requests)
    });
    deliveries.stop(Duration::from_secs(5));
    let waited = requests[1].at - requests[0].at;
    assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
    assert_eq!(requests[0].key(), requests[1].key());
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(distinct(&requests).len(), 3);
}

#[test]
fn one_that_is_slow_holds_up_neither_others_nor_the_end() {
    let place = Place::new();
    let desk = place.filled(&[("slow", ALL), ("away", ALL), ("quick", ALL)]);
    let slow = Receiver::new(|_| Reply::status(204).after(Duration::from_secs(20)));
    let quick = Receiver::new(|_| Reply::status(204));
    let long = Duration::from_secs(30);
    let lanes = vec![
        lane("slow", &slow.url(), long),
        // Nobody listens there.
        lane("away", "http://127.0.0.1:9/", long),
        lane("quick", &quick.url(), long),
    ];
    let (deliveries, _) = start(&desk, lanes);
    let began = Instant::now();
    raise(&desk, 0..30, 1);
    until("all messages of the quick one", PATIENCE, || {
        (quick.requests().len() == 30).then_some(())
    });
    assert!(began.elapsed() < Duration::from_secs(15));
    let stopped = Instant::now();
    deliveries.stop(Duration::from_millis(500));
    assert!(stopped.elapsed() < Duration::from_secs(5));
    assert_eq!(quick.requests().len(), 30);
}

#[test]
fn what_looks_like_a_number_of_a_person_is_found() {
    for text in [
        "079051000001",
        "{\"a\":\"7900000001\"}",
        "x HT3797900000001.",
    ] {
        assert_eq!(numbers_of_people(text).len(), 1, "{text}");
    }
    for text in [
        "0123456789abcdef0123456789abcdef",
        "2026-11-27T09:00:00.25+07:00",
    ] {
        assert_eq!(numbers_of_people(text).len(), 0, "{text}");
    }
}
