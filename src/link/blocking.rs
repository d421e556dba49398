//! Which pairs of records are compared at all.
//!
//! In: records. Out: candidate pairs in order, and what was left out. Must hold: the pairs of a pass
//! are bounded by the number of records; what is left out is counted; the result is a function of the
//! records.
//!
//! A pass groups records by key. The smallest blocks come first, since a rare key says most, until the
//! pass has its share of pairs. A block that is larger is parted by more of its records' cells, and
//! what is still too large is left out and told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::block_keys::{Parts, Pass, ValueKeys, mixed};
use super::records::Records;

/// Bounds of the candidates.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Up to so many pairs, all are compared.
    pub all: u64,
    /// Up to so many records, pairs of weak traits are looked for.
    pub two_traits: usize,
    /// The pairs of a pass, by record.
    pub pairs_a_record: u64,
    /// The pairs that a pass may have however few the records.
    pub least: u64,
    /// The most pairs of one block.
    pub block: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            all: 20_000,
            two_traits: 20_000,
            pairs_a_record: 3,
            least: 30_000,
            block: 50_000,
        }
    }
}

/// What a pass found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassReport {
    /// What the records of a block have in common.
    pub name: &'static str,
    /// Pairs, those of other passes included.
    pub pairs: u64,
    /// Blocks that were too large even when they were parted.
    pub left_out: u64,
    /// Records of the largest of them.
    pub largest: u64,
    /// Pairs that were left out.
    pub pairs_left_out: u64,
}

/// Candidates, each pair once, in order, the lower record first.
#[derive(Debug, Default)]
pub struct Candidates {
    /// The pairs.
    pub pairs: Vec<(u32, u32)>,
    /// What each pass found.
    pub passes: Vec<PassReport>,
}

/// Finds the candidates on so many threads; tells each pass that is done.
pub fn candidates(
    records: &Records,
    bounds: Bounds,
    threads: usize,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Candidates {
    if records.pairs() <= bounds.all as f64 {
        return every_pair(records);
    }
    let values = Keys::new(records);
    let next = AtomicUsize::new(0);
    let finished = AtomicUsize::new(0);
    let found = Mutex::new((Vec::new(), vec![PassReport::default(); Pass::ALL.len()]));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&pass) = Pass::ALL.get(number) else {
                        return;
                    };
                    let (mut pairs, report) = run(records, &values, pass, bounds);
                    sort(&mut pairs);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.0 = merge(&found.0, &pairs);
                    found.1[number] = report;
                    done(
                        finished.fetch_add(1, Ordering::Relaxed) + 1,
                        Pass::ALL.len(),
                    );
                }
            });
        }
    });
    let (pairs, mut passes) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    passes.retain(|pass| pass.pairs > 0 || pass.left_out > 0);
    Candidates {
        pairs: pairs.into_iter().map(of_number).collect(),
        passes,
    }
}

fn every_pair(records: &Records) -> Candidates {
    let everyone = (0..records.len as u32).map(|number| (0, number));
    let everyone: Vec<(u64, u32)> = everyone.collect();
    let mut pairs = Vec::new();
    push_pairs(records, &everyone, &mut pairs);
    Candidates {
        passes: vec![PassReport {
            name: "every pair",
            pairs: pairs.len() as u64,
            ..PassReport::default()
        }],
        pairs: pairs.into_iter().map(of_number).collect(),
    }
}

fn of_number(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

fn sort(pairs: &mut Vec<u64>) {
    pairs.sort_unstable();
    pairs.dedup();
}

/// The union of two ascending lists.
fn merge(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut union = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        union.push(*x.min(y));
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    union.extend(&a[i..]);
    union.extend(&b[j..]);
    union
}

/// A block: where its records are in the list, and its pairs.
struct Block {
    start: usize,
    end: usize,
    pairs: u64,
}

/// What the values of all records add to keys, by field and value number.
struct Keys<'a> {
    records: &'a Records,
    fields: Vec<Vec<ValueKeys>>,
}

impl<'a> Keys<'a> {
    fn new(records: &'a Records) -> Self {
        let fields = records.schema.fields().iter().enumerate();
        let fields = fields.map(|(place, field)| {
            // Exchanged fields share their values, and so their keys.
            let own = records.schema.home(place) == place;
            let values = if own { records.values(place) } else { &[] };
            let keys = values.iter().map(|value| ValueKeys::of(field.role, value));
            keys.collect()
        });
        let fields = fields.collect();
        Self { records, fields }
    }

