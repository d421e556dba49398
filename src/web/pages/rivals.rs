//! Rival explanations of an alert: what else it could be, for whoever decides to rule out.

use crate::language::PageMessages;
use crate::rule::Reason;

/// A rival explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rival {
    SameDay,
    DeathRecord,
    OtherPerson,
    Borrowed,
    LateEntry,
    Register,
    Transfer,
    Medical,
    ProviderSystem,
    Exception,
}

impl Rival {
    const ALL: [Self; 10] = [
        Self::SameDay,
        Self::DeathRecord,
        Self::OtherPerson,
        Self::Borrowed,
        Self::LateEntry,
        Self::Register,
        Self::Transfer,
        Self::Medical,
        Self::ProviderSystem,
        Self::Exception,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameDay => "same_day",
            Self::DeathRecord => "death_record",
            Self::OtherPerson => "other_person",
            Self::Borrowed => "borrowed",
            Self::LateEntry => "late_entry",
            Self::Register => "register",
            Self::Transfer => "transfer",
            Self::Medical => "medical",
            Self::ProviderSystem => "provider_system",
            Self::Exception => "exception",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rival| rival.as_str() == name)
    }

    pub fn text(self, t: &PageMessages) -> &'static str {
        match self {
            Self::SameDay => t.rival_same_day,
            Self::DeathRecord => t.rival_death_record,
            Self::OtherPerson => t.rival_other_person,
            Self::Borrowed => t.rival_borrowed,
            Self::LateEntry => t.rival_late_entry,
            Self::Register => t.rival_register,
            Self::Transfer => t.rival_transfer,
            Self::Medical => t.rival_medical,
            Self::ProviderSystem => t.rival_provider_system,
            Self::Exception => t.rival_exception,
        }
    }
}

/// What else an alert of a reason could be.
pub(super) fn rivals(reason: Reason) -> &'static [Rival] {
    use Rival::{
        Borrowed, DeathRecord, Exception, LateEntry, Medical, OtherPerson, ProviderSystem,
        Register, SameDay, Transfer,
    };
    match reason {
        Reason::ServiceAfterDeath => &[SameDay, DeathRecord, OtherPerson, Borrowed, LateEntry],
        Reason::DeathOnLivingCard => &[Borrowed, OtherPerson, LateEntry, ProviderSystem],
        Reason::StaleCard | Reason::BenefitAfterDeath => &[DeathRecord, OtherPerson, Register],
        Reason::UnknownCard
        | Reason::CardNotValid
        | Reason::CardWithdrawn
        | Reason::EmployerCeased => &[Register, LateEntry, Exception, ProviderSystem],
        Reason::DuplicateIdentity | Reason::ProbableDuplicate => &[OtherPerson, Register],
        Reason::IdentityMismatch | Reason::UnauthenticatedIdentity => {
            &[OtherPerson, Borrowed, Register, ProviderSystem]
        }
        Reason::OverlappingStay | Reason::VisitDuringStay | Reason::SameDayFacilities => {
            &[Transfer, Borrowed, OtherPerson, LateEntry]
        }
        Reason::DuplicateClaim => &[ProviderSystem, Medical, LateEntry],
        Reason::FrequentVisits => &[Medical, Borrowed, OtherPerson],
        Reason::SexDiagnosisConflict
        | Reason::AgeDiagnosisConflict
        | Reason::BloodGroupConflict => &[OtherPerson, Borrowed, ProviderSystem, Register],
        Reason::MoneyMismatch | Reason::BenefitMismatch => &[ProviderSystem, Exception, Register],
        Reason::ExclusiveBenefits => &[Register, OtherPerson, Exception],
        Reason::CostOutlier => &[Medical, ProviderSystem, Exception],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_rivals_that_are_found_by_name() {
        for reason in Reason::ALL {
            let rivals = rivals(*reason);
            assert!(rivals.len() >= 2, "{reason}");
            for rival in rivals {
                assert_eq!(Rival::from_name(rival.as_str()), Some(*rival));
            }
        }
    }
}
