//! What must not change the outputs: workers, epochs, the order of rows, the format of files, what
//! became known later.

use std::path::{Path, PathBuf};

use fundwatch::record::{Instant, Stream};
use serde_json::Value;

use crate::country::country;
use crate::real_data::data_set;
use crate::support::{OUTPUTS, Random, assert_same, counts, replay, replay_into, without_places};
use crate::tables::{Directory, Table, Written, cells, has_ties, load};

/// The inputs that are there: the sample, two public data sets, and made-up people.
fn inputs() -> Vec<(PathBuf, Option<tempfile::TempDir>)> {
    let mut inputs = Vec::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample");
    if sample.is_dir() {
        inputs.push((sample, None));
    } else {
        eprintln!("SKIPPED: {} is absent", sample.display());
    }
    for name in ["tuva", "synthea_dbt"] {
        inputs.extend(data_set(name).map(|input| (input, None)));
    }
    let made = country(300, 6000).write(Written::Plain);
    inputs.push((made.path().to_owned(), Some(made)));
    inputs
}

/// Adds rows that are rejected, of several kinds, known and unknown in time.
fn with_bad_rows(mut directory: Directory) -> Directory {
    for table in &mut directory.tables {
        let Some(header) = &table.header else {
            continue;
        };
        let place_of = |name: &str| cells(header).iter().position(|n| n == name).unwrap();
        let time = place_of("recorded_at");
        let key = place_of(table.stream.key_columns()[0]);
        let step = table.rows.len() / 5 + 1;
        for place in (0..table.rows.len()).step_by(step).rev() {
            let good = table.rows[place].clone();
            let without = |column: usize, text: &str| {
                let mut cells = cells(&good);
                text.clone_into(&mut cells[column]);
                cells.join(",")
            };
            let told = table.known[place];
            // Not as many cells; no time; no key; and one row twice, so that two rejects are equal.
            let spoiled = [
                (format!("{good},more"), told),
                (without(time, "yesterday"), None),
                (without(key, ""), told),
                (format!("{good},more"), told),
            ];
            for (row, known) in spoiled {
                table.rows.insert(place, row);
                table.known.insert(place, known);
            }
        }
    }
    directory
}

#[test]
fn the_number_of_workers_changes_no_byte() {
    for (input, _held) in inputs() {
        let one = replay(&input, &["--workers", "1"]);
        assert!(!one.alerts().is_empty(), "{}", input.display());
        for workers in ["2", "4"] {
            let more = replay(&input, &["--workers", workers]);
            one.assert_same_bytes(&more, &format!("{} workers {workers}", input.display()));
        }
    }
}

#[test]
fn epochs_change_nothing_but_when_alerts_were_raised() {
    let undated = |mut alerts: Vec<Value>| {
        for alert in &mut alerts {
            let raised = alert.as_object_mut().unwrap().remove("raised_at");
            assert!(raised.is_some_and(|at| at.is_string()));
        }
        alerts
    };
    for (input, _held) in inputs() {
        let days = replay(&input, &["--epoch", "1d"]);
        let daily = undated(days.alerts());
        for epoch in ["1h", "30d", "all"] {
            let other = replay(&input, &["--epoch", epoch]);
            let which = format!("{} epoch {epoch}", input.display());
            assert_same(&undated(other.alerts()), &daily, &which);
            for name in ["measures.ndjson", "notices.ndjson"] {
                let [bytes, others] = [&days, &other].map(|run| run.bytes(name));
                assert!(bytes == others, "{which}: {name} differs");
            }
        }
    }
}

#[test]
fn the_order_of_rows_changes_nothing_but_their_places() {
    for (input, _held) in inputs() {
        if has_ties(&input) {
            eprintln!("SKIPPED: {} has ties", input.display());
            continue;
        }
        let directory = with_bad_rows(load(&input));
        let in_order = directory.write(Written::Plain);
        let expected = replay(in_order.path(), &[]);
        assert!(expected.rejects().len() >= 8);
        for seed in 1..=2 {
            let shuffled = shuffled(&directory, seed).write(Written::Plain);
            let found = replay(shuffled.path(), &[]);
            expected.assert_same_but_for_places(&found, &format!("{} {seed}", input.display()));
        }
    }
}

