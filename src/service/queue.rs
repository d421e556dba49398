//! What has been handed over and is not in an epoch yet, within bounds.
//!
//! In: deliveries of sources, on their threads. Out: batches for the sequencer; those of one sender in the order in which they
//! came. Must hold: the rows and bytes that wait are bounded, in all and of each source, whatever is sent; no
//! source can keep another one out for longer than it takes to drain its own share; no sender of a source can fill
//! the source's share, so that there is room for one that comes; a small delivery does not wait for what others have sent before
//! it, and a large one is not kept waiting by small ones; once closed, everything that waits is still given
//! out and nothing more is taken in.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Clock};

use super::lanes::Lanes;
use super::submission::{Refused, Reply, Submission};

/// For how long a queue counts as shared after several had something in it.
const SHARED_FOR: Duration = Duration::from_secs(10);

/// The bounds of a queue.
#[derive(Clone, Copy, Debug)]
pub struct QueueBounds {
    /// Rows that may wait.
    pub rows: usize,
    /// Bytes that may wait.
    pub bytes: usize,
    /// Rows of one source.
    pub rows_of_source: usize,
    /// Bytes of one source.
    pub bytes_of_source: usize,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Rows.
    pub rows: usize,
    /// Bytes.
    pub bytes: usize,
}

impl Waiting {
    fn add(&mut self, rows: usize, bytes: usize) {
        self.rows += rows;
        self.bytes += bytes;
    }

    fn remove(&mut self, rows: usize, bytes: usize) {
        self.rows -= rows;
        self.bytes -= bytes;
    }

    /// Whether more fits; what is larger than the bounds by itself fits where nothing waits.
    fn takes(&self, (rows, bytes): (usize, usize), bounds: (usize, usize)) -> bool {
        *self == Self::default() || (self.rows + rows <= bounds.0 && self.bytes + bytes <= bounds.1)
    }
}

/// What waits of a source.
#[derive(Default)]
struct Share {
    all: Waiting,
    /// Of each sender of whom something waits, and of no other: so that names do not pile up.
    of_sender: BTreeMap<String, Waiting>,
}

impl Share {
    /// Whether more of a sender fits. A sender may have as much waiting as is free then, so that one alone is held to
    /// half, two to a third each, and something is always left for the next; of whom nothing waits is such a next one.
    fn takes(
        &self,
        sender: Option<&str>,
        (rows, bytes): (usize, usize),
        bounds: (usize, usize),
    ) -> bool {
        let fits = self.all.takes((rows, bytes), bounds);
        let of_sender = sender.and_then(|sender| self.of_sender.get(sender));
        fits && of_sender.is_none_or(|waiting| {
            waiting.rows + self.all.rows + 2 * rows <= bounds.0
                && waiting.bytes + self.all.bytes + 2 * bytes <= bounds.1
        })
    }

    fn add(&mut self, sender: Option<&str>, rows: usize, bytes: usize) {
        self.all.add(rows, bytes);
        if let Some(sender) = sender {
            let of_sender = self.of_sender.entry(sender.to_owned()).or_default();
            of_sender.add(rows, bytes);
        }
    }

    fn remove(&mut self, sender: Option<&str>, rows: usize, bytes: usize) {
        self.all.remove(rows, bytes);
        if let Some(sender) = sender
            && let Some(of_sender) = self.of_sender.get_mut(sender)
        {
            of_sender.remove(rows, bytes);
            if *of_sender == Waiting::default() {
                self.of_sender.remove(sender);
            }
        }
    }
}

#[derive(Default)]
struct State {
    lanes: Lanes,
    /// When something was taken of more than one.
    shared_at: Option<Clock>,
    all: Waiting,
    of_source: BTreeMap<String, Share>,
    is_closed: bool,
}

impl State {
    /// Counts off what waits no longer.
    fn leaves(&mut self, submission: &Submission) {
        let (rows, bytes) = (submission.rows(), submission.bytes);
        self.all.remove(rows, bytes);
        if let Some(of_source) = self.of_source.get_mut(submission.source()) {
            of_source.remove(submission.sender.as_deref(), rows, bytes);
        }
    }
}

/// The queue.
pub struct Queue {
    state: Mutex<State>,
    bounds: QueueBounds,
    /// Something came, or the queue was closed.
    came: Condvar,
    /// Something left, or the queue was closed.
    left: Condvar,
}

