//! What findings are to people: alerts that are raised, change and are withdrawn.
//!
//! In: the findings that came and went in an epoch. Out: events with their causes, and the alerts
//! that hold. Must hold: a withdrawn alert is a fact and not a deletion; an alert's id depends on
//! reason and subject alone.

mod basis;
mod case;
mod cause_rows;
mod causes;
mod comparison;
mod epoch;
mod event;
mod evidence;
mod identity;
mod known_citizens;
mod ledger;
mod lookup;
mod misuse;
mod moved;
mod pieces;
mod score;
mod transition;
mod visits;
mod watch;
mod weighing;

pub use case::{Case, CaseRow};
pub use comparison::{Comparison, Counts};
pub use epoch::{EpochEnd, RulesChange};
pub use event::{Cause, Event, EventKind, serialize_amount};
pub use evidence::{Evidence, EvidenceRow, FileNames};
pub use identity::{AlertId, Subject, SubjectKind};
pub use known_citizens::KnownCitizens;
pub use ledger::{Alert, Applied, Ledger, Raised, RankedCase};
pub use lookup::{Known, SharedRows};
pub use misuse::MisuseFeatureShown;
pub use moved::Moved;
pub use score::ScoreFeature;
pub use transition::AlertKey;
pub use weighing::{Effect, NoTurn, ProvinceCode, Sum, Turn, Weighings};
