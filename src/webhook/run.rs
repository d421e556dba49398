//! The threads that tell receivers, one each.
//!
//! Must hold: a thread waits for nothing but its receiver, the desk and the bell; told to stop, it begins nothing more, and
//! who stops it does not wait for an answer that does not come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::lane::{Lane, Turn};
use crate::notice::{Clock, SystemClock};
use crate::review::Desk;

/// How long at most until it is looked for messages again: the bell says that there are some.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How long until what failed on the desk is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often it is looked whether a thread has ended.
const GLANCE: Duration = Duration::from_millis(10);

/// Is told what each attempt came to.
pub trait Watch: Send + Sync {
    /// A turn of a receiver ended so.
    fn turned(&self, receiver: &str, turn: &Turn);
}

/// Deliveries that run.
pub struct Deliveries {
    desk: Arc<Desk>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Deliveries {
    /// Starts a thread for each receiver.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        desk: &Arc<Desk>,
        lanes: Vec<Lane>,
        watch: &Arc<dyn Watch>,
    ) -> std::io::Result<Self> {
        let mut deliveries = Self {
            desk: desk.clone(),
            stop: Arc::default(),
            threads: Vec::with_capacity(lanes.len()),
        };
        for lane in lanes {
            let (desk, watch, stop) = (desk.clone(), watch.clone(), deliveries.stop.clone());
            let thread = std::thread::Builder::new().name("fundwatch-webhook".to_owned());
            let thread = thread.spawn(move || deliver(lane, &desk, &*watch, &stop))?;
            deliveries.threads.push(thread);
        }
        Ok(deliveries)
    }

    /// Stops them. A request that is under way after `within` is left to the end of the process: its message is sent again
    /// by the next.
    pub fn stop(self, within: Duration) {
        self.stop.store(true, Ordering::Release);
        self.desk.bell().ring();
        let until = Instant::now() + within;
        for thread in self.threads {
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(GLANCE);
            }
            if thread.is_finished() {
                // One that panicked has said so.
                let _ = thread.join();
            }
        }
    }
}

fn deliver(mut lane: Lane, desk: &Desk, watch: &dyn Watch, stop: &AtomicBool) {
    let bell = desk.bell();
    let mut is_failing = false;
    loop {
        let rings = bell.rings();
        if stop.load(Ordering::Acquire) {
            return;
        }
        let turn = lane.turn(desk, &SystemClock);
        let webhook = lane.name();
        let turn = match turn {
            Ok(turn) => turn,
            Err(error) => {
                tracing::error!(webhook, %error, "the outbox of webhooks cannot be used; trying again");
                wait(desk, stop, AGAIN);
                continue;
            }
        };
        watch.turned(webhook, &turn);
        match turn {
            Turn::Delivered if is_failing => {
                is_failing = false;
                tracing::info!(webhook, "the receiver of a webhook takes messages again");
            }
            Turn::Delivered => {}
            Turn::InVain { error, failures } => {
                // Once a row of failures, and again when it becomes a long one.
                if !is_failing || failures == 10 {
                    tracing::warn!(webhook, %error, failures, "the receiver of a webhook takes no message; it is tried again");
                }
                is_failing = true;
            }
            Turn::Idle => bell.wait(rings, LOOK_AGAIN),
            Turn::Later(at) => wait(desk, stop, at.since(SystemClock.now())),
            Turn::Gone { error } => {
                tracing::error!(
                    webhook,
                    %error,
                    "the receiver of a webhook wants no more messages; it is sent none until its configuration changes: \
                     take it out of the configuration, or name its new address"
                );
                return;
            }
            Turn::Stopped => {
                tracing::error!(
                    webhook,
                    "the receiver of a webhook wanted no more messages, and its configuration has not changed since; \
                     take it out of the configuration, or name its new address"
                );
                return;
            }
        }
    }
}

/// Waits so long, or until it is told to stop; what rings meanwhile is for others.
fn wait(desk: &Desk, stop: &AtomicBool, span: Duration) {
    let bell = desk.bell();
    let until = Instant::now() + span;
    loop {
        let rings = bell.rings();
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || stop.load(Ordering::Acquire) {
            return;
        }
        bell.wait(rings, left);
    }
}
