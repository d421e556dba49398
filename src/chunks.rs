//! Pieces of memory of one length, by number.
//!
//! In: how many are needed. Out: their bytes. Must hold: what was written to one is there until it is given back. A chunk that
//! is free serves whoever takes the next, those first whose numbers are low; a region whose chunks are all free is given back to the
//! system, but for one.
//!
//! A table of a nation is asked at random places of gigabytes, and each of its lines is far from every cache. With pages of 4 KiB
//! the way to it is as far: the tables by which the processor finds a page are megabytes. So regions are of the length of a huge
//! page, and the system is asked to back them with one. The first are not: a table that has little is not worth one.

use std::alloc::{Layout, handle_alloc_error};

use memmap2::MmapMut;

/// The bytes of a chunk.
pub(crate) const CHUNK: usize = 1 << 15;
/// The bytes of a region: of a huge page where pages are of 4 KiB.
const REGION: usize = 1 << 21;
/// How many chunks a region has: a bit of a word each.
const CHUNKS_A_REGION: usize = u64::BITS as usize;
/// How many regions are of small pages.
const SMALL_REGIONS: usize = 4;

const _: () = assert!(CHUNKS_A_REGION * CHUNK == REGION);

/// Chunks, by number.
#[derive(Default)]
pub(crate) struct Chunks {
    /// None where it is not mapped.
    regions: Vec<Option<Region>>,
    /// The numbers of those that are not mapped.
    unmapped: Vec<usize>,
    /// Which regions have a free chunk, a bit each.
    with_free: Vec<u64>,
    /// How many chunks are free in all.
    free: usize,
}

/// Chunks that are mapped together.
struct Region {
    mapped: MmapMut,
    /// Where in what is mapped it begins.
    start: usize,
    /// Which of its chunks are free, a bit each.
    free: u64,
}

impl Region {
    /// Maps one, of free chunks.
    fn map(is_huge: bool) -> Self {
        let mut mapped = map(REGION);
        let mut start = 0;
        // Linux aligns what is as long as a huge page from 6.7 on. Before, it is found within twice the length, of which the rest is
        // never touched.
        if is_huge && mapped.as_ptr().align_offset(REGION) != 0 {
            mapped = map(2 * REGION);
            start = mapped.as_ptr().align_offset(REGION);
        }
        advise(&mapped, is_huge);
        Self {
            mapped,
            start,
            free: u64::MAX,
        }
    }

    #[inline]
    fn place(&self, chunk: usize) -> usize {
        self.start + chunk % CHUNKS_A_REGION * CHUNK
    }
}

fn map(bytes: usize) -> MmapMut {
    MmapMut::map_anon(bytes).unwrap_or_else(|_| {
        let layout = Layout::from_size_align(bytes, CHUNK);
        handle_alloc_error(layout.expect("multiples of a power of two"))
    })
}

