//! The columns of a file that its stream does not have.
//!
//! In: names as they are met. Out: each once. Must hold: bounded, whatever a file contains.

use super::UNKNOWN_LIMIT;

/// The most bytes of a name that are kept.
const NAME_LIMIT: usize = 80;

/// Names met, and names of the row in hand that count only once it is known to be a row.
#[derive(Debug, Default)]
pub(super) struct UnknownColumns {
    names: Vec<String>,
    kept: usize,
}

impl UnknownColumns {
    /// Notes a name of the row in hand.
    pub(super) fn note(&mut self, name: &str) {
        let name = &name[..name.floor_char_boundary(NAME_LIMIT)];
        if self.names.len() < UNKNOWN_LIMIT && !self.names.iter().any(|n| n == name) {
            self.names.push(name.to_owned());
        }
    }

    /// The row in hand is a row of the stream: what was noted counts.
    pub(super) fn keep(&mut self) {
        self.kept = self.names.len();
    }

    /// It is not: what was noted since the last row does not count.
    pub(super) fn drop_noted(&mut self) {
        self.names.truncate(self.kept);
    }

    /// The names that count.
    pub(super) fn names(&self) -> Vec<String> {
        self.names[..self.kept].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_count_once_kept() {
        let mut unknown = UnknownColumns::default();
        unknown.note("transaction");
        unknown.drop_noted();
        for _ in 0..2 {
            unknown.note("note");
            unknown.note(&"é".repeat(1000));
            unknown.keep();
        }
        assert_eq!(unknown.names(), ["note".to_owned(), "é".repeat(40)]);
        (0..100).for_each(|n| unknown.note(&n.to_string()));
        unknown.keep();
        assert_eq!(unknown.names().len(), UNKNOWN_LIMIT);
    }
}
