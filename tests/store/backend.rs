//! Where a test's store is, and a way to its tables past the store.

use std::sync::Arc;

use fundwatch::store::{self, AlertReader, AlertStore, Opening, StoreError, StorePlace};
use tempfile::TempDir;

use crate::postgres_cluster::Cluster;

/// The journal of every test.
pub const JOURNAL: [u8; 16] = *b"journal of tests";

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
        store::open(&self.place, opening)
    }

    pub fn open(&self) -> Box<dyn AlertStore> {
        self.try_open(1).expect("a store")
    }

    pub fn reader(&self) -> Box<dyn AlertReader> {
        store::open_reader(&self.place).expect("a reader")
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
