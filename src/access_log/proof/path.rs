//! Which subtrees a proof names, and what they prove.
//!
//! In: sizes of trees, and the leaves one after another. Out: the path of hashes that RFC 6962 (sections 2.1.1 and
//! 2.1.2) defines, and whether such a path proves what it is to prove, as RFC 9162 (2.1.3.2 and 2.1.4.2) has it. Must
//! hold: what is kept while leaves pass is no more than the path and one growing subtree, however many leaves there are.

use crate::access_log::merkle::{Hash, Tree, node};

/// No path has more hashes: a tree has at most 2^63 leaves.
pub(super) const LONGEST_PATH: usize = 64;

/// The leaves from one on up to another, which is left out: a subtree that a path has the root of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u64,
    end: u64,
}

/// Where the left subtree of some leaves ends: at the largest power of two that is less than their number, of two or more.
fn middle(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}

/// The subtrees that prove a leaf to be in a tree of some size, which is more than its index, from the leaf upwards.
pub(super) fn inclusion(index: u64, size: u64) -> Vec<Span> {
    let (mut start, mut end) = (0, size);
    let mut spans = Vec::new();
    while end - start > 1 {
        let middle = middle(start, end);
        if index < middle {
            spans.push(Span { start: middle, end });
            end = middle;
        } else {
            spans.push(Span { start, end: middle });
            start = middle;
        }
    }
    spans.reverse();
    spans
}

/// The subtrees that prove the first `old` leaves of a tree to be a tree that was known before. None where it was
/// empty, or is the whole.
pub(super) fn consistency(old: u64, size: u64) -> Vec<Span> {
    let mut spans = Vec::new();
    if old == 0 {
        return spans;
    }
    let (mut start, mut end) = (0, size);
    while end > old {
        let middle = middle(start, end);
        if old <= middle {
            spans.push(Span { start: middle, end });
            end = middle;
        } else {
            spans.push(Span { start, end: middle });
            start = middle;
        }
    }
    // Who has the old tree has its root, but none of a part of it.
    if start > 0 {
        spans.push(Span { start, end });
    }
    spans.reverse();
    spans
}

/// Roots of subtrees, gathered while leaves pass.
pub(super) struct Gather {
    /// The subtrees in the order of their leaves, each with its place in the path. They do not overlap.
    order: Vec<(usize, Span)>,
    /// How many of them are over.
    over: usize,
    leaves: u64,
    tree: Tree,
    roots: Vec<Option<Hash>>,
}

impl Gather {
    pub(super) fn new(spans: &[Span]) -> Self {
        let mut order: Vec<_> = spans.iter().copied().enumerate().collect();
        order.sort_unstable_by_key(|(_, span)| span.start);
        Self {
            order,
            over: 0,
            leaves: 0,
            tree: Tree::default(),
            roots: vec![None; spans.len()],
        }
    }

    /// The next leaf.
    pub(super) fn take(&mut self, leaf: Hash) {
        if let Some((place, span)) = self.order.get(self.over)
            && self.leaves >= span.start
        {
            self.tree.push_hash(leaf);
            if self.leaves + 1 == span.end {
                self.roots[*place] = Some(std::mem::take(&mut self.tree).root());
                self.over += 1;
            }
        }
        self.leaves += 1;
    }

    /// The path; nothing where leaves were missing.
    pub(super) fn path(self) -> Option<Vec<Hash>> {
        self.roots.into_iter().collect()
    }
}

/// Whether a path proves that a leaf is in the tree of some size and root.
pub(super) fn includes(leaf: Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut of_leaf, mut of_last) = (index, size - 1);
    let mut reached = leaf;
    for hash in path {
        if of_last == 0 {
            return false;
        }
        if of_leaf % 2 == 1 || of_leaf == of_last {
            reached = node(hash, &reached);
            while of_leaf.is_multiple_of(2) && of_leaf > 0 {
                of_leaf >>= 1;
                of_last >>= 1;
            }
        } else {
            reached = node(&reached, hash);
        }
        of_leaf >>= 1;
        of_last >>= 1;
    }
    of_last == 0 && reached == *root
}

