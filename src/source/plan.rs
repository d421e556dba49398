//! Which files the merge streams, and which it must sort.
//!
//! In: the files' orders and the number of files that may be open at once. Out: the files to
//! stream, in the order in which the merge reaches them, and the files to sort. Must hold: every
//! file is in one of the two; streamed files are in order of knowledge time, and at no point of the
//! merge are more of them between their first and last row than may be open.

use std::collections::BTreeSet;

use super::order::FileOrder;
use crate::record::Instant;

/// A place in the merge where a file begins or ends: knowledge time, then file.
type Place = (Instant, u32);

/// How the merge reads each file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Files to stream, by the place of their first row.
    pub(super) stream: Vec<u32>,
    /// Files to sort, ascending.
    pub(super) sort: Vec<u32>,
}

/// Where a file begins. One without any knowledge time has only rejects: it begins, and ends, before
/// every other.
pub(super) fn begins(order: &FileOrder, file: u32) -> Place {
    (order.span.map_or(EARLIEST, |(first, _)| first), file)
}

/// Before every knowledge time that a file can have, or equal to it.
pub(super) const EARLIEST: Instant = Instant::from_nanos(i64::MIN);

/// Decides. Of files that cannot all be open, those with the fewest rows are sorted.
pub(super) fn plan(orders: &[FileOrder], most_open: usize) -> Plan {
    let files = (0u32..).zip(orders);
    let (in_order, unordered): (Vec<_>, Vec<_>) = files.partition(|(_, order)| order.in_order);
    let mut sort: Vec<u32> = unordered.into_iter().map(|(file, _)| file).collect();
    let mut stream: Vec<(u32, &FileOrder)> = in_order;
    stream.sort_unstable_by_key(|(file, order)| begins(order, *file));

    let ends = |file: u32, order: &FileOrder| (order.span.map_or(EARLIEST, |(_, last)| last), file);
    let most_open = most_open.max(1);
    let mut open_by_end: BTreeSet<Place> = BTreeSet::new();
    let mut open_by_rows: BTreeSet<(u64, u32)> = BTreeSet::new();
    let mut closed_out = BTreeSet::new();
    for (file, order) in &stream {
        while let Some(&end) = open_by_end.first()
            && end < begins(order, *file)
        {
            open_by_end.pop_first();
            open_by_rows.remove(&(orders[end.1 as usize].rows, end.1));
        }
        open_by_end.insert(ends(*file, order));
        open_by_rows.insert((order.rows, *file));
        if open_by_end.len() > most_open
            && let Some((_, shortest)) = open_by_rows.pop_first()
        {
            open_by_end.remove(&ends(shortest, &orders[shortest as usize]));
            closed_out.insert(shortest);
        }
    }
    sort.extend(&closed_out);
    sort.sort_unstable();
    Plan {
        stream: stream
            .into_iter()
            .map(|(file, _)| file)
            .filter(|file| !closed_out.contains(file))
            .collect(),
        sort,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(span: Option<(i64, i64)>, rows: u64, in_order: bool) -> FileOrder {
        FileOrder {
            path: "f".into(),
            sha256: None,
            bytes: 0,
            rows,
            span: span.map(|(a, b)| (Instant::from_nanos(a), Instant::from_nanos(b))),
            in_order,
        }
    }

    #[test]
    fn files_that_follow_each_other_are_all_streamed_however_many() {
        let mut orders: Vec<_> = (0..1000)
            .map(|n| order(Some((n / 3, n / 3)), 5, true))
            .collect();
        // One spans them all, and one has no time at all.
        orders.push(order(Some((0, 1000)), 5, true));
        orders.push(order(None, 5, true));
        let plan = plan(&orders, 2);
        assert!(plan.sort.is_empty());
        assert_eq!(plan.stream[..2], [1001, 0]);
        assert_eq!(plan.stream.len(), orders.len());
    }

    #[test]
    fn the_shortest_of_too_many_are_sorted_and_all_that_are_out_of_order() {
        let orders = [
            order(Some((0, 9)), 50, true),
            order(Some((1, 9)), 10, true),
            order(Some((2, 9)), 30, true),
            order(Some((0, 9)), 99, false),
            order(Some((3, 9)), 20, true),
        ];
        let expected = Plan {
            stream: vec![0, 2],
            sort: vec![1, 3, 4],
        };
        assert_eq!(plan(&orders, 2), expected);
    }
}
