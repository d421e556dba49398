//! Outliers of any table of numbers: what `fundwatch model score` does.
//!
//! In: a CSV with a header, plain, `.gz` or `.zst`, whose cells are numbers. Out: a score a row, in the
//! order of the rows; how well scores rank rows that are labelled. Must hold: outputs are a function of
//! the rows, the options and the stored model, on any number of threads, and appear whole or not at all;
//! an error names file, line, column and remedy, and never a cell, which may tell of a person.
//!
//! ```text
//! CSV ─ number_table ─▶ rows ─ fit, or table_model ─▶ scores ─ run ─▶ CSV, AUROC and AP
//! ```

mod error;
mod number_table;
mod run;
mod table_model;

pub use error::TableError;
pub use number_table::{Missing, NumberTable, Reading};
pub use run::{Outputs, Request, Summary, run};
pub use table_model::{TableModel, VERSION};
