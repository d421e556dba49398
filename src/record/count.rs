//! Whole numbers of things.

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value, write_displayed};
use super::error::ErrorCode;

/// A whole number of zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Count(pub u32);

impl Value for Count {
    const KIND: Kind = Kind::Count;
    const EXPECTED: &'static str = "expected a whole number of zero or more";
    const CODE: ErrorCode = ErrorCode::BadCount;

    fn from_text(text: &str) -> Option<Self> {
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse().ok().map(Self))?
    }

    fn write(&self, out: &mut String) {
        write_displayed(&self.0, out);
    }

    fn from_int(value: i64) -> Option<Self> {
        u32::try_from(value).ok().map(Self)
    }
}
