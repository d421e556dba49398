//! When to try again, and when to leave a sink alone: pure functions.
//!
//! A notice is tried again after exponential backoff with full jitter: anywhere between nothing and a
//! ceiling that doubles with each attempt (Brooker, "Exponential Backoff And Jitter", AWS Architecture
//! Blog, 2015). A sink that fails several times in a row is paused, and then probed with one notice until it
//! answers (a circuit breaker: Nygard, "Release It!", 2007), so that a receiver that is down is not asked by
//! every notice. Jitter is drawn from the notice's key and the attempt, so that it is the same in every run
//! of a test, and another for every notice and outbox.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::answer::Answer;
use crate::notice::moment::Moment;
use crate::notice::outbox::{Pause, Settled};

/// How a sink is treated that does not take a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The ceiling of the wait before the second attempt.
    pub first_retry: Duration,
    /// The highest ceiling.
    pub longest_retry: Duration,
    /// Refusals after which a notice has failed for good.
    pub refusals: u32,
    /// Failures in a row after which the sink is paused.
    pub failures: u32,
    /// The first pause.
    pub first_pause: Duration,
    /// The longest pause that the sink does not ask for itself.
    pub longest_pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_secs(300),
            refusals: 5,
            failures: 5,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(60),
        }
    }
}

/// How many notices may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As many as the sink takes at a time.
    All,
    /// One, to see whether the sink answers again.
    Probe,
    /// None, until then.
    Nothing(Moment),
}

/// A share of a span of time: a fraction from 0 to 1 that key and count decide.
fn jitter(key: &str, count: u32, span: Duration) -> Duration {
    let mut digest = Sha256::new();
    digest.update(key);
    digest.update(count.to_le_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(digest.finalize());
    span.mul_f64(f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX))
}

/// `first` doubled for each count after the first, up to `longest`.
fn doubled(first: Duration, longest: Duration, count: u32) -> Duration {
    let factor = 1u32
        .checked_shl(count.saturating_sub(1))
        .unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(longest)
}

impl Policy {
    /// How an attempt ended: the `attempts`-th of the notice with this key, after `refusals`.
    pub fn settle(
        &self,
        (key, attempts, refusals): (&str, u32, u32),
        answer: &Answer,
        now: Moment,
    ) -> Settled {
        let ceiling = doubled(self.first_retry, self.longest_retry, attempts);
        let later = now.plus(jitter(key, attempts, ceiling));
        match answer {
            Answer::Taken => Settled::Delivered,
            Answer::Unavailable { error, retry_after } => Settled::Later {
                at: retry_after.map_or(later, |wait| later.max(now.plus(wait))),
                refusals,
                error: error.clone(),
            },
            Answer::Refused { error, .. } | Answer::Gone { error }
                if refusals + 1 >= self.refusals =>
            {
                Settled::Failed {
                    error: error.clone(),
                }
            }
            Answer::Refused { error, .. } | Answer::Gone { error } => Settled::Later {
                at: later,
                refusals: refusals + 1,
                error: error.clone(),
            },
        }
    }

    /// How the sink answers, after this answer to the notice with this key.
    pub fn pause(&self, before: &Pause, key: &str, answer: &Answer, now: Moment) -> Pause {
        match answer {
            // That one notice is refused says that somebody is there.
            Answer::Taken
            | Answer::Refused {
                is_of_sink: false, ..
            } => Pause::default(),
            Answer::Refused { .. } | Answer::Gone { .. } => self.failed(before, key, None, now),
            Answer::Unavailable { retry_after, .. } => self.failed(before, key, *retry_after, now),
        }
    }

    fn failed(&self, before: &Pause, key: &str, asked: Option<Duration>, now: Moment) -> Pause {
        let failures = before.failures.saturating_add(1);
        let asked = asked.map(|wait| now.plus(wait));
        let own = (failures >= self.failures).then(|| {
            let count = failures - self.failures + 1;
            let pause = doubled(self.first_pause, self.longest_pause, count);
            // At least half of it: a pause of nothing would be none.
            now.plus(pause / 2 + jitter(key, failures, pause / 2))
        });
        // Answers that were under way together do not shorten what one of them brought.
        let until = before.until.max(asked).max(own);
        Pause { failures, until }
    }

