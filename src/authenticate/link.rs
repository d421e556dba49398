//! Which citizen an identity is, where its personal id does not lead to one, or leads to another.
//!
//! In: an identity, the citizens. Out: a correction of the personal id in the insurance database.
//! Must hold: an id is proposed only where one citizen fits and no other as well; nobody is proposed
//! whose own number is cancelled or superseded.

use super::birth_date::{self, BirthAgreement};
use super::citizens::Citizens;
use super::comparison::Comparison;
use super::correction::{Basis, Confidence, Correction, Database, FieldValue};
use super::identity::{GivenId, Identity};
use super::name::{NameAgreement, NameKey};
use super::personal_id::neighbours;
use crate::record::{Citizen, LifeStatus, PersonalId};

/// Superseded ids that are followed; more are an error of the register.
const LONGEST_CHAIN: usize = 16;

/// A correction of the personal id.
fn relink(identity: &Identity, to: PersonalId, confidence: Confidence, basis: Basis) -> Correction {
    Correction::new(
        Database::Insurance,
        identity.id.map(FieldValue::PersonalId),
        FieldValue::PersonalId(GivenId::Personal(to)),
        confidence,
        basis,
    )
}

fn is_current(citizen: &Citizen) -> bool {
    citizen.superseded_by.is_none() && citizen.life_status != LifeStatus::Cancelled
}

/// The only one of some citizens, if there is one.
fn only(citizens: impl IntoIterator<Item = Citizen>) -> Option<Citizen> {
    let mut citizens = citizens.into_iter();
    let first = citizens.next()?;
    let is_other = |other: Citizen| other.personal_id != first.personal_id;
    (!citizens.any(is_other)).then_some(first)
}

/// The only citizen with the identity's name, birth date and sex, or, where there is none, with a
/// misspelling of the name, a compatible birth date or a swapped one.
pub(super) fn by_name(identity: &Identity, citizens: &impl Citizens) -> Option<Correction> {
    let key = NameKey::of(identity.full_name.as_str());
    let found = citizens.by_name_and_year(&key, identity.birth_date.year());
    let mut ranked: Vec<(u8, Citizen)> = (found.into_iter())
        .filter(is_current)
        .filter_map(|citizen| Some((rank(Comparison::new(identity, &citizen))?, citizen)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let best = ranked.first()?.0;
    let best_ranked = ranked.into_iter().filter(|(rank, _)| *rank == best);
    let citizen = only(best_ranked.map(|(_, citizen)| citizen))?;
    // Namesakes of one year are many, of one day few; but many have the default day.
    let date = identity.birth_date;
    let confidence = match best {
        0 if date.is_whole() && !birth_date::is_default(date) => Confidence::High,
        0 | 1 if date.is_whole() => Confidence::Medium,
        _ => Confidence::Low,
    };
    Some(relink(
        identity,
        citizen.personal_id,
        confidence,
        Basis::OnlyCitizen,
    ))
}

/// How well a citizen fits, the best first; none who does not.
fn rank(comparison: Comparison) -> Option<u8> {
    if comparison.cause().is_none() {
        Some(0)
    } else if comparison.is_same_person() {
        Some(1)
    } else if comparison.sex
        && comparison.name != NameAgreement::Different
        && comparison.birth_date == BirthAgreement::Swapped
    {
        Some(2)
    } else {
        None
    }
}

/// The only citizen who fits and whose number is a slip away from the identity's.
pub(super) fn by_slip(identity: &Identity, citizens: &impl Citizens) -> Option<Correction> {
    let Some(GivenId::Personal(id)) = identity.id else {
        return None;
    };
    let near = neighbours(id).into_iter();
    let fits = |citizen: &Citizen| {
        is_current(citizen) && Comparison::new(identity, citizen).is_same_person()
    };
    let citizen = only(
        near.filter_map(|id| citizens.by_personal_id(id))
            .filter(fits),
    )?;
    let whole = identity.birth_date.is_whole() && citizen.birth_date.is_whole();
    let confidence = if whole {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Some(relink(
        identity,
        citizen.personal_id,
        confidence,
        Basis::SlipInNumber,
    ))
}

/// The only citizen who fits and who had the number before.
pub(super) fn by_old_id(identity: &Identity, citizens: &impl Citizens) -> Option<Correction> {
    let old = identity.id?.old_id()?;
    let fits = |citizen: &Citizen| {
        let comparison = Comparison::new(identity, citizen);
        is_current(citizen) && rank(comparison).is_some()
    };
    let citizen = only(citizens.by_old_id(old).into_iter().filter(fits))?;
    Some(relink(
        identity,
        citizen.personal_id,
        Confidence::High,
        Basis::OldNumber,
    ))
}

/// The number that took the place of a citizen's, the last of a chain, and its citizen where the
/// register has one.
pub(super) fn successor(
    identity: &Identity,
    citizen: &Citizen,
    citizens: &impl Citizens,
) -> Option<(Correction, Option<Citizen>)> {
    let mut met = vec![citizen.personal_id];
    let mut next = citizen.superseded_by;
    let mut last: Option<Citizen> = None;
    while let Some(id) = next {
        if met.contains(&id) || met.len() > LONGEST_CHAIN {
            return None;
        }
        met.push(id);
        last = citizens.by_personal_id(id);
        next = last.as_ref().and_then(|citizen| citizen.superseded_by);
    }
    let id = *met.last()?;
    let confidence = match &last {
        Some(last) if last.life_status == LifeStatus::Cancelled => return None,
        Some(last) if rank(Comparison::new(identity, last)).is_some() => Confidence::High,
        _ => Confidence::Medium,
    };
    let correction = relink(identity, id, confidence, Basis::Successor);
    Some((correction, last))
}

/// Another entry of a citizen whose number is cancelled: under the same old id, or of the same name,
/// birth date and sex.
pub(super) fn other_entry(
    identity: &Identity,
    cancelled: &Citizen,
    citizens: &impl Citizens,
) -> Option<Correction> {
    let fits = |citizen: &Citizen| {
        is_current(citizen) && Comparison::new(identity, citizen).is_same_person()
    };
    let of_old_id = cancelled.old_id.map(|old| citizens.by_old_id(old));
    let by_old_id = only(of_old_id.into_iter().flatten().filter(fits));
    if let Some(other) = by_old_id {
        return Some(relink(
            identity,
            other.personal_id,
            Confidence::High,
            Basis::OtherEntry,
        ));
    }
    let namesake = by_name(identity, citizens)?;
    Some(Correction {
        confidence: namesake.confidence.less(),
        basis: Basis::OtherEntry,
        ..namesake
    })
}
