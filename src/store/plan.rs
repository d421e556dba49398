//! Which of the epochs that are given are to be written: a pure decision.
//!
//! ```text
//! committed: … 4 5        given: 4 5 6 7      4, 5: repeated, their digests compared
//!                                             6, 7: to be written
//! ```
//! Must hold: no epoch is written twice, none is left out, and what is repeated is what was written.

use super::epoch::EpochCommit;
use super::error::StoreError;

/// Refuses epochs that could not be committed whatever the store holds: they must ascend, each following
/// the one before it.
pub(super) fn check(epochs: &[EpochCommit]) -> Result<(), StoreError> {
    for epoch in epochs {
        epoch.check()?;
        if epoch
            .previous
            .is_some_and(|previous| previous >= epoch.epoch)
        {
            return Err(StoreError::Invalid {
                epoch: epoch.epoch,
                what: "an epoch before it that is not lower",
            });
        }
    }
    for pair in epochs.windows(2) {
        if pair[1].previous != Some(pair[0].epoch) {
            return Err(StoreError::OutOfOrder {
                epoch: pair[1].epoch,
                previous: pair[1].previous,
                committed: Some(pair[0].epoch),
            });
        }
    }
    Ok(())
}

/// How many of the epochs, the first ones, may be committed already.
pub(super) fn repeated(committed: Option<u64>, epochs: &[EpochCommit]) -> usize {
    epochs.partition_point(|epoch| Some(epoch.epoch) <= committed)
}

/// The epochs to be written, and the digests of all that were compared. `known` are digests of committed
/// epochs; one that was pruned cannot be compared.
pub(super) fn to_write<'a>(
    committed: Option<u64>,
    known: &[(u64, [u8; 32])],
    epochs: &'a [EpochCommit],
) -> Result<&'a [EpochCommit], StoreError> {
    let (repeated, new) = epochs.split_at(repeated(committed, epochs));
    for epoch in repeated {
        let known = known.iter().find(|(number, _)| *number == epoch.epoch);
        if known.is_some_and(|(_, digest)| *digest != epoch.digest()) {
            return Err(StoreError::Diverged { epoch: epoch.epoch });
        }
    }
    match new.first() {
        Some(first) if first.previous != committed => Err(StoreError::OutOfOrder {
            epoch: first.epoch,
            previous: first.previous,
            committed,
        }),
        _ => Ok(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: u64) -> EpochCommit {
        EpochCommit {
            epoch: number,
            previous: number.checked_sub(1),
            ..EpochCommit::default()
        }
    }

    #[test]
    fn every_start_meets_every_group() {
        let all: Vec<EpochCommit> = (0..5).map(epoch).collect();
        let digests: Vec<(u64, [u8; 32])> =
            all.iter().map(|one| (one.epoch, one.digest())).collect();
        for committed in [None, Some(0), Some(1), Some(4)] {
            let next = committed.map_or(0, |last| last + 1);
            for from in 0..5 {
                for to in from..=5 {
                    let group = &all[from as usize..to as usize];
                    check(group).expect("ascending");
                    let plan = to_write(committed, &digests, group);
                    if from > next && from < to {
                        assert!(matches!(plan, Err(StoreError::OutOfOrder { .. })));
                        continue;
                    }
                    let expected: Vec<u64> = (from.max(next)..to).collect();
                    let written = plan.expect("in order").iter();
                    assert_eq!(written.map(|one| one.epoch).collect::<Vec<_>>(), expected);
                }
            }
        }
    }

    #[test]
    fn numbers_may_leap_where_epochs_say_so() {
        let mut late = epoch(9);
        late.previous = Some(4);
        assert!(check(&[epoch(4), late.clone()]).is_ok());
        assert_eq!(
            to_write(Some(4), &[], &[late.clone()]).expect("next").len(),
            1
        );
        let group = [late];
        let early = to_write(Some(3), &[], &group);
        assert!(matches!(
            early,
            Err(StoreError::OutOfOrder { epoch: 9, .. })
        ));
    }

    #[test]
    fn wrong_orders_are_refused() {
        assert!(check(&[epoch(2), epoch(1)]).is_err());
        assert!(check(&[epoch(1), epoch(1)]).is_err());
        assert!(check(&[epoch(1), epoch(3)]).is_err());
        let mut own = epoch(3);
        own.previous = Some(3);
        assert!(matches!(check(&[own]), Err(StoreError::Invalid { .. })));
    }

    #[test]
    fn other_outputs_of_a_committed_epoch_are_told() {
        let known = [(1, epoch(1).digest())];
        let mut other = epoch(1);
        other.settled.push(crate::store::SettledReject {
            epoch: 0,
            ordinal: 0,
            is_repaired: true,
        });
        let group = [other.clone()];
        let diverged = to_write(Some(2), &known, &group);
        assert!(matches!(diverged, Err(StoreError::Diverged { epoch: 1 })));
        assert!(to_write(Some(2), &[], &[other]).expect("pruned").is_empty());
    }
}
