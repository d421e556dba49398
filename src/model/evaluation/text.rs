//! An evaluation as people read it.

use std::fmt::Write;

use super::report::{Evaluation, Volume};
use crate::model::drift::{Drift, SHIFTED, SHIFTED_MUCH};

/// The evaluation in Markdown tables, which read well as they are.
pub fn evaluation_text(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    write_text(&mut text, evaluation).expect("a text can always be written to");
    text
}

fn figure(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}

fn write_text(out: &mut String, evaluation: &Evaluation) -> std::fmt::Result {
    let Evaluation { alerts, misuse, .. } = evaluation;
    writeln!(out, "{misuse} of {alerts} judged alerts were misuse.\n")?;
    writeln!(
        out,
        "| reason | alerts | misuse | AUROC | average precision | AUROC of the outlier score | its average precision |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for reason in &evaluation.reasons {
        writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            reason.reason,
            reason.alerts,
            reason.misuse,
            figure(reason.auroc),
            figure(reason.average_precision),
            figure(reason.score_auroc),
            figure(reason.score_average_precision)
        )?;
    }
    writeln!(
        out,
        "\n| first of the queue | misuse | precision | share of all misuse |\n|---|---|---|---|"
    )?;
    for head in &evaluation.queue {
        writeln!(
            out,
            "| {} | {} | {:.3} | {:.3} |",
            head.first, head.misuse, head.precision, head.recall
        )?;
    }
    if !evaluation.reliability.is_empty() {
        writeln!(
            out,
            "\n| probability | alerts | expected | found |\n|---|---|---|---|"
        )?;
        for bin in &evaluation.reliability {
            let tenth = ((bin.expected * 10.0) as usize).min(9);
            writeln!(
                out,
                "| {}-{} % | {} | {:.3} | {:.3} |",
                tenth * 10,
                tenth * 10 + 10,
                bin.alerts,
                bin.expected,
                bin.observed
            )?;
        }
        writeln!(out, "\nBrier score {}.", figure(evaluation.brier))?;
    }
    writeln!(
        out,
        "\n| p-value at most | alerted claims | of these ordinary, to be expected |\n|---|---|---|"
    )?;
    for volume in &evaluation.volume {
        let Volume { level, claims, .. } = volume;
        writeln!(
            out,
            "| {level} | {claims} | {} |",
            figure(volume.false_alarms)
        )?;
    }
    if !evaluation.drift.is_empty() {
        writeln!(out, "\n| feature | stability index | |\n|---|---|---|")?;
    }
    for Drift { feature, stability } in &evaluation.drift {
        let says = match stability {
            None => "too few claims",
            Some(index) if *index >= SHIFTED_MUCH => "shifted much: train the model anew",
            Some(index) if *index >= SHIFTED => "shifted somewhat",
            Some(_) => "",
        };
        writeln!(out, "| `{feature}` | {} | {says} |", figure(*stability))?;
    }
    Ok(())
}
