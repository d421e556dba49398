//! Whose alerts are told of.
//!
//! In: what was asked for, every row, and the memory that is free. Out: none where it is everybody, else the rows of a part
//! of the persons. Must hold: what is chosen fits into half of the memory that is free, as far as rows tell what they take.

use std::sync::Arc;

use super::WhatIfError;
use super::all_rows::AllRows;
use crate::persons::{MOST_SLICES, Persons, Room, Slice, memory_limit, slices_that_fit};
use crate::record::Day;
use crate::replay::Progress;

/// Bytes of memory that a replay takes for a row, with its key, arrangements and findings: more than half as much
/// again as was measured (`docs/what-if.md`), since of other countries more may be found.
const BYTES_PER_ROW: u64 = 200;

/// Rows between two reports of progress.
const ROWS_PER_REPORT: u64 = 4096;

/// Whose alerts are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Everybody's where memory allows, else those of the part whose turn it is on this day.
    WhatFits(Day),
    /// Those of a part.
    Of(Slice),
}

impl Coverage {
    /// The persons; none where they are all.
    pub(super) fn persons(
        self,
        rows: &AllRows,
        progress: &mut dyn Progress,
    ) -> Result<Option<Arc<Persons>>, WhatIfError> {
        let mut count = 0;
        let slice = match self {
            Self::Of(slice) => slice,
            Self::WhatFits(day) => {
                rows.each(&mut |_| {
                    count += 1;
                    if count % ROWS_PER_REPORT == 0 {
                        progress.choosing(count, 0);
                    }
                })?;
                let room = Room::of_this_process(memory_limit());
                Slice::of_day(day, parts(count, room)?)
            }
        };
        if slice.is_all() {
            return Ok(None);
        }
        let total = count;
        let persons = Persons::read(slice, |take| {
            let mut read = 0;
            rows.each(&mut |record| {
                take(record);
                read += 1;
                if read % ROWS_PER_REPORT == 0 {
                    progress.choosing(read, total);
                }
            })
        })?;
        Ok(Some(Arc::new(persons)))
    }
}

/// Of how many parts one fits that has so many rows.
fn parts(rows: u64, room: Option<Room>) -> Result<u32, WhatIfError> {
    // Where the system does not tell, nobody has to decide.
    let Some(room) = room else { return Ok(1) };
    let needed = rows.saturating_mul(BYTES_PER_ROW);
    let of_replay = Room {
        resident: needed,
        ..room
    };
    slices_that_fit(of_replay).ok_or(WhatIfError::NoRoom {
        free: room.free,
        needed: needed / u64::from(MOST_SLICES),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn as_much_is_covered_as_fits() {
        let fits = |rows, free| {
            let room = Room { resident: 0, free };
            parts(rows, Some(room))
        };
        assert_eq!(fits(1_000_000, 24 * GIB).expect("fits"), 1);
        assert_eq!(fits(373_000_000, 24 * GIB).expect("fits"), 6);
        assert_eq!(parts(u64::MAX, None).expect("not told"), 1);
        let refused = fits(1_000_000_000, GIB).expect_err("no room");
        assert!(
            refused.to_string().contains("bytes of memory are free"),
            "{refused}"
        );
    }
}
