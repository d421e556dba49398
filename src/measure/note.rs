//! What the measures keep of a row: eight bytes, so that the row can be taken back.
//!
//! In: a record and when it became known, on the thread that parsed it. Out: a [`Note`]. Must hold: a note
//! has no identifier in it; equal notes count alike.
//!
//! ```text
//! bits  0-15  indicators: expected, filled
//!      16-19  class of delay
//!      20-23  deadlines kept
//!      24-57  the minute that the row tells of, from the first of year 1; 0 where it tells of none
//! ```

use serde::{Deserialize, Serialize};

use super::delay;
use super::indicator::{self, Cells, MOST_INDICATORS};
use crate::record::{CardStatus, Day, Instant, LocalTime, Record, Stream};

/// What the measures keep of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note(u64);

const CELL_BITS: u32 = 2 * MOST_INDICATORS as u32;
const CLASS_BITS: u32 = 4;
const DEADLINE_BITS: u32 = 4;
const DEADLINES_AT: u32 = CELL_BITS + CLASS_BITS;
const VALID_AT: u32 = DEADLINES_AT + DEADLINE_BITS;
const VALID_BITS: u32 = 34;

const _: () = assert!(VALID_AT + VALID_BITS <= u64::BITS);
const _: () = assert!(delay::CLASSES == 1 << CLASS_BITS);
const _: () = assert!(delay::DEADLINES.len() <= DEADLINE_BITS as usize);

/// What is added to minutes since 1970, so that those of year 1 are above 0.
const BIAS: i64 = 1 << 31;

impl Note {
    /// The note of a record that became known at an instant.
    pub fn of(record: &Record, known: Instant) -> Self {
        let cells = indicator::cells_of(record);
        let Some(valid) = told(record) else {
            return Self(u64::from(cells));
        };
        let kept = match record {
            Record::Claims(claim) => delay::kept(known, claim.discharged_at),
            _ => 0,
        };
        Self(
            u64::from(cells)
                | (delay::class(known, valid) as u64) << CELL_BITS
                | u64::from(kept) << DEADLINES_AT
                | ((valid.minutes() + BIAS) as u64) << VALID_AT,
        )
    }

    /// The note of a row that took the place of another: a time that the earlier row told already was
    /// known when that row came.
    pub fn after(self, earlier: Self) -> Self {
        if self.0 >> VALID_AT != earlier.0 >> VALID_AT {
            return self;
        }
        let when = ((1 << (CLASS_BITS + DEADLINE_BITS)) - 1) << CELL_BITS;
        Self(self.0 & !when | earlier.0 & when)
    }

    /// Which indicators it has.
    pub fn cells(self) -> Cells {
        self.0 as Cells & ((1 << CELL_BITS) - 1)
    }

    /// How late what it tells of became known, where it tells of a time.
    pub fn class(self) -> Option<usize> {
        let class = self.0 >> CELL_BITS & ((1 << CLASS_BITS) - 1);
        (self.0 >> VALID_AT != 0).then_some(class as usize)
    }

    /// Which deadlines were kept, a bit each.
    pub fn deadlines(self) -> u32 {
        (self.0 >> DEADLINES_AT) as u32 & ((1 << DEADLINE_BITS) - 1)
    }

    /// All of it as a number.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The inverse of [`Note::bits`].
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

/// The time that a row tells of: a day counts from its beginning, a partial date as its latest day.
fn told(record: &Record) -> Option<LocalTime> {
    let start = |day: Day| Some(LocalTime::on(day, 0));
    match record {
        Record::Citizens(citizen) => start(citizen.death()?.latest_day()),
        Record::DeathReports(report) => start(report.death_date.latest_day()),
        Record::Cards(card) if card.status != CardStatus::Valid => start(card.status_date?),
        Record::Claims(claim) => Some(claim.discharged_at),
        Record::CheckIns(check_in) => Some(check_in.admitted_at),
        Record::Enterprises(enterprise) => start(enterprise.effective_date),
        Record::Employments(employment) => start(employment.to.unwrap_or(employment.from)),
        Record::Beneficiaries(beneficiary) => start(beneficiary.from),
        Record::Cards(_) | Record::Participants(_) | Record::HealthProfiles(_) => None,
    }
}

/// The columns of a stream that tell of a time, and what is to be known of them; none where it tells of
/// none.
pub(super) fn told_by(stream: Stream) -> Option<(&'static str, &'static str)> {
    Some(match stream {
        Stream::Citizens => (
            "death_date",
            "while dead or declared dead; a partial date as its latest day",
        ),
        Stream::DeathReports => ("death_date", "a partial date as its latest day"),
        Stream::Cards => ("status_date", "of cards that are not valid"),
        Stream::Claims => (
            "discharged_at",
            "of visit types 02, 05 and 07 the last day of medication, which may be to come",
        ),
        Stream::CheckIns => ("admitted_at", ""),
        Stream::Enterprises => ("effective_date", ""),
        Stream::Employments => ("to, else from", "an open employment has no `to`"),
        Stream::Beneficiaries => ("from", ""),
        Stream::Participants | Stream::HealthProfiles => return None,
    })
}
