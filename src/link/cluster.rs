//! What a record's kin say of a pair.
//!
//! In: links with their weights, and a way to weigh any two records. Out: the weight of each pair in
//! the light of the clusters of both records. Must hold: a function of the links; two clusters become
//! one only if their records agree as wholes, so that one chance resemblance joins nothing, and a
//! record that says little is found through its kin.
//!
//! Links are taken from the heaviest on. The clusters of a link's records are compared: what most pairs
//! of records between them weigh on average decides, and the link itself a little. Average linkage is
//! what keeps people apart who share a name or a household: each is near somebody of the other's, but
//! not all to all.

use std::cmp::Reverse;

use hashbrown::HashMap;

use super::linkage::Link;

/// How many records of a cluster speak for it.
const SPEAKERS: usize = 12;
/// What a link counts, where all pairs between two clusters together count the rest, in tenths.
const LINK: i64 = 2;
/// Beyond this a pair is as certain as it can be, in thousandths of a bit: it does not make up for
/// others.
const CERTAIN: i32 = 20_000;
/// Clusters that agree less are not joined, in thousandths of a bit.
const FLOOR: i32 = -4_000;
/// Links that weigh less join nothing.
pub const LEAST: i32 = -8_000;

/// The weight of every pair of records in one cluster and of every link between clusters, in order.
///
/// `records` is how many there are, `weigh` weighs two of them, the lower first.
pub fn in_the_light_of_kin(
    records: usize,
    links: &[Link],
    weigh: impl Fn(u32, u32) -> i32,
) -> Vec<Link> {
    let mut order: Vec<&Link> = links.iter().filter(|link| link.weight >= LEAST).collect();
    order.sort_by_key(|link| (Reverse(link.weight), link.left, link.right));
    let mut clusters = Clusters::new(records);
    // Pairs that were joined, and links that were refused, with what clusters make of them.
    let mut joined: Vec<Link> = Vec::new();
    let mut refused: HashMap<(u32, u32), i32> = HashMap::new();
    for link in order {
        let (a, b) = (clusters.of(link.left), clusters.of(link.right));
        if a == b {
            continue;
        }
        let weight = between(
            clusters.records(&a),
            clusters.records(&b),
            link.weight,
            &weigh,
        );
        if weight < FLOOR {
            refused.insert((link.left, link.right), weight.min(link.weight));
            continue;
        }
        for &x in clusters.records(&a) {
            joined.extend(clusters.records(&b).iter().map(|&y| Link {
                left: x.min(y),
                right: x.max(y),
                weight,
            }));
        }
        clusters.join(a, b);
    }
    for link in links {
        // A link that was refused and joined later is among the joined ones.
        if clusters.of(link.left) != clusters.of(link.right) {
            let weight = refused.get(&(link.left, link.right));
            joined.push(Link {
                weight: weight.copied().unwrap_or(link.weight),
                ..*link
            });
        }
    }
    joined.sort_unstable();
    joined
}

/// What two clusters weigh, that a link would join.
fn between(a: &[u32], b: &[u32], link: i32, weigh: impl Fn(u32, u32) -> i32) -> i32 {
    let certain = |weight: i32| i64::from(weight.clamp(-CERTAIN, CERTAIN));
    if let ([_], [_]) = (a, b) {
        // The link is all there is between two records.
        return link.clamp(-CERTAIN, CERTAIN);
    }
    let (mut sum, mut count) = (0, 0);
    for &x in a.iter().take(SPEAKERS) {
        for &y in b.iter().take(SPEAKERS) {
            sum += certain(weigh(x.min(y), x.max(y)));
            count += 1;
        }
    }
    let mean = sum / count.max(1);
    let weight = (LINK * certain(link) + (10 - LINK) * mean) / 10;
    // Both are within what is certain.
    weight as i32
}

/// Records by cluster.
struct Clusters {
    /// By record: the cluster, which is a place in `members`.
    of: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Clusters {
    /// Every record by itself.
    fn new(records: usize) -> Self {
        let everyone = 0..records as u32;
        Self {
            of: everyone.clone().collect(),
            members: everyone.map(|record| vec![record]).collect(),
        }
    }

    fn of(&self, record: u32) -> u32 {
        self.of[record as usize]
    }

    fn records(&self, cluster: &u32) -> &[u32] {
        &self.members[*cluster as usize]
    }

    /// Joins the smaller to the larger one, which costs the least.
    fn join(&mut self, a: u32, b: u32) {
        let size = |cluster: u32| self.members[cluster as usize].len();
        let (into, from) = if size(a) >= size(b) { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut self.members[from as usize]);
        for record in &moved {
            self.of[*record as usize] = into;
        }
        self.members[into as usize].extend(moved);
    }
}

/// The cluster of each record: the lowest record that the links connect it with.
pub fn connected(records: usize, links: &[Link]) -> Vec<u32> {
    let mut clusters = Clusters::new(records);
    for link in links {
        let (a, b) = (clusters.of(link.left), clusters.of(link.right));
        if a != b {
            clusters.join(a, b);
        }
    }
    let lowest = clusters.members.iter().map(|m| m.iter().copied().min());
    let lowest: Vec<Option<u32>> = lowest.collect();
    let of = clusters.of.iter().zip(0..);
    of.map(|(cluster, record)| lowest[*cluster as usize].unwrap_or(record))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(left: u32, right: u32, bits: i32) -> Link {
        Link {
            left,
            right,
            weight: bits * 1_000,
        }
    }

    /// Weighs pairs as listed, others as strangers.
    fn light(records: usize, links: &[Link]) -> Vec<Link> {
        in_the_light_of_kin(records, links, |a, b| {
            let found = links.iter().find(|link| (link.left, link.right) == (a, b));
            found.map_or(-15_000, |link| link.weight)
        })
    }

    fn bits(links: &[Link], left: u32, right: u32) -> Option<i32> {
        let link = links
            .iter()
            .find(|link| (link.left, link.right) == (left, right));
        link.map(|link| link.weight / 1_000)
    }

    #[test]
    fn a_record_that_says_little_is_found_through_its_kin() {
        // 0 and 1 are one person; 2 resembles 1 much and 0 little.
        let lit = light(3, &[link(0, 1, 12), link(1, 2, 8), link(0, 2, -3)]);
        assert!(bits(&lit, 0, 2).is_some_and(|bits| bits > 0));
    }

    #[test]
    fn one_resemblance_joins_no_two_people() {
        // Two people of three records each; a single link between them.
        let mut links = Vec::new();
        for (a, b, c) in [(0, 1, 2), (3, 4, 5)] {
            links.extend([link(a, b, 15), link(a, c, 15), link(b, c, 15)]);
        }
        links.push(link(2, 3, 5));
        links.sort();
        let lit = light(6, &links);
        assert!(bits(&lit, 2, 3).is_some_and(|bits| bits < -4));
        assert!(bits(&lit, 0, 5).is_none());
    }

    #[test]
    fn records_are_connected_by_links() {
        let links = [link(1, 3, 1), link(3, 4, 1)];
        assert_eq!(connected(5, &links), [0, 1, 2, 1, 1]);
    }
}
