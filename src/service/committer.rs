//! What epochs came to is stored.
//!
//! In: for each epoch, what the applier says of it and what the dataflow gave out. Out: commits of whole epochs
//! in one transaction each, with the epoch up to which the store is complete. Must hold: an epoch is stored
//! once, whatever died when; an alert is written anew in the epoch that changed what it shows, and in no other;
//! epochs up to the one that was committed before the start are computed and not stored again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant as Elapsed};

use super::applier::Applied;
use super::error::ServiceError;
use super::measured::MeasuredFeed;
use super::outputs::{alert_row, history_row, of_kind, raised_of_stored};
use super::status::Status;
use super::stored_changes::StoredFeed;
use super::{requests, restored, telling};
use crate::alert::{
    AlertId, Applied as Touched, EpochEnd, Event, EventKind, FileNames, Ledger, Raised,
};
use crate::dataflow::Delta;
use crate::journal::{Delivery, Epoch};
use crate::metric::{Frontier, Metrics};
use crate::record::Instant;
use crate::store::{
    AlertChange, AlertStore, EpochCommit, Position, Pruning, RejectRow, RequestRow, SettledReject,
};

/// Epochs that are stored in one transaction at most.
const EPOCHS_A_COMMIT: usize = 64;
/// Changes of alerts after which no further epoch joins a transaction.
const CHANGES_A_COMMIT: usize = 20_000;
/// The waits between attempts to store, when the store cannot be written for now.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How often the store forgets.
const PRUNED_EVERY: Duration = Duration::from_secs(600);
/// Epochs whose digests are kept, to be compared with a replay: a day of epochs of 100 ms.
const EPOCHS_KEPT: u32 = 864_000;

/// What the dataflow gave out of an epoch.
type Computed = (EpochEnd, Delta);

/// The committer.
pub(super) struct Committer {
    pub(super) ledger: Ledger,
    pub(super) store: Box<dyn AlertStore>,
    pub(super) applied: Receiver<Applied>,
    pub(super) computed: Receiver<Computed>,
    /// The epoch that the store was complete up to at the start.
    pub(super) committed: Option<u64>,
    /// For how long answers to requests are kept, and when older ones were forgotten last.
    pub(super) remember_requests: Duration,
    pub(super) pruned: Option<Elapsed>,
    /// When the last epoch that is stored was closed.
    pub(super) last: Option<Instant>,
    pub(super) status: Arc<Status>,
    pub(super) stored: Arc<StoredFeed>,
    pub(super) measured: Arc<MeasuredFeed>,
    pub(super) metrics: Metrics,
}

/// An epoch that is to be stored.
struct Due {
    commit: EpochCommit,
    events: Vec<Event>,
    sealed_at: Instant,
    arrived: Option<Elapsed>,
}

impl Committer {
    /// Runs until the dataflow has ended.
    ///
    /// # Errors
    /// When the store refuses what it is given, or the scratch file cannot be read.
    pub(super) fn run(mut self) -> Result<(), ServiceError> {
        let mut next = self.computed.recv().ok();
        while let Some(computed) = next.take() {
            let mut due = Vec::new();
            let mut changes = 0;
            let mut more = Some(computed);
            while let Some(computed) = more.take() {
                let one = self.compute(computed)?;
                changes += one.as_ref().map_or(0, |due| due.commit.alerts.len());
                due.extend(one);
                if due.len() == EPOCHS_A_COMMIT || changes >= CHANGES_A_COMMIT {
                    break;
                }
                more = self.computed.try_recv().ok();
            }
            if !due.is_empty() {
                self.store(due)?;
                self.prune()?;
            }
            next = self.computed.recv().ok();
        }
        Ok(())
    }

