//! What the review pages stand on, in the process of `fundwatch serve`.

mod access_log;
mod cases;
mod desk_log;
mod dials;
mod directory;
mod feeds;
mod measures;
mod people;
#[cfg(test)]
mod tests;

pub(super) use access_log::WatchedLog;
pub(super) use cases::JournalledCases;
pub(super) use desk_log::LoggedDesk;
pub(super) use dials::WeighedDials;
pub(super) use directory::RegisteredDirectory;
pub(super) use feeds::ConfiguredFeeds;
pub(super) use measures::ServiceMeasures;
pub(super) use people::RegisteredPeople;
