//! One tree of an ensemble of boosted trees.
//!
//! In: a row of finite numbers, as wide as the tree was made for. Out: the value of its leaf, or
//! what each column on the way to the leaf adds to the root's value. Must hold: a tree that exists
//! has at most [`MOST_DEPTH`] splits on a path, columns below its width, finite thresholds, and
//! values within ±[`MOST_VALUE`], so that sums over [`MOST_TREES`] trees never overflow.

use linfa::Float;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

pub(super) const MOST_COLUMNS: usize = 65_535;
pub(super) const MOST_TREES: usize = 10_000;
pub(super) const MOST_DEPTH: usize = 6;
/// The largest magnitude of a node's value in thousandths of log-odds. Six steps, each between two
/// such values, add up to less than 2^31 over 10,000 trees.
pub(super) const MOST_VALUE: i32 = 10_000;
/// What stands for the column of a leaf in a stored tree.
const LEAF: i32 = -1;

/// A node: a leaf, or a split of rows whose value in a column is at most the threshold from others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node<F> {
    /// Of a split; 0 in a leaf.
    pub(super) threshold: F,
    /// In thousandths of log-odds.
    pub(super) value: i32,
    /// Of a split; 0 in a leaf.
    pub(super) column: u16,
    /// How many places after a split its right child is; the left child comes next. 0 in a leaf.
    pub(super) right: u16,
}

impl<F: Float> Node<F> {
    pub(super) fn leaf(value: i32) -> Self {
        Self {
            threshold: F::zero(),
            value,
            column: 0,
            right: 0,
        }
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.right == 0
    }
}

/// A tree: its nodes from the root, each split followed by its left and then its right subtree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree<F> {
    nodes: Vec<Node<F>>,
}

/// A tree as it is stored, node by node in the same order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredTree<F> {
    /// Of each node; -1 in a leaf.
    columns: Vec<i32>,
    /// Of each split.
    thresholds: Vec<F>,
    /// Of each node, in thousandths of log-odds.
    values: Vec<i32>,
}

impl<F: Float> Tree<F> {
    /// Takes nodes that are known to be well-formed.
    pub(super) fn of_nodes(nodes: Vec<Node<F>>) -> Self {
        debug_assert!(!nodes.is_empty());
        Self { nodes }
    }

    /// Checks a stored tree for rows of so many columns.
    pub(super) fn of_stored(stored: &StoredTree<F>, width: usize) -> Result<Self, &'static str> {
        let mut reader = Reader {
            stored,
            width,
            thresholds: stored.thresholds.iter(),
            nodes: Vec::with_capacity(stored.columns.len().min(2 << MOST_DEPTH)),
        };
        reader.subtree(0)?;
        if reader.nodes.len() != stored.columns.len() || stored.columns.len() != stored.values.len()
        {
            return Err("a tree has a column and a value for each of its nodes, and no others");
        }
        if reader.thresholds.next().is_some() {
            return Err("a tree has one threshold a split");
        }
        Ok(Self {
            nodes: reader.nodes,
        })
    }

    pub(super) fn to_stored(&self) -> StoredTree<F> {
        let column = |node: &Node<F>| {
            if node.is_leaf() {
                LEAF
            } else {
                i32::from(node.column)
            }
        };
        let splits = self.nodes.iter().filter(|node| !node.is_leaf());
        StoredTree {
            columns: self.nodes.iter().map(column).collect(),
            thresholds: splits.map(|node| node.threshold).collect(),
            values: self.nodes.iter().map(|node| node.value).collect(),
        }
    }

    /// Whether the root is a leaf.
    pub(super) fn is_leaf(&self) -> bool {
        self.nodes[0].is_leaf()
    }

    /// The value of the root.
    pub(super) fn root(&self) -> i32 {
        self.nodes[0].value
    }

    /// The value of a row's leaf.
    #[inline]
    pub(super) fn leaf(&self, row: ArrayView1<'_, F>) -> i32 {
        let mut place = 0;
        loop {
            let node = &self.nodes[place];
            if node.is_leaf() {
                return node.value;
            }
            place = next(place, node, row);
        }
    }

    /// Adds to each column what its splits add to the root's value on the way to a row's leaf.
    pub(super) fn add_steps(&self, row: ArrayView1<'_, F>, contributions: &mut [i32]) {
        let mut place = 0;
        loop {
            let node = &self.nodes[place];
            if node.is_leaf() {
                return;
            }
            place = next(place, node, row);
            contributions[usize::from(node.column)] += self.nodes[place].value - node.value;
        }
    }
}

/// The place of the child of a split that a row belongs to.
#[inline]
fn next<F: Float>(place: usize, split: &Node<F>, row: ArrayView1<'_, F>) -> usize {
    if row[usize::from(split.column)] <= split.threshold {
        place + 1
    } else {
        place + usize::from(split.right)
    }
}

/// Reads a stored tree node by node.
struct Reader<'a, F> {
    stored: &'a StoredTree<F>,
    width: usize,
    thresholds: std::slice::Iter<'a, F>,
    nodes: Vec<Node<F>>,
}

impl<F: Float> Reader<'_, F> {
    /// Reads a subtree below so many splits.
    fn subtree(&mut self, level: usize) -> Result<(), &'static str> {
        let place = self.nodes.len();
        let (Some(column), Some(value)) = (
            self.stored.columns.get(place),
            self.stored.values.get(place),
        ) else {
            return Err("each split of a tree has two children");
        };
        if value.unsigned_abs() > MOST_VALUE.unsigned_abs() {
            return Err("the values of a tree lie within 10,000 thousandths");
        }
        self.nodes.push(Node::leaf(*value));
        if *column == LEAF {
            return Ok(());
        }
        let column = u16::try_from(*column)
            .ok()
            .filter(|column| usize::from(*column) < self.width)
            .ok_or("a split of a tree is on a column of its rows")?;
        if level == MOST_DEPTH {
            return Err("a tree has at most 6 splits on a path");
        }
        let threshold = *self
            .thresholds
            .next()
            .ok_or("a tree has one threshold a split")?;
        if !threshold.is_finite() {
            return Err("the thresholds of a tree are finite numbers");
        }
        self.subtree(level + 1)?;
        let right = self.nodes.len() - place;
        self.nodes[place] = Node {
            threshold,
            value: *value,
            column,
            right: u16::try_from(right).expect("a tree of depth 6 has at most 127 nodes"),
        };
        self.subtree(level + 1)
    }
}
