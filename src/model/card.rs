//! The model card: what an outlier model is for, what it is made of, and what it is not.
//!
//! In: a model and figures measured on it. Out: Markdown. Must hold: everything about the model is
//! read from the model.

use std::fmt::Write;

use super::artefact::{ALERT_BUDGET, OutlierModel, VERSION};
use super::feature::Feature;
use super::logarithm::amount_of_thousandths;
use super::misuse::write_misuse_card;

/// The card of a model in Markdown. `metrics` are names and values of what was measured on it, with
/// the data they were measured on.
pub fn card(model: &OutlierModel, metrics: &[(String, String)]) -> String {
    let mut text = String::new();
    write_card(&mut text, model, metrics).expect("a text can always be written to");
    text
}

fn write_card(
    out: &mut String,
    model: &OutlierModel,
    metrics: &[(String, String)],
) -> std::fmt::Result {
    let (ensemble, calibration) = (model.ensemble(), model.calibration());
    writeln!(out, "# Outlier model of claims\n")?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| SHA-256 | `{}` |", model.digest())?;
    writeln!(out, "| version | {VERSION} |")?;
    writeln!(out, "| trained on | {} |", model.trained_on())?;
    let period = model.period();
    let (first, last) = (period.first, period.last);
    writeln!(out, "| calibrated on | {} |", model.calibrated_on().name())?;
    writeln!(out, "| claims | {} |", model.observations())?;
    writeln!(out, "| admitted | {first} to {last} |")?;
    writeln!(out, "| seed | {} |", model.seed())?;

    writeln!(out, "\n## Purpose\n")?;
    writeln!(
        out,
        "It says how unlike a fund's ordinary claims a claim is: as a p-value, the share of ordinary claims\n\
         that are as unlike the others, and as a score from 0 to 1, so that reviewers see the strangest of\n\
         the alerted claims first; and which features make it so. A score is a reason to look, never a\n\
         finding: a person decides. Nothing is denied, locked or recovered on account of a score."
    )?;

    writeln!(out, "\n## Features\n")?;
    writeln!(
        out,
        "| feature | unit | of | 5 % | half | 95 % | meaning | ý nghĩa | why it does not leak |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|")?;
    for feature in Feature::ALL {
        let usual = model.usual(feature);
        let (name, unit, window) = (feature.name(), feature.unit(), feature.window());
        let (low, median, high) = (usual.low(), usual.median(), usual.high());
        let (english, vietnamese) = (feature.english(), feature.vietnamese());
        writeln!(
            out,
            "| `{name}` | {unit} | {window} | {low} | {median} | {high} | {english} | {vietnamese} | {} |",
            feature.guard()
        )?;
    }
    writeln!(
        out,
        "\n5 %, half and 95 % of the fitted claims have at most the value shown. What the ensemble sees of `cost`\n\
         and `stay` are deviations from the peer group, in thousandths of a robust standard deviation. Age and facility\n\
         choose the peer group, and the facility its surprise. Sex, ethnicity, the outcome and the record of earlier\n\
         reviews are not used."
    )?;

    let figures = model.figures();
    let (peers, all) = (&figures.peers, figures.peers.all());
    let [_, lower, median, upper, _] = all.cost.percentiles.map(amount_of_thousandths);
    writeln!(out, "\n## Figures\n")?;
    writeln!(
        out,
        "{} peer groups by kind of visit, ICD-10 category, tier of the facility and band of age (0-5, 6-17, 18-39,\n\
         40-59, 60+ years); a claim whose group is too small, or is none of the largest, is compared with a wider one:\n\
         without the age, without the tier, of the same letter, of the same kind of visit, of all. Half of all {} counted\n\
         claims cost between {lower} and {upper} dong; the median is {median}.\n\n\
         {} facilities have a tier, a quarter of them each, by the median deviation of their costs; a facility with few claims\n\
         has none. {} facilities and {} diagnosis categories have surprises of their own; what is not kept counts as the average of what is\n\
         not. Figures are of claims before those that calibrate.",
        peers.iter().len(),
        all.claims,
        figures.tiers.len(),
        figures.facilities.len(),
        figures.diagnoses.len(),
    )?;

    writeln!(out, "\n## Parameters\n")?;
    writeln!(
        out,
        "Least similar nearest neighbours (Pang, Ting & Albrecht, ICDM Workshops 2015) with the L1\n\
         distance: {} samples of {} anchors; features scaled robustly and clipped at {} spreads. A\n\
         score is the same on every machine, whatever other claims are scored.",
        ensemble.samples(),
        ensemble.anchors(),
        ensemble.scaler().clip()
    )?;

    writeln!(out, "\n## Calibration\n")?;
    let share = |distance: u64| distance as f64 / ensemble.resolution() as f64;
    writeln!(
        out,
        "Split-conformal p-values against {} held-out claims, admitted from {}: the last fifth. The score is one\n\
         minus the p-value, in ten-thousandths; beyond the farthest of them, an exponential tail that only breaks\n\
         ties. Raw distance of the held-out claims: median {:.3}, 90th percentile {:.3}, 99th {:.3}, greatest {:.3}.\n",
        calibration.size(),
        period.calibrated_from,
        share(calibration.percentile(50)),
        share(calibration.percentile(90)),
        share(calibration.percentile(99)),
        share(calibration.percentile(100))
    )?;
    match model.alert_level(ALERT_BUDGET) {
        Some(level) => writeln!(
            out,
            "With a p-value below {level}, at most one in 1,000 ordinary claims like these is alerted, with 95 % confidence\n\
             (Clopper & Pearson, Biometrika 26, 1934)."
        )?,
        None => writeln!(
            out,
            "They are too few to say which level keeps to one alert in 1,000 ordinary claims."
        )?,
    }

    write_misuse_card(out, model.misuse())?;

    if !metrics.is_empty() {
        writeln!(out, "\n## Measured\n\n| | |\n|---|---|")?;
        for (name, value) in metrics {
            writeln!(out, "| {name} | {value} |")?;
        }
    }

    writeln!(out, "\n## Limits\n")?;
    writeln!(
        out,
        "- A p-value holds for claims like those it was calibrated on. Where it was trained on\n  \
           synthetic claims, scores order claims but their level says nothing of a fund's own;\n  \
           calibrate it on them before any score raises an alert.\n\
         - It knows what is rare, not what is wrong: rare diseases, long treatments and journeys to a\n  \
           central hospital are rare too.\n\
         - Misuse that is common in the training data is usual to it: a facility whose bills are all inflated is\n  \
           compared with dear ones.\n\
         - A facility or a diagnosis that is new looks rare at first.\n\
         - Peer prices and habits change: train it anew when the shares of scores drift.\n\
         - Province distance counts province codes, not kilometres."
    )
}
