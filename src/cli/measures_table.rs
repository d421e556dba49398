//! Measures as tables, for people.

use std::io::{self, Write};

use console::style;

use super::measures::By;
use super::replay_report::grouped;
use crate::measure::{FacilityReport, Named, Percentile, Report, Share, StreamReport, worst_first};

/// Everything, and the facilities that stand worst.
pub fn all(out: &mut impl Write, report: &Report, by: By, top: usize) -> io::Result<()> {
    let until = |text: &Option<String>| text.clone().unwrap_or_else(|| "no row".to_owned());
    writeln!(
        out,
        "As of {}, known until {}",
        until(&report.run.as_of),
        until(&report.run.known_until)
    )?;
    correct(out, &report.streams)?;
    sufficient(out, &report.streams)?;
    clean(out, &report.streams)?;
    live(out, &report.streams)?;
    enterprises(out, report)?;
    facilities(out, &report.facilities, by, top)
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{}", style(text).bold())
}

fn correct(out: &mut impl Write, streams: &[StreamReport]) -> io::Result<()> {
    let text = format!(
        "{:<46}{:>9}{:>15}{:>15}",
        "Correct: rows that no alert contradicts", "share", "rows", "of"
    );
    heading(out, &text)?;
    for stream in streams.iter().filter(|stream| stream.rows > 0) {
        for check in &stream.correct {
            let name = format!("{} {}", stream.stream, check.name);
            match check.share {
                Some(share) => share_line(out, &name, share)?,
                None => writeln!(out, "  {name:<44}{:>9}", "not computed")?,
            }
        }
    }
    Ok(())
}

fn sufficient(out: &mut impl Write, streams: &[StreamReport]) -> io::Result<()> {
    let text = format!(
        "{:<46}{:>9}{:>15}{:>15}",
        "Sufficient: expected cells that are filled", "share", "filled", "expected"
    );
    heading(out, &text)?;
    for stream in streams.iter().filter(|stream| stream.complete.of > 0) {
        share_line(out, &stream.stream, stream.complete)?;
        named(out, &stream.indicators)?;
    }
    Ok(())
}

fn clean(out: &mut impl Write, streams: &[StreamReport]) -> io::Result<()> {
    let text = format!(
        "{:<18}{:>13}{:>13}{:>13}{:>13}{:>13}{:>9}{:>13}{:>9}",
        "Clean: rows",
        "hold",
        "accepted",
        "changed",
        "removed",
        "sent again",
        "share",
        "rejected",
        "share"
    );
    heading(out, &text)?;
    let came = |stream: &&StreamReport| stream.clean.rejected.of > 0;
    for stream in streams.iter().filter(came) {
        let clean = &stream.clean;
        writeln!(
            out,
            "  {:<16}{:>13}{:>13}{:>13}{:>13}{:>13}{:>9}{:>13}{:>9}",
            stream.stream,
            grouped(stream.rows),
            grouped(clean.accepted),
            grouped(clean.changed),
            grouped(clean.removed),
            grouped(clean.equal),
            percent(clean.duplicates),
            grouped(clean.rejected.count),
            percent(clean.rejected)
        )?;
        for (code, count) in &clean.rejected_by_code {
            writeln!(out, "    {code:<88}{:>14}", grouped(*count))?;
        }
    }
    Ok(())
}

fn live(out: &mut impl Write, streams: &[StreamReport]) -> io::Result<()> {
    let text = format!(
        "{:<18}{:>34}{:>9}   {:<15}{:>9}{:>9}{:>9}",
        "Live", "last known", "age", "delay from", "p50", "p90", "p99"
    );
    heading(out, &text)?;
    for stream in streams.iter().filter(|stream| stream.clean.accepted > 0) {
        let live = &stream.live;
        let age = live
            .age_seconds
            .map(|age| i64::try_from(age).unwrap_or(i64::MAX));
        write!(
            out,
            "  {:<16}{:>34}{:>9}",
            stream.stream,
            live.last_recorded_at.as_deref().unwrap_or("-"),
            age.map_or_else(|| "-".to_owned(), duration)
        )?;
        if let Some(delay) = &live.delay {
            write!(out, "   {:<15}", delay.from)?;
            for percentile in &delay.percentiles {
                write!(out, "{:>9}", at_most(percentile))?;
            }
        }
        writeln!(out)?;
        named(out, &live.deadlines)?;
    }
    writeln!(
        out,
        "  p50, p90, p99: at most this late, of so many percent of the rows that hold"
    )
}

fn enterprises(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let enterprises = &report.enterprises;
    heading(
        out,
        "Enterprises: insured employees against the declared workforce",
    )?;
    for (name, count) in [
        ("fewer employees than workforce", enterprises.fewer),
        ("as many", enterprises.equal),
        ("more", enterprises.more),
        ("no workforce declared", enterprises.undeclared),
        ("ceased, with employees", enterprises.ceased_with_employees),
        (
            "not registered, with employees",
            enterprises.unregistered_with_employees,
        ),
    ] {
        writeln!(out, "  {name:<44}{:>9}", grouped(count))?;
    }
    share_line(
        out,
        "insured, of the workforce",
        Share::new(enterprises.insured, enterprises.workforce),
    )?;
    for class in &enterprises.classes {
        let name = match class.at_most_percent {
            Some(percent) => format!("at most {percent} % of the workforce"),
            None => "above".to_owned(),
        };
        writeln!(out, "    {name:<42}{:>9}", grouped(class.enterprises))?;
    }
    Ok(())
}

