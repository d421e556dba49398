//! What the review pages stand on, in the process of `fundwatch serve`.

mod desk_log;

pub(super) use desk_log::LoggedDesk;
