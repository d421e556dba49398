//! Identity clusters: connected components of the numbers that are linked beyond the trivial link.
//!
//! A participant and its citizen are one cluster without any work; connected components cost some
//! 400 bytes a node, so only numbers with another link get here: citizens that two participants
//! name, that another citizen supersedes or is superseded by, or that share an old id. An old id is
//! a node of its own, so that citizens who share one need no list of pairs.
//!
//! ```text
//! citizens by old id ─ two or more? ─┬─▶ linked citizens ─▶ facts by citizen ─ fold ─▶ edges ─▶ labels
//! superseded citizens ───────────────┤                      (two participants?)        ▲
//!                                    └─────────────────────────────────────────────────┘
//! ```

use differential_dataflow::VecCollection;
use differential_dataflow::operators::iterate::Variable;
use timely::order::Product;

use super::graph::Labels;
use super::keyed_state::{Table, Unpacked, WithoutSettings, fold_held};
use super::node::Node;
use super::row_ref::RowRef;

/// Pairs of linked numbers.
pub type Edges<'scope> = VecCollection<'scope, u32, (Node, Node), i32>;

/// The citizens who share an old id, each with it: of (old id, citizen).
pub(super) fn shared_old_ids<'scope>(
    old_ids: Edges<'scope>,
    without_settings: WithoutSettings<'scope>,
) -> Edges<'scope> {
    fold_held(
        old_ids,
        without_settings,
        Table::of_short_keys("citizens by old id"),
        |(): &(), old_id: &Node, citizens: Unpacked<'_, Node>, out: &mut Vec<_>| {
            out.extend(citizens.map(|citizen| (*old_id, citizen)));
            if out.len() == 1 {
                out.clear();
            }
        },
    )
}

/// The citizens that `superseded`, of (citizen, superseded by), or `shared_old_ids` link with another, each once.
pub(super) fn linked<'scope>(
    superseded: Edges<'scope>,
    shared_old_ids: Edges<'scope>,
) -> VecCollection<'scope, u32, Node, i32> {
    superseded
        .flat_map(|(a, b)| [a, b])
        .concat(shared_old_ids.map(|(_, citizen)| citizen))
        .threshold_named::<i32, _>("distinct linked citizens", |_, _| 1)
}

