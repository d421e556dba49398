//! What the process is told by signals.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals as Waiting;

/// What the process is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// To finish and end: SIGTERM or SIGINT. The second one ends it at once.
    Stop,
    /// To read its configuration again: SIGHUP.
    Reload,
}

/// Signals as they come.
pub(super) struct Signals(Receiver<Signal>);

impl Signals {
    /// Waits for signals from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn new() -> io::Result<Self> {
        let mut waiting = Waiting::new([SIGHUP, SIGINT, SIGTERM])?;
        let (told, signals) = channel();
        let thread = std::thread::Builder::new().name("fundwatch-signals".to_owned());
        thread.spawn(move || {
            let mut stops = 0;
            for signal in waiting.forever() {
                let signal = match signal {
                    SIGHUP => Signal::Reload,
                    _ => Signal::Stop,
                };
                stops += u8::from(signal == Signal::Stop);
                if stops > 1 {
                    tracing::warn!(
                        "told to stop again: what is durable stays so, the rest is left"
                    );
                    std::process::exit(1);
                }
                if told.send(signal).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self(signals))
    }

    /// The next signal, if one comes in time.
    pub(super) fn next(&self, within: Duration) -> Option<Signal> {
        self.0.recv_timeout(within).ok()
    }
}