/// Tells the system whether huge pages are wanted: where it does not follow, pages are as it has them, and nothing else.
fn advise(mapped: &MmapMut, is_huge: bool) {
    #[cfg(target_os = "linux")]
    {
        use memmap2::Advice;
        let _ = mapped.advise(match is_huge {
            true => Advice::HugePage,
            false => Advice::NoHugePage,
        });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (mapped, is_huge);
}

impl Chunks {
    /// No chunks.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes a chunk that is free, whatever its bytes are. Its number is one that was taken before, or the next after all of those.
    pub(crate) fn take(&mut self) -> usize {
        if self.free == 0 {
            self.map();
        }
        let word = self.with_free.iter().position(|word| *word != 0);
        let word = word.expect("a chunk is free");
        let number = word * 64 + self.with_free[word].trailing_zeros() as usize;
        let region = self.regions[number].as_mut();
        let region = region.expect("a region with a free chunk is mapped");
        let chunk = region.free.trailing_zeros() as usize;
        region.free ^= 1 << chunk;
        if region.free == 0 {
            self.with_free[word] ^= 1 << (number % 64);
        }
        self.free -= 1;
        number * CHUNKS_A_REGION + chunk
    }

    /// Gives a chunk back.
    pub(crate) fn give_back(&mut self, chunk: usize) {
        let number = chunk / CHUNKS_A_REGION;
        let region = self.region_mut(chunk);
        region.free |= 1 << (chunk % CHUNKS_A_REGION);
        let is_free = region.free == u64::MAX;
        let bit = 1 << (number % 64);
        self.with_free[number / 64] |= bit;
        self.free += 1;
        // One region is kept for what is needed next.
        if is_free && self.free >= 2 * CHUNKS_A_REGION {
            self.with_free[number / 64] ^= bit;
            self.free -= CHUNKS_A_REGION;
            self.regions[number] = None;
            self.unmapped.push(number);
        }
    }

    /// The bytes of a chunk that was taken.
    #[inline]
    pub(crate) fn get(&self, chunk: usize) -> &[u8] {
        let region = self.regions[chunk / CHUNKS_A_REGION].as_ref();
        let region = region.expect("a region with a chunk that is taken is mapped");
        &region.mapped[region.place(chunk)..][..CHUNK]
    }

    /// The bytes of a chunk that was taken, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, chunk: usize) -> &mut [u8] {
        let region = self.region_mut(chunk);
        let place = region.place(chunk);
        &mut region.mapped[place..][..CHUNK]
    }

    /// Copies so many bytes from a place of a chunk to one of this or another.
    pub(crate) fn copy(&mut self, from: (usize, usize), to: (usize, usize), count: usize) {
        let [source, target] = [from.0, to.0].map(|chunk| chunk / CHUNKS_A_REGION);
        if source == target {
            let region = self.region_mut(from.0);
            let source = region.place(from.0) + from.1;
            let target = region.place(to.0) + to.1;
            (region.mapped).copy_within(source..source + count, target);
            return;
        }
        let two = self.regions.get_disjoint_mut([source, target]);
        let Ok([Some(source), Some(target)]) = two else {
            panic!("a region with a chunk that is taken is mapped");
        };
        let source = &source.mapped[source.place(from.0) + from.1..][..count];
        let place = target.place(to.0) + to.1;
        target.mapped[place..][..count].copy_from_slice(source);
    }

    /// The bytes of the lists by which chunks are found.
    pub(crate) fn overhead(&self) -> usize {
        self.regions.capacity() * size_of::<Option<Region>>()
            + self.unmapped.capacity() * size_of::<usize>()
            + self.with_free.capacity() * size_of::<u64>()
    }

    /// How many chunks are taken.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.regions.iter().flatten().count() * CHUNKS_A_REGION - self.free
    }

    #[inline]
    fn region_mut(&mut self, chunk: usize) -> &mut Region {
        let region = self.regions[chunk / CHUNKS_A_REGION].as_mut();
        region.expect("a region with a chunk that is taken is mapped")
    }

    /// Maps a region.
    fn map(&mut self) {
        let number = self.unmapped.pop().unwrap_or_else(|| {
            self.regions.push(None);
            self.regions.len() - 1
        });
        if self.with_free.len() * 64 <= number {
            self.with_free.push(0);
        }
        self.regions[number] = Some(Region::map(number >= SMALL_REGIONS));
        self.with_free[number / 64] |= 1 << (number % 64);
        self.free += CHUNKS_A_REGION;
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
            assert_eq!(chunks.taken(), held.len());
            assert_eq!(mapped + chunks.unmapped.len(), chunks.regions.len());
            if wanted == 0 {
                assert_eq!(mapped, 1);
            }
        }
    }

    #[test]
    fn bytes_are_copied_within_a_region_and_to_another() {
        let mut chunks = Chunks::new();
        let held: Vec<usize> = (0..=CHUNKS_A_REGION).map(|_| chunks.take()).collect();
        let [first, second, last] = [held[0], held[1], held[CHUNKS_A_REGION]];
        assert_ne!(first / CHUNKS_A_REGION, last / CHUNKS_A_REGION);
        chunks.get_mut(first)[10..13].copy_from_slice(b"abc");
        chunks.copy((first, 10), (first, 20), 3);
        chunks.copy((first, 20), (second, 5), 3);
        chunks.copy((second, 5), (last, CHUNK - 3), 3);
        assert_eq!(&chunks.get(first)[20..23], b"abc");
        assert_eq!(&chunks.get(second)[5..8], b"abc");
        assert_eq!(&chunks.get(last)[CHUNK - 3..], b"abc");
    }
}