/// Whether a path proves that the first leaves of a tree are those of a tree that was known before.
pub(super) fn is_prefix(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    let ((old, old_root), (new, new_root)) = (old, new);
    if old == 0 {
        return path.is_empty();
    }
    if old >= new {
        return old == new && path.is_empty() && old_root == new_root;
    }
    // Of a whole subtree the root is known, and left out.
    let known = old.is_power_of_two().then_some(old_root);
    let mut hashes = known.into_iter().chain(path);
    let Some(first) = hashes.next() else {
        return false;
    };
    let (mut of_old, mut of_last) = (old - 1, new - 1);
    while of_old % 2 == 1 {
        of_old >>= 1;
        of_last >>= 1;
    }
    let (mut reached_old, mut reached_new) = (*first, *first);
    for hash in hashes {
        if of_last == 0 {
            return false;
        }
        if of_old % 2 == 1 || of_old == of_last {
            reached_old = node(hash, &reached_old);
            reached_new = node(hash, &reached_new);
            while of_old.is_multiple_of(2) && of_old > 0 {
                of_old >>= 1;
                of_last >>= 1;
            }
        } else {
            reached_new = node(&reached_new, hash);
        }
        of_old >>= 1;
        of_last >>= 1;
    }
    // A path that is too short or of nothing but the known root proves nothing.
    of_last == 0 && reached_old == *old_root && reached_new == *new_root
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::*;
    use crate::access_log::merkle::{leaf, sha256};
    use crate::hex::hex;

    /// A tree as RFC 6962 defines it, word for word, with what was computed before.
    struct Defined {
        leaves: Vec<Hash>,
        roots: RefCell<BTreeMap<(usize, usize), Hash>>,
    }

    impl Defined {
        fn new(lines: &[Vec<u8>]) -> Self {
            Self {
                leaves: lines.iter().map(|line| leaf(line)).collect(),
                roots: RefCell::default(),
            }
        }

        fn split(start: usize, end: usize) -> usize {
            start + (end - start).next_power_of_two() / 2
        }

        /// MTH(D[start:end]) of section 2.1.
        fn mth(&self, start: usize, end: usize) -> Hash {
            if let Some(known) = self.roots.borrow().get(&(start, end)) {
                return *known;
            }
            let root = match end - start {
                0 => sha256(b""),
                1 => self.leaves[start],
                _ => {
                    let k = Self::split(start, end);
                    node(&self.mth(start, k), &self.mth(k, end))
                }
            };
            self.roots.borrow_mut().insert((start, end), root);
            root
        }

        /// PATH(m, D[start:end]) of section 2.1.1, with m counted from 0.
        fn path(&self, m: usize, start: usize, end: usize) -> Vec<Hash> {
            if end - start == 1 {
                return Vec::new();
            }
            let k = Self::split(start, end);
            let (mut found, other) = match m < k {
                true => (self.path(m, start, k), self.mth(k, end)),
                false => (self.path(m, k, end), self.mth(start, k)),
            };
            found.push(other);
            found
        }

        /// SUBPROOF(m, D[start:end], b) of section 2.1.2, with m counted from 0; PROOF is that with b of the whole.
        fn subproof(&self, m: usize, start: usize, end: usize, b: bool) -> Vec<Hash> {
            if m == end {
                return match b {
                    true => Vec::new(),
                    false => vec![self.mth(start, end)],
                };
            }
            let k = Self::split(start, end);
            let (mut found, other) = match m <= k {
                true => (self.subproof(m, start, k, b), self.mth(k, end)),
                false => (self.subproof(m, k, end, false), self.mth(start, k)),
            };
            found.push(other);
            found
        }
    }

    fn lines(count: usize) -> Vec<Vec<u8>> {
        (0..count)
            .map(|n| format!("line {n}").into_bytes())
            .collect()
    }

    fn gathered(spans: &[Span], leaves: &[Hash]) -> Vec<Hash> {
        let mut gather = Gather::new(spans);
        leaves.iter().for_each(|leaf| gather.take(*leaf));
        gather.path().expect("all leaves passed")
    }

    /// However long a log is, what is kept of it while it is read is short.
    #[test]
    fn a_path_of_the_longest_log_is_short() {
        for size in [1_u64 << 62, (1 << 62) + 1, u64::MAX >> 1] {
            for at in [1, 2, size / 3, size / 2, size - 1] {
                assert!(inclusion(at, size).len() < LONGEST_PATH);
                assert!(consistency(at, size).len() <= LONGEST_PATH);
            }
        }
    }

    /// Every path that is not quite the one: a bit of each hash, a hash less, more, twice, and two in another order.
    fn spoilt(path: &[Hash]) -> Vec<Vec<Hash>> {
        let mut all = Vec::new();
        for at in 0..path.len() {
            let mut flipped = path.to_vec();
            flipped[at][at % 32] ^= 1 << (at % 8);
            let mut less = path.to_vec();
            less.remove(at);
            let mut twice = path.to_vec();
            twice.insert(at, path[at]);
            all.extend([flipped, less, twice]);
            if at > 0 && path[at] != path[at - 1] {
                let mut swapped = path.to_vec();
                swapped.swap(at - 1, at);
                all.push(swapped);
            }
        }
        all.push([path, &[[7; 32]]].concat());
        all
    }

    /// The roots of spans: as they are defined, and of some sizes also as they are gathered while leaves pass.
    fn found(spans: &[Span], size: usize, defined: &Defined) -> Vec<Hash> {
        let roots = spans.iter();
        let roots: Vec<Hash> = roots
            .map(|span| defined.mth(span.start as usize, span.end as usize))
            .collect();
        if size <= 40 || size > 127 {
            assert_eq!(gathered(spans, &defined.leaves[..size]), roots);
        }
        roots
    }

    /// Whether what does not hold is tried as well.
    fn is_spoilt(size: usize, at: usize) -> bool {
        size <= 24 || (size + at).is_multiple_of(29)
    }

    #[test]
    fn paths_of_leaves_are_those_that_are_defined_and_no_other_is_taken() {
        let defined = Defined::new(&lines(130));
        for size in 1..=defined.leaves.len() {
            let root = defined.mth(0, size);
            for index in 0..size {
                let (at, of, line) = (index as u64, size as u64, defined.leaves[index]);
                let path = found(&inclusion(at, of), size, &defined);
                assert_eq!(path, defined.path(index, 0, size), "{index} of {size}");
                assert!(includes(line, at, of, &path, &root));
                if !is_spoilt(size, index) {
                    continue;
                }
                // Other leaves, places, sizes, roots and paths.
                assert!(!includes(leaf(b"other"), at, of, &path, &root));
                assert!(!includes(line, at, of, &path, &[0; 32]));
                assert!(!includes(line, of, of, &path, &root));
                if size > 1 {
                    assert!(!includes(line, (at + 1) % of, of, &path, &root));
                    assert!(!includes(line, at ^ 1, of, &path, &root));
                }
                for path in spoilt(&path) {
                    assert!(!includes(line, at, of, &path, &root), "{index} of {size}");
                }
            }
        }
    }

    #[test]
    fn paths_between_trees_are_those_that_are_defined_and_no_other_is_taken() {
        let defined = Defined::new(&lines(130));
        let sizes = 0..=defined.leaves.len();
        let roots: Vec<Hash> = sizes.map(|size| defined.mth(0, size)).collect();
        for new in 1..roots.len() {
            for old in 1..=new {
                let path = found(&consistency(old as u64, new as u64), new, &defined);
                let expected = defined.subproof(old, 0, new, true);
                assert_eq!(path, expected, "{old} of {new}");
                let leads = |old_root: &Hash, new_root: &Hash, path: &[Hash]| {
                    is_prefix((old as u64, old_root), (new as u64, new_root), path)
                };
                assert!(leads(&roots[old], &roots[new], &path));
                if !is_spoilt(new, old) {
                    continue;
                }
                assert!(!leads(&[0; 32], &roots[new], &path));
                assert!(!leads(&roots[old], &[0; 32], &path));
                assert!(!leads(&roots[old - 1], &roots[new], &path));
                if old < new {
                    let back = ((new as u64, &roots[new]), (old as u64, &roots[old]));
                    assert!(!is_prefix(back.0, back.1, &path));
                    assert!(!leads(&roots[old], &roots[new], &[]));
                }
                for path in spoilt(&path) {
                    assert!(!leads(&roots[old], &roots[new], &path), "{old} of {new}");
                }
            }
            let of_new = (new as u64, &roots[new]);
            assert!(consistency(0, new as u64).is_empty());
            assert!(is_prefix((0, &roots[0]), of_new, &[]));
            assert!(!is_prefix((0, &roots[0]), of_new, &[[1; 32]]));
        }
    }

    /// The paths by which implementations of Certificate Transparency are checked (transparency-dev/merkle, `testonly`).
    #[test]
    fn known_paths() {
        let tree: Vec<Hash> = [
            &b""[..],
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ]
        .map(leaf)
        .to_vec();
        const A: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
        const B: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
        const C: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
        const D: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
        const E: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
        const F: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
        const G: &str = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        const H: &str = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
        const I: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
        let text = |path: Vec<Hash>| path.iter().map(|hash| hex(hash)).collect::<Vec<_>>();
        let of_leaves: [(u64, u64, &[&str]); 7] = [
            (0, 1, &[]),
            (0, 2, &[A]),
            (1, 2, &[G]),
            (2, 3, &[H]),
            (1, 5, &[G, B, D]),
            (0, 8, &[A, B, C]),
            (5, 8, &[D, E, F]),
        ];
        for (index, size, known) in of_leaves {
            let found = gathered(&inclusion(index, size), &tree[..size as usize]);
            assert_eq!(text(found), known, "{index} of {size}");
        }
        let between: [(u64, u64, &[&str]); 4] = [
            (1, 1, &[]),
            (1, 8, &[A, B, C]),
            (6, 8, &[I, E, F]),
            (2, 5, &[B, D]),
        ];
        for (old, new, known) in between {
            let found = gathered(&consistency(old, new), &tree[..new as usize]);
            assert_eq!(text(found), known, "{old} of {new}");
        }
    }
}
