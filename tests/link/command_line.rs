//! What the command line says and writes.

use std::io::Write;

use crate::support::{Files, link, text};

/// A few people, one of them three times; `group` would tell, and must not.
const PEOPLE: &str = "\
unique_id,first_name,surname,dob,city,email,group
a,Robert,Allen,1971-06-24,London,roberta25@smith.net,9
b,Rob,Allen,1971-05-24,London,roberta25@smith.net,1
c,Allen,Robert,1971-06-24,,,2
d,Grace,Kelly,1991-04-26,Hull,grace.kelly52@jones.com,9
e,Logan,Murphy,1973-08-01,Leeds,,9
f,Evie,Dean,2015-03-03,Portsmouth,evied56@harris.net,9
g,Oliver,Griffiths,1991-10-26,London,o.griffiths@reyes.com,9
h,Thomas,Gabriel,1976-09-15,London,gabriel.t54@nichols.info,9
";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn help_is_the_reference() {
    let told = link().arg("--help").output().unwrap();
    assert_eq!(told.status.code(), Some(0));
    let help = text(&told.stdout);
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    insta::assert_snapshot!("link-help", help);
}

#[test]
fn pairs_of_one_person_are_written_whatever_the_archive() {
    let files = Files::new(&[
        ("people.csv", PEOPLE.as_bytes()),
        ("people.csv.gz", &gzip(PEOPLE)),
        (
            "people.csv.zst",
            &zstd::encode_all(PEOPLE.as_bytes(), 1).unwrap(),
        ),
    ]);
    files.linked("people.csv", &["--clusters", "clusters.csv"]);
    let plain = files.text("pairs.csv");
    let pairs = files.pairs();
    let pair = |a: &str, b: &str| pairs.get(&(a.to_owned(), b.to_owned())).copied();
    for (a, b) in [("a", "b"), ("a", "c"), ("b", "c")] {
        assert!(pair(a, b).is_some_and(|p| p > 0.5), "{a} {b}: {plain}");
    }
    assert_eq!(pairs.len(), 3, "{plain}");
    let clusters = files.text("clusters.csv");
    let expected = "file,id,cluster\nleft,a,1\nleft,b,1\nleft,c,1\nleft,d,2\n";
    assert!(clusters.starts_with(expected), "{clusters}");
    for archive in ["people.csv.gz", "people.csv.zst"] {
        files.linked(archive, &["--threads", "1"]);
        assert_eq!(files.text("pairs.csv"), plain);
    }
}

#[test]
fn two_files_are_linked_with_each_other_only() {
    let right = "ho,ten,ngay sinh,ma\nAllen,Robert,24/06/1971,x\nKely,Grace,26/04/1991,y\n";
    let files = Files::new(&[
        ("left.csv", PEOPLE.as_bytes()),
        ("right.csv", right.as_bytes()),
    ]);
    let left = PEOPLE.replace("unique_id", "ma");
    std::fs::write(files.path("left.csv"), left).unwrap();
    files.linked("left.csv", &["--against", "right.csv", "--id", "ma"]);
    let pairs = files.pairs();
    assert!(
        pairs
            .keys()
            .all(|(_, right)| ["x", "y"].contains(&right.as_str()))
    );
    assert!(
        pairs.contains_key(&("a".to_owned(), "x".to_owned())),
        "{pairs:?}"
    );
    assert!(
        pairs.contains_key(&("d".to_owned(), "y".to_owned())),
        "{pairs:?}"
    );
}

#[test]
fn a_model_is_kept_and_used_again() {
    let files = Files::new(&[("people.csv", PEOPLE.as_bytes())]);
    files.linked("people.csv", &["--save-model", "model.json"]);
    let (learned, model) = (files.text("pairs.csv"), files.text("model.json"));
    assert!(
        !model.contains("Allen") && !model.contains("allen"),
        "{model}"
    );
    files.linked("people.csv", &["--model", "model.json"]);
    assert_eq!(files.text("pairs.csv"), learned);
    let told = files.link(
        "people.csv",
        &["--model", "model.json", "--role", "city=ignore"],
    );
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("learn it anew"));
    std::fs::write(files.path("model.json"), "{}").unwrap();
    let told = files.link("people.csv", &["--model", "model.json"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("model.json: this is no linkage model"));
}

