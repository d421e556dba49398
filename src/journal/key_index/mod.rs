//! Which row of the log each key holds, by a hash of the key.
//!
//! In: hashes of keys, and the places of their rows as they come. Out: the places under a hash, among
//! them that of each key's latest row. Must hold: two keys are under one hash about once in 2^40 pairs, and whoever asks
//! tells them apart, as well as the rows that one key has held.
//!
//! A nation has some 490 million keys, and most rows that come are of new ones. So memory tells which may be known, in some two and
//! a half bytes a key, and the places are on disk, in runs of sorted pairs that are merged as
//! in a log-structured merge-tree (O'Neil, Cheng, Gawlick and O'Neil, Acta Informatica 33, 1996).
//!
//! ```text
//! row ─▶ recent ─ many? ─▶ a run, and its hashes to the filter ─▶ some runs are merged to one, on a thread of its own
//! key ─▶ recent, and where the filter may have it, the runs, the latest first
//! ```

mod filter;
mod recent;
mod run;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use filter::Filter;
use recent::Recent;
use run::Run;

use super::row_log::Place;

/// The bits of a hash that tell keys apart.
const HASH_BITS: u32 = 40;
const HASH_MASK: u64 = (1 << HASH_BITS) - 1;
/// A hash from its last bit to its first, which orders the pairs of runs: pages in memory tell the last bits, so that what is there
/// is nearly in order.
fn backwards(hash: u64) -> u64 {
    hash.reverse_bits() >> (u64::BITS - HASH_BITS)
}

/// How many pairs are in memory before they become a run: some 38 MB.
const RECENT: usize = 1 << 22;
/// How many runs of a level become one of the next.
const MERGED: usize = 16;
/// How many hashes are brought nearer at once.
const LOOK_AHEAD: usize = 256;

/// The places of rows, by the hash of their key.
pub(super) struct KeyIndex {
    scratch: PathBuf,
    recent: Recent,
    /// How many pairs it holds before they become a run.
    most_recent: usize,
    /// Of the hashes in runs.
    filter: Filter,
    /// Those of a level are from earlier rows than those of the level before, and in the order of their rows.
    levels: Vec<Vec<Arc<Run>>>,
    merging: Option<Merging>,
    keys: usize,
}

/// The first runs of a level, which become one.
struct Merging {
    level: usize,
    merged: JoinHandle<io::Result<Run>>,
}

impl KeyIndex {
    /// Of no keys; runs are made in `scratch`.
    pub(super) fn new(scratch: &Path) -> Self {
        Self::with_recent(scratch, RECENT)
    }

    /// As [`KeyIndex::new`], with so many places in memory before they become a run.
    pub(super) fn with_recent(scratch: &Path, most_recent: usize) -> Self {
        Self {
            scratch: scratch.to_owned(),
            recent: Recent::new(),
            most_recent,
            filter: Filter::new(),
            levels: Vec::new(),
            merging: None,
            keys: 0,
        }
    }

    /// How many keys there are.
    pub(super) fn keys(&self) -> usize {
        self.keys
    }

    /// A byte of what is looked up first, so that it is near when a hash is asked for.
    pub(super) fn touch(&self, hash: u64) -> u8 {
        let of_runs = match self.levels.is_empty() {
            true => 0,
            false => self.filter.touch(hash),
        };
        self.recent.touch(hash & HASH_MASK) | of_runs
    }

    /// The places under a hash: of several keys by chance, and of rows that were replaced: those of recent rows first.
    pub(super) fn latest_first(&self, hash: u64) -> impl Iterator<Item = io::Result<Place>> {
        let hash = hash & HASH_MASK;
        let mut recent: Vec<Place> = self.recent.places(hash).collect();
        recent.reverse();
        let runs = self.levels.iter().flat_map(|level| level.iter().rev());
        let asked = if self.filter.may_have(hash) {
            usize::MAX
        } else {
            0
        };
        let of_runs = runs.take(asked).flat_map(move |run| {
            let mut places = Vec::new();
            let found = run.find(backwards(hash), &mut places);
            let places = places.into_iter().map(Ok);
            places.chain(found.err().map(Err))
        });
        recent.into_iter().map(Ok).chain(of_runs)
    }

