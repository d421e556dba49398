//! What a source handed over at once, by its place in the journal.
//!
//! In: an epoch and a place among its deliveries. Out: the name by which people say which they mean, such as `120.0`,
//! and back. Must hold: a name is written in one way only.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A delivery of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LoadId {
    /// The epoch, from 1.
    pub epoch: u64,
    /// Which of its deliveries, from 0.
    pub delivery: u32,
}

impl fmt::Display for LoadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.delivery)
    }
}

/// What names no load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a load is named by its epoch and its place in it, such as 120.0; `fundwatch loads` lists them"
)]
pub struct NoLoadId;

impl FromStr for LoadId {
    type Err = NoLoadId;

    fn from_str(text: &str) -> Result<Self, NoLoadId> {
        let (epoch, delivery) = text.split_once('.').ok_or(NoLoadId)?;
        let id = Self {
            epoch: epoch.parse().map_err(|_| NoLoadId)?,
            delivery: delivery.parse().map_err(|_| NoLoadId)?,
        };
        match id.epoch > 0 && id.to_string() == text {
            true => Ok(id),
            false => Err(NoLoadId),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_has_one_name() {
        let id = LoadId {
            epoch: 120,
            delivery: 3,
        };
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in [
            "", "120", "0.1", "1.-1", "01.0", "1.00", "+1.0", "1.0 ", "1.0.0",
        ] {
            assert_eq!(wrong.parse::<LoadId>(), Err(NoLoadId), "{wrong}");
        }
    }
}
