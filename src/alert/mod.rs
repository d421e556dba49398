//! What findings are to people: alerts that are raised, change and are withdrawn.
//!
//! In: the findings that came and went in an epoch. Out: events with their causes, and the alerts
//! that hold. Must hold: a withdrawn alert is a fact and not a deletion; an alert's id depends on
//! reason and subject alone.

mod event;
mod evidence;
mod identity;
mod ledger;
mod lookup;
mod score;

pub use event::{Cause, Event, EventKind, serialize_amount};
pub use evidence::{Evidence, EvidenceRow};
pub use identity::{AlertId, Subject, SubjectKind};
pub use ledger::{Alert, EpochEnd, Ledger};
pub use lookup::{Known, SharedRows};
pub use score::ScoreFeature;
