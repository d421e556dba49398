//! `identity_mismatch`: the claim's 12-digit personal id is not in the identity cluster of its
//! card's holder, while that participant has a personal id.
//!
//! ```text
//! persons ─ fold ─▶ other citizen (by holder) ─ join ─▶ (by the claim's citizen, label) ─ join ─ equal? ─▶ same (by label)
//! labels of the linked ────────────────────────┴───────────────────────────────────────┘                   │
//!   └─ ties, by label ───────────────────────────────────────────────────────────────────────────── fold ─┴▶ forgiving
//! findings = other citizen - same
//! ```
//! Most candidates are of nobody who is linked, and then no label is there to forgive them. What
//! forgives one can be a link between two other citizens, so the rows of a cluster that forgives are
//! given out: they are why an alert is withdrawn, or raised when they part.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};

use super::super::clusters::ties;
use super::super::dossier::{Dossier, Outcome, about};
use super::super::finding::{Finding, Forgiving};
use super::super::fold::fold;
use super::super::graph::{Findings, Labels};
use super::super::node::Node;
use super::super::row_ref::RowRef;
use crate::rule::Reason;

pub(super) fn candidates(dossier: &Dossier, out: &mut Vec<Outcome>) {
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

/// A cluster that forgives, piece by piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in super::super) enum Part {
    /// A claim that it forgives.
    Claim(RowRef),
    /// A row that ties it together.
    Tie(RowRef),
}

/// The candidates (holder, claim's citizen, finding) that no cluster forgives; and what forgives the
/// others.
pub(in super::super) fn identity_mismatch<'scope>(
    candidates: VecCollection<'scope, u32, (Node, (Node, Finding)), i32>,
    labels: Labels<'scope>,
) -> (Findings<'scope>, VecCollection<'scope, u32, Forgiving, i32>) {
    let same = candidates
        .clone()
        .arrange_by_key_named("other citizen, by holder")
        .join_core(labels.clone(), |_holder, (citizen, finding), label| {
            Some((*citizen, (*label, finding.clone())))
        })
        .arrange_by_key_named("other citizen, by citizen")
        .join_core(
            labels.clone(),
            |_citizen, (of_holder, finding), of_citizen| {
                (of_holder == of_citizen).then(|| (*of_holder, finding.clone()))
            },
        );
    let claims = same
        .clone()
        .map(|(label, finding)| (label, Part::Claim(finding.subject)));
    let ties = ties(labels).map(|(label, row)| (label, Part::Tie(row)));
    let forgiving = fold(
        claims
            .concat(ties)
            .arrange_by_key_named("clusters that may forgive"),
        "clusters that forgive",
        forgive,
    );
    let findings = candidates
        .map(|(_, (_, finding))| finding)
        .concat(same.map(|(_, finding)| finding).negate());
    (findings, forgiving)
}

/// Folds over one cluster.
fn forgive(_label: &Node, parts: &mut dyn Iterator<Item = &Part>, out: &mut Vec<Forgiving>) {
    let (mut claims, mut rows) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Claim(claim) => claims.push(*claim),
            Part::Tie(row) => rows.push(*row),
        }
    }
    if !claims.is_empty() {
        claims.sort_unstable();
        rows.sort_unstable();
        out.push(Forgiving {
            reason: Reason::IdentityMismatch,
            subjects: claims.into(),
            rows: rows.into(),
        });
    }
}
