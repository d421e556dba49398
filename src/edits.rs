//! How many slips of the keyboard lie between two texts.
//!
//! In: two sequences of characters. Out: the Damerau-Levenshtein distance, up to a bound. Must hold: it is
//! the same both ways, and 0 of equal sequences alone.

use smallvec::{SmallVec, smallvec};

/// Room for the usual text, without an allocation.
type Row = SmallVec<[usize; 64]>;

/// The Damerau-Levenshtein distance (Damerau 1964) in its optimal-string-alignment form: how many characters are to
/// be inserted, deleted, replaced or exchanged with their neighbour. [`None`] if more than `most`.
pub fn edits<T: PartialEq>(a: &[T], b: &[T], most: usize) -> Option<usize> {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev());
    let same = same.take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    if a.is_empty() || b.is_empty() {
        return Some(a.len().max(b.len()));
    }
    let width = b.len() + 1;
    let mut before: Row = smallvec![0; width];
    let mut last: Row = (0..width).collect();
    let mut row: Row = smallvec![0; width];
    for i in 1..=a.len() {
        row[0] = i;
        let mut least = i;
        for j in 1..width {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    (last[b.len()] <= most).then_some(last[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edits_count_exchanged_neighbours_once() {
        let edits = |a: &str, b: &str, most| super::edits(a.as_bytes(), b.as_bytes(), most);
        assert_eq!(edits("rowe", "rwoe", 3), Some(1));
        assert_eq!(edits("kitten", "sitting", 3), Some(3));
        assert_eq!(edits("kitten", "sitting", 2), None);
        assert_eq!(edits("ca", "abc", 3), Some(3), "optimal string alignment");
        assert_eq!(edits("", "ab", 2), Some(2));
        assert_eq!(edits("same", "same", 0), Some(0));
    }

    proptest! {
        #[test]
        fn edits_are_the_same_both_ways(a in "[abc]{0,7}", b in "[abc]{0,7}", most in 0usize..4) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(edits(a, b, 9), edits(b, a, 9));
            prop_assert_eq!(edits(a, b, 9) == Some(0), a == b);
            prop_assert_eq!(edits(a, b, most), edits(a, b, 9).filter(|edits| *edits <= most));
        }
    }
}
