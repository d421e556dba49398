//! Progress of a replay, and of making a country: a bar on a terminal, a line now and then elsewhere.

use std::time::{Duration, Instant as Clock};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::language::{Language, fill};
use crate::record::Instant;
use crate::replay::Progress;
use crate::synth;

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Tells progress on standard error.
pub struct Bar {
    language: Language,
    bar: Option<ProgressBar>,
    last_line: Clock,
}

impl Bar {
    /// A bar if standard error is a terminal.
    pub fn new(language: Language) -> Self {
        let bar = Term::stderr().is_term().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let left = language.messages().time_left;
            let template = format!(
                "{{prefix:>11}} {{wide_bar}} {{percent:>3}}%  {{msg}}  {{eta_precise}} {left}"
            );
            let style = ProgressStyle::with_template(&template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self {
            language,
            bar,
            last_line: Clock::now(),
        }
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn tell(&mut self, phase: &'static str, done: u64, total: u64, message: String) {
        if let Some(bar) = &self.bar {
            if bar.prefix() != phase {
                bar.set_prefix(phase);
                bar.reset_eta();
            }
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(message);
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Clock::now();
            let percent = done.saturating_mul(100).checked_div(total).unwrap_or(0);
            eprintln!("{phase}: {percent} %, {message}");
        }
    }
}

/// A message with its places filled.
fn message(template: &str, value: impl Fn(&str) -> String) -> String {
    fill(template, |place| Some(value(place))).unwrap_or_default()
}

impl Progress for Bar {
    fn checking(&mut self, done: u64, total: u64) {
        let phase = self.language.messages().checking;
        // Every byte is met twice: digested, and read for its order.
        self.tell(phase, done, total, format!("{} MB", total / 2_000_000));
    }

    fn replaying(&mut self, done: u64, total: u64, at: Instant) {
        let messages = self.language.messages();
        let told = message(messages.rows_at_day, |place| match place {
            "rows" => done.to_string(),
            _ => at.day().to_string(),
        });
        self.tell(messages.replaying, done, total, told);
    }

    fn waiting(&mut self, for_processes: &[usize]) {
        let numbers: Vec<String> = for_processes.iter().map(usize::to_string).collect();
        let template = self.language.messages().waiting_for_processes;
        let told = message(template, |_| numbers.join(", "));
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{told}")),
            None => eprintln!("{told}"),
        }
    }

    fn choosing(&mut self, done: u64, total: u64) {
        let phase = self.language.messages().choosing;
        self.tell(phase, done, total, String::new());
    }

    fn counting(&mut self, pass: u32, passes: u32) {
        let messages = self.language.messages();
        self.tell(messages.counting, pass.into(), passes.into(), String::new());
    }

    fn writing(&mut self, alerts: usize) {
        let messages = self.language.messages();
        let told = message(messages.alerts_done, |_| alerts.to_string());
        self.tell(messages.writing, 0, 1, told);
    }

    fn warning(&mut self, message: &str) {
        let line = format!(
            "{} {message}",
            console::style("warning:").yellow().bold().for_stderr()
        );
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }
}

impl synth::Progress for Bar {
    fn rows(&mut self, written: u64, day: u32, days: u32) {
        let messages = self.language.messages();
        let told = message(messages.rows_done, |_| self.language.count(written));
        self.tell(messages.making, day.into(), days.into(), told);
    }
}
