//! A running service as those who operate it see it: scraped by a real Prometheus, whose alerts reach a real
//! Alertmanager, and asked by probes.
//!
//! Prometheus and Alertmanager are those of Debian (`prometheus`, `prometheus-alertmanager`), started by the tests
//! in temporary directories. Without them the tests that need them say so loudly and pass, unless
//! `FUNDWATCH_REQUIRE_PROMETHEUS=1`.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../ops/files.rs"]
#[allow(dead_code, reason = "tests/ops uses the rest")]
mod files;
#[path = "../support/ports.rs"]
mod ports;
#[path = "../ops/query.rs"]
mod query;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "tests/audit uses the rest")]
mod running;
#[path = "../support/said.rs"]
mod said;

mod alerts;
mod daemons;
mod exposition;
mod moves;
mod names;
mod probes;
mod receiver;
