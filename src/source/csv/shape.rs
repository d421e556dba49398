//! Where a CSV record ends, told strictly, so that a stray quote is met with suspicion.
//!
//! In: the lines of a record, one by one. Out: how many cells there are and whether the last is
//! still open. Must hold: a quoted cell begins with its quote and ends at a delimiter or the line's
//! end; everything else about quotes is a mistake.

use memchr::{memchr, memchr2};

/// Where the scan of a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    CellStart,
    Unquoted,
    Quoted,
    /// Behind a quote in a quoted cell: the cell's end, or the first of two quotes.
    Quote,
}

/// The scan of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    at: At,
    cells: usize,
    malformed: bool,
    bare_quote: bool,
}

impl Shape {
    /// Nothing yet: one empty cell.
    pub(super) fn new() -> Self {
        Self {
            at: At::CellStart,
            cells: 1,
            malformed: false,
            bare_quote: false,
        }
    }

    /// Whether the record goes on inside a quoted cell.
    pub(super) fn is_open(&self) -> bool {
        self.at == At::Quoted && !self.malformed
    }

    /// Whether something follows the end of a quoted cell.
    pub(super) fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Cells so far, the last one among them.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// Whether it is whole without any doubt: no quote stands inside an unquoted cell either.
    pub(super) fn is_flawless(&self) -> bool {
        !self.malformed && !self.bare_quote && self.at != At::Quoted
    }

    /// Goes on over a part of the record.
    pub(super) fn feed(&mut self, text: &[u8]) {
        let mut rest = text;
        while let Some((&first, behind)) = rest.split_first() {
            match self.at {
                At::CellStart if first == b'"' => {
                    self.at = At::Quoted;
                    rest = behind;
                }
                At::CellStart | At::Unquoted => {
                    self.at = At::Unquoted;
                    let Some(i) = memchr2(b',', b'"', rest) else {
                        return;
                    };
                    if rest[i] == b',' {
                        self.cells += 1;
                        self.at = At::CellStart;
                    } else {
                        self.bare_quote = true;
                    }
                    rest = &rest[i + 1..];
                }
                At::Quoted => {
                    let Some(i) = memchr(b'"', rest) else {
                        return;
                    };
                    self.at = At::Quote;
                    rest = &rest[i + 1..];
                }
                At::Quote => {
                    match first {
                        b'"' => self.at = At::Quoted,
                        b',' => {
                            self.cells += 1;
                            self.at = At::CellStart;
                        }
                        _ => {
                            self.malformed = true;
                            return;
                        }
                    }
                    rest = behind;
                }
            }
        }
    }
}

/// The shape of a line by itself.
pub(super) fn shape(line: &[u8]) -> Shape {
    let mut shape = Shape::new();
    shape.feed(line);
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_are_judged() {
        let judge = |line: &str| {
            let s = shape(line.as_bytes());
            (s.cells(), s.is_open(), s.is_malformed(), s.is_flawless())
        };
        assert_eq!(judge(""), (1, false, false, true));
        assert_eq!(judge("a,\"b,\"\"c\",\"\""), (3, false, false, true));
        assert_eq!(judge("a,\"b"), (2, true, false, false));
        assert_eq!(judge("a,\"b\"c,d"), (2, false, true, false));
        assert_eq!(judge("a\",b"), (2, false, false, false));
        assert_eq!(judge("a, \"b,c\""), (3, false, false, false));
    }

    proptest! {
        #[test]
        fn parts_make_the_same_shape_as_the_whole(a in "[a,\"]{0,12}", b in "[a,\"]{0,12}") {
            let whole = shape(format!("{a}{b}").as_bytes());
            let mut parts = shape(a.as_bytes());
            parts.feed(b.as_bytes());
            prop_assert_eq!(parts.malformed, whole.malformed);
            if !whole.malformed {
                prop_assert_eq!(format!("{parts:?}"), format!("{whole:?}"));
            }
        }
    }
}
