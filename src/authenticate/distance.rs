//! How many slips of the keyboard lie between two texts.

/// The least number of letters put in, left out, taken for another or swapped with the next that
/// makes one text of the other (optimal string alignment; Damerau 1964), or `most + 1` where there
/// are more than `most`.
pub(super) fn slips<T: PartialEq>(a: &[T], b: &[T], most: usize) -> usize {
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let other = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (last[j - 1] + other).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row[j] = least;
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()].min(most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        let of = |a: &str, b: &str| slips(a.as_bytes(), b.as_bytes(), 2);
        assert_eq!(of("minh", "minh"), 0);
        assert_eq!(of("minh", "mihn"), 1);
        assert_eq!(of("minh", "min"), 1);
        assert_eq!(of("", "ab"), 2);
        assert_eq!(of("minh", "linj"), 2);
        assert_eq!(of("minh", "khoa"), 3);
        assert_eq!(of("a", "abcdef"), 3);
    }
}