/// The label of every linked number: the smallest number of its cluster.
pub fn labels(edges: Edges<'_>) -> Labels<'_> {
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::{Arc, Mutex};

    use differential_dataflow::consolidation::consolidate;
    use differential_dataflow::input::InputSession;
    use proptest::prelude::*;
    use timely::dataflow::ProbeHandle;
    use timely::dataflow::operators::{Inspect, Probe};

    use super::*;
    use crate::dataflow::citizen::{CitizenFact, CitizenOutcome, fold_citizens};
    use crate::record::{OldId, PersonalId, SiNumber};
    use crate::rule::ReasonSet;

    fn citizen(number: u64) -> Node {
        Node::citizen(PersonalId::new(number).expect("12 digits"))
    }

    fn participant(number: u64) -> Node {
        Node::participant(SiNumber::new(number).expect("10 digits"))
    }

    fn old_id(number: u64) -> Node {
        Node::old_id(OldId::new(number).expect("9 digits"))
    }

    /// A link: a participant's citizen, a citizen's successor or a citizen's old id.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Link {
        Participant(u64, u64),
        Superseded(u64, u64),
        OldId(u64, u64),
    }
    use Link::{OldId as HasOldId, Participant as Is, Superseded};

    type Epoch = Vec<(Link, i32)>;
    type Labelled = Vec<((Node, Node), i32)>;

    /// The labels after each epoch.
    fn labelled(epochs: &[Epoch], workers: usize) -> Vec<Labelled> {
        let epochs = Arc::new(epochs.to_vec());
        let told = Arc::new(Mutex::new(Vec::new()));
        let (fed, telling) = (epochs.clone(), told.clone());
        let run = timely::execute(timely::Config::process(workers), move |worker| {
            let mut participants = InputSession::<u32, (Node, CitizenFact), i32>::new();
            let mut superseded = InputSession::<u32, (Node, Node), i32>::new();
            let mut old_ids = InputSession::<u32, (Node, Node), i32>::new();
            let mut settings = InputSession::<u32, (), i32>::new();
            let probe = ProbeHandle::new();
            let telling = telling.clone();
            worker.dataflow(|scope| {
                let without_settings = ((), settings.to_collection(scope));
                let superseded = superseded.to_collection(scope);
                let shared = shared_old_ids(old_ids.to_collection(scope), without_settings.clone());
                let linked = linked(superseded.clone(), shared.clone());
                let linked = linked.map(|citizen| (citizen, CitizenFact::Linked));
                let facts = participants.to_collection(scope).concat(linked);
                let exclusive = Arc::default();
                let edges = fold_citizens(facts, without_settings, ReasonSet::ALL, exclusive)
                    .flat_map(|outcome| match outcome {
                        CitizenOutcome::Edge(citizen, participant) => Some((citizen, participant)),
                        _ => None,
                    });
                labels(superseded.concat(shared).concat(edges))
                    .as_collection(|node, label| (*node, *label))
                    .inner
                    .inspect(move |change| telling.lock().expect("not poisoned").push(*change))
                    .probe_with(&probe);
            });
            for (epoch, updates) in (0u32..).zip(fed.iter()) {
                for (link, diff) in updates.iter().filter(|_| worker.index() == 0) {
                    match *link {
                        Is(si, id) => {
                            let fact = CitizenFact::Participant(participant(si));
                            participants.update((citizen(id), fact), *diff);
                        }
                        Superseded(id, by) => {
                            superseded.update((citizen(id), citizen(by)), *diff);
                        }
                        HasOldId(id, old) => old_ids.update((old_id(old), citizen(id)), *diff),
                    }
                }
                participants.advance_to(epoch + 1);
                superseded.advance_to(epoch + 1);
                old_ids.advance_to(epoch + 1);
                settings.advance_to(epoch + 1);
                participants.flush();
                superseded.flush();
                old_ids.flush();
                settings.flush();
                while probe.less_than(&(epoch + 1)) {
                    worker.step();
                }
            }
        });
        for result in run.expect("started").join() {
            result.expect("no panic");
        }
        let told = told.lock().expect("not poisoned");
        let after = (0u32..).take(epochs.len()).map(|epoch| {
            let until = told.iter().filter(|(_, time, _)| *time <= epoch);
            let mut held: Labelled = until.map(|(label, _, diff)| (*label, *diff)).collect();
            consolidate(&mut held);
            held
        });
        after.collect()
    }

    /// The labels by the definition: components of all links, but for those that are no more than a citizen, a participant
    /// and an old id; and there no old id that only one citizen has.
    fn naive(links: &BTreeSet<Link>) -> Labelled {
        let mut edges = Vec::new();
        let (mut of_old_id, mut of_citizen) = (BTreeMap::new(), BTreeMap::new());
        for link in links {
            match *link {
                Is(si, id) => {
                    edges.push((participant(si), citizen(id)));
                    *of_citizen.entry(citizen(id)).or_insert(0) += 1;
                }
                Superseded(id, by) => edges.push((citizen(id), citizen(by))),
                HasOldId(id, old) => {
                    edges.push((old_id(old), citizen(id)));
                    *of_old_id.entry(old_id(old)).or_insert(0) += 1;
                }
            }
        }
        let nodes = edges.iter().flat_map(|(a, b)| [*a, *b]);
        let mut label: BTreeMap<Node, Node> = nodes.map(|node| (node, node)).collect();
        for _ in 0..label.len() {
            for (a, b) in &edges {
                let smallest = label[a].min(label[b]);
                label.extend([(*a, smallest), (*b, smallest)]);
            }
        }
        let superseded = links.iter().filter_map(|link| match link {
            Superseded(id, _) => Some(citizen(*id)),
            _ => None,
        });
        let several = of_citizen
            .iter()
            .chain(&of_old_id)
            .filter(|(_, count)| **count > 1);
        let beyond: BTreeSet<Node> = (several.map(|(node, _)| *node).chain(superseded))
            .map(|node| label[&node])
            .collect();
        let labelled = label.into_iter().filter(|(node, label)| {
            beyond.contains(label) && of_old_id.get(node).is_none_or(|count| *count > 1)
        });
        labelled.map(|labelled| (labelled, 1)).collect()
    }

    #[test]
    fn a_second_participant_that_comes_and_goes_in_one_epoch_links_nothing() {
        let epochs = [
            vec![(Is(1, 7), 1)],
            vec![(Is(2, 7), 1), (Is(2, 7), -1)],
            vec![(Is(2, 7), -1), (Is(2, 7), 1), (Is(2, 7), 1)],
            // The one goes as another comes.
            vec![(Is(3, 7), 1), (Is(1, 7), -1)],
            vec![(Is(3, 7), -1)],
        ];
        let of_two = |a, b| {
            [citizen(7), participant(a), participant(b)]
                .map(|node| ((node, citizen(7)), 1))
                .to_vec()
        };
        let expected = [vec![], vec![], of_two(1, 2), of_two(2, 3), vec![]];
        for workers in [1, 2] {
            assert_eq!(labelled(&epochs, workers), expected, "{workers} workers");
        }
    }

    #[test]
    fn an_old_id_that_is_shared_and_no_more_links_and_parts() {
        let epochs = [
            vec![(Is(1, 7), 1), (Is(2, 8), 1), (HasOldId(7, 5), 1)],
            vec![(HasOldId(8, 5), 1)],
            vec![(HasOldId(7, 5), -1)],
            vec![
                (HasOldId(8, 5), -1),
                (HasOldId(7, 5), 1),
                (HasOldId(8, 6), 1),
            ],
        ];
        let mut linked: Labelled = [
            citizen(7),
            citizen(8),
            participant(1),
            participant(2),
            old_id(5),
        ]
        .map(|node| ((node, citizen(7)), 1))
        .to_vec();
        linked.sort_unstable();
        let expected = [vec![], linked, vec![], vec![]];
        for workers in [1, 2] {
            assert_eq!(labelled(&epochs, workers), expected, "{workers} workers");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn labels_are_those_of_the_links_that_hold(
            turns in prop::collection::vec(
                prop::collection::vec(((0u8..3, 0u64..6, 0u64..5), any::<bool>()), 0..10), 1..6),
        ) {
            let mut held = BTreeSet::new();
            let (mut epochs, mut expected) = (Vec::new(), Vec::new());
            for turned in turns {
                let mut updates = Vec::new();
                for ((kind, from, to), detour) in turned {
                    let link = match kind {
                        0 => Is(from, to),
                        1 => Superseded(from, to),
                        _ => HasOldId(from, to),
                    };
                    // Of a row there is one link of a kind at a time.
                    let others = held.iter().copied().filter(|other| match (link, *other) {
                        (Is(one, _), Is(two, _)) => one == two,
                        (Superseded(one, _), Superseded(two, _)) => one == two,
                        (HasOldId(one, _), HasOldId(two, _)) => one == two,
                        _ => false,
                    });
                    let former: Vec<Link> = others.collect();
                    updates.extend(former.iter().map(|former| (*former, -1)));
                    held.retain(|link| !former.contains(link));
                    if former != [link] {
                        held.insert(link);
                        updates.push((link, 1));
                    }
                    if detour {
                        updates.extend([(Is(99, to), 1), (Is(99, to), -1)]);
                    }
                }
                updates.reverse();
                expected.push(naive(&held));
                epochs.push(updates);
            }
            for workers in [1, 2] {
                prop_assert_eq!(labelled(&epochs, workers), expected.clone(), "{} workers", workers);
            }
        }
    }
}
