//! `money_mismatch`: covered cost less co-payment and other sources differs from what the fund is
//! asked to pay, or the detail lines do not add up, by more than a tolerance a line.

use crate::record::{Claim, LineTotals, Money};
use crate::rule::MoneyMismatch;

/// By how many thousandths of a dong a line the amounts differ that differ most, rounded up: the claim is
/// a mismatch under every smaller tolerance. For nearly all claims it is 0.
pub(in super::super) fn gap(claim: &Claim) -> u64 {
    let lines = claim.lines.map_or(0, |lines| lines.0);
    let due = claim.cost_covered - claim.copay - claim.other_sources;
    let own = gap_a_line(due, claim.paid_by_fund, lines);
    let totals = claim.line_totals.as_ref();
    own.max(totals.map_or(0, |totals| gap_of_lines(claim, totals)))
}

/// Whether a claim with such a gap is a mismatch.
pub(in super::super) fn holds(gap: u64, settings: &MoneyMismatch) -> bool {
    let tolerance = Money::dong(settings.tolerance_dong_per_line.into());
    gap > tolerance.magnitude()
}

/// By how much two amounts differ a line, or in all where there is no line.
fn gap_a_line(a: Money, b: Money, lines: u32) -> u64 {
    (a - b).magnitude().div_ceil(lines.max(1).into())
}

/// By how much the detail tables that are present differ from the claim's totals.
fn gap_of_lines(claim: &Claim, totals: &LineTotals) -> u64 {
    let gap = |a, b| gap_a_line(a, b, totals.lines);
    let drugs = totals
        .has_drugs
        .then(|| gap(totals.drugs, claim.cost_drugs));
    let supplies = (totals.has_services).then(|| gap(totals.supplies, claim.cost_supplies));
    let total = gap(totals.total, claim.cost_total);
    let covered = gap(totals.covered, claim.cost_covered);
    let tables = drugs.into_iter().chain(supplies);
    tables.fold(total.max(covered), u64::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The gap says under which tolerances the amounts differ by more than it a line.
        #[test]
        fn a_gap_is_beyond_exactly_the_tolerances_that_it_exceeds(
            (due, error) in (any::<i32>(), -9_000i64..9_000),
            lines in 0u32..5,
            tolerance in 0u32..6,
        ) {
            let due = Money::from_thousandths(due.into());
            let paid = due - Money::from_thousandths(error);
            let settings = MoneyMismatch { tolerance_dong_per_line: tolerance };
            let tolerated = u64::from(lines.max(1)) * u64::from(tolerance) * 1000;
            let gap = gap_a_line(due, paid, lines);
            prop_assert_eq!(holds(gap, &settings), error.unsigned_abs() > tolerated);
        }
    }
}
