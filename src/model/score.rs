//! The outlier score that is shown and kept: a number from 0 to 1 in ten-thousandths.
//!
//! In: a whole number of ten-thousandths, or a decimal. Out: the same. Must hold: a score that
//! exists is between 0 and 1, and is written the same everywhere.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An outlier score, 0 (like all others) to 1 (unlike any), in ten-thousandths.
///
/// Shown with four places (`0.9700`); in JSON a number of at most four places (`0.97`), in binary
/// formats an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// The highest score, 1.
    pub const ONE: Self = Self(10_000);

    /// The score of so many ten-thousandths, if it is at most 1.
    pub const fn new(ten_thousandths: u16) -> Option<Self> {
        if ten_thousandths <= Self::ONE.0 {
            Some(Self(ten_thousandths))
        } else {
            None
        }
    }

    /// The score in ten-thousandths, 0 to 10,000.
    pub const fn ten_thousandths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            // The double nearest to a decimal of four places is written as that decimal.
            serializer.serialize_f64(f64::from(self.0) / 10_000.0)
        } else {
            serializer.serialize_u16(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let score = if deserializer.is_human_readable() {
            let ten_thousandths = (f64::deserialize(deserializer)? * 10_000.0).round();
            // A cast saturates, so that what is out of range stays so; NaN fails the comparison.
            (ten_thousandths >= 0.0)
                .then(|| Self::new(ten_thousandths as u16))
                .flatten()
        } else {
            Self::new(u16::deserialize(deserializer)?)
        };
        score.ok_or_else(|| de::Error::custom("a score is a number from 0 to 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_is_written_and_read_back() {
        for number in 0..=10_000 {
            let score = Score::new(number).unwrap();
            let json = serde_json::to_string(&score).unwrap();
            assert!(json.len() <= 6, "{json}");
            assert_eq!(
                json.parse::<f64>().unwrap(),
                score.to_string().parse::<f64>().unwrap()
            );
            assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), score);
            let bytes = postcard::to_allocvec(&score).unwrap();
            assert_eq!(postcard::from_bytes::<Score>(&bytes).unwrap(), score);
        }
        assert_eq!(Score::new(9700).unwrap().to_string(), "0.9700");
        assert_eq!(Score::ONE.to_string(), "1.0000");
    }

    #[test]
    fn what_is_no_score_is_refused() {
        assert_eq!(Score::new(10_001), None);
        for bad in ["1.1", "-0.2", "1e300", "null", "\"0.5\""] {
            assert!(serde_json::from_str::<Score>(bad).is_err(), "{bad}");
        }
        assert_eq!(serde_json::from_str::<Score>("1").unwrap(), Score::ONE);
    }
}