impl Queue {
    /// An empty queue.
    pub fn new(bounds: QueueBounds) -> Self {
        Self {
            state: Mutex::default(),
            bounds,
            came: Condvar::new(),
            left: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before the lock is let go.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn takes(
        &self,
        state: &State,
        (source, sender): (&str, Option<&str>),
        size: (usize, usize),
    ) -> bool {
        let bounds = self.bounds;
        let of_one = (bounds.rows_of_source, bounds.bytes_of_source);
        // Of a source that has not delivered yet, nothing waits.
        let of_source = state.of_source.get(source);
        state.all.takes(size, (bounds.rows, bounds.bytes))
            && of_source.is_none_or(|share| share.takes(sender, size, of_one))
    }

    fn takes_submission(&self, state: &State, submission: &Submission) -> bool {
        let whose = (submission.source(), submission.sender.as_deref());
        self.takes(state, whose, (submission.rows(), submission.bytes))
    }

    /// Whether a delivery of a sender of a source with so many rows and bytes would find room now, so that what would
    /// not is not parsed in vain. Who hands it over is told for certain.
    pub fn has_room(&self, source: &str, sender: &str, rows: usize, bytes: usize) -> bool {
        self.takes(&self.lock(), (source, Some(sender)), (rows, bytes))
    }

    /// Hands a delivery over if there is room now.
    ///
    /// # Errors
    /// The reply with the reason: it is full, or closed.
    pub fn try_push(&self, submission: Submission) -> Result<(), (Reply, Refused)> {
        let mut state = self.lock();
        match (state.is_closed, self.takes_submission(&state, &submission)) {
            (true, _) => Err((submission.reply, Refused::Closed)),
            (false, false) => Err((submission.reply, Refused::Full)),
            (false, true) => {
                self.put(&mut state, submission);
                Ok(())
            }
        }
    }

    /// Hands a delivery over, and waits for room. The reply is told if the queue is closed meanwhile.
    pub fn push(&self, submission: Submission) {
        let mut state = self.lock();
        while !state.is_closed && !self.takes_submission(&state, &submission) {
            let woken = self.left.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            drop(state);
            return (submission.reply)(Err(Refused::Closed));
        }
        self.put(&mut state, submission);
    }

    fn put(&self, state: &mut State, submission: Submission) {
        let (rows, bytes) = (submission.rows(), submission.bytes);
        state.all.add(rows, bytes);
        let source = submission.source().to_owned();
        let of_source = state.of_source.entry(source).or_default();
        of_source.add(submission.sender.as_deref(), rows, bytes);
        state.lanes.put(submission);
        self.came.notify_one();
    }

    /// When what waits of each source was taken in that has waited longest.
    pub fn waits_since(&self) -> BTreeMap<String, Clock> {
        self.lock().lanes.waits_since()
    }

    /// Whether several have sent something lately, so that what one sends should not keep another waiting.
    pub(super) fn is_shared(&self) -> bool {
        let shared_at = self.lock().shared_at;
        shared_at.is_some_and(|at| at.elapsed() < SHARED_FOR)
    }

    /// The next batch: what came within `wait` of the first, or until it has `rows` rows. Empty when nothing
    /// came until `idle_until`; none when the queue is closed and drained.
    pub fn take(&self, rows: usize, wait: Duration, idle_until: Clock) -> Option<Vec<Submission>> {
        let mut state = self.lock();
        while state.lanes.is_empty() {
            if state.is_closed {
                return None;
            }
            let idle = idle_until.saturating_duration_since(Clock::now());
            if idle.is_zero() {
                return Some(Vec::new());
            }
            state = self.wait_for_more(state, idle);
        }
        let first = state.lanes.waits_since().into_values().min();
        let until = first.unwrap_or_else(Clock::now) + wait;
        while !state.is_closed && state.all.rows < rows {
            let left = until.saturating_duration_since(Clock::now());
            if left.is_zero() {
                break;
            }
            state = self.wait_for_more(state, left);
        }
        if state.lanes.is_shared() {
            state.shared_at = Some(Clock::now());
        }
        let batch = state.lanes.batch(rows);
        for one in &batch {
            state.leaves(one);
        }
        self.left.notify_all();
        Some(batch)
    }

    fn wait_for_more<'q>(
        &'q self,
        state: MutexGuard<'q, State>,
        timeout: Duration,
    ) -> MutexGuard<'q, State> {
        let woken = self.came.wait_timeout(state, timeout);
        woken.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Takes nothing in any more. What waits is still given out.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.came.notify_all();
        self.left.notify_all();
    }

