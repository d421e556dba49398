//! How many persons may be replayed at once.
//!
//! In: what the process has in memory, what it may have, and what the machine has left. Out: of how many parts of the
//! persons one fits. Must hold: a replay of all persons takes about what the running engine's process has; no more than
//! half of what is free is taken, so that the service is not the one that is ended for it.

use std::fs;

/// The most parts that persons are divided into.
pub const MOST_SLICES: u32 = 64;

/// Memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What this process has.
    pub resident: u64,
    /// What is left of its limit and of the machine, whichever is less.
    pub free: u64,
}

impl Room {
    /// The room of this process, where Linux tells it. `limit` is what the process may have, if that is limited.
    pub fn of_this_process(limit: Option<u64>) -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let machine = fs::read_to_string("/proc/meminfo").ok()?;
        Some(Self::new(
            kibibytes(&status, "VmRSS:")?,
            kibibytes(&machine, "MemAvailable:")?,
            limit,
        ))
    }

    fn new(resident: u64, available: u64, limit: Option<u64>) -> Self {
        let of_limit = limit.map_or(u64::MAX, |limit| limit.saturating_sub(resident));
        Self {
            resident,
            free: available.min(of_limit),
        }
    }
}

/// A line of kibibytes, in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

/// The fewest parts of which one fits into half of what is free; none where not even the smallest does.
pub fn slices_that_fit(room: Room) -> Option<u32> {
    let half = room.free / 2;
    // Rounded up: a part that takes a byte more does not fit.
    (1..=MOST_SLICES).find(|of| room.resident.div_ceil(u64::from(*of)) <= half)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn a_part_takes_half_of_what_is_free_at_most() {
        let fits = |resident, free| slices_that_fit(Room { resident, free });
        assert_eq!(fits(4 * GIB, 8 * GIB), Some(1));
        assert_eq!(fits(4 * GIB, 8 * GIB - 2), Some(2));
        assert_eq!(fits(4 * GIB, 4 * GIB), Some(2));
        assert_eq!(fits(12 * GIB, 2 * GIB), Some(12));
        assert_eq!(fits(12 * GIB + 1, 2 * GIB), Some(13));
        assert_eq!(fits(64 * GIB, 2 * GIB), Some(64));
        assert_eq!(fits(64 * GIB + 1, 2 * GIB), None);
        assert_eq!(fits(GIB, 0), None);
    }

    #[test]
    fn what_is_free_is_the_least_of_limit_and_machine() {
        let free = |limit| Room::new(3 * GIB, 10 * GIB, limit).free;
        assert_eq!(free(None), 10 * GIB);
        assert_eq!(free(Some(20 * GIB)), 10 * GIB);
        assert_eq!(free(Some(5 * GIB)), 2 * GIB);
        assert_eq!(free(Some(GIB)), 0);
    }

    #[test]
    fn what_linux_tells_is_read() {
        let status = "Name:\tfundwatch\nVmHWM:\t  900 kB\nVmRSS:\t     512 kB\n";
        assert_eq!(kibibytes(status, "VmRSS:"), Some(512 * 1024));
        assert_eq!(kibibytes(status, "VmSwap:"), None);
        assert_eq!(kibibytes("VmRSS: many kB", "VmRSS:"), None);
        if cfg!(target_os = "linux") {
            let room = Room::of_this_process(None).expect("Linux tells it");
            assert!(room.resident > 1 << 20 && room.free > 0, "{room:?}");
        }
    }
}
