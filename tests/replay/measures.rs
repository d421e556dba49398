//! `measures.ndjson`, the summary's block of it, and the command that tells of it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Replayed, fundwatch, replay, text};

fn sample() -> Replayed {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample");
    replay(&input, &[])
}

/// Runs `fundwatch measures`: exit code, standard output, standard error.
fn measures(run: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = fundwatch();
    let told = command.arg("measures").arg(run).args(arguments).output();
    let told = told.unwrap();
    (told.status.code(), text(&told.stdout), text(&told.stderr))
}

fn told(run: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = measures(run, arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

#[test]
fn the_sample_is_told_as_a_table_and_as_metrics() {
    let run = sample();
    let path = run.output.path();
    insta::assert_snapshot!("measures-table", told(path, &["--top", "2"]));
    insta::assert_snapshot!(
        "measures-facility",
        told(path, &["--facility", "79002", "--facility", "79001"])
    );
    insta::assert_snapshot!(
        "measures-prometheus",
        told(path, &["--format", "prometheus", "--facility", "79002"])
    );
    let metrics = told(path, &["--format", "prometheus"]);
    assert!(
        !metrics.contains("79002"),
        "a facility is named only where it is asked for"
    );
}

#[test]
fn facilities_are_put_in_order_by_what_is_asked_for() {
    let run = sample();
    let first = |by: &str| {
        let table = told(run.output.path(), &["--by", by, "--top", "1"]);
        let place = table.find("\nFacilities").unwrap();
        let line = table[place..].lines().nth(2).unwrap().trim().to_owned();
        line.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(first("accepted"), "79002", "it alone has a rejected claim");
    assert_eq!(first("complete"), "79002");
    assert_eq!(first("in-time"), "79001");
}

#[test]
fn one_document_holds_what_the_lines_and_the_summary_hold() {
    let run = sample();
    let lines = run.lines("measures.ndjson");
    let of = |scope: &str| -> Vec<Value> {
        let lines = lines.iter().filter(|line| line["scope"] == scope);
        let unscoped = |line: &Value| {
            let mut line = line.clone();
            line.as_object_mut().unwrap().remove("scope");
            line
        };
        lines.map(unscoped).collect()
    };
    let [all] = &of("run")[..] else {
        panic!("one line of the run")
    };
    let [enterprises] = &of("enterprises")[..] else {
        panic!("one line of the enterprises")
    };
    let document: Value =
        serde_json::from_str(&told(run.output.path(), &["--format", "json"])).unwrap();
    assert_eq!(
        document,
        json!({
            "run": all, "streams": of("stream"), "enterprises": enterprises,
            "facilities": of("facility"),
        })
    );
    assert_eq!(
        run.document("summary.json")["measures"],
        json!({
            "as_of": all["as_of"], "known_until": all["known_until"], "streams": of("stream"),
            "enterprises": enterprises, "facilities": of("facility").len(),
        })
    );
    let one = told(
        run.output.path(),
        &["--format", "json", "--facility", "79003"],
    );
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one["facilities"].as_array().unwrap().len(), 1);
    assert_eq!(one["streams"], document["streams"]);
}

#[test]
fn checks_whose_reasons_were_left_out_are_not_computed() {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample");
    let run = replay(&input, &["--reasons", "unknown_card,stale_card"]);
    let lines = run.lines("measures.ndjson");
    let claims = lines
        .iter()
        .find(|line| line["stream"] == "claims")
        .unwrap();
    let shares: Vec<(&str, bool)> = (claims["correct"].as_array().unwrap().iter())
        .map(|check| (check["name"].as_str().unwrap(), !check["share"].is_null()))
        .collect();
    assert!(shares.contains(&("cards_registered", true)), "{shares:?}");
    assert_eq!(shares.iter().filter(|(_, is)| *is).count(), 1);
    let facility = lines.last().unwrap();
    assert_eq!(facility["correct"], Value::Null);
}

/// A claim that is not accepted counts to the facility that its row names, in every format.
#[test]
fn rejected_claims_count_to_the_facility_that_is_named() {
    let input = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(input.path().join(name), text).unwrap();
    write(
        "claims.csv",
        "recorded_at,facility,visit_id,outcome\n\
         2025-03-01T08:00:00+07:00,01001,V1,1\n\
         yesterday,01001,V2,1\n\
         2025-03-01T08:00:00+07:00,010,V3,1\n\
         2025-03-01T08:00:00+07:00,01001,V4,1,more\n",
    );
    write(
        "claims-b.ndjson",
        "{\"facility\":\"01002\",\"recorded_at\":\"2025-03-01T08:00:00Z\"}\n\
         {\"op\":\"u\",\"ts_ms\":1740790800000,\"before\":null,\"after\":{\"facility\":1002}}\n\
         {\"facility\":\"01002\"\n",
    );
    write("check_ins.ndjson", "{\"facility\":\"01009\"}\n");
    fs::create_dir(input.path().join("claims-xml")).unwrap();
    write(
        "claims-xml/a.xml",
        "<GIAMDINHHS><THONGTINDONVI><MACSKCB>01003</MACSKCB></THONGTINDONVI><THONGTINHOSO>\
         <NGAYLAP>20250301</NGAYLAP><DANHSACHHOSO><HOSO/><HOSO>?</HOSO></DANHSACHHOSO>\
         </THONGTINHOSO></GIAMDINHHS>",
    );
    let run = replay(input.path(), &[]);
    assert_eq!(run.rejects().len(), 10);
    let facilities: Vec<Value> = (run.lines("measures.ndjson").into_iter())
        .filter(|line| line["scope"] == "facility")
        .map(|line| json!([line["facility"], line["claims"], line["rejected"]["count"]]))
        .collect();
    assert_eq!(
        facilities,
        [
            json!(["01001", 0, 2]),
            json!(["01002", 0, 2]),
            json!(["01003", 0, 2]),
            json!([null, 0, 3]),
        ]
    );
}

#[test]
fn wrong_calls_and_damaged_runs_name_the_remedy() {
    let run = sample();
    let path = run.output.path();
    let many: Vec<String> = (0..101)
        .flat_map(|_| ["--facility".into(), "79001".into()])
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (arguments, remedy) in [
        (
            &["--facility", "79"] as &[&str],
            "a facility code of 5 characters",
        ),
        (
            &["--facility", "99999"],
            "`--format json` lists those that did",
        ),
        (&["--format", "xml"], "text, json, prometheus"),
        (&["--by", "size"], "in-time"),
        (&many, "at most 100 facilities"),
    ] {
        let (code, stdout, stderr) = measures(path, arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(stderr.contains(remedy), "{stderr}");
    }
    let (code, _, stderr) = measures(&path.join("absent"), &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("name the output directory"), "{stderr}");

    let file = path.join("measures.ndjson");
    let whole = fs::read_to_string(&file).unwrap();
    let third = whole.lines().take(2).map(str::len).sum::<usize>() + 2 + 10;
    for (left, remedy) in [
        (whole[..third].to_owned(), "line 3: "),
        (
            whole.replacen("\"scope\":\"run\"", "\"scope\":\"all\"", 1),
            "line 1: ",
        ),
        (String::new(), "it was cut"),
    ] {
        fs::write(&file, left).unwrap();
        let (code, stdout, stderr) = measures(path, &[]);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert!(
            stderr.contains("measures.ndjson") && stderr.contains(remedy),
            "{stderr}"
        );
        assert!(stderr.contains("replay again"), "{stderr}");
    }
    fs::remove_file(&file).unwrap();
    let (code, _, stderr) = measures(path, &[]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("does not exist; name the output directory of a replay"),
        "{stderr}"
    );
}
