//! The hash tree over the lines, as RFC 6962 (section 2.1) defines it.
//!
//! In: leaves, one after another. Out: the root over all of them. Must hold: of a tree of n leaves no more than
//! log2 n hashes are kept, the roots of its whole subtrees, from which every later root can be computed.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// Before what a leaf's hash is of, and a node's, so that neither can pass for the other.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// The SHA-256 of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// The hash of a leaf.
pub(super) fn leaf(data: &[u8]) -> Hash {
    let hash = Sha256::new().chain_update(LEAF).chain_update(data);
    hash.finalize().into()
}

/// The hash over two subtrees.
pub(super) fn node(left: &Hash, right: &Hash) -> Hash {
    let hash = Sha256::new().chain_update(NODE).chain_update(left);
    hash.chain_update(right).finalize().into()
}

/// A tree that grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    size: u64,
    /// The roots of the whole subtrees, the largest first: one for each bit of the size.
    peaks: Vec<Hash>,
}

impl Tree {
    /// The tree of a size and its whole subtrees; nothing where there are more or fewer than the size says.
    pub(super) fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf.
    pub(super) fn push(&mut self, data: &[u8]) {
        self.push_hash(leaf(data));
    }

    /// Adds the leaf of a hash.
    pub(super) fn push_hash(&mut self, leaf: Hash) {
        let mut root = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a subtree for each bit");
            root = node(&left, &root);
        }
        self.peaks.push(root);
        self.size += 1;
    }

    /// The root over all leaves.
    pub(super) fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().copied();
        let joined = joined.reduce(|right, left| node(&left, &right));
        joined.unwrap_or_else(|| sha256(b""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::{hex, unhex};

    /// The definition of the RFC, word for word.
    fn defined(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => sha256(b""),
            [one] => leaf(one),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node(&defined(&leaves[..split]), &defined(&leaves[split..]))
            }
        }
    }

    /// The leaves and roots by which implementations of Certificate Transparency are checked.
    #[test]
    fn known_roots() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&tree.root()), empty);
        for (leaf, root) in leaves.into_iter().zip(roots) {
            tree.push(leaf);
            assert_eq!(hex(&tree.root()), root);
        }
    }

    #[test]
    fn a_tree_that_grows_has_the_root_that_is_defined() {
        let mut tree = Tree::default();
        let mut leaves = Vec::new();
        for n in 0..300u32 {
            assert_eq!(tree.root(), defined(&leaves), "{n} leaves");
            // Kept and read again, it goes on as before.
            tree = Tree::of(tree.size(), tree.peaks().to_vec()).expect("its own");
            leaves.push(n.to_be_bytes().to_vec());
            tree.push(&n.to_be_bytes());
        }
        assert_eq!(
            Tree::of(3, vec![unhex(&"00".repeat(32)).expect("32 bytes")]),
            None
        );
    }
}