fn facilities(
    out: &mut impl Write,
    facilities: &[FacilityReport],
    by: By,
    top: usize,
) -> io::Result<()> {
    let known = worst_first(facilities, by.aspect());
    let text = format!(
        "{:<18}{:>13}{:>22}{:>9}{:>11}{:>10}{:>10}{:>9}{:>9}",
        "Facilities",
        "claims",
        "amount, dong",
        "7 days",
        "month end",
        "complete",
        "rejected",
        "correct",
        "p90"
    );
    heading(out, &text)?;
    for facility in known.iter().take(top) {
        let deadline = |place: usize| {
            let deadline = facility.deadlines.get(place);
            deadline.map_or_else(|| "-".to_owned(), |deadline| percent(deadline.share))
        };
        let p90 = facility.percentiles.iter().find(|one| one.percent == 90);
        writeln!(
            out,
            "  {:<16}{:>13}{:>22}{:>9}{:>11}{:>10}{:>10}{:>9}{:>9}",
            facility.facility.as_deref().unwrap_or_default(),
            grouped(facility.claims),
            dong(facility.amount_vnd),
            deadline(0),
            deadline(1),
            percent(facility.complete),
            percent(facility.rejected),
            facility.correct.map_or_else(|| "-".to_owned(), percent),
            p90.map_or_else(|| "-".to_owned(), at_most)
        )?;
    }
    writeln!(
        out,
        "  {} of {} facilities, worst first by {}",
        grouped(known.len().min(top) as u64),
        grouped(known.len() as u64),
        match by {
            By::InTime => "claims within seven working days",
            By::Complete => "expected cells that are filled",
            By::Accepted => "rows rejected",
            By::Correct => "claims with alerts of class data_quality or identity",
        }
    )
}

/// One facility in full.
pub fn facility(out: &mut impl Write, facility: &FacilityReport) -> io::Result<()> {
    let code = facility.facility.as_deref().unwrap_or_default();
    heading(out, &format!("Facility {code}"))?;
    writeln!(
        out,
        "  {:<44}{:>9}",
        "claims that hold",
        grouped(facility.claims)
    )?;
    writeln!(
        out,
        "  {:<44}{:>9} dong",
        "amount",
        dong(facility.amount_vnd)
    )?;
    share_line(out, "expected cells that are filled", facility.complete)?;
    named(out, &facility.indicators)?;
    share_line(out, "rows rejected", facility.rejected)?;
    if let Some(correct) = facility.correct {
        share_line(out, "claims without an alert of data or identity", correct)?;
    }
    for deadline in &facility.deadlines {
        share_line(out, &deadline.name, deadline.share)?;
    }
    for percentile in &facility.percentiles {
        let name = format!("{} % of the claims known", percentile.percent);
        let within = match percentile.at_most_seconds {
            Some(0) => "before".to_owned(),
            Some(_) => format!("within {}", at_most(percentile)),
            None => format!("after {}", at_most(percentile)),
        };
        writeln!(out, "  {name:<44}{within:>9}")?;
    }
    Ok(())
}

fn named(out: &mut impl Write, shares: &[Named]) -> io::Result<()> {
    let shares = shares.iter().filter(|named| named.share.of > 0);
    for Named { name, share } in shares {
        let (count, of) = (grouped(share.count), grouped(share.of));
        writeln!(
            out,
            "    {name:<42}{:>9}{count:>15}{of:>15}",
            percent(*share)
        )?;
    }
    Ok(())
}

fn share_line(out: &mut impl Write, name: &str, share: Share) -> io::Result<()> {
    let (count, of) = (grouped(share.count), grouped(share.of));
    writeln!(out, "  {name:<44}{:>9}{count:>15}{of:>15}", percent(share))
}

/// A share in percent, to the hundredth below, so that what is not whole never reads as 100 %.
fn percent(share: Share) -> String {
    match (u128::from(share.count) * 10_000).checked_div(u128::from(share.of)) {
        Some(hundredths) => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
        None => "-".to_owned(),
    }
}

fn at_most(percentile: &Percentile) -> String {
    percentile
        .at_most_seconds
        .map_or_else(|| "> 5 y".to_owned(), duration)
}

/// A time in the largest unit of which it has one, rounded down.
fn duration(seconds: i64) -> String {
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("min", 60)] {
        if seconds >= length {
            return format!("{} {unit}", seconds / length);
        }
    }
    format!("{seconds} s")
}

/// Whole dong in groups of three digits.
fn dong(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(amount.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_times_read_as_they_are() {
        assert_eq!(percent(Share::new(99_999, 100_000)), "99.99 %");
        assert_eq!(percent(Share::new(1, 1)), "100.00 %");
        assert_eq!(percent(Share::new(0, 0)), "-");
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(3 * 3_600), "3 h");
        assert_eq!(duration(5 * 365 * 86_400), "1825 d");
        assert_eq!(dong(-1_500_000), "-1 500 000");
    }
}
