//! `unauthenticated_identity`: the participant is not the citizen that its row names.
//!
//! ```text
//! identities, by citizen ─ fold ─┬─▶ findings, each with its cause
//!                                └─▶ participants whose personal id is not trusted
//! ```
//! A participant without a personal id is found when its row is fed: there is nothing to join it with.

use serde::{Deserialize, Serialize};

use super::super::finding::Finding;
use super::super::identity::{IdentityAt, IdentityFact, IdentityRef, Standing};
use super::super::node::Node;
use super::super::row_ref::RowRef;
use crate::authenticate::{Cause, Comparison};
use crate::journal::Place;
use crate::rule::{Reason, ReasonSet};

/// What the participants of a personal id come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in super::super) enum IdentityOutcome {
    /// One that is not the citizen.
    Finding(Finding),
    /// One, by its row, whose personal id is not trusted to say who it is.
    Doubted(Place),
}

/// Whether a participant's personal id says nothing of who it is: no citizen has it, or its citizen differs
/// in two of name, birth date and sex, so that it may well be another's.
fn is_doubted(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::UnknownPersonalId | Cause::SupersededId | Cause::CancelledId | Cause::SeveralCauses
    )
}

/// A participant that does not authenticate; `citizen` is the number that its row names.
pub(in super::super) fn finding(
    participant: Node,
    citizen: Option<Node>,
    cause: Cause,
) -> Option<Finding> {
    let subject = RowRef::participant(participant.as_participant()?);
    let citizen = citizen.and_then(Node::as_citizen).map(RowRef::citizen);
    let reason = Reason::UnauthenticatedIdentity;
    let evidence = citizen.into_iter().collect();
    Some(Finding {
        cause: Some(cause),
        ..Finding::new(reason, reason.class(), subject, evidence)
    })
}

/// The participants that name a personal id and are not its citizen, for the reasons that are wanted.
pub(in super::super) fn of_citizen(
    citizen: Node,
    facts: impl Iterator<Item = IdentityFact>,
    identity_at: &IdentityAt,
    wanted: ReasonSet,
    out: &mut Vec<IdentityOutcome>,
) {
    let mut register: Option<(IdentityRef, Standing)> = None;
    let mut participants: Vec<(Node, IdentityRef)> = Vec::new();
    for fact in facts {
        match fact {
            IdentityFact::Citizen(identity, standing) => register = Some((identity, standing)),
            IdentityFact::Participant(participant, identity) => {
                participants.push((participant, identity));
            }
        }
    }
    for (participant, identity) in participants {
        let cause = match register {
            None => Some(Cause::UnknownPersonalId),
            Some((_, Standing::Superseded)) => Some(Cause::SupersededId),
            Some((_, Standing::Cancelled)) => Some(Cause::CancelledId),
            Some((register, Standing::Current)) if register.digest == identity.digest => None,
            Some((register, Standing::Current)) => {
                let (given, known) = (identity_at(identity.row), identity_at(register.row));
                Comparison::new(given.fields(), known.fields()).cause()
            }
        };
        let Some(cause) = cause else { continue };
        if wanted.contains(Reason::UnauthenticatedIdentity) {
            let finding = finding(participant, Some(citizen), cause);
            out.extend(finding.map(IdentityOutcome::Finding));
        }
        if wanted.contains(Reason::ProbableDuplicate) && is_doubted(cause) {
            out.push(IdentityOutcome::Doubted(identity.row));
        }
    }
}
