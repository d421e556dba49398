//! The pages that people work in: a real desk and real sockets, people and cases that are made up, and a browser.
//!
//! Tests in a browser take Chromium, its driver and axe-core, which `tests/run` installs; where there is none, they say
//! so loudly and pass, unless `FUNDWATCH_REQUIRE_BROWSER=1`. `FUNDWATCH_SCREENSHOTS` names a directory for pictures.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod access_log;
mod admin;
mod all_pages;
mod api;
mod api_access_log;
mod api_batches;
mod api_corrections;
mod api_reveals;
mod api_seen;
mod batches;
mod between;
mod browser;
mod callers;
mod changes;
mod client;
mod core_path;
mod decisions;
mod house;
mod keys;
mod live;
mod log;
mod made;
mod made_rejects;
mod measures;
mod nothing;
mod overheard;
mod people;
mod provider;
mod rejects;
mod reveals;
mod routes;
#[path = "../support/said.rs"]
mod said;
mod screens;
mod unmasked;
mod visitor;
mod walls;
mod watched;
mod webdriver;
mod what_if;
mod words;
