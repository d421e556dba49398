//! The thread that waits until a delivery is durable, so that the reader need not.
//!
//! In: one delivery at a time. Out: what became of it. Must hold: none is in flight while another is
//! handed over; what is in flight outlives the Kafka client that read it.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::source::delivery::{Advance, Deliver, Delivery, NotDurable};

/// Hands deliveries over.
pub(super) struct Courier {
    to: SyncSender<Delivery>,
    from: Receiver<Result<(), NotDurable>>,
    in_flight: Option<Vec<Advance>>,
}

/// What became of a delivery.
pub(super) struct Outcome {
    /// The positions that it moves.
    pub(super) positions: Vec<Advance>,
    /// Whether they moved.
    pub(super) result: Result<(), NotDurable>,
}

impl Courier {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(super) fn start(deliver: Arc<dyn Deliver>) -> io::Result<(Self, JoinHandle<()>)> {
        let (to, deliveries) = sync_channel::<Delivery>(1);
        let (outcomes, from) = sync_channel(1);
        let run = move || {
            for delivery in deliveries {
                if outcomes.send(deliver.deliver(delivery)).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("kafka-deliver".to_owned())
            .spawn(run)?;
        let courier = Self {
            to,
            from,
            in_flight: None,
        };
        Ok((courier, thread))
    }

    /// Where the delivery in flight would move a partition.
    pub(super) fn would_move(&self, partition: &str) -> Option<&str> {
        let positions = self.in_flight.as_ref()?;
        let advance = positions.iter().find(|a| &*a.partition == partition)?;
        Some(&advance.next)
    }

    /// Whether a delivery may be handed over.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_none()
    }

    /// Hands a delivery over; [`Courier::is_idle`] must hold.
    pub(super) fn hand(&mut self, delivery: Delivery) {
        self.in_flight = Some(delivery.positions.clone());
        // A thread that is gone is met when the outcome is asked for.
        let _ = self.to.send(delivery);
    }

    /// What became of the delivery in flight, if that is known within some time.
    pub(super) fn outcome(&mut self, within: Duration) -> Option<Outcome> {
        self.in_flight.as_ref()?;
        let result = match self.from.recv_timeout(within) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => return None,
            // The service panicked in a delivery: nobody takes anything any more.
            Err(RecvTimeoutError::Disconnected) => Err(NotDurable::Stopped),
        };
        let positions = self.in_flight.take()?;
        Some(Outcome { positions, result })
    }
}
