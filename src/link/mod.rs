//! Record linkage: which records are of one person.
//!
//! In: one table of records or two, any columns. Out: pairs of records with the probability that they
//! are of one person, the model that was learned for them, clusters. Must hold: results are a function
//! of the records and options, on any number of threads; comparison and scoring are pure functions of
//! two records and the model; a common value is weak evidence; what is left out is told.
//!
//! ```text
//! CSV ─ table ─ columns (guess) ─ records ─ blocking ─▶ candidates ─ pattern ─▶ train ─▶ model
//!                                                          │                         │
//!                                                          └───────▶ score ◀─────────┘
//!                                                                      │
//!                                                                   cluster ─▶ pairs, clusters
//! ```
//! The persons of a register that changes are linked two at a time, with a model that was learned before
//! (`person`, `person_keys`): the dataflow holds their keys and says when a pair comes and goes.

mod block_keys;
mod blocking;
mod cluster;
mod columns;
mod date;
mod dependence;
mod echo;
mod error;
mod frequency;
mod guess;
mod joint;
mod level;
mod linkage;
mod model;
mod pattern;
mod person;
mod person_ceiling;
mod person_keys;
mod person_linkage;
mod phonetic;
mod prior;
mod records;
mod role;
mod run;
mod sample;
mod schema;
mod similarity;
mod table;
mod text;
mod train;
mod value;

#[cfg(test)]
mod tests;

pub use blocking::{Bounds, PassReport};
pub use columns::roles;
pub use error::LinkError;
pub use level::{Level, compare, levels};
pub use linkage::{Link, LinkOptions, Linkage, link};
pub use model::{FieldEvidence, FieldWeights, JointWeights, LinkModel, VERSION, probability};
pub use pattern::{Pattern, Record};
pub use person::{PersonColumns, PersonModel, PersonRecord};
pub use person_keys::{HINT_BITS, PersonHint, PersonKey, PersonKeyKind, PersonKeys};
pub use person_linkage::{PersonBounds, PersonLinkage};
pub use records::Records;
pub use role::Role;
pub use run::{Explanation, Outputs, Request, Summary, explain, run};
pub use schema::{Field, Schema};
pub use similarity::jaro_winkler;
pub use table::{Column, Table};
pub use text::{folded, toned};
pub use value::Value;