    /// How many notices may be under way to a sink that answers so.
    pub fn room(&self, pause: &Pause, now: Moment) -> Room {
        match pause.until {
            Some(until) if now < until => Room::Nothing(until),
            _ if pause.failures >= self.failures => Room::Probe,
            _ => Room::All,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Moment = Moment(1_000_000);

    fn policy() -> Policy {
        Policy {
            refusals: 3,
            failures: 2,
            ..Policy::default()
        }
    }

    fn unavailable(retry_after: Option<u64>) -> Answer {
        Answer::Unavailable {
            error: "down".to_owned(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn refused(is_of_sink: bool) -> Answer {
        Answer::Refused {
            error: "no".to_owned(),
            is_of_sink,
        }
    }

    #[test]
    fn a_notice_is_settled_by_every_answer() {
        let settle = |refusals, answer: &Answer| policy().settle(("k", 1, refusals), answer, NOW);
        assert_eq!(settle(0, &Answer::Taken), Settled::Delivered);
        assert_eq!(settle(2, &Answer::Taken), Settled::Delivered);
        let Settled::Later { at, refusals, .. } = settle(1, &unavailable(None)) else {
            panic!("it is tried again");
        };
        assert!(at >= NOW && at <= NOW.plus(policy().first_retry) && refusals == 1);
        let Settled::Later { at, .. } = settle(0, &unavailable(Some(90))) else {
            panic!("it is tried again");
        };
        assert_eq!(
            at,
            NOW.plus(Duration::from_secs(90)),
            "not before the sink says"
        );
        let gone = Answer::Gone {
            error: "no".to_owned(),
        };
        for answer in [refused(false), refused(true), gone] {
            let Settled::Later { refusals, .. } = settle(1, &answer) else {
                panic!("it is tried again");
            };
            assert_eq!(refusals, 2);
            let error = "no".to_owned();
            assert_eq!(settle(2, &answer), Settled::Failed { error });
        }
    }

    #[test]
    fn a_sink_is_paused_probed_and_taken_back() {
        let policy = policy();
        let mut pause = Pause::default();
        assert_eq!(policy.room(&pause, NOW), Room::All);
        pause = policy.pause(&pause, "a", &unavailable(None), NOW);
        assert_eq!(policy.room(&pause, NOW), Room::All, "once is no pattern");
        pause = policy.pause(&pause, "b", &unavailable(None), NOW);
        let Room::Nothing(until) = policy.room(&pause, NOW) else {
            panic!("twice is");
        };
        assert!(until >= NOW.plus(policy.first_pause / 2) && until <= NOW.plus(policy.first_pause));
        assert_eq!(policy.room(&pause, until), Room::Probe);
        let longer = policy.pause(&pause, "c", &refused(true), until);
        assert!(longer.until >= Some(until.plus(policy.first_pause)));
        for answer in [Answer::Taken, refused(false)] {
            let back = policy.pause(&longer, "d", &answer, until);
            assert_eq!(policy.room(&back, until), Room::All);
        }
    }

    #[test]
    fn a_sink_that_asks_for_a_pause_has_it() {
        let policy = policy();
        let pause = policy.pause(&Pause::default(), "a", &unavailable(Some(3600)), NOW);
        assert_eq!(
            policy.room(&pause, NOW),
            Room::Nothing(NOW.plus(Duration::from_secs(3600)))
        );
        // What was under way meanwhile does not shorten it.
        let same = policy.pause(&pause, "b", &unavailable(None), NOW);
        assert_eq!(same.until, pause.until);
    }

    proptest! {
        #[test]
        fn waits_grow_to_a_ceiling_and_not_beyond(key in "[a-z]{1,8}", attempts in 1u32..2000) {
            let policy = policy();
            let Settled::Later { at, .. } = policy.settle((&key, attempts, 0), &unavailable(None), NOW) else {
                panic!("it is tried again");
            };
            let wait = at.since(NOW);
            let ceiling = policy.first_retry.saturating_mul(1 << attempts.min(20).saturating_sub(1));
            prop_assert!(wait <= ceiling.min(policy.longest_retry));
            let again = policy.settle((&key, attempts, 0), &unavailable(None), NOW);
            let is_same = matches!(again, Settled::Later { at: same, .. } if same == at);
            prop_assert!(is_same);
            let pause = Pause { failures: attempts, until: None };
            let pause = policy.pause(&pause, &key, &unavailable(None), NOW);
            prop_assert!(pause.until <= Some(NOW.plus(policy.longest_pause)));
        }

        #[test]
        fn full_jitter_spreads_over_the_whole_span(seed in 0u32..1000) {
            let span = Duration::from_secs(1000);
            let waits: Vec<u64> = (0..200)
                .map(|n| jitter(&format!("ntc_{seed}_{n}"), 1, span).as_secs())
                .collect();
            let mean = waits.iter().sum::<u64>() / 200;
            prop_assert!((400..600).contains(&mean), "{mean}");
            prop_assert!(waits.iter().any(|wait| *wait < 100) && waits.iter().any(|wait| *wait > 900));
        }
    }
}
