//! Numbers with places, sorted, in a scratch file.
//!
//! In: pairs in order; what is asked for. Out: the places of a number. Must hold: it answers like the list of pairs; a number is
//! looked up with one read, or one more where its pairs begin a block or go beyond one.
//!
//! ```text
//! file:   blocks of 4096 bytes
//! block:  455 pairs of a number (5 bytes, big endian) and a place (4 bytes, big endian), and a byte of nothing
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::journal::row_log::Place;

/// The bytes of a number, and of a pair.
const NUMBER: usize = 5;
const PAIR: usize = NUMBER + 4;
/// The bytes of a block, and its pairs.
const BLOCK: usize = 4096;
const A_BLOCK: usize = BLOCK / PAIR;
/// Bytes written at once, and read at once where every pair is.
const AT_ONCE: usize = 1 << 18;

/// Pairs of a number and a place.
pub(super) struct Run {
    file: File,
    /// The first number of each block.
    first: Vec<u64>,
    pairs: u64,
}

fn pair_at(bytes: &[u8], pair: usize) -> (u64, Place) {
    let bytes = &bytes[pair * PAIR..(pair + 1) * PAIR];
    let mut number = [0; 8];
    number[8 - NUMBER..].copy_from_slice(&bytes[..NUMBER]);
    let mut place = [0; 4];
    place.copy_from_slice(&bytes[NUMBER..]);
    (u64::from_be_bytes(number), Place(u32::from_be_bytes(place)))
}

impl Run {
    /// Writes pairs that are in order, by number, to an unnamed file of a directory.
    pub(super) fn write(
        scratch: &Path,
        pairs: impl Iterator<Item = io::Result<(u64, Place)>>,
    ) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(AT_ONCE, tempfile::tempfile_in(scratch)?);
        let (mut first, mut count) = (Vec::new(), 0);
        for pair in pairs {
            let (number, place) = pair?;
            if count % A_BLOCK as u64 == 0 {
                if count > 0 {
                    out.write_all(&[0; BLOCK - A_BLOCK * PAIR])?;
                }
                first.push(number);
            }
            out.write_all(&number.to_be_bytes()[8 - NUMBER..])?;
            out.write_all(&place.0.to_be_bytes())?;
            count += 1;
        }
        Ok(Self {
            file: out.into_inner().map_err(io::IntoInnerError::into_error)?,
            first,
            pairs: count,
        })
    }

    /// How many pairs a block has.
    fn pairs_of(&self, block: usize) -> usize {
        (self.pairs - (block * A_BLOCK) as u64).min(A_BLOCK as u64) as usize
    }

    /// Adds the places of a number, in the order of the pairs.
    pub(super) fn find(&self, number: u64, places: &mut Vec<Place>) -> io::Result<()> {
        // The block before the first that begins with it, or behind it, may end with it.
        let behind = self.first.partition_point(|first| *first < number);
        for block in behind.saturating_sub(1)..self.first.len() {
            if self.first[block] > number {
                break;
            }
            let mut bytes = [0; A_BLOCK * PAIR];
            let count = self.pairs_of(block);
            let bytes = &mut bytes[..count * PAIR];
            self.file.read_exact_at(bytes, (block * BLOCK) as u64)?;
            let (mut from, mut to) = (0, count);
            while from < to {
                let middle = from.midpoint(to);
                match pair_at(bytes, middle).0 < number {
                    true => from = middle + 1,
                    false => to = middle,
                }
            }
            let alike = (from..count).map(|pair| pair_at(bytes, pair));
            places.extend(alike.take_while(|pair| pair.0 == number).map(|pair| pair.1));
        }
        Ok(())
    }

    /// Every pair, in order.
    pub(super) fn pairs(&self) -> Pairs<'_> {
        Pairs {
            run: self,
            block: 0,
            piece: Vec::new(),
            begin: 0,
            next: 0,
        }
    }
}

/// Every pair of a run, read in large pieces.
pub(super) struct Pairs<'a> {
    run: &'a Run,
    /// The block of the next pair.
    block: usize,
    /// Blocks of the file, from one on.
    piece: Vec<u8>,
    begin: usize,
    /// The next pair of its block.
    next: usize,
}

impl Pairs<'_> {
    fn read(&mut self) -> io::Result<()> {
        let blocks = (AT_ONCE / BLOCK).min(self.run.first.len() - self.block);
        let last = self.block + blocks - 1;
        // The last block ends with its last pair.
        self.piece
            .resize((blocks - 1) * BLOCK + self.run.pairs_of(last) * PAIR, 0);
        self.begin = self.block;
        let from = (self.block * BLOCK) as u64;
        self.run.file.read_exact_at(&mut self.piece, from)
    }
}

impl Iterator for Pairs<'_> {
    type Item = io::Result<(u64, Place)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.block == self.run.first.len() {
            return None;
        }
        if (self.block - self.begin) * BLOCK >= self.piece.len()
            && let Err(error) = self.read()
        {
            return Some(Err(error));
        }
        let pair = pair_at(&self.piece[(self.block - self.begin) * BLOCK..], self.next);
        self.next += 1;
        if self.next == self.run.pairs_of(self.block) {
            self.next = 0;
            self.block += 1;
        }
        Some(Ok(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_answers_like_the_list_of_its_pairs() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        for count in [0, 1, A_BLOCK, A_BLOCK + 1, 100_000] {
            // Some numbers have one place, some few, one has those of several blocks.
            let number = |n: usize| match n * 3 / 2 {
                n if (20_000..25_000).contains(&n) => 20_000,
                n => n as u64 & !1,
            };
            let pairs: Vec<_> = (0..count)
                .map(|n| (number(n), Place(!0 - n as u32)))
                .collect();
            let run = Run::write(scratch.path(), pairs.iter().copied().map(Ok)).expect("written");
            let read: io::Result<Vec<_>> = run.pairs().collect();
            assert_eq!(read.expect("read"), pairs);
            let last = pairs.last().map_or(0, |pair| pair.0);
            let asked = (0..40)
                .chain(19_990..20_010)
                .chain(last.saturating_sub(9)..last + 9);
            for number in asked {
                let mut places = Vec::new();
                run.find(number, &mut places).expect("read");
                let from = pairs.partition_point(|pair| pair.0 < number);
                let alike = pairs[from..].iter().take_while(|pair| pair.0 == number);
                assert_eq!(
                    places,
                    alike.map(|pair| pair.1).collect::<Vec<_>>(),
                    "{number}"
                );
            }
        }
    }
}
