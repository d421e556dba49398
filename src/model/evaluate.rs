//! How well scores tell misuse from everything else, where the truth is known.
//!
//! In: labels by subject, raw scores by subject. Out: AUROC and average precision, as a model's card
//! shows them. Must hold: labels are only compared with, never trained on.

use std::collections::HashMap;
use std::path::Path;

use super::metric::{auroc, average_precision};

/// Known labels of claims.
pub struct Truth {
    is_misuse: HashMap<String, bool>,
}

impl Truth {
    /// Reads a CSV with a header and the columns `subject` and `label`. A subject with several rows
    /// is misuse when one of them says so.
    ///
    /// # Errors
    /// When the file cannot be read, or lacks a column; the message says which.
    pub fn read(file: &Path) -> Result<Self, String> {
        let shown = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let column = |name: &str| {
            let place = header.iter().position(|column| *column == name);
            place.ok_or_else(|| format!("{shown}: the header has no column `{name}`"))
        };
        let (subject, label) = (column("subject")?, column("label")?);
        let mut is_misuse = HashMap::new();
        for (line, number) in lines.zip(2..) {
            let cells: Vec<&str> = line.split(',').collect();
            let (Some(subject), Some(label)) = (cells.get(subject), cells.get(label)) else {
                return Err(format!("{shown}:{number}: fewer columns than the header"));
            };
            *is_misuse.entry((*subject).to_owned()).or_insert(false) |= *label == "misuse";
        }
        Ok(Self { is_misuse })
    }

    /// The metrics of scores, by subject; subjects without a label are left out.
    pub fn metrics(&self, scored: impl Iterator<Item = (String, u64)>) -> Vec<(String, String)> {
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for (subject, score) in scored {
            if let Some(is_misuse) = self.is_misuse.get(&subject) {
                scores.push(score);
                labels.push(*is_misuse);
            }
        }
        let misuse = labels.iter().filter(|is_misuse| **is_misuse).count();
        let shown = |metric: Result<f64, _>| match metric {
            Ok(value) => format!("{value:.3}"),
            Err::<_, super::metric::MetricError>(error) => format!("not defined: {error}"),
        };
        vec![
            ("labelled claims".to_owned(), labels.len().to_string()),
            ("of them misuse".to_owned(), misuse.to_string()),
            (
                "AUROC, misuse against the others".to_owned(),
                shown(auroc(&scores, &labels)),
            ),
            (
                "average precision, misuse against the others".to_owned(),
                shown(average_precision(&scores, &labels)),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(text: &str) -> Result<Truth, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        Truth::read(file.path())
    }

    #[test]
    fn metrics_are_of_the_labelled_subjects() {
        let text = "reason,subject,label\nr,a,error\nr,b,misuse\nr,c,error\nq,b,error\n";
        let truth = truth(text).expect("read");
        let scored = [("a", 1), ("b", 9), ("c", 3), ("unknown", 99)];
        let scored = scored
            .into_iter()
            .map(|(subject, score)| (subject.to_owned(), score));
        let metrics: Vec<String> = truth
            .metrics(scored)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(metrics, ["3", "1", "1.000", "1.000"]);
    }

    #[test]
    fn a_file_without_labels_is_refused() {
        let error = truth("subject,kind\na,b\n").err().expect("refused");
        assert!(
            error.ends_with("the header has no column `label`"),
            "{error}"
        );
        let error = truth("subject,kind,label\na\n").err().expect("refused");
        assert!(
            error.ends_with(":2: fewer columns than the header"),
            "{error}"
        );
    }
}
