//! Samples of anchors, laid out so that sixteen distances are summed side by side.
//!
//! In: rows of whole thousandths. Out: the L1 distance of a row to the nearest anchor of a sample,
//! and that anchor. Must hold: sums are of integers, and so exact in any order; a row is never
//! allocated for.

/// Anchors whose distances are summed side by side.
const LANES: usize = 16;
/// The most columns: as many differences of 65,535 as an unsigned 32-bit sum holds.
pub(super) const MOST_COLUMNS: usize = 65_535;

/// Samples of equally many anchors of equally many columns, none of these numbers 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchors {
    samples: usize,
    anchors: usize,
    columns: usize,
    /// By sample, block of 16 anchors, column, anchor. A last block that is not full is filled up
    /// with the sample's first anchor, which comes before its copies.
    values: Vec<i16>,
}

impl Anchors {
    /// Lays out anchors given by sample, anchor and column; none, if their numbers differ or are 0.
    pub(super) fn new<'a, S>(samples: impl IntoIterator<Item = S>) -> Option<Self>
    where
        S: AsRef<[&'a [i16]]>,
    {
        let mut layout = Self {
            samples: 0,
            anchors: 0,
            columns: 0,
            values: Vec::new(),
        };
        for sample in samples {
            let rows = sample.as_ref();
            let first = *rows.first()?;
            if layout.samples == 0 {
                (layout.anchors, layout.columns) = (rows.len(), first.len());
            }
            let equal = rows.iter().all(|row| row.len() == layout.columns);
            if !equal || rows.len() != layout.anchors || layout.columns == 0 {
                return None;
            }
            for block in rows.chunks(LANES) {
                for column in 0..layout.columns {
                    let lane = |lane| {
                        block
                            .get(lane)
                            .map_or(first[column], |row: &&[i16]| row[column])
                    };
                    layout.values.extend((0..LANES).map(lane));
                }
            }
            layout.samples += 1;
        }
        (layout.samples > 0 && layout.columns <= MOST_COLUMNS).then_some(layout)
    }

    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    pub(super) fn anchors(&self) -> usize {
        self.anchors
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    fn block(&self) -> usize {
        self.columns * LANES
    }

    fn sample(&self, sample: usize) -> &[i16] {
        let length = self.anchors.div_ceil(LANES) * self.block();
        &self.values[sample * length..][..length]
    }

    /// The values of an anchor, column by column.
    pub(super) fn anchor(&self, sample: usize, anchor: usize) -> impl Iterator<Item = i16> {
        let block = &self.sample(sample)[anchor / LANES * self.block()..][..self.block()];
        block[anchor % LANES..].iter().step_by(LANES).copied()
    }

    /// The sum over samples of the distance to the nearest anchor.
    #[inline]
    pub(super) fn distance(&self, row: &[i16]) -> u64 {
        let nearest = |sample| u64::from(self.nearest_distance(sample, row));
        (0..self.samples).map(nearest).sum()
    }

    /// The distance to the nearest anchor of a sample.
    #[inline]
    fn nearest_distance(&self, sample: usize, row: &[i16]) -> u32 {
        let mut nearest = [u32::MAX; LANES];
        for block in self.sample(sample).chunks_exact(self.block()) {
            let sums = distances(block, row);
            for (nearest, sum) in nearest.iter_mut().zip(sums) {
                *nearest = sum.min(*nearest);
            }
        }
        nearest.into_iter().fold(u32::MAX, u32::min)
    }

    /// The nearest anchor of a sample - the first, of several - and its distance; one anchor may be
    /// left out. None, if there is no other.
    pub(super) fn nearest(
        &self,
        sample: usize,
        row: &[i16],
        left_out: Option<usize>,
    ) -> Option<(usize, u32)> {
        let blocks = self.sample(sample).chunks_exact(self.block());
        let lanes = blocks.flat_map(|block| distances(block, row)).enumerate();
        let anchors = lanes
            .take(self.anchors)
            .filter(|(anchor, _)| Some(*anchor) != left_out);
        anchors.min_by_key(|(_, distance)| *distance)
    }
}

/// A value that no row has, since values are clipped at 30 robust standard deviations.
const NO_VALUE: i16 = i16::MIN;

/// L1 distances of a row to the anchors of a block. Sums cannot wrap: see [`MOST_COLUMNS`].
#[inline]
fn distances(block: &[i16], row: &[i16]) -> [u32; LANES] {
    let mut sums = [0u32; LANES];
    let (columns, _) = block.as_chunks::<LANES>();
    for (value, column) in row.iter().zip(columns) {
        // Never taken. Without it the compiler runs columns side by side instead of anchors, which
        // lie together in memory, and is three to five times slower.
        if *value == NO_VALUE {
            break;
        }
        for (sum, anchor) in sums.iter_mut().zip(column) {
            *sum = sum.wrapping_add(u32::from(value.abs_diff(*anchor)));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unequal_anchors_are_refused() {
        let (one, two): (&[i16], &[i16]) = (&[1], &[1, 2]);
        assert!(Anchors::new([vec![one, two]]).is_none());
        assert!(Anchors::new([vec![one], vec![one, one]]).is_none());
        assert!(Anchors::new([vec![&[] as &[i16]]]).is_none());
        assert!(Anchors::new::<Vec<&[i16]>>([]).is_none());
        assert!(Anchors::new([Vec::new()]).is_none());
    }

    proptest! {
        #[test]
        fn the_nearest_is_the_nearest(
            values in proptest::collection::vec(-30_000i16..=30_000, 3..150),
            row in proptest::array::uniform3(-30_000i16..=30_000),
            out in 0usize..50,
        ) {
            let rows: Vec<&[i16]> = values.chunks_exact(3).collect();
            let anchors = Anchors::new([rows.clone()]).unwrap();
            let distance = |anchor: &[i16]| -> u32 {
                anchor.iter().zip(row).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
            };
            for (place, anchor) in rows.iter().enumerate() {
                prop_assert!(anchors.anchor(0, place).eq(anchor.iter().copied()));
            }
            let expected = rows.iter().map(|anchor| distance(anchor)).min();
            prop_assert_eq!(Some(anchors.nearest_distance(0, &row)), expected);
            let left = rows.iter().enumerate().filter(|(place, _)| *place != out);
            let expected = left.map(|(place, anchor)| (distance(anchor), place)).min();
            let found = anchors.nearest(0, &row, Some(out));
            prop_assert_eq!(found.map(|(place, distance)| (distance, place)), expected);
        }
    }
}
