//! What `fundwatch model score` says and writes.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::binary::fundwatch;

fn score() -> Command {
    let mut command = fundwatch();
    command.args(["model", "score"]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Files of a test, scored into `scores.csv`.
struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, input: &str, more: &[&str]) -> Output {
        let mut command = score();
        command.current_dir(self.0.path());
        command.args(["--input", input, "--output", "scores.csv"]);
        command.args(more).output().unwrap()
    }

    /// What was written, and what was said.
    fn scored(&self, input: &str, more: &[&str]) -> (String, String) {
        let told = self.run(input, more);
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
        let written = fs::read_to_string(self.path("scores.csv")).unwrap();
        (written, text(&told.stdout))
    }

    /// What was said of a call that wrote nothing.
    fn refused(&self, input: &str, more: &[&str], code: i32) -> String {
        let told = self.run(input, more);
        let said = text(&told.stderr);
        assert_eq!(told.status.code(), Some(code), "{said}");
        assert!(!self.path("scores.csv").exists());
        said
    }
}

/// A crowd of 119 rows, and one that lies far from it, labelled: the 31st.
fn table() -> String {
    let mut table = "x,y,z,is_outlier\n".to_owned();
    for row in 0..120 {
        let (x, y, label) = match row {
            30 => (70, -5, 1),
            _ => (row * 7 % 11, row * 5 % 13, 0),
        };
        table += &format!("{x},{y}.25,4,{label}\n");
    }
    table
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The cells of a line, counted from 0 with the header.
fn line(written: &str, number: usize) -> Vec<&str> {
    written.lines().nth(number).unwrap().split(',').collect()
}

#[test]
fn help_is_the_reference() {
    let told = score().arg("--help").output().unwrap();
    assert_eq!(told.status.code(), Some(0));
    let help = text(&told.stdout);
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    insta::assert_snapshot!("model-score-help", help);
}

#[test]
fn rows_are_scored_in_their_order_and_labels_only_compared_with() {
    let files = Files::new(&[("table.csv", table().as_bytes())]);
    let (written, said) = files.scored("table.csv", &["--label", "is_outlier"]);
    assert_eq!(written.lines().count(), 121);
    assert_eq!(line(&written, 0), ["row", "score", "rank"]);
    for number in 1..=120 {
        let cells = line(&written, number);
        assert_eq!(cells[0], number.to_string());
        assert!(cells[1].parse::<f64>().unwrap() >= 0.0);
        assert_eq!(cells[2] == "1", number == 31, "{cells:?}");
    }
    assert!(said.contains("120 rows, 3 columns"), "{said}");
    assert!(said.contains("AUROC 1.000000\nAP 1.000000\n"), "{said}");
    // Labels that say something else change what is printed and nothing else.
    let others = table().replace(",1\n", ",0\n").replacen(",0\n", ",1\n", 3);
    fs::write(files.path("others.csv"), others).unwrap();
    let (same, said) = files.scored("others.csv", &["--label", "is_outlier"]);
    assert_eq!(same, written);
    assert!(!said.contains("AUROC 1.000000"), "{said}");
    let one_class = table().replace(",1\n", ",0\n");
    fs::write(files.path("one_class.csv"), one_class).unwrap();
    let told = files.run("one_class.csv", &["--label", "is_outlier"]);
    assert_eq!(told.status.code(), Some(0));
    assert!(text(&told.stderr).contains("no AUROC and no AP: 0 of 120 rows are labelled"));
}

#[test]
fn bytes_are_the_same_whatever_the_threads_the_archive_and_the_way_of_writing() {
    let quoted = table()
        .replace('\n', "\r\n")
        .replace("x,y", "\u{feff}\"x\",y");
    let files = Files::new(&[
        ("table.csv", table().as_bytes()),
        ("table.csv.gz", &gzip(&table())),
        ("quoted.csv", quoted.as_bytes()),
    ]);
    let (written, _) = files.scored(
        "table.csv",
        &["--threads", "1", "--seed", "5", "--explain", "2"],
    );
    for (input, threads) in [
        ("table.csv", "3"),
        ("table.csv.gz", "2"),
        ("quoted.csv", "7"),
    ] {
        let more = ["--threads", threads, "--seed", "5", "--explain", "2"];
        assert_eq!(files.scored(input, &more).0, written, "{input}");
    }
    let (other, _) = files.scored("table.csv", &["--seed", "6", "--explain", "2"]);
    assert_ne!(other, written);
}

#[test]
fn an_explanation_names_the_columns_that_a_score_comes_from() {
    let files = Files::new(&[("table.csv", table().as_bytes())]);
    let more = ["--ignore", "is_outlier", "--explain", "9"];
    let (written, _) = files.scored("table.csv", &more);
    let header = "row,score,rank,column_1,share_1,column_2,share_2,column_3,share_3";
    assert_eq!(written.lines().next(), Some(header));
    let outlier = line(&written, 31);
    assert_eq!((outlier[3], outlier[5], outlier[7]), ("x", "y", "z"));
    for number in 1..=120 {
        let cells = line(&written, number);
        let shares = [cells[4], cells[6], cells[8]].map(|share| share.parse::<f64>().unwrap());
        let sum: f64 = shares.iter().sum();
        assert!(sum == 0.0 || (sum - 1.0).abs() < 2e-4, "{cells:?}");
        assert!(shares.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn a_model_is_kept_and_used_again() {
    let files = Files::new(&[("table.csv", table().as_bytes())]);
    let more = ["--label", "is_outlier", "--save-model", "model.json"];
    let (written, _) = files.scored("table.csv", &more);
    let more = ["--label", "is_outlier", "--model", "model.json"];
    let (again, said) = files.scored("table.csv", &more);
    assert_eq!(again, written);
    assert!(said.contains("fitted on 120 rows"), "{said}");
    // A single row, its columns in another order, has the score that it has among others.
    fs::write(files.path("one.csv"), "z,y,x\n4,-5.25,70\n").unwrap();
    let (one, _) = files.scored("one.csv", &["--model", "model.json"]);
    assert_eq!(line(&one, 1)[1], line(&written, 31)[1]);
    // What is missing is taken from the rows that were fitted on.
    fs::write(files.path("gap.csv"), "z,y,x\n,-5.25,70\n").unwrap();
    let more = ["--model", "model.json", "--missing", "median"];
    assert_eq!(files.scored("gap.csv", &more).0, one);
    fs::remove_file(files.path("scores.csv")).unwrap();
    fs::write(files.path("other.csv"), "x,y\n1,2\n").unwrap();
    let said = files.refused("other.csv", &["--model", "model.json"], 2);
    assert!(said.contains("does not have: z"), "{said}");
    let said = files.refused("table.csv", &["--model", "model.json"], 2);
    assert!(said.contains("not fitted on: is_outlier"), "{said}");
    let model = fs::read_to_string(files.path("model.json")).unwrap();
    for broken in [
        "{}",
        "[",
        &model[..model.len() / 2],
        &model.replacen("1", "2", 1),
    ] {
        fs::write(files.path("model.json"), broken).unwrap();
        let said = files.refused("one.csv", &["--model", "model.json"], 2);
        assert!(said.contains("--save-model"), "{said}");
    }
}

#[test]
fn what_cannot_be_scored_is_refused_with_a_remedy() {
    let files = Files::new(&[]);
    for (content, expected) in [
        (
            "x,y\n1,2\n3,Lan\n",
            "line 3, column y: the cell is not a number",
        ),
        (
            "x,y\n1,2\n3,\n",
            "line 3, column y: the cell is missing; fill it in",
        ),
        ("x,y\n1,inf\n", "line 2, column y: the cell is infinite"),
        ("x,y\n1\n", "line 2: the row has 1 cells and the header 2"),
        ("x,x\n1,2\n", "line 1: the header names column `x` twice"),
        ("x,y\n", "no row below the header"),
        ("x,y\n1,2\n", "1 rows are too few to fit on: at least 2"),
    ] {
        fs::write(files.path("bad.csv"), content).unwrap();
        let said = files.refused("bad.csv", &[], 1);
        assert!(
            said.contains("bad.csv") && said.contains(expected),
            "{said}"
        );
        assert!(!said.contains("Lan"), "{said}");
    }
    fs::write(files.path("bad.csv.gz"), &gzip(&table())[..80]).unwrap();
    let said = files.refused("bad.csv.gz", &[], 1);
    assert!(said.contains("the gzip archive"), "{said}");
    fs::write(files.path("table.csv"), table()).unwrap();
    for (more, expected) in [
        (
            ["--label", "nothing"],
            "--label nothing: table.csv has no such column",
        ),
        (
            ["--ignore", "nothing"],
            "its columns are x, y, z, is_outlier",
        ),
        (["--model", "nothing.json"], "--model nothing.json: "),
        (["--threads", "0"], "--threads"),
    ] {
        let said = files.refused("table.csv", &more, 2);
        assert!(said.contains(expected), "{said}");
    }
    let said = files.refused("nothing.csv", &[], 2);
    assert!(said.contains("nothing.csv is no file"), "{said}");
    let said = files.refused("table.csv", &["--label", "x"], 1);
    assert!(
        said.contains("column x: the label is neither 0 nor 1"),
        "{said}"
    );
}
