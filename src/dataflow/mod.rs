//! The joins and rules: the only place that names timely or differential.
//!
//! In: the [`Content`] of rows, resolved to what each key held and holds. Out: [`Finding`]s that come
//! and go, epoch by epoch. Must hold: operators are pure - no clock, no randomness, no floating
//! point; what an arrangement holds is fixed-width and has no name or text in it.
//!
//! - `content`: what is kept of a row; `feed`: content to updates of the `inputs`.
//! - `graph`: the whole graph on one page; `engine`: the threads that run it.
//! - [`ArrangementSize`]: how much each arrangement holds; [`Layout`]: how wide its records are.
//! - `node`, `employer`, `identity`, `likeness`, `claim_fact`, `fact`, `row_ref`, `finding`: the values in arrangements.
//! - `presented`, `citizen`, `deaths`, `clusters`: what has to be known before a person can be folded.
//! - `state`, `keyed_state`, `paged_table`, `blocks`: tables that are held beside the dataflow.
//! - `dossier`: one person; `view`: the reasons, one file each.
//! - `settings`: what of the thresholds each place turns on.

mod arrangement_layouts;
mod arrangement_sizes;
mod as_of;
mod asked_look_ups;
mod blocks;
mod citizen;
mod claim_fact;
mod clusters;
mod content;
mod deaths;
mod dossier;
mod employer;
mod engine;
mod fact;
mod feed;
mod finding;
mod fold;
mod graph;
mod identity;
mod inputs;
mod keyed_state;
mod likeness;
mod linkage_work;
mod node;
mod paged_table;
mod people;
mod presented;
mod row_ref;
mod settings;
mod state;
mod status_change;
mod telemetry;
mod terms;
mod threads;
mod view;

pub use arrangement_layouts::{LAYOUTS, Layout, TABLES, layout};
pub use arrangement_sizes::ArrangementSize;
pub use content::{
    CitizenContent, ClaimContent, Content, DeathReportContent, EnterpriseContent,
    ParticipantContent,
};
pub use dossier::VisitOrder;
pub use employer::Employer;
pub use engine::{
    Delta, Engine, EngineOptions, LookUps, Stopped, UPDATES_PER_MESSAGE, Workers, assist,
};
pub use fact::{CardFact, EvidenceSource, OPEN};
pub use feed::{Fed, days_passed, feed, feed_anew, listed_cards, settings_changed};
pub use finding::{
    Basis, Compared, Finding, Forgiving, Judged, Observed, Output, Sampled, Sign, Support, Visits,
    Weighed,
};
pub use identity::{IdentityAt, IdentityContent};
pub use inputs::Updates;
pub use likeness::{BlockEntry, LikenessContent, ParticipantAt};
pub use linkage_work::{LeftOut, LinkageWork};
pub use node::Person;
pub use people::{Whom, people};
pub use row_ref::{PackedKey, Referent, RowRef};
pub use settings::{PersonSettings, RowSettings, Scoring};
pub use status_change::status_changes;
pub use telemetry::{Telemetry, WorkerUse};
pub use view::{Observe, Shadow};
