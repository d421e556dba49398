//! Feeds the service of a demo as any source would: rows over HTTP, with a token.
//!
//! Must hold: the service is asked again until it has taken a body; a demo that is stopped is not kept from ending.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::clock::CountryClock;
use super::days::{Body, Days};
use crate::access::BearerToken;
use crate::record::Day;

/// How long until a body is offered again.
const AGAIN: Duration = Duration::from_millis(200);
/// How often it is looked whether the demo is stopped.
const GLANCE: Duration = Duration::from_millis(100);

/// What feeds.
pub(super) struct Feeder {
    pub(super) days: Days,
    pub(super) clock: Arc<CountryClock>,
    pub(super) address: SocketAddr,
    pub(super) token: BearerToken,
    /// How long a day is.
    pub(super) day: Duration,
    pub(super) stop: Arc<AtomicBool>,
}

/// What is told while it feeds.
pub trait Told: Send {
    /// All rows up to this day are in.
    fn begun(&mut self, day: Day);
    /// A day has passed.
    fn passed(&mut self, day: Day);
    /// There is no further day.
    fn ended(&mut self);
}

impl Feeder {
    /// Feeds what is known up to a day, then a day at a time.
    pub(super) fn run(mut self, first: Day, told: &mut dyn Told) {
        let bodies = self.days.take_until(first);
        if !self.push(&bodies) {
            return;
        }
        told.begun(first);
        let mut day = first;
        while !self.days.is_empty() {
            if !self.wait(self.day) {
                return;
            }
            day = day.plus(1);
            self.clock.begin(day);
            let bodies = self.days.take_until(day);
            if !self.push(&bodies) {
                return;
            }
            told.passed(day);
        }
        told.ended();
    }

    /// Waits; tells whether the demo goes on.
    fn wait(&self, time: Duration) -> bool {
        let end = std::time::Instant::now() + time;
        while std::time::Instant::now() < end {
            if self.is_stopped() {
                return false;
            }
            std::thread::sleep(GLANCE.min(time));
        }
        !self.is_stopped()
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Pushes bodies; tells whether the demo goes on.
    fn push(&self, bodies: &[Body]) -> bool {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            .build()
            .new_agent();
        for body in bodies {
            let address = format!("http://{}/v1/streams/{}", self.address, body.stream.name());
            loop {
                let sent = agent
                    .post(&address)
                    .header("Authorization", format!("Bearer {}", &*self.token.reveal()))
                    .header("Content-Type", "application/x-ndjson")
                    .send(&body.text[..]);
                match sent {
                    Ok(answer) if answer.status() == 200 => break,
                    Ok(answer) if answer.status() != 429 && answer.status() != 503 => {
                        tracing::error!(status = %answer.status(), "the service does not take the rows of the country");
                        return false;
                    }
                    // It is starting, or full.
                    _ if self.is_stopped() => return false,
                    _ => std::thread::sleep(AGAIN),
                }
            }
        }
        true
    }
}
