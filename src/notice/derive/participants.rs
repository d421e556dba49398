//! What alerts about participants propose.

use super::corrections::leads_of_corrections;
use super::lead::{Lead, Says, Stated};
use crate::alert::Case;
use crate::authenticate::{
    Basis, Citizens, Confidence, Database, Field, GivenId, Identity, cause, corrections,
};
use crate::dataflow::Content;
use crate::notice::proposal::Told;

/// `unauthenticated_identity`: what would make the participant authenticate; where nothing tells it, that
/// somebody look into the personal id.
pub(super) fn unauthenticated(case: &Case, citizens: &impl Citizens) -> Vec<Lead> {
    let Some(Content::Participant(participant)) = &case.subject.content else {
        return Vec::new();
    };
    let Some(known) = &participant.identity else {
        return Vec::new();
    };
    let identity = Identity {
        id: participant.citizen.map(GivenId::Personal),
        full_name: known.full_name.clone(),
        birth_date: known.birth_date,
        sex: known.sex,
    };
    let citizen = participant
        .citizen
        .and_then(|id| citizens.by_personal_id(id));
    let Some(cause) = cause(&identity, citizen.as_ref()) else {
        return Vec::new();
    };
    let corrections = corrections(&identity, cause, citizen.as_ref(), citizens);
    let alert = (case.reason, case.alert_id);
    let leads = leads_of_corrections(alert, participant.si, identity.id, &corrections);
    if !leads.is_empty() {
        return leads;
    }
    let current = identity.id.as_ref().map(Told::of);
    let stated = Stated::look_into(current, Confidence::Low, Basis::NotAuthenticated);
    let target = (Database::Insurance, &case.subject.key, Field::PersonalId);
    vec![Lead::of(case, target, Says::Stated(stated))]
}

/// `probable_duplicate`: of two numbers that are probably one person's, one is to remain; which, and whether
/// it is one person at all, the insurance decides.
pub(super) fn probable_duplicate(case: &Case) -> Vec<Lead> {
    let Some(Content::Participant(participant)) = &case.subject.content else {
        return Vec::new();
    };
    let current = Some(Told::of(&participant.si));
    let stated = Stated::look_into(current, Confidence::Low, Basis::ProbablyOnePerson);
    let target = (Database::Insurance, &case.subject.key, Field::SiNumber);
    vec![Lead::of(case, target, Says::Stated(stated))]
}
