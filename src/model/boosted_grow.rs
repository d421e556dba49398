//! Growing one tree on the derivatives of the loss.
//!
//! In: rows in bins, and each row's derivatives of the loss by its log-odds. Out: a tree, and the
//! rows' log-odds raised by its leaves. Must hold: sums over rows are of integers, and so exact in
//! any order; leaves are whole thousandths before the next tree is grown, so that it corrects what
//! rounding took away.

use std::ops::Range;

use linfa::Float;

use super::boosted_bins::{Bins, MOST_BINS};
use super::boosted_params::{BoostedTreesValidParams, Monotone};
use super::boosted_tree::{MOST_VALUE, Node, Tree};

/// The least gain that a split is made for, in units of the loss; below it lies mere rounding.
const LEAST_GAIN: f64 = 1e-6;
/// Thousandths.
const STEPS: f64 = 1000.0;

/// A row's first and second derivative of the loss, in units of 2^-30 of the greatest weight.
#[derive(Clone, Copy, Default)]
pub(super) struct Derivatives {
    pub(super) gradient: i32,
    pub(super) curvature: i32,
}

/// Derivatives of rows, summed. Of 2^32 rows at most, so that nothing overflows.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    gradient: i64,
    curvature: i64,
    rows: u32,
}

impl Sums {
    #[inline]
    fn add(&mut self, row: Derivatives) {
        self.gradient += i64::from(row.gradient);
        self.curvature += i64::from(row.curvature);
        self.rows += 1;
    }

    fn plus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient + other.gradient,
            curvature: self.curvature + other.curvature,
            rows: self.rows + other.rows,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
            rows: self.rows - other.rows,
        }
    }
}

/// What the bins of a column hold.
type Histogram = [Sums; MOST_BINS];

/// Log-odds that a leaf may add, before the learning rate.
#[derive(Clone, Copy)]
struct Bounds {
    low: f64,
    high: f64,
}

/// Rows that come to one node.
struct Part {
    /// Where they are in the order.
    rows: Range<usize>,
    sums: Sums,
    /// What they would add as a leaf, before the learning rate.
    step: f64,
    bounds: Bounds,
    level: usize,
}

/// The best way to part the rows of a node.
struct Split {
    gain: f64,
    column: u16,
    bin: u8,
    left: Sums,
    right: Sums,
    steps: [f64; 2],
}

/// What a subtree weighs.
struct Mass {
    /// Weights of its rows, summed.
    weight: i64,
    /// The same, each times the value of its leaf.
    moment: i128,
}

/// Grows trees on the same rows.
pub(super) struct Grower<'a, F> {
    params: &'a BoostedTreesValidParams,
    bins: &'a Bins<F>,
    /// By row, in units of 2^-30 of the greatest weight.
    weights: &'a [u32],
    /// A unit of a sum of derivatives.
    unit: f64,
    /// Rows, those of a node side by side.
    order: Vec<u32>,
    /// Rows on their way to the right.
    aside: Vec<u32>,
}

/// A tree that is growing.
struct Growth<'a, 'b, F> {
    grower: &'b mut Grower<'a, F>,
    derivatives: &'b [Derivatives],
    /// Drawn for this tree, rising.
    columns: &'b [u16],
    log_odds: &'b mut [i32],
    nodes: Vec<Node<F>>,
}

impl<'a, F: Float> Grower<'a, F> {
    /// Grows on rows of these weights, whose unit is the last argument.
    pub(super) fn new(
        params: &'a BoostedTreesValidParams,
        bins: &'a Bins<F>,
        weights: &'a [u32],
        unit: f64,
    ) -> Self {
        Self {
            params,
            bins,
            weights,
            unit,
            order: vec![0; weights.len()],
            aside: Vec::with_capacity(weights.len()),
        }
    }

    /// Grows a tree on some columns, and adds the values of its leaves to the log-odds of the rows.
    pub(super) fn grow(
        &mut self,
        columns: &[u16],
        derivatives: &[Derivatives],
        log_odds: &mut [i32],
    ) -> Tree<F> {
        for (row, place) in (0..).zip(&mut self.order) {
            *place = row;
        }
        let mut sums = Sums::default();
        derivatives.iter().for_each(|row| sums.add(*row));
        let high = f64::from(MOST_VALUE) / (STEPS * self.params.learning_rate());
        let bounds = Bounds { low: -high, high };
        let rows = 0..self.order.len();
        let root = Part {
            rows,
            sums,
            step: self.step(sums, bounds),
            bounds,
            level: 0,
        };
        let mut growth = Growth {
            grower: self,
            derivatives,
            columns,
            log_odds,
            nodes: Vec::new(),
        };
        let histograms = growth
            .may_split(&root)
            .then(|| growth.histograms(&root.rows));
        growth.subtree(root, histograms);
        Tree::of_nodes(growth.nodes)
    }

