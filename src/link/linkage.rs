//! Linking the records of one table, or of two.
//!
//! In: records. Out: links with their probability, and what was left out. Must hold: the same records
//! and options give the same links, on any number of threads.

use std::sync::atomic::{AtomicU64, Ordering};

use super::blocking::{Bounds, PassReport, candidates};
use super::cluster::{LEAST, in_the_light_of_kin};
use super::model::{LinkModel, weight_of_probability};
use super::pattern::Pattern;
use super::records::Records;
use super::train::{TrainingPairs, train};
use crate::parallel;
use crate::progress::Progress;

/// How many pairs are learned from; of more candidates a share is taken.
const LEARNED_FROM: usize = 2_000_000;
/// After how many pairs progress is told.
const TOLD_EVERY: usize = 100_000;

/// Two records, the lower first, and their weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// A record.
    pub left: u32,
    /// Another one.
    pub right: u32,
    /// The logarithm of the odds that they are of one person, in thousandths of a bit.
    pub weight: i32,
}

/// What a linkage gives.
pub struct Linkage {
    /// The model that was learned or given.
    pub model: LinkModel,
    /// Pairs of a weight that is asked for, in the order of their records; of two tables, one of each.
    pub links: Vec<Link>,
    /// How many pairs were compared.
    pub compared: usize,
    /// What each pass of blocking found and left out.
    pub passes: Vec<PassReport>,
}

/// What a linkage is asked for.
#[derive(Clone, Copy, Debug)]
pub struct LinkOptions {
    /// The least probability of a link.
    pub threshold: f64,
    /// Bounds of the candidates.
    pub bounds: Bounds,
    /// How many threads.
    pub threads: usize,
}

/// Links records, with a model or one that is learned from them.
pub fn link(
    records: &Records,
    model: Option<LinkModel>,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Linkage {
    let blocks = |done, total| progress.told("blocking", done as u64, total as u64);
    let found = candidates(records, options.bounds, options.threads, &blocks);
    let pairs = &found.pairs;
    let (model, known) = match model {
        Some(model) => (model, Vec::new()),
        None => {
            progress.told("learning", 0, 1);
            learn(records, pairs, options.threads)
        }
    };
    let links = score(records, pairs, &known, &model, options.threads, progress);
    progress.told("clustering", 0, 1);
    let weigh = |a, b| model.weight(&records.record(a), &records.record(b));
    let mut links = in_the_light_of_kin(records.len, &links, weigh);
    let least = weight_of_probability(options.threshold);
    let is_of_left = |record: u32| (record as usize) < records.left;
    links.retain(|link| {
        let asked = !records.are_two_tables() || is_of_left(link.left) != is_of_left(link.right);
        asked && link.weight >= least
    });
    Linkage {
        model,
        links,
        compared: pairs.len(),
        passes: found.passes,
    }
}

/// Learns a model, and gives the patterns of the pairs where all of them were learned from.
fn learn(records: &Records, pairs: &[(u32, u32)], threads: usize) -> (LinkModel, Vec<Pattern>) {
    let stride = pairs.len().div_ceil(LEARNED_FROM).max(1);
    let sampled: Vec<(u32, u32)> = pairs.iter().step_by(stride).copied().collect();
    let patterns = patterns(records, &sampled, threads);
    let training = TrainingPairs {
        pairs: &sampled,
        patterns: &patterns,
        each_stands_for: pairs.len() as f64 / sampled.len().max(1) as f64,
    };
    let model = train(records, &training, threads);
    let all = stride == 1;
    (model, if all { patterns } else { Vec::new() })
}

/// The links that could join records, in the order of the pairs.
fn score(
    records: &Records,
    pairs: &[(u32, u32)],
    known: &[Pattern],
    model: &LinkModel,
    threads: usize,
    progress: &dyn Progress,
) -> Vec<Link> {
    let done = AtomicU64::new(0);
    let links = parallel::chunks(pairs.len(), threads, |range| {
        let mut links = Vec::new();
        for place in range {
            let (left, right) = pairs[place];
            let (a, b) = (records.record(left), records.record(right));
            let pattern = known.get(place).copied();
            let pattern = pattern.unwrap_or_else(|| Pattern::of(&records.schema, &a, &b));
            let weight = model.weight_of(pattern, &a, &b);
            if weight >= LEAST {
                links.push(Link {
                    left,
                    right,
                    weight,
                });
            }
            if place % TOLD_EVERY == 0 {
                let done = done.fetch_add(TOLD_EVERY as u64, Ordering::Relaxed);
                progress.told(
                    "comparing",
                    done.min(pairs.len() as u64),
                    pairs.len() as u64,
                );
            }
        }
        links
    });
    links.concat()
}

fn patterns(records: &Records, pairs: &[(u32, u32)], threads: usize) -> Vec<Pattern> {
    let parts = parallel::chunks(pairs.len(), threads, |range| {
        let pattern = |&(a, b): &(u32, u32)| {
            Pattern::of(&records.schema, &records.record(a), &records.record(b))
        };
        pairs[range].iter().map(pattern).collect::<Vec<_>>()
    });
    parts.concat()
}
