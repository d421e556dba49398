//! What people do about alerts: a desk with two axes.
//!
//! ```text
//! store/ (the machine's axis) ─▶ projector ─▶ review.db ◀─ act ─ people
//!                                              items, events
//! ```
//! In: alerts as the committer stored them; what reviewers and supervisors do. Out: lists, items with both axes, and
//! for each alert all that was done about it. Must hold:
//! 1. The machine's axis (active, withdrawn, archived) and people's (new … closed) never write each other: a correction
//!    closes nothing, and a verdict withdraws nothing.
//! 2. What the table of [`TRANSITIONS`] does not allow is not done; what needs two people is not done by one, through
//!    whatever sessions they come.
//! 3. A decision is bound to the evidence its author saw. Newer evidence refuses it; later evidence puts it on the list of
//!    what has to be checked again.
//! 4. Of two who act on the same version of an alert one succeeds.
//! 5. What was done stays: events are added only.
//! 6. It outlives the alert store: alerts have the same id in another one.
//! 7. Whoever looks at an alert, searches or has something shown, and whatever is done, is in the access log before the
//!    answer leaves.
//! 8. Nothing here identifies a person of the registers, but for what somebody wrote in a note, which is encrypted.

mod act;
mod acting;
mod band;
mod database;
mod decisions;
mod desk;
mod desk_log;
mod error;
mod event;
mod holidays;
mod item;
mod lists;
mod machine_change;
mod page;
mod person_search;
mod projection;
mod projector;
mod purpose;
mod reveal;
mod review_key;
mod rows;
mod verdict;
mod view;
mod viewer;
mod work;

pub use act::{Act, LONGEST_NOTE, LONGEST_WAIT, Refused, Seen, Wrong};
pub use band::Band;
pub use database::REVIEW_DATABASE;
pub use decisions::{ASSUMED_MINUTES, Decisions, FEWEST_MEASURED};
pub use desk::{Desk, LARGEST_BULK, Now};
pub use desk_log::{Access, DeskLog};
pub use error::DeskError;
pub use event::WorkEvent;
pub use holidays::is_working_day;
pub use item::{Decided, EvidenceDigest, Finding, GroupId, Item, Work};
pub use lists::{Group, Mine, QueuePage};
pub use machine_change::{Changes, MachineChange};
pub use page::describe_review;
pub use person_search::{PersonNumber, SEARCHES_PER_HOUR};
pub use projection::Frontier;
pub use projector::{About, Projector, Registers};
pub use purpose::Purpose;
pub use reveal::{REVEALS_PER_HOUR, Reveal, RevealEvent};
pub use review_key::ReviewKey;
pub use verdict::{FalseCause, Outcome, Verdict};
pub use view::{Cursor, Filters, QueueQuery, View};
pub use viewer::Viewer;
pub use work::{By, TRANSITIONS, Transition, WorkAction, WorkState, transition};
