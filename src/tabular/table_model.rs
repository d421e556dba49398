//! An outlier ensemble with the columns that it was fitted on, as it is stored.
//!
//! In: JSON, or what was fitted. Out: the other. Must hold: equal models have equal bytes; an artefact
//! that loads has a name and a median for each column of its ensemble.

use serde::{Deserialize, Serialize};

use crate::model::{OutlierEnsemble, to_json};

/// The version of artefacts that this program writes and reads.
pub const VERSION: u32 = 1;

/// An outlier ensemble of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct TableModel {
    /// The names and the medians of the columns.
    columns: Vec<ModelColumn>,
    /// How many rows it was fitted on.
    rows: u64,
    seed: u64,
    ensemble: OutlierEnsemble<f64>,
}

/// A column that a model was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelColumn {
    name: String,
    median: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    rows: u64,
    seed: u64,
    columns: Vec<ModelColumn>,
    ensemble: OutlierEnsemble<f64>,
}

impl TryFrom<Stored> for TableModel {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!(
                "the model has version {}, but this program reads version {VERSION}: fit it anew",
                stored.version
            ));
        }
        let (columns, ensemble) = (stored.columns, stored.ensemble);
        if columns.len() != ensemble.columns() {
            return Err(format!(
                "the model names {} columns, but its ensemble has {}",
                columns.len(),
                ensemble.columns()
            ));
        }
        let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("the model names a column twice".to_owned());
        }
        if columns.iter().any(|column| !column.median.is_finite()) {
            return Err("the medians of the model are finite numbers".to_owned());
        }
        Ok(Self {
            columns,
            rows: stored.rows,
            seed: stored.seed,
            ensemble,
        })
    }
}

impl From<TableModel> for Stored {
    fn from(model: TableModel) -> Self {
        Self {
            version: VERSION,
            rows: model.rows,
            seed: model.seed,
            columns: model.columns,
            ensemble: model.ensemble,
        }
    }
}

impl TableModel {
    /// An ensemble, with a name and a median for each of its columns.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn new(
        names: &[String],
        medians: &[f64],
        rows: u64,
        seed: u64,
        ensemble: OutlierEnsemble<f64>,
    ) -> Self {
        let widths = (names.len(), medians.len());
        assert_eq!(
            widths,
            (ensemble.columns(), ensemble.columns()),
            "one a column"
        );
        let column = |(name, median): (&String, &f64)| ModelColumn {
            name: name.clone(),
            median: *median,
        };
        Self {
            columns: names.iter().zip(medians).map(column).collect(),
            rows,
            seed,
            ensemble,
        }
    }

    /// Reads an artefact.
    ///
    /// # Errors
    /// If it is not JSON of the expected form, has another version or is inconsistent.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The artefact, byte for byte the same for equal models.
    pub fn to_json(&self) -> String {
        to_json(self).expect("a model is made of numbers, lists and texts")
    }

    /// The names of its columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The medians of its columns, in their order.
    pub fn medians(&self) -> Vec<f64> {
        self.columns.iter().map(|column| column.median).collect()
    }

    /// How many rows it was fitted on.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The ensemble.
    pub fn ensemble(&self) -> &OutlierEnsemble<f64> {
        &self.ensemble
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::DatasetBase;
    use linfa::traits::Fit;
    use ndarray::Array2;

    #[test]
    fn an_artefact_comes_back_and_a_broken_one_is_an_error() {
        let rows = Array2::from_shape_fn((30, 2), |(row, column)| {
            (row * (column + 2) % 7) as f64 / 3.0
        });
        let params = OutlierEnsemble::<f64>::params().seed(3);
        let ensemble: OutlierEnsemble<f64> = params.fit(&DatasetBase::from(rows)).expect("a fit");
        let names = ["a".to_owned(), "b".to_owned()];
        let model = TableModel::new(&names, &[1.0, 0.1], 30, 3, ensemble);
        let json = model.to_json();
        assert_eq!(TableModel::from_json(&json).expect("a model"), model);
        for (from, to) in [
            ("\"version\": 1", "\"version\": 2"),
            ("\"name\": \"a\"", "\"name\": \"b\""),
            ("\"median\": 1.0", "\"median\": null"),
            ("\"median\": 1.0", "\"median\": 1e999"),
            (
                "\"columns\": [",
                "\"columns\": [ {\"name\": \"c\", \"median\": 0},",
            ),
            ("\"rows\": 30", "\"rows\": -1"),
        ] {
            let broken = json.replacen(from, to, 1);
            assert_ne!(broken, json, "{from}");
            assert!(TableModel::from_json(&broken).is_err(), "{to}");
        }
        for end in (0..json.len() - 1).step_by(json.len() / 40) {
            assert!(TableModel::from_json(&json[..end]).is_err());
        }
    }
}