    fn fill(&self, record: u32, parts: &mut Parts) {
        let fields = 0..self.fields.len();
        parts.fill(fields.filter_map(|field| {
            let number = self.records.numbers(field)[record as usize].checked_sub(1)?;
            let home = self.records.schema.home(field);
            Some((field, self.fields[home].get(number as usize)?))
        }));
    }
}

fn run(records: &Records, values: &Keys<'_>, pass: Pass, bounds: Bounds) -> (Vec<u64>, PassReport) {
    let mut report = PassReport {
        name: pass.name(),
        ..PassReport::default()
    };
    if pass == Pass::TwoTraits && records.len > bounds.two_traits {
        return (Vec::new(), report);
    }
    let mut entries = Vec::new();
    let mut keys = Vec::new();
    let mut parts = Parts::default();
    for number in 0..records.len as u32 {
        values.fill(number, &mut parts);
        keys.clear();
        parts.keys(pass, &mut keys);
        entries.extend(keys.iter().map(|key| (*key, number)));
    }
    // Weak traits are for files so small that the least is much.
    let by_record = match pass {
        Pass::TwoTraits => 0,
        _ => bounds.pairs_a_record * records.len as u64,
    };
    let budget = bounds.least.max(by_record);
    let blocks = blocks(records, &mut entries);
    let (kept, mut too_large) = within(blocks, budget, bounds.block);
    let mut pairs = Vec::new();
    for block in &kept {
        push_pairs(records, &entries[block.start..block.end], &mut pairs);
    }
    // Large blocks of weak traits are no loss: the other passes look closer.
    if pass == Pass::TwoTraits {
        too_large.clear();
    }
    for block in &too_large {
        report.left_out += 1;
        report.largest = report.largest.max((block.end - block.start) as u64);
        report.pairs_left_out += block.pairs;
    }
    let mut parted = Vec::new();
    let parting = if pass.is_parted() {
        too_large.as_slice()
    } else {
        &[]
    };
    for (number, block) in (0_u64..).zip(parting) {
        for (_, record) in &entries[block.start..block.end] {
            values.fill(*record, &mut parts);
            keys.clear();
            parts.refinements(&mut keys);
            parted.extend(keys.iter().map(|key| (mixed(key ^ number), *record)));
        }
    }
    // The first list is not needed any more, and both may be large.
    drop(entries);
    let blocks = self::blocks(records, &mut parted);
    let (kept, _) = within(blocks, budget, bounds.block);
    for block in &kept {
        push_pairs(records, &parted[block.start..block.end], &mut pairs);
    }
    report.pairs = pairs.len() as u64;
    (pairs, report)
}

/// Sorts the entries and finds the blocks of two or more.
fn blocks(records: &Records, entries: &mut Vec<(u64, u32)>) -> Vec<Block> {
    entries.sort_unstable();
    entries.dedup();
    let mut blocks = Vec::new();
    let mut start = 0;
    for block in entries.chunk_by(|a, b| a.0 == b.0) {
        let end = start + block.len();
        let size = block.len() as u64;
        let pairs = if records.are_two_tables() {
            let left = block.partition_point(|(_, record)| (*record as usize) < records.left);
            left as u64 * (size - left as u64)
        } else {
            size * (size - 1) / 2
        };
        if pairs > 0 {
            blocks.push(Block { start, end, pairs });
        }
        start = end;
    }
    blocks
}

/// The smallest blocks whose pairs fit the budget, and the others.
fn within(mut blocks: Vec<Block>, budget: u64, most: u64) -> (Vec<Block>, Vec<Block>) {
    blocks.sort_by_key(|block| (block.pairs, block.start));
    let mut sum = 0;
    let fit = blocks.iter().take_while(|block| {
        sum += block.pairs;
        block.pairs <= most && sum <= budget
    });
    let fit = fit.count();
    let too_large = blocks.split_off(fit);
    (blocks, too_large)
}

fn push_pairs(records: &Records, block: &[(u64, u32)], pairs: &mut Vec<u64>) {
    let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
    if records.are_two_tables() {
        let split = block.partition_point(|(_, record)| (*record as usize) < records.left);
        let (left, right) = block.split_at(split);
        for (_, a) in left {
            pairs.extend(right.iter().map(|(_, b)| pair(*a, *b)));
        }
    } else {
        for (place, (_, a)) in block.iter().enumerate() {
            pairs.extend(block[place + 1..].iter().map(|(_, b)| pair(*a, *b)));
        }
    }
}
