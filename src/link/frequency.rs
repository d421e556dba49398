//! How common values are among people, where one person may have several records.
//!
//! In: records, and pairs with the chance that they are of one person. Out: for each value the chance
//! that another person has it. Must hold: a value that came once or twice is judged by values of its
//! kind, so that chance is not taken for rarity.

use super::records::Records;

/// How many records the values of the kind count as.
const SHRINK: f64 = 2.0;
/// Values with no more records than this are rare.
const RARE: f64 = 6.0;
/// The least number of others that are believed to have a value, in a file of any size.
const LEAST_OTHERS: f64 = 0.02;
/// The most copies of a record that are believed: a name that a thousand people have is common,
/// however alike they seem.
const MOST_COPIES: f64 = 20.0;

/// The frequencies of values, by field and value number.
pub(super) struct Frequencies {
    fields: Vec<FieldFrequencies>,
}

struct FieldFrequencies {
    /// Records that have a value.
    present: f64,
    counts: Vec<f64>,
    shares: Vec<f64>,
    rare: f64,
}

impl Frequencies {
    /// The frequencies where every record is of another person.
    pub(super) fn new(records: &Records) -> Self {
        let fields = 0..records.schema.fields().len();
        let fields = fields.map(|field| {
            let mut counts = vec![0.0; records.values(field).len()];
            for number in records.numbers(field) {
                if let Some(number) = number.checked_sub(1) {
                    counts[number as usize] += 1.0;
                }
            }
            FieldFrequencies {
                present: counts.iter().sum::<f64>().max(1.0),
                shares: vec![0.0; counts.len()],
                counts,
                rare: 0.0,
            }
        });
        let mut frequencies = Self {
            fields: fields.collect(),
        };
        frequencies.take_off(records, std::iter::empty());
        frequencies
    }

    /// Takes off pairs of one person: a name that comes four times, for one person, is no common one.
    pub(super) fn take_off(
        &mut self,
        records: &Records,
        likely: impl Iterator<Item = ((u32, u32), f64)>,
    ) {
        let mut copies: Vec<Vec<f64>> = self
            .fields
            .iter()
            .map(|field| vec![0.0; field.counts.len()])
            .collect();
        for ((a, b), chance) in likely {
            for (field, copies) in copies.iter_mut().enumerate() {
                let numbers = records.numbers(field);
                let (x, y) = (numbers[a as usize], numbers[b as usize]);
                if let Some(number) = x.checked_sub(1).filter(|_| x == y) {
                    copies[number as usize] += chance;
                }
            }
        }
        for (field, copies) in self.fields.iter_mut().zip(&copies) {
            field.take_off(copies);
        }
    }

    /// The chance that another person has the value of a number: 1 where none is known.
    pub(super) fn share(&self, field: usize, number: u32) -> f64 {
        let of = &self.fields[field];
        let value = number.checked_sub(1);
        value.map_or(1.0, |value| of.shares[value as usize])
    }

    /// How many records have a value.
    pub(super) fn count(&self, field: usize, number: u32) -> f64 {
        let of = &self.fields[field];
        number
            .checked_sub(1)
            .map_or(0.0, |value| of.counts[value as usize])
    }

    /// The chance that another person has a value that is not known to be common.
    pub(super) fn rare(&self, field: usize) -> f64 {
        self.fields[field].rare
    }
}

impl FieldFrequencies {
    fn take_off(&mut self, copies: &[f64]) {
        // By value: how many others, who are not the same person, have it.
        let others = |count: f64, copies: f64| {
            let copies = (2.0 * copies / count).min(MOST_COPIES);
            (count - 1.0 - copies).max(0.0)
        };
        let (mut all, mut rare) = (0.0, 0.0);
        for (&count, &copies) in self.counts.iter().zip(copies) {
            if count > 0.0 && count <= RARE {
                all += count;
                rare += count * others(count, copies);
            }
        }
        let usual = if all > 0.0 { rare / all } else { 1.0 };
        let usual = usual.max(LEAST_OTHERS);
        self.rare = usual / self.present;
        for ((share, &count), &copies) in self.shares.iter_mut().zip(&self.counts).zip(copies) {
            // A value that only the other of two exchanged fields has is as rare as any.
            let others = if count > 0.0 {
                (others(count, copies) * count + SHRINK * usual) / (count + SHRINK)
            } else {
                usual
            };
            *share = (others / self.present).min(1.0);
        }
    }
}
