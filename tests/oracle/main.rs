//! The replay against a naive oracle: random histories, every epoch, any number of workers.
//!
//! The oracle is written from the contract alone and shares no code with the program: rows are
//! plain text, the world is a map a stream, every reason is searched from scratch after every
//! epoch. `FUNDWATCH_CASES=20` runs twenty times as many histories.

mod check;
mod correction;
mod examples;
mod file;
mod history;
mod measures;
mod misuse;
mod models;
mod near_thresholds;
mod notices;
mod outcome;
#[path = "../support/outlier_model.rs"]
mod outlier_model;
mod packs;
mod person;
mod plain;
#[path = "../support/ports.rs"]
mod ports;
mod property;
mod reach;
mod reason;
mod replay;
mod rules;
mod score;
mod thresholds;
mod timeline;
mod universe;
mod what_if;
mod world;
