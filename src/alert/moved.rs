//! What left and what came back though no row of it came: claims that were retired, and restored.
//!
//! In: one reference after another, in the order in which they moved. Out: whether one was retired or restored in
//! the end. Must hold: what was retired and restored in the same epoch moved nowhere.

use crate::dataflow::RowRef;

/// What an epoch retired and restored.
#[derive(Debug, Default)]
pub struct Moved {
    retired: Vec<RowRef>,
    restored: Vec<RowRef>,
}

impl Moved {
    /// Notes that a claim was retired.
    pub fn retire(&mut self, claim: RowRef) {
        self.retired.push(claim);
    }

    /// Notes that a retired claim was restored.
    pub fn restore(&mut self, claim: RowRef) {
        self.restored.push(claim);
    }

    /// All that moved.
    pub(super) fn all(&self) -> impl Iterator<Item = RowRef> + '_ {
        self.retired.iter().chain(&self.restored).copied()
    }

    /// Puts what was gathered in order, to be looked up.
    pub(super) fn settle(&mut self) {
        self.retired.sort_unstable();
        self.restored.sort_unstable();
        let retired = std::mem::take(&mut self.retired);
        let restored = std::mem::take(&mut self.restored);
        self.retired = without(&retired, &restored);
        self.restored = without(&restored, &retired);
    }

    /// Whether a claim was retired, once they are settled.
    pub(super) fn is_retired(&self, row: RowRef) -> bool {
        self.retired.binary_search(&row).is_ok()
    }

    /// Whether a claim was retired or restored, once they are settled.
    pub(super) fn has(&self, row: RowRef) -> bool {
        self.is_retired(row) || self.restored.binary_search(&row).is_ok()
    }
}

fn without(some: &[RowRef], others: &[RowRef]) -> Vec<RowRef> {
    let left = some.iter().copied();
    left.filter(|row| others.binary_search(row).is_err())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Place;

    #[test]
    fn what_left_and_came_back_did_not_move() {
        let [one, two, three] = [1, 2, 3].map(|number| RowRef::claim(Place(number)));
        let mut moved = Moved::default();
        [three, one].into_iter().for_each(|row| moved.retire(row));
        [two, three].into_iter().for_each(|row| moved.restore(row));
        moved.settle();
        assert_eq!(
            [one, two, three].map(|row| moved.has(row)),
            [true, true, false]
        );
        assert_eq!(
            [one, two, three].map(|row| moved.is_retired(row)),
            [true, false, false]
        );
    }
}
