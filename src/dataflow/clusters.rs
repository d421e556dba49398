//! Identity clusters: connected components of the numbers that are linked beyond the trivial link.
//!
//! A participant and its citizen are one cluster without any work; connected components cost some
//! 400 bytes a node, so only numbers with another link get here: citizens that two participants
//! name, that another citizen supersedes or is superseded by, or that share an old id. An old id is
//! a node of its own, so that citizens who share one need no list of pairs.
//!
//! ```text
//! participants by citizen ─ two or more? ─┐
//! superseded citizens ────────────────────┼─▶ linked citizens ─ join participants ─▶ edges ─▶ labels
//! citizens by old id ─ two or more? ──────┘                                          ▲
//!                     └──────────────────────────────────────────────────────────────┘
//! ```

use differential_dataflow::VecCollection;
use differential_dataflow::operators::iterate::Variable;
use timely::order::Product;

use super::fold::fold;
use super::graph::{Labels, ParticipantsByCitizen};
use super::node::Node;
use super::row_ref::RowRef;

/// The label of every linked number: the smallest number of its cluster.
///
/// `superseded` holds (citizen, superseded by); `old_ids` holds (old id, citizen).
pub fn labels<'scope>(
    participants: ParticipantsByCitizen<'scope>,
    superseded: VecCollection<'scope, u32, (Node, Node), i32>,
    old_ids: VecCollection<'scope, u32, (Node, Node), i32>,
) -> Labels<'scope> {
    let shared_by_participants = fold(
        participants.clone(),
        "citizens of two participants",
        |citizen: &Node, participants, out| {
            if participants.nth(1).is_some() {
                out.push(*citizen);
            }
        },
    );
    let shared_old_ids = fold(
        old_ids.arrange_by_key_named("citizens by old id"),
        "old ids of two citizens",
        |old_id: &Node, citizens, out| {
            let citizens: Vec<Node> = citizens.copied().collect();
            if citizens.len() > 1 {
                out.extend(citizens.into_iter().map(|citizen| (*old_id, citizen)));
            }
        },
    );
    let linked = shared_by_participants
        .concat(superseded.clone().flat_map(|(a, b)| [a, b]))
        .concat(shared_old_ids.clone().map(|(_, citizen)| citizen))
        .threshold_named::<i32, _>("distinct linked citizens", |_, _| 1);
    let of_participants = linked
        .arrange_by_self_named("linked citizens")
        .join_core(participants, |citizen, (), participant| {
            Some((*citizen, *participant))
        });
    let edges = superseded.concat(shared_old_ids).concat(of_participants);
    let names = ComponentNames {
        nodes: "distinct nodes of clusters",
        edges: "edges of clusters",
        in_progress: "labels in progress",
        smallest: "smallest label",
        labels: "labels",
    };
    components(edges, names)
}

/// The rows that tie clusters together, by cluster.
pub fn ties<'scope>(labels: Labels<'scope>) -> VecCollection<'scope, u32, (Node, RowRef), i32> {
    let members = labels.as_collection(|node, label| (*label, *node));
    members.flat_map(|(label, node)| {
        let participant = node.as_participant().map(RowRef::participant);
        // An old id has no row of its own: the citizens who have it are tied in by theirs.
        let row = participant.or_else(|| node.as_citizen().map(RowRef::citizen))?;
        Some((label, row))
    })
}

/// What the arrangements of connected components are called.
pub struct ComponentNames {
    /// The nodes, each once.
    pub nodes: &'static str,
    /// The edges, both ways.
    pub edges: &'static str,
    /// The labels of a step.
    pub in_progress: &'static str,
    /// Of these, the smallest.
    pub smallest: &'static str,
    /// The labels.
    pub labels: &'static str,
}

/// Labels every node of a graph with the smallest node that it is connected with.
pub fn components<'scope>(
    edges: VecCollection<'scope, u32, (Node, Node), i32>,
    names: ComponentNames,
) -> Labels<'scope> {
    let outer = edges.scope();
    let both = edges.clone().concat(edges.map(|(a, b)| (b, a)));
    let nodes = both
        .clone()
        .map(|(a, _)| a)
        .threshold_named::<i32, _>(names.nodes, |_, _| 1)
        .map(|a| (a, a));
    let both = both.arrange_by_key_named(names.edges);
    outer
        .iterative::<u32, _, _>(move |inner| {
            let both = both.enter(inner);
            let nodes = nodes.enter(inner);
            let step = Product::new(Default::default(), 1);
            let (variable, labels) = Variable::new(inner, step);
            let next = labels
                .arrange_by_key_named(names.in_progress)
                .join_core(both, |_node, label: &Node, peer: &Node| {
                    Some((*peer, *label))
                })
                .concat(nodes)
                .reduce_named(
                    names.smallest,
                    |_node, labels, out: &mut Vec<(Node, i32)>| {
                        out.push((*labels[0].0, 1));
                    },
                );
            variable.set(next.clone());
            next.leave(outer)
        })
        .arrange_by_key_named(names.labels)
}
