//! The alert store as tables of a PostgreSQL database, where several servers share one queue.
//!
//! In: a URL. Out: a writer, and readers with connections of their own. Must hold: a row lock on `meta`
//! makes commits of several writers one after the other; a connection that is lost comes back; where it
//! is lost while a commit ends, `committed_epoch` tells whether it was written, and it is made again if not.

mod commit;
mod error;
mod export;
mod link;
mod pages;
mod reads;
mod rows;
mod schema;
mod sealing;
mod server;
mod tables;
mod tls;

pub use server::Server;

use super::error::StoreError;
use super::key::StoreKey;
use super::meta::Opening;
use super::{AlertReader, AlertStore, Commit, EpochCommit, Pruned, Pruning};
use link::{Link, Role};

/// Writes to a database.
pub(super) struct Writer {
    reads: Reader,
    opening: Opening,
    key: StoreKey,
}

/// Reads from a database.
pub(super) struct Reader {
    link: Link,
    /// None where it only counts.
    key: Option<StoreKey>,
}

impl Writer {
    pub(super) fn open(
        server: &Server,
        opening: Opening,
        key: &StoreKey,
    ) -> Result<Self, StoreError> {
        let mut link = Link::new(server, Role::Writer);
        let place = server.to_string();
        link.run(|session| schema::prepare(session, (&opening, key), &place))?;
        let reads = Reader {
            link,
            key: Some(key.clone()),
        };
        let key = key.clone();
        Ok(Self {
            reads,
            opening,
            key,
        })
    }
}

impl Reader {
    pub(super) fn open(server: &Server, key: Option<&StoreKey>) -> Result<Self, StoreError> {
        let mut link = Link::new(server, Role::Reader);
        let place = server.to_string();
        link.run(|session| schema::check(session, key, &place))?;
        let key = key.cloned();
        Ok(Self { link, key })
    }
}

impl AlertStore for Writer {
    fn commit(&mut self, epochs: &[EpochCommit]) -> Result<Commit, StoreError> {
        super::plan::check(epochs)?;
        let place = self.reads.link.server().to_string();
        let opening = &self.opening;
        let (link, key) = (&mut self.reads.link, &self.key);
        link.commit(|session| commit::commit((session, key), opening, &place, epochs))
    }

    fn prune(&mut self, pruning: Pruning) -> Result<Pruned, StoreError> {
        let place = self.reads.link.server().to_string();
        let opening = &self.opening;
        let link = &mut self.reads.link;
        link.commit(|session| commit::prune(session, opening, &place, pruning))
    }

    fn reads(&mut self) -> &mut dyn AlertReader {
        &mut self.reads
    }

    fn reader(&self) -> Result<Box<dyn AlertReader>, StoreError> {
        Ok(Box::new(Reader::open(
            self.reads.link.server(),
            Some(&self.key),
        )?))
    }
}
