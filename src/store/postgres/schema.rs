//! The tables in the schema `fundwatch` of a database: they are made, told from others', and brought up to
//! date here.

use postgres::Transaction;

use super::error::Failure;
use super::link::Session;
use super::{rows, sealing};
use crate::store::error::StoreError;
use crate::store::key::StoreKey;
use crate::store::meta::{Opening, first_migration};

/// How the tables came to be what they are, one step after the other. A step that was released is never
/// changed.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_retention.sql"),
    include_str!("migrations/0003_sealed.sql"),
    include_str!("migrations/0004_no_plain.sql"),
];
/// The step after which the rows that are there are sealed.
const SEALS: usize = 2;
const KEY_CHECK: &str = "SELECT key_check FROM meta";

/// What only one session of a database does at a time: "fundwatc".
const LOCK: i64 = i64::from_be_bytes(*b"fundwatc");

/// Makes the tables or brings them up to date, and makes `opening` the one that writes.
pub(super) fn prepare(
    session: &mut Session,
    (opening, key): (&Opening, &StoreKey),
    place: &str,
) -> Result<(), Failure> {
    let mut transaction = session.client.transaction()?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    let found = found(&mut transaction, place)?;
    let first = first_migration(found.unwrap_or(0), MIGRATIONS.len(), place)?;
    match found {
        Some(_) => {
            let row = transaction.query_one(rows::COMMITTED_LOCKED, &[])?;
            opening.may_write(&rows::committed(&row)?, place)?;
            if first > SEALS {
                let row = transaction.query_one(KEY_CHECK, &[])?;
                key.may_open(rows::get(&row, 0)?, place)?;
            }
        }
        None => {
            let there = "SELECT to_regnamespace('fundwatch') IS NOT NULL";
            // Whoever may not make schemas may be given an empty one.
            if !rows::get::<bool>(&transaction.query_one(there, &[])?, 0)? {
                transaction.batch_execute("CREATE SCHEMA fundwatch")?;
            }
        }
    }
    for (step, migration) in MIGRATIONS.iter().enumerate().skip(first) {
        transaction.batch_execute(migration)?;
        if step == SEALS && found.is_some() {
            sealing::seal(&mut transaction, key)?;
        }
    }
    let upsert = "INSERT INTO meta (one, schema_version, journal_id, generation, key_check)
        VALUES (1, $1, $2, $3, $4)
        ON CONFLICT (one) DO UPDATE
        SET schema_version = excluded.schema_version, generation = excluded.generation,
            key_check = excluded.key_check";
    let schema = MIGRATIONS.len() as i64;
    let generation = rows::signed(opening.generation);
    let journal = &opening.journal_id[..];
    transaction.execute(upsert, &[&schema, &journal, &generation, &key.check()])?;
    transaction.commit()?;
    sealing::rewrite(session, place)
}

/// Whether a store is there that this program can read.
pub(super) fn check(
    session: &mut Session,
    key: Option<&StoreKey>,
    place: &str,
) -> Result<(), Failure> {
    let mut transaction = session.snapshot()?;
    let place = place.to_owned();
    let Some(found) = found(&mut transaction, &place)? else {
        return Err(StoreError::Absent { place }.into());
    };
    let latest = MIGRATIONS.len();
    if first_migration(found, latest, &place)? < latest {
        let known = latest as i64;
        return Err(Failure::Store(StoreError::OlderSchema {
            place,
            found,
            known,
        }));
    }
    if let Some(key) = key {
        let row = transaction.query_one(KEY_CHECK, &[])?;
        key.may_open(rows::get(&row, 0)?, &place)?;
    }
    Ok(())
}

/// The version of the tables; none where there are none.
fn found(transaction: &mut Transaction<'_>, place: &str) -> Result<Option<i64>, Failure> {
    let tables = "SELECT count(*), count(*) FILTER (WHERE c.relname = 'meta')
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'fundwatch'";
    let row = transaction.query_one(tables, &[])?;
    match (rows::get::<i64>(&row, 0)?, rows::get::<i64>(&row, 1)?) {
        (0, _) => Ok(None),
        (_, 0) => Err(Failure::Store(StoreError::NotAStore {
            place: place.to_owned(),
        })),
        _ => {
            let row = transaction.query_one("SELECT schema_version FROM meta", &[])?;
            Ok(Some(rows::get(&row, 0)?))
        }
    }
}
