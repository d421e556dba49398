//! What the threads of the service do, as metrics.
//!
//! In: rows, outputs and events, as they pass. Out: counts. Must hold: no label is made of what a row says;
//! what recovery computes again is not counted again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::alert::{Event, EventKind, SubjectKind};
use crate::dataflow::{
    ArrangementSize, Delta, Judged, Output, Telemetry, WorkerUse, layout, status_changes,
};
use crate::journal::Delivery;
use crate::metric::{
    ArrangementUse, Arrival, Collection, Disagreement, Metrics, ModelRole, RetractionCause, Sign,
};
use crate::record::{Instant, Money};
use crate::resolve::{Listener, Outcome};

/// Tells of rows that arrive at a time that `arrived_at` gives.
pub(super) fn of_rows(metrics: Metrics, arrived_at: impl Fn() -> Instant + 'static) -> Listener {
    Box::new(move |row| {
        let arrival = Arrival {
            stream: row.stream,
            arrived_at: arrived_at(),
            recorded_at: row.recorded_at,
        };
        match row.outcome {
            Outcome::Applied => metrics.input().accepted(arrival),
            Outcome::Duplicate => metrics.input().duplicate(arrival),
            Outcome::Stale => metrics.input().stale(arrival),
        }
        if row.outcome == Outcome::Applied {
            let flow = metrics.flow();
            status_changes(row.before, row.after, |change| flow.status_changed(change));
        }
    })
}

/// Tells of rows that were not accepted.
pub(super) fn of_rejects<'d>(metrics: &Metrics, deliveries: impl Iterator<Item = &'d Delivery>) {
    for reject in deliveries.flat_map(|delivery| &delivery.rejects) {
        metrics.input().rejected(reject.stream, reject.code);
    }
}

/// Tells of what the dataflow gave out.
pub(super) fn of_delta(metrics: &Metrics, delta: &Delta) {
    let mut counts: BTreeMap<(u8, bool), (Collection, u64)> = BTreeMap::new();
    for (output, count) in delta {
        let (place, collection) = match output {
            Output::Visits(_) => (0, Collection::Visits),
            Output::Observed(_) => (1, Collection::Observed),
            Output::Sampled(_) => (2, Collection::Sampled),
            Output::Forgiving(_) => (3, Collection::Forgiving),
            Output::Finding(_) => (4, Collection::Findings),
            Output::Sign(_) => (5, Collection::Signs),
            Output::Basis(_) => (6, Collection::Bases),
            Output::Weighed(_) => (8, Collection::Weighed),
            Output::Compared(compared) => {
                of_compared(metrics, compared.judged, *count);
                (7, Collection::Compared)
            }
        };
        counts
            .entry((place, *count > 0))
            .or_insert((collection, 0))
            .1 += 1;
    }
    for ((_, came), (collection, count)) in counts {
        let sign = if came { Sign::Insert } else { Sign::Retract };
        metrics.flow().gave_out(collection, sign, count);
    }
}

/// Tells of claims that came to be outliers for one model alone.
fn of_compared(metrics: &Metrics, judged: Judged, claims: i32) {
    let which = match judged {
        Judged::OnlyLive => Disagreement::OnlyLive,
        Judged::OnlyShadow => Disagreement::OnlyShadow,
        Judged::Both => return,
    };
    if let Ok(came @ 1..) = u64::try_from(claims) {
        metrics.model().disagreed(which, came);
    }
}

/// Whether an event of an alert that holds is of a claim whose reason calls for a score that is not there.
fn is_unscored(event: &Event) -> bool {
    event.kind != EventKind::Withdrawn
        && event.subject.kind == SubjectKind::Claim
        && event.reason.is_scored()
        && event.score.is_none()
}

/// Tells of what became of alerts.
pub(super) fn of_events(metrics: &Metrics, events: &[Event]) {
    for event in events {
        let alert = metrics.alert();
        let dong = dong(event.amount_vnd);
        let is_over = matches!(event.kind, EventKind::Withdrawn | EventKind::Archived);
        if let (Some(score), false) = (event.score, is_over) {
            (metrics.model()).scored(ModelRole::Live, score.ten_thousandths());
        }
        if is_unscored(event) {
            metrics.model().failed();
        }
        match event.kind {
            EventKind::Raised => alert.opened(event.reason, event.reason.severity(), dong),
            EventKind::Changed => alert.changed(event.reason),
            EventKind::Archived => alert.archived(event.reason),
            EventKind::Withdrawn => {
                let first = event.cause.first();
                let cause = first.and_then(|cause| RetractionCause::from_history(cause.stream));
                // Rows of several streams may have changed; what the alert is about is told first.
                let cause = cause.unwrap_or(RetractionCause::Settings);
                alert.retracted(event.reason, cause, dong);
            }
        }
    }
}

fn dong(amount: Money) -> u64 {
    u64::try_from(amount.thousandths() / Money::THOUSANDTHS).unwrap_or_default()
}

/// Tells of what the workers of the dataflow hold and do.
pub(super) fn of_workers(metrics: Metrics) -> Telemetry {
    let held: Mutex<BTreeMap<usize, Vec<ArrangementSize>>> = Mutex::default();
    Telemetry::new(move |of_worker: WorkerUse| {
        for (operator, time) in &of_worker.busy {
            metrics.flow().busy(operator, *time);
        }
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(of_worker.worker, of_worker.arrangements);
        let mut all: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for size in held.values().flatten() {
            let (records, batches, bytes) = all.entry(&size.name).or_default();
            *records += size.records as u64;
            *batches += size.batches as u64;
            *bytes += bytes_of(size);
        }
        let held = all
            .into_iter()
            .map(|(name, (records, batches, bytes))| ArrangementUse {
                name,
                records,
                batches,
                bytes,
            });
        metrics.flow().set_arrangements(held);
    })
}

/// What an arrangement takes in memory: a table says so itself, of others the layout of a record tells.
fn bytes_of(size: &ArrangementSize) -> u64 {
    let records = size.records as u64;
    // How many keys there are is not known; at most as many as records.
    let of_records = layout(&size.name).map_or(0, |layout| layout.bytes(records, records));
    of_records.max(size.table_bytes as u64)
}
