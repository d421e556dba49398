//! `identity_mismatch`: the claim's 12-digit personal id is not in the identity cluster of its
//! card's holder, while that participant has a personal id.
//!
//! ```text
//! persons ─ fold ─▶ other citizen (by holder) ─ join ─▶ (by the claim's citizen, label) ─ join ─ equal? ─▶ same
//! labels of the linked ────────────────────────┴───────────────────────────────────────┘              │
//! findings = other citizen - same ◀────────────────────────────────────────────────────────────────────┘
//! ```
//! Most candidates are of nobody who is linked, and then no label is there to forgive them.

use differential_dataflow::VecCollection;

use super::super::dossier::{Dossier, Outcome, about};
use super::super::finding::Finding;
use super::super::graph::{Findings, Labels};
use super::super::node::Node;
use super::super::row_ref::RowRef;
use crate::rule::Reason;

pub(super) fn candidates(dossier: &Dossier<'_>, out: &mut Vec<Outcome>) {
    let (Some(_), Some(participant)) = (dossier.person.as_participant(), dossier.citizen) else {
        return;
    };
    for claim in &dossier.claims {
        let (Some(citizen), Some(_)) = (claim.citizen(), claim.card_prefix()) else {
            continue;
        };
        if citizen == participant {
            continue;
        }
        let mut evidence = dossier.ties(claim);
        evidence.extend(dossier.participant_row());
        evidence.push(RowRef::citizen(citizen));
        evidence.push(RowRef::citizen(participant));
        let finding = about(claim, Reason::IdentityMismatch, evidence);
        out.push(Outcome::OtherCitizen(dossier.person, citizen, finding));
    }
}

/// The candidates (holder, claim's citizen, finding) that no cluster forgives.
pub(in super::super) fn identity_mismatch<'scope>(
    candidates: VecCollection<'scope, u32, (Node, (Node, Finding)), i32>,
    labels: Labels<'scope>,
) -> Findings<'scope> {
    let same = candidates
        .clone()
        .arrange_by_key_named("other citizen, by holder")
        .join_core(labels.clone(), |_holder, (citizen, finding), label| {
            Some((*citizen, (*label, finding.clone())))
        })
        .arrange_by_key_named("other citizen, by citizen")
        .join_core(labels, |_citizen, (of_holder, finding), of_citizen| {
            (of_holder == of_citizen).then(|| finding.clone())
        });
    candidates
        .map(|(_, (_, finding))| finding)
        .concat(same.negate())
}
