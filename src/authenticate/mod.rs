//! Authentication: a participant - or somebody at a desk - held against the citizens.
//!
//! In: an [`Identity`] and a look-up of [`Citizens`]. Out: a [`Verdict`]: authenticated, or a
//! [`Cause`] under the contract's name and the [`Correction`]s that would put it right.
//!
//! ```text
//! identity ─┬─ citizen with its personal id ─▶ cause ─┐
//!           │    (comparison.rs: name, birth date, sex)   ├─▶ verdict
//!           └─ other citizens, if there is a cause ─▶ corrections ─┘
//!                (link.rs: which citizen; fields.rs: which value)
//! ```
//! Must hold: pure functions of what is looked up, without I/O; equal texts authenticate; a comparison
//! is the same both ways; no name or number of a person leaves through `Debug`, an error or a panic.
//!
//! [`cause`] needs the one citizen with the personal id, so that a join decides it; only
//! [`corrections`] looks up others. A dataflow therefore computes causes, and whoever shows them the
//! corrections.

pub mod birth_date;
mod cause;
mod citizens;
mod comparison;
mod correction;
mod fields;
mod identity;
mod link;
pub mod name;
mod personal_id;

pub use cause::Cause;
pub use citizens::Citizens;
pub use comparison::{Comparison, Fields, cause, sexes_agree};
pub use correction::{Basis, Confidence, Correction, Database, Field, FieldValue};
pub use identity::{GivenId, Identity};

use birth_date::{BirthAgreement, DateSlip};
use name::NameAgreement;

use crate::record::Citizen;

/// What became of an authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Why the identity does not authenticate; none where it does.
    pub cause: Option<Cause>,
    /// How the fields compare with those of the citizen with the personal id, where there is one.
    pub comparison: Option<Comparison>,
    /// What would put it right, the likeliest first; none where nothing can be said.
    pub corrections: Vec<Correction>,
}

impl Verdict {
    /// Whether the identity authenticates.
    pub fn is_authenticated(&self) -> bool {
        self.cause.is_none()
    }
}

/// Authenticates an identity.
pub fn authenticate(identity: &Identity, citizens: &impl Citizens) -> Verdict {
    let citizen = match identity.id {
        Some(GivenId::Personal(id)) => citizens.by_personal_id(id),
        Some(GivenId::Old(_)) | None => None,
    };
    let cause = cause(identity, citizen.as_ref());
    let comparison = citizen
        .as_ref()
        .map(|citizen| Comparison::new(identity, citizen));
    let corrections = match cause {
        Some(cause) => corrections(identity, cause, citizen.as_ref(), citizens),
        None => Vec::new(),
    };
    Verdict {
        cause,
        comparison,
        corrections,
    }
}

/// What would put a cause right, the likeliest first. `citizen` is the one with the identity's
/// personal id.
pub fn corrections(
    identity: &Identity,
    cause: Cause,
    citizen: Option<&Citizen>,
    citizens: &impl Citizens,
) -> Vec<Correction> {
    match (cause, citizen) {
        (Cause::NoPersonalId, _) => link::by_name(identity, citizens).into_iter().collect(),
        (Cause::UnknownPersonalId, _) => {
            let by_number =
                link::by_old_id(identity, citizens).or_else(|| link::by_slip(identity, citizens));
            let found = by_number.or_else(|| {
                // That the number is nobody's leaves less sure that the namesake is meant.
                let namesake = link::by_name(identity, citizens)?;
                Some(Correction {
                    confidence: namesake.confidence.less(),
                    ..namesake
                })
            });
            found.into_iter().collect()
        }
        (Cause::SupersededId, Some(citizen)) => superseded(identity, citizen, citizens),
        (Cause::CancelledId, Some(citizen)) => link::other_entry(identity, citizen, citizens)
            .into_iter()
            .collect(),
        (_, Some(citizen)) => of_fields(identity, citizen, citizens),
        (_, None) => Vec::new(),
    }
}

/// The number that took the place of the identity's, and what differs from its citizen.
fn superseded(identity: &Identity, citizen: &Citizen, citizens: &impl Citizens) -> Vec<Correction> {
    let Some((link, last)) = link::successor(identity, citizen, citizens) else {
        return Vec::new();
    };
    let mut corrections = vec![link];
    if let Some(last) = last {
        let comparison = Comparison::new(identity, &last);
        corrections.extend(fields::corrections(identity, &last, comparison));
    }
    corrections
}

/// Corrections of the fields that differ, or of the personal id where it is somebody else's.
fn of_fields(identity: &Identity, citizen: &Citizen, citizens: &impl Citizens) -> Vec<Correction> {
    let comparison = Comparison::new(identity, citizen);
    let other_name = comparison.name == NameAgreement::Different;
    let other_birth = comparison.birth_date == BirthAgreement::Different(DateSlip::Unexplained);
    let several = comparison.cause() == Some(Cause::SeveralCauses);
    if other_name || (other_birth && several) {
        let other = link::by_slip(identity, citizens).or_else(|| link::by_name(identity, citizens));
        if let Some(link) = other {
            return vec![link];
        }
        // Two people for all that is known; which of the two is wrong, nothing says.
        if other_name && (other_birth || !comparison.sex) {
            return Vec::new();
        }
    }
    let mut corrections = fields::corrections(identity, citizen, comparison);
    if several {
        for correction in &mut corrections {
            correction.confidence = correction.confidence.less();
        }
    }
    corrections
}

#[cfg(test)]
mod tests;
