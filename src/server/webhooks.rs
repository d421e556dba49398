//! Receivers of webhooks, from the configuration to threads that tell them, and how they do, as metrics.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Parts, ServerError, options};
use crate::config::Config;
use crate::metric::{Metrics, Name, WebhookMetrics, WebhookOutcome};
use crate::notice::delivery::Webhook;
use crate::record::Instant;
use crate::review::{Desk, DeskError};
use crate::webhook::{Deliveries, Lane, POLICY, Turn, Watch};

/// Starts what tells receivers.
///
/// # Errors
/// When a file of authorities cannot be read, or the system gives no thread.
pub(super) fn start(parts: &Parts, desk: &Arc<Desk>) -> Result<Deliveries, ServerError> {
    let config = parts.config();
    let watch: Arc<dyn Watch> = Arc::new(Attempts(parts.metrics.clone()));
    let lanes = lanes(&config)?;
    Deliveries::start(desk, lanes, &watch).map_err(ServerError::Signals)
}

fn lanes(config: &Config) -> Result<Vec<Lane>, ServerError> {
    let origin = config.http().public_origin.as_ref();
    let origin = origin.map(|origin| origin.as_str().to_owned());
    let lanes = config.webhooks().iter().map(|receiver| {
        let roots = receiver.ca_file.as_deref().map(options::authorities);
        let webhook = Webhook::new(
            receiver.uri.clone(),
            receiver.secrets.clone(),
            roots.transpose()?,
            receiver.timeout,
        );
        let name = receiver.name.clone();
        Ok(Lane::new(name, Box::new(webhook), POLICY, origin.clone()))
    });
    lanes.collect()
}

/// Counts what attempts came to.
struct Attempts(Metrics);

impl Watch for Attempts {
    fn turned(&self, receiver: &str, turn: &Turn) {
        let outcome = match turn {
            Turn::Delivered => WebhookOutcome::Delivered,
            Turn::InVain { .. } | Turn::Gone { .. } => WebhookOutcome::Failed,
            Turn::Idle | Turn::Later(_) | Turn::Stopped => return,
        };
        if let Some(metrics) = named(&self.0, receiver) {
            metrics.add(outcome, 1);
        }
    }
}

fn named<'a>(metrics: &'a Metrics, receiver: &str) -> Option<&'a WebhookMetrics> {
    metrics.webhook(&Name::new(receiver).ok()?)
}

/// Tidies the outbox and tells how receivers stand.
#[derive(Default)]
pub(super) struct Standings {
    /// Receivers that lose messages, of whom that has been told.
    losing: BTreeSet<String>,
}

impl Standings {
    /// Removes what need not or cannot be kept, and tells since when something waits.
    ///
    /// # Errors
    /// When the desk cannot be used.
    pub(super) fn tell(&mut self, metrics: &Metrics, desk: &Desk) -> Result<(), DeskError> {
        let lost = desk.trim_messages()?;
        for (webhook, messages) in &lost {
            if let Some(metrics) = named(metrics, webhook) {
                metrics.add(WebhookOutcome::Dropped, *messages);
            }
            if self.losing.insert(webhook.clone()) {
                tracing::error!(
                    webhook,
                    messages,
                    "messages waited for seven days, or too many wait: the receiver of the webhook will never have the \
                     oldest; see to it that it takes them, and have it read the alerts from the API"
                );
            }
        }
        for standing in desk.receivers()? {
            if standing.oldest.is_none() {
                self.losing.remove(&standing.name);
            }
            if let Some(metrics) = named(metrics, &standing.name) {
                metrics.set_oldest(standing.oldest.and_then(Instant::from_millis));
            }
        }
        Ok(())
    }
}
