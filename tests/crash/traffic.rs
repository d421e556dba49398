//! Those who send, all at the same time.
//!
//! Must hold: a push is repeated under its key until it is answered; whoever is answered twice is answered the
//! same; files appear whole. A sender waits for leave to begin a push, so that the service is busy in every one
//! of its lives.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Answer, Client};
use crate::feed::{Feed, Push};
use crate::random::Random;
use crate::server::{Site, Where};

/// The longest that a push is repeated.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a sender that was not answered waits: less than it is told to, so that it is there when the service is.
const REST: Duration = Duration::from_millis(4);

/// What is going on.
pub struct Traffic<'f> {
    feed: &'f Feed,
    site: &'f Site,
    at: Where,
    seed: u64,
    allowed: AtomicUsize,
    begun: AtomicUsize,
    answered: AtomicUsize,
    is_halted: AtomicBool,
    receipts: Mutex<BTreeMap<String, String>>,
    differing: Mutex<Vec<String>>,
}

/// Halts the senders when it goes, so that a failure ends the test.
pub struct Halt<'t, 'f>(&'t Traffic<'f>);

impl Drop for Halt<'_, '_> {
    fn drop(&mut self) {
        self.0.is_halted.store(true, Ordering::Release);
    }
}

impl<'f> Traffic<'f> {
    /// Traffic that has not begun.
    pub fn new(feed: &'f Feed, site: &'f Site, at: &Where, seed: u64) -> Self {
        Self {
            feed,
            site,
            at: at.clone(),
            seed,
            allowed: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            is_halted: AtomicBool::new(false),
            receipts: Mutex::default(),
            differing: Mutex::default(),
        }
    }

    /// Starts everybody who sends.
    pub fn start<'s>(&'s self, scope: &'s Scope<'s, '_>) -> Halt<'s, 'f> {
        for (sender, pushes) in self.feed.senders.iter().enumerate() {
            scope.spawn(move || {
                // The others are not to wait for one who failed.
                let halt = Halt(self);
                self.send(sender as u64, pushes);
                std::mem::forget(halt);
            });
        }
        scope.spawn(move || self.drop_files());
        Halt(self)
    }

    /// A client of the service that is sent to.
    pub fn client(&self) -> Client {
        Client::new(self.at.clone(), self.site.feed())
    }

    /// Pushes that may begin, of all that there are.
    pub fn allowed(&self) -> usize {
        self.allowed.load(Ordering::Acquire).min(self.feed.pushes())
    }

    /// Lets pushes begin, up to so many in all.
    pub fn allow(&self, pushes: usize) {
        self.allowed.store(pushes, Ordering::Release);
    }

    /// Pushes that are answered.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Acquire)
    }

    /// Waits until so many pushes are answered.
    pub fn wait_for(&self, answered: usize) {
        let until = Instant::now() + PATIENCE;
        while self.answered() < answered {
            assert!(
                Instant::now() < until,
                "{} of {answered} answered",
                self.answered()
            );
            self.wait_a_moment();
        }
    }

    /// Waits until something may have been answered; fails where a sender has.
    pub fn wait_a_moment(&self) {
        assert!(!self.is_halted(), "a sender failed");
        std::thread::sleep(Duration::from_millis(1));
    }

    fn is_halted(&self) -> bool {
        self.is_halted.load(Ordering::Acquire)
    }

    /// Pushes that were answered in two ways.
    pub fn differing(&self) -> Vec<String> {
        self.differing.lock().unwrap().clone()
    }

    /// Sends some pushes once more, and holds their answers to those that were given.
    pub fn repeat(&self, one_in: usize) {
        let client = self.client();
        let mut random = Random::new(self.seed, 2);
        for push in self.feed.senders.iter().flatten() {
            if random.once_in(one_in) {
                let answer = post(&client, push, None);
                self.note(push, answer.expect("the service runs"));
            }
        }
    }

    fn send(&self, sender: u64, pushes: &[Push]) {
        let client = self.client();
        let mut random = Random::new(self.seed, 10 + sender);
        for push in pushes {
            while !self.begin() {
                if self.is_halted() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            let until = Instant::now() + PATIENCE;
            // Some leave before they are answered, and ask again.
            let mut patience = random.once_in(6).then(|| random.millis(8) + REST);
            loop {
                let answer = post(&client, push, patience.take());
                let last = answer.as_ref().map(|answer| answer.body.clone());
                match answer {
                    Some(answer) if answer.status == 200 => {
                        self.note(push, answer);
                        break;
                    }
                    Some(Answer {
                        status: 409 | 429 | 503,
                        retry_after: Some(_),
                        ..
                    })
                    | None => {}
                    Some(answer) => panic!("{}: {answer:?}", push.key),
                }
                if self.is_halted() {
                    return;
                }
                assert!(
                    Instant::now() < until,
                    "{}: never answered, lastly {last:?}\n{}",
                    push.key,
                    self.site.log()
                );
                std::thread::sleep(REST);
            }
            if random.once_in(8)
                && let Some(answer) = post(&client, push, None)
                && answer.status == 200
            {
                self.note(push, answer);
            }
            self.answered.fetch_add(1, Ordering::Release);
        }
    }

    /// Takes leave for one more push.
    fn begin(&self) -> bool {
        let allowed = self.allowed.load(Ordering::Acquire);
        let next = |begun| (begun < allowed).then_some(begun + 1);
        (self
            .begun
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, next))
        .is_ok()
    }

    /// Holds an answer to what is known of its push.
    fn note(&self, push: &Push, answer: Answer) {
        let differs = |what: String| self.differing.lock().unwrap().push(what);
        let receipt: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let rejected = receipt["rejected"].as_array().into_iter().flatten();
        let bad = rejected.map(|one| (one["row"].as_u64(), one["code"].as_str()));
        let expected = push
            .sent
            .bad
            .iter()
            .map(|(row, code)| (Some(*row), Some(*code)));
        if receipt["accepted"].as_u64() != Some(push.sent.accepted) || !bad.eq(expected) {
            differs(format!(
                "{} ({}): answered {}",
                push.key, push.path, answer.body
            ));
        }
        let mut receipts = self.receipts.lock().unwrap();
        match receipts.get(&push.key) {
            None => drop(receipts.insert(push.key.clone(), answer.body)),
            Some(before) if *before != answer.body => differs(format!(
                "{} ({}): answered {before} and later {}",
                push.key, push.path, answer.body
            )),
            Some(_) => {}
        }
    }

    /// Puts the files into the inbox, as far as the pushes have come.
    fn drop_files(&self) {
        let (pushes, files) = (self.feed.pushes(), self.feed.files.len());
        for (number, file) in self.feed.files.iter().enumerate() {
            // All are there somewhat before the last push.
            while self.answered() * (files + 4) < number * pushes {
                if self.is_halted() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            let beside = self.site.path("inbox").join(format!(".{}", file.name));
            fs::write(&beside, &file.sent.body).unwrap();
            fs::rename(&beside, self.site.path("inbox").join(&file.name)).unwrap();
        }
    }
}

fn post(client: &Client, push: &Push, patience: Option<Duration>) -> Option<Answer> {
    client.post(
        (&push.path, push.form),
        &push.key,
        &push.sent.body,
        patience,
    )
}
