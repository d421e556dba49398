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
//! 8. What changed since somebody looked is the difference of two reads, whatever happened between.
//! 9. What receivers of webhooks are to be told is written with what changed, and kept until each has it.
//! 10. Nothing here identifies a person of the registers, but for what somebody wrote in a note, which is encrypted.

mod act;
mod acting;
mod band;
mod batch;
mod batch_rows;
mod batches;
mod bell;
mod correction;
mod corrections;
mod database;
mod decided;
mod decisions;
mod desk;
mod desk_log;
mod desk_watch;
mod difference;
mod erasure;
mod error;
mod event;
mod group_page;
mod holidays;
mod item;
mod lists;
mod look;
mod looking;
mod machine_change;
mod money_stage;
mod outbox;
mod own_alerts;
mod page;
mod person_search;
mod projection;
mod projector;
mod purpose;
mod receivers;
mod reveal;
mod review_key;
mod rows;
mod second_look;
mod typed;
mod verdict;
mod version;
mod view;
mod viewer;
mod work;
mod workload;

pub use act::{Act, LONGEST_NOTE, LONGEST_WAIT, Refused, Seen, Wrong};
pub use acting::APPROVALS_PER_MINUTE;
pub use band::{Band, working_time};
pub use batch::{
    BATCH_ACTIONS, BATCH_SAMPLE, Batch, BatchAct, BatchDecision, BatchOffer, BatchOutcome,
    BatchPart, BatchState, BatchTold, LARGEST_BATCH,
};
pub use bell::Bell;
pub use correction::{
    CORRECTIONS_PER_DAY, Correction, CorrectionAction, CorrectionCase, CorrectionEvent,
    CorrectionLine, CorrectionRefused, CorrectionState, LONGEST_TEXT, LONGEST_VALUE, NewCorrection,
    REQUESTS_PER_HOUR, UsedAssertion,
};
pub use corrections::allowed_corrections;
pub use database::REVIEW_DATABASE;
pub use decided::{DecidedAlert, decided_alerts};
pub use decisions::{ASSUMED_MINUTES, Decisions, FEWEST_MEASURED};
pub use desk::{ActedOn, Desk, Exported, LARGEST_BULK, Now};
pub use desk_log::{Access, BatchStep, DeskLog};
pub use desk_watch::{DeskWatch, Unreadable, WorkDone};
pub use difference::NetChange;
pub use erasure::{ERASURE_GRACE_HOURS, ErasedOf, Erasure, Held};
pub use error::DeskError;
pub use event::WorkEvent;
pub use group_page::{GroupPage, GroupQuery, Month, ServiceDay, Sum};
pub use holidays::{Holiday, has_holidays_of, holidays_of, is_working_day};
pub use item::{Decided, EvidenceDigest, Finding, GroupId, Item, Work, is_alert_id};
pub use lists::{Group, Mine, QueuePage};
pub use look::{Look, Place};
pub use looking::{ChangedCount, Opened, SinceLook};
pub use machine_change::{Changes, MachineChange};
pub use money_stage::MoneyStage;
pub use outbox::Message;
pub use own_alerts::OwnAlert;
pub use page::describe_review;
pub use person_search::{PersonNumber, SEARCHES_PER_HOUR};
pub use projection::Frontier;
pub use projector::{About, Projector, Registers};
pub use purpose::Purpose;
pub use receivers::{Enrolled, Pending, Standing};
pub use reveal::{REVEALS_PER_HOUR, Reveal, RevealEvent};
pub use review_key::{MONTHS as REVIEW_MONTHS, ReviewKey};
pub use typed::Typed;
pub use verdict::{FalseCause, Outcome, Verdict};
pub use version::Version;
pub use view::{Cursor, Filters, QueueQuery, View};
pub use viewer::Viewer;
pub use work::{By, TRANSITIONS, Transition, WorkAction, WorkState, transition};
pub use workload::{WorkPlace, Workload};
