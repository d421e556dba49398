//! The truth: what is to be found, and what each of it really is.

use std::fmt;

use super::kind::Kind;
use super::place::{FacilityNumber, Places};
use crate::record::{CardNumber, SiNumber};

macro_rules! reasons {
    ($( $reason:ident = $name:literal, )*) => {
        /// The contract's reasons that stories are told of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Reason { $( $reason, )* }

        impl Reason {
            /// The contract's name.
            pub(super) fn name(self) -> &'static str {
                match self { $( Reason::$reason => $name, )* }
            }
        }
    };
}

reasons! {
    ServiceAfterDeath = "service_after_death",
    DeathOnLivingCard = "death_on_living_card",
    UnknownCard = "unknown_card",
    CardNotValid = "card_not_valid",
    CardWithdrawn = "card_withdrawn",
    DuplicateIdentity = "duplicate_identity",
    IdentityMismatch = "identity_mismatch",
    OverlappingStay = "overlapping_stay",
    VisitDuringStay = "visit_during_stay",
    DuplicateClaim = "duplicate_claim",
    SameDayFacilities = "same_day_facilities",
    FrequentVisits = "frequent_visits",
    SexDiagnosisConflict = "sex_diagnosis_conflict",
    AgeDiagnosisConflict = "age_diagnosis_conflict",
    MoneyMismatch = "money_mismatch",
    BenefitMismatch = "benefit_mismatch",
    StaleCard = "stale_card",
    UnauthenticatedIdentity = "unauthenticated_identity",
    ProbableDuplicate = "probable_duplicate",
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject {
    Claim(FacilityNumber, u64),
    CheckIn(FacilityNumber, u64),
    Card(CardNumber),
    Participant(SiNumber),
}

impl Subject {
    /// The visit, if it is about one.
    pub(super) fn visit(self) -> Option<u64> {
        match self {
            Subject::Claim(_, visit) | Subject::CheckIn(_, visit) => Some(visit),
            Subject::Card(_) | Subject::Participant(_) => None,
        }
    }
}

/// What a replay is to make of a labelled alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expected {
    Stands,
    Withdrawn,
    None,
}

/// A row of `truth.csv`.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub(super) reason: Reason,
    pub(super) subject: Subject,
    pub(super) kind: &'static Kind,
    pub(super) expected: Expected,
    /// Of a participant who does not authenticate.
    pub(super) identity: Option<IdentityTruth>,
}

/// Why a participant does not authenticate, and what would put it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IdentityTruth {
    /// The contract's cause.
    pub(super) cause: &'static str,
    /// `database.field=true value`, separated by `;`; nothing where no value is right.
    pub(super) corrections: String,
}

/// The first line of `truth.csv`.
pub(super) const HEADER: &str =
    "reason,subject_kind,subject,kind,label,expected,cause,corrections,why\n";

impl Truth {
    /// Writes the row.
    pub(super) fn write(&self, places: &Places, out: &mut impl fmt::Write) -> fmt::Result {
        let expected = match self.expected {
            Expected::Stands => "stands",
            Expected::Withdrawn => "withdrawn",
            Expected::None => "none",
        };
        write!(out, "{},", self.reason.name())?;
        match self.subject {
            Subject::Claim(facility, visit) => {
                write!(out, "claim,{}/{visit:013}", Code(places.code(facility)))?;
            }
            Subject::CheckIn(facility, visit) => {
                write!(out, "check_in,{}/{visit:013}", Code(places.code(facility)))?;
            }
            Subject::Card(card) => write!(out, "card,{card}")?,
            Subject::Participant(si) => write!(out, "participant,{si}")?,
        }
        let Kind { name, label, why } = self.kind;
        write!(out, ",{name},{},{expected},", label.as_str())?;
        match &self.identity {
            Some(identity) => write!(out, "{},{}", identity.cause, identity.corrections)?,
            None => write!(out, ",")?,
        }
        writeln!(out, ",\"{why}\"")
    }
}

/// A facility's code.
pub(super) struct Code(pub(super) [u8; 5]);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}
