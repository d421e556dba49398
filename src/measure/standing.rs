//! Which facilities stand worst.

use super::report::FacilityReport;
use super::share::Share;

/// By what facilities are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Claims within the first deadline.
    InTime,
    /// Expected cells that are filled.
    Complete,
    /// Rows that are accepted.
    Accepted,
    /// Claims without an alert of class `data_quality` or `identity`.
    Correct,
}

impl Aspect {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::InTime, Self::Complete, Self::Accepted, Self::Correct];

    /// Its word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InTime => "in-time",
            Self::Complete => "complete",
            Self::Accepted => "accepted",
            Self::Correct => "correct",
        }
    }

    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The share of a facility; none where it is not computed.
    pub fn share(self, facility: &FacilityReport) -> Option<Share> {
        match self {
            Self::InTime => facility.deadlines.first().map(|deadline| deadline.share),
            Self::Complete => Some(facility.complete),
            Self::Accepted => Some(facility.rejected.rest()),
            Self::Correct => facility.correct,
        }
    }
}

/// The facilities that are known, the one that stands worst first. How well one stands at best counts, as far as its
/// share is certain; of those that stand alike, the larger one is the worse; then they are by code.
pub fn worst_first<'f>(
    facilities: impl IntoIterator<Item = &'f FacilityReport>,
    by: Aspect,
) -> Vec<&'f FacilityReport> {
    let known = facilities.into_iter().filter(|one| one.facility.is_some());
    let standing = |one| by.share(one).unwrap_or_default().at_most();
    let mut known: Vec<(f64, &FacilityReport)> = known.map(|one| (standing(one), one)).collect();
    known.sort_by(|(a, one), (b, other)| {
        let larger = other.claims.cmp(&one.claims);
        a.total_cmp(b)
            .then(larger)
            .then_with(|| one.facility.cmp(&other.facility))
    });
    known.into_iter().map(|(_, facility)| facility).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Named;

    fn facility(code: &str, claims: u64, in_time: u64) -> FacilityReport {
        FacilityReport {
            facility: Some(code.to_owned()),
            claims,
            amount_vnd: 0,
            deadlines: vec![Named {
                name: "seven_working_days".to_owned(),
                share: Share::new(in_time, claims),
            }],
            percentiles: Vec::new(),
            complete: Share::new(claims, claims),
            indicators: Vec::new(),
            rejected: Share::new(0, claims),
            correct: None,
        }
    }

    #[test]
    fn few_claims_that_were_late_do_not_stand_before_many() {
        let all = [
            facility("79001", 2, 1),
            facility("79002", 1_000, 600),
            facility("79003", 1_000, 990),
            facility("79004", 500, 500),
        ];
        let codes = |by| -> Vec<&str> {
            let sorted = worst_first(&all, by).into_iter();
            sorted.filter_map(|one| one.facility.as_deref()).collect()
        };
        assert_eq!(codes(Aspect::InTime), ["79002", "79001", "79003", "79004"]);
        assert_eq!(
            codes(Aspect::Complete),
            ["79002", "79003", "79004", "79001"]
        );
        for one in Aspect::ALL {
            assert_eq!(Aspect::from_word(one.as_str()), Some(one));
        }
    }
}
