//! The model card: what an outlier model is for, what it is made of, and what it is not.
//!
//! In: a model and figures measured on it. Out: Markdown. Must hold: everything about the model is
//! read from the model.

use std::fmt::Write;

use super::artefact::{OutlierModel, VERSION};
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
    writeln!(out, "| claims | {} |", model.observations())?;
    writeln!(out, "| seed | {} |", model.seed())?;

    writeln!(out, "\n## Purpose\n")?;
    writeln!(
        out,
        "It says how unlike other claims a claim is, as a score from 0 to 1, so that reviewers see\n\
         the strangest of the alerted claims first, and which features make it so. A score is a\n\
         reason to look, never a finding: a person decides. Nothing is denied, locked or recovered\n\
         on account of a score."
    )?;

    writeln!(out, "\n## Features\n")?;
    writeln!(
        out,
        "| feature | unit | usual | spread | meaning | ý nghĩa | why it does not leak |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for feature in Feature::ALL {
        let spread = model.scaler().spread()[feature.index()];
        let (usual, unit) = (model.typical(feature), feature.unit());
        let (english, vietnamese) = (feature.english(), feature.vietnamese());
        writeln!(
            out,
            "| `{}` | {unit} | {usual} | {spread:.2} | {english} | {vietnamese} | {} |",
            feature.name(),
            feature.guard()
        )?;
    }
    writeln!(
        out,
        "\nUsual is the median and spread the interquartile range over 1.349 (the standard deviation\n\
         where that is 0) of the fitted claims. Those of `cost` are of deviations from the peer\n\
         group, in thousandths of a robust standard deviation. Sex, age, ethnicity, the facility,\n\
         the outcome and the record of earlier reviews are not used."
    )?;

    let (_, all) = model.peers().find(u8::MAX, u16::MAX);
    writeln!(out, "\n## Peer groups\n")?;
    writeln!(
        out,
        "{} groups by kind of visit and ICD-10 category; a claim whose group is too small is compared\n\
         with those of the same letter, then of the same kind of visit, then with all. Half of all\n\
         {} counted claims cost between {} and {} dong; the median is {}.",
        model.peers().iter().len(),
        all.claims,
        amount_of_thousandths(all.lower),
        amount_of_thousandths(all.upper),
        amount_of_thousandths(all.median)
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
        "One minus the split-conformal p-value against {} held-out claims, in ten-thousandths; beyond\n\
         the farthest of them, an exponential tail that only breaks ties. Raw distance of the held-out\n\
         claims: median {:.3}, 90th percentile {:.3}, 99th {:.3}, greatest {:.3}.",
        calibration.size(),
        share(calibration.percentile(50)),
        share(calibration.percentile(90)),
        share(calibration.percentile(99)),
        share(calibration.percentile(100))
    )?;

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
         - Misuse that is common in the training data is usual to it.\n\
         - Peer prices and habits change: train it anew when the shares of scores drift.\n\
         - Province distance counts province codes, not kilometres."
    )
}
