//! Webhooks: other systems are told what becomes of alerts, without a word about anybody.
//!
//! ```text
//! review.db: outbox ─ pending ─▶ lane (a receiver) ─ signed ─▶ receiver
//!                ▲                    │ answer
//!                └──── has received ──┘
//! ```
//! In: the messages that the desk wrote with what changed. Out: the same at each receiver, as Standard Webhooks has them.
//! Must hold:
//! 1. A receiver gets the messages of its reasons in their order, each at least once, and of a message always the same id.
//! 2. No body, header or address has a number, a name or an amount of a person. The id of an alert is a digest without a key
//!    (`docs/webhooks.md` says what follows).
//! 3. A receiver that is slow or fails holds up neither others nor the desk.
//! 4. Nothing is sent to whom it is not configured for: no redirect is followed.

mod body;
mod lane;
mod receiver;
mod run;

pub use body::body;
pub use lane::{Lane, POLICY, Turn};
pub use receiver::Receiver;
pub use run::{Deliveries, Watch};
