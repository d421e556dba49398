//! How well scores tell misuse from everything else, where the truth is known.
//!
//! In: labels by reason and subject, raw scores by subject. Out: AUROC and average precision for each
//! reason, as a model's card shows them. Must hold: labels are only compared with, never trained on.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::metric::{auroc, average_precision};

/// Known labels of claims.
pub struct Truth {
    /// By reason, then subject.
    is_misuse: BTreeMap<String, HashMap<String, bool>>,
}

impl Truth {
    /// Reads a CSV with a header and the columns `reason`, `subject` and `label`. A subject with several
    /// rows of a reason is misuse when one of them says so.
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
        let (reason, subject, label) = (column("reason")?, column("subject")?, column("label")?);
        let mut is_misuse: BTreeMap<String, HashMap<String, bool>> = BTreeMap::new();
        for (line, number) in lines.zip(2..) {
            let cells: Vec<&str> = line.split(',').collect();
            let (Some(reason), Some(subject), Some(label)) =
                (cells.get(reason), cells.get(subject), cells.get(label))
            else {
                return Err(format!("{shown}:{number}: fewer columns than the header"));
            };
            let of_reason = is_misuse.entry((*reason).to_owned()).or_default();
            *of_reason.entry((*subject).to_owned()).or_insert(false) |= *label == "misuse";
        }
        Ok(Self { is_misuse })
    }

    /// The metrics of scores, by subject, for each reason whose labels are of both kinds; subjects
    /// without a label are left out.
    pub fn metrics(&self, scored: &[(String, u64)]) -> Vec<(String, String)> {
        let mut metrics = Vec::new();
        for (reason, is_misuse) in &self.is_misuse {
            let labelled = scored
                .iter()
                .filter_map(|(subject, score)| Some((*score, *is_misuse.get(subject)?)));
            let (scores, labels): (Vec<u64>, Vec<bool>) = labelled.unzip();
            let misuse = labels.iter().filter(|is_misuse| **is_misuse).count();
            let (Ok(auroc), Ok(precision)) =
                (auroc(&scores, &labels), average_precision(&scores, &labels))
            else {
                continue;
            };
            let of = format!("{misuse} misuse of {}", labels.len());
            metrics.push((format!("`{reason}`: AUROC, {of}"), format!("{auroc:.3}")));
            metrics.push((
                format!("`{reason}`: average precision, {of}"),
                format!("{precision:.3}"),
            ));
        }
        metrics
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
        // `q` has labels of one kind, so that nothing can be told apart.
        let text = "reason,subject,label\nr,a,error\nr,b,misuse\nr,c,error\nq,b,error\n";
        let truth = truth(text).expect("read");
        let scored = [("a", 1), ("b", 9), ("c", 3), ("unknown", 99)];
        let scored = scored.map(|(subject, score)| (subject.to_owned(), score));
        let metrics = truth.metrics(&scored);
        let told = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            metrics,
            [
                told("`r`: AUROC, 1 misuse of 3", "1.000"),
                told("`r`: average precision, 1 misuse of 3", "1.000"),
            ]
        );
    }

    #[test]
    fn a_file_without_labels_is_refused() {
        let error = truth("reason,subject,kind\na,b,c\n")
            .err()
            .expect("refused");
        assert!(
            error.ends_with("the header has no column `label`"),
            "{error}"
        );
        let error = truth("reason,subject,label\na\n").err().expect("refused");
        assert!(
            error.ends_with(":2: fewer columns than the header"),
            "{error}"
        );
    }
}
