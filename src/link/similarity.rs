//! How alike two strings are.
//!
//! In: two sequences of characters. Out: the Jaro-Winkler similarity, the letters in common. Must hold:
//! each is symmetric and says "equal" of equal sequences.

use smallvec::{SmallVec, smallvec};

/// Room for the usual value, without an allocation.
type Row<T> = SmallVec<[T; 64]>;

/// The Jaro-Winkler similarity, from 0 (nothing in common) to 1 (equal).
///
/// Winkler: *String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of
/// Record Linkage* (1990), with the usual scale of 0.1 for a common prefix of up to four characters.
pub fn jaro_winkler<T: PartialEq>(a: &[T], b: &[T]) -> f64 {
    let jaro = jaro(a, b);
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}

fn jaro<T: PartialEq>(a: &[T], b: &[T]) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let window = (b.len() / 2).saturating_sub(1);
    let mut used: Row<bool> = smallvec![false; b.len()];
    let mut matched: Row<usize> = SmallVec::new();
    for (i, x) in a.iter().enumerate() {
        let end = (i + window + 1).min(b.len());
        if let Some(j) = (i.saturating_sub(window)..end).find(|&j| !used[j] && b[j] == *x) {
            used[j] = true;
            matched.push(i);
        }
    }
    if matched.is_empty() {
        return 0.0;
    }
    let of_b = (0..b.len()).filter(|&j| used[j]);
    let out_of_order = matched.iter().zip(of_b).filter(|&(&i, j)| a[i] != b[j]);
    let moved = (out_of_order.count() / 2) as f64;
    let common = matched.len() as f64;
    (common / a.len() as f64 + common / b.len() as f64 + (common - moved) / common) / 3.0
}

/// How often each letter and digit comes in a text, which bounds how alike two texts can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Letters([u8; BUCKETS]);

/// Letters, digits, and four for all else.
const BUCKETS: usize = 40;

impl Letters {
    /// The letters of a text.
    pub fn of(text: &[char]) -> Self {
        let mut counts = [0_u8; BUCKETS];
        for c in text {
            let bucket = match c {
                'a'..='z' => *c as usize - 'a' as usize,
                '0'..='9' => 26 + *c as usize - '0' as usize,
                other => 36 + *other as usize % 4,
            };
            counts[bucket] = counts[bucket].saturating_add(1);
        }
        Self(counts)
    }

    /// How many characters two texts have in common, in any order: never too few for texts of up to
    /// 255 characters.
    pub fn common(&self, other: &Self) -> usize {
        let least = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| u16::from(*a.min(b)));
        usize::from(least.sum::<u16>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::edits;
    use proptest::prelude::*;

    fn winkler(a: &str, b: &str) -> f64 {
        let thousandths = jaro_winkler(a.as_bytes(), b.as_bytes()) * 1000.0;
        thousandths.round() / 1000.0
    }

    #[test]
    fn jaro_winkler_has_its_published_values() {
        for (a, b, expected) in [
            ("martha", "marhta", 0.961),
            ("dwayne", "duane", 0.84),
            ("dixon", "dicksonx", 0.813),
            ("jones", "johnson", 0.832),
            ("abc", "xyz", 0.0),
            ("", "", 1.0),
            ("", "a", 0.0),
        ] {
            assert_eq!(winkler(a, b), expected, "{a} {b}");
        }
    }

    fn letters(text: &str) -> Letters {
        Letters::of(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn jumbled_letters_are_in_common() {
        assert_eq!(letters("lvpreool").common(&letters("liverpool")), 8);
        assert_eq!(letters("aab").common(&letters("abb")), 2);
    }

    proptest! {
        #[test]
        fn similarities_are_symmetric(a in "[abc]{0,7}", b in "[abc]{0,7}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(jaro_winkler(a, b).to_bits(), jaro_winkler(b, a).to_bits());
        }

        #[test]
        fn letters_bound_the_edits(a in "[abc]{0,7}", b in "[abc]{0,7}") {
            let common = letters(&a).common(&letters(&b));
            let apart = edits(a.as_bytes(), b.as_bytes(), 9).expect("few letters");
            prop_assert!(apart >= a.len().max(b.len()) - common);
        }
    }
}