/// The rows in another order, each file cut in two.
fn shuffled(directory: &Directory, seed: u64) -> Directory {
    let mut random = Random(seed);
    let mut tables = Vec::new();
    for table in &directory.tables {
        let mut rows = table.rows.clone();
        random.shuffle(&mut rows);
        let cut = rows.len() / 3;
        for (part, rows) in [("-x", rows.split_off(cut)), ("-a", rows)] {
            tables.push(Table {
                stem: format!("{}{part}", table.stem),
                rows,
                ..table.clone()
            });
        }
    }
    Directory {
        tables,
        envelopes: directory.envelopes.clone(),
    }
}

#[test]
fn the_format_of_files_changes_nothing_but_their_names() {
    for (input, _held) in inputs() {
        let good = load(&input);
        let expected = replay(good.write(Written::Plain).path(), &[]);
        let found = replay(good.write(Written::Ndjson).path(), &[]);
        let which = format!("{} as NDJSON", input.display());
        // The raw text of a bad row is that of its format.
        let [codes, others] = [&expected, &found].map(|run| counts(&run.rejects(), "code"));
        assert_eq!(codes, others, "{which}");
        for name in &OUTPUTS[..2] {
            let [lines, others] = [&expected, &found].map(|run| without_places(run.lines(name)));
            assert_same(&lines, &others, &which);
        }
        let [measures, others] = [&expected, &found].map(|run| run.bytes("measures.ndjson"));
        assert!(measures == others, "{which}: measures.ndjson differs");

        // Compression keeps also what is rejected.
        let bad = with_bad_rows(good);
        let expected = replay(bad.write(Written::Plain).path(), &[]);
        for how in [Written::Gzip, Written::Zstd] {
            let found = replay(bad.write(how).path(), &[]);
            let which = format!("{} as {how:?}", input.display());
            expected.assert_same_but_for_places(&found, &which);
        }
    }
}

#[test]
fn an_as_of_time_hides_exactly_what_became_known_later() {
    for (input, _held) in inputs() {
        let directory = with_bad_rows(load(&input));
        let all = directory.write(Written::Plain);
        let mut known: Vec<Instant> = (directory.tables.iter())
            .filter(|table| table.stream == Stream::Claims)
            .flat_map(|table| table.known.iter().flatten().copied())
            .collect();
        known.sort_unstable();
        let mut sizes = Vec::new();
        // At the instant of a row, just before it, at the end of its day, and when all is known.
        let third = known[known.len() / 3];
        let before = Instant::from_nanos(third.nanos() - 1);
        let day = known[known.len() * 2 / 3].day();
        let last = known[known.len() - 1];
        for (time, limit) in [
            (third.to_string(), third),
            (before.to_string(), before),
            (day.to_string(), Instant::end_of(day).unwrap()),
            (last.to_string(), last),
        ] {
            let found = replay(all.path(), &["--as-of", &time]);
            let kept = directory.known_by(limit).write(Written::Plain);
            let expected = replay(kept.path(), &["--as-of", &time]);
            let which = format!("{} as of {time}", input.display());
            expected.assert_same_but_for_places(&found, &which);
            let as_of = &found.document("summary.json")["as_of"];
            assert_eq!(as_of, &limit.day().to_string(), "{which}");
            sizes.push(found.history().len());
        }
        sizes.dedup();
        assert!(sizes.len() > 1, "{}: the times decide", input.display());
    }
}

#[test]
fn a_second_run_into_the_same_directory_writes_the_same_bytes() {
    for (input, _held) in inputs() {
        let first = replay(&input, &[]);
        let again = replay(&input, &[]);
        replay_into(&input, again.output.path(), &[]);
        first.assert_same_bytes(&again, &input.display().to_string());
        // The manifests agree on all but the summary, which tells times.
        let stable = |mut manifest: Value| {
            let stated = manifest["predicate"].as_object_mut().unwrap();
            let byproducts = stated.remove("byproducts").unwrap();
            assert_eq!(byproducts[0]["name"], "summary.json");
            assert_eq!(byproducts.as_array().unwrap().len(), 1);
            stated["seal"]
                .as_object_mut()
                .unwrap()
                .remove("byproducts")
                .unwrap();
            manifest
        };
        let [one, two] = [&first, &again].map(|run| stable(run.document("manifest.json")));
        assert_eq!(one, two);
    }
}
