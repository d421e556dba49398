//! How the process is, for probes.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::Parts;
use crate::access;
use crate::service::Phase;
use crate::web::{Health, Readiness, Startup, Unready};

/// Tells probes how a service is.
pub(super) struct ServiceHealth {
    parts: Parts,
    gate: Arc<access::Gate>,
    stop: Arc<AtomicBool>,
}

impl ServiceHealth {
    /// `stop` says whether the process has been told to stop.
    pub(super) fn new(parts: Parts, gate: Arc<access::Gate>, stop: Arc<AtomicBool>) -> Self {
        Self { parts, gate, stop }
    }
}

impl Health for ServiceHealth {
    fn live(&self) -> Result<(), Cow<'static, str>> {
        match self.parts.service.status.phase() {
            Phase::Failed(why) => Err(why.into()),
            _ => Ok(()),
        }
    }

    fn startup(&self) -> Startup {
        let status = &self.parts.service.status;
        let recovery = status.recovery();
        let (done, phase) = match status.phase() {
            Phase::Opening => (false, "opening"),
            Phase::Recovering => (false, "recovering"),
            Phase::Failed(_) => (false, "failed"),
            Phase::Running if !status.is_hydrated() => (false, "recovering"),
            Phase::Running | Phase::Draining | Phase::Stopped => (true, "running"),
        };
        Startup {
            done,
            phase,
            rows_done: recovery.rows_done,
            rows_total: (recovery.rows_total > 0).then_some(recovery.rows_total),
            rows_per_second: recovery.rows_per_second,
        }
    }

    fn readiness(&self) -> Readiness {
        let status = &self.parts.service.status;
        let config = self.parts.config();
        let mut reasons = Vec::new();
        let mut unready = |code, detail: Cow<'static, str>| reasons.push(Unready { code, detail });
        match status.phase() {
            Phase::Running if self.stop.load(Ordering::Acquire) => {
                unready("draining", "the service is being stopped".into());
            }
            Phase::Running if !status.is_hydrated() => {
                unready(
                    "hydrating",
                    "what the journal holds is not all stored yet".into(),
                );
            }
            Phase::Running => {}
            Phase::Opening => unready(
                "opening",
                "the journal and the store are being opened".into(),
            ),
            Phase::Recovering => {
                let recovery = status.recovery();
                let (done, total) = (recovery.rows_done, recovery.rows_total);
                let detail = format!("{done} of {total} rows of the journal are computed again");
                unready("hydrating", detail.into());
            }
            Phase::Draining => unready("draining", "the service is being stopped".into()),
            Phase::Stopped => unready("stopped", "the service has stopped".into()),
            Phase::Failed(why) => unready("failed", why.into()),
        }
        let (lag, bound) = (status.lag(), config.readiness().max_lag.0);
        if lag > bound {
            let detail = format!(
                "what was accepted {} s ago is not stored yet; the bound is {} s",
                lag.as_secs(),
                bound.as_secs()
            );
            unready("lagging", detail.into());
        }
        for trouble in status.troubles() {
            unready(trouble.code, trouble.detail.into());
        }
        if let Some(trouble) = self.gate.trouble() {
            unready("tokens", trouble.into());
        }
        let details = json!({
            "sealed_epoch": status.sealed_epoch(),
            "committed_epoch": status.committed_epoch(),
            "lag_seconds": lag.as_secs_f64(),
            "paused_sources": self.parts.breakers.paused(),
        });
        Readiness {
            reasons,
            details: details.as_object().cloned().unwrap_or_default(),
        }
    }
}
