//! The log verified beside the work: after a start, and daily.

use std::sync::Arc;
use std::time::Duration;

use super::key::verifying_keys;
use super::progress::Progress;
use super::verify::{Report, verify_lines};
use crate::journal::Storage;
use crate::metric::Metrics;
use crate::service::Clock;

/// Verifies until the log ends.
pub(super) fn watch(
    storage: &dyn Storage,
    keys: &dyn Storage,
    progress: &Arc<Progress>,
    metrics: &Metrics,
    clock: &Clock,
    every: Duration,
) {
    loop {
        let known = verifying_keys(keys);
        let report = known.and_then(|keys| {
            let up_to = Some(progress.durable());
            verify_lines(storage, &keys, up_to, &|| progress.is_over())
        });
        match report {
            Ok(Report {
                damage: Some(damage),
                ..
            }) => {
                metrics.audit().verification_failed();
                progress.note(|standing| standing.is_damaged = true);
                tracing::error!(%damage, "the access log is not what was written");
            }
            Ok(report) => {
                let (lines, checkpoints) = (report.lines, report.checkpoints);
                tracing::debug!(lines, checkpoints, "the access log is verified");
                // One that was told to end did not see the whole.
                if !progress.is_over() {
                    let now = clock.now();
                    progress.note(|standing| standing.verified_at = Some(now));
                }
            }
            Err(error) => tracing::warn!(%error, "the access log cannot be verified"),
        }
        if progress.wait_for_end(every) {
            return;
        }
    }
}
