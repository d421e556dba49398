//! Scoring a table.
//!
//! In: a request. Out: the files that it names, and a summary. Must hold: scores are in the order of the
//! rows; labels are compared with and never fitted on.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use linfa::ParamGuard;
use ndarray::{ArrayView1, Axis};

use super::error::TableError;
use super::number_table::{Missing, NumberTable, Reading};
use super::table_model::TableModel;
use crate::model::{MetricError, OutlierEnsemble, auroc, average_precision};
use crate::progress::Progress;
use crate::staging::write_whole;

/// Rows that are scored between two tellings of progress.
const BLOCK: usize = 1 << 13;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The table.
    pub input: PathBuf,
    /// How it is read.
    pub reading: Reading,
    /// A stored model, instead of one that is fitted on the table.
    pub model: Option<PathBuf>,
    /// The seed of a fit.
    pub seed: u64,
    /// How many columns are named that a score comes from.
    pub explain: usize,
    /// How many threads.
    pub threads: usize,
}

/// Where outputs go.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// The scores.
    pub scores: PathBuf,
    /// The model.
    pub model: Option<PathBuf>,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Rows that were scored.
    pub rows: usize,
    /// Columns that scores come from.
    pub columns: usize,
    /// Rows that the model was fitted on.
    pub fitted_on: u64,
    /// Time to read the table.
    pub reading: Duration,
    /// Time to fit the model, or to load it; a fit scores the rows that it is fitted on.
    pub fitting: Duration,
    /// Time to score rows that were not scored by the fit.
    pub scoring: Duration,
    /// How well the scores rank labelled rows, where there are labels.
    pub ranking: Option<Result<Ranking, MetricError>>,
}

/// How well scores put labelled rows before others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranking {
    /// Labelled rows.
    pub labelled: usize,
    /// Area under the ROC curve.
    pub auroc: f64,
    /// Average precision.
    pub average_precision: f64,
}

/// Scores a table and writes the outputs.
///
/// # Errors
/// [`TableError`] when a file cannot be read, is no table of numbers or does not fit the call, or an
/// output cannot be written.
pub fn run(
    request: &Request,
    to: &Outputs,
    progress: &dyn Progress,
) -> Result<Summary, TableError> {
    if !request.input.is_file() {
        let file = request.input.display();
        let remedy = format!("{file} is no file; name a CSV file, plain, .gz or .zst");
        return Err(TableError::WrongCall(remedy));
    }
    // Before a long reading.
    let stored = request.model.as_deref().map(load).transpose()?;
    let start = Instant::now();
    progress.told("reading", 0, 1);
    let mut table = NumberTable::read(&request.input, &request.reading)?;
    let reading = start.elapsed();
    let start = Instant::now();
    progress.told("fitting", 0, 1);
    let (model, scores) = match stored {
        Some(model) => {
            table.arrange(model.names())?;
            table.fill(&model.medians());
            (model, None)
        }
        None => {
            let (model, scores) = fit(&mut table, request, to.model.is_some())?;
            (model, Some(scores))
        }
    };
    let fitting = start.elapsed();
    let start = Instant::now();
    let scores = match scores {
        Some(scores) => scores,
        None => scored(&table, &model, request.threads, progress),
    };
    let scoring = start.elapsed();
    progress.told("writing", 0, 1);
    let output = |file: &Path, error| TableError::Output {
        file: file.to_owned(),
        error,
    };
    write_whole(&to.scores, |out| {
        write(&table, &model, &scores, request.explain, out)
    })
    .map_err(|error| output(&to.scores, error))?;
    if let Some(file) = &to.model {
        write_whole(file, |out| out.write_all(model.to_json().as_bytes()))
            .map_err(|error| output(file, error))?;
    }
    Ok(Summary {
        rows: scores.len(),
        columns: table.names.len(),
        fitted_on: model.rows(),
        reading,
        fitting,
        scoring,
        ranking: table
            .labels
            .as_deref()
            .map(|labels| ranking(&scores, labels)),
    })
}

