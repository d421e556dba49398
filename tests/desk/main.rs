//! The desk: what people do about alerts, against a naive implementation and by hand.

mod acts;
mod batches;
mod corrections;
mod decisions;
mod erasure;
mod groups;
mod lists;
mod looks;
mod made;
mod model;
mod page;
mod projector;
mod random;
mod reveals;
mod upgrade;
