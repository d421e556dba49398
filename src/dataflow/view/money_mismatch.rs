//! `money_mismatch`: covered cost less co-payment and other sources differs from what the fund is
//! asked to pay, or the detail lines do not add up, by more than a dong a line.

use crate::record::{Claim, LineTotals, Money};

pub(super) fn holds(claim: &Claim) -> bool {
    let lines = claim.lines.map_or(0, |lines| lines.0);
    let due = claim.cost_covered - claim.copay - claim.other_sources;
    differs(due, claim.paid_by_fund, lines)
        || claim
            .line_totals
            .is_some_and(|totals| !adds_up(claim, &totals))
}

/// Whether two amounts differ by more than a dong a line, and a dong where there is no line.
fn differs(a: Money, b: Money, lines: u32) -> bool {
    (a - b).magnitude() > Money::dong(i64::from(lines.max(1))).magnitude()
}

/// Whether the detail tables that are present add up to the claim's totals.
fn adds_up(claim: &Claim, totals: &LineTotals) -> bool {
    let differs = |a, b| differs(a, b, totals.lines);
    !(totals.has_drugs && differs(totals.drugs, claim.cost_drugs)
        || totals.has_services && differs(totals.supplies, claim.cost_supplies)
        || differs(totals.total, claim.cost_total)
        || differs(totals.covered, claim.cost_covered))
}
