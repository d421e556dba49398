//! What somebody typed: a note, an answer, what a citizen says is right.
//!
//! Must hold: it may name people, so that it is never shown by [`fmt::Debug`].

use std::fmt;

/// A text that somebody typed, for as long as the month in which they did is not erased.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// The text.
    Text(String),
    /// The month is erased: that there was a text is all that is known.
    Erased,
}

impl Typed {
    /// The text; none once it is erased.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Erased => None,
        }
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(masked)",
            Self::Erased => "Erased",
        })
    }
}