    /// The Newton step of a leaf, within its bounds.
    fn step(&self, sums: Sums, bounds: Bounds) -> f64 {
        let (gradient, curvature) = self.derivatives(sums);
        if curvature > 0.0 {
            (-gradient / curvature).clamp(bounds.low, bounds.high)
        } else {
            0.0
        }
    }

    /// By how much such a step lowers the loss, to second order and twice.
    fn gain(&self, sums: Sums, step: f64) -> f64 {
        let (gradient, curvature) = self.derivatives(sums);
        -(2.0 * gradient + curvature * step) * step
    }

    fn derivatives(&self, sums: Sums) -> (f64, f64) {
        let gradient = sums.gradient as f64 * self.unit;
        (
            gradient,
            sums.curvature as f64 * self.unit + self.params.l2(),
        )
    }

    fn direction(&self, column: u16) -> Monotone {
        let monotone = self.params.monotone().get(usize::from(column));
        monotone.copied().unwrap_or_default()
    }
}

impl<F: Float> Growth<'_, '_, F> {
    /// Appends the subtree of these rows.
    fn subtree(&mut self, part: Part, histograms: Option<Vec<Histogram>>) -> Mass {
        let place = self.nodes.len();
        self.nodes.push(Node::leaf(0));
        let split = histograms.and_then(|own| Some((self.best(&part, &own)?, own)));
        let Some((split, own)) = split else {
            return self.leaf(place, &part);
        };
        let [left, right] = self.parted(part, &split);
        let [left_own, right_own] = self.children(own, &left, &right);
        let left = self.subtree(left, left_own);
        let right_place = self.nodes.len();
        let right = self.subtree(right, right_own);
        let mass = Mass {
            weight: left.weight + right.weight,
            moment: left.moment + right.moment,
        };
        let (left, right) = (self.nodes[place + 1], self.nodes[right_place]);
        if left.is_leaf() && right.is_leaf() && left.value == right.value {
            // Rounding has made them one.
            self.nodes.truncate(place);
            self.nodes.push(left);
            return mass;
        }
        self.nodes[place] = Node {
            threshold: self
                .grower
                .bins
                .threshold(usize::from(split.column), usize::from(split.bin)),
            value: mean(&mass),
            column: split.column,
            right: (right_place - place) as u16,
        };
        mass
    }

    /// Makes a node a leaf.
    fn leaf(&mut self, place: usize, part: &Part) -> Mass {
        let step = STEPS * self.grower.params.learning_rate() * part.step;
        let value = (step.round() as i32).clamp(-MOST_VALUE, MOST_VALUE);
        self.nodes[place] = Node::leaf(value);
        let mut weight = 0;
        for row in &self.grower.order[part.rows.clone()] {
            let row = *row as usize;
            self.log_odds[row] += value;
            weight += i64::from(self.grower.weights[row]);
        }
        let moment = i128::from(weight) * i128::from(value);
        Mass { weight, moment }
    }

    fn may_split(&self, part: &Part) -> bool {
        let params = self.grower.params;
        part.level < params.depth() && part.rows.len() / 2 >= params.least_leaf()
    }