/// Fits the default ensemble on a table, which is filled first, and scores its rows.
fn fit(
    table: &mut NumberTable,
    request: &Request,
    is_kept: bool,
) -> Result<(TableModel, Vec<f64>), TableError> {
    let fills = request.reading.missing == Missing::Median;
    let medians = if fills || is_kept {
        table.medians()?
    } else {
        vec![0.0; table.names.len()]
    };
    table.fill(&medians);
    let params = OutlierEnsemble::<f64>::params();
    let params = params.seed(request.seed).threads(request.threads).check();
    let fitted = params.and_then(|params| params.fit_scored(table.values.view()));
    let (ensemble, scores) = fitted.map_err(|error| TableError::Fit {
        file: table.file.clone(),
        error,
    })?;
    let rows = scores.len() as u64;
    let model = TableModel::new(&table.names, &medians, rows, request.seed, ensemble);
    Ok((model, scores))
}

fn scored(
    table: &NumberTable,
    model: &TableModel,
    threads: usize,
    progress: &dyn Progress,
) -> Vec<f64> {
    let rows = table.values.nrows();
    let mut scores = Vec::with_capacity(rows);
    while scores.len() < rows {
        progress.told("scoring", scores.len() as u64, rows as u64);
        let end = (scores.len() + BLOCK * threads).min(rows);
        let block = table.values.slice_axis(Axis(0), (scores.len()..end).into());
        let block = model.ensemble().score_rows(block, threads);
        scores.extend(block.expect("a table's values are finite and as wide as the model"));
    }
    scores
}

fn ranking(scores: &[f64], labels: &[bool]) -> Result<Ranking, MetricError> {
    Ok(Ranking {
        labelled: labels.iter().filter(|label| **label).count(),
        auroc: auroc(scores, labels)?,
        average_precision: average_precision(scores, labels)?,
    })
}

/// The rank of each score, 1 for the highest; equal scores have the rank of the first of them.
fn ranks(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut ranks = vec![0; scores.len()];
    let mut rank = 0;
    for (place, row) in order.iter().enumerate() {
        if place == 0 || scores[order[place - 1]] != scores[*row] {
            rank = place + 1;
        }
        ranks[*row] = rank;
    }
    ranks
}

fn write(
    table: &NumberTable,
    model: &TableModel,
    scores: &[f64],
    explain: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let explain = explain.min(table.names.len());
    let mut csv = csv::Writer::from_writer(out);
    let reasons = (1..=explain).flat_map(|n| [format!("column_{n}"), format!("share_{n}")]);
    let header = ["row", "score", "rank"].map(str::to_owned);
    csv.write_record(header.into_iter().chain(reasons))?;
    let mut parts = vec![0.0; table.names.len()];
    let mut order: Vec<usize> = (0..parts.len()).collect();
    for (place, (score, rank)) in scores.iter().zip(ranks(scores)).enumerate() {
        csv.write_field((place + 1).to_string())?;
        csv.write_field(score.to_string())?;
        csv.write_field(rank.to_string())?;
        if explain > 0 {
            strongest(model, table.values.row(place), &mut parts, &mut order);
            for column in &order[..explain] {
                let share = if *score > 0.0 {
                    parts[*column] / score
                } else {
                    0.0
                };
                csv.write_field(&table.names[*column])?;
                csv.write_field(format!("{share:.4}"))?;
            }
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

/// What columns contribute to the score of a row, and the columns in the order of that.
fn strongest(model: &TableModel, row: ArrayView1<'_, f64>, parts: &mut [f64], order: &mut [usize]) {
    let explained = model.ensemble().contributions_row(row, parts);
    explained.expect("a table's values are finite and as wide as the model");
    // Equal parts in the order of the columns.
    order.sort_unstable_by(|a, b| parts[*b].total_cmp(&parts[*a]).then(a.cmp(b)));
}

fn load(file: &Path) -> Result<TableModel, TableError> {
    let refused = |error: &dyn std::error::Error| {
        TableError::WrongCall(format!(
            "--model {}: {error}; name a file that `fundwatch model score --save-model` made, or leave \
             --model out to fit a model on the table",
            file.display()
        ))
    };
    let json = std::fs::read_to_string(file).map_err(|error| refused(&error))?;
    TableModel::from_json(&json).map_err(|error| refused(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_a_rank() {
        assert_eq!(ranks(&[2.0, 5.0, 2.0, 1.0, 5.0]), [3, 1, 3, 5, 1]);
        assert_eq!(ranks(&[]), [0usize; 0]);
    }
}