    /// Adds the place of a row that came last, and that of the row of the same key that it takes the place of, which may be told no
    /// longer.
    ///
    /// # Errors
    /// When a run cannot be read or written.
    pub(super) fn insert(
        &mut self,
        hash: u64,
        place: Place,
        previous: Option<Place>,
    ) -> io::Result<()> {
        let hash = hash & HASH_MASK;
        self.keys += usize::from(previous.is_none());
        if previous.is_some_and(|previous| self.recent.replace(hash, previous, place)) {
            return Ok(());
        }
        self.recent.insert(hash, place);
        if self.recent.len() >= self.most_recent {
            self.write_recent()?;
        }
        Ok(())
    }

    /// Makes a run of what is in memory.
    fn write_recent(&mut self) -> io::Result<()> {
        let mut pairs = self.recent.in_order();
        let mut ahead = VecDeque::with_capacity(LOOK_AHEAD);
        let told = std::iter::from_fn(|| {
            if ahead.is_empty() {
                ahead.extend(pairs.by_ref().take(LOOK_AHEAD));
                let touched = ahead
                    .iter()
                    .map(|pair: &(u64, Place)| usize::from(self.filter.touch(backwards(pair.0))));
                std::hint::black_box(touched.sum::<usize>());
            }
            let pair = ahead.pop_front()?;
            let hash = backwards(pair.0);
            // That of a key whose row was replaced is there.
            if !self.filter.may_have(hash) {
                self.filter.insert(hash);
            }
            Some(Ok(pair))
        });
        let run = Run::write(&self.scratch, told)?;
        drop(pairs);
        self.recent = Recent::new();
        self.add(0, run);
        self.merge()
    }

    fn add(&mut self, level: usize, run: Run) {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        self.levels[level].push(Arc::new(run));
    }

    /// Takes the run that was made of some, if it is ready or there are twice as many by now, and begins to make another
    /// where a level has enough.
    fn merge(&mut self) -> io::Result<()> {
        if let Some(merging) = self.merging.take() {
            let is_late = self.levels.iter().any(|runs| runs.len() >= 2 * MERGED);
            if !merging.merged.is_finished() && !is_late {
                self.merging = Some(merging);
                return Ok(());
            }
            let merged = merging.merged.join();
            let run = merged.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            let former: Vec<_> = self.levels[merging.level].drain(..MERGED).collect();
            self.add(merging.level + 1, run);
            // To give back files of hundreds of megabytes takes a while.
            on_a_thread(move || drop(former))?;
        }
        let full = self.levels.iter().position(|runs| runs.len() >= MERGED);
        let Some(level) = full else { return Ok(()) };
        let runs = self.levels[level][..MERGED].to_vec();
        let scratch = self.scratch.clone();
        let merged = on_a_thread(move || Run::write(&scratch, merged(&runs)))?;
        self.merging = Some(Merging { level, merged });
        Ok(())
    }
}

/// Does what nobody waits for.
fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new()
        .name("index".to_owned())
        .spawn(work)
}

