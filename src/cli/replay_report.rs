//! The summary of a replay, for the person who ran it.

use std::io::{self, Write};

use console::style;

use crate::record::Money;
use crate::replay::{Options, ShadowSummary, Summary};

/// Prints a summary on standard output.
pub fn print(summary: &Summary, options: &Options) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write(&mut out, summary, options)
}

fn write(out: &mut impl Write, summary: &Summary, options: &Options) -> io::Result<()> {
    let rows: u64 = summary.streams.iter().map(|stream| stream.accepted).sum();
    let rejected: u64 = summary.rejected.values().sum();
    writeln!(out, "{}", style("Rows").bold())?;
    for stream in summary.streams.iter().filter(|stream| stream.accepted > 0) {
        writeln!(
            out,
            "  {:<24}{:>14}",
            stream.stream,
            grouped(stream.accepted)
        )?;
    }
    writeln!(out, "  {:<24}{:>14}", "accepted", grouped(rows))?;
    writeln!(out, "  {:<24}{:>14}", "rejected", grouped(rejected))?;
    for (code, count) in &summary.rejected {
        writeln!(out, "    {code:<22}{:>14}", grouped(*count))?;
    }
    writeln!(out)?;

    let heading = format!(
        "{:<26}{:>10}{:>22}{:>12}{:>10}{:>12}",
        "Alerts", "hold", "amount, dong", "raised", "changed", "withdrawn"
    );
    writeln!(out, "{}", style(heading).bold())?;
    for reason in &summary.reasons {
        writeln!(
            out,
            "  {:<24}{:>10}{:>22}{:>12}{:>10}{:>12}",
            reason.reason.as_str(),
            grouped(reason.alerts),
            dong(reason.amount_vnd),
            grouped(reason.raised),
            grouped(reason.changed),
            grouped(reason.withdrawn)
        )?;
    }
    writeln!(
        out,
        "  {:<24}{:>10}{:>22}   (a subject of several alerts counts once)",
        "all",
        grouped(summary.alerts),
        dong(summary.amount_vnd)
    )?;
    writeln!(out)?;

    let notices: u64 = summary.notices.values().sum();
    writeln!(
        out,
        "{:<24}{:>10}",
        style("Notices").bold(),
        grouped(notices)
    )?;
    for (database, count) in &summary.notices {
        writeln!(out, "  {database:<22}{:>10}", grouped(*count))?;
    }
    writeln!(out)?;

    if let Some(shadow) = &summary.shadow {
        write_shadow(out, shadow)?;
    }
    if let (Some(first), Some(last)) = (summary.first_recorded_at, summary.last_recorded_at) {
        writeln!(
            out,
            "Known from {first} to {last}, {} epochs",
            grouped(summary.epochs.into())
        )?;
    }
    if let Some(rules) = &summary.rules {
        for ((group, key), value) in &rules.changed {
            writeln!(out, "Under {group}.{key} = {value} at the end")?;
        }
    }
    if let Some(as_of) = summary.as_of {
        writeln!(out, "As of {as_of}")?;
    }
    write!(
        out,
        "{:.1} s, {} claims/s",
        summary.elapsed_seconds,
        grouped(summary.claims_per_second as u64)
    )?;
    if let Some(bytes) = summary.peak_memory_bytes {
        write!(out, ", at most {} MiB of memory", grouped(bytes >> 20))?;
    }
    writeln!(out)?;
    writeln!(out, "Written to {}", options.output.display())
}

/// What a shadow model puts high beside the model in force.
fn write_shadow(out: &mut impl Write, shadow: &ShadowSummary) -> io::Result<()> {
    let heading = format!(
        "{:<26}{:>10}{:>10}{:>12}{:>14}{:>18}",
        "Shadow model", "claims", "both", "only live", "only shadow", "mean difference"
    );
    writeln!(out, "{}", style(heading).bold())?;
    for of_reason in &shadow.reasons {
        let count = |claims: i64| grouped(claims.unsigned_abs());
        writeln!(
            out,
            "  {:<24}{:>10}{:>10}{:>12}{:>14}{:>18}",
            of_reason.reason.as_str(),
            count(of_reason.claims),
            count(of_reason.both),
            count(of_reason.only_live),
            count(of_reason.only_shadow),
            of_reason
                .mean_difference
                .map_or_else(String::new, |mean| mean.to_string()),
        )?;
    }
    writeln!(out)
}

/// Whole dong in groups of three digits.
fn dong(money: Money) -> String {
    let sign = if money.thousandths() < 0 { "-" } else { "" };
    format!(
        "{sign}{}",
        grouped(money.magnitude() / Money::THOUSANDTHS.unsigned_abs())
    )
}

/// A number in groups of three digits, separated by spaces, as both languages read them.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_groups_of_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(12_345_678), "12 345 678");
        assert_eq!(dong(Money::dong(-1_500_000)), "-1 500 000");
    }
}
