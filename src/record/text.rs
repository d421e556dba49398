//! Free text that is not checked against a list: codes of schemes, diagnoses, departments.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value};
use super::error::ErrorCode;

/// Text of at least one character; up to 24 bytes are kept without an allocation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Text(CompactString);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Free text can hold anything, a passport number among it.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of {} bytes", self.0.len())
    }
}

impl Value for Text {
    const KIND: Kind = Kind::Text;
    const EXPECTED: &'static str = "expected text";
    const CODE: ErrorCode = ErrorCode::BadType;

    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.into()))
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}
