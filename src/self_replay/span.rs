//! Up to which epoch a journal is replayed, and the decisions of which epochs are compared.
//!
//! In: a day or an epoch, and the journal. Out: the epochs of that day. Must hold: an epoch belongs to the day, in
//! UTC+7, on which it was closed; epochs of a day that has not ended are those that the store has so far.

use std::str::FromStr;

use super::error::SelfReplayError;
use crate::journal::{Epoch, JournalReader};
use crate::record::{Day, Instant, Value};
use crate::service::CARRIED_FORWARD;

/// Up to where a journal is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The end of the day before today.
    Yesterday,
    /// The end of a day.
    Day(Day),
    /// An epoch.
    Epoch(u64),
}

impl FromStr for Until {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = || Day::from_text(text).map(Self::Day);
        let epoch = || text.parse().ok().map(Self::Epoch);
        day()
            .or_else(epoch)
            .ok_or("expected the number of an epoch, or a day such as 2026-03-31")
    }
}

/// The epochs of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The day whose decisions are compared.
    pub(super) day: Day,
    /// Its first epoch; one more than the last, where it has none.
    pub(super) from: u64,
    /// The last epoch that is replayed, of this day or an earlier one; 0 where there is none.
    pub(super) until: u64,
}

impl Span {
    /// Whether the decisions of an epoch are compared.
    pub(super) fn has(self, epoch: u64) -> bool {
        (self.from..=self.until).contains(&epoch)
    }
}

impl Span {
    /// The same where months are erased: up to the last epoch that carried something forward, if that is later. Before it
    /// the journal lacks what was in force.
    pub(super) fn settled(
        self,
        journal: &JournalReader,
        committed: u64,
    ) -> Result<Self, SelfReplayError> {
        let mut until = self.until;
        for frame in journal.frames(self.until + 1)? {
            let frame = frame?;
            if frame.number > committed {
                break;
            }
            let of = (frame.number, Instant::from_nanos(frame.at));
            let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref())?;
            if carries_forward(&epoch) {
                until = epoch.number;
            }
        }
        Ok(Self { until, ..self })
    }
}

/// Whether an epoch has something that was carried forward.
pub(super) fn carries_forward(epoch: &Epoch) -> bool {
    let mut deliveries = epoch.deliveries.iter().flatten();
    deliveries.any(|one| one.source == CARRIED_FORWARD)
}

impl Until {
    /// The epochs, where the journal has as many, the store so many of them, and it is `now`.
    pub(super) fn span(
        self,
        journal: &JournalReader,
        (sealed, committed): (u64, u64),
        now: Instant,
    ) -> Result<Span, SelfReplayError> {
        let last_of = |day: Day| first_after(journal, sealed, day).map(|after| after - 1);
        let (day, until) = match self {
            Self::Yesterday => {
                let day = now.day().plus(-1);
                (day, last_of(day)?)
            }
            // What was sealed just now may not be stored yet.
            Self::Day(day) if day >= now.day() => (day, last_of(day)?.min(committed)),
            Self::Day(day) => (day, last_of(day)?),
            Self::Epoch(epoch) => {
                let no_epoch = SelfReplayError::NoEpoch { epoch, sealed };
                let frame = match epoch <= sealed {
                    true => journal.frames(epoch)?.next().transpose()?,
                    false => None,
                };
                let frame = frame.filter(|frame| frame.number == epoch);
                (Instant::from_nanos(frame.ok_or(no_epoch)?.at).day(), epoch)
            }
        };
        let from = first_after(journal, until, day.plus(-1))?;
        Ok(Span { day, from, until })
    }
}

/// The first epoch that was closed after a day; one more than the last, where none was.
fn first_after(journal: &JournalReader, last: u64, day: Day) -> Result<u64, SelfReplayError> {
    let (mut from, mut to) = (1, last + 1);
    // Times of epochs never go back.
    while from < to {
        let middle = from + (to - from) / 2;
        let frame = journal.frames(middle)?.next().transpose()?;
        match frame {
            Some(frame) if Instant::from_nanos(frame.at).day() <= day => from = middle + 1,
            _ => to = middle,
        }
    }
    Ok(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_or_an_epoch_is_named() {
        let day = Day::from_text("2026-03-31").expect("a day");
        assert_eq!("2026-03-31".parse(), Ok(Until::Day(day)));
        assert_eq!("17".parse(), Ok(Until::Epoch(17)));
        for wrong in ["", "-1", "2026-03", "2026-02-30", "yesterday"] {
            assert!(wrong.parse::<Until>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_has_the_epochs_of_its_day_alone() {
        let day = Day::from_number(20_000);
        let has = |from, until| -> Vec<u64> {
            let span = Span { day, from, until };
            (0..6).filter(|epoch| span.has(*epoch)).collect()
        };
        assert_eq!(has(2, 4), [2, 3, 4]);
        assert!(has(5, 4).is_empty());
        assert!(has(1, 0).is_empty());
    }
}
