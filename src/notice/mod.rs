//! Change notices: what was found wrong in which database, told to those who keep it.
//!
//! In: the alerts of a replay or a service with the rows behind them. Out: a [`Proposal`] a value that
//! is to be put right, or looked into. Must hold: a proposal is for people to decide on; nothing is
//! changed anywhere.

mod derive;
mod proposal;

pub use derive::{Lead, leads_of_case, leads_of_corrections, proposals, proposes};
pub use proposal::{ALERTS_SHOWN, Content, Proposal, Target, Told};
