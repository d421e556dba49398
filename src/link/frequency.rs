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

/// The frequencies of one numbering of values.
pub(super) struct FieldFrequencies {
    /// Records that have a value.
    present: f64,
    counts: Vec<f64>,
    /// By value: how many others, who are not the same person, have it.
    others: Vec<f64>,
    shares: Vec<f64>,
    rare: f64,
}

impl Frequencies {
    /// The frequencies where every record is of another person.
    pub(super) fn new(records: &Records) -> Self {
        let fields = 0..records.schema.fields().len();
        let fields = fields.map(|field| {
            FieldFrequencies::new(records.numbers(field), records.values(field).len())
        });
        Self {
            fields: fields.collect(),
        }
    }

    /// Takes off pairs of one person: a name that comes four times, for one person, is no common one.
    pub(super) fn take_off(
        &mut self,
        records: &Records,
        likely: impl Iterator<Item = ((u32, u32), f64)> + Clone,
    ) {
        for (place, field) in self.fields.iter_mut().enumerate() {
            field.take_off(records.numbers(place), likely.clone());
        }
    }

    /// The chance that another person has the value of a number: 1 where none is known.
    pub(super) fn share(&self, field: usize, number: u32) -> f64 {
        self.fields[field].share(number)
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
    /// The frequencies of so many values where every record is of another person; `numbers` holds, by
    /// record, 0 or the number of its value and 1.
    pub(super) fn new(numbers: &[u32], values: usize) -> Self {
        let mut counts = vec![0.0; values];
        for number in numbers.iter().filter_map(|number| number.checked_sub(1)) {
            counts[number as usize] += 1.0;
        }
        let mut frequencies = Self {
            present: counts.iter().sum::<f64>().max(1.0),
            shares: vec![0.0; values],
            others: vec![0.0; values],
            counts,
            rare: 0.0,
        };
        frequencies.take_off(numbers, std::iter::empty());
        frequencies
    }

    /// Takes off pairs of one person.
    pub(super) fn take_off(
        &mut self,
        numbers: &[u32],
        likely: impl Iterator<Item = ((u32, u32), f64)>,
    ) {
        let mut copies = vec![0.0; self.counts.len()];
        for ((a, b), chance) in likely {
            let (x, y) = (numbers[a as usize], numbers[b as usize]);
            if let Some(number) = x.checked_sub(1).filter(|_| x == y) {
                copies[number as usize] += chance;
            }
        }
        let (mut all, mut rare) = (0.0, 0.0);
        let values = self.others.iter_mut().zip(&self.counts).zip(&copies);
        for ((others, &count), &copies) in values {
            if count > 0.0 {
                let copies = (2.0 * copies / count).min(MOST_COPIES);
                *others = (count - 1.0 - copies).max(0.0);
            }
            if count > 0.0 && count <= RARE {
                all += count;
                rare += count * *others;
            }
        }
        let usual = if all > 0.0 { rare / all } else { 1.0 };
        let usual = usual.max(LEAST_OTHERS);
        self.rare = usual / self.present;
        let values = self.shares.iter_mut().zip(&self.counts).zip(&self.others);
        for ((share, &count), others) in values {
            // A value that only the other of two exchanged fields has is as rare as any.
            let others = if count > 0.0 {
                (others * count + SHRINK * usual) / (count + SHRINK)
            } else {
                usual
            };
            *share = (others / self.present).min(1.0);
        }
    }

    /// The chance that another person has the value of a number: 1 where none is known.
    pub(super) fn share(&self, number: u32) -> f64 {
        let value = number.checked_sub(1);
        value.map_or(1.0, |value| self.shares[value as usize])
    }

    /// How many others, who are not the same person, have the value of a number.
    pub(super) fn others(&self, number: u32) -> f64 {
        let value = number.checked_sub(1);
        value.map_or(0.0, |value| self.others[value as usize])
    }

    /// How many records have a value.
    pub(super) fn present(&self) -> f64 {
        self.present
    }
}