    /// What an epoch comes to; nothing where it is stored already.
    fn compute(&mut self, (end, delta): Computed) -> Result<Option<Due>, ServiceError> {
        let applied = self.applied.recv().map_err(|_| ServiceError::Computing)?;
        let ordinal = end.ordinal;
        let number = applied.epoch.number;
        let is_stored = self.committed.is_some_and(|committed| number <= committed);
        if !is_stored {
            telling::of_delta(&self.metrics, &delta);
        }
        let touched = self
            .ledger
            .apply_touching(end, delta)
            .map_err(ServiceError::Scratch)?;
        self.measured.became(&touched.events);
        if is_stored {
            self.take_over_raised()?;
            self.metrics.journal().set_committed(number);
            for stage in [Frontier::Dataflow, Frontier::Alerts] {
                self.metrics.flow().set_frontier(stage, applied.epoch.at);
            }
            self.status.committed(number);
            return Ok(None);
        }
        let Touched { events, touched } = touched;
        let files = FileNames::Epochs;
        let held = self
            .ledger
            .alerts_of(&touched, ordinal, files)
            .map_err(ServiceError::Scratch)?;
        let sealed_at = applied.epoch.at;
        let flow = self.metrics.flow();
        flow.set_frontier(Frontier::Dataflow, sealed_at);
        // The dataflow tells no times apart before its frontier.
        flow.set_compaction(sealed_at);
        let commit = EpochCommit {
            alerts: (held
                .iter()
                .map(|alert| AlertChange::Holds(Box::new(alert_row(alert)))))
            .chain(
                of_kind(&events, EventKind::Withdrawn).map(|id| AlertChange::Withdrawn {
                    alert_id: id.to_string(),
                }),
            )
            .chain(
                of_kind(&events, EventKind::Archived).map(|id| AlertChange::Archived {
                    alert_id: id.to_string(),
                }),
            )
            .collect(),
            history: events.iter().map(history_row).collect(),
            ..of_epoch(&applied)
        };
        Ok(Some(Due {
            commit,
            events,
            sealed_at,
            arrived: applied.arrived,
        }))
    }

    /// Takes over since when alerts hold that the store has.
    fn take_over_raised(&mut self) -> Result<(), ServiceError> {
        let mut raised: HashMap<AlertId, Raised> = HashMap::new();
        self.store.reads().raised(&mut |one| {
            raised.extend(raised_of_stored(&one));
        })?;
        let known = raised.len();
        let unknown = self.ledger.know_raised(|id| raised.get(&id).copied());
        let unknown = unknown.map_err(ServiceError::Scratch)?;
        let gone = known + unknown.len() - self.ledger.len().min(known + unknown.len());
        match unknown.is_empty() && gone == 0 {
            true => Ok(()),
            false => Err(ServiceError::NotReproduced {
                raised: unknown.len(),
                gone,
            }),
        }
    }

