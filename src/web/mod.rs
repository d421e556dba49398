//! The listeners of the live service: the API for feeds, systems and auditors, and the ops listener for
//! whoever runs it.
//!
//! In: requests over HTTP/1.1 and HTTP/2, plain or over TLS with or without client certificates.
//! Out: calls of the traits below, which the service implements, and their answers as JSON.
//!
//! ```text
//!  socket/ ──▶ exchange ──▶ api/ ──▶ Gate (who is it, may they) ──▶ Inlet   (rows in)
//!  accept, TLS, (one log      │                                 ├─▶ Reader  (alerts, exports, status)
//!  bounds, time  line, one    │                                 ├─▶ Steward (rejects, sources)
//!  limits        measurement) │                                 ├─▶ SelfCheck (a citizen's own records)
//!                             │                                 ├─▶ Desk, Cases (what people do about alerts, and the rows behind them)
//!                             │                                 └─▶ Ledger  (the access log)
//!                             └─▶ ops ──▶ Health, Metrics
//! ```
//! Must hold:
//! 1. Nothing is read of a body before its sender is known, may send it, and its bytes are charged to the
//!    [budget](PushLimits::in_flight): memory is bounded whatever is sent.
//! 2. Whatever a peer does, or leaves undone, ends at a time limit: heads, bodies, answers, idleness.
//! 3. No identifier, name, token or text of a body in a log line, a header or an error: a log line is method,
//!    route template, status, milliseconds and the caller's own id.
//! 4. The ops listener has threads of its own; nothing that is sent to the API can keep it from answering.
//! 5. What leaves for an auditor is in the access log before its first byte leaves.
//!
//! The rest of the program is synchronous: [`serve_api`] and [`serve_ops`] return at once, with their runtimes on
//! threads of their own. Calls that may wait (all but [`Gate`] and [`Health`]) come from threads that may block.

mod access;
mod api;
mod body;
mod budget;
mod cases;
mod encoding;
mod exchange;
mod export;
mod gate;
mod health;
mod inlet;
mod media;
mod metrics;
mod ops;
mod options;
pub mod pages;
mod parameters;
mod problem;
mod reader;
mod reveal;
mod self_check;
mod server;
mod shared;
mod socket;
mod steward;
mod watched;

pub(crate) use access::is_entry_code;
pub use access::{AccessAction, AccessEntry, AccessError, Ledger, Stage, Subject};
pub use api::{ApiParts, ROUTES, Route, openapi};
pub use cases::{CaseError, CaseTold, Cases, FeatureTold, Revealed, RowTold, Visit, Visits};
pub use gate::{Action, Gate, Principal};
pub use health::{Health, Readiness, Startup, Unready};
pub use inlet::{Inlet, Payload, Push, PushError, Receipt, Submission};
pub use metrics::{Event, Metrics, Observation};
pub use ops::OpsParts;
pub use options::{ApiOptions, Limits, OpsOptions, PushLimits, ReadLimits};
pub use reader::{
    AlertQuery, Answer, Asked, AskedId, Export, Filter, Gone, Page, ReadError, Reader, RejectQuery,
    TakeLine,
};
pub use self_check::{AskedCorrection, SelfCheck, SelfCheckError};
pub use server::{Drained, ServeError, Server, serve_api, serve_ops};
pub use socket::{ClientCertificates, TlsError, TlsOptions};
pub use steward::{Restored, Steward, StewardError};
pub use watched::{AccessLogReader, LogEntry, LogPage, LogQuery, LogSample, LogStanding};
