//! An isolation forest: how few random cuts set a row apart.
//!
//! In: rows of finite numbers. Out: a score between 0 and 1. Must hold: a score is a function of the
//! row, the training rows and the seed alone, on any number of threads; a stored forest that loads
//! cannot send a row in circles or out of bounds.

use linfa::Float;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView1, ArrayView2, Data, Ix2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use super::fit_error::{FitError, ScoreError};
use super::isolation_params::{
    IsolationForestParams, IsolationForestValidParams, MOST_SAMPLE, MOST_TREES,
};
use super::nn_ensemble::{below, distinct};
use super::rows::{check_row, check_rows, in_order};
use crate::parallel;

/// The most columns: as many as a node can name.
const MOST_COLUMNS: usize = 1 << 24;
/// What a leaf has in the place of a column.
const LEAF: u32 = u32::MAX;

/// An isolation forest, as a linfa estimator.
///
/// A tree cuts a sample of the rows at random places of random columns until every row is alone. A
/// row that few cuts set apart is an outlier: with `E` the mean number of cuts over all trees, the
/// score is `2^(-E / c(sample))`, where `c(n)` is the mean for a row in a random search tree of `n`
/// rows, so that 1/2 is usual and 1 is the limit (Liu, Ting & Zhou: *Isolation Forest*, ICDM 2008).
/// As in the paper a tree is no deeper than `log2(sample)`, and rows that are still together there
/// count for `c` of their number; `c(2)` is 1. A cut is through a column, drawn from those in which
/// the rows of the node differ, so that constant columns cost nothing; rows that differ in none, as
/// duplicates, stay together.
///
/// # Parameters
/// See [`IsolationForestParams`]: `trees` (300), `sample` (256), `seed` (0), `threads` (1).
///
/// # Order and batches
/// Rows are scored one by one. Before samples are drawn, the training rows are put in the order of
/// their values, so that their order does not matter either.
///
/// # Cost
/// A score takes at most `trees · log2(sample)` comparisons and no allocation.
///
/// ```
/// use fundwatch::model::IsolationForest;
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::Array2;
///
/// let rows = Array2::from_shape_fn((101, 2), |(row, column)| match (row, column) {
///     (100, _) => 40.0,
///     (_, 0) => (row % 10) as f64,
///     _ => (row / 10) as f64,
/// });
/// let dataset = DatasetBase::from(rows);
/// let model = IsolationForest::<f64>::params().trees(100).seed(7).fit(&dataset)?;
/// let scores = model.predict(&dataset);
/// assert!(scores.iter().take(100).all(|score| *score < scores[100]));
/// # Ok::<(), fundwatch::model::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
#[serde(try_from = "Stored<F>", into = "Stored<F>")]
pub struct IsolationForest<F> {
    columns: usize,
    sample: usize,
    /// The first node of each tree.
    roots: Vec<u32>,
    nodes: Vec<Node<F>>,
    /// `trees · c(sample)`.
    usual: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Node<F> {
    /// The column that is cut, or [`LEAF`].
    column: u32,
    /// The node of rows below the cut, which that of the others follows; of a leaf, 0.
    below: u32,
    /// Where it is cut; of a leaf, its depth with what further cuts would add.
    value: F,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
struct Stored<F> {
    columns: usize,
    sample: usize,
    trees: Vec<StoredTree<F>>,
}

/// The nodes of a tree: of a leaf, the column is -1.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTree<F> {
    column: Vec<i32>,
    below: Vec<u32>,
    value: Vec<F>,
}

impl<F: Float> TryFrom<Stored<F>> for IsolationForest<F> {
    type Error = &'static str;

