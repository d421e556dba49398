//! A journal that is only rows, and the disks of its snapshots.

use std::collections::BTreeMap;
use std::sync::Arc;

use fundwatch::journal::simulation::{Faults, SimulatedDisk};
use fundwatch::journal::{ChainHash, JournalId, Keys, Month, Storage};
use fundwatch::record::{Change, Day, Instant, Stream};
use fundwatch::snapshot::{
    Arrival, Arrived, Loaded, Manifest, Ordinal, SnapshotError, SnapshotWriter, Snapshots, Taken,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::changes::of_stream;

pub const JOURNAL: JournalId = JournalId([7; 16]);

/// 2026-01-15T10:00 in Vietnam.
const JANUARY: i64 = 1_768_446_000_000_000_000;
const DAY: i64 = 86_400_000_000_000;

/// The time of an epoch: ten epochs a month, about.
pub fn time_of(epoch: u64) -> Instant {
    Instant::from_nanos(JANUARY + epoch as i64 * 3 * DAY)
}

pub fn month_of(epoch: u64) -> Month {
    Month::of(time_of(epoch).nanos())
}

/// Rows by epoch, from 1.
pub struct History(pub Vec<Vec<Change>>);

impl History {
    /// So many epochs of a row of every stream and some more, the same each time.
    pub fn of(epochs: u64) -> Self {
        let mut runner = TestRunner::deterministic();
        let strategies: Vec<_> = Stream::ALL
            .iter()
            .map(|stream| of_stream(*stream).boxed())
            .collect();
        let mut one = |place: usize| {
            let tree = strategies[place % strategies.len()].new_tree(&mut runner);
            tree.expect("a change").current()
        };
        let rows = |epoch: u64| 10 + epoch as usize % 7;
        Self(
            (1..=epochs)
                .map(|epoch| (0..rows(epoch)).map(&mut one).collect())
                .collect(),
        )
    }

    /// A row an epoch of each of two streams: where every operation of a disk fails in turn, they are to be few.
    pub fn small(epochs: u64) -> Self {
        let mut all = Self::of(epochs);
        let is_kept =
            |row: &Change| matches!(row.key.stream(), Stream::DeathReports | Stream::Cards);
        for rows in &mut all.0 {
            rows.retain(is_kept);
        }
        all
    }

    fn rows(&self, up_to: u64) -> u64 {
        self.0[..up_to as usize]
            .iter()
            .map(|rows| rows.len() as u64)
            .sum()
    }

    pub fn taken(&self, epoch: u64) -> Taken {
        Taken {
            epoch,
            chain: ChainHash([epoch as u8; 32]),
            at: time_of(epoch),
            clock: Day::from_number(20_000 + epoch as i32),
            detector: Some("{\"rules\":\"x\"}".to_owned()),
            rows: self.rows(epoch),
        }
    }

    /// What a snapshot at an epoch is read as.
    pub fn expected(&self, epoch: u64) -> Vec<Arrived> {
        let mut by_file: BTreeMap<(Stream, Month), Vec<Arrived>> = BTreeMap::new();
        for (number, rows) in (1..=epoch).zip(&self.0) {
            for (row, change) in (1..).zip(rows) {
                let arrival = arrival(number, row);
                let of = (change.key.stream(), arrival.month());
                by_file.entry(of).or_default().push(Arrived {
                    arrival,
                    change: change.clone(),
                });
            }
        }
        by_file.into_values().flatten().collect()
    }
}

pub fn arrival(epoch: u64, row: u64) -> Arrival {
    Arrival {
        ordinal: Ordinal { epoch, row },
        at: time_of(epoch),
        // Some undo another row.
        replaced: (row % 7 == 3).then_some(Ordinal {
            epoch: epoch.saturating_sub(1),
            row: row + 1,
        }),
    }
}

/// The disks of a service.
#[derive(Clone)]
pub struct Disks {
    pub snapshots: SimulatedDisk,
    pub keys: SimulatedDisk,
}

impl Disks {
    pub fn new() -> Self {
        Self {
            snapshots: SimulatedDisk::new(),
            keys: SimulatedDisk::new(),
        }
    }

    pub fn fork(&self) -> Self {
        Self {
            snapshots: self.snapshots.fork(),
            keys: self.keys.fork(),
        }
    }

    pub fn keys(&self) -> Arc<Keys> {
        Arc::new(Keys::new(Arc::new(self.keys.clone()), None))
    }

    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(Arc::new(self.snapshots.clone()), self.keys())
    }

    pub fn take(
        &self,
        history: &History,
        epoch: u64,
        before: Option<&Manifest>,
    ) -> Result<Manifest, SnapshotError> {
        take(
            Arc::new(self.snapshots.clone()),
            self.keys(),
            history,
            epoch,
            before,
        )
    }

    pub fn take_under(
        &self,
        faults: &Faults,
        history: &History,
        epoch: u64,
        before: Option<&Manifest>,
    ) -> Result<Manifest, SnapshotError> {
        let keys = Arc::new(Keys::new(faults.over(&self.keys), None));
        take(faults.over(&self.snapshots), keys, history, epoch, before)
    }

    /// Files of rows that lie there.
    pub fn files(&self) -> Vec<String> {
        let names = self.snapshots.list().expect("listed");
        let mut files: Vec<String> = names
            .into_iter()
            .filter(|name| name.ends_with(".parquet"))
            .collect();
        files.sort();
        files
    }
}

/// Takes a snapshot at an epoch, of the rows since the one before.
pub fn take(
    storage: Arc<dyn Storage>,
    keys: Arc<Keys>,
    history: &History,
    epoch: u64,
    before: Option<&Manifest>,
) -> Result<Manifest, SnapshotError> {
    let mut writer = SnapshotWriter::begin(storage, keys, JOURNAL, before)?;
    let from = before.map_or(1, |before| before.epoch + 1);
    for number in from..=epoch {
        for (row, change) in (1..).zip(&history.0[number as usize - 1]) {
            writer.push(arrival(number, row), change)?;
        }
    }
    writer.finish(history.taken(epoch))
}

/// All that a snapshot gives.
pub fn load(
    snapshots: &Snapshots,
    manifest: &Manifest,
) -> Result<(Vec<Arrived>, Loaded), SnapshotError> {
    let mut rows = Vec::new();
    let loaded = snapshots.load(manifest, |row| {
        rows.push(row);
        Ok::<_, SnapshotError>(())
    })?;
    Ok((rows, loaded))
}
