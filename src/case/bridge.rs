//! Links without which what they hold together falls apart.
//!
//! In: links between numbered nodes, and the nodes that matter. Out: for each link, whether two of those nodes that are
//! tied together would not be without it. Must hold: links are few, as they are of one alert: each is left out in turn.

/// Which links are bridges between some two of `ends`.
pub(super) fn bridges(nodes: usize, links: &[(usize, usize)], ends: &[usize]) -> Vec<bool> {
    let whole = parts(nodes, links, None);
    let apart = |without: usize| {
        let left = parts(nodes, links, Some(without));
        ends.iter().enumerate().any(|(place, a)| {
            let others = &ends[place + 1..];
            let mut others = others.iter();
            others.any(|b| whole[*a] == whole[*b] && left[*a] != left[*b])
        })
    };
    (0..links.len()).map(apart).collect()
}

/// The part that each node is in, by the smallest node of it.
fn parts(nodes: usize, links: &[(usize, usize)], without: Option<usize>) -> Vec<usize> {
    let mut part: Vec<usize> = (0..nodes).collect();
    for (number, (a, b)) in links.iter().enumerate() {
        if Some(number) == without || part[*a] == part[*b] {
            continue;
        }
        let (kept, gone) = (part[*a].min(part[*b]), part[*a].max(part[*b]));
        for own in &mut part {
            if *own == gone {
                *own = kept;
            }
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way from one node to another that comes through no node twice, as the links that it takes.
    fn ways(links: &[(usize, usize)], seen: &mut Vec<usize>, to: usize) -> Vec<Vec<usize>> {
        let at = *seen.last().expect("a way begins somewhere");
        if at == to {
            return vec![Vec::new()];
        }
        let mut found = Vec::new();
        for (number, (a, b)) in links.iter().enumerate() {
            for (from, next) in [(*a, *b), (*b, *a)] {
                if from == at && !seen.contains(&next) {
                    seen.push(next);
                    for mut way in ways(links, seen, to) {
                        way.push(number);
                        found.push(way);
                    }
                    seen.pop();
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn a_bridge_is_on_every_way(
            links in prop::collection::vec((0_usize..6, 0_usize..6), 0..9),
            ends in prop::collection::btree_set(0_usize..6, 0..4),
        ) {
            let ends: Vec<usize> = ends.into_iter().collect();
            let told = bridges(6, &links, &ends);
            for (number, is_bridge) in told.into_iter().enumerate() {
                let mut naive = false;
                for a in &ends {
                    for b in ends.iter().filter(|b| *b > a) {
                        let ways = ways(&links, &mut vec![*a], *b);
                        naive |= !ways.is_empty() && ways.iter().all(|way| way.contains(&number));
                    }
                }
                prop_assert_eq!(is_bridge, naive, "{:?}, link {}", &links, number);
            }
        }
    }
}
