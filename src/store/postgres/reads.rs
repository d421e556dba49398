//! Reads, each of one state of the store.

use postgres::Transaction;
use postgres::types::ToSql;

use super::error::Failure;
use super::{Reader, export, pages, rows};
use crate::store::key::StoreKey;
use crate::store::{
    AlertCount, AlertFilter, AlertReader, AlertState, Committed, EachAlert, EachChange, EachLine,
    EpochRecord, PAGE_MAX, Page, PageToken, Position, Raised, RejectCount, RejectFilter,
    StoreError, StoredAlert, StoredPosition, StoredReject, StoredRequest, StoredRestoration,
};

const EPOCH: &str =
    "SELECT epoch, digest, at, rows, raised, changed, withdrawn, archived FROM epochs
    WHERE epoch = $1";
const COUNTS: &str = "SELECT reason, state, count(*) FROM alerts
    GROUP BY state, reason ORDER BY reason, state";
const POSITIONS: &str = "SELECT source, partition, position, epoch FROM positions
    ORDER BY source, partition";
const REQUEST: &str = "SELECT body_digest, epoch, response, received_at FROM requests
    WHERE principal = $1 AND key_digest = $2";
const RESTORED: &str = "SELECT epoch, stream, facility, visit_id, until_day FROM restored
    WHERE epoch <= $1 ORDER BY epoch, stream, facility, visit_id";
const REJECT_COUNTS: &str = "SELECT source, stream, code, count(*), min(received_at) FROM rejects
    WHERE state = 'open' GROUP BY source, stream, code ORDER BY source, stream, code";

impl Reader {
    /// Runs `work` on one state of the store.
    fn read<T>(
        &mut self,
        mut work: impl FnMut(&mut Transaction<'_>, Option<&StoreKey>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let Self { link, key } = self;
        link.run(|session| work(&mut session.snapshot()?, key.as_ref()))
    }

    /// The rows of a statement that is prepared once.
    fn list<T>(
        &mut self,
        query: &'static str,
        values: &[&(dyn ToSql + Sync)],
        of: impl Fn(&postgres::Row) -> Result<T, Failure>,
    ) -> Result<Vec<T>, StoreError> {
        self.link.run(|session| {
            let statement = session.statement(query)?;
            let found = session.client.query(&statement, values)?;
            found.iter().map(&of).collect()
        })
    }
}

impl AlertReader for Reader {
    fn committed(&mut self) -> Result<Committed, StoreError> {
        self.read(|store, _| rows::committed(&store.query_one(rows::COMMITTED, &[])?))
    }

    fn epoch(&mut self, epoch: u64) -> Result<Option<EpochRecord>, StoreError> {
        let found = self.list(EPOCH, &[&rows::signed(epoch)], rows::epoch)?;
        Ok(found.into_iter().next())
    }

