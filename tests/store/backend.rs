//! Where a test's store is, and a way to its tables past the store.

use std::sync::Arc;

use fundwatch::store::{
    self, AlertChange, AlertReader, AlertStore, EpochCommit, Opening, StoreError, StoreKey,
    StorePlace,
};
use tempfile::TempDir;

use crate::postgres_cluster::Cluster;

/// The journal of every test.
pub const JOURNAL: [u8; 16] = *b"journal of tests";

/// The key of every test.
pub fn key() -> StoreKey {
    StoreKey::from_bytes(&[7; 32])
}

/// An empty place for a store.
pub struct Backend {
    pub place: StorePlace,
    kept: Kept,
}

enum Kept {
    File(TempDir),
    Database(Arc<Cluster>, String),
}

impl Backend {
    pub fn file() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().join("alerts.db").into();
        let kept = Kept::File(directory);
        Self { place, kept }
    }

    /// None where PostgreSQL is not installed.
    pub fn database() -> Option<Self> {
        let cluster = Cluster::shared()?;
        let name = cluster.database();
        let place = cluster.url(&name).parse().expect("a URL");
        let kept = Kept::Database(cluster, name);
        Some(Self { place, kept })
    }

    pub fn is_file(&self) -> bool {
        matches!(self.kept, Kept::File(_))
    }

    pub fn try_open(&self, generation: u64) -> Result<Box<dyn AlertStore>, StoreError> {
        let journal_id = JOURNAL;
        let opening = Opening {
            journal_id,
            generation,
        };
        store::open(&self.place, opening, &key())
    }

    pub fn open(&self) -> Box<dyn AlertStore> {
        self.try_open(1).expect("a store")
    }

    pub fn reader(&self) -> Box<dyn AlertReader> {
        store::open_reader(&self.place, &key()).expect("a reader")
    }

    /// Makes it what it was before texts were sealed: these epochs are all that is in it.
    pub fn make_plain(&self, epochs: &[EpochCommit]) {
        let plain = |schema: &str| {
            let mut statements = format!(
                "ALTER TABLE {schema}alerts ADD COLUMN subject_id text NOT NULL DEFAULT '';
                ALTER TABLE {schema}alerts ADD COLUMN line text NOT NULL DEFAULT '';
                ALTER TABLE {schema}history ADD COLUMN line text NOT NULL DEFAULT '';
                ALTER TABLE {schema}alerts DROP COLUMN sealed;
                ALTER TABLE {schema}history DROP COLUMN sealed;
                ALTER TABLE {schema}meta DROP COLUMN key_check;
                ALTER TABLE {schema}meta DROP COLUMN has_plain_left;"
            );
            for epoch in epochs {
                for change in &epoch.alerts {
                    if let AlertChange::Holds(row) = change {
                        statements.push_str(&format!(
                            "UPDATE {schema}alerts SET subject_id = '{}', line = '{}' WHERE alert_id = '{}';",
                            row.subject_id, row.line, row.alert_id
                        ));
                    }
                }
                for row in &epoch.history {
                    statements.push_str(&format!(
                        "UPDATE {schema}history SET line = '{}' WHERE epoch = {} AND alert_id = '{}';",
                        row.line, epoch.epoch, row.alert_id
                    ));
                }
            }
            // What was freed before is not overwritten by itself.
            statements.push_str(&format!(
                "CREATE TABLE {schema}dropped (line text);
                INSERT INTO {schema}dropped SELECT line FROM {schema}history;
                DROP TABLE {schema}dropped;"
            ));
            statements
        };
        self.execute(&plain(""), &plain("fundwatch."));
    }

    /// Whether a text is anywhere in its files, or in its tables.
    pub fn holds_text(&self, text: &str) -> bool {
        let holds = |bytes: &[u8]| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        match &self.kept {
            Kept::File(directory) => {
                let mut files = std::fs::read_dir(directory.path()).expect("a directory");
                files.any(|file| holds(&std::fs::read(file.expect("a file").path()).expect("read")))
            }
            Kept::Database(cluster, name) => {
                let mut client = cluster.client(name);
                // What the server has on its disk: everything of the relations, also what is dead.
                client.batch_execute("CHECKPOINT").expect("on disk");
                let files = "SELECT pg_read_binary_file(pg_relation_filepath(c.oid))
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'fundwatch' AND c.relkind IN ('r', 'i')";
                let files = client.query(files, &[]).expect("read");
                files.iter().any(|row| holds(row.get(0)))
            }
        }
    }

    /// Runs statements past the store.
    pub fn execute(&self, file: &str, database: &str) {
        match &self.kept {
            Kept::File(directory) => {
                let path = directory.path().join("alerts.db");
                let connection = rusqlite::Connection::open(path).expect("a connection");
                connection.execute_batch(file).expect("statements");
            }
            Kept::Database(cluster, name) => {
                let mut client = cluster.client(name);
                client.batch_execute(database).expect("statements");
            }
        }
    }
}
