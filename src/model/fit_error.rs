//! Why an estimator cannot be fitted, or a row not scored.

/// The most threads that a fit may be given.
pub(super) const MOST_THREADS: usize = 1024;

/// Why parameters or training data are refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FitError {
    /// A parameter is outside its range.
    #[error("{name} is {value}, but must be {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// Too few rows.
    #[error("{found} rows are too few to fit on: at least {needed} are needed")]
    TooFewRows {
        /// Rows given.
        found: usize,
        /// Rows needed.
        needed: usize,
    },
    /// No columns, or too many.
    #[error("{found} columns cannot be fitted: give 1 to {most}")]
    Columns {
        /// Columns given.
        found: usize,
        /// The most that are allowed.
        most: usize,
    },
    /// A value is not a number or infinite.
    #[error(
        "the value in row {row}, column {column} (counted from 0) is not a finite number: remove or fill in such values"
    )]
    NotFinite {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// All rows are labelled, or none is.
    #[error("{labelled} of {rows} rows are labelled: fit on some that are and some that are not")]
    OneClass {
        /// Labelled rows.
        labelled: usize,
        /// All rows that count.
        rows: usize,
    },
    /// An error of linfa itself.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

/// Why a row is not scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The row is not as wide as the training data.
    #[error("the row has {found} columns, but the model was fitted on {expected}")]
    Width {
        /// Columns of the training data.
        expected: usize,
        /// Columns given.
        found: usize,
    },
    /// A value is not a number or infinite.
    #[error("the value in column {column} (counted from 0) is not a finite number")]
    NotFinite {
        /// Its column.
        column: usize,
    },
}
