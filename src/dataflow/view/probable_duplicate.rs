//! `probable_duplicate`: linkage puts the participant in one cluster with another that has another personal
//! id, or none.
//!
//! ```text
//! doubted, by row ─ their entries again, doubted ─┐
//! participants, by key ───────────────────────────┴─ blocks ─▶ pairs ─┬─ components ─ labels ─┐
//!                                                                     └─── by participant ────┴─ by cluster ─ fold ─▶ findings
//! ```
//! Only whose personal id is missing or not trusted is looked for among the others: of two trusted numbers,
//! the population register says that they are two people. Two participants of one personal id are one
//! person already, which `duplicate_identity` tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use differential_dataflow::{AsCollection, VecCollection};
use timely::dataflow::operators::vec::Map;

use super::super::blocks::{Alike, BlockOutcome, Blocks};
use super::super::clusters::{ComponentNames, components};
use super::super::finding::{Finding, Forgiving};
use super::super::fold::fold;
use super::super::graph::Findings;
use super::super::likeness::{BlockEntry, ParticipantAt};
use super::super::linkage_work::LinkageWork;
use super::super::node::Node;
use super::super::row_ref::RowRef;
use super::super::state::hold;
use crate::journal::Place;
use crate::link::{PersonKey, PersonLinkage};
use crate::rule::Reason;

/// Others of a cluster, beyond which evidence lists no more of them.
const OTHERS_SHOWN: usize = 16;

/// What participants are linked with.
pub(in super::super) struct Linking {
    pub(in super::super) linkage: Arc<PersonLinkage>,
    pub(in super::super) work: LinkageWork,
    pub(in super::super) participant_at: ParticipantAt,
}

/// The findings, and what is behind their coming and going beside what they rest on.
///
/// `likenesses` are the entries of all participants, doubted where no personal id is named; `doubted` are
/// the rows of those who name one that is not trusted.
pub(in super::super) fn probable_duplicate<'scope>(
    likenesses: VecCollection<'scope, u32, (PersonKey, BlockEntry), i32>,
    doubted: VecCollection<'scope, u32, Place, i32>,
    linking: Linking,
) -> (Findings<'scope>, VecCollection<'scope, u32, Forgiving, i32>) {
    let Linking {
        linkage,
        work,
        participant_at,
    } = linking;
    let look = participant_at.clone();
    // Each entry of theirs goes, and comes again as a doubted one.
    let turned = doubted.inner.flat_map(move |(row, time, diff)| {
        let content = look(row);
        let turned = |is_doubted, diff| {
            let entries = content.entries(row, is_doubted);
            entries.map(move |entry| (entry, time, diff)).collect()
        };
        let [gone, come]: [Vec<_>; 2] = [turned(false, -diff), turned(true, diff)];
        gone.into_iter().chain(come)
    });
    let outcomes = hold(
        likenesses.concat(turned.as_collection()),
        "participants by key",
        |size| Blocks::new(linkage, participant_at, work, size),
    );
    let pairs = outcomes.clone().flat_map(|outcome| match outcome {
        BlockOutcome::Pair(one, other) => Some((one, other)),
        BlockOutcome::Behind(_) => None,
    });
    let behind = outcomes.flat_map(|outcome| match outcome {
        BlockOutcome::Behind(behind) => Some(behind),
        BlockOutcome::Pair(..) => None,
    });
    let edges = (pairs.clone()).map(|(one, other)| (one.participant, other.participant));
    let names = ComponentNames {
        nodes: "distinct nodes of pairs",
        edges: "edges of pairs",
        in_progress: "labels of pairs in progress",
        smallest: "smallest label of pairs",
        labels: "labels of pairs",
    };
    let by_cluster = pairs
        .map(|pair| (pair.0.participant, pair))
        .arrange_by_key_named("pairs by participant")
        .join_core(components(edges, names), |_one, pair, label| {
            Some((*label, *pair))
        })
        .arrange_by_key_named("pairs by cluster");
    let findings = fold(
        by_cluster,
        "probable duplicate",
        |_label: &Node,
         pairs: &mut dyn Iterator<Item = &(Alike, Alike)>,
         out: &mut Vec<Finding>| {
            of_cluster(pairs, out);
        },
    );
    (findings, behind)
}

/// The members of a cluster, each with whom it is alike, then with the others.
fn of_cluster(pairs: &mut dyn Iterator<Item = &(Alike, Alike)>, out: &mut Vec<Finding>) {
    let mut alike: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    let mut doubted: BTreeMap<Node, Node> = BTreeMap::new();
    for (one, other) in pairs {
        for (a, b) in [(one, other), (other, one)] {
            alike
                .entry(a.participant)
                .or_default()
                .insert(b.participant);
            doubted.extend(a.doubted.map(|citizen| (a.participant, citizen)));
        }
    }
    for (member, neighbours) in &alike {
        let others = alike
            .keys()
            .filter(|other| !neighbours.contains(other) && *other != member);
        let others = neighbours.iter().chain(others).take(OTHERS_SHOWN);
        // The register's word on a number decides whether it is trusted.
        let people = others.clone().chain([member]);
        let citizens = people.filter_map(|person| doubted.get(person)?.as_citizen());
        let mut evidence: Vec<RowRef> = citizens.map(RowRef::citizen).collect();
        let numbers = others.filter_map(|other| other.as_participant());
        evidence.extend(numbers.map(RowRef::participant));
        let Some(subject) = member.as_participant().map(RowRef::participant) else {
            continue;
        };
        let reason = Reason::ProbableDuplicate;
        out.push(Finding::new(reason, reason.class(), subject, evidence));
    }
}
