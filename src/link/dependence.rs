//! How much more often values come together than their frequencies say.
//!
//! In: records, and the chances of pairs to be of one person. Out: corrections of joints, in nats. Must
//! hold: a correction never adds weight, and what may be chance corrects nothing.

use hashbrown::HashMap;

use super::frequency::FieldFrequencies;
use super::joint::{Joint, Part, joints};
use super::records::{RecordRef, Records};

/// As many others must share a joint before it is taken for one.
const LEAST_OTHERS: f64 = 3.0;
/// As many pairs must share joints that few others have before these are corrected too.
const LEAST_PAIRS: f64 = 50.0;
/// The greatest correction, in nats.
const MOST: f64 = 20.0;

/// A joint as the records have it.
pub(super) struct Dependence {
    joint: Joint,
    together: Numbered,
    parts: Vec<Numbered>,
    /// In nats, by joint value and for any other.
    corrections: Vec<f64>,
    usual: f64,
    /// In nats: what is given back where two records disagree on all parts, as those of one person who
    /// moved do.
    apart: f64,
}

/// Values by number.
struct Numbered {
    /// By record: 0 where nothing is known, else the number of the value and 1.
    numbers: Vec<u32>,
    /// By value.
    keys: Vec<u64>,
    frequencies: FieldFrequencies,
}

impl Numbered {
    /// Numbers keys in the order in which they first come.
    fn new(records: &Records, key: impl Fn(RecordRef<'_>) -> Option<u64>) -> Self {
        let mut known: HashMap<u64, u32> = HashMap::new();
        let mut keys = Vec::new();
        let number = |record: u32| {
            let Some(key) = key(records.record(record)) else {
                return 0;
            };
            *known.entry(key).or_insert_with(|| {
                keys.push(key);
                keys.len() as u32
            })
        };
        let numbers: Vec<u32> = (0..records.len as u32).map(number).collect();
        Self {
            frequencies: FieldFrequencies::new(&numbers, keys.len()),
            numbers,
            keys,
        }
    }
}

/// The joints of records.
pub(super) fn dependences(records: &Records) -> Vec<Dependence> {
    let joints = joints(&records.schema).into_iter();
    let dependence = |joint: Joint| {
        let together = Numbered::new(records, |record| joint.key(&record));
        let part = |part: &Part| Numbered::new(records, |record| part.key(&record));
        Dependence {
            parts: joint.parts.iter().map(part).collect(),
            corrections: vec![0.0; together.keys.len()],
            together,
            usual: 0.0,
            apart: 0.0,
            joint,
        }
    };
    joints.map(dependence).collect()
}

impl Dependence {
    /// What it is.
    pub(super) fn joint(&self) -> &Joint {
        &self.joint
    }

    /// Counts anew, with the pairs of one person taken off.
    pub(super) fn take_off(&mut self, likely: impl Iterator<Item = ((u32, u32), f64)> + Clone) {
        for numbered in self.parts.iter_mut().chain([&mut self.together]) {
            numbered
                .frequencies
                .take_off(&numbered.numbers, likely.clone());
        }
        let present = self.together.frequencies.present();
        // Of joints that few others have: how many do, and how many would by chance.
        let (mut observed, mut expected) = (0.0, 0.0);
        let mut unknown = Vec::new();
        let mut seen = vec![false; self.corrections.len()];
        for (record, number) in self.together.numbers.iter().enumerate() {
            let Some(value) = number.checked_sub(1).map(|value| value as usize) else {
                continue;
            };
            let others = self.together.frequencies.others(*number);
            let few = others < LEAST_OTHERS;
            let first = !std::mem::replace(&mut seen[value], true);
            if !few && !first {
                continue;
            }
            // Records of one joint value have the same values in its parts, so that any stands for all.
            let part = |part: &Numbered| part.frequencies.share(part.numbers[record]);
            let by_chance = self.parts.iter().map(part).product::<f64>() * present;
            if few {
                observed += others;
                expected += by_chance;
                if first {
                    unknown.push(value);
                }
            } else {
                // What may be chance is no dependence.
                let certain = others - others.sqrt();
                self.corrections[value] = (by_chance / certain).ln().clamp(-MOST, 0.0);
            }
        }
        self.usual = if observed >= LEAST_PAIRS {
            (expected / observed).ln().clamp(-MOST, 0.0)
        } else {
            0.0
        };
        for value in unknown {
            self.corrections[value] = self.usual;
        }
    }

    /// Takes what is given back where two records disagree on all parts.
    pub(super) fn give_back(&mut self, apart: f64) {
        self.apart = apart;
    }

    /// What is given back where two records disagree on all parts, in nats.
    pub(super) fn apart(&self) -> f64 {
        self.apart
    }

    /// The correction of two records, in nats.
    pub(super) fn correction(&self, a: u32, b: u32) -> f64 {
        let number = self.together.numbers[a as usize];
        match number.checked_sub(1) {
            Some(value) if number == self.together.numbers[b as usize] => {
                self.corrections[value as usize]
            }
            _ => 0.0,
        }
    }

    /// The correction of any value, and those that are known, by key.
    pub(super) fn corrections(&self) -> (f64, impl Iterator<Item = (u64, f64)>) {
        let keys = self.together.keys.iter().copied();
        (self.usual, keys.zip(self.corrections.iter().copied()))
    }
}
