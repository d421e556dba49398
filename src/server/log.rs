//! The log of the process: lines for people on a terminal, JSON elsewhere, on standard error.
//!
//! Must hold: no identifier of a person is in it at any level, since nothing that holds one is given to it.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;
use tracing_subscriber::reload::{self, Handle};

use crate::config::{Log, LogFormat, LogLevel};

/// What changes the level while the process runs.
static LEVEL: OnceLock<Handle<Targets, Registry>> = OnceLock::new();

/// Starts the log. A second call changes the level alone.
pub fn start_log(log: &Log) {
    if LEVEL.get().is_some() {
        return set_level(log.level);
    }
    let (filter, handle) = reload::Layer::new(targets(log.level));
    let is_text = match log.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = match is_text {
        true => registry.with(layer.with_target(false)).try_init(),
        false => registry.with(layer.json().flatten_event(true)).try_init(),
    };
    if started.is_ok() {
        // It is set once, since the first call alone gets here.
        let _ = LEVEL.set(handle);
    }
}

/// Changes the level.
pub(super) fn set_level(level: LogLevel) {
    if let Some(handle) = LEVEL.get() {
        // It fails where the log has ended; then there is none to change.
        let _ = handle.reload(targets(level));
    }
}

/// Our own events at the level; of libraries, what goes wrong.
fn targets(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_target("fundwatch", level)
        .with_default(level.min(LevelFilter::WARN))
}
