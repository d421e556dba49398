//! Progress of work in phases: a bar on a terminal, a line now and then elsewhere.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant as Clock};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::Progress;

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Tells progress on standard error.
pub struct Bar {
    bar: Option<ProgressBar>,
    last_line: Mutex<Clock>,
}

impl Bar {
    /// A bar if standard error is a terminal.
    pub fn new() -> Self {
        let bar = Term::stderr().is_term().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{prefix:>11} {wide_bar} {percent:>3}%");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self {
            bar,
            last_line: Mutex::new(Clock::now()),
        }
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn told(&self, phase: &'static str, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(phase);
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let mut last_line = self
            .last_line
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last_line.elapsed() >= LINE_EVERY {
            *last_line = Clock::now();
            let percent = done.saturating_mul(100).checked_div(total).unwrap_or(0);
            eprintln!("{phase}: {percent} %");
        }
    }
}
