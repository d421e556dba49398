//! The desk: what people do about alerts, against a naive implementation and by hand.

mod acts;
mod decisions;
mod lists;
mod made;
mod model;
mod page;
mod projector;
mod random;
mod reveals;
