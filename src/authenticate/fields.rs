//! Which value of a field is to be put right, where an identity and its citizen differ.
//!
//! In: an identity, its citizen, how they compare. Out: a correction a field. Must hold: the
//! population database, from which names, birth dates and sexes come by law, is proposed to be changed
//! only where it lacks something or where the personal id that it issued speaks against it.

use super::birth_date::{self, BirthAgreement, DateSlip};
use super::comparison::Comparison;
use super::correction::{Basis, Confidence, Correction, Database, FieldValue};
use super::identity::Identity;
use super::name::NameAgreement;
use super::personal_id::{says_sex, says_year};
use crate::record::Citizen;

/// The corrections of the fields that differ.
pub(super) fn corrections(
    identity: &Identity,
    citizen: &Citizen,
    comparison: Comparison,
) -> Vec<Correction> {
    let corrections = [
        name(identity, citizen, comparison),
        birth_date(identity, citizen, comparison),
        (!comparison.sex).then(|| sex(identity, citizen)),
    ];
    corrections.into_iter().flatten().collect()
}

fn name(identity: &Identity, citizen: &Citizen, comparison: Comparison) -> Option<Correction> {
    let others_agree = comparison.sex && comparison.birth_date == BirthAgreement::Equal;
    let confidence = match comparison.name {
        NameAgreement::Equal => return None,
        // A register that has lost its marks should not take them from others unseen.
        NameAgreement::Spelling
            if citizen.full_name.as_str().is_ascii() && !identity.full_name.as_str().is_ascii() =>
        {
            Confidence::Low
        }
        NameAgreement::Spelling => Confidence::High,
        NameAgreement::Different if others_agree => Confidence::Medium,
        NameAgreement::Different => Confidence::Low,
    };
    Some(Correction::new(
        Database::Insurance,
        Some(FieldValue::FullName(identity.full_name.clone())),
        FieldValue::FullName(citizen.full_name.clone()),
        confidence,
        Basis::RegisterPrevails,
    ))
}

fn birth_date(
    identity: &Identity,
    citizen: &Citizen,
    comparison: Comparison,
) -> Option<Correction> {
    use Confidence::{High, Low, Medium};
    use Database::{Insurance, Population};
    let others_agree = comparison.sex && comparison.name == NameAgreement::Equal;
    let (given, registered) = (identity.birth_date, citizen.birth_date);
    let number = citizen.personal_id;
    let (database, confidence, basis) = match comparison.birth_date {
        BirthAgreement::Equal => return None,
        BirthAgreement::Partial if birth_date::allows(registered, given) => {
            (Population, Medium, Basis::RegisterLacks)
        }
        BirthAgreement::Partial => (Insurance, High, Basis::RegisterPrevails),
        BirthAgreement::Swapped => (Insurance, High, Basis::SwappedDayMonth),
        BirthAgreement::Different(_)
            if says_year(number, given) && !says_year(number, registered) =>
        {
            (Population, Medium, Basis::NumberSays)
        }
        BirthAgreement::Different(DateSlip::DefaultDay) if birth_date::is_new_year(registered) => {
            (Population, Low, Basis::RegisterDefault)
        }
        // One person in thirty is born on the first of a month.
        BirthAgreement::Different(DateSlip::DefaultDay) if birth_date::is_default(registered) => {
            (Insurance, Medium, Basis::RegisterPrevails)
        }
        BirthAgreement::Different(slip) => match slip {
            DateSlip::DefaultDay => (Insurance, High, Basis::DefaultDay),
            DateSlip::TransposedDigits => (Insurance, High, Basis::TransposedDigits),
            DateSlip::MistypedDigit => (Insurance, High, Basis::MistypedDigit),
            DateSlip::Unexplained if others_agree => (Insurance, Medium, Basis::RegisterPrevails),
            DateSlip::Unexplained => (Insurance, Low, Basis::RegisterPrevails),
        },
    };
    let (current, proposed) = if database == Population {
        (registered, given)
    } else {
        (given, registered)
    };
    Some(Correction::new(
        database,
        Some(FieldValue::BirthDate(current)),
        FieldValue::BirthDate(proposed),
        confidence,
        basis,
    ))
}

fn sex(identity: &Identity, citizen: &Citizen) -> Correction {
    let number = citizen.personal_id;
    let (given, registered) = (identity.sex, citizen.sex);
    let (database, confidence, basis) = if says_sex(number, given) && !says_sex(number, registered)
    {
        (Database::Population, Confidence::Medium, Basis::NumberSays)
    } else {
        // The number bears the register out.
        (
            Database::Insurance,
            Confidence::High,
            Basis::RegisterPrevails,
        )
    };
    let (current, proposed) = if database == Database::Population {
        (registered, given)
    } else {
        (given, registered)
    };
    Correction::new(
        database,
        Some(FieldValue::Sex(current)),
        FieldValue::Sex(proposed),
        confidence,
        basis,
    )
}