    /// Forgets now and then what the store need not keep.
    fn prune(&mut self) -> Result<(), ServiceError> {
        if self.pruned.is_some_and(|at| at.elapsed() < PRUNED_EVERY) {
            return Ok(());
        }
        self.pruned = Some(Elapsed::now());
        let kept = i64::try_from(self.remember_requests.as_millis()).unwrap_or(i64::MAX);
        let last = self.last.map_or(0, |at| at.nanos() / 1_000_000);
        let pruning = Pruning {
            keep_epochs: EPOCHS_KEPT,
            requests_before: last.saturating_sub(kept),
        };
        match self.store.prune(pruning) {
            Ok(_) => Ok(()),
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "old requests are not forgotten yet");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Stores epochs in one transaction, and tries until they are.
    fn store(&mut self, due: Vec<Due>) -> Result<(), ServiceError> {
        let (commits, told): (Vec<_>, Vec<_>) = due
            .into_iter()
            .map(|due| (due.commit, (due.events, due.sealed_at, due.arrived)))
            .unzip();
        let mut wait = FIRST_WAIT;
        let began = Elapsed::now();
        loop {
            match self.store.commit(&commits) {
                Ok(_) => break,
                Err(error) if error.is_passing() => {
                    tracing::error!(%error, "the alert store cannot be written; trying again");
                    self.metrics.journal().commit_failed();
                    self.status.trouble("store", Some(error.to_string()));
                    std::thread::sleep(wait);
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.status.trouble("store", None);
        let last = commits.last().map_or(0, |commit| commit.epoch);
        self.status.committed(last);
        self.stored.note(&commits);
        self.metrics.journal().committed(last, began.elapsed());
        for (commit, (events, sealed_at, arrived)) in commits.iter().zip(told) {
            telling::of_events(&self.metrics, &events);
            let flow = self.metrics.flow();
            flow.epoch_stored(commit.rows, arrived.map(|arrived| arrived.elapsed()));
            flow.set_frontier(Frontier::Alerts, sealed_at);
            self.last = Some(sealed_at);
        }
        let in_flight = self.status.sealed_epoch().saturating_sub(last);
        self.metrics.flow().set_epochs_in_flight(in_flight);
        Ok(())
    }
}

/// What the store keeps of an epoch beside alerts and their history.
fn of_epoch(applied: &Applied) -> EpochCommit {
    let epoch = &applied.epoch;
    let at = epoch.at.nanos() / 1_000_000;
    let deliveries = || epoch.deliveries.iter().flatten();
    let rejects = deliveries().flat_map(|delivery| {
        let file = (!delivery.origin.is_empty()).then(|| delivery.origin.clone());
        delivery
            .rejects
            .iter()
            .map(move |reject| (delivery, file.clone(), reject))
    });
    EpochCommit {
        epoch: epoch.number,
        previous: epoch.number.checked_sub(1).filter(|previous| *previous > 0),
        at,
        clock_day: Some(epoch.clock.number()),
        rows: applied.accepted.iter().sum(),
        rejects: (0u32..)
            .zip(rejects)
            .map(|(ordinal, (delivery, file, reject))| RejectRow {
                ordinal,
                source: delivery.source.clone(),
                stream: Cow::Borrowed(reject.stream.name()),
                file,
                row: reject.row,
                code: Cow::Borrowed(reject.code.as_str()),
                message: reject.message.clone(),
                received_at: at,
            })
            .collect(),
        settled: settled(deliveries()),
        positions: positions(deliveries()),
        restored: restored::to_store(deliveries()),
        requests: deliveries()
            .zip(&applied.accepted)
            .filter_map(|(delivery, accepted)| request((epoch, *accepted), delivery, at))
            .collect(),
        ..EpochCommit::default()
    }
}

/// What became of rows that were not accepted. Of one that was settled twice before the store had either, the first counts:
/// what is sealed has to be stored.
fn settled<'d>(deliveries: impl Iterator<Item = &'d Delivery>) -> Vec<SettledReject> {
    let mut known = BTreeSet::new();
    let all = deliveries.flat_map(|delivery| &delivery.settled);
    all.filter(|one| known.insert((one.epoch, one.ordinal)))
        .map(|one| SettledReject {
            epoch: one.epoch,
            ordinal: one.ordinal,
            is_repaired: one.is_repaired,
        })
        .collect()
}

/// The last place in each part of each source.
fn positions<'d>(deliveries: impl Iterator<Item = &'d Delivery>) -> Vec<Position> {
    let mut reached = BTreeMap::new();
    for delivery in deliveries {
        for position in &delivery.positions {
            reached.insert((&delivery.source, &position.part), &position.place);
        }
    }
    let reached = reached.into_iter();
    let position = |((source, part), place): ((&String, &String), &String)| Position {
        source: source.clone(),
        partition: part.clone(),
        position: place.clone(),
    };
    reached.map(position).collect()
}

/// A request of an epoch, with its answer.
fn request((epoch, accepted): (&Epoch, u64), delivery: &Delivery, at: i64) -> Option<RequestRow> {
    let request = delivery.request.as_ref()?;
    let receipt = requests::receipt((epoch.number, accepted), delivery);
    Some(RequestRow {
        principal: request.principal.clone(),
        key_digest: request.key,
        body_digest: request.body,
        response: requests::write(&receipt),
        received_at: at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Settled;

    /// Two people may settle a row before the store has what the first did, and both are sealed.
    #[test]
    fn a_row_that_was_settled_twice_is_stored_as_it_was_first() {
        let of = |ordinal, is_repaired| Delivery {
            settled: vec![Settled {
                epoch: 3,
                ordinal,
                is_repaired,
            }],
            ..Delivery::default()
        };
        let deliveries = [of(1, true), of(2, false), of(1, false)];
        let stored: Vec<_> = settled(deliveries.iter())
            .into_iter()
            .map(|one| (one.epoch, one.ordinal, one.is_repaired))
            .collect();
        assert_eq!(stored, [(3, 1, true), (3, 2, false)]);
    }
}
