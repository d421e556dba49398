//! "Correct": rows that no alert says are wrong.
//!
//! In: the reason and class of an alert, and what it is about. Out: which checks it fails. Must hold: an alert is the
//! incrementally kept join of its reason, so that a check is exact after every correction; a check whose
//! reasons were not all computed has no count.

use crate::alert::SubjectKind;
use crate::record::{Facility, Stream, Value};
use crate::rule::{Class, Reason, ReasonSet};

/// A share of the rows of a stream that are right as far as some reasons tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The stream.
    pub stream: Stream,
    /// Its name.
    pub name: &'static str,
    /// The reasons whose alerts fail it, under the contract's names: one that this version does not
    /// compute leaves the check without a count.
    pub reasons: &'static [&'static str],
    /// The classes of alerts that fail it; none stands for every class.
    pub classes: &'static [&'static str],
    /// The rows that pass it.
    pub of: &'static str,
}

/// Every check, in the order of the streams.
pub const CHECKS: &[Check] = &[
    Check {
        stream: Stream::Participants,
        name: "authenticated",
        reasons: &["unauthenticated_identity"],
        classes: &[],
        of: "participants who authenticate against the citizens",
    },
    Check {
        stream: Stream::Participants,
        name: "single",
        reasons: &["probable_duplicate"],
        classes: &[],
        of: "participants who are probably not in the register twice",
    },
    Check {
        stream: Stream::Cards,
        name: "in_step_with_deaths",
        reasons: &["stale_card"],
        classes: &[],
        of: "cards that are not valid cards of the dead",
    },
    Check {
        stream: Stream::Claims,
        name: "cards_registered",
        reasons: &["unknown_card"],
        classes: &[],
        of: "claims whose cards are registered",
    },
    Check {
        stream: Stream::Claims,
        name: "one_identity",
        reasons: &[
            "duplicate_identity",
            "identity_mismatch",
            "blood_group_conflict",
        ],
        classes: &[],
        of: "claims whose card, personal id, blood group and registers are of one person",
    },
    Check {
        stream: Stream::Claims,
        name: "in_step_with_deaths",
        reasons: &["service_after_death", "death_on_living_card"],
        classes: &[],
        of: "claims that no death contradicts",
    },
    Check {
        stream: Stream::Claims,
        name: "diagnoses_fit",
        reasons: &["sex_diagnosis_conflict", "age_diagnosis_conflict"],
        classes: &[],
        of: "claims whose diagnoses fit sex and age",
    },
    Check {
        stream: Stream::Claims,
        name: "amounts_agree",
        reasons: &["money_mismatch", "benefit_mismatch"],
        classes: &[],
        of: "claims whose amounts add up and keep to the benefit level",
    },
    Check {
        stream: Stream::Claims,
        name: "not_repeated",
        reasons: &["duplicate_claim"],
        classes: &[],
        of: "claims that do not repeat another",
    },
    DOUBTED,
    Check {
        stream: Stream::Beneficiaries,
        name: "alive",
        reasons: &["benefit_after_death"],
        classes: &[],
        of: "benefits that nobody dead draws",
    },
    Check {
        stream: Stream::Beneficiaries,
        name: "compatible",
        reasons: &["exclusive_benefits"],
        classes: &[],
        of: "benefits that exclude no other of the same person",
    },
];

/// The check that is told by facility too.
pub const DOUBTED: Check = Check {
    stream: Stream::Claims,
    name: "identity_and_registers",
    reasons: &[
        "service_after_death",
        "death_on_living_card",
        "duplicate_identity",
        "identity_mismatch",
        "blood_group_conflict",
    ],
    classes: &["data_quality", "identity"],
    of: "claims without an alert of class data_quality or identity",
};

impl Check {
    /// Whether its reasons were all computed.
    pub fn is_computed(&self, computed: ReasonSet) -> bool {
        let mut reasons = self.reasons.iter();
        reasons.all(|name| Reason::from_name(name).is_some_and(|reason| computed.contains(reason)))
    }

    /// Whether alerts of a reason about such a subject fail it, those of some classes at least.
    pub(super) fn is_failed_by(&self, reason: Reason, kind: SubjectKind) -> bool {
        self.reasons.contains(&reason.as_str()) && is_of(kind, self.stream)
    }

    /// Whether alerts of a class fail it.
    pub(super) fn is_of_class(&self, class: Class) -> bool {
        self.classes.is_empty() || self.classes.contains(&class.as_str())
    }
}

/// Whether a subject is a row of a stream.
fn is_of(kind: SubjectKind, stream: Stream) -> bool {
    use SubjectKind::{Beneficiary, Card, CheckIn, Claim};
    match stream {
        Stream::Claims => kind == Claim,
        Stream::CheckIns => kind == CheckIn,
        Stream::Cards => kind == Card,
        Stream::Beneficiaries => kind == Beneficiary,
        // Other streams have one kind of subject at most.
        _ => !matches!(kind, Claim | CheckIn | Card | Beneficiary),
    }
}

/// The facility in the subject id of a claim, `facility/visit_id`.
pub fn facility_of(claim: &str) -> Option<Facility> {
    Facility::from_text(claim.get(..5)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_computed_with_all_its_reasons() {
        assert!(DOUBTED.is_computed(ReasonSet::ALL));
        let one: ReasonSet = [Reason::ServiceAfterDeath].into_iter().collect();
        assert!(!DOUBTED.is_computed(one));
        let unknown = Check {
            reasons: &["no_such_reason"],
            ..DOUBTED
        };
        assert!(!unknown.is_computed(ReasonSet::ALL));
    }

    #[test]
    fn checks_are_told_apart_and_name_classes_that_exist() {
        for (place, check) in CHECKS.iter().enumerate() {
            let same = |other: &Check| (other.stream, other.name) == (check.stream, check.name);
            assert!(!CHECKS[..place].iter().any(same), "{}", check.name);
            let known = |name: &&str| Class::from_name(name).is_some();
            assert!(check.classes.iter().all(known), "{}", check.name);
        }
    }

    #[test]
    fn a_claim_tells_its_facility() {
        let told = facility_of("01001/V1/2").map(|facility| facility.to_string());
        assert_eq!(told.as_deref(), Some("01001"));
        assert_eq!(facility_of("0100"), None);
    }
}