    /// Closes it, and refuses what waits: nobody will take it any more.
    pub(super) fn refuse_all(&self) {
        self.close();
        let waiting = {
            let mut state = self.lock();
            state.all = Waiting::default();
            state.of_source.clear();
            std::mem::take(&mut state.lanes)
        };
        for one in waiting.into_all() {
            (one.reply)(Err(Refused::Closed));
        }
    }

    /// How much waits of each source that has delivered.
    pub fn waiting(&self) -> BTreeMap<String, Waiting> {
        let state = self.lock();
        let of_source = state.of_source.iter();
        of_source
            .map(|(source, share)| (source.clone(), share.all))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Delivery, Rejected};
    use crate::record::{ErrorCode, Stream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn submission(source: &str, rows: u64, reply: Reply) -> Submission {
        let rejects = (1..=rows).map(|row| Rejected {
            row,
            stream: Stream::Claims,
            recorded_at: None,
            facility: None,
            code: ErrorCode::BadJson,
            message: String::new(),
            raw: String::new(),
        });
        let delivery = Delivery {
            source: source.to_owned(),
            rejects: rejects.collect(),
            ..Delivery::default()
        };
        Submission::of(delivery, rows as usize * 10, Clock::now(), reply)
    }

    fn nobody() -> Reply {
        Box::new(|_| ())
    }

    const BOUNDS: QueueBounds = QueueBounds {
        rows: 100,
        bytes: 1000,
        rows_of_source: 50,
        bytes_of_source: 500,
    };

    fn soon() -> Clock {
        Clock::now() + Duration::from_millis(20)
    }

    #[test]
    fn a_source_is_held_to_its_share_and_all_to_the_bounds() {
        let queue = Queue::new(BOUNDS);
        let push = |source, rows| {
            queue
                .try_push(submission(source, rows, nobody()))
                .map_err(|e| e.1)
        };
        assert_eq!(push("a", 40), Ok(()));
        assert_eq!(push("a", 20), Err(Refused::Full), "over its half");
        assert_eq!(push("b", 50), Ok(()));
        assert_eq!(push("c", 20), Err(Refused::Full), "over all");
        assert_eq!(push("c", 10), Ok(()));
        let batch = queue.take(1000, Duration::ZERO, soon()).expect("open");
        assert_eq!(batch.len(), 3);
        assert_eq!(
            push("a", 400),
            Ok(()),
            "alone, it is taken whatever its size"
        );
        assert_eq!(push("b", 1), Err(Refused::Full));
    }

    #[test]
    fn a_sender_that_floods_a_source_leaves_room_for_others() {
        let queue = Queue::new(BOUNDS);
        let push = |sender: &str, rows: u64| {
            let submission = submission("http", rows, nobody()).sent_by(sender);
            assert_eq!(
                queue.has_room("http", sender, submission.rows(), submission.bytes),
                queue.takes_submission(&queue.lock(), &submission),
                "what is told before and after it is parsed"
            );
            queue.try_push(submission).map_err(|e| e.1)
        };
        let flood = |sender: &str| (0..100).take_while(|_| push(sender, 1).is_ok()).count();
        assert_eq!(flood("greedy"), 25, "half of its source");
        assert_eq!(push("greedy", 1), Err(Refused::Full));
        assert_eq!(push("modest", 8), Ok(()));
        assert_eq!(push("third", 8), Ok(()), "there is room for the next");
        assert_eq!(push("modest", 1), Err(Refused::Full), "as much as is free");
        assert_eq!(push("fourth", 10), Err(Refused::Full), "over the source's");
        // Those of other sources, and of none, are held to their own shares.
        assert!(queue.try_push(submission("inbox", 50, nobody())).is_ok());
        queue.take(1000, Duration::ZERO, soon()).expect("open");
        let senders = |queue: &Queue| queue.lock().of_source["http"].of_sender.len();
        assert_eq!(senders(&queue), 0, "no name is kept of whom nothing waits");
        assert_eq!(push("greedy", 400), Ok(()), "alone, whatever its size");
        assert_eq!(senders(&queue), 1);
    }

    #[test]
    fn an_epoch_takes_whole_deliveries_in_order_up_to_its_rows() {
        let queue = Queue::new(BOUNDS);
        for (source, rows) in [("a", 7), ("b", 5), ("a", 1)] {
            assert!(queue.try_push(submission(source, rows, nobody())).is_ok());
        }
        assert_eq!(sizes(queue.take(10, Duration::ZERO, soon())), [7]);
        assert_eq!(sizes(queue.take(10, Duration::ZERO, soon())), [5, 1]);
        assert!(
            sizes(queue.take(10, Duration::ZERO, soon())).is_empty(),
            "idle"
        );
    }

    fn sizes(batch: Option<Vec<Submission>>) -> Vec<usize> {
        batch.expect("open").iter().map(Submission::rows).collect()
    }

    #[test]
    fn what_is_small_does_not_wait_for_what_came_before_it_and_keeps_nothing_waiting() {
        let bounds = QueueBounds {
            rows: 100_000,
            bytes: 1_000_000,
            rows_of_source: 100_000,
            bytes_of_source: 1_000_000,
        };
        let queue = Queue::new(bounds);
        let push = |sender: &str, rows| {
            let submission = submission("http", rows, nobody()).sent_by(sender);
            assert!(queue.try_push(submission).is_ok());
        };
        let take = || sizes(queue.take(160, Duration::ZERO, soon()));
        for _ in 0..4 {
            push("one register", 100);
            push("another register", 100);
        }
        assert!(!queue.is_shared());
        for small in [3, 1, 4] {
            push("a hospital", small);
        }
        assert_eq!(
            take(),
            [3, 1, 4, 100],
            "it overtakes others, and not itself"
        );
        assert!(queue.is_shared());
        for _ in 0..30 {
            push("a hospital", 10);
        }
        for left in [7, 6, 5, 4, 3, 2, 1] {
            let batch = take();
            let large = batch.iter().filter(|rows| **rows == 100).count();
            assert_eq!(large, 1, "with {left} large ones left: {batch:?}");
            assert!(
                batch.len() <= 9,
                "and of small ones half an epoch: {batch:?}"
            );
        }
        assert!(take().is_empty());
    }

    #[test]
    fn those_who_send_much_take_turns() {
        let queue = Queue::new(QueueBounds {
            rows: 10_000,
            bytes: 100_000,
            rows_of_source: 10_000,
            bytes_of_source: 100_000,
        });
        for _ in 0..3 {
            for source in ["a", "b", "c"] {
                assert!(queue.try_push(submission(source, 100, nobody())).is_ok());
            }
        }
        let sources = || -> Vec<String> {
            let batch = queue.take(250, Duration::ZERO, soon()).expect("open");
            batch.iter().map(|one| one.source().to_owned()).collect()
        };
        assert_eq!(sources(), ["a", "b"]);
        assert_eq!(sources(), ["c", "a"]);
        assert_eq!(sources(), ["b", "c"]);
        assert_eq!(sources(), ["a", "b"]);
        assert_eq!(sources(), ["c"]);
    }

    #[test]
    fn closing_tells_those_who_wait_and_gives_out_what_is_in() {
        let queue = Arc::new(Queue::new(BOUNDS));
        assert!(queue.try_push(submission("a", 50, nobody())).is_ok());
        let closed = Arc::new(AtomicUsize::new(0));
        let waiting = {
            let (queue, closed) = (queue.clone(), closed.clone());
            std::thread::spawn(move || {
                queue.push(submission(
                    "a",
                    1,
                    Box::new(move |told| {
                        assert_eq!(told, Err(Refused::Closed));
                        closed.fetch_add(1, Ordering::SeqCst);
                    }),
                ));
            })
        };
        std::thread::sleep(Duration::from_millis(20));
        queue.close();
        waiting.join().expect("it is told");
        assert_eq!(closed.load(Ordering::SeqCst), 1);
        assert_eq!(
            queue
                .take(100, Duration::ZERO, soon())
                .map(|batch| batch.len()),
            Some(1)
        );
        assert!(queue.take(100, Duration::ZERO, soon()).is_none());
        let refused = queue
            .try_push(submission("a", 1, nobody()))
            .map_err(|e| e.1);
        assert_eq!(refused, Err(Refused::Closed));
    }

    #[test]
    fn a_full_queue_takes_the_next_once_something_left() {
        let queue = Arc::new(Queue::new(BOUNDS));
        assert!(queue.try_push(submission("a", 50, nobody())).is_ok());
        let pushed = {
            let queue = queue.clone();
            std::thread::spawn(move || queue.push(submission("a", 30, nobody())))
        };
        let first = queue.take(50, Duration::ZERO, soon()).expect("open");
        assert_eq!(first.len(), 1);
        pushed.join().expect("it found room");
        let next = queue.take(50, Duration::ZERO, Clock::now() + Duration::from_secs(5));
        assert_eq!(next.map(|batch| batch.len()), Some(1));
    }
}