    fn raised(&mut self, each: &mut dyn FnMut(Raised<'_>)) -> Result<(), StoreError> {
        let place = self.link.server().to_string();
        self.read(|store, _| export::raised(store, &place, each))
    }

    fn changed_after(
        &mut self,
        epoch: Option<u64>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let query = "SELECT alert_id FROM alerts WHERE alert_id > $1 AND changed_epoch > $2
            ORDER BY alert_id LIMIT $3";
        let epoch = epoch.map_or(-1, |epoch| i64::try_from(epoch).unwrap_or(i64::MAX));
        let limit = i64::from(limit);
        self.list(query, &[&after, &epoch, &limit], |row| rows::get(row, 0))
    }

    fn alert(&mut self, alert_id: &str) -> Result<Option<StoredAlert>, StoreError> {
        let query = format!("SELECT {} FROM alerts WHERE alert_id = $1", rows::ALERT);
        self.read(|store, key| {
            let found = store.query_opt(&query, &[&alert_id])?;
            let alert = found.map(|row| rows::alert(&row)).transpose()?;
            Ok(alert.map(|alert| alert.open(key)).transpose()?)
        })
    }

    fn alerts(
        &mut self,
        filter: &AlertFilter,
        after: Option<&PageToken>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let found = self.read(|store, _| pages::candidates(store, filter, after, limit))?;
        Ok(Page::of(found, limit, self.key.as_ref()))
    }

    fn counts(&mut self) -> Result<Vec<AlertCount>, StoreError> {
        self.list(COUNTS, &[], |row| {
            Ok(AlertCount {
                reason: rows::get::<String>(row, 0)?.into(),
                state: rows::named(row, 1, AlertState::from_name)?,
                alerts: rows::number(row, 2)?,
            })
        })
    }

    fn positions(&mut self) -> Result<Vec<StoredPosition>, StoreError> {
        self.list(POSITIONS, &[], |row| {
            Ok(StoredPosition {
                position: Position {
                    source: rows::get(row, 0)?,
                    partition: rows::get(row, 1)?,
                    position: rows::get(row, 2)?,
                },
                epoch: rows::number(row, 3)?,
            })
        })
    }

    fn request(
        &mut self,
        principal: &str,
        key_digest: &[u8; 32],
    ) -> Result<Option<StoredRequest>, StoreError> {
        let key = &key_digest[..];
        let found = self.list(REQUEST, &[&principal, &key], |row| {
            Ok(StoredRequest {
                body_digest: rows::bytes(row, 0)?,
                epoch: rows::number(row, 1)?,
                response: rows::get(row, 2)?,
                received_at: rows::get(row, 3)?,
            })
        })?;
        Ok(found.into_iter().next())
    }

    fn rejects(
        &mut self,
        filter: &RejectFilter,
        limit: u32,
    ) -> Result<Vec<StoredReject>, StoreError> {
        let mut clauses = Vec::new();
        if let Some(state) = filter.state {
            clauses.push(format!("state = '{}'", state.as_str()));
        }
        if let Some((epoch, ordinal)) = filter.after {
            let epoch = rows::signed(epoch);
            clauses.push(format!("(epoch, ordinal) > ({epoch}, {ordinal})"));
        }
        clauses.push("($1::text IS NULL OR source = $1)".to_owned());
        clauses.push("($2::text IS NULL OR stream = $2)".to_owned());
        clauses.push("($3::text IS NULL OR code = $3)".to_owned());
        let query = format!(
            "SELECT {} FROM rejects WHERE {} ORDER BY epoch, ordinal LIMIT {}",
            rows::REJECT,
            clauses.join(" AND "),
            limit.clamp(1, PAGE_MAX)
        );
        self.read(|store, _| {
            let found = store.query(&query, &[&filter.source, &filter.stream, &filter.code])?;
            found.iter().map(rows::reject).collect()
        })
    }

    fn reject_counts(&mut self) -> Result<Vec<RejectCount>, StoreError> {
        self.list(REJECT_COUNTS, &[], |row| {
            Ok(RejectCount {
                source: rows::get(row, 0)?,
                stream: rows::get::<String>(row, 1)?.into(),
                code: rows::get::<String>(row, 2)?.into(),
                open: rows::number(row, 3)?,
                oldest_received_at: rows::get(row, 4)?,
            })
        })
    }

    fn restored(&mut self, up_to_epoch: u64) -> Result<Vec<StoredRestoration>, StoreError> {
        self.list(RESTORED, &[&rows::signed(up_to_epoch)], rows::restored)
    }

    fn export_alerts(&mut self, each: &mut EachLine<'_>) -> Result<(), StoreError> {
        let place = self.link.server().to_string();
        self.read(|store, key| export::alerts((store, key), &place, each))
    }

    fn history_between(
        &mut self,
        epochs: (u64, u64),
        each: &mut EachChange<'_>,
    ) -> Result<(), StoreError> {
        let place = self.link.server().to_string();
        self.read(|store, key| export::history((store, key), &place, epochs, each))
    }

    fn every_alert(&mut self, each: &mut EachAlert<'_>) -> Result<(), StoreError> {
        let place = self.link.server().to_string();
        self.read(|store, key| export::every_alert((store, key), &place, each))
    }

    fn ping(&mut self) -> Result<(), StoreError> {
        self.link.now(|session| {
            session.client.query_one(rows::COMMITTED, &[])?;
            Ok(())
        })
    }
}