#[test]
fn an_explanation_shows_each_field_and_no_cell() {
    let files = Files::new(&[("people.csv", PEOPLE.as_bytes())]);
    let explain = |left: &str, right: &str| {
        let mut command = link();
        command.arg("--input").arg(files.path("people.csv"));
        command.args(["--explain", left, right]).output().unwrap()
    };
    let told = explain("a", "c");
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let told = text(&told.stdout);
    for part in [
        "first_name",
        "exact (exchanged)",
        "missing",
        "probability by these two",
    ] {
        assert!(told.contains(part), "{told}");
    }
    for cell in ["Robert", "Allen", "1971", "smith", "group"] {
        assert!(!told.contains(cell), "{told}");
    }
    for (left, right, remedy) in [
        ("a", "nobody", "no record with the second id"),
        ("a", "a", "name two"),
    ] {
        let told = explain(left, right);
        assert_eq!(told.status.code(), Some(2));
        let stderr = text(&told.stderr);
        assert!(
            stderr.contains(remedy) && !stderr.contains("nobody"),
            "{stderr}"
        );
    }
}

#[test]
fn wrong_calls_name_the_remedy() {
    let files = Files::new(&[("people.csv", PEOPLE.as_bytes())]);
    for (input, more, remedy) in [
        (
            "absent.csv",
            &[] as &[&str],
            "absent.csv is no file; name a CSV file",
        ),
        (
            "people.csv",
            &["--against", "absent.csv"],
            "absent.csv is no file",
        ),
        (
            "people.csv",
            &["--id", "ma"],
            "its columns are unique_id, first_name",
        ),
        (
            "people.csv",
            &["--role", "ten=surname"],
            "there is no such column",
        ),
        (
            "people.csv",
            &["--role", "city=town"],
            "the roles are given_name",
        ),
        ("people.csv", &["--role", "city"], "use COLUMN=ROLE"),
        ("people.csv", &["--threshold", "1"], "from 0 to below 1"),
        ("people.csv", &["--threads", "0"], "1..=1024"),
        ("people.csv", &["--explain", "a", "b"], "--explain"),
    ] {
        let told = files.link(input, more);
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{more:?}: {stderr}");
        assert!(stderr.contains(remedy), "{more:?}: {stderr}");
        assert!(!files.path("pairs.csv").exists());
    }
}

#[test]
fn failed_runs_name_file_line_and_remedy_and_no_cell() {
    for (content, remedy) in [
        ("", "people.csv, line 1: the file has no header"),
        (
            "7,Lan,1971-06-24\n8,Huy,1972-01-01\n",
            "add a first line that names the columns",
        ),
        (
            "id,name\n7,Lan\n8,Huy\n7,Mai\n",
            "people.csv, line 4: the id was given to line 2 already",
        ),
        (
            "id,name\n7,Lan\n8,Huy,x\n",
            "people.csv, line 3: the row has 3 cells and the header 2",
        ),
        (
            "id,name\n7,Lan\n,Huy\n",
            "people.csv, line 3: the id is empty",
        ),
    ] {
        let files = Files::new(&[("people.csv", content.as_bytes())]);
        let told = files.link("people.csv", &[]);
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(1), "{content:?}: {stderr}");
        assert!(stderr.contains(remedy), "{content:?}: {stderr}");
        let cells = ["Lan", "Huy", "Mai"];
        assert!(!cells.iter().any(|cell| stderr.contains(cell)), "{stderr}");
        assert!(!files.path("pairs.csv").exists());
    }
    let files = Files::new(&[("people.csv.gz", b"id,name\n")]);
    let told = files.link("people.csv.gz", &[]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("copy or export the file again"));
    let files = Files::new(&[("people.csv", PEOPLE.as_bytes())]);
    let told = files.link("people.csv", &["--clusters", "people.csv/x.csv"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("check that its directory exists"));
}

/// Large blocks are told, and nobody in them is linked for their name alone.
#[test]
fn what_is_left_out_is_told() {
    let mut people = String::from("id,ho_ten,nam_sinh,so_nha\n");
    for person in 0..1_500 {
        people.push_str(&format!(
            "{person},Nguyễn Văn Hùng,1970,{}\n",
            person * 7 % 1_499
        ));
    }
    let files = Files::new(&[("people.csv", people.as_bytes())]);
    let told = files.linked("people.csv", &[]);
    let stderr = text(&told.stderr);
    assert!(
        stderr.contains("the whole name in common were too large (1500 records"),
        "{stderr}"
    );
    assert!(files.pairs().len() <= 1, "{:?}", files.pairs().len());
}
