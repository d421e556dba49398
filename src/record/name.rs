//! The name of a person, which never reaches a log.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value};
use super::error::ErrorCode;

/// A person's full name as the register writes it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name(CompactString);

impl Name {
    /// The name, for outputs that may carry it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl Value for Name {
    const KIND: Kind = Kind::Text;
    const EXPECTED: &'static str = "expected a name";
    const CODE: ErrorCode = ErrorCode::BadType;

    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.into()))
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}
