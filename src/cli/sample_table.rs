//! What was drawn, and what a worksheet says, for a terminal.

use std::io::{self, Write};
use std::path::Path;

use crate::audit::sample::{AmountEstimate, DOCUMENT, Document, Estimates, Interval, WORKSHEET};
use crate::language::Language;
use crate::record::Money;

/// What was drawn.
pub(super) fn drawn(out: &mut impl Write, document: &Document, output: &Path) -> io::Result<()> {
    let count = |number| Language::English.count(number);
    for frame in &document.frames {
        let drawn: u64 = frame.strata.iter().map(|stratum| stratum.drawn).sum();
        writeln!(
            out,
            "{}: {} of {} drawn, in {} strata; frame sha256 {}",
            frame.frame.as_str(),
            count(drawn),
            count(frame.units),
            count(frame.strata.len() as u64),
            frame.sha256
        )?;
        for stratum in &frame.strata {
            writeln!(
                out,
                "  {:>7} of {:>12}  {}",
                count(stratum.drawn),
                count(stratum.units),
                stratum.stratum
            )?;
        }
    }
    writeln!(
        out,
        "fill {}; how it was drawn is told in {}",
        output.join(WORKSHEET).display(),
        output.join(DOCUMENT).display()
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn between(interval: Interval) -> String {
    format!("{} to {}", percent(interval.low), percent(interval.high))
}

/// Dong, to the whole.
fn money(dong: f64) -> String {
    // Beyond what can be told, the nearest that can.
    let thousandths = dong.round() * Money::THOUSANDTHS as f64;
    let money = Money::from_thousandths(thousandths as i64);
    Language::English.money(money).replace('\u{a0}', " ")
}

fn amount(amount: &AmountEstimate) -> String {
    let most = amount.at_most.map_or_else(
        || "unknown: too few errors were found".to_owned(),
        |most| format!("at most {}", money(most)),
    );
    format!(
        "at least {} (found {}, estimate {}, {most})",
        money(amount.at_least),
        money(amount.found),
        money(amount.estimate)
    )
}

/// What a worksheet says.
pub(super) fn estimated(
    out: &mut impl Write,
    document: &Document,
    estimates: &Estimates,
) -> io::Result<()> {
    let count = |number| Language::English.count(number);
    writeln!(
        out,
        "Two-sided intervals of 90 %; `at least` is the lower end. Seed `{}`.",
        document.seed
    )?;
    for frame in &estimates.frames {
        writeln!(
            out,
            "{}: {} errors in {} of {}; {} ({})",
            frame.frame.as_str(),
            count(frame.errors),
            count(frame.concluded),
            count(frame.units),
            percent(frame.rate),
            between(frame.rate_interval)
        )?;
        writeln!(out, "  {}", amount(&frame.amount))?;
        for stratum in &frame.strata {
            writeln!(
                out,
                "  {}: {} errors in {} of {}, {} not auditable; {} ({})",
                stratum.stratum,
                count(stratum.errors),
                count(stratum.concluded),
                count(stratum.units),
                count(stratum.not_auditable),
                percent(stratum.rate),
                between(stratum.rate_interval)
            )?;
            writeln!(out, "    {}", amount(&stratum.amount))?;
        }
    }
    if let Some(recall) = estimates.recall {
        let share = recall.share.map_or_else(|| "unknown".to_owned(), percent);
        writeln!(
            out,
            "recall: {share} of the wrong claims have an alert ({}); about {:.0} have, {:.0} have not",
            between(recall.interval),
            recall.found,
            recall.missed
        )?;
    }
    Ok(())
}
