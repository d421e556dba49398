//! Pieces of memory of one length, by number.
//!
//! In: how many are needed. Out: their bytes. Must hold: what was written to one is there until it is given back; bytes
//! that no chunk needs are given back to the system, a region at a time.
//!
//! A table of a nation is asked at random places of gigabytes, and each of its lines is far from every cache. With pages of 4 KiB
//! the way to it is as far: the tables by which the processor finds a page are megabytes. So regions are of the length of a huge
//! page, and the system is asked to back them with one. The first are not: a table that has little is not worth one.

use std::alloc::{Layout, handle_alloc_error};
use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// The bytes of a chunk.
pub(crate) const CHUNK: usize = 1 << 15;
/// The bytes of a region: of a huge page where pages are of 4 KiB.
const REGION: usize = 1 << 21;
/// How many chunks a region has.
const CHUNKS: usize = REGION / CHUNK;
/// How many regions are of small pages.
const SMALL: usize = 4;

/// Chunks, by number.
#[derive(Default)]
pub(crate) struct Chunks {
    /// None of which no chunk is needed.
    regions: Vec<Option<Region>>,
    /// The regions that are none.
    vacant: Vec<usize>,
    /// The chunks of the others that are not needed.
    free: Vec<u32>,
}

struct Region {
    bytes: MmapMut,
    /// How many of its chunks are needed.
    used: usize,
}

impl Region {
    fn map(is_huge: bool) -> Self {
        let bytes = MmapMut::map_anon(REGION).unwrap_or_else(|_| {
            handle_alloc_error(Layout::from_size_align(REGION, CHUNK).expect("powers of two"))
        });
        // Advice: a system that does not follow it has small pages.
        #[cfg(target_os = "linux")]
        if is_huge {
            let _ = bytes.advise(memmap2::Advice::HugePage);
        }
        Self { bytes, used: 0 }
    }
}

impl Chunks {
    /// No chunks.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes a chunk that nobody needs, whatever its bytes are. Its number is below that of chunks that ever were, or the next.
    pub(crate) fn take(&mut self) -> usize {
        if self.free.is_empty() {
            self.map();
        }
        let chunk = self.free.pop().expect("a region has chunks") as usize;
        self.region_mut(chunk).used += 1;
        chunk
    }

    /// Gives a chunk back.
    pub(crate) fn give_back(&mut self, chunk: usize) {
        self.free.push(chunk as u32);
        let region = self.region_mut(chunk);
        region.used -= 1;
        // One region is kept for what is needed next.
        if region.used == 0 && self.free.len() >= 2 * CHUNKS {
            let number = chunk / CHUNKS;
            self.free.retain(|free| *free as usize / CHUNKS != number);
            self.regions[number] = None;
            self.vacant.push(number);
        }
    }

    /// The bytes of a chunk.
    #[inline]
    pub(crate) fn get(&self, chunk: usize) -> &[u8] {
        let region = self.regions[chunk / CHUNKS].as_ref();
        let region = region.expect("a chunk that is needed has its region");
        &region.bytes.deref()[chunk % CHUNKS * CHUNK..][..CHUNK]
    }

    /// The bytes of a chunk, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, chunk: usize) -> &mut [u8] {
        let region = self.region_mut(chunk);
        &mut region.bytes.deref_mut()[chunk % CHUNKS * CHUNK..][..CHUNK]
    }

    /// Copies so many bytes from a place of a chunk to one of this or another.
    pub(crate) fn copy(&mut self, from: (usize, usize), to: (usize, usize), count: usize) {
        let [from, to] =
            [from, to].map(|(chunk, at)| (chunk / CHUNKS, chunk % CHUNKS * CHUNK + at));
        if from.0 == to.0 {
            let region = self.regions[from.0].as_mut();
            let region = region.expect("a chunk that is needed has its region");
            (region.bytes).copy_within(from.1..from.1 + count, to.1);
            return;
        }
        let two = self.regions.get_disjoint_mut([from.0, to.0]);
        let Ok([Some(source), Some(target)]) = two else {
            panic!("a chunk that is needed has its region");
        };
        let source = &source.bytes[from.1..from.1 + count];
        target.bytes[to.1..to.1 + count].copy_from_slice(source);
    }

    /// The bytes of the lists by which chunks are found.
    pub(crate) fn overhead(&self) -> usize {
        self.regions.capacity() * size_of::<Option<Region>>()
            + self.vacant.capacity() * size_of::<usize>()
            + self.free.capacity() * size_of::<u32>()
    }

    #[inline]
    fn region_mut(&mut self, chunk: usize) -> &mut Region {
        let region = self.regions[chunk / CHUNKS].as_mut();
        region.expect("a chunk that is needed has its region")
    }

    /// Maps a region.
    fn map(&mut self) {
        let number = self.vacant.pop().unwrap_or_else(|| {
            self.regions.push(None);
            self.regions.len() - 1
        });
        self.regions[number] = Some(Region::map(number >= SMALL));
        let chunks = number * CHUNKS..(number + 1) * CHUNKS;
        // The first is taken first, so that bytes are used from the front.
        self.free.extend(chunks.rev().map(|chunk| chunk as u32));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_stays_and_regions_that_nobody_needs_are_given_back() {
        let mut chunks = Chunks::new();
        let mut held: Vec<(usize, u8)> = Vec::new();
        let mut random = 1u64;
        // How many are held: rises, and falls to nothing, twice.
        for wanted in [3, 700, 200, 30, 0, 900, 1, 0] {
            while held.len() != wanted {
                random = (random.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1);
                let byte = (random >> 40) as u8;
                if held.len() < wanted {
                    let chunk = chunks.take();
                    assert!(held.iter().all(|(other, _)| *other != chunk));
                    chunks.get_mut(chunk).fill(byte);
                    held.push((chunk, byte));
                } else {
                    let place = (random >> 20) as usize % held.len();
                    chunks.give_back(held.swap_remove(place).0);
                }
            }
            for (chunk, byte) in &held {
                assert!(chunks.get(*chunk).iter().all(|held| held == byte));
            }
            let mapped = chunks.regions.iter().flatten().count();
            assert!(mapped * CHUNKS == chunks.free.len() + held.len());
            assert_eq!(mapped + chunks.vacant.len(), chunks.regions.len());
            if wanted == 0 {
                assert_eq!(mapped, 1);
            }
        }
    }

    #[test]
    fn bytes_are_copied_within_a_region_and_to_another() {
        let mut chunks = Chunks::new();
        let held: Vec<usize> = (0..=CHUNKS).map(|_| chunks.take()).collect();
        let [first, second, last] = [held[0], held[1], held[CHUNKS]];
        assert_ne!(first / CHUNKS, last / CHUNKS);
        chunks.get_mut(first)[10..13].copy_from_slice(b"abc");
        chunks.copy((first, 10), (first, 20), 3);
        chunks.copy((first, 20), (second, 5), 3);
        chunks.copy((second, 5), (last, CHUNK - 3), 3);
        assert_eq!(&chunks.get(first)[20..23], b"abc");
        assert_eq!(&chunks.get(second)[5..8], b"abc");
        assert_eq!(&chunks.get(last)[CHUNK - 3..], b"abc");
    }
}
