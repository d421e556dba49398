//! Pages of some bytes each, by number, without holes between them.
//!
//! In: pages, numbered from 0 as they are added, and what takes the place of each. Out: the bytes of a page. Must hold: it
//! answers like a list of lists of bytes.
//!
//! Tables of a nation have tens of millions of pages of a hundred bytes or two, each of which grows by some bytes whenever
//! something is learned of one of its keys. An allocator keeps blocks of a size together, so that what pages have outgrown
//! waits for others of that size. Here the last block of a size moves to where one was left, so that the blocks of each
//! size stand without a hole, and what they no longer need serves another size, or, where much of it lies together, is given back.
//!
//! ```text
//! chunk:  blocks of one size, one behind the other (`chunks.rs`)
//! block:  the number of its page (4 bytes), the length of the page (2 bytes), the page, and what is left of the size
//! ```

use crate::chunks::{CHUNK, Chunks};

/// How many bits tell a block of a chunk.
const SLOT_BITS: u32 = 10;
/// The bytes of the smallest blocks, of which a chunk has as many as those bits tell.
const LEAST: usize = CHUNK >> SLOT_BITS;
/// The bytes of the largest blocks; a page that needs more is an allocation of its own.
const MOST: usize = 4096;
/// The bytes before a page in its block.
const HEAD: usize = 6;
/// Sizes that lie between a power of two and the next; all are multiples of [`STEP`].
const BETWEEN: usize = 16;
const STEP: usize = 16;

/// The bytes of a line of memory.
const LINE: usize = 64;
/// How many pages are touched together.
const TOUCHED_TOGETHER: usize = 64;

/// Where a page without bytes is.
const NOWHERE: u32 = u32::MAX;
/// The bit of the place of a page that is an allocation of its own.
const IS_ALONE: u32 = 1 << 31;

/// Pages by number.
pub(crate) struct Pages {
    /// Of each page its chunk and its block, its own allocation, or nowhere.
    places: Vec<u32>,
    chunks: Chunks,
    /// The bytes of each block of each chunk.
    sizes_of_chunks: Vec<u32>,
    /// The blocks of each size, in the order of sizes.
    sizes: Vec<Blocks>,
    alone: Vec<Vec<u8>>,
    /// Those that belong to no page.
    free_alone: Vec<u32>,
    /// The bytes of those that belong to one, with their room to grow.
    bytes_alone: usize,
}

/// The blocks of a size: all chunks are full but the last.
#[derive(Default)]
struct Blocks {
    chunks: Vec<u32>,
    count: usize,
}

/// Which size is the least that holds so many bytes, and what it is; none where no size does.
fn size_for(bytes: usize) -> Option<(usize, usize)> {
    if bytes > MOST {
        return None;
    }
    let bytes = bytes.max(LEAST);
    // As many sizes between 256 and 512 as between 512 and 1024, and so on; up to 512 they are steps apart.
    let doublings = (bytes - 1).checked_ilog2().unwrap_or_default();
    let doublings = doublings.saturating_sub((BETWEEN * STEP).ilog2());
    let step = STEP << doublings;
    let steps = bytes.div_ceil(step);
    Some((BETWEEN * doublings as usize + steps, steps * step))
}

impl Pages {
    /// No pages.
    pub(crate) fn new() -> Self {
        Self {
            places: Vec::new(),
            chunks: Chunks::new(),
            sizes_of_chunks: Vec::new(),
            sizes: Vec::new(),
            alone: Vec::new(),
            free_alone: Vec::new(),
            bytes_alone: 0,
        }
    }

    /// How many pages there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The bytes that they take, each with its block, its head and its place. Room for more blocks in the last chunk of each size, and
    /// chunks that are free, are not counted.
    pub(crate) fn bytes(&self) -> usize {
        let of_size = |size: &Blocks| match size.chunks.first() {
            Some(chunk) => size.count * self.sizes_of_chunks[*chunk as usize] as usize,
            None => 0,
        };
        self.places.capacity() * size_of::<u32>()
            + self.sizes.iter().map(of_size).sum::<usize>()
            + self.chunks.overhead()
            + self.sizes_of_chunks.capacity() * size_of::<u32>()
            + self.alone.capacity() * size_of::<Vec<u8>>()
            + self.bytes_alone
    }

