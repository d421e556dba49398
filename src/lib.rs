//! **fundwatch** keeps the joins between claims, cards and citizens up to date, and says of each
//! alert why it holds, when it became known, and what withdrew it.
//!
//! # Layout
//! Data goes one way, through the modules in this order:
//!
//! - [`source`]: bytes to changes and rejects, a file per format.
//! - [`record`]: what a row means; typed values, no I/O.
//! - [`language`]: words, numbers and dates for people, in Vietnamese and English.
//! - [`journal`]: what is known, durably and by place.
//! - [`snapshot`]: the rows of a journal up to an epoch, in a form that is read fast.
//! - [`authenticate`]: participants against citizens, with causes and corrections; pure functions.
//! - [`rule`]: the catalogue of reasons.
//! - [`model`]: how unlike others a claim is, and why; pure functions of an artefact.
//! - [`dataflow`]: the joins and rules; rows in, findings out.
//! - [`measure`]: is what is known correct, sufficient, clean and live; counters and their report.
//! - [`link`]: which records are of one person; any tables, no labels.
//! - [`tabular`]: how unlike the others the rows of any table of numbers are.
//! - [`handbook`]: the rules as people and programs read them.
//! - [`notice`]: what alerts say is wrong in which database, as an outbox of notices.
//! - [`case`]: an alert told to people, with the rows behind it.
//! - [`config`]: the file of settings of the live service.
//! - [`access`]: who may do what: tokens, certificates, people who sign in, roles.
//! - [`store`]: alerts and their history, in SQLite or PostgreSQL.
//! - [`review`]: what people do about alerts: two axes, verdicts, lists.
//! - [`metric`]: every metric of the live service.
//! - [`self_check`]: what a citizen is told of themself, through a portal; pure functions.
//! - [`service`]: one running detector: queue, sequencer, journal, dataflow, store.
//! - [`self_replay`]: the journal of a service, computed once more and compared with what it stored.
//! - [`web`]: the listeners: API and probes.
//! - [`webhook`]: other systems are told what becomes of alerts, without anything about a person.
//! - [`access_log`]: who saw or changed what: chained, signed, searched.
//! - [`server`]: the process of `fundwatch serve`: service, sources, listeners, signals.
//! - [`support`]: the support bundle: how a service is, without anything about a person.
//! - [`persons`]: parts of the persons, where all of them are too many at once.
//! - [`progress`]: how far work has come, for whoever waits.
//! - [`staging`]: outputs that appear whole or not at all.
//! - [`detector`]: what decides, and from when on.
//! - [`resolve`]: rows to updates of the dataflow, epoch by epoch.
//! - [`replay`]: the audit replay, from a directory to its outputs.
//! - [`roster`]: authentication of a person or a list against the registers of a directory.
//! - [`synth`]: a synthetic country with known truth, for tests, demos and models.
//! - [`demo`]: a synthetic country, replayed, and its worst alerts explained.

pub mod access;
pub mod access_log;
pub mod alert;
pub mod audit;
pub mod authenticate;
pub mod case;
mod chunks;
pub mod cli;
pub mod config;
pub mod dataflow;
pub mod demo;
pub mod detector;
mod edits;
pub mod handbook;
mod hex;
pub mod journal;
pub mod language;
mod layout;
pub mod link;
mod mask;
pub mod measure;
pub mod metric;
pub mod model;
pub mod notice;
mod page_cache;
mod pages;
mod parallel;
pub mod persons;
pub mod processes;
pub mod progress;
pub mod record;
pub mod replay;
pub mod resolve;
pub mod review;
pub mod roster;
pub mod rule;
pub mod self_check;
pub mod self_replay;
pub mod server;
pub mod service;
mod sheet;
pub mod snapshot;
pub mod source;
pub mod staging;
pub mod store;
pub mod support;
pub mod synth;
pub mod tabular;
pub mod web;
pub mod webhook;
mod write_ahead;
