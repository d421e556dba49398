//! A configuration that takes the place of another in a running service.
//!
//! In: the one that is in force and the one of the changed file. Out: the one that is in force then, which
//! keys it took over, and which wait for a restart. Must hold: what is in force always fits together.

use std::collections::BTreeSet;

use super::Config;
use super::section::{Changes, Declared, Reload};

/// What a reload makes of a changed configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Reloaded {
    /// What is in force now.
    pub config: Config,
    /// The changed keys that are taken over, such as `breaker.window` or `source.registers.breaker.window`.
    pub taken: Vec<String>,
    /// The changed keys that count from the next start on.
    pub waiting: Vec<String>,
}

impl Config {
    /// What is in force once the file has changed to `new`.
    pub fn reload(&self, new: &Self) -> Reloaded {
        let mut held = BTreeSet::new();
        loop {
            let mut changes = Changes {
                held: &held,
                taken: Vec::new(),
                waiting: Vec::new(),
            };
            let mut config = self.clone();
            config.adopt(new, &mut changes);
            let Changes { taken, waiting, .. } = changes;
            let broken = config.broken().into_iter().flat_map(|one| one.keys);
            // What is in force fits together, so that a key of what does not was taken over just now.
            let misfits = broken.filter(|key| taken.iter().any(|taken| taken == *key));
            let misfits: Vec<String> = misfits.map(|key| (*key).to_owned()).collect();
            if misfits.is_empty() {
                return Reloaded {
                    config,
                    taken,
                    waiting,
                };
            }
            held.extend(misfits);
        }
    }

    fn adopt(&mut self, new: &Self, changes: &mut Changes<'_>) {
        self.http.adopt(&new.http, "http", changes);
        self.http_breaker
            .adopt(&new.http_breaker, "http.breaker", changes);
        self.ops.adopt(&new.ops, "ops", changes);
        self.accounts.adopt(&new.accounts, "accounts", changes);
        self.oidc.adopt(&new.oidc, "oidc", changes);
        if self.oidc_groups != new.oidc_groups {
            changes.take("oidc_group".to_owned(), Reload::Restart);
        }
        self.epoch.adopt(&new.epoch, "epoch", changes);
        self.queue.adopt(&new.queue, "queue", changes);
        self.journal.adopt(&new.journal, "journal", changes);
        self.snapshot.adopt(&new.snapshot, "snapshot", changes);
        self.store.adopt(&new.store, "store", changes);
        self.detector.adopt(&new.detector, "detector", changes);
        self.breaker.adopt(&new.breaker, "breaker", changes);
        self.readiness.adopt(&new.readiness, "readiness", changes);
        self.expected_interval
            .adopt(&new.expected_interval, "expected_interval", changes);
        self.retention.adopt(&new.retention, "retention", changes);
        self.self_replay
            .adopt(&new.self_replay, "self_replay", changes);
        self.shutdown.adopt(&new.shutdown, "shutdown", changes);
        self.memory.adopt(&new.memory, "memory", changes);
        self.log.adopt(&new.log, "log", changes);
        self.adopt_sources(new, changes);
        if self.client_certificates != new.client_certificates
            && changes.take("client_certificate".to_owned(), Reload::Live)
        {
            self.client_certificates
                .clone_from(&new.client_certificates);
        }
        if self.portals != new.portals {
            changes.take("portals".to_owned(), Reload::Restart);
        }
        // Their secrets are compared as well.
        if self.webhooks != new.webhooks {
            changes.take("webhook".to_owned(), Reload::Restart);
        }
        // The content of a file or of a variable may be another though its name is the same.
        let is_other_key = self.master_key != new.master_key;
        let is_other_database = self.database != new.database;
        let is_other_secret = self.oidc_secret != new.oidc_secret;
        for (is_other, section, key) in [
            (is_other_secret, "oidc.client_secret", "the secret itself"),
            (is_other_key, "journal.master_key", "the key itself"),
            (is_other_database, "store.url", "the address itself"),
        ] {
            if is_other && !changes.waiting.iter().any(|key| key.starts_with(section)) {
                changes.take(format!("{section} ({key})"), Reload::Restart);
            }
        }
    }

    fn adopt_sources(&mut self, new: &Self, changes: &mut Changes<'_>) {
        for source in &mut self.sources {
            let same = new.sources.iter().find(|one| one.name() == source.name());
            match same {
                Some(same) => source.adopt(same, changes),
                None => {
                    changes.take(format!("source.{}", source.name()), Reload::Restart);
                }
            }
        }
        for source in &new.sources {
            if self.sources.iter().all(|one| one.name() != source.name()) {
                changes.take(format!("source.{}", source.name()), Reload::Restart);
            }
        }
    }
}
