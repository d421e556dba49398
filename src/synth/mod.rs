//! A synthetic Vietnamese country in the contract's streams, with known truth.
//!
//! ```text
//! households ─ lives, stories ─▶ events ─ judge ─▶ truth.csv
//!                                  ├─ known before the period ─▶ tables ─▶ streams
//!                                  └─ calendar (by day, on disk) ─▶ tables ─▶ streams
//! ```
//! In: how many people and days, a seed. Out: a file a stream, in order of `recorded_at`, and
//! `truth.csv`, a row for everything that a replay raises and for what it must not raise.
//! Must hold: the same options give the same bytes, whatever the threads; memory does not grow with
//! the country but by the rows of one day; nobody is real - every number is drawn.
//!
//! # How misuse is told from errors
//! Nine in ten claims after a recorded death are register errors, and no single feature tells the
//! others from them. What does, together, follows the published cases of 2018 and 2019:
//!
//! - *Errors*: the living go on as before - their own mix of facilities, diagnoses and kinds of
//!   visits, often for months -, and seldom does a second source say that they are dead. A default first
//!   of the month touches only the weeks of that month.
//! - *Relatives* keep to what the dead person had: the registered facility, the same drugs for the
//!   same chronic illness, soon after the death, and stop once it is talked about.
//! - *Staff* bill at one facility many of its dead, at regular distances, with bills alike, whether
//!   or not the patient was there before.
//!
//! So costs, hours, stays and provinces are drawn from the same distributions for all three, and
//! what differs is how a claim sits in the life before it and among its facility's other claims.
//!
//! Of people under two numbers, most were registered again by a clerk and show whichever card is at hand;
//! misuse is the same illness billed under both. No split is published, so that the weights are assumed.
//!
//! # Participants who do not authenticate
//! Some participants' names, birth dates, sexes or personal ids are wrong (`mistake.rs`, with rates), and
//! `truth.csv` has the cause and the true value. They are drawn apart, so that nothing else changes.
//!
//! Others are registered twice, once without a personal id (`registered_twice.rs`); both numbers are labelled
//! `probable_duplicate`, which is what they are and not what linkage makes of them: it may miss some, and
//! find others who are alike by chance.
//!
//! # Numbers
//! 2.05 visits a person-year (195.5 million visits of 95.2 million insured in 2025), a mean request
//! of about 0.83 million dong, 5 to 6 claims after a recorded death in a million, of which 88 % are
//! register errors and 4 % misuse (575 and 26 of 650 verified cases). The default raises the share
//! after death to 500 in a million, and small countries to as much as it takes for three players of
//! every story; [`Summary`] says by how much.

mod calendar;
mod cast;
mod diagnosis;
mod error;
mod generate;
mod house;
mod judge;
mod kind;
mod life;
mod mistake;
mod names;
mod options;
mod ordered;
mod place;
mod random;
mod registered_twice;
mod render;
mod row;
mod slip;
mod story;
mod summary;
mod table;
mod truth;
mod unauthenticated;
mod world;
mod written;

pub use error::SynthError;
pub use generate::{generate, regenerate};
pub use kind::Label;
pub use options::{Format, Options};
pub use summary::{BaseRate, LabelCount, Summary};

/// Receives what a generation tells.
pub trait Progress {
    /// Rows that were written, and the day that they have reached, of all days; day 0 while registers
    /// are written.
    fn rows(&mut self, _written: u64, _day: u32, _days: u32) {}
}

/// Tells nothing.
pub struct Silent;

impl Progress for Silent {}
