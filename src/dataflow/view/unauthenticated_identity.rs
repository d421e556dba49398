//! `unauthenticated_identity`: the participant is not the citizen that its row names.
//!
//! ```text
//! identities, by citizen ─ fold ─▶ findings, each with its cause
//! ```
//! A participant without a personal id is found when its row is fed: there is nothing to join it with.

use super::super::finding::Finding;
use super::super::identity::{IdentityAt, IdentityFact, IdentityRef, Standing};
use super::super::node::Node;
use super::super::row_ref::RowRef;
use crate::authenticate::{Cause, Comparison};
use crate::rule::Reason;

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

/// The participants that name a personal id and are not its citizen.
pub(in super::super) fn of_citizen(
    citizen: Node,
    facts: impl Iterator<Item = IdentityFact>,
    identity_at: &IdentityAt,
    out: &mut Vec<Finding>,
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
        out.extend(cause.and_then(|cause| finding(participant, Some(citizen), cause)));
    }
}
