//! What the card of a model says of its model of misuse.
//!
//! In: the model. Out: a section of Markdown. Must hold: what is said of the model is read from it.

use std::fmt::{Result, Write};

use super::feature::MisuseFeature;
use super::model::MisuseModel;

/// Writes the section.
///
/// # Errors
/// Those of the writer.
pub fn write_misuse_card(out: &mut impl Write, model: &MisuseModel) -> Result {
    writeln!(out, "\n## Misuse or error\n")?;
    let reasons: Vec<String> = model
        .trees()
        .map(|(reason, trees)| format!("`{}` ({} trees)", reason.name(), trees.trees()))
        .collect();
    if reasons.is_empty() {
        return writeln!(
            out,
            "Nothing was learned from labels: alerts are ranked by class and grade."
        );
    }
    writeln!(
        out,
        "How likely misuse is rather than an error of a register, learned from labelled alerts of\n\
         {}: gradient boosting of shallow trees\n\
         (Friedman, Annals of Statistics 29, 2001; Chen & Guestrin, KDD 2016), whose node values are\n\
         thousandths of log-odds, so that what features add makes up a probability exactly. It gives\n\
         an alert its place in the queue and nothing else. A feature may say more than what was known\n\
         when the visit began - who goes on seeing doctors is not dead -, but nothing of a review:\n\
         no verdict, no reviewer, no other person's claims. A verdict on an alert that was withdrawn\n\
         since is not learned from.\n",
        reasons.join(", ")
    )?;
    writeln!(
        out,
        "| feature | unit | meaning | ý nghĩa |\n|---|---|---|---|"
    )?;
    for feature in MisuseFeature::ALL {
        writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            feature.name(),
            feature.unit(),
            feature.english(),
            feature.vietnamese()
        )?;
    }
    writeln!(
        out,
        "\nMore sources of a death never make misuse less likely; more visits after it, at more places\n\
         and for longer, never more. What is -1 does not apply."
    )
}
