//! A commit: epochs and `committed_epoch` in one transaction.

use postgres::Transaction;

use super::error::Failure;
use super::link::Session;
use super::{rows, tables};
use crate::store::key::StoreKey;
use crate::store::meta::Opening;
use crate::store::{Commit, EpochCommit, Pruned, Pruning, plan};

const DIGESTS: &str = "SELECT epoch, digest FROM epochs WHERE epoch = ANY($1)";
const META: &str = "UPDATE meta SET committed_epoch = $1, generation = $2,
    clock_day = coalesce($3, clock_day)";

pub(super) fn commit(
    (session, key): (&mut Session, &StoreKey),
    opening: &Opening,
    place: &str,
    epochs: &[EpochCommit],
) -> Result<Commit, Failure> {
    let statements = tables::Statements::prepare(session)?;
    let locked = session.statement(rows::COMMITTED_LOCKED)?;
    let digests = session.statement(DIGESTS)?;
    let meta = session.statement(META)?;

    let mut transaction = session.client.transaction()?;
    let committed = rows::committed(&transaction.query_one(&locked, &[])?)?;
    opening.may_write(&committed, place)?;
    let repeated = plan::repeated(committed.epoch, epochs);
    let known = match repeated {
        0 => Vec::new(),
        _ => {
            let numbers = epochs[..repeated].iter().map(|one| rows::signed(one.epoch));
            let numbers: Vec<i64> = numbers.collect();
            let found = transaction.query(&digests, &[&numbers])?;
            let found = found
                .iter()
                .map(|row| Ok((rows::number(row, 0)?, rows::bytes(row, 1)?)));
            found.collect::<Result<_, Failure>>()?
        }
    };
    let new = plan::to_write(committed.epoch, &known, epochs)?;
    if let Some(last) = new.last() {
        statements.write(&mut transaction, key, new)?;
        let clock_day = new.iter().rev().find_map(|epoch| epoch.clock_day);
        let clock_day = clock_day.map(i64::from);
        let epoch = rows::signed(last.epoch);
        let generation = rows::signed(opening.generation);
        transaction.execute(&meta, &[&epoch, &generation, &clock_day])?;
    }
    transaction.commit()?;
    Ok(Commit {
        written: new.len(),
        repeated,
    })
}

pub(super) fn prune(
    session: &mut Session,
    opening: &Opening,
    place: &str,
    pruning: Pruning,
) -> Result<Pruned, Failure> {
    let mut transaction: Transaction<'_> = session.client.transaction()?;
    let row = transaction.query_one(rows::COMMITTED_LOCKED, &[])?;
    opening.may_write(&rows::committed(&row)?, place)?;
    let epochs = "DELETE FROM epochs
        WHERE epoch < (SELECT epoch FROM epochs ORDER BY epoch DESC LIMIT 1 OFFSET $1)";
    let others = i64::from(pruning.keep_epochs.saturating_sub(1));
    let epochs = transaction.execute(epochs, &[&others])?;
    let requests = "DELETE FROM requests WHERE received_at < $1";
    let requests = transaction.execute(requests, &[&pruning.requests_before])?;
    transaction.commit()?;
    Ok(Pruned { epochs, requests })
}