    /// The bytes of a page.
    #[inline]
    pub(crate) fn get(&self, page: usize) -> &[u8] {
        match self.places[page] {
            NOWHERE => &[],
            place if place & IS_ALONE != 0 => &self.alone[(place ^ IS_ALONE) as usize],
            place => {
                let block = self.block(place);
                &block[HEAD..HEAD + length_in(block)]
            }
        }
    }

    /// The bytes of a page, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, page: usize) -> &mut [u8] {
        match self.places[page] {
            NOWHERE => &mut [],
            place if place & IS_ALONE != 0 => &mut self.alone[(place ^ IS_ALONE) as usize],
            place => {
                let block = self.block_mut(place);
                let length = length_in(block);
                &mut block[HEAD..HEAD + length]
            }
        }
    }

    /// Brings pages near that are asked for next. The places of some are read before any of their lines: so each read is a wait on
    /// which no other one hangs.
    pub(crate) fn touch(&self, mut pages: impl Iterator<Item = usize>) {
        let mut touched = 0;
        loop {
            let mut places = [NOWHERE; TOUCHED_TOGETHER];
            let mut count = 0;
            for (place, page) in places.iter_mut().zip(pages.by_ref()) {
                *place = self.places[page];
                count += 1;
            }
            for place in &places[..count] {
                if place & IS_ALONE == 0 {
                    let lines = self.block(*place).iter().step_by(LINE);
                    touched = lines.fold(touched, |bytes, byte| bytes ^ byte);
                }
            }
            if count < TOUCHED_TOGETHER {
                break;
            }
        }
        std::hint::black_box(touched);
    }

    /// Adds a page behind all others.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.places.push(NOWHERE);
        self.put(self.places.len() - 1, bytes);
    }

    /// Gives a page other bytes.
    pub(crate) fn put(&mut self, page: usize, bytes: &[u8]) {
        let wanted = size_for(HEAD + bytes.len());
        let place = self.places[page];
        let is_there = match wanted {
            _ if bytes.is_empty() || place & IS_ALONE != 0 => false,
            Some((_, size)) => self.sizes_of_chunks[chunk_of(place)] as usize == size,
            None => false,
        };
        if !is_there {
            self.remove(place);
            self.places[page] = match wanted {
                _ if bytes.is_empty() => NOWHERE,
                Some(size) => self.add(size, page),
                None => self.add_alone(bytes.into()),
            };
        }
        let place = self.places[page];
        if place & IS_ALONE == 0 {
            let block = self.block_mut(place);
            block[4..HEAD].copy_from_slice(&(bytes.len() as u16).to_le_bytes());
            block[HEAD..HEAD + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// The bytes of a page, to be changed as a list and then to be [given](Self::give) back: copied to `list`, or, of a page that is
    /// an allocation of its own, these themselves, so that a long page that grows by a little is not copied whole.
    pub(crate) fn take(&mut self, page: usize, mut list: Vec<u8>) -> Vec<u8> {
        let place = self.places[page];
        if place != NOWHERE && place & IS_ALONE != 0 {
            let bytes = std::mem::take(&mut self.alone[(place ^ IS_ALONE) as usize]);
            self.bytes_alone -= bytes.capacity();
            return bytes;
        }
        list.clear();
        list.extend_from_slice(self.get(page));
        list
    }

    /// Gives a page that was taken its bytes. Returns a list for the next that is taken.
    pub(crate) fn give(&mut self, page: usize, bytes: Vec<u8>) -> Vec<u8> {
        if size_for(HEAD + bytes.len()).is_some() {
            self.put(page, &bytes);
            return if bytes.capacity() > 2 * MOST {
                Vec::new()
            } else {
                bytes
            };
        }
        self.remove(self.places[page]);
        self.places[page] = self.add_alone(bytes);
        Vec::new()
    }

    #[inline]
    fn block(&self, place: u32) -> &[u8] {
        let chunk = chunk_of(place);
        let size = self.sizes_of_chunks[chunk] as usize;
        &self.chunks.get(chunk)[slot_of(place) * size..][..size]
    }

    #[inline]
    fn block_mut(&mut self, place: u32) -> &mut [u8] {
        let chunk = chunk_of(place);
        let size = self.sizes_of_chunks[chunk] as usize;
        &mut self.chunks.get_mut(chunk)[slot_of(place) * size..][..size]
    }

    /// A block more of a size, for a page.
    fn add(&mut self, (number, size): (usize, usize), page: usize) -> u32 {
        if self.sizes.len() <= number {
            self.sizes.resize_with(number + 1, Blocks::default);
        }
        let blocks = &mut self.sizes[number];
        let slot = blocks.count % (CHUNK / size);
        if slot == 0 {
            let number = self.chunks.take();
            let chunk = u32::try_from(number).ok();
            let chunk = chunk.filter(|chunk| *chunk < IS_ALONE >> SLOT_BITS);
            let chunk = chunk.expect("pages have at most 64 GiB of blocks");
            if self.sizes_of_chunks.len() <= number {
                self.sizes_of_chunks.resize(number + 1, 0);
            }
            self.sizes_of_chunks[number] = size as u32;
            blocks.chunks.push(chunk);
        }
        blocks.count += 1;
        let chunk = blocks.chunks[blocks.chunks.len() - 1];
        let place = chunk << SLOT_BITS | slot as u32;
        let page = u32::try_from(page).expect("fewer pages than their numbers tell");
        self.block_mut(place)[..4].copy_from_slice(&page.to_le_bytes());
        place
    }

    fn add_alone(&mut self, bytes: Vec<u8>) -> u32 {
        self.bytes_alone += bytes.capacity();
        let place = self.free_alone.pop().unwrap_or_else(|| {
            self.alone.push(Vec::new());
            (self.alone.len() - 1) as u32
        });
        self.alone[place as usize] = bytes;
        place | IS_ALONE
    }

    /// Gives up a block, whose place the last one of its size takes.
    fn remove(&mut self, place: u32) {
        if place == NOWHERE {
            return;
        }
        if place & IS_ALONE != 0 {
            let place = place ^ IS_ALONE;
            let bytes = std::mem::take(&mut self.alone[place as usize]);
            self.bytes_alone -= bytes.capacity();
            self.free_alone.push(place);
            return;
        }
        let (chunk, slot) = (chunk_of(place), slot_of(place));
        let size = self.sizes_of_chunks[chunk] as usize;
        let (number, _) = size_for(size).expect("it is the size of blocks");
        let blocks = &mut self.sizes[number];
        blocks.count -= 1;
        let last_chunk = blocks.chunks[blocks.chunks.len() - 1];
        let last_slot = blocks.count % (CHUNK / size);
        let is_free = last_slot == 0;
        if is_free {
            blocks.chunks.pop();
        }
        if last_chunk << SLOT_BITS | last_slot as u32 != place {
            let last = (last_chunk as usize, last_slot * size);
            self.chunks.copy(last, (chunk, slot * size), size);
            let page = page_in(self.block(place));
            self.places[page] = place;
        }
        if is_free {
            self.chunks.give_back(last_chunk as usize);
        }
    }
}

fn chunk_of(place: u32) -> usize {
    (place >> SLOT_BITS) as usize
}

fn slot_of(place: u32) -> usize {
    (place & ((1 << SLOT_BITS) - 1)) as usize
}

/// The number of the page that a block holds.
fn page_in(block: &[u8]) -> usize {
    let number = block
        .first_chunk()
        .expect("a block is longer than its head");
    u32::from_le_bytes(*number) as usize
}

/// The length of the page that a block holds.
fn length_in(block: &[u8]) -> usize {
    u16::from_le_bytes([block[4], block[5]]) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_hold_what_is_asked_for_and_little_more() {
        let mut before = (0, 0);
        for bytes in 0..=MOST {
            let (number, size) = size_for(bytes).expect("no more than the largest");
            assert!(size >= bytes && size <= MOST);
            assert!(size - bytes < STEP || bytes < LEAST || (size - bytes) * BETWEEN < bytes);
            assert_eq!(size_for(size), Some((number, size)));
            let is_next = number > before.0 && size > before.1;
            assert!((number, size) == before || is_next, "{bytes}");
            before = (number, size);
        }
        assert_eq!(size_for(MOST + 1), None);
    }

    proptest! {
        #[test]
        fn it_answers_like_a_list_of_lists(
            acts in prop::collection::vec((0usize..80, prop_oneof![
                8 => 0usize..300,
                1 => 300usize..3_000,
                1 => MOST - HEAD - 3..MOST + 40,
            ], any::<u8>()), 0..600)
        ) {
            let mut pages = Pages::new();
            let mut lists: Vec<Vec<u8>> = Vec::new();
            for (page, length, byte) in acts {
                let bytes: Vec<u8> = (0..length).map(|at| byte.wrapping_add(at as u8)).collect();
                match lists.get_mut(page) {
                    // At every other one, what is there is changed.
                    Some(list) if byte % 2 == 0 => {
                        let mut taken = pages.take(page, vec![1; 7]);
                        prop_assert_eq!(&taken, &*list);
                        taken.truncate(length / 2);
                        taken.extend_from_slice(&bytes);
                        list.clone_from(&taken);
                        let left = pages.give(page, taken);
                        prop_assert!(left.capacity() <= 2 * MOST);
                    }
                    Some(list) => {
                        pages.put(page, &bytes);
                        *list = bytes;
                    }
                    None => {
                        pages.push(&bytes);
                        lists.push(bytes);
                    }
                }
                let page = page.min(lists.len() - 1);
                if let Some(last) = pages.get_mut(page).last_mut() {
                    *last ^= 1;
                }
                if let Some(last) = lists[page].last_mut() {
                    *last ^= 1;
                }
                prop_assert_eq!(pages.len(), lists.len());
                for (page, list) in lists.iter().enumerate() {
                    prop_assert_eq!(pages.get(page), list.as_slice());
                }
            }
            // No block is left that no page has, and no chunk that no block is in.
            let chunks: usize = pages.sizes.iter().map(|size| size.chunks.len()).sum();
            prop_assert_eq!(pages.chunks.taken(), chunks);
            let blocks: usize = pages.sizes.iter().map(|size| size.count).sum();
            let in_blocks = |list: &&Vec<u8>| !list.is_empty() && HEAD + list.len() <= MOST;
            prop_assert_eq!(blocks, lists.iter().filter(in_blocks).count());
            let alone: usize = pages.alone.iter().map(Vec::capacity).sum();
            prop_assert_eq!(pages.bytes_alone, alone);
            let long = lists.iter().filter(|list| HEAD + list.len() > MOST);
            prop_assert_eq!(pages.alone.iter().filter(|page| !page.is_empty()).count(), long.count());
            // What is told is what they take.
            let of_block = |list: &Vec<u8>| size_for(HEAD + list.len()).map_or(0, |(_, size)| size);
            let held: usize = lists.iter().filter(in_blocks).map(of_block).sum();
            let lists = pages.places.capacity() * 4
                + pages.chunks.overhead()
                + pages.sizes_of_chunks.capacity() * 4
                + pages.alone.capacity() * size_of::<Vec<u8>>();
            prop_assert_eq!(pages.bytes(), held + alone + lists);
        }
    }

    /// Many chunks of each size, which grow, shrink and become free.
    #[test]
    fn blocks_move_between_chunks_and_chunks_between_sizes() {
        const PAGES: usize = 4_000;
        let mut pages = Pages::new();
        let mut lists = vec![Vec::new(); PAGES];
        for _ in 0..PAGES {
            pages.push(&[]);
        }
        let mut random = 1u64;
        // About how long pages are: rises, and falls to nothing.
        for about in [40, 90, 300, 700, 200, 60, 5_000, 30, 1] {
            for _ in 0..2 * PAGES {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let page = (random >> 40) as usize % PAGES;
                let length = (random >> 20) as usize % (2 * about);
                lists[page] = vec![(random >> 33) as u8; length];
                pages.put(page, &lists[page]);
            }
            let all = lists.iter().enumerate();
            assert!({ all }.all(|(page, list)| pages.get(page) == list.as_slice()));
            let used = pages.sizes.iter().map(|size| size.chunks.len());
            assert_eq!(pages.chunks.taken(), used.sum::<usize>());
        }
        for page in 0..PAGES {
            pages.put(page, &[]);
        }
        assert!(pages.sizes.iter().all(|size| size.count == 0));
        assert_eq!(pages.chunks.taken(), 0);
        assert_eq!(pages.bytes_alone, 0);
    }

    #[test]
    fn what_pages_have_outgrown_serves_others() {
        const PAGES: usize = 20_000;
        let mut pages = Pages::new();
        for _ in 0..PAGES {
            pages.push(&[]);
        }
        let mut length = 0;
        while length < 400 {
            length += 29;
            for page in 0..PAGES {
                pages.put(page, &vec![page as u8; length]);
            }
        }
        let taken = PAGES * (HEAD + length + size_of::<u32>());
        // What is rounded up to, one chunk in the making of each of some forty sizes, and lists that double.
        assert!(
            pages.bytes() < taken * 11 / 10 + 40 * CHUNK,
            "{}",
            pages.bytes()
        );
        assert!((0..PAGES).all(|page| pages.get(page) == vec![page as u8; length]));
    }
}
