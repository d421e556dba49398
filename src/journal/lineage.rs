//! The lineage: which segments make up the journal, and where each ends.
//!
//! In: the segment files of a directory. Out: the chain of segments from the first to the newest. Must hold: every
//! acknowledged frame is in it. The newest is the last one of the highest generation whose header is whole; each
//! names the one before it. All other files are void: left by writers that died before their header was durable,
//! or wrote after they were superseded.

use std::io;

use super::chain::ChainHash;
use super::claim::failed;
use super::error::JournalError;
use super::segment::{HEADER_BYTES, Header, NoHeader, SegmentId};
use super::storage::Storage;

/// A segment of the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) header: Header,
    /// Where it ends; open in the newest.
    pub(super) end: Option<u64>,
}

/// The journal, segment by segment.
#[derive(Debug)]
pub(super) struct Lineage {
    /// Oldest first; none where there is no journal yet.
    pub(super) links: Vec<Link>,
    /// The names of files that are no part of it.
    pub(super) void: Vec<String>,
}

impl Lineage {
    pub(super) fn read(storage: &dyn Storage) -> Result<Self, JournalError> {
        let names = storage.list().map_err(failed(storage, "be listed", ""))?;
        let mut ids: Vec<SegmentId> = names
            .iter()
            .filter_map(|name| SegmentId::from_name(name))
            .collect();
        ids.sort();
        let mut newest = None;
        for id in ids.iter().rev() {
            newest = read_header(storage, *id)?;
            if newest.is_some() {
                break;
            }
        }
        let mut links = Vec::new();
        let mut link = newest.map(|header| Link { header, end: None });
        while let Some(Link { header, .. }) = link {
            links.extend(link);
            link = before(storage, &header)?;
        }
        links.reverse();
        ids.retain(|id| links.iter().all(|link| link.header.id != *id));
        let void = ids.into_iter().map(SegmentId::name).collect();
        Ok(Self { links, void })
    }

    /// The segments from the one that holds an epoch, or would.
    pub(super) fn from(&self, epoch: u64) -> &[Link] {
        let after = self
            .links
            .partition_point(|link| link.header.first <= epoch);
        &self.links[after.saturating_sub(1)..]
    }
}

/// The segment before one.
fn before(storage: &dyn Storage, header: &Header) -> Result<Option<Link>, JournalError> {
    let damaged = |what| {
        Err(JournalError::Damaged {
            place: storage.place(&header.id.name()),
            offset: 0,
            epoch: header.first,
            what,
        })
    };
    let Some(id) = header.continues() else {
        if header.first != 1 || header.chain != ChainHash::before_all(header.journal) {
            return damaged("the first segment does not begin the chain");
        }
        return Ok(None);
    };
    let Some(before) = read_header(storage, id)? else {
        return Err(JournalError::Damaged {
            place: storage.place(&id.name()),
            offset: 0,
            epoch: header.first,
            what: "it is cut short, and a later segment follows it",
        });
    };
    if before.journal != header.journal {
        return Err(JournalError::Mixed {
            place: storage.place(&id.name()),
            found: before.journal,
            expected: header.journal,
        });
    }
    if id.generation > header.id.generation
        || before.first > header.first
        || header.continues_at < HEADER_BYTES as u64
    {
        return damaged("it cannot continue the segment that it names");
    }
    Ok(Some(Link {
        header: before,
        end: Some(header.continues_at),
    }))
}

/// The header of a segment; nothing when none was ever durable in it.
fn read_header(storage: &dyn Storage, id: SegmentId) -> Result<Option<Header>, JournalError> {
    let name = id.name();
    let place = || storage.place(&name);
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => JournalError::Missing { place: place() },
        _ => failed(storage, "be read", &name)(error),
    };
    // The length is asked first: a header was durable before anything stood behind it.
    let has_more = storage.length(&name).map_err(missing)? > HEADER_BYTES as u64;
    let mut bytes = [0; HEADER_BYTES];
    let read = storage.read_at(&name, 0, &mut bytes).map_err(missing)?;
    let what = match Header::decode(&bytes) {
        Ok(header) if header.id == id => return Ok(Some(header)),
        Ok(_) => "the file has the name of another segment",
        Err(NoHeader::Later(found)) => {
            return Err(JournalError::Later {
                place: place(),
                found,
            });
        }
        Err(NoHeader::Damaged) if read < HEADER_BYTES || !has_more => return Ok(None),
        Err(NoHeader::Damaged) => "the header of the segment does not have its checksum",
    };
    Err(JournalError::Damaged {
        place: place(),
        offset: 0,
        epoch: 0,
        what,
    })
}
