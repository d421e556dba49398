//! What alerts about cards, numbers, employments and blood groups propose.

use std::collections::BTreeSet;

use super::lead::{Lead, Says, Stated};
use crate::alert::Case;
use crate::authenticate::{Basis, Confidence, Database, Field};
use crate::dataflow::{Content, OPEN, RowSettings};
use crate::edits::edits;
use crate::notice::proposal::Told;
use crate::record::{Key, PersonalId, SiNumber};

/// `unknown_card`: the facility is to look at the cards that it lists.
pub(super) fn unknown_card(case: &Case, settings: &RowSettings) -> Vec<Lead> {
    let Some(Content::Claim(visit) | Content::CheckIn(visit)) = &case.subject.content else {
        return Vec::new();
    };
    let held = |card| {
        let mut rows = case.rows.iter();
        rows.any(|row| row.key == Key::Card(card) && row.content.is_some())
    };
    let unknown = visit
        .cards
        .iter()
        .filter(|(card, may)| !may.is_allowed(settings) && !held(*card));
    let unknown: Vec<String> = unknown.map(|(card, _)| card.to_string()).collect();
    let current = Some(Told::of(&unknown.join(";")));
    let stated = Stated::look_into(current, Confidence::Low, Basis::NotRegistered);
    let target = (Database::Health, &case.subject.key, Field::Cards);
    vec![Lead::of(case, target, Says::Stated(stated))]
}

/// `duplicate_identity`: of the numbers under which one person has cards, one is to remain; which, the
/// insurance decides.
pub(super) fn duplicate_identity(case: &Case) -> Vec<Lead> {
    let holders: BTreeSet<SiNumber> = case
        .rows
        .iter()
        .filter_map(|row| match &row.content {
            Some(Content::Card(card, _)) => Some(card.holder()),
            _ => None,
        })
        .collect();
    let participants = || {
        case.rows.iter().filter_map(|row| match &row.content {
            Some(Content::Participant(one)) if holders.contains(&one.si) => Some((row, one)),
            _ => None,
        })
    };
    let citizens: BTreeSet<Option<PersonalId>> =
        participants().map(|(_, one)| one.citizen).collect();
    let confidence = match citizens.len() {
        1 => Confidence::Medium,
        _ => Confidence::Low,
    };
    let leads = participants().map(|(row, one)| {
        let current = Some(Told::of(&one.si));
        let stated = Stated::look_into(current, confidence, Basis::TwoNumbers);
        let target = (Database::Insurance, &row.key, Field::SiNumber);
        Lead::of(case, target, Says::Stated(stated))
    });
    leads.collect()
}

/// `identity_mismatch`: the facility is to look at the personal id that it lists. The holder's is
/// proposed only where the other is a slip of it: else the holder's number would be told to whoever
/// presented the card.
pub(super) fn identity_mismatch(case: &Case) -> Vec<Lead> {
    let Some(Content::Claim(claim)) = &case.subject.content else {
        return Vec::new();
    };
    let holder = case.rows.iter().find_map(|row| match &row.content {
        Some(Content::Participant(participant)) => participant.citizen,
        _ => None,
    });
    let (Some(claimed), Some(holder)) = (claim.citizen, holder) else {
        return Vec::new();
    };
    let is_somebody = case
        .rows
        .iter()
        .any(|row| row.key == Key::Citizen(claimed) && row.content.is_some());
    let current = Some(Told::of(&claimed));
    let stated = match (slip(claimed, holder), is_somebody) {
        (Some(basis), is_somebody) => Stated {
            proposed: Some(Told::of(&holder)),
            ..Stated::look_into(
                current,
                match is_somebody {
                    true => Confidence::Medium,
                    false => Confidence::High,
                },
                basis,
            )
        },
        (None, _) => Stated::look_into(current, Confidence::Low, Basis::HolderDiffers),
    };
    let target = (Database::Health, &case.subject.key, Field::PersonalId);
    vec![Lead::of(case, target, Says::Stated(stated))]
}

/// The slip of the keyboard that makes one number of another, if one does.
fn slip(one: PersonalId, other: PersonalId) -> Option<Basis> {
    let (one, other) = (one.to_string(), other.to_string());
    let (one, other) = (one.as_bytes(), other.as_bytes());
    edits(one, other, 1)?;
    let differing = one.iter().zip(other).filter(|(a, b)| a != b).count();
    Some(match differing {
        1 => Basis::MistypedDigit,
        _ => Basis::TransposedDigits,
    })
}

/// `blood_group_conflict`: the group of the health profile is to be determined anew.
pub(super) fn blood_group(case: &Case) -> Vec<Lead> {
    let leads = case.rows.iter().filter_map(|row| match &row.content {
        Some(Content::HealthProfile(profile)) => {
            let current = profile.blood_group.map(|group| Told::of(&group.as_str()));
            let stated = Stated::look_into(current, Confidence::Low, Basis::ClaimDiffers);
            let target = (Database::Health, &row.key, Field::BloodGroup);
            Some(Lead::of(case, target, Says::Stated(stated)))
        }
        _ => None,
    });
    leads.collect()
}

/// `employer_ceased`: the employments are to end when the employers did.
pub(super) fn employer_ceased(case: &Case) -> Vec<Lead> {
    let ceased = |employer| {
        case.rows.iter().find_map(|row| match &row.content {
            Some(Content::Enterprise(enterprise)) if enterprise.employer == employer => {
                enterprise.ceased_since()
            }
            _ => None,
        })
    };
    let leads = case.rows.iter().filter_map(|row| match &row.content {
        Some(Content::Employment(employment)) => {
            let since = ceased(employment.employer)?;
            let current = (employment.to != OPEN).then(|| Told::of(&employment.to));
            let stated = Stated {
                // An employment cannot end before it begins: then it is the first day that is wrong.
                proposed: (employment.from <= since).then(|| Told::of(&since)),
                ..Stated::look_into(current, Confidence::Medium, Basis::EmployerCeased)
            };
            let target = (Database::Insurance, &row.key, Field::To);
            Some(Lead::of(case, target, Says::Stated(stated)))
        }
        _ => None,
    });
    leads.collect()
}

/// `exclusive_benefits`: of what excludes each other, one is to end; which, whoever pays it decides.
pub(super) fn exclusive_benefits(case: &Case) -> Vec<Lead> {
    let Some(Content::Beneficiary(benefit)) = &case.subject.content else {
        return Vec::new();
    };
    let current = (benefit.to != OPEN).then(|| Told::of(&benefit.to));
    let stated = Stated::look_into(current, Confidence::Low, Basis::Exclusive);
    let target = (Database::SocialWelfare, &case.subject.key, Field::To);
    vec![Lead::of(case, target, Says::Stated(stated))]
}