    /// The split of highest gain; the first, if several are equal.
    fn best(&self, part: &Part, histograms: &[Histogram]) -> Option<Split> {
        let grower = &*self.grower;
        let least = grower.params.least_leaf();
        let without = grower.gain(part.sums, part.step);
        let mut best: Option<Split> = None;
        for (column, histogram) in self.columns.iter().zip(histograms) {
            let direction = grower.direction(*column);
            let mut left = Sums::default();
            let bins = grower.bins.bins(usize::from(*column));
            for (bin, own) in (0..).zip(&histogram[..bins - 1]) {
                if own.rows == 0 {
                    // As good as the split before.
                    continue;
                }
                left = left.plus(*own);
                let right = part.sums.minus(left);
                if (right.rows as usize) < least {
                    break;
                }
                if (left.rows as usize) < least {
                    continue;
                }
                let steps = [left, right].map(|sums| grower.step(sums, part.bounds));
                let is_allowed = match direction {
                    Monotone::None => true,
                    Monotone::Increasing => steps[0] <= steps[1],
                    Monotone::Decreasing => steps[0] >= steps[1],
                };
                let gain = grower.gain(left, steps[0]) + grower.gain(right, steps[1]) - without;
                let least_gain = best.as_ref().map_or(LEAST_GAIN, |best| best.gain);
                if is_allowed && gain > least_gain {
                    best = Some(Split {
                        gain,
                        column: *column,
                        bin,
                        left,
                        right,
                        steps,
                    });
                }
            }
        }
        best
    }

    /// Parts the rows of a node by a split, and bounds its children: on a column with a direction,
    /// neither may cross the middle between them. So nothing below one crosses anything below the
    /// other, whatever the columns that are split further down.
    fn parted(&mut self, part: Part, split: &Split) -> [Part; 2] {
        let grower = &mut *self.grower;
        let column = usize::from(split.column);
        let rows = &mut grower.order[part.rows.clone()];
        grower.aside.clear();
        let mut kept = 0;
        for place in 0..rows.len() {
            let row = rows[place];
            if grower.bins.row(row)[column] <= split.bin {
                rows[kept] = row;
                kept += 1;
            } else {
                grower.aside.push(row);
            }
        }
        rows[kept..].copy_from_slice(&grower.aside);
        let (mut left, mut right) = (part.bounds, part.bounds);
        let middle = (split.steps[0] + split.steps[1]) / 2.0;
        match grower.direction(split.column) {
            Monotone::None => {}
            Monotone::Increasing => (left.high, right.low) = (middle, middle),
            Monotone::Decreasing => (left.low, right.high) = (middle, middle),
        }
        let border = part.rows.start + kept;
        let child = |rows, sums, step, bounds| Part {
            rows,
            sums,
            step,
            bounds,
            level: part.level + 1,
        };
        [
            child(part.rows.start..border, split.left, split.steps[0], left),
            child(border..part.rows.end, split.right, split.steps[1], right),
        ]
    }

    /// The histograms of two children, of their parent's; none, if neither may be split. Those of
    /// the larger child are what those of the smaller one leave.
    fn children(
        &self,
        mut parent: Vec<Histogram>,
        left: &Part,
        right: &Part,
    ) -> [Option<Vec<Histogram>>; 2] {
        let [split_left, split_right] = [left, right].map(|part| self.may_split(part));
        if !split_left && !split_right {
            return [None, None];
        }
        let is_left_smaller = left.rows.len() < right.rows.len();
        let smaller = self.histograms(if is_left_smaller {
            &left.rows
        } else {
            &right.rows
        });
        for (parent, smaller) in parent.iter_mut().zip(&smaller) {
            for (parent, smaller) in parent.iter_mut().zip(smaller) {
                *parent = parent.minus(*smaller);
            }
        }
        let (left, right) = if is_left_smaller {
            (smaller, parent)
        } else {
            (parent, smaller)
        };
        [split_left.then_some(left), split_right.then_some(right)]
    }

    /// Sums the derivatives of rows by column and bin.
    fn histograms(&self, rows: &Range<usize>) -> Vec<Histogram> {
        let mut histograms = vec![[Sums::default(); MOST_BINS]; self.columns.len()];
        for row in &self.grower.order[rows.clone()] {
            let derivatives = self.derivatives[*row as usize];
            let codes = self.grower.bins.row(*row);
            for (histogram, column) in histograms.iter_mut().zip(self.columns) {
                // A code is below 64: the compiler is told so.
                let bin = usize::from(codes[usize::from(*column)]) % MOST_BINS;
                histogram[bin].add(derivatives);
            }
        }
        histograms
    }
}

/// The mean of the leaves of a subtree by weight, rounded: never outside of theirs, and never
/// outside of the means of its subtrees.
fn mean(mass: &Mass) -> i32 {
    let weight = i128::from(mass.weight);
    let mean = (2 * mass.moment + weight).div_euclid(2 * weight);
    i32::try_from(mean).expect("a mean of numbers of 32 bits")
}
