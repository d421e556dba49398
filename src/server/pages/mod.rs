//! What the review pages stand on, in the process of `fundwatch serve`.

mod access_log;
mod cases;
mod desk_log;
mod dials;
mod directory;
mod feeds;
mod measures;
mod people;
mod rejects;
#[cfg(test)]
mod rejects_tests;
mod row_fields;
#[cfg(test)]
mod tests;
mod vouching;

pub(super) use access_log::WatchedLog;
pub(super) use cases::JournalledCases;
pub(super) use desk_log::{LoggedDesk, subject};
pub(super) use dials::WeighedDials;
pub(super) use directory::RegisteredDirectory;
pub(super) use feeds::ConfiguredFeeds;
pub(super) use measures::ServiceMeasures;
pub(super) use people::{RegisteredPeople, codes};
pub(super) use rejects::JournalledRejects;
pub(super) use vouching::VouchedPeople;
