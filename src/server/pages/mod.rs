//! What the review pages stand on, in the process of `fundwatch serve`.

mod cases;
mod desk_log;
mod feeds;
mod people;

pub(super) use cases::JournalledCases;
pub(super) use desk_log::LoggedDesk;
pub(super) use feeds::ConfiguredFeeds;
pub(super) use people::RegisteredPeople;
