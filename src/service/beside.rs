//! A thread that works beside the service.
//!
//! Must hold: it is told to stop, and waited for, when its handle is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// The thread.
pub(super) struct Beside {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Beside {
    /// Starts work that ends soon after it finds the flag set.
    pub(super) fn start(name: &str, work: impl FnOnce(&AtomicBool) + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        Self {
            stop,
            thread: Some(super::spawn(name, move || work(&stopped))),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // Where it panicked it has said so, and nothing depends on it.
            let _ = thread.join();
        }
    }
}
