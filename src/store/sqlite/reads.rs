//! Reads, each of one state of the store.

use rusqlite::{OptionalExtension, named_params};

use super::{Reader, export, pages, rows};
use crate::store::{
    AlertCount, AlertFilter, AlertReader, AlertState, Committed, EachAlert, EachChange, EachLine,
    EpochRecord, PAGE_MAX, Page, PageToken, Position, Raised, RejectCount, RejectFilter,
    StoreError, StoredAlert, StoredPosition, StoredReject, StoredRequest, StoredRestoration,
};

impl AlertReader for Reader {
    fn committed(&mut self) -> Result<Committed, StoreError> {
        self.read(|store, _| Ok(rows::committed(store)?))
    }

    fn epoch(&mut self, epoch: u64) -> Result<Option<EpochRecord>, StoreError> {
        let Ok(epoch) = i64::try_from(epoch) else {
            return Ok(None);
        };
        let query =
            "SELECT epoch, digest, at, rows, raised, changed, withdrawn, archived FROM epochs
            WHERE epoch = :epoch";
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let record = query.query_row(named_params! {":epoch": epoch}, rows::epoch);
            Ok(record.optional()?)
        })
    }

    fn raised(&mut self, each: &mut dyn FnMut(Raised<'_>)) -> Result<(), StoreError> {
        self.read(|store, _| export::raised(store, each))
    }

    fn changed_after(
        &mut self,
        epoch: Option<u64>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let query = "SELECT alert_id FROM alerts WHERE alert_id > :after AND changed_epoch > :epoch
            ORDER BY alert_id LIMIT :limit";
        let epoch = epoch.map_or(-1, |epoch| i64::try_from(epoch).unwrap_or(i64::MAX));
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let values = named_params! {":after": after, ":epoch": epoch, ":limit": limit};
            let found = query.query_map(values, |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn alert(&mut self, alert_id: &str) -> Result<Option<StoredAlert>, StoreError> {
        let query = format!(
            "SELECT {} FROM alerts WHERE alert_id = :alert_id",
            rows::ALERT
        );
        self.read(|store, key| {
            let mut query = store.prepare_cached(&query)?;
            let values = named_params! {":alert_id": alert_id};
            let alert = query.query_row(values, rows::alert).optional()?;
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
        let query = "SELECT reason, state, count(*) FROM alerts
            GROUP BY state, reason ORDER BY reason, state";
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let counts = query.query_map([], |row| {
                Ok(AlertCount {
                    reason: row.get::<_, String>(0)?.into(),
                    state: rows::named(row, 1, AlertState::from_name)?,
                    alerts: row.get(2)?,
                })
            })?;
            Ok(counts.collect::<Result<_, _>>()?)
        })
    }

    fn positions(&mut self) -> Result<Vec<StoredPosition>, StoreError> {
        let query = "SELECT source, partition, position, epoch FROM positions
            ORDER BY source, partition";
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let positions = query.query_map([], |row| {
                Ok(StoredPosition {
                    position: Position {
                        source: row.get(0)?,
                        partition: row.get(1)?,
                        position: row.get(2)?,
                    },
                    epoch: row.get(3)?,
                })
            })?;
            Ok(positions.collect::<Result<_, _>>()?)
        })
    }

    fn request(
        &mut self,
        principal: &str,
        key_digest: &[u8; 32],
    ) -> Result<Option<StoredRequest>, StoreError> {
        let query = "SELECT body_digest, epoch, response, received_at FROM requests
            WHERE principal = :principal AND key_digest = :key_digest";
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let key = named_params! {":principal": principal, ":key_digest": key_digest};
            let request = query.query_row(key, |row| {
                Ok(StoredRequest {
                    body_digest: row.get(0)?,
                    epoch: row.get(1)?,
                    response: row.get(2)?,
                    received_at: row.get(3)?,
                })
            });
            Ok(request.optional()?)
        })
    }

    fn rejects(
        &mut self,
        filter: &RejectFilter,
        limit: u32,
    ) -> Result<Vec<StoredReject>, StoreError> {
        let state = match filter.state {
            Some(_) => "state = :state",
            None => ":state IS NULL",
        };
        let query = format!(
            "SELECT {} FROM rejects
            WHERE {state} AND (epoch, ordinal) > (:epoch, :ordinal)
                AND (:source IS NULL OR source = :source)
                AND (:stream IS NULL OR stream = :stream)
                AND (:code IS NULL OR code = :code)
            ORDER BY epoch, ordinal LIMIT :limit",
            rows::REJECT
        );
        let (epoch, ordinal) = filter.after.map_or((-1, -1), |(epoch, ordinal)| {
            (i64::try_from(epoch).unwrap_or(i64::MAX), i64::from(ordinal))
        });
        self.read(|store, _| {
            let mut query = store.prepare_cached(&query)?;
            let values = named_params! {
                ":state": filter.state.map(|state| state.as_str()),
                ":epoch": epoch,
                ":ordinal": ordinal,
                ":source": filter.source,
                ":stream": filter.stream,
                ":code": filter.code,
                ":limit": limit.clamp(1, PAGE_MAX),
            };
            let rejects = query.query_map(values, rows::reject)?;
            Ok(rejects.collect::<Result<_, _>>()?)
        })
    }

    fn reject_counts(&mut self) -> Result<Vec<RejectCount>, StoreError> {
        let query = "SELECT source, stream, code, count(*), min(received_at) FROM rejects
            WHERE state = 'open' GROUP BY source, stream, code ORDER BY source, stream, code";
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let counts = query.query_map([], |row| {
                Ok(RejectCount {
                    source: row.get(0)?,
                    stream: row.get::<_, String>(1)?.into(),
                    code: row.get::<_, String>(2)?.into(),
                    open: row.get(3)?,
                    oldest_received_at: row.get(4)?,
                })
            })?;
            Ok(counts.collect::<Result<_, _>>()?)
        })
    }

    fn restored(&mut self, up_to_epoch: u64) -> Result<Vec<StoredRestoration>, StoreError> {
        let query = "SELECT epoch, stream, facility, visit_id, until_day FROM restored
            WHERE epoch <= :epoch ORDER BY epoch, stream, facility, visit_id";
        let epoch = i64::try_from(up_to_epoch).unwrap_or(i64::MAX);
        self.read(|store, _| {
            let mut query = store.prepare_cached(query)?;
            let restored = query.query_map(named_params! {":epoch": epoch}, rows::restored)?;
            Ok(restored.collect::<Result<_, _>>()?)
        })
    }

    fn export_alerts(&mut self, each: &mut EachLine<'_>) -> Result<(), StoreError> {
        self.read(|store, key| export::alerts(store, key, each))
    }

    fn history_between(
        &mut self,
        epochs: (u64, u64),
        each: &mut EachChange<'_>,
    ) -> Result<(), StoreError> {
        self.read(|store, key| export::history(store, key, epochs, each))
    }

    fn every_alert(&mut self, each: &mut EachAlert<'_>) -> Result<(), StoreError> {
        self.read(|store, key| export::every_alert(store, key, each))
    }

    fn ping(&mut self) -> Result<(), StoreError> {
        self.read(|store, _| Ok(rows::committed(store).map(drop)?))
    }
}