    fn try_from(stored: Stored<F>) -> Result<Self, Self::Error> {
        let Stored {
            columns,
            sample,
            trees,
        } = stored;
        if !(1..=MOST_COLUMNS).contains(&columns) || !(2..=MOST_SAMPLE).contains(&sample) {
            return Err("a forest has 1 to 2^24 columns and samples of 2 to 65,536 rows");
        }
        if !(1..=MOST_TREES).contains(&trees.len()) {
            return Err("a forest has 1 to 10,000 trees");
        }
        let mut forest = Vec::with_capacity(trees.len());
        for tree in trees {
            let (count, len) = (tree.column.len(), tree.below.len());
            if count == 0 || count > 2 * sample || len != count || tree.value.len() != count {
                return Err("a tree has a column, a child and a value for each node");
            }
            let mut nodes = Vec::with_capacity(count);
            let fields = tree.column.into_iter().zip(tree.below).zip(tree.value);
            for (place, ((column, below), value)) in fields.enumerate() {
                // A child comes after its parent, so that no way leads in circles.
                let child = below as usize;
                let is_leaf = column == -1;
                let within = child > place && child + 1 < count;
                let known = usize::try_from(column).is_ok_and(|column| column < columns);
                if !value.is_finite() || !(is_leaf || known && within) {
                    return Err("a node of a tree cuts a column that there is, or is a leaf");
                }
                nodes.push(Node {
                    column: if is_leaf { LEAF } else { column as u32 },
                    below: if is_leaf { 0 } else { below },
                    value,
                });
            }
            forest.push(nodes);
        }
        Ok(Self::of_trees(columns, sample, forest))
    }
}

impl<F: Float> From<IsolationForest<F>> for Stored<F> {
    fn from(forest: IsolationForest<F>) -> Self {
        let ends = forest.roots.iter().skip(1).map(|root| *root as usize);
        let ends = ends.chain([forest.nodes.len()]);
        let tree = |(root, end): (&u32, usize)| {
            let nodes = &forest.nodes[*root as usize..end];
            let column = |node: &Node<F>| match node.column {
                LEAF => -1,
                column => column as i32,
            };
            let below = |node: &Node<F>| match node.column {
                LEAF => 0,
                _ => node.below - *root,
            };
            StoredTree {
                column: nodes.iter().map(column).collect(),
                below: nodes.iter().map(below).collect(),
                value: nodes.iter().map(|node| node.value).collect(),
            }
        };
        Self {
            columns: forest.columns,
            sample: forest.sample,
            trees: forest.roots.iter().zip(ends).map(tree).collect(),
        }
    }
}

impl<F: Float> IsolationForest<F> {
    /// The parameters, to be fitted.
    pub fn params() -> IsolationForestParams {
        IsolationForestParams::new()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// The score of a row, above 0 and at most 1.
    ///
    /// # Errors
    /// [`ScoreError`] if the row has another width than the training rows, NaN or infinity.
    pub fn score_row(&self, row: ArrayView1<'_, F>) -> Result<F, ScoreError> {
        check_row(row, self.columns)?;
        let depth = |root: &u32| {
            let mut node = &self.nodes[*root as usize];
            while node.column != LEAF {
                let beyond = u32::from(row[node.column as usize] >= node.value);
                node = &self.nodes[(node.below + beyond) as usize];
            }
            node.value
        };
        let sum = self.roots.iter().map(depth).fold(F::zero(), |a, b| a + b);
        let sum = sum.to_f64().expect("a float is a double");
        Ok(F::cast((-sum / self.usual).exp2()))
    }

    /// Puts trees, whose nodes count from 0, one behind the other.
    fn of_trees(columns: usize, sample: usize, trees: Vec<Vec<Node<F>>>) -> Self {
        let (mut roots, mut nodes) = (Vec::with_capacity(trees.len()), Vec::new());
        let count = trees.len();
        for tree in trees {
            // At most 10,000 trees of 2 · 65,536 nodes.
            let root = nodes.len() as u32;
            roots.push(root);
            nodes.extend(tree.into_iter().map(|node| Node {
                below: node.below + root,
                ..node
            }));
        }
        Self {
            columns,
            sample,
            roots,
            nodes,
            usual: count as f64 * mean_cuts(sample),
        }
    }
}

/// `c(n)`: the mean number of cuts that set a row apart in a random search tree of `n` rows,
/// `2 H(n - 1) - 2 (n - 1) / n`.
fn mean_cuts(rows: usize) -> f64 {
    if rows < 2 {
        return 0.0;
    }
    let harmonic: f64 = (1..rows).map(|n| 1.0 / n as f64).sum();
    2.0 * harmonic - 2.0 * (rows - 1) as f64 / rows as f64
}

impl<F: Float, D: Data<Elem = F>, T> Fit<ArrayBase<D, Ix2>, T, FitError>
    for IsolationForestValidParams
{
    type Object = IsolationForest<F>;

    /// Fits a forest; targets are not looked at.
    ///
    /// # Errors
    /// [`FitError::TooFewRows`] below two rows, [`FitError::Columns`] without columns or with more
    /// than 2^24, [`FitError::NotFinite`] on NaN or infinity.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let rows = dataset.records().view();
        check_rows(rows, 2, MOST_COLUMNS)?;
        let order = in_order(rows);
        let sample = self.sample().min(rows.nrows());
        let usual: Vec<f64> = (0..=sample).map(mean_cuts).collect();
        let trees = parallel::chunks(self.trees(), self.threads(), |range| {
            let tree = |tree: usize| {
                // A stream a tree, so that threads do not wait for each other's draws.
                let mut generator = ChaCha8Rng::seed_from_u64(self.seed());
                generator.set_stream(tree as u64);
                let places = distinct(rows.nrows(), sample, &mut generator);
                let places = places.into_iter().map(|place| order[place]).collect();
                grown(rows, places, &usual, &mut generator)
            };
            range.map(tree).collect::<Vec<_>>()
        });
        Ok(IsolationForest::of_trees(
            rows.ncols(),
            sample,
            trees.into_iter().flatten().collect(),
        ))
    }
}

/// A node that is to be cut: its place, the rows that come to it, and how deep it lies.
struct Pending {
    node: usize,
    from: usize,
    to: usize,
    depth: u32,
}

/// A tree of rows (at least one); `usual` is `c` of each number of rows.
fn grown<F: Float>(
    rows: ArrayView2<'_, F>,
    mut places: Vec<usize>,
    usual: &[f64],
    generator: &mut ChaCha8Rng,
) -> Vec<Node<F>> {
    let deepest = places.len().next_power_of_two().ilog2();
    let mut columns: Vec<u32> = (0..rows.ncols() as u32).collect();
    let leaf = Node {
        column: LEAF,
        below: 0,
        value: F::zero(),
    };
    let mut nodes = vec![leaf];
    let mut pending = vec![Pending {
        node: 0,
        from: 0,
        to: places.len(),
        depth: 0,
    }];
    while let Some(Pending {
        node,
        from,
        to,
        depth,
    }) = pending.pop()
    {
        let here = &mut places[from..to];
        let cut = if depth < deepest && here.len() > 1 {
            cut(rows, here, &mut columns, generator)
        } else {
            None
        };
        let Some((column, value)) = cut else {
            nodes[node].value = F::cast(f64::from(depth) + usual[here.len()]);
            continue;
        };
        let below = partition(here, |place| rows[[place, column as usize]] < value);
        let first = nodes.len();
        nodes[node] = Node {
            column,
            below: first as u32,
            value,
        };
        nodes.extend([leaf, leaf]);
        let middle = from + below;
        for (node, from, to) in [(first + 1, middle, to), (first, from, middle)] {
            let depth = depth + 1;
            pending.push(Pending {
                node,
                from,
                to,
                depth,
            });
        }
    }
    nodes
}

/// A column in which rows differ, and a place between their least and greatest value: at least one
/// row lies below it and one does not. None, if they differ in no column.
fn cut<F: Float>(
    rows: ArrayView2<'_, F>,
    places: &[usize],
    columns: &mut [u32],
    generator: &mut ChaCha8Rng,
) -> Option<(u32, F)> {
    for left in (1..=columns.len()).rev() {
        columns.swap(below(left, generator), left - 1);
        let column = columns[left - 1];
        let values = places.iter().map(|place| rows[[*place, column as usize]]);
        let (mut least, mut greatest) = (F::infinity(), F::neg_infinity());
        for value in values {
            least = if value < least { value } else { least };
            greatest = if value > greatest { value } else { greatest };
        }
        if least < greatest {
            let part = F::cast((generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64);
            // Not `least + part * (greatest - least)`, whose difference may overflow.
            let value = least * (F::one() - part) + greatest * part;
            let inside = value > least && value < greatest;
            return Some((column, if inside { value } else { greatest }));
        }
    }
    None
}

/// Puts places that pass first; how many do.
fn partition(places: &mut [usize], passes: impl Fn(usize) -> bool) -> usize {
    let mut first = 0;
    for place in 0..places.len() {
        if passes(places[place]) {
            places.swap(first, place);
            first += 1;
        }
    }
    first
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<F>>
    for IsolationForest<F>
{
    /// Scores rows: see [`IsolationForest::score_row`]. A row that cannot be scored gets NaN.
    ///
    /// # Panics
    /// If there is not one target a row, as linfa's own estimators do.
    fn predict_inplace<'a>(&'a self, rows: &'a ArrayBase<D, Ix2>, scores: &mut Array1<F>) {
        assert_eq!(
            rows.nrows(),
            scores.len(),
            "there must be one target for each row"
        );
        for (row, score) in rows.rows().into_iter().zip(scores) {
            *score = self.score_row(row).unwrap_or_else(|_| F::nan());
        }
    }

    fn default_target(&self, rows: &ArrayBase<D, Ix2>) -> Array1<F> {
        Array1::zeros(rows.nrows())
    }
}