/// The pairs of runs, in order: of one hash the latest first.
fn merged(runs: &[Arc<Run>]) -> impl Iterator<Item = io::Result<(u64, Place)>> {
    let mut each: Vec<_> = runs.iter().map(|run| run.pairs()).collect();
    let mut heads = BinaryHeap::new();
    let mut failed = None;
    for (run, pairs) in each.iter_mut().enumerate() {
        match pairs.next().transpose() {
            Ok(first) => {
                heads.extend(first.map(|(hash, place)| Reverse((hash, Reverse(place), run))))
            }
            Err(error) => failed = Some(error),
        }
    }
    std::iter::from_fn(move || {
        if let Some(error) = failed.take() {
            heads.clear();
            return Some(Err(error));
        }
        let mut head = heads.peek_mut()?;
        let Reverse((hash, Reverse(place), run)) = *head;
        match each[run].next().transpose() {
            Ok(Some((hash, place))) => *head = Reverse((hash, Reverse(place), run)),
            Ok(None) => {
                std::collections::binary_heap::PeekMut::pop(head);
            }
            Err(error) => failed = Some(error),
        }
        Some(Ok((hash, place)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn all(index: &KeyIndex, hash: u64) -> Vec<Place> {
        let places: io::Result<_> = index.latest_first(hash).collect();
        places.expect("read")
    }

    proptest! {
        #[test]
        fn it_answers_like_a_map_of_several_values(
            // Few hashes, some of which agree in their low bits and some in their high ones.
            came in prop::collection::vec((0u64..40, 0u64..3), 0..2000),
            most_recent in 1usize..9,
        ) {
            let scratch = tempfile::tempdir().expect("a scratch directory");
            let mut index = KeyIndex::with_recent(scratch.path(), most_recent);
            let mut map: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
            let hash_of = |low: u64, high: u64| (high << 38) | (low * 0x0101_0101);
            for (place, (low, high)) in (0u32..).map(Place).zip(came) {
                let hash = hash_of(low, high);
                let places = map.entry(hash).or_default();
                // Bits beyond those that tell keys apart change nothing.
                index.insert(hash | u64::from(place.0) << HASH_BITS, place, None).expect("added");
                places.insert(0, place);
                prop_assert_eq!(&all(&index, hash), places);
            }
            prop_assert_eq!(index.keys(), map.values().map(Vec::len).sum::<usize>());
            for (low, high) in (0..41).flat_map(|low| (0..3).map(move |high| (low, high))) {
                let hash = hash_of(low, high);
                prop_assert_eq!(all(&index, hash), map.get(&hash).cloned().unwrap_or_default());
            }
        }
    }

    proptest! {
        #[test]
        fn the_latest_of_each_key_is_told_and_little_else(
            // One key a hash, each of which has many rows.
            came in prop::collection::vec(0u64..20, 0..2000),
            most_recent in 1usize..30,
        ) {
            let scratch = tempfile::tempdir().expect("a scratch directory");
            let mut index = KeyIndex::with_recent(scratch.path(), most_recent);
            let mut latest: BTreeMap<u64, Place> = BTreeMap::new();
            for (place, hash) in (0u32..).map(Place).zip(came) {
                let previous = latest.insert(hash, place);
                index.insert(hash, place, previous).expect("added");
                prop_assert_eq!(all(&index, hash).first().copied(), Some(place));
                prop_assert!(index.recent.places(hash).count() <= 1);
            }
            prop_assert_eq!(index.keys(), latest.len());
            for hash in 0..21 {
                prop_assert_eq!(all(&index, hash).first().copied(), latest.get(&hash).copied());
            }
        }
    }

    #[test]
    fn runs_are_merged_to_few() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let mut index = KeyIndex::with_recent(scratch.path(), 100);
        let hash = |n: u32| u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24;
        for n in 0..100_000 {
            index.insert(hash(n), Place(n), None).expect("added");
        }
        while let Some(merging) = &index.merging {
            while !merging.merged.is_finished() {
                std::thread::yield_now();
            }
            index.merge().expect("merged");
        }
        // 1,000 runs: three of 16 x 16, fourteen of 16, and eight.
        let runs: Vec<usize> = index.levels.iter().map(Vec::len).collect();
        assert_eq!(runs, [8, 14, 3]);
        for n in 0..100_000 {
            assert_eq!(all(&index, hash(n)), [Place(n)]);
        }
    }
}
