//! What came in, by stream.
//!
//! In: rows as they are accepted or rejected. Out: how many, when the last came, how late they were, and
//! what was refused. Must hold: a row that a recovery reads again from the journal is not counted anew.

use prometheus::{Histogram, IntCounter};

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::{By, By2, Sometimes, unix_seconds};
use super::label::label;
use super::registrar::Registrar;
use super::reject::RejectGroup;
use crate::record::{ErrorCode, Instant, Stream};
use std::time::Duration;

const RECORDS: Spec = Spec::new(
    "fundwatch_input_records_total",
    Unit::Count,
    "Records received by stream and outcome; a duplicate equals what its key held, a stale one is older than what its key holds.",
);
const LAST: Spec = Spec::new(
    "fundwatch_input_last_record_timestamp_seconds",
    Unit::UnixSeconds,
    "Unix time at which the last record of this stream arrived that was not rejected; absent when none did.",
);
const EXPECTED: Spec = Spec::new(
    "fundwatch_input_expected_interval_seconds",
    Unit::Seconds,
    "Longest normal silence of this stream, from the configuration; absent when none is configured.",
);
const LATENESS: Spec = Spec::new(
    "fundwatch_input_lateness_seconds",
    Unit::Seconds,
    "Time of arrival minus recorded_at of accepted records.",
);
const DEAD_LETTERS: Spec = Spec::new(
    "fundwatch_dead_letters_total",
    Unit::Count,
    "Records rejected, by stream and kind of mistake.",
);
const BACKLOG: Spec = Spec::new(
    "fundwatch_dead_letter_backlog",
    Unit::Count,
    "Rejected records neither repaired nor dismissed.",
);
const OLDEST: Spec = Spec::new(
    "fundwatch_dead_letter_oldest_timestamp_seconds",
    Unit::UnixSeconds,
    "Unix time at which the oldest rejected record arrived that is neither repaired nor dismissed; absent when there is none.",
);

/// A minute, for what is pushed; then an hour, a day, and the delays of registers and of claims.
const LATENESS_BUCKETS: &[f64] = &[60.0, 3600.0, 86_400.0, 604_800.0, 2_592_000.0, 7_776_000.0];

label! {
    /// What became of a record.
    Outcome as "outcome" {
        /// It is what its key holds now.
        Accepted = "accepted",
        /// It equals what its key held.
        Duplicate = "duplicate",
        /// Its key holds a newer one.
        Stale = "stale",
        /// It is kept as a dead letter.
        Rejected = "rejected",
    }
}

/// A record that was not rejected.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The stream.
    pub stream: Stream,
    /// When it arrived.
    pub arrived_at: Instant,
    /// When its sender knew it.
    pub recorded_at: Instant,
}

/// What came in.
pub struct InputMetrics {
    records: By2<Stream, Outcome, IntCounter>,
    last: Sometimes<Stream>,
    expected: Sometimes<Stream>,
    lateness: By<Stream, Histogram>,
    dead_letters: By2<Stream, RejectGroup, IntCounter>,
    backlog: By<Stream, prometheus::Gauge>,
    oldest: Sometimes<Stream>,
}

impl InputMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Input");
        Ok(Self {
            records: to.counter_by2(RECORDS)?,
            last: to.sometimes(LAST)?,
            expected: to.sometimes(EXPECTED)?,
            lateness: to.histogram_by(LATENESS, LATENESS_BUCKETS)?,
            dead_letters: to.counter_by2(DEAD_LETTERS)?,
            backlog: to.gauge_by(BACKLOG)?,
            oldest: to.sometimes(OLDEST)?,
        })
    }

    /// A record is durable and is what its key holds now.
    pub fn accepted(&self, arrival: Arrival) {
        self.kept(arrival, Outcome::Accepted);
        let Arrival {
            stream,
            arrived_at,
            recorded_at,
        } = arrival;
        let late = i128::from(arrived_at.nanos()) - i128::from(recorded_at.nanos());
        self.lateness.of(stream).observe(late.max(0) as f64 / 1e9);
    }

    /// A record equals what its key held.
    pub fn duplicate(&self, arrival: Arrival) {
        self.kept(arrival, Outcome::Duplicate);
    }

    /// A record is older than what its key holds.
    pub fn stale(&self, arrival: Arrival) {
        self.kept(arrival, Outcome::Stale);
    }

    fn kept(&self, arrival: Arrival, outcome: Outcome) {
        self.records.of(arrival.stream, outcome).inc();
        self.set_last(arrival.stream, arrival.arrived_at);
    }

    /// A record is kept as a dead letter: counts it among the records as well.
    pub fn rejected(&self, stream: Stream, code: ErrorCode) {
        self.records.of(stream, Outcome::Rejected).inc();
        self.dead_letters.of(stream, code.into()).inc();
    }

    /// When the last record of a stream arrived, as the journal tells after a restart.
    pub fn set_last(&self, stream: Stream, arrived_at: Instant) {
        self.last.set(stream, Some(unix_seconds(arrived_at)));
    }

    /// When the last record of a stream arrived that was not rejected, if one did.
    pub fn last(&self, stream: Stream) -> Option<Instant> {
        let seconds = self.last.get(stream)?;
        Instant::from_millis((seconds * 1e3).round() as i64)
    }

    /// How long a stream may be silent; none where nothing is expected of it.
    pub fn set_expected_interval(&self, stream: Stream, interval: Option<Duration>) {
        let seconds = interval.map(|interval| interval.as_secs_f64());
        self.expected.set(stream, seconds);
    }

    /// The rejected records of a stream that wait for somebody, and when the oldest arrived.
    pub fn set_dead_letters_waiting(&self, stream: Stream, count: u64, oldest: Option<Instant>) {
        self.backlog.of(stream).set(count as f64);
        self.oldest.set(stream, oldest.map(unix_seconds));
    }
}
