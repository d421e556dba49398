//! Every measure in words: the page `streams/measures.md`.

use std::fmt::{self, Write};

use super::correct::CHECKS;
use super::delay::{BOUNDS, DEADLINES};
use super::indicator::Indicator;
use super::note::told_by;
use super::workforce::PERCENTS;
use crate::record::Stream;

/// The page, in Markdown.
pub fn describe() -> String {
    let mut page = String::new();
    write(&mut page).expect("a text has room");
    page
}

const HEAD: &str = "\
# Measures

What `measures.ndjson`, the `measures` of `summary.json` and `fundwatch measures` tell, by stream and, for claims, by
facility. A share is `count` of `of`; its `ratio` is their quotient to the millionth below. Rows *hold* while no later row of
their key takes their place. This page is made from the program's tables (`FUNDWATCH_BLESS=1 cargo test --test
schemas`).

";

const CLEAN: &str = "\
## Clean

| name | count | of |
|---|---|---|
| `rejected` | rows not accepted; `rejected_by_code` has them by code | rows read: accepted and rejected |
| `duplicates` | rows equal to the one that their key held: sent again | accepted rows |
| `accepted` | `added` (the key held nothing), `changed` (another row), `equal`, `removed` (it holds nothing now), `idle` (nothing was there to remove) | |

A rejected claim counts to the facility that its row names, in XML to `MACSKCB` of its envelope; where that cannot be read, to
`null`.

";

const LIVE: &str = "\
## Live

`last_recorded_at` is when the last accepted row became known, `age_seconds` the time from then to `known_until`: the time of
`--as-of`, else that of the last accepted row of any stream. The *delay* of a row that holds is the time from when what it
tells of was true (the column below; a date counts from its beginning) to when a row of its key, one after the other, first
told that time: a correction of other columns leaves it. What a register's first extract tells was known to the fund when the
extract came, however long others knew it. Rows are counted in classes; `p50`, `p90` and `p99` are the upper
bound of the class that the percent lies within, by nearest rank.

";

fn write(page: &mut String) -> fmt::Result {
    page.push_str(HEAD);
    page.push_str("## Correct\n\nOf the rows that hold. A check whose reasons were not all computed is `null`.\n\n");
    page.push_str("| stream | name | count | alerts that fail it |\n|---|---|---|---|\n");
    for check in CHECKS {
        let reasons = check.reasons.join("`, `");
        write!(
            page,
            "| `{}` | `{}` | {} | `{reasons}`",
            check.stream, check.name, check.of
        )?;
        if !check.classes.is_empty() {
            write!(page, " of class `{}`", check.classes.join("` or `"))?;
        }
        page.push_str(" |\n");
    }
    page.push_str(
        "\n## Sufficient\n\nColumns that the parser requires are always there; these are expected besides.\n\n\
         | stream | name | of | expected by |\n|---|---|---|---|\n",
    );
    for stream in Stream::ALL {
        for indicator in Indicator::of_stream(*stream) {
            let Indicator { name, of, basis } = indicator;
            writeln!(page, "| `{stream}` | `{name}` | {of} | {basis} |")?;
        }
    }
    page.push('\n');
    page.push_str(CLEAN);
    page.push_str(LIVE);
    page.push_str("| stream | true from | |\n|---|---|---|\n");
    for stream in Stream::ALL {
        if let Some((column, remark)) = told_by(*stream) {
            writeln!(page, "| `{stream}` | {column} | {remark} |")?;
        }
    }
    let bounds: Vec<String> = BOUNDS.iter().map(i64::to_string).collect();
    writeln!(page, "\nClasses end at {} seconds.\n", bounds.join(", "))?;
    page.push_str("| deadline of claims | kept when | expected by |\n|---|---|---|\n");
    for deadline in &DEADLINES {
        let (name, of, basis) = (deadline.name, deadline.of, deadline.basis);
        writeln!(page, "| `{name}` | {of} | {basis} |")?;
    }
    let percents: Vec<String> = PERCENTS.iter().map(u64::to_string).collect();
    writeln!(
        page,
        "\n## Enterprises\n\n\
         Insured employees of an enterprise are its employments that cover the as-of date, and are held against the `workforce`\n\
         that it declares. Enterprises that were merged, dissolved or are bankrupt are not compared. Classes end at {} insured\n\
         employees in a hundred of the workforce.",
        percents.join(", ")
    )
}
